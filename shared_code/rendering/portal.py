"""The portal's pages: rendered on the server, without any script. No file address stands in them:
links are made when somebody clicks, and live for an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from markupsafe import Markup

from shared_code.core.condition import Condition
from shared_code.core.overview import Archived, Attention, Audited, Overview, Standing
from shared_code.core.report import Priority, ReportType, Status
from shared_code.core.run import Run
from shared_code.core.summary import Due, Indicator
from shared_code.core.tenant import Tenant
from shared_code.core.text import Language, Message, Month, Text, counted, message
from shared_code.rendering.charts import sparkline
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PRIORITY, STATUS
from shared_code.rendering.portal_audit import audit_rows
from shared_code.rendering.portal_notes import notes
from shared_code.rendering.portal_words import (
    AS_OF,
    CADENCES,
    DEADLINE,
    FIRST_RUN,
    IN_DAYS,
    ITEMS,
    KEPT,
    MORE_ITEMS,
    NOT_SINCE,
    NOTHING,
    NOTHING_KNOWN,
    NOTHING_YET,
    OF_REPORT,
    PORTAL,
    STATES,
)
from shared_code.rendering.templates import asset, hash_of, template

type Fields = dict[str, object]

_STYLE = "\n".join(map(asset, ("colours.css", "page.css", "table.css", "portal.css")))
CONTENT_POLICY = (
    f"default-src 'none'; style-src '{hash_of(_STYLE)}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

_MOST_ITEMS = 5
_FILES = (("pdf", "PDF"), ("xlsx", "Excel"))
_STYLES = {"better": "ok", "worse": "bad"}
_WAITING = ("neutral", "–", Text(de="Noch kein Lauf", en="No run yet"))


def overview_page(
    overview: Overview, language: Language, *, brand: str, condition: Condition | None = None
) -> str:
    """`condition` says what reports lack, whether or not a run met with it already."""
    page = _Page(overview.tenant, language, condition)
    return _rendered("portal.html.j2", page.overview(overview), brand)


def archive_page(archived: Archived, language: Language, *, brand: str) -> str:
    fields = _Page(archived.tenant, language).archived(archived)
    return _rendered("portal_archive.html.j2", fields, brand)


def audit_page(audited: Audited, language: Language, *, brand: str, reader: str) -> str:
    """`reader` is the object id of who looks at it."""
    fields = _Page(audited.tenant, language).audited(audited, reader)
    return _rendered("portal_audit.html.j2", fields, brand)


def customers_page(tenants: Sequence[Tenant], language: Language, *, brand: str) -> str:
    """Where engineers begin."""
    other = next(each for each in Language if each is not language)
    fields: Fields = {
        "lang": language,
        "other": other,
        "other_address": f"/portal?lang={other}",
        "w": {name: text[language] for name, text in PORTAL.items()},
        "rows": [
            {
                "customer": tenant.customer,
                "domain": tenant.domain,
                "state": STATES[tenant.state][language],
                "address": f"/portal/{tenant.id}?lang={language}",
            }
            for tenant in sorted(tenants, key=lambda tenant: tenant.customer.casefold())
        ],
    }
    return _rendered("portal_customers.html.j2", fields, brand)


def _rendered(name: str, fields: Fields, brand: str) -> str:
    return template(name).render(
        **fields,
        brand=brand,
        policy=CONTENT_POLICY,
        style=Markup(_STYLE),  # noqa: S704 - our own file
    )


@dataclass(frozen=True, slots=True)
class _Page:
    tenant: Tenant
    language: Language
    condition: Condition | None = None

    @property
    def _voice(self) -> Voice:
        return Voice.of(self.tenant, self.language)

    def overview(self, overview: Overview) -> Fields:
        items = Attention.of(overview)
        standings = overview.standings
        newest = [s.delivered.delivered for s in standings if s.delivered and s.delivered.delivered]
        return self._frame() | {
            "last_run": self._voice.moment(max(newest)) if newest else "",
            "heading": self._voice.say(_heading(len(items), standings)),
            "items": [self._item(item, overview) for item in items[:_MOST_ITEMS]],
            "rows": [self._row(standing) for standing in standings],
            "notes": notes(self.tenant, self.language, standings, self.condition),
            "months": [self._month(month) for month in overview.months],
            "kept": self._voice.say(counted(self.tenant.retention.runs, **KEPT)),
            "audit_address": self._address("audit"),
            "other_address": self._address(other=True),
        }

    def archived(self, archived: Archived) -> Fields:
        return self._frame() | {
            "month": self._voice.say(Month(archived.month)),
            "back": self._address(),
            "rows": [self._archived(report, run) for report, run in archived.runs],
            "other_address": self._address("archive", f"{archived.month:%Y-%m}", other=True),
        }

    def audited(self, audited: Audited, reader: str) -> Fields:
        return self._frame() | {
            "back": self._address(),
            "rows": audit_rows(audited, self._voice, reader=reader),
            "other_address": self._address("audit", other=True),
        }

    def _frame(self) -> Fields:
        say = self._voice.say
        return {
            "lang": self.language,
            "other": self._other,
            "customer": self.tenant.customer,
            "domain": self.tenant.domain,
            "w": {name: say(text) for name, text in PORTAL.items()},
        }

    @property
    def _other(self) -> Language:
        return next(each for each in Language if each is not self.language)

    def _address(self, *parts: str, other: bool = False, **query: str | None) -> str:
        """Of a page of this tenant, in the language at hand or the other one."""
        path = "/".join(("/portal", self.tenant.id, *parts))
        options = {"lang": self._other if other else self.language, **query}
        return f"{path}?{urlencode({name: v for name, v in options.items() if v})}"

    def _item(self, item: Attention, overview: Overview) -> Fields:
        say, what, report = self._voice.say, item.what, item.standing.report
        if isinstance(what, Due):
            days = max((what.day.date() - overview.at.date()).days, 0)
            title, style = what.title, "warn"
            tag = say(message(DEADLINE, day=what.day))
            rest = counted(days, **IN_DAYS)
        else:
            tone, word = PRIORITY[Priority(what.priority)]
            title, style, tag = what.title[self.language], tone, say(word)
            rest = message(
                AS_OF, day=item.standing.delivered.end if item.standing.delivered else ""
            )
        return {
            "title": title,
            "style": style,
            "tag": tag,
            "below": say(message(OF_REPORT, report=report.title, rest=rest)),
            "address": self._address("reports", report.name, f=what.filter),
        }

    def _row(self, standing: Standing) -> Fields:
        run, report = standing.delivered, standing.report
        style, glyph, word = _status(standing)
        indicator = _main_indicator(run)
        return {
            "status": {"style": style, "glyph": glyph, "word": self._voice.say(word)},
            "title": self._voice.say(report.title),
            "address": self._address("reports", report.name) if run else "",
            "sentence": self._sentence(standing),
            "label": indicator.label[self.language] if indicator else "",
            "value": indicator.value[self.language] if indicator else DASH,
            "change": indicator.change[self.language] if indicator else "",
            "style": _STYLES.get(indicator.verdict, "neutral") if indicator else "neutral",
            "spark": sparkline(indicator.series) if indicator else Markup(),
            "as_of": self._voice.date(run.end) if run else DASH,
            "cadence": self._cadence(report),
            "files": self._files(report, run) if run else [],
        }

    def _sentence(self, standing: Standing) -> str:
        run = standing.delivered
        if run and run != standing.newest:
            return self._voice.say(message(NOT_SINCE, day=run.end))
        if run:
            summary = run.summary
            return summary.digest[self.language] if summary else run.headline[self.language]
        if standing.newest is None and standing.next_due:
            return self._voice.say(message(FIRST_RUN, day=standing.next_due))
        return ""

    def _archived(self, report: ReportType, run: Run) -> Fields:
        start, end = self._voice.date(run.start), self._voice.date(run.end)
        tone, glyph, word = _status_of(Status(run.status))
        return {
            "status": {"style": tone, "glyph": glyph, "word": self._voice.say(word)},
            "title": self._voice.say(report.title),
            "address": self._run_address(report, run, "html"),
            "sentence": run.headline.get(self.language, ""),
            "period": f"{start} {DASH} {end}",
            "files": self._files(report, run),
        }

    def _files(self, report: ReportType, run: Run) -> Sequence[Fields]:
        names = {artifact.name for artifact in run.artifacts}
        return [
            {
                "word": word,
                "name": self._voice.say(report.title),
                "address": self._run_address(report, run, ending),
            }
            for ending, word in _FILES
            if f"report.{self.language}.{ending}" in names
        ]

    def _run_address(self, report: ReportType, run: Run, ending: str) -> str:
        file = f"report.{self.language}.{ending}"
        return self._address("reports", report.name, f"{run.end:%Y%m%dT%H%M%SZ}", file)

    def _month(self, month: date) -> Fields:
        address = self._address("archive", f"{month:%Y-%m}")
        return {"word": self._voice.say(Month(month)), "address": address}

    def _cadence(self, report: ReportType) -> str:
        """In a word, where there is one for it."""
        subscription = self.tenant.subscriptions.get(report.name)
        cadence = (subscription.cadence if subscription else None) or report.cadence
        _, _, day, month, weekday = cadence.split()
        if month != "*":
            return ""
        weekly, monthly, daily = CADENCES
        word = weekly if weekday != "*" else monthly if day != "*" else daily
        return self._voice.say(word)


def _heading(items: int, standings: Sequence[Standing]) -> Text | Message:
    if items > _MOST_ITEMS:
        return message(MORE_ITEMS, n=_MOST_ITEMS, all=items)
    return counted(items, **ITEMS) if items else _nothing(standings)


def _nothing(standings: Sequence[Standing]) -> Text:
    """What could not be read or delivered may need a decision."""
    if not any(standing.delivered for standing in standings):
        return NOTHING_YET
    is_whole = all(s.status not in (None, Status.INCOMPLETE) for s in standings)
    return NOTHING if is_whole else NOTHING_KNOWN


def _main_indicator(run: Run | None) -> Indicator | None:
    summary = run.summary if run else None
    return summary.indicators[0] if summary and summary.indicators else None


def _status(standing: Standing) -> tuple[str, str, Text]:
    return _status_of(standing.status) if standing.status else _WAITING


def _status_of(status: Status) -> tuple[str, str, Text]:
    glyph, word = STATUS[status]
    return status, glyph, word
