"""Shows what was due, delivered, opened and mailed: python -m ops.evidence [--tenant ID] [--late]."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from shared_code.core.errors import ConfigurationError, ReportingError
from shared_code.core.tenant import TenantId
from shared_code.service.evidence import Proof, proof_json
from shared_code.settings import read_settings
from shared_code.wiring import build

_HEAD = ("customer", "report", "due", "delivered", "state", "late", "opened", "mailed", "to")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.evidence", description=__doc__)
    parser.add_argument("--tenant", help="tenant id; default: all")
    parser.add_argument("--late", action="store_true", help="only what is or was too late")
    parser.add_argument("--hours", type=float, default=6.0, help="late after so many hours")
    parser.add_argument("--json", action="store_true", help="as the API answers it")
    parser.add_argument(
        "--settings", type=Path, help="a local.settings.json; default: the environment"
    )
    return parser.parse_args()


def _values(settings: Path | None) -> Mapping[str, str]:
    return json.loads(settings.read_text("utf-8"))["Values"] if settings else os.environ


async def _proofs(arguments: argparse.Namespace) -> Sequence[Proof]:
    services = build(read_settings(_values(arguments.settings)))
    evidence = services.evidence.within(timedelta(hours=arguments.hours))
    try:
        if arguments.tenant is None:
            return await evidence.of_all(only_late=arguments.late)
        found = await evidence.of(TenantId(arguments.tenant.lower()))
    finally:
        await services.close()
    if found is None:
        raise ConfigurationError("no such tenant")
    return [proof for proof in found if proof.is_late or not arguments.late]


def table(proofs: Sequence[Proof]) -> str:
    rows = [_HEAD, *map(_row, proofs)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(proof: Proof) -> tuple[str, ...]:
    run = proof.run
    return (
        "".join(sign if sign.isprintable() else " " for sign in proof.tenant.customer),
        run.report,
        _minute(run.end),
        _minute(run.delivered),
        run.state,
        "late" if proof.is_late else "",
        str(proof.openings),
        _minute(proof.mailed),
        str(proof.recipients),
    )


def _minute(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M}" if instant else "-"


def main() -> int:
    arguments = _arguments()
    try:
        proofs = asyncio.run(_proofs(arguments))
    except ReportingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    shown = [proof_json(proof) for proof in proofs]
    print(json.dumps(shown, ensure_ascii=False, indent=2) if arguments.json else table(proofs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
