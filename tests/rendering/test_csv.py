"""CSV as Excel in the reader's language opens it, and as any reader of CSV understands it."""

import csv
from dataclasses import replace
from io import BytesIO, StringIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_code.core.chart import Unit
from shared_code.core.metric import Point
from shared_code.core.privacy import Privacy
from shared_code.core.report import Report
from shared_code.core.table import NEVER, Line
from shared_code.core.text import German, Language
from shared_code.rendering.cells import looks_like_formula, printable
from shared_code.rendering.csv import CSV
from tests.rendering.tables import (
    HEADINGS,
    MEASURED,
    MEASURED_LINES,
    MONDAY,
    SUNDAY,
    figure,
    line,
    names,
    report_of,
)

BOM = b"\xef\xbb\xbf"


def written(report: Report, language: Language = Language.DE) -> bytes:
    out = BytesIO()
    CSV.write(report, language, out)
    assert not out.closed
    return out.getvalue()


def rows(content: bytes, separator: str = ";") -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))


def test_the_file_begins_with_a_byte_order_mark_and_the_headings() -> None:
    content = written(report_of())
    assert content == BOM + b";".join(h.encode() for h in HEADINGS) + b"\r\n"


@pytest.mark.parametrize(("language", "separator"), [(Language.DE, b";"), (Language.EN, b",")])
def test_the_separator_is_that_of_the_language_and_no_line_says_so(
    language: Language, separator: bytes
) -> None:
    content = written(report_of(names("Ada", "Ben")), language)
    assert content.splitlines()[0].count(separator) == len(HEADINGS) - 1
    assert b"sep=" not in content
    assert content.count(BOM) == 1
    assert content.count(b"\r\n") == content.count(b"\n") == 3


@pytest.mark.parametrize(
    ("language", "separator", "good", "never", "unknown"),
    [(Language.DE, ";", "gut", "nie", "unbekannt"), (Language.EN, ",", "good", "never", "unknown")],
)
def test_values_are_plain_and_words_are_in_the_readers_language(
    language: Language, separator: str, good: str, never: str, unknown: str
) -> None:
    lines = [
        line(("Ada", "ada@adatum.example"), "Wien", 0, MONDAY, 1234567, ("Mara", "Theo")),
        line(("Ben", ""), None, None, NEVER, None, ()),
        line(None, "", 0, SUNDAY, -5, None),
    ]
    found = rows(written(report_of(lines), language), separator)
    assert found[1:] == [
        ["Ada", "ada@adatum.example", "Wien", good, "2026-11-23", "1234567", "Mara, Theo"],
        ["Ben", "", unknown, unknown, never, unknown, ""],
        [unknown, unknown, "", good, "2026-11-22", "-5", unknown],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+49 89 1", "-cmd", "@x", "\t=1", "\r=1", "\0=1", "＝1"])
def test_an_apostrophe_stands_before_what_looks_like_a_formula(name: str) -> None:
    found = rows(written(report_of(names(name))))
    assert found[1][0][0] == "'"
    assert found[1][0].replace("'", "") == printable(name)


def test_numbers_and_names_within_quotes_stay_as_they_are() -> None:
    found = rows(written(report_of(names("-5", 'Ada "A"; Lovell', "a\r\nb", "O'Connor"))))
    assert [row[0] for row in found[1:]] == ["-5", 'Ada "A"; Lovell', "a\r\nb", "O'Connor"]


@pytest.mark.parametrize(
    ("language", "separator", "minutes", "share", "size"),
    [
        (Language.DE, ";", "Dauer (Min.)", "92,5", "1,500"),
        (Language.EN, ",", "Dauer (min)", "92.5", "1.500"),
    ],
)
def test_what_is_measured_is_a_plain_number_as_excel_takes_it_in_that_language(
    language: Language, separator: str, minutes: str, share: str, size: str
) -> None:
    report = report_of(MEASURED_LINES, columns=MEASURED)
    head, first, unknown = rows(written(report, language), separator)
    assert head == ["Wann", "Anteil (%)", "Größe (GB)", minutes]
    assert first == ["2026-11-22 23:59", share, size, "90"]
    assert set(unknown) == {"unbekannt" if language is Language.DE else "unknown"}


def test_swiss_excel_takes_a_point() -> None:
    report = report_of(MEASURED_LINES, columns=MEASURED)
    swiss = msgspec.structs.replace(report.tenant, german=German.SWITZERLAND)
    assert rows(written(replace(report, tenant=swiss)))[1][1:3] == ["92.5", "1.500"]


def test_where_nobody_is_listed_there_are_the_key_figures() -> None:
    before = Point("share", SUNDAY, 0.5)
    share = replace(figure("share", 0.925, unit=Unit.SHARE), previous=before)
    figures = figure("total", 1234), figure("idle", None), share
    report = replace(report_of(figures=figures), privacy=Privacy.AGGREGATE)
    assert rows(written(report)) == [
        ["Kennzahl", "Wert", "Bezug", "Zuletzt"],
        ["Total", "1234", "von 5", "–"],
        ["Idle", "unbekannt", "nicht feststellbar", "–"],
        ["Share (%)", "92,5", "von 5", "50,0"],
    ]


CUT = ["Smith,=1+1", "Smith;=1+1", 'a,"=1', 'a;""@x', "a\n=1", "a\tb\t-cmd", "x;＝1", "a,+1;=2"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", CUT)
def test_whatever_separator_excel_takes_no_part_of_a_text_is_a_formula(
    name: str, language: Language
) -> None:
    content = written(report_of(names(name)), language).decode("utf-8-sig")

    for separator in ",;\t":
        cut = csv.reader(StringIO(content, newline=""), delimiter=separator)
        assert not [cell for row in cut for cell in row if looks_like_formula(cell)]


def test_texts_with_separators_stay_as_they_are() -> None:
    plain = ["Huber, Anna", "a; b - c", "Wien;Graz,Linz", "a, -b"]
    found = rows(written(report_of(names(*plain))))
    assert sorted(row[0] for row in found[1:]) == sorted(plain)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(TEXTS, TEXTS)), st.sampled_from(Language))
def test_any_text_is_read_back_or_defused(pairs: list[tuple[str, str]], language: Language) -> None:
    lines: list[Line] = [line(pair, None, None, None, None, None) for pair in pairs]
    content = written(report_of(lines), language)
    found = rows(content, ";" if language is Language.DE else ",")[1:]
    assert len(found) == len(pairs)
    for row, pair in zip(found, pairs, strict=True):
        for read, text in zip(row, pair, strict=False):
            assert read.replace("'", "") == printable(text).replace("'", "")
            assert read[:1] not in {*"=+@\t\r\n"}
