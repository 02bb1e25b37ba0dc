"""HTML: one file that carries all it needs, allows nothing else, and takes no text for markup."""

import base64
import dataclasses
import hashlib
import json
import re
from datetime import timedelta

import msgspec
import pytest

from shared_code.core.chart import Bar, BarChart, Tone, Unit
from shared_code.core.errors import Reason
from shared_code.core.metric import Point
from shared_code.core.report import Better, Change, Figure, Kpi
from shared_code.core.run import Gap
from shared_code.core.table import NEVER, Column, Kind, Line, Option
from shared_code.core.text import Language, Message
from shared_code.rendering.block import MOST_LINES
from shared_code.rendering.html import CONTENT_POLICY, HTML, PAGE_POLICY
from shared_code.rendering.page_words import PAGE, PRIORITY, STATUS
from tests.rendering.html_pages import block, page, with_content
from tests.rendering.tables import MONDAY, SUNDAY, MadeLines, figure, line, names, report_of, same

WEEK = timedelta(days=7)
NBSP = "\u00a0"


def said(text: str) -> str:
    """What a reader sees above the table, words apart by one space."""
    above = text.partition("<main")[2].partition('id="table"')[0]
    return " ".join(re.sub(r"<[^>]+>", " ", above).replace(NBSP, " ").split())


def measured(
    value: float | None, before: float | None, better: Better, *, unit: Unit = Unit.COUNT
) -> Figure:
    kpi = Kpi(
        metric="idle",
        label=same("Inaktiv"),
        value=value,
        base=Message(same("von 5")),
        better=better,
        unit=unit,
    )
    previous = None if before is None else Point("idle", MONDAY - WEEK, before)
    series = tuple(v for v in (before, value) if v is not None)
    return Figure(kpi=kpi, previous=previous, series=series)


def test_the_policy_allows_the_pages_own_style_and_script_by_hash_and_nothing_else() -> None:
    text = page(report_of())
    for tag in ("style", "script"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in PAGE_POLICY
    assert PAGE_POLICY.startswith("default-src 'none';")
    assert "unsafe" not in CONTENT_POLICY
    assert CONTENT_POLICY == HTML.content_policy == f"{PAGE_POLICY}; frame-ancestors 'none'"
    assert PAGE_POLICY.replace("'", "&#39;") in text


def test_nothing_in_the_page_needs_what_the_policy_forbids() -> None:
    text = page(report_of(names("Anna")))
    assert not re.search(r"\sstyle=|\son\w+=", text)
    # A hash of the policy may hold two slashes as well.
    assert not re.search(r"(?:https?:|[\"'(\s])//[a-z]", text.partition("<script>")[0])
    assert "innerHTML" not in text


@pytest.mark.parametrize("text", ["</script><script>alert(1)", "<img src=x>", "<!--block-->"])
def test_text_from_a_tenant_never_is_markup(text: str) -> None:
    whole = page(report_of(names(text)))
    assert text not in whole
    assert whole.count("<script>") == 1
    assert block(whole)["rows"][0][0][0] == text


@pytest.mark.parametrize("count", [0, 1, 5_000, 5_001])
def test_lines_are_read_back_plain_or_compressed(count: int) -> None:
    lines = MadeLines(count, lambda: names(*(f"Anna {n}" for n in range(count))), {"all": count})
    text = page(report_of(lines))
    assert ('id="packed-lines"' in text) is (count > 5_000)
    rows = block(text)["rows"]
    assert [row[0][0] for row in rows] == [f"Anna {n}" for n in range(count)]


def test_never_unknown_and_the_day_in_the_tenants_zone_stay_apart() -> None:
    dates = (SUNDAY, MONDAY, NEVER, None)
    lines = [line(("A", ""), "", 0, day, 1, ("x",)) for day in dates]
    sunday, monday, never, unknown = (row[3] for row in block(page(report_of(lines)))["rows"])
    assert monday == sunday + 1
    assert (never, unknown) == ("never", None)


def test_filters_are_ranges_of_lines() -> None:
    belongs = [("all",), ("all", "added"), ("all", "added"), ("all",), ("added",)]
    lines = [line(*[None] * 6, key=str(n), filters=f) for n, f in enumerate(belongs)]
    filters = {each["id"]: each["lines"] for each in block(page(report_of(lines)))["filters"]}
    assert filters == {"all": [0, 4], "added": [1, 3, 4, 5]}


def test_a_large_table_is_capped_and_says_so() -> None:
    count = MOST_LINES + 1
    row = line(*[None] * 6)
    text = page(report_of(MadeLines(count, lambda: (row for _ in range(count)), {"all": count})))
    assert len(block(text)["rows"]) == MOST_LINES
    assert "Diese Seite zeigt die 100.000 wichtigsten von 100.001 Zeilen." in text


def test_a_hundred_lines_of_the_base_stand_in_the_page_itself() -> None:
    gone = [line(("Weg", ""), *[None] * 5, key="0", filters=("added",))]
    text = page(report_of([*gone, *names(*(f"Anna {n}" for n in range(200)))]))
    static = text.partition('<tbody id="rows">')[2].partition("</tbody>")[0]
    assert static.count("<tr>") == 100
    assert "Anna 99<" in static
    assert "Weg" not in static


@pytest.mark.parametrize(
    ("value", "before", "better", "shown", "style"),
    [
        (7, 5, Better.DOWN, "▲ +2 seit 16.11. (schlechter)", "worse"),
        (7, 5, Better.UP, "▲ +2 seit 16.11. (besser)", "good"),
        (5, 7, Better.DOWN, "▼ −2 seit 16.11. (besser)", "good"),
        (5, 7, Better.NONE, "▼ −2 seit 16.11.", "same"),
        (5, 5, Better.DOWN, "unverändert seit 16.11.", "same"),
        (5, None, Better.DOWN, "Erster Bericht", "same"),
        (None, 5, Better.DOWN, "– nicht feststellbar", "same"),
    ],
)
def test_a_delta_has_sign_arrow_word_and_date(
    value: float | None, before: float | None, better: Better, shown: str, style: str
) -> None:
    text = page(report_of(figures=(measured(value, before, better),)))
    assert shown in said(text).replace(" )", ")").replace("( ", "(")
    assert f'<span class="{style}">' in text


def test_a_day_of_last_year_is_told_with_its_year() -> None:
    figure = measured(7, 5, Better.DOWN)
    old = dataclasses.replace(figure, previous=Point("idle", MONDAY - 60 * WEEK, 5))
    assert "+2 seit 29.09.2025" in said(page(report_of(figures=(old,))))


def test_shares_change_by_percentage_points() -> None:
    figures = (measured(0.925, 0.896, Better.UP, unit=Unit.SHARE),)
    assert "92,5 % von 5 ▲ +2,9 PP seit" in said(page(report_of(figures=figures)))
    assert "92.5 % von 5 ▲ +2.9 pp since" in said(page(report_of(figures=figures), Language.EN))


def test_unknown_is_a_dash_and_never_a_zero() -> None:
    tiles = (Change(filter="added", label=same("Neue"), count=None),)
    text = said(page(with_content(report_of(figures=(figure("idle", None),)), changes=tiles)))
    assert "Idle – nicht feststellbar" in text
    assert "– Neue" in text


def test_a_tile_without_a_count_leads_nowhere() -> None:
    made = with_content(
        report_of(),
        changes=(
            Change(filter="added", label=same("Neue"), count=None),
            Change(filter="all", label=same("Alte"), count=0),
        ),
    )
    assert re.findall(r'class="tile"[^>]*data-go="(\w+)"', page(made)) == ["all"]


def test_the_first_report_says_so() -> None:
    text = said(page(with_content(report_of(), changes=())))
    assert text.count("Erster Bericht – Vergleich ab dem nächsten Lauf") == 2


def test_a_gap_is_a_note_with_the_name_of_what_is_missing() -> None:
    gap = Gap(dataset="guest-sign-ins", reason=Reason.LICENCE, detail="Entra ID P1", since=MONDAY)
    text = said(page(report_of(gaps=(gap,)), Language.EN))
    assert "Note: Last sign-in of guests" in text
    assert "Entra ID P1" in text


def test_the_usual_choice_is_a_dash_on_the_page_and_a_word_in_its_csv() -> None:
    column = Column(
        label=same("Änderung"),
        kind=Kind.CHOICE,
        options=(Option(same("gleich")), Option(same("neu"), Tone.INFO, "★")),
    )
    text = page(report_of([line(0), line(1)], columns=(column,)))
    assert '<td class="choice"><span>–</span></td>' in text
    assert '<td class="choice"><span class="state info">★\u00a0neu</span></td>' in text
    usual, _ = block(text)["columns"][0]["options"]
    assert usual == {"label": "gleich", "shown": "–", "tone": ""}


def test_a_chart_says_in_words_and_numbers_what_it_shows() -> None:
    chart = BarChart(
        title=same("Domänen"),
        subtitle=same("die häufigsten"),
        summary=Message(same("Drei.")),
        unit=same("Gäste"),
        bars=(
            Bar(label="<b>fabrikam</b>", value=1200, tone=Tone.INFO),
            Bar(label="x" * 99, value=0),
        ),
    )
    text = page(with_content(report_of(), charts=(chart,)))
    assert 'role="img" aria-labelledby="chart-0-title chart-0-summary"' in text
    assert '<desc id="chart-0-summary">Drei.</desc>' in text
    assert "&lt;b&gt;fabrikam&lt;/b&gt;</th><td" in text
    assert "1.200" in text
    assert "x" * 18 + "…" in text


def test_every_fixed_word_stands_in_both_languages() -> None:
    words = [*PAGE.values(), *(t for _, t in STATUS.values()), *(t for _, t in PRIORITY.values())]
    assert all(word.de and word.en for word in words)


def test_lines_without_memory_of_the_past_are_written_without_it() -> None:
    memory = msgspec.Raw(msgspec.msgpack.encode(["secret"]))
    text = page(report_of([Line("1", (None,) * 6, filters=("all",), memory=memory)]))
    assert "secret" not in json.dumps(block(text))


def test_a_bar_has_its_note_and_nothing_is_no_bar() -> None:
    chart = BarChart(
        title=same("Domänen"),
        subtitle=same("die häufigsten"),
        summary=Message(same("Zwei.")),
        unit=same("Gäste"),
        bars=(
            Bar(label="a", value=4, note=Message(same("({n} <b>)"), {"n": 2})),
            Bar(label="b", value=0),
        ),
    )
    text = page(with_content(report_of(), charts=(chart,)))
    assert " <tspan>(2 &lt;b&gt;)</tspan>" in text
    assert '<td class="count">4 (2 &lt;b&gt;)</td>' in text
    [track, *_] = re.findall(r'<rect class="track" .*? width="([\d.]+)"', text)
    assert re.findall(r'<rect class="neutral" .*? width="([\d.]+)"', text) == [track, "0"]


def test_a_change_too_small_to_be_shown_is_none() -> None:
    figures = (
        measured(0.92501, 0.925, Better.UP, unit=Unit.SHARE),
        measured(0.1 + 0.2, 0.3, Better.UP),
    )
    text = said(page(report_of(figures=figures)))
    assert text.count("unverändert seit") == 2


def test_what_no_file_may_hold_is_nowhere_in_the_page() -> None:
    row = line(("A\x00B", "C\x07"), "D\x1b", None, None, None, ("E\x08", "F"))
    text = page(report_of([row]))
    assert block(text)["rows"] == [[["AB", "C"], "D", None, None, None, ["E", "F"]]]
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", text)


def test_counts_refer_to_all_lines_also_those_that_are_not_in_the_page() -> None:
    lines = MadeLines(2, lambda: names("A", "B"), {"all": 300_000, "added": 7})
    text = page(report_of(lines))
    assert block(text)["total"] == 300_000
    assert "Alle <b>300.000</b>" in text
