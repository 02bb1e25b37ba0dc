"""What a cell says in a file."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_code.core.chart import Tone
from shared_code.core.table import NEVER, Cell, Column, Kind, Option
from shared_code.core.text import Language, Text
from shared_code.rendering.cells import (
    Quantity,
    Word,
    headings,
    looks_like_formula,
    plain,
    printable,
    shown,
    words,
)
from shared_code.rendering.language import Voice
from tests.rendering.tables import COLUMNS, HEADINGS, same

GERMAN, ENGLISH = (Voice(language, "Europe/Vienna") for language in Language)


def said(kind: Kind, cell: Cell, voice: Voice = GERMAN) -> list[Word]:
    options = (Option(Text(de="gut", en="good")),) if kind is Kind.CHOICE else ()
    return words((Column(label=same("x"), kind=kind, options=options),), (cell,), voice)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PAIR])
def test_unknown_is_a_word_whatever_the_kind(kind: Kind) -> None:
    assert said(kind, None) == ["unbekannt"]
    assert said(kind, None, ENGLISH) == ["unknown"]


def test_a_pair_takes_two_cells_and_two_headings() -> None:
    assert said(Kind.PAIR, ("Ada", "")) == ["Ada", ""]
    assert said(Kind.PAIR, None) == ["unbekannt", "unbekannt"]
    assert headings(COLUMNS, GERMAN) == HEADINGS


def test_never_is_a_word_and_a_name_of_the_same_letters_stays() -> None:
    assert said(Kind.DATE, NEVER) == ["nie"]
    assert said(Kind.DATE, NEVER, ENGLISH) == ["never"]
    assert said(Kind.TEXT, "never") == ["never"]


def test_a_day_is_that_of_the_tenants_zone() -> None:
    midnight = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert said(Kind.DATE, midnight) == [date(2026, 11, 23)]
    assert said(Kind.DATE, midnight, Voice(Language.DE, "UTC")) == [date(2026, 11, 22)]


def test_the_ends_of_the_calendar_are_days_too() -> None:
    assert said(Kind.DATE, datetime(1, 1, 1, tzinfo=UTC)) == [date.min]
    assert said(Kind.DATE, datetime(9999, 12, 31, 23, 59, tzinfo=UTC)) == [date.max]


def test_a_moment_is_the_tenants_time_to_the_minute() -> None:
    late = datetime(2026, 11, 22, 23, 0, 59, 7, tzinfo=UTC)
    assert said(Kind.MOMENT, late) == [datetime(2026, 11, 23, 0, 0)]  # noqa: DTZ001 - local
    assert said(Kind.MOMENT, NEVER) == ["nie"]


@pytest.mark.parametrize(
    ("kind", "cell", "value", "text"),
    [
        (Kind.SHARE, 1 / 3, 1 / 3, "33,3"),
        (Kind.SHARE, 1, 1, "100,0"),
        (Kind.SHARE, 0.1225, 0.1225, "12,3"),
        (Kind.SIZE, 0, 0, "0,000"),
        (Kind.SIZE, 1024**4, 1024, "1024,000"),
        (Kind.DURATION, 90, 1.5, "2"),
        (Kind.DURATION, 29, 29 / 60, "0"),
    ],
)
def test_what_is_measured_is_a_rate_gigabytes_or_minutes(
    kind: Kind, cell: float, value: float, text: str
) -> None:
    [word] = said(kind, cell)
    assert isinstance(word, Quantity)
    assert word.value == value
    assert plain(word, GERMAN) == text
    assert plain(word, ENGLISH) == text.replace(",", ".")


def test_choices_are_words_and_counts_are_numbers() -> None:
    assert said(Kind.CHOICE, 0, ENGLISH) == ["good"]
    assert said(Kind.COUNT, 0) == [0]
    assert said(Kind.LIST, ("a", "b")) == ["a, b"]
    assert said(Kind.LIST, ()) == [""]


def test_a_line_that_does_not_fit_its_columns_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        words(COLUMNS, ("too short",), GERMAN)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49 89",
        "-x",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\0=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "--1",
    ],
)
def test_what_spreadsheets_take_for_a_formula_is_told(text: str) -> None:
    assert looks_like_formula(text)


@pytest.mark.parametrize("text", ["", "-5", "-5.25", "-5,25", "5", "a=1", " =1", "'=1", "–"])
def test_plain_numbers_and_plain_words_are_no_formulas(text: str) -> None:
    assert not looks_like_formula(text)


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_printable_drops_what_no_file_may_hold_and_nothing_else(text: str) -> None:
    allowed = "\t\n\r"
    kept = [c for c in text if c in allowed or not ("\0" <= c < " " or c in "\x7f\ufffe\uffff")]
    assert printable(text) == "".join(kept)


def test_lone_surrogates_are_dropped() -> None:
    assert printable("a\ud800b\udfffc") == "abc"
    assert printable("👩‍👩‍👧‍👦 \u202egpj") == "👩‍👩‍👧‍👦 \u202egpj"


@pytest.mark.parametrize(
    ("glyph", "expected"), [("!", "!\u00a0Neu"), ("–", "\u2212\u00a0Neu"), ("", "Neu")]
)
def test_no_line_ends_between_a_glyph_and_its_word(glyph: str, expected: str) -> None:
    assert shown(Option(same("Neu"), Tone.WARN, glyph), GERMAN) == expected
