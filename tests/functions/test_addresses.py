"""What stands in addresses: nothing that a signed-in engineer writes there is our error."""

import re
from collections.abc import Iterator

import pytest

from tests.functions.house import CONTOSO, House
from tests.functions.successes import engineer

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Table Storage forbids some of them in keys, OData quotes with others, .NET and we fold case.
IDS = [
    "%00",
    "%2F",
    "%5C",
    "%23%3F%25",
    "'%20or%201%20eq%201",
    "%C2%85",
    "%EF%BF%BF",
    "%E2%84%AA",  # a Kelvin sign is a k in small letters
    "..",
    "x~000000",
    "x" * 5_000,
    "%F0%9F%98%80" * 300,
    f"{CONTOSO}%00",
    "0" * 36,
]
GOOD = {"id": CONTOSO, "report": "guest-users", "month": "2026-01", "end": "20260101T000000Z"}


def addresses(template: str, hostile: str) -> Iterator[str]:
    """One part after the other is hostile, the others are as they should be."""
    parts = re.findall(r"\{(\w+)\}", template)
    for bad in parts:
        values = {part: GOOD.get(part, "x") for part in parts} | {bad: hostile}
        yield "/" + template.format_map(values)


@pytest.mark.parametrize("hostile", IDS, ids=range(len(IDS)))
async def test_no_part_of_an_address_is_our_error(house: House, hostile: str) -> None:
    asked = [
        (method, path)
        for trigger in map(house.app.trigger, house.app.names)
        if trigger["type"] == "httpTrigger"
        for method in trigger["methods"]
        for path in addresses(trigger["route"], hostile)
    ]
    headers = engineer(house)
    assert len(asked) > 30
    for method, path in asked:
        answer = await house.ask(method, path, headers, b'{"confirm": "x"}')
        assert (answer.ok, answer.status < 500) == (True, True), (method, path[:80], answer.error)
