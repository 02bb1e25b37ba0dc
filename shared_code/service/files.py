"""Makes and files all renderings of a report, each attempt in a folder of its own."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shared_code.core.effort import Phase
from shared_code.core.meter import step
from shared_code.core.ports import Archive, Spool
from shared_code.core.report import Report
from shared_code.core.run import Artifact, Run, RunId
from shared_code.core.tenant import TenantId
from shared_code.core.text import Language
from shared_code.rendering import Rendering

_log = logging.getLogger(__name__)

# What the next run compares with; filed beside the renderings, never linked.
MEMORY = "memory.bin"


@dataclass(frozen=True, slots=True)
class Filing:
    """Where an attempt files. A worker that lost its lease goes on writing into its own folder
    and so cannot touch what another one delivered."""

    tenant_id: TenantId
    report: str
    run_id: RunId
    attempt: str

    def path(self, name: str) -> str:
        return f"{self.tenant_id}/{self.report}/{self.run_id}/{self.attempt}/{name}"


def folder_of(run: Run) -> str:
    """Below it are the folders of all attempts."""
    return f"{run.tenant_id}/{run.report}/{run.id}"


def attempt_of(run: Run) -> str:
    """Whose files the run names. No attempt is named "", and a refused run names none."""
    return run.artifacts[0].path.split("/")[-2] if run.artifacts else ""


def path_of(run: Run, name: str) -> str:
    artifact = run.artifact(name)
    if artifact is None:
        raise KeyError(name)
    return artifact.path


async def make_files(
    report: Report,
    spool: Spool,
    archive: Archive,
    filing: Filing,
    renderings: Sequence[Rendering],
) -> tuple[Artifact, ...]:
    """One at a time: two at once would need twice the memory and no less processor time."""
    artifacts: list[Artifact] = []
    for rendering in renderings:
        for language in (None,) if rendering.is_bilingual else tuple(Language):
            name = (
                f"report.{language}.{rendering.ending}"
                if language
                else f"report.{rendering.ending}"
            )
            file = spool.path(name)
            try:
                with step(Phase.RENDER, name):
                    await rendering.prepare()
                    await asyncio.to_thread(
                        _write, rendering, report, language or Language.DE, file
                    )
            except rendering.forgives as error:
                report = _without(report, name, error)
                continue
            artifacts.append(await _file(archive, filing, name, file, rendering))
    with step(Phase.RENDER, MEMORY):
        memory = await asyncio.to_thread(spool.remember, report.memory)
    artifacts.append(await _file(archive, filing, MEMORY, memory))
    return tuple(artifacts)


def _without(report: Report, name: str, error: Exception) -> Report:
    # Only the class: what a program printed may be a tenant's.
    _log.error("left out: file=%s cause=%s", name, type(error).__name__)
    return replace(report, left_out=report.left_out | {name})


def _write(rendering: Rendering, report: Report, language: Language, file: Path) -> None:
    with file.open("wb") as out:
        rendering.write(report, language, out)


async def _file(
    archive: Archive, filing: Filing, name: str, file: Path, rendering: Rendering | None = None
) -> Artifact:
    media_type = rendering.media_type if rendering else "application/octet-stream"
    path = filing.path(name)
    with step(Phase.FILE, name):
        size, digest = await asyncio.to_thread(_measure, file)
        await archive.put(path, file, media_type=media_type)
        await asyncio.to_thread(file.unlink)
    return Artifact(
        name=name,
        path=path,
        media_type=media_type,
        size=size,
        sha256=digest,
        content_policy=rendering.content_policy if rendering else "",
    )


def _measure(file: Path) -> tuple[int, str]:
    with file.open("rb") as content:
        return file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()
