"""Runs on the command line: listed, ordered by hand, and never made anew once delivered."""

from datetime import timedelta

import pytest

from shared_code.core.audit import Act
from shared_code.core.effort import Effort
from shared_code.core.run import Artifact, Run, RunState, run_id
from shared_code.core.tenant import Subscription, TenantState
from tests.fakes import NOON
from tests.ops.stage import ACTOR, CONTOSO, REPORT, House

PAGE = Artifact(name="report.de.html", path="p", media_type="text/html", size=1, sha256="")
MEMORY = Artifact(name="memory.bin", path="m", media_type="", size=1, sha256="")


@pytest.fixture
def house() -> House:
    house = House()
    house.serve()
    return house


def end_of(run: Run) -> str:
    return run.end.isoformat()


def test_runs_are_listed_newest_first_and_by_state(house: House) -> None:
    house.run(RunState.DELIVERED, weeks=1)
    house.run(RunState.BLOCKED, reason="PermissionMissing")

    listed = house.ops("runs", "list", "--json").json
    blocked = house.ops("runs", "list", "--state", "blocked", "--tenant", CONTOSO).output

    assert [row["state"] for row in listed] == ["blocked", "delivered"]
    assert "PermissionMissing" in blocked
    assert "delivered  " not in blocked.splitlines()[1]
    assert house.ops("runs", "list", "--report", "storage").output == "no runs\n"


def test_what_a_run_took_is_listed_unless_it_is_older_than_that(house: House) -> None:
    house.run(RunState.DELIVERED, effort=Effort(rows=40, throttled=2, seconds=1.5, cost=0.01))
    house.run(RunState.DELIVERED, weeks=1)

    new, old = house.ops("runs", "list", "--json").json

    assert (new["effort"]["rows"], new["effort"]["throttled"]) == (40, 2)
    assert (new["effort"]["seconds"], new["effort"]["cost"]) == (1.5, 0.01)
    assert old["effort"] is None


def test_a_run_ordered_now_goes_on_where_the_newest_period_ended(house: House) -> None:
    newest = house.run(RunState.DELIVERED)

    ordered = house.ops("runs", "now", CONTOSO, REPORT, "--json")

    assert ordered.code == 0
    [request] = house.queue.requests
    assert (request.start, request.end) == (newest.end, NOON)
    assert request.run_id == run_id(CONTOSO, REPORT, NOON)
    assert house.ledger.kept[request.run_id].state is RunState.PLANNED
    [entry] = house.audit.kept
    assert (entry.act, entry.actor, entry.subject) == (Act.RUN_ORDERED, ACTOR, request.run_id)


def test_the_end_of_a_run_is_listed_as_commands_take_it(house: House) -> None:
    end = NOON - timedelta(hours=1, seconds=17)
    run = house.run(RunState.FAILED, id=run_id(CONTOSO, REPORT, end), end=end)

    _, row = house.ops("runs", "list").output.splitlines()
    again = house.ops("runs", "again", CONTOSO, REPORT, row.split()[2])

    assert (again.code, again.error) == (0, "")
    assert house.queue.requests[-1].run_id == run.id


def test_the_first_run_ordered_begins_where_the_subscription_does(house: House) -> None:
    house.ops("runs", "now", CONTOSO, REPORT)

    [request] = house.queue.requests
    assert request.start == house.tenants.kept[CONTOSO].subscriptions[REPORT].since


def test_the_end_of_an_ordered_run_is_a_whole_second(house: House) -> None:
    house.clock.now = NOON + timedelta(microseconds=1)

    house.ops("runs", "now", CONTOSO, REPORT)

    assert house.queue.requests[0].end == NOON


@pytest.mark.parametrize(
    ("state", "words"),
    [(RunState.PLANNED, "is planned: wait"), (RunState.RUNNING, "is running: wait")],
)
def test_no_second_run_is_ordered_while_one_is_under_way(
    house: House, state: RunState, words: str
) -> None:
    house.run(state)

    refused = house.ops("runs", "now", CONTOSO, REPORT)

    assert (refused.code, house.queue.sent, house.audit.kept) == (1, [], [])
    assert words in refused.error


def test_what_was_not_ordered_or_is_not_served_is_refused(house: House) -> None:
    assert "did not order" in house.ops("runs", "now", CONTOSO, "storage").error
    assert "no such tenant" in house.ops("runs", "now", "nobody", REPORT).error
    house.serve(state=TenantState.SUSPENDED)
    suspended = house.ops("runs", "now", CONTOSO, REPORT)
    assert (suspended.code, house.queue.sent) == (1, [])
    assert "is suspended" in suspended.error


def test_nothing_is_ordered_before_the_subscription_begins(house: House) -> None:
    house.serve(subscriptions={REPORT: Subscription(since=NOON + timedelta(days=1))})

    assert "nothing is due before 2026-11-23" in house.ops("runs", "now", CONTOSO, REPORT).error


def test_a_report_there_is_none_of_is_a_mistake_in_usage(house: House) -> None:
    assert house.ops("runs", "now", CONTOSO, "guests").code == 2
    assert house.ops("runs", "again", CONTOSO, REPORT, "monday").code == 2
    assert house.ops("runs", "again", CONTOSO, REPORT, "2026-11-23T05:00:00").code == 2


@pytest.mark.parametrize("state", [RunState.BLOCKED, RunState.FAILED])
def test_a_refused_run_is_taken_up_again_as_if_nobody_had_tried(
    house: House, state: RunState
) -> None:
    house.run(RunState.DELIVERED, weeks=1)
    run = house.run(state, attempt=13, reason="UpstreamDown", headline={"de": "Es ging nicht."})

    again = house.ops("runs", "again", CONTOSO, REPORT, end_of(run), "--json")

    assert (again.code, again.json["state"], again.json["reason"]) == (0, "planned", "")
    [request] = house.queue.requests
    assert (request.run_id, request.start, request.end) == (run.id, run.start, run.end)
    assert (request.attempt, request.waits) == (1, 0)
    assert house.ledger.kept[run.id].state is RunState.PLANNED
    assert house.audit.kept[0].act is Act.RUN_ORDERED


@pytest.mark.parametrize("state", [RunState.DELIVERED, RunState.DELIVERED_WITH_GAPS])
def test_a_delivered_run_is_never_made_anew(house: House, state: RunState) -> None:
    run = house.run(state)

    refused = house.ops("runs", "again", CONTOSO, REPORT, end_of(run))

    assert refused.code == 1
    assert "readers hold links" in refused.error
    assert "runs redeliver" in refused.error
    assert house.ledger.kept[run.id] == run
    assert (house.queue.sent, house.audit.kept) == ([], [])


@pytest.mark.parametrize("newer", [RunState.DELIVERED, RunState.FAILED, RunState.PLANNED])
def test_an_older_period_is_left_to_the_newer_one(house: House, newer: RunState) -> None:
    house.run(newer)
    run = house.run(RunState.FAILED, weeks=1)

    refused = house.ops("runs", "again", CONTOSO, REPORT, end_of(run))

    assert (refused.code, house.queue.sent) == (1, [])
    assert "a newer period, that ends 2026-11-21T12:00:00Z" in refused.error


def test_a_run_under_way_or_unknown_is_not_taken_up_again(house: House) -> None:
    run = house.run(RunState.RUNNING)

    assert "is running already" in house.ops("runs", "again", CONTOSO, REPORT, end_of(run)).error
    unknown = house.ops("runs", "again", CONTOSO, REPORT, "2020-01-01T00:00Z")
    assert (unknown.code, house.queue.sent) == (1, [])
    assert "no run of guest-users" in unknown.error


def test_delivered_files_get_fresh_links_and_stay_as_they_are(house: House) -> None:
    run = house.run(RunState.DELIVERED, artifacts=(PAGE, MEMORY))

    given = house.ops("runs", "redeliver", CONTOSO, REPORT, end_of(run), "--json")

    assert given.json["url"].startswith("https://reports.contoso.example/r/")
    assert [file["name"] for file in given.json["files"]] == ["report.de.html"]
    assert (house.ledger.kept[run.id], house.queue.sent) == (run, [])
    [link] = house.links.kept.values()
    assert (link.run_id, link.created_by) == (run.id, ACTOR)
    assert house.audit.kept[0].act is Act.LINK_ISSUED


def test_a_digest_is_mailed_again_when_asked_and_only_where_one_went_out(house: House) -> None:
    run = house.run(RunState.DELIVERED, artifacts=(PAGE,))
    words = ("runs", "redeliver", CONTOSO, REPORT, end_of(run), "--mail", "--json")

    assert "no mailbox" in house.ops(*words).error
    house.has_mailbox = True
    assert "no digest" in house.ops(*words).error
    assert (house.links.kept, house.audit.kept) == ({}, [])

    house.mailed(run)
    given = house.ops(*words)

    assert given.code == 0
    assert given.json["mailed_again"] == "2026-11-22T12:00:00Z"
    [order] = house.delivery_queue.sent
    assert (order.due, order.again) == (run.end, NOON)
    assert [e.act for e in house.audit.kept] == [Act.DIGEST_REPEATED, Act.LINK_ISSUED]


def test_what_was_not_delivered_is_not_delivered_again(house: House) -> None:
    run = house.run(RunState.BLOCKED)

    refused = house.ops("runs", "redeliver", CONTOSO, REPORT, end_of(run))

    assert (refused.code, house.links.kept) == (1, {})
    assert "is blocked" in refused.error
