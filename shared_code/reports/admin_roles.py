"""Admin roles: who holds critical ones, for how long, in which way, and how well protected."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated

import msgspec

from shared_code.core import terms
from shared_code.core.action import CountedAction, actions
from shared_code.core.change import Tile, changes, moved
from shared_code.core.chart import (
    Chart,
    Colour,
    ColumnChart,
    Series,
    ShareChart,
    ShareRow,
    Tone,
)
from shared_code.core.dataset import Snapshot
from shared_code.core.errors import Reason
from shared_code.core.metric import Point, by_month
from shared_code.core.options import Options
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
    NEVER,
    Cell,
    Column,
    Filter,
    Kind,
    Line,
    Never,
    Option,
    Table,
    first_holding,
    holding,
    remember,
)
from shared_code.core.text import Listing, Message, Text, counted, first_two, message, signed
from shared_code.datasets.registrations import PHISHING_RESISTANT
from shared_code.datasets.roles import (
    ADMIN_REGISTRATIONS,
    ADMIN_SIGN_INS,
    APPLICATION,
    GROUP,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITIES,
    ROLE_GROUP_MEMBERS,
    ROLE_HOLDERS,
    ROLE_SCHEDULES,
    USER,
    AdminRegistration,
    Principal,
    RoleEligibility,
    RoleGroupMember,
    RoleHolder,
    RoleSchedule,
)
from shared_code.datasets.sign_ins import last_sign_in
from shared_code.datasets.times import real

_GLOBAL = "62e90394-69f5-4237-9190-012177145e10"

# Microsoft's template ids; a role that is built in has the same id in every tenant.
_CRITICAL = {
    _GLOBAL: "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": "Partner Tier2 Support",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": "Hybrid Identity Administrator",
    "8329153b-31d0-4727-b945-745eb3bc5f31": "Domain Name Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "c4e39bd9-1100-46d3-8c65-fb160da0071f": "Authentication Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": "SharePoint Administrator",
    "3a2c62db-5318-420d-8d74-23affee5d9d5": "Intune Administrator",
}
_IDLE = timedelta(days=90)
_MOST_ROLES = 10

# Indices into the options of the columns "Art", "Zuweisung", "MFA", "Konto" and "Änderung".
_PERSON, _EMERGENCY, _GUEST, _DISABLED, _APP, _WHOLE_GROUP, _LOST = range(7)
_PERMANENT, _OPEN_TERM, _LIMITED, _ELIGIBLE = range(4)
_NO_MFA, _MFA, _RESISTANT, _NO_QUESTION = range(4)
_CLOUD, _SYNCED, _NEITHER = range(3)
_SAME, _ADDED, _CHANGED, _MADE_PERMANENT, _GONE = range(5)


class AdminOptions(Options, frozen=True, kw_only=True):
    """`roles` are template ids, or ids of the tenant's own roles; `emergency_accounts` object ids.

    `fewest_global` and `most_global` are how many people should be Global Administrators.
    """

    roles: tuple[str, ...] = tuple(_CRITICAL)
    emergency_accounts: tuple[str, ...] = ()
    fewest_global: Annotated[int, msgspec.Meta(ge=1)] = 2
    most_global: Annotated[int, msgspec.Meta(ge=1)] = 4


class _Held(msgspec.Struct, frozen=True, array_like=True):
    """One role in one way: `form` as above; by a group or directly."""

    role: str
    form: int
    by_group: bool = False


class _Known(msgspec.Struct, frozen=True, array_like=True):
    """What a run could see, so that what comes into sight is no change.

    `terms`: how it is known which assignments are permanent; empty if it is not.
    """

    roles: tuple[str, ...]
    groups: bool
    eligible: bool
    terms: str

    def sees(self, held: _Held) -> bool:
        return (
            held.role in self.roles
            and (self.groups or not held.by_group)
            and (self.eligible or held.form != _ELIGIBLE)
        )


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares an admin with."""

    name: str
    address: str
    kind: int
    held: tuple[_Held, ...]
    known: _Known


type _Who = Principal | RoleGroupMember


@dataclass(frozen=True, slots=True)
class _Way:
    """How somebody came to a role; `group` is the name of the group, None: directly.

    `is_passing`: it is, or may be, what somebody eligible has activated.
    """

    held: _Held
    group: str | None
    start: datetime | None
    end: datetime | None
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class _Admin:
    """Somebody with a critical role and everything joined; None is unknown."""

    who: _Who
    kind: int
    ways: tuple[_Way, ...]
    mfa: int | None
    last: datetime | Never | None
    change: int | None
    before: tuple[str, ...]
    is_idle: bool

    @property
    def is_person(self) -> bool:
        return self.kind in (_PERSON, _EMERGENCY, _GUEST, _DISABLED)

    @property
    def held(self) -> tuple[_Held, ...]:
        return tuple(sorted({way.held for way in self.ways}, key=lambda h: (h.role, h.form)))

    @property
    def end(self) -> datetime | Never | None:
        """The first; what nothing ends has none."""
        lasts = NEVER if self.form in (_PERMANENT, _ELIGIBLE) else None
        return min((way.end for way in self.ways if way.end), default=lasts)

    @property
    def form(self) -> int:
        """The strongest."""
        return min(way.held.form for way in self.ways)

    @property
    def is_global(self) -> bool:
        return any(way.held.role == _GLOBAL for way in self.ways)

    @property
    def is_synced(self) -> bool:
        return self.is_person and self.who.on_premises_sync_enabled is True

    @property
    def name(self) -> str:
        return self.who.display_name or self.who.user_principal_name or self.who.id

    @property
    def rank(self) -> int:
        worst_first = (
            self.kind == _GUEST or self.mfa == _NO_MFA,
            self.is_global and self.kind in (_PERSON, _APP),
            self.is_global,
            self.form == _PERMANENT,
        )
        return first_holding(worst_first)

    @property
    def filters(self) -> tuple[str, ...]:
        belongs = {
            "all": True,
            "people": self.is_person,
            "global": self.is_person and self.is_global,
            "without-mfa": self.mfa == _NO_MFA,
            "weak": self.mfa in (_NO_MFA, _MFA),
            "permanent": self.kind in (_PERSON, _GUEST, _DISABLED) and self.form == _PERMANENT,
            "guests": self.kind == _GUEST,
            "apps": self.kind == _APP,
            "synced": self.is_synced,
            "idle": self.is_idle,
            "left-over": self.kind in (_DISABLED, _LOST),
            "unknown-mfa": self.mfa is None and self.kind in (_PERSON, _EMERGENCY, _GUEST),
            "eligible-only": self.is_person and self.is_global and self.form == _ELIGIBLE,
            "added": self.change == _ADDED,
            "changed": self.change == _CHANGED,
            "made-permanent": self.change == _MADE_PERMANENT,
        }
        return holding(belongs)


@dataclass(frozen=True)
class _Join:
    """Everything about admins, who are few whatever the size of the tenant."""

    data: Snapshot
    history: History
    now: datetime

    @cached_property
    def options(self) -> AdminOptions:
        return self.data.options(AdminOptions)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(role.casefold() for role in self.options.roles)

    @cached_property
    def emergency(self) -> frozenset[str]:
        return frozenset(each.casefold() for each in self.options.emergency_accounts)

    @cached_property
    def known(self) -> _Known:
        refusal = self.data.missing(ROLE_SCHEDULES)
        unlicensed = refusal is not None and refusal.reason is Reason.LICENCE
        return _Known(
            roles=tuple(sorted(self.roles)),
            groups=self.data.missing(ROLE_GROUP_MEMBERS) is None,
            eligible=self.data.missing(ROLE_ELIGIBILITIES) is None,
            # Without the licence nothing can be limited in time.
            terms="unlicensed" if unlicensed else "" if refusal else "read",
        )

    @cached_property
    def role_names(self) -> Mapping[str, str]:
        names = dict(_CRITICAL)
        if self.data.missing(ROLE_DEFINITIONS) is None:
            named = self.data.rows(ROLE_DEFINITIONS)
            names |= {role.id.casefold(): role.display_name for role in named if role.display_name}
        return names

    @cached_property
    def knows_mfa(self) -> bool:
        return self.data.missing(ADMIN_REGISTRATIONS) is None

    @cached_property
    def schedules(self) -> Mapping[tuple[str, str, str], RoleSchedule]:
        """By principal, role and scope; the longest term where there are several."""
        if self.data.missing(ROLE_SCHEDULES):
            return {}
        found = sorted(self.data.rows(ROLE_SCHEDULES), key=lambda s: not s.is_activation)
        return {_place(each): each for each in found}

    @cached_property
    def members(self) -> Mapping[str, Sequence[RoleGroupMember]]:
        members: defaultdict[str, list[RoleGroupMember]] = defaultdict(list)
        if self.known.groups:
            for member in self.data.rows(ROLE_GROUP_MEMBERS):
                if member.kind in (USER, APPLICATION):
                    members[member.parent].append(member)
        return members

    @cached_property
    def before(self) -> Mapping[str, _Seen]:
        return dict(self.history.remembered(_Seen))

    @cached_property
    def knew(self) -> _Known:
        """What the compared run could see; where it saw nobody, as much as this one."""
        return next((seen.known for seen in self.before.values()), self.known)

    @cached_property
    def compares_terms(self) -> bool:
        return self.known.terms == self.knew.terms != ""

    @cached_property
    def admins(self) -> Sequence[_Admin]:
        """By name."""
        ways: defaultdict[str, list[_Way]] = defaultdict(list)
        people: dict[str, _Who] = {}
        for who, way in self._ways():
            ways[who.id].append(way)
            people.setdefault(who.id, who)
        found = (self._admin(people[key], _standing(ways[key])) for key in people)
        return sorted(found, key=lambda admin: (admin.name.casefold(), admin.who.id))

    @cached_property
    def gone(self) -> Sequence[tuple[str, _Seen]]:
        """Who held a role that both runs can see, and holds none now."""
        now = {admin.who.id for admin in self.admins}
        return [
            (key, seen)
            for key, seen in self.before.items()
            if key not in now and self._alike(seen.held)
        ]

    def _ways(self) -> Iterator[tuple[_Who, _Way]]:
        for each in self.data.rows(ROLE_HOLDERS):
            if each.role_definition_id.casefold() in self.roles:
                yield from self._reached(each, self._active(each))
        if self.known.eligible:
            for each in self.data.rows(ROLE_ELIGIBILITIES):
                role = each.role_definition_id.casefold()
                if role in self.roles:
                    held = _Held(role, _ELIGIBLE)
                    start, end = real(each.start_date_time), real(each.end_date_time)
                    yield from self._reached(each, _Way(held, None, start, end))

    def _active(self, assignment: RoleHolder) -> _Way:
        role = assignment.role_definition_id.casefold()
        if not self.known.terms:
            return _Way(_Held(role, _OPEN_TERM), None, None, None, is_passing=True)
        term = self.schedules.get(_place(assignment))
        if term is None:
            return _Way(_Held(role, _PERMANENT), None, None, None)
        end = real(term.end_date_time)
        form = _LIMITED if end or term.is_activation else _PERMANENT
        start = real(term.start_date_time)
        return _Way(_Held(role, form), None, start, end, is_passing=term.is_activation)

    def _reached(
        self, each: RoleHolder | RoleEligibility, way: _Way
    ) -> Iterator[tuple[_Who, _Way]]:
        """The principal itself, or everybody in the group that it is, if that is known."""
        who = each.principal or Principal(id=each.principal_id)
        if who.kind != GROUP:
            yield who, way
            return
        through = replace(way, held=_Held(way.held.role, way.held.form, by_group=True))
        if not self.known.groups:
            yield who, through
        named = replace(through, group=who.display_name or who.id)
        for member in self.members.get(who.id, ()):
            yield member, named

    def _admin(self, who: _Who, ways: tuple[_Way, ...]) -> _Admin:
        kind = self._kind(who)
        last = self._last_sign_in(who)
        held = tuple({way.held for way in ways})
        change, before = self._change(who.id, held, kind)
        return _Admin(
            who=who,
            kind=kind,
            ways=ways,
            mfa=self._mfa(who, kind),
            last=last,
            change=change,
            before=before,
            is_idle=kind in (_PERSON, _GUEST) and self._is_idle(last),
        )

    def _kind(self, who: _Who) -> int:
        if who.kind == GROUP:
            return _WHOLE_GROUP
        if who.kind == APPLICATION:
            return _APP
        if who.kind != USER:
            return _LOST
        if who.account_enabled is False:
            return _DISABLED
        if (who.user_type or "").casefold() == "guest":
            return _GUEST
        return _EMERGENCY if who.id.casefold() in self.emergency else _PERSON

    def _mfa(self, who: _Who, kind: int) -> int | None:
        if kind not in (_PERSON, _EMERGENCY, _GUEST):
            return _NO_QUESTION
        row = self.data.get(ADMIN_REGISTRATIONS, who.id) if self.knows_mfa else None
        state = _strength(row) if row else None
        # A guest's methods may be registered at home, where nobody here can see them.
        return None if kind == _GUEST and state == _NO_MFA else state

    def _last_sign_in(self, who: _Who) -> datetime | Never | None:
        if who.kind != USER or self.data.missing(ADMIN_SIGN_INS):
            return None
        row = self.data.get(ADMIN_SIGN_INS, who.id)
        return last_sign_in(row.sign_in_activity) if row else None

    def _is_idle(self, last: datetime | Never | None) -> bool:
        return last is NEVER or (isinstance(last, datetime) and self.now - last > _IDLE)

    def _change(
        self, key: str, held: tuple[_Held, ...], kind: int
    ) -> tuple[int | None, tuple[str, ...]]:
        """And the roles before, where they are others."""
        if self.history.compared_with is None:
            return None, ()
        seen = self.before.get(key)
        now, then = self._alike(held), self._alike(seen.held if seen else ())
        roles, roles_then = {h.role for h in now}, {h.role for h in then}
        if seen is None:
            return (_ADDED if now else _SAME), ()
        if roles and not roles_then:
            return _ADDED, ()
        if roles != roles_then:
            return _CHANGED, self.named(roles_then)
        is_new = _permanent(now) - _permanent(then)
        if is_new and kind != _EMERGENCY and self.compares_terms:
            return _MADE_PERMANENT, ()
        return _SAME, ()

    def _alike(self, held: Iterable[_Held]) -> tuple[_Held, ...]:
        """What both runs can see."""
        return tuple(h for h in held if self.known.sees(h) and self.knew.sees(h))

    def named(self, roles: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self.role_names.get(role, role) for role in roles))


def _place(each: RoleHolder | RoleSchedule) -> tuple[str, str, str]:
    return each.principal_id, each.role_definition_id, each.directory_scope_id or "/"


def _standing(ways: Sequence[_Way]) -> tuple[_Way, ...]:
    """Without activations of what somebody is eligible for: they come and go within hours."""
    eligible = {way.held.role for way in ways if way.held.form == _ELIGIBLE}
    return tuple(way for way in ways if not (way.is_passing and way.held.role in eligible))


def _permanent(held: Iterable[_Held]) -> set[str]:
    return {h.role for h in held if h.form == _PERMANENT}


def _strength(row: AdminRegistration) -> int | None:
    capable = row.is_mfa_registered if row.is_mfa_capable is None else row.is_mfa_capable
    if not capable:
        return None if capable is None else _NO_MFA
    methods = {method.casefold() for method in row.methods_registered or () if method}
    return _RESISTANT if methods & PHISHING_RESISTANT.keys() else _MFA


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the sentences count."""

    filters: Counter[str]
    fewest: int
    most: int
    knows_mfa: bool
    knows_terms: bool
    lacks_emergency: bool
    names_emergency: bool
    hides_members: bool  # of a group that holds a role

    @classmethod
    def of(cls, join: _Join) -> "_Figures":
        filters: Counter[str] = Counter(name for a in join.admins for name in a.filters)
        filters["gone"] = len(join.gone)
        rescue = (a for a in join.admins if a.kind == _EMERGENCY)
        return cls(
            filters=filters,
            fewest=join.options.fewest_global,
            most=join.options.most_global,
            knows_mfa=join.knows_mfa,
            knows_terms=bool(join.known.terms),
            lacks_emergency=bool(join.emergency) and not any(map(_is_rescue, rescue)),
            names_emergency=bool(join.emergency),
            hides_members=any(admin.kind == _WHOLE_GROUP for admin in join.admins),
        )

    @property
    def is_off_target(self) -> bool:
        return not self.fewest <= self.filters["global"] <= self.most

    @property
    def status(self) -> Status:
        if self.filters["without-mfa"] or self.filters["guests"] or self.lacks_emergency:
            return Status.BAD
        is_warning = any(self.filters[name] for name in ("made-permanent", "unknown-mfa"))
        return Status.WARN if is_warning or self.is_off_target else Status.OK


def _is_rescue(admin: _Admin) -> bool:
    """It helps only if it needs nobody to activate it."""
    return any(
        way.held.role == _GLOBAL and way.held.form in (_PERMANENT, _OPEN_TERM) for way in admin.ways
    )


def build(data: Snapshot, history: History, period: Period) -> Content:
    join = _Join(data, history, period.end)
    figures = _Figures.of(join)
    return Content(
        lead=_lead(figures),
        digest=_digest(figures, history),
        kpis=_kpis(figures),
        actions=tuple(_actions(figures)),
        changes=changes(
            _TILES,
            figures.filters,
            history,
            unknown=() if join.compares_terms else ("made-permanent",),
        ),
        charts=tuple(_charts(join, figures)),
        table=Table(
            title=Text(de="Alle Inhaber kritischer Rollen", en="All holders of critical roles"),
            counting=Text(de="{n} von {all} Inhabern", en="{n} of {all} holders"),
            columns=_COLUMNS,
            filters=_FILTERS,
            lines=lambda: _lines(join),
            unknown=frozenset(_unknown(join)),
        ),
        about=_about(join),
    )


def _unknown(join: _Join) -> Iterator[str]:
    if not join.knows_mfa:
        yield from ("without-mfa", "weak")
    if not join.known.terms:
        yield "permanent"
    if join.data.missing(ADMIN_SIGN_INS):
        yield "idle"


def _lines(join: _Join) -> Iterator[Line]:
    for admin in join.admins:
        address = admin.who.user_principal_name or ""
        seen = _Seen(admin.name, address, admin.kind, admin.held, join.known)
        yield Line(
            key=admin.who.id,
            cells=_cells(admin, join),
            rank=admin.rank,
            filters=admin.filters,
            memory=remember(seen),
        )
    for key, seen in join.gone:
        roles = join.named({held.role for held in seen.held})
        who = (seen.name, seen.address)
        cells = (who, seen.kind, (), *[None] * 4, _GONE, *[None] * 3, roles)
        yield Line(key=key, cells=cells, rank=9, filters=("gone",))


def _cells(admin: _Admin, join: _Join) -> tuple[Cell, ...]:
    ways, who = admin.ways, admin.who
    account = _SYNCED if admin.is_synced else _CLOUD if admin.is_person else _NEITHER
    return (
        (admin.name, who.user_principal_name or ""),
        admin.kind,
        join.named({way.held.role for way in ways}),
        admin.form,
        admin.mfa,
        admin.last,
        min((way.start for way in ways if way.start), default=None),
        admin.change,
        admin.end,
        tuple(sorted({way.group for way in ways if way.group})),
        account,
        admin.before,
    )


def _lead(figures: _Figures) -> Lead:
    count = figures.filters
    if not count["people"] and not count["apps"]:
        return Lead(figures.status, Message(_ONLY_GROUPS if figures.hides_members else _NOBODY))
    strong = message(
        _HOLDERS_AND_TARGET,
        holders=_holders(figures),
        globals=counted(count["global"], **_GLOBALS),
        fewest=figures.fewest,
        most=figures.most,
        mfa=_mfa_in_words(figures),
    )
    return Lead(figures.status, strong, _rest(figures))


def _holders(figures: _Figures) -> Message:
    people, apps = figures.filters["people"], figures.filters["apps"]
    if not apps:
        return counted(people, **_PEOPLE_HOLD)
    return message(_BOTH_HOLD, people=counted(people, **_PEOPLE), apps=counted(apps, **_APPS))


def _mfa_in_words(figures: _Figures) -> Message:
    without, unknown = figures.filters["without-mfa"], figures.filters["unknown-mfa"]
    if not figures.knows_mfa:
        return Message(terms.MFA_UNKNOWN)
    if unknown and not without:
        return counted(unknown, **_MFA_UNKNOWN_OF)
    return counted(without, **_WITHOUT_MFA)


def _rest(figures: _Figures) -> Message | None:
    count = figures.filters
    return first_two(
        counted(count["guests"], **_GUESTS_HOLD) if count["guests"] else None,
        Message(_NO_RESCUE) if figures.lacks_emergency else None,
        Message(_GROUPS_UNKNOWN) if figures.hides_members else None,
        counted(count["made-permanent"], **_NOW_PERMANENT) if count["made-permanent"] else None,
    )


def _digest(figures: _Figures, history: History) -> Message:
    count = figures.filters["people"]
    people, mfa = counted(count, **_PEOPLE_WITH_ROLES), _mfa_in_words(figures)
    delta = moved(history, "people", count)
    if not delta:
        return message(_IN_SHORT, people=people, mfa=mfa)
    return message(_IN_SHORT_COMPARED, people=people, delta=signed(delta), mfa=mfa)


def _kpis(figures: _Figures) -> tuple[Kpi, ...]:
    count = figures.filters
    return (
        Kpi(
            metric="people",
            label=Text(de="Personen mit kritischen Rollen", en="People with critical roles"),
            value=count["people"],
            base=counted(count["apps"], **_BESIDE_APPS),
            better=Better.DOWN,
        ),
        Kpi(
            metric="global",
            label=_GLOBALS_LABEL,
            value=count["global"],
            base=_target(figures),
            better=Better.DOWN,
        ),
        Kpi(
            metric="permanent",
            label=Text(de="Dauerhaft statt befristet", en="Permanent, not limited in time"),
            value=count["permanent"] if figures.knows_terms else None,
            base=Message(_WITHOUT_RESCUE),
            better=Better.DOWN,
        ),
        Kpi(
            metric="weak",
            label=Text(de="Ohne phishing-resistente MFA", en="Without phishing-resistant MFA"),
            value=count["weak"] if figures.knows_mfa else None,
            base=_weak_base(figures),
            better=Better.DOWN,
            instead=terms.MFA_UNKNOWN,
        ),
    )


def _target(figures: _Figures) -> Message:
    count = figures.filters["eligible-only"]
    text = _TARGET_AND_ELIGIBLE if count else _TARGET
    return message(text, fewest=figures.fewest, most=figures.most, n=count)


def _weak_base(figures: _Figures) -> Message:
    without, unknown = figures.filters["without-mfa"], figures.filters["unknown-mfa"]
    return message(_OF_THEM_WITHOUT if not unknown else _AND_UNKNOWN, n=without, unknown=unknown)


def _actions(figures: _Figures) -> Iterator[Action]:
    if figures.lacks_emergency:
        yield _RESCUE_LOST
    too_many = figures.filters["global"] > figures.most
    yield from actions(_ACTIONS, figures.filters, without=() if too_many else ("global",))
    if not figures.names_emergency:
        yield _RESCUE_UNNAMED


def _charts(join: _Join, figures: _Figures) -> Iterator[Chart]:
    roles = _by_role(join)
    if roles:
        yield _role_chart(join, roles)
    now = Point("global", join.now, figures.filters["global"])
    months = by_month((*join.history.series("global"), now), until=join.now)
    if len(months) > 1:
        yield _trend(months, figures)


def _by_role(join: _Join) -> Mapping[str, Counter[int]]:
    """People by their strongest form, per role."""
    found: defaultdict[str, Counter[int]] = defaultdict(Counter[int])
    for admin in join.admins:
        if admin.is_person:
            for role in {way.held.role for way in admin.ways}:
                forms = (way.held.form for way in admin.ways if way.held.role == role)
                found[role][min(forms)] += 1
    return found


def _role_chart(join: _Join, roles: Mapping[str, Counter[int]]) -> ShareChart:
    most = sorted(roles.items(), key=lambda r: (-r[1].total(), join.role_names.get(r[0], r[0])))
    forms = [n for n in range(len(_PARTS)) if any(count[n] for count in roles.values())]
    permanent = sum(1 for count in roles.values() if count[_PERMANENT])
    return ShareChart(
        title=Text(de="Dauerhaft oder nur berechtigt", en="Permanent or only eligible"),
        subtitle=Text(
            de="Personen je kritischer Rolle, häufigste zuerst",
            en="People per critical role, most frequent first",
        ),
        summary=counted(permanent, **_ROLES_HELD),
        unit=_PEOPLE_UNIT,
        parts=tuple(_PARTS[n] for n in forms),
        rows=tuple(
            ShareRow(
                label=_in_short(join.role_names.get(role, role)),
                values=tuple(count[n] / count.total() for n in forms),
                note=counted(count.total(), **_PEOPLE),
                people=count.total(),
            )
            for role, count in most[:_MOST_ROLES]
        ),
    )


def _in_short(role: str) -> str:
    return role.removesuffix("istrator") if role.endswith(" Administrator") else role


def _trend(months: Mapping[date, float], figures: _Figures) -> ColumnChart:
    return ColumnChart(
        title=_GLOBALS_LABEL,
        subtitle=Text(de="Personen am Ende jedes Monats", en="People at the end of each month"),
        summary=message(
            _TREND, first=int(next(iter(months.values()))), now=figures.filters["global"]
        ),
        unit=_PEOPLE_UNIT,
        labels=tuple(months),
        series=(
            Series(
                label=_GLOBALS_LABEL,
                values=tuple(months.values()),
                colour=Colour.BEST,
            ),
        ),
    )


def _about(join: _Join) -> tuple[tuple[Text, Message], ...]:
    roles = Listing(join.named(join.roles))
    return (
        *_ABOUT,
        (Text(de="Kritische Rollen", en="Critical roles"), message(_LIST, roles=roles)),
    )


_NOBODY = Text(
    de="Keine Person und keine Anwendung hat eine kritische Rolle.",
    en="No person and no application holds a critical role.",
)
_ONLY_GROUPS = Text(
    de="Kritische Rollen sind an Gruppen vergeben; wer ihnen angehört, ist nicht bekannt.",
    en="Critical roles are held by groups; who belongs to them is not known.",
)
_GROUPS_UNKNOWN = Text(
    de="Wer über Gruppen eine kritische Rolle hat, ist nicht bekannt.",
    en="Who holds a critical role through groups is not known.",
)
_HOLDERS_AND_TARGET = Text(
    de="{holders}; {globals} (Ziel {fewest}–{most}), {mfa}.",
    en="{holders}; {globals} (target {fewest}–{most}), {mfa}.",
)
_BOTH_HOLD = Text(
    de="{people} und {apps} haben kritische Rollen", en="{people} and {apps} hold critical roles"
)
_PEOPLE_HOLD = {
    "one": Text(de="1 Person hat kritische Rollen", en="1 person holds critical roles"),
    "other": Text(de="{n} Personen haben kritische Rollen", en="{n} people hold critical roles"),
}
_PEOPLE = {
    "zero": Text(de="Keine Person", en="No person"),
    "one": Text(de="1 Person", en="1 person"),
    "other": Text(de="{n} Personen", en="{n} people"),
}
_APPS = {
    "one": Text(de="1 Anwendung", en="1 application"),
    "other": Text(de="{n} Anwendungen", en="{n} applications"),
}
_GLOBALS = {
    "zero": Text(de="kein globaler Administrator", en="no Global Administrator"),
    "one": Text(de="1 globaler Administrator", en="1 Global Administrator"),
    "other": Text(de="{n} globale Administratoren", en="{n} Global Administrators"),
}
_MFA_UNKNOWN_OF = {
    "one": Text(de="MFA-Status von 1 Person unbekannt", en="MFA state of 1 person unknown"),
    "other": Text(de="MFA-Status von {n} Personen unbekannt", en="MFA state of {n} people unknown"),
}
_WITHOUT_MFA = {
    "zero": Text(de="niemand ohne MFA", en="nobody without MFA"),
    "one": Text(de="1 Person ohne MFA", en="1 person without MFA"),
    "other": Text(de="{n} Personen ohne MFA", en="{n} people without MFA"),
}
_GUESTS_HOLD = {
    "one": Text(de="1 Gast hat eine kritische Rolle.", en="1 guest holds a critical role."),
    "other": Text(
        de="{n} Gäste haben eine kritische Rolle.", en="{n} guests hold a critical role."
    ),
}
_NO_RESCUE = Text(
    de="Kein benanntes Notfallkonto ist dauerhaft globaler Administrator.",
    en="No named emergency account is permanently a Global Administrator.",
)
_NOW_PERMANENT = {
    "one": Text(
        de="1 bekannter Inhaber hat eine Rolle neu dauerhaft.",
        en="1 known holder has a role permanently now.",
    ),
    "other": Text(
        de="{n} bekannte Inhaber haben eine Rolle neu dauerhaft.",
        en="{n} known holders have a role permanently now.",
    ),
}
_PEOPLE_WITH_ROLES = {
    "zero": Text(de="Niemand mit kritischen Rollen", en="Nobody with critical roles"),
    "one": Text(de="1 Person mit kritischen Rollen", en="1 person with critical roles"),
    "other": Text(de="{n} Personen mit kritischen Rollen", en="{n} people with critical roles"),
}
_IN_SHORT = Text(de="{people}, {mfa}", en="{people}, {mfa}")
_IN_SHORT_COMPARED = Text(de="{people} ({delta}), {mfa}", en="{people} ({delta}), {mfa}")
_BESIDE_APPS = {
    "zero": Text(de="keine Anwendung", en="no application"),
    "one": Text(de="und 1 Anwendung", en="and 1 application"),
    "other": Text(de="und {n} Anwendungen", en="and {n} applications"),
}
_TARGET = Text(de="Ziel {fewest}–{most}", en="target {fewest}–{most}")
_TARGET_AND_ELIGIBLE = Text(
    de="Ziel {fewest}–{most}; davon nur berechtigt (PIM):\u00a0{n}",
    en="target {fewest}–{most}; only eligible (PIM): {n} of them",
)
_WITHOUT_RESCUE = Text(de="Personen, ohne Notfallkonten", en="people, emergency accounts aside")
_OF_THEM_WITHOUT = Text(de="davon ohne jede MFA: {n}", en="without any MFA: {n} of them")
_AND_UNKNOWN = Text(
    de="davon ohne jede MFA: {n}; unbekannt: {unknown}",
    en="without any MFA: {n} of them; unknown: {unknown}",
)
_ROLES_HELD = {
    "zero": Text(
        de="Keine kritische Rolle ist dauerhaft vergeben.",
        en="No critical role is held permanently.",
    ),
    "one": Text(
        de="1 kritische Rolle ist dauerhaft vergeben.",
        en="1 critical role is held permanently.",
    ),
    "other": Text(
        de="{n} kritische Rollen sind dauerhaft vergeben.",
        en="{n} critical roles are held permanently.",
    ),
}
_TREND = Text(
    de="Globale Administratoren: zuerst {first}, jetzt {now}.",
    en="Global Administrators: {first} at first, {now} now.",
)
_LIST = Text(de="{roles}.", en="{roles}.")

_GLOBALS_LABEL = Text(de="Globale Administratoren", en="Global Administrators")
_PERMANENT_LABEL = Text(de="Dauerhaft", en="Permanent")
_PEOPLE_UNIT = Text(de="Personen", en="People")

_PARTS = (
    (_PERMANENT_LABEL, Colour.WARN),
    (Text(de="Laufzeit unbekannt", en="Term unknown"), Colour.NEUTRAL),
    (Text(de="Befristet", en="Limited in time"), Colour.GOOD),
    (Text(de="Berechtigt (PIM)", en="Eligible (PIM)"), Colour.BEST),
)
_TILES = (
    Tile("added", Text(de="Neue Inhaber", en="New holders"), Tone.INFO),
    Tile("gone", Text(de="Entfernte Inhaber", en="Removed holders"), Tone.NEUTRAL),
    Tile("changed", Text(de="Rollen geändert", en="Roles changed"), Tone.INFO),
    Tile("made-permanent", Text(de="Neu dauerhaft", en="Permanent now"), Tone.WARN),
)
_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="people", label=Text(de="Personen", en="People"), is_chip=False),
    Filter(id="global", label=_GLOBALS_LABEL),
    Filter(id="without-mfa", label=terms.WITHOUT_MFA),
    Filter(
        id="weak",
        label=Text(de="Ohne phishing-resistente MFA", en="Without phishing-resistant MFA"),
        is_chip=False,
    ),
    Filter(id="permanent", label=_PERMANENT_LABEL),
    Filter(id="guests", label=Text(de="Gäste", en="Guests")),
    Filter(id="apps", label=Text(de="Anwendungen", en="Applications")),
    Filter(id="synced", label=Text(de="Synchronisiert", en="Synchronised"), is_chip=False),
    Filter(
        id="idle", label=Text(de="Über 90 Tage ohne Anmeldung", en="No sign-in for over 90 days")
    ),
    Filter(
        id="left-over",
        label=Text(de="Deaktiviert oder gelöscht", en="Disabled or deleted"),
        is_chip=False,
    ),
    Filter(id="unknown-mfa", label=Text(de="MFA unbekannt", en="MFA unknown"), is_chip=False),
    Filter(
        id="eligible-only",
        label=Text(
            de="Nur berechtigte globale Administratoren", en="Eligible Global Administrators"
        ),
        is_chip=False,
    ),
    *(tile.filter for tile in _TILES),
)

_KIND_OPTIONS = (
    Option(Text(de="Person", en="Person")),
    Option(Text(de="Notfallkonto", en="Emergency account"), Tone.INFO, "★"),
    Option(Text(de="Gast mit Rolle", en="Guest with role"), Tone.BAD, "✕"),
    Option(Text(de="Deaktiviertes Konto", en="Disabled account"), Tone.WARN, "△"),
    Option(Text(de="Anwendung", en="Application"), Tone.NEUTRAL, "◇"),
    Option(Text(de="Gruppe, Mitglieder unbekannt", en="Group, members unknown"), Tone.WARN, "△"),
    Option(Text(de="Gelöscht/unbekannt", en="Deleted/unknown"), Tone.WARN, "?"),
)
_FORM_OPTIONS = (
    Option(_PERMANENT_LABEL, Tone.WARN, "△"),
    Option(Text(de="Aktiv, Laufzeit unbekannt", en="Active, term unknown"), Tone.NEUTRAL, "?"),
    Option(Text(de="Befristet", en="Limited in time"), Tone.OK, "✓"),
    Option(Text(de="Berechtigt (PIM)", en="Eligible (PIM)"), Tone.OK, "✓"),
)
_MFA_OPTIONS = (
    Option(terms.NO_MFA, Tone.BAD, "✕"),
    Option(Text(de="Einfache MFA", en="Simple MFA"), Tone.WARN, "△"),
    Option(terms.PHISHING_RESISTANT, Tone.OK, "✓"),
    Option(Text(de="Entfällt", en="Not applicable")),
)
_ACCOUNT_OPTIONS = (
    Option(Text(de="Nur Cloud", en="Cloud only"), Tone.OK, "✓"),
    Option(Text(de="Synchronisiert", en="Synchronised"), Tone.WARN, "△"),
    Option(Text(de="Entfällt", en="Not applicable")),
)
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(terms.ADDED, Tone.INFO),
    Option(Text(de="Rollen geändert", en="Roles changed"), Tone.INFO),
    Option(Text(de="Neu dauerhaft", en="Permanent now"), Tone.WARN),
    Option(terms.REMOVED, Tone.NEUTRAL),
)
_COLUMNS = (
    Column(
        label=Text(de="Inhaber", en="Holder"),
        kind=Kind.PAIR,
        small=terms.SIGN_IN_NAME,
        personal=True,
    ),
    Column(label=Text(de="Art", en="Type"), kind=Kind.CHOICE, options=_KIND_OPTIONS),
    Column(label=Text(de="Kritische Rollen", en="Critical roles"), kind=Kind.LIST),
    Column(label=Text(de="Zuweisung", en="Assignment"), kind=Kind.CHOICE, options=_FORM_OPTIONS),
    Column(label=Text(de="MFA", en="MFA"), kind=Kind.CHOICE, options=_MFA_OPTIONS),
    Column(label=terms.LAST_SIGN_IN, kind=Kind.DATE),
    Column(label=Text(de="Seit", en="Since"), kind=Kind.DATE, secondary=True),
    Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
    Column(label=Text(de="Endet am", en="Ends on"), kind=Kind.DATE, detail=True),
    Column(label=Text(de="Über Gruppe", en="Through group"), kind=Kind.LIST, detail=True),
    Column(
        label=Text(de="Konto", en="Account"),
        kind=Kind.CHOICE,
        options=_ACCOUNT_OPTIONS,
        detail=True,
    ),
    Column(label=Text(de="Rollen vorher", en="Roles before"), kind=Kind.LIST, detail=True),
)

_ACTIONS = (
    CountedAction(
        filter="without-mfa",
        priority=Priority.CRITICAL,
        one=Text(
            de="MFA für 1 Person mit kritischen Rollen einrichten",
            en="Set up MFA for 1 person with critical roles",
        ),
        other=Text(
            de="MFA für {n} Personen mit kritischen Rollen einrichten",
            en="Set up MFA for {n} people with critical roles",
        ),
        why=Text(
            de="Ohne zweiten Faktor genügt ein gestohlenes Kennwort, um die Rolle zu übernehmen. "
            "Das gilt auch für Notfallkonten: Dort hilft ein FIDO2-Schlüssel im Tresor.",
            en="Without a second factor a stolen password is enough to take over the role. "
            "Emergency accounts are no exception: keep a FIDO2 key in a safe.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="guests",
        priority=Priority.CRITICAL,
        one=Text(
            de="Kritische Rolle von 1 Gast entziehen",
            en="Remove the critical role of 1 guest",
        ),
        other=Text(
            de="Kritische Rollen von {n} Gästen entziehen",
            en="Remove the critical roles of {n} guests",
        ),
        why=Text(
            de="Für Gäste gelten die Sicherheitsregeln einer fremden Organisation. Dienstleister "
            "erhalten Zugriff besser befristet über GDAP oder ein eigenes Konto.",
            en="Guests follow the security rules of another organisation. Service providers are "
            "better given access for a limited time by GDAP or an account of your own.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="global",
        priority=Priority.HIGH,
        one=Text(
            de="1 globalen Administrator prüfen und die Rolle entziehen",
            en="Review 1 Global Administrator and remove the role",
        ),
        other=Text(
            de="{n} globale Administratoren prüfen und Rollen entziehen",
            en="Review {n} Global Administrators and remove roles",
        ),
        why=Text(
            de="Globale Administratoren dürfen alles. Für die meisten Aufgaben genügt eine engere "
            "Rolle; je weniger es sind, desto kleiner ist die Angriffsfläche.",
            en="Global Administrators may do everything. A narrower role suffices for most tasks; "
            "the fewer there are, the less there is to attack.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="left-over",
        priority=Priority.HIGH,
        one=Text(
            de="Rolle von 1 deaktivierten oder gelöschten Konto entziehen",
            en="Remove the role of 1 disabled or deleted account",
        ),
        other=Text(
            de="Rollen von {n} deaktivierten oder gelöschten Konten entziehen",
            en="Remove the roles of {n} disabled or deleted accounts",
        ),
        why=Text(
            de="Wer das Konto wieder aktiviert oder wiederherstellt, erhält mit ihm die Rolle.",
            en="Whoever enables or restores the account gets the role with it.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="permanent",
        priority=Priority.MEDIUM,
        one=Text(
            de="PIM einsetzen: dauerhafte Rolle von 1 Person befristen",
            en="Use PIM: limit the permanent role of 1 person",
        ),
        other=Text(
            de="PIM einsetzen: dauerhafte Rollen von {n} Personen befristen",
            en="Use PIM: limit the permanent roles of {n} people",
        ),
        why=Text(
            de="Mit Privileged Identity Management (Microsoft Entra ID P2) wird eine Rolle nur "
            "aktiviert, solange sie gebraucht wird. Ohne diese Lizenz hilft ein eigenes Konto, "
            "das nur zum Administrieren dient.",
            en="With Privileged Identity Management (Microsoft Entra ID P2) a role is activated only "
            "while it is needed. Without that licence, a separate account that serves nothing but "
            "administration helps.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="idle",
        priority=Priority.MEDIUM,
        one=Text(
            de="Rolle von 1 Admin ohne Anmeldung prüfen",
            en="Review the role of 1 admin who does not sign in",
        ),
        other=Text(
            de="Rollen von {n} Admins ohne Anmeldung prüfen",
            en="Review the roles of {n} admins who do not sign in",
        ),
        why=Text(
            de="Wer sich über 90 Tage nicht angemeldet hat, braucht die Rolle meist nicht mehr.",
            en="Who has not signed in for over 90 days rarely needs the role any more.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="apps",
        priority=Priority.MEDIUM,
        one=Text(
            de="Kritische Rolle von 1 Anwendung prüfen",
            en="Review the critical role of 1 application",
        ),
        other=Text(
            de="Kritische Rollen von {n} Anwendungen prüfen",
            en="Review the critical roles of {n} applications",
        ),
        why=Text(
            de="Eine Anwendung meldet sich ohne MFA an. Meist genügen ihr einzelne "
            "Graph-Berechtigungen statt einer Adminrolle.",
            en="An application signs in without MFA. Single permissions of Microsoft Graph mostly "
            "suffice instead of an admin role.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="synced",
        priority=Priority.MEDIUM,
        one=Text(
            de="1 synchronisiertes Adminkonto durch ein Cloudkonto ersetzen",
            en="Replace 1 synchronised admin account by a cloud account",
        ),
        other=Text(
            de="{n} synchronisierte Adminkonten durch Cloudkonten ersetzen",
            en="Replace {n} synchronised admin accounts by cloud accounts",
        ),
        why=Text(
            de="Wer das lokale Active Directory übernimmt, übernimmt sonst auch Microsoft 365.",
            en="Otherwise, whoever takes over the local Active Directory takes over Microsoft 365.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="weak",
        priority=Priority.LOW,
        one=Text(
            de="Phishing-resistente MFA für 1 Admin einführen",
            en="Introduce phishing-resistant MFA for 1 admin",
        ),
        other=Text(
            de="Phishing-resistente MFA für {n} Admins einführen",
            en="Introduce phishing-resistant MFA for {n} admins",
        ),
        why=Text(
            de="Codes und Bestätigungen lassen sich auf einer gefälschten Seite abfangen, Passkeys "
            "und FIDO2-Schlüssel nicht.",
            en="Codes and confirmations can be caught on a false page, passkeys and FIDO2 keys "
            "cannot.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
)
_RESCUE_LOST = Action(
    title=Message(Text(de="Notfallkonto wiederherstellen", en="Restore the emergency account")),
    why=Message(
        Text(
            de="Ohne Konto, das dauerhaft globaler Administrator ist, sperrt ein Fehler in MFA oder "
            "bedingtem Zugriff alle aus.",
            en="Without an account that is permanently a Global Administrator, a mistake in MFA or "
            "conditional access locks everybody out.",
        )
    ),
    priority=Priority.CRITICAL,
    who=terms.CUSTOMER_ASSISTED,
    effort=terms.LOW_EFFORT,
)
_RESCUE_UNNAMED = Action(
    title=Message(Text(de="Notfallkonten benennen", en="Name the emergency accounts")),
    why=Message(
        Text(
            de="Teilen Sie uns mit, welche Konten für den Notfall sind (empfohlen: zwei). Dann "
            "prüft dieser Bericht, ob sie bereitstehen, und zählt sie nicht als Abweichung.",
            en="Tell us which accounts are for emergencies (two are recommended). This report then "
            "checks that they are ready, and does not count them as deviations.",
        )
    ),
    priority=Priority.LOW,
    who=terms.CUSTOMER,
    effort=terms.LOW_EFFORT,
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Microsoft Graph: roleManagement/directory (Zuweisungen, Laufzeiten, PIM-Berechtigungen, Rollen), "
            "groups/transitiveMembers, userRegistrationDetails, users (signInActivity).",
            en="Microsoft Graph: roleManagement/directory (assignments, terms, PIM eligibility, roles), "
            "groups/transitiveMembers, userRegistrationDetails, users (signInActivity).",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Eine Zeile je Inhaber mindestens einer kritischen Rolle, ob aktiv oder nur berechtigt (PIM), direkt oder "
            "über eine Gruppe, auch eine verschachtelte. Rollen, die nur für eine Verwaltungseinheit gelten, zählen mit. "
            "Personen und Anwendungen zählen getrennt. „Zuweisung“ nennt die stärkste: dauerhaft vor befristet vor "
            "berechtigt. Wer eine Rolle für Stunden aktiviert hat, zählt als berechtigt. Verglichen wird nach Objekt-ID "
            "mit dem letzten Bericht; was erst sichtbar wurde, ist keine Änderung.",
            en="One line per holder of at least one critical role, active or only eligible (PIM), direct or through a "
            "group, nested ones included. Roles limited to an administrative unit count too. People and applications "
            'count apart. "Assignment" names the strongest: permanent before limited before eligible. Who activated a '
            "role for some hours counts as eligible. The comparison with the last report is by object id; what has only "
            "become visible is no change.",
        ),
    ),
    (
        Text(de="MFA-Status", en="MFA state"),
        Text(
            de="„Keine MFA“ heißt: keine Methode, die registriert und vom Mandanten erlaubt ist. „Einfache MFA“ lässt sich "
            "auf einer gefälschten Seite abfangen. Phishing-resistent sind "
            "FIDO2, Passkeys, Windows Hello for Business, Platform SSO und Zertifikate. Gäste, die ihre Methoden in ihrem "
            "Heimatmandanten haben, und deaktivierte Konten werden nicht beurteilt.",
            en='"No MFA" means: no method that is registered and allowed by the tenant. "Simple MFA" can be caught on a '
            "false page. Phishing-resistant are FIDO2, "
            "passkeys, Windows Hello for Business, platform SSO and certificates. Guests whose methods are in their home "
            "tenant, and disabled accounts, are not judged.",
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Rollen: Stand der Abfrage. Anmeldungen und MFA-Methoden: bis zu 24 Stunden verzögert.",
            en="Roles: as of the query. Sign-ins and MFA methods: up to 24 hours late.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Nicht enthalten: Mitgliedschaften in Rollengruppen, die über PIM für Gruppen erst aktiviert werden, Rollen "
            "in Exchange, Intune, Defender und Azure, delegierte Rechte von Partnern (GDAP).",
            en="Not included: memberships of role groups that are activated by PIM for Groups, roles inside Exchange, "
            "Intune, Defender and Azure, delegated rights of partners (GDAP).",
        ),
    ),
)

REPORT = ReportType(
    name="admin-roles",
    title=Text(de="Administratoren", en="Administrators"),
    area=terms.IDENTITY_AREA,
    summary=Text(
        de="Wer kritische Rollen hat, auf welchem Weg, wie lange und wie gut geschützt.",
        en="Who holds critical roles, in which way, for how long and how well protected.",
    ),
    cadence="0 6 * * MON",
    needs=(
        ROLE_HOLDERS,
        ROLE_DEFINITIONS,
        ROLE_SCHEDULES,
        ROLE_ELIGIBILITIES,
        ROLE_GROUP_MEMBERS,
        ADMIN_REGISTRATIONS,
        ADMIN_SIGN_INS,
    ),
    build=build,
    options=AdminOptions,
    extras=(
        Extra(
            datasets=(ROLE_SCHEDULES, ROLE_ELIGIBILITIES),
            without=Text(
                de="Rollen, für die jemand nur berechtigt ist (PIM), und befristete gibt es nur mit Microsoft Entra ID P2; "
                "ohne diese Lizenz entfallen sie, und jede Zuweisung ist dauerhaft.",
                en="Roles that somebody is only eligible for (PIM), or holds for a limited time, exist only with Microsoft "
                "Entra ID P2; without that licence they do not apply, and each assignment is permanent.",
            ),
        ),
        Extra(
            datasets=(ADMIN_REGISTRATIONS,),
            without=Text(
                de="Wie Admins mit MFA geschützt sind, gibt Microsoft nur mit Microsoft Entra ID P1 bekannt; ohne diese "
                "Lizenz gehört es nicht zum Bericht.",
                en="Microsoft tells how admins are protected by MFA with Microsoft Entra ID P1 only; without that licence "
                "it is not part of the report.",
            ),
        ),
        Extra(datasets=(ADMIN_SIGN_INS,), without=terms.WITHOUT_SIGN_INS),
    ),
)
