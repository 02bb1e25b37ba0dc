"""CSV: one row per line of the table, as Excel in the reader's language opens it."""

import csv
import io
from typing import BinaryIO

from shared_code.core.report import Report
from shared_code.core.text import Language
from shared_code.rendering.cells import SEPARATOR, Word, headings, looks_like_formula, words
from shared_code.rendering.language import Voice
from shared_code.rendering.rendering import Rendering


def write(report: Report, language: Language, out: BinaryIO) -> None:
    """UTF-8 with BOM, CRLF, ISO dates; no `sep=` line, because Excel then ignores the BOM."""
    voice = Voice.of(report.tenant, language)
    columns = report.content.table.columns
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    rows = csv.writer(text, delimiter=SEPARATOR[language], lineterminator="\r\n")
    rows.writerow(headings(columns, voice))
    rows.writerows(map(_field, words(columns, line.cells, voice)) for line in report.lines)
    text.detach()


def _field(word: Word) -> Word:
    """The writer says dates as ISO does."""
    return f"'{word}" if isinstance(word, str) and looks_like_formula(word) else word


CSV = Rendering(ending="csv", media_type="text/csv", write=write)
