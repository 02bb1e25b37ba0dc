"""Cells of the page's own rows, as its script writes them too."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from markupsafe import Markup, escape

from shared_code.core.table import NEVER, Cell, Column, Kind
from shared_code.rendering.cells import printable, shown
from shared_code.rendering.charts import share_bar
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE

_LONGEST_ADDRESS = 255
_BREAKS = re.compile(r"(?<=[.@])(?=.)")


_NUMBERS: Mapping[Kind, Callable[[Voice, float], str]] = {
    Kind.COUNT: Voice.number,
    Kind.SHARE: lambda voice, rate: share_bar(rate) + voice.share(rate),
    Kind.SIZE: Voice.size,
    Kind.DURATION: Voice.duration,
}


def cell_html(column: Column, cell: Cell, voice: Voice) -> Markup:
    """What comes from the tenant is escaped and isolated."""
    match cell:
        case None:
            return escape(DASH)
        case int() | float() if column.kind is Kind.CHOICE:
            return _choice(column, int(cell), voice)
        case int() | float():
            return escape(_NUMBERS[column.kind](voice, cell))
        case (main, small) if column.kind is Kind.PAIR:
            below = Markup("<small>{}</small>").format(printable(small)) if small else ""
            return _clipped(escape(printable(main))) + below
        case _:
            return _clipped(_text(column, cell, voice))


def _text(column: Column, cell: str | datetime | tuple[str, ...], voice: Voice) -> Markup:
    if isinstance(cell, datetime):
        return escape(voice.moment(cell) if column.kind is Kind.MOMENT else voice.date(cell))
    if cell is NEVER:
        return escape(voice.say(PAGE["never"]))
    text = cell if isinstance(cell, str) else ", ".join(cell)
    return _breakable(printable(text) or DASH)


def name_place(columns: Sequence[Column]) -> int:
    """Of the cell that names a line: the first with a name and something small below it, if any."""
    shown_places = [n for n, column in enumerate(columns) if not column.detail]
    pairs = (n for n in shown_places if columns[n].kind is Kind.PAIR)
    return next(pairs, shown_places[0])


def linked(html: Markup, article: str) -> Markup:
    """The main text of a cell leads to the article that says more."""
    main, mark, rest = html.partition("</bdi>")
    return Markup('<a href="#article-{}">{}</a>{}').format(article, main + mark, rest)


def _clipped(text: Markup) -> Markup:
    return Markup('<bdi class="clip">{}</bdi>').format(text)


def _breakable(text: str) -> Markup:
    """Addresses and domains break after a dot, not within a word; what is longer is cut anyway."""
    return Markup("<wbr>").join(_BREAKS.split(text) if len(text) <= _LONGEST_ADDRESS else [text])


def _choice(column: Column, cell: int, voice: Voice) -> Markup:
    option = column.options[cell]
    label = shown(option, voice)
    if option.tone:
        return Markup('<span class="state {}">{}</span>').format(option.tone, label)
    return Markup("<span>{}</span>").format(label)
