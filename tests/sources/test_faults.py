"""What may pass is tried again within reason; what does not becomes the error of whoever acts."""

import gzip
import logging
from datetime import timedelta
from email.utils import format_datetime

import pytest

from shared_code.core.errors import ContractBroken, ReportingError, Throttled, UpstreamDown
from tests.sources.stage import CONTOSO, NOON, Answer, Staged, dropped, page, raw, refusal


@pytest.mark.parametrize(
    "fault",
    [
        dropped,
        raw(b'{"value": [{"id": "1"'),
        raw(b"<!DOCTYPE html><html></html>"),
        raw(b""),
        raw(b'{"value": [{"id": "\xff"}]}'),
        raw(b"\x1f\x8b\x08garbage", Content_Encoding="gzip"),
        refusal(500, "InternalServerError"),
        refusal(502),
        refusal(503, "serviceNotAvailable", retry_after="3"),
        refusal(504, "UnknownError"),
        refusal(408),
        refusal(409, "Conflict", retry_after="1"),
        raw(b"<html>502</html>", status=502),
        refusal(429, "TooManyRequests", retry_after="10"),
        refusal(429, "TooManyRequests"),
    ],
)
async def test_a_fault_that_passes_costs_only_time(fault: Answer) -> None:
    async with Staged(fault, page("1", following="/v1.0/a"), fault, fault, page("2")) as stage:
        assert await stage.ids() == ["1", "2"]
        assert stage.time.slept


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (dropped, UpstreamDown),
        (refusal(500), UpstreamDown),
        (refusal(503), UpstreamDown),
        (refusal(429), Throttled),
        (raw(b"<html>"), ContractBroken),
        (raw(b'{"value": [{"id": "1"'), ContractBroken),
        (raw(gzip.compress(b" " * 2**27), Content_Encoding="gzip"), UpstreamDown),
    ],
)
async def test_a_fault_that_lasts_ends_in_an_error_within_the_budget(
    fault: Answer, error: type[ReportingError]
) -> None:
    async with Staged(fault) as stage:
        with pytest.raises(error):
            await stage.ids()
        assert len(stage.stub.paths) > 3
        assert sum(stage.time.slept) <= 60
        assert max(stage.time.slept) <= 20


async def test_waits_grow_and_are_jittered() -> None:
    async with Staged(refusal(500)) as stage:
        with pytest.raises(UpstreamDown):
            await stage.ids()
        assert stage.time.slept == [1, 2, 4, 8, 16]
    async with Staged(refusal(500), chance=0.25) as stage:
        with pytest.raises(UpstreamDown):
            await stage.ids()
        assert stage.time.slept == [0.25, 0.5, 1, 2, 4]


async def test_retry_after_is_waited_for_in_seconds_and_as_a_date() -> None:
    date = format_datetime(NOON + timedelta(seconds=12), usegmt=True)
    for retry_after in ("12", date):
        async with Staged(refusal(429, retry_after=retry_after), page("1")) as stage:
            assert await stage.ids() == ["1"]
            assert stage.time.slept == [12]


@pytest.mark.parametrize("nonsense", ["soon", "-5", "1e3", "Mon, 99 Foo 2026", "NaN"])
async def test_nonsense_in_retry_after_counts_as_missing(nonsense: str) -> None:
    async with Staged(refusal(429, retry_after=nonsense), page("1")) as stage:
        assert await stage.ids() == ["1"]
        assert stage.time.slept == [1]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_retry_after_postpones_instead_of_sleeping(status: int) -> None:
    async with Staged(refusal(status, retry_after="600")) as stage:
        with pytest.raises(Throttled if status == 429 else UpstreamDown) as caught:
            await stage.ids()
        assert caught.value.retry_after == 600
        assert stage.time.slept == []
        assert len(stage.stub.paths) == 1


async def test_short_waits_that_add_up_postpone_too() -> None:
    async with Staged(refusal(429, retry_after="19")) as stage:
        with pytest.raises(Throttled):
            await stage.ids()
        assert stage.time.slept == [19, 19, 19]


async def test_after_a_429_the_whole_class_of_the_tenant_is_spared() -> None:
    async with Staged(refusal(429, retry_after="600")) as stage:
        for _ in range(2):
            with pytest.raises(Throttled) as caught:
                await stage.ids()
            assert caught.value.retry_after == 600
        assert len(stage.stub.paths) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"value": [{"id": 5}]}', r"\$.value\[\].id has an unexpected value"),
        (b'{"value": [{"displayName": "Erika"}]}', r"\$.value\[\] lacks id"),
        (b'{"value": [{"id": "1", "addresses": [{}]}]}', r"\$.value\[\].addresses\[\] lacks city"),
        (b'{"value": [{"id": "1", "displayName": ["Erika"]}]}', r"\$.value\[\].displayName has"),
        (b'{"value": ["Erika"]}', r"\$.value\[\] has"),
        (b'{"value": "Erika"}', r"\$.value has"),
        (b'["Erika"]', r"\$ has"),
        (b"{}", r"\$ lacks id"),
    ],
)
async def test_another_shape_names_dataset_and_field_and_never_a_value(
    body: bytes, problem: str
) -> None:
    async with Staged(raw(body)) as stage:
        with pytest.raises(ContractBroken, match=f"^people: {problem}") as caught:
            await stage.ids()
        assert "Erika" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert len(stage.stub.paths) == 1


async def test_another_status_names_itself_and_its_code_and_never_the_message() -> None:
    async with Staged(refusal(400, "Request_BadRequest")) as stage:
        with pytest.raises(ContractBroken, match=r"^people: answered 400 Request_BadRequest$"):
            await stage.ids()


async def test_a_server_that_is_not_there_is_microsofts_outage() -> None:
    async with Staged(page("1")) as stage:
        await stage.stub._runner.cleanup()
        with pytest.raises(UpstreamDown, match=r"people of c0a70505-.*ClientConnectorError"):
            await stage.ids()


async def test_logs_name_tenant_dataset_and_status_and_nothing_secret_or_personal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="shared_code")
    answers = page("1", following="/v1.0/users?$skiptoken=s3cret"), refusal(500), page("2")
    async with Staged(*answers) as stage:
        await stage.ids()
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("shared_code")]
    assert len(ours) == 4
    assert all(f"tenant={CONTOSO} dataset=people" in line for line in ours)
    assert any("status=500 attempt=1 ms=" in line for line in ours)
    assert not any(word in line for line in ours for word in ("s3cret", "token-", "Erika", "http"))
