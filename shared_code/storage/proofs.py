"""Proofs of deletion in table `proofs`: the only thing that outlives a tenant."""

from collections.abc import Callable

from shared_code.core.proof import Proof
from shared_code.core.tenant import TenantId
from shared_code.storage.document import Document
from shared_code.storage.keys import is_key
from shared_code.storage.table import Properties, Stored, Table

_LARGEST = 999_999

_PROOF = Document("proof", Proof)


class TableProofs:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def newest(self, tenant_id: TenantId) -> Proof | None:
        stored = await self._newest(tenant_id)
        return _PROOF.read(stored.properties) if stored else None

    async def open(self, proof: Proof) -> bool:
        return await self._table.insert(_row(proof))

    async def change(self, tenant_id: TenantId, to: Callable[[Proof], Proof]) -> Proof:
        while stored := await self._newest(tenant_id):
            before = _PROOF.read(stored.properties)
            after = to(before)
            if after == before or await self._table.replace(_row(after), etag=stored.etag):
                return after
        raise LookupError(tenant_id)

    async def _newest(self, tenant_id: TenantId) -> Stored | None:
        if not is_key(tenant_id):
            return None
        found = self._table.query("PartitionKey eq @tenant", limit=1, tenant=tenant_id)
        return await anext(found, None)


def _row(proof: Proof) -> Properties:
    """Newest first."""
    return {
        "PartitionKey": proof.tenant_id,
        "RowKey": f"{_LARGEST - proof.number:06d}",
        "phase": proof.phase.value,
        **_PROOF.written(proof),
    }
