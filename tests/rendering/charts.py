"""One chart of every kind, with everything it can show."""

from datetime import UTC, date, datetime, timedelta

from shared_code.core.chart import (
    Bar,
    BarChart,
    Chart,
    Colour,
    ColumnChart,
    LineChart,
    Mark,
    Series,
    ShareChart,
    ShareRow,
    Timeline,
    TimelineRow,
    Tone,
    Unit,
)
from shared_code.core.text import Message, Text, message

_START = datetime(2026, 11, 22, 23, tzinfo=UTC)
_OF = Text(de="{n} von {all}", en="{n} of {all}")
_GIB = 1024**3

MONTHS = tuple(date(2025 + (11 + n) // 12, (11 + n) % 12 + 1, 1) for n in range(12))


def _text(word: str) -> Text:
    return Text(de=word, en=f"{word} (en)")


def _days(count: float) -> datetime:
    return _START + timedelta(days=count)


BARS = BarChart(
    title=_text("Wo noch MFA fehlt"),
    subtitle=_text("Anteil ohne MFA je Abteilung"),
    summary=Message(_text("Am meisten fehlt in der Produktion.")),
    unit=_text("Anteil"),
    values=Unit.SHARE,
    bars=tuple(
        Bar(label=label, value=rate, tone=Tone.BAD, note=message(_text("({n})"), n=n), people=n)
        for label, rate, n in (
            ("Produktion", 0.156, 14),
            ("Entwicklung", 0.128, 10),
            ("Geschäftsführung", 0.081, 8),
            ("Vertrieb Österreich, Deutschland und Schweiz", 0.059, 7),
            ("Personal", 0.043, 4),
        )
    ),
)
COLUMNS = ColumnChart(
    title=_text("Verlauf über 12 Monate"),
    subtitle=_text("Mitglieder nach stärkster registrierter Methode"),
    summary=Message(_text("Ohne MFA: von 260 auf 70.")),
    unit=_text("Mitglieder"),
    labels=MONTHS,
    series=(
        Series(
            label=_text("Phishing-resistent"),
            values=(40, 46, 50, None, 80, 95, 108, 121, 134, 151, 166, 207),
            colour=Colour.BEST,
        ),
        Series(
            label=_text("MFA (App/TOTP)"),
            values=(345, 360, 390, None, 440, 465, 490, 510, 518, 525, 532, 540),
            colour=Colour.GOOD,
        ),
        Series(
            label=_text("Nur SMS/Telefon"),
            values=(210, 206, 200, None, 185, 175, 165, 155, 148, 140, 130, 120),
            colour=Colour.WARN,
        ),
        Series(
            label=_text("Ohne MFA"),
            values=(265, 255, 232, None, 185, 158, 138, 120, 111, 104, 98, 70),
            colour=Colour.BAD,
        ),
    ),
)
SINGLE_COLUMNS = ColumnChart(
    title=_text("Störungen"),
    subtitle=_text("je Monat"),
    summary=Message(_text("Im letzten Monat 5.")),
    unit=_text("Störungen"),
    labels=MONTHS,
    series=(
        Series(
            label=_text("Störungen"),
            values=(3, 2, 0, 4, 6, 1, 2, 7, 4, 3, 7, 5),
            colour=Colour.BEST,
        ),
    ),
)
LINES = LineChart(
    title=_text("Speicher in SharePoint"),
    subtitle=_text("belegt, mit Vorschau bei gleichem Wachstum"),
    summary=Message(_text("Voll ungefähr im März.")),
    unit=_text("Belegt"),
    values=Unit.SIZE,
    labels=MONTHS,
    series=(
        Series(
            label=_text("Belegt"),
            values=(
                *(n * _GIB for n in (1210, 1260, 1302, 1340, 1400, 1462, 1499, 1560)),
                *(None,) * 4,
            ),
            colour=Colour.BEST,
        ),
        Series(
            label=_text("Vorschau"),
            values=(*(None,) * 7, *(n * _GIB for n in (1560, 1612, 1664, 1716, 1768))),
            colour=Colour.BEST,
            dashed=True,
        ),
        Series(label=_text("Kontingent"), values=(2048.0 * _GIB,) * 12, colour=Colour.NEUTRAL),
    ),
)
APART = LineChart(
    title=_text("Aktive Benutzer je Dienst"),
    subtitle=_text("in 30 Tagen, alle mit demselben Maßstab"),
    summary=Message(_text("Teams wächst, Viva Engage sinkt.")),
    unit=_text("Benutzer"),
    labels=MONTHS,
    apart=True,
    series=tuple(
        Series(
            label=label,
            values=tuple(None if n == hole else start + step * n for n in range(12)),
            colour=Colour.BEST,
        )
        for label, start, step, hole in (
            ("Exchange Online", 860, 3, -1),
            ("Microsoft Teams", 610, 19, 4),
            ("OneDrive", 480, 9, -1),
            ("SharePoint", 512, 4, -1),
            ("Viva Engage", 120, -8, 1),
        )
    ),
)
SHARES = ShareChart(
    title=_text("Nach Bereich"),
    subtitle=_text("Anteil erfüllter Prüfungen"),
    summary=Message(_text("Am wenigsten erfüllt ist Teams.")),
    unit=_text("Erfüllt"),
    parts=(
        (_text("Erfüllt"), Colour.BEST),
        (_text("Ausnahme"), Colour.GOOD),
        (_text("Abweichung"), Colour.BAD),
        (_text("Nicht prüfbar"), Colour.NEUTRAL),
    ),
    rows=tuple(
        ShareRow(label=label, values=values, note=message(_OF, n=values[0], all=sum(values)))
        for label, values in (
            ("Entra ID", (11, 0, 8, 1)),
            ("Exchange Online", (6, 1, 3, 0)),
            ("SharePoint und OneDrive", (4, 0, 2, 1)),
            ("Teams", (3, 0, 4, 0)),
            ("Intune", (0, 0, 0, 0)),
        )
    ),
)
DEADLINES = Timeline(
    title=_text("Fristen der nächsten 90 Tage"),
    subtitle=_text("nach Dienst"),
    summary=Message(_text("Als Nächstes: Teams am 1. Dezember.")),
    unit=_text("Meldung"),
    start=_START,
    end=_days(90),
    rows=(
        TimelineRow(
            label="Microsoft Teams",
            marks=(
                Mark(start=_days(8), label="Gastzugriff ändert sich", tone=Tone.BAD),
                Mark(start=_days(9), label="Alte Clients enden", tone=Tone.WARN),
                Mark(start=_days(70), label="Neue Voreinstellung für Besprechungen"),
            ),
        ),
        TimelineRow(
            label="Exchange Online",
            marks=(
                Mark(start=_days(23), label="Basic-Authentifizierung für SMTP", tone=Tone.WARN),
            ),
        ),
        TimelineRow(label="Microsoft 365 Apps für Unternehmen", marks=()),
        TimelineRow(
            label="SharePoint",
            marks=tuple(Mark(start=_days(60), label=f"Meldung {n}") for n in range(6)),
        ),
    ),
)
INCIDENTS = Timeline(
    title=_text("Störungen im Zeitraum"),
    subtitle=_text("je Dienst"),
    summary=Message(_text("Die längste in Exchange Online.")),
    unit=_text("Störung"),
    start=_days(-7),
    end=_START,
    rows=(
        TimelineRow(
            label="Exchange Online",
            marks=(
                Mark(start=_days(-6.3), end=_days(-6.0), label="EX100001", tone=Tone.BAD),
                Mark(start=_days(-2), end=_days(-1.99), label="EX100002"),
            ),
        ),
        TimelineRow(
            label="Microsoft Teams",
            marks=(Mark(start=_days(-9), end=_days(-4.5), label="TM100003", tone=Tone.WARN),),
        ),
    ),
)

CHARTS: tuple[Chart, ...] = (
    COLUMNS,
    BARS,
    LINES,
    SHARES,
    APART,
    SINGLE_COLUMNS,
    DEADLINES,
    INCIDENTS,
)
