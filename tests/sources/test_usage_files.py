"""Usage reports: fetched without the token, whole or not at all, read by the names of their columns."""

import asyncio
import logging
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web

from shared_code.core.dataset import CsvRow, Dataset
from shared_code.core.errors import (
    ContractBroken,
    FeatureOff,
    PermissionMissing,
    Throttled,
    UpstreamDown,
)
from shared_code.core.text import Text
from tests.sources.stage import CONTOSO, Answer, Stage, Staged, raw, refusal, workload


class Mailbox(CsvRow, frozen=True, kw_only=True):
    display_name: str | None = None
    is_deleted: bool | None = None
    last_activity_date: date | None = None
    storage_used_byte: int | None = None
    prohibit_send_receive_quota_byte: int | None = None


MAILBOXES = Dataset(
    name="mailboxes",
    title=Text(de="Postfächer", en="Mailboxes"),
    path="/reports/getMailboxUsageDetail(period='D180')",
    row=Mailbox,
    permissions=("Reports.Read.All",),
    workload=workload("usage"),
    key="User Principal Name",
)
PATH = "/v1.0/reports/getMailboxUsageDetail(period='D180')"
PLACE = "/download?sig=s3cret"
HEADER = (
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Last Activity Date,"
    "Storage Used (Byte),Prohibit Send/Receive Quota (Byte),Report Period\r\n"
)
ADA = "2026-11-20,ada@contoso.example,Ada,False,2026-11-19,1024,2048,180\r\n"
BEN = "2026-11-20,ben@contoso.example,Ben,True,,0,,180\r\n"
WHOLE = ("\ufeff" + HEADER + ADA + BEN).encode()


def found(location: str = PLACE, status: int = 302) -> Answer:
    """A redirect to a path of the same server, or to a whole URL."""

    async def answer(request: web.Request) -> web.Response:
        target = str(request.url.origin()) + location if location[:1] == "/" else location
        return web.Response(status=status, headers={"Location": target} if target else {})

    return answer


def csv_file(text: str, encoding: str = "utf-8-sig") -> Answer:
    return raw(text.encode(encoding), Content_Type="application/octet-stream")


async def rows(stage: Stage) -> list[Mailbox]:
    return [row async for page in stage.source.pages(CONTOSO, MAILBOXES) for row in page.rows]


async def read(text: str) -> list[Mailbox]:
    async with Staged(found(), csv_file(text)) as stage:
        return await rows(stage)


async def broken(text: str, encoding: str = "utf-8-sig") -> str:
    async with Staged(found(), csv_file(text, encoding)) as stage:
        with pytest.raises(ContractBroken) as caught:
            await rows(stage)
        assert caught.value.__cause__ is None
        return str(caught.value)


async def test_a_report_is_fetched_where_graph_says_and_without_the_token() -> None:
    async with Staged(found(), raw(WHOLE)) as stage:
        assert await rows(stage) == [
            Mailbox(
                id="ada@contoso.example",
                display_name="Ada",
                is_deleted=False,
                last_activity_date=date(2026, 11, 19),
                storage_used_byte=1024,
                prohibit_send_receive_quota_byte=2048,
            ),
            Mailbox(
                id="ben@contoso.example", display_name="Ben", is_deleted=True, storage_used_byte=0
            ),
        ]
        assert stage.stub.paths == [PATH, PLACE]
        assert stage.stub.tokens == ["token-1", ""]
        assert "Authorization" not in stage.stub.headers[1]


async def test_a_report_that_comes_at_once_is_read_too() -> None:
    async with Staged(raw(WHOLE)) as stage:
        assert len(await rows(stage)) == 2
        assert stage.stub.paths == [PATH]


async def test_a_redirect_may_lead_to_another_one() -> None:
    async with Staged(found("/a"), found("/b", 307), found("c", 301), raw(WHOLE)) as stage:
        assert len(await rows(stage)) == 2
        assert stage.stub.paths == [PATH, "/a", "/b", "/c"]
        assert stage.stub.tokens == ["token-1", "", "", ""]


async def test_a_redirect_back_to_graph_gets_no_token_either() -> None:
    async with Staged(found(PATH), raw(WHOLE)) as stage:
        assert len(await rows(stage)) == 2
        assert stage.stub.tokens == ["token-1", ""]


async def test_redirects_in_a_circle_end() -> None:
    async with Staged(found()) as stage:
        with pytest.raises(ContractBroken, match=r"^mailboxes: the download leads nowhere$"):
            await rows(stage)
        assert len(stage.stub.paths) < 10
        assert stage.stub.tokens[1:] == [""] * (len(stage.stub.tokens) - 1)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://169.254.169.254/latest",
        "https://169.254.169.254/latest",
        "https://2852039166/latest",
        "https://0xa9fea9fe/latest",
        "https://[::ffff:169.254.169.254]/latest",
        "http://reports.example/file",
        "https://localhost.internal.1/file",
        "https://metadata/file",
        "https://user:word@reports.example/file",
        "ftp://reports.example/file",
        "file:///etc/passwd",
        "https://[broken",
        "https://reports.example:99999/",
        "data:text/csv,a",
    ],
)
async def test_no_address_is_followed_but_a_named_host_over_https(location: str) -> None:
    async with Staged(found(location)) as stage:
        with pytest.raises(ContractBroken, match=r"^mailboxes: the download's address") as caught:
            await rows(stage)
        assert location == "" or location not in str(caught.value)
        assert caught.value.__cause__ is None
        assert len(stage.stub.paths) == 1


async def test_the_place_and_the_token_stand_in_no_log_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Staged(found("http://127.0.0.1:9/file?sig=s3cret")) as stage:
        with pytest.raises(UpstreamDown) as caught:
            await rows(stage)
        trace = "".join(str(e) for e in (caught.value, caught.value.__cause__))
    async with Staged(found(), refusal(403), refusal(500)) as stage:
        with pytest.raises(UpstreamDown):
            await rows(stage)
    lines = "\n".join(r.getMessage() for r in caplog.records if "aiohttp.access" not in r.name)
    for secret in ("s3cret", "token-"):
        assert secret not in lines + trace + str(caught.value)


async def dropped(request: web.Request) -> web.StreamResponse:
    """The connection ends before the promised length does, after whole lines."""
    response = web.StreamResponse(headers={"Content-Length": str(len(WHOLE) + 500)})
    await response.prepare(request)
    await response.write(WHOLE)
    assert request.transport is not None
    request.transport.close()
    return response


async def dropped_chunks(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(WHOLE)
    assert request.transport is not None
    request.transport.close()
    return response


@pytest.mark.parametrize(
    "fault",
    [
        dropped,
        dropped_chunks,
        raw(b""),
        raw(b"<!DOCTYPE html><html><body>busy</body></html>"),
        raw(b'{"error": {"code": "busy"}}'),
        refusal(500),
        refusal(503, retry_after="3"),
        refusal(429, retry_after="5"),
        refusal(429),
    ],
)
async def test_a_download_that_fails_is_repeated_and_graph_not_asked_again(fault: Answer) -> None:
    async with Staged(found(), fault, raw(WHOLE)) as stage:
        assert len(await rows(stage)) == 2
        assert [path for path in stage.stub.paths if path == PATH] == [PATH]
        assert stage.time.slept


@pytest.mark.parametrize("fault", [dropped, dropped_chunks])
async def test_a_file_that_is_never_whole_is_never_read(fault: Answer) -> None:
    async with Staged(found(), fault) as stage:
        with pytest.raises(UpstreamDown):
            await anext(stage.source.pages(CONTOSO, MAILBOXES))


async def test_a_body_that_ends_wherever_the_connection_does_is_not_trusted() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + WHOLE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Staged(found(f"http://127.0.0.1:{port}/file")) as stage:
        with pytest.raises(UpstreamDown):
            await rows(stage)


async def test_a_place_that_has_died_is_asked_for_again() -> None:
    for status in (401, 403, 404, 410):
        async with Staged(found(), refusal(status), found("/again"), raw(WHOLE)) as stage:
            assert len(await rows(stage)) == 2
            assert stage.stub.paths == [PATH, PLACE, PATH, "/again"]


async def test_throttled_for_long_at_the_download_the_run_is_postponed() -> None:
    async with Staged(found(), refusal(429, retry_after="600")) as stage:
        with pytest.raises(Throttled) as caught:
            await rows(stage)
        assert caught.value.retry_after == 600
        assert stage.time.slept == []


async def test_graphs_own_refusals_mean_what_they_always_mean() -> None:
    async with Staged(refusal(403, "Authorization_RequestDenied")) as stage:
        with pytest.raises(PermissionMissing):
            await rows(stage)
    async with Staged(refusal(404, "UnknownTenantId")) as stage:
        with pytest.raises(FeatureOff):
            await rows(stage)
    async with Staged(refusal(429, retry_after="7"), found(), raw(WHOLE)) as stage:
        assert len(await rows(stage)) == 2
        assert stage.time.slept == [7]
    async with Staged(refusal(401), found(), raw(WHOLE)) as stage:
        assert len(await rows(stage)) == 2
        assert stage.stub.tokens == ["token-1", "token-2", ""]


async def test_a_report_that_is_not_ready_is_empty() -> None:
    assert await read(HEADER) == []


async def test_columns_are_found_by_name_in_any_order_and_more_or_fewer_of_them() -> None:
    text = "Is Deleted,Brand New,  user principal name ,STORAGE USED (BYTE)\nTRUE,x,ada,5\n"
    assert await read(text) == [Mailbox(id="ada", is_deleted=True, storage_used_byte=5)]


async def test_without_the_byte_order_mark_it_is_the_same_file() -> None:
    async with Staged(found(), csv_file(HEADER + ADA, "utf-8")) as stage:
        assert [row.id for row in await rows(stage)] == ["ada@contoso.example"]


async def test_yes_and_no_are_truths() -> None:
    text = "User Principal Name,Is Deleted\na,Yes\nb,No\nc,\nd,true\n"
    assert [row.is_deleted for row in await read(text)] == [True, False, None, True]


async def test_rows_without_a_key_are_told_apart_by_their_place_and_doubles_are_kept() -> None:
    text = "User Principal Name,Display Name\n,Ada\nben,Ben\n,Cleo\nben,Ben\n"
    assert [(r.id, r.display_name) for r in await read(text)] == [
        ("#1", "Ada"),
        ("ben", "Ben"),
        ("#3", "Cleo"),
        ("ben", "Ben"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        'Ada "the", first',
        "two\r\nlines",
        "=HYPERLINK(1)",
        "n" * 10_000,
        "null",
        "Yes",
        "\u202eAda",
        "  Ada ",
        "\x00",
    ],
)
async def test_a_name_is_kept_as_it_is(name: str) -> None:
    quoted = name.replace('"', '""')
    text = f'User Principal Name,Display Name,Is Deleted\r\na,"{quoted}",No\r\nb,Ben,No\r\n'
    assert [row.display_name for row in await read(text)] == [name, "Ben"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Is Deleted", "Erika"),
        ("Last Activity Date", "Erika"),
        ("Last Activity Date", "19.11.2026"),
        ("Storage Used (Byte)", "Erika"),
        ("Storage Used (Byte)", "1.5"),
    ],
)
async def test_a_wrong_value_names_the_column_and_never_itself(column: str, value: str) -> None:
    words = await broken(f"User Principal Name,{column}\nada,\nben,{value}\n")
    named = column.lower().replace(" ", "_").replace("(", "").replace(")", "")
    assert words == f"mailboxes: column {named} has an unexpected value"


async def test_without_the_column_of_ids_nothing_is_read() -> None:
    words = await broken("Display Name,Is Deleted\nErika,No\n")
    assert words == "mailboxes: column user_principal_name is missing"


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
async def test_another_encoding_is_not_guessed_at(encoding: str) -> None:
    words = await broken(HEADER + ADA.replace("Ada", "Jürgen"), encoding)
    assert words == "mailboxes: the file is not in UTF-8"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEADER + ADA.replace("Ada", "Ada, the first"), "a line is longer than the header"),
        (HEADER + ADA.replace("Ada", 'A"da"').replace("False", '"False"x'), "the body is not CSV"),
        (HEADER + "n" * 200_000, "the body is not CSV"),
        (HEADER + "n" * 1_100_000, "a line of the file is too long"),
    ],
)
async def test_what_is_no_csv_is_said_and_not_guessed_at(text: str, problem: str) -> None:
    assert await broken(text) == f"mailboxes: {problem}"


@pytest.mark.parametrize("end", ["2026-11-20,ben@contoso.example,Be", '2026-11-20,ben,"Be', "2026"])
async def test_a_file_that_ends_within_a_line_is_read_again_later(end: str) -> None:
    async with Staged(found(), csv_file(HEADER + ADA + end)) as stage:
        with pytest.raises(UpstreamDown, match=r"^mailboxes: the file ends in the middle"):
            await rows(stage)


async def test_a_large_report_comes_in_pages() -> None:
    lines = "".join(f"u{number},Person {number}\n" for number in range(2500))
    async with Staged(found(), csv_file("User Principal Name,Display Name\n" + lines)) as stage:
        sizes = [len(page.rows) async for page in stage.source.pages(CONTOSO, MAILBOXES)]
        assert sizes == [1000, 1000, 500]


async def test_a_caller_that_stops_early_leaves_no_file_open() -> None:
    lines = "".join(f"u{number}\n" for number in range(5000))
    async with Staged(found(), csv_file("User Principal Name\n" + lines)) as stage:
        before = _open_files()
        listing = stage.source.pages(CONTOSO, MAILBOXES)
        await anext(listing)
        assert _open_files() > before
        await listing.aclose()
        assert _open_files() == before


def _open_files() -> int:
    """Of this process, on the disk and without a name."""
    return sum("(deleted)" in _target(link) for link in Path("/proc/self/fd").iterdir())


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""  # that of the listing itself
