"""The JSON of a tenant's readiness, for the portal's API and the engineers' commands."""

from zoneinfo import ZoneInfo

from shared_code.core.condition import Condition
from shared_code.core.readiness import Lack
from shared_code.core.report import ReportType
from shared_code.core.text import Language
from shared_code.rendering.language import Voice
from shared_code.rendering.wording import lack_sentence

type Json = dict[str, object]


def readiness_json(condition: Condition) -> Json:
    """`ready` is null while it is not known; `next` is when the tenant is probed again."""
    tenant, readiness, lack = condition.tenant, condition.readiness, condition.unreachable
    checked = readiness.checked if readiness else None
    return {
        "tenant": tenant.id,
        "state": tenant.state,
        "checked": checked.isoformat() if checked else None,
        "next": readiness.due.isoformat() if readiness else None,
        "unreachable": _lack(lack, condition) if lack else None,
        "reports": [_report(report, condition) for report in condition.reports],
        **(_delegated(condition) if condition.is_for_engineer else {}),
    }


def _delegated(condition: Condition) -> Json:
    """For engineers; `problem` is why the partner's tenant could not be read."""
    delegation, partner = condition.delegation, condition.partner
    zone, ending = ZoneInfo(condition.tenant.time_zone), {r.id for r in condition.ending}
    return {
        "delegated_access": {
            "checked": partner.checked.isoformat() if partner else None,
            "problem": partner.problem if partner else None,
            "detail": partner.detail if partner else "",
            "relationships": [
                {
                    "id": each.id,
                    "name": each.name,
                    "status": each.status,
                    "ends": each.ends.isoformat() if each.ends else None,
                    "days_left": each.days_left(condition.at, zone),
                    "extends": each.extends,
                    "roles": each.roles,
                    "is_ending": each.id in ending,
                }
                for each in (delegation.relationships if delegation else ())
            ],
        }
    }


def _report(report: ReportType, condition: Condition) -> Json:
    readiness = condition.readiness
    titles = {d.name: {str(each): d.title[each] for each in Language} for d in report.needs}
    return {
        "report": report.name,
        "title": {str(each): report.title[each] for each in Language},
        "ready": readiness.is_ready(report) if readiness else None,
        "problems": [
            _lack(lack, condition) | {"datasets": [titles[name] for name in lack.datasets]}
            for lack in condition.lacks(report)
        ],
    }


def _lack(lack: Lack, condition: Condition) -> Json:
    sentence = lack_sentence(lack)
    voices = [Voice.of(condition.tenant, language) for language in Language]
    return {
        "cause": lack.cause,
        "detail": lack.detail,
        "since": lack.since.isoformat(),
        "actor": lack.cause.actor,
        "sentence": {str(voice.language): voice.say(sentence) for voice in voices},
    }
