"""Writes the partner's assessments of announcements; the next reports of all tenants show them."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from shared_code.core.assessment import Assessment, Draft, Number
from shared_code.core.errors import FieldInvalid
from shared_code.core.ports import Assessments, Clock
from shared_code.service.terms import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessing:
    """`author` is the partner's name: readers learn who says so, but nobody's name."""

    assessments: Assessments
    clock: Clock
    author: str

    async def all(self) -> Sequence[Assessment]:
        """The highest number first: Microsoft counts up."""
        found = await self.assessments.all()
        return sorted(found, key=lambda each: (len(each.id), each.id), reverse=True)

    async def get(self, announcement: str) -> Assessment | None:
        return await self.assessments.get(number(announcement))

    async def write(self, announcement: str, draft: Draft) -> Assessment:
        """Replaces what was written before."""
        written = Assessment(
            id=number(announcement),
            de=draft.de.strip(),
            en=draft.en.strip(),
            recommendation=draft.recommendation,
            author=self.author,
            written=self.clock(),
        )
        await self.assessments.put(written)
        return written

    async def delete(self, announcement: str) -> bool:
        """False if there was none."""
        return await self.assessments.delete(number(announcement))


def number(announcement: str) -> Number:
    """Raises FieldInvalid for what Microsoft would not number so."""
    try:
        return msgspec.convert(announcement.upper(), Number)
    except msgspec.ValidationError as error:
        raise FieldInvalid("id", "not the number of an announcement, such as MC123456") from error


def draft_of(body: bytes) -> Draft:
    """Raises FieldInvalid; says what is wrong and not what was sent."""
    return read(body, Draft)
