"""Charts: what is drawn where, what they say in words and numbers, and that they are safe."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from shared_code.core.chart import (
    Bar,
    BarChart,
    Chart,
    Colour,
    ColumnChart,
    LineChart,
    Mark,
    Series,
    ShareChart,
    ShareRow,
    TimelineRow,
    Unit,
)
from shared_code.core.text import Message
from shared_code.rendering.charts import draw, legend, numbers, share_bar, standalone
from shared_code.rendering.charts.scale import ticks
from shared_code.rendering.language import NBSP, Voice
from tests.rendering.charts import APART, CHARTS, COLUMNS, DEADLINES, LINES, MONTHS, SHARES
from tests.rendering.drawings import ENGLISH, GERMAN, drawn, number, styled, words
from tests.rendering.tables import same

HOSTILE = "</svg><script>alert(1)</script>\x00\x1b&"
GIB = 1024**3


def columns_of(*values: Sequence[float | None], unit: Unit = Unit.COUNT) -> ColumnChart:
    colours = list(Colour)
    series = (
        Series(label=same(f"S{n}"), values=tuple(each), colour=colours[n])
        for n, each in enumerate(values)
    )
    count = len(values[0])
    return replace(COLUMNS, labels=MONTHS[:count], series=tuple(series), values=unit)


def line_of(*values: float | None, unit: Unit = Unit.COUNT) -> LineChart:
    series = Series(label=same("S"), values=values, colour=Colour.BEST)
    return replace(LINES, labels=MONTHS[: len(values)], series=(series,), values=unit)


def share_of(*rows: ShareRow) -> ShareChart:
    parts = ((same("Ja"), Colour.BEST), (same("Nein"), Colour.BAD))
    return replace(SHARES, parts=parts, rows=rows)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title.de)
@pytest.mark.parametrize("voice", [GERMAN, ENGLISH], ids=["de", "en"])
def test_every_chart_says_what_it_shows_to_who_cannot_see_it(chart: Chart, voice: Voice) -> None:
    root = drawn(chart, voice)
    title, summary = root[0], root[1]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {summary.get('id')}"
    assert (title.text, summary.text) == (voice.say(chart.title), voice.say(chart.summary))
    table = numbers(chart, voice)
    assert table.rows
    assert all(len(values) == len(table.heads) for _, values in table.rows)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title.de)
def test_no_chart_needs_what_the_policy_forbids(chart: Chart) -> None:
    text = draw(chart, GERMAN, "c")
    assert not re.search(r"\sstyle=|\son\w+=|<script|href=|url\(", text)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title.de)
def test_a_standalone_chart_brings_its_own_colours_and_its_legend(chart: Chart) -> None:
    text = standalone(chart, GERMAN)
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height")) == tuple(root.attrib["viewBox"].split()[2:])
    assert "var(" not in text
    assert "fill: #0a3f54" in text
    for _, label in legend(chart, GERMAN):
        assert f">{label}</text>" in text


def test_a_label_of_a_tenant_is_neither_markup_nor_breaks_the_document() -> None:
    bars = BarChart(
        title=same("T"),
        subtitle=same("U"),
        summary=Message(same("{n}"), {"n": HOSTILE}),
        unit=same("E"),
        bars=(Bar(label=HOSTILE, value=1, note=Message(same("{n}"), {"n": HOSTILE})),),
    )
    series = Series(label=HOSTILE, values=(1.0,), colour=Colour.BEST)
    columns = replace(COLUMNS, labels=(HOSTILE,), series=(series, series))
    lines = replace(LINES, labels=(HOSTILE,), series=(series, series))
    marks = (Mark(start=DEADLINES.start, label=HOSTILE),)
    timeline = replace(DEADLINES, rows=(TimelineRow(label=HOSTILE, marks=marks),))
    shares = share_of(ShareRow(label=HOSTILE, values=(1, 1), note=Message(same(HOSTILE))))
    for chart in (bars, columns, lines, replace(lines, apart=True), timeline, shares):
        text = standalone(chart, GERMAN)
        assert not any(each.tag.endswith("script") for each in ET.fromstring(text).iter())
        assert "\x00" not in text
        assert "\x1b" not in text
        assert "<script>" not in draw(chart, GERMAN, "c")
        assert not any("\x00" in label for label, _ in numbers(chart, GERMAN).rows)


@pytest.mark.parametrize(
    ("highest", "unit", "expected"),
    [
        (0, Unit.COUNT, [0, 1]),
        (1, Unit.COUNT, [0, 1]),
        (3, Unit.COUNT, [0, 1, 2, 3]),
        (7, Unit.COUNT, [0, 2, 4, 6, 8]),
        (937, Unit.COUNT, [0, 250, 500, 750, 1000]),
        (1001, Unit.COUNT, [0, 500, 1000, 1500]),
        (1.0, Unit.SHARE, [0, 0.25, 0.5, 0.75, 1]),
        (0.6, Unit.SHARE, [0, 0.25, 0.5, 0.75]),
        (0.07, Unit.SHARE, [0, 0.02, 0.04, 0.06, 0.08]),
        (1.7 * 1024 * GIB, Unit.SIZE, [512 * GIB * n for n in range(5)]),
        (900, Unit.SIZE, [0, 250, 500, 750, 1000]),
        (6.3 * 3600, Unit.DURATION, [3600 * n for n in (0, 2, 4, 6, 8)]),
        (90, Unit.DURATION, [0, 60, 120]),
    ],
)
def test_an_axis_has_round_numbers_of_its_unit(
    highest: float, unit: Unit, expected: list[float]
) -> None:
    assert ticks(highest, unit) == pytest.approx(expected)


@pytest.mark.parametrize("unit", list(Unit))
def test_an_axis_reaches_the_highest_value_in_at_most_five_steps(unit: Unit) -> None:
    for power in range(-3, 16):
        for digit in (1, 1.01, 2.4, 2.5, 3.3, 4.99, 7, 9.99):
            highest = digit * 10.0**power
            steps = ticks(highest, unit)
            assert steps[-1] >= highest * (1 - 1e-9)
            assert 2 <= len(steps) <= 6


def test_columns_are_stacked_from_the_first_series_up() -> None:
    low, high = styled(drawn(columns_of((1, 3), (1, 1))), "stack")[1].findall("rect")
    assert (low.get("class"), high.get("class")) == ("c1", "c2")
    assert number(high, "y") + number(high, "height") == pytest.approx(number(low, "y"))
    assert number(low, "height") == pytest.approx(3 * number(high, "height"), abs=0.2)


def test_what_is_unknown_has_no_column_and_a_dash_in_the_table() -> None:
    chart = columns_of((1, None, 0))
    assert [len(stack.findall("rect")) for stack in styled(drawn(chart), "stack")] == [1, 0, 0]
    assert numbers(chart, GERMAN).rows == (
        ("Dezember 2025", ("1",)),
        ("Jänner 2026", ("–",)),
        ("Februar 2026", ("0",)),
    )


def test_the_last_column_carries_its_numbers_where_they_have_room() -> None:
    assert words(drawn(columns_of((10, 5), (10, 7), (0, 0.1))), "inside") == ["5", "7"]
    assert words(drawn(columns_of((10, 1200))), "value") == ["1.200"]


def test_months_are_said_as_in_the_tenants_country_and_the_last_is_always_there() -> None:
    assert words(drawn(COLUMNS), "axis")[-13:-10] == ["Dez", "Jän", "26"]
    assert words(drawn(COLUMNS), "last") == ["Nov"]
    many = replace(columns_of((1,) * 12), labels=tuple(f"Tag {n:05}" for n in range(12)))
    shown = [each for each in words(drawn(many), "axis") if each.startswith("Tag")]
    assert shown[-1] == "Tag 00011"
    assert len(shown) < 12


def test_labels_that_larger_letters_would_join_are_spare_but_for_the_last() -> None:
    weeks = replace(columns_of((1,) * 12), labels=tuple(f"{day:02}.11." for day in range(1, 13)))
    assert words(drawn(weeks), "spare") == [f"{day:02}.11." for day in range(1, 13, 2)]
    assert not words(drawn(COLUMNS), "spare")


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Anonyme Anmeldung", ["Anonyme Anmeldung"]),
        ("lucernepublishing.example", ["lucernepublishing.", "example"]),
        ("Von der Person gemeldet", ["Von der Person", "gemeldet"]),
        ("MICROSOFT 365 APPS FOR ENTERPRISE", ["MICROSOFT 365 APPS", "FOR ENTERPRISE"]),
        (
            "Ein Name, der auch in zwei Zeilen nicht steht",
            ["Ein Name, der auch", "in zwei Zeilen nic…"],
        ),
    ],
)
def test_a_long_label_beside_a_bar_takes_two_lines(label: str, shown: list[str]) -> None:
    bars = BarChart(
        title=same("T"),
        subtitle=same("U"),
        summary=Message(same("S")),
        unit=same("E"),
        bars=(Bar(label=label, value=1),),
    )
    texts = [text for text in drawn(bars).iter("text") if not text.get("class")]
    assert [text.text for text in texts] == shown
    assert all(0 < number(text, "y") < 30 for text in texts)


def test_a_legend_names_each_series_and_one_alone_needs_none() -> None:
    assert [label for _, label in legend(columns_of((1,), (2,)), GERMAN)] == ["S1", "S0"]
    assert legend(columns_of((1,)), GERMAN) == []
    [_, (swatch, label), _] = legend(LINES, GERMAN)
    assert ('class="line c1 dashed"' in swatch, label) == (True, "Vorschau")


def test_a_line_is_broken_where_nothing_is_known() -> None:
    [path] = styled(drawn(line_of(1, 2, None, 3, None, 4, 5)), "line")
    assert path.attrib["d"].count("M") == 3
    assert len(styled(drawn(line_of(1, 2, None, 3, None, 4, 5)), "c1")) == 3
    assert styled(drawn(line_of(None, None)), "line") == []


def test_a_forecast_is_dashed_and_every_line_ends_with_its_value() -> None:
    root = drawn(LINES)
    assert [each.get("class") for each in root.iter("path")] == [
        "line c1",
        "line c1 dashed",
        "line c5",
    ]
    ends = words(root, "value")
    assert sorted(ends) == [f"1,5{NBSP}TB", f"1,7{NBSP}TB", f"2,0{NBSP}TB"]


def test_values_at_the_end_of_lines_do_not_cover_each_other() -> None:
    series = (
        Series(label=same(f"S{n}"), values=(1.0, 100.0 + n), colour=colour)
        for n, colour in enumerate(Colour)
    )
    root = drawn(replace(LINES, labels=MONTHS[:2], series=tuple(series), values=Unit.COUNT))
    heights = sorted(number(each, "y") for each in styled(root, "value"))
    gaps = [b - a for a, b in pairwise(heights)]
    assert min(gaps) >= 13


def test_small_charts_share_one_scale_and_need_no_legend() -> None:
    root = drawn(APART)
    assert words(root, "title") == [str(GERMAN.say(s.label)) for s in APART.series]
    assert {each for each in words(root, "axis") if each.startswith("1")} == {"1.000"}
    assert legend(APART, GERMAN) == []


def test_shares_fill_their_bar_and_nothing_fills_none() -> None:
    rows = (ShareRow(label="a", values=(3, 1)), ShareRow(label="b", values=(0, 0)))
    root = drawn(share_of(*rows))
    full, empty = styled(root, "stack")
    track = number(styled(root, "track")[0], "width")
    yes, no = (number(each, "width") for each in full.findall("rect"))
    assert yes == pytest.approx(3 * no, abs=0.2)
    assert yes + no == pytest.approx(track, abs=0.2)
    assert list(empty) == []
    assert numbers(share_of(*rows), GERMAN).rows == (
        ("a", (f"75,0{NBSP}%", f"25,0{NBSP}%")),
        ("b", (f"0,0{NBSP}%", f"0,0{NBSP}%")),
    )


def test_the_note_of_a_share_stands_beside_it_and_in_the_table() -> None:
    assert "11 von 20" in words(drawn(SHARES), "value")
    table = numbers(SHARES, GERMAN)
    assert table.heads[-1] == "Erfüllt"
    assert table.rows[0][1][-1] == "11 von 20"


@pytest.mark.parametrize("chart", [columns_of(()), line_of(), share_of()])
def test_a_chart_without_values_is_drawn_all_the_same(chart: Chart) -> None:
    assert drawn(chart).get("role") == "img"
    assert numbers(chart, GERMAN).rows == ()


def test_a_share_in_a_cell_never_leaves_its_bar() -> None:
    parts = [re.findall(r'class="part" width="(\d+)"', share_bar(r))[0] for r in (-1, 0.505, 2)]
    assert parts == ["0", "51", "100"]
