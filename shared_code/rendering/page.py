"""What a report's page shows, said in the reader's language, in the order of the template."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from markupsafe import Markup, escape

from shared_code.core.chart import Chart, Tone
from shared_code.core.link import download_name
from shared_code.core.report import (
    Action,
    Cell,
    Change,
    Column,
    Figure,
    Kind,
    Line,
    Report,
)
from shared_code.core.text import Message, Text, Value
from shared_code.rendering.block import MOST_LINES
from shared_code.rendering.cells import printable, shown, style
from shared_code.rendering.charts import draw, legend, numbers, sparkline
from shared_code.rendering.delta import delta_of
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE, PRIORITY, STATUS
from shared_code.rendering.wording import gap_sentence

# Without a script these are all there is.
_STATIC_LINES = 100

_COUNT_STYLES = {Tone.OK: "good", Tone.BAD: "worse"}

_LONGEST_ADDRESS = 255
_BREAKS = re.compile(r"(?<=[.@])(?=.)")

type Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """`fields` is what the template calls `r`."""

    report: Report
    voice: Voice

    def fields(self) -> Fields:
        report, say = self.report, self.voice.say
        content, lines, table = report.content, report.lines, report.content.table
        glyph, word = STATUS[report.status]
        return {
            "title": say(report.type.title),
            "area": say(report.type.area),
            "brand": report.brand,
            "customer": report.tenant.customer,
            "domain": report.tenant.domain,
            "as_of": self.voice.moment(report.as_of),
            "compared": self._compared(),
            "confidentiality": say(PAGE["personal" if self._is_personal() else "confidential"]),
            "status": {"style": report.status, "glyph": glyph, "word": say(word)},
            "strong": say(content.lead.strong),
            "rest": say(content.lead.rest) if content.lead.rest else "",
            "gaps": [
                {"title": say(report.gap_title(gap)), "sentence": say(gap_sentence(gap, report))}
                for gap in report.gaps
            ],
            "kpis": [self._kpi(figure) for figure in report.figures],
            "actions": [self._action(action) for action in content.actions],
            "changes": [self._change(change) for change in content.changes],
            "charts": [self._chart(chart, n) for n, chart in enumerate(content.charts)],
            "table": say(table.title),
            "capped": self._capped(),
            "filters": [
                {
                    "id": each.id,
                    "label": say(each.label),
                    "count": self.voice.number(lines.counts.get(each.id, 0)),
                }
                for each in table.filters
                if each.is_chip
            ],
            "columns": [
                {"label": say(column.label), "style": style(column)} for column in table.columns
            ],
            "rows": [self._row(line) for line in islice(self._base_lines(), _STATIC_LINES)],
            "about": [(say(label), say(text)) for label, text in self._about()],
            "footer": say(Message(PAGE["footer"], {"brand": report.brand})),
        }

    def file_name(self) -> str:
        """Of the CSV that the script offers, without its ending."""
        name = download_name(
            period_end=self.report.period.end,
            customer=self.report.tenant.customer,
            report=self.report.type.name,
            artifact=f"report.{self.voice.language}.csv",
        )
        return name.removesuffix(".csv")

    def _compared(self) -> str:
        compared = self.report.compared_with
        return self.voice.date(compared) if compared else ""

    def _is_personal(self) -> bool:
        return any(column.personal for column in self.report.content.table.columns)

    def _capped(self) -> str:
        total = self.report.lines.total
        values: dict[str, Value] = {"n": MOST_LINES, "all": total}
        return self.voice.say(Message(PAGE["capped"], values)) if total > MOST_LINES else ""

    def _kpi(self, figure: Figure) -> Fields:
        kpi = figure.kpi
        value = self.voice.measure(kpi.value, kpi.unit) if kpi.value is not None else DASH
        return {
            "label": self.voice.say(kpi.label),
            "value": value,
            "base": self.voice.say(PAGE["not_known"] if kpi.value is None else kpi.base),
            "spark": sparkline(figure.series),
            **self._delta(figure),
        }

    def _delta(self, figure: Figure) -> Fields:
        delta = delta_of(figure, self.voice)
        return {
            "delta": delta.text,
            "style": {"better": "good", "worse": "worse"}.get(delta.verdict, "same"),
            "arrow": delta.arrow,
            "verdict": self.voice.say(PAGE[delta.verdict]) if delta.verdict else "",
        }

    def _action(self, action: Action) -> Fields:
        tone, priority = PRIORITY[action.priority]
        return {
            "title": self.voice.say(action.title),
            "why": self.voice.say(action.why),
            "style": tone,
            "priority": self.voice.say(priority),
            "who": self.voice.say(action.who),
            "effort": self.voice.say(action.effort),
            "filter": action.filter,
        }

    def _change(self, change: Change) -> Fields:
        known = change.count is not None
        return {
            "filter": change.filter,
            "label": self.voice.say(change.label),
            "count": self.voice.number(change.count) if change.count is not None else DASH,
            "style": _COUNT_STYLES.get(change.tone, "same") if known and change.count else "same",
        }

    def _chart(self, chart: Chart, number: int) -> Fields:
        return {
            "title": self.voice.say(chart.title),
            "subtitle": self.voice.say(chart.subtitle),
            "svg": draw(chart, self.voice, f"chart-{number}"),
            "legend": legend(chart, self.voice),
            "numbers": numbers(chart, self.voice),
        }

    def _base_lines(self) -> Iterator[Line]:
        base = self.report.content.table.filters[0].id
        return (line for line in self.report.lines if base in line.filters)

    def _row(self, line: Line) -> list[Fields]:
        columns = self.report.content.table.columns
        cells = zip(columns, line.cells, strict=True)
        return [{"style": style(c), "html": cell_html(c, cell, self.voice)} for c, cell in cells]

    def _about(self) -> Iterator[tuple[Text, Message | Text]]:
        report = self.report
        yield from report.content.about
        values: dict[str, Value] = {
            "report": report.type.name,
            "run": report.run_id,
            "start": self.voice.moment(report.period.start),
            "end": self.voice.moment(report.period.end),
        }
        yield PAGE["report"], Message(PAGE["run"], values)


def cell_html(column: Column, cell: Cell, voice: Voice) -> Markup:
    """As the script writes it; what comes from the tenant is escaped and isolated."""
    match column.kind, cell:
        case _, None:
            return escape(DASH)
        case Kind.CHOICE, int():
            return _choice(column, cell, voice)
        case Kind.COUNT, int():
            return escape(voice.number(cell))
        case Kind.PAIR, (str() as main, str() as small):
            below = Markup("<small>{}</small>").format(printable(small)) if small else ""
            return _clipped(escape(printable(main))) + below
        case Kind.DATE, _:
            return _clipped(escape(_day(cell, voice)))
        case _:
            text = ", ".join(cell) if isinstance(cell, tuple) else str(cell)
            return _clipped(_breakable(printable(text) or DASH))


def _day(cell: Cell, voice: Voice) -> str:
    return voice.date(cell) if isinstance(cell, datetime) else voice.say(PAGE["never"])


def _clipped(text: Markup) -> Markup:
    return Markup('<bdi class="clip">{}</bdi>').format(text)


def _breakable(text: str) -> Markup:
    """Addresses and domains break after a dot, not within a word; what is longer is cut anyway."""
    return Markup("<wbr>").join(_BREAKS.split(text) if len(text) <= _LONGEST_ADDRESS else [text])


def _choice(column: Column, cell: int, voice: Voice) -> Markup:
    option = column.options[cell]
    label = shown(option, voice)
    if option.tone:
        return Markup('<span class="state {}">{}</span>').format(option.tone, label)
    return Markup("<span>{}</span>").format(label)
