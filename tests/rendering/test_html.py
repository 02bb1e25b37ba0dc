"""HTML: one file that carries all it needs, allows nothing else, and takes no text for markup."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import msgspec
import pytest

from shared_code.core.chart import Bar, BarChart, Tone, Unit
from shared_code.core.errors import Reason
from shared_code.core.metric import Point
from shared_code.core.privacy import Privacy
from shared_code.core.report import (
    NEVER,
    Action,
    Article,
    Better,
    Cell,
    Change,
    Column,
    Figure,
    Kind,
    Kpi,
    Line,
    Option,
    Priority,
    Report,
)
from shared_code.core.run import Gap
from shared_code.core.text import German, Language, Message
from shared_code.rendering.block import MOST_LINES
from shared_code.rendering.html import CONTENT_POLICY, HTML, PAGE_POLICY
from shared_code.rendering.page_words import PAGE, PRIORITY, STATUS
from tests.rendering.full import full
from tests.rendering.tables import MONDAY, SUNDAY, MadeLines, figure, line, names, report_of, same

WEEK = timedelta(days=7)
NBSP = "\u00a0"


def page(report: Report, language: Language = Language.DE) -> str:
    out = BytesIO()
    HTML.write(report, language, out)
    return out.getvalue().decode()


def block(text: str) -> dict[str, Any]:
    """What the script reads."""
    if plain := re.search(
        r'<script type="application/json" id="lines">(.*?)</script>', text, re.DOTALL
    ):
        return json.loads(plain[1])
    packed = re.search(r'id="packed-lines">(.*?)</script>', text, re.DOTALL)
    assert packed
    return json.loads(gzip.decompress(base64.b64decode(packed[1], validate=True)))


def said(text: str) -> str:
    """What a reader sees above the table, words apart by one space."""
    above = text.partition("<main")[2].partition('id="table"')[0]
    return " ".join(re.sub(r"<[^>]+>", " ", above).replace(NBSP, " ").split())


def with_content(report: Report, **content: Any) -> Report:
    return replace(report, content=replace(report.content, **content))


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
    assert not re.search(r"(?:https?:)?//[a-z]", text.partition("<script>")[0])
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
        (7, 5, Better.DOWN, "▲ +2 seit 16.11.2026 (schlechter)", "worse"),
        (7, 5, Better.UP, "▲ +2 seit 16.11.2026 (besser)", "good"),
        (5, 7, Better.DOWN, "▼ −2 seit 16.11.2026 (besser)", "good"),
        (5, 7, Better.NONE, "▼ −2 seit 16.11.2026", "same"),
        (5, 5, Better.DOWN, "unverändert seit 16.11.2026", "same"),
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


def test_shares_change_by_percentage_points() -> None:
    figures = (measured(0.925, 0.896, Better.UP, unit=Unit.SHARE),)
    assert "92,5 % von 5 ▲ +2,9 PP seit" in said(page(report_of(figures=figures)))
    assert "92.5 % von 5 ▲ +2.9 pp since" in said(page(report_of(figures=figures), Language.EN))


def test_unknown_is_a_dash_and_never_a_zero() -> None:
    tiles = (Change(filter="added", label=same("Neue"), count=None),)
    text = said(page(with_content(report_of(figures=(figure("idle", None),)), changes=tiles)))
    assert "Idle – nicht feststellbar" in text
    assert "– Neue" in text


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
    assert '<td class="choice"><span class="state info">★ neu</span></td>' in text
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
    assert "x" * 21 + "…" in text


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
    assert "Alle<b>300.000</b>" in text


ARTICLE = Article(
    key="MC1-a",
    title="A <b>title</b>",
    facts=((same("Dienst"), Message(same("{name}"), {"name": "<i>Teams"})),),
    html="<h1>Head</h1><script>alert(1)</script><p onclick=x>Body</p>",
)


def static_rows(text: str) -> str:
    return text.partition('<tbody id="rows">')[2].partition("</tbody>")[0]


def cell_of(kind: Kind, cell: Cell, language: Language = Language.DE) -> str:
    column = Column(label=same("x"), kind=kind)
    rows = static_rows(page(report_of([line(cell)], columns=(column,)), language))
    return re.sub(r"<svg.*?</svg>|</?(?:tr|td|bdi)[^>]*>", "", rows).strip()


@pytest.mark.parametrize(
    ("kind", "cell", "german", "english"),
    [
        (Kind.MOMENT, MONDAY, "23.11.2026, 00:00 Uhr", "23 Nov 2026, 00:00"),
        (Kind.MOMENT, NEVER, "nie", "never"),
        (Kind.SHARE, 0.7125, "71,3\u00a0%", "71.3\u00a0%"),
        (Kind.SHARE, 1, "100,0\u00a0%", "100.0\u00a0%"),
        (Kind.SIZE, 1.5 * 1024**4, "1,5\u00a0TB", "1.5\u00a0TB"),
        (Kind.SIZE, -2048, "\u22122\u00a0KB", "\u22122\u00a0KB"),
        (Kind.DURATION, 22_830, "6\u00a0Std. 21\u00a0Min.", "6\u00a0h 21\u00a0min"),
        (Kind.COUNT, -1234, "\u22121.234", "\u22121,234"),
        *((kind, None, "–", "–") for kind in Kind),
    ],
)
def test_a_cell_says_its_value_in_the_readers_language(
    kind: Kind, cell: Cell, german: str, english: str
) -> None:
    assert cell_of(kind, cell) == german
    assert cell_of(kind, cell, Language.EN) == english


def test_a_share_has_a_small_bar_that_is_only_a_picture() -> None:
    column = Column(label=same("x"), kind=Kind.SHARE)
    [bar] = re.findall(
        r"<svg.*?</svg>", static_rows(page(report_of([line(0.71)], columns=(column,))))
    )
    assert 'aria-hidden="true"' in bar
    assert 'width="71"' in bar


def test_moments_are_minutes_by_the_tenants_clock() -> None:
    column = Column(label=same("x"), kind=Kind.MOMENT)
    cells = (MONDAY, MONDAY + timedelta(minutes=90), NEVER, None)
    rows = block(page(report_of([line(each) for each in cells], columns=(column,))))["rows"]
    [midnight], [later], *others = rows
    assert midnight % (24 * 60) == 0
    assert later == midnight + 90
    assert others == [["never"], [None]]


def test_the_files_headings_say_the_unit_that_the_page_need_not() -> None:
    kinds = (Kind.SHARE, Kind.SIZE, Kind.DURATION)
    text = page(report_of(columns=tuple(Column(label=same(k.title()), kind=k) for k in kinds)))
    assert [each["heads"] for each in block(text)["columns"]] == [
        ["Share (%)"],
        ["Size (GB)"],
        ["Duration (Min.)"],
    ]
    assert "(GB)" not in text.partition('id="lines"')[0]


def test_details_are_for_the_script_and_the_note_points_to_the_files() -> None:
    columns = (Column(label=same("Name")), Column(label=same("Grund"), detail=True))
    text = page(report_of([line("Anna", "Einzelheit")], columns=columns))
    before = text.partition('id="lines"')[0]
    assert "Einzelheit<" not in before
    assert "Grund" not in before
    assert block(text)["rows"] == [["Anna", "Einzelheit"]]
    assert [each["detail"] for each in block(text)["columns"]] == [False, True]
    [note] = re.findall(r"<noscript>(.*?)</noscript>", text)
    assert "Einzelheiten" in note
    assert "Excel" in note


def test_a_line_with_an_article_leads_to_it() -> None:
    row = Line("1", (("<i>Anna", "small"), *[None] * 5), filters=("all",), article=ARTICLE.key)
    text = page(with_content(report_of([row, *names("Bert")]), articles=(ARTICLE,)))
    link = '<a href="#article-MC1-a"><bdi class="clip">&lt;i&gt;Anna</bdi></a><small>small</small>'
    assert link in static_rows(text)
    assert static_rows(text).count("<a ") == 1
    assert block(text)["articles"] == {"0": "MC1-a"}
    assert text.count('id="article-MC1-a"') == 1


def test_the_cell_that_names_the_line_leads_to_the_article() -> None:
    row = Line("1", (MONDAY, ("Anna", ""), "x"), filters=("all",), article=ARTICLE.key)
    day = Column(label=same("Tag"), kind=Kind.DATE)
    pair = Column(label=same("Name"), kind=Kind.PAIR, small=same("Mail"))
    text = page(report_of([row], columns=(day, pair, Column(label=same("x"), detail=True))))
    assert re.findall(r"<a [^>]+>(.*?)</a>", static_rows(text)) == ['<bdi class="clip">Anna</bdi>']
    assert block(text)["name"] == 1


def test_a_first_cell_of_any_kind_can_lead_to_an_article() -> None:
    for kind, cell in ((Kind.COUNT, 1), (Kind.CHOICE, 0), (Kind.SHARE, 0.5), (Kind.DATE, None)):
        column = Column(label=same("x"), kind=kind, options=(Option(same("gut")),))
        row = Line("1", (cell,), filters=("all",), article=ARTICLE.key)
        rows = static_rows(
            page(with_content(report_of([row], columns=(column,)), articles=(ARTICLE,)))
        )
        assert re.search(r'<a href="#article-MC1-a">.+</a>', rows)


def test_an_article_is_cleaned_and_said_in_its_own_language() -> None:
    text = page(with_content(report_of(), articles=(ARTICLE,)))
    [article] = re.findall(
        r'<details class="card" id="article-MC1-a">(.*?)</details>', text, re.DOTALL
    )
    assert '<summary lang="en">A &lt;b&gt;title&lt;/b&gt;</summary>' in article
    assert "<dt>Dienst</dt><dd>&lt;i&gt;Teams</dd>" in article
    assert '<div class="foreign" lang="en">\n<h3>Head</h3><p>Body</p>\n</div>' in article
    assert "alert" not in article


def test_notes_stand_before_the_key_figures() -> None:
    note = (same("Namen"), Message(same("Sie sind verborgen.")))
    text = page(with_content(report_of(), notes=(note,)))
    found = text.index('<p class="note neutral"><b>Namen</b>Sie sind verborgen.</p>')
    assert found < text.index('id="kpis"')


def test_where_nobody_is_listed_there_is_nothing_to_filter() -> None:
    action = Action(
        title=Message(same("Etwas tun")),
        why=Message(same("Darum.")),
        priority=Priority.HIGH,
        who=same("Kunde"),
        effort=same("Gering"),
        filter="added",
    )
    made = replace(report_of(names("Anna")), privacy=Privacy.AGGREGATE)
    text = page(with_content(made, actions=(action,)))
    body = text.partition("<script>")[0].partition("</style>")[2]
    for gone in (
        "Anna",
        'id="table"',
        "data-filter",
        "data-go",
        'id="csv"',
        'id="lines"',
        "<noscript",
    ):
        assert gone not in body
    assert '<div class="tile"><span class="number' in body
    assert "personenbezogen" not in body


def test_switzerland_writes_numbers_and_words_its_own_way() -> None:
    made = replace(
        report_of([line(1234567.0)], columns=(Column(label=same("Größe, Maß"), kind=Kind.COUNT),)),
        tenant=msgspec.structs.replace(report_of().tenant, german=German.SWITZERLAND),
    )
    text = page(made).partition("<script>")[0].partition("</style>")[2]
    assert "1’234’567" in text
    assert "Grösse, Mass" in text
    assert "ß" not in text
    assert block(page(made))["locale"] == "de-CH"


@pytest.mark.parametrize(
    ("german", "locale"),
    [(German.AUSTRIA, "de-DE"), (German.GERMANY, "de-DE"), (German.SWITZERLAND, "de-CH")],
)
def test_browsers_write_numbers_as_the_page_does(german: German, locale: str) -> None:
    made = report_of()
    made = replace(made, tenant=msgspec.structs.replace(made.tenant, german=german))
    assert block(page(made))["locale"] == locale
    assert block(page(made, Language.EN))["locale"] == "en-GB"


def test_all_the_page_can_show_stands_on_one_page() -> None:
    text = page(full())
    assert text.count('<svg class="chart') >= len(full().content.charts)
    assert len(re.findall(r' id="([^"]+)"', text)) == len(set(re.findall(r' id="([^"]+)"', text)))
