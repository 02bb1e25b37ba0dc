"""Guest users: who is still needed, who never came, and who holds an admin role."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest

import msgspec

from shared_code.core import terms
from shared_code.core.action import CountedAction, actions
from shared_code.core.change import Tile, changes
from shared_code.core.chart import Bar, BarChart, Tone
from shared_code.core.dataset import Snapshot
from shared_code.core.period import Period
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
    first_holding,
    holding,
    remember,
)
from shared_code.core.text import Message, Text, counted, first_two, message
from shared_code.datasets.guests import GUEST_SIGN_INS, GUEST_SPONSORS, GUESTS, Guest
from shared_code.datasets.roles import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, roles_held
from shared_code.datasets.sign_ins import last_sign_in
from shared_code.datasets.times import real

_IDLE = timedelta(days=90)
_OVERDUE = timedelta(days=30)
_MOST_DOMAINS = 8

# Indices into the options of the columns "Status" and "Änderung".
_ACCEPTED, _OPEN, _DISABLED, _REMOVED = range(4)
_SAME, _ADDED, _IDLE_NOW, _BACK, _GONE = range(5)


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What the next report compares a guest with; `is_idle` as in _Person."""

    name: str
    mail: str
    is_idle: bool | None


@dataclass(frozen=True, slots=True)
class _Person:
    """A guest with everything joined; None is unknown, an empty tuple is none.

    `is_idle` is None too where the question does not arise: open invitation, disabled account.
    """

    guest: Guest
    status: int
    last: datetime | Never | None
    is_idle: bool | None
    is_overdue: bool
    sponsors: tuple[str, ...] | None
    roles: tuple[str, ...] | None
    change: int | None

    @property
    def is_enabled(self) -> bool:
        return self.status != _DISABLED

    @property
    def rank(self) -> int:
        worst_first = (bool(self.roles), self.is_idle, self.is_overdue, self.is_enabled)
        return first_holding(worst_first)

    @property
    def filters(self) -> tuple[str, ...]:
        belongs = {
            "all": True,
            "roles": bool(self.roles),
            "idle": self.is_idle,
            "overdue": self.is_overdue,
            "unsponsored": self.sponsors == () and self.is_enabled,
            "disabled": not self.is_enabled,
            "added": self.change == _ADDED,
            "idle-now": self.change == _IDLE_NOW,
            "back": self.change == _BACK,
        }
        return holding(belongs)


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
            roles_held(data),
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
        status, last = _status(guest), self._last_sign_in(guest.id)
        is_idle = self._is_idle(guest, last) if status == _ACCEPTED else None
        return _Person(
            guest=guest,
            status=status,
            last=last,
            is_idle=is_idle,
            is_overdue=status == _OPEN and self._is_past(_invited(guest), _OVERDUE),
            sponsors=self._sponsors(guest.id),
            roles=None if self.roles is None else self.roles.get(guest.id, ()),
            change=self._change(guest.id, is_idle),
        )

    def _last_sign_in(self, key: str) -> datetime | Never | None:
        row = self.data.get(GUEST_SIGN_INS, key) if self.knows_sign_ins else None
        return last_sign_in(row.sign_in_activity) if row else None

    def _is_idle(self, guest: Guest, last: datetime | Never | None) -> bool | None:
        if last is None:
            return None
        return self._is_past(_created(guest) if last is NEVER else last, _IDLE)

    def _is_past(self, moment: datetime | None, age: timedelta) -> bool:
        # Graph leaves the creation out for the oldest objects only.
        return moment is None or self.now - moment > age

    def _sponsors(self, key: str) -> tuple[str, ...] | None:
        row = self.data.get(GUEST_SPONSORS, key) if self.knows_sponsors else None
        return tuple(s.display_name or s.id for s in row.sponsors) if row else None

    def _change(self, key: str, is_idle: bool | None) -> int | None:  # noqa: FBT001
        if self.history.compared_with is None:
            return None
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

    def add(self, person: _Person, now: datetime) -> None:
        self.total += 1
        self.status[person.status] += 1
        self.filters.update(person.filters)
        self.domains[_domain(person.guest) or ""] += 1
        if person.status == _ACCEPTED:
            self.ages[_age_band(person.last, now)] += 1


def build(data: Snapshot, history: History, period: Period) -> Content:
    join = _Join.of(data, history, period.end)
    tally = _Tally()
    for person in join.people():
        tally.add(person, period.end)
    tally.filters["gone"] = sum(1 for _ in join.gone())
    return Content(
        lead=_lead(tally, join),
        digest=_digest(tally, join),
        kpis=_kpis(tally, join),
        actions=tuple(actions(_ACTIONS, tally.filters)),
        changes=changes(_TILES, tally.filters, history, unknown=_incomparable(join)),
        charts=tuple(_charts(tally, join)),
        table=Table(
            title=Text(de="Alle Gäste im Detail", en="All guests in detail"),
            counting=Text(de="{n} von {all} Gästen", en="{n} of {all} guests"),
            columns=_COLUMNS,
            filters=_FILTERS,
            lines=lambda: _lines(join),
            unknown=frozenset(_unknown(join)),
        ),
        about=_ABOUT,
    )


def _lines(join: _Join) -> Iterator[Line]:
    for person in join.people(order_by="display_name"):
        seen = _Seen(_name(person.guest), person.guest.mail or "", person.is_idle)
        yield Line(
            key=person.guest.id,
            cells=_cells(person, seen, join.now),
            rank=person.rank,
            filters=person.filters,
            memory=remember(seen),
        )
    for key, seen in join.gone():
        domain = _after("@", seen.mail)
        cells = ((seen.name, seen.mail), domain, _REMOVED, None, None, None, None, None, _GONE)
        yield Line(key=key, cells=cells, rank=9, filters=("gone",))


def _cells(person: _Person, seen: _Seen, now: datetime) -> tuple[Cell, ...]:
    created = _created(person.guest)
    return (
        (seen.name, seen.mail),
        _domain(person.guest),
        person.status,
        created,
        max((now - created).days, 0) if created else None,
        person.last,
        person.sponsors,
        person.roles,
        person.change,
    )


def _status(guest: Guest) -> int:
    if guest.account_enabled is False:
        return _DISABLED
    return _OPEN if guest.external_user_state == "PendingAcceptance" else _ACCEPTED


def _created(guest: Guest) -> datetime | None:
    return real(guest.created_date_time)


def _invited(guest: Guest) -> datetime | None:
    """Last: whoever must accept anew goes back to pending years after the account was created."""
    return real(guest.external_user_state_change_date_time) or _created(guest)


def _domain(guest: Guest) -> str | None:
    """Of the mail address, else of the sign-in name: anna_fabrikam.com#EXT#@… or anna@contoso.com."""
    name, mark, _ = (guest.user_principal_name or "").partition("#EXT#")
    return _after("@", guest.mail) or _after("_" if mark else "@", name)


def _after(sign: str, address: str | None) -> str | None:
    _, found, domain = (address or "").rpartition(sign)
    return domain.lower() or None if found else None


def _name(guest: Guest) -> str:
    return guest.display_name or guest.mail or guest.user_principal_name or guest.id


def _age_band(last: datetime | Never | None, now: datetime) -> int:
    """Index into _BANDS."""
    if last is None:
        return len(_BANDS) - 1
    if last is NEVER:
        return len(_BANDS) - 2
    age = now - last
    return sum(age > end for end in _BAND_ENDS)


def _lead(tally: _Tally, join: _Join) -> Lead:
    roles, idle, overdue = (tally.filters[name] for name in ("roles", "idle", "overdue"))
    status = Status.BAD if roles else Status.WARN if idle or overdue else Status.OK
    if not tally.total:
        return Lead(status, Message(_NO_GUESTS))
    known = counted(idle, **_IDLE_OF_THEM) if join.knows_sign_ins else Message(_IDLE_UNKNOWN)
    guests = message(_GUESTS_IDLE, guests=counted(tally.total, **_GUESTS_COUNTED), idle=known)
    invitations = counted(overdue, **_INVITATIONS_OVERDUE)
    if not roles:
        return Lead(status, guests, invitations)
    return Lead(status, counted(roles, **_ADMINS), first_two(guests, invitations))


def _digest(tally: _Tally, join: _Join) -> Message:
    guests = counted(tally.total, **_GUESTS_COUNTED)
    idle = tally.filters["idle"]
    return message(_IDLE_IN_SHORT, guests=guests, n=idle) if join.knows_sign_ins else guests


def _kpis(tally: _Tally, join: _Join) -> tuple[Kpi, ...]:
    usable, pending, disabled = (tally.status[s] for s in (_ACCEPTED, _OPEN, _DISABLED))
    return (
        Kpi(
            metric="total",
            label=Text(de="Gäste gesamt", en="Guests in total"),
            value=tally.total,
            base=message(_OF_TOTAL, pending=pending, disabled=disabled),
        ),
        Kpi(
            metric="idle",
            label=Text(de="Über 90 Tage ohne Anmeldung", en="No sign-in for over 90 days"),
            value=tally.filters["idle"] if join.knows_sign_ins else None,
            base=counted(usable, **_OF_USABLE),
            better=Better.DOWN,
        ),
        Kpi(
            metric="overdue",
            label=Text(de="Einladung über 30 Tage offen", en="Invitation open for over 30 days"),
            value=tally.filters["overdue"],
            base=counted(pending, **_OF_PENDING),
            better=Better.DOWN,
        ),
        Kpi(
            metric="unsponsored",
            label=Text(de="Ohne Sponsor", en="Without a sponsor"),
            value=tally.filters["unsponsored"] if join.knows_sponsors else None,
            base=counted(usable + pending, **_OF_ENABLED),
            better=Better.DOWN,
        ),
    )


def _incomparable(join: _Join) -> tuple[str, ...]:
    return () if join.knows_sign_ins else ("idle-now", "back")


def _unknown(join: _Join) -> Iterator[str]:
    if join.roles is None:
        yield "roles"
    if not join.knows_sign_ins:
        yield "idle"
    if not join.knows_sponsors:
        yield "unsponsored"


def _charts(tally: _Tally, join: _Join) -> Iterator[BarChart]:
    if tally.total and join.knows_sign_ins:
        yield _age_chart(tally)
    if tally.total:
        yield _domain_chart(tally)


def _age_chart(tally: _Tally) -> BarChart:
    base = counted(tally.status[_ACCEPTED], **_OF_USABLE)
    return BarChart(
        title=terms.LAST_SIGN_IN,
        subtitle=Text(
            de="Nutzbare Konten nach Tagen seit der Anmeldung",
            en="Usable accounts by days since sign-in",
        ),
        summary=message(_AGES, n=tally.filters["idle"], base=base),
        unit=_GUESTS,
        bars=tuple(
            Bar(label=label, value=tally.ages[band], tone=tone)
            for band, (label, tone) in enumerate(_BANDS)
            if tally.ages[band] or label is not terms.UNKNOWN
        ),
    )


def _domain_chart(tally: _Tally) -> BarChart:
    # By name where numbers are equal: Graph's order is not the same every time.
    ranking = nsmallest(_MOST_DOMAINS, tally.domains.items(), key=lambda d: (-d[1], d[0]))
    top = ranking[0][0] or terms.UNKNOWN
    return BarChart(
        title=Text(de="Woher die Gäste kommen", en="Where guests come from"),
        subtitle=Text(de="Häufigste Domänen", en="Most frequent domains"),
        summary=message(_DOMAINS, n=sum(map(bool, tally.domains)), top=top),
        unit=_GUESTS,
        bars=tuple(
            Bar(label=name or terms.UNKNOWN, value=n, tone=Tone.INFO) for name, n in ranking
        ),
    )


_GUESTS = Text(de="Gäste", en="Guests")

_NO_GUESTS = Text(de="Der Mandant hat keine Gastbenutzer.", en="The tenant has no guest users.")
_GUESTS_IDLE = Text(de="{guests}, {idle}.", en="{guests}, {idle}.")
_IDLE_IN_SHORT = Text(de="{guests}, {n} inaktiv", en="{guests}, {n} inactive")
_IDLE_UNKNOWN = Text(de="letzte Anmeldung unbekannt", en="last sign-in unknown")
_OF_TOTAL = Text(
    de="{pending} davon mit offener Einladung, {disabled} deaktiviert",
    en="{pending} of them with an open invitation, {disabled} disabled",
)
_AGES = Text(
    de="Über 90 Tage ohne Anmeldung: {n} {base}.", en="No sign-in for over 90 days: {n} {base}."
)
_DOMAINS = Text(
    de="Häufigste Domäne: {top}. Domänen insgesamt: {n}.",
    en="Most frequent domain: {top}. Domains in total: {n}.",
)

# What `counted` chooses from.
_GUESTS_COUNTED = {
    "one": Text(de="1 Gast", en="1 guest"),
    "other": Text(de="{n} Gäste", en="{n} guests"),
}
_IDLE_OF_THEM = {
    "zero": Text(
        de="keiner davon seit über 90 Tagen ohne Anmeldung",
        en="none of them without a sign-in for more than 90 days",
    ),
    "one": Text(
        de="1 davon seit über 90 Tagen ohne Anmeldung",
        en="1 of them without a sign-in for more than 90 days",
    ),
    "other": Text(
        de="{n} davon seit über 90 Tagen ohne Anmeldung",
        en="{n} of them without a sign-in for more than 90 days",
    ),
}
_INVITATIONS_OVERDUE = {
    "zero": Text(
        de="Keine Einladung ist seit über 30 Tagen offen.",
        en="No invitation has been open for more than 30 days.",
    ),
    "one": Text(
        de="1 Einladung ist seit über 30 Tagen offen.",
        en="1 invitation has been open for more than 30 days.",
    ),
    "other": Text(
        de="{n} Einladungen sind seit über 30 Tagen offen.",
        en="{n} invitations have been open for more than 30 days.",
    ),
}
_ADMINS = {
    "one": Text(de="1 Gast hat eine Adminrolle.", en="1 guest holds an admin role."),
    "other": Text(de="{n} Gäste haben eine Adminrolle.", en="{n} guests hold an admin role."),
}
_OF_USABLE = {
    "one": Text(de="von 1 nutzbaren Konto", en="of 1 usable account"),
    "other": Text(de="von {n} nutzbaren Konten", en="of {n} usable accounts"),
}
_OF_PENDING = {
    "one": Text(de="von 1 offenen Einladung", en="of 1 open invitation"),
    "other": Text(de="von {n} offenen Einladungen", en="of {n} open invitations"),
}
_OF_ENABLED = {
    "one": Text(de="von 1 Gast, ohne deaktivierte", en="of 1 guest, disabled ones aside"),
    "other": Text(de="von {n} Gästen, ohne deaktivierte", en="of {n} guests, disabled ones aside"),
}

# Upper ends of the first bands; the last two are known never and not known.
_BAND_ENDS = tuple(timedelta(days=days) for days in (30, 90, 180))
_BANDS = (
    (Text(de="bis 30 Tage", en="up to 30 days"), Tone.OK),
    (Text(de="31–90 Tage", en="31–90 days"), Tone.OK),
    (Text(de="91–180 Tage", en="91–180 days"), Tone.WARN),
    (Text(de="über 180 Tage", en="over 180 days"), Tone.BAD),
    (Text(de="nie", en="never"), Tone.BAD),
    (terms.UNKNOWN, Tone.NEUTRAL),
)

_TILES = (
    Tile("added", Text(de="Neue Gäste", en="New guests"), Tone.INFO),
    Tile("gone", Text(de="Entfernte Gäste", en="Removed guests"), Tone.NEUTRAL),
    Tile("idle-now", terms.NEWLY_IDLE, Tone.BAD),
    Tile("back", terms.ACTIVE_AGAIN, Tone.OK),
)
_FILTERS = (
    Filter(id="all", label=terms.ALL),
    Filter(id="roles", label=Text(de="Mit Adminrolle", en="With admin role")),
    Filter(id="idle", label=Text(de="Über 90 Tage inaktiv", en="Inactive for over 90 days")),
    Filter(
        id="overdue",
        label=Text(de="Einladung über 30 Tage offen", en="Invitation open for over 30 days"),
    ),
    Filter(id="unsponsored", label=Text(de="Ohne Sponsor", en="Without a sponsor")),
    Filter(id="disabled", label=Text(de="Deaktiviert", en="Disabled")),
    *(tile.filter for tile in _TILES),
)

_STATUS_OPTIONS = (
    Option(Text(de="Angenommen", en="Accepted"), Tone.OK, "✓"),
    Option(Text(de="Einladung offen", en="Invitation open"), Tone.WARN, "△"),
    Option(Text(de="Deaktiviert", en="Disabled"), Tone.NEUTRAL, "–"),
    Option(terms.REMOVED, Tone.NEUTRAL, "✕"),
)
_CHANGE_OPTIONS = (
    Option(terms.UNCHANGED),
    Option(terms.ADDED, Tone.INFO),
    Option(terms.NEWLY_IDLE, Tone.BAD),
    Option(terms.ACTIVE_AGAIN, Tone.OK),
    Option(terms.REMOVED, Tone.NEUTRAL),
)
_COLUMNS = (
    Column(
        label=Text(de="Gast", en="Guest"),
        kind=Kind.PAIR,
        small=Text(de="E-Mail", en="Email"),
        personal=True,
    ),
    Column(label=Text(de="Domäne", en="Domain"), secondary=True),
    Column(label=Text(de="Status", en="Status"), kind=Kind.CHOICE, options=_STATUS_OPTIONS),
    Column(label=Text(de="Eingeladen am", en="Invited on"), kind=Kind.DATE, secondary=True),
    Column(label=Text(de="Alter in Tagen", en="Age in days"), kind=Kind.COUNT, secondary=True),
    Column(label=terms.LAST_SIGN_IN, kind=Kind.DATE),
    Column(label=Text(de="Sponsor", en="Sponsor"), kind=Kind.LIST, personal=True, secondary=True),
    Column(label=Text(de="Adminrolle", en="Admin role"), kind=Kind.LIST),
    Column(label=terms.CHANGE, kind=Kind.CHOICE, options=_CHANGE_OPTIONS),
)

_ACTIONS = (
    CountedAction(
        filter="roles",
        priority=Priority.CRITICAL,
        one=Text(
            de="Adminrolle von 1 Gast prüfen oder entziehen",
            en="Review or remove the admin role of 1 guest",
        ),
        other=Text(
            de="Adminrollen von {n} Gästen prüfen oder entziehen",
            en="Review or remove the admin roles of {n} guests",
        ),
        why=Text(
            de="Für Gäste gelten die Sicherheitsregeln einer fremden Organisation. "
            "Administrieren sollten nur eigene, mit MFA geschützte Konten.",
            en="Guests follow the security rules of another organisation. "
            "Leave administration to your own accounts, protected by MFA.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="idle",
        priority=Priority.HIGH,
        one=Text(
            de="1 inaktiven Gast prüfen oder entfernen",
            en="Review or remove 1 inactive guest",
        ),
        other=Text(
            de="{n} inaktive Gäste prüfen oder entfernen",
            en="Review or remove {n} inactive guests",
        ),
        why=Text(
            de="Wer sich über 90 Tage nicht angemeldet hat, braucht den Zugang meist nicht mehr. "
            "Fragen Sie den Sponsor. Deaktivieren Sie Konten, die niemand mehr braucht, "
            "und löschen Sie sie nach 30 Tagen.",
            en="Guests who have not signed in for over 90 days rarely need access any more. "
            "Ask the sponsor. Disable accounts that nobody needs, and delete them after 30 days.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
    CountedAction(
        filter="overdue",
        priority=Priority.MEDIUM,
        one=Text(
            de="1 offene Einladung erneut senden oder zurückziehen",
            en="Resend or withdraw 1 open invitation",
        ),
        other=Text(
            de="{n} offene Einladungen erneut senden oder zurückziehen",
            en="Resend or withdraw {n} open invitations",
        ),
        why=Text(
            de="Eine Einladung, die nach 30 Tagen noch offen ist, wurde meist vergessen. "
            "Wer Zugriff auf das Postfach hat, kann sie weiterhin annehmen.",
            en="An invitation that is still open after 30 days has usually been forgotten. "
            "Whoever has access to the mailbox can still accept it.",
        ),
        who=terms.CUSTOMER,
        effort=terms.LOW_EFFORT,
    ),
    CountedAction(
        filter="unsponsored",
        priority=Priority.LOW,
        one=Text(de="Für 1 Gast einen Sponsor festlegen", en="Assign a sponsor to 1 guest"),
        other=Text(de="Für {n} Gäste einen Sponsor festlegen", en="Assign sponsors to {n} guests"),
        why=Text(
            de="Ohne Sponsor weiß niemand im Haus, ob der Zugang noch gebraucht wird.",
            en="Without a sponsor nobody in the organisation knows whether access is still needed.",
        ),
        who=terms.CUSTOMER,
        effort=terms.MEDIUM_EFFORT,
    ),
)

_ABOUT = about(
    (
        terms.SOURCE,
        Text(
            de="Microsoft Graph: users (Gäste, signInActivity, sponsors), roleManagement/directory.",
            en="Microsoft Graph: users (guests, signInActivity, sponsors), roleManagement/directory.",
        ),
    ),
    (
        terms.COUNTING_RULE,
        Text(
            de="Nutzbar ist ein Konto, wenn die Einladung angenommen und das Konto nicht deaktiviert ist. Inaktiv ist ein "
            "nutzbares Konto ohne Anmeldung seit über 90 Tagen; wer sich nie angemeldet hat, zählt, sobald das Konto älter "
            "als 90 Tage ist. Entfernt ist, wer gelöscht wurde oder kein Gast mehr ist. Stichtag ist das Ende des "
            "Berichtszeitraums.",
            en="An account is usable when the invitation is accepted and the account is not disabled. A usable account is "
            "inactive without a sign-in for over 90 days; guests who never signed in count once the account is older than "
            "90 days. Removed are guests who were deleted or are guests no longer. The reference date is the end of the "
            "reporting period.",
        ),
    ),
    (
        terms.LAST_SIGN_IN,
        Text(
            de="Die jüngste aus interaktiver, nicht interaktiver und erfolgreicher Anmeldung. „nie“ heißt: keine seit "
            "April 2020; „unbekannt“ oder „–“ heißt: nicht feststellbar (Lizenz, Berechtigung oder Konto erst nach der "
            "Abfrage angelegt).",
            en='The latest of interactive, non-interactive and successful sign-in. "never" means: none since April 2020; '
            '"unknown" or "–" means: could not be determined (licence, permission, or account created after the query).',
        ),
    ),
    (
        terms.FRESHNESS,
        Text(
            de="Microsoft aktualisiert Anmeldezeiten mit bis zu 24 Stunden Verzögerung.",
            en="Microsoft updates sign-in times with a delay of up to 24 hours.",
        ),
    ),
    (
        terms.LIMITS,
        Text(
            de="Adminrollen: aktive, direkte Zuweisungen. Rollen über Gruppen und nur berechtigte (PIM) Rollen sind nicht "
            "enthalten.",
            en="Admin roles: active, direct assignments. Roles through groups and eligible (PIM) roles are not included.",
        ),
    ),
)

REPORT = ReportType(
    name="guest-users",
    title=Text(de="Gastbenutzer", en="Guest users"),
    area=terms.IDENTITY_AREA,
    summary=Text(
        de="Welche Gäste es gibt, wer sich nicht mehr anmeldet, wer eine Adminrolle hat.",
        en="Which guests there are, who no longer signs in, who holds an admin role.",
    ),
    cadence="0 6 * * MON",
    needs=(GUESTS, GUEST_SIGN_INS, GUEST_SPONSORS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS),
    build=build,
    extras=(Extra(datasets=(GUEST_SIGN_INS,), without=terms.WITHOUT_SIGN_INS),),
)
