"""Notes below the portal's table: what could not be delivered, what was missing, what will be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared_code.core.condition import Condition
from shared_code.core.errors import Reason
from shared_code.core.gdap import Relationship
from shared_code.core.overview import Standing
from shared_code.core.readiness import Lack
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import Tenant
from shared_code.core.text import Language, Text, message
from shared_code.rendering.language import Voice
from shared_code.rendering.wording import lack_sentence, reason_sentence


@dataclass(frozen=True, slots=True)
class Note:
    title: str
    text: str
    is_of_all: bool = False  # of all reports: until it is settled there is nothing else to do


def notes(
    tenant: Tenant,
    language: Language,
    standings: Sequence[Standing],
    condition: Condition | None,
) -> Sequence[Note]:
    """Those of the whole tenant first; without a condition, what runs met with alone."""
    made = _Notes(tenant, Voice.of(tenant, language), condition)
    found = [note for standing in standings for note in made.of(standing)]
    return [*made.of_all(), *made.joined(found, len(standings))]


@dataclass(frozen=True, slots=True)
class _Notes:
    tenant: Tenant
    voice: Voice
    condition: Condition | None

    def of_all(self) -> Iterator[Note]:
        condition = self.condition
        if condition is None:
            return
        if lack := condition.unreachable:
            yield self._note(_ALL, self._lack(lack), is_of_all=True)
        for relationship in condition.ending:
            yield self._note(_ACCESS, self._ending(relationship, condition))
        if condition.partner and condition.partner.problem:
            detail = condition.partner.detail or condition.partner.problem.value
            said = self.voice.say(message(_PARTNER_UNREADABLE, detail=detail))
            yield self._note(_ACCESS, said)

    def of(self, standing: Standing) -> Iterator[Note]:
        run, report = standing.newest, standing.report
        lacks = self._lacks(report)
        known = {name for lack in lacks for name in lack.datasets}
        if (
            run
            and not run.state.is_delivered
            and not self._is_said(run, lacks_main=report.main.name in known)
        ):
            yield self._note(report.title, run.headline.get(self.voice.language, ""))
        missing = defaultdict[tuple[Reason, str], list[str]](list)
        for gap in run.gaps if run else ():
            if gap.dataset not in known:
                missing[gap.reason, gap.detail].append(gap.dataset)
        for (reason, detail), datasets in missing.items():
            names, sentence = self._names(report, datasets), reason_sentence(reason, detail)
            if names:
                said = message(_MISSING, names=names, sentence=sentence)
                yield self._note(report.title, self.voice.say(said))
        for lack in lacks:
            yield self._note(report.title, self._lack(lack, self._names(report, lack.datasets)))

    def joined(self, found: Sequence[Note], reports: int) -> Iterator[Note]:
        """The same is said once, of all that it holds for."""
        titles = defaultdict[str, list[str]](list)
        for note in found:
            titles[note.text].append(note.title)
        for text, named in titles.items():
            if 1 < reports == len(named):
                yield self._note(_ALL, text, is_of_all=True)
            else:
                yield Note(", ".join(named), text)

    def _lacks(self, report: ReportType) -> Sequence[Lack]:
        """None where the whole tenant is unreachable: that is one note for all."""
        if self.condition is None or self.condition.unreachable:
            return ()
        return self.condition.lacks(report)

    def _is_said(self, run: Run, *, lacks_main: bool) -> bool:
        """A note that tells more stands there already: why, and since when."""
        is_unreachable = self.condition is not None and self.condition.unreachable is not None
        return run.state is RunState.BLOCKED and (lacks_main or is_unreachable)

    def _ending(self, relationship: Relationship, condition: Condition) -> str:
        """An approval is the customer's; which relationship it is, only engineers need to know."""
        days = relationship.days_left(condition.at, ZoneInfo(self.tenant.time_zone))
        text = _ENDED if relationship.is_over or (days or 0) < 0 else _ENDING
        day = self.voice.local(relationship.ends).date() if relationship.ends else ""
        said = self.voice.say(message(text, day=day))
        return f"{said} ({relationship.name})" if condition.is_for_engineer else said

    def _note(self, title: Text, text: str, *, is_of_all: bool = False) -> Note:
        return Note(self.voice.say(title), text, is_of_all)

    def _names(self, report: ReportType, datasets: Iterable[str]) -> str:
        titles = {d.name: d.title for d in report.needs}
        return ", ".join(self.voice.say(titles[name]) for name in datasets if name in titles)

    def _lack(self, lack: Lack, names: str = "") -> str:
        since = self.voice.local(lack.since).date()
        text = _LACKS_OF if names else _LACKS
        return self.voice.say(message(text, since=since, sentence=lack_sentence(lack), names=names))


_ALL = Text(de="Alle Berichte", en="All reports")
_ACCESS = Text(de="Delegierter Zugang", en="Delegated access")
_ENDING = Text(
    de="Unser delegierter Zugang (GDAP) zu Ihrem Mandanten endet am {day}. "
    "Kunde: Bitte der Verlängerung zustimmen, die wir Ihnen zusenden.",
    en="Our delegated access (GDAP) to your tenant ends on {day}. "
    "Customer: please approve the extension that we send you.",
)
_ENDED = Text(
    de="Unser delegierter Zugang (GDAP) zu Ihrem Mandanten endete am {day}. "
    "Kunde: Bitte der neuen Anfrage zustimmen, die wir Ihnen zusenden.",
    en="Our delegated access (GDAP) to your tenant ended on {day}. "
    "Customer: please approve the new request that we send you.",
)
_PARTNER_UNREADABLE = Text(
    de="GDAP ist im Mandanten des Partners nicht lesbar: {detail}. Partner: Bitte prüfen.",
    en="GDAP cannot be read in the partner's tenant: {detail}. Partner: please check.",
)
_LACKS = Text(de="Seit {since}: {sentence}", en="Since {since}: {sentence}")
_LACKS_OF = Text(de="Seit {since} – {names}: {sentence}", en="Since {since} – {names}: {sentence}")
_MISSING = Text(
    de="Es fehlen Daten – {names}: {sentence}", en="Data is missing – {names}: {sentence}"
)
