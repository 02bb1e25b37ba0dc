"""A tenant as it stood at one instant, computed object by object and never held in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from struct import unpack
from typing import Literal, TypedDict

from dev.sandbox.clock import DAY, HOUR, WEEK, YEAR, seconds
from dev.sandbox.faults import FaultKind
from dev.sandbox.people import Guest, Member, draw
from dev.sandbox.permissions import STANDARD_PERMISSIONS

Plan = Literal["E5", "BusinessPremium", "BusinessBasic"]
EPOCH = seconds(datetime(2020, 1, 1, tzinfo=UTC))
FOUNDED = seconds(datetime(2012, 1, 1, tzinfo=UTC))
# A place stands empty for 3 % of the time on average, so that a tenant's count of guests breathes.
VACANT_SHARE = 0.03
SPONSORED_PERCENT = 65
TWICE_SPONSORED_PERCENT = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    tenant_id: str
    name: str
    domain: str
    members: int
    guests: int
    plan: Plan
    seed: int
    hostile: bool = False
    steady: bool = False  # exactly `guests` guests at every instant
    permissions: frozenset[str] = field(default=STANDARD_PERMISSIONS)
    lagging: frozenset[str] = frozenset()  # granted, but no token has them yet
    login_fault: FaultKind | None = None

    @property
    def initial_domain(self) -> str:
        return f"{self.domain.split('.', 1)[0]}.onmicrosoft.com"

    @property
    def has_p1(self) -> bool:
        return self.plan != "BusinessBasic"

    @property
    def has_p2(self) -> bool:
        return self.plan == "E5"


class Changes(TypedDict, total=False):
    """What may be changed in a customer, each for a scenario of its own."""

    members: int
    guests: int
    plan: Plan
    seed: int
    hostile: bool
    steady: bool
    permissions: frozenset[str]
    lagging: frozenset[str]
    login_fault: FaultKind | None


class Population:
    """Positions 0 to members-1 are members; the places of the guests follow.

    A place is taken by one guest after the other, so any position at any instant costs two hashes.
    """

    def __init__(self, customer: Customer, at: datetime) -> None:
        self.customer = customer
        self.at = seconds(at)
        self._sponsors: dict[int, Member] = {}

    @property
    def guest_places(self) -> int:
        vacant = 0 if self.customer.steady else VACANT_SHARE
        return round(self.customer.guests / (1 - vacant))

    def member(self, number: int) -> Member:
        customer = self.customer
        raw = draw(customer.seed, "member", number)
        created = FOUNDED + int.from_bytes(raw[56:60]) % (8 * YEAR)
        return Member(
            raw,
            number=number,
            created=created,
            end=created + 40 * YEAR,
            at=self.at,
            domain=customer.domain,
            hostile=customer.hostile,
        )

    def guest(self, place: int) -> Guest | None:
        """Who holds this place now; None while it stands empty."""
        generation, created, end = self._tenure(place)
        if created > self.at:
            return None
        customer = self.customer
        return Guest(
            draw(customer.seed, "guest", place, generation),
            number=place,
            created=created,
            end=end,
            at=self.at,
            domain=customer.initial_domain,
            hostile=customer.hostile,
        )

    def _tenure(self, place: int) -> tuple[int, int, int]:
        """The generation that holds a place now, and when that guest comes and is removed."""
        short, span, phase, gap = unpack("<4I", draw(self.customer.seed, "place", place)[:16])
        # One place in five is for short projects, the others for partnerships of years.
        length = 13 * WEEK + span % (39 * WEEK) if short % 5 == 0 else 2 * YEAR + span % (6 * YEAR)
        generation, since = divmod(self.at - EPOCH + phase % length, length)
        begin = self.at - since
        if not self.customer.steady:
            begin += length * (gap % 601) // 10_000
            begin += (7 * HOUR + (gap + generation * 7919) % (10 * HOUR)) - begin % DAY
        return generation, begin, self.at - since + length

    def members(self, start: int = 0) -> Iterator[tuple[int, Member]]:
        """Members from a position on, each with its position."""
        return ((n, self.member(n)) for n in range(start, self.customer.members))

    def guests(self, start: int = 0) -> Iterator[tuple[int, Guest]]:
        """Guests from a position on, each with its position; a removed guest is not among them."""
        first = self.customer.members
        for place in range(max(0, start - first), self.guest_places):
            guest = self.guest(place)
            if guest is not None:
                yield first + place, guest

    def users(self, start: int = 0) -> Iterator[tuple[int, Member | Guest]]:
        yield from self.members(start)
        yield from self.guests(start)

    @cached_property
    def guest_count(self) -> int:
        return sum(self._tenure(place)[1] <= self.at for place in range(self.guest_places))

    def sponsors(self, guest: Guest) -> tuple[Member, ...]:
        """Two guests in three have a sponsor, a few have two; sponsors come from a small circle."""
        if not self.customer.members or guest.lot[2] % 100 >= SPONSORED_PERCENT:
            return ()
        circle = max(1, min(self.customer.members, self.customer.guests // 12 + 3))
        first = guest.lot[5] % circle
        twice = guest.lot[2] % 100 < TWICE_SPONSORED_PERCENT
        numbers = {first, guest.lot[6] % circle} if twice else {first}
        return tuple(self._sponsor(number) for number in sorted(numbers))

    def _sponsor(self, number: int) -> Member:
        if number not in self._sponsors:
            self._sponsors[number] = self.member(number * 7 % self.customer.members)
        return self._sponsors[number]
