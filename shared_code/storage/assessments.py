"""Assessments in table `assessments`: one partition, a row per announcement."""

from collections.abc import Sequence

import msgspec

from shared_code.core.assessment import Assessment
from shared_code.storage.keys import joined_text, row_key, split_text
from shared_code.storage.table import Properties, Table

_PARTITION = "assessments"
_TEXT = "assessment"

_decode = msgspec.json.Decoder(Assessment).decode


class TableAssessments:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def all(self) -> Sequence[Assessment]:
        found = self._table.query("PartitionKey eq @partition", partition=_PARTITION)
        return [_assessment(stored.properties) async for stored in found]

    async def get(self, announcement: str) -> Assessment | None:
        stored = await self._table.get(_PARTITION, row_key(announcement))
        return _assessment(stored.properties) if stored else None

    async def put(self, assessment: Assessment) -> None:
        text = msgspec.json.encode(assessment).decode()
        row = {"PartitionKey": _PARTITION, "RowKey": row_key(assessment.id)}
        await self._table.put(row | split_text(_TEXT, text))

    async def delete(self, announcement: str) -> bool:
        return await self._table.delete(_PARTITION, row_key(announcement))


def _assessment(row: Properties) -> Assessment:
    return _decode(joined_text(_TEXT, row))
