"""Counts what a run asks of storage, where the SDKs send it: each time, repeated requests too."""

from typing import Any

from shared_code.core.meter import meter


def counting(service: str) -> dict[str, Any]:
    """Options of a client of that service: "table", "blob" or "queue", as core/cost.py names them."""

    def count(request: Any) -> None:  # noqa: ANN401 - each SDK has its own kind
        if current := meter():
            is_read = request.http_request.method in {"GET", "HEAD"}
            current.operations[f"{service} {'reads' if is_read else 'writes'}"] += 1

    return {"raw_request_hook": count}
