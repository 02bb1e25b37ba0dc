"""The questions behind Directory, asked of one tenant."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from kiota_abstractions.request_information import RequestInformation

from shared_code.core.dataset import Dataset, Row, wire_names
from shared_code.core.errors import ConsentMissing, ContractBroken
from shared_code.core.ports import Clock, Page
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.addresses import next_url
from shared_code.sources.graph.bodies import decode_page
from shared_code.sources.graph.grants import (
    APP_ROLE_ASSIGNMENTS,
    ORGANIZATION,
    SERVICE_PRINCIPALS,
    Organization,
    ServicePrincipal,
)
from shared_code.sources.graph.refusals import Refusal, down, error_of, seconds_to_wait
from shared_code.sources.graph.retrying import Retrying
from shared_code.sources.graph.sdk import Refused, Sdk, following
from shared_code.sources.graph.tokens import Tokens

_GRAPH = "00000003-0000-0000-c000-000000000000"
_MOST_PAGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One tenant's questions over one client."""

    sdk: Sdk
    tenant_id: TenantId
    tokens: Tokens
    base_url: str
    clock: Clock
    retrying: Retrying

    async def organization(self) -> Organization:
        request = self.sdk.organization(wire_names(Organization))
        rows = await self.rows(ORGANIZATION, request)
        if [row.id for row in rows] != [self.tenant_id]:
            raise ContractBroken(ORGANIZATION.name, "another tenant answered")
        return rows[0]

    async def permissions(self, app_id: str) -> frozenset[str]:
        ours, graph = (
            await self._principal(app_id, "id"),
            await self._principal(_GRAPH, "id", "appRoles"),
        )
        granted = await self.rows(APP_ROLE_ASSIGNMENTS, self.sdk.granted(ours.id))
        names = {role.id: role.value for role in graph.app_roles if role.value}
        roles = {each.app_role_id for each in granted if each.resource_id == graph.id}
        return frozenset(names[role] for role in roles if role in names)

    async def _principal(self, app_id: str, *fields: str) -> ServicePrincipal:
        request = self.sdk.principal(app_id, fields)
        [principal] = await self.rows(SERVICE_PRINCIPALS, request)
        return principal

    async def rows[R: Row](self, dataset: Dataset[R], request: RequestInformation) -> tuple[R, ...]:
        """Of all pages."""
        rows: list[R] = []
        for _ in range(_MOST_PAGES):
            once = partial(self._once, dataset, request)
            page: Page[R] = await self.retrying.until_it_passes(once)
            rows += page.rows
            if page.cursor is None:
                return tuple(rows)
            request = following(str(next_url(self.base_url, dataset, page.cursor)))
        raise ContractBroken(dataset.name, f"more than {_MOST_PAGES} pages")

    async def _once[R: Row](
        self, dataset: Dataset[R], request: RequestInformation, _attempt: int
    ) -> Page[R]:
        try:
            return decode_page(dataset, await self.sdk.read(request))
        except Refused as error:
            wait = seconds_to_wait(error.retry_after, self.clock())
            refusal = Refusal(error.status, error.codes, wait)
            raise await self._error(dataset, refusal) from error

    async def _error(self, dataset: Dataset[Any], refusal: Refusal) -> Exception:
        words = f"{dataset.name} of {self.tenant_id}: {refusal.words}"
        if refusal.status == HTTPStatus.UNAUTHORIZED and not refusal.denies_identity:
            # Also seen for minutes after consent, until it has reached all of Graph.
            self.tokens.drop(self.tenant_id, await self.tokens.token(self.tenant_id))
            return down(words)
        if refusal.status == HTTPStatus.FORBIDDEN:
            # A token keeps the permissions of its birth; those granted since come with the next one.
            self.tokens.drop(self.tenant_id, await self.tokens.token(self.tenant_id))
        if refusal.status == HTTPStatus.NOT_FOUND and dataset is SERVICE_PRINCIPALS:
            return ConsentMissing(words)
        return error_of(refusal, self.tenant_id, dataset)
