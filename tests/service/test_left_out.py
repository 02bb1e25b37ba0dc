"""A file that a report can do without: if it cannot be made, everything else is delivered."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CalledProcessError, TimeoutExpired
from typing import BinaryIO

import pytest

from shared_code.core.report import Report
from shared_code.core.run import Run, RunState
from shared_code.core.text import Language
from shared_code.rendering import RENDERINGS
from shared_code.rendering.html import HTML
from shared_code.rendering.pdf import PDF
from shared_code.service.files import MEMORY
from tests.service.stage import PLAIN, Stage, request

SECRET = "Ada Lovelace"


@dataclass
class Press:
    """Fails as often as told, for each language in turn, and then writes."""

    failures: list[Exception | None]

    def write(self, report: Report, language: Language, out: BinaryIO) -> None:
        error = self.failures.pop(0) if self.failures else None
        out.write(b"%PDF-")
        if error:
            raise error


CAUSES = [
    TimeoutExpired(["python", SECRET], 120, output=SECRET.encode()),
    CalledProcessError(1, ["python"], output=SECRET.encode(), stderr=SECRET.encode()),
    OSError(12, SECRET),
]


def stage(root: Path, *failures: Exception | None) -> Stage:
    return Stage(root, renderings=(replace(PDF, write=Press(list(failures)).write), HTML))


async def delivered(stage: Stage, *, weeks: int = 0) -> Run:
    run = await stage.produce(request(weeks=weeks))
    assert run
    assert (run.state, run.gaps) == (RunState.DELIVERED, ())
    return run


async def button(stage: Stage, run: Run, language: Language) -> bool:
    artifact = run.artifact(f"report.{language}.html")
    assert artifact
    return f'href="report.{language}.pdf"' in (await stage.archive.read(artifact.path)).decode()


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: type(cause).__name__)
async def test_without_its_pdf_a_report_is_delivered_and_offers_none(
    tmp_path: Path, cause: Exception
) -> None:
    failing = stage(tmp_path, cause, cause)

    run = await delivered(failing)

    assert [a.name for a in run.artifacts] == ["report.de.html", "report.en.html", MEMORY]
    assert not await button(failing, run, Language.DE)
    assert not await button(failing, run, Language.EN)


async def test_what_could_be_made_is_offered(tmp_path: Path) -> None:
    failing = stage(tmp_path, CAUSES[0], None)

    run = await delivered(failing)

    assert "report.de.pdf" not in [a.name for a in run.artifacts]
    assert "report.en.pdf" in [a.name for a in run.artifacts]
    assert not await button(failing, run, Language.DE)
    assert await button(failing, run, Language.EN)


async def test_the_next_run_tries_again(tmp_path: Path) -> None:
    failing = stage(tmp_path, CAUSES[0], CAUSES[0])
    await delivered(failing)

    run = await delivered(failing, weeks=1)

    assert "report.de.pdf" in [a.name for a in run.artifacts]
    assert await button(failing, run, Language.DE)


async def test_the_log_names_file_and_cause_and_nothing_of_the_tenant(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for cause in CAUSES:
        caplog.clear()

        await delivered(stage(tmp_path, cause))

        [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
        assert record.getMessage() == (f"left out: file=report.de.pdf cause={type(cause).__name__}")
        assert not record.exc_info


async def test_a_defect_in_what_every_report_needs_still_fails_the_run(tmp_path: Path) -> None:
    for needed in (PLAIN, *(each for each in RENDERINGS if each is not PDF)):
        broken = Stage(tmp_path, renderings=(replace(needed, write=Press([CAUSES[2]]).write),))

        with pytest.raises(OSError, match=SECRET):
            await broken.produce(request())
