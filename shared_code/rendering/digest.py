"""The e-mail digest: what all reports of a period ask for, in counts and links, without a name."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from shared_code.core.chart import Tone
from shared_code.core.delivery import Digest, Mail
from shared_code.core.report import Priority, ReportType, Status
from shared_code.core.run import Run, RunState
from shared_code.core.summary import Due, Said, Todo
from shared_code.core.text import Message, Month, Text, counted, message
from shared_code.rendering.digest_words import (
    ALL_GOOD,
    DIGEST,
    MANY,
    MANY_DEADLINES,
    MANY_INCOMPLETE,
    MORE,
    NOTHING,
    NOTHING_KNOWN,
    ONE,
    ONE_DEADLINE,
    ONE_INCOMPLETE,
    ONE_MORE,
    PARTIAL,
    PERIOD,
    SUBJECT,
    WAITING,
    WATCH,
)
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PRIORITY
from shared_code.rendering.templates import template

_MOST_ACTIONS = 5
_MOST_DEADLINES = 10
_LONGEST_NAME = 80
_PRIORITIES = [priority.value for priority in Priority]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A linked sentence; `mark` stands before it, `note` below it."""

    title: str
    address: str
    mark: str = ""
    tone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _FigureRow:
    title: str
    address: str
    label: str
    value: str
    change: str
    verdict: str


@dataclass(frozen=True, slots=True)
class _Writer:
    """One digest in its contact's language."""

    digest: Digest
    voice: Voice
    public_url: str
    reports: Mapping[str, ReportType]

    def say(self, value: Text | Message) -> str:
        return _line(self.voice.say(value))

    def said(self, texts: Said) -> str:
        return _line(texts.get(self.voice.language, ""))

    @property
    def delivered(self) -> list[Run]:
        """The newest delivered run of each report, in the order of the reports."""
        newest = {run.report: run for run in reversed(self.digest.runs) if run.state.is_delivered}
        return [newest[name] for name in self.reports if name in newest]

    @property
    def todos(self) -> list[tuple[Todo, Run]]:
        found = [(t, run) for run in self.delivered if run.summary for t in run.summary.todos]
        return sorted(found, key=lambda each: _urgency(each[0]))

    @property
    def decisions(self) -> int:
        """What cannot wait; the rest is worth doing, and a mail that always cries is not read."""
        return sum(_urgency(todo) <= _PRIORITIES.index(Priority.HIGH) for todo, _ in self.todos)

    @property
    def actions(self) -> list[_Entry]:
        return [self._action(todo, run) for todo, run in self.todos[:_MOST_ACTIONS]]

    def _action(self, todo: Todo, run: Run) -> _Entry:
        tone, word = PRIORITY[Priority(_PRIORITIES[_urgency(todo)])]
        return _Entry(
            title=self.said(todo.title),
            address=self.address(run.report, todo.filter),
            mark=self.say(word),
            tone=tone if tone in (Tone.BAD, Tone.WARN) else "muted",
            note=self.said(todo.why),
        )

    @property
    def more(self) -> str:
        left = len(self.todos) - _MOST_ACTIONS
        return self.say(counted(left, one=ONE_MORE, other=MORE)) if left > 0 else ""

    @property
    def nothing(self) -> str:
        return self.say(NOTHING_KNOWN if self.incomplete else NOTHING)

    @property
    def incomplete(self) -> list[_Entry]:
        """Reports of the period whose newest run brought nothing, or not all."""
        newest = {run.report: run for run in reversed(self.digest.runs)}
        entries = list[_Entry]()
        for name, report in self.reports.items():
            note = self._lack(newest.get(name), is_missing=name in self.digest.missing)
            if note:
                title = self.say(report.title)
                entries.append(_Entry(title=title, address=self.address(name), note=note))
        return entries

    def _lack(self, run: Run | None, *, is_missing: bool) -> str:
        if is_missing:
            return self.say(WAITING)
        if run and not run.state.is_delivered:
            return self.said(run.headline)
        has_gaps = run is not None and run.state is RunState.DELIVERED_WITH_GAPS
        return self.say(PARTIAL) if has_gaps else ""

    @property
    def figures(self) -> list[_FigureRow]:
        return [self._figure(run) for run in self.delivered]

    def _figure(self, run: Run) -> _FigureRow:
        title, address = self.say(self.reports[run.report].title), self.address(run.report)
        summary = run.summary
        if summary is None or not summary.indicators:
            line = self.said(summary.digest if summary else run.headline)
            return _FigureRow(title, address, line, DASH, "", "")
        first = summary.indicators[0]
        value, change = self.said(first.value), self.said(first.change)
        return _FigureRow(title, address, self.said(first.label), value, change, first.verdict)

    @property
    def _deadlines(self) -> list[tuple[Due, Run]]:
        """What still lies ahead, each once, the next first."""
        ahead = {
            (due.day, due.title): (due, run)
            for run in reversed(self.digest.runs)
            if run.summary
            for due in run.summary.deadlines
            if due.day > self.digest.due and run.report in self.reports
        }
        return [ahead[key] for key in sorted(ahead)]

    @property
    def deadlines(self) -> list[_Entry]:
        return [
            _Entry(
                title=_line(due.title),
                address=self.address(run.report, due.filter),
                mark=self.voice.date(due.day),
            )
            for due, run in self._deadlines[:_MOST_DEADLINES]
        ]

    def address(self, report: str, filter_id: str | None = None) -> str:
        """Leads through the sign-in; never to a file."""
        path = f"{self.portal}/reports/{quote(report, safe='')}"
        return f"{path}?{urlencode({'f': filter_id})}" if filter_id else path

    @property
    def portal(self) -> str:
        return f"{self.public_url}/portal/{quote(self.digest.tenant.id, safe='')}"

    @property
    def finding(self) -> str:
        """Unknown is never fine: `all good` needs every report, complete and content."""
        if self.decisions:
            return self.say(counted(self.decisions, one=ONE, other=MANY))
        if self.incomplete:
            count = len(self.incomplete)
            return self.say(counted(count, one=ONE_INCOMPLETE, other=MANY_INCOMPLETE))
        is_good = all(run.status == Status.OK for run in self.delivered) and self.delivered
        return self.say(ALL_GOOD if is_good else WATCH)

    @property
    def subject(self) -> str:
        month = Month(self.voice.local(self.digest.due).date())
        said = message(SUBJECT, customer=self.customer, what=self.finding, month=month)
        return self.say(said)

    @property
    def customer(self) -> str:
        name = _line(self.digest.tenant.customer)
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"

    @property
    def period(self) -> str:
        """Up to the day before, where it ends with the first moment of one."""
        last = self.digest.due - timedelta(microseconds=1)
        return self.say(
            message(PERIOD, start=self.voice.local(self.digest.start).date(), end=_day(self, last))
        )

    @property
    def preview(self) -> str:
        facts = [self.said(todo.title) for todo, _ in self.todos[:2]]
        facts += [self.said(run.summary.digest) for run in self.delivered if run.summary]
        due = self._deadlines
        if due:
            last = self.voice.date(due[-1][0].day)
            text = ONE_DEADLINE if len(due) == 1 else MANY_DEADLINES
            facts.insert(2, self.say(message(text, n=len(due), last=last)))
        return " · ".join(facts[:3])


def digest_mail(
    digest: Digest,
    *,
    marker: str,
    brand: str,
    public_url: str,
    reports: Mapping[str, ReportType],
) -> Mail:
    """Two parts with the same content; the marker finds it among the sent mails."""
    import mjml  # noqa: PLC0415 - cold start

    wanted = _wanted(digest, reports)
    writer = _Writer(digest, Voice.of(digest.tenant, digest.contact.language), public_url, wanted)
    words = {name: writer.say(text) for name, text in DIGEST.items()}
    finding = writer.finding
    said = {
        "mail": writer,
        "brand": _line(brand),
        "headline": finding[:1].upper() + finding[1:],
        "language": writer.voice.locale,
        **{f"word_{name}": word for name, word in words.items()},
    }
    source = template("digest.mjml.j2").render(said)
    return Mail(
        marker=marker,
        recipient=digest.contact.address.strip(),
        subject=writer.subject,
        html=mjml.mjml2html(source),
        text=template("digest.txt.j2", is_markup=False).render(said).strip() + "\n",
    )


def _wanted(digest: Digest, reports: Mapping[str, ReportType]) -> dict[str, ReportType]:
    named: Sequence[str] = [*(run.report for run in digest.runs), *digest.missing]
    return {name: report for name, report in reports.items() if name in named}


def _urgency(todo: Todo) -> int:
    """What is no priority of this version comes last."""
    known = todo.priority in _PRIORITIES
    return _PRIORITIES.index(todo.priority) if known else len(_PRIORITIES) - 1


def _day(writer: _Writer, instant: datetime) -> str:
    return writer.voice.date(writer.voice.local(instant).date())


def _line(text: str) -> str:
    """One line: a line break would end a header, and marks of direction turn text around."""
    plain = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in text
        if unicodedata.category(sign) not in ("Cf", "Cs")
    )
    return _squeezed(plain)


def _squeezed(text: str) -> str:
    """Without repeated spaces; spaces that do not break stay."""
    return " ".join(part for part in text.split(" ") if part)
