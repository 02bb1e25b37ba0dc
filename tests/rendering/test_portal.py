"""The portal's pages as text: every state, both languages, nothing hostile left alive."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared_code.core.audit import SERVICE, Act
from shared_code.core.condition import Condition
from shared_code.core.errors import Reason
from shared_code.core.gdap import Delegation, Relationship, Stage, Warned
from shared_code.core.link import Outcome
from shared_code.core.overview import Archived, Audited, Overview
from shared_code.core.readiness import Cause, Problem, Readiness
from shared_code.core.run import Gap, Run, RunState
from shared_code.core.text import Language
from shared_code.rendering.portal import CONTENT_POLICY, archive_page, audit_page, overview_page
from shared_code.rendering.portal_audit import ACTS, OUTCOMES
from tests.rendering.portals import END, NOW, READER, REPORT, TENANT, audited, run, said, standing


def page(
    newest: Run | None,
    delivered: Run | None,
    language: Language = Language.DE,
    condition: Condition | None = None,
) -> str:
    overview = Overview(
        tenant=TENANT,
        at=NOW,
        standings=(standing(newest, delivered),),
        months=(date(2026, 11, 1), date(2026, 1, 1)),
    )
    return overview_page(overview, language, brand="Pro-Active Services", condition=condition)


def test_a_report_stands_with_status_figure_trend_and_files() -> None:
    text = page(run(), run())
    assert "Handlungsbedarf" in text
    for shown in ("312 Gäste", "<b>312</b>", '"state bad">+9', 'class="spark"', "wöchentlich"):
        assert shown in text
    address = f"/portal/{TENANT.id}/reports/guest-users"
    assert f'href="{address}?lang=de"' in text
    assert f'href="{address}/20261123T050000Z/report.de.pdf?lang=de"' in text
    assert f'href="{address}/20261123T050000Z/report.de.xlsx?lang=de"' in text


def test_items_lead_to_the_filtered_report() -> None:
    text = page(run(), run())
    assert "Diese 2 Punkte brauchen Sie" in text
    assert f'href="/portal/{TENANT.id}/reports/guest-users?lang=de&amp;f=roles"' in text
    assert "Frist 24.11.2026" in text
    assert "morgen" in text


def test_one_item_and_none_have_sentences_of_their_own() -> None:
    summary = run().summary
    assert summary
    one = run(summary=replace(summary, deadlines=()))
    none = run(summary=replace(summary, todos=(), deadlines=()))
    assert "Dieser Punkt braucht Sie" in page(one, one)
    assert "Derzeit braucht nichts Ihre Entscheidung." in page(none, none)


def test_nothing_to_decide_is_said_of_what_there_is_alone() -> None:
    summary = run().summary
    assert summary
    calm = replace(summary, todos=(), deadlines=())
    part = run(summary=calm, status="incomplete")
    blocked = run(state=RunState.BLOCKED, status="", headline=said("Nicht lieferbar."))
    known = "Von dem, was vorliegt, braucht derzeit nichts Ihre Entscheidung."
    assert known in page(part, part)
    assert known in page(blocked, run(summary=calm))
    assert "Sobald Berichte vorliegen" in page(None, None)


def test_what_comes_from_elsewhere_is_escaped() -> None:
    text = page(run(), run())
    assert "Contoso &lt;GmbH&gt;" in text
    assert "<b>prüfen</b>" not in text
    assert "<i>retire</i>" not in text


def test_without_a_run_there_is_a_date_and_no_zero() -> None:
    text = page(None, None)
    assert "Erster Lauf am 30.11.2026." in text
    assert "Noch kein Lauf" in text
    assert "<b>–</b>" in text
    assert ".pdf" not in text


def test_what_could_not_be_delivered_is_said_and_the_last_report_stays_open() -> None:
    blocked = run(state=RunState.BLOCKED, status="", headline=said("Nicht lieferbar: Zustimmung."))
    text = page(blocked, run())
    assert "Unvollständig" in text
    assert "Nicht lieferbar: Zustimmung." in text
    assert "Stand 23.11.2026. Seitdem nicht lieferbar: siehe Hinweis." in text
    assert "report.de.pdf" in text


def test_gaps_are_named() -> None:
    gap = Gap(dataset="guest-sign-ins", reason=Reason.LICENCE, detail="Entra ID P1", since=END)
    text = page(run(gaps=(gap,)), run(gaps=(gap,)))
    assert "Es fehlen Daten – Letzte Anmeldung der Gäste: Erfordert " in text


def test_what_holds_for_all_reports_is_said_once_and_first() -> None:
    refused = said("Nicht lieferbar: Zustimmung.")
    blocked = run(state=RunState.BLOCKED, status="", headline=refused)
    overview = Overview(tenant=TENANT, at=NOW, standings=(standing(blocked, run()),) * 2, months=())
    text = overview_page(overview, Language.DE, brand="Pro-Active Services")
    assert notes(text) == [("Alle Berichte", "Nicht lieferbar: Zustimmung.")]
    assert text.index("Alle Berichte") < text.index('id="items"')


def test_more_items_than_are_shown_are_counted() -> None:
    summary = run().summary
    assert summary
    many = run(summary=replace(summary, todos=summary.todos * 7, deadlines=()))
    text = page(many, many)
    assert "Die 5 dringendsten von 7 Punkten" in text
    assert text.count("Rolle &lt;b&gt;prüfen") == 2 * 5


def test_english_readers_read_english() -> None:
    text = page(run(), run(), Language.EN)
    assert '<html lang="en" data-ready>' in text
    for shown in ("Your reports", "Action needed", "312 Gäste (en)", "weekly", "January 2026"):
        assert shown in text
    assert 'hreflang="de"' in text


def test_a_month_of_the_archive_lists_its_runs() -> None:
    archived = Archived(tenant=TENANT, month=date(2026, 11, 1), runs=((REPORT, run()),))
    text = archive_page(archived, Language.DE, brand="Pro-Active Services")
    assert "Archiv: November 2026" in text
    assert "16.11.2026 – 23.11.2026" in text
    assert "report.de.html" in text
    empty = Archived(tenant=TENANT, month=date(2026, 1, 1), runs=())
    text = archive_page(empty, Language.DE, brand="Pro-Active Services")
    assert "Archiv: Jänner 2026" in text
    assert "kein Bericht geliefert" in text


def lines(text: str) -> list[str]:
    """Each row of the table as one line of plain text."""
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)[1:]
    return [" | ".join(re.findall(r">([^<>\n]+)<", row)).replace("\xa0", " ") for row in rows]


def test_the_audit_is_one_list_of_deeds_and_openings_newest_first() -> None:
    text = audit_page(audited(), Language.DE, brand="Pro-Active Services", reader=READER)
    assert lines(text) == [
        "23.11.2026, 10:00 Uhr | Widerrufener Link abgewiesen | – | older",
        "23.11.2026, 09:00 Uhr | Ausgesetzt | Technik des Anbieters | &lt;b&gt;ruht&lt;/b&gt;",
        "23.11.2026, 08:00 Uhr | Link geöffnet | – | Gastbenutzer · report.de.pdf | 4f0c",
        "23.11.2026, 07:00 Uhr | Link ausgestellt | Sie | Gastbenutzer | 4f0c",
        "23.11.2026, 06:00 Uhr | Link geprüft, nichts gelesen | – | Gastbenutzer · report.de.pdf | 4f0c",
    ]


def test_the_audit_names_the_service_and_others_by_their_object_id() -> None:
    def who(actor: str) -> str:
        page = audit_page(audited(whom=actor), Language.EN, brand="P", reader=READER)
        return lines(page)[3].split(" | ")[2]

    assert who(SERVICE) == "the service itself"
    assert who("another") == "another"


def test_an_audit_without_entries_says_so() -> None:
    nothing = Audited(tenant=TENANT, entries=(), openings=(), reports={})
    text = audit_page(nothing, Language.EN, brand="P", reader=READER)
    assert "Nothing is recorded yet." in text
    assert "<table" not in text


def test_everything_that_is_recorded_has_words() -> None:
    assert set(ACTS) == set(Act)
    assert set(OUTCOMES) == set(Outcome)


@pytest.mark.parametrize("language", Language)
def test_there_is_no_script_and_no_style_but_ours(language: Language) -> None:
    text = page(run(), run(), language)
    assert "<script" not in text
    assert "style=" not in text
    assert "script-src" not in CONTENT_POLICY
    assert CONTENT_POLICY.startswith("default-src 'none'")


SINCE = datetime(2026, 11, 3, 12, tzinfo=UTC)
MAIN = REPORT.main.name
SIGN_INS = "guest-sign-ins"


def lacking(
    *problems: tuple[str, Cause, str], unreachable: Cause | None = None, **changes: Any
) -> Condition:
    found = tuple(Problem(dataset=d, cause=c, detail=t, since=SINCE) for d, c, t in problems)
    whole = Problem(cause=unreachable, since=SINCE) if unreachable else None
    readiness = Readiness(tenant_id=TENANT.id, due=NOW, problems=found, unreachable=whole)
    plain = {"is_for_engineer": False, "at": NOW, "readiness": readiness}
    return Condition(tenant=TENANT, reports=(REPORT,), **(plain | changes))


def notes(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<p class="note(?: alert)?"><b>(.*?)</b>(.*?)</p>', text)


def ending(days: int) -> Delegation:
    ends = NOW + timedelta(days=days)
    relationship = Relationship(
        id="one", tenant_id=TENANT.id, name="Contoso 2024", status="active", ends=ends
    )
    warned = Warned(id="one", stage=Stage.SIXTY, ends=ends)
    return Delegation(
        tenant_id=TENANT.id, checked=NOW, relationships=(relationship,), warned=(warned,)
    )


def test_what_a_report_lacks_says_what_since_when_and_who_acts() -> None:
    condition = lacking((SIGN_INS, Cause.PERMISSION, "AuditLog.Read.All"))
    [(title, text)] = notes(page(run(), run(), condition=condition))
    assert title == "Gastbenutzer"
    assert text == (
        "Seit 03.11.2026 – Letzte Anmeldung der Gäste: Es fehlt eine Leseberechtigung "
        "(AuditLog.Read.All). Kunde: Bitte der Anwendung erneut zustimmen."
    )


def test_a_gap_that_a_probe_explains_is_not_told_twice() -> None:
    gap = Gap(dataset=SIGN_INS, reason=Reason.PERMISSION, since=END)
    incomplete = run(state=RunState.DELIVERED_WITH_GAPS, gaps=(gap,))
    assert len(notes(page(incomplete, incomplete))) == 1
    condition = lacking((SIGN_INS, Cause.PERMISSION, "AuditLog.Read.All"))
    [(_, said_once)] = notes(page(incomplete, incomplete, condition=condition))
    assert said_once.startswith("Seit")
    other = lacking((MAIN, Cause.LICENCE, "P1"))
    assert len(notes(page(incomplete, incomplete, condition=other))) == 2


def test_a_blocked_run_is_explained_by_its_main_dataset_only() -> None:
    blocked = run(state=RunState.BLOCKED, headline=said("Nicht lieferbar."))
    for dataset, count in ((MAIN, 1), (SIGN_INS, 2)):
        condition = lacking((dataset, Cause.PERMISSION, "User.Read.All"))
        assert len(notes(page(blocked, run(), condition=condition))) == count
    failed = run(state=RunState.FAILED, headline=said("Nicht lieferbar."))
    condition = lacking((MAIN, Cause.PERMISSION, "User.Read.All"))
    assert len(notes(page(failed, run(), condition=condition))) == 2


@pytest.mark.parametrize("cause", Cause)
def test_an_unreachable_tenant_is_one_note_for_all_reports(cause: Cause) -> None:
    blocked = run(state=RunState.BLOCKED, headline=said("Nicht lieferbar."))
    condition = lacking((SIGN_INS, Cause.LICENCE, "P1"), unreachable=cause)
    for language, title in ((Language.DE, "Alle Berichte"), (Language.EN, "All reports")):
        [(found, text)] = notes(page(blocked, run(), language, condition))
        assert found == title
        assert "2026: " in text


def test_ending_access_is_a_plain_sentence_and_its_name_for_engineers() -> None:
    sentence = "Unser delegierter Zugang (GDAP) zu Ihrem Mandanten endet am 02.12.2026."
    for is_for_engineer in (False, True):
        condition = lacking(delegation=ending(9), is_for_engineer=is_for_engineer)
        [(_, text)] = notes(page(run(), run(), condition=condition))
        assert text.startswith(sentence)
        assert ("(Contoso 2024)" in text) is is_for_engineer
    [(_, text)] = notes(page(run(), run(), condition=lacking(delegation=ending(-1))))
    assert "endete am 22.11.2026" in text


def test_a_detail_from_outside_is_only_text() -> None:
    condition = lacking((SIGN_INS, Cause.PERMISSION, "<script>alert(1)</script>"))
    text = page(run(), run(), condition=condition)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
