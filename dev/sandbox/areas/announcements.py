"""Microsoft's message centre: the same messages for every tenant, three a week, alive for months."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack

from dev.sandbox.clock import DAY, WEEK, graph_time
from dev.sandbox.hostile import ABSURD_TIMES, HOSTILE_BODY, every_third, hostile_name
from dev.sandbox.people import draw
from dev.sandbox.population import EPOCH, Population
from dev.sandbox.resources import Resource, Row, plain

APART = WEEK // 3
LONGEST_LIFE = 48 * WEEK
# Messages stay listed for some days after their end.
SHOWN_AFTER_END = 10 * DAY

TOPICS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("Microsoft Teams",), "meeting recordings"),
    (("Microsoft Teams",), "guest access to shared channels"),
    (("Microsoft Teams", "Microsoft Copilot (Microsoft 365)"), "meeting summaries"),
    (("Microsoft Teams",), "voicemail settings"),
    (("Exchange Online",), "basic sign-in for mail submission"),
    (("Exchange Online",), "transport rules"),
    (("Exchange Online", "Microsoft Purview"), "mailbox retention"),
    (("SharePoint Online",), "site sharing links"),
    (("SharePoint Online", "OneDrive for Business"), "version history limits"),
    (("OneDrive for Business",), "sync client notifications"),
    (("Microsoft Entra",), "per-user multifactor settings"),
    (("Microsoft Entra",), "conditional access templates"),
    (("Microsoft Intune",), "Android enrolment"),
    (("Microsoft Intune", "Windows"), "update rings"),
    (("Windows",), "printer drivers"),
    (("Microsoft Defender XDR",), "alert correlation"),
    (("Microsoft Purview",), "sensitivity labels"),
    (("Power BI",), "workspace capacity"),
    (("Power Apps", "Microsoft Power Automate"), "premium connectors"),
    (("Microsoft Copilot (Microsoft 365)",), "agents in chat"),
    (("Planner",), "task lists"),
    (("Microsoft Forms",), "response limits"),
    (("Viva Engage",), "community roles"),
    (("Microsoft 365 suite",), "admin centre roles"),
    (("Microsoft 365 Apps",), "update channels"),
    (("Dynamics 365 Apps",), "form designer"),
)
# Category, sentence, tags, whether it may have a deadline.
TURNS: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("planForChange", "Retirement of {}", ("Retirement", "Admin impact", "User impact"), True),
    ("preventOrFixIssue", "Action required for {}", ("Admin impact",), True),
    ("planForChange", "New default for {}", ("Admin impact",), True),
    ("planForChange", "Changes to {}", ("Admin impact", "User impact"), True),
    ("stayInformed", "New controls for {}", ("New feature", "Admin impact"), False),
    ("stayInformed", "A new look for {}", ("Feature update", "User impact"), False),
    ("stayInformed", "Preview: more options for {}", ("New feature",), False),
)


@dataclass(frozen=True, slots=True)
class _Message:
    """Message number n; every instant in it is fixed from the start."""

    number: int
    lot: tuple[int, ...]
    published: int

    @classmethod
    def of(cls, number: int) -> "_Message":
        lot = unpack("<16I", draw(0, "announcement", number))
        return cls(number, lot, EPOCH + number * APART + lot[0] % (6 * DAY))

    @property
    def turn(self) -> tuple[str, str, tuple[str, ...], bool]:
        return TURNS[self.lot[2] % len(TURNS)]

    @property
    def end(self) -> int:
        return self.published + 26 * WEEK + self.lot[3] % (LONGEST_LIFE - 26 * WEEK)

    @property
    def withdrawn(self) -> int | None:
        return self.published + (2 + self.lot[4] % 10) * WEEK if self.lot[5] % 6 == 0 else None

    @property
    def revised(self) -> int | None:
        """When it changes: the deadline moves where there is one."""
        return self.published + (1 + self.lot[6] % 9) * WEEK if self.lot[7] % 4 else None

    def is_listed(self, at: int) -> bool:
        is_there = self.withdrawn is None or at < self.withdrawn
        return self.published <= at < self.end + SHOWN_AFTER_END and is_there

    def is_revised(self, at: int) -> bool:
        return self.revised is not None and self.revised <= at

    def due(self, at: int) -> int | None:
        if not self.turn[3]:
            return None
        first = self.published + (4 + self.lot[8] % 20) * WEEK
        later = (2 + self.lot[9] % 6) * WEEK if self.is_revised(at) else 0
        return (first + later) // DAY * DAY

    def row(self, at: int) -> Row:
        category, sentence, tags, _ = self.turn
        services, feature = TOPICS[self.lot[1] % len(TOPICS)]
        is_revised, due = self.is_revised(at), self.due(at)
        title = f"{services[0]}: {sentence.format(feature)}"
        modified = self.revised if is_revised and self.revised else self.published
        return {
            "id": f"MC{900_000 + self.number}",
            "title": f"(Updated) {title}" if is_revised else title,
            "category": category,
            "severity": "high" if category == "preventOrFixIssue" else "normal",
            "services": list(services),
            "tags": [*tags, *(["Updated message"] if is_revised else [])],
            "isMajorChange": bool(due) and self.lot[10] % 2 == 0,
            "actionRequiredByDateTime": graph_time(due) if due else None,
            "startDateTime": graph_time(self.published),
            "endDateTime": graph_time(self.end),
            "lastModifiedDateTime": graph_time(modified),
            "hasAttachments": False,
            "expiryDateTime": None,
            "viewPoint": None,
            "details": [
                {"name": "ExternalLink", "value": f"https://learn.example.com/mc/{self.number}"},
                {"name": "RoadmapIds", "value": str(100_000 + self.number)},
            ],
            "body": {"contentType": "html", "content": self._body(feature, due, is_revised)},
        }

    def _body(self, feature: str, due: int | None, is_revised: bool) -> str:  # noqa: FBT001
        shift = "<p><i>Updated: the timeline below is a new one.</i></p>" if is_revised else ""
        when = f"by {graph_time(due)[:10]}" if due else "over the coming weeks"
        return (
            f"{shift}<p>We are changing how <b>{feature}</b> work in your organisation.</p>"
            f"<h3>Timeline</h3><p>The change reaches all tenants {when}.</p>"
            f"<h3>What is different</h3><ul><li>Existing {feature} keep their settings.</li>"
            "<li>New ones follow the new rule.</li><li>Administrators see a notice.</li></ul>"
            f'<p><img src="https://img.example.com/mc/{self.number}.png" alt="The new page"></p>'
            f"<h3>How to prepare</h3><p>Tell those who look after {feature}, and read "
            f'<a href="https://learn.example.com/mc/{self.number}">the documentation</a>.</p>'
        )


def announcements(population: Population) -> list[Row]:
    """Newest first, about 110 at any time."""
    rows = [message.row(population.at) for message in _listed(population.at)]
    return every_third(rows, _hostile) if population.customer.hostile else rows


def _listed(at: int) -> Iterator[_Message]:
    newest = (at - EPOCH) // APART
    oldest = newest - (LONGEST_LIFE + SHOWN_AFTER_END) // APART - 1
    messages = (_Message.of(number) for number in range(newest, oldest, -1))
    return (message for message in messages if message.is_listed(at))


def _hostile(number: int, _row: Row) -> Row:
    return {
        "title": hostile_name(number) or "",
        "services": [hostile_name(number), None],
        "actionRequiredByDateTime": ABSURD_TIMES[number % len(ABSURD_TIMES)],
        "details": [{"name": "ExternalLink", "value": "javascript:alert(1)"}],
        "body": {"contentType": "html", "content": HOSTILE_BODY},
    }


RESOURCES = (
    Resource(
        path=re.compile("/admin/serviceAnnouncement/messages"),
        context="admin/serviceAnnouncement/messages",
        entity="microsoft.graph.serviceUpdateMessage",
        permissions=frozenset({"ServiceMessage.Read.All"}),
        rows=plain(announcements),
    ),
)
