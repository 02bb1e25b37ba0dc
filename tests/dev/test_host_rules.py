"""NCRONTAB, route templates and settings, as the host reads them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dev.host.routes import Router, route
from dev.host.schedules import Schedule, ScheduleError
from dev.host.settings import HostOptions, Settings, SettingsError, span
from dev.host.timers import Status, opening_status

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/10 * * * * *", datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)),
        ("0 */5 * * * *", datetime(2026, 3, 2, 12, 5, tzinfo=UTC)),
        ("30 15 6 * * *", datetime(2026, 3, 3, 6, 15, 30, tzinfo=UTC)),
        ("0 0 6 * * MON", datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
        ("0 0 6 1 * *", datetime(2026, 4, 1, 6, 0, tzinfo=UTC)),
        ("15 * * * *", datetime(2026, 3, 2, 12, 15, tzinfo=UTC)),
    ],
)
def test_six_fields_begin_with_the_second(text: str, expected: datetime) -> None:
    assert Schedule(text).after(NOON) == expected


def test_day_of_month_and_day_of_week_must_both_fit() -> None:
    assert Schedule("0 0 6 13 * FRI").after(NOON) == datetime(2026, 3, 13, 6, 0, tzinfo=UTC)
    assert Schedule("0 0 6 1 * MON").after(NOON) == datetime(2026, 6, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "daily", "0 0 6 L * *", "0 0 6 * * MON#1", "0 0 25 * * *", "0 0 6 31 2 *"]
)
def test_a_schedule_the_host_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        Schedule(text)


def test_schedules_under_a_minute_have_no_status() -> None:
    assert not Schedule("*/10 * * * * *").is_monitored()
    assert Schedule("0 * * * * *").is_monitored()


def test_a_missed_occurrence_is_past_due_once_however_many_were_missed() -> None:
    hourly = Schedule("0 0 * * * *")
    stored = Status(last=NOON, next=NOON + timedelta(hours=1), updated=NOON)

    assert opening_status(hourly, stored, NOON + timedelta(hours=5)) == stored


def test_a_changed_schedule_is_not_past_due() -> None:
    stored = Status(last=NOON, next=NOON + timedelta(hours=1), updated=NOON)
    later = NOON + timedelta(days=2)

    status = opening_status(Schedule("0 30 9 * * *"), stored, later)

    assert status.last is None
    assert status.next == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


def test_a_status_survives_its_blob() -> None:
    never_ran = Status(last=None, next=NOON + timedelta(hours=1), updated=NOON)

    assert Status.from_json(never_ran.to_json()) == never_ran


@pytest.mark.parametrize(
    ("path", "function", "values"),
    [
        ("/reports", "list", {}),
        ("/reports/latest", "latest", {}),
        ("/reports/6f1c9a30-0c9d-4f9e-9a6e-2a5d1c7b8e90", "by_id", {"id": "..."}),
        ("/reports/guests%20and%2Fmore", "by_name", {"name": "guests and%2Fmore"}),
        ("/pages", "pages", {}),
        ("/pages/de", "pages", {"language": "de"}),
        ("/files/a/b/c.css", "files", {"rest": "a/b/c.css"}),
        ("/", "home", {}),
    ],
)
def test_the_most_literal_route_wins(path: str, function: str, values: dict[str, str]) -> None:
    templates = {
        "by_name": "reports/{name}",
        "by_id": "reports/{id:guid}",
        "latest": "reports/latest",
        "list": "reports",
        "pages": "pages/{language?}",
        "files": "files/{*rest}",
        "home": "",
    }
    router = Router(route(name, template=t, methods=["GET"]) for name, t in templates.items())

    found = router.find("GET", path)

    assert found is not None
    assert found[0].function == function
    assert list(found[1]) == list(values)
    if function != "by_id":
        assert found[1] == values


def test_a_prefix_stands_before_every_route() -> None:
    router = Router([route("status", template="status", prefix="api", methods=["GET"])])

    assert router.find("GET", "/api/status")
    assert router.find("GET", "/status") is None


def test_head_is_answered_only_by_a_function_that_says_so() -> None:
    router = Router([route("status", template="status", methods=["GET"])])

    assert router.find("HEAD", "/status") is None


def test_a_setting_overrides_one_value_of_host_json(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"extensions": {"queues": {"batchSize": 4}}}')
    name = "AzureFunctionsJobHost__extensions__queues__maxPollingInterval"

    options = HostOptions.read(tmp_path, {name: "00:00:01"})

    assert options.queues.max_polling_interval == timedelta(seconds=1)
    assert (options.queues.batch_size, options.queues.new_batch_threshold) == (4, 2)
    assert options.route_prefix == "api"


def test_an_unresolved_name_says_which() -> None:
    with pytest.raises(SettingsError, match="'%SCHEDULE%' does not resolve"):
        Settings({}).resolve("%SCHEDULE%")


def test_the_prefixed_connection_comes_first() -> None:
    settings = Settings({"REPORTS": "plain", "AzureWebJobsREPORTS": "prefixed"})

    assert settings.connection("REPORTS") == "prefixed"


def test_an_identity_connection_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match="needs a connection string"):
        Settings({"REPORTS__queueServiceUri": "https://x"}).connection("REPORTS")


def test_time_spans_may_have_days() -> None:
    assert span("1.02:03:04") == timedelta(days=1, hours=2, minutes=3, seconds=4)
