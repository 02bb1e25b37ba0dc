"""Standings of invented reports, for the portal's pages."""

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from shared_code.core.audit import ENGINEER, Act, Entry
from shared_code.core.link import Opening, Outcome
from shared_code.core.overview import Audited, Standing
from shared_code.core.period import Period
from shared_code.core.run import Artifact, Run, RunRequest, RunState
from shared_code.core.summary import Due, Indicator, Summary, Todo
from shared_code.core.tenant import Subscription, Tenant, TenantId
from shared_code.core.text import Language
from shared_code.reports.guest_users import REPORT

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
READER = "0b1ec75e-ad34-4c0f-9f1a-5d2e3c4b5a69"
END = datetime(2026, 11, 23, 5, tzinfo=UTC)
TENANT = Tenant(
    id=TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
    customer="Contoso <GmbH>",
    domain="contoso.example",
    subscriptions={REPORT.name: Subscription(since=datetime(2026, 9, 1, tzinfo=UTC))},
)


def said(text: str) -> dict[str, str]:
    return {"de": text, "en": f"{text} (en)"}


def run(**changes: Any) -> Run:
    period = Period(datetime(2026, 11, 16, 5, tzinfo=UTC), END)
    planned = Run.planned(RunRequest.due(TENANT.id, REPORT.name, period), NOW)
    names = [f"report.{language}.{e}" for language in Language for e in ("html", "pdf", "xlsx")]
    files = tuple(Artifact(name=n, path=n, media_type="", size=1, sha256="") for n in names)
    summary = Summary(
        digest=said("312 Gäste"),
        indicators=(
            Indicator(
                label=said("Gäste"),
                value=said("312"),
                change=said("+9"),
                verdict="worse",
                series=(1, 2, 3),
            ),
        ),
        todos=(
            Todo(
                priority="critical",
                title=said("Rolle <b>prüfen</b>"),
                why=said(""),
                who=said(""),
                filter="roles",
            ),
        ),
        deadlines=(
            Due(day=datetime(2026, 11, 24, 12, tzinfo=UTC), title="Change & <i>retire</i>"),
        ),
    )
    delivered = replace(
        planned,
        state=RunState.DELIVERED,
        status="bad",
        delivered=NOW,
        headline=said("Ein Satz."),
        summary=summary,
        artifacts=files,
    )
    return replace(delivered, **changes)


def standing(newest: Run | None, delivered: Run | None) -> Standing:
    next_due = datetime(2026, 11, 30, 5, tzinfo=UTC)
    return Standing(report=REPORT, newest=newest, delivered=delivered, next_due=next_due)


def audited(*, whom: str = READER, why: str = "<b>ruht</b>") -> Audited:
    def entry(hour: int, act: Act, actor: str, detail: str = "", subject: str = "") -> Entry:
        at = NOW.replace(hour=hour)
        return Entry(
            tenant_id=TENANT.id, at=at, act=act, actor=actor, subject=subject, detail=detail
        )

    def opening(hour: int, method: str, outcome: Outcome, jti: str = "4f0c") -> Opening:
        return Opening(
            jti=jti,
            tenant_id=TENANT.id,
            run_id=run().id,
            at=NOW.replace(hour=hour),
            method=method,
            file="report.de.pdf" if outcome is Outcome.OPENED else "",
            outcome=outcome,
        )

    return Audited(
        tenant=TENANT,
        entries=(
            entry(8, Act.SUSPENDED, ENGINEER, why),
            entry(6, Act.LINK_ISSUED, whom, REPORT.name, "4f0c"),
        ),
        openings=(
            opening(9, "GET", Outcome.REVOKED, "older"),
            opening(7, "GET", Outcome.OPENED),
            opening(5, "HEAD", Outcome.OPENED),
        ),
        reports={"4f0c": REPORT},
    )
