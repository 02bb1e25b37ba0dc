"""The fixed words of the portal's pages, German and English side by side."""

from collections.abc import Mapping

from shared_code.core.tenant import TenantState
from shared_code.core.text import Text
from shared_code.rendering.page_words import PAGE

PORTAL: Mapping[str, Text] = {
    "title": Text(de="Ihre Berichte", en="Your reports"),
    "skip": PAGE["skip"],
    "last_run": Text(de="Letzter Lauf", en="Last run"),
    "open": Text(de="Öffnen", en="Open"),
    "reports": Text(de="Berichte", en="Reports"),
    "caption": Text(
        de="Berichte mit Status, Kennzahl und Dateien", en="Reports with status, figure and files"
    ),
    "scroll": PAGE["scroll"],
    "status": Text(de="Status", en="Status"),
    "report": PAGE["report"],
    "figure": Text(de="Kennzahl", en="Key figure"),
    "change": Text(de="Änderung", en="Change"),
    "trend": Text(de="Verlauf", en="Trend"),
    "as_of": PAGE["as_of"],
    "files": Text(de="Dateien", en="Files"),
    "archive": Text(de="Archiv", en="Archive"),
    "back": Text(de="Zurück zur Übersicht", en="Back to the overview"),
    "none": Text(
        de="In diesem Monat wurde kein Bericht geliefert.", en="No report was delivered this month."
    ),
    "period": Text(de="Zeitraum", en="Period"),
    "audit": Text(de="Protokoll", en="Audit"),
    "audit_hint": Text(
        de="wer sich angemeldet, Links ausgestellt oder etwas geändert hat",
        en="who signed in, issued links or changed anything",
    ),
    "audit_note": Text(
        de="Die neuesten 200 Einträge. Personen stehen mit der Objekt-ID, die sie in Microsoft Entra ID haben. Wer "
        "einen Link öffnet, wird nicht festgehalten. Einzelheiten sind englisch, wie sie aufgezeichnet wurden.",
        en="The newest 200 entries. People stand with the object id they have in Microsoft Entra ID. Who opens a link "
        "is not recorded. Details stand as they were recorded.",
    ),
    "no_audit": Text(de="Es ist noch nichts festgehalten.", en="Nothing is recorded yet."),
    "at": Text(de="Zeitpunkt", en="Time"),
    "what": Text(de="Was", en="What"),
    "who": Text(de="Wer", en="Who"),
    "about": Text(de="Einzelheiten", en="Details"),
    "footer": Text(
        de="Links aus E-Mails führen hierher und verlangen Ihre Anmeldung. Dateilinks gelten nur kurz.",
        en="Links in emails lead here and ask you to sign in. File links are short-lived.",
    ),
    "other_language": PAGE["other_language"],
    "signed_in": Text(de="Angemeldet", en="Signed in"),
    "sign_out": Text(de="Abmelden", en="Sign out"),
    "customers": Text(de="Kunden", en="Customers"),
    "customer": Text(de="Kunde", en="Customer"),
    "domain": Text(de="Domäne", en="Domain"),
    "state": Text(de="Zustand", en="State"),
    "no_customers": Text(de="Es gibt noch keine Kunden.", en="There are no customers yet."),
}
STATES: Mapping[TenantState, Text] = {
    TenantState.INVITED: Text(de="eingeladen", en="invited"),
    TenantState.ACTIVE: Text(de="aktiv", en="active"),
    TenantState.SUSPENDED: Text(de="ausgesetzt", en="suspended"),
    TenantState.CONSENT_WITHDRAWN: Text(de="Zustimmung entzogen", en="consent withdrawn"),
    TenantState.OFFBOARDING: Text(de="scheidet aus", en="leaving"),
    TenantState.OFFBOARDED: Text(de="ausgeschieden", en="offboarded"),
}
ITEMS = {
    "one": Text(de="Dieser Punkt braucht Sie", en="This item needs you"),
    "other": Text(de="Diese {n} Punkte brauchen Sie", en="These {n} items need you"),
}
MORE_ITEMS = Text(
    de="Die {n} dringendsten von {all} Punkten", en="The {n} most urgent of {all} items"
)
NOTHING = Text(
    de="Derzeit braucht nichts Ihre Entscheidung.", en="Nothing needs your decision right now."
)
NOTHING_KNOWN = Text(
    de="Von dem, was vorliegt, braucht derzeit nichts Ihre Entscheidung.",
    en="Of what is there, nothing needs your decision right now.",
)
NOTHING_YET = Text(
    de="Sobald Berichte vorliegen, steht hier, was Ihre Entscheidung braucht.",
    en="Once there are reports, this is where you see what needs your decision.",
)
KEPT = {
    "one": Text(
        de="Frühere Stände nach Monaten. Berichte werden {n} Monat aufbewahrt und dann gelöscht.",
        en="Earlier reports by month. Reports are kept for {n} month and then deleted.",
    ),
    "other": Text(
        de="Frühere Stände nach Monaten. Berichte werden {n} Monate aufbewahrt und dann gelöscht.",
        en="Earlier reports by month. Reports are kept for {n} months and then deleted.",
    ),
}
DEADLINE = Text(de="Frist {day}", en="Due {day}")
IN_DAYS = {
    "zero": Text(de="heute", en="today"),
    "one": Text(de="morgen", en="tomorrow"),
    "other": Text(de="in {n} Tagen", en="in {n} days"),
}
OF_REPORT = Text(de="{report} · {rest}", en="{report} · {rest}")
AS_OF = Text(de="Stand {day}", en="as of {day}")
FIRST_RUN = Text(de="Erster Lauf am {day}.", en="First run on {day}.")
NOT_SINCE = Text(
    de="Stand {day}. Seitdem nicht lieferbar: siehe Hinweis.",
    en="As of {day}. Could not be delivered since: see the note.",
)
CADENCES = (
    Text(de="wöchentlich", en="weekly"),
    Text(de="monatlich", en="monthly"),
    Text(de="täglich", en="daily"),
)
