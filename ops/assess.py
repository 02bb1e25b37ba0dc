"""Writes what the partner thinks of an announcement: python -m ops.assess MC123456 --de … --en …."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from ops.onboard import values
from shared_code.core.assessment import Assessment, Recommendation
from shared_code.core.errors import ReportingError
from shared_code.service.assess import Assessing, draft_of
from shared_code.settings import read_settings
from shared_code.wiring import build


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.assess", description=__doc__)
    parser.add_argument("announcement", nargs="?", help="its number; without one, all are listed")
    parser.add_argument("--de", help="a few plain sentences in German")
    parser.add_argument("--en", help="the same in English")
    parser.add_argument(
        "--recommendation",
        type=Recommendation,
        choices=list(Recommendation),
        default=Recommendation.CHECK,
    )
    parser.add_argument("--delete", action="store_true")
    parser.add_argument(
        "--settings", type=Path, help="a local.settings.json; default: the environment"
    )
    arguments = parser.parse_args()
    if arguments.delete and not arguments.announcement:
        parser.error("--delete needs the number of an announcement")
    if bool(arguments.de) != bool(arguments.en):
        parser.error("--de and --en belong together")
    return arguments


async def _assess(assessing: Assessing, arguments: argparse.Namespace) -> list[str]:
    announcement = arguments.announcement
    if not announcement:
        return [_line(each) for each in await assessing.all()]
    if arguments.delete:
        deleted = await assessing.delete(announcement)
        return ["deleted" if deleted else "there was none"]
    if arguments.de:
        texts = {"de": arguments.de, "en": arguments.en}
        draft = draft_of(msgspec.json.encode(texts | {"recommendation": arguments.recommendation}))
        return [_line(await assessing.write(announcement, draft))]
    found = await assessing.get(announcement)
    return [_line(found), found.de, found.en] if found else ["there is none"]


def _line(assessment: Assessment) -> str:
    day = assessment.written.date()
    return f"{assessment.id}  {assessment.recommendation:<8} {day}  {assessment.de[:60]}"


async def _run(arguments: argparse.Namespace) -> list[str]:
    services = build(read_settings(values(arguments.settings)))
    try:
        await services.prepare()
        return await _assess(services.assessing, arguments)
    finally:
        await services.close()


def main() -> int:
    try:
        lines = asyncio.run(_run(_arguments()))
    except ReportingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
