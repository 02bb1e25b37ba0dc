"""Usage: who works with which service, what grows and what declines, and which licences nobody uses."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

import msgspec

from shared_code.core import terms
from shared_code.core.change import Tile, changes
from shared_code.core.chart import (
    Bar,
    BarChart,
    Chart,
    Colour,
    LineChart,
    Series,
    ShareChart,
    ShareRow,
    Tone,
    Unit,
)
from shared_code.core.dataset import Snapshot
from shared_code.core.metric import by_month
from shared_code.core.month import month_of
from shared_code.core.period import Period
from shared_code.core.privacy import Privacy
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
    Never,
    Option,
    Table,
    day_cell,
    holding,
    remember,
)
from shared_code.core.text import Listing, Message, Text, counted, message
from shared_code.datasets.usage import (
    ACTIVATIONS,
    ACTIVE_USERS,
    APP_USERS,
    REPORT_SETTINGS,
    ActiveUser,
    AppUser,
    conceals_names,
    shown,
)

# A service counts as used within these days; the second is what figures and trends go by.
_BANDS = (7, 30, 90, 180)
_ACTIVE = 30
_IDLE = timedelta(days=90)

# A tenth up or down is a change worth telling.
_NOTABLE = 0.1

_SERVICES = {
    "exchange": "Exchange",
    "onedrive": "OneDrive",
    "sharepoint": "SharePoint",
    "teams": "Teams",
    "yammer": "Viva Engage",
}
_APPS = {
    "outlook": "Outlook",
    "word": "Word",
    "excel": "Excel",
    "powerpoint": "PowerPoint",
    "onenote": "OneNote",
    "teams": "Teams",
}

_SAME, _ADDED, _IDLE_NOW, _BACK, _GONE = range(5)


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares a user with."""

    name: str
    small: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class _User:
    """A licensed user; `now` is the day that Microsoft's figures refer to."""

    row: ActiveUser
    apps: AppUser | None
    now: date

    @property
    def name(self) -> str:
        return shown(self.row.display_name) or self.address or self.row.id

    @property
    def address(self) -> str:
        return shown(self.row.user_principal_name)

    @property
    def last(self) -> date | None:
        return max(filter(None, (self.last_in(s) for s in _SERVICES)), default=None)

    def last_in(self, service: str) -> date | None:
        return getattr(self.row, f"{service}_last_activity_date")

    def has(self, service: str) -> bool:
        return bool(getattr(self.row, f"has_{service}_license"))

    @property
    def used(self) -> tuple[str, ...]:
        """Services of the last thirty days."""
        return tuple(s for s in _SERVICES if self._within(self.last_in(s), _ACTIVE))

    @property
    def is_active(self) -> bool:
        return bool(self.used)

    @property
    def is_idle(self) -> bool:
        last = self.last
        return last is None or self.now - last > _IDLE

    def band(self, service: str) -> int:
        """Index of the narrowest band the last activity lies in; behind them: none."""
        last = self.last_in(service)
        return next((n for n, days in enumerate(_BANDS) if self._within(last, days)), len(_BANDS))

    @property
    def app_names(self) -> tuple[str, ...] | None:
        if self.apps is None:
            return None
        return tuple(name for app, name in _APPS.items() if getattr(self.apps, app))

    def _within(self, day: date | None, days: int) -> bool:
        return day is not None and (self.now - day).days < days


@dataclass(frozen=True, slots=True)
class _Join:
    data: Snapshot
    history: History
    now: date
    knows_apps: bool

    @classmethod
    def of(cls, data: Snapshot, history: History, period: Period) -> "_Join":
        first = next(iter(data.rows(ACTIVE_USERS)), None)
        refreshed = first.report_refresh_date if first else None
        return cls(
            data,
            history,
            refreshed or period.end.date(),
            knows_apps=data.missing(APP_USERS) is None,
        )

    def users(self, order_by: str | None = None) -> Iterator[_User]:
        """Licensed ones that still exist."""
        for row in self.data.rows(ACTIVE_USERS, order_by=order_by):
            if _is_counted(row):
                apps = self.data.get(APP_USERS, row.id) if self.knows_apps else None
                yield _User(row, apps, self.now)

    def change(self, user: _User) -> int | None:
        if self.history.compared_with is None:
            return None
        before = self.history.before(user.row.id, _Seen)
        if before is None:
            return _ADDED
        if before.is_active == user.is_active:
            return _SAME
        return _BACK if user.is_active else _IDLE_NOW

    def gone(self) -> Iterator[tuple[str, _Seen]]:
        """Users of the compared report without an account or licence now."""
        for key, seen in self.history.remembered(_Seen):
            row = self.data.get(ACTIVE_USERS, key)
            if row is None or not _is_counted(row):
                yield key, seen


def _is_counted(row: ActiveUser) -> bool:
    return not row.is_deleted and any(getattr(row, f"has_{s}_license") for s in _SERVICES)


@dataclass(slots=True)
class _Tally:
    """One fold over all users."""

    total: int = 0
    filters: Counter[str] = field(default_factory=Counter[str])
    licensed: Counter[str] = field(default_factory=Counter[str])
    active: Counter[str] = field(default_factory=Counter[str])
    bands: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    apps: Counter[str] = field(default_factory=Counter[str])

    def add(self, user: _User, change: int | None) -> None:
        self.total += 1
        self.filters.update(_filters(user, change))
        for service in _SERVICES:
            if user.has(service):
                self.licensed[service] += 1
                self.bands[service, user.band(service)] += 1
        self.active.update(user.used)
        self.apps.update(user.app_names or ())


@dataclass(frozen=True, slots=True)
class _Trend:
    """How each service moved since the last report: rates of change, where both are known."""

    moved: Mapping[str, float]
    before: float | None  # active users

    @classmethod
    def of(cls, tally: _Tally, history: History) -> "_Trend":
        last = {s: series[-1].value for s in _SERVICES if (series := history.series(f"active-{s}"))}
        moved = {s: tally.active[s] / value - 1 for s, value in last.items() if value}
        total = history.series("active")
        return cls(moved, total[-1].value if total else None)

    def up(self) -> list[str]:
        return [_SERVICES[s] for s, rate in self.moved.items() if rate > _NOTABLE]

    def down(self) -> list[str]:
        return [_SERVICES[s] for s, rate in self.moved.items() if rate < -_NOTABLE]


def build(data: Snapshot, history: History, period: Period) -> Content:
    join, tally = _Join.of(data, history, period), _Tally()
    for user in join.users():
        tally.add(user, join.change(user))
    tally.filters["gone"] = sum(1 for _ in join.gone())
    trend = _Trend.of(tally, history)
    return Content(
        lead=_lead(tally, trend),
        digest=counted(tally.filters["active"], **_ACTIVE_USERS),
        kpis=_kpis(tally),
        actions=tuple(_actions(tally, trend)),
        changes=changes(_TILES, tally.filters, history),
        charts=tuple(_charts(tally, join, period)),
        notes=tuple(_notes(join)),
        table=Table(
            title=Text(de="Alle lizenzierten Benutzer", en="All licensed users"),
            counting=Text(de="{n} von {all} Benutzern", en="{n} of {all} users"),
            columns=_COLUMNS,
            filters=_FILTERS,
            lines=lambda: _lines(join),
        ),
        about=_ABOUT,
        points={f"active-{s}": tally.active[s] for s in _SERVICES if tally.licensed[s]},
    )


def _filters(user: _User, change: int | None) -> tuple[str, ...]:
    belongs = {
        "all": True,
        "active": user.is_active,
        "idle": user.is_idle,
        "added": change == _ADDED,
        "idle-now": change == _IDLE_NOW,
        "back": change == _BACK,
    }
    return holding(belongs)


def _lines(join: _Join) -> Iterator[Line]:
    for user in join.users(order_by="display_name"):
        change = join.change(user)
        seen = _Seen(user.name, user.address, user.is_active)
        yield Line(
            key=user.row.id,
            cells=(
                (user.name, user.address),
                day_cell(user.last),
                tuple(_SERVICES[s] for s in user.used),
                *(_cell(user, service) for service in _SERVICES),
                user.app_names,
                change,
            ),
            rank=_rank(user),
            filters=_filters(user, change),
            memory=remember(seen),
        )
    for key, seen in join.gone():
        cells = ((seen.name, seen.small), *[None] * 8, _GONE)
        yield Line(key=key, cells=cells, rank=9, filters=("gone",))


def _rank(user: _User) -> int:
    """Licences without use first."""
    return 0 if user.is_idle else 1 if not user.is_active else 2


def _cell(user: _User, service: str) -> datetime | Never | None:
    """Unknown where no licence says that there could be any activity."""
    last = user.last_in(service)
    return day_cell(last) if last or user.has(service) else None


def _lead(tally: _Tally, trend: _Trend) -> Lead:
    active = tally.filters["active"]
    if not tally.total:
        return Lead(Status.OK, Message(_NOBODY))
    fell = trend.before and active <= trend.before * (1 - _NOTABLE)
    users = counted(tally.total, **_LICENSED_USERS)
    strong = counted(active, **_OF_LICENSED, users=users)
    return Lead(Status.WARN if fell else Status.OK, strong, _moves(trend))


def _moves(trend: _Trend) -> Message | None:
    if trend.before is None:
        return None
    up, down = Listing(tuple(trend.up())), Listing(tuple(trend.down()))
    if up.values and down.values:
        return message(_UP_AND_DOWN, up=up, down=down)
    if up.values:
        return message(_UP, up=up)
    return message(_DOWN, down=down) if down.values else Message(_STEADY)


def _kpis(tally: _Tally) -> tuple[Kpi, ...]:
    return (
        Kpi(
            metric="active",
            label=Text(de="Aktive Benutzer (30 Tage)", en="Active users (30 days)"),
            value=tally.filters["active"],
            base=counted(tally.total, **_OF_USERS),
            better=Better.UP,
        ),
        *(
            Kpi(
                metric=f"share-{service}",
                label=Text(de=f"{name} aktiv genutzt", en=f"{name} in active use"),
                value=tally.active[service] / n if (n := tally.licensed[service]) else None,
                base=message(_USED_BY, n=tally.active[service], of=tally.licensed[service]),
                better=Better.UP,
                unit=Unit.SHARE,
                instead=_NO_LICENCE,
            )
            for service, name in (("teams", "Teams"), ("onedrive", "OneDrive"))
        ),
        Kpi(
            metric="idle",
            label=Text(
                de="Lizenziert, über 90 Tage ohne Nutzung", en="Licensed, unused for over 90 days"
            ),
            value=tally.filters["idle"],
            base=counted(tally.total, **_OF_USERS),
            better=Better.DOWN,
        ),
    )


def _actions(tally: _Tally, trend: _Trend) -> Iterator[Action]:
    idle = tally.filters["idle"]
    if idle:
        yield Action(
            title=counted(idle, **_CHECK_LICENCES),
            why=Message(_WHY_CHECK),
            priority=Priority.MEDIUM,
            who=terms.CUSTOMER,
            effort=terms.MEDIUM_EFFORT,
            filter="idle",
        )
    if down := trend.down():
        yield Action(
            title=message(_TRAIN, services=Listing(tuple(down))),
            why=Message(_WHY_TRAIN),
            priority=Priority.LOW,
            who=terms.CUSTOMER_ASSISTED,
            effort=terms.MEDIUM_EFFORT,
        )


def _notes(join: _Join) -> Iterator[tuple[Text, Message]]:
    if conceals_names(join.data):
        yield terms.PRIVACY, Message(terms.CONCEALED)
    yield terms.FRESHNESS, message(terms.REFRESHED, day=join.now)


def _charts(tally: _Tally, join: _Join, period: Period) -> Iterator[Chart]:
    if not tally.total:
        return
    months = _months(tally, join.history, period)
    if months:
        yield months
    yield _band_chart(tally)
    if join.knows_apps and tally.apps:
        yield _app_chart(tally)
    activations = _activations(join.data)
    if activations:
        yield activations


def _months(tally: _Tally, history: History, period: Period) -> LineChart | None:
    """None until there are two months to compare."""
    this = month_of(period.end)
    known = {
        s: by_month(history.series(f"active-{s}"), until=period.end) | {this: tally.active[s]}
        for s in _SERVICES
        if tally.licensed[s]
    }
    labels = sorted({month for months in known.values() for month in months})
    if len(labels) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    series = (
        Series(label=_SERVICES[s], values=tuple(months.get(m) for m in labels), colour=Colour.BEST)
        for s, months in known.items()
    )
    return LineChart(
        title=Text(de="Aktive Benutzer je Dienst", en="Active users per service"),
        subtitle=Text(de="In 30 Tagen, nach Monaten", en="In 30 days, by month"),
        summary=_active_in(tally, known),
        unit=_USERS,
        labels=tuple(labels),
        series=tuple(series),
        apart=True,
    )


def _active_in(tally: _Tally, services: Iterable[str]) -> Message:
    active = (message(_SERVICE_COUNT, service=_SERVICES[s], n=tally.active[s]) for s in services)
    return message(_ACTIVE_IN, services=Listing(tuple(active)))


def _band_chart(tally: _Tally) -> ShareChart:
    services = [s for s in _SERVICES if tally.licensed[s]]
    return ShareChart(
        title=Text(de="Letzte Nutzung je Dienst", en="Last use per service"),
        subtitle=Text(
            de="Lizenzierte Benutzer nach Tagen seit der letzten Aktivität",
            en="Licensed users by days since the last activity",
        ),
        summary=_active_in(tally, services),
        unit=_USERS,
        parts=_PARTS,
        rows=tuple(
            ShareRow(
                label=Text(de=_SERVICES[s], en=_SERVICES[s]),
                values=tuple(float(tally.bands[s, n]) for n in range(len(_PARTS))),
                note=message(_N_OF, n=tally.active[s], of=tally.licensed[s]),
                people=tally.licensed[s],
            )
            for s in services
        ),
    )


def _app_chart(tally: _Tally) -> BarChart:
    ranking = sorted(tally.apps.items(), key=lambda app: (-app[1], app[0]))
    return BarChart(
        title=Text(de="Genutzte Apps", en="Apps in use"),
        subtitle=Text(de="Benutzer je App in 30 Tagen", en="Users per app in 30 days"),
        summary=message(_TOP_APP, app=ranking[0][0], n=ranking[0][1]),
        unit=_USERS,
        bars=tuple(Bar(label=name, value=n, tone=Tone.INFO, people=n) for name, n in ranking),
    )


def _activations(data: Snapshot) -> ShareChart | None:
    if data.missing(ACTIVATIONS):
        return None
    rows = [row for row in islice(data.rows(ACTIVATIONS), 8) if row.assigned]
    if not rows:
        return None
    return ShareChart(
        title=Text(de="Aktivierte Desktop-Apps", en="Activated desktop apps"),
        subtitle=Text(de="Je Produkt", en="Per product"),
        summary=message(
            _ACTIVATED,
            n=sum(row.activated or 0 for row in rows),
            of=sum(row.assigned or 0 for row in rows),
        ),
        unit=_USERS,
        parts=(
            (Text(de="aktiviert", en="activated"), Colour.BEST),
            (Text(de="nicht aktiviert", en="not activated"), Colour.NEUTRAL),
        ),
        rows=tuple(
            ShareRow(
                label=row.id,
                values=(
                    float(row.activated or 0),
                    float(max((row.assigned or 0) - (row.activated or 0), 0)),
                ),
                note=message(_N_OF, n=row.activated or 0, of=row.assigned or 0),
                people=row.assigned,
            )
            for row in rows
        ),
    )


_USERS = Text(de="Benutzer", en="Users")
_NOBODY = Text(
    de="Kein Benutzer hat eine Lizenz für diese Dienste.",
    en="No user has a licence for these services.",
)
_OF_LICENSED = {
    "zero": Text(
        de="Von {users} war in 30 Tagen niemand aktiv.",
        en="Of {users} nobody was active in the last 30 days.",
    ),
    "one": Text(
        de="1 von {users} war in 30 Tagen aktiv.",
        en="1 of {users} was active in the last 30 days.",
    ),
    "other": Text(
        de="{n} von {users} waren in 30 Tagen aktiv.",
        en="{n} of {users} were active in the last 30 days.",
    ),
}
_LICENSED_USERS = {
    "one": Text(de="{n} lizenzierten Benutzer", en="{n} licensed user"),
    "other": Text(de="{n} lizenzierten Benutzern", en="{n} licensed users"),
}
_ACTIVE_USERS = {
    "one": Text(de="{n} aktiver Benutzer", en="{n} active user"),
    "other": Text(de="{n} aktive Benutzer", en="{n} active users"),
}
_OF_USERS = {
    "one": Text(de="von {n} lizenzierten Benutzer", en="of {n} licensed user"),
    "other": Text(de="von {n} lizenzierten Benutzern", en="of {n} licensed users"),
}
_UP_AND_DOWN = Text(
    de="Die Nutzung wächst bei {up} und sinkt bei {down}.",
    en="Usage is growing for {up} and declining for {down}.",
)
_UP = Text(de="Die Nutzung wächst bei {up}.", en="Usage is growing for {up}.")
_DOWN = Text(de="Die Nutzung sinkt bei {down}.", en="Usage is declining for {down}.")
_STEADY = Text(
    de="Kein Dienst hat sich um mehr als ein Zehntel verändert.",
    en="No service has changed by more than a tenth.",
)
_USED_BY = Text(de="{n} von {of} mit Lizenz", en="{n} of {of} with a licence")
_NO_LICENCE = Text(de="niemand hat eine Lizenz dafür", en="nobody has a licence for it")
_N_OF = Text(de="{n} von {of}", en="{n} of {of}")
_SERVICE_COUNT = Text(de="{service} {n}", en="{service} {n}")
_ACTIVE_IN = Text(
    de="Zuletzt in 30 Tagen aktiv: {services}.", en="Active in the last 30 days: {services}."
)
_TOP_APP = Text(de="Am häufigsten genutzt: {app} von {n}.", en="Used most: {app} by {n}.")
_ACTIVATED = Text(de="{n} von {of} aktiviert.", en="{n} of {of} activated.")
_CHECK_LICENCES = {
    "one": Text(
        de="Lizenz von 1 Benutzer ohne Nutzung prüfen",
        en="Review the licence of 1 user without activity",
    ),
    "other": Text(
        de="Lizenzen von {n} Benutzern ohne Nutzung prüfen",
        en="Review licences of {n} users without activity",
    ),
}
_WHY_CHECK = Text(
    de="Wer über 90 Tage keinen Dienst genutzt hat, braucht die Lizenz möglicherweise nicht. Freigegebene Lizenzen "
    "senken die Kosten bei der nächsten Verlängerung.",
    en="Users without any activity for over 90 days may not need their licence. Licences set free lower the cost of the "
    "next renewal.",
)
_TRAIN = Text(de="Rückgang bei {services} klären", en="Find out why {services} is used less")
_WHY_TRAIN = Text(
    de="Ein Rückgang um mehr als ein Zehntel hat meist einen Grund: Urlaub, ein anderes Werkzeug oder fehlende Schulung.",
    en="A decline by more than a tenth usually has a reason: holidays, another tool, or missing training.",
)
_PARTS = (
    (Text(de="bis 7 Tage", en="up to 7 days"), Colour.BEST),
    (Text(de="8–30 Tage", en="8–30 days"), Colour.GOOD),
    (Text(de="31–90 Tage", en="31–90 days"), Colour.WARN),
    (Text(de="91–180 Tage", en="91–180 days"), Colour.BAD),
    (Text(de="länger oder nie", en="longer or never"), Colour.NEUTRAL),
)

_TILES = (
    Tile("added", Text(de="Neu lizenziert", en="Newly licensed"), Tone.INFO),
    Tile("gone", terms.REMOVED, Tone.NEUTRAL),
    Tile("back", terms.ACTIVE_AGAIN, Tone.OK),
    Tile("idle-now", Text(de="Nicht mehr aktiv", en="No longer active"), Tone.BAD),
)
_CHANGE_LABELS = {tile.id: tile.label for tile in _TILES}
_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="active", label=Text(de="Aktiv (30 Tage)", en="Active (30 days)")),
    Filter(id="idle", label=Text(de="Über 90 Tage ohne Nutzung", en="Unused for over 90 days")),
    Filter(id="idle-now", label=_CHANGE_LABELS["idle-now"]),
    Filter(id="back", label=_CHANGE_LABELS["back"], is_chip=False),
    Filter(id="added", label=_CHANGE_LABELS["added"], is_chip=False),
    Filter(id="gone", label=terms.REMOVED, is_chip=False),
)
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(_CHANGE_LABELS["added"], Tone.INFO),
    Option(_CHANGE_LABELS["idle-now"], Tone.BAD),
    Option(_CHANGE_LABELS["back"], Tone.OK),
    Option(terms.REMOVED, Tone.NEUTRAL),
)
_COLUMNS = (
    Column(
        label=terms.USER,
        kind=Kind.PAIR,
        small=terms.SIGN_IN_NAME,
        personal=True,
    ),
    Column(label=terms.LAST_ACTIVITY, kind=Kind.DATE),
    Column(
        label=Text(de="Genutzte Dienste (30 Tage)", en="Services used (30 days)"), kind=Kind.LIST
    ),
    *(
        Column(label=Text(de=name, en=name), kind=Kind.DATE, secondary=True)
        for name in _SERVICES.values()
    ),
    Column(
        label=Text(de="Genutzte Apps (30 Tage)", en="Apps used (30 days)"),
        kind=Kind.LIST,
        detail=True,
    ),
    Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Microsoft Graph: Nutzungsberichte getOffice365ActiveUserDetail (180 Tage), getM365AppUserDetail "
            "(30 Tage), getOffice365ActivationsUserCounts.",
            en="Microsoft Graph: usage reports getOffice365ActiveUserDetail (180 days), getM365AppUserDetail "
            "(30 days), getOffice365ActivationsUserCounts.",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Gezählt werden Benutzer mit mindestens einer Lizenz für Exchange, OneDrive, SharePoint, Teams oder Viva "
            "Engage. Aktiv ist, wer in den 30 Tagen vor dem Stichtag mindestens einen Dienst genutzt hat; nicht mehr "
            "aktiv, wer es im letzten Bericht noch war. Trends entstehen aus unseren eigenen Berichten.",
            en="Users with at least one licence for Exchange, OneDrive, SharePoint, Teams or Viva Engage are counted. "
            "Active means at least one service used in the 30 days before the reference date, no longer active: it was "
            "so in the last report. Trends come from our own reports.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Microsoft erstellt diese Zahlen mit 24 bis 48 Stunden Verzögerung; Tage sind UTC.",
            en="Microsoft produces these figures with a delay of 24 to 48 hours; days are UTC.",
        ),
    ),
    (
        terms.PRIVACY,
        Text(
            de="Ohne schriftliche Zustimmung Ihres Hauses stehen statt der Namen gleichbleibende Kürzel.",
            en="Without your organisation's written approval, constant codes stand in place of names.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Nutzung heißt: Microsoft hat eine Aktivität gezählt. Wie lange oder wofür jemand gearbeitet hat, "
            "steht hier nicht.",
            en="Usage means: Microsoft counted an activity. How long or for what somebody worked is not recorded here.",
        ),
    ),
)

REPORT = ReportType(
    name="usage",
    title=Text(de="Nutzung von Microsoft 365", en="Microsoft 365 usage"),
    area=Text(de="Nutzung & Einführung", en="Usage & adoption"),
    summary=Text(
        de="Welche Dienste genutzt werden, was wächst und welche Lizenzen niemand braucht.",
        en="Which services are used, what is growing, and which licences nobody needs.",
    ),
    cadence="0 6 * * MON",
    needs=(ACTIVE_USERS, APP_USERS, ACTIVATIONS, REPORT_SETTINGS),
    build=build,
    privacy=Privacy.PSEUDONYMOUS,
)
