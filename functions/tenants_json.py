"""The JSON of tenants, their audit and the proof of their deletion."""

import msgspec

from shared_code.core.audit import Entry
from shared_code.core.proof import Found, Proof
from shared_code.core.tenant import Tenant

type Json = dict[str, object]


def tenant_json(tenant: Tenant) -> Json:
    """All that was agreed; for engineers."""
    return msgspec.to_builtins(tenant) | {"is_served": tenant.is_served}


def entry_json(entry: Entry) -> Json:
    shown = msgspec.to_builtins(entry)
    del shown["tenant_id"]
    return shown


def proof_json(proof: Proof) -> Json:
    return {
        "tenant": proof.tenant_id,
        "number": proof.number,
        "phase": proof.phase,
        "begun": proof.begun.isoformat(),
        "begun_by": proof.begun_by,
        "closed": proof.closed.isoformat() if proof.closed else None,
        "deleted": {kind: _found(found) for kind, found in proof.deleted.items()},
        "late": {kind: _found(found) for kind, found in proof.late.items() if found.count},
    }


def _found(found: Found) -> Json:
    return {
        "count": found.count,
        "oldest": found.oldest.isoformat() if found.oldest else None,
        "newest": found.newest.isoformat() if found.newest else None,
    }
