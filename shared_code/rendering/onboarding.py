"""The pages of onboarding: what a customer's admin consents to, and how far it has come. No script."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from shared_code.core.invitation import Ask, InvitationState, Invited
from shared_code.core.privacy import Privacy, holds_people
from shared_code.core.report import ReportType
from shared_code.core.tenant import Contact
from shared_code.core.text import Language, Text, message
from shared_code.rendering.language import Voice
from shared_code.rendering.page_words import PAGE
from shared_code.rendering.permission_words import PERMISSIONS
from shared_code.rendering.templates import asset, hash_of, template

type Fields = dict[str, object]

_STYLE = "\n".join(map(asset, ("colours.css", "page.css", "onboarding.css")))
CONTENT_POLICY = (
    f"default-src 'none'; style-src '{hash_of(_STYLE)}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

_WORDS: Mapping[str, Text] = {
    "title": Text(de="Zustimmung zu Ihren Berichten", en="Consent to your reports"),
    "skip": PAGE["skip"],
    "other_language": PAGE["other_language"],
    "valid": Text(de="Einladung gültig bis", en="Invitation valid until"),
    "read_only": Text(de="Nur lesend", en="Read-only"),
    "summary": Text(
        de="Die Anwendung darf in Ihrer Organisation nur lesen. Sie kann nichts ändern, anlegen oder löschen "
        "und sieht weder E-Mails noch Dateien noch Chats.",
        en="The application may only read in your organisation. It cannot change, create or delete anything "
        "and sees neither emails nor files nor chats.",
    ),
    "asked": Text(de="Worum wir Sie bitten", en="What we ask you for"),
    "asked_hint": Text(
        de="Microsoft zeigt Ihnen gleich dieselben Berechtigungen in eigenen Worten. Alle sind "
        "Anwendungsberechtigungen von Microsoft Graph.",
        en="Microsoft will show you the same permissions in its own words. "
        "All are application permissions of Microsoft Graph.",
    ),
    "needed_by": Text(de="Nötig für", en="Needed for"),
    "others": Text(de="Worum Microsoft außerdem fragt", en="What Microsoft asks for in addition"),
    "others_hint": Text(
        de="Microsoft fragt immer nach allen Berechtigungen der Anwendung. Diese braucht keiner Ihrer Berichte; "
        "sie werden nicht genutzt.",
        en="Microsoft always asks for all permissions of the application. None of your reports needs these; "
        "they are not used.",
    ),
    "people": Text(de="Personenbezogene Daten", en="Personal data"),
    "mails": Text(de="Wer E-Mails bekommt", en="Who gets emails"),
    "no_mails": Text(
        de="Derzeit niemand. Die Berichte stehen im Portal.",
        en="Nobody at present. The reports are in the portal.",
    ),
    "service": Text(de="Beginn und Ende", en="Start and end"),
    "start": Text(de="Beginn", en="Start"),
    "end": Text(de="Ende", en="End"),
    "open_end": Text(de="auf unbestimmte Zeit", en="open-ended"),
    "first": Text(de="Berichte ab", en="Reports from"),
    "consent": Text(de="Zustimmen bei Microsoft", en="Consent at Microsoft"),
    "consent_hint": Text(
        de="Sie melden sich bei Microsoft an, nicht bei uns. Nötig ist die Rolle „Globaler Administrator“ oder "
        "„Administrator für privilegierte Rollen“.",
        en="You sign in at Microsoft, not with us. It takes the role Global Administrator or "
        "Privileged Role Administrator.",
    ),
    "withdraw": Text(
        de="Sie können die Zustimmung jederzeit zurücknehmen: im Entra Admin Center unter "
        "Unternehmensanwendungen die Anwendung löschen. Damit endet unser Zugriff.",
        en="You can withdraw consent at any time: delete the application under Enterprise applications "
        "in the Entra admin center. That ends our access.",
    ),
    "look": Text(de="Noch einmal nachsehen", en="Look again"),
    "again": Text(de="Zurück zur Einladung", en="Back to the invitation"),
    "missing": Text(de="Diese Berechtigungen fehlen noch:", en="These permissions are still missing:"),
    "not_yet": Text(
        de="Noch nicht zugestimmt? Dann hier:", en="Not consented yet? Then here:"
    ),
}  # fmt: skip

_PRIVACY: Mapping[Privacy, Text] = {
    Privacy.NAMED: Text(
        de="Mit Namen: Namen und Adressen von Konten werden gelesen, gespeichert und im Bericht gezeigt.",
        en="With names: names and addresses of accounts are read, stored and shown in the report.",
    ),
    Privacy.PSEUDONYMOUS: Text(
        de="Mit Pseudonymen: Namen und Adressen werden vor dem Speichern durch Kürzel ersetzt.",
        en="With pseudonyms: names and addresses are replaced by short codes before anything is stored.",
    ),
    Privacy.AGGREGATE: Text(
        de="Nur Summen: Der Bericht nennt niemanden und keine Gruppe unter fünf Personen.",
        en="Totals only: the report names nobody and no group of fewer than five people.",
    ),
}
_NOBODY = Text(de="Keine Daten über Personen.", en="No data about people.")
_APPROVED = Text(de="Genehmigt: {by}, {on}.", en="Approved: {by}, {on}.")
_ALL_REPORTS = Text(de="alle Berichte", en="all reports")
_LANGUAGE = {
    Language.DE: Text(de="Deutsch", en="German"),
    Language.EN: Text(de="Englisch", en="English"),
}


@dataclass(frozen=True, slots=True)
class _Said:
    title: Text
    text: Text
    style: str
    back: bool = False
    checking: bool = False


_DONE = _Said(
    title=Text(de="Danke, alles ist bereit", en="Thank you, everything is ready"),
    text=Text(
        de="Ihre Zustimmung ist geprüft. Die Berichte beginnen wie vereinbart.",
        en="Your consent is verified. The reports begin as agreed.",
    ),
    style="ok",
)
_CHECKING = _Said(
    title=Text(de="Ihre Zustimmung wird geprüft", en="Your consent is being checked"),
    text=Text(
        de="Bis Microsoft die Zustimmung überall kennt, können einige Minuten vergehen. Sie können diese Seite "
        "schließen: Wir prüfen von selbst weiter.",
        en="It may take some minutes until Microsoft knows of the consent everywhere. You may close this page: "
        "we go on checking by ourselves.",
    ),
    style="warn",
    checking=True,
)
_ANSWERS: Mapping[str, _Said] = {
    "declined": _Said(
        title=Text(de="Sie haben nicht zugestimmt", en="You did not consent"),
        text=Text(
            de="Es wurde nichts eingerichtet und nichts gelesen. Die Einladung gilt weiter, falls Sie es sich anders "
            "überlegen oder ein anderer Administrator zustimmen soll.",
            en="Nothing was set up and nothing was read. The invitation remains valid in case you change your mind "
            "or another administrator should consent.",
        ),
        style="warn",
        back=True,
    ),
    "failed": _Said(
        title=Text(de="Die Zustimmung kam nicht zustande", en="Consent did not go through"),
        text=Text(
            de="Microsoft hat keine Zustimmung gemeldet. Bitte versuchen Sie es noch einmal, mit einem Konto, das "
            "für die ganze Organisation zustimmen darf.",
            en="Microsoft did not report consent. Please try again with an account that may consent "
            "on behalf of the whole organisation.",
        ),
        style="warn",
        back=True,
    ),
    "other-tenant": _Said(
        title=Text(de="Ein anderes Verzeichnis", en="Another directory"),
        text=Text(
            de="Zugestimmt wurde in einem anderen Verzeichnis als dem, für das diese Einladung gilt. Es wurde nichts "
            "eingerichtet. Bitte melden Sie sich mit einem Konto der eingeladenen Organisation an.",
            en="Consent was given in another directory than the one this invitation is for. Nothing was set up. "
            "Please sign in with an account of the invited organisation.",
        ),
        style="bad",
        back=True,
    ),
}


def invitation_page(invited: Invited, language: Language, *, brand: str) -> str:
    """What is asked for, or how far the check has come."""
    page = _Page(invited, language)
    match invited.invitation.state:
        case InvitationState.COMPLETED:
            return _rendered("onboarding_answer.html.j2", page.said(_DONE), brand)
        case InvitationState.CHECKING:
            return _rendered("onboarding_answer.html.j2", page.said(_CHECKING), brand)
        case _:
            return _rendered("onboarding.html.j2", page.invitation(), brand)


def answer_page(answer: str, invited: Invited, language: Language, *, brand: str) -> str:
    """After a way back from Microsoft without consent."""
    fields = _Page(invited, language).said(_ANSWERS[answer])
    return _rendered("onboarding_answer.html.j2", fields, brand)


def _rendered(name: str, fields: Fields, brand: str) -> str:
    return template(name).render(
        **fields,
        brand=brand,
        style=Markup(_STYLE),  # noqa: S704 - our own file
    )


@dataclass(frozen=True, slots=True)
class _Page:
    invited: Invited
    language: Language

    @property
    def _voice(self) -> Voice:
        return Voice.of(self.invited.tenant, self.language)

    def _frame(self) -> Fields:
        say, tenant = self._voice.say, self.invited.tenant
        other = next(each for each in Language if each is not self.language)
        return {
            "lang": self.language,
            "other": other,
            "other_address": f"{self.invited.page_address}?lang={other}",
            "customer": tenant.customer,
            "domain": tenant.domain,
            "w": {name: say(text) for name, text in _WORDS.items()},
        }

    def invitation(self) -> Fields:
        voice, tenant = self._voice, self.invited.tenant
        first = [each.since for each in tenant.subscriptions.values()]
        return self._frame() | {
            "expires": voice.date(self.invited.invitation.expires),
            "address": self.invited.consent_address,
            "asks": [self._ask(ask) for ask in self.invited.asks if ask.reports],
            "others": [self._ask(ask) for ask in self.invited.asks if not ask.reports],
            "reports": [self._report(report) for report in self.invited.reports],
            "contacts": [self._contact(contact) for contact in tenant.contacts],
            "start": voice.date(tenant.service_start) if tenant.service_start else "",
            "end": voice.date(tenant.service_end) if tenant.service_end else "",
            "first": voice.date(min(first)) if first else "",
        }

    def said(self, said: _Said) -> Fields:
        say = self._voice.say
        back = f"{self.invited.page_address}?lang={self.language}"
        return self._frame() | {
            "heading": say(said.title),
            "text": say(said.text),
            "style_of": said.style,
            "back": back if said.back else "",
            "look": back if said.checking else "",
            "address": self.invited.consent_address if said.checking else "",
            "missing": [self._missing(name) for name in self.invited.missing],
        }

    def _ask(self, ask: Ask) -> Fields:
        return {
            "permission": ask.permission,
            "words": self._words(ask.permission),
            "reports": [self._voice.say(report.title) for report in ask.reports],
        }

    def _missing(self, permission: str) -> Fields:
        return {"permission": permission, "words": self._words(permission)}

    def _words(self, permission: str) -> str:
        return self._voice.say(PERMISSIONS[permission]) if permission in PERMISSIONS else ""

    def _report(self, report: ReportType) -> Fields:
        tenant, say = self.invited.tenant, self._voice.say
        mode = tenant.privacy_of(report.name, default=report.privacy)
        choice = tenant.privacy.get(report.name)
        approved = ""
        if choice and choice.mode is mode and choice.approved_by and choice.approved_on:
            approved = say(message(_APPROVED, by=choice.approved_by, on=choice.approved_on))
        is_about_people = any(holds_people(dataset.row) for dataset in report.needs)
        return {
            "title": say(report.title),
            "summary": say(report.summary),
            "privacy": say(_PRIVACY[mode] if is_about_people else _NOBODY),
            "approved": approved if is_about_people else "",
        }

    def _contact(self, contact: Contact) -> Fields:
        say = self._voice.say
        titles = [say(r.title) for r in self.invited.reports if r.name in contact.reports]
        return {
            "address": contact.address,
            "language": say(_LANGUAGE[contact.language]),
            "reports": ", ".join(titles) if contact.reports else say(_ALL_REPORTS),
        }
