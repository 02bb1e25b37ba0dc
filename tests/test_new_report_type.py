"""One more report type is one more file: timer, permissions, table row and renderings come by themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_settings import GOOD

ROOT = Path(__file__).resolve().parents[1]

REPORT = '''
"""Badges: how many there are."""

from shared_code.core.dataset import Dataset, Row, Snapshot
from shared_code.core.period import Period
from shared_code.core.report import Content, History, Kpi, Lead, ReportType, Status
from shared_code.core.table import Column, Filter, Line, Table
from shared_code.core.text import Text, counted, message
from shared_code.datasets.workloads import DIRECTORY


class Badge(Row, frozen=True, kw_only=True):
    display_name: str | None = None


BADGES = Dataset(
    name="badges",
    title=Text(de="Ausweise", en="Badges"),
    path="/badges",
    row=Badge,
    permissions=("Domain.Read.All", "User.Read.All"),
    workload=DIRECTORY,
)
_WORD = Text(de="Ausweise", en="Badges")


def build(data: Snapshot, history: History, period: Period) -> Content:
    badges = data.rows(BADGES, order_by="display_name")
    count = sum(1 for _ in badges)
    return Content(
        lead=Lead(
            Status.OK,
            counted(
                count,
                one=Text(de="{n} Ausweis.", en="{n} badge."),
                other=Text(de="{n} Ausweise.", en="{n} badges."),
            ),
        ),
        digest=message(_WORD),
        kpis=(Kpi(metric="badges", label=_WORD, value=count, base=message(_WORD)),),
        table=Table(
            title=_WORD,
            counting=Text(de="{n} von {all} Ausweisen", en="{n} of {all} badges"),
            columns=(Column(label=Text(de="Name", en="Name"), personal=True),),
            filters=(Filter(id="all", label=Text(de="Alle", en="All")),),
            lines=lambda: (Line(b.id, (b.display_name,), filters=("all",)) for b in badges),
        ),
    )


REPORT = ReportType(
    name="tiny-report",
    title=Text(de="Winziger Bericht", en="Tiny report"),
    area=Text(de="Identität", en="Identity"),
    summary=Text(de="Zählt Ausweise.", en="Counts badges."),
    cadence="0 6 * * TUE",
    needs=(BADGES,),
    build=build,
)
'''

# In a process of its own: the worker's function registry is module-level, and so is ours.
SCRIPT = """
import asyncio, json, sys
from pathlib import Path

import shared_code.reports
shared_code.reports.__path__.append(sys.argv[1])

from dev.host.schedules import Schedule
from dev.host.worker import FunctionsApp
from ops import generated
from shared_code.core.text import Language
from shared_code.rendering import RENDERINGS
from shared_code.reports import registry
from tests.service.stage import Stage, request

ROOT = Path.cwd()


async def main():
    app = FunctionsApp(ROOT)
    timer = app.trigger("plan_tiny_report")
    assert timer["type"] == "timerTrigger"
    planners = {f"plan_{name.replace('-', '_')}" for name in registry()} & set(app.names)
    schedules = [app.trigger(name)["schedule"] for name in planners]
    assert len(set(schedules)) == len(schedules) == len(registry())
    assert Schedule(timer["schedule"])

    manifest = json.loads(generated.manifest())
    assert manifest["reports"]["tiny-report"] == ["Domain.Read.All", "User.Read.All"]
    assert "Domain.Read.All" in manifest["permissions"]
    assert "| `tiny-report` | Tiny report | Counts badges. | `0 6 * * TUE` |" in generated.table()

    from shared_code.reports.tiny_report import REPORT, Badge
    assert registry()["tiny-report"] is REPORT
    stage = Stage(Path(sys.argv[1]) / "spools", report=REPORT, renderings=RENDERINGS)
    stage.source.listings = {"badges": [[Badge(id="1", display_name="Ada")], [Badge(id="2")]]}
    run = await stage.produce(request())
    assert run.state == "delivered", run
    assert run.headline["de"].startswith("2 Ausweise")
    assert run.headline["en"].startswith("2 badges")
    expected = {
        name
        for r in RENDERINGS
        for name in (
            [f"report.{r.ending}"]
            if r.is_bilingual
            else [f"report.{language}.{r.ending}" for language in Language]
        )
    }
    assert {a.name for a in run.artifacts} == expected | {"memory.bin"}
    assert all(a.size for a in run.artifacts)


asyncio.run(main())
print("done")
"""


def python(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=os.environ | GOOD,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_one_file_is_all_that_a_report_type_needs(tmp_path: Path) -> None:
    (tmp_path / "tiny_report.py").write_text(REPORT)

    ended = python(SCRIPT, str(tmp_path))

    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr


LOADING = """
import sys
import shared_code.reports
shared_code.reports.__path__.append(sys.argv[1])
shared_code.reports.registry()
"""


@pytest.mark.parametrize(
    ("file", "text"),
    [("other_name.py", REPORT), ("tiny_report.py", '"""Half a file."""\n')],
    ids=["another name", "no report"],
)
def test_a_file_that_declares_no_report_stops_the_app_by_naming_it(
    tmp_path: Path, file: str, text: str
) -> None:
    (tmp_path / file).write_text(text)

    ended = python(LOADING, str(tmp_path))

    assert ended.returncode != 0
    last = ended.stderr.strip().splitlines()[-1]
    assert "tiny-report" in last or "tiny_report" in last
