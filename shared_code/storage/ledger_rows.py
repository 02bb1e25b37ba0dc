"""Rows of table `runs`: how runs, leases and points are written, and read again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared_code.core.metric import Point
from shared_code.core.run import Run
from shared_code.storage.document import Document
from shared_code.storage.keys import ascending, descending, row_key
from shared_code.storage.table import Properties, Stored

_RUN = Document("run", Run)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """`token` is that of the claim that wrote it last."""

    run: Run
    token: str
    etag: str


@dataclass(frozen=True, slots=True)
class StoredLease:
    token: str
    until: datetime
    etag: str


def run_key(report: str, end: datetime) -> str:
    return row_key("run", report, descending(end))


def lease_key(report: str, end: datetime) -> str:
    return row_key("lease", report, descending(end))


def run_row(run: Run, *, token: str = "") -> dict[str, Any]:
    return {
        "PartitionKey": run.tenant_id,
        "RowKey": run_key(run.report, run.end),
        "token": token,
        "state": run.state.value,  # for those who look at the table; the run itself says it too
        **_RUN.written(run),
    }


def stored_run(stored: Stored) -> StoredRun:
    return StoredRun(run_of(stored.properties), stored.properties["token"], stored.etag)


def run_of(row: Properties) -> Run:
    return _RUN.read(row)


def lease_row(run: Run, *, token: str, until: datetime) -> dict[str, Any]:
    return {
        "PartitionKey": run.tenant_id,
        "RowKey": lease_key(run.report, run.end),
        "token": token,
        "until": until.isoformat(),
    }


def stored_lease(stored: Stored) -> StoredLease:
    row = stored.properties
    return StoredLease(row["token"], datetime.fromisoformat(row["until"]), stored.etag)


def point_row(run: Run, point: Point) -> dict[str, Any]:
    return {
        "PartitionKey": run.tenant_id,
        "RowKey": row_key("point", run.report, point.metric, ascending(point.end)),
        "metric": point.metric,
        "end": point.end.isoformat(),
        "value": float(point.value),
    }


def point_of(row: Properties) -> Point:
    return Point(row["metric"], datetime.fromisoformat(row["end"]), row["value"])
