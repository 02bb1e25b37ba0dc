"""The digest's mail: counts and links, in one language, harmless whatever the names are."""

import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared_code.core.delivery import Digest, Mail
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import Contact
from shared_code.core.text import Language
from shared_code.rendering.digest import digest_mail
from tests.service.digests import ADA, BEN, EIGHT, run, summary
from tests.service.stage import TINY, tenant

REPORTS: dict[str, ReportType] = {TINY.name: TINY}


def mail(*runs: Run, contact: Contact = ADA, customer: str = "Contoso GmbH", **more: Any) -> Mail:
    digest = Digest(
        tenant=replace(tenant(), customer=customer),
        contact=contact,
        start=EIGHT - timedelta(days=7),
        due=EIGHT,
        runs=runs,
        **more,
    )
    return digest_mail(
        digest,
        marker="m",
        brand="Pro-Active Services",
        public_url="https://reports.example",
        reports=REPORTS,
    )


@pytest.mark.parametrize(
    ("todos", "german", "english"),
    [
        (0, "alles in Ordnung", "all good"),
        (1, "1 Punkt braucht Ihre Entscheidung", "1 item needs your decision"),
        (2, "2 Punkte brauchen Ihre Entscheidung", "2 items need your decision"),
    ],
)
def test_the_subject_counts_what_needs_a_decision(todos: int, german: str, english: str) -> None:
    assert mail(run(todos=todos)).subject == f"[M365] Contoso GmbH: {german} – November 2026"
    told = mail(run(todos=todos), contact=BEN)
    assert told.subject == f"[M365] Contoso GmbH: {english} – November 2026"


def test_what_can_wait_is_listed_and_not_counted() -> None:
    told = summary(todos=2)
    waiting = tuple(replace(todo, priority="low") for todo in told.todos)
    written = mail(replace(run(), status="warn", summary=replace(told, todos=waiting)))

    assert written.subject.endswith("nichts zu entscheiden, bitte beobachten – November 2026")
    assert written.text.count("[Niedrig]") == 2


@pytest.mark.parametrize(
    ("runs", "missing", "said"),
    [
        ([run(state=RunState.BLOCKED)], (), "1 Bericht ist unvollständig"),
        ([replace(run(todos=0), state=RunState.DELIVERED_WITH_GAPS)], (), "unvollständig"),
        ([], (TINY.name,), "1 Bericht ist unvollständig"),
        ([replace(run(todos=0), status="warn")], (), "bitte beobachten"),
    ],
)
def test_what_is_not_known_is_never_all_good(
    runs: list[Run], missing: tuple[str, ...], said: str
) -> None:
    written = mail(*runs, missing=missing)

    assert said in written.subject
    assert "alles in Ordnung" not in written.html + written.text


def test_nothing_to_decide_is_said_of_what_there_is_alone() -> None:
    whole, part = mail(run(todos=0)), mail(run(state=RunState.BLOCKED))
    assert "Derzeit ist nichts zu entscheiden." in whole.text
    assert "In dem, was vorliegt, ist derzeit nichts zu entscheiden." in part.text


def test_a_report_that_was_not_delivered_is_named_with_its_sentence() -> None:
    written = mail(run(state=RunState.BLOCKED))

    for part in (written.html, written.text):
        assert "Winziger Bericht" in part
        assert "Nicht lieferbar." in part


def test_five_actions_at_most_the_most_urgent_first_and_how_many_more() -> None:
    written = mail(replace(run(), summary=summary(todos=7)))

    assert written.text.count("[Hoch]") == 5
    assert "2 weitere Punkte" in written.text


def test_both_parts_have_the_same_links_and_all_lead_through_the_sign_in() -> None:
    written = mail(run())
    in_html = set(re.findall(r'href="([^"]+)"', written.html))
    in_text = set(re.findall(r"https://\S+", written.text))

    assert in_html == in_text
    place = f"https://reports.example/portal/{tenant().id}"
    assert in_html == {place, f"{place}/reports/{TINY.name}", f"{place}/reports/{TINY.name}?f=idle"}


@pytest.mark.parametrize("language", Language)
def test_the_mail_says_its_language_and_loads_nothing(language: Language) -> None:
    written = mail(run(), contact=replace(ADA, language=language))

    assert re.search(rf'<html[^>]* lang="{language}', written.html)
    # A font that mjml knows would be fetched from elsewhere, and tell that the mail was read.
    assert not re.search(r"<img|<script|<link\b|@import|src=|url\(", written.html)
    assert len(written.html.encode()) < 100_000


HOSTILE = "Evil\r\nBcc: all@contoso.example\u2028\u202e<script>alert(1)</script>{{7*7}}</mj-text>"


def test_a_hostile_name_stays_a_name() -> None:
    written = mail(
        replace(run(), headline={"de": HOSTILE, "en": HOSTILE}, state=RunState.FAILED),
        customer=HOSTILE * 3,
    )

    assert not re.search(r"[\r\n\u2028\u202e]", written.subject)
    assert len(written.subject) < 200
    assert "<script>" not in written.html
    assert "49" not in written.subject
    assert "\nBcc" not in written.text


def test_a_deadline_stands_once_and_only_while_it_lies_ahead() -> None:
    past = replace(summary().deadlines[0], day=EIGHT - timedelta(days=1), title="Over")
    said = replace(summary(), deadlines=(*summary().deadlines, past))

    written = mail(replace(run(), summary=said), replace(run(weeks=-1), summary=said))

    assert written.text.count("Teams: guest access") == 1
    assert "Over" not in written.text
