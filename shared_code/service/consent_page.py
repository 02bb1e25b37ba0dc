"""What a customer's admin sees before consenting: what was agreed, which permissions are asked for, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from shared_code.core.invitation import Ask, Invitation, Invited, agreed_with
from shared_code.core.ports import StateSigner
from shared_code.core.report import ReportType, ordered_by
from shared_code.core.tenant import Tenant, TenantId

_GRAPH = "https://graph.microsoft.com/.default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPages:
    """`login_url` is where customers sign in."""

    signer: StateSigner
    reports: Mapping[str, ReportType]
    client_id: str
    login_url: str
    public_url: str

    def of(self, invitation: Invitation, known: Tenant) -> Invited:
        tenant, state = agreed_with(known, invitation), self.signer.sign(invitation)
        ordered = ordered_by(tenant, self.reports)
        return Invited(
            invitation=invitation,
            tenant=tenant,
            reports=tuple(ordered),
            asks=self._asks(ordered),
            consent_address=self._consent_address(tenant.id, state),
            page_address=f"/onboarding/{state}",
        )

    def _asks(self, ordered: Sequence[ReportType]) -> tuple[Ask, ...]:
        """Microsoft asks for all that the application lists, so the page names all of them."""
        asked = sorted({p for report in self.reports.values() for p in report.permissions})
        asks = [
            Ask(permission=p, reports=tuple(r for r in ordered if p in r.permissions))
            for p in asked
        ]
        return tuple(sorted(asks, key=lambda ask: not ask.reports))

    def _consent_address(self, tenant_id: TenantId, state: str) -> str:
        query = urlencode(
            {
                "client_id": self.client_id,
                "scope": _GRAPH,
                "redirect_uri": f"{self.public_url}/onboarding/callback",
                "state": state,
            }
        )
        return f"{self.login_url}/{tenant_id}/v2.0/adminconsent?{query}"
