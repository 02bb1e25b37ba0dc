"""Sends azure.identity's requests through our own connections, whichever event loop runs."""

from types import TracebackType
from typing import Any, Self

from azure.core.pipeline.transport import AioHttpTransport, AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest

from shared_code.sources.graph.connections import Connections


class SharedTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Credentials come and go; none of them may close what the others use."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def send(self, request: HttpRequest, **kwargs: Any) -> AsyncHttpResponse:  # noqa: ANN401
        session = self._connections.session()
        # Its own defaults wait for five minutes.
        sender = AioHttpTransport(
            session=session, session_owner=False, connection_timeout=10, read_timeout=20
        )
        return await sender.send(request, **kwargs)

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...
