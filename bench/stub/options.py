"""What a stub is told when it starts."""

from enum import StrEnum

import msgspec


class Fault(StrEnum):
    EMPTY_PAGE = "empty page"
    THROTTLED = "429 without Retry-After"
    DOWN = "503"
    TRUNCATED = "truncated body"
    CIRCLE = "repeated nextLink"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`listings`: rows and page size by name; `latency` and `spacing` in seconds.

    `spacing`: a tenant that asks the listing `limited` more often gets 429. `fault` strikes once,
    at the second page.
    """

    listings: dict[str, tuple[int, int]]
    latency: float = 0.0
    spacing: float = 0.0
    fault: Fault | None = None


class Counts(msgspec.Struct, kw_only=True):
    """What a stub saw since it started."""

    tokens: int = 0
    pages: int = 0
    refused: int = 0
