"""What the lines of every report's table are made of: filters, rank, and what is remembered."""

from collections.abc import Iterable, Mapping

import msgspec


def holding(claims: Mapping[str, bool | None]) -> tuple[str, ...]:
    """The filters whose claim holds; what is unknown does not."""
    return tuple(name for name, holds in claims.items() if holds)


def first_holding(worst_first: Iterable[bool | None]) -> int:
    """The place of the first claim that holds; behind them all where none does."""
    claims = tuple(worst_first)
    return next((place for place, holds in enumerate(claims) if holds), len(claims))


def remember(seen: msgspec.Struct) -> msgspec.Raw:
    """What the next run gets back by `History.before`."""
    return msgspec.Raw(msgspec.msgpack.encode(seen))
