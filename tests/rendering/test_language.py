"""Numbers, shares, dates and sentences as Austrian and British readers expect them."""

from datetime import UTC, date, datetime

import pytest

from shared_code.core.text import (
    German,
    Language,
    Moment,
    Month,
    Points,
    Share,
    Size,
    Text,
    Value,
    counted,
    message,
)
from shared_code.rendering.language import Voice

GERMAN, ENGLISH = (Voice(language, "Europe/Vienna") for language in Language)
WINTER = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 5, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1234567, "1.234.567", "1,234,567"),
        (-1234, "\u22121.234", "\u22121,234"),
        (Share(0.925), "92,5\u00a0%", "92.5\u00a0%"),
        (Share(1), "100,0\u00a0%", "100.0\u00a0%"),
        (Share(-0.001), "\u22120,1\u00a0%", "\u22120.1\u00a0%"),
        (Points(0.029), "+2,9", "+2.9"),
        (Points(-0.005), "\u22120,5", "\u22120.5"),
        (date(2026, 1, 5), "05.01.2026", "5\u00a0Jan\u00a02026"),
        (WINTER, "06.01.2026", "6\u00a0Jan\u00a02026"),
        (SUMMER, "06.07.2026", "6\u00a0Jul\u00a02026"),
        ("{n} <b>", "{n} <b>", "{n} <b>"),
        (Text(de="Gast", en="guest"), "Gast", "guest"),
    ],
)
def test_values_are_said_in_the_readers_language(value: Value, german: str, english: str) -> None:
    assert (GERMAN.say(value), ENGLISH.say(value)) == (german, english)


def test_moments_have_the_clock_of_the_tenants_zone() -> None:
    assert GERMAN.moment(WINTER) == "06.01.2026, 00:30\u00a0Uhr"
    assert GERMAN.moment(SUMMER) == "06.07.2026, 00:30\u00a0Uhr"
    assert ENGLISH.moment(SUMMER) == "6\u00a0Jul\u00a02026, 00:30"
    assert Voice(Language.DE, "America/New_York").moment(WINTER) == "05.01.2026, 18:30\u00a0Uhr"


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_the_ends_of_the_calendar_can_be_said(zone: str) -> None:
    voice = Voice(Language.DE, zone)
    first = datetime(1, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert voice.date(first) == "01.01.0001"
    assert voice.moment(last).startswith("31.12.9999")


def test_what_a_tenant_writes_is_never_taken_for_a_placeholder() -> None:
    sentence = Text(de="{name} hat {n}", en="{name} has {n}")
    assert GERMAN.say(message(sentence, name="{n}{0.x}", n=1)) == "{n}{0.x} hat 1"


def test_sentences_hold_sentences() -> None:
    one, other = Text(de="1 Gast", en="1 guest"), Text(de="{n} Gäste", en="{n} guests")
    whole = Text(de="{guests}, {share}.", en="{guests}, {share}.")
    for count, german in ((0, "0 Gäste"), (1, "1 Gast"), (2, "2 Gäste"), (1000, "1.000 Gäste")):
        guests = counted(count, one=one, other=other)
        said = GERMAN.say(message(whole, guests=guests, share=Share(0.5)))
        assert said == f"{german}, 50,0\u00a0%."


def test_nothing_has_a_sentence_of_its_own_where_one_is_given() -> None:
    none, some = Text(de="keiner", en="none"), Text(de="{n}", en="{n}")
    assert GERMAN.say(counted(0, zero=none, one=some, other=some)) == "keiner"
    assert GERMAN.say(counted(0, one=some, other=some)) == "0"


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        GERMAN.say(message(Text(de="{n}", en="{n}")))


AUSTRIAN, GERMANS, SWISS = (Voice(Language.DE, "Europe/Vienna", each) for each in German)


@pytest.mark.parametrize(
    ("value", "austrian", "germans", "swiss"),
    [
        (1234567, "1.234.567", "1.234.567", "1’234’567"),
        (-1234, "\u22121.234", "\u22121.234", "\u22121’234"),
        (Share(0.925), "92,5\u00a0%", "92,5\u00a0%", "92.5\u00a0%"),
        (Size(1.5 * 1024**4), "1,5\u00a0TB", "1,5\u00a0TB", "1.5\u00a0TB"),
        (Month(date(2026, 1, 5)), "Jänner 2026", "Januar 2026", "Januar 2026"),
        (Moment(WINTER), *["06.01.2026, 00:30\u00a0Uhr"] * 3),
        (
            Text(de="Maßnahme: schließen", en=""),
            *["Maßnahme: schließen"] * 2,
            "Massnahme: schliessen",
        ),
    ],
)
def test_each_country_has_its_own_german(
    value: Value, austrian: str, germans: str, swiss: str
) -> None:
    assert [voice.say(value) for voice in (AUSTRIAN, GERMANS, SWISS)] == [austrian, germans, swiss]


@pytest.mark.parametrize("german", list(German))
def test_english_readers_see_english_wherever_the_tenant_is(german: German) -> None:
    voice = Voice(Language.EN, "Europe/Vienna", german)
    assert voice.number(1234567.5, digits=1) == "1,234,567.5"
    assert voice.month(date(2026, 1, 5)) == "Jan 26"


@pytest.mark.parametrize("german", list(German))
def test_what_a_tenant_writes_keeps_its_letters(german: German) -> None:
    voice = Voice(Language.DE, "Europe/Vienna", german)
    assert voice.say("Straße\u00a01") == "Straße\u00a01"


def test_months_of_charts_are_short_and_january_has_its_year() -> None:
    months = [date(2026, month, 1) for month in (1, 2, 3, 5, 6, 9, 12)]
    assert [AUSTRIAN.month(each) for each in months] == [
        *("Jän 26", "Feb", "Mär", "Mai", "Jun", "Sep", "Dez")
    ]
    assert GERMANS.month(months[0]) == SWISS.month(months[0]) == "Jan 26"


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (1.25, 1, "1,3"), (-0.5, 0, "\u22121")],
)
def test_halves_go_up_as_in_files_and_browsers(value: float, digits: int, said: str) -> None:
    assert AUSTRIAN.number(value, digits=digits) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0\u00a0Min."),
        (29, "0\u00a0Min."),
        (30, "1\u00a0Min."),
        (150, "3\u00a0Min."),
        (22_800, "6\u00a0Std. 20\u00a0Min."),
        (90_000, "1\u00a0Tg. 1\u00a0Std."),
        (-3600, "\u22121\u00a0Std."),
    ],
)
def test_durations_are_said_in_their_two_largest_units(seconds: float, said: str) -> None:
    assert AUSTRIAN.duration(seconds) == said
