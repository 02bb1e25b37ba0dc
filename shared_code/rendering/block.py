"""The lines of a report's page as one block of JSON that its script reads."""

import base64
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

import msgspec

from shared_code.core.report import Report
from shared_code.core.table import NEVER, Cell, Column, Filter, Kind, Line
from shared_code.core.text import German, Language
from shared_code.rendering.cells import SEPARATOR, headings, printable, shown, style
from shared_code.rendering.language import UNITS, Voice
from shared_code.rendering.page_cells import name_place
from shared_code.rendering.page_words import PAGE

# More open slowly on an office laptop; worst come first, and the files have all.
MOST_LINES = 100_000

# Above, compressed: a browser unpacks faster than it parses what is left away.
_MOST_PLAIN = 5_000

_EPOCH = date(1970, 1, 1).toordinal()

# As Voice says numbers and dates.
_DAY = {"month": "2-digit", "day": "2-digit", "year": "numeric"}
_DATES = {Language.DE: _DAY, Language.EN: _DAY | {"day": "numeric", "month": "short"}}

# Browsers group Austrian numbers with a space.
_LOCALES: Mapping[str, str] = {German.AUSTRIA: German.GERMANY}
_PAGE_LINES = 50
_MOST_PRINTED = 1_500


def write_block(report: Report, voice: Voice, out: BinaryIO, *, file: str) -> None:
    """Streams; `file` is the name of the CSV that the script offers."""
    parts = _parts(report, voice, file)
    if min(report.lines.total, MOST_LINES) <= _MOST_PLAIN:
        out.write(b'<script type="application/json" id="lines">')
        out.writelines(_harmless(part) for part in parts)
    else:
        out.write(b'<script type="application/octet-stream" id="packed-lines">')
        _compressed(parts, out)
    out.write(b"</script>")


def _parts(report: Report, voice: Voice, file: str) -> Iterator[bytes]:
    """The JSON in pieces: rows first, because the filters are known once they are written."""
    table = report.content.table
    yield b'{"rows":['
    ranges, articles = _Ranges(), dict[int, str]()
    write = _writer(table.columns, voice)
    encode = msgspec.json.Encoder().encode
    for number, line in enumerate(islice(report.lines, MOST_LINES)):
        ranges.add(number, line.filters)
        if line.article:
            articles[number] = line.article
        yield (b",\n" if number else b"\n") + encode(write(line))
    yield b"\n]," + encode(_rest(report, voice, file, ranges) | {"articles": articles})[1:]


def _rest(report: Report, voice: Voice, file: str, ranges: "_Ranges") -> dict[str, object]:
    table = report.content.table
    return {
        "columns": [_column(column, voice) for column in table.columns],
        "name": name_place(table.columns),
        "filters": [{"id": f.id, "lines": ranges.of(f)} for f in table.filters],
        "base": table.filters[0].id,
        "total": report.lines.counts.get(table.filters[0].id, 0),
        "page_size": _PAGE_LINES,
        "most_printed": _MOST_PRINTED,
        "separator": SEPARATOR[voice.language],
        "file": file,
        "locale": _LOCALES.get(voice.locale, voice.locale),
        "date": _DATES[voice.language],
        "words": {
            "never": voice.say(PAGE["never"]),
            "unknown": voice.say(PAGE["unknown"]),
            "none": voice.say(PAGE["none"]),
            "count": voice.spelled(table.counting),
            "range": voice.spelled(PAGE["range"]),
            "clock": voice.spelled(PAGE["clock"]),
            "units": [voice.say(unit) for unit in UNITS],
            "details": voice.say(PAGE["details"]),
            "too_many": voice.say(PAGE["too_many"]),
        },
    }


class _Ranges:
    """Members of each filter as [start, end, start, end, …): lines are sorted by rank, so few."""

    def __init__(self) -> None:
        self._of: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, number: int, filters: Iterable[str]) -> None:
        for name in filters:
            bounds = self._of[name]
            if bounds and bounds[-1] == number:
                bounds[-1] = number + 1
            else:
                bounds += (number, number + 1)

    def of(self, each: Filter) -> list[int]:
        return self._of.get(each.id, [])


def _column(column: Column, voice: Voice) -> dict[str, object]:
    return {
        "label": voice.say(column.label),
        "heads": headings([column], voice, percent=True),
        "kind": column.kind,
        "detail": column.detail,
        "style": style(column),
        "options": [
            {"label": voice.say(o.label), "shown": shown(o, voice), "tone": o.tone or ""}
            for o in column.options
        ],
    }


def _writer(columns: Iterable[Column], voice: Voice) -> Callable[[Line], list[object]]:
    write: Mapping[Kind, Callable[[Cell], object]] = {
        Kind.DATE: lambda cell: _time(cell, voice, _days),
        Kind.MOMENT: lambda cell: _time(cell, voice, _minutes),
        Kind.TEXT: lambda cell: cell if cell is None else printable(str(cell)),
        Kind.PAIR: _texts,
        Kind.LIST: _texts,
    }
    writers = [write.get(column.kind, _same) for column in columns]
    return lambda line: [w(cell) for w, cell in zip(writers, line.cells, strict=True)]


def _same(cell: Cell) -> object:
    return cell


def _texts(cell: Cell) -> object:
    return [printable(text) for text in cell] if isinstance(cell, tuple) else cell


def _time(cell: Cell, voice: Voice, count: Callable[[datetime], int]) -> object:
    """Counted since 1970 by the tenant's clock; never and unknown (null) stay apart."""
    if isinstance(cell, datetime):
        return count(voice.local(cell))
    return NEVER if cell == NEVER else None


def _days(local: datetime) -> int:
    return local.toordinal() - _EPOCH


def _minutes(local: datetime) -> int:
    return (_days(local) * 24 + local.hour) * 60 + local.minute


def _harmless(part: bytes) -> bytes:
    """So that no text in it ends the element."""
    return part.replace(b"<", b"\\u003c")


def _compressed(parts: Iterable[bytes], out: BinaryIO) -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    rest = b""
    for part in parts:
        rest += packer.compress(part)
        whole = len(rest) - len(rest) % 3  # base64 of pieces joins only at multiples of three
        out.write(base64.b64encode(rest[:whole]))
        rest = rest[whole:]
    out.write(base64.b64encode(rest + packer.flush()))
