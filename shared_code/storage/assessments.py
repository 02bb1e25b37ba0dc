"""Assessments in table `assessments`: one partition, a row per announcement."""

from collections.abc import Sequence

from shared_code.core.assessment import Assessment
from shared_code.storage.document import Document
from shared_code.storage.keys import row_key
from shared_code.storage.table import Table

_PARTITION = "assessments"
_ASSESSMENT = Document("assessment", Assessment)


class TableAssessments:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def all(self) -> Sequence[Assessment]:
        found = self._table.query("PartitionKey eq @partition", partition=_PARTITION)
        return [_ASSESSMENT.read(stored.properties) async for stored in found]

    async def get(self, announcement: str) -> Assessment | None:
        stored = await self._table.get(_PARTITION, row_key(announcement))
        return _ASSESSMENT.read(stored.properties) if stored else None

    async def put(self, assessment: Assessment) -> None:
        row = {"PartitionKey": _PARTITION, "RowKey": row_key(assessment.id)}
        await self._table.put(row | _ASSESSMENT.written(assessment))

    async def delete(self, announcement: str) -> bool:
        return await self._table.delete(_PARTITION, row_key(announcement))
