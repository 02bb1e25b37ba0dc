"""JSON is valid for any number of lines and holds the cells as they are."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from shared_code.core.chart import Bar, BarChart, Tone
from shared_code.core.errors import Reason
from shared_code.core.privacy import Privacy
from shared_code.core.report import Report
from shared_code.core.run import Gap
from shared_code.core.table import NEVER
from shared_code.core.text import Language, Message
from shared_code.rendering.json import JSON
from shared_code.service.aggregate import NoLines
from tests.rendering.tables import (
    GIB,
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


def read(report: Report, language: Language = Language.DE) -> Any:
    out = BytesIO()
    JSON.write(report, language, out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("count", [0, 1, 2, 3000])
def test_the_file_is_valid_for_any_number_of_lines(count: int) -> None:
    found = read(report_of(names(*(f"Ada {n}" for n in range(count)))))
    assert found["total"] == len(found["lines"]) == count
    assert list(found)[-1] == "lines"


def test_cells_are_numbers_dates_words_and_nothing() -> None:
    cells = ("Ada", "a@b.example"), "never", 0, NEVER, 7, ("x",)
    times = None, None, None, MONDAY, None, ()
    first, second = read(report_of([line(*cells), line(*times)]))["lines"]
    assert first["cells"] == [["Ada", "a@b.example"], "never", 0, "never", 7, ["x"]]
    assert second["cells"] == [None, None, None, "2026-11-22T23:00:00Z", None, []]
    assert first["filters"] == ["all"]


@pytest.mark.parametrize("privacy", Privacy)
def test_ids_of_objects_stand_only_where_people_are_named(privacy: Privacy) -> None:
    lines = [line(("Ada", ""), *[None] * 5, key="c0ffee00-1111")]
    out = BytesIO()
    JSON.write(replace(report_of(lines), privacy=privacy), Language.DE, out)
    assert (b"c0ffee00-1111" in out.getvalue()) is (privacy is Privacy.NAMED)


def test_where_nobody_is_listed_there_are_no_lines() -> None:
    report = replace(report_of(names("Ada")), privacy=Privacy.AGGREGATE, lines=NoLines({"all": 1}))
    found = read(report)
    assert (found["privacy"], found["total"], found["lines"]) == ("aggregate", 0, [])


def test_what_is_measured_stays_in_its_own_unit() -> None:
    first, _ = read(report_of(MEASURED_LINES, columns=MEASURED))["lines"]
    assert first["cells"] == ["2026-11-22T22:59:59Z", 0.925, 1.5 * GIB, 5400]


def test_one_file_serves_both_languages() -> None:
    report = report_of(names("Ada"))
    assert JSON.is_bilingual
    assert read(report, Language.DE) == read(report, Language.EN)
    assert read(report)["title"] == {"de": "Probe", "en": "Probe"}


@pytest.mark.parametrize("name", ['"\\', "</script>", "\ufffe", "\0\x1f", "\u2028", "😀"])
def test_any_name_is_read_back(name: str) -> None:
    [only] = read(report_of(names(name)))["lines"]
    assert only["cells"][0] == [name, ""]


def test_unknown_figures_are_null_and_gaps_say_who_acts() -> None:
    gap = Gap(dataset="guests", reason=Reason.LICENCE, detail="Entra ID P1", since=MONDAY)
    found = read(report_of(figures=(figure("idle", None),), gaps=(gap,)))
    assert found["kpis"][0]["value"] is None
    [said] = found["gaps"]
    assert said["reason"] == "licence"
    assert said["title"]["en"] == "Guest users"
    assert said["sentence"]["de"].startswith("Seit 23.11.2026: Erfordert Entra ID P1.")


def test_charts_are_whole() -> None:
    note = Message(same("seit März"))
    chart = BarChart(
        title=same("Verlauf"),
        subtitle=same("je Woche"),
        summary=Message(same("Steigt.")),
        unit=same("Gäste"),
        bars=(Bar(label="adatum.example", value=2.5, tone=Tone.BAD, note=note),),
    )
    report = report_of()
    changed = replace(report, content=replace(report.content, charts=(chart,)))
    [found] = read(changed)["charts"]
    assert found["unit"]["de"] == "Gäste"
    [bar] = found["bars"]
    assert (bar["value"], bar["tone"], bar["note"]["de"]) == (2.5, "bad", "seit März")


def test_lines_are_written_as_they_come() -> None:
    """More than fits the memory of a test: the writer must not collect them."""

    class Counting(BytesIO):
        size = 0

        def write(self, data: Any) -> int:
            self.size += len(data)
            return len(data)

    out = Counting()
    one = line(("x" * 1000, ""), None, None, None, None, None)
    JSON.write(report_of(MadeLines(20_000, lambda: (one for _ in range(20_000)))), Language.DE, out)
    assert out.size > 20_000_000
