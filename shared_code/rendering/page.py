"""What a report's page shows, said in the reader's language, in the order of the template."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from shared_code.core.chart import Chart, Tone
from shared_code.core.link import download_name
from shared_code.core.report import Action, Article, Change, Figure, Report
from shared_code.core.table import Cell, Column, Line
from shared_code.core.text import Message, Text, Value
from shared_code.rendering.block import MOST_LINES
from shared_code.rendering.cells import printable, style
from shared_code.rendering.charts import draw, legend, numbers, sparkline
from shared_code.rendering.delta import delta_of
from shared_code.rendering.foreign_html import sanitised
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_cells import cell_html, linked, name_place
from shared_code.rendering.page_words import PAGE, PRIORITY, STATUS, no_actions
from shared_code.rendering.wording import gap_sentence

# Without a script these are all there is.
_STATIC_LINES = 100

_COUNT_STYLES = {Tone.OK: "good", Tone.BAD: "worse"}

type Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """`fields` is what the template calls `r`."""

    report: Report
    voice: Voice

    def fields(self) -> Fields:
        report, say = self.report, self.voice.say
        content, table = report.content, report.content.table
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
            "notes": [(say(title), say(text)) for title, text in content.notes],
            "kpis": [self._kpi(figure) for figure in report.figures],
            "actions": [self._action(action) for action in content.actions],
            "no_actions": say(no_actions(report.status)),
            "changes": [self._change(change) for change in content.changes],
            "charts": [self._chart(chart, n) for n, chart in enumerate(content.charts)],
            "lists_people": report.lists_people,
            "table": say(table.title),
            "capped": self._capped(),
            "filters": [
                {"id": each.id, "label": say(each.label), "count": self.voice.number(count)}
                for each in table.filters
                if each.is_chip and (count := report.count(each.id)) is not None
            ],
            "columns": [
                {"label": say(column.label), "style": style(column), "place": place}
                for place, column in enumerate(table.columns)
                if not column.detail
            ],
            "rows": [self._row(line) for line in islice(self._base_lines(), _STATIC_LINES)],
            "articles": [self._article(article) for article in content.articles],
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
        return self.report.lists_people and self.report.content.table.is_personal

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
            "base": self.voice.say(kpi.note),
            "spark": sparkline(figure.series),
            **self._delta(figure),
        }

    def _delta(self, figure: Figure) -> Fields:
        delta = delta_of(figure, self.voice, at=self.report.period.end)
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
            "filter": action.filter if self.report.lists_people else None,
        }

    def _change(self, change: Change) -> Fields:
        known = change.count is not None
        return {
            "filter": change.filter,
            "leads": known and self.report.lists_people,
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

    def _row(self, line: Line) -> list[tuple[str, Markup]]:
        """Style and content of each cell that is no detail."""
        columns = self.report.content.table.columns
        name = name_place(columns) if line.article else None
        return [
            (style(column), self._cell(column, cell, line.article if n == name else ""))
            for n, (column, cell) in enumerate(zip(columns, line.cells, strict=True))
            if not column.detail
        ]

    def _cell(self, column: Column, cell: Cell, article: str) -> Markup:
        html = cell_html(column, cell, self.voice)
        return linked(html, article) if article else html

    def _article(self, article: Article) -> Fields:
        return {
            "key": article.key,
            "title": printable(article.title),
            "language": article.language,
            "facts": [
                (self.voice.say(label), self.voice.say(text)) for label, text in article.facts
            ],
            "body": sanitised(article.html, self.voice),
        }

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
