"""Microsoft's service health: the same issues for every tenant, three a week, told of for months."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import unpack

from dev.sandbox.clock import DAY, HOUR, WEEK, graph_time
from dev.sandbox.hostile import ABSURD_TIMES, HOSTILE_BODY, every_third, hostile_name
from dev.sandbox.people import draw
from dev.sandbox.population import EPOCH, Population
from dev.sandbox.resources import Resource, Row, plain

MINUTE = 60
APART = WEEK // 3
LISTED_FOR = 13 * WEEK
# Some incidents are told of only after they are over.
LATE = 8 * DAY

# Prefix of the number, service, feature, title, impact.
DISTURBANCES: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "EX",
        "Exchange Online",
        "Mail flow",
        "Outbound mail is delayed",
        "Mail may arrive hours late.",
    ),
    (
        "EX",
        "Exchange Online",
        "Search",
        "Mailbox search finds too little",
        "Results may be missing.",
    ),
    (
        "EX",
        "Exchange Online",
        "Calendar",
        "Free and busy times are not shown",
        "Planning is harder.",
    ),
    (
        "TM",
        "Microsoft Teams",
        "Meetings",
        "Some meetings cannot be joined",
        "Users may be left out.",
    ),
    (
        "TM",
        "Microsoft Teams",
        "Calling",
        "Calls drop after a minute",
        "Calls to phones may end early.",
    ),
    ("TM", "Microsoft Teams", "Chat", "Pictures in chats do not load", "Users see empty frames."),
    ("SP", "SharePoint Online", "Sites", "Some sites open slowly", "Pages may take a minute."),
    (
        "OD",
        "OneDrive for Business",
        "Sync",
        "Files do not synchronise",
        "Files may be out of date.",
    ),
    (
        "MO",
        "Microsoft 365 suite",
        "Administration",
        "Admin centre shows errors",
        "Admins may fail.",
    ),
    ("IT", "Microsoft Intune", "Enrolment", "Devices enrol slowly", "Enrolment may take an hour."),
    (
        "ID",
        "Microsoft Entra",
        "Sign-in",
        "Codes for sign-in arrive late",
        "Sign-in may need a retry.",
    ),
    ("DZ", "Microsoft Defender XDR", "Alerts", "Alerts arrive late", "Alerts may be hours late."),
    ("PB", "Power BI", "Refresh", "Scheduled refreshes fail", "Reports may show older figures."),
    (
        "CP",
        "Microsoft Copilot (Microsoft 365)",
        "Chat",
        "Answers take long",
        "Answers may time out.",
    ),
)
WORKAROUND = (
    "<ul><li>Workaround: use the desktop app.</li><li>A correction is on its way.</li></ul>"
)
CAUSES = (
    "a certificate of one server group had run out.",
    "an update of the gateway dropped connections.",
    "a cache was not filled again after maintenance.",
    "more requests than planned met a part with too few servers.",
    "a setting was rolled out to more tenants than intended.",
)


@dataclass(frozen=True, slots=True)
class _Issue:
    """Issue number n; every instant in it is fixed from the start."""

    number: int
    lot: tuple[int, ...]
    start: int

    @classmethod
    def of(cls, number: int) -> "_Issue":
        lot = unpack("<16I", draw(0, "issue", number))
        return cls(number, lot, EPOCH + number * APART + lot[0] % (2 * DAY))

    @property
    def is_incident(self) -> bool:
        return self.lot[1] % 2 == 0

    @property
    def is_late(self) -> bool:
        return self.lot[2] % 9 == 0

    @property
    def end(self) -> int:
        if not self.is_incident:
            return self.start + DAY + self.lot[3] % (16 * DAY)
        longest = 70 * HOUR if self.lot[4] % 4 == 0 else 11 * HOUR
        return self.start + HOUR + self.lot[3] % longest

    @property
    def posted(self) -> int:
        return self.end + LATE if self.is_late else self.start + 25 * MINUTE

    @property
    def found(self) -> int:
        return self.start + (self.end - self.start) // 2

    @property
    def reviewed(self) -> int | None:
        """When the post-incident report is published."""
        told = max(self.end, self.posted)
        return told + 5 * DAY + self.lot[5] % DAY if self.is_incident and self.lot[6] % 2 else None

    @property
    def corrected(self) -> int | None:
        return self.end + 2 * WEEK + self.lot[5] % DAY if self.lot[7] % 7 == 0 else None

    @property
    def vanished(self) -> int | None:
        """Taken from the list while it is open, without a word."""
        is_forgotten = not self.is_incident and not self.is_late and self.lot[8] % 9 == 0
        return self.found + HOUR if is_forgotten else None

    def is_listed(self, at: int) -> bool:
        is_there = self.vanished is None or at < self.vanished
        return self.posted <= at < self.end + LISTED_FOR and is_there

    def events(self, at: int) -> list[tuple[int, str, str]]:
        """When, status, post; up to now, oldest first."""
        _, _, feature, title, impact = DISTURBANCES[self.lot[9] % len(DISTURBANCES)]
        cause = CAUSES[self.lot[10] % len(CAUSES)]
        work = "serviceInterruption" if self.lot[11] % 4 == 0 else "serviceDegradation"
        steps = [
            (
                self.posted if self.is_late else self.start + 25 * MINUTE,
                "investigating",
                f"<p><b>{title}</b></p><p>User impact: {impact}</p><p>We are reading logs of {feature}.</p>",
            ),
            (
                self.found,
                work if self.is_incident else "extendedRecovery",
                f"<p>Preliminary root cause: {cause}</p>{WORKAROUND}",
            ),
            (
                self.end,
                "serviceRestored",
                f"<p>The correction has reached all servers.</p><p>Root cause: {cause}</p>",
            ),
        ]
        if self.reviewed:
            link = f"https://admin.example.com/servicehealth/{self.key}"
            text = f'<p>The <a href="{link}">post-incident report</a> is published.</p>'
            steps.append((self.reviewed, "postIncidentReviewPublished", text))
        if self.corrected:
            text = "<p>We have corrected the times of this incident.</p>"
            steps.append((self.corrected, "serviceRestored", text))
        told = ((max(when, self.posted), status, post) for when, status, post in sorted(steps))
        return [step for step in told if step[0] <= at]

    @property
    def key(self) -> str:
        return f"{DISTURBANCES[self.lot[9] % len(DISTURBANCES)][0]}{1_200_000 + self.number}"

    def row(self, at: int) -> Row:
        _, service, feature, title, impact = DISTURBANCES[self.lot[9] % len(DISTURBANCES)]
        events, is_over = self.events(at), self.end <= at
        modified, status, _ = events[-1]
        is_corrected = self.corrected is not None and self.corrected <= at
        end = self.end + 30 * MINUTE if is_corrected else self.end
        return {
            "id": self.key,
            "title": title,
            "service": service,
            "feature": feature,
            "featureGroup": feature,
            "classification": "incident" if self.is_incident else "advisory",
            "origin": "microsoft",
            "status": status,
            "isResolved": is_over,
            "impactDescription": impact,
            "startDateTime": graph_time(self.start),
            "endDateTime": graph_time(end) if is_over else None,
            "lastModifiedDateTime": graph_time(modified),
            "details": [],
            "posts": [_post(when, post) for when, _, post in events],
        }


def _post(when: int, text: str) -> Row:
    return {
        "createdDateTime": graph_time(when),
        "postType": "regular",
        "description": {"contentType": "html", "content": text},
    }


def issues(population: Population) -> list[Row]:
    """Newest first, about 40 at any time."""
    rows = [issue.row(population.at) for issue in _listed(population.at)]
    is_hostile = population.customer.hostile
    return every_third(rows, partial(_hostile, population.at)) if is_hostile else rows


def _listed(at: int) -> Iterator[_Issue]:
    newest = (at - EPOCH) // APART
    oldest = newest - (LISTED_FOR + 5 * WEEK) // APART
    found = (_Issue.of(number) for number in range(newest, oldest, -1))
    return (issue for issue in found if issue.is_listed(at))


def _hostile(at: int, number: int, row: Row) -> Row:
    return {
        "title": hostile_name(number) or "",
        "service": hostile_name(number + 1) or "",
        "impactDescription": hostile_name(number + 2) or "",
        "status": "unknownFutureValue",
        "endDateTime": ABSURD_TIMES[number % len(ABSURD_TIMES)],
        "posts": [_post(at, HOSTILE_BODY), *row["posts"]],
    }


RESOURCES = (
    Resource(
        path=re.compile("/admin/serviceAnnouncement/issues"),
        context="admin/serviceAnnouncement/issues",
        entity="microsoft.graph.serviceHealthIssue",
        permissions=frozenset({"ServiceHealth.Read.All"}),
        rows=plain(issues),
    ),
)
