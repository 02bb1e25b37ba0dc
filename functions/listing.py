"""The JSON of the portal's API."""

from shared_code.core.report import ReportType
from shared_code.core.run import Gap
from shared_code.core.text import Text
from shared_code.service.files import MEMORY
from shared_code.service.issue_links import Issued
from shared_code.service.link_register import Use
from shared_code.service.portal import Entry, PortalListing

type Json = dict[str, object]


def listing_json(listing: PortalListing) -> Json:
    tenant = listing.tenant
    return {
        "tenant": {
            "id": tenant.id,
            "customer": tenant.customer,
            "domain": tenant.domain,
            "state": tenant.state,
        },
        "reports": [
            {
                "report": report.name,
                "title": text_json(report.title),
                "summary": text_json(report.summary),
                "runs": [_entry(entry, report) for entry in entries],
            }
            for report, entries in listing.reports.items()
        ],
    }


def _entry(entry: Entry, report: ReportType) -> Json:
    run = entry.run
    return {
        "id": run.id,
        "period": {"start": run.start.isoformat(), "end": run.end.isoformat()},
        "state": run.state,
        "status": run.status or None,
        "delivered": run.delivered.isoformat() if run.delivered else None,
        "headline": run.headline,
        "gaps": [_gap(gap, report) for gap in run.gaps],
        "link": link_json(entry.issued) if entry.issued else None,
    }


def _gap(gap: Gap, report: ReportType) -> Json:
    title = next((d.title for d in report.needs if d.name == gap.dataset), None)
    return {
        "dataset": text_json(title) if title else gap.dataset,
        "reason": gap.reason,
        "detail": gap.detail,
        "since": gap.since.isoformat(),
    }


def link_json(issued: Issued) -> Json:
    """`id` revokes the link; `url` opens the front page, each file has an address of its own."""
    return {
        "id": issued.link.jti,
        "url": issued.address,
        "expires": issued.link.expires.isoformat(),
        "files": [
            {
                "name": artifact.name,
                "url": issued.address_of(artifact.name),
                "media_type": artifact.media_type,
                "size": artifact.size,
            }
            for artifact in issued.run.artifacts
            if artifact.name != MEMORY
        ],
    }


def use_json(use: Use) -> Json:
    """What became of a link; nothing in it opens one."""
    link = use.link
    return {
        "id": link.jti,
        "report": link.report,
        "period_end": link.period_end.isoformat(),
        "run": link.run_id,
        "created": link.created.isoformat(),
        "created_by": link.created_by,
        "expires": link.expires.isoformat(),
        "state": use.state,
        "revoked": link.revoked.isoformat() if link.revoked else None,
        "opens": use.opens,
        "refusals": use.refusals,
        "last_opened": use.last_opened.isoformat() if use.last_opened else None,
    }


def text_json(text: Text) -> Json:
    return {"de": text.de, "en": text.en}
