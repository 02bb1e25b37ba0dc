"""Attacks on members of a made-up customer: episodes of one to three detections, and how they end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import unpack

from dev.sandbox.clock import DAY, HOUR, WEEK
from dev.sandbox.people import Member, draw
from dev.sandbox.population import EPOCH, Population

# One episode a week for so many members, in a wave three times as many.
_MEMBERS_PER_EPISODE = 1500
_WAVE_EVERY = 9
# Whom attackers know, they try again.
_KNOWN_TO_ATTACKERS = 12

ENTRA, _CLOUD_APPS = "IdentityProtection", "MicrosoftCloudAppSecurity"
# Kind, level, timing, source, activity; the first ones are the frequent ones.
_KINDS = (
    ("unfamiliarFeatures", "low", "realtime", ENTRA, "signin"),
    ("unfamiliarFeatures", "medium", "realtime", ENTRA, "signin"),
    ("unfamiliarFeatures", "low", "realtime", ENTRA, "signin"),
    ("unlikelyTravel", "medium", "offline", ENTRA, "signin"),
    ("unlikelyTravel", "low", "offline", ENTRA, "signin"),
    ("anonymizedIPAddress", "medium", "realtime", ENTRA, "signin"),
    ("anonymizedIPAddress", "medium", "realtime", ENTRA, "signin"),
    ("mcasImpossibleTravel", "low", "offline", _CLOUD_APPS, "signin"),
    ("newCountry", "low", "offline", _CLOUD_APPS, "signin"),
    ("maliciousIPAddress", "medium", "offline", ENTRA, "signin"),
    ("passwordSpray", "high", "offline", ENTRA, "signin"),
    ("anomalousToken", "medium", "nearRealtime", ENTRA, "signin"),
    ("leakedCredentials", "high", "offline", ENTRA, "user"),
    ("suspiciousInboxForwarding", "medium", "offline", _CLOUD_APPS, "user"),
    ("userReportedSuspiciousActivity", "high", "offline", ENTRA, "user"),
    ("attackerinTheMiddle", "high", "offline", "Microsoft365Defender", "signin"),
)
_BY_MFA = ("remediated", "userPassedMFADrivenByRiskBasedPolicy")
_BY_PASSWORD = ("remediated", "userPerformedSecuredPasswordReset")
_BY_ADMIN = ("dismissed", "adminDismissedAllRiskForUser")
_AS_SAFE = ("confirmedSafe", "aiConfirmedSigninSafe")
OPEN = ("atRisk", "none")
# Up to which percent of all; how long it takes at least, and the span beyond.
_ENDINGS = (
    (45, _BY_MFA, 90, 600),
    (65, _BY_PASSWORD, 2 * HOUR, 40 * HOUR),
    (72, _AS_SAFE, 6 * HOUR, 2 * DAY),
)
_UNTIL_ADMIN = {"high": 4 * DAY, "medium": 9 * DAY, "low": 60 * DAY}
RANKS = {"high": 3, "medium": 2, "low": 1}


@dataclass(frozen=True, slots=True)
class Episode:
    """One attack on one member: one to three detections, settled together at `ended`."""

    member: Member
    raw: bytes
    lots: tuple[int, ...]
    begin: int
    ended: int
    ending: tuple[str, str]

    def ending_at(self, at: int) -> tuple[str, str]:
        return self.ending if at >= self.ended else OPEN

    @property
    def kinds(self) -> Sequence[tuple[str, str, str, str, str]]:
        first, *further = self.lots[1:4]
        count = (1, 1, 1, 2, 2, 3)[self.lots[4] % 6]
        return [_KINDS[lot % len(_KINDS)] for lot in (first, *further)[:count]]

    @property
    def level(self) -> str:
        return max((level for _, level, *_ in self.kinds), key=RANKS.__getitem__)

    def detected(self, number: int) -> int:
        """What is not noticed during the sign-in is noticed up to two days later."""
        timing = self.kinds[number][2]
        delays = {"realtime": 60, "nearRealtime": 600}
        late = delays.get(timing) or HOUR + self.lots[5 + number] % (46 * HOUR)
        return self.activity(number) + late

    def activity(self, number: int) -> int:
        return self.begin + number * HOUR + self.lots[6] % HOUR


def episodes(population: Population, weeks: int) -> Iterator[Episode]:
    """Of so many weeks until now, oldest first."""
    this_week = (population.at - EPOCH) // WEEK
    for week in range(this_week - weeks, this_week + 1):
        for number in range(_count(population, week)):
            yield _episode(population, week, number)


def _count(population: Population, week: int) -> int:
    if not population.customer.members:
        return 0
    [lot] = unpack("<I", draw(population.customer.seed, "risk-week", week)[:4])
    mean = population.customer.members / _MEMBERS_PER_EPISODE
    if (week + population.customer.seed) % _WAVE_EVERY == 0:
        mean *= 3
    whole, rest = divmod(mean * (70 + lot % 60) / 100 + 0.3, 1)
    return int(whole) + (lot // 64 % 100 < rest * 100)


def _episode(population: Population, week: int, number: int) -> Episode:
    raw = draw(population.customer.seed, "risk", week, number)
    lots = unpack("<12I", raw[16:])
    total = population.customer.members
    circle = min(_KNOWN_TO_ATTACKERS, total) if lots[7] % 4 == 0 else total
    member = population.member(lots[0] % circle * (total // circle))
    begin = EPOCH + week * WEEK + lots[8] % WEEK
    bare = Episode(member, raw, lots, begin, 0, OPEN)
    noticed = max(bare.detected(n) for n in range(len(bare.kinds)))
    ending, span = _ending(bare.level, lots)
    return Episode(member, raw, lots, begin, noticed + span, ending)


def _ending(level: str, lots: tuple[int, ...]) -> tuple[tuple[str, str], int]:
    """High risks are settled within hours, low ones are left lying."""
    chance, moment = lots[9] % 100, lots[10]
    for percent, ending, least, span in _ENDINGS:
        if chance < percent and (ending is not _BY_MFA or level != "high"):
            return ending, least + moment % span
    return _BY_ADMIN, 8 * HOUR + moment % _UNTIL_ADMIN[level]
