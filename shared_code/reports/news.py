"""News: what Microsoft announces, by when it must be decided, and what moved since last time."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared_code.core import terms
from shared_code.core.assessment import Assessment, Recommendation
from shared_code.core.change import Tile, changes
from shared_code.core.chart import (
    Chart,
    Colour,
    ColumnChart,
    Mark,
    Series,
    Timeline,
    TimelineRow,
    Tone,
)
from shared_code.core.dataset import Snapshot
from shared_code.core.month import last_months, month_of
from shared_code.core.period import Period
from shared_code.core.report import (
    Action,
    Article,
    Better,
    Content,
    Deadline,
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
    NEVER,
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
from shared_code.core.text import (
    Listing,
    Message,
    Text,
    counted,
    first_two,
    message,
    said,
    shortened,
)
from shared_code.datasets.announcements import ANNOUNCEMENTS, Announcement
from shared_code.datasets.assessments import ASSESSMENTS
from shared_code.datasets.services import IN_USE_OPTIONS, LICENCES, NO, YES, InUse, in_use_cell

_WEEK, _MONTH, _QUARTER = 7, 30, 90
_MOST_ACTIONS = 5
_MOST_ARTICLES = 200
_MOST_DEADLINES = 20
_MOST_ROWS = 10
_MOST_LINKS = 5
_LONGEST_TITLE = 140
_FAR = 10_000 * 365  # days: however far ahead

# Microsoft marks a revised title with it; the table says so in a column of its own.
_UPDATED_MARK = re.compile(r"^\s*\(updated\)\s*", re.IGNORECASE)

# Indices into the options of the columns.
_SAME, _NEW, _MOVED, _UPDATED, _WITHDRAWN, _EXPIRED = range(6)
_ADMINS, _USERS, _BOTH = range(3)

_CATEGORIES = ("preventorfixissue", "planforchange", "stayinformed")


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares a message with."""

    title: str
    services: tuple[str, ...]
    category: int | None
    modified: datetime | None
    due: datetime | None
    end: datetime | None

    def differs(self, other: "_Seen") -> bool:
        """In something readers see in the table."""
        own, others = ((s.title, s.services, s.category, s.due) for s in (self, other))
        return own != others

    def is_other(self, other: "_Seen") -> bool:
        is_later = None not in (self.modified, other.modified) and self.modified != other.modified
        return is_later or self.differs(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A message without its body. `change` None: there is nothing to compare with."""

    key: str
    seen: _Seen
    before: _Seen | None
    started: datetime | None
    is_new: bool
    is_major: bool
    is_retirement: bool
    is_over: bool
    impact: int | None
    relevance: int | None
    change: int | None
    days: int | None  # until the deadline: 0 on the day itself
    links: tuple[str, ...]
    has_text: bool
    assessment: Assessment | None

    def is_ahead(self, within: int) -> bool:
        return not self.is_over and self.days is not None and 0 <= self.days <= within

    def is_due(self, within: int) -> bool:
        """Also where licences do not rule the service out for certain."""
        return self.is_ahead(within) and self.relevance != NO

    @property
    def is_changed(self) -> bool:
        return self.change in (_MOVED, _UPDATED)

    @property
    def order(self) -> tuple[int, int, bool, float, str]:
        """Deadlines first, retirements first among those of one day; then news, the latest first."""
        days = self.days if self.days is not None and self.is_ahead(_FAR) else -1
        news = self.is_new or self.is_changed
        group = 3 if self.is_over else 0 if days >= 0 else 1 if news else 2
        latest = self.seen.modified.timestamp() if self.seen.modified else 0
        return group, days, not self.is_retirement, -latest, self.key

    @property
    def filters(self) -> tuple[str, ...]:
        belongs = {
            "all": True,
            "new": self.is_new,
            "due": self.is_due(_MONTH),
            "quarter": self.is_due(_QUARTER),
            "concerns": self.relevance == YES,
            "major": self.is_major and not self.is_over,
            "retirement": self.is_retirement and not self.is_over,
            "moved": self.change == _MOVED,
            "updated": self.is_changed,
            "expired": self.change == _EXPIRED,
        }
        return holding(belongs)


@dataclass(frozen=True, slots=True)
class _Join:
    """Makes an item of a message, with what is known of it from elsewhere."""

    history: History
    period: Period
    in_use: InUse
    assessments: Mapping[str, Assessment]

    def item(self, row: Announcement) -> _Item:
        seen = _seen(row)
        before = self.history.before(row.id, _Seen)
        tags = {(tag or "").casefold() for tag in row.tags or ()}
        return _Item(
            key=row.id,
            seen=seen,
            before=before,
            started=row.start_date_time,
            is_new=self._is_new(row, before),
            is_major=bool(row.is_major_change),
            is_retirement="retirement" in tags,
            is_over=_is_over(seen, self.period.end),
            impact=_impact(tags),
            relevance=self._relevance(seen),
            change=self._change(before, seen),
            days=self.period.days_until(seen.due) if seen.due else None,
            links=_links(row),
            has_text=bool(row.body and row.body.content),
            assessment=self.assessments.get(row.id),
        )

    def _is_new(self, row: Announcement, before: _Seen | None) -> bool:
        if self.history.compared_with:
            return before is None
        return row.start_date_time is not None and row.start_date_time >= self.period.start

    def _relevance(self, seen: _Seen) -> int | None:
        if self.in_use.plans is None:
            return None
        return in_use_cell(self.in_use.has_any(seen.services))

    def _change(self, before: _Seen | None, seen: _Seen) -> int | None:
        compared = self.history.compared_with
        if compared is None:
            return None
        if before is None:
            return _NEW
        if _is_over(seen, self.period.end):
            return _SAME if _is_over(before, compared) else _EXPIRED
        if before.due != seen.due:
            return _MOVED
        return _UPDATED if before.is_other(seen) else _SAME


@dataclass(frozen=True, slots=True)
class _Gone:
    """A message that is no longer listed; EXPIRED where its end had come, else WITHDRAWN."""

    key: str
    seen: _Seen
    change: int


@dataclass(frozen=True, slots=True)
class _News:
    """All messages in the table's order, and those that are gone."""

    items: Sequence[_Item]
    gone: Sequence[_Gone]
    knows_licences: bool
    has_before: bool

    @property
    def counts(self) -> Counter[str]:
        counts = Counter(name for item in self.items for name in item.filters)
        counts.update(_GONE_FILTERS[gone.change] for gone in self.gone)
        return counts

    @property
    def articles(self) -> Sequence[_Item]:
        """Those whose text is shown in full."""
        return [item for item in self.items if _is_shown_in_full(item)][:_MOST_ARTICLES]

    def due(self, within: int) -> list[_Item]:
        return [item for item in self.items if item.is_due(within)]


def build(data: Snapshot, history: History, period: Period) -> Content:
    join = _Join(history, period, InUse.of(data), _assessments(data))
    items = sorted(map(join.item, data.rows(ANNOUNCEMENTS)), key=lambda item: item.order)
    news = _News(
        items,
        _gone(items, history, period),
        knows_licences=join.in_use.plans is not None,
        has_before=history.compared_with is not None,
    )
    texts = _assessed(items)
    return Content(
        lead=_lead(news, period),
        digest=_digest(news, period),
        kpis=_kpis(news, period),
        actions=tuple(_actions(news)),
        changes=changes(_TILES, news.counts, history),
        charts=tuple(_charts(news, period)),
        table=Table(
            title=Text(de="Alle Meldungen im Detail", en="All messages in detail"),
            counting=Text(de="{n} von {all} Meldungen", en="{n} of {all} messages"),
            columns=_columns(texts),
            filters=_FILTERS,
            lines=lambda: _lines(news, texts),
            unknown=frozenset() if news.knows_licences else frozenset({"concerns"}),
        ),
        articles=tuple(_articles(news, data)),
        deadlines=tuple(_deadlines(news)),
        about=_ABOUT,
    )


def _seen(row: Announcement) -> _Seen:
    category = (row.category or "").casefold()
    return _Seen(
        title=_UPDATED_MARK.sub("", row.title or "") or row.id,
        services=tuple(filter(None, row.services or ())),
        category=_CATEGORIES.index(category) if category in _CATEGORIES else None,
        modified=row.last_modified_date_time,
        due=row.action_required_by_date_time,
        end=row.end_date_time,
    )


def _is_over(seen: _Seen, now: datetime) -> bool:
    return seen.end is not None and seen.end <= now


def _impact(tags: set[str]) -> int | None:
    match "admin impact" in tags, "user impact" in tags:
        case True, True:
            return _BOTH
        case True, False:
            return _ADMINS
        case False, True:
            return _USERS
        case _:
            return None


def _links(row: Announcement) -> tuple[str, ...]:
    values = (detail.value or "" for detail in row.details or ())
    return tuple(v for v in values if v.startswith("https://") and not v.split()[1:])[:_MOST_LINKS]


def _assessments(data: Snapshot) -> Mapping[str, Assessment]:
    return {} if data.missing(ASSESSMENTS) else {row.id: row for row in data.rows(ASSESSMENTS)}


def _assessed(items: Iterable[_Item]) -> tuple[Assessment, ...]:
    return tuple(item.assessment for item in items if item.assessment)


def _gone(items: Iterable[_Item], history: History, period: Period) -> list[_Gone]:
    compared, listed = history.compared_with, {item.key for item in items}
    if compared is None:
        return []
    missed = ((k, seen) for k, seen in history.remembered(_Seen) if k not in listed)
    return [
        _Gone(key, seen, _EXPIRED if _is_over(seen, period.end) else _WITHDRAWN)
        for key, seen in missed
        if not _is_over(seen, compared)
    ]


def _lines(news: _News, texts: Sequence[Assessment]) -> Iterator[Line]:
    written = {text.id: number for number, text in enumerate(texts, start=1)}
    in_full = {item.key for item in news.articles}
    for item in news.items:
        yield Line(
            key=item.key,
            cells=_cells(item, written),
            filters=item.filters,
            memory=remember(item.seen),
            article=item.key if item.key in in_full else "",
        )
    for gone in news.gone:
        yield Line(
            key=gone.key, cells=_gone_cells(gone), rank=1, filters=(_GONE_FILTERS[gone.change],)
        )


def _cells(item: _Item, written: Mapping[str, int]) -> tuple[Cell, ...]:
    seen, before = item.seen, item.before
    return (
        seen.due or NEVER,
        (seen.title, item.key),
        seen.services,
        seen.category,
        item.impact,
        item.relevance,
        _EXPIRED if item.is_over and not item.is_new else item.change,
        _RECOMMENDED[item.assessment.recommendation] if item.assessment else 0,
        (before.due or NEVER) if before else None,
        written.get(item.key, 0),
        before.title if before and before.title != seen.title else "",
        before.services if before and before.services != seen.services else (),
        item.started,
        seen.modified,
    )


def _gone_cells(gone: _Gone) -> tuple[Cell, ...]:
    seen = gone.seen
    due = seen.due or NEVER
    known = (due, (seen.title, gone.key), seen.services, seen.category)
    return (*known, None, None, gone.change, 0, due, 0, "", (), None, seen.modified)


def _is_shown_in_full(item: _Item) -> bool:
    tells = item.is_new or item.is_changed or item.is_ahead(_FAR)
    return tells and item.has_text and may_have_article(item.key)


def _articles(news: _News, data: Snapshot) -> Iterator[Article]:
    """Bodies are read one by one for the chosen few: all together they are large."""
    for item in news.articles:
        row = data.get(ANNOUNCEMENTS, item.key)
        if row and row.body:
            yield Article(
                key=item.key,
                title=f"{item.seen.title} ({item.key})",
                facts=tuple(_facts(item)),
                html=row.body.html,
            )


def _facts(item: _Item) -> Iterator[tuple[Text, Message]]:
    seen = item.seen
    yield terms.NUMBER, said(item.key)
    if seen.due:
        yield _DEADLINE, said(seen.due)
    if seen.services:
        yield terms.SERVICE, said(_listing(seen.services))
    for change in _moves(item):
        yield terms.CHANGE, change
    if item.started:
        yield _PUBLISHED, said(item.started)
    if seen.modified:
        yield terms.MODIFIED, said(seen.modified)
    if item.assessment:
        yield _ASSESSMENT, said(_text_of(item.assessment))
    if item.links:
        yield _LINKS, said(_listing(item.links))


def _moves(item: _Item) -> Iterator[Message]:
    """What exactly is another than in the last report."""
    before, seen = item.before, item.seen
    if before is None or not item.is_changed:
        return
    if before.due != seen.due:
        yield _shift(before.due, seen.due)
    if before.title != seen.title:
        yield message(_TITLE_WAS, title=before.title)
    if before.services != seen.services:
        yield message(_SERVICES_WERE, services=_listing(before.services))
    if before.category != seen.category and before.category is not None:
        yield message(_CATEGORY_WAS, category=_CATEGORY_OPTIONS[before.category].label)
    if not before.differs(seen):
        yield Message(_TEXT_REVISED)


def _shift(old: datetime | None, new: datetime | None) -> Message:
    if old and new:
        return message(_DEADLINE_MOVED, old=old, new=new)
    if new:
        return message(_DEADLINE_SET, new=new)
    return message(_DEADLINE_DROPPED, old=old) if old else Message(_TEXT_REVISED)


def _listing(values: Iterable[str]) -> Listing:
    return Listing(tuple(values))


def _text_of(assessment: Assessment) -> Text:
    return Text(de=assessment.de, en=assessment.en)


def _short(title: str) -> str:
    return shortened(title, _LONGEST_TITLE)


def _lead(news: _News, period: Period) -> Lead:
    due = news.due(_MONTH)
    if not news.items:
        return Lead(Status.OK, Message(_NO_MESSAGES))
    counts = news.counts
    strong = message(
        _NEW_AND_DUE,
        new=counted(counts["new"], **_NEW_COUNTED),
        due=counted(len(due), **_DUE_COUNTED, day=_day(period, _MONTH)),
    )
    return Lead(_status(news), strong, _rest(due, counts["moved"]))


def _rest(due: Sequence[_Item], moved: int) -> Message | None:
    shifted = counted(moved, **_MOVED_COUNTED) if moved else None
    if not due:
        return shifted
    following = message(_NEXT, title=_short(due[0].seen.title), day=due[0].seen.due or "")
    return first_two(following, shifted)


def _status(news: _News) -> Status:
    if any(item.assessment is None for item in news.due(_WEEK)):
        return Status.BAD
    return Status.WARN if news.due(_MONTH) else Status.OK


def _digest(news: _News, period: Period) -> Message:
    new = counted(news.counts["new"], **_NEW_IN_SHORT)
    due = counted(len(news.due(_MONTH)), **_DUE_IN_SHORT, day=_day(period, _MONTH))
    return message(_IN_SHORT, new=new, due=due)


def _day(period: Period, days: int) -> datetime:
    """Said as a date: a report may be made, and read, days after its period."""
    return period.end + timedelta(days=days)


def _kpis(news: _News, period: Period) -> tuple[Kpi, ...]:
    counts = news.counts
    majors = [item for item in news.items if "major" in item.filters]
    return (
        Kpi(
            metric="new",
            label=Text(de="Neue Meldungen", en="New messages"),
            value=counts["new"],
            base=counted(counts["all"], **_OF_MESSAGES),
        ),
        Kpi(
            metric="due",
            label=Text(de="Frist in 30 Tagen", en="Deadline within 30 days"),
            value=counts["due"],
            base=counted(
                len(news.due(_WEEK)),
                **_OF_THEM_UNTIL,
                until=_day(period, _MONTH),
                day=_day(period, _WEEK),
            ),
            better=Better.DOWN,
        ),
        Kpi(
            metric="major",
            label=Text(de="Wesentliche Änderungen", en="Major changes"),
            value=counts["major"],
            base=counted(sum(item.is_new for item in majors), **_NEW_OF_THEM),
        ),
        Kpi(
            metric="moved",
            label=Text(de="Verschobene Fristen", en="Deadlines moved"),
            value=counts["moved"] if news.has_before else None,
            base=Message(_SINCE_LAST),
            instead=_FROM_NEXT,
        ),
    )


def _actions(news: _News) -> Iterator[Action]:
    due = [item for item in news.due(_MONTH) if not _needs_nothing(item)]
    for item in due[:_MOST_ACTIONS]:
        is_near = item.is_due(_WEEK)
        yield Action(
            title=message(_DECIDE, title=_short(item.seen.title), day=item.seen.due or ""),
            why=_why(item),
            priority=Priority.HIGH if is_near else Priority.MEDIUM,
            who=terms.CUSTOMER_ASSISTED,
            effort=terms.MEDIUM_EFFORT if item.is_major else terms.LOW_EFFORT,
            filter="due",
        )


def _needs_nothing(item: _Item) -> bool:
    return item.assessment is not None and item.assessment.recommendation is Recommendation.NOTHING


def _why(item: _Item) -> Message:
    if item.assessment:
        return said(_text_of(item.assessment))
    if item.is_retirement:
        return Message(_RETIRES)
    return Message(_PREVENTS if item.seen.category == 0 else _TAKES_EFFECT)


def _deadlines(news: _News) -> Iterator[Deadline]:
    for item in news.due(_QUARTER)[:_MOST_DEADLINES]:
        if item.seen.due:
            yield Deadline(
                day=item.seen.due,
                title=_short(item.seen.title),
                filter="due" if item.is_due(_MONTH) else "quarter",
            )


def _charts(news: _News, period: Period) -> Iterator[Chart]:
    due = news.due(_QUARTER)
    if due:
        yield _timeline(due, period)
    if news.items:
        yield _months(news.items, period.end)


def _timeline(due: Sequence[_Item], period: Period) -> Timeline:
    marks: defaultdict[str, list[Mark]] = defaultdict(list)
    for item in due:
        for service in item.seen.services or ("",):
            marks[service].append(_mark(item, service, period))
    rows = [
        TimelineRow(label=name or terms.UNKNOWN, marks=tuple(found))
        for name, found in marks.items()
    ]
    if len(rows) > _MOST_ROWS:
        rest = (mark for row in rows[_MOST_ROWS - 1 :] for mark in row.marks)
        unique = {(mark.start, mark.label): mark for mark in rest}
        others = TimelineRow(label=terms.OTHER_SERVICES, marks=tuple(unique.values()))
        rows = [*rows[: _MOST_ROWS - 1], others]
    return Timeline(
        title=Text(de="Fristen in 90 Tagen", en="Deadlines within 90 days"),
        subtitle=Text(
            de="Je Dienst; ein Punkt je Meldung, die Sie betrifft oder zu prüfen ist",
            en="Per service; one dot per message that concerns you or is to be checked",
        ),
        summary=counted(len(due), **_TIMELINE, day=_day(period, _QUARTER)),
        unit=_DEADLINE,
        start=period.end,
        end=period.end + timedelta(days=_QUARTER),
        rows=tuple(rows),
    )


def _mark(item: _Item, service: str, period: Period) -> Mark:
    tone = Tone.BAD if item.is_due(_WEEK) else Tone.WARN if item.is_due(_MONTH) else Tone.INFO
    # A deadline is a day; the chart begins with the hour of the report.
    day = max(item.seen.due or period.end, period.end)
    end = period.end + timedelta(days=_QUARTER)
    return Mark(start=min(day, end), label=_short(_without(service, item.seen.title)), tone=tone)


def _without(service: str, title: str) -> str:
    """Titles begin with the service, which the row names already."""
    name, colon, rest = title.partition(":")
    return rest.strip() or title if colon and name.casefold() == service.casefold() else title


def _months(items: Iterable[_Item], until: datetime) -> ColumnChart:
    months = last_months(until)
    counts = Counter((item.seen.category, month_of(item.started)) for item in items if item.started)
    oldest = min((month for _, month in counts), default=months[-1])
    return ColumnChart(
        title=Text(de="Meldungen je Monat", en="Messages per month"),
        subtitle=Text(
            de="Nach Monat der Veröffentlichung, soweit noch gelistet",
            en="By month of publication, as far as still listed",
        ),
        summary=counted(
            sum(counts[category, months[-1]] for category in range(len(_CATEGORIES))), **_THIS_MONTH
        ),
        unit=_MESSAGES,
        labels=tuple(months),
        series=tuple(
            Series(
                label=_CATEGORY_OPTIONS[category].label,
                values=tuple(
                    counts[category, month] if month >= oldest else None for month in months
                ),
                colour=colour,
            )
            for category, colour in enumerate((Colour.BAD, Colour.BEST, Colour.GOOD))
        ),
    )


def _columns(texts: Sequence[Assessment]) -> tuple[Column, ...]:
    """Assessments are options of their column: each of them is said in both languages."""
    return (
        Column(label=_DEADLINE, kind=Kind.DATE),
        Column(label=Text(de="Meldung", en="Message"), kind=Kind.PAIR, small=terms.NUMBER),
        Column(label=terms.SERVICE, kind=Kind.LIST),
        Column(
            label=Text(de="Art", en="Category"),
            kind=Kind.CHOICE,
            options=_CATEGORY_OPTIONS,
            secondary=True,
        ),
        Column(
            label=Text(de="Wirkung", en="Impact"),
            kind=Kind.CHOICE,
            options=_IMPACT_OPTIONS,
            secondary=True,
        ),
        Column(
            label=_CONCERNS_LABEL,
            kind=Kind.CHOICE,
            options=IN_USE_OPTIONS,
        ),
        Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
        Column(
            label=Text(de="Unsere Empfehlung", en="Our recommendation"),
            kind=Kind.CHOICE,
            options=_RECOMMENDATION_OPTIONS,
            secondary=True,
        ),
        Column(
            label=Text(de="Frist im letzten Bericht", en="Deadline in the last report"),
            kind=Kind.DATE,
            detail=True,
        ),
        Column(
            label=_ASSESSMENT,
            kind=Kind.CHOICE,
            options=(_NONE_YET, *(Option(_text_of(text), Tone.NEUTRAL) for text in texts)),
            detail=True,
        ),
        Column(label=Text(de="Titel bisher", en="Title before"), detail=True),
        Column(label=Text(de="Dienste bisher", en="Services before"), kind=Kind.LIST, detail=True),
        Column(label=_PUBLISHED, kind=Kind.DATE, detail=True),
        Column(label=terms.MODIFIED, kind=Kind.DATE, detail=True),
    )


_DEADLINE = Text(de="Frist", en="Deadline")
_PUBLISHED = Text(de="Veröffentlicht", en="Published")
_ASSESSMENT = Text(de="Unsere Einschätzung", en="Our assessment")
_LINKS = Text(de="Verweise", en="Links")
_MESSAGES = Text(de="Meldungen", en="Messages")

_NO_MESSAGES = Text(
    de="Das Nachrichtencenter enthält keine Meldungen.", en="The message centre holds no messages."
)
_NEW_AND_DUE = Text(de="{new}, {due}.", en="{new}, {due}.")
_NEXT = Text(de="Als Nächstes: „{title}“ am {day}.", en="Next: “{title}” on {day}.")
_IN_SHORT = Text(de="{due}, {new}", en="{due}, {new}")
_SINCE_LAST = Text(de="seit dem letzten Bericht", en="since the last report")
_FROM_NEXT = Text(de="Vergleich ab dem nächsten Bericht", en="comparison from the next report on")
_DECIDE = Text(de="Bis {day} klären: {title}", en="Settle by {day}: {title}")
_RETIRES = Text(
    de="Microsoft stellt die Funktion ein. Prüfen Sie, wer sie nutzt und was sie ersetzt.",
    en="Microsoft retires the feature. Check who uses it and what replaces it.",
)
_PREVENTS = Text(
    de="Ohne Ihr Zutun kann der Dienst nach diesem Tag gestört sein. Prüfen Sie die Schritte in der Meldung.",
    en="Unless you act, the service may be impaired after that day. Check the steps in the message.",
)
_TAKES_EFFECT = Text(
    de="Die Änderung tritt zu diesem Termin in Kraft. Entscheiden Sie, ob Sie etwas umstellen oder Benutzer informieren.",
    en="The change takes effect on that day. Decide whether to reconfigure something or to inform users.",
)
_DEADLINE_MOVED = Text(
    de="Termin von {old} auf {new} verschoben", en="Deadline moved from {old} to {new}"
)
_DEADLINE_SET = Text(de="Neuer Termin: {new}", en="New deadline: {new}")
_DEADLINE_DROPPED = Text(de="Termin {old} entfällt", en="Deadline {old} dropped")
_TITLE_WAS = Text(de="Titel geändert, bisher: {title}", en="Title changed, before: {title}")
_SERVICES_WERE = Text(
    de="Dienste geändert, bisher: {services}", en="Services changed, before: {services}"
)
_CATEGORY_WAS = Text(
    de="Art geändert, bisher: {category}", en="Category changed, before: {category}"
)
_TEXT_REVISED = Text(de="Text der Meldung überarbeitet", en="Text of the message revised")

# What `counted` chooses from.
_NEW_COUNTED = {
    "zero": Text(de="Keine neue Meldung", en="No new message"),
    "one": Text(de="1 neue Meldung", en="1 new message"),
    "other": Text(de="{n} neue Meldungen", en="{n} new messages"),
}
_NEW_IN_SHORT = _NEW_COUNTED | {"zero": Text(de="keine neue Meldung", en="no new message")}
_DUE_COUNTED = {
    "zero": Text(de="keine Frist bis {day}", en="no deadline by {day}"),
    "one": Text(de="1 Frist bis {day}", en="1 deadline by {day}"),
    "other": Text(de="{n} Fristen bis {day}", en="{n} deadlines by {day}"),
}
_DUE_IN_SHORT = _DUE_COUNTED | {"zero": Text(de="Keine Frist bis {day}", en="No deadline by {day}")}
_MOVED_COUNTED = {
    "one": Text(de="1 Frist wurde verschoben.", en="1 deadline was moved."),
    "other": Text(de="{n} Fristen wurden verschoben.", en="{n} deadlines were moved."),
}
_OF_MESSAGES = {
    "one": Text(de="von 1 Meldung", en="of 1 message"),
    "other": Text(de="von {n} Meldungen", en="of {n} messages"),
}
_OF_THEM_UNTIL = {
    "zero": Text(de="bis {until}, keine davon bis {day}", en="by {until}, none of them by {day}"),
    "one": Text(de="bis {until}, 1 davon bis {day}", en="by {until}, 1 of them by {day}"),
    "other": Text(de="bis {until}, {n} davon bis {day}", en="by {until}, {n} of them by {day}"),
}
_NEW_OF_THEM = {
    "zero": Text(de="keine davon neu", en="none of them new"),
    "one": Text(de="1 davon neu", en="1 of them new"),
    "other": Text(de="{n} davon neu", en="{n} of them new"),
}
_TIMELINE = {
    "one": Text(
        de="1 Meldung mit Frist bis {day}.",
        en="1 message with a deadline by {day}.",
    ),
    "other": Text(
        de="{n} Meldungen mit Frist bis {day}.",
        en="{n} messages with a deadline by {day}.",
    ),
}
_THIS_MONTH = {
    "zero": Text(
        de="In diesem Monat wurde noch nichts veröffentlicht.",
        en="Nothing has been published this month yet.",
    ),
    "one": Text(
        de="1 Meldung wurde in diesem Monat veröffentlicht.",
        en="1 message was published this month.",
    ),
    "other": Text(
        de="{n} Meldungen wurden in diesem Monat veröffentlicht.",
        en="{n} messages were published this month.",
    ),
}

_WITHDRAWN_LABEL = Text(de="Zurückgezogen", en="Withdrawn")
_EXPIRED_LABEL = Text(de="Abgelaufen", en="Expired")
_CONCERNS_LABEL = Text(de="Betrifft Sie", en="Concerns you")

_CATEGORY_OPTIONS = (
    Option(Text(de="Handeln nötig", en="Action needed"), Tone.WARN, "!"),
    Option(Text(de="Planen", en="Plan"), Tone.INFO),
    Option(Text(de="Information", en="Information"), Tone.NEUTRAL),
)
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(terms.ADDED, Tone.INFO, "+"),
    Option(Text(de="Verschoben", en="Moved"), Tone.WARN, "→"),
    Option(terms.UPDATED, Tone.INFO, "~"),
    Option(_WITHDRAWN_LABEL, Tone.NEUTRAL, "✕"),
    Option(_EXPIRED_LABEL, Tone.NEUTRAL, "–"),
)
_IMPACT_OPTIONS = (
    Option(Text(de="Admins", en="Admins"), Tone.NEUTRAL),
    Option(Text(de="Benutzer", en="Users"), Tone.NEUTRAL),
    Option(Text(de="Admins, Benutzer", en="Admins, users"), Tone.NEUTRAL),
)
_NONE_YET = Option(Text(de="noch keine", en="none yet"))
_RECOMMENDATION_OPTIONS = (
    _NONE_YET,
    Option(Text(de="Handeln", en="Act"), Tone.WARN, "!"),
    Option(Text(de="Prüfen", en="Check"), Tone.INFO, "?"),
    Option(Text(de="Benutzer informieren", en="Inform users"), Tone.INFO, "i"),
    Option(Text(de="Nichts zu tun", en="Nothing to do"), Tone.OK, "✓"),
)
_RECOMMENDED = {each: number for number, each in enumerate(Recommendation, start=1)}

_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="due", label=Text(de="Frist in 30 Tagen", en="Deadline within 30 days")),
    Filter(id="new", label=terms.ADDED),
    Filter(id="updated", label=terms.UPDATED),
    Filter(id="moved", label=Text(de="Frist verschoben", en="Deadline moved")),
    Filter(id="concerns", label=_CONCERNS_LABEL),
    Filter(id="retirement", label=Text(de="Einstellung", en="Retirement")),
    Filter(id="major", label=Text(de="Wesentlich", en="Major")),
    Filter(
        id="quarter",
        label=Text(de="Frist in 90 Tagen", en="Deadline within 90 days"),
        is_chip=False,
    ),
    Filter(id="withdrawn", label=_WITHDRAWN_LABEL, is_chip=False),
    Filter(id="expired", label=_EXPIRED_LABEL, is_chip=False),
)
_GONE_FILTERS = {_WITHDRAWN: "withdrawn", _EXPIRED: "expired"}
_TILES = (
    Tile("new", terms.ADDED, Tone.INFO),
    Tile("updated", terms.UPDATED, Tone.WARN),
    Tile("withdrawn", _WITHDRAWN_LABEL, Tone.NEUTRAL),
    Tile("expired", _EXPIRED_LABEL, Tone.NEUTRAL),
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Nachrichtencenter von Microsoft 365 für Ihren Mandanten, Microsoft Graph; Ihre Lizenzen; unsere "
            "Einschätzungen.",
            en="Message centre of Microsoft 365 for your tenant, Microsoft Graph; your licences; our assessments.",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Neu ist, was im letzten Bericht noch nicht stand; im ersten Bericht, was im Berichtszeitraum "
            "veröffentlicht wurde. Fristen zählen bis zu ihrem Tag, wenn der Dienst lizenziert oder zu prüfen ist; Tage "
            "bis dahin ab dem Ende des Berichtszeitraums. "
            "Zurückgezogen: nicht mehr gelistet, obwohl das Ablaufdatum nicht erreicht ist.",
            en="New is what the last report did not hold; in the first report, what was published in its period. "
            "Deadlines count until their day, where the service is licensed or to be checked; days until then from the "
            "end of the reporting period. Withdrawn: no longer listed although its expiry date has not come.",
        ),
    ),
    (
        _CONCERNS_LABEL,
        Text(
            de="Ja: Sie haben Lizenzen für den Dienst. Nein: Sie haben keine. Prüfen: Lizenzen sagen darüber nichts, "
            "etwa bei „Microsoft 365 suite“ oder Windows.",
            en="Yes: you have licences for the service. No: you have none. Check: licences do not tell, as for "
            "“Microsoft 365 suite” or Windows.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Stand bei der Abfrage; Microsoft veröffentlicht laufend.",
            en="As of the query; Microsoft publishes continuously.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Meldungen sind im Wortlaut von Microsoft und auf Englisch; im Volltext stehen neue, geänderte und "
            "solche mit Frist. Termine sind Ankündigungen und können sich ändern.",
            en="Messages are in Microsoft's own words; new and changed ones and those with a deadline are shown in "
            "full. Dates are announcements and may change.",
        ),
    ),
)

REPORT = ReportType(
    name="news",
    title=Text(de="Microsoft-Neuigkeiten", en="Microsoft changes"),
    area=terms.SERVICES_AREA,
    summary=Text(
        de="Was Microsoft ankündigt, bis wann etwas zu entscheiden ist und was sich verschoben hat.",
        en="What Microsoft announces, by when something must be decided, and what has moved.",
    ),
    cadence="0 6 * * MON",
    needs=(ANNOUNCEMENTS, LICENCES, ASSESSMENTS),
    build=build,
)
