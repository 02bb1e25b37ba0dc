"""Identity risks: what Microsoft detected, who is at risk, how long it takes until that is settled."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest
from statistics import median

import msgspec

from shared_code.core import terms
from shared_code.core.action import CountedAction, actions
from shared_code.core.change import Tile, changes, moved
from shared_code.core.chart import Bar, BarChart, Chart, Colour, ColumnChart, Series, Tone, Unit
from shared_code.core.dataset import Dataset, Row, Snapshot
from shared_code.core.errors import Reason
from shared_code.core.period import Period
from shared_code.core.report import (
    Action,
    Better,
    Content,
    Extra,
    History,
    Kpi,
    Lead,
    Priority,
    ReportType,
    Status,
    about,
)
from shared_code.core.table import (
    Cell,
    Column,
    Filter,
    Kind,
    Line,
    Option,
    Table,
    first_holding,
    holding,
    remember,
)
from shared_code.core.text import Message, Text, counted, first_two, message, signed
from shared_code.datasets.risk_words import ISSUERS, RISK_DETAILS, RISK_TYPES, SOURCES
from shared_code.datasets.risks import (
    APP_RISK_DETECTIONS,
    RISK_DETECTIONS,
    RISKY_APPS,
    RISKY_USERS,
    AppDetection,
    Place,
    RiskyApp,
    RiskyUser,
    UserDetection,
)

_OVERDUE = timedelta(days=7)
_SETTLED_WITHIN = timedelta(days=90)
_WEEK = timedelta(days=7)
_WEEKS = 12
_MOST_TYPES = 8

# Below, lines are in order by the minute, above by the hour: each rank is a block on disk.
_FEW = 5_000
_MINUTE, _HOUR = 60, 3600
_RANKS_PER_GROUP = 1 << 22

# Indices into the options of the columns.
_USER, _APP, _USER_DETECTION, _APP_DETECTION = range(4)
_DATASETS = (RISKY_USERS, RISKY_APPS, RISK_DETECTIONS, APP_RISK_DETECTIONS)
_HIGH, _MEDIUM, _LOW, _NO_LEVEL, _HIDDEN = range(5)
_OPEN, _COMPROMISED, _REMEDIATED, _SAFE, _DISMISSED, _NO_RISK = range(6)
_SAME, _ADDED, _FIXED, _AGAIN, _REJECTED = range(5)
_NORMAL, _DELETED, _DISABLED, _PROCESSING = range(4)

_LEVELS = {"high": _HIGH, "medium": _MEDIUM, "low": _LOW, "none": _NO_LEVEL, "hidden": _HIDDEN}
_STATES = {
    "atrisk": _OPEN,
    "confirmedcompromised": _COMPROMISED,
    "remediated": _REMEDIATED,
    "confirmedsafe": _SAFE,
    "dismissed": _DISMISSED,
    "none": _NO_RISK,
}
_OPEN_STATES = frozenset({_OPEN, _COMPROMISED})
_FIXED_STATES = frozenset({_REMEDIATED, _SAFE})
_SETTLED_STATES = _FIXED_STATES | {_DISMISSED}

type Detection = UserDetection | AppDetection
type Subject = RiskyUser | RiskyApp


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares with; `since` when it is open, None otherwise."""

    state: int | None
    since: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN_STATES


@dataclass(frozen=True, slots=True)
class _Item:
    """A detection, or a user or application at risk (`is_subject`); None is unknown.

    `since`: open since; `span`: for so long open, or until it was settled. `is_told`: its change
    counts in the tiles.
    """

    row: Detection | Subject
    kind: int
    level: int | None
    state: int | None
    at: datetime | None
    since: datetime | None
    span: timedelta | None
    change: int | None
    is_new: bool
    is_told: bool

    @property
    def is_subject(self) -> bool:
        return self.kind in (_USER, _APP)

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN_STATES

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.is_subject and bool(self.span and self.span > _OVERDUE)

    @property
    def is_severe(self) -> bool:
        return self.level == _HIGH or self.state == _COMPROMISED

    @property
    def filters(self) -> tuple[str, ...]:
        at_risk = self.is_subject and self.is_open
        belongs = {
            "all": True,
            "users": at_risk and self.kind == _USER,
            "severe": at_risk and self.kind == _USER and self.is_severe,
            "others": at_risk and self.kind == _USER and not self.is_severe and not self.is_overdue,
            "apps": at_risk and self.kind == _APP,
            "overdue": self.is_overdue,
            "new": self.is_new,
            "new-high": self.is_new and self.level == _HIGH,
            "averted": self.is_new and self.level == _HIGH and self.state in _SETTLED_STATES,
            "open": not self.is_subject and self.is_open,
            "fixed": self.is_told and self.change == _FIXED,
            "again": self.is_told and self.change == _AGAIN,
            "dismissed": self.is_told and self.change == _REJECTED,
        }
        return holding(belongs)

    def rank(self, now: datetime, step: int) -> int:
        """Worst first, then newest first."""
        at_risk = self.is_subject and self.is_open
        worst_first = (
            at_risk and self.is_severe,
            self.is_overdue,
            at_risk,
            self.is_new and self.is_open and self.level == _HIGH,
            self.is_new and self.is_open,
            self.is_open,
            self.is_new,
            self.is_told and self.change not in (None, _SAME),
        )
        group = first_holding(worst_first)
        age = (now - self.at).total_seconds() if self.at else _RANKS_PER_GROUP * step
        return group * _RANKS_PER_GROUP + min(max(int(age // step), 0), _RANKS_PER_GROUP - 1)


@dataclass(frozen=True, slots=True)
class _Join:
    """Looks up what belongs together. `since`: what came after is new if it was not known before.

    `knew`: datasets that the compared report had; what became known is no change of the tenant.
    """

    data: Snapshot
    history: History
    now: datetime
    since: datetime
    knows: frozenset[str]
    knew: frozenset[str]

    @classmethod
    def of(cls, data: Snapshot, history: History, period: Period) -> "_Join":
        compared = history.compared_with
        knew = (
            need.name
            for need in REPORT.needs
            if any(p.end == compared for p in history.series(_known(need)))
        )
        return cls(
            data,
            history,
            now=period.end,
            since=compared or period.start,
            knows=frozenset(n.name for n in REPORT.needs if data.missing(n) is None),
            knew=frozenset(knew),
        )

    @property
    def knows_users(self) -> bool:
        return RISKY_USERS.name in self.knows

    @property
    def lacks_licence(self) -> bool:
        error = self.data.missing(RISKY_USERS)
        return error is not None and error.reason is Reason.LICENCE

    @property
    def knows_apps(self) -> bool:
        return RISKY_APPS.name in self.knows

    def items(self) -> Iterator[_Item]:
        if self.knows_users:
            yield from (self._subject(row, _USER) for row in self.data.rows(RISKY_USERS))
        if self.knows_apps:
            yield from (self._subject(row, _APP) for row in self.data.rows(RISKY_APPS))
        for row in self.data.rows(RISK_DETECTIONS):
            yield self._detection(row, _USER_DETECTION)
        if APP_RISK_DETECTIONS.name in self.knows:
            for row in self.data.rows(APP_RISK_DETECTIONS):
                yield self._detection(row, _APP_DETECTION)

    def _subject(self, row: Subject, kind: int) -> _Item:
        state, updated = _state(row.risk_state), row.risk_last_updated_date_time
        before = self.history.before(row.id, _Seen)
        began = before.since if before else None
        # Every further detection renews the date; it is open since the first.
        since = min(filter(None, (began, updated)), default=None)
        is_open = state in _OPEN_STATES
        settled = updated if state in _SETTLED_STATES and began else None
        until = self.now if is_open else settled
        return _Item(
            row=row,
            kind=kind,
            level=_level(row.risk_level),
            state=state,
            at=updated,
            since=since if is_open else None,
            span=_span(since, until),
            change=self._change(_needed(kind), before, state, updated),
            is_new=False,
            is_told=True,
        )

    def _detection(self, row: Detection, kind: int) -> _Item:
        state, updated = _state(row.risk_state), row.last_updated_date_time
        began = row.detected_date_time or row.activity_date_time
        is_open = state in _OPEN_STATES
        until = self.now if is_open else updated if state in _SETTLED_STATES else None
        before = self.history.before(row.id, _Seen)
        change = self._change(_needed(kind), before, state, None)
        return _Item(
            row=row,
            kind=kind,
            level=_level(row.risk_level),
            state=state,
            at=row.activity_date_time or row.detected_date_time,
            since=began if is_open else None,
            span=_span(began, until),
            change=change,
            is_new=self._is_new(_needed(kind), before, began),
            is_told=not (self.knows_users if kind == _USER_DETECTION else self.knows_apps),
        )

    def _is_new(self, dataset: str, before: _Seen | None, began: datetime | None) -> bool:
        if before is not None:
            return False
        return dataset in self.knew or (began is not None and began >= self.since)

    def _change(
        self, dataset: str, before: _Seen | None, state: int | None, updated: datetime | None
    ) -> int | None:
        """`updated` is given where an object that nobody knew may be an old one."""
        if self.history.compared_with is None:
            return None
        if before is None:
            return _first_seen(state, updated, self.since) if dataset in self.knew else _SAME
        if before.state is None or state is None or before.is_open == (state in _OPEN_STATES):
            return _SAME
        if not before.is_open:
            return _ADDED if before.state == _NO_RISK else _AGAIN
        return _settled(state)


def _first_seen(state: int | None, updated: datetime | None, since: datetime) -> int:
    """What came and was settled between two reports counts as settled."""
    if updated is None or state in _OPEN_STATES:
        return _ADDED
    return _settled(state) if updated > since else _SAME


def _settled(state: int | None) -> int:
    if state in _FIXED_STATES:
        return _FIXED
    return _REJECTED if state == _DISMISSED else _SAME


def _known(dataset: Dataset[Row]) -> str:
    """The metric that has a point for each report that had the dataset."""
    return f"known-{dataset.name}"


def _needed(kind: int) -> str:
    return _DATASETS[kind].name


def _state(text: str | None) -> int | None:
    return _STATES.get((text or "").lower())


def _level(text: str | None) -> int | None:
    return _LEVELS.get((text or "").lower())


def _span(start: datetime | None, end: datetime | None) -> timedelta | None:
    return max(end - start, timedelta()) if start and end else None


@dataclass(slots=True)
class _Tally:
    """One fold over all items."""

    total: int = 0
    filters: Counter[str] = field(default_factory=Counter[str])
    open_levels: Counter[int | None] = field(default_factory=Counter[int | None])
    known: Counter[str] = field(default_factory=Counter[str])
    hidden: int = 0
    new_hidden: int = 0
    weeks: Counter[tuple[int, int]] = field(default_factory=Counter[tuple[int, int]])
    types: Counter[str] = field(default_factory=Counter[str])
    recent_types: Counter[str] = field(default_factory=Counter[str])
    settled: array[float] = field(default_factory=lambda: array("d"))

    def add(self, item: _Item, now: datetime) -> None:
        self.total += 1
        self.filters.update(item.filters)
        self.known[_needed(item.kind)] += 1
        if isinstance(item.row, UserDetection | AppDetection):
            self._add_detection(item, item.row, now)
        elif item.is_open:
            self.open_levels[item.level] += 1

    def _add_detection(self, item: _Item, row: Detection, now: datetime) -> None:
        name = row.risk_event_type or ""
        self.types[name] += 1
        if item.level == _HIDDEN:
            self.hidden += 1
            self.new_hidden += item.is_new
        week = _week(row.detected_date_time or item.at, now)
        if week is not None:
            self.weeks[week, _HIDDEN if item.level is None else item.level] += 1
            self.recent_types[name.lower()] += 1
        ended = row.last_updated_date_time
        is_settled = item.state in _SETTLED_STATES and ended and ended > now - _SETTLED_WITHIN
        if is_settled and item.span is not None:
            self.settled.append(item.span.total_seconds())

    @property
    def median_span(self) -> float | None:
        return median(self.settled) if self.settled else None


def _week(moment: datetime | None, now: datetime) -> int | None:
    """0 for the oldest shown; None outside."""
    week = _WEEKS + (moment - now) // _WEEK if moment else -1
    return week if 0 <= week < _WEEKS else None


def build(data: Snapshot, history: History, period: Period) -> Content:
    join = _Join.of(data, history, period)
    tally = _Tally()
    for item in join.items():
        tally.add(item, period.end)
    types = _Types.of(tally.types)
    return Content(
        lead=_lead(tally, join),
        digest=_digest(tally, join),
        kpis=_kpis(tally, join),
        actions=tuple(_actions(tally, join)),
        changes=changes(_TILES, tally.filters, history),
        charts=tuple(_charts(tally, join, types)),
        notes=tuple(_notes(tally)),
        table=Table(
            title=Text(de="Alle Risiken im Detail", en="All risks in detail"),
            counting=Text(de="{n} von {all} Einträgen", en="{n} of {all} entries"),
            columns=_columns(types),
            filters=_FILTERS,
            lines=lambda: _lines(join, tally, types),
            unknown=frozenset(_unknown(join)),
        ),
        about=_ABOUT,
        points={
            _known(need): tally.known[need.name] for need in REPORT.needs if need.name in join.knows
        },
    )


def _unknown(join: _Join) -> Iterator[str]:
    if not join.knows_users:
        yield from ("users", "severe", "others")
    if not join.knows_apps:
        yield "apps"
    if not (join.knows_users or join.knows_apps):
        yield "overdue"


@dataclass(frozen=True, slots=True)
class _Types:
    """Kinds of detections as options: those in plain words, then those only Microsoft can name."""

    places: Mapping[str, int]
    names: tuple[Text, ...]
    meanings: tuple[Text, ...]

    @classmethod
    def of(cls, found: Counter[str]) -> "_Types":
        others = sorted({name for name in found if name.lower() not in RISK_TYPES})
        keys = [*RISK_TYPES, *others]
        return cls(
            {key.lower(): n for n, key in enumerate(keys)},
            (
                *(each.name for each in RISK_TYPES.values()),
                *(Text(name, name) if name else terms.UNKNOWN for name in others),
                _WHOLE,
            ),
            (
                *(each.meaning for each in RISK_TYPES.values()),
                *(_NOT_EXPLAINED for _ in others),
                _WHOLE_MEANING,
            ),
        )

    def place(self, row: Detection | Subject) -> int:
        if isinstance(row, RiskyUser | RiskyApp):
            return len(self.names) - 1
        return self.places[(row.risk_event_type or "").lower()]


def _lines(join: _Join, tally: _Tally, types: _Types) -> Iterator[Line]:
    step = _MINUTE if tally.total <= _FEW else _HOUR
    for item in join.items():
        yield Line(
            key=item.row.id,
            cells=_cells(item, types),
            rank=item.rank(join.now, step),
            filters=item.filters,
            memory=remember(_Seen(item.state, item.since)),
        )


def _cells(item: _Item, types: _Types) -> tuple[Cell, ...]:
    row, place = item.row, types.place(item.row)
    rest = _subject_cells(row) if isinstance(row, RiskyUser | RiskyApp) else _detection_cells(row)
    where, source, *details = rest
    return (
        item.at,
        _who(row),
        _APP if item.kind in (_APP, _APP_DETECTION) else _USER,
        item.level,
        place,
        where,
        item.state,
        item.span.total_seconds() if item.span is not None else None,
        item.change,
        source,
        place,
        _detail(row.risk_detail),
        *details,
    )


def _who(row: Detection | Subject) -> tuple[str, str]:
    match row:
        case UserDetection() | RiskyUser():
            address = row.user_principal_name or ""
            name = row.user_display_name
        case AppDetection():
            return row.service_principal_display_name or row.app_id or row.id, ""
        case RiskyApp():
            return row.display_name or row.app_id or row.id, ""
    return name or address or row.id, address


def _detection_cells(row: Detection) -> tuple[Cell, ...]:
    place = row.location or Place()
    city, state, country = place.city or "", place.state or "", place.country_or_region or ""
    address = row.ip_address or ""
    agent, facts = row.further_facts
    where = ", ".join(filter(None, (city, country)))
    return (
        (where, address) if where else (address, ""),
        SOURCES.get((row.source or "").lower(), row.source or ""),
        row.risk_event_type or "",
        row.detected_date_time,
        row.last_updated_date_time,
        _TIMINGS.get((row.detection_timing_type or "").lower()),
        _ACTIVITIES.get((row.activity or "").lower()),
        ISSUERS.get((row.token_issuer_type or "").lower(), row.token_issuer_type or ""),
        city,
        state,
        country,
        agent,
        facts,
        _NORMAL,
        (row.app_id or "") if isinstance(row, AppDetection) else "",
        "",
        (row.key_ids or ()) if isinstance(row, AppDetection) else (),
        row.correlation_id or "",
        row.request_id or "",
    )


def _subject_cells(row: Subject) -> tuple[Cell, ...]:
    app = row if isinstance(row, RiskyApp) else None
    entra = SOURCES["identityprotection"]
    nothing = ("",) * 4
    return (
        ("", ""),
        entra,
        "",
        None,
        row.risk_last_updated_date_time,
        _NO_TIMING,
        _NO_ACTIVITY,
        *nothing,
        "",
        (),
        _account(row),
        (app and app.app_id) or "",
        (app and app.service_principal_type) or "",
        (),
        "",
        "",
    )


def _account(row: Subject) -> int:
    if isinstance(row, RiskyUser) and row.is_deleted:
        return _DELETED
    if isinstance(row, RiskyApp) and row.is_enabled is False:
        return _DISABLED
    return _PROCESSING if row.is_processing else _NORMAL


def _detail(text: str | None) -> int | None:
    return _DETAILS.get((text or "").lower())


def _lead(tally: _Tally, join: _Join) -> Lead:
    return Lead(_status(tally, join), _strong(tally, join), first_two(*_sentences(tally)))


def _strong(tally: _Tally, join: _Join) -> Message:
    new = tally.filters["new"]
    news = counted(new, **_DETECTIONS)
    if not tally.new_hidden:
        news = message(_OF_THEM_HIGH, all=news, n=tally.filters["new-high"])
    if not new:
        news = message(_NOTHING_NEW, since=join.since)
    if not join.knows_users:
        return message(_WITHOUT_P2 if join.lacks_licence else _WHO_UNKNOWN, news=news)
    users = counted(tally.filters["users"], **_AT_RISK)
    return message(_LEAD if new else _CALM, users=users, news=news)


def _sentences(tally: _Tally) -> Iterator[Message]:
    if tally.filters["apps"]:
        yield counted(tally.filters["apps"], **_APPS_AT_RISK)
    span = tally.median_span
    if span is not None:
        yield message(_MEDIAN, span=timedelta(seconds=span))


def _status(tally: _Tally, join: _Join) -> Status:
    if tally.filters["severe"] or tally.filters["overdue"] or tally.open_levels[_HIGH]:
        return Status.BAD
    at_risk = tally.filters["users"] + tally.filters["apps"]
    if at_risk > tally.open_levels[_LOW] + tally.open_levels[_NO_LEVEL]:
        return Status.WARN
    return Status.WARN if not join.knows_users and tally.filters["open"] else Status.OK


def _digest(tally: _Tally, join: _Join) -> Message:
    news = counted(tally.filters["new"], **_DETECTIONS)
    if not join.knows_users:
        text = _NEWS_WITHOUT_P2 if join.lacks_licence else _NEWS_IN_SHORT
        return message(text, news=news)
    count = tally.filters["users"]
    users = counted(count, **_USERS_IN_SHORT)
    change = moved(join.history, "open-users", count)
    if change is None:
        return message(_USERS_AND_NEWS, users=users, news=news)
    return message(_IN_SHORT, users=users, change=signed(change), news=news)


def _kpis(tally: _Tally, join: _Join) -> tuple[Kpi, ...]:
    new, span = tally.filters["new"], tally.median_span
    high = tally.filters["new-high"]
    return (
        Kpi(
            metric="open-users",
            label=Text(de="Offene Risikobenutzer", en="Users at risk"),
            value=tally.filters["users"] if join.knows_users else None,
            base=counted(tally.filters["overdue"], **_OVERDUE_OF_THEM),
            better=Better.DOWN,
            instead=_NEEDS_P2 if join.lacks_licence else terms.NOT_KNOWN,
        ),
        Kpi(
            metric="new-detections",
            label=Text(de="Neue Erkennungen", en="New detections"),
            value=new,
            base=message(_SINCE, since=join.since),
            better=Better.DOWN,
        ),
        Kpi(
            metric="new-high",
            label=Text(de="Davon Stufe hoch", en="High level among them"),
            value=None if tally.new_hidden else high,
            base=counted(new, **_OF_NEW),
            better=Better.DOWN,
            instead=_NEEDS_P2,
        ),
        Kpi(
            metric="settling",
            label=Text(de="Zeit bis zur Behebung (Median)", en="Time to remediation (median)"),
            value=span,
            base=counted(len(tally.settled), **_SETTLED),
            better=Better.DOWN,
            unit=Unit.DURATION,
            instead=_NOTHING_SETTLED,
        ),
    )


def _notes(tally: _Tally) -> Iterator[tuple[Text, Message]]:
    if tally.hidden:
        yield _DETAILS_MISSING, counted(tally.hidden, **_HIDDEN_DETECTIONS)


def _actions(tally: _Tally, join: _Join) -> Iterator[Action]:
    # Where nobody knows who is at risk, detections are all there is to follow.
    without = ("open",) if join.knows_users else ()
    yield from actions(_ACTIONS, tally.filters, without=without)
    if join.lacks_licence:
        yield Action(
            title=Message(_CONSIDER_P2),
            why=Message(_WHY_P2),
            priority=Priority.LOW,
            who=terms.CUSTOMER_ADVISED,
            effort=terms.MEDIUM_EFFORT,
        )


def _charts(tally: _Tally, join: _Join, types: _Types) -> Iterator[Chart]:
    if tally.weeks:
        yield _week_chart(tally, join)
        yield _type_chart(tally, types)


def _week_chart(tally: _Tally, join: _Join) -> ColumnChart:
    starts = [join.now - (_WEEKS - n) * _WEEK for n in range(_WEEKS)]
    shown = [each for each in _SERIES if any(tally.weeks[w, each[0]] for w in range(_WEEKS))]
    last = sum(tally.weeks[_WEEKS - 1, level] for level, _, _ in _SERIES)
    return ColumnChart(
        title=Text(de="Erkennungen je Woche", en="Detections per week"),
        subtitle=Text(
            de="Nach Stufe, letzte 12 Wochen; Tag, an dem die Woche beginnt",
            en="By level, last 12 weeks; day on which the week begins",
        ),
        summary=message(_WEEKLY, all=sum(tally.weeks.values()), last=last),
        unit=_DETECTIONS_UNIT,
        labels=tuple(_day(start) for start in starts),
        series=tuple(
            Series(
                label=label,
                values=tuple(tally.weeks[week, level] for week in range(_WEEKS)),
                colour=colour,
            )
            for level, label, colour in shown
        ),
    )


def _day(day: datetime) -> Text:
    return Text(de=f"{day:%d.%m.}", en=f"{day.day} {day:%b}")


def _type_chart(tally: _Tally, types: _Types) -> BarChart:
    ranking = nsmallest(_MOST_TYPES, tally.recent_types.items(), key=lambda t: (-t[1], t[0]))
    names = [(types.names[types.places[name]], count) for name, count in ranking]
    return BarChart(
        title=Text(de="Was erkannt wurde", en="What was detected"),
        subtitle=Text(
            de="Häufigste Arten, letzte 12 Wochen", en="Most frequent kinds, last 12 weeks"
        ),
        summary=message(_KINDS, n=len(tally.recent_types), top=names[0][0]),
        unit=_DETECTIONS_UNIT,
        bars=tuple(Bar(label=name, value=count, tone=Tone.INFO) for name, count in names),
    )


_DETECTIONS_UNIT = Text(de="Erkennungen", en="Detections")
_NEEDS_P2 = Text(de="Details erfordern Entra ID P2", en="Details require Entra ID P2")
_DETAILS_MISSING = Text(de="Was fehlt", en="What is missing")
_CONSIDER_P2 = Text(
    de="Microsoft Entra ID P2 in Betracht ziehen (gesondert zu beauftragen)",
    en="Consider Microsoft Entra ID P2 (to be ordered separately)",
)
_WHY_P2 = Text(
    de="Erst mit P2 zeigt Microsoft, wer gefährdet ist, warum und wie sehr, "
    "und verlangt bei Risiko von selbst MFA oder ein neues Kennwort.",
    en="Only with P2 does Microsoft show who is at risk, why and how much, "
    "and demand MFA or a new password by itself when there is risk.",
)
_HIDDEN_DETECTIONS = {
    "one": Text(
        de="Von 1 Erkennung hält Microsoft Stufe und Art zurück. Details erfordern Entra ID P2.",
        en="Microsoft withholds level and kind of 1 detection. Details require Entra ID P2.",
    ),
    "other": Text(
        de="Von {n} Erkennungen hält Microsoft Stufe und Art zurück. Details erfordern Entra ID P2.",
        en="Microsoft withholds level and kind of {n} detections. Details require Entra ID P2.",
    ),
}

_LEAD = Text(de="{users}, {news}.", en="{users}, {news}.")
_AT_RISK = {
    "zero": Text(de="Kein Benutzer gilt als gefährdet", en="No user is considered at risk"),
    "one": Text(de="1 Benutzer gilt als gefährdet", en="1 user is considered at risk"),
    "other": Text(de="{n} Benutzer gelten als gefährdet", en="{n} users are considered at risk"),
}
_APPS_AT_RISK = {
    "one": Text(de="1 Anwendung gilt als gefährdet.", en="1 application is considered at risk."),
    "other": Text(
        de="{n} Anwendungen gelten als gefährdet.", en="{n} applications are considered at risk."
    ),
}
_CALM = Text(de="{users}; {news}.", en="{users}; {news}.")
_WHO_UNKNOWN = Text(
    de="Wer als gefährdet gilt, ist nicht bekannt; {news}.",
    en="Who is considered at risk is not known; {news}.",
)
_WITHOUT_P2 = Text(
    de="Soweit ohne Entra ID P2 erkennbar: {news}.",
    en="As far as can be seen without Entra ID P2: {news}.",
)
_NOTHING_NEW = Text(de="keine neue Erkennung seit dem {since}", en="no new detection since {since}")
_DETECTIONS = {
    "zero": Text(de="keine neue Erkennung", en="no new detection"),
    "one": Text(de="1 neue Erkennung", en="1 new detection"),
    "other": Text(de="{n} neue Erkennungen", en="{n} new detections"),
}
_OF_THEM_HIGH = Text(de="{all} ({n} hoch)", en="{all} ({n} high)")
_MEDIAN = Text(
    de="Im Median dauert es {span} bis zur Behebung.",
    en="The median time to remediation is {span}.",
)
_USERS_IN_SHORT = {
    "zero": Text(de="Kein Risikobenutzer offen", en="No user at risk"),
    "one": Text(de="1 offener Risikobenutzer", en="1 user at risk"),
    "other": Text(de="{n} offene Risikobenutzer", en="{n} users at risk"),
}
_IN_SHORT = Text(de="{users} ({change}), {news}", en="{users} ({change}), {news}")
_USERS_AND_NEWS = Text(de="{users}, {news}", en="{users}, {news}")
_NEWS_IN_SHORT = Text(
    de="Risikobenutzer nicht bekannt, {news}", en="Users at risk not known, {news}"
)
_NEWS_WITHOUT_P2 = Text(
    de="ohne Entra ID P2 erkennbar: {news}", en="seen without Entra ID P2: {news}"
)
_SINCE = Text(de="seit dem {since}", en="since {since}")
_OVERDUE_OF_THEM = {
    "zero": Text(de="nichts seit über 7 Tagen offen", en="nothing open for over 7 days"),
    "one": Text(de="1 Risiko seit über 7 Tagen offen", en="1 risk open for over 7 days"),
    "other": Text(de="{n} Risiken seit über 7 Tagen offen", en="{n} risks open for over 7 days"),
}
_OF_NEW = {
    "zero": Text(de="keine neue Erkennung", en="no new detection"),
    "one": Text(de="von 1 neuen Erkennung", en="of 1 new detection"),
    "other": Text(de="von {n} neuen Erkennungen", en="of {n} new detections"),
}
_NOTHING_SETTLED = Text(de="in 90 Tagen nichts behoben", en="nothing settled in 90 days")
_SETTLED = {
    "one": Text(de="1 Erkennung, letzte 90 Tage", en="1 detection, last 90 days"),
    "other": Text(de="{n} Erkennungen, letzte 90 Tage", en="{n} detections, last 90 days"),
}
_WEEKLY = Text(
    de="{all} Erkennungen in 12 Wochen, davon {last} in der letzten.",
    en="Detections in 12 weeks: {all}, of which {last} in the last one.",
)
_KINDS = Text(
    de="Häufigste Art: {top}. Arten insgesamt: {n}.",
    en="Most frequent kind: {top}. Kinds in total: {n}.",
)
_WHOLE = Text(de="Gesamtrisiko", en="Overall risk")
_WHOLE_MEANING = Text(
    de="Bewertung über alle Erkennungen hinweg.", en="Assessment over all detections."
)
_NOT_EXPLAINED = Text(
    de="Für diese Art gibt es noch keine Erklärung.", en="There is no explanation of this kind yet."
)

_NO_RISK_LABEL = Text(de="Kein Risiko", en="No risk")
_FIXED_LABEL = Text(de="Behoben", en="Remediated")
_REJECTED_LABEL = Text(de="Verworfen", en="Dismissed")

_LEVEL_OPTIONS = (
    Option(Text(de="Hoch", en="High"), Tone.BAD, "▲"),
    Option(Text(de="Mittel", en="Medium"), Tone.WARN, "△"),
    Option(Text(de="Niedrig", en="Low"), Tone.INFO),
    Option(_NO_RISK_LABEL),
    Option(Text(de="Nur mit P2", en="Only with P2"), Tone.NEUTRAL, "?"),
)
_SERIES = (
    (_HIGH, _LEVEL_OPTIONS[_HIGH].label, Colour.BAD),
    (_MEDIUM, _LEVEL_OPTIONS[_MEDIUM].label, Colour.WARN),
    (_LOW, _LEVEL_OPTIONS[_LOW].label, Colour.GOOD),
    (_NO_LEVEL, _NO_RISK_LABEL, Colour.BEST),
    (_HIDDEN, Text(de="Ohne Angabe", en="Not specified"), Colour.NEUTRAL),
)

_NEW = Tile("new", Text(de="Neue Erkennungen", en="New detections"), Tone.INFO)
_TOLD = (
    Tile("fixed", _FIXED_LABEL, Tone.OK),
    Tile("again", Text(de="Erneut gefährdet", en="At risk again"), Tone.BAD),
    Tile("dismissed", _REJECTED_LABEL, Tone.NEUTRAL),
)
_TILES = (_NEW, *_TOLD)
_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="users", label=Text(de="Risikobenutzer", en="Users at risk")),
    Filter(
        id="severe",
        label=Text(de="Risikobenutzer der Stufe hoch", en="Users at high risk"),
        is_chip=False,
    ),
    Filter(
        id="others",
        label=Text(de="Übrige Risikobenutzer", en="Other users at risk"),
        is_chip=False,
    ),
    Filter(
        id="averted",
        label=Text(de="Neu, Stufe hoch, erledigt", en="New, high, settled"),
        is_chip=False,
    ),
    Filter(id="apps", label=Text(de="Risikoanwendungen", en="Applications at risk")),
    Filter(id="overdue", label=Text(de="Über 7 Tage offen", en="Open for over 7 days")),
    Filter(id="new", label=_NEW.label),
    *(tile.filter for tile in _TOLD),
    Filter(id="new-high", label=Text(de="Neu und Stufe hoch", en="New and high")),
    Filter(id="open", label=Text(de="Offene Erkennungen", en="Open detections")),
)

_KIND_OPTIONS = (
    Option(terms.USER, Tone.NEUTRAL),
    Option(Text(de="Anwendung", en="Application"), Tone.NEUTRAL),
)
_STATE_OPTIONS = (
    Option(Text(de="Offen", en="Open"), Tone.WARN),
    Option(Text(de="Kompromittiert", en="Compromised"), Tone.BAD),
    Option(_FIXED_LABEL, Tone.OK),
    Option(Text(de="Als sicher bestätigt", en="Confirmed safe"), Tone.OK),
    Option(_REJECTED_LABEL, Tone.NEUTRAL),
    Option(_NO_RISK_LABEL),
)
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(terms.ADDED, Tone.INFO),
    Option(_FIXED_LABEL, Tone.OK),
    Option(Text(de="Erneut", en="Again"), Tone.BAD),
    Option(_REJECTED_LABEL, Tone.NEUTRAL),
)
_ACCOUNT_OPTIONS = (
    Option(Text(de="ohne Besonderheit", en="nothing special")),
    Option(Text(de="Konto gelöscht", en="Account deleted"), Tone.NEUTRAL),
    Option(Text(de="Anwendung deaktiviert", en="Application disabled"), Tone.NEUTRAL),
    Option(Text(de="Microsoft bewertet gerade neu", en="Being reassessed"), Tone.NEUTRAL),
)

_TIMINGS = {"realtime": 0, "nearrealtime": 1, "offline": 2, "notdefined": 3}
_NO_TIMING = 4
_TIMING_OPTIONS = (
    Option(Text(de="Während der Anmeldung", en="During the sign-in"), Tone.NEUTRAL),
    Option(Text(de="Minuten danach", en="Minutes later"), Tone.NEUTRAL),
    Option(Text(de="Im Nachhinein (bis 48 Std.)", en="Afterwards (up to 48 h)"), Tone.NEUTRAL),
    Option(Text(de="Nicht angegeben", en="Not specified"), Tone.NEUTRAL),
    Option(Text(de="entfällt", en="not applicable")),
)
_ACTIVITIES = {"signin": 0, "user": 1, "serviceprincipal": 2}
_NO_ACTIVITY = 3
_ACTIVITY_OPTIONS = (
    Option(Text(de="Anmeldung", en="Sign-in"), Tone.NEUTRAL),
    Option(Text(de="Konto", en="Account"), Tone.NEUTRAL),
    Option(Text(de="Anwendung", en="Application"), Tone.NEUTRAL),
    Option(Text(de="entfällt", en="not applicable")),
)
_DETAILS = {name: place for place, name in enumerate(RISK_DETAILS)}


def _columns(types: _Types) -> tuple[Column, ...]:
    names = tuple(Option(name, Tone.NEUTRAL) for name in types.names)
    meanings = tuple(Option(meaning, Tone.NEUTRAL) for meaning in types.meanings)
    return (
        Column(label=Text(de="Zeitpunkt", en="Time"), kind=Kind.MOMENT),
        Column(
            label=Text(de="Benutzer / Anwendung", en="User / application"),
            kind=Kind.PAIR,
            small=terms.SIGN_IN_NAME,
            personal=True,
        ),
        _choice(Text(de="Art", en="Kind"), _KIND_OPTIONS, secondary=True),
        _choice(Text(de="Stufe", en="Level"), _LEVEL_OPTIONS),
        _choice(Text(de="Erkennung", en="Detection"), names),
        Column(
            label=Text(de="Ort", en="Place"),
            kind=Kind.PAIR,
            small=Text(de="IP-Adresse", en="IP address"),
            personal=True,
            secondary=True,
        ),
        _choice(Text(de="Status", en="State"), _STATE_OPTIONS),
        Column(
            label=Text(de="Dauer", en="Duration"),
            kind=Kind.DURATION,
            secondary=True,
        ),
        _choice(terms.CHANGE, _CHANGE_OPTIONS),
        _more(Text(de="Quelle", en="Source")),
        _choice(Text(de="Was das heißt", en="What it means"), meanings, detail=True),
        _choice(
            Text(de="Bisherige Maßnahme", en="Measure so far"),
            tuple(Option(text, Tone.NEUTRAL) for text in RISK_DETAILS.values()),
            detail=True,
        ),
        *_DETAIL_COLUMNS,
    )


def _choice(
    label: Text, options: Sequence[Option], *, secondary: bool = False, detail: bool = False
) -> Column:
    return Column(
        label=label,
        kind=Kind.CHOICE,
        options=tuple(options),
        secondary=secondary,
        detail=detail,
    )


def _more(label: Text, kind: Kind = Kind.TEXT, *, personal: bool = False) -> Column:
    return Column(label=label, kind=kind, personal=personal, detail=True)


_DETAIL_COLUMNS = (
    _more(Text(de="Bezeichnung bei Microsoft", en="Microsoft's name")),
    _more(Text(de="Erkannt am", en="Detected on"), Kind.MOMENT),
    _more(Text(de="Zuletzt aktualisiert", en="Last updated"), Kind.MOMENT),
    _choice(Text(de="Erkannt wann", en="Detected when"), _TIMING_OPTIONS, detail=True),
    _choice(Text(de="Betrifft", en="Concerns"), _ACTIVITY_OPTIONS, detail=True),
    _more(Text(de="Tokenaussteller", en="Token issuer")),
    _more(Text(de="Stadt", en="City"), personal=True),
    _more(Text(de="Bundesland / Region", en="State / region"), personal=True),
    _more(Text(de="Land", en="Country"), personal=True),
    _more(
        Text(de="Browser oder App (User-Agent)", en="Browser or app (user agent)"), personal=True
    ),
    _more(
        Text(de="Weitere Angaben von Microsoft", en="More from Microsoft"), Kind.LIST, personal=True
    ),
    _choice(Text(de="Konto", en="Account"), _ACCOUNT_OPTIONS, detail=True),
    _more(Text(de="App-ID", en="App ID")),
    _more(Text(de="Art der Anwendung", en="Kind of application")),
    _more(Text(de="Schlüssel-IDs", en="Key IDs"), Kind.LIST),
    _more(Text(de="Korrelations-ID", en="Correlation ID"), personal=True),
    _more(Text(de="Anforderungs-ID", en="Request ID"), personal=True),
)

_ACTIONS = (
    CountedAction(
        filter="severe",
        priority=Priority.CRITICAL,
        one=Text(
            de="Kennwort von 1 Benutzer mit hohem Risiko zurücksetzen und Sitzungen beenden",
            en="Reset the password of 1 user at high risk and revoke sign-ins",
        ),
        other=Text(
            de="Kennwörter von {n} Benutzern mit hohem Risiko zurücksetzen und Sitzungen beenden",
            en="Reset the passwords of {n} users at high risk and revoke sign-ins",
        ),
        why=Text(
            de="Microsoft hält es für sehr wahrscheinlich, dass jemand anderer Zugriff auf das Konto hat. "
            "Prüfen Sie danach Postfachregeln und MFA-Methoden.",
            en="Microsoft considers it very likely that somebody else has access to the account. "
            "Then check inbox rules and MFA methods.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="apps",
        priority=Priority.HIGH,
        one=Text(
            de="Geheimnisse von 1 gefährdeten Anwendung erneuern",
            en="Renew the secrets of 1 application at risk",
        ),
        other=Text(
            de="Geheimnisse von {n} gefährdeten Anwendungen erneuern",
            en="Renew the secrets of {n} applications at risk",
        ),
        why=Text(
            de="Anwendungen haben keine MFA: Wer das Geheimnis hat, hat alle ihre Rechte. "
            "Entfernen Sie auch Geheimnisse, die niemand mehr braucht.",
            en="Applications have no MFA: whoever has the secret has all their permissions. "
            "Also remove secrets that nobody needs any more.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="overdue",
        priority=Priority.HIGH,
        one=Text(
            de="Über 1 Risiko entscheiden, das seit über 7 Tagen offen ist",
            en="Decide on 1 risk that has been open for more than 7 days",
        ),
        other=Text(
            de="Über {n} Risiken entscheiden, die seit über 7 Tagen offen sind",
            en="Decide on {n} risks that have been open for more than 7 days",
        ),
        why=Text(
            de="Beheben Sie das Risiko, indem Sie das Kennwort zurücksetzen, oder verwerfen Sie es, "
            "wenn die Person die Anmeldungen bestätigt.",
            en="Remediate the risk by resetting the password, or dismiss it "
            "if the person confirms the sign-ins.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="others",
        priority=Priority.MEDIUM,
        one=Text(
            de="Anmeldungen von 1 gefährdeten Benutzer prüfen",
            en="Check the sign-ins of 1 user at risk",
        ),
        other=Text(
            de="Anmeldungen von {n} gefährdeten Benutzern prüfen",
            en="Check the sign-ins of {n} users at risk",
        ),
        why=Text(
            de="Fragen Sie die Person, ob sie die Anmeldungen kennt. "
            "Wenn nicht: Kennwort zurücksetzen und Sitzungen beenden.",
            en="Ask the person whether the sign-ins were theirs. "
            "If not: reset the password and revoke sign-ins.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="open",
        priority=Priority.MEDIUM,
        one=Text(de="1 offene Erkennung prüfen", en="Check 1 open detection"),
        other=Text(de="{n} offene Erkennungen prüfen", en="Check {n} open detections"),
        why=Text(
            de="Fragen Sie die Person, ob sie die Anmeldung kennt. "
            "Wenn nicht: Kennwort zurücksetzen und Sitzungen beenden.",
            en="Ask the person whether the sign-in was theirs. "
            "If not: reset the password and revoke sign-ins.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="averted",
        priority=Priority.LOW,
        one=Text(
            de="1 schon erledigte Erkennung der Stufe hoch nachprüfen",
            en="Look again at 1 high-level detection that is settled already",
        ),
        other=Text(
            de="{n} schon erledigte Erkennungen der Stufe hoch nachprüfen",
            en="Look again at {n} high-level detections that are settled already",
        ),
        why=Text(
            de="Auch eine Erkennung, die schon behoben oder verworfen ist, zeigt, wer gerade angegriffen wird und wie.",
            en="Even a detection that has been remediated or dismissed shows who is being attacked and how.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Microsoft Graph: identityProtection (riskDetections, riskyUsers, servicePrincipalRiskDetections, "
            "riskyServicePrincipals).",
            en="Microsoft Graph: identityProtection (riskDetections, riskyUsers, servicePrincipalRiskDetections, "
            "riskyServicePrincipals).",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Neu ist eine Erkennung, die der letzte Bericht noch nicht enthielt, auch wenn sie sich auf einen früheren "
            "Tag bezieht; im ersten Bericht: die im Berichtszeitraum erkannte. Offen ist, was als gefährdet oder als "
            "kompromittiert bestätigt gilt. Die Dauer sagt, wie lange ein Risiko offen ist oder bis zur Behebung offen "
            "war. Sie zählt ab der Erkennung, beim Gesamtrisiko ab der letzten Änderung bei Microsoft, oder schon ab der "
            "ersten, die in einem Bericht stand. „Behoben“, „Erneut gefährdet“ und „Verworfen“ zählen Benutzer und "
            "Anwendungen; wo diese nicht bekannt sind, Erkennungen.",
            en="A detection is new if the last report did not have it, even if it concerns an earlier day; in the first "
            "report: if it was detected in the reporting period. Open is what is at risk or confirmed compromised. "
            "Duration says how long a risk has been open, or was until it was settled. It counts from the detection, for "
            "the overall risk from the last change at Microsoft, or from the first one that a report had. "
            '"Remediated", "At risk again" and "Dismissed" count users and applications; where these are not known, '
            "detections.",
        ),
    ),
    (
        Text(de="Zeit bis zur Behebung", en="Time to remediation"),
        Text(
            de="Median über alle Erkennungen, die in den letzten 90 Tagen behoben, verworfen oder als sicher bestätigt "
            "wurden: von der Erkennung bis zur letzten Änderung. Besteht jemand die verlangte MFA, gilt das Risiko sofort "
            "als behoben.",
            en="Median over all detections that were remediated, dismissed or confirmed safe in the last 90 days: from "
            "detection to the last change. When somebody passes the MFA that was demanded, the risk counts as remediated "
            "at once.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Manche Erkennungen berechnet Microsoft erst im Nachhinein, bis zu 48 Stunden später. Deshalb wird jedes "
            "Mal die ganze Liste gelesen und verglichen: Nichts fällt zwischen zwei Berichte.",
            en="Some detections are computed by Microsoft afterwards, up to 48 hours later. That is why the whole list is "
            "read and compared each time: nothing falls between two reports.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Microsoft bewahrt Erkennungen etwa 90 Tage auf. Ohne Entra ID P2 fehlen Stufe, Art und Risikobenutzer; "
            "für Anwendungen verlangt Microsoft Entra Workload ID.",
            en="Microsoft keeps detections for about 90 days. Without Entra ID P2, level, kind and users at risk are "
            "missing; for applications Microsoft demands Entra Workload ID.",
        ),
    ),
)

REPORT = ReportType(
    name="identity-risks",
    title=Text(de="Identitätsrisiken", en="Identity risks"),
    area=terms.IDENTITY_AREA,
    summary=Text(
        de="Was Microsoft an auffälligen Anmeldungen erkannt hat, wer gefährdet ist, wie lange Risiken offen bleiben.",
        en="Which suspicious sign-ins Microsoft detected, who is at risk, how long risks stay open.",
    ),
    cadence="0 6 * * MON",
    needs=(RISK_DETECTIONS, RISKY_USERS, APP_RISK_DETECTIONS, RISKY_APPS),
    extras=(
        Extra(
            datasets=(RISKY_USERS,),
            without=Text(
                de="Welche Benutzer als gefährdet gelten, zeigt Microsoft nur mit Microsoft Entra ID P2; ohne diese Lizenz "
                "gehört es nicht zum Bericht.",
                en="Microsoft shows which users are considered at risk only with Microsoft Entra ID P2; without that "
                "licence it is not part of the report.",
            ),
        ),
        Extra(
            datasets=(APP_RISK_DETECTIONS, RISKY_APPS),
            without=Text(
                de="Risiken von Anwendungen erkennt Microsoft nur mit Microsoft Entra Workload ID; ohne diese Lizenz "
                "entfallen sie.",
                en="Microsoft detects risks of applications only with Microsoft Entra Workload ID; without that licence "
                "they do not apply.",
            ),
        ),
    ),
    build=build,
)
