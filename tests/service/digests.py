"""What the tests of digests share: a tenant with contacts, settled runs, fakes of mailbox and table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from shared_code.core.delivery import Delivery, DeliveryRequest, Dispatch, Mail
from shared_code.core.run import Run, RunState
from shared_code.core.summary import Due, Indicator, Summary, Todo
from shared_code.core.tenant import Contact, Tenant, TenantId
from shared_code.core.text import Language
from shared_code.service.deliver import Deliverer
from shared_code.service.plan_digests import DigestPlanner
from tests.fakes import FakeAudit, FakeClock, FakeLedger, FakeTenants
from tests.service.stage import MONDAY, TINY, request, tenant

# Monday at eight in Vienna, two hours after the reports are due.
EIGHT = MONDAY + timedelta(hours=2)
ADA = Contact(address="it@contoso.example")
BEN = Contact(address="management@contoso.example", language=Language.EN)


def summary(*, todos: int = 1, priority: str = "high") -> Summary:
    said = {"de": "Gäste entfernen", "en": "Remove guests"}
    return Summary(
        digest={"de": "5 Gäste", "en": "5 guests"},
        indicators=(
            Indicator(
                label={"de": "Gäste", "en": "Guests"},
                value={"de": "5", "en": "5"},
                change={"de": "+2", "en": "+2"},
                verdict="worse",
            ),
        ),
        todos=tuple(
            Todo(priority=priority, title=said, why=said, who=said, filter="idle")
            for _ in range(todos)
        ),
        deadlines=(Due(day=datetime(2026, 12, 15, tzinfo=UTC), title="Teams: guest access"),),
    )


def run(*, weeks: int = 0, state: RunState = RunState.DELIVERED, todos: int = 1) -> Run:
    order = request(weeks=weeks)
    planned = Run.planned(order, order.end)
    return replace(
        planned,
        state=state,
        updated=order.end + timedelta(minutes=5),
        delivered=order.end + timedelta(minutes=5) if state.is_delivered else None,
        status="bad" if todos else "ok",
        headline={"de": "Nicht lieferbar.", "en": "Cannot be delivered."},
        summary=summary(todos=todos) if state.is_delivered else None,
    )


@dataclass
class FakeDeliveries:
    """ETags are numbers; `fail_on` lets the n-th write from now raise after or before it is done."""

    kept: dict[tuple[TenantId, datetime], tuple[Delivery, str]] = field(
        default_factory=dict[tuple[TenantId, datetime], tuple[Delivery, str]]
    )
    mails: dict[tuple[TenantId, datetime, str], tuple[Dispatch, str]] = field(
        default_factory=dict[tuple[TenantId, datetime, str], tuple[Dispatch, str]]
    )
    steps: "Steps | None" = None
    _count: int = 0

    async def plan(self, delivery: Delivery) -> None:
        self.kept.setdefault((delivery.tenant_id, delivery.due), (delivery, self._etag()))

    async def recent(self, tenant_id: TenantId, *, limit: int = 60) -> Sequence[Delivery]:
        found = [d for (t, _), (d, _) in self.kept.items() if t == tenant_id]
        return sorted(found, key=lambda d: d.due, reverse=True)[:limit]

    async def find(self, tenant_id: TenantId, due: datetime) -> tuple[Delivery, str] | None:
        return self.kept.get((tenant_id, due))

    async def change(self, delivery: Delivery, *, etag: str) -> bool:
        key = delivery.tenant_id, delivery.due
        self._step()
        if self.kept[key][1] != etag:
            return False
        self.kept[key] = delivery, self._etag()
        self._step()
        return True

    async def dispatch(
        self, tenant_id: TenantId, due: datetime, contact: str
    ) -> tuple[Dispatch, str] | None:
        return self.mails.get((tenant_id, due, contact))

    async def put(self, dispatch: Dispatch, *, etag: str | None) -> str | None:
        key = dispatch.tenant_id, dispatch.due, dispatch.contact
        self._step()
        held = self.mails.get(key)
        if (held[1] if held else None) != etag:
            return None
        self.mails[key] = dispatch, self._etag()
        self._step()
        return self.mails[key][1]

    async def dispatches(self, tenant_id: TenantId, due: datetime) -> Sequence[Dispatch]:
        return [d for (t, u, _), (d, _) in self.mails.items() if (t, u) == (tenant_id, due)]

    async def forget(self, tenant_id: TenantId, *, before: datetime) -> int:
        kept = [key for key in self.kept if key[0] == tenant_id and key[1] < before]
        mails = [key for key in self.mails if key[0] == tenant_id and key[1] < before]
        for each in kept:
            del self.kept[each]
        for mail in mails:
            del self.mails[mail]
        return len(kept) + len(mails)

    def _etag(self) -> str:
        self._count += 1
        return str(self._count)

    def _step(self) -> None:
        if self.steps:
            self.steps.take()


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Steps:
    """Kills at the step with this number."""

    deadly: int
    taken: int = 0

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.deadly:
            raise Killed


@dataclass
class FakeMailer:
    """`answers` are raised one per mail: before it is sent, or after it if `accepts`."""

    sent: list[Mail] = field(default_factory=list[Mail])
    answers: list[tuple[Exception, bool]] = field(default_factory=list[tuple[Exception, bool]])
    blind: Exception | None = None
    steps: Steps | None = None

    async def send(self, mail: Mail) -> None:
        self._step()
        error, accepts = self.answers.pop(0) if self.answers else (None, True)
        if accepts:
            self.sent.append(mail)
        self._step()
        if error:
            raise error

    async def was_sent(self, marker: str) -> bool:
        self._step()
        if self.blind:
            raise self.blind
        return any(mail.marker == marker for mail in self.sent)

    def _step(self) -> None:
        if self.steps:
            self.steps.take()


@dataclass
class FakeDeliveryQueue:
    sent: list[DeliveryRequest] = field(default_factory=list[DeliveryRequest])

    async def send(self, request: DeliveryRequest, *, delay: timedelta = timedelta()) -> None:
        self.sent.append(request)


class Post:
    """Planner and deliverer with everything around them."""

    def __init__(self, *contacts: Contact) -> None:
        self.clock = FakeClock(EIGHT)
        self.tenant: Tenant = replace(tenant(), contacts=contacts or (ADA, BEN))
        self.tenants = FakeTenants.of(self.tenant)
        self.ledger = FakeLedger(self.clock)
        self.deliveries = FakeDeliveries()
        self.queue, self.audit = FakeDeliveryQueue(), FakeAudit()
        self.mailer = FakeMailer()
        self.keep(run())

    def keep(self, *runs: Run) -> None:
        for each in runs:
            self.ledger.kept[each.id] = each

    @property
    def planner(self) -> DigestPlanner:
        return DigestPlanner(self.tenants, self.deliveries, self.queue, self.audit, self.clock)

    @property
    def deliverer(self) -> Deliverer:
        return Deliverer(
            tenants=self.tenants,
            ledger=self.ledger,
            deliveries=self.deliveries,
            mailer=self.mailer,
            clock=self.clock,
            reports={TINY.name: TINY},
            brand="Pro-Active Services",
            public_url="https://reports.example",
        )

    async def deliver(self, due: datetime = EIGHT) -> Delivery | None:
        return await self.deliverer.deliver(DeliveryRequest.of(self.tenant.id, due))

    def die_at(self, step: int) -> Steps:
        steps = Steps(step)
        self.deliveries.steps = self.mailer.steps = steps
        return steps

    @property
    def recipients(self) -> list[str]:
        return sorted(mail.recipient for mail in self.mailer.sent)


BOTH = sorted([ADA.address, BEN.address])
