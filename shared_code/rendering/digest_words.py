"""The fixed words of the e-mail digest, German and English side by side."""

from collections.abc import Mapping

from shared_code.core.text import Text

SUBJECT = Text(de="[M365] {customer}: {what} – {month}", en="[M365] {customer}: {what} – {month}")
ONE = Text(de="{n} Punkt braucht Ihre Entscheidung", en="{n} item needs your decision")
MANY = Text(de="{n} Punkte brauchen Ihre Entscheidung", en="{n} items need your decision")
ONE_INCOMPLETE = Text(de="{n} Bericht ist unvollständig", en="{n} report is incomplete")
MANY_INCOMPLETE = Text(de="{n} Berichte sind unvollständig", en="{n} reports are incomplete")
WATCH = Text(de="nichts zu entscheiden, bitte beobachten", en="nothing to decide, please watch")
ALL_GOOD = Text(de="alles in Ordnung", en="all good")
PERIOD = Text(de="{start} bis {end}", en="{start} to {end}")
ONE_DEADLINE = Text(de="{n} Microsoft-Frist bis {last}", en="{n} Microsoft deadline by {last}")
MANY_DEADLINES = Text(de="{n} Microsoft-Fristen bis {last}", en="{n} Microsoft deadlines by {last}")
ONE_MORE = Text(de="Ein weiterer Punkt steht im Portal.", en="One more item is in the portal.")
MORE = Text(de="{n} weitere Punkte stehen im Portal.", en="{n} more items are in the portal.")
NOTHING = Text(de="Derzeit ist nichts zu entscheiden.", en="There is nothing to decide now.")
NOTHING_KNOWN = Text(
    de="In dem, was vorliegt, ist derzeit nichts zu entscheiden.",
    en="In what is there, there is nothing to decide now.",
)
WAITING = Text(
    de="Noch nicht fertig. Der Bericht erscheint im Portal, sobald er vorliegt.",
    en="Not ready yet. The report appears in the portal as soon as it is there.",
)
PARTIAL = Text(
    de="Teile fehlen. Der Bericht nennt, was fehlt, warum und wer handeln muss.",
    en="Parts are missing. The report says what, why, and who must act.",
)
DIGEST: Mapping[str, Text] = {
    "act": Text(de="Jetzt handeln", en="Act now"),
    "incomplete": Text(de="Nicht vollständig", en="Not complete"),
    "figures": Text(de="Kennzahlen", en="Key figures"),
    "report": Text(de="Bericht", en="Report"),
    "now": Text(de="Jetzt", en="Now"),
    "change": Text(de="Änderung", en="Change"),
    "better": Text(de="besser", en="better"),
    "worse": Text(de="schlechter", en="worse"),
    "deadlines": Text(de="Neu von Microsoft (mit Frist)", en="New from Microsoft (with deadline)"),
    "open": Text(de="Alle Berichte im Portal öffnen", en="Open all reports in the portal"),
    "portal": Text(de="Alle Berichte", en="All reports"),
    "why": Text(
        de="Diese E-Mail enthält bewusst keine Namen von Benutzern. Die Links führen zum Portal und "
        "verlangen Ihre Anmeldung. Empfänger oder Häufigkeit ändern: Bitte wenden Sie sich an Ihr "
        "Customer Service Center.",
        en="This e-mail deliberately contains no names of users. Its links lead to the portal and ask "
        "you to sign in. To change recipients or frequency, please contact your Customer Service "
        "Center.",
    ),
}
