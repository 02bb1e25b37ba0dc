"""Answers: what a command found, as a table for people or as JSON for programs.

Names come from tenants and may hold anything. What a terminal would obey is shown, not sent.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.progress import track
from rich.table import Table
from rich.text import Text

type Fields = Mapping[str, Any]

_ADDRESS = "url"
_LONGEST_ID = 36
_WIDEST = 10_000
_LONG = 20  # things; less is done at once

# Control and format characters, among them those that turn the writing direction around.
_OBEYED = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows with the same keys. `shown` are the keys that fit a terminal; JSON has them all."""

    rows: Sequence[Fields]
    shown: Sequence[str] = ()
    none: str = "none"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing with everything that is known of it. `shown` is what people see in its place."""

    fields: Fields
    shown: Fields | None = None


type Answer = Listing | Record


def printable(text: str) -> str:
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    if unicodedata.category(letter) in _OBEYED:
        return letter.encode("unicode_escape", "surrogatepass").decode()
    return letter


def write(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        found = answer.rows if isinstance(answer, Listing) else answer.fields
        # ASCII only: then no terminal obeys it either.
        sys.stdout.write(json.dumps(msgspec.to_builtins(found), indent=2) + "\n")
    else:
        console = Console(highlight=False, markup=False, emoji=False)
        if not console.is_terminal:
            console.width = _WIDEST
        paper = _Paper(console)
        if isinstance(answer, Listing):
            console.print(paper.table(answer), crop=False)
        else:
            console.print(paper.record(answer.shown or answer.fields), crop=False)
            if _ADDRESS in answer.fields:
                # In one piece, however narrow the terminal is: it will be copied.
                console.print(f"\n{answer.fields[_ADDRESS]}", soft_wrap=True)
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class _Paper:
    """Each row is one line, or has lines of its own where a terminal is too narrow."""

    console: Console

    def table(self, listing: Listing) -> RenderableType:
        if not listing.rows:
            return Text(listing.none)
        keys = listing.shown or tuple(key for key in listing.rows[0] if key != _ADDRESS)
        table = _table(keys, listing.rows)
        unbounded = self.console.options.update(max_width=_WIDEST)
        least = Measurement.get(self.console, unbounded, table).minimum
        return table if least <= self.console.width else self._blocks(keys, listing.rows)

    def _blocks(self, keys: Sequence[str], rows: Sequence[Fields]) -> RenderableType:
        blocks = [self.record({key: _at(row, key) for key in keys}) for row in rows]
        return Group(blocks[0], *(part for block in blocks[1:] for part in (Text(), block)))

    def record(self, fields: Fields) -> RenderableType:
        plain = Table(show_header=False, show_edge=False, pad_edge=False, box=None)
        plain.add_column(style="bold", no_wrap=True)
        plain.add_column(overflow="fold", min_width=_width(*fields.values()))
        parts: list[RenderableType] = [plain]
        for key, value in fields.items():
            if key == _ADDRESS:
                continue
            if _is_listing(value):
                parts += [Text(f"\n{_words(key)}", "bold"), self.table(Listing(value))]
            else:
                plain.add_row(_words(key), _cell(value))
        return Group(*parts)


def progress[T](things: Sequence[T], what: str) -> Iterable[T]:
    """A bar on stderr while somebody looks on."""
    console = Console(stderr=True)
    if not console.is_terminal or len(things) < _LONG:
        return things
    return track(things, description=what, console=console, transient=True)


def waiting(what: str) -> AbstractContextManager[object]:
    console = Console(stderr=True)
    return console.status(what) if console.is_terminal else nullcontext()


def _table(keys: Sequence[str], rows: Sequence[Fields]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold", box=None)
    for key in keys:
        numeric = all(isinstance(_at(row, key), int | float) for row in rows)
        justify = "right" if numeric else "left"
        least = _width(_words(key), *(_at(row, key) for row in rows))
        table.add_column(_words(key), justify=justify, overflow="fold", min_width=least)
    for row in rows:
        table.add_row(*(_cell(_at(row, key)) for key in keys))
    return table


def _is_listing(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)


def _width(*values: object) -> int:
    """Ids, instants and names are copied: what is no longer than an id stays in one piece."""
    widths = [cell_len(piece) for value in values for piece in _pieces(value)]
    return max((width for width in widths if width <= _LONGEST_ID), default=1)


def _pieces(value: object) -> Sequence[str]:
    text = _cell(value).plain
    is_divisible = isinstance(value, list | tuple) or cell_len(text) > _LONGEST_ID
    return text.split() if is_divisible else [text]


def _at(row: Fields, key: str) -> object:
    """`digest.sent` is `sent` within `digest`."""
    name, _, rest = key.partition(".")
    return _at(row[name], rest) if rest else row[name]


def _words(key: str) -> str:
    return key.replace("_", " ").replace(".", " ")


def _cell(value: object) -> Text:
    return Text(printable(_text(value)))


def _text(value: object) -> str:
    if value in (None, "", (), [], {}):
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(each) for each in value)
    return _simple(value)


def _simple(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            # As commands take it.
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case timedelta():
            return _span(value)
        case _:
            return str(value)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    return f"{days} d {rest // 60} h" if days else f"{rest // 60} h {rest % 60} min"
