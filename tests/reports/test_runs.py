"""Recorded tenants of every kind of dataset arrive as production reads them."""

from datetime import date
from typing import Any

from shared_code.core.dataset import Child, CsvRow, Dataset, Row, Workload
from shared_code.core.text import Text
from tests.reports.runs import decoded


class Line(CsvRow, frozen=True, kw_only=True):
    storage_used_byte: int | None = None
    last_activity_date: date | None = None


class Setting(Row, frozen=True, kw_only=True):
    id: str = ""
    display_concealed_names: bool | None = None


class Member(Child, frozen=True, kw_only=True):
    pass


def dataset[R: Row](row: type[R], key: str | None = None) -> Dataset[R]:
    return Dataset(
        name="x",
        title=Text(de="x", en="x"),
        path="/x",
        row=row,
        permissions=(),
        workload=Workload(name="x"),
        key=key,
    )


def rows(wanted: Dataset[Any], *listing: dict[str, Any]) -> list[Any]:
    return [row for page in decoded(wanted, list(listing)) for row in page]


def test_a_usage_report_is_recorded_line_by_line_with_the_names_of_its_columns() -> None:
    ada = {"User Principal Name": "ada", "Storage Used (Byte)": "5"}
    ben = {"User Principal Name": "", "Last Activity Date": "2026-11-20"}
    assert rows(dataset(Line, "User Principal Name"), ada, ben) == [
        Line(id="ada", storage_used_byte=5),
        Line(id="#2", last_activity_date=date(2026, 11, 20)),
    ]


def test_a_usage_report_without_lines_is_empty() -> None:
    assert rows(dataset(Line, "User Principal Name")) == []


def test_one_object_and_children() -> None:
    assert rows(dataset(Setting), {"displayConcealedNames": True}) == [
        Setting(display_concealed_names=True)
    ]
    assert rows(dataset(Member), {"id": "1", "parent": "2"}) == [Member(id="1", parent="2")]
