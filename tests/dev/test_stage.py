"""The local stage, as `make run` starts it: small tenants, one past week, then Ctrl-C."""

import html
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared_code.reports import registry

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"http://127\.0\.0\.1:\d+/r/\S+")
# Graph's limit on sign-ins holds here too, for all reports and tenants together.
_SECONDS = 240

pytestmark = pytest.mark.timeout(_SECONDS + 60)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stage") / "local.settings.json"


@pytest.fixture(scope="module")
def stage(settings: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    log = settings.with_name("log")
    options = ["--members", "200", "--guests", "60", "--weeks", "1", "--calm"]
    places = ["--port", "0", "--settings", str(settings)]
    with log.open("w") as out:
        running = subprocess.Popen(
            # As a shell starts what runs in the background.
            ["env", "--ignore-signal=INT", sys.executable, "-m", "dev", *options, *places],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            text=True,
        )
    try:
        end = time.monotonic() + _SECONDS
        while "Ctrl-C" not in log.read_text() and running.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
        yield running, log.read_text()
    finally:
        running.terminate()
        running.wait(30)


def fetch(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_two_customers_get_a_link_that_opens_and_the_third_a_sentence(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    _, printed = stage
    links = LINK.findall(printed)
    assert len(links) == 2 * len(registry()), printed
    for link in links:
        status, page = fetch(link)
        assert status == 200
        assert '<html lang="de">' in page
    assert "Northwind Traders GmbH · guest-users · blocked" in printed
    assert "Kunde: Bitte der Anwendung erneut zustimmen." in printed


def test_reports_are_of_this_morning(stage: tuple["subprocess.Popen[str]", str]) -> None:
    _, printed = stage
    [(day, month, year), *_] = re.findall(r"Als Nächstes: .* am (\d+)\.(\d+)\.(\d+)\.", printed)
    due = datetime.now(ZoneInfo("Europe/Vienna")) - timedelta(hours=6)
    assert date(int(year), int(month), int(day)) >= due.date()


def test_the_second_report_is_compared_with_the_first(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    _, printed = stage
    _, page = fetch(LINK.findall(printed.partition("· guest-users · delivered")[2])[0])
    assert "Vergleich mit" in page
    assert "Erster Bericht" not in page


class Browser:
    """Keeps its cookies and follows redirects, to the sandbox's sign-in and back."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._opener.addheaders = [("Accept", "text/html")]

    def get(self, address: str) -> tuple[str, str]:
        """Where it ended, and the page there."""
        with self._opener.open(address, timeout=20) as answer:
            return answer.url, answer.read().decode()

    def sign_in(self, portal: str, person: str) -> tuple[str, str]:
        where, page = self.get(portal)
        choices = re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)
        [chosen] = [address for address, name in choices if name.startswith(person)]
        return self.get(urllib.parse.urljoin(where, html.unescape(chosen)))


def test_an_admin_signs_in_and_gets_from_the_portal_to_a_report(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    found = re.search(r"Portal: (\S+)", stage[1])
    assert found
    browser = Browser()
    where, page = browser.sign_in(found[1], "Admin von Contoso")
    assert where.startswith(f"{found[1]}/")
    assert "/report.de.xlsx" in page
    assert "Abmelden" in page
    [address] = re.findall(r'class="report" href="([^"?]+)\?', page)[:1]
    where, report = browser.get(urllib.parse.urljoin(where, address))
    assert "/r/v1." in where
    assert 'id="lines"' in report


def test_an_engineer_signs_in_and_gets_to_every_customer(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    found = re.search(r"Portal: (\S+)", stage[1])
    assert found
    browser = Browser()
    where, page = browser.sign_in(found[1], "Techniker des Partners")
    customers = re.findall(r'class="report" href="(/portal/[^"]+)"', page)
    assert len(customers) == 3
    pages = [browser.get(urllib.parse.urljoin(where, customer))[1] for customer in customers]
    assert all("/reports/guest-users" in page for page in pages)
    # Past weeks are filed as pages only.
    assert sum("/report.de.xlsx" in page for page in pages) == 2
    assert sum("Nicht lieferbar" in page for page in pages) == 1


def test_each_customer_gets_a_digest(stage: tuple["subprocess.Popen[str]", str]) -> None:
    assert "digests mailed: 3;" in stage[1]


@pytest.mark.usefixtures("stage")
def test_commands_work_with_the_settings_of_a_stage_that_runs(settings: Path) -> None:
    command = [sys.executable, "-m", "ops", "tenants", "list", "--json", "--settings"]
    ended = subprocess.run(
        [*command, str(settings)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert {row["state"] for row in json.loads(ended.stdout)} == {"active", "consent-withdrawn"}
    assert settings.stat().st_mode & 0o077 == 0


def test_a_tampered_link_is_gone(stage: tuple["subprocess.Popen[str]", str]) -> None:
    link = LINK.findall(stage[1])[0]
    assert fetch(f"{link}x")[0] == 410


def test_ctrl_c_ends_everything_that_was_started(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    running, printed = stage
    threads = Path(f"/proc/{running.pid}/task").glob("*/children")
    children = [child for thread in threads for child in thread.read_text().split()]
    assert len(children) == 2  # Azurite and the host
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 0
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    with pytest.raises(urllib.error.URLError):
        fetch(LINK.findall(printed)[0])
