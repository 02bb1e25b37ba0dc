"""One person of an invented directory: every property follows from the tenant's seed and a number."""

from datetime import UTC, datetime
from hashlib import blake2b
from struct import unpack

from dev.sandbox.clock import DAY, HOUR, WEEK, graph_time, seconds
from dev.sandbox.hostile import ABSURD_TIMES, HOSTILE_NAMES
from dev.sandbox.names import DEPARTMENTS, PARTNERS, Name, all_names, partner_by_lot

# Graph has recorded successful sign-ins since this day and did not fill in older ones.
SUCCESS_RECORDED_SINCE = seconds(datetime(2023, 12, 1, tzinfo=UTC))
PERMILLE = 1000
_NAMES = all_names()
# Shares of all people, each invented.
FAILED_LAST_PERCENT = 8
ONLY_APPS_PERCENT = 3
SYNCED_PERCENT = 20
NEVER_ACCEPTED_PERMILLE = 24
SLOW_TO_ACCEPT_PERMILLE = 150
LAPSING_PERMILLE = 520
LICENSED_PERCENT = 96
LICENSED_OF_DISABLED_PERCENT = 30


def draw(seed: int, kind: str, number: int, generation: int = 0) -> bytes:
    """64 bytes that depend on nothing else: whoever asks for object n again gets the same object."""
    return blake2b(f"{seed}/{kind}/{number}/{generation}".encode(), digest_size=64).digest()


def uuid_text(raw: bytes) -> str:
    text = raw[:16].hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


class Person:
    """What members and guests have in common. `at` is the instant the directory is looked at."""

    __slots__ = (
        "accepted",
        "at",
        "created",
        "disabled_from",
        "domain",
        "end",
        "hostile",
        "lot",
        "name",
        "number",
        "raw",
    )
    user_type = ""

    def __init__(
        self,
        raw: bytes,
        *,
        number: int,
        created: int,
        end: int,
        at: int,
        domain: str,
        hostile: bool,
    ) -> None:
        self.raw = raw
        self.lot: tuple[int, ...] = unpack("<12I", raw[16:])
        self.number = number
        self.created = created
        self.end = end
        self.at = at
        self.domain = domain
        self.hostile = hostile and self.lot[11] % 4 == 0
        self.name: Name = _NAMES[self.lot[0] % len(_NAMES)]
        self.disabled_from = self._disabled_from()
        # When this person could first sign in; None while that has not happened.
        self.accepted: int | None = self._accepted()

    @property
    def id(self) -> str:
        return uuid_text(self.raw)

    @property
    def display_name(self) -> str | None:
        if self.hostile:
            return HOSTILE_NAMES[self.number // 4 % len(HOSTILE_NAMES)]
        return self.name.display

    @property
    def on_premises_sync_enabled(self) -> bool | None:
        """None: never synchronised."""
        return None

    def _accepted(self) -> int | None:
        return self.created

    @property
    def _active_until(self) -> int:
        """The end of this person's activity, seen from now: for most it goes on."""
        return min(self.at, self.disabled_from)

    def _disabled_from(self) -> int:
        if self.lot[5] % PERMILLE >= self.disabled_permille:
            return self.end
        return self.created + (self.end - self.created) * (60 + self.lot[6] % 38) // 100

    disabled_permille = 0
    silent_permille = 0

    @property
    def account_enabled(self) -> bool:
        return self.at < self.disabled_from

    @property
    def rhythm(self) -> int:
        """Seconds between two sign-ins."""
        return (1 + self.lot[7] % 3) * DAY

    @property
    def sign_in_activity(self) -> dict[str, str | None] | None:
        if self.hostile and self.lot[9] % 3 == 0:
            absurd = ABSURD_TIMES[self.number // 4 % len(ABSURD_TIMES)]
            return {"lastSignInDateTime": absurd, "lastNonInteractiveSignInDateTime": absurd}
        start, until = self.accepted, self._active_until
        if start is None or until < start or self.lot[4] % PERMILLE < self.silent_permille:
            return None
        turns = max(0, until - start - HOUR) // self.rhythm
        return self._sign_ins(start, turns, until)

    def _sign_ins(self, start: int, turns: int, until: int) -> dict[str, str | None]:
        last = start + turns * self.rhythm + (self.lot[8] * turns % HOUR)
        later = last + self.lot[9] % (20 * HOUR)
        quiet = later if later < until else last
        failed = turns > 0 and self.lot[9] % 100 < FAILED_LAST_PERCENT
        success = start + (turns - 1) * self.rhythm if failed else last
        request = uuid_text(self.raw[8:24])
        interactive = self.lot[10] % 100 >= ONLY_APPS_PERCENT
        return {
            "lastSignInDateTime": graph_time(last) if interactive else None,
            "lastSignInRequestId": request if interactive else None,
            "lastNonInteractiveSignInDateTime": graph_time(quiet),
            "lastNonInteractiveSignInRequestId": request,
            "lastSuccessfulSignInDateTime": _if_recorded(success),
            "lastSuccessfulSignInRequestId": request,
        }


def _if_recorded(success: int) -> str | None:
    return graph_time(success) if success >= SUCCESS_RECORDED_SINCE else None


class Member(Person):
    __slots__ = ()
    user_type = "Member"
    disabled_permille = 30
    silent_permille = 10

    @property
    def on_premises_sync_enabled(self) -> bool | None:
        return True if self.lot[1] % 100 < SYNCED_PERCENT else None

    @property
    def user_principal_name(self) -> str:
        return f"{self.name.mailbox}{self.number}@{self.domain}"

    @property
    def mail(self) -> str | None:
        return None if self.hostile and self.lot[9] % 2 else self.user_principal_name

    @property
    def _active_until(self) -> int:
        """One in sixteen is away for some months now and then."""
        until = min(self.at, self.disabled_from)
        if self.lot[10] % 16:
            return until
        away = (until + self.lot[6]) % (60 * WEEK)
        return until - away if away < 26 * WEEK else until

    @property
    def company(self) -> str | None:
        return None

    @property
    def department(self) -> str | None:
        return DEPARTMENTS[self.lot[3] % len(DEPARTMENTS)]

    @property
    def is_licensed(self) -> bool:
        """A disabled account is often a shared mailbox, or of somebody who has left."""
        percent = LICENSED_PERCENT if self.account_enabled else LICENSED_OF_DISABLED_PERCENT
        return self.lot[1] % 100 < percent


class Guest(Person):
    __slots__ = ()
    user_type = "Guest"
    disabled_permille = 120
    silent_permille = 40

    @property
    def _partner(self) -> tuple[str, str]:
        return PARTNERS[partner_by_lot()[self.lot[1] % 1024]]

    @property
    def mail(self) -> str | None:
        if self.hostile and self.lot[9] % 2:
            return None
        return f"{self.name.mailbox}{self.number}@{self._partner[1]}"

    @property
    def user_principal_name(self) -> str:
        return f"{self.name.mailbox}{self.number}_{self._partner[1]}#EXT#@{self.domain}"

    @property
    def company(self) -> str | None:
        return self._partner[0]

    @property
    def department(self) -> str | None:
        return None

    def _acceptance(self) -> int:
        """Most accept within three days, some within weeks, a few never."""
        habit = self.lot[3] % PERMILLE
        if habit < NEVER_ACCEPTED_PERMILLE:
            return self.end
        if habit < SLOW_TO_ACCEPT_PERMILLE:
            return self.created + 3 * DAY + self.lot[2] % (42 * DAY)
        return self.created + self.lot[2] % (3 * DAY)

    def _accepted(self) -> int | None:
        moment = self._acceptance()
        return moment if moment <= self.at else None

    @property
    def external_user_state(self) -> str:
        return "PendingAcceptance" if self.accepted is None else "Accepted"

    @property
    def state_changed(self) -> int:
        return self.created if self.accepted is None else self.accepted

    @property
    def _active_until(self) -> int:
        """Half of all guests stop coming some time before anybody removes them."""
        if self.lot[4] % PERMILLE >= LAPSING_PERMILLE:
            return min(self.at, self.disabled_from)
        start = self._acceptance()
        stop = start + (self.end - start) * (15 + self.lot[6] % 70) // 100
        return min(self.at, self.disabled_from, stop)

    @property
    def rhythm(self) -> int:
        return (1 + min(self.lot[7] % 60, self.lot[8] % 60)) * DAY
