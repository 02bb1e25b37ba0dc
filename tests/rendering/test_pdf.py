"""PDF as a screen reader and a printer get it: conformant, whole, and nothing of it markup."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest

from dev.sandbox.hostile import HOSTILE_NAMES
from shared_code.core.chart import Bar, BarChart
from shared_code.core.errors import Reason
from shared_code.core.privacy import Privacy
from shared_code.core.report import Report
from shared_code.core.run import Gap
from shared_code.core.table import Column, Kind, Line
from shared_code.core.text import Language, Message
from shared_code.rendering.pdf import PDF
from tests.rendering.papers import (
    boxes,
    facts_of,
    is_conformant,
    needs_poppler,
    pages_of,
    right_ends,
    text_of,
)
from tests.rendering.tables import (
    MEASURED,
    MEASURED_LINES,
    MONDAY,
    MadeLines,
    figure,
    line,
    names,
    report_of,
    same,
)

_MARGIN = 45  # 16 mm in points

SYMBOLS = "✓ ✕ ◇ ▲ ▼ △ ★ – − ≤ → … ! ?"
MARKUP = '#eval("1+1") *bold* _x_ $1$ = h @a <l> // \\ `r` ~ #sys.inputs ]'


def written(report: Report, language: Language = Language.DE) -> bytes:
    out = BytesIO()
    PDF.write(report, language, out)
    return out.getvalue()


def listing(lines: Sequence[Line], **parts: object) -> Report:
    counts = {"all": len(lines)}
    return replace(report_of(lines), lines=MadeLines(len(lines), lambda: lines, counts), **parts)


@pytest.mark.parametrize("language", Language)
def test_the_file_is_conformant_with_all_that_a_report_can_have(language: Language) -> None:
    bars = (Bar(label="adatum.example <b>", value=3), Bar(label="–", value=0))
    chart = BarChart(
        title=same("Verlauf"),
        subtitle=same("je Woche"),
        summary=Message(same("Es steigt.")),
        unit=same("Gäste"),
        bars=bars,
    )
    report = report_of(
        MEASURED_LINES,
        columns=MEASURED,
        figures=(figure("total", 1234), figure("idle", None)),
        gaps=(Gap(dataset="guests", reason=Reason.LICENCE, detail="P1", since=MONDAY),),
    )
    whole = replace(report, content=replace(report.content, charts=(chart,)))
    assert is_conformant(written(whole, language))


def test_the_symbols_of_our_words_are_in_the_fonts(caplog: pytest.LogCaptureFixture) -> None:
    assert is_conformant(written(listing(names(SYMBOLS))))
    assert not caplog.records


@needs_poppler
def test_the_file_is_tagged_and_says_what_it_is() -> None:
    facts = facts_of(written(report_of()))
    assert facts["Tagged"] == "yes"
    assert facts["Title"] == "Probe – Contoso GmbH – 23.11.2026, 00:00\u00a0Uhr"
    assert facts["Author"] == "Pro-Active Services"
    assert "Lang" not in facts or facts["Lang"] == "de-AT"


@needs_poppler
def test_the_lead_and_the_lines_can_be_read_and_headings_repeat_on_each_page() -> None:
    lines = [line((f"Ada {n}", f"ada.{n}@adatum.example"), *[None] * 5) for n in range(120)]
    pdf = written(listing(lines))
    found, pages = text_of(pdf), int(facts_of(pdf)["Pages"])
    assert "Ein Satz." in found
    assert all(f"Ada {n} " in found for n in range(120))
    assert all(f"ada.{n}@adatum.example" in found for n in range(120))
    assert pages > 3
    assert found.count("Name Ort Stand") == pages
    assert found.count("Contoso GmbH · Probe") == pages
    assert f"Vertraulich – enthält personenbezogene Daten · {report_of().type.name}" in found
    assert f"1/{pages}" in found.replace(" ", "")


@needs_poppler
def test_what_stands_for_markup_elsewhere_is_text_here(caplog: pytest.LogCaptureFixture) -> None:
    lines = [
        line((MARKUP, MARKUP), MARKUP, None, None, None, (MARKUP,)),
        *names(*(name for name in HOSTILE_NAMES if name)),
    ]
    found = text_of(written(listing(lines)))
    assert found.count('#eval("1+1")') >= 3
    assert "*bold* _x_ $1$ = h @a <l> // \\ `r` ~ #sys.inputs ]" in found
    assert "{{ 7 * 7 }} ${7*7} %n%n" in found
    assert "<script>alert(1)</script>" in found
    assert "Ana Bcc: all@contoso.example" in found
    assert "ÄÄÄÄÄÄÄÄÄÄ…" in found.replace(" ", "")


def test_a_sign_that_no_font_has_costs_the_claim_and_not_the_file(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        pdf = written(listing(names("李明 😀")))
    assert pdf.startswith(b"%PDF-")
    assert not is_conformant(pdf)
    [record] = caplog.records
    assert "no PDF/UA-1" in record.getMessage()
    assert "李明" not in record.getMessage()


@pytest.mark.parametrize(
    "name",
    [
        *"\0\x07\x1b\x7f\x85\xa0\xad\u061c\u200b\u200d\u202e\u2066\u2028\ud800\ufdd0\ufffe\ue000",
        "\U000e0041",
        "e" + "\u0301" * 50,
        "ﷺ",
        "\u05e2\u05d1\u05e8 \u2066x\u2069 \u0627\u0644",
    ],
    ids=ascii,
)
def test_any_name_gives_a_file(name: str) -> None:
    assert written(listing(names(f"Ada{name}Ben"))).startswith(b"%PDF-")


@needs_poppler
@pytest.mark.parametrize(
    "name",
    [
        "\u05c9\u05fa\u05fb\u05fc\u05fd\u05fe\u05ff",
        "\u0607\u0608\u0609\u060a\u060b\u060c\u060d\u060e\u060f\u0610\u0611\u0612\u0613\u0614\u0615\u0617\u063f",
    ],
    ids=ascii,
)
def test_signs_that_typst_fails_on_become_question_marks(name: str) -> None:
    lines = [line((name, name), name, None, None, None, (name, name)), *names("Žofie Ελένη Жанна")]
    found = text_of(written(listing(lines)))
    assert "???" in found
    assert "Žofie Ελένη Жанна" in found


@needs_poppler
def test_more_lines_than_anybody_reads_are_left_to_excel() -> None:
    count = 1_000_000
    made = (line((f"Ada {n}", ""), *[None] * 5) for n in range(count))
    report = replace(report_of(), lines=MadeLines(count, lambda: made, {"all": count}))
    pdf = written(report)
    found = text_of(pdf)
    assert "Die ersten 300 von 1.000.000 Zeilen, die wichtigsten zuerst." in found
    assert "Ada 299" in found
    assert "Ada 300" not in found
    assert next(made).cells[0] == ("Ada 300", ""), "no line was made for nothing"


@needs_poppler
def test_only_what_the_base_filter_covers_is_listed() -> None:
    lines = [*names("Ada"), line(("Gone", ""), *[None] * 5, filters=("gone",))]
    found = text_of(written(listing(lines)))
    assert "Ada" in found
    assert "Gone" not in found


@needs_poppler
def test_details_of_a_line_are_left_to_excel() -> None:
    columns = Column(label=same("Name")), Column(label=same("Mehr"), detail=True)
    found = text_of(written(replace(report_of([line("Ada", "alles")], columns=columns))))
    assert "Mehr" not in found
    assert "Weitere Spalten stehen in der Excel-Datei." in found


@needs_poppler
def test_where_nobody_is_listed_there_is_no_table() -> None:
    report = listing(names("Ada"), privacy=Privacy.AGGREGATE)
    found = text_of(written(report))
    assert "Ein Satz." in found
    assert "Tabelle" not in found
    assert "Ada" not in found
    assert "personenbezogene" not in found


@needs_poppler
def test_what_is_measured_is_written_as_on_the_page() -> None:
    report = report_of(MEASURED_LINES, columns=MEASURED)
    whole = replace(report, lines=MadeLines(2, lambda: MEASURED_LINES, {"all": 2}))
    found = text_of(written(whole))
    for said in ("22.11.2026, 23:59 Uhr", "92,5 %", "1,5 GB", "1 Std. 30 Min."):
        assert said in found.replace("\u00a0", " ")


@needs_poppler
def test_long_words_stay_within_their_column() -> None:
    columns = tuple(Column(label=same(f"Spalte {n}"), kind=Kind.TEXT) for n in range(5))
    lines = [line("W" * 200, "i" * 200, "x.y@" * 50, "–" * 200, "Ende")]
    report = replace(
        report_of(lines, columns=columns), lines=MadeLines(1, lambda: lines, {"all": 1})
    )
    assert max(right_ends(written(report))) < 595 - _MARGIN


@needs_poppler
def test_dates_side_by_side_stay_apart() -> None:
    kinds = (Kind.PAIR, Kind.TEXT, Kind.LIST, Kind.LIST, *[Kind.DATE] * 4)
    columns = tuple(Column(label=same("Spalte"), kind=kind) for kind in kinds)
    day = datetime(2026, 9, 22, 12, tzinfo=UTC)
    lines = [line(("Ada", ""), "Wien", (), (), *[day] * 4)]
    report = replace(
        report_of(lines, columns=columns), lines=MadeLines(1, lambda: lines, {"all": 1})
    )
    words = boxes(written(report, Language.EN))
    begins = [begin for begin, _, word in words if word == "22"]
    ends = [end for _, end, word in words if word == "2026"]
    gaps = [begin - end for begin, end in zip(begins[1:4], ends, strict=False)]
    assert len(gaps) == 3
    assert min(gaps) > 4


@needs_poppler
def test_a_line_stands_on_one_page() -> None:
    texts = [f"Anfang{n}. {'Wort ' * n}Ende{n}." for n in range(40)]
    lines = [line(text, *[None] * 6, key=text) for text in texts]
    columns = (Column(label=same("Text")), *[Column(label=same("Leer"))] * 6)
    report = report_of(lines, columns=columns)
    pages = pages_of(written(replace(report, lines=MadeLines(40, lambda: lines, {"all": 40}))))
    assert len(pages) > 2
    for n in range(40):
        [of_it] = [each for each in pages if f"Anfang{n}." in each]
        assert f"Ende{n}." in of_it


@needs_poppler
@pytest.mark.parametrize("notes", range(8, 14))
def test_the_heading_of_the_table_is_never_left_alone(notes: int) -> None:
    columns = (Column(label=same("Text")), Column(label=same("Mehr"), detail=True))
    lines = [line("Ada " * 40, "alles", key=str(n)) for n in range(60)]
    report = replace(
        report_of(lines, columns=columns), lines=MadeLines(60, lambda: lines, {"all": 60})
    )
    above = ((same("Hinweis"), Message(same("Ein Satz."))),) * notes
    pages = pages_of(written(replace(report, content=replace(report.content, notes=above))))
    [of_it] = [each for each in pages if "Tabelle" in each]
    assert "Ada" in of_it
