"""Links over HTTP: what a reader gets, and that every dead link looks exactly like every other."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from dev.host.worker import Answer
from shared_code.core.run import Run
from shared_code.core.tenant import TenantState
from shared_code.service.files import MEMORY
from tests.functions.house import CONTOSO, FABRIKAM, House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def headers(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def assert_unseen(answer: Answer) -> None:
    """No cache, no referrer, no sniffing, no frame, no search engine."""
    found = headers(answer)
    assert found["cache-control"] == "private, no-store"
    assert found["referrer-policy"] == "no-referrer"
    assert found["x-content-type-options"] == "nosniff"
    assert found["x-frame-options"] == "DENY"
    assert "noindex" in found["x-robots-tag"]
    assert "set-cookie" not in found


def a_file(run: Run) -> str:
    return run.artifacts[0].name


async def test_a_link_leads_to_the_front_page_on_the_same_host(house: House) -> None:
    token = await house.token(await house.delivered())

    for method in ("GET", "HEAD"):
        answer = await house.ask(method, f"/r/{token}")
        assert answer.status == 302
        assert headers(answer)["location"] == f"/r/{token}/report.de.html"
        assert_unseen(answer)


async def test_every_filed_rendering_can_be_fetched(house: House) -> None:
    run = await house.delivered()
    token = await house.token(run)

    for artifact in run.artifacts:
        if artifact.name == MEMORY:
            continue
        answer = await house.ask("GET", f"/r/{token}/{artifact.name}")
        assert answer.status == 200
        assert len(answer.body) == artifact.size
        found = headers(answer)
        assert found["content-type"].startswith(artifact.media_type)
        assert found["content-security-policy"].startswith("default-src 'none'")
        is_page = artifact.name.endswith(".html")
        assert found["content-disposition"].startswith("inline" if is_page else "attachment")
        assert 'filename="20' in found["content-disposition"]
        assert_unseen(answer)


async def test_a_head_request_tells_the_same_without_a_body(house: House) -> None:
    run = await house.delivered()
    path = f"/r/{await house.token(run)}/{a_file(run)}"

    asked, told = await house.ask("GET", path), await house.ask("HEAD", path)

    assert (told.status, told.body) == (200, b"")
    assert headers(told) == headers(asked)


async def test_a_link_may_be_opened_again_and_again(house: House) -> None:
    run = await house.delivered()
    path = f"/r/{await house.token(run)}/{a_file(run)}"

    assert {(await house.ask("GET", path)).status for _ in range(5)} == {200}


async def dead(house: House) -> dict[str, str]:
    """Paths that open nothing, by the reason why."""
    run, foreign = await house.delivered(), await house.delivered(FABRIKAM)
    services = house.services
    [issued] = await services.issuer.issue([run], lifetime=timedelta(days=1), created_by="tests")
    token, link = issued.address.rpartition("/")[2], issued.link
    page = a_file(run)
    revoked = await house.token(run)
    jti = revoked.split(".")[4]
    await services.links.revoke(CONTOSO, jti, at=services.planner.clock())
    other_key = f"v1.k9.{token.partition('.')[2].partition('.')[2]}"
    sign = services.issuer.signer.sign
    tokens = {
        "tampered signature": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "tampered run": token.replace(token.split(".")[3], "AAAAAAAAAAAAAAAAAAAAAA"),
        "expired": await house.token(run, lifetime=timedelta(seconds=-1)),
        "revoked": revoked,
        "unknown key": other_key,
        "foreign run": sign(replace(link, run_id=foreign.id)),
        "foreign tenant": sign(replace(link, tenant_id=FABRIKAM)),
        "without a row": sign(replace(link, jti="never-issued")),
        "no token": "hello",
        "a quote": "%27%20or%201%20eq%201",
        "a slash": "v1%2F..%2F..",
        "not ascii": "%C3%BC%C3%9F%00",
        "a line break": "v1%0D%0ASet-Cookie:%20a=b",
        "very long": "v1." + "x" * 8000,
    }
    for each in tokens.values():
        house.seen(each)
    paths = {why: f"/r/{each}/{page}" for why, each in tokens.items()}
    files = ("report.de.exe", MEMORY, "..%2Fmemory.bin", "%00", "x" * 5000, "report.fr.html")
    return paths | {f"file {name[:20]}": f"/r/{house.seen(token)}/{name}" for name in files}


async def test_every_dead_link_gets_byte_for_byte_the_same_answer(house: House) -> None:
    paths = await dead(house)

    answers = {why: await house.ask("GET", path) for why, path in paths.items()}

    assert {why: answer.status for why, answer in answers.items()} == dict.fromkeys(paths, 410)
    assert len({answer.body for answer in answers.values()}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers.values()}) == 1
    one = answers["tampered signature"]
    assert_unseen(one)
    assert headers(one)["content-security-policy"].startswith("default-src 'none'")
    assert b"Contoso" not in one.body


async def test_a_dead_link_without_a_file_looks_no_different(house: House) -> None:
    paths = await dead(house)
    of_links = {why: path for why, path in paths.items() if not why.startswith("file ")}

    answers = [await house.ask("GET", path.rpartition("/")[0]) for path in of_links.values()]

    assert {answer.status for answer in answers} == {410}
    assert len({(a.body, tuple(sorted(a.headers.items()))) for a in answers}) == 1


async def test_a_dead_link_answers_in_the_readers_language_and_nothing_else(house: House) -> None:
    languages = {
        accept: (await house.ask("GET", "/r/hello", {"Accept-Language": accept})).body
        for accept in ("de-AT,de;q=0.9", "en", "fr", "<script>alert(1)</script>", "x" * 9000)
    }

    assert b'lang="de"' in languages["de-AT,de;q=0.9"]
    assert len(set(languages.values())) == 2
    assert not any(b"script" in body for body in languages.values())


async def test_a_file_that_was_deleted_is_a_dead_link(house: House) -> None:
    run = await house.delivered(weeks_ago=20)
    token = await house.token(run)
    await house.services.producer.archive.keep_only(
        f"{run.tenant_id}/{run.report}/{run.id}", "none"
    )

    answer = await house.ask("GET", f"/r/{token}/{a_file(run)}")

    dead_one = await house.ask("GET", "/r/hello/report.de.html")
    assert (answer.status, answer.body, answer.headers) == (410, dead_one.body, dead_one.headers)


async def test_the_links_of_a_tenant_that_left_are_dead_and_come_back_with_it(
    house: House,
) -> None:
    run = await house.delivered(FABRIKAM)
    path = f"/r/{await house.token(run)}/{a_file(run)}"
    await house.services.tenants.set_state(FABRIKAM, TenantState.OFFBOARDED)
    try:
        assert (await house.ask("GET", path)).status == 410
    finally:
        await house.services.tenants.set_state(FABRIKAM, TenantState.ACTIVE)
    assert (await house.ask("GET", path)).status == 200


async def test_openings_are_on_record(house: House) -> None:
    run = await house.delivered()
    token = await house.token(run)
    await house.ask("GET", f"/r/{token}/{a_file(run)}")
    await house.ask("HEAD", f"/r/{token}/{a_file(run)}")

    openings = await house.services.links.openings(CONTOSO, token.split(".")[4])

    assert {(o.method, o.file, o.outcome) for o in openings} == {
        ("GET", a_file(run), "opened"),
        ("HEAD", a_file(run), "opened"),
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_a_link_can_only_be_read(house: House, method: str) -> None:
    token = await house.token(await house.delivered())

    assert (await house.ask(method, f"/r/{token}")).status == 404
    assert (await house.ask(method, f"/r/{token}/report.de.html")).status == 404
