"""The fixed words of a report's page, German and English side by side."""

from collections.abc import Mapping

from shared_code.core.chart import Tone
from shared_code.core.report import (
    Priority,
    Status,
)
from shared_code.core.text import Text

STATUS: Mapping[Status, tuple[str, Text]] = {  # glyph, word
    Status.BAD: ("!", Text(de="Handlungsbedarf", en="Action needed")),
    Status.WARN: ("△", Text(de="Beobachten", en="Watch")),
    Status.OK: ("✓", Text(de="In Ordnung", en="All good")),
    Status.INCOMPLETE: ("?", Text(de="Unvollständig", en="Incomplete")),
}

PRIORITY: Mapping[Priority, tuple[Tone, Text]] = {
    Priority.CRITICAL: (Tone.BAD, Text(de="Kritisch", en="Critical")),
    Priority.HIGH: (Tone.WARN, Text(de="Hoch", en="High")),
    Priority.MEDIUM: (Tone.INFO, Text(de="Mittel", en="Medium")),
    Priority.LOW: (Tone.NEUTRAL, Text(de="Niedrig", en="Low")),
}

# Headings of the key figures in files.
FIGURES: tuple[Text, ...] = (
    Text(de="Kennzahl", en="Key figure"),
    Text(de="Wert", en="Value"),
    Text(de="Bezug", en="Base"),
    Text(de="Zuletzt", en="Previously"),
)

PAGE: Mapping[str, Text] = {
    "skip": Text(de="Zum Inhalt springen", en="Skip to content"),
    "view": Text(de="(Ansicht)", en="(view)"),
    "print": Text(de="Drucken", en="Print"),
    "theme": Text(de="Hell/Dunkel umschalten", en="Switch light/dark"),
    "other_language": Text(de="English", en="Deutsch"),
    "as_of": Text(de="Stand", en="As of"),
    "compared": Text(de="Vergleich mit", en="Compared with"),
    "first": Text(
        de="Erster Bericht – Vergleich ab dem nächsten Lauf",
        en="First report – comparison starts with the next run",
    ),
    "personal": Text(
        de="Vertraulich – enthält personenbezogene Daten",
        en="Confidential – contains personal data",
    ),
    "confidential": Text(de="Vertraulich", en="Confidential"),
    "note": Text(de="Hinweis", en="Note"),
    "kpis": Text(de="Kennzahlen", en="Key figures"),
    "better": Text(de="besser", en="better"),
    "worse": Text(de="schlechter", en="worse"),
    "unchanged": Text(de="unverändert", en="unchanged"),
    "first_value": Text(de="Erster Bericht", en="First report"),
    "since": Text(de="seit", en="since"),
    "points": Text(de="PP", en="pp"),
    "actions": Text(de="Was jetzt zu tun ist", en="What to do now"),
    "no_actions": Text(de="Derzeit ist nichts zu tun.", en="There is nothing to do at the moment."),
    "no_known_actions": Text(
        de="Aus dem, was gelesen werden konnte, ergibt sich nichts zu tun.",
        en="What could be read calls for nothing.",
    ),
    "show": Text(de="Liste anzeigen", en="Show list"),
    "changes": Text(de="Änderungen seit dem letzten Bericht", en="Changes since the last report"),
    "changes_hint": Text(
        de="Klick auf eine Kachel filtert die Tabelle.",
        en="Select a tile to filter the table.",
    ),
    "as_table": Text(de="Daten als Tabelle anzeigen", en="Show data as a table"),
    "label": Text(de="Bezeichnung", en="Label"),
    "when": Text(de="Zeitpunkt", en="When"),
    "filters": Text(de="Filter", en="Filters"),
    "search": Text(de="Suchen", en="Search"),
    "scroll": Text(de="scrollbarer Bereich", en="scrollable area"),
    "previous": Text(de="Zurück", en="Previous"),
    "next": Text(de="Weiter", en="Next"),
    "range": Text(de="{a}–{b} von {n}", en="{a}–{b} of {n}"),
    "none": Text(de="Keine Einträge für diesen Filter.", en="No entries for this filter."),
    "never": Text(de="nie", en="never"),
    "unknown": Text(de="unbekannt", en="unknown"),
    "no_script": Text(
        de="Ohne JavaScript sehen Sie nur die wichtigsten Zeilen ohne ihre Einzelheiten. "
        "Die vollständige Liste steht in der Excel-Datei.",
        en="Without JavaScript you see the most important rows only, without their details. "
        "The full list is in the Excel file.",
    ),
    "details": Text(de="Einzelheiten", en="Details"),
    "articles": Text(de="Meldungen im Wortlaut", en="Messages in full"),
    "image": Text(
        de="Bild im Microsoft 365 Admin Center", en="Image in the Microsoft 365 admin centre"
    ),
    "cut": Text(
        de="Gekürzt – vollständig im Microsoft 365 Admin Center",
        en="Shortened – in full in the Microsoft 365 admin centre",
    ),
    "clock": Text(de="{time}\u00a0Uhr", en="{time}"),
    "failed": Text(
        de="Dieser Browser kann die vollständige Liste nicht anzeigen. Sie steht in der Excel-Datei.",
        en="This browser cannot show the full list. It is in the Excel file.",
    ),
    "too_many": Text(
        de="Für den Druck zu viele Zeilen: Bitte filtern oder die Excel-Datei verwenden.",
        en="Too many rows to print: please filter, or use the Excel file.",
    ),
    "capped": Text(
        de="Diese Seite zeigt die {n} wichtigsten von {all} Zeilen. Alle stehen in der CSV-Datei.",
        en="This page shows the {n} most important of {all} rows. The CSV file has all.",
    ),
    "about": Text(
        de="Über diesen Bericht: Datenquellen, Definitionen, Grenzen",
        en="About this report: sources, definitions, limits",
    ),
    "report": Text(de="Bericht", en="Report"),
    "run": Text(
        de="{report} · Lauf {run} · Zeitraum {start} bis {end}",
        en="{report} · run {run} · period {start} to {end}",
    ),
    "footer": Text(
        de="Erstellt von {brand} · Fragen an Ihr Customer Service Center",
        en="Produced by {brand} · Questions to your Customer Service Center",
    ),
}


def no_actions(status: Status) -> Text:
    """What could not be read may call for something."""
    return PAGE["no_known_actions" if status is Status.INCOMPLETE else "no_actions"]
