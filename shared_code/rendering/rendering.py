"""What every rendering is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO

from shared_code.core.report import Report
from shared_code.core.text import Language


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """`write` streams, after `prepare`; `is_bilingual`: one file serves all languages. Where these
    fail with what it `forgives`, the file is left out, and the report goes out without it.

    `content_policy` is the Content-Security-Policy to serve the file with.
    """

    ending: str
    media_type: str
    write: Callable[[Report, Language, BinaryIO], None]
    prepare: Callable[[], Awaitable[None]] = _nothing
    is_bilingual: bool = False
    content_policy: str = ""
    forgives: tuple[type[Exception], ...] = ()
