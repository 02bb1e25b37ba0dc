"""The token goes nowhere but under Graph's base URL, and a listing never walks in a circle."""

import pytest

from shared_code.core.dataset import Dataset
from shared_code.core.errors import ContractBroken
from shared_code.sources.graph.addresses import first_url, next_url
from tests.sources.stage import PEOPLE, Person, Staged, Stub, page, raw

BASE = "https://graph.microsoft.com/v1.0"


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://evil.example/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "https://user@graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com\\@evil.example/v1.0/users",
        "https://graph.microsoft.com/beta/users",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com/v1.0.evil/users",
        "https://graph.microsoft.com/v1.0/../beta/users",
        "https://graph.microsoft.com/v1.0/%2e%2E/beta/users",
        "https://graph.microsoft.com/v1.0/..%5cbeta/users",
        "//evil.example/v1.0/users",
        "/v1.0/users",
        "users",
        "",
        "https://[graph/v1.0/users",
        "https://graph.microsoft.com:99999999/v1.0/users",
        "javascript:alert(1)",
    ],
)
def test_a_link_that_leaves_the_base_url_is_a_broken_contract(link: str) -> None:
    with pytest.raises(ContractBroken, match=r"^people: the next link"):
        next_url(BASE, PEOPLE, link)


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com/v1.0/users?$skiptoken=m~AQAn%2Fx+y..z",
        "https://GRAPH.microsoft.com:443/v1.0/users?$skip=100",
    ],
)
def test_a_link_under_the_base_url_is_used_verbatim(link: str) -> None:
    assert next_url(BASE, PEOPLE, link).raw_query_string == link.split("?")[1]


async def test_the_token_is_never_sent_to_another_server() -> None:
    async with Stub([page("1")]) as foreign, Staged(page("1")) as stage:
        stage.stub.answers = [page("1", following=f"{foreign.base_url}/users")]
        with pytest.raises(ContractBroken):
            await stage.ids()
        assert foreign.paths == []


async def test_neither_by_a_cursor_nor_by_a_redirect() -> None:
    async with Stub([page("1")]) as foreign, Staged(page("1")) as stage:
        with pytest.raises(ContractBroken):
            await stage.ids(cursor=f"{foreign.base_url}/users")
        stage.stub.answers = [raw(b"", status=302, Location=f"{foreign.base_url}/users")]
        with pytest.raises(ContractBroken, match="answered 302"):
            await stage.ids()
        assert foreign.paths == []


async def test_a_repeated_link_is_a_broken_contract() -> None:
    async with Staged(page("1", following="/v1.0/a")) as stage:
        with pytest.raises(ContractBroken, match="in a circle"):
            await stage.ids()
        assert stage.stub.paths[1:] == ["/v1.0/a"]


def test_values_are_encoded_whole_but_for_the_commas_of_lists() -> None:
    dataset = Dataset(
        name="odd",
        title=PEOPLE.title,
        path="/users",
        row=Person,
        permissions=(),
        workload=PEOPLE.workload,
        filter="displayName in ('ä&b', 'c+d')",
        expand={"manager": ("id", "mail"), "sponsors": ("id",)},
    )
    assert str(first_url(BASE, dataset)) == (
        f"{BASE}/users?$expand=manager%28%24select%3Did%2Cmail%29,sponsors%28%24select%3Did%29"
        "&$filter=displayName%20in%20%28%27%C3%A4%26b%27%2C%20%27c%2Bd%27%29"
        "&$select=id,displayName,addresses"
    )
