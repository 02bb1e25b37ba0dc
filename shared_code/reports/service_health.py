"""Service health: what Microsoft reported as disturbed, for how long, why, and what became of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta

import msgspec

from shared_code.core import terms
from shared_code.core.change import Tile, changes, moved
from shared_code.core.chart import (
    Chart,
    Colour,
    ColumnChart,
    Mark,
    Series,
    Timeline,
    TimelineRow,
    Tone,
    Unit,
)
from shared_code.core.dataset import Snapshot
from shared_code.core.month import last_months, month_of
from shared_code.core.period import Period
from shared_code.core.report import (
    Action,
    Article,
    Better,
    Content,
    History,
    Kpi,
    Lead,
    Priority,
    ReportType,
    Status,
    about,
    may_have_article,
)
from shared_code.core.table import (
    Cell,
    Column,
    Filter,
    Kind,
    Line,
    Option,
    Table,
    holding,
    remember,
)
from shared_code.core.text import Message, Moment, Text, counted, message, said, shortened, signed
from shared_code.datasets.service_health import ISSUES, Issue, Post
from shared_code.datasets.services import IN_USE_OPTIONS, LICENCES, InUse, in_use_cell
from shared_code.datasets.times import real

_LONG = timedelta(hours=24)
_MOST_ACTIONS = 5
_MOST_ARTICLES = 200
_MOST_ROWS = 10
_LONGEST_TITLE = 140
_LONGEST_TEXT = 1000
# How far back the chart of the period goes for what was reported late.
_FURTHEST = timedelta(days=35)

_CAUSE = re.compile(r"\broot cause\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)

_INCIDENT, _ADVISORY = range(2)
_SAME, _NEW, _RESOLVED, _REOPENED, _STILL_OPEN, _PIR, _UPDATED, _VANISHED = range(8)
_PIR_PUBLISHED = "postincidentreviewpublished"

# Where Graph does not say whether an issue is resolved.
_SETTLED = frozenset(
    {
        "serviceoperational",
        "servicerestored",
        _PIR_PUBLISHED,
        "falsepositive",
        "resolved",
        "resolvedexternal",
        "mitigated",
        "mitigatedexternal",
    }
)

# Series of the chart, by what a service's name holds; its metric is "incidents-" and this.
_GROUPS = (
    ("exchange", Text(de="Exchange", en="Exchange"), Colour.BEST),
    ("teams", Text(de="Teams", en="Teams"), Colour.GOOD),
    ("sharepoint", Text(de="SharePoint, OneDrive", en="SharePoint, OneDrive"), Colour.WARN),
    ("entra", Text(de="Entra, Intune", en="Entra, Intune"), Colour.BAD),
    ("other", Text(de="Weitere", en="Others"), Colour.NEUTRAL),
)
_ALSO = {"onedrive": "sharepoint", "intune": "entra"}


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares an issue with."""

    title: str
    service: str
    classification: int | None
    status: str
    is_open: bool
    has_review: bool
    start: datetime | None
    end: datetime | None
    modified: datetime | None

    def differs(self, other: "_Seen") -> bool:
        own, others = (
            (s.title, s.status, s.is_open, s.start, s.end, s.modified) for s in (self, other)
        )
        return own != others


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An incident or advisory without its posts. `change` None: nothing to compare with.

    `duration` until now where it is open; None where Microsoft does not say.
    `recent` is the part of it that no earlier report has counted.
    """

    key: str
    seen: _Seen
    is_new: bool
    is_touched: bool
    change: int | None
    has_new_review: bool
    duration: timedelta | None
    recent: timedelta
    is_used: bool | None
    feature: str | None
    impact: str | None
    cause: str | None
    has_posts: bool

    @property
    def is_incident(self) -> bool:
        """Also of a kind that is new: better one too many."""
        return self.seen.classification != _ADVISORY

    @property
    def is_long(self) -> bool:
        return self.duration is not None and self.duration > _LONG

    @property
    def is_longer(self) -> bool:
        """Than the last report could say."""
        return self.change is not None and bool(self.recent)

    @property
    def is_told(self) -> bool:
        """It belongs to this report, not only to its history."""
        return self.is_new or self.is_touched or self.seen.is_open

    @property
    def order(self) -> tuple[int, bool, float, str]:
        """Open ones first, then what this report is about, incidents before advisories."""
        group = 0 if self.seen.is_open else 1 if self.is_told else 2
        started = self.seen.start.timestamp() if self.seen.start else 0
        return group, not self.is_incident, -started, self.key

    @property
    def filters(self) -> tuple[str, ...]:
        belongs = {
            "all": True,
            "told": self.is_told,
            "open": self.seen.is_open,
            "incident": self.is_incident,
            "advisory": not self.is_incident,
            "used": self.is_used is True,
            "new": self.is_new,
            "resolved": self.change == _RESOLVED,
            "still-open": self.change == _STILL_OPEN,
            "review": self.seen.has_review,
            "review-new": self.has_new_review,
            "updated": self.change in (_UPDATED, _REOPENED),
        }
        return holding(belongs)


@dataclass(frozen=True, slots=True)
class _Join:
    """Makes a case of an issue, compared by its id with what the last report said of it."""

    history: History
    period: Period
    in_use: InUse

    def case(self, row: Issue) -> _Case:
        before = self.history.before(row.id, _Seen)
        seen = _seen(row, before)
        duration = _duration(seen, self.period.end)
        return _Case(
            key=row.id,
            seen=seen,
            is_new=self._is_new(row, before),
            is_touched=self._is_touched(before, seen),
            change=self._change(before, seen),
            has_new_review=bool(before and seen.has_review and not before.has_review),
            duration=duration,
            recent=self._recent(before, duration),
            is_used=self.in_use.has(seen.service),
            feature=row.feature,
            impact=shortened(row.impact_description or "", _LONGEST_TEXT) or None,
            cause=_cause(row.posts or ()),
            has_posts=bool(row.posts),
        )

    def _is_new(self, row: Issue, before: _Seen | None) -> bool:
        if self.history.compared_with:
            return before is None
        published = _published(row)
        return published is not None and published >= self.period.start

    def _is_touched(self, before: _Seen | None, seen: _Seen) -> bool:
        if self.history.compared_with:
            return before is None or before.differs(seen)
        return seen.modified is not None and seen.modified >= self.period.start

    def _change(self, before: _Seen | None, seen: _Seen) -> int | None:
        if self.history.compared_with is None:
            return None
        if before is None:
            return _NEW
        if before.is_open != seen.is_open:
            return _REOPENED if seen.is_open else _RESOLVED
        if seen.is_open:
            return _STILL_OPEN
        if seen.has_review and not before.has_review:
            return _PIR
        return _UPDATED if before.differs(seen) else _SAME

    def _recent(self, before: _Seen | None, duration: timedelta | None) -> timedelta:
        """What an earlier report counted is not counted again, even if it was revised since."""
        compared = self.history.compared_with
        counted_before = _duration(before, compared) if before and compared else None
        return max((duration or timedelta()) - (counted_before or timedelta()), timedelta())


@dataclass(frozen=True, slots=True)
class _Health:
    """All cases in the table's order, and open ones that Microsoft no longer lists."""

    cases: Sequence[_Case]
    gone: Sequence[tuple[str, _Seen]]
    period: Period

    @property
    def counts(self) -> Counter[str]:
        counts = Counter(name for case in self.cases for name in case.filters)
        counts["vanished"] = len(self.gone)
        return counts

    @property
    def incidents(self) -> list[_Case]:
        return [case for case in self.cases if case.is_incident]

    @property
    def new(self) -> list[_Case]:
        return [case for case in self.incidents if case.is_new]

    @property
    def advisories(self) -> int:
        """New ones."""
        return sum(case.is_new and not case.is_incident for case in self.cases)

    @property
    def open(self) -> list[_Case]:
        """The longest first."""
        found = [case for case in self.incidents if case.seen.is_open]
        return sorted(found, key=lambda case: (-(case.duration or timedelta()), case.key))

    @property
    def counting(self) -> list[_Case]:
        """Incidents that lasted in the time this report covers, or are told for the first time."""
        return [c for c in self.incidents if c.is_new or c.seen.is_open or c.is_longer]

    @property
    def longest(self) -> _Case | None:
        known = [case for case in self.counting if case.duration is not None]
        return max(known, key=lambda case: (case.duration or timedelta(), case.key), default=None)

    @property
    def articles(self) -> list[_Case]:
        shown = (c for c in self.cases if c.is_told and c.has_posts and may_have_article(c.key))
        return list(shown)[:_MOST_ARTICLES]


def build(data: Snapshot, history: History, period: Period) -> Content:
    join = _Join(history, period, InUse.of(data))
    cases = sorted(map(join.case, data.rows(ISSUES)), key=lambda case: case.order)
    health = _Health(cases, _gone(cases, history), period)
    points, counts = _points(health, history), health.counts
    return Content(
        lead=_lead(health),
        digest=_digest(health, history),
        kpis=_kpis(health),
        actions=tuple(_actions(health))[:_MOST_ACTIONS],
        changes=changes(_tiles(counts), counts, history),
        charts=tuple(_charts(health, history, points)),
        table=Table(
            title=Text(
                de="Alle Störungen und Hinweise im Detail",
                en="All incidents and advisories in detail",
            ),
            counting=Text(de="{n} von {all} Einträgen", en="{n} of {all} entries"),
            columns=_COLUMNS,
            filters=_FILTERS,
            lines=lambda: _lines(health),
            unknown=frozenset({"used"}) if join.in_use.plans is None else frozenset(),
        ),
        notes=((_NOTE, Message(_AS_REPORTED)),),
        articles=tuple(_articles(health, data)),
        about=_ABOUT,
        points=points,
    )


def _seen(row: Issue, before: _Seen | None) -> _Seen:
    status = (row.status or "").casefold()
    kinds = {"incident": _INCIDENT, "advisory": _ADVISORY}
    return _Seen(
        title=row.title or row.id,
        service=row.service or "",
        classification=kinds.get((row.classification or "").casefold()),
        status=status,
        is_open=_is_open(row, status),
        # Its status is overwritten when an incident is revised later; its report stays published.
        has_review=status == _PIR_PUBLISHED or bool(before and before.has_review),
        start=_known(row.start_date_time),
        end=_known(row.end_date_time),
        modified=row.last_modified_date_time,
    )


def _is_open(row: Issue, status: str) -> bool:
    if row.is_resolved is not None:
        return not row.is_resolved
    return status not in _SETTLED and row.end_date_time is None


def _published(row: Issue) -> datetime | None:
    """The first word about it, which may come long after its beginning."""
    posted = [p.created_date_time for p in row.posts or () if p.created_date_time]
    return min(posted, default=None) or row.start_date_time or row.last_modified_date_time


def _duration(seen: _Seen, now: datetime) -> timedelta | None:
    """Until now where it is open; None where a beginning or end is not known."""
    end = now if seen.is_open else seen.end
    if seen.start is None or end is None:
        return None
    return max(end - seen.start, timedelta())


def _known(moment: datetime | None) -> datetime | None:
    # Here Graph writes the last year of the calendar too for what it does not know.
    return None if moment and moment.year == MAXYEAR else real(moment)


def _cause(posts: Iterable[Post]) -> str | None:
    """The newest word on the root cause."""
    for post in reversed(_in_order(posts)):
        found = _CAUSE.search(post.description.plain) if post.description else None
        if found:
            return shortened(found[1].strip(), _LONGEST_TEXT)
    return None


def _in_order(posts: Iterable[Post]) -> list[Post]:
    # Those without a time keep their place behind the others.
    return sorted(
        posts,
        key=lambda p: p.created_date_time.timestamp() if p.created_date_time else float("inf"),
    )


def _short(title: str) -> str:
    return shortened(title, _LONGEST_TITLE)


def _gone(cases: Iterable[_Case], history: History) -> list[tuple[str, _Seen]]:
    """Delivered as open, and no longer listed: nobody said that it ended."""
    if history.compared_with is None:
        return []
    listed = {case.key for case in cases}
    remembered = history.remembered(_Seen)
    return [(key, seen) for key, seen in remembered if seen.is_open and key not in listed]


def _lines(health: _Health) -> Iterator[Line]:
    in_full = {case.key for case in health.articles}
    for case in health.cases:
        yield Line(
            key=case.key,
            cells=_cells(case),
            filters=case.filters,
            memory=remember(case.seen),
            article=case.key if case.key in in_full else "",
        )
    for key, seen in health.gone:
        yield Line(key=key, cells=_gone_cells(key, seen), rank=1, filters=("vanished",))


def _cells(case: _Case) -> tuple[Cell, ...]:
    seen = case.seen
    return (
        seen.start,
        case.duration.total_seconds() if case.duration is not None else None,
        seen.service or None,
        (seen.title, case.key),
        seen.classification,
        _STATUS_INDEX.get(seen.status),
        case.change,
        1 if seen.has_review else 0,
        case.impact,
        case.cause,
        case.feature,
        in_use_cell(case.is_used),
        seen.end,
        seen.modified,
    )


def _gone_cells(key: str, seen: _Seen) -> tuple[Cell, ...]:
    status = _STATUS_INDEX.get(seen.status)
    kind = seen.classification
    shown = (seen.start, None, seen.service or None, (seen.title, key), kind, status, _VANISHED)
    return (*shown, None, None, None, None, None, seen.end, seen.modified)


def _articles(health: _Health, data: Snapshot) -> Iterator[Article]:
    """Posts are read one by one for what this report is about: all together they are large."""
    for case in health.articles:
        row = data.get(ISSUES, case.key)
        if row:
            yield Article(
                key=case.key,
                title=f"{case.seen.title} ({case.key})",
                facts=tuple(_facts(case)),
                html="\n".join(map(_post, _in_order(row.posts or ()))),
            )


def _post(post: Post) -> str:
    """In English like the post itself. A comment left open would hide the posts that follow."""
    text = post.description.html.replace("<!--", "") if post.description else ""
    created = post.created_date_time
    head = f"{created:%d %b %Y, %H:%M} UTC" if created else "–"
    return f"<h4>{head}</h4>\n<div>{text}</div>"


def _facts(case: _Case) -> Iterator[tuple[Text, Message]]:
    seen = case.seen
    yield terms.NUMBER, said(case.key)
    if seen.service:
        yield terms.SERVICE, said(seen.service)
    if seen.start:
        yield _START, said(Moment(seen.start))
    if seen.end:
        yield _END, said(Moment(seen.end))
    if case.duration is not None:
        lasted = message(_SO_FAR, value=case.duration) if seen.is_open else said(case.duration)
        yield _DURATION, lasted
    if seen.status in _STATUS_INDEX:
        yield _STATUS, said(_STATUS_OPTIONS[_STATUS_INDEX[seen.status]].label)
    if case.cause:
        yield _CAUSE_LABEL, said(case.cause)
    if seen.has_review:
        yield _REVIEW, Message(_WHERE_REVIEW)


def _lead(health: _Health) -> Lead:
    strong = message(
        _SINCE,
        day=health.period.start,
        incidents=counted(len(health.new), **_INCIDENTS),
        advisories=counted(health.advisories, **_ADVISORIES),
    )
    return Lead(_status(health), strong, _rest(health))


def _rest(health: _Health) -> Message | None:
    if health.open:
        return _still_open(health.open)
    longest = health.longest
    if not health.new:
        resolved = sum(case.change == _RESOLVED for case in health.incidents)
        return counted(resolved, **_EARLIER_RESOLVED) if resolved else None
    if longest is None or longest.duration is None:
        return Message(_ALL_RESOLVED)
    if len(health.counting) == 1:
        return message(_IT_LASTED, duration=longest.duration, service=_service(longest))
    return message(_LONGEST_LASTED, duration=longest.duration, service=_service(longest))


def _still_open(cases: Sequence[_Case]) -> Message:
    first = cases[0]
    since = Moment(first.seen.start) if first.seen.start else terms.UNKNOWN
    return counted(len(cases), **_OPEN, title=_short(first.seen.title), since=since)


def _service(case: _Case) -> str | Text:
    return case.seen.service or terms.UNKNOWN


def _status(health: _Health) -> Status:
    if any(case.is_long and case.is_used is not False for case in health.open):
        return Status.BAD
    return Status.WARN if health.open else Status.OK


def _digest(health: _Health, history: History) -> Message:
    found = counted(len(health.new), **_INCIDENTS_IN_SHORT)
    still = counted(len(health.open), **_OPEN_IN_SHORT)
    delta = moved(history, "incidents", len(health.new))
    if not delta:
        return message(_IN_SHORT, found=found, still=still)
    return message(_IN_SHORT_COMPARED, found=found, delta=signed(delta), still=still)


def _kpis(health: _Health) -> tuple[Kpi, ...]:
    total = sum((_in_minutes(case.recent) for case in health.counting), timedelta())
    longest = health.longest
    is_known = longest is not None or not health.counting
    return (
        Kpi(
            metric="incidents",
            label=_INCIDENTS_LABEL,
            value=len(health.new),
            base=counted(health.advisories, **_AND_ADVISORIES),
            better=Better.DOWN,
        ),
        Kpi(
            metric="open",
            label=Text(de="Offene Störungen", en="Open incidents"),
            value=len(health.open),
            base=counted(sum(case.is_long for case in health.open), **_OVER_A_DAY),
            better=Better.DOWN,
        ),
        Kpi(
            metric="duration",
            label=Text(de="Gesamtdauer der Störungen", en="Total duration of incidents"),
            value=total.total_seconds() if is_known else None,
            base=Message(_RECENT_PART),
            better=Better.DOWN,
            unit=Unit.DURATION,
        ),
        Kpi(
            metric="longest",
            label=Text(de="Längste Störung", en="Longest incident"),
            value=_seconds(longest) if is_known else None,
            base=said(_service(longest)) if longest else Message(_NO_INCIDENT),
            better=Better.DOWN,
            unit=Unit.DURATION,
        ),
    )


def _in_minutes(span: timedelta) -> timedelta:
    """As readers see it: the parts they can add up make the sum."""
    return timedelta(minutes=int(span.total_seconds() / 60 + 0.5))


def _seconds(case: _Case | None) -> float:
    return case.duration.total_seconds() if case and case.duration else 0


def _actions(health: _Health) -> Iterator[Action]:
    for case in health.open:
        if case.is_long and case.is_used is not False:
            yield Action(
                title=message(_INFORM, title=_short(case.seen.title)),
                why=Message(_WHY_INFORM),
                priority=Priority.HIGH,
                who=terms.CUSTOMER_ASSISTED,
                effort=terms.LOW_EFFORT,
                filter="open",
            )
    reviewed = [case for case in health.incidents if case.has_new_review]
    if reviewed:
        title = _short(reviewed[0].seen.title)
        yield Action(
            title=counted(len(reviewed), **_READ_REVIEWS, title=title),
            why=Message(_WHY_READ),
            priority=Priority.LOW,
            who=terms.CUSTOMER_ADVISED,
            effort=terms.LOW_EFFORT,
            filter="review-new",
        )


def _tiles(counts: Counter[str]) -> tuple[Tile, ...]:
    return (*_TILES, _VANISHED_TILE) if counts["vanished"] else _TILES


def _group(case: _Case) -> str:
    name = case.seen.service.casefold()
    names = [*(group for group, _, _ in _GROUPS), *_ALSO]
    found = next((each for each in names if each in name), "other")
    return _ALSO.get(found, found)


def _metric(group: str) -> str:
    return f"incidents-{group}"


def _points(health: _Health, history: History) -> dict[str, float]:
    """Incidents told for the first time; the first report counts those of its month so far."""
    is_first = not history.series("incidents")
    month = month_of(health.period.end)
    found = [
        case for case in health.incidents if (_month_of(case) == month if is_first else case.is_new)
    ]
    counts = Counter(map(_group, found))
    return {_metric(group): counts[group] for group, _, _ in _GROUPS}


def _month_of(case: _Case) -> date | None:
    return month_of(case.seen.start) if case.seen.start else None


def _charts(health: _Health, history: History, points: Mapping[str, float]) -> Iterator[Chart]:
    shown = [case for case in health.counting if case.seen.start and case.duration is not None]
    if shown:
        yield _timeline(shown, health.period)
    if health.cases:
        yield _months(health, history, points)


def _timeline(cases: Sequence[_Case], period: Period) -> Timeline:
    starts = [case.seen.start for case in cases if case.seen.start]
    begin = max(min(period.start, *starts), min(period.start, period.end - _FURTHEST))
    spans: defaultdict[str, list[Mark]] = defaultdict(list)
    for case in sorted(cases, key=lambda c: (c.seen.start or period.end, c.key)):
        spans[case.seen.service].append(_span(case, begin, period.end))
    services = sorted(spans, key=lambda name: (-len(spans[name]), name))
    rows = [TimelineRow(label=n or terms.UNKNOWN, marks=tuple(spans[n])) for n in services]
    if len(rows) > _MOST_ROWS:
        rest = tuple(mark for row in rows[_MOST_ROWS - 1 :] for mark in row.marks)
        rows = [*rows[: _MOST_ROWS - 1], TimelineRow(label=terms.OTHER_SERVICES, marks=rest)]
    return Timeline(
        title=Text(de="Störungen im Berichtszeitraum", en="Incidents in the period"),
        subtitle=Text(
            de="Je Dienst, von Beginn bis Ende; offene bis jetzt",
            en="Per service, from beginning to end; open ones until now",
        ),
        summary=counted(len(cases), **_TIMELINE),
        unit=_DURATION,
        start=begin,
        end=period.end,
        rows=tuple(rows),
    )


def _span(case: _Case, begin: datetime, end: datetime) -> Mark:
    start = case.seen.start or begin
    finish = start + (case.duration or timedelta())
    return Mark(
        start=min(max(start, begin), end),
        end=min(max(finish, begin), end),
        label=_short(case.seen.title),
        tone=Tone.BAD if case.seen.is_open else Tone.INFO,
    )


def _months(health: _Health, history: History, points: Mapping[str, float]) -> ColumnChart:
    months = last_months(health.period.end)
    before = history.series("incidents")
    # Months before the first report are known only as far as Microsoft still lists them.
    since = month_of(before[0].end if before else health.period.end)
    listed = Counter((_group(case), _month_of(case)) for case in health.incidents)
    oldest = min((month for _, month in listed if month), default=since)
    told = Counter[tuple[str, date]]()
    for group, _, _ in _GROUPS:
        for point in history.series(_metric(group)):
            told[group, month_of(point.end)] += round(point.value)
        told[group, months[-1]] += round(points[_metric(group)])
    series = tuple(
        Series(
            label=label,
            values=tuple(
                told[group, month]
                if month >= since
                else listed[group, month]
                if month >= oldest
                else None
                for month in months
            ),
            colour=colour,
        )
        for group, label, colour in _GROUPS
    )
    total = sum(each.values[-1] or 0 for each in series)
    return ColumnChart(
        title=Text(de="Störungen je Monat", en="Incidents per month"),
        subtitle=Text(
            de="Nach Monat des Berichts, der sie zuerst nannte; davor, soweit noch gelistet",
            en="By month of the report that first told of them; before, as far as still listed",
        ),
        summary=counted(round(total), **_THIS_MONTH),
        unit=_INCIDENTS_LABEL,
        labels=tuple(months),
        series=series,
    )


_SO_FAR = Text(de="bisher {value}", en="{value} so far")
_START = Text(de="Beginn", en="Start")
_END = Text(de="Ende", en="End")
_DURATION = Text(de="Dauer", en="Duration")
_STATUS = Text(de="Status", en="Status")
_CAUSE_LABEL = Text(de="Ursache", en="Cause")
_REVIEW = Text(de="Abschlussbericht", en="Post-incident report")
_WHERE_REVIEW = Text(
    de="veröffentlicht; im Microsoft 365 Admin Center unter Dienststatus, Verlauf",
    en="published; in the Microsoft 365 admin centre under service health, history",
)
_NOTE = Text(de="Hinweis", en="Note")
_AS_REPORTED = Text(
    de="Von Microsoft gemeldet – sagt nicht, dass Ihre Benutzer betroffen waren.",
    en="As reported by Microsoft – this does not mean your users were affected.",
)

_SINCE = Text(
    de="Seit dem {day} meldete Microsoft {incidents} und {advisories}.",
    en="Since {day} Microsoft has reported {incidents} and {advisories}.",
)
_ALL_RESOLVED = Text(de="Alle Störungen sind behoben.", en="All incidents are resolved.")
_IT_LASTED = Text(
    de="Die Störung ist behoben, sie dauerte {duration} ({service}).",
    en="The incident is resolved, it lasted {duration} ({service}).",
)
_LONGEST_LASTED = Text(
    de="Alle Störungen sind behoben, die längste dauerte {duration} ({service}).",
    en="All incidents are resolved, the longest lasted {duration} ({service}).",
)
_IN_SHORT = Text(de="{found}, {still}", en="{found}, {still}")
_IN_SHORT_COMPARED = Text(de="{found} ({delta}), {still}", en="{found} ({delta}), {still}")
_RECENT_PART = Text(
    de="soweit noch in keinem Bericht gezählt", en="as far as no report has counted it yet"
)
_NO_INCIDENT = Text(de="keine Störung", en="no incident")
_INFORM = Text(de="Benutzer informieren: {title}", en="Inform your users: {title}")
_WHY_INFORM = Text(
    de="Die Störung ist seit mehr als 24 Stunden offen und betrifft einen Dienst, den Sie nutzen. In den Meldungen steht, ob es "
    "einen Umweg gibt.",
    en="The incident has been open for more than 24 hours in a service you use. The posts say whether there is a workaround.",
)
_WHY_READ = Text(
    de="Microsoft hat Ursache und Maßnahmen veröffentlicht, abrufbar im Microsoft 365 Admin Center unter Dienststatus.",
    en="Microsoft has published cause and measures, to be found in the Microsoft 365 admin centre under service health.",
)

# What `counted` chooses from.
_INCIDENTS = {
    "zero": Text(de="keine Störung", en="no incident"),
    "one": Text(de="1 Störung", en="1 incident"),
    "other": Text(de="{n} Störungen", en="{n} incidents"),
}
_INCIDENTS_IN_SHORT = {**_INCIDENTS, "zero": Text(de="Keine Störung", en="No incident")}
_READ_REVIEWS = {
    "one": Text(de="Abschlussbericht lesen: {title}", en="Read the post-incident report: {title}"),
    "other": Text(
        de="{n} Abschlussberichte von Microsoft lesen",
        en="Read {n} post-incident reports of Microsoft's",
    ),
}
_ADVISORIES = {
    "zero": Text(de="keinen Hinweis", en="no advisory"),
    "one": Text(de="1 Hinweis", en="1 advisory"),
    "other": Text(de="{n} Hinweise", en="{n} advisories"),
}
_AND_ADVISORIES = {
    "zero": Text(de="und kein Hinweis", en="and no advisory"),
    "one": Text(de="und 1 Hinweis", en="and 1 advisory"),
    "other": Text(de="und {n} Hinweise", en="and {n} advisories"),
}
_OPEN = {
    "one": Text(
        de="1 Störung ist noch offen: „{title}“ seit {since}.",
        en="1 incident is still open: “{title}” since {since}.",
    ),
    "other": Text(
        de="{n} Störungen sind noch offen, am längsten „{title}“ seit {since}.",
        en="{n} incidents are still open, the longest “{title}” since {since}.",
    ),
}
_EARLIER_RESOLVED = {
    "one": Text(
        de="1 früher gemeldete Störung ist behoben.",
        en="1 incident reported earlier is resolved.",
    ),
    "other": Text(
        de="{n} früher gemeldete Störungen sind behoben.",
        en="{n} incidents reported earlier are resolved.",
    ),
}
_OPEN_IN_SHORT = {
    "zero": Text(de="keine offen", en="none open"),
    "one": Text(de="1 offen", en="1 open"),
    "other": Text(de="{n} offen", en="{n} open"),
}
_OVER_A_DAY = {
    "zero": Text(de="keine über 24 Stunden", en="none for over 24 hours"),
    "one": Text(de="1 davon über 24 Stunden", en="1 of them for over 24 hours"),
    "other": Text(de="{n} davon über 24 Stunden", en="{n} of them for over 24 hours"),
}
_TIMELINE = {
    "one": Text(de="1 Störung in diesem Bericht.", en="1 incident in this report."),
    "other": Text(de="{n} Störungen in diesem Bericht.", en="{n} incidents in this report."),
}
_THIS_MONTH = {
    "zero": Text(de="In diesem Monat noch keine Störung.", en="No incident this month yet."),
    "one": Text(de="In diesem Monat 1 Störung.", en="1 incident this month."),
    "other": Text(de="In diesem Monat {n} Störungen.", en="{n} incidents this month."),
}

_RESOLVED_LABEL = Text(de="Behoben", en="Resolved")
_STILL_OPEN_LABEL = Text(de="Weiterhin offen", en="Still open")
_INCIDENTS_LABEL = Text(de="Störungen", en="Incidents")

# By what Graph calls a status, in small letters.
_STATUSES = {
    "serviceoperational": Option(Text(de="Normalbetrieb", en="Operating normally"), Tone.OK, "✓"),
    "investigating": Option(Text(de="Wird untersucht", en="Investigating"), Tone.WARN, "…"),
    "restoringservice": Option(Text(de="Wird behoben", en="Being restored"), Tone.WARN, "…"),
    "verifyingservice": Option(
        Text(de="Behebung wird geprüft", en="Being verified"), Tone.WARN, "…"
    ),
    "servicerestored": Option(Text(de="Behoben", en="Restored"), Tone.OK, "✓"),
    _PIR_PUBLISHED: Option(
        Text(de="Abgeschlossen", en="Closed"),
        Tone.OK,
        "✓",
    ),
    "servicedegradation": Option(Text(de="Eingeschränkt", en="Degraded"), Tone.WARN, "!"),
    "serviceinterruption": Option(Text(de="Ausgefallen", en="Interrupted"), Tone.BAD, "✕"),
    "extendedrecovery": Option(
        Text(de="Wiederherstellung dauert an", en="Extended recovery"), Tone.WARN, "…"
    ),
    "falsepositive": Option(Text(de="Fehlalarm", en="False alarm"), Tone.NEUTRAL, "○"),
    "investigationsuspended": Option(
        Text(de="Untersuchung ausgesetzt", en="Investigation suspended"), Tone.NEUTRAL, "○"
    ),
    "resolved": Option(Text(de="Gelöst", en="Resolved"), Tone.OK, "✓"),
    "mitigatedexternal": Option(
        Text(de="Durch Dritte entschärft", en="Mitigated by a third party"), Tone.OK, "✓"
    ),
    "mitigated": Option(Text(de="Entschärft", en="Mitigated"), Tone.OK, "✓"),
    "resolvedexternal": Option(
        Text(de="Durch Dritte gelöst", en="Resolved by a third party"), Tone.OK, "✓"
    ),
    "confirmed": Option(Text(de="Bestätigt", en="Confirmed"), Tone.WARN, "!"),
    "reported": Option(Text(de="Gemeldet", en="Reported"), Tone.WARN, "!"),
}
_STATUS_INDEX = {name: number for number, name in enumerate(_STATUSES)}
_STATUS_OPTIONS = tuple(_STATUSES.values())
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(terms.ADDED, Tone.INFO, "+"),
    Option(_RESOLVED_LABEL, Tone.OK, "✓"),
    Option(Text(de="Wieder offen", en="Open again"), Tone.BAD, "!"),
    Option(_STILL_OPEN_LABEL, Tone.WARN, "!"),
    Option(Text(de="Abschlussbericht neu", en="Report published"), Tone.INFO, "i"),
    Option(terms.UPDATED, Tone.INFO, "~"),
    Option(Text(de="Nicht mehr gelistet", en="No longer listed"), Tone.NEUTRAL, "?"),
)

_COLUMNS = (
    Column(label=_START, kind=Kind.MOMENT),
    Column(label=_DURATION, kind=Kind.DURATION),
    Column(label=terms.SERVICE),
    Column(label=Text(de="Störung", en="Issue"), kind=Kind.PAIR, small=terms.NUMBER),
    Column(
        label=Text(de="Art", en="Kind"),
        kind=Kind.CHOICE,
        options=(
            Option(Text(de="Störung", en="Incident"), Tone.BAD, "✕"),
            Option(Text(de="Hinweis", en="Advisory"), Tone.NEUTRAL, "i"),
        ),
        secondary=True,
    ),
    Column(label=_STATUS, kind=Kind.CHOICE, options=_STATUS_OPTIONS),
    Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
    Column(
        label=_REVIEW,
        kind=Kind.CHOICE,
        options=(
            Option(Text(de="nein", en="no")),
            Option(Text(de="veröffentlicht", en="published"), Tone.INFO, "i"),
        ),
        secondary=True,
    ),
    Column(label=Text(de="Auswirkung", en="Impact"), detail=True),
    Column(label=_CAUSE_LABEL, detail=True),
    Column(label=Text(de="Funktion", en="Feature"), detail=True),
    Column(
        label=Text(de="Dienst im Einsatz", en="Service in use"),
        kind=Kind.CHOICE,
        options=IN_USE_OPTIONS,
        detail=True,
    ),
    Column(label=_END, kind=Kind.MOMENT, detail=True),
    Column(label=terms.MODIFIED, kind=Kind.MOMENT, detail=True),
)

_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="told", label=Text(de="In diesem Zeitraum", en="In this period")),
    Filter(id="open", label=Text(de="Offen", en="Open")),
    Filter(id="updated", label=terms.UPDATED),
    Filter(id="incident", label=_INCIDENTS_LABEL),
    Filter(id="advisory", label=Text(de="Hinweise", en="Advisories")),
    Filter(id="used", label=Text(de="Dienst im Einsatz", en="Service in use")),
    Filter(id="review", label=Text(de="Mit Abschlussbericht", en="With post-incident report")),
    Filter(id="new", label=terms.ADDED, is_chip=False),
    Filter(id="resolved", label=_RESOLVED_LABEL, is_chip=False),
    Filter(id="still-open", label=_STILL_OPEN_LABEL, is_chip=False),
    Filter(
        id="review-new", label=Text(de="Abschlussbericht neu", en="Report published"), is_chip=False
    ),
    Filter(
        id="vanished", label=Text(de="Nicht mehr gelistet", en="No longer listed"), is_chip=False
    ),
)
_TILES = (
    Tile("new", terms.ADDED, Tone.INFO),
    Tile("resolved", _RESOLVED_LABEL, Tone.OK),
    Tile("still-open", _STILL_OPEN_LABEL, Tone.WARN),
    Tile(
        "review-new",
        Text(de="Abschlussbericht neu", en="Post-incident report published"),
        Tone.INFO,
    ),
)
_VANISHED_TILE = Tile(
    "vanished",
    Text(de="Offen, nicht mehr gelistet", en="Open, no longer listed"),
    Tone.WARN,
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Dienststatus von Microsoft 365 für Ihren Mandanten, Microsoft Graph; Ihre Lizenzen.",
            en="Service health of Microsoft 365 for your tenant, Microsoft Graph; your licences.",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Bei jedem Lauf wird die ganze Liste gelesen und je Nummer mit dem letzten Bericht verglichen: Auch was "
            "verspätet oder rückdatiert gemeldet wird, erscheint. Die Gesamtdauer zählt jede Stunde einer Störung "
            "einmal, in dem Bericht, der sie zuerst nennt; gleichzeitige Störungen zählen einzeln.",
            en="Each run reads the whole list and compares it by number with the last report: what is reported late or "
            "back-dated appears too. The total duration counts each hour of an incident once, in the report that tells "
            "of it first; incidents at the same time count one by one.",
        ),
    ),
    (
        Text(de="Störung und Hinweis", en="Incident and advisory"),
        Text(
            de="Störung: ein Dienst oder eine wichtige Funktion ist nicht nutzbar. Hinweis: Einschränkung, die sich "
            "umgehen lässt oder wenige betrifft.",
            en="Incident: a service or a major function cannot be used. Advisory: a limitation that can be worked around "
            "or concerns few.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Stand bei der Abfrage; Microsoft ergänzt und berichtigt Meldungen auch nach Wochen.",
            en="As of the query; Microsoft adds to and corrects posts even weeks later.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Abschlussberichte selbst sind nur im Microsoft 365 Admin Center abrufbar. Die Ursache stammt aus "
            "Microsofts Meldungen und fehlt, solange sie dort nicht steht.",
            en="Post-incident reports themselves are only available in the Microsoft 365 admin centre. The cause comes from "
            "Microsoft's posts and is missing as long as it is not there.",
        ),
    ),
)

REPORT = ReportType(
    name="service-health",
    title=Text(de="Störungen der Microsoft-365-Dienste", en="Service incidents"),
    area=terms.SERVICES_AREA,
    summary=Text(
        de="Was gestört war, wie lange, warum, und was noch offen ist.",
        en="What was disturbed, for how long, why, and what is still open.",
    ),
    cadence="0 6 * * MON",
    needs=(ISSUES, LICENCES),
    build=build,
)
