"""The page's cells, details, articles and notes, and what differs where nobody is listed."""

import re
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from shared_code.core.privacy import Privacy
from shared_code.core.report import Action, Article, Priority
from shared_code.core.table import NEVER, Cell, Column, Kind, Line, Option
from shared_code.core.text import German, Language, Message
from tests.rendering.full import full
from tests.rendering.html_pages import block, page, with_content
from tests.rendering.tables import MONDAY, line, names, report_of, same

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
        (Kind.MOMENT, MONDAY, "23.11.2026, 00:00\u00a0Uhr", "23\u00a0Nov\u00a02026, 00:00"),
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
