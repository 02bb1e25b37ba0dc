"""Guest users: who is still needed, who never came, and who holds an admin role."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from shared_code.core.dataset import Snapshot
from shared_code.core.period import Period
from shared_code.core.report import (
    NEVER,
    Action,
    Bar,
    BarChart,
    Better,
    Cell,
    Change,
    Column,
    Content,
    Filter,
    History,
    Kind,
    Kpi,
    Lead,
    Line,
    Never,
    Option,
    Priority,
    ReportType,
    Status,
    Table,
    Tone,
)
from shared_code.core.text import Message, Text, counted, message
from shared_code.datasets.guests import (
    GUEST_SIGN_INS,
    GUEST_SPONSORS,
    GUESTS,
    Guest,
    SignInActivity,
)
from shared_code.datasets.roles import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS

_IDLE = timedelta(days=90)
_OVERDUE = timedelta(days=30)
_MOST_DOMAINS = 8

# Graph writes year 1 for a sign-in that never was; sign-ins are recorded since April 2020.
_FIRST_YEAR = 2010

_ACCEPTED, _OPEN, _DISABLED, _REMOVED = range(4)
_SAME, _ADDED, _IDLE_NOW, _BACK, _GONE = range(5)


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares a guest with; `is_idle` None: could not be known."""

    name: str
    mail: str
    is_idle: bool | None


@dataclass(frozen=True, slots=True)
class _Person:
    """A guest with everything joined; None is unknown, an empty tuple is none."""

    guest: Guest
    status: int
    last: datetime | Never | None
    is_idle: bool | None
    is_overdue: bool
    sponsors: tuple[str, ...] | None
    roles: tuple[str, ...] | None
    change: int

    @property
    def is_unsponsored(self) -> bool:
        return self.sponsors == () and self.status != _DISABLED

    @property
    def rank(self) -> int:
        worst_first = (bool(self.roles), self.is_idle, self.is_overdue, self.status != _DISABLED)
        return next((n for n, holds in enumerate(worst_first) if holds), len(worst_first))

    @property
    def filters(self) -> tuple[str, ...]:
        belongs = {
            "all": True,
            "roles": bool(self.roles),
            "idle": self.is_idle,
            "overdue": self.is_overdue,
            "unsponsored": self.is_unsponsored,
            "disabled": self.status == _DISABLED,
            "added": self.change == _ADDED,
            "idle-now": self.change == _IDLE_NOW,
            "back": self.change == _BACK,
        }
        return tuple(name for name, holds in belongs.items() if holds)


@dataclass(frozen=True, slots=True)
class _Join:
    """Looks up what belongs to a guest; datasets that could not be read give None."""

    data: Snapshot
    history: History
    now: datetime
    roles: Mapping[str, tuple[str, ...]] | None
    knows_sign_ins: bool
    knows_sponsors: bool

    @classmethod
    def of(cls, data: Snapshot, history: History, now: datetime) -> "_Join":
        return cls(
            data,
            history,
            now,
            _roles(data),
            knows_sign_ins=data.missing(GUEST_SIGN_INS) is None,
            knows_sponsors=data.missing(GUEST_SPONSORS) is None,
        )

    def people(self, order_by: str | None = None) -> Iterator[_Person]:
        return (self._person(guest) for guest in self.data.rows(GUESTS, order_by=order_by))

    def gone(self) -> Iterator[tuple[str, _Seen]]:
        """Guests of the compared report that are no guests any more."""
        remembered = self.history.remembered(_Seen)
        return ((k, seen) for k, seen in remembered if self.data.get(GUESTS, k) is None)

    def _person(self, guest: Guest) -> _Person:
        status = _status(guest)
        last = self._last_sign_in(guest.id)
        is_idle = self._is_idle(guest, last) if status == _ACCEPTED else False
        return _Person(
            guest=guest,
            status=status,
            last=last,
            is_idle=is_idle,
            is_overdue=status == _OPEN and self._is_older(guest, _OVERDUE),
            sponsors=self._sponsors(guest.id),
            roles=None if self.roles is None else self.roles.get(guest.id, ()),
            change=self._change(guest.id, is_idle),
        )

    def _last_sign_in(self, key: str) -> datetime | Never | None:
        row = self.data.get(GUEST_SIGN_INS, key) if self.knows_sign_ins else None
        return _latest(row.sign_in_activity) if row else None

    def _is_idle(self, guest: Guest, last: datetime | Never | None) -> bool | None:
        if last is None:
            return None
        return self._is_older(guest, _IDLE) if last is NEVER else self.now - last > _IDLE

    def _is_older(self, guest: Guest, age: timedelta) -> bool:
        # Graph leaves the creation out for the oldest objects only.
        return guest.created_date_time is None or self.now - guest.created_date_time > age

    def _sponsors(self, key: str) -> tuple[str, ...] | None:
        row = self.data.get(GUEST_SPONSORS, key) if self.knows_sponsors else None
        return tuple(s.display_name or s.id for s in row.sponsors) if row else None

    def _change(self, key: str, is_idle: bool | None) -> int:  # noqa: FBT001
        if self.history.compared_with is None:
            return _SAME
        before = self.history.before(key, _Seen)
        if before is None:
            return _ADDED
        # What became known or unknown is no change of the tenant.
        if before.is_idle is None or is_idle is None or before.is_idle == is_idle:
            return _SAME
        return _IDLE_NOW if is_idle else _BACK


@dataclass(slots=True)
class _Tally:
    """One fold over all guests."""

    total: int = 0
    status: Counter[int] = field(default_factory=Counter[int])
    filters: Counter[str] = field(default_factory=Counter[str])
    domains: Counter[str] = field(default_factory=Counter[str])
    ages: Counter[int] = field(default_factory=Counter[int])
    sponsors_known: int = 0
    gone: int = 0

    def add(self, person: _Person, now: datetime) -> None:
        self.total += 1
        self.status[person.status] += 1
        self.filters.update(person.filters)
        self.domains[_domain(person.guest)] += 1
        self.sponsors_known += person.sponsors is not None and person.status != _DISABLED
        if person.status == _ACCEPTED:
            self.ages[_age_band(person.last, now)] += 1


def build(data: Snapshot, history: History, period: Period) -> Content:
    join = _Join.of(data, history, period.end)
    tally = _Tally()
    for person in join.people():
        tally.add(person, period.end)
    tally.gone = sum(1 for _ in join.gone())
    return Content(
        lead=_lead(tally, join),
        kpis=_kpis(tally, join),
        actions=tuple(_actions(tally)),
        changes=_changes(tally, join) if history.compared_with else (),
        charts=tuple(_charts(tally, join)),
        table=Table(
            title=_TABLE,
            counting=_COUNTING,
            columns=_COLUMNS,
            filters=_FILTERS,
            lines=lambda: _lines(join),
        ),
        about=_ABOUT,
    )


def _lines(join: _Join) -> Iterator[Line]:
    encode = msgspec.msgpack.encode
    for person in join.people(order_by="display_name"):
        guest, name, mail = person.guest, _name(person.guest), person.guest.mail or ""
        yield Line(
            key=guest.id,
            cells=_cells(person, name, mail, join.now),
            rank=person.rank,
            filters=person.filters,
            memory=msgspec.Raw(encode(_Seen(name, mail, person.is_idle))),
        )
    for key, seen in join.gone():
        cells = ((seen.name, seen.mail), "", _REMOVED, None, None, None, None, None, _GONE)
        yield Line(key=key, cells=cells, rank=9, filters=("gone",))


def _cells(person: _Person, name: str, mail: str, now: datetime) -> tuple[Cell, ...]:
    created = person.guest.created_date_time
    age = max((now - created).days, 0) if created else None
    domain = _domain(person.guest)
    status, change = person.status, person.change
    known = (person.last, person.sponsors, person.roles)
    return ((name, mail), domain, status, created, age, *known, change)


def _roles(data: Snapshot) -> Mapping[str, tuple[str, ...]] | None:
    """Role names by holder; assignments are few, whatever the size of the tenant."""
    if data.missing(ROLE_ASSIGNMENTS):
        return None
    names: dict[str, str | None] = {}
    if data.missing(ROLE_DEFINITIONS) is None:
        names = {role.id: role.display_name for role in data.rows(ROLE_DEFINITIONS)}
    held: defaultdict[str, set[str]] = defaultdict(set)
    for assignment in data.rows(ROLE_ASSIGNMENTS):
        role = assignment.role_definition_id
        held[assignment.principal_id].add(names.get(role) or role)
    return {holder: tuple(sorted(roles)) for holder, roles in held.items()}


def _status(guest: Guest) -> int:
    if guest.account_enabled is False:
        return _DISABLED
    return _OPEN if guest.external_user_state == "PendingAcceptance" else _ACCEPTED


def _latest(activity: SignInActivity | None) -> datetime | Never:
    times = (
        activity.last_sign_in_date_time if activity else None,
        activity.last_non_interactive_sign_in_date_time if activity else None,
        activity.last_successful_sign_in_date_time if activity else None,
    )
    return max((t for t in times if t and t.year >= _FIRST_YEAR), default=NEVER)


def _domain(guest: Guest) -> str:
    """Of the mail address, else of the sign-in name, which is anna_contoso.com#EXT#@…"""
    if guest.mail and "@" in guest.mail:
        return guest.mail.rpartition("@")[2].lower()
    outside = (guest.user_principal_name or "").partition("#EXT#")[0]
    return outside.rpartition("_")[2].lower()


def _name(guest: Guest) -> str:
    return guest.display_name or guest.mail or guest.user_principal_name or guest.id


def _age_band(last: datetime | Never | None, now: datetime) -> int:
    """Index into _BANDS."""
    if last is None:
        return len(_BANDS) - 1
    if last is NEVER:
        return len(_BANDS) - 2
    return sum((now - last).days > limit for limit in (30, 90, 180))


def _lead(tally: _Tally, join: _Join) -> Lead:
    roles, idle, overdue = (tally.filters[name] for name in ("roles", "idle", "overdue"))
    status = Status.BAD if roles else Status.WARN if idle or overdue else Status.OK
    if not tally.total:
        return Lead(status, Message(_NO_GUESTS))
    guests = counted(tally.total, one=_ONE_GUEST, other=_MANY_GUESTS)
    idle_words = counted(idle, zero=_NONE_IDLE, one=_ONE_IDLE, other=_MANY_IDLE)
    strong = (
        message(_GUESTS_IDLE, guests=guests, idle=idle_words) if join.knows_sign_ins else guests
    )
    sentences = [counted(overdue, zero=_NONE_OVERDUE, one=_ONE_OVERDUE, other=_MANY_OVERDUE)]
    if roles:
        sentences.append(counted(roles, one=_ONE_ADMIN, other=_MANY_ADMINS))
    first, *more = sentences
    rest = message(_TWO_SENTENCES, first=first, second=more[0]) if more else first
    return Lead(status, message(_SENTENCE, text=strong), rest)


def _kpis(tally: _Tally, join: _Join) -> tuple[Kpi, ...]:
    active = tally.status[_ACCEPTED]
    return (
        Kpi(
            metric="total",
            label=Text(de="Gäste gesamt", en="Guests in total"),
            value=tally.total,
            base=message(_TOTAL_BASE, open=tally.status[_OPEN], off=tally.status[_DISABLED]),
        ),
        Kpi(
            metric="idle",
            label=Text(de="Über 90 Tage ohne Anmeldung", en="No sign-in for over 90 days"),
            value=tally.filters["idle"] if join.knows_sign_ins else None,
            base=message(Text(de="von {n} aktiven Gästen", en="of {n} active guests"), n=active),
            better=Better.DOWN,
        ),
        Kpi(
            metric="overdue",
            label=Text(de="Einladung über 30 Tage offen", en="Invitation open for over 30 days"),
            value=tally.filters["overdue"],
            base=message(
                Text(de="von {n} offenen Einladungen", en="of {n} open invitations"),
                n=tally.status[_OPEN],
            ),
            better=Better.DOWN,
        ),
        Kpi(
            metric="unsponsored",
            label=Text(de="Ohne Sponsor", en="Without a sponsor"),
            value=tally.filters["unsponsored"] if join.knows_sponsors else None,
            base=message(
                Text(de="von {n} Gästen", en="of {n} guests"),
                n=tally.total - tally.status[_DISABLED],
            ),
            better=Better.DOWN,
        ),
    )


def _actions(tally: _Tally) -> Iterator[Action]:
    for name, priority, one, other, why, effort in _ACTIONS:
        count = tally.filters[name]
        if count:
            yield Action(
                title=counted(count, one=one, other=other),
                why=Message(why),
                priority=priority,
                who=_CUSTOMER,
                effort=effort,
                filter=name,
            )


def _changes(tally: _Tally, join: _Join) -> tuple[Change, ...]:
    counts = {**tally.filters, "gone": tally.gone}
    unknown = () if join.knows_sign_ins else ("idle-now", "back")
    return tuple(
        Change(
            filter=f.id,
            label=f.label,
            count=None if f.id in unknown else counts.get(f.id, 0),
            tone=tone,
        )
        for f, tone in _TILES
    )


def _charts(tally: _Tally, join: _Join) -> Iterator[BarChart]:
    if not tally.total:
        return
    if join.knows_sign_ins:
        yield BarChart(
            title=Text(de="Letzte Anmeldung", en="Last sign-in"),
            subtitle=Text(
                de="Aktive Gäste nach Tagen seit der Anmeldung",
                en="Active guests by days since sign-in",
            ),
            summary=message(_AGES, old=tally.filters["idle"], all=tally.status[_ACCEPTED]),
            unit=_UNIT,
            bars=tuple(
                Bar(label=label, value=tally.ages[band], tone=tone)
                for band, (label, tone) in enumerate(_BANDS)
                if tally.ages[band] or band < len(_BANDS) - 1
            ),
        )
    top = tally.domains.most_common(_MOST_DOMAINS)
    yield BarChart(
        title=Text(de="Woher die Gäste kommen", en="Where guests come from"),
        subtitle=Text(de="Häufigste Domänen", en="Most frequent domains"),
        summary=message(_DOMAINS, n=len(tally.domains), top=top[0][0] or _UNKNOWN),
        unit=_UNIT,
        bars=tuple(Bar(label=name or _UNKNOWN, value=n, tone=Tone.INFO) for name, n in top),
    )


_UNIT = Text(de="Gäste", en="Guests")
_UNKNOWN = Text(de="unbekannt", en="unknown")
_CUSTOMER = Text(de="Kunde", en="Customer")
_LOW = Text(de="Gering (< 1 Std.)", en="Low (< 1 h)")
_MEDIUM = Text(de="Mittel (≤ 1 Tag)", en="Medium (≤ 1 day)")
_TABLE = Text(de="Alle Gäste im Detail", en="All guests in detail")
_COUNTING = Text(de="{n} von {all} Gästen", en="{n} of {all} guests")
_NO_GUESTS = Text(de="Der Mandant hat keine Gastbenutzer.", en="The tenant has no guest users.")
_ONE_GUEST = Text(de="1 Gast", en="1 guest")
_MANY_GUESTS = Text(de="{n} Gäste", en="{n} guests")
_NONE_IDLE = Text(
    de="alle haben sich in den letzten 90 Tagen angemeldet",
    en="all signed in within the last 90 days",
)
_ONE_IDLE = Text(
    de="1 davon seit über 90 Tagen ohne Anmeldung",
    en="1 of them without a sign-in for more than 90 days",
)
_MANY_IDLE = Text(
    de="{n} davon seit über 90 Tagen ohne Anmeldung",
    en="{n} of them without a sign-in for more than 90 days",
)
_GUESTS_IDLE = Text(de="{guests}, {idle}", en="{guests}, {idle}")
_SENTENCE = Text(de="{text}.", en="{text}.")
_TWO_SENTENCES = Text(de="{first} {second}", en="{first} {second}")
_NONE_OVERDUE = Text(
    de="Keine Einladung ist seit über 30 Tagen offen.",
    en="No invitation has been open for more than 30 days.",
)
_ONE_OVERDUE = Text(
    de="1 Einladung ist seit über 30 Tagen offen.",
    en="1 invitation has been open for more than 30 days.",
)
_MANY_OVERDUE = Text(
    de="{n} Einladungen sind seit über 30 Tagen offen.",
    en="{n} invitations have been open for more than 30 days.",
)
_ONE_ADMIN = Text(de="1 Gast hat eine Adminrolle.", en="1 guest holds an admin role.")
_MANY_ADMINS = Text(de="{n} Gäste haben eine Adminrolle.", en="{n} guests hold an admin role.")
_TOTAL_BASE = Text(
    de="{open} Einladungen offen, {off} deaktiviert", en="{open} invitations open, {off} disabled"
)
_AGES = Text(
    de="{old} von {all} aktiven Gästen haben sich seit über 90 Tagen nicht angemeldet.",
    en="{old} of {all} active guests have not signed in for more than 90 days.",
)
_DOMAINS = Text(
    de="Gäste kommen aus {n} Domänen, die meisten von {top}.",
    en="Guests come from {n} domains, most of them from {top}.",
)

# Upper ends in days, see _age_band; the last two are known never and not known.
_BANDS: tuple[tuple[Text, Tone], ...] = (
    (Text(de="bis 30 Tage", en="up to 30 days"), Tone.OK),
    (Text(de="31–90 Tage", en="31–90 days"), Tone.OK),
    (Text(de="91–180 Tage", en="91–180 days"), Tone.WARN),
    (Text(de="über 180 Tage", en="over 180 days"), Tone.BAD),
    (Text(de="nie", en="never"), Tone.BAD),
    (_UNKNOWN, Tone.NEUTRAL),
)

_ADDED_FILTER = Filter(id="added", label=Text(de="Neue Gäste", en="New guests"), is_chip=False)
_GONE_FILTER = Filter(
    id="gone", label=Text(de="Entfernte Gäste", en="Removed guests"), is_chip=False
)
_IDLE_NOW_FILTER = Filter(
    id="idle-now",
    label=Text(de="Neu über 90 Tage inaktiv", en="Newly inactive for over 90 days"),
    is_chip=False,
)
_BACK_FILTER = Filter(id="back", label=Text(de="Wieder aktiv", en="Active again"), is_chip=False)
_TILES = (
    (_ADDED_FILTER, Tone.INFO),
    (_GONE_FILTER, Tone.NEUTRAL),
    (_IDLE_NOW_FILTER, Tone.BAD),
    (_BACK_FILTER, Tone.OK),
)
_FILTERS = (
    Filter(id="all", label=Text(de="Alle", en="All")),
    Filter(id="roles", label=Text(de="Mit Adminrolle", en="With admin role")),
    Filter(id="idle", label=Text(de="Über 90 Tage inaktiv", en="Inactive for over 90 days")),
    Filter(
        id="overdue", label=Text(de="Einladung offen > 30 Tage", en="Invitation open > 30 days")
    ),
    Filter(id="unsponsored", label=Text(de="Ohne Sponsor", en="Without a sponsor")),
    Filter(id="disabled", label=Text(de="Deaktiviert", en="Disabled")),
    *(tile for tile, _ in _TILES),
)

_COLUMNS = (
    Column(
        label=Text(de="Gast", en="Guest"),
        kind=Kind.PAIR,
        small=Text(de="E-Mail", en="Email"),
        personal=True,
    ),
    Column(label=Text(de="Domäne", en="Domain"), secondary=True),
    Column(
        label=Text(de="Status", en="Status"),
        kind=Kind.CHOICE,
        options=(
            Option(Text(de="Angenommen", en="Accepted"), Tone.OK, "✓"),
            Option(Text(de="Einladung offen", en="Invitation open"), Tone.WARN, "△"),
            Option(Text(de="Deaktiviert", en="Disabled"), Tone.NEUTRAL, "–"),
            Option(Text(de="Entfernt", en="Removed"), Tone.NEUTRAL, "✕"),
        ),
    ),
    Column(label=Text(de="Eingeladen am", en="Invited on"), kind=Kind.DATE, secondary=True),
    Column(label=Text(de="Alter in Tagen", en="Age in days"), kind=Kind.COUNT, secondary=True),
    Column(label=Text(de="Letzte Anmeldung", en="Last sign-in"), kind=Kind.DATE),
    Column(label=Text(de="Sponsor", en="Sponsor"), kind=Kind.LIST, personal=True, secondary=True),
    Column(label=Text(de="Adminrolle", en="Admin role"), kind=Kind.LIST),
    Column(
        label=Text(de="Änderung", en="Change"),
        kind=Kind.CHOICE,
        options=(
            Option(Text(de="Unverändert", en="Unchanged")),
            Option(Text(de="Neu", en="Added"), Tone.INFO),
            Option(Text(de="Neu inaktiv", en="Newly inactive"), Tone.BAD),
            Option(Text(de="Wieder aktiv", en="Active again"), Tone.OK),
            Option(Text(de="Entfernt", en="Removed"), Tone.NEUTRAL),
        ),
    ),
)

_ACTIONS = (
    (
        "roles",
        Priority.CRITICAL,
        Text(
            de="Adminrolle von 1 Gast prüfen oder entziehen",
            en="Review or remove the admin role of 1 guest",
        ),
        Text(
            de="Adminrollen von {n} Gästen prüfen oder entziehen",
            en="Review or remove the admin roles of {n} guests",
        ),
        Text(
            de="Gäste unterliegen den Sicherheitsregeln einer fremden Organisation. "
            "Administrieren sollten nur eigene, mit MFA geschützte Konten.",
            en="Guests follow the security rules of another organisation. "
            "Only own accounts protected by MFA should administer.",
        ),
        _LOW,
    ),
    (
        "idle",
        Priority.HIGH,
        Text(de="1 inaktiven Gast prüfen oder entfernen", en="Review or remove 1 inactive guest"),
        Text(
            de="{n} inaktive Gäste prüfen oder entfernen", en="Review or remove {n} inactive guests"
        ),
        Text(
            de="Wer sich über 90 Tage nicht angemeldet hat, braucht den Zugang meist nicht mehr. "
            "Fragen Sie den Sponsor, sonst das Konto deaktivieren und nach 30 Tagen löschen.",
            en="Guests who have not signed in for over 90 days rarely need access any more. "
            "Ask the sponsor, otherwise disable the account and delete it after 30 days.",
        ),
        _MEDIUM,
    ),
    (
        "overdue",
        Priority.MEDIUM,
        Text(
            de="1 offene Einladung erneuern oder zurückziehen",
            en="Resend or withdraw 1 open invitation",
        ),
        Text(
            de="{n} offene Einladungen erneuern oder zurückziehen",
            en="Resend or withdraw {n} open invitations",
        ),
        Text(
            de="Eine Einladung, die nach 30 Tagen nicht angenommen ist, ist meist vergessen; "
            "bis dahin bleibt das Konto als Einfallstor bestehen.",
            en="An invitation not accepted after 30 days is usually forgotten; "
            "until then the account remains a way in.",
        ),
        _LOW,
    ),
    (
        "unsponsored",
        Priority.LOW,
        Text(de="Für 1 Gast einen Sponsor festlegen", en="Name a sponsor for 1 guest"),
        Text(de="Für {n} Gäste einen Sponsor festlegen", en="Name a sponsor for {n} guests"),
        Text(
            de="Ohne Sponsor weiß niemand im Haus, ob der Zugang noch gebraucht wird.",
            en="Without a sponsor nobody in the organisation knows whether access is still needed.",
        ),
        _MEDIUM,
    ),
)

_ABOUT = (
    (
        Text(de="Datenquelle", en="Source"),
        Message(
            Text(
                de="Microsoft Graph: users (Gäste, signInActivity, sponsors), roleManagement/directory.",
                en="Microsoft Graph: users (guests, signInActivity, sponsors), roleManagement/directory.",
            )
        ),
    ),
    (
        Text(de="Zählweise", en="Counting rule"),
        Message(
            Text(
                de="Inaktiv: angenommen, aktiviert und seit über 90 Tagen keine Anmeldung; nie Angemeldete zählen, "
                "wenn das Konto älter als 90 Tage ist. Offene Einladungen und deaktivierte Konten zählen nicht als inaktiv. "
                "Stichtag ist das Ende des Berichtszeitraums.",
                en="Inactive: accepted, enabled and no sign-in for over 90 days; guests who never signed in count "
                "once the account is older than 90 days. Open invitations and disabled accounts do not count as inactive. "
                "The reference date is the end of the period.",
            )
        ),
    ),
    (
        Text(de="Letzte Anmeldung", en="Last sign-in"),
        Message(
            Text(
                de="Die jüngste aus interaktiver, nicht interaktiver und erfolgreicher Anmeldung. „nie“ heißt: keine seit April 2020; "
                "„–“ heißt: nicht feststellbar (Lizenz, Berechtigung oder Konto erst nach der Abfrage angelegt).",
                en='The latest of interactive, non-interactive and successful sign-in. "never" means: none since April 2020; '
                '"–" means: could not be determined (licence, permission, or account created after the query).',
            )
        ),
    ),
    (
        Text(de="Aktualität", en="Freshness"),
        Message(
            Text(
                de="Microsoft aktualisiert Anmeldezeiten mit bis zu 24 Stunden Verzögerung.",
                en="Microsoft updates sign-in times with a delay of up to 24 hours.",
            )
        ),
    ),
    (
        Text(de="Grenzen", en="Limits"),
        Message(
            Text(
                de="Adminrollen: aktive, direkte Zuweisungen. Rollen über Gruppen und nur berechtigte (PIM) Rollen sind nicht enthalten.",
                en="Admin roles: active, direct assignments. Roles through groups and eligible (PIM) roles are not included.",
            )
        ),
    ),
)

REPORT = ReportType(
    name="guest-users",
    title=Text(de="Gastbenutzer", en="Guest users"),
    area=Text(de="Identität & Zugriff", en="Identity & access"),
    summary=Text(
        de="Welche Gäste es gibt, wer sich nicht mehr anmeldet, wer eine Adminrolle hat.",
        en="Which guests there are, who no longer signs in, who holds an admin role.",
    ),
    cadence="0 6 * * MON",
    needs=(GUESTS, GUEST_SIGN_INS, GUEST_SPONSORS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS),
    build=build,
)
