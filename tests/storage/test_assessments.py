"""Assessments: kept by announcement, replaced, deleted."""

from datetime import UTC, datetime

from msgspec.structs import replace

from shared_code.core.assessment import Assessment, Recommendation
from shared_code.core.ports import Assessments


def assessment(number: str = "MC900101") -> Assessment:
    return Assessment(
        id=number,
        de="Prüfen Sie Ihre Regeln. {0} % sind betroffen.",
        en="Check your rules.",
        recommendation=Recommendation.CHECK,
        author="Pro-Active Services",
        written=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )


async def test_what_was_written_is_found_again(assessments: Assessments) -> None:
    long = replace(assessment("MC900102"), de="ä" * 40_000)
    await assessments.put(assessment())
    await assessments.put(long)

    assert await assessments.get("MC900101") == assessment()
    assert sorted(each.id for each in await assessments.all()) == ["MC900101", "MC900102"]
    assert await assessments.get("MC900102") == long


async def test_what_is_written_again_replaces_the_first(assessments: Assessments) -> None:
    await assessments.put(replace(assessment(), de="ä" * 40_000))
    await assessments.put(assessment())

    assert await assessments.all() == [assessment()]


async def test_what_is_deleted_is_gone_and_nothing_else(assessments: Assessments) -> None:
    await assessments.put(assessment())
    await assessments.put(assessment("MC900102"))

    assert await assessments.delete("MC900101") is True
    assert await assessments.delete("MC900101") is False

    assert await assessments.get("MC900101") is None
    assert [each.id for each in await assessments.all()] == ["MC900102"]


async def test_what_nobody_wrote_about_is_none(assessments: Assessments) -> None:
    assert await assessments.all() == []
    assert await assessments.get("MC1") is None
    assert await assessments.get("../no number") is None
