"""What the tests of sources share: a clock that sleeps at once and a server that says what it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import msgspec
from aiohttp import web

from shared_code.core.dataset import Dataset, Limit, Part, Row, Workload
from shared_code.core.tenant import TenantId
from shared_code.core.text import Text
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.source import GraphSource
from shared_code.sources.graph.tokens import Token, Tokens

CONTOSO = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
FABRIKAM = TenantId("fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Address(Part, frozen=True, kw_only=True):
    city: str


class Person(Row, frozen=True, kw_only=True):
    display_name: str | None = None
    addresses: tuple[Address, ...] = ()


PEOPLE = Dataset(
    name="people",
    title=Text(de="Personen", en="People"),
    path="/users",
    row=Person,
    permissions=("User.Read.All", "AuditLog.Read.All"),
    workload=Workload(name="people"),
    licence="Microsoft Entra ID P1",
    page_size=2,
)


class Timeline:
    """Time passes only while somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def pass_by(self, seconds: float) -> None:
        self.passed += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(max(seconds, 1e-6))  # as with a real clock, no sleep is too short to count
        await asyncio.sleep(0)


type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page(*ids: str, following: str | None = None, **extra: Any) -> Answer:
    """A page with these rows; `following` is a path on the same server or a whole URL."""

    async def answer(request: web.Request) -> web.Response:
        body: dict[str, Any] = {"value": [{"id": each} for each in ids]} | extra
        if following is not None:
            origin = str(request.url.origin())
            body["@odata.nextLink"] = origin + following if following[0] == "/" else following
        return web.json_response(body)

    return answer


def raw(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers=named)

    return answer


def refusal(status: int, code: str = "", *, inner: str = "", retry_after: str = "") -> Answer:
    error = {"code": code, "message": "Erika Mustermann", "innerError": {"code": inner}}
    headers = {"Retry_After": retry_after} if retry_after else {}
    return raw(msgspec.json.encode({"error": error}), status=status, **headers)


async def dropped(request: web.Request) -> web.StreamResponse:
    """The connection ends in the middle of the body."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"value": [')
    assert request.transport is not None
    request.transport.close()
    return response


@dataclass
class Stub:
    """Gives its answers one after the other, the last one for ever."""

    answers: list[Answer]
    paths: list[str] = field(default_factory=list[str])
    tokens: list[str] = field(default_factory=list[str])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    origin: str = ""

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.origin = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1.0"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.raw_path)
        self.headers.append(dict(request.headers))
        self.tokens.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


class CountingIssuer:
    """Issues tokens numbered in the order they were asked for."""

    def __init__(self, clock: Callable[[], datetime], *, lifetime: float = 3600) -> None:
        self.clock = clock
        self.lifetime = timedelta(seconds=lifetime)
        self.issued: list[TenantId] = []
        self.forgotten: list[TenantId] = []
        self.failures: list[Exception] = []

    async def issue(self, tenant_id: TenantId) -> Token:
        await asyncio.sleep(0)
        self.issued.append(tenant_id)
        if self.failures:
            raise self.failures.pop(0)
        return Token(f"token-{len(self.issued)}", self.clock() + self.lifetime)

    def forget(self, tenant_id: TenantId) -> None:
        self.forgotten.append(tenant_id)


class Stage:
    """A source in front of a stub, with a timeline of its own."""

    def __init__(self, stub: Stub, *, chance: float = 1.0) -> None:
        self.stub = stub
        self.time = Timeline()
        self.issuer = CountingIssuer(self.time.clock)
        self.tokens = Tokens(self.issuer, clock=self.time.clock)
        self.connections = Connections()
        self.limiter = Limiter(clock=self.time.monotonic, sleep=self.time.sleep)
        self.source = GraphSource(
            self.connections,
            self.tokens,
            self.limiter,
            base_url=stub.base_url,
            clock=self.time.clock,
            sleep=self.time.sleep,
            random=lambda: chance,
        )

    async def ids(self, dataset: Dataset[Any] = PEOPLE, cursor: str | None = None) -> list[str]:
        pages = self.source.pages(CONTOSO, dataset, cursor)
        return [row.id async for each in pages for row in each.rows]


class Staged:
    """`async with Staged(answers) as stage:`"""

    def __init__(self, *answers: Answer, chance: float = 1.0) -> None:
        self._stub = Stub(list(answers))
        self._chance = chance

    async def __aenter__(self) -> Stage:
        await self._stub.__aenter__()
        self._stage = Stage(self._stub, chance=self._chance)
        return self._stage

    async def __aexit__(self, *error: object) -> None:
        await self._stage.connections.close()
        await self._stub.__aexit__(*error)


def workload(
    name: str, *limits: tuple[int, float], everywhere: Iterable[tuple[int, float]] = ()
) -> Workload:
    own = tuple(Limit(requests=n, seconds=s) for n, s in limits)
    shared = tuple(Limit(requests=n, seconds=s, over_all_tenants=True) for n, s in everywhere)
    return Workload(name=name, limits=own + shared)
