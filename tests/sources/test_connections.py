"""One session per loop, whatever happens to the loops."""

import asyncio

from aiohttp.compression_utils import ZLibBackend

from shared_code.sources.graph.connections import Connections


async def test_all_callers_of_a_loop_share_one_session() -> None:
    connections = Connections()
    session = connections.session()
    assert connections.session() is session
    assert ZLibBackend.name == "isal.isal_zlib"
    await connections.close()


async def test_a_closed_session_is_replaced() -> None:
    connections = Connections()
    first = connections.session()
    await connections.close()
    await connections.close()
    assert first.closed
    assert not connections.session().closed
    await connections.close()


def test_every_loop_has_its_own_session_and_dead_ones_are_forgotten() -> None:
    connections = Connections()

    async def session() -> int:
        return id(connections.session())

    for _ in range(3):
        asyncio.run(session())
    assert len(connections._sessions) == 1
    asyncio.run(connections.close())
    assert connections._sessions == {}
