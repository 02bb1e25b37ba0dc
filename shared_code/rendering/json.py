"""JSON: the view model for machines, both languages side by side."""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from shared_code.core.privacy import Privacy
from shared_code.core.report import Figure, Report
from shared_code.core.run import Gap
from shared_code.core.table import Column, Filter
from shared_code.core.text import Language, Message, Text, Value
from shared_code.rendering.language import Voice
from shared_code.rendering.rendering import Rendering
from shared_code.rendering.wording import gap_sentence

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Raised when a field changes its meaning or goes; new fields may come at any time.
SCHEMA = "1"

type Json = dict[str, object]


def write(report: Report, _language: Language, out: BinaryIO) -> None:
    """One object; its last member `lines` is written line by line."""
    head = msgspec.json.encode(_Head(report).fields())
    out.write(head[:-1] + b',"lines":[')
    for number, line in enumerate(_lines(report)):
        out.write(b",\n" if number else b"\n")
        out.write(msgspec.json.encode(line))
    out.write(b"\n]}\n")


class _Head:
    """Everything but the lines."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._voices = [Voice.of(report.tenant, each) for each in Language]

    def fields(self) -> Json:
        report, content = self._report, self._report.content
        return {
            "schema": SCHEMA,
            "report": report.type.name,
            "title": self._said(report.type.title),
            "tenant": {
                "id": report.tenant.id,
                "customer": report.tenant.customer,
                "domain": report.tenant.domain,
            },
            "brand": report.brand,
            "run": report.run_id,
            "period": {"start": report.period.start, "end": report.period.end},
            "as_of": report.as_of,
            "compared_with": report.compared_with,
            "status": report.status,
            "privacy": report.privacy,
            "digest": self._said(content.digest),
            "lead": [self._said(m) for m in (content.lead.strong, content.lead.rest) if m],
            "gaps": [self._gap(gap) for gap in report.gaps],
            "kpis": [self._figure(figure) for figure in report.figures],
            "actions": self._plain(content.actions),
            "changes": self._plain(content.changes),
            "charts": [{"kind": type(c).__name__} | self._members(c) for c in content.charts],
            "columns": [self._column(column) for column in content.table.columns],
            "filters": [self._filter(each) for each in content.table.filters],
            "notes": self._plain(content.notes),
            "articles": self._plain(content.articles),
            "deadlines": self._plain(content.deadlines),
            "about": [
                {"label": self._said(label), "text": self._said(text)}
                for label, text in content.about
            ],
            "total": report.lines.total,
        }

    def _said(self, value: Value) -> dict[str, str]:
        return {voice.language: voice.say(value) for voice in self._voices}

    def _plain(self, value: object) -> object:
        """Texts and messages are said, what is made of parts is taken apart."""
        if isinstance(value, Text | Message):
            return self._said(value)
        if isinstance(value, tuple):
            return [self._plain(each) for each in cast("tuple[object, ...]", value)]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._members(value)
        return value

    def _members(self, value: "DataclassInstance") -> Json:
        return {f.name: self._plain(getattr(value, f.name)) for f in dataclasses.fields(value)}

    def _gap(self, gap: Gap) -> Json:
        return {
            "dataset": gap.dataset,
            "title": self._said(self._report.gap_title(gap)),
            "reason": gap.reason,
            "detail": gap.detail,
            "since": gap.since,
            "sentence": self._said(gap_sentence(gap, self._report)),
        }

    def _figure(self, figure: Figure) -> Json:
        kpi = figure.kpi
        return {
            "metric": kpi.metric,
            "label": self._said(kpi.label),
            "value": kpi.value,
            "unit": kpi.unit,
            "better": kpi.better,
            "base": self._said(kpi.note),
            "previous": figure.previous.value if figure.previous else None,
            "series": figure.series,
        }

    def _column(self, column: Column) -> Json:
        return {
            "label": self._said(column.label),
            "small": self._said(column.small) if column.small else None,
            "kind": column.kind,
            "personal": column.personal,
            "options": [self._said(option.label) for option in column.options],
        }

    def _filter(self, each: Filter) -> Json:
        lines = self._report.count(each.id)
        return {"id": each.id, "label": self._said(each.label), "lines": lines}


def _lines(report: Report) -> Iterator[Json]:
    """A cell is null if unknown and "never" for a date that is known not to exist.

    `key` is Microsoft's id of the object, and so leads to a person that has no name here.
    """
    is_named = report.privacy is Privacy.NAMED
    for line in report.lines:
        key = {"key": line.key} if is_named else {}
        yield {**key, "cells": line.cells, "filters": line.filters}


JSON = Rendering(ending="json", media_type="application/json", write=write, is_bilingual=True)
