"""What could not be read or delivered, and who must do what about it: one sentence each."""

from collections.abc import Mapping

from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConsentMissing,
    DatasetError,
    Reason,
    TenantError,
    TenantGone,
)
from shared_code.core.readiness import Cause, Lack
from shared_code.core.report import Report
from shared_code.core.run import Gap
from shared_code.core.text import Language, Message, Text, message
from shared_code.rendering.language import Voice

_REASONS: Mapping[Reason, Text] = {
    Reason.PERMISSION: Text(
        de="Es fehlt eine Leseberechtigung ({detail}). Kunde: Bitte der Anwendung erneut zustimmen.",
        en="A read permission is missing ({detail}). Customer: please grant consent again.",
    ),
    Reason.LICENCE: Text(
        de="Erfordert {detail}. Kunde: Bitte die Lizenz prüfen.",
        en="Requires {detail}. Customer: please check the licence.",
    ),
    Reason.FEATURE: Text(
        de="Die Funktion ist im Mandanten nicht eingerichtet. Kunde: Bitte prüfen, ob sie gebraucht wird.",
        en="The feature is not set up in the tenant. Customer: please check whether it is needed.",
    ),
    Reason.ACCESS: Text(
        de="Eine Richtlinie für bedingten Zugriff sperrt die Abfrage. Kunde: Bitte die Anwendung ausnehmen.",
        en="A conditional access policy blocks the query. Customer: please exclude the application.",
    ),
    Reason.THROTTLED: Text(
        de="Microsoft hat die Abfrage begrenzt. Wir holen die Daten mit dem nächsten Bericht nach.",
        en="Microsoft limited the query. We will catch up with the next report.",
    ),
    Reason.UNREACHABLE: Text(
        de="Microsoft hat nicht geantwortet. Wir holen die Daten mit dem nächsten Bericht nach.",
        en="Microsoft did not answer. We will catch up with the next report.",
    ),
    Reason.CONTRACT: Text(
        de="Microsoft hat anders geantwortet als zugesagt. Wir kümmern uns darum.",
        en="Microsoft answered differently than promised. We are taking care of it.",
    ),
}

_REFUSALS: Mapping[type[TenantError], Text] = {
    ConsentMissing: Text(
        de="Die Zustimmung zu unserer Anwendung fehlt in diesem Mandanten. "
        "Kunde: Bitte der Anwendung erneut zustimmen.",
        en="Consent to our application is missing in this tenant. "
        "Customer: please grant consent again.",
    ),
    ApplicationDisabled: Text(
        de="Unsere Unternehmensanwendung ist in diesem Mandanten deaktiviert. "
        "Kunde: Bitte die Anmeldung für die Anwendung wieder aktivieren.",
        en="Our enterprise application is disabled in this tenant. "
        "Customer: please enable sign-in for the application again.",
    ),
    AccessBlocked: Text(
        de="Eine Richtlinie für bedingten Zugriff sperrt unsere Anwendung. "
        "Kunde: Bitte die Anwendung von der Richtlinie ausnehmen.",
        en="A conditional access policy blocks our application. "
        "Customer: please exclude the application from the policy.",
    ),
    TenantGone: Text(
        de="Microsoft kennt diesen Mandanten nicht mehr. "
        "Kunde: Bitte wenden Sie sich an Ihr Customer Service Center.",
        en="Microsoft does not know this tenant any more. "
        "Customer: please contact your Customer Service Center.",
    ),
}

_CAUSES: Mapping[Cause, Text] = {
    Cause.PERMISSION: _REASONS[Reason.PERMISSION],
    Cause.LICENCE: _REASONS[Reason.LICENCE],
    Cause.FEATURE: _REASONS[Reason.FEATURE],
    Cause.ACCESS: _REASONS[Reason.ACCESS],
    Cause.CONTRACT: _REASONS[Reason.CONTRACT],
    Cause.CONSENT: _REFUSALS[ConsentMissing],
    Cause.DISABLED: _REFUSALS[ApplicationDisabled],
    Cause.BLOCKED: _REFUSALS[AccessBlocked],
    Cause.GONE: _REFUSALS[TenantGone],
    Cause.SILENT: Text(
        de="Microsoft antwortet für diesen Mandanten nicht. Wir versuchen es weiter.",
        en="Microsoft does not answer for this tenant. We keep trying.",
    ),
}

_NOT_DELIVERED = Text(de="Nicht lieferbar: {sentence}", en="Cannot be delivered: {sentence}")
_GAP = Text(de="Seit {since}: {sentence}", en="Since {since}: {sentence}")
_LEAD = Text(de="{strong} {rest}", en="{strong} {rest}")


def gap_sentence(gap: Gap, report: Report) -> Message:
    """Why, who must act, and since when; what is missing is `report.gap_title(gap)`."""
    since = Voice.of(report.tenant, Language.DE).local(gap.since).date()
    return message(_GAP, sentence=reason_sentence(gap.reason, gap.detail), since=since)


def lack_sentence(lack: Lack) -> Message:
    """As in a report's gaps, or as of a run that was refused."""
    return message(_CAUSES[lack.cause], detail=lack.detail)


def headline(report: Report) -> dict[str, str]:
    """The lead sentence per language, for the portal; counts only, no personal data."""
    lead = report.content.lead
    whole = message(_LEAD, strong=lead.strong, rest=lead.rest) if lead.rest else lead.strong
    return {language: Voice.of(report.tenant, language).say(whole) for language in Language}


def refusal(error: TenantError | DatasetError) -> dict[str, str]:
    """Why a run delivers nothing and who must do what, per language."""
    is_gap = isinstance(error, DatasetError)
    sentence = (
        reason_sentence(error.reason, error.detail) if is_gap else Message(_REFUSALS[type(error)])
    )
    said = message(_NOT_DELIVERED, sentence=sentence)
    return {language: Voice(language, "UTC").say(said) for language in Language}


def reason_sentence(reason: Reason, detail: str) -> Message:
    return message(_REASONS[reason], detail=detail)
