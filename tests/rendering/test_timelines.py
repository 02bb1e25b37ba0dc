"""Timelines: moments and spans over an axis of dates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shared_code.core.chart import (
    Mark,
    Timeline,
    TimelineRow,
)
from shared_code.rendering.charts import numbers
from shared_code.rendering.charts.svg import LETTER
from shared_code.rendering.language import Voice
from tests.rendering.charts import DEADLINES
from tests.rendering.drawings import ENGLISH, GERMAN, drawn, number, words


def timeline(*marks: Mark) -> Timeline:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    rows = (TimelineRow(label="Teams", marks=marks),)
    return replace(DEADLINES, start=start, end=start + timedelta(days=30), rows=rows)


def mark(day: float, until: float | None = None) -> Mark:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    end = None if until is None else start + timedelta(days=until)
    return Mark(start=start + timedelta(days=day), label=f"M{day}", end=end)


def test_moments_are_dots_and_spans_are_bars_within_the_axis() -> None:
    root = drawn(timeline(mark(10), mark(-5, 15), mark(20, 99)))
    [dot] = root.iter("circle")
    left, right = root.findall("rect")
    whole = number(left, "width") / 15 * 30
    assert number(dot, "cx") == pytest.approx(number(left, "x") + whole / 3, abs=0.2)
    assert number(right, "x") + number(right, "width") == pytest.approx(
        number(left, "x") + whole, abs=0.2
    )


def test_marks_outside_the_axis_are_in_the_table_only() -> None:
    chart = timeline(mark(-5, -1), mark(99))
    root = drawn(chart)
    assert not [*root.iter("circle"), *root.iter("rect")]
    assert [values[1] for _, values in numbers(chart, GERMAN).rows] == ["M-5", "M99"]


def test_marks_of_the_same_day_stand_below_each_other() -> None:
    dots = list(drawn(timeline(*[mark(10)] * 4)).iter("circle"))
    assert len({each.get("cy") for each in dots}) == 4


def test_too_many_marks_of_one_day_make_no_endless_chart() -> None:
    root = drawn(timeline(*[mark(10)] * 500))
    assert float(root.attrib["viewBox"].split()[3]) < 200


def test_a_span_says_its_hours_and_a_moment_its_day() -> None:
    rows = numbers(timeline(mark(10), mark(1, 2)), GERMAN).rows
    assert [values[0] for _, values in rows] == [
        "11.11.2026",
        "02.11.2026, 01:00\u00a0Uhr – 03.11.2026, 01:00\u00a0Uhr",
    ]


@pytest.mark.parametrize("days", [1, 7, 30, 90, 365, 4000])
def test_a_timeline_has_some_dates_on_its_axis_and_never_a_crowd(days: int) -> None:
    start = datetime(2026, 11, 22, 6, tzinfo=UTC)
    chart = replace(DEADLINES, start=start, end=start + timedelta(days=days), rows=())
    assert 1 <= len(words(drawn(chart), "axis")) <= 9


@pytest.mark.parametrize("voice", [GERMAN, ENGLISH])
@pytest.mark.parametrize("days", [1, 7, 8, 30, 90, 365])
def test_dates_stand_apart_in_the_large_letters_of_a_phone(days: int, voice: Voice) -> None:
    start = datetime(2026, 9, 21, 4, tzinfo=UTC)
    chart = replace(DEADLINES, start=start, end=start + timedelta(days=days), rows=())
    dates = [each for each in drawn(chart, voice).iter("text") if each.text]
    edges = [
        (number(each, "x") - room, number(each, "x") + room)
        for each in dates
        for room in [len(each.text or "") * LETTER * 1.5 / 2]
    ]
    assert edges[0][0] >= -10
    assert all(end <= begin for (_, end), (begin, _) in pairwise(edges))


def test_the_name_of_a_row_is_whole_and_stands_above_its_marks() -> None:
    service = "Microsoft Copilot (Microsoft 365) für Vertrieb und Service"
    chart = timeline(mark(0, 30), mark(3))
    root = drawn(replace(chart, rows=(replace(chart.rows[0], label=service),)))
    [name] = (each for each in root.iter("text") if each.text == service)
    [bar, dot] = [*root.iter("rect"), *root.iter("circle")]
    assert number(name, "y") < number(bar, "y")
    assert number(name, "y") < number(dot, "cy") - number(dot, "r")


def test_a_timeline_without_time_is_drawn_all_the_same() -> None:
    start = datetime(2026, 11, 22, 6, tzinfo=UTC)
    chart = replace(timeline(Mark(start=start, label="M")), start=start, end=start)
    assert len(list(drawn(chart).iter("circle"))) == 1
