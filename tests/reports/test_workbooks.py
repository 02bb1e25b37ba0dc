"""The workbook of every report, as other programs read it: typed cells, a head that stays, filters."""

from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from shared_code.core.report import ReportType
from shared_code.core.table import Kind
from shared_code.core.text import Language
from shared_code.rendering.xlsx import XLSX
from shared_code.reports import registry
from tests.reports.runs import Runs, recorded, rendered

# What a cell may be besides a word for never and unknown.
_TYPES = {
    Kind.COUNT: (int, float),
    Kind.SHARE: (int, float),
    Kind.SIZE: (int, float),
    Kind.DURATION: (int, float),
    Kind.DATE: (date, datetime),
    Kind.MOMENT: (date, datetime),
}


@pytest.mark.parametrize("report", registry().values(), ids=lambda r: r.name)
@pytest.mark.parametrize("language", Language)
def test_other_programs_read_the_same(report: ReportType, language: Language, runs: Runs) -> None:
    runs.produce(report, recorded(report))
    made = runs.produce(report, recorded(report))
    content = rendered(XLSX, made, language)

    book = openpyxl.load_workbook(BytesIO(content))
    assert len(book.sheetnames) == 4
    details = book.worksheets[1]
    assert details.freeze_panes == "B2"
    assert details.auto_filter.ref is not None
    assert details.max_row == made.lines.total + 1
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(1)
    rows = sheet.to_python()
    assert len(rows) == made.lines.total + 1

    kinds = [k for c in made.content.table.columns for k in _kinds(c.kind)]
    found = 0
    for row in details.iter_rows(min_row=2):
        for kind, cell in zip(kinds, row, strict=True):
            assert cell.data_type != "f"
            if kind in _TYPES and not isinstance(cell.value, str | None):
                assert isinstance(cell.value, _TYPES[kind]), (kind, cell.value)
                found += 1
    assert found or not set(kinds) & set(_TYPES)


@pytest.mark.parametrize("report", registry().values(), ids=lambda r: r.name)
@pytest.mark.parametrize("language", Language)
def test_what_a_figure_is_read_against_is_not_cut(
    report: ReportType, language: Language, runs: Runs
) -> None:
    content = rendered(XLSX, runs.produce(report, recorded(report)), language)
    overview = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    texts = [str(cell.value) for [cell] in overview.iter_rows(min_col=3, max_col=3) if cell.value]
    assert len(texts) > 1
    assert max(map(len, texts)) <= overview.column_dimensions["C"].width


def _kinds(kind: Kind) -> tuple[Kind, ...]:
    return (kind, kind) if kind is Kind.PAIR else (kind,)
