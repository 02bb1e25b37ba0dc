"""The portal's pages: rendered on the server, without any script. No file address stands in them:
links are made when somebody clicks, and live for an hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from markupsafe import Markup

from shared_code.core.condition import Condition
from shared_code.core.overview import Archived, Attention, Overview, Standing
from shared_code.core.report import Priority, ReportType, Status
from shared_code.core.run import Run
from shared_code.core.summary import Due, Indicator
from shared_code.core.tenant import Tenant, TenantState
from shared_code.core.text import Language, Message, Month, Text, counted, message
from shared_code.rendering.charts import sparkline
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE, PRIORITY, STATUS
from shared_code.rendering.portal_notes import notes
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

_WORDS: Mapping[str, Text] = {
    "title": Text(de="Ihre Berichte", en="Your reports"),
    "skip": PAGE["skip"],
    "last_run": Text(de="Letzter Lauf", en="Last run"),
    "open": Text(de="Öffnen", en="Open"),
    "reports": Text(de="Berichte", en="Reports"),
    "caption": Text(
        de="Berichte mit Status, Kennzahl und Dateien", en="Reports with status, figure and files"
    ),
    "scroll": PAGE["scroll"],
    "status": Text(de="Status", en="Status"),
    "report": PAGE["report"],
    "figure": Text(de="Kennzahl", en="Key figure"),
    "change": Text(de="Änderung", en="Change"),
    "trend": Text(de="Verlauf", en="Trend"),
    "as_of": PAGE["as_of"],
    "files": Text(de="Dateien", en="Files"),
    "archive": Text(de="Archiv", en="Archive"),
    "back": Text(de="Zurück zur Übersicht", en="Back to the overview"),
    "none": Text(
        de="In diesem Monat wurde kein Bericht geliefert.", en="No report was delivered this month."
    ),
    "period": Text(de="Zeitraum", en="Period"),
    "footer": Text(
        de="Links aus E-Mails führen hierher und verlangen Ihre Anmeldung. Dateilinks gelten nur kurz.",
        en="Links in emails lead here and ask you to sign in. File links are short-lived.",
    ),
    "other_language": PAGE["other_language"],
    "signed_in": Text(de="Angemeldet", en="Signed in"),
    "sign_out": Text(de="Abmelden", en="Sign out"),
    "customers": Text(de="Kunden", en="Customers"),
    "customer": Text(de="Kunde", en="Customer"),
    "domain": Text(de="Domäne", en="Domain"),
    "state": Text(de="Zustand", en="State"),
    "no_customers": Text(de="Es gibt noch keine Kunden.", en="There are no customers yet."),
}
_STATES: Mapping[TenantState, Text] = {
    TenantState.INVITED: Text(de="eingeladen", en="invited"),
    TenantState.ACTIVE: Text(de="aktiv", en="active"),
    TenantState.SUSPENDED: Text(de="ausgesetzt", en="suspended"),
    TenantState.CONSENT_WITHDRAWN: Text(de="Zustimmung entzogen", en="consent withdrawn"),
    TenantState.OFFBOARDING: Text(de="scheidet aus", en="leaving"),
    TenantState.OFFBOARDED: Text(de="ausgeschieden", en="offboarded"),
}
_ITEMS = {
    "one": Text(de="Dieser Punkt braucht Sie", en="This item needs you"),
    "other": Text(de="Diese {n} Punkte brauchen Sie", en="These {n} items need you"),
}
_MORE_ITEMS = Text(
    de="Die {n} dringendsten von {all} Punkten", en="The {n} most urgent of {all} items"
)
_NOTHING = Text(
    de="Derzeit braucht nichts Ihre Entscheidung.", en="Nothing needs your decision right now."
)
_NOTHING_KNOWN = Text(
    de="Von dem, was vorliegt, braucht derzeit nichts Ihre Entscheidung.",
    en="Of what is there, nothing needs your decision right now.",
)
_NOTHING_YET = Text(
    de="Sobald Berichte vorliegen, steht hier, was Ihre Entscheidung braucht.",
    en="Once there are reports, this is where you see what needs your decision.",
)
_KEPT = {
    "one": Text(
        de="Frühere Stände nach Monaten. Berichte werden {n} Monat aufbewahrt und dann gelöscht.",
        en="Earlier reports by month. Reports are kept for {n} month and then deleted.",
    ),
    "other": Text(
        de="Frühere Stände nach Monaten. Berichte werden {n} Monate aufbewahrt und dann gelöscht.",
        en="Earlier reports by month. Reports are kept for {n} months and then deleted.",
    ),
}
_DEADLINE = Text(de="Frist {day}", en="Due {day}")
_IN_DAYS = {
    "zero": Text(de="heute", en="today"),
    "one": Text(de="morgen", en="tomorrow"),
    "other": Text(de="in {n} Tagen", en="in {n} days"),
}
_OF_REPORT = Text(de="{report} · {rest}", en="{report} · {rest}")
_AS_OF = Text(de="Stand {day}", en="as of {day}")
_FIRST_RUN = Text(de="Erster Lauf am {day}.", en="First run on {day}.")
_NOT_SINCE = Text(
    de="Stand {day}. Seitdem nicht lieferbar: siehe unten.",
    en="As of {day}. Could not be delivered since: see below.",
)
_CADENCES = (
    Text(de="wöchentlich", en="weekly"),
    Text(de="monatlich", en="monthly"),
    Text(de="täglich", en="daily"),
)


def overview_page(
    overview: Overview, language: Language, *, brand: str, condition: Condition | None = None
) -> str:
    """`condition` says what reports lack, whether or not a run met with it already."""
    page = _Page(overview.tenant, language, condition)
    return _rendered("portal.html.j2", page.overview(overview), brand)


def archive_page(archived: Archived, language: Language, *, brand: str) -> str:
    fields = _Page(archived.tenant, language).archived(archived)
    return _rendered("portal_archive.html.j2", fields, brand)


def customers_page(tenants: Sequence[Tenant], language: Language, *, brand: str) -> str:
    """Where engineers begin."""
    other = next(each for each in Language if each is not language)
    fields: Fields = {
        "lang": language,
        "other": other,
        "other_address": f"/portal?lang={other}",
        "w": {name: text[language] for name, text in _WORDS.items()},
        "rows": [
            {
                "customer": tenant.customer,
                "domain": tenant.domain,
                "state": _STATES[tenant.state][language],
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
            "kept": self._voice.say(counted(self.tenant.retention.runs, **_KEPT)),
            "other_address": self._address(other=True),
        }

    def archived(self, archived: Archived) -> Fields:
        return self._frame() | {
            "month": self._voice.say(Month(archived.month)),
            "back": self._address(),
            "rows": [self._archived(report, run) for report, run in archived.runs],
            "other_address": self._address("archive", f"{archived.month:%Y-%m}", other=True),
        }

    def _frame(self) -> Fields:
        say = self._voice.say
        return {
            "lang": self.language,
            "other": self._other,
            "customer": self.tenant.customer,
            "domain": self.tenant.domain,
            "w": {name: say(text) for name, text in _WORDS.items()},
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
            tag = say(message(_DEADLINE, day=what.day))
            rest = counted(days, **_IN_DAYS)
        else:
            tone, word = PRIORITY[Priority(what.priority)]
            title, style, tag = what.title[self.language], tone, say(word)
            rest = message(
                _AS_OF, day=item.standing.delivered.end if item.standing.delivered else ""
            )
        return {
            "title": title,
            "style": style,
            "tag": tag,
            "below": say(message(_OF_REPORT, report=report.title, rest=rest)),
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
            return self._voice.say(message(_NOT_SINCE, day=run.end))
        if run:
            summary = run.summary
            return summary.digest[self.language] if summary else run.headline[self.language]
        if standing.newest is None and standing.next_due:
            return self._voice.say(message(_FIRST_RUN, day=standing.next_due))
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
        weekly, monthly, daily = _CADENCES
        word = weekly if weekday != "*" else monthly if day != "*" else daily
        return self._voice.say(word)


def _heading(items: int, standings: Sequence[Standing]) -> Text | Message:
    if items > _MOST_ITEMS:
        return message(_MORE_ITEMS, n=_MOST_ITEMS, all=items)
    return counted(items, **_ITEMS) if items else _nothing(standings)


def _nothing(standings: Sequence[Standing]) -> Text:
    """What could not be read or delivered may need a decision."""
    if not any(standing.delivered for standing in standings):
        return _NOTHING_YET
    is_whole = all(s.status not in (None, Status.INCOMPLETE) for s in standings)
    return _NOTHING if is_whole else _NOTHING_KNOWN


def _main_indicator(run: Run | None) -> Indicator | None:
    summary = run.summary if run else None
    return summary.indicators[0] if summary and summary.indicators else None


def _status(standing: Standing) -> tuple[str, str, Text]:
    return _status_of(standing.status) if standing.status else _WAITING


def _status_of(status: Status) -> tuple[str, str, Text]:
    glyph, word = STATUS[status]
    return status, glyph, word
