"""Paging: every row of every page, one page ahead, nothing left behind."""

import asyncio
import gc
import gzip

import msgspec
import pytest
from aiohttp import web

from shared_code.core.errors import ContractBroken
from tests.sources.stage import CONTOSO, PEOPLE, Staged, page, raw


async def test_all_pages_arrive_in_order() -> None:
    async with Staged(
        page("1", "2", following="/v1.0/users?$skiptoken=a%2Fb%20c"), page("3")
    ) as stage:
        assert await stage.ids() == ["1", "2", "3"]
        assert stage.stub.paths == [
            "/v1.0/users?$select=id,displayName,addresses&$top=2",
            "/v1.0/users?$skiptoken=a%2Fb%20c",
        ]


async def test_an_empty_page_with_a_next_link_is_not_the_end() -> None:
    pages = page("1", following="/v1.0/a"), page(following="/v1.0/b"), page("2")
    async with Staged(*pages) as stage:
        assert await stage.ids() == ["1", "2"]


async def test_a_listing_goes_on_from_a_cursor() -> None:
    async with Staged(page("1", following="/v1.0/a"), page("2")) as stage:
        first = await anext(aiter(stage.source.pages(CONTOSO, PEOPLE)))
        assert await stage.ids(cursor=first.cursor) == ["2"]


async def test_the_next_page_is_asked_for_while_the_caller_works_and_no_further_one() -> None:
    pages = page("1", following="/v1.0/a"), page("2", following="/v1.0/b"), page("3")
    async with Staged(*pages) as stage:
        listing = stage.source.pages(CONTOSO, PEOPLE)
        await anext(listing)
        await asyncio.sleep(0.1)
        assert len(stage.stub.paths) == 2
        await listing.aclose()


async def test_the_next_request_leaves_before_the_caller_gets_the_page() -> None:
    """The caller may block the loop while it stores the rows; the server must not wait for it."""
    async with Staged(page("1", following="/v1.0/a"), page("2")) as stage:
        listing = stage.source.pages(CONTOSO, PEOPLE)
        await anext(listing)
        (connector,) = {stage.connections.session().connector}
        assert connector is not None
        assert len(connector._acquired) == 1
        await listing.aclose()


async def test_a_caller_that_stops_early_leaves_nothing_running() -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with Staged(page("1", following="/v1.0/a"), slow) as stage:
        before = asyncio.all_tasks()
        listing = stage.source.pages(CONTOSO, PEOPLE)
        await anext(listing)
        await listing.aclose()
        await asyncio.sleep(0)
        assert {t for t in asyncio.all_tasks() - before if "_page" in repr(t)} == set()


async def test_a_page_that_fails_ahead_of_a_caller_who_left_is_nobodys_error() -> None:
    async with Staged(page("1", following="/v1.0/a"), raw(b"", status=418)) as stage:
        listing = stage.source.pages(CONTOSO, PEOPLE)
        await anext(listing)
        await asyncio.sleep(0.1)
        await listing.aclose()
        del listing
        gc.collect()


async def test_the_page_before_a_failing_one_is_delivered_with_its_cursor() -> None:
    async with Staged(page("1", following="/v1.0/a"), raw(b"", status=418)) as stage:
        listing = stage.source.pages(CONTOSO, PEOPLE)
        first = await anext(listing)
        assert first.cursor == f"{stage.stub.base_url}/a"
        with pytest.raises(ContractBroken, match="people: answered 418"):
            await anext(listing)


async def test_a_singleton_is_read_wrapped_and_bare() -> None:
    async with Staged(raw(b'{"value": {"id": "1"}}')) as stage:
        assert await stage.ids() == ["1"]
    async with Staged(raw(b'{"@odata.context": "x", "id": "1"}')) as stage:
        assert await stage.ids() == ["1"]


async def test_answers_are_asked_for_compressed_and_read_so() -> None:
    body = gzip.compress(msgspec.json.encode({"value": [{"id": str(n)} for n in range(999)]}))
    async with Staged(raw(body, Content_Encoding="gzip")) as stage:
        assert len(await stage.ids()) == 999
        assert stage.stub.headers[0]["Accept-Encoding"] == "gzip"


async def test_cookies_are_not_kept() -> None:
    answer = raw(b'{"value": [], "@odata.nextLink": "%s/v1.0/a"}', Set_Cookie="tenant=contoso")
    async with Staged(answer, page("1")) as stage:
        stage.stub.answers[0] = page(following="/v1.0/a")
        await stage.ids()
        assert all("Cookie" not in headers for headers in stage.stub.headers)
