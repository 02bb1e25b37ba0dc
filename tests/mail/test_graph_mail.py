"""The mailbox over the real adapter: what was accepted, what never was, and what nobody knows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from dev.sandbox import Sandbox
from dev.sandbox.faults import Fault, FaultKind
from dev.sandbox.mail import Mishap
from shared_code.core.delivery import Mail
from shared_code.core.errors import (
    MailRefused,
    MailUnclear,
    Throttled,
    UpstreamDown,
)
from shared_code.core.tenant import TenantId
from shared_code.mail.graph_mail import GraphMailer
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.tokens import Tokens
from shared_code.wiring.build import now

PARTNER = TenantId("0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60")
MAIL = Mail(
    marker="6f1c/1",
    recipient="it@contoso.example",
    subject="[M365] Contoso: alles in Ordnung – November 2026",
    html="<p>Alles in Ordnung</p>",
    text="Alles in Ordnung",
)


@dataclass
class Office:
    sandbox: Sandbox
    mailer: GraphMailer


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with Sandbox([], partner=PARTNER) as sandbox:
        connections = Connections()
        url = sandbox.graph_url
        issuer = SandboxIssuer(connections, base_url=url, app_id="app", secret="sandbox", clock=now)
        mailer = GraphMailer(
            Tokens(issuer, clock=now),
            tenant_id=PARTNER,
            sender="reports@partner.example",
            base_url=url,
            clock=now,
        )
        yield Office(sandbox, mailer)
        await connections.close()


async def test_a_mail_is_sent_as_it_is_and_found_by_its_marker(office: Office) -> None:
    assert not await office.mailer.was_sent(MAIL.marker)

    await office.mailer.send(MAIL)

    [sent] = office.sandbox.mailbox.to(MAIL.recipient)
    assert (sent["subject"], sent["body"]["content"]) == (MAIL.subject, MAIL.html)
    assert await office.mailer.was_sent(MAIL.marker)
    assert not await office.mailer.was_sent("another")


@pytest.mark.parametrize("mishap", Mishap)
async def test_what_was_taken_without_an_answer_is_posted_once_and_found(
    office: Office, mishap: Mishap
) -> None:
    office.sandbox.mailbox.mishaps = [mishap]

    with pytest.raises(MailUnclear):
        await office.mailer.send(MAIL)

    assert office.sandbox.mailbox.posts == 1
    assert await office.mailer.was_sent(MAIL.marker)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.THROTTLED_SECONDS, Throttled),
        (FaultKind.ERROR_503, UpstreamDown),
        (FaultKind.TOKEN_REFUSED, UpstreamDown),
        (FaultKind.PERMISSION_MISSING, MailRefused),
        (FaultKind.ERROR_500, MailUnclear),
        (FaultKind.ERROR_502, MailUnclear),
        (FaultKind.ERROR_504, MailUnclear),
    ],
)
async def test_each_refusal_says_whether_it_may_be_tried_again(
    office: Office, kind: FaultKind, error: type[Exception]
) -> None:
    office.sandbox.faults.add(Fault(kind=kind, path="/users", seconds=7))

    with pytest.raises(error) as raised:
        await office.mailer.send(MAIL)

    assert office.sandbox.mailbox.posts == 1
    assert office.sandbox.mailbox.sent == []
    if isinstance(raised.value, Throttled):
        assert raised.value.retry_after == 7


async def test_a_renewed_token_is_good_for_the_next_attempt(office: Office) -> None:
    office.sandbox.faults.add(Fault(kind=FaultKind.TOKEN_REFUSED, path="/users", times=1))
    with pytest.raises(UpstreamDown):
        await office.mailer.send(MAIL)

    await office.mailer.send(MAIL)

    assert len(office.sandbox.mailbox.sent) == 1


async def test_while_nobody_listens_nothing_was_sent(office: Office) -> None:
    await office.mailer.was_sent("warm")
    await office.sandbox.stop()

    with pytest.raises(UpstreamDown):
        await office.mailer.send(MAIL)
    with pytest.raises(UpstreamDown):
        await office.mailer.was_sent(MAIL.marker)


@pytest.mark.parametrize("kind", [FaultKind.ERROR_504, FaultKind.THROTTLED_SILENT])
async def test_a_search_without_an_answer_proves_nothing(office: Office, kind: FaultKind) -> None:
    office.sandbox.faults.add(Fault(kind=kind, path="/users"))

    with pytest.raises((UpstreamDown, Throttled)):
        await office.mailer.was_sent(MAIL.marker)


async def test_a_search_that_is_not_permitted_says_so(office: Office) -> None:
    office.sandbox.faults.add(Fault(kind=FaultKind.PERMISSION_MISSING, path="/users"))

    with pytest.raises(MailRefused):
        await office.mailer.was_sent(MAIL.marker)
