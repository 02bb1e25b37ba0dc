"""The package that is deployed: what is in it, that it is the same each time, and that it works alone."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

import pytest

from dev.sandbox import Sandbox
from dev.sandbox.customers import fabrikam
from ops.package.archive import stage, write
from ops.package.build import build
from ops.package.contents import PACKAGES, PDF_ONLY, Entry, packages, product
from ops.package.distributions import PackageError, installed, normal, pinned
from ops.package.graph_sdk import used_files, uses
from ops.package.sizes import table, weights
from ops.package.start import SETTINGS, search_path
from tests.ops import in_package
from tests.rendering.papers import is_conformant

ROOT = Path(__file__).parents[2]
SITE = Path(sysconfig.get_path("platlib"))
# Building takes 15 seconds of processor time, which a busy machine stretches.
pytestmark = pytest.mark.timeout(300)

PARTNER = "0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60"

# What the report of a recorded tenant is made with, and nothing else of the repository.
LENT = (
    "tests/__init__.py",
    "tests/reports/__init__.py",
    "tests/reports/runs.py",
    "tests/reports/guest-users",
)
_RUN = """
import json, runpy, sys
sys.path[:0] = json.loads(sys.argv.pop(1))
script = sys.argv.pop(1)
runpy.run_path(script, run_name="__main__")
"""


@dataclass(frozen=True)
class Package:
    archive: Path
    folder: Path
    owners: dict[str, str]

    @property
    def site(self) -> Path:
        return self.folder / PACKAGES

    @property
    def names(self) -> list[str]:
        with ZipFile(self.archive) as opened:
            return opened.namelist()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    if not shutil.which("strip"):
        pytest.skip("not installed: binutils")
    place = tmp_path_factory.mktemp("package")
    owners = build(ROOT, SITE, folder=place / "stage", out=place / "package.zip", level=1)
    shutil.rmtree(place / "stage")
    shutil.unpack_archive(place / "package.zip", place / "unpacked")
    return Package(place / "package.zip", place / "unpacked", dict(owners))


def told(path: list[str], *words: str) -> Any:
    """What in_package.py answers in a fresh interpreter that finds modules only there."""
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _RUN, json.dumps(path)]
    done = subprocess.run(
        [*command, in_package.__file__, *words],
        env={**os.environ, **SETTINGS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lent(place: Path) -> str:
    for name in LENT:
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    return str(place)


def test_only_the_product_and_its_packages_are_in_it(package: Package) -> None:
    tops = {name.split("/")[0] for name in package.names}

    assert tops - {"__pycache__"} == {
        ".python_packages",
        "function_app.py",
        "functions",
        "host.json",
        "requirements.txt",
        "shared_code",
    }
    unwanted = {"tests", "test", "bench", "dev", "ops", ".git", ".venv", "node_modules"}
    assert not [name for name in package.names if unwanted & set(name.split("/"))]
    production = {*pinned((ROOT / "requirements.txt").read_text("utf-8")), "the product"}
    assert {normal(owner) for owner in package.owners.values()} == production


def test_every_file_of_the_product_is_in_it_unchanged(package: Package) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "functions", "shared_code", "host.json", "function_app.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert tracked
    for name in tracked:
        assert (package.folder / name).read_bytes() == (ROOT / name).read_bytes()


def test_every_pinned_package_says_its_version_and_keeps_its_licence(package: Package) -> None:
    pins = pinned((ROOT / "requirements.txt").read_text("utf-8"))

    there = {each.name: each.version for each in installed(package.site, pins)}

    assert len(there) == len(pins)
    assert (package.site / "msgraph_sdk-1.65.0.dist-info/licenses/LICENSE").exists()
    assert (package.site / "opentelemetry_api-1.45.2.dist-info/entry_points.txt").exists()


def test_modules_are_compiled_for_the_python_that_runs_them_and_never_checked(
    package: Package,
) -> None:
    compiled = [name for name in package.names if name.endswith(".pyc")]
    sources = [name for name in package.names if name.endswith(".py")]

    assert len(compiled) == len(sources)
    for name in compiled:
        head = (package.folder / name).read_bytes()[:8]
        assert name.endswith(".cpython-313.pyc")
        assert head == MAGIC_NUMBER + (0b01).to_bytes(4, "little")


def test_nothing_of_this_machine_is_in_it(package: Package) -> None:
    here = [str(path).encode() for path in (ROOT, SITE, package.archive.parent)]

    for name in package.names:
        content = (package.folder / name).read_bytes()
        assert not [place for place in here if place in content], name


def test_only_locales_of_reports_are_in_it(package: Package) -> None:
    locales = {path.stem for path in (package.site / "babel/locale-data").glob("*.dat")}

    assert locales == {"root", "de", "de_AT", "de_CH", "de_DE", "en", "en_001", "en_GB"}
    assert told(search_path(package.folder), "words") == told([str(ROOT), str(SITE)], "words")


def test_entries_are_sorted_and_without_a_time(package: Package) -> None:
    with ZipFile(package.archive) as opened:
        infos = opened.infolist()

    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100644}


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    if not shutil.which("strip"):
        pytest.skip("not installed: binutils")
    entries = list(product(ROOT))
    for name, ordered in (("a", entries), ("b", entries[::-1])):
        stage(ordered, tmp_path / name)
        write(tmp_path / name, tmp_path / f"{name}.zip", level=1)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_everything_the_product_has_can_be_imported_from_it_alone(package: Package) -> None:
    files = told(search_path(package.folder), "modules")

    assert len(files) > 150
    assert all(Path(file).is_relative_to(package.folder) for file in files)


def test_all_functions_are_found(package: Package) -> None:
    there = told(search_path(package.folder), "loaded")

    assert "plan_guest_users" in there
    assert there == told([str(ROOT), str(SITE)], "loaded")


def test_the_sdk_is_followed_by_names_and_no_further(tmp_path: Path) -> None:
    generated = tmp_path / "msgraph" / "generated"
    generated.mkdir(parents=True)
    (tmp_path / "msgraph" / "__init__.py").write_text("")
    (generated / "client.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "from .base import Base\n"
        "if TYPE_CHECKING:\n    from .only_typed import OnlyTyped\n"
        "class Client(Base):\n"
        "    def users(self):\n        from .users import Users\n"
        "    def groups(self):\n        from .groups import Groups\n"
    )
    for name in ("base", "only_typed", "users", "groups"):
        (generated / f"{name}.py").write_text("")
    program = b"from msgraph.generated.client import Client\nClient().users()\n"

    files = used_files(tmp_path, uses([program]))

    assert files == {
        "msgraph/__init__.py",
        "msgraph/generated/base.py",
        "msgraph/generated/client.py",
        "msgraph/generated/users.py",
    }


def test_a_package_of_another_version_is_refused() -> None:
    with pytest.raises(PackageError, match=r"jinja2: .*, wanted 0\.1; nowhere: not installed"):
        installed(SITE, {"jinja2": "0.1", "nowhere": "1", "babel": "2.18.0"})


def test_a_file_that_was_changed_since_it_was_installed_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SITE / "cronsim", tmp_path / "cronsim")
    shutil.copytree(SITE / "cronsim-2.8.dist-info", tmp_path / "cronsim-2.8.dist-info")
    (tmp_path / "requirements.txt").write_text("cronsim==2.8 \\\n    --hash=sha256:0\n")
    (tmp_path / "function_app.py").write_text("")
    (tmp_path / "host.json").write_text("{}")
    whole = list(packages(tmp_path, tmp_path))

    with (tmp_path / "cronsim" / "__init__.py").open("a") as module:
        module.write("# changed\n")

    assert "cronsim/__init__.py" in {e.path.relative_to(PACKAGES).as_posix() for e in whole}
    with pytest.raises(PackageError, match="changed since it was installed: cronsim/__init__"):
        list(packages(tmp_path, tmp_path))


@pytest.mark.parametrize("name", ["local.settings.json", "graph.PFX", "key.pem", ".env"])
def test_what_looks_like_a_secret_stops_the_build(tmp_path: Path, name: str) -> None:
    for file in ("function_app.py", "host.json", "requirements.txt"):
        (tmp_path / file).write_text("")
    (tmp_path / "shared_code").mkdir()
    (tmp_path / "shared_code" / name).write_text("")

    with pytest.raises(PackageError, match="looks like a secret"):
        list(product(tmp_path))


def test_packages_are_listed_by_what_they_weigh_in_the_zip(tmp_path: Path) -> None:
    entries = [
        Entry("small", PurePosixPath("small.py"), b"x = 1\n"),
        Entry("large", PurePosixPath("large.txt"), bytes(range(256)) * 400),
    ]
    stage(entries, tmp_path / "stage")
    write(tmp_path / "stage", tmp_path / "a.zip")

    weighed = weights(tmp_path / "a.zip", {e.path.as_posix(): e.owner for e in entries})

    assert list(weighed) == ["large", "small"]
    assert weighed["large"].unzipped == 102_400
    assert weighed["small"].unzipped > len(entries[0].content)
    assert "1 others" in table(weighed, 1)


async def test_the_directory_is_read_and_a_mail_sent_through_the_pruned_sdk(
    package: Package,
) -> None:
    customer = fabrikam()
    async with Sandbox([customer], partner=PARTNER) as sandbox:
        words = ("control_plane", sandbox.graph_url, customer.tenant_id, PARTNER)
        answer = await asyncio.to_thread(told, search_path(package.folder), *words)

    [sent] = sandbox.mailbox.to(in_package.MAIL.recipient)
    assert sent["subject"] == in_package.MAIL.subject
    assert answer["name"] == customer.name
    assert "User.Read.All" in answer["permissions"]
    assert answer["was_sent"] == [False, True]
    assert answer["refused"][0] == 404


def test_an_error_is_read_with_all_it_holds(package: Package) -> None:
    answer = told(search_path(package.folder), "error")

    assert answer == {"codes": ["Request_BadRequest", "Detail", "Inner"], "request": "r"}


def test_a_report_has_the_same_files_as_from_what_is_installed(
    package: Package, tmp_path: Path
) -> None:
    borrowed = lent(tmp_path / "lent")
    (tmp_path / "packaged").mkdir()
    (tmp_path / "installed").mkdir()

    endings = told(
        [*search_path(package.folder), borrowed], "renderings", str(tmp_path / "packaged")
    )
    told([str(ROOT), str(SITE)], "renderings", str(tmp_path / "installed"))

    assert sorted(endings) == ["csv", "html", "json", "pdf", "xlsx"]
    for file in (tmp_path / "installed").glob("report.*"):
        assert (tmp_path / "packaged" / file.name).read_bytes() == file.read_bytes(), file.name
    assert is_conformant((tmp_path / "packaged" / "report.de.pdf").read_bytes())


def test_without_typesetter_a_report_has_no_pdf_and_no_button_for_it(
    package: Package, tmp_path: Path
) -> None:
    lean = tmp_path / "site"
    lean.mkdir()
    for each in package.site.iterdir():
        if each.name.split("-")[0].replace("_", "-") not in PDF_ONLY:
            (lean / each.name).symlink_to(each)
    path = [str(package.folder), str(lean), lent(tmp_path / "lent")]

    endings = told(path, "renderings", str(tmp_path))

    assert not (lean / "typst").exists()
    assert sorted(endings) == ["csv", "html", "json", "xlsx"]
    page = (tmp_path / "report.de.html").read_text("utf-8")
    assert ("report.de.xlsx" in page, "report.de.pdf" in page) == (True, False)
