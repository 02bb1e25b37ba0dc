"""A client that is made when it is first used: importing Azure's SDKs is a good part of a cold start."""

from collections.abc import Callable
from typing import Any, cast


class _Later[C]:
    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._made: C | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        if self._made is None:
            self._made = self._make()
        return getattr(self._made, name)

    async def close(self) -> None:
        if self._made is not None:
            await cast("Any", self._made).close()


def later[C](make: Callable[[], C]) -> C:
    """To its users it is the client."""
    return cast("C", _Later(make))
