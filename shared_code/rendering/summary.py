"""What digest and portal show of a report, said in both languages when the report is made."""

from datetime import datetime

from shared_code.core.report import Action, Figure, Report
from shared_code.core.summary import Due, Indicator, Said, Summary, Todo
from shared_code.core.text import Language, Value
from shared_code.rendering.delta import delta_of
from shared_code.rendering.language import DASH, Voice

type Voices = tuple[Voice, ...]


def summary(report: Report) -> Summary:
    voices = tuple(Voice.of(report.tenant, language) for language in Language)
    content = report.content
    return Summary(
        digest=_said(content.digest, voices),
        indicators=tuple(_indicator(f, voices, at=report.period.end) for f in report.figures),
        todos=tuple(_todo(action, voices) for action in content.actions),
        deadlines=tuple(
            Due(day=each.day, title=each.title, filter=each.filter) for each in content.deadlines
        ),
    )


def _said(value: Value, voices: Voices) -> Said:
    return {voice.language: voice.say(value) for voice in voices}


def _indicator(figure: Figure, voices: Voices, *, at: datetime) -> Indicator:
    kpi = figure.kpi
    value = kpi.value
    deltas = {voice.language: delta_of(figure, voice, at=at) for voice in voices}
    return Indicator(
        label=_said(kpi.label, voices),
        value={v.language: DASH if value is None else v.measure(value, kpi.unit) for v in voices},
        change={language: delta.change for language, delta in deltas.items()},
        verdict=deltas[Language.DE].verdict,
        series=figure.series,
    )


def _todo(action: Action, voices: Voices) -> Todo:
    return Todo(
        priority=action.priority,
        title=_said(action.title, voices),
        why=_said(action.why, voices),
        who=_said(action.who, voices),
        filter=action.filter,
    )
