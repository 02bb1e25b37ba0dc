"""Invitations over HTTP: who may make them, and what an offer must not say."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.house import STRANGER, House
from tests.functions.offers import START, TODAY, offer, post
from tests.functions.test_links import headers

DAY = timedelta(days=1)
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("role", ["Reports.Reader", "Other"])
async def test_only_engineers_invite(house: House, role: str) -> None:
    assert (await post(house, offer(), role)).status == 403
    assert (await house.ask("POST", "/api/invitations", {}, b"{}")).status == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tenant": "nobody.example"}, "tenant"),
        ({"tenant": STRANGER}, "tenant"),
        ({"tenant": "common"}, "tenant"),
        ({"tenant": "../../evil"}, "tenant"),
        ({"tenant": "a.example/x?y#z"}, "tenant"),
        ({"tenant": "127.0.0.1:80"}, "tenant"),
        ({"tenant": 7}, "tenant"),
        ({"customer": ""}, "customer"),
        ({"customer": "a\r\nb"}, "customer"),
        ({"customer": "x" * 201}, "customer"),
        ({"customer": None}, "customer"),
        ({"subscriptions": {}}, "subscriptions"),
        ({"subscriptions": {"guest-user": {}}}, "subscriptions"),
        ({"subscriptions": {"news": {"since": "2026-01-01T00:00:00"}}}, "subscriptions.news.since"),
        ({"subscriptions": {"news": {"cadence": "* * * * * *"}}}, "subscriptions.news.cadence"),
        ({"subscriptions": {"news": {"cadence": "0 6 31 2 *"}}}, "subscriptions.news.cadence"),
        ({"subscriptions": {"news": {"cadence": "*/5 * * * *"}}}, "subscriptions.news.cadence"),
        (
            {"subscriptions": {"news": {"since": "2016-01-01T00:00:00Z"}}},
            "subscriptions.news.since",
        ),
        (
            {"subscriptions": {"news": {"since": "9999-01-01T00:00:00Z"}}},
            "subscriptions.news.since",
        ),
        (
            {"subscriptions": {"news": {"since": "0001-01-01T00:00:00+14:00"}}},
            "subscriptions.news.since",
        ),
        ({"subscriptions": {"news": {"since": "now"}}}, "subscriptions.since"),
        ({"subscriptions": {"news": {}}, "service_start": "0001-01-01"}, "service_start"),
        ({"subscriptions": {"news": {}}, "service_start": "2016-01-01"}, "service_start"),
        ({"subscriptions": {"news": {}}, "service_start": "9999-12-31"}, "service_start"),
        ({"language": "fr"}, "language"),
        ({"german": "de-LI"}, "german"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_zone": "x" * 60_000}, "time_zone"),
        ({"time_zone": "Europe/Vienna\0"}, "time_zone"),
        ({"privacy": {"news": {"mode": "secret"}}}, "privacy.mode"),
        ({"privacy": {"news": {"mode": "named", "evil": 1}}}, "privacy.evil"),
        ({"privacy": {"usage": {"mode": "named"}}}, "privacy.usage"),
        ({"privacy": {"guest": {"mode": "named"}}}, "privacy"),
        ({"options": {"admin-roles": {"nothing": 1}}}, "options.admin-roles.nothing"),
        ({"options": {"guest": {}}}, "options"),
        ({"contacts": [{"address": "a@b"}]}, "contacts[0].address"),
        ({"contacts": [{"address": "a@b.example", "evil": 1}]}, "contacts[0].evil"),
        ({"contacts": [{"address": "a@b.example\r\nBcc: c@d.example"}]}, "contacts[0].address"),
        ({"contacts": [{"address": "a@b.example", "reports": ["guest"]}]}, "contacts[0].reports"),
        ({"service_start": "soon"}, "service_start"),
        ({"service_end": f"{START}"}, "service_end"),
        ({"service_start": f"{TODAY - 9 * DAY}", "service_end": f"{TODAY - DAY}"}, "service_end"),
        ({"days": 0}, "days"),
        ({"days": 400}, "days"),
        ({"dayz": 1}, "dayz"),
    ],
)
async def test_a_wrong_offer_is_refused_by_the_name_of_its_field(
    house: House, changes: dict[str, Any], field: str
) -> None:
    answer = await post(house, offer(**changes))

    assert answer.status == 400
    assert headers(answer)["content-type"].startswith("application/problem+json")
    told = json.loads(answer.body)
    assert told["field"] == field
    assert "evil" not in told["detail"]
