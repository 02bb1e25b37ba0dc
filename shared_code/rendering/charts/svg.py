"""Pieces of SVG: classes instead of colours, so that dark mode, print and forced colours need no
second rendering, and no inline style, so that a strict policy holds."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from shared_code.core.chart import Label
from shared_code.core.text import Message, Text
from shared_code.rendering.cells import printable
from shared_code.rendering.language import Voice

# About what a letter takes, in the units that letters of 12 are drawn in.
LETTER = 6.7

_CAPITAL = 1.05
_MARKS = ".@_-"

# Letters of wide charts on a phone.
LARGER = 1.5

NARROW, WIDE = 460, 600


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend."""

    style: str
    label: str
    is_line: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart without what stands around it; `keys` is empty where nothing needs a legend."""

    width: int
    height: float
    body: Markup
    keys: tuple[Key, ...] = ()


def joined(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)


def short(value: float) -> str:
    """A tenth of a unit is less than a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, words: str | Markup, style: str = "") -> Markup:
    return Markup('<text{style} x="{x}" y="{y}">{words}</text>').format(
        style=_class(style), x=short(x), y=short(y), words=words
    )


def line(x: float, y: float, to_x: float, to_y: float, *, style: str) -> Markup:
    return Markup('<line{style} x1="{x}" y1="{y}" x2="{to_x}" y2="{to_y}"/>').format(
        style=_class(style), x=short(x), y=short(y), to_x=short(to_x), to_y=short(to_y)
    )


def rect(
    x: float, y: float, width: float, height: float, *, style: str, tip: str = "", round_by: int = 0
) -> Markup:
    return Markup(
        '<rect{style} x="{x}" y="{y}" width="{width}" height="{height}"{rounded}{rest}'
    ).format(
        style=_class(style),
        x=short(x),
        y=short(y),
        width=short(width),
        height=short(height),
        rounded=Markup(' rx="{}"').format(round_by) if round_by else "",
        rest=_rest("rect", tip),
    )


def dot(x: float, y: float, radius: float, *, style: str, tip: str = "") -> Markup:
    return Markup('<circle{style} cx="{x}" cy="{y}" r="{radius}"{rest}').format(
        style=_class(style), x=short(x), y=short(y), radius=short(radius), rest=_rest("circle", tip)
    )


def group(style: str, parts: Iterable[Markup]) -> Markup:
    return Markup('<g class="{}">{}</g>').format(style, joined(parts))


def said(label: Label | Message, voice: Voice) -> str:
    """A date names its month."""
    if isinstance(label, str | Text | Message):
        return printable(voice.say(label))
    return voice.month(label)


def clipped(words: str, room: float) -> str:
    """What fits into `room`, with dots for the rest."""
    most = max(2, int(room / LETTER))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def wrapped(words: str, room: float) -> list[str]:
    """At most two lines that fit into `room`, broken at a space or after a mark where possible."""
    most = int(room / LETTER / (_CAPITAL if words.isupper() else 1))
    if len(words) <= most:
        return [words]
    breaks = (n for n in range(1, most + 1) if words[n] == " " or words[n - 1] in _MARKS)
    end = max(breaks, default=most)
    first, second = words[:end].rstrip(), words[end:].lstrip()
    return [first, second if len(second) <= most else f"{second[: most - 1].rstrip()}…"]


def _class(style: str) -> Markup:
    return Markup(' class="{}"').format(style) if style else Markup()


def _rest(name: str, tip: str) -> Markup:
    """What pointing at it shows; numbers are in the table below for who cannot point."""
    if not tip:
        return Markup("/>")
    return Markup("><title>{}</title></{}>").format(tip, name)
