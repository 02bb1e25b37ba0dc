"""What is deployed: what is in it, that it is the same each time, and that it works alone."""

import asyncio
import hashlib
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
import yaml

from dev.azurite import Azurite
from dev.sandbox import Sandbox
from dev.sandbox.customers import fabrikam
from ops.package.archive import stage, write
from ops.package.build import build, release
from ops.package.contents import PACKAGES, TYPESETTER, Entry, packages, product
from ops.package.distributions import PackageError, installed, normal, pinned
from ops.package.graph_sdk import used_files, uses
from ops.package.sizes import table, weights
from ops.package.start import SETTINGS, search_path
from shared_code.storage.accounts import Accounts
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
    """`folder` is what the zip holds, unpacked elsewhere."""

    archive: Path
    app: Path
    folder: Path
    typesetter: Path
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
    built = build(ROOT, SITE, place / "dist", level=1)
    shutil.unpack_archive(built.package, place / "unpacked")
    return Package(
        built.package, built.app, place / "unpacked", built.typesetter, dict(built.owners)
    )


def told(path: list[str], *words: str, **settings: str) -> Any:
    """What in_package.py answers in a fresh interpreter that finds modules only there."""
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _RUN, json.dumps(path)]
    done = subprocess.run(
        [*command, in_package.__file__, *words],
        env={**os.environ, **SETTINGS, **settings},
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
        "release.txt",
        "requirements.txt",
        "shared_code",
        "typesetter.json",
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
    pinned_all = pinned((ROOT / "requirements.txt").read_text("utf-8"))
    pins = {name: pin for name, pin in pinned_all.items() if name not in TYPESETTER}

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


async def test_a_report_has_the_same_files_as_from_what_is_installed(
    package: Package, tmp_path: Path, azurite: Azurite, accounts: Accounts
) -> None:
    await accounts.container("typesetter").upload(
        package.typesetter.name, package.typesetter, media_type="application/zip"
    )

    packaged = await made(package, tmp_path / "packaged", azurite)
    installed = await made(None, tmp_path / "installed", azurite)

    endings = {Path(name).suffix for name in packaged}
    assert endings == {".csv", ".html", ".json", ".pdf", ".xlsx"}
    assert sorted(packaged) == sorted(installed)
    for name in packaged:
        assert contents(tmp_path / "packaged", name) == contents(tmp_path / "installed", name), name
    assert is_conformant(contents(tmp_path / "packaged", "report.de.pdf"))


async def test_without_the_typesetter_a_report_has_all_but_its_pdf_and_no_button_for_it(
    package: Package, tmp_path: Path, azurite: Azurite, accounts: Accounts
) -> None:
    await accounts.container("typesetter").delete(package.typesetter.name)

    files = await made(package, tmp_path, azurite)

    endings = {Path(name).suffix for name in files}
    assert endings == {".csv", ".html", ".json", ".xlsx"}
    page = contents(tmp_path, "report.de.html").decode()
    assert ("report.de.xlsx" in page, "report.de.pdf" in page) == (True, False)


async def made(package: Package | None, place: Path, azurite: Azurite) -> list[str]:
    """Names of a report's files below `place`; of the repository itself without a package."""
    (place / "out").mkdir(parents=True)
    (place / "scratch").mkdir()
    path = [str(ROOT), str(SITE)]
    if package:
        path = [*search_path(package.folder), lent(place / "lent")]
    settings = {
        "REPORTS_STORAGE": azurite.connection_string,
        "TMPDIR": str(place / "scratch"),
    }
    return await asyncio.to_thread(told, path, "made", str(place / "out"), **settings)


def contents(place: Path, name: str) -> bytes:
    return (place / "out" / name).read_bytes()


def test_workflow_and_azd_deploy_what_is_built(package: Package) -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text("utf-8"))
    steps = {step.get("name"): step for step in workflow["jobs"]["deploy"]["steps"]}
    service = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))["services"]["api"]

    assert steps["Package"]["run"] == "make package"
    assert ROOT / steps["App"]["with"]["package"] == ROOT / "dist" / package.archive.name
    assert ROOT / service["project"] == ROOT / "dist" / package.app.name
    assert steps["App"]["with"]["remote-build"] is False
    assert service["remoteBuild"] is False
    assert (package.app / ".funcignore").read_bytes() == b""


def test_the_unpacked_package_is_what_the_zip_holds(package: Package) -> None:
    unpacked = {
        file.relative_to(package.app).as_posix(): file.stat().st_size
        for file in package.app.rglob("*")
        if file.is_file() and file.name != ".funcignore"
    }

    with ZipFile(package.archive) as opened:
        assert {info.filename: info.file_size for info in opened.infolist()} == unpacked


def test_the_package_says_which_release_it_is(package: Package) -> None:
    beside = (package.archive.parent / "release.txt").read_text("utf-8")

    assert (package.folder / "release.txt").read_text("utf-8") == beside


def test_a_release_is_called_the_same_for_the_same_content_and_for_no_other() -> None:
    def named(*files: tuple[str, bytes]) -> bytes:
        return release(Entry("x", PurePosixPath(path), content) for path, content in files).content

    one, two = ("a.py", b"1"), ("b.py", b"2")
    assert named(one, two) == named(two, one)
    assert (
        len({named(one, two), named(one), named(one, ("c.py", b"2")), named(one, ("b.py", b"3"))})
        == 4
    )


def test_the_package_says_which_typesetter_it_wants(package: Package) -> None:
    content = package.typesetter.read_bytes()
    digest = hashlib.sha256(content).hexdigest()

    wanted = json.loads((package.folder / "typesetter.json").read_text("utf-8"))

    assert wanted == {
        "name": f"typesetter-{digest[:12]}.zip",
        "size": len(content),
        "sha256": digest,
    }
    assert package.typesetter.name == wanted["name"]


def test_the_typesetter_is_typst_with_its_fonts_and_their_licences(package: Package) -> None:
    with ZipFile(package.typesetter) as opened:
        names = opened.namelist()
        times = {info.date_time for info in opened.infolist()}

    tops = {name.split("/")[0].split("-")[0] for name in names}
    assert tops == {"typst", "fontpkg", "fontpkg_noto_sans"}
    assert any(name.startswith("typst-") and "LICENSE" in name for name in names)
    assert times == {(1980, 1, 1, 0, 0, 0)}
    assert not [name for name in package.names if "typst" in name.lower() and ".typ" not in name]


@pytest.mark.parametrize(
    "made_for",
    [
        "linux_x86_64",
        "macosx_11_0_arm64",
        "manylinux_2_17_aarch64",
        "manylinux_2_39_x86_64",
        "musllinux_1_2_x86_64",
        "win_amd64",
    ],
)
def test_a_wheel_that_azure_cannot_load_stops_the_build(tmp_path: Path, made_for: str) -> None:
    write_wheel(tmp_path, made_for)

    with pytest.raises(PackageError, match=f"tiny was installed for {made_for}: Azure loads"):
        list(packages(tmp_path, tmp_path))


@pytest.mark.parametrize(
    "made_for", ["any", "manylinux2014_x86_64", "manylinux_2_36_x86_64", "manylinux_2_5_x86_64"]
)
def test_a_wheel_that_azure_loads_is_taken(tmp_path: Path, made_for: str) -> None:
    write_wheel(tmp_path, made_for)

    assert "tiny.py" in {each.path.name for each in packages(tmp_path, tmp_path)}


def write_wheel(site: Path, made_for: str) -> None:
    """A site with one package, pinned."""
    about = site / "tiny-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1\n")
    (about / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: cp313-cp313-{made_for}\n")
    (about / "RECORD").write_text("tiny.py,,\ntiny-1.dist-info/METADATA,,\n")
    (site / "tiny.py").write_text("")
    (site / "requirements.txt").write_text("tiny==1\n")
    (site / "function_app.py").write_text("")
    (site / "host.json").write_text("{}")
