"""CSV: one row per line of the table, as Excel in the reader's language opens it."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import BinaryIO

from shared_code.core.report import Figure, Report
from shared_code.core.text import Language
from shared_code.rendering.cells import (
    SEPARATOR,
    UNKNOWN_WORD,
    Quantity,
    Word,
    headings,
    looks_like_formula,
    plain,
    quantity,
    with_sign,
    words,
)
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import FIGURES
from shared_code.rendering.rendering import Rendering

# Excel with another separator than the file's cuts in the middle of texts, and takes no notice of
# quotes there: each part would be a cell of its own.
_PARTS = re.compile(r"""(?<=[;,\t\r\n])(?=["']*[=+\-@＝＋－＠])""")


def write(report: Report, language: Language, out: BinaryIO) -> None:
    """UTF-8 with BOM, CRLF, ISO dates; no `sep=` line, because Excel then ignores the BOM."""
    voice = Voice.of(report.tenant, language)
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    rows = csv.writer(text, delimiter=SEPARATOR[language], lineterminator="\r\n")
    given = _lines(report, voice) if report.lists_people else _figures(report, voice)
    rows.writerows([_field(word, voice) for word in row] for row in given)
    text.detach()


def _lines(report: Report, voice: Voice) -> Iterator[Iterable[Word]]:
    columns = report.content.table.columns
    yield headings(columns, voice, percent=True)
    for line in report.lines:
        yield words(columns, line.cells, voice)


def _figures(report: Report, voice: Voice) -> Iterator[Iterable[Word]]:
    """What there is to say where nobody is listed."""
    yield [voice.say(label) for label in FIGURES]
    for figure in report.figures:
        yield _figure(figure, voice)


def _figure(figure: Figure, voice: Voice) -> Iterable[Word]:
    kpi, previous = figure.kpi, figure.previous
    yield with_sign(voice.say(kpi.label), kpi.unit, voice)
    yield voice.say(UNKNOWN_WORD) if kpi.value is None else quantity(kpi.value, kpi.unit)
    yield voice.say(kpi.note)
    yield quantity(previous.value, kpi.unit) if previous else DASH


def _field(word: Word, voice: Voice) -> object:
    """The writer says dates as ISO does; Excel takes a moment with a space, not with a T."""
    if isinstance(word, str):
        whole = f"'{word}" if looks_like_formula(word) else word
        return _PARTS.sub("'", whole)
    if isinstance(word, Quantity):
        return plain(word, voice)
    return word.isoformat(" ", "minutes") if isinstance(word, datetime) else word


CSV = Rendering(ending="csv", media_type="text/csv", write=write)
