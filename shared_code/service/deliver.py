"""Mails digests: each contact gets one delivery exactly once, as far as the mailbox can tell."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from shared_code.core.backoff import FIRST_DELAY, LONGEST_DELAY, backoff
from shared_code.core.delivery import (
    Delivery,
    DeliveryRequest,
    DeliveryState,
    Digest,
    Dispatch,
    DispatchState,
    contact_key,
)
from shared_code.core.errors import (
    ConfigurationError,
    DeliveryWaits,
    MailRefused,
    MailUnclear,
    UpstreamError,
)
from shared_code.core.ports import Clock, Deliveries, Ledger, Mailer, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run
from shared_code.core.tenant import Contact, Tenant
from shared_code.rendering.digest import digest_mail
from shared_code.service.due import due_instants, instant_of, zone_of

_log = logging.getLogger(__name__)

# How long unfinished runs are waited for, from planning on: after an outage that is later than due.
_PATIENCE = timedelta(hours=6)
_LOOK_AGAIN = timedelta(minutes=10)

# A mail appears among the sent ones some time after it was accepted, and whoever is sending it gives
# up after a minute: asked earlier, the mailbox could say no and be wrong.
SETTLING = timedelta(minutes=10)

# An answer that has not come in three days will not come; an engineer looks.
_GIVE_UP = timedelta(days=3)

# A year of daily runs is more than any digest covers.
_MOST_RUNS = 100


@dataclass(frozen=True, slots=True)
class _Due:
    """What a delivery has to say, before each contact gets its part."""

    delivery: Delivery
    start: datetime
    runs: Sequence[Run]
    missing: Sequence[str]
    again: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    tenants: Tenants
    ledger: Ledger
    deliveries: Deliveries
    mailer: Mailer
    clock: Clock
    reports: Mapping[str, ReportType]
    brand: str
    public_url: str

    async def deliver(self, request: DeliveryRequest) -> Delivery | None:
        """The settled delivery; None if there is nothing left to do. Raises DeliveryWaits."""
        tenant = await self.tenants.get(request.tenant_id)
        if tenant is None or not tenant.is_served:
            return None
        if request.again:
            return await self._repeat(tenant, request)
        delivery, etag = await self._found(request)
        if delivery.is_settled:
            return None
        due = await self._gathered(tenant, delivery)
        if due is None:
            return await self._change(delivery, etag, DeliveryState.SUPERSEDED)
        if delivery.state is DeliveryState.PLANNED:
            await self._open(due, etag)
        await self._mail(tenant, due)
        return await self._close(request)

    async def _repeat(self, tenant: Tenant, request: DeliveryRequest) -> Delivery | None:
        """To those who are contacts now, each once; what was mailed before stays on record."""
        found = await self.deliveries.find(request.tenant_id, request.due)
        due = await self._gathered(tenant, found[0]) if found and found[0].was_opened else None
        if due is None:
            return None
        await self._mail(tenant, dataclasses.replace(due, again=request.again))
        return due.delivery

    async def _mail(self, tenant: Tenant, due: _Due) -> None:
        """Returns once nothing is left to do. Raises DeliveryWaits."""
        waits = [await self._dispatch(tenant, due, contact) for contact in tenant.contacts]
        until = [wait for wait in waits if wait]
        if until:
            raise DeliveryWaits(min(until))

    async def _found(self, request: DeliveryRequest) -> tuple[Delivery, str]:
        found = await self.deliveries.find(request.tenant_id, request.due)
        if found is None:
            # The message is sent before the row is written.
            now = self.clock()
            fresh = Delivery(tenant_id=request.tenant_id, due=request.due, planned=now, updated=now)
            await self.deliveries.plan(fresh)
            found = await self.deliveries.find(request.tenant_id, request.due)
        if found is None:
            raise DeliveryWaits(self.clock() + _LOOK_AGAIN)
        return found

    async def _gathered(self, tenant: Tenant, delivery: Delivery) -> _Due | None:
        """None if a newer delivery is planned, which covers this period too."""
        known = await self.deliveries.recent(tenant.id)
        is_planned = delivery.state is DeliveryState.PLANNED
        if is_planned and any(each.due > delivery.due for each in known):
            return None
        before = next((d for d in known if d.due < delivery.due and d.was_opened), None)
        start = delivery.start or (before.due if before else _beginning(tenant, delivery))
        late_since = before.opened if before else None
        runs = await self._runs(tenant, delivery, start, late_since)
        missing = [
            name
            for name in self._ordered(tenant)
            if self._is_missing(tenant, name, start, delivery, runs)
        ]
        return _Due(delivery, start, [run for run in runs if run.state.is_final], missing)

    async def _runs(
        self, tenant: Tenant, delivery: Delivery, start: datetime, late_since: datetime | None
    ) -> list[Run]:
        """Also those that the digest before had to leave out, because they were settled later."""
        found = [
            run
            for name in self._ordered(tenant)
            for run in await self.ledger.runs(tenant.id, report=name, limit=_MOST_RUNS)
        ]

        def belongs(run: Run) -> bool:
            is_late = late_since and run.state.is_final and run.updated > late_since
            return run.end <= delivery.due and (run.end > start or bool(is_late))

        return [run for run in found if belongs(run)]

    def _ordered(self, tenant: Tenant) -> list[str]:
        return [name for name in self.reports if name in tenant.subscriptions]

    def _is_missing(
        self, tenant: Tenant, report: str, start: datetime, delivery: Delivery, runs: Sequence[Run]
    ) -> bool:
        """The newest run that is due by then is not planned yet, or not settled.

        One that ends later covers it too, as where zone or cadence have changed since.
        """
        subscription = tenant.subscriptions[report]
        cadence = subscription.cadence or self.reports[report].cadence
        after = max(start, instant_of(subscription.begins))
        try:
            instants = list(
                due_instants(cadence, zone_of(tenant.time_zone), after=after, until=delivery.due)
            )
        except ConfigurationError:
            # The planner of runs says so; the other reports are still worth a mail.
            return True
        of_report = [run for run in runs if run.report == report]
        if any(not run.state.is_final for run in of_report):
            return True
        return bool(instants) and all(run.end < instants[-1] for run in of_report)

    async def _open(self, due: _Due, etag: str) -> None:
        """From here on its period is settled. Raises DeliveryWaits while runs may still come."""
        now = self.clock()
        if due.missing and now < due.delivery.planned + _PATIENCE:
            raise DeliveryWaits(now + _LOOK_AGAIN)
        opened = replace(
            due.delivery, state=DeliveryState.OPEN, start=due.start, opened=now, updated=now
        )
        if not await self.deliveries.change(opened, etag=etag):
            raise DeliveryWaits(now + FIRST_DELAY)

    async def _close(self, request: DeliveryRequest) -> Delivery:
        delivery, etag = await self._found(request)
        return await self._change(delivery, etag, DeliveryState.DONE)

    async def _change(self, delivery: Delivery, etag: str, state: DeliveryState) -> Delivery:
        changed = replace(delivery, state=state, updated=self.clock())
        if not await self.deliveries.change(changed, etag=etag):
            raise DeliveryWaits(self.clock() + FIRST_DELAY)
        return changed

    async def _dispatch(self, tenant: Tenant, due: _Due, contact: Contact) -> datetime | None:
        """When to come back for this contact; None once there is nothing left to do."""
        digest = _digest(tenant, due, contact)
        if not digest.runs and not digest.missing:
            return None
        key = contact_key(contact, due.again)
        found = await self.deliveries.dispatch(tenant.id, due.delivery.due, key)
        if found and found[0].state.is_final:
            return None
        if found and self.clock() > (due.again or due.delivery.planned) + _GIVE_UP:
            return await self._give_up(*found)
        if found and found[0].state in (DispatchState.SENDING, DispatchState.UNCLEAR):
            asked = await self._ask(*found)
            if asked is not True:
                return asked
        return await self._send(digest, key, found)

    async def _give_up(self, dispatch: Dispatch, etag: str) -> None:
        """What was never accepted is refused; what may have been sent stays unclear."""
        never_accepted = dispatch.state is DispatchState.PLANNED
        state = DispatchState.REFUSED if never_accepted else DispatchState.UNCLEAR
        _log.error("digest %s: given up, %s", dispatch.marker, state)
        given_up = replace(dispatch, state=state, updated=self.clock(), reason="GivenUp")
        await self.deliveries.put(given_up, etag=etag)

    async def _ask(self, dispatch: Dispatch, etag: str) -> datetime | Literal[True] | None:
        """True if it was not sent and has to be; otherwise as `_dispatch`."""
        now = self.clock()
        if now < dispatch.updated + SETTLING:
            return dispatch.updated + SETTLING
        try:
            was_sent = await self.mailer.was_sent(dispatch.marker)
        except (UpstreamError, MailRefused) as error:
            _log.error("digest %s: sent mails cannot be searched: %s", dispatch.marker, error)
            return now + LONGEST_DELAY
        if not was_sent:
            return True
        sent = replace(dispatch, state=DispatchState.SENT, sent=dispatch.updated, updated=now)
        return None if await self.deliveries.put(sent, etag=etag) else now + FIRST_DELAY

    async def _send(
        self, digest: Digest, key: str, found: tuple[Dispatch, str] | None
    ) -> datetime | None:
        """The row says `sending` before anything is sent; who cannot write it does not send."""
        now = self.clock()
        before, etag = found or (None, None)
        sending = Dispatch(
            tenant_id=digest.tenant.id,
            due=digest.due,
            contact=key,
            state=DispatchState.SENDING,
            updated=now,
            attempts=before.attempts + 1 if before else 1,
        )
        mail = digest_mail(
            digest,
            marker=sending.marker,
            brand=self.brand,
            public_url=self.public_url,
            reports=self.reports,
        )
        ticket = await self.deliveries.put(sending, etag=etag)
        if ticket is None:
            return now + FIRST_DELAY
        try:
            await self.mailer.send(mail)
        except MailRefused as error:
            _log.error("digest %s: refused: %s", sending.marker, error)
            ended = replace(sending, state=DispatchState.REFUSED, reason=str(error))
            until = None
        except MailUnclear as error:
            _log.warning("digest %s: unclear: %s", sending.marker, error)
            ended = replace(sending, state=DispatchState.UNCLEAR, reason=str(error))
            until = now + SETTLING
        except UpstreamError as error:
            ended = replace(sending, state=DispatchState.PLANNED)
            until = now + backoff(sending.attempts, error.retry_after)
        else:
            ended, until = replace(sending, state=DispatchState.SENT, sent=self.clock()), None
        written = await self.deliveries.put(replace(ended, updated=self.clock()), etag=ticket)
        return until if written else now + SETTLING


def _beginning(tenant: Tenant, delivery: Delivery) -> datetime:
    begun = (instant_of(s.since) for s in tenant.subscriptions.values())
    return min(min(begun, default=delivery.due), delivery.due)


def _digest(tenant: Tenant, due: _Due, contact: Contact) -> Digest:
    def is_wanted(report: str) -> bool:
        return not contact.reports or report in contact.reports

    return Digest(
        tenant=tenant,
        contact=contact,
        start=due.start,
        due=due.delivery.due,
        runs=tuple(run for run in due.runs if is_wanted(run.report)),
        missing=tuple(name for name in due.missing if is_wanted(name)),
    )
