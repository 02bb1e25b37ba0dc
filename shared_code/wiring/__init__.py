"""The one module that knows both sides: adapters are built from settings and handed to the use cases."""

import os
from typing import TYPE_CHECKING

from shared_code.settings import read_settings

if TYPE_CHECKING:
    from shared_code.wiring.app import Services

_current: "list[Services]" = []


def services() -> "Services":
    """The app's one set, built from the environment when first asked for."""
    # The SDKs take most of a cold start: imported by whoever builds, not by whoever reads a name.
    from shared_code.wiring.build import build  # noqa: PLC0415

    if not _current:
        _current.append(build(read_settings(os.environ)))
    return _current[0]


def check_settings() -> None:
    """Raises ConfigurationError naming everything that is missing or wrong."""
    graph = read_settings(os.environ).graph
    if graph.certificate:
        from shared_code.sources.graph.codes import certificate_end  # noqa: PLC0415

        certificate_end(graph.certificate)


async def close() -> None:
    """Closes every connection; the next call of `services` starts anew."""
    while _current:
        await _current.pop().close()
