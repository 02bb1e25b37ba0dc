"""Adapters to Microsoft: Graph of customers and partner, Entra ID, the partner's mailbox."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from shared_code.core.ports import Clock, Mailer
from shared_code.core.tenant import TenantId
from shared_code.service.sign_in import redirect_uri
from shared_code.settings import GraphSettings, PortalSettings, Settings
from shared_code.signin.entra import EntraSignIn
from shared_code.signin.keys import SigningKeys
from shared_code.sources.graph.codes import (
    ClientAuthentication,
    EntraCodes,
    by_certificate,
    by_identity,
    by_secret,
    certificate_end,
)
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import (
    SandboxIssuer,
    certificate_issuer,
    federated_issuer,
    managed_identity,
)
from shared_code.sources.graph.directory import GraphDirectory
from shared_code.sources.graph.discovery import EntraDomains
from shared_code.sources.graph.licences import Licences
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.partner import GraphPartnership
from shared_code.sources.graph.source import GraphSource
from shared_code.sources.graph.tokens import Issuer, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Microsoft:
    source: GraphSource
    directory: GraphDirectory
    licences: Licences
    partnership: GraphPartnership
    domains: EntraDomains
    codes: EntraCodes
    access_tokens: EntraSignIn
    id_tokens: EntraSignIn
    mailer: Mailer | None
    certificate_end: datetime | None


def microsoft(
    settings: Settings, limiter: Limiter, clock: Clock, resources: AsyncExitStack
) -> Microsoft:
    """Nothing is connected yet."""
    graph, portal = settings.graph, settings.portal
    partner = TenantId(portal.partner_tenant.lower())
    # People who sign in do not wait behind listings.
    listings, people = Connections(), Connections()
    for connections in (listings, people):
        resources.push_async_callback(connections.close)
    tokens = Tokens(_token_issuer(graph, listings, clock), clock=clock)
    source = GraphSource(listings, tokens, limiter, base_url=graph.base_url, clock=clock)
    return Microsoft(
        source=source,
        directory=GraphDirectory(
            tokens, app_id=graph.client_id, base_url=graph.base_url, clock=clock
        ),
        licences=Licences(source.pages, clock=clock),
        partnership=GraphPartnership(tokens, partner=partner, base_url=graph.base_url, clock=clock),
        domains=EntraDomains(people, login_url=portal.login_url),
        codes=_codes(settings, people, clock),
        access_tokens=_believing(portal, portal.audience),
        id_tokens=_believing(portal, graph.client_id),
        mailer=_mailer(settings, tokens, partner, clock),
        certificate_end=certificate_end(graph.certificate) if graph.certificate else None,
    )


def _mailer(settings: Settings, tokens: Tokens, partner: TenantId, clock: Clock) -> Mailer | None:
    if settings.mail_sender is None:
        return None
    from shared_code.mail.graph_mail import GraphMailer  # noqa: PLC0415

    return GraphMailer(
        tokens,
        tenant_id=partner,
        sender=settings.mail_sender,
        base_url=settings.graph.base_url,
        clock=clock,
    )


def _token_issuer(settings: GraphSettings, connections: Connections, clock: Clock) -> Issuer:
    if settings.sandbox_secret:
        return SandboxIssuer(
            connections,
            base_url=settings.base_url,
            app_id=settings.client_id,
            secret=settings.sandbox_secret,
            clock=clock,
        )
    if settings.certificate:
        return certificate_issuer(settings.client_id, settings.certificate, connections=connections)
    assertion = managed_identity(settings.identity or "", connections=connections)
    return federated_issuer(settings.client_id, assertion, connections=connections)


def _believing(portal: PortalSettings, audience: str) -> EntraSignIn:
    return EntraSignIn(
        SigningKeys(portal.keys_url),
        audience=audience,
        issuer=portal.issuer,
        partner_tenant=portal.partner_tenant,
    )


def _codes(settings: Settings, connections: Connections, clock: Clock) -> EntraCodes:
    token_url = f"{settings.portal.login_url}/organizations/oauth2/v2.0/token"
    return EntraCodes(
        connections,
        token_url=token_url,
        client_id=settings.graph.client_id,
        redirect_uri=redirect_uri(settings.public_url),
        authentication=_client_authentication(settings.graph, token_url, connections, clock),
    )


def _client_authentication(
    graph: GraphSettings, token_url: str, connections: Connections, clock: Clock
) -> ClientAuthentication:
    if graph.sandbox_secret:
        return by_secret(graph.sandbox_secret, token_url=token_url)
    if graph.certificate:
        return by_certificate(
            graph.certificate, client_id=graph.client_id, token_url=token_url, clock=clock
        )
    return by_identity(managed_identity(graph.identity or "", connections=connections))
