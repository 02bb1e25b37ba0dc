"""Terms that several reports use, so that all say the same thing in the same words."""

from shared_code.core.text import Text

UNKNOWN = Text(de="unbekannt", en="unknown")
NOT_KNOWN = Text(de="nicht feststellbar", en="could not be determined")

# Who acts, and what it takes.
CUSTOMER = Text(de="Kunde", en="Customer")
PARTNER = Text(de="wir", en="us")
CUSTOMER_ASSISTED = Text(de="Kunde, wir unterstützen", en="Customer, we assist")
CUSTOMER_ADVISED = Text(de="Kunde, wir beraten", en="Customer, we advise")
LOW_EFFORT = Text(de="Gering (< 1 Std.)", en="Low (< 1 h)")
MEDIUM_EFFORT = Text(de="Mittel (≤ 1 Tag)", en="Medium (≤ 1 day)")

# Areas that reports share.
IDENTITY_AREA = Text(de="Identität & Zugriff", en="Identity & access")
SERVICES_AREA = Text(de="Dienste & Betrieb", en="Services & operations")

# Titles of columns and of facts.
USER = Text(de="Benutzer", en="User")
SIGN_IN_NAME = Text(de="Anmeldename", en="Sign-in name")
LAST_SIGN_IN = Text(de="Letzte Anmeldung", en="Last sign-in")
LAST_ACTIVITY = Text(de="Letzte Aktivität", en="Last activity")
NUMBER = Text(de="Nummer", en="Number")
SERVICE = Text(de="Dienst", en="Service")
OTHER_SERVICES = Text(de="Weitere Dienste", en="Other services")
MODIFIED = Text(de="Zuletzt geändert", en="Last modified")

# What a licence that the tenant does not own would tell besides.
NOT_LICENSED = Text(de="Nicht lizenziert", en="Not licensed")
WITHOUT_SIGN_INS = Text(
    de="Wann sich jemand zuletzt angemeldet hat, gibt Microsoft nur mit Microsoft Entra ID P1 bekannt; ohne diese Lizenz "
    "gehört es nicht zum Bericht.",
    en="Microsoft tells last sign-ins with Microsoft Entra ID P1 only; without that licence they are not part of the "
    "report.",
)

# What is said of accounts.
NEWLY_IDLE = Text(de="Neu inaktiv", en="Newly inactive")
ACTIVE_AGAIN = Text(de="Wieder aktiv", en="Active again")
NO_MFA = Text(de="Keine MFA", en="No MFA")
WITHOUT_MFA = Text(de="Ohne MFA", en="Without MFA")
PHISHING_RESISTANT = Text(de="Phishing-resistent", en="Phishing-resistant")
MFA_UNKNOWN = Text(de="MFA-Status unbekannt", en="MFA state unknown")

# Filters of a table, and the column that says what changed.
ALL = Text(de="Alle", en="All")
CHANGE = Text(de="Änderung", en="Change")
UNCHANGED = Text(de="Unverändert", en="Unchanged")
UPDATED = Text(de="Aktualisiert", en="Updated")
ADDED = Text(de="Neu", en="Added")
REMOVED = Text(de="Entfernt", en="Removed")

# What "About this report" explains.
SOURCE = Text(de="Datenquelle", en="Source")
COUNTING_RULE = Text(de="Zählweise", en="Counting rule")
FRESHNESS = Text(de="Aktualität", en="Freshness")
LIMITS = Text(de="Grenzen", en="Limits")

# Usage reports of Microsoft's.
PRIVACY = Text(de="Datenschutz", en="Privacy")
CONCEALED = Text(
    de="Namen sind in Ihrem Mandanten verborgen. Das ist die Voreinstellung von Microsoft. Statt der Namen stehen "
    "gleichbleibende Kürzel.",
    en="Names are concealed in your tenant, as is Microsoft's default. Constant codes stand in place of the names.",
)
PSEUDONYMS = Text(
    de="Statt der Namen und Adressen stehen gleichbleibende Kürzel. Namen zeigt dieser Bericht nur mit schriftlicher "
    "Zustimmung Ihres Hauses.",
    en="Constant codes stand in place of names and addresses. This report shows names only with your organisation's "
    "written approval.",
)
REFRESHED = Text(
    de="Microsofts Zahlen haben den Stand {day}.", en="Microsoft's figures are as of {day}."
)
