"""Storage: what is nearly full, what grows, and when the tenant's SharePoint storage will be used up."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import nlargest
from itertools import islice

import msgspec

from shared_code.core import terms
from shared_code.core.action import CountedAction, actions
from shared_code.core.change import Tile, changes
from shared_code.core.chart import Bar, BarChart, Chart, Colour, LineChart, Series, Tone, Unit
from shared_code.core.dataset import Snapshot
from shared_code.core.forecast import Trend, trend_of
from shared_code.core.metric import by_month
from shared_code.core.month import month_of
from shared_code.core.options import Options
from shared_code.core.period import Period
from shared_code.core.report import (
    Action,
    Better,
    Content,
    History,
    Kpi,
    Lead,
    Priority,
    ReportType,
    Status,
    about,
)
from shared_code.core.table import (
    Column,
    Filter,
    Kind,
    Line,
    Option,
    Table,
    day_cell,
    holding,
    remember,
)
from shared_code.core.text import Message, Month, Share, Size, Text, counted, message
from shared_code.datasets.services import LICENCES, Licence
from shared_code.datasets.usage import (
    MAILBOX_USAGE,
    ONEDRIVE_USAGE,
    REPORT_SETTINGS,
    SITE_STORAGE,
    SITE_USAGE,
    conceals_names,
    shown,
)

_GB = 2**30
_TB = 2**40

_NEAR, _FULL = 0.9, 0.99
_POOL_NEAR = 0.85
_SOON = timedelta(days=92)
_IDLE = timedelta(days=180)
_MOST_GROWING = 10

# A year and a half ahead is as far as a straight line should be believed.
_HORIZON = timedelta(days=548)
_MONTH = 30.44  # days
_MONTHS_AHEAD = range(1, 7)
_WIDE = 0.04  # a narrower range cannot be seen
_FAR = 60  # months; beyond, growth is too slow to speak of a date

# What grows by more than a fifth and by more than this since the last report is worth a look.
_FIFTHS, _NOTABLE = 5, _GB

# Microsoft: 1 TB for the tenant, and 10 GB for each licence that includes SharePoint.
_BASE, _PER_LICENCE = _TB, 10 * _GB
_SHAREPOINT_PLANS = ("SHAREPOINTSTANDARD", "SHAREPOINTENTERPRISE")

# Indices into the options of the columns "Art" and "Änderung".
_MAILBOX, _ONEDRIVE, _SITE = range(3)
_SAME, _ADDED, _FULLER, _RELIEVED, _GROWN, _GONE = range(6)
_DATASETS = (MAILBOX_USAGE, ONEDRIVE_USAGE, SITE_USAGE)
_KINDS = ("exchange", "onedrive", "sharepoint")
_CHANGES = ("", "added", "fuller", "relieved", "grown", "gone")


class StorageOptions(Options, frozen=True, kw_only=True):
    """`sharepoint_quota_gb`: where a tenant bought more than its licences include."""

    sharepoint_quota_gb: int | None = None


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares an item with."""

    kind: int
    name: str
    small: str
    used: int | None
    is_near: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A mailbox, a OneDrive or a site; `quota` None or 0: Microsoft does not say."""

    kind: int
    id: str
    name: str
    small: str
    owner: str
    used: int | None
    quota: int | None
    last: date | None

    @property
    def key(self) -> str:
        return f"{_KINDS[self.kind]}:{self.id}"

    @property
    def share(self) -> float | None:
        return self.used / self.quota if self.used is not None and self.quota else None

    @property
    def is_near(self) -> bool:
        return (self.share or 0) > _NEAR

    @property
    def seen(self) -> _Seen:
        return _Seen(self.kind, self.name, self.small, self.used, self.is_near)

    @property
    def rank(self) -> int:
        """Fullest first."""
        return 1000 - round(min(self.share, 1) * 1000) if self.share is not None else 1001

    def is_idle(self, now: datetime) -> bool:
        return self.last is not None and now.date() - self.last > _IDLE


@dataclass(frozen=True, slots=True)
class _Past:
    """What the compared report remembered; a kind it could not read is comparable with nothing."""

    history: History
    kinds: frozenset[int]

    @classmethod
    def of(cls, history: History) -> "_Past":
        compared = history.compared_with
        series = (history.series(_used(kind)) for kind in range(len(_KINDS)))
        known = (any(p.end == compared for p in points) for points in series)
        return cls(history, frozenset(kind for kind, is_known in enumerate(known) if is_known))

    @property
    def held(self) -> frozenset[int]:
        """Kinds that there was something of; where there was nothing at all, those it could read."""
        return frozenset(seen.kind for _, seen in self.history.remembered(_Seen)) or self.kinds

    def change(self, item: _Item) -> tuple[int | None, int | None]:
        """What changed, and by how many bytes; None: not comparable."""
        if item.kind not in self.kinds:
            return None, None
        before = self.history.before(item.key, _Seen)
        if before is None:
            return _ADDED, None
        growth = _difference(item.used, before.used)
        if item.is_near != before.is_near:
            return (_FULLER if item.is_near else _RELIEVED), growth
        return (_GROWN if _is_strong(growth, before.used) else _SAME), growth


def _difference(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


def _is_strong(growth: int | None, before: int | None) -> bool:
    return growth is not None and growth > _NOTABLE and growth * _FIFTHS > (before or 0)


@dataclass(frozen=True, slots=True)
class _Pool:
    """The storage that all SharePoint sites share; `quota` None: unknown, `is_computed`: from licences."""

    used: float | None
    quota: int | None
    is_computed: bool
    trend: Trend | None

    @property
    def share(self) -> float | None:
        return self.used / self.quota if self.used is not None and self.quota else None

    @property
    def full_on(self) -> date | None:
        """None if it grows too slowly, or not at all, or nothing is known."""
        if self.trend is None or not self.quota:
            return None
        return self.trend.reaches(self.quota, within=timedelta(days=_FAR * _MONTH))

    @property
    def months_left(self) -> int | None:
        if self.trend is None or not self.quota:
            return None
        full = self.full_on
        return _FAR if full is None else round((full - self.trend.last).days / _MONTH)


@dataclass(slots=True)
class _Tally:
    """One fold over all items."""

    now: datetime
    total: int = 0
    filters: Counter[str] = field(default_factory=Counter[str])
    near: Counter[int] = field(default_factory=Counter[int])
    full: Counter[int] = field(default_factory=Counter[int])
    used: Counter[int] = field(default_factory=Counter[int])
    growing: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def add(self, item: _Item, change: int | None, growth: int | None) -> None:
        self.total += 1
        self.filters.update(_filters(item, change, self.now))
        self.near[item.kind] += item.is_near
        self.full[item.kind] += (item.share or 0) >= _FULL
        self.used[item.kind] += item.used or 0
        if growth and growth > 0:
            self.growing = nlargest(_MOST_GROWING, [*self.growing, (growth, item.name)])


@dataclass(frozen=True, slots=True)
class _Reading:
    """Everything read and folded."""

    data: Snapshot
    past: _Past
    now: datetime
    tally: _Tally
    pool: _Pool
    conceals_names: bool
    refreshed: date | None

    def knows(self, kind: int) -> bool:
        return self.data.missing(_DATASETS[kind]) is None


def build(data: Snapshot, history: History, period: Period) -> Content:
    if all(data.missing(dataset) for dataset in _DATASETS):
        data.rows(MAILBOX_USAGE)  # says why there is no report
    reading = _read(data, history, period)
    return Content(
        lead=_lead(reading),
        digest=_digest(reading, history),
        kpis=_kpis(reading),
        actions=tuple(_actions(reading)),
        changes=changes(
            _TILES,
            reading.tally.filters,
            history,
            unknown=() if any(map(reading.knows, reading.past.held)) else _CHANGES,
        ),
        charts=tuple(_charts(reading, history)),
        notes=tuple(_notes(reading)),
        table=Table(
            title=Text(de="Alle Speicher im Detail", en="All storage in detail"),
            counting=Text(de="{n} von {all} Speichern", en="{n} of {all} items"),
            columns=_COLUMNS,
            filters=_FILTERS,
            lines=lambda: _lines(reading),
            unknown=frozenset(_KINDS[kind] for kind in range(3) if not reading.knows(kind)),
        ),
        about=_ABOUT,
        points=_points(reading),
    )


def _read(data: Snapshot, history: History, period: Period) -> _Reading:
    past, tally = _Past.of(history), _Tally(period.end)
    for item in _items(data):
        tally.add(item, *past.change(item))
    tally.filters["gone"] = sum(1 for _ in _gone(data, past))
    return _Reading(
        data=data,
        past=past,
        now=period.end,
        tally=tally,
        pool=_pool(data, tally),
        conceals_names=conceals_names(data),
        refreshed=_refreshed(data),
    )


def _items(data: Snapshot) -> Iterator[_Item]:
    """What still exists; a deleted mailbox or site waits for its end and needs nobody."""
    if data.missing(MAILBOX_USAGE) is None:
        yield from _mailboxes(data)
    if data.missing(ONEDRIVE_USAGE) is None:
        yield from _onedrives(data)
    if data.missing(SITE_USAGE) is None:
        yield from _sites(data)


def _mailboxes(data: Snapshot) -> Iterator[_Item]:
    for row in data.rows(MAILBOX_USAGE):
        if not row.is_deleted:
            address = shown(row.user_principal_name)
            yield _Item(
                kind=_MAILBOX,
                id=row.id,
                name=shown(row.display_name) or address or row.id,
                small=address,
                owner="",
                used=row.storage_used_byte,
                quota=row.prohibit_send_receive_quota_byte,
                last=row.last_activity_date,
            )


def _onedrives(data: Snapshot) -> Iterator[_Item]:
    for row in data.rows(ONEDRIVE_USAGE):
        if not row.is_deleted:
            address = shown(row.owner_principal_name)
            yield _Item(
                kind=_ONEDRIVE,
                id=row.id,
                name=shown(row.owner_display_name) or address or row.id,
                small=address,
                owner="",
                used=row.storage_used_byte,
                quota=row.storage_allocated_byte,
                last=row.last_activity_date,
            )


def _sites(data: Snapshot) -> Iterator[_Item]:
    for row in data.rows(SITE_USAGE):
        if not row.is_deleted:
            address, owner = shown(row.site_url), shown(row.owner_display_name)
            # Where Microsoft leaves the address out, the owner tells more than an id.
            yield _Item(
                kind=_SITE,
                id=row.id,
                name=_last_part(address) or owner or row.id,
                small=address or (row.id if owner else ""),
                owner=owner,
                used=row.storage_used_byte,
                quota=row.storage_allocated_byte,
                last=row.last_activity_date,
            )


def _last_part(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def _gone(data: Snapshot, past: _Past) -> Iterator[tuple[str, _Seen]]:
    """Items of the compared report that are deleted now."""
    for key, seen in past.history.remembered(_Seen):
        dataset = _DATASETS[seen.kind]
        ident = key.partition(":")[2]
        # A row without an id of its own goes by its place in the file.
        if data.missing(dataset) is None and not ident.startswith("#"):
            row = data.get(dataset, ident)
            if row is None or row.is_deleted:
                yield key, seen


def _pool(data: Snapshot, tally: _Tally) -> _Pool:
    days = _days(data)
    used = days[-1][1] if days else None
    if used is None and data.missing(SITE_USAGE) is None:
        used = float(tally.used[_SITE])
    ordered = data.options(StorageOptions).sharepoint_quota_gb
    quota = ordered * _GB if ordered else _included(data)
    return _Pool(used=used, quota=quota, is_computed=not ordered, trend=trend_of(days))


def _days(data: Snapshot) -> Sequence[tuple[date, float]]:
    """Storage of all sites, oldest day first; at most 180 days, whatever the size of the tenant."""
    if data.missing(SITE_STORAGE):
        return ()
    found = {
        row.report_date: float(row.storage_used_byte)
        for row in data.rows(SITE_STORAGE)
        if row.report_date and row.storage_used_byte is not None and _is_of_all(row.site_type)
    }
    return sorted(found.items())


def _is_of_all(site_type: str | None) -> bool:
    return (site_type or "all").casefold() == "all"


def _included(data: Snapshot) -> int | None:
    if data.missing(LICENCES):
        return None
    seats = sum(_seats(licence) for licence in data.rows(LICENCES))
    return _BASE + seats * _PER_LICENCE if seats else None


def _seats(licence: Licence) -> int:
    plans = {(plan.service_plan_name or "").upper() for plan in licence.service_plans or ()}
    is_enabled = (licence.capability_status or "").casefold() == "enabled"
    bought = licence.prepaid_units.enabled if licence.prepaid_units else None
    return bought or 0 if is_enabled and plans.intersection(_SHAREPOINT_PLANS) else 0


def _refreshed(data: Snapshot) -> date | None:
    """The oldest of what was read; each file says it in every line."""
    known = (d for d in _DATASETS if data.missing(d) is None)
    first = (row.report_refresh_date for d in known for row in islice(data.rows(d), 1))
    return min(filter(None, first), default=None)


def _filters(item: _Item, change: int | None, now: datetime) -> tuple[str, ...]:
    belongs = {
        "all": True,
        _KINDS[item.kind]: True,
        "near": item.is_near,
        "near-mailboxes": item.is_near and item.kind == _MAILBOX,
        "near-onedrives": item.is_near and item.kind == _ONEDRIVE,
        "near-sites": item.is_near and item.kind == _SITE,
        "idle": item.is_idle(now),
    }
    changed = (_CHANGES[change],) if change else ()
    return (*holding(belongs), *changed)


def _lines(reading: _Reading) -> Iterator[Line]:
    for item in _items(reading.data):
        change, growth = reading.past.change(item)
        yield Line(
            key=item.key,
            cells=(
                item.kind,
                (item.name, item.small),
                item.used,
                item.quota or None,
                item.share,
                growth,
                day_cell(item.last),
                item.owner or None if item.kind == _SITE else "–",
                change,
            ),
            rank=item.rank,
            filters=_filters(item, change, reading.now),
            memory=remember(item.seen),
        )
    for key, seen in _gone(reading.data, reading.past):
        cells = (seen.kind, (seen.name, seen.small), seen.used, *[None] * 5, _GONE)
        yield Line(key=key, cells=cells, rank=2000, filters=("gone",))


def _status(reading: _Reading) -> Status:
    pool, tally = reading.pool, reading.tally
    full_on = pool.full_on
    is_soon = full_on is not None and full_on - reading.now.date() <= _SOON
    if is_soon or tally.full[_MAILBOX]:
        return Status.BAD
    is_near = (pool.share or 0) > _POOL_NEAR or tally.filters["near"]
    return Status.WARN if is_near else Status.OK


def _lead(reading: _Reading) -> Lead:
    items = _near_sentence(reading)
    strong = _pool_sentence(reading.pool)
    return Lead(_status(reading), strong, items) if strong else Lead(_status(reading), items)


def _near_sentence(reading: _Reading) -> Message:
    """Of what is known alone: what could not be read is not said to be fine."""
    known = tuple(kind for kind in _NEAR_WORDS if reading.knows(kind))
    counts = {kind: reading.tally.near[kind] for kind in known if reading.tally.near[kind]}
    if not counts:
        return Message(_NOTHING_NEAR[known])
    words = [counted(n, **_NEAR_WORDS[kind]) for kind, n in counts.items()]
    what = words[0] if len(words) == 1 else message(_BOTH, first=words[0], second=words[1])
    return message(_IS_NEAR if sum(counts.values()) == 1 else _ARE_NEAR, what=what)


def _pool_sentence(pool: _Pool) -> Message | None:
    if not pool.used:
        return None
    if pool.share is None:
        return message(_POOL_USED, used=Size(pool.used))
    share, full = Share(pool.share), pool.full_on
    if pool.trend is None:
        return message(_POOL_SHARE, share=share)
    if full is None:
        return message(_POOL_LASTS, share=share)
    if pool.share >= 1:
        return message(_POOL_OVER, share=share)
    return message(_POOL_FULL, share=share, month=Month(full))


def _digest(reading: _Reading, history: History) -> Message:
    pool = reading.pool
    if pool.share is None:
        return _near_in_short(reading)
    full = pool.full_on
    if full is None or pool.share >= 1:
        return message(_SHORT, share=Share(pool.share))
    return message(_SHORT_FULL, share=Share(pool.share), month=Month(full))


def _near_in_short(reading: _Reading) -> Message:
    near = reading.tally.filters["near"]
    is_whole = all(map(reading.knows, range(len(_KINDS))))
    return counted(near, **_NEARS) if near or is_whole else Message(_NOT_ALL_READ)


def _kpis(reading: _Reading) -> tuple[Kpi, ...]:
    pool, tally = reading.pool, reading.tally
    quota = Size(pool.quota) if pool.quota else 0
    of_quota = message(
        _OF_COMPUTED if pool.is_computed else _OF_ORDERED, used=Size(pool.used or 0), quota=quota
    )
    return (
        Kpi(
            metric="sharepoint-share",
            label=Text(de="SharePoint belegt", en="SharePoint used"),
            value=pool.share,
            base=of_quota,
            better=Better.DOWN,
            unit=Unit.SHARE,
        ),
        Kpi(
            metric="months-left",
            label=Text(de="Monate bis SharePoint voll ist", en="Months until SharePoint is full"),
            value=pool.months_left,
            base=_when_full(pool),
            better=Better.UP,
            instead=_NOT_YET,
        ),
        Kpi(
            metric="near-mailboxes",
            label=Text(de="Postfächer über 90\u00a0%", en="Mailboxes above 90\u00a0%"),
            value=tally.near[_MAILBOX] if reading.knows(_MAILBOX) else None,
            base=counted(tally.filters["exchange"], **_OF_MAILBOXES),
            better=Better.DOWN,
        ),
        Kpi(
            metric="near-onedrives",
            label=Text(de="OneDrives über 90\u00a0%", en="OneDrives above 90\u00a0%"),
            value=tally.near[_ONEDRIVE] if reading.knows(_ONEDRIVE) else None,
            base=counted(tally.filters["onedrive"], **_OF_ONEDRIVES),
            better=Better.DOWN,
        ),
    )


def _when_full(pool: _Pool) -> Message:
    return message(_AROUND, month=Month(pool.full_on)) if pool.full_on else Message(_NOT_SOON)


def _used(kind: int) -> str:
    """The metric that has a point for each report that knew the kind."""
    return f"{_KINDS[kind]}-used"


def _points(reading: _Reading) -> Mapping[str, float]:
    used = reading.tally.used
    points = {_used(k): float(used[k]) for k in range(3) if reading.knows(k)}
    return points | ({"pool-used": reading.pool.used} if reading.pool.used is not None else {})


def _actions(reading: _Reading) -> Iterator[Action]:
    pool, tally = reading.pool, reading.tally
    full = pool.full_on
    if full and (full - reading.now.date()) <= _HORIZON:
        is_soon = full - reading.now.date() <= _SOON
        yield Action(
            title=message(_BUY, month=Month(full)),
            why=Message(_WHY_BUY),
            priority=Priority.CRITICAL if is_soon else Priority.MEDIUM,
            who=terms.CUSTOMER_ADVISED,
            effort=terms.MEDIUM_EFFORT,
            filter="sharepoint",
        )
    for each in actions(_ITEM_ACTIONS, tally.filters):
        is_urgent = each.filter == "near-mailboxes" and tally.full[_MAILBOX]
        yield replace(each, priority=Priority.CRITICAL) if is_urgent else each


def _notes(reading: _Reading) -> Iterator[tuple[Text, Message]]:
    if reading.conceals_names:
        yield terms.PRIVACY, Message(terms.CONCEALED)
    if reading.refreshed:
        yield terms.FRESHNESS, message(terms.REFRESHED, day=reading.refreshed)


def _charts(reading: _Reading, history: History) -> Iterator[Chart]:
    pool_chart = _pool_chart(reading, history)
    if pool_chart:
        yield pool_chart
    if reading.tally.growing:
        yield _growth_chart(reading.tally)


def _pool_chart(reading: _Reading, history: History) -> LineChart | None:
    """Months behind us from Microsoft's days and our own points, months ahead from the line."""
    pool = reading.pool
    known = by_month(history.series("pool-used"), until=reading.now)
    known |= {month_of(day): value for day, value in _days(reading.data)}
    if not known or pool.used is None:
        return None
    this_month = month_of(reading.now)
    known[this_month] = pool.used
    ahead = [month_of(this_month, later=n) for n in _MONTHS_AHEAD] if pool.trend else []
    labels = (*sorted(known)[-12:], *ahead)
    series = [Series(label=_USED, values=_over(labels, known), colour=Colour.BEST)]
    if pool.trend:
        for label, line, colour in _forecasts(pool.trend, ahead[-1], used=pool.used):
            values = {this_month: pool.used} | {month: max(line(month), 0) for month in ahead}
            series.append(
                Series(label=label, values=_over(labels, values), colour=colour, dashed=True)
            )
    if pool.quota:
        series.append(
            Series(label=_QUOTA, values=(float(pool.quota),) * len(labels), colour=Colour.BAD)
        )
    return LineChart(
        title=Text(de="SharePoint-Speicher", en="SharePoint storage"),
        subtitle=Text(
            de="Belegt nach Monaten, mit Prognose bei gleichem Wachstum",
            en="Used by month, with a forecast at the same growth",
        ),
        summary=_pool_sentence(pool) or Message(_USED),
        unit=_USED,
        labels=labels,
        series=tuple(series),
        values=Unit.SIZE,
    )


def _forecasts(
    trend: Trend, until: date, *, used: float
) -> Iterator[tuple[Text, Callable[[date], float], Colour]]:
    yield _FORECAST, trend.at, Colour.GOOD
    if trend.high(until) - trend.low(until) > _WIDE * used:
        yield _LOW, trend.low, Colour.NEUTRAL
        yield _HIGH, trend.high, Colour.NEUTRAL


def _over(labels: Sequence[date], values: Mapping[date, float]) -> tuple[float | None, ...]:
    return tuple(values.get(label) for label in labels)


def _growth_chart(tally: _Tally) -> BarChart:
    top, name = tally.growing[0]
    return BarChart(
        title=Text(de="Am stärksten gewachsen", en="Grown most"),
        subtitle=Text(de="Seit dem letzten Bericht", en="Since the last report"),
        summary=message(_GREW_MOST, name=name, size=Size(top)),
        unit=Text(de="Wachstum", en="Growth"),
        bars=tuple(Bar(label=n, value=size, tone=Tone.INFO) for size, n in tally.growing),
        values=Unit.SIZE,
    )


_USED = Text(de="Belegt", en="Used")
_QUOTA = Text(de="Kontingent", en="Quota")
_FORECAST = Text(de="Prognose", en="Forecast")
_LOW = Text(de="Prognose, niedrig", en="Forecast, low")
_HIGH = Text(de="Prognose, hoch", en="Forecast, high")

_POOL_USED = Text(de="SharePoint belegt {used}.", en="SharePoint uses {used}.")
_POOL_SHARE = Text(de="SharePoint ist zu {share} belegt.", en="SharePoint is {share} full.")
_POOL_LASTS = Text(
    de="SharePoint ist zu {share} belegt; bei gleichem Wachstum reicht der Speicher noch Jahre.",
    en="SharePoint is {share} full; at the same growth the storage will last for years.",
)
_POOL_FULL = Text(
    de="SharePoint ist zu {share} belegt; bei gleichem Wachstum voll ca. im {month}.",
    en="SharePoint is {share} full; at the same growth it will be full around {month}.",
)
_POOL_OVER = Text(
    de="SharePoint ist zu {share} belegt: Das Kontingent ist erschöpft.",
    en="SharePoint is {share} full: the quota is used up.",
)
_SHORT = Text(de="SharePoint {share}", en="SharePoint {share}")
_SHORT_FULL = Text(
    de="SharePoint {share}, voll ca. {month}", en="SharePoint {share}, full around {month}"
)
_NEARS = {
    "one": Text(de="{n} Speicher über 90\u00a0%", en="{n} item above 90\u00a0%"),
    "other": Text(de="{n} Speicher über 90\u00a0%", en="{n} items above 90\u00a0%"),
}
_MAILBOXES = {
    "one": Text(de="{n} Postfach", en="{n} mailbox"),
    "other": Text(de="{n} Postfächer", en="{n} mailboxes"),
}
_ONEDRIVES = {
    "one": Text(de="{n} OneDrive", en="{n} OneDrive"),
    "other": Text(de="{n} OneDrives", en="{n} OneDrives"),
}
_NOT_ALL_READ = Text(de="Nicht alle Speicher lesbar", en="Not all storage could be read")
_NEAR_WORDS = {_MAILBOX: _MAILBOXES, _ONEDRIVE: _ONEDRIVES}
_BOTH = Text(de="{first} und {second}", en="{first} and {second}")
_IS_NEAR = Text(de="{what} ist über 90\u00a0%.", en="{what} is above 90\u00a0%.")
_ARE_NEAR = Text(de="{what} sind über 90\u00a0%.", en="{what} are above 90\u00a0%.")
_NOTHING_NEAR: Mapping[tuple[int, ...], Text] = {
    (_MAILBOX, _ONEDRIVE): Text(
        de="Kein Postfach und kein OneDrive ist über 90\u00a0%.",
        en="No mailbox and no OneDrive is above 90\u00a0%.",
    ),
    (_MAILBOX,): Text(de="Kein Postfach ist über 90\u00a0%.", en="No mailbox is above 90\u00a0%."),
    (_ONEDRIVE,): Text(
        de="Kein OneDrive ist über 90\u00a0%.", en="No OneDrive is above 90\u00a0%."
    ),
    (): Text(
        de="Wie voll Postfächer und OneDrives sind, ist nicht bekannt.",
        en="How full mailboxes and OneDrives are is not known.",
    ),
}
_OF_MAILBOXES = {
    "one": Text(de="von {n} Postfach", en="of {n} mailbox"),
    "other": Text(de="von {n} Postfächern", en="of {n} mailboxes"),
}
_OF_ONEDRIVES = {
    "one": Text(de="von {n} OneDrive", en="of {n} OneDrive"),
    "other": Text(de="von {n} OneDrives", en="of {n} OneDrives"),
}
_OF_COMPUTED = Text(
    de="{used} von {quota}, aus den Lizenzen berechnet",
    en="{used} of {quota}, computed from the licences",
)
_OF_ORDERED = Text(de="{used} von {quota}", en="{used} of {quota}")
_AROUND = Text(de="ca. im {month}", en="around {month}")
_NOT_YET = Text(de="noch nicht zu schätzen", en="cannot be estimated yet")
_NOT_SOON = Text(de="nicht absehbar, kaum Wachstum", en="not in sight, hardly any growth")
_GREW_MOST = Text(de="Am meisten wuchs {name}: {size}.", en="{name} grew most: {size}.")

_BUY = Text(
    de="SharePoint-Speicher freigeben oder erweitern, bevor er im {month} voll ist",
    en="Free up or extend SharePoint storage before it is full in {month}",
)
_WHY_BUY = Text(
    de="Ist der Speicher voll, werden alle Websites schreibgeschützt. Ältere Versionen begrenzen und inaktive Websites "
    "archivieren hilft zuerst; zusätzlicher Speicher ist gesondert zu beauftragen.",
    en="When the storage is full, all sites become read-only. Limiting old versions and archiving inactive sites helps "
    "first; additional storage is to be ordered separately.",
)
_ITEM_ACTIONS = (
    CountedAction(
        filter="near-mailboxes",
        priority=Priority.HIGH,
        one=Text(
            de="Für 1 volles Postfach das Archiv aktivieren oder aufräumen",
            en="Enable the archive for 1 full mailbox, or tidy it up",
        ),
        other=Text(
            de="Für {n} volle Postfächer das Archiv aktivieren oder aufräumen",
            en="Enable the archive for {n} full mailboxes, or tidy them up",
        ),
        why=Text(
            de="Ein volles Postfach nimmt keine Nachrichten mehr an; Absender erhalten eine Fehlermeldung.",
            en="A full mailbox accepts no more messages; senders get an error.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="near-onedrives",
        priority=Priority.MEDIUM,
        one=Text(
            de="Für 1 volles OneDrive das Kontingent erhöhen oder aufräumen",
            en="Raise the quota of 1 full OneDrive, or tidy it up",
        ),
        other=Text(
            de="Für {n} volle OneDrives das Kontingent erhöhen oder aufräumen",
            en="Raise the quota of {n} full OneDrives, or tidy them up",
        ),
        why=Text(
            de="Ein volles OneDrive synchronisiert nicht mehr, und neue Dateien bleiben nur auf dem Gerät.",
            en="A full OneDrive stops syncing, and new files stay on the device only.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="near-sites",
        priority=Priority.MEDIUM,
        one=Text(
            de="Bei 1 vollen Website Versionen begrenzen oder das Kontingent erhöhen",
            en="Limit versions on 1 full site, or raise its quota",
        ),
        other=Text(
            de="Bei {n} vollen Websites Versionen begrenzen oder das Kontingent erhöhen",
            en="Limit versions on {n} full sites, or raise their quotas",
        ),
        why=Text(
            de="Eine volle Website wird schreibgeschützt. Oft belegen alte Versionen den meisten Platz.",
            en="A full site becomes read-only. Old versions often take most of the space.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
)

_TILES = (
    Tile("fuller", Text(de="Neu über 90\u00a0%", en="Newly above 90\u00a0%"), Tone.BAD),
    Tile("relieved", Text(de="Wieder unter 90\u00a0%", en="Below 90\u00a0% again"), Tone.OK),
    Tile("grown", Text(de="Stark gewachsen", en="Grown strongly"), Tone.WARN),
    Tile("added", terms.ADDED, Tone.INFO),
    Tile("gone", Text(de="Gelöscht", en="Deleted"), Tone.NEUTRAL),
)
_CHANGE_LABELS = {tile.id: tile.label for tile in _TILES}
_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="near", label=Text(de="Über 90\u00a0%", en="Above 90\u00a0%")),
    Filter(id="exchange", label=Text(de="Exchange", en="Exchange")),
    Filter(id="onedrive", label=Text(de="OneDrive", en="OneDrive")),
    Filter(id="sharepoint", label=Text(de="SharePoint", en="SharePoint")),
    Filter(id="idle", label=Text(de="Über 180 Tage inaktiv", en="Inactive for over 180 days")),
    Filter(
        id="near-mailboxes",
        label=Text(de="Postfächer über 90\u00a0%", en="Mailboxes above 90\u00a0%"),
        is_chip=False,
    ),
    Filter(
        id="near-onedrives",
        label=Text(de="OneDrives über 90\u00a0%", en="OneDrives above 90\u00a0%"),
        is_chip=False,
    ),
    Filter(
        id="near-sites",
        label=Text(de="Websites über 90\u00a0%", en="Sites above 90\u00a0%"),
        is_chip=False,
    ),
    *(tile.filter for tile in _TILES),
)

_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(terms.ADDED, Tone.INFO),
    Option(_CHANGE_LABELS["fuller"], Tone.BAD, "▲"),
    Option(_CHANGE_LABELS["relieved"], Tone.OK, "▼"),
    Option(_CHANGE_LABELS["grown"], Tone.WARN, "▲"),
    Option(_CHANGE_LABELS["gone"], Tone.NEUTRAL, "✕"),
)
_COLUMNS = (
    Column(
        label=Text(de="Art", en="Type"),
        kind=Kind.CHOICE,
        options=tuple(
            Option(Text(de=name, en=english), Tone.NEUTRAL)
            for name, english in (
                ("Postfach", "Mailbox"),
                ("OneDrive", "OneDrive"),
                ("Website", "Site"),
            )
        ),
    ),
    Column(
        label=Text(de="Name", en="Name"),
        kind=Kind.PAIR,
        small=Text(de="Adresse", en="Address"),
        personal=True,
    ),
    Column(label=_USED, kind=Kind.SIZE),
    Column(label=_QUOTA, kind=Kind.SIZE, secondary=True),
    Column(label=Text(de="Auslastung", en="Utilisation"), kind=Kind.SHARE),
    Column(
        label=Text(de="Wachstum seit letztem Bericht", en="Growth since last report"),
        kind=Kind.SIZE,
        secondary=True,
    ),
    Column(label=terms.LAST_ACTIVITY, kind=Kind.DATE, secondary=True),
    Column(label=Text(de="Besitzer", en="Owner"), personal=True, secondary=True),
    Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Microsoft Graph: Nutzungsberichte getMailboxUsageDetail, getOneDriveUsageAccountDetail, "
            "getSharePointSiteUsageDetail und getSharePointSiteUsageStorage (180 Tage); subscribedSkus.",
            en="Microsoft Graph: usage reports getMailboxUsageDetail, getOneDriveUsageAccountDetail, "
            "getSharePointSiteUsageDetail and getSharePointSiteUsageStorage (180 days); subscribedSkus.",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Einheiten sind binär: 1 TB = 1.024 GB. Das Kontingent von SharePoint ist, wenn nichts anderes vereinbart "
            "wurde, 1 TB und 10 GB je Lizenz mit SharePoint; zugekaufter Speicher ist darin nicht enthalten. Stark "
            "gewachsen ist, was seit dem letzten Bericht um mehr als ein Fünftel und mehr als 1 GB wuchs. Gelöschtes "
            "zählt nicht.",
            en="Units are binary: 1 TB = 1,024 GB. Unless agreed otherwise, the SharePoint quota is 1 TB and 10 GB per "
            "licence with SharePoint; storage bought in addition is not included. Grown strongly means by more than a "
            "fifth and more than 1 GB since the last report. Deleted items do not count.",
        ),
    ),
    (
        Text(de="Prognose", en="Forecast"),
        Text(
            de="Eine Gerade durch die Tageswerte der letzten 180 Tage; die Spanne ist ihr doppelter Standardfehler.",
            en="A straight line through the daily values of the last 180 days; the range is twice its standard error.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Microsoft erstellt diese Zahlen mit 24 bis 48 Stunden Verzögerung.",
            en="Microsoft produces these figures with a delay of 24 to 48 hours.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Archivpostfächer und der Papierkorb sind nicht enthalten. Adressen von Websites lässt Microsoft häufig leer.",
            en="Archive mailboxes and the recycle bin are not included. Microsoft often leaves site addresses blank.",
        ),
    ),
)

REPORT = ReportType(
    name="storage",
    title=Text(de="Speicher und Auslastung", en="Storage and capacity"),
    area=Text(de="Betrieb & Kapazität", en="Operation & capacity"),
    summary=Text(
        de="Was voll wird und was wächst: Postfächer, OneDrive, SharePoint.",
        en="What fills up and what grows: mailboxes, OneDrive, SharePoint.",
    ),
    cadence="0 6 * * MON",
    needs=(
        MAILBOX_USAGE,
        ONEDRIVE_USAGE,
        SITE_USAGE,
        SITE_STORAGE,
        REPORT_SETTINGS,
        LICENCES,
    ),
    build=build,
    options=StorageOptions,
)
