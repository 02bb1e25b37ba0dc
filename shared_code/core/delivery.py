"""Delivery: one digest of one tenant; Dispatch: its mail to one contact, and how far that got."""

import hashlib
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

import msgspec

from shared_code.core.errors import MessageMalformed
from shared_code.core.queue_message import decode_message
from shared_code.core.run import Run
from shared_code.core.tenant import Contact, Tenant, TenantId

_DELIVERIES = UUID("1d0c9a52-6a3f-4f5e-8d2b-5f0e6b7c9a21")


class DeliveryState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"  # its period is settled and mails are going out
    DONE = "done"
    SUPERSEDED = "superseded"  # a newer digest covers its period too


class DispatchState(StrEnum):
    PLANNED = "planned"  # refused for the moment: nothing was accepted
    SENDING = "sending"
    UNCLEAR = "unclear"  # no answer: the mailbox has to be asked whether it was sent
    SENT = "sent"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        return self in (DispatchState.SENT, DispatchState.REFUSED)


def delivery_id(tenant_id: TenantId, due: datetime) -> str:
    return str(uuid5(_DELIVERIES, f"{tenant_id}/{due.isoformat()}"))


def contact_key(contact: Contact, again: datetime | None = None) -> str:
    """Stands for the address in rows and logs; another one for what was mailed again."""
    key = hashlib.sha256(contact.address.strip().lower().encode()).hexdigest()[:32]
    return f"{key}-{again:%Y%m%dT%H%M%SZ}" if again else key


class DeliveryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The message on queue `deliveries`: ids and instants only. `again`: a digest that went out
    is mailed once more, as was ordered then."""

    delivery_id: str
    tenant_id: TenantId
    due: datetime
    waits: int = 0
    again: datetime | None = None

    @classmethod
    def of(cls, tenant_id: TenantId, due: datetime) -> "DeliveryRequest":
        return cls(delivery_id=delivery_id(tenant_id, due), tenant_id=tenant_id, due=due)

    def after_wait(self) -> "DeliveryRequest":
        return msgspec.structs.replace(self, waits=self.waits + 1)


def decode_delivery(body: bytes | str) -> DeliveryRequest:
    """Raises MessageMalformed, also when the id does not belong to tenant and instant."""
    request = decode_message(body, DeliveryRequest, queue="deliveries")
    is_whole = all(instant is None or instant.tzinfo for instant in (request.due, request.again))
    if not is_whole or request.delivery_id != delivery_id(request.tenant_id, request.due):
        raise MessageMalformed("queue deliveries: id does not match tenant and instant")
    return request


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Covers the runs that end in (start, due]; `start` and `opened` are known once it is open."""

    tenant_id: TenantId
    due: datetime
    planned: datetime
    updated: datetime
    state: DeliveryState = DeliveryState.PLANNED
    start: datetime | None = None
    opened: datetime | None = None

    @property
    def is_settled(self) -> bool:
        return self.state in (DeliveryState.DONE, DeliveryState.SUPERSEDED)

    @property
    def was_opened(self) -> bool:
        return self.state in (DeliveryState.OPEN, DeliveryState.DONE)


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """`contact` is a contact_key. `updated`: when it was last tried or asked about."""

    tenant_id: TenantId
    due: datetime
    contact: str
    state: DispatchState
    updated: datetime
    attempts: int = 0
    sent: datetime | None = None
    reason: str = ""  # why it was refused, as Microsoft's code

    @property
    def is_repeated(self) -> bool:
        return "-" in self.contact

    @property
    def marker(self) -> str:
        """What the mail is found by among those sent: the same for every attempt."""
        return f"{delivery_id(self.tenant_id, self.due)}/{self.contact}"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one recipient."""

    marker: str
    recipient: str
    subject: str
    html: str
    text: str


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What one contact is told: settled runs, newest first, and the reports still missing."""

    tenant: Tenant
    contact: Contact
    start: datetime
    due: datetime
    runs: tuple[Run, ...]
    missing: tuple[str, ...] = ()  # report names
