"""The local stage, as `make run` starts it: small tenants, one past week, then Ctrl-C."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared_code.reports import registry

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"http://127\.0\.0\.1:\d+/r/\S+")
# Graph's limit on sign-ins holds here too, for all reports and tenants together.
_SECONDS = 240

pytestmark = pytest.mark.timeout(_SECONDS + 60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    log = tmp_path_factory.mktemp("stage") / "log"
    options = ["--members", "200", "--guests", "60", "--weeks", "1", "--calm"]
    ports = ["--port", str(free_port()), "--portal-port", str(free_port())]
    with log.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "dev", *options, *ports],
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
        running.send_signal(signal.SIGINT)
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


def test_the_second_report_is_compared_with_the_first(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    _, printed = stage
    _, page = fetch(LINK.findall(printed.partition("· guest-users · delivered")[2])[0])
    assert "Vergleich mit" in page
    assert "Erster Bericht" not in page


def test_the_portal_leads_to_the_pages_of_all_customers(
    stage: tuple["subprocess.Popen[str]", str],
) -> None:
    _, printed = stage
    found = re.search(r"Portal: (\S+)", printed)
    assert found
    status, page = fetch(found[1])
    assert status == 200
    customers = re.findall(r'href="(/portal/[^"]+)"', page)
    assert len(customers) == 3
    pages = [fetch(found[1].rstrip("/") + customer)[1] for customer in customers]
    assert sum("/report.de.xlsx" in page for page in pages) == 3
    assert sum("Nicht lieferbar" in page for page in pages) == 1
    [address] = re.findall(r'class="report" href="([^"?]+)\?', pages[0])[:1]
    status, report = fetch(found[1].rstrip("/") + address)
    assert status == 200
    assert 'id="lines"' in report


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
