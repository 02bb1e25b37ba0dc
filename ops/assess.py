"""What the partner thinks of announcements: written, listed, deleted."""

from typing import Annotated

import msgspec
import typer

from ops.answers import Answer, Fields, Listing, Record
from ops.command import Session, command, group
from ops.session import RefusedError
from shared_code.core.assessment import Assessment, Recommendation
from shared_code.service.assess import draft_of

app = group("assess", "The partner's assessments of Microsoft's announcements.")

Announcement = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Of the announcement, such as MC123456.")
]


@command(app, "list")
async def assessments(session: Session) -> Answer:
    """All assessments, the newest announcement first."""
    found = await session.services.assessing.all()
    return Listing([_row(each) for each in found], none="no assessments")


@command(app, "show")
async def show(session: Session, announcement: Announcement) -> Answer:
    """One assessment in both languages."""
    found = await session.services.assessing.get(announcement)
    if found is None:
        raise RefusedError(f"no assessment of {announcement}")
    return Record(_row(found))


@command(app, "write")
async def write(
    session: Session,
    announcement: Announcement,
    *,
    de: Annotated[str, typer.Option(help="A few plain sentences in German.")],
    en: Annotated[str, typer.Option(help="The same in English.")],
    recommendation: Recommendation = Recommendation.CHECK,
) -> Answer:
    """Writes an assessment, in place of the one before; the next reports of all tenants show it."""
    texts = {"de": de, "en": en, "recommendation": recommendation.value}
    written = await session.services.assessing.write(
        announcement, draft_of(msgspec.json.encode(texts))
    )
    return Record(_row(written))


@command(app, "delete")
async def delete(session: Session, announcement: Announcement) -> Answer:
    """Deletes an assessment."""
    if not await session.services.assessing.delete(announcement):
        raise RefusedError(f"no assessment of {announcement}")
    return Record({"announcement": announcement.upper(), "deleted": True})


def _row(assessment: Assessment) -> Fields:
    return {
        "announcement": assessment.id,
        "recommendation": assessment.recommendation.value,
        "written": assessment.written,
        "de": assessment.de,
        "en": assessment.en,
    }
