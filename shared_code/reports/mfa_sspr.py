"""MFA and SSPR: who is still without a second factor, how strong the others' is, admins first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from heapq import nlargest
from itertools import takewhile
from typing import Annotated

import msgspec

from shared_code.core import terms
from shared_code.core.action import CountedAction, actions
from shared_code.core.change import Tile, changes
from shared_code.core.chart import (
    Bar,
    BarChart,
    Chart,
    Colour,
    ColumnChart,
    Series,
    Tone,
    Unit,
)
from shared_code.core.dataset import Snapshot
from shared_code.core.metric import Point, by_month
from shared_code.core.month import months
from shared_code.core.options import Options
from shared_code.core.period import Period
from shared_code.core.privacy import SMALLEST_GROUP
from shared_code.core.report import (
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
    NEVER,
    Cell,
    Column,
    Filter,
    Kind,
    Line,
    Never,
    Option,
    Table,
    holding,
    remember,
)
from shared_code.core.text import Message, Points, Share, Text, counted, first_two, message
from shared_code.datasets.members import MEMBER_SIGN_INS, MEMBERS, Member
from shared_code.datasets.registrations import (
    APPS_AND_TOKENS,
    NO_FACTORS,
    PHISHING_RESISTANT,
    PHONES,
    REGISTRATIONS,
    Registration,
)
from shared_code.datasets.roles import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, roles_held
from shared_code.datasets.sign_ins import last_sign_in
from shared_code.datasets.times import real

_IDLE = timedelta(days=90)
_MOST_BARS = 8
# Departments are free text: a tenant could have as many as people.
_MOST_DEPARTMENTS = 10_000

# Indices into the options of the columns "MFA", "SSPR" and "Änderung".
_NONE, _BLOCKED, _PHONE, _UNSORTED, _MFA, _RESISTANT, _UNKNOWN = range(7)
_MISSING, _REGISTERED, _ADMIN_RULE, _NOT_OFFERED = range(4)
_SAME, _LOST_MFA, _ADDED, _GAINED, _LOST_METHOD, _IDLE_NOW = range(6)

# The strongest first.
_NAMES = PHISHING_RESISTANT | APPS_AND_TOKENS | PHONES | NO_FACTORS
_PLACES = {word: place for place, word in enumerate(_NAMES)}
_PASSING = "temporaryaccesspass"
_FACTORS = _NAMES.keys() - NO_FACTORS.keys()


class MfaOptions(Options, frozen=True, kw_only=True):
    """`target`: percent of members that are to be MFA capable, as agreed with the tenant."""

    target: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares an account with; `methods` None: not told."""

    is_capable: bool
    methods: tuple[str, ...] | None
    is_idle: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Methods:
    """What somebody registered, the strongest first: Microsoft's words, and readers' names."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    strength: int  # a state, of somebody who is capable
    holds_factor: bool


@dataclass(frozen=True, slots=True)
class _Account:
    """An enabled member with everything joined; None is unknown, an empty tuple is none."""

    key: str
    name: str
    address: str
    department: str | None
    is_licensed: bool | None
    state: int
    methods: tuple[str, ...] | None
    roles: tuple[str, ...]
    sspr: int | None
    last: datetime | Never | None
    is_idle: bool | None
    change: int | None
    seen: _Seen | None

    @property
    def is_unprotected(self) -> bool:
        return self.state in (_NONE, _BLOCKED)

    @property
    def rank(self) -> int:
        """Admins first, the least protected first."""
        return self.state if self.roles else len(_STATES) + self.state

    @property
    def filters(self) -> tuple[str, ...]:
        lost = (_LOST_MFA, _LOST_METHOD)
        belongs = {
            "all": True,
            "unprotected": self.is_unprotected,
            "admins": bool(self.roles),
            "admins-unprotected": bool(self.roles) and self.is_unprotected,
            "phone": self.state == _PHONE,
            "blocked": self.state == _BLOCKED,
            "unknown": self.state in (_UNSORTED, _UNKNOWN),
            "sspr": self.sspr == _MISSING,
            "idle": self.is_idle,
            "changed": self.change not in (None, _SAME),
            "gained": self.change == _GAINED,
            "lost": self.change in lost,
            "added": self.change == _ADDED and self.is_unprotected,
            "idle-now": self.change == _IDLE_NOW,
        }
        return holding(belongs)


@dataclass(frozen=True, slots=True)
class _Join:
    """Looks up what belongs to an account; datasets that could not be read give None."""

    data: Snapshot
    history: History
    now: datetime
    roles: Mapping[str, tuple[str, ...]]
    knows_members: bool
    knows_sign_ins: bool

    @classmethod
    def of(cls, data: Snapshot, history: History, now: datetime) -> "_Join":
        return cls(
            data,
            history,
            now,
            roles_held(data) or {},
            knows_members=data.missing(MEMBERS) is None,
            knows_sign_ins=data.missing(MEMBER_SIGN_INS) is None,
        )

    def accounts(self, *, by_name: bool = False) -> Iterator[_Account]:
        """Enabled members; without the directory, all members in Microsoft's report."""
        if self.knows_members:
            order = "display_name" if by_name else None
            for member in self.data.rows(MEMBERS, order_by=order):
                if _is_enabled(member):
                    yield self._account(member, self.data.get(REGISTRATIONS, member.id))
            return
        order = "user_display_name" if by_name else None
        for registration in self.data.rows(REGISTRATIONS, order_by=order):
            if not _is_guest(registration):
                yield self._account(_as_member(registration), registration)

    def _account(self, member: Member, found: Registration | None) -> _Account:
        last, methods = self._last_sign_in(member.id), _methods(found)
        is_idle = self._is_idle(member, last)
        seen = _seen(found, is_idle=is_idle)
        before = self.history.before(member.id, _Seen)
        roles = self._roles_of(found, member.id)
        name = member.display_name or (found.user_display_name if found else None)
        address = member.user_principal_name or (found.user_principal_name if found else None)
        return _Account(
            key=member.id,
            name=name or address or member.id,
            address=address or "",
            department=(member.department or "").strip() or None,
            is_licensed=_is_licensed(member),
            state=_state(found),
            methods=methods and methods.names,
            roles=roles,
            sspr=_sspr(found, is_admin=bool(roles)),
            last=last,
            is_idle=is_idle,
            change=self._change(before, seen),
            # Nobody who is unknown for once becomes a new account afterwards.
            seen=seen or before,
        )

    def _roles_of(self, found: Registration | None, key: str) -> tuple[str, ...]:
        """Microsoft's report decides who is an admin; it knows groups and eligible roles too."""
        held = self.roles.get(key, ())
        is_admin = found.is_admin if found else None
        return (held or (_ADMINISTRATOR,)) if is_admin else held if is_admin is None else ()

    def _last_sign_in(self, key: str) -> datetime | Never | None:
        row = self.data.get(MEMBER_SIGN_INS, key) if self.knows_sign_ins else None
        return last_sign_in(row.sign_in_activity) if row else None

    def _is_idle(self, member: Member, last: datetime | Never | None) -> bool | None:
        if last is None:
            return None
        since = real(member.created_date_time) if last is NEVER else last
        if since is None and not self.knows_members:
            return None
        # Graph leaves the creation out for the oldest objects only.
        return since is None or self.now - since > _IDLE

    def _change(self, before: _Seen | None, now: _Seen | None) -> int | None:
        if self.history.compared_with is None or now is None:
            return None
        if before is None:
            # It may be a disabled account that was not counted.
            return _ADDED if self.knows_members else None
        if before.is_capable != now.is_capable:
            return _GAINED if now.is_capable else _LOST_MFA
        if _lasting(before.methods) - _lasting(now.methods) and now.methods is not None:
            return _LOST_METHOD
        # What became known or unknown is no change of the tenant.
        return _IDLE_NOW if before.is_idle is False and now.is_idle else _SAME


@dataclass(slots=True)
class _Tally:
    """One fold over all accounts that count."""

    total: int = 0
    licensed: int = 0
    unlicensed: int = 0
    states: Counter[int] = field(default_factory=Counter[int])
    admins: Counter[int] = field(default_factory=Counter[int])
    sspr: Counter[int | None] = field(default_factory=Counter[int | None])
    filters: Counter[str] = field(default_factory=Counter[str])
    people: Counter[str | None] = field(default_factory=Counter[str | None])
    unprotected: Counter[str | None] = field(default_factory=Counter[str | None])

    def add(self, account: _Account) -> None:
        self.total += 1
        self.licensed += account.is_licensed is True
        self.unlicensed += account.is_licensed is False
        self.states[account.state] += 1
        self.admins[account.state] += bool(account.roles)
        self.sspr[account.sspr] += 1
        self.filters.update(account.filters)
        if account.state != _UNKNOWN:
            self._add_to_department(account)

    def _add_to_department(self, account: _Account) -> None:
        name = account.department
        if name in self.people or len(self.people) < _MOST_DEPARTMENTS:
            self.people[name] += 1
            self.unprotected[name] += account.is_unprotected

    @property
    def known(self) -> int:
        return self.total - self.states[_UNKNOWN]

    @property
    def bare(self) -> int:
        return self.filters["unprotected"]

    @property
    def capable(self) -> int:
        return self.known - self.bare

    @property
    def entitled(self) -> int:
        return self.sspr[_MISSING] + self.sspr[_REGISTERED]

    @property
    def rate(self) -> float | None:
        return _rate(self.capable, self.known)


@dataclass(slots=True)
class _Others:
    """Who does not count, and why."""

    members: int = 0
    disabled: int = 0
    unlicensed: int = 0  # of the disabled ones
    guests: int = 0

    @classmethod
    def of(cls, data: Snapshot) -> "_Others":
        others = cls()
        others.guests = sum(map(_is_guest, data.rows(REGISTRATIONS)))
        for member in data.rows(MEMBERS) if data.missing(MEMBERS) is None else ():
            others.members += 1
            if not _is_enabled(member):
                others.disabled += 1
                others.unlicensed += _is_licensed(member) is False
        return others


def build(data: Snapshot, history: History, period: Period) -> Content:
    others = _Others.of(data)
    join = _Join.of(data, history, period.end)
    tally = _Tally()
    for account in join.accounts():
        tally.add(account)
    target = data.options(MfaOptions).target
    past = history if join.knows_members else None
    points = {metric: float(sum(tally.states[s] for s in of)) for metric, _, _, of in _LAYERS}
    return Content(
        lead=_lead(tally, past, target),
        digest=_digest(tally, past),
        kpis=_told_apart(_kpis(tally, target), join),
        actions=tuple(actions(_ACTIONS, tally.filters, without=_said_already(tally))),
        changes=changes(_TILES, tally.filters, history, unknown=tuple(_incomparable(join))),
        charts=tuple(_charts(tally, join, points)),
        table=Table(
            title=Text(de="Alle Benutzer im Detail", en="All users in detail"),
            counting=Text(de="{n} von {all} Konten", en="{n} of {all} accounts"),
            columns=_COLUMNS,
            filters=tuple(_filters(tally, history)),
            lines=lambda: _lines(join),
            unknown=frozenset() if join.knows_sign_ins else frozenset({"idle"}),
        ),
        notes=tuple(_notes(tally, join)),
        about=(*_population(tally, others, join), *_ABOUT),
        points=points,
    )


def _lines(join: _Join) -> Iterator[Line]:
    for account in join.accounts(by_name=True):
        yield Line(
            key=account.key,
            cells=_cells(account),
            rank=account.rank,
            filters=account.filters,
            memory=remember(account.seen) if account.seen else None,
        )


def _cells(account: _Account) -> tuple[Cell, ...]:
    return (
        (account.name, account.address),
        account.department,
        account.roles,
        account.state,
        account.methods,
        account.sspr,
        account.last,
        account.change,
    )


def _is_enabled(member: Member) -> bool:
    return member.account_enabled is not False


def _is_licensed(member: Member) -> bool | None:
    licences = member.assigned_licenses
    return None if licences is None else bool(licences)


def _is_guest(registration: Registration) -> bool:
    return (registration.user_type or "").lower() == "guest"


def _as_member(registration: Registration) -> Member:
    return Member(
        id=registration.id,
        display_name=registration.user_display_name,
        user_principal_name=registration.user_principal_name,
    )


# A tenant has few combinations, whatever its size.
@lru_cache(maxsize=1024)
def _rated(told: tuple[str | None, ...]) -> _Methods:
    unique = dict.fromkeys(word for word in told if word)
    words = sorted(unique, key=lambda w: (_PLACES.get(w.lower(), len(_PLACES)), w))
    known = {word.lower() for word in words}
    return _Methods(
        words=tuple(words),
        names=tuple(dict.fromkeys(_NAMES.get(word.lower(), word) for word in words)),
        strength=_strength(known),
        holds_factor=bool(known & _FACTORS),
    )


def _methods(registration: Registration | None) -> _Methods | None:
    told = registration.methods_registered if registration else None
    return None if told is None else _rated(told)


def _strength(words: set[str]) -> int:
    """Of somebody who is capable. A method nobody knows yet is neither weak nor strong."""
    if words & PHISHING_RESISTANT.keys():
        return _RESISTANT
    if words & APPS_AND_TOKENS.keys():
        return _MFA
    is_only_phone = words & PHONES.keys() and words <= _NAMES.keys()
    return _PHONE if is_only_phone else _UNSORTED


def _state(registration: Registration | None) -> int:
    """Microsoft says who is capable; the methods say how strong that is."""
    if registration is None or registration.is_mfa_capable is None:
        return _UNKNOWN
    methods = _methods(registration) or _rated(())
    if registration.is_mfa_capable:
        return methods.strength
    return _BLOCKED if registration.is_mfa_registered or methods.holds_factor else _NONE


def _sspr(registration: Registration | None, *, is_admin: bool) -> int | None:
    if registration is None or registration.is_sspr_registered is None:
        return None
    if is_admin:
        return _ADMIN_RULE
    if registration.is_sspr_enabled is None:
        return None
    if not registration.is_sspr_enabled:
        return _NOT_OFFERED
    return _REGISTERED if registration.is_sspr_registered else _MISSING


def _seen(registration: Registration | None, *, is_idle: bool | None) -> _Seen | None:
    if registration is None or registration.is_mfa_capable is None:
        return None
    methods = _methods(registration)
    return _Seen(registration.is_mfa_capable, methods and methods.words, is_idle)


def _lasting(methods: tuple[str, ...] | None) -> set[str]:
    """A Temporary Access Pass ends by itself: that is no loss."""
    return {word.lower() for word in methods or ()} - {_PASSING}


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _lead(tally: _Tally, history: History | None, target: int) -> Lead:
    admins, bare = tally.filters["admins-unprotected"], tally.bare
    is_below = tally.capable * 100 < tally.known * target
    status = Status.BAD if admins else Status.WARN if is_below else Status.OK
    if not tally.total:
        return Lead(status, Message(_NO_MEMBERS))
    if tally.rate is None:
        return Lead(Status.INCOMPLETE, Message(_NOBODY))
    if not bare:
        return Lead(status, counted(tally.known, **_ALL_CAPABLE), _moved(tally.rate, history))
    missing = counted(bare, **_UNPROTECTED)
    if admins:
        missing = message(
            _INCLUDING,
            accounts=counted(bare, **_UNPROTECTED_AND),
            admins=counted(admins, **_OF_THEM),
        )
    rest = first_two(_moved(tally.rate, history), missing)
    return Lead(status, message(_CAPABLE, share=_shown(tally.rate)), rest)


def _shown(rate: float) -> Share:
    """Less than all is never said as 100 %."""
    return Share(min(rate, 0.999) if rate < 1 else rate)


def _difference(rate: float | None, history: History | None) -> tuple[float, date] | None:
    """To the report before, if readers see any."""
    past = history.series("capable") if history else ()
    if rate is None or not past:
        return None
    change = round(rate - past[-1].value, 3)
    return (change, past[-1].end) if change else None


def _moved(rate: float, history: History | None) -> Message | None:
    difference = _difference(rate, history)
    if difference is None:
        return None
    return message(_MOVED, change=Points(difference[0]), since=difference[1])


def _digest(tally: _Tally, history: History | None) -> Message:
    if tally.rate is None:
        return Message(terms.MFA_UNKNOWN if tally.total else _NO_MEMBERS_IN_SHORT)
    share: Share | Message = _shown(tally.rate)
    difference = _difference(tally.rate, history)
    if difference:
        share = message(_SHARE_MOVED, share=share, change=Points(difference[0]))
    admins = counted(tally.filters["admins-unprotected"], **_ADMINS_IN_SHORT)
    return message(_IN_SHORT, share=share, admins=admins)


def _kpis(tally: _Tally, target: int) -> tuple[Kpi, ...]:
    resistant, admins = tally.states[_RESISTANT], tally.filters["admins"]
    registered, entitled = tally.sspr[_REGISTERED], tally.entitled
    return (
        Kpi(
            metric="capable",
            label=Text(de="MFA-fähig", en="MFA capable"),
            value=tally.rate,
            base=message(
                _OF_MEMBERS,
                n=tally.capable,
                of=counted(tally.known, **_MEMBERS),
                target=target,
            ),
            better=Better.UP,
            unit=Unit.SHARE,
        ),
        Kpi(
            metric="phishing-resistant",
            label=terms.PHISHING_RESISTANT,
            value=_rate(resistant, tally.known),
            base=message(
                _OF_ADMINS_TOO,
                accounts=counted(resistant, **_ACCOUNTS),
                admins=message(_OF_ADMINS, n=tally.admins[_RESISTANT], all=admins),
            ),
            better=Better.UP,
            unit=Unit.SHARE,
        ),
        Kpi(
            metric="sspr",
            label=Text(de="SSPR registriert", en="SSPR registered"),
            value=_rate(registered, entitled),
            base=message(_OF_ENTITLED, n=registered, all=entitled),
            better=Better.UP,
            unit=Unit.SHARE,
            instead=_NO_SSPR if tally.sspr[_NOT_OFFERED] else terms.NOT_KNOWN,
        ),
        Kpi(
            metric="admins-unprotected",
            label=Text(de="Admins ohne MFA", en="Admins without MFA"),
            value=tally.filters["admins-unprotected"] if tally.known else None,
            base=counted(admins, **_OF_ALL_ADMINS),
            better=Better.DOWN,
        ),
    )


def _told_apart(kpis: tuple[Kpi, ...], join: _Join) -> tuple[Kpi, ...]:
    """Figures of all members, disabled ones too, are no change from those of enabled ones."""
    if join.knows_members:
        return kpis
    return tuple(replace(kpi, metric=f"{kpi.metric}-unfiltered") for kpi in kpis)


def _said_already(tally: _Tally) -> tuple[str, ...]:
    """Where nobody but admins is without MFA, one action says it."""
    only_admins = tally.bare == tally.filters["admins-unprotected"]
    return ("unprotected",) if only_admins else ()


def _incomparable(join: _Join) -> Iterator[str]:
    if not join.knows_members:
        yield "added"
    if not join.knows_sign_ins:
        yield "idle-now"


def _filters(tally: _Tally, history: History) -> Iterator[Filter]:
    """Chips for what every tenant asks, and for rarities where there are any."""
    shown = {name: bool(tally.filters[name]) for name in ("blocked", "unknown")}
    shown["changed"] = history.compared_with is not None
    for name, label in _CHIPS:
        yield Filter(id=name, label=label, is_chip=shown.get(name, True))
    yield from (tile.filter for tile in _TILES)


def _charts(tally: _Tally, join: _Join, points: Mapping[str, float]) -> Iterator[Chart]:
    if tally.total:
        yield _progress(join, points)
    bars = _department_bars(tally) if join.knows_members else ()
    if bars:
        yield _department_chart(bars)


def _progress(join: _Join, points: Mapping[str, float]) -> ColumnChart:
    layers = {
        metric: by_month(
            [*join.history.series(metric), Point(metric, join.now, points[metric])],
            until=join.now,
        )
        for metric in points
    }
    known = {month for layer in layers.values() for month in layer}
    labels = months(min(known), max(known))
    series = tuple(
        Series(label=label, colour=colour, values=tuple(layers[metric].get(m) for m in labels))
        for metric, label, colour, _ in _LAYERS
        if metric != "unsorted" or any(layers[metric].values())
    )
    return ColumnChart(
        title=Text(de="Verlauf über 12 Monate", en="Progress over 12 months"),
        subtitle=Text(
            de="Mitglieder nach stärkster registrierter Methode",
            en="Members by strongest registered method",
        ),
        summary=message(
            _PROGRESS,
            none=int(points["none"]),
            resistant=int(points["resistant"]),
            first_none=int(_first(layers["none"])),
            first_resistant=int(_first(layers["resistant"])),
        ),
        unit=Text(de="Mitglieder", en="Members"),
        labels=tuple(labels),
        series=series,
    )


def _first(layer: Mapping[date, float]) -> float:
    return layer[min(layer)]


def _department_bars(tally: _Tally) -> tuple[Bar, ...]:
    """The worst first; a share of a handful of people says nothing, and tells who they are."""
    shares = (
        (tally.unprotected[name] / people, people, name)
        for name, people in tally.people.items()
        if people >= SMALLEST_GROUP
    )
    worst = nlargest(_MOST_BARS, shares, key=lambda s: (s[0], s[1], s[2] or ""))
    return tuple(
        Bar(
            label=name or _NO_DEPARTMENT,
            value=share,
            tone=Tone.BAD,
            note=message(_SOME_OF, n=tally.unprotected[name], all=people),
            people=people,
        )
        for share, people, name in takewhile(lambda s: s[0] > 0, worst)
    )


def _department_chart(bars: tuple[Bar, ...]) -> BarChart:
    worst = bars[0]
    return BarChart(
        title=Text(de="Wo noch MFA fehlt", en="Where MFA is still missing"),
        subtitle=Text(
            de=f"Anteil ohne MFA je Abteilung ab {SMALLEST_GROUP} Personen",
            en=f"Share without MFA per department of {SMALLEST_GROUP} people or more",
        ),
        summary=message(_WORST, department=worst.label, share=Share(worst.value)),
        unit=Text(de="Anteil ohne MFA", en="Share without MFA"),
        bars=bars,
        values=Unit.SHARE,
    )


def _notes(tally: _Tally, join: _Join) -> Iterator[tuple[Text, Message]]:
    if not join.knows_members:
        yield _POPULATION, Message(_UNFILTERED)
    if tally.states[_UNKNOWN]:
        yield _NOT_TOLD, counted(tally.states[_UNKNOWN], **_WITHOUT_STATE)
    if tally.states[_UNSORTED]:
        yield _UNKNOWN_STRENGTH, counted(tally.states[_UNSORTED], **_UNSORTED_METHODS)


def _population(tally: _Tally, others: _Others, join: _Join) -> Iterator[tuple[Text, Message]]:
    if not join.knows_members:
        yield _POPULATION, message(_MEMBERS_OF_REPORT, n=tally.total, guests=others.guests)
        return
    yield (
        _POPULATION,
        message(
            _WHO_COUNTS,
            members=others.members,
            enabled=tally.total,
            licensed=tally.licensed,
            unlicensed=tally.unlicensed,
        ),
    )
    yield (
        _EXCLUDED,
        message(
            _WHO_DOES_NOT,
            disabled=others.disabled,
            shared=others.unlicensed,
            guests=others.guests,
        ),
    )


_ADMINISTRATOR = "Administrator"
_NO_DEPARTMENT = Text(de="ohne Abteilung", en="no department")

_NO_MEMBERS = Text(
    de="Der Mandant hat keine aktiven Mitglieder.", en="The tenant has no enabled members."
)
_NO_MEMBERS_IN_SHORT = Text(de="Keine aktiven Mitglieder", en="No enabled members")
_NOBODY = Text(
    de="Von keinem aktiven Mitglied ist bekannt, ob es sich mit MFA anmelden kann.",
    en="Of no enabled member is it known whether they can sign in with MFA.",
)
_CAPABLE = Text(
    de="{share} der Mitglieder können sich mit MFA anmelden.",
    en="{share} of members can sign in with MFA.",
)
_MOVED = Text(
    de="{change}\u00a0Prozentpunkte seit {since}.",
    en="{change}\u00a0percentage points since {since}.",
)
_INCLUDING = Text(de="{accounts}, {admins}.", en="{accounts}, {admins}.")
_SHARE_MOVED = Text(de="{share} ({change} PP)", en="{share} ({change} pp)")
_IN_SHORT = Text(de="MFA-fähig {share}, {admins}", en="MFA capable {share}, {admins}")
_OF_MEMBERS = Text(
    de="{n} von {of}, Ziel {target}\u00a0%", en="{n} of {of}, target {target}\u00a0%"
)
_OF_ADMINS = Text(de="Admins {n} von {all}, Ziel alle", en="admins {n} of {all}, target all")
_OF_ADMINS_TOO = Text(de="{accounts}; {admins}", en="{accounts}; {admins}")
_OF_ENTITLED = Text(de="{n} von {all} Berechtigten", en="{n} of {all} entitled")
_NO_SSPR = Text(de="SSPR ist für niemanden freigegeben", en="SSPR is not switched on for anybody")
_SOME_OF = Text(de="{n} von {all}", en="{n} of {all}")
_PROGRESS = Text(
    de="Ohne MFA: zuerst {first_none}, jetzt {none}. Phishing-resistent: zuerst {first_resistant}, jetzt {resistant}.",
    en="Without MFA: {first_none} at first, {none} now. Phishing-resistant: {first_resistant} at first, {resistant} now.",
)
_WORST = Text(
    de="Höchster Anteil ohne MFA: {department} mit {share}.",
    en="Highest share without MFA: {department} with {share}.",
)

_POPULATION = Text(de="Grundgesamtheit", en="Population")
_EXCLUDED = Text(de="Nicht gezählt", en="Not counted")
_NOT_TOLD = Text(de="Noch ohne Angabe", en="Not told yet")
_UNKNOWN_STRENGTH = Text(de="Methode unbekannter Stärke", en="Method of unknown strength")
_UNFILTERED = Text(
    de="Das Verzeichnis war nicht lesbar. Gezählt sind alle Mitglieder in Microsofts Auswertung; deaktivierte Konten "
    "können darunter sein, Abteilungen und Lizenzen fehlen.",
    en="The directory could not be read. Counted are all members in Microsoft's report; disabled accounts may be among "
    "them, departments and licences are missing.",
)
_MEMBERS_OF_REPORT = Text(
    de="Mitglieder in Microsofts Auswertung: {n}. Nicht gezählte Gäste: {guests}.",
    en="Members in Microsoft's report: {n}. Guests, not counted: {guests}.",
)
_WHO_COUNTS = Text(
    de="Mitglieder im Verzeichnis: {members}, davon aktiv: {enabled}. Nur aktive zählen; mit Lizenz: {licensed}, ohne "
    "Lizenz: {unlicensed}. Ohne Lizenz sind oft Admin- und Dienstkonten, aber auch freigegebene und Raumpostfächer, deren "
    "Anmeldung nicht gesperrt ist: Am Konto ist das nicht zu unterscheiden, sie zählen mit.",
    en="Members in the directory: {members}, enabled: {enabled}. Only enabled ones count; with a licence: {licensed}, "
    "without: {unlicensed}. Without a licence are often admin and service accounts, but also shared and room mailboxes "
    "whose sign-in is not blocked: the account does not tell, so they count.",
)
_WHO_DOES_NOT = Text(
    de="Deaktivierte Mitglieder: {disabled}, davon ohne Lizenz: {shared} (meist freigegebene und Raumpostfächer). "
    "Gäste: {guests}.",
    en="Disabled members: {disabled}, without a licence: {shared} (mostly shared and room mailboxes). Guests: {guests}.",
)

# What `counted` chooses from.
_ALL_CAPABLE = {
    "one": Text(
        de="Das einzige Mitglied kann sich mit MFA anmelden.",
        en="The only member can sign in with MFA.",
    ),
    "other": Text(
        de="Alle {n} Mitglieder können sich mit MFA anmelden.",
        en="All {n} members can sign in with MFA.",
    ),
}
_UNPROTECTED = {
    "one": Text(de="1 Konto ist noch ungeschützt.", en="1 account is still unprotected."),
    "other": Text(de="{n} Konten sind noch ungeschützt.", en="{n} accounts are still unprotected."),
}
_UNPROTECTED_AND = {
    "one": Text(de="1 Konto ist noch ungeschützt", en="1 account is still unprotected"),
    "other": Text(de="{n} Konten sind noch ungeschützt", en="{n} accounts are still unprotected"),
}
_OF_THEM = {
    "one": Text(de="darunter 1 Administrator", en="1 of them an administrator"),
    "other": Text(de="darunter {n} Administratoren", en="{n} of them administrators"),
}
_ADMINS_IN_SHORT = {
    "zero": Text(de="alle Admins mit MFA", en="all admins with MFA"),
    "one": Text(de="1 Admin ohne MFA", en="1 admin without MFA"),
    "other": Text(de="{n} Admins ohne MFA", en="{n} admins without MFA"),
}
_MEMBERS = {
    "one": Text(de="1 Mitglied", en="1 member"),
    "other": Text(de="{n} Mitgliedern", en="{n} members"),
}
_ACCOUNTS = {
    "one": Text(de="1 Konto", en="1 account"),
    "other": Text(de="{n} Konten", en="{n} accounts"),
}
_OF_ALL_ADMINS = {
    "one": Text(de="von 1 Admin, Ziel 0", en="of 1 admin, target 0"),
    "other": Text(de="von {n} Admins, Ziel 0", en="of {n} admins, target 0"),
}
_WITHOUT_STATE = {
    "one": Text(
        de="1 aktives Konto steht noch nicht in Microsofts Auswertung; in den Anteilen ist es nicht enthalten.",
        en="1 enabled account is not in Microsoft's report yet; the shares leave it out.",
    ),
    "other": Text(
        de="{n} aktive Konten stehen noch nicht in Microsofts Auswertung; in den Anteilen sind sie nicht enthalten.",
        en="{n} enabled accounts are not in Microsoft's report yet; the shares leave them out.",
    ),
}
_UNSORTED_METHODS = {
    "one": Text(
        de="1 Konto ist MFA-fähig mit einer Methode, deren Stärke nicht bekannt ist; es zählt weder als schwach noch als "
        "phishing-resistent.",
        en="1 account is MFA capable by a method of unknown strength; it counts neither as weak nor as phishing-resistant.",
    ),
    "other": Text(
        de="{n} Konten sind MFA-fähig mit einer Methode, deren Stärke nicht bekannt ist; sie zählen weder als schwach noch "
        "als phishing-resistent.",
        en="{n} accounts are MFA capable by a method of unknown strength; they count neither as weak nor as "
        "phishing-resistant.",
    ),
}

_PHONE_LABEL = Text(de="Nur SMS/Telefon", en="SMS/phone only")

# From the bottom of a column to its top: metric, label, colour and the states it holds.
_LAYERS = (
    (
        "resistant",
        terms.PHISHING_RESISTANT,
        Colour.BEST,
        (_RESISTANT,),
    ),
    ("mfa", Text(de="MFA (App, TOTP)", en="MFA (app, TOTP)"), Colour.GOOD, (_MFA,)),
    ("phone", _PHONE_LABEL, Colour.WARN, (_PHONE,)),
    ("none", terms.WITHOUT_MFA, Colour.BAD, (_NONE, _BLOCKED)),
    ("unsorted", Text(de="Unbekannt", en="Unknown"), Colour.NEUTRAL, (_UNSORTED, _UNKNOWN)),
)

_TILES = (
    Tile("gained", Text(de="Haben MFA neu registriert", en="Newly MFA capable"), Tone.OK),
    Tile("lost", Text(de="Haben eine Methode verloren", en="Lost a method"), Tone.BAD),
    Tile(
        "added", Text(de="Neue Konten noch ohne MFA", en="New accounts still without MFA"), Tone.BAD
    ),
    Tile(
        "idle-now",
        Text(de="Neu über 90 Tage inaktiv", en="Newly inactive for over 90 days"),
        Tone.WARN,
    ),
)
_CHIPS = (
    ("all", terms.ALL),
    ("unprotected", terms.WITHOUT_MFA),
    ("admins", Text(de="Admins", en="Admins")),
    ("admins-unprotected", Text(de="Admins ohne MFA", en="Admins without MFA")),
    ("phone", _PHONE_LABEL),
    ("blocked", Text(de="Methode nicht nutzbar", en="Method not usable")),
    ("unknown", Text(de="Nicht bewertbar", en="Not rated")),
    ("sspr", Text(de="SSPR fehlt", en="SSPR missing")),
    ("idle", Text(de="Inaktiv > 90 Tage", en="Inactive > 90 days")),
    ("changed", Text(de="Geändert", en="Changed")),
)

_STATES = (
    Option(terms.NO_MFA, Tone.BAD, "✕"),
    Option(Text(de="Nicht nutzbar", en="Not usable"), Tone.BAD, "⊘"),
    Option(_PHONE_LABEL, Tone.WARN, "△"),
    Option(Text(de="MFA, Stärke unbekannt", en="MFA, strength unknown"), Tone.NEUTRAL, "?"),
    Option(Text(de="MFA", en="MFA"), Tone.OK, "✓"),
    Option(terms.PHISHING_RESISTANT, Tone.INFO, "★"),
    Option(terms.UNKNOWN, Tone.NEUTRAL, "–"),
)
_SSPR_OPTIONS = (
    Option(Text(de="Fehlt", en="Missing"), Tone.BAD, "✕"),
    Option(Text(de="Registriert", en="Registered"), Tone.OK, "✓"),
    Option(Text(de="Admin-Regel", en="Admin rule"), Tone.NEUTRAL, "–"),
    Option(Text(de="Nicht freigegeben", en="Not switched on")),
)
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(Text(de="MFA verloren", en="Lost MFA"), Tone.BAD),
    Option(Text(de="Neues Konto", en="New account"), Tone.INFO),
    Option(Text(de="Neu registriert", en="Newly registered"), Tone.OK),
    Option(Text(de="Methode entfernt", en="Method removed"), Tone.WARN),
    Option(terms.NEWLY_IDLE, Tone.WARN),
)
_COLUMNS = (
    Column(
        label=terms.USER,
        kind=Kind.PAIR,
        small=Text(de="Benutzername", en="User name"),
        personal=True,
    ),
    Column(label=Text(de="Abteilung", en="Department"), secondary=True),
    Column(label=Text(de="Admin-Rolle", en="Admin role"), kind=Kind.LIST, secondary=True),
    Column(label=Text(de="MFA-Status", en="MFA state"), kind=Kind.CHOICE, options=_STATES),
    Column(label=Text(de="Methoden", en="Methods"), kind=Kind.LIST, secondary=True),
    Column(label=Text(de="SSPR", en="SSPR"), kind=Kind.CHOICE, options=_SSPR_OPTIONS),
    Column(label=terms.LAST_SIGN_IN, kind=Kind.DATE, secondary=True),
    Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
)

_ACTIONS = (
    CountedAction(
        filter="admins-unprotected",
        priority=Priority.CRITICAL,
        one=Text(
            de="MFA für 1 Konto mit irgendeiner Adminrolle sofort einrichten",
            en="Set up MFA at once for 1 account with any admin role",
        ),
        other=Text(
            de="MFA für {n} Konten mit irgendeiner Adminrolle sofort einrichten",
            en="Set up MFA at once for {n} accounts with any admin role",
        ),
        why=Text(
            de="Ein Kennwort genügt, um mit der Adminrolle zu arbeiten. Lassen Sie mit einem Temporary Access Pass eine Methode "
            "registrieren, oder entziehen Sie die Rolle.",
            en="A password is enough to use the admin role. Have a method registered by means of a Temporary Access Pass, or "
            "remove the role.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="unprotected",
        priority=Priority.HIGH,
        one=Text(de="1 Konto ohne MFA schützen", en="Protect 1 account without MFA"),
        other=Text(de="{n} Konten ohne MFA schützen", en="Protect {n} accounts without MFA"),
        why=Text(
            de="Wer das Kennwort erfährt, hat das Konto. Fordern Sie zur Registrierung auf; deaktivieren Sie Konten, die "
            "niemand mehr braucht.",
            en="Whoever learns the password has the account. Ask for registration; disable accounts that nobody needs.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="phone",
        priority=Priority.HIGH,
        one=Text(
            de="1 Konto von SMS/Telefon auf Authenticator umstellen",
            en="Move 1 account from SMS/phone to Authenticator",
        ),
        other=Text(
            de="{n} Konten von SMS/Telefon auf Authenticator umstellen",
            en="Move {n} accounts from SMS/phone to Authenticator",
        ),
        why=Text(
            de="SMS und Anrufe lassen sich abfangen. Aktivieren Sie in Entra die Registrierungskampagne "
            "(Authentifizierungsmethoden → Registrierungskampagne).",
            en="Text messages and calls can be intercepted. Turn on the registration campaign in Entra "
            "(Authentication methods → Registration campaign).",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="blocked",
        priority=Priority.MEDIUM,
        one=Text(
            de="Methodenrichtlinie für 1 Konto mit gesperrter Methode prüfen",
            en="Review the methods policy for 1 account with a blocked method",
        ),
        other=Text(
            de="Methodenrichtlinie für {n} Konten mit gesperrter Methode prüfen",
            en="Review the methods policy for {n} accounts with a blocked method",
        ),
        why=Text(
            de="Registriert ist eine Methode, Ihre Richtlinie für Authentifizierungsmethoden erlaubt sie diesem Konto aber nicht.",
            en="A method is registered, but your policy on authentication methods does not allow it for this account.",
        ),
        who=terms.CUSTOMER_ASSISTED,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="idle",
        priority=Priority.MEDIUM,
        one=Text(
            de="1 seit über 90 Tagen inaktives Konto prüfen",
            en="Review 1 account that has been inactive for over 90 days",
        ),
        other=Text(
            de="{n} seit über 90 Tagen inaktive Konten prüfen",
            en="Review {n} accounts that have been inactive for over 90 days",
        ),
        why=Text(
            de="Bei inaktiven Konten fällt ein Angriff niemandem auf, und sie belegen Lizenzen. Deaktivieren Sie sie, oder "
            "halten Sie fest, wozu sie gebraucht werden.",
            en="Nobody notices an attack on inactive accounts, and they use up licences. Disable them, or record what they are "
            "needed for.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
)

_ABOUT = about(
    (
        Text(de="Registriert ist nicht erzwungen", en="Registered is not enforced"),
        Text(
            de="Dieser Bericht zeigt, wer sich mit MFA anmelden kann. Ob MFA auch verlangt wird, regelt der bedingte "
            "Zugriff.",
            en="This report shows who is able to sign in with MFA. Whether MFA is demanded is up to Conditional Access.",
        ),
    ),
    (
        Text(de="Stärke der Methoden", en="Strength of methods"),
        Text(
            de="Phishing-resistent: FIDO2, Passkeys, Windows Hello for Business, Platform SSO, Zertifikat. MFA: "
            "Authenticator-App, TOTP, OATH-Token, externe MFA. Nur SMS/Telefon: keine andere Methode. E-Mail und "
            "Sicherheitsfragen dienen nur SSPR, ein Temporary Access Pass nur der Einrichtung. Es zählt die stärkste.",
            en="Phishing-resistant: FIDO2, passkeys, Windows Hello for Business, platform SSO, certificate. MFA: "
            "Authenticator app, TOTP, OATH token, external MFA. SMS/phone only: no other method. Email and security "
            "questions serve SSPR only, a Temporary Access Pass only the setup. The strongest counts.",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="MFA-fähig heißt: registriert und von Ihrer Richtlinie erlaubt. „Nicht nutzbar“ heißt: registriert, aber "
            "nicht erlaubt; das zählt als ohne MFA. SSPR: von den Konten, für die SSPR freigegeben ist; für Admins gilt "
            "Microsofts eigene Regel, sie zählen dort nicht. Neu ist, wer beim letzten Bericht nicht gezählt war, auch "
            "wieder aktivierte Konten. Inaktiv: keine Anmeldung seit über 90 Tagen; wer sich nie angemeldet hat, zählt, "
            "sobald das Konto älter ist.",
            en='MFA capable means registered and allowed by your policy. "Not usable" means registered, but not allowed; '
            "that counts as without MFA. SSPR: of the accounts it is switched on for; admins follow Microsoft's own rule "
            "and are left out there. New is who was not counted in the last report, accounts enabled again among them. "
            "Inactive: no sign-in for over 90 days; accounts that never signed in count once they are older.",
        ),
    ),
    (
        terms.SOURCE,
        Text(
            de="Microsoft Graph: userRegistrationDetails, users (Mitglieder, signInActivity), roleManagement/directory.",
            en="Microsoft Graph: userRegistrationDetails, users (members, signInActivity), roleManagement/directory.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Microsoft aktualisiert die Registrierungen und die Anmeldezeiten mit Verzögerung, meist innerhalb eines Tages.",
            en="Microsoft updates registrations and sign-in times with a delay, mostly within a day.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Admin ist, wer es laut Microsofts Auswertung ist. Rollennamen: aktive, direkte Zuweisungen; sonst steht nur "
            "„Administrator“. Gäste mit Adminrolle stehen im Bericht Gastbenutzer.",
            en="Admins are those of Microsoft's report. Role names: active, direct assignments; otherwise only "
            '"Administrator" is shown. Guests with an admin role are in the report on guest users.',
        ),
    ),
)

REPORT = ReportType(
    name="mfa-sspr",
    title=Text(de="MFA- und SSPR-Registrierung", en="MFA and SSPR registration"),
    area=terms.IDENTITY_AREA,
    summary=Text(
        de="Wer sich mit MFA anmelden kann, wie stark die Methoden sind, welchen Admins MFA fehlt.",
        en="Who can sign in with MFA, how strong the methods are, which admins lack MFA.",
    ),
    cadence="0 6 * * MON",
    needs=(REGISTRATIONS, MEMBERS, MEMBER_SIGN_INS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS),
    build=build,
    options=MfaOptions,
    extras=(Extra(datasets=(MEMBER_SIGN_INS,), without=terms.WITHOUT_SIGN_INS),),
)
