"""What a report says on paper, in the order of the template: texts only, nothing of it markup."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared_code.core.chart import Chart, Tone
from shared_code.core.report import (
    Action,
    Change,
    Figure,
    Report,
    Status,
)
from shared_code.core.text import Message, Text, Value
from shared_code.rendering.charts.draw import drawn, standalone
from shared_code.rendering.charts.svg import WIDE
from shared_code.rendering.delta import delta_of
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE, PRIORITY, STATUS, no_actions
from shared_code.rendering.paper_table import clean, table_fields
from shared_code.rendering.wording import gap_sentence

# Sentences are ours; what they name may be a tenant's.
_LONGEST = 2_000
_LONG_LABEL = 22

_TONES = {
    Status.BAD: Tone.BAD,
    Status.WARN: Tone.WARN,
    Status.OK: Tone.OK,
    Status.INCOMPLETE: Tone.NEUTRAL,
}
_VERDICTS = {"better": Tone.OK, "worse": Tone.BAD}

_FOOTER = Text(de="{confidentiality} · {report} · {day}", en="{confidentiality} · {report} · {day}")

type Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Paper:
    """`fields` is what the template calls `r`."""

    report: Report
    voice: Voice

    def fields(self) -> Fields:
        report, content = self.report, self.report.content
        say, moment = self._say, self.voice.moment
        day = self.voice.local(report.as_of)
        glyph, word = STATUS[report.status]
        customer = clean(report.tenant.customer)
        return {
            "document_title": f"{say(report.type.title)} – {customer} – {moment(report.as_of)}",
            "language": self.voice.language,
            "region": self.voice.locale.partition("-")[2],
            "day": [day.year, day.month, day.day],
            "brand": clean(report.brand),
            "area": say(report.type.area),
            "title": say(report.type.title),
            "customer": customer,
            "domain": clean(report.tenant.domain),
            "facts": list(self._facts()),
            "status": {"label": f"{glyph} {say(word)}", "tone": _TONES[report.status]},
            "strong": say(content.lead.strong),
            "rest": say(content.lead.rest) if content.lead.rest else "",
            "notes": list(self._notes()),
            "has_long_labels": any(len(say(f.kpi.label)) > _LONG_LABEL for f in report.figures),
            "kpis": [self._kpi(figure) for figure in report.figures],
            "actions": [self._action(action) for action in content.actions],
            "changes": [self._change(change) for change in content.changes],
            "charts": list(self._charts()),
            "table": table_fields(report, self.voice) if report.lists_people else None,
            "about": [[say(label), say(text)] for label, text in self._about()],
            "words": self._words(),
            "footer": self._footer(),
            "signature": say(Message(PAGE["footer"], {"brand": report.brand})),
        }

    def _say(self, value: Value) -> str:
        return clean(self.voice.say(value), longest=_LONGEST)

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield self._say(PAGE["as_of"]), self.voice.moment(self.report.as_of)
        compared = self.report.compared_with
        if compared:
            yield self._say(PAGE["compared"]), self.voice.date(compared)

    def _words(self) -> dict[str, str]:
        compared = self.report.compared_with
        since = f" ({self.voice.date(compared)})" if compared else ""
        return {
            "actions": self._say(PAGE["actions"]),
            "no_actions": self._say(no_actions(self.report.status)),
            "changes": self._say(PAGE["changes"]) + since,
            "no_changes": self._say(PAGE["first"]),
            "about": self._say(PAGE["about"]),
        }

    def _footer(self) -> str:
        is_personal = self.report.lists_people and self.report.content.table.is_personal
        values: dict[str, Value] = {
            "confidentiality": PAGE["personal" if is_personal else "confidential"],
            "report": self.report.type.name,
            "day": self.voice.date(self.report.as_of),
        }
        return self._say(Message(_FOOTER, values))

    def _notes(self) -> Iterator[tuple[str, str]]:
        for label, text in self.report.content.notes:
            yield self._say(label), self._say(text)
        for gap in self.report.gaps:
            title = f"{self._say(PAGE['note'])}: {self._say(self.report.gap_title(gap))}"
            yield title, self._say(gap_sentence(gap, self.report))

    def _kpi(self, figure: Figure) -> Fields:
        kpi = figure.kpi
        delta = delta_of(figure, self.voice, at=self.report.period.end)
        return {
            "label": self._say(kpi.label),
            "value": DASH if kpi.value is None else self.voice.measure(kpi.value, kpi.unit),
            "base": self._say(kpi.note),
            "delta": delta.text,
            "arrow": f"{delta.arrow} " if delta.arrow else "",
            "tone": _VERDICTS.get(delta.verdict, Tone.NEUTRAL),
        }

    def _action(self, action: Action) -> Fields:
        tone, priority = PRIORITY[action.priority]
        return {
            "title": self._say(action.title),
            "why": self._say(action.why),
            "tone": tone,
            "priority": self._say(priority),
            "who": self._say(action.who),
            "effort": self._say(action.effort),
        }

    def _change(self, change: Change) -> Fields:
        return {
            "label": self._say(change.label),
            "count": DASH if change.count is None else self.voice.number(change.count),
            "tone": change.tone if change.count else Tone.NEUTRAL,
        }

    def _charts(self) -> Iterator[list[Fields]]:
        """In rows: wide ones alone, others in pairs."""
        row: list[Fields] = []
        for chart in self.report.content.charts:
            is_wide = drawn(chart, self.voice).width == WIDE
            if row and (is_wide or len(row) > 1):
                yield row
                row = []
            row.append(self._chart(chart, is_wide=is_wide))
            if is_wide:
                yield row
                row = []
        if row:
            yield row

    def _chart(self, chart: Chart, *, is_wide: bool) -> Fields:
        return {
            "title": self._say(chart.title),
            "subtitle": self._say(chart.subtitle),
            "alt": self._say(chart.summary),
            "is_wide": is_wide,
            "svg": str(standalone(chart, self.voice)),
        }

    def _about(self) -> Iterator[tuple[Text, Message]]:
        report = self.report
        yield from report.content.about
        values: dict[str, Value] = {
            "report": report.type.name,
            "run": report.run_id,
            "start": self.voice.moment(report.period.start),
            "end": self.voice.moment(report.period.end),
        }
        yield PAGE["report"], Message(PAGE["run"], values)
