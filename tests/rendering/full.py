"""A report that has everything a page can show."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import msgspec

from shared_code.core.chart import Tone
from shared_code.core.errors import Reason
from shared_code.core.report import Action, Article, Priority, Report
from shared_code.core.run import Gap
from shared_code.core.table import NEVER, Cell, Column, Kind, Line, Option
from shared_code.core.text import German, Message, Text
from tests.rendering.charts import CHARTS
from tests.rendering.tables import MONDAY, MadeLines, figure, report_of, same

_GIB = 1024**3

COLUMNS = (
    Column(label=same("Meldung"), kind=Kind.PAIR, small=same("Nummer")),
    Column(label=same("Wirkt ab"), kind=Kind.DATE),
    Column(label=same("Geändert"), kind=Kind.MOMENT),
    Column(label=same("Belegt"), kind=Kind.SHARE),
    Column(label=same("Größe"), kind=Kind.SIZE),
    Column(label=same("Dauer"), kind=Kind.DURATION),
    Column(label=same("Konten"), kind=Kind.COUNT),
    Column(
        label=same("Stand"),
        kind=Kind.CHOICE,
        options=(Option(same("Gleich")), Option(same("Abweichung"), Tone.BAD, "✕")),
    ),
    Column(label=same("Dienste"), kind=Kind.LIST, secondary=True),
    Column(label=same("Warum wichtig"), detail=True),
    Column(label=same("Nachweis"), kind=Kind.LIST, detail=True),
    Column(label=same("Größtes Postfach"), kind=Kind.SIZE, detail=True),
)
BODY = (
    "<h2>Summary</h2><p>We are <b>changing</b> the <i>default</i>.</p><h5>When</h5>"
    '<p>See <a href="https://learn.example/teams" target="_blank">the article</a> or '
    '<a href="mailto:help@contoso.example">write</a>.</p><img src="https://evil.example/1.png">'
    "<ul><li>First</li><li>Second</li></ul><table><thead><tr><th>Ring</th><th>Date</th></tr></thead>"
    "<tbody><tr><td>Targeted</td><td>December</td></tr></tbody></table>"
    "<blockquote>Quoted</blockquote><pre>Set-Example -Value 1</pre>"
    "<script>alert(1)</script><p onclick='alert(1)'>Last</p>"
)
ARTICLES = tuple(
    Article(
        key=f"MC10000{n}",
        title=f"Guest access in Teams changes, part {n}",
        facts=(
            (same("Dienst"), Message(same("Microsoft Teams"))),
            (same("Wirkt ab"), Message(same("{day}"), {"day": MONDAY})),
        ),
        html=BODY,
    )
    for n in range(2)
)


def lines() -> Iterator[Line]:
    for n in range(60):
        cells: tuple[Cell, ...] = (
            (f"Meldung {n}", f"MC10000{n}"),
            NEVER if n % 7 == 3 else MONDAY + timedelta(days=n),
            None if n % 7 == 4 else MONDAY - timedelta(minutes=37 * n),
            None if n % 7 == 5 else n / 60,
            n * 3.7 * _GIB,
            n * 1111,
            n * 1234,
            n % 2,
            ("Teams", "SharePoint"),
            "" if n % 7 == 6 else f"Grund {n}:\nzweite Zeile",
            ("Konto A", "Konto B"),
            None,
        )
        article = ARTICLES[n].key if n < len(ARTICLES) else ""
        yield Line(str(n), cells, filters=("all",) if n % 3 else ("all", "added"), article=article)


def full(german: German = German.AUSTRIA) -> Report:
    """With sixty lines, every third of them added."""
    gap = Gap(dataset="guest-sign-ins", reason=Reason.LICENCE, detail="Entra ID P1", since=MONDAY)
    held = list(lines())
    counts = Counter(each for line in held for each in line.filters)
    made = report_of(
        MadeLines(len(held), lambda: held, counts),
        columns=COLUMNS,
        figures=tuple(figure(name, n) for n, name in enumerate(("neu", "offen", "alt", "alle"))),
        gaps=(gap,),
    )
    content = replace(
        made.content,
        charts=CHARTS,
        articles=ARTICLES,
        notes=((Text(de="Namen verborgen", en="Names concealed"), Message(same("Warum."))),),
        actions=(
            Action(
                title=Message(same("Etwas tun")),
                why=Message(same("Darum.")),
                priority=Priority.HIGH,
                who=same("Kunde"),
                effort=same("Gering"),
                filter="added",
            ),
        ),
    )
    tenant = msgspec.structs.replace(made.tenant, german=german)
    return replace(made, content=content, tenant=tenant)
