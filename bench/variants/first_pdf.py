"""From an instance without a typesetter to its first PDF, and to its second: `... first_pdf JOB`.

`folder` is scratch disk; REPORTS_STORAGE in the environment is where the typesetter lies.
"""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

from bench.job import Job, finish, mark, read_job
from bench.variants.stage import settings

_JOB = read_job()
_STORAGE = os.environ["REPORTS_STORAGE"]
settings(_JOB.base_url)
os.environ["REPORTS_STORAGE"] = _STORAGE
tempfile.tempdir = _JOB.folder

from shared_code.core.text import Language  # noqa: E402 - what is measured
from shared_code.reports.guest_users import REPORT  # noqa: E402
from shared_code.wiring import services  # noqa: E402
from tests.reports.runs import Runs, recorded  # noqa: E402


async def run(job: Job) -> None:
    app = services()
    [pdf] = [each for each in app.producer.renderings if each.ending == "pdf"]
    with ExitStack() as resources:
        report = Runs(Path(job.folder), resources).produce(REPORT, recorded(REPORT))
        sizes: list[int] = []
        for moment in ("first", "second"):
            mark(f"before {moment}")
            await pdf.prepare()
            out = BytesIO()
            pdf.write(report, Language.DE, out)
            sizes.append(len(out.getvalue()))
            mark(moment)
    await app.close()
    finish(sizes)


if __name__ == "__main__":
    asyncio.run(run(_JOB))
