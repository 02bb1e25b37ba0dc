"""The lines of the audit's page: what was done, by whom, and how links were opened, in one list."""

from collections.abc import Mapping, Sequence

from shared_code.core.audit import ANONYMOUS, ENGINEER, SERVICE, Act, Entry
from shared_code.core.link import Opening, Outcome
from shared_code.core.overview import Audited
from shared_code.core.text import Text
from shared_code.rendering.language import Voice

_MOST = 200

ACTS: Mapping[Act, Text] = {
    Act.INVITED: Text(de="Eingeladen", en="Invited"),
    Act.CONSENT_GIVEN: Text(de="Zustimmung erteilt", en="Consent given"),
    Act.CONSENT_REFUSED: Text(de="Zustimmung abgelehnt", en="Consent refused"),
    Act.CALLBACK_REFUSED: Text(de="Rückmeldung abgewiesen", en="Call-back refused"),
    Act.ACTIVATED: Text(de="In Betrieb genommen", en="Taken into service"),
    Act.SUSPENDED: Text(de="Ausgesetzt", en="Suspended"),
    Act.RESUMED: Text(de="Fortgesetzt", en="Resumed"),
    Act.CHANGED: Text(de="Geändert", en="Changed"),
    Act.READINESS_CHANGED: Text(de="Bereitschaft geändert", en="Readiness changed"),
    Act.DELEGATION_ENDING: Text(
        de="Delegierter Zugriff (GDAP) endet bald", en="Delegated access (GDAP) ends soon"
    ),
    Act.OFFBOARDING_BEGUN: Text(de="Löschung begonnen", en="Deletion begun"),
    Act.OFFBOARDED: Text(de="Gelöscht", en="Deleted"),
    Act.RETENTION_APPLIED: Text(de="Abgelaufenes gelöscht", en="Expired records deleted"),
    Act.RUN_ORDERED: Text(de="Bericht angefordert", en="Report ordered"),
    Act.DIGEST_REPEATED: Text(de="Übersicht erneut versandt", en="Digest sent again"),
    Act.SIGNED_IN: Text(de="Angemeldet", en="Signed in"),
    Act.SIGN_IN_REFUSED: Text(de="Anmeldung abgewiesen", en="Sign-in refused"),
    Act.LINK_ISSUED: Text(de="Link ausgestellt", en="Link issued"),
    Act.LINK_REVOKED: Text(de="Link widerrufen", en="Link revoked"),
}
OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.OPENED: Text(de="Link geöffnet", en="Link opened"),
    Outcome.EXPIRED: Text(de="Abgelaufener Link abgewiesen", en="Expired link refused"),
    Outcome.REVOKED: Text(de="Widerrufener Link abgewiesen", en="Revoked link refused"),
    Outcome.INVALID: Text(de="Link ohne Datei abgewiesen", en="Link without a file refused"),
    Outcome.USED_UP: Text(de="Verbrauchter Link abgewiesen", en="Used-up link refused"),
    Outcome.NOT_ALLOWED: Text(
        de="Link ohne Berechtigung abgewiesen", en="Link refused without permission"
    ),
}
_CHECKED = Text(de="Link geprüft, nichts gelesen", en="Link checked, nothing read")
_ACTORS: Mapping[str, Text] = {
    SERVICE: Text(de="der Dienst selbst", en="the service itself"),
    ANONYMOUS: Text(de="nicht angemeldet", en="not signed in"),
    ENGINEER: Text(de="Technik des Anbieters", en="an engineer of the provider"),
}
_YOU = Text(de="Sie", en="you")


def audit_rows(audited: Audited, voice: Voice, *, reader: str) -> Sequence[Mapping[str, str]]:
    """Newest first."""
    titles = {report.name: voice.say(report.title) for report in audited.reports.values()}
    entries = [(e.at, _of_entry(e, titles, voice, reader)) for e in audited.entries]
    openings = [(o.at, _of_opening(o, audited, voice)) for o in audited.openings]
    newest = sorted((*entries, *openings), key=lambda row: row[0], reverse=True)[:_MOST]
    return [{"at": voice.moment(at), **said} for at, said in newest]


def _of_entry(
    entry: Entry, titles: Mapping[str, str], voice: Voice, reader: str
) -> Mapping[str, str]:
    actor = _YOU if entry.actor == reader else _ACTORS.get(entry.actor)
    return {
        "what": voice.say(ACTS[entry.act]),
        "who": voice.say(actor) if actor else entry.actor,
        "about": titles.get(entry.detail, entry.detail),
        "subject": entry.subject,
    }


def _of_opening(opening: Opening, audited: Audited, voice: Voice) -> Mapping[str, str]:
    is_check = opening.outcome is Outcome.OPENED and not opening.is_read
    report = audited.reports.get(opening.jti)
    return {
        "what": voice.say(_CHECKED if is_check else OUTCOMES[opening.outcome]),
        "who": "",
        "about": " · ".join(
            filter(None, (voice.say(report.title) if report else "", opening.file))
        ),
        "subject": opening.jti,
    }
