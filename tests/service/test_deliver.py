"""Digests: planned once, sent once to each contact, whatever dies in between."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.audit import Act
from shared_code.core.delivery import DeliveryRequest, DeliveryState, DispatchState, decode_delivery
from shared_code.core.errors import (
    DeliveryWaits,
    MailRefused,
    MailUnclear,
    Throttled,
    UpstreamDown,
)
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunState
from shared_code.core.tenant import Contact, TenantState
from shared_code.service.deliver import SETTLING
from tests.service.digests import ADA, BEN, BOTH, EIGHT, Killed, Post, run
from tests.service.stage import TINY, WEEK


async def waits(post: Post) -> None:
    with pytest.raises(DeliveryWaits):
        await post.deliver()


async def settle(post: Post) -> None:
    """Comes back as the queue does, until there is nothing left to do."""
    for _ in range(20):
        try:
            await post.deliver()
        except DeliveryWaits as wait:
            post.clock.now = max(wait.until, post.clock.now) + timedelta(seconds=1)
        else:
            return
    pytest.fail("never settles")


async def test_a_due_digest_is_planned_once() -> None:
    post = Post()

    assert [await post.planner.plan() for _ in range(3)] == [1, 0, 0]
    assert [request.due for request in post.queue.sent] == [EIGHT]


async def test_after_an_outage_only_the_newest_digest_is_sent_and_covers_all() -> None:
    post = Post(ADA)
    await post.planner.plan()
    post.keep(run(weeks=1), run(weeks=2))
    post.clock.now = EIGHT + 2 * WEEK

    await post.planner.plan()
    assert EIGHT + WEEK not in [request.due for request in post.queue.sent]
    superseded = await post.deliver(EIGHT)
    done = await post.deliver(EIGHT + 2 * WEEK)

    assert superseded
    assert superseded.state is DeliveryState.SUPERSEDED
    assert done
    opened, _ = post.deliveries.kept[post.tenant.id, EIGHT + 2 * WEEK]
    assert opened.start
    assert opened.start < EIGHT
    assert len(post.mailer.sent) == 1


@pytest.mark.parametrize(
    "changes", [{"contacts": ()}, {"state": TenantState.SUSPENDED}, {"subscriptions": {}}]
)
async def test_nothing_is_planned_for_whom_nothing_is_sent(changes: dict[str, object]) -> None:
    post = Post()
    await post.tenants.save(replace(post.tenant, **changes))

    assert await post.planner.plan() == 0


async def test_a_misspelt_tenant_does_not_stop_the_others() -> None:
    post = Post()
    wrong = replace(post.tenant, id="fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02", digest="whenever")
    post.tenants.kept = {wrong.id: wrong, **post.tenants.kept}

    assert await post.planner.plan() == 1


async def test_a_message_that_was_lost_is_sent_again_once() -> None:
    post = Post()
    await post.planner.plan()
    post.clock.advance(timedelta(hours=9))

    assert [await post.planner.plan() for _ in range(2)] == [1, 0]


async def test_each_contact_gets_one_mail_in_its_language() -> None:
    post = Post()

    await post.deliver()
    await post.deliver()

    assert post.recipients == BOTH
    german, english = sorted(post.mailer.sent, key=lambda mail: mail.recipient)
    assert "Jetzt handeln" in german.html
    assert "Act now" in english.html


async def test_a_contact_without_any_of_the_reports_gets_nothing() -> None:
    post = Post(Contact(address="x@contoso.example", reports=frozenset({"another"})))

    await post.deliver()

    assert post.mailer.sent == []


async def test_runs_under_way_are_waited_for_and_then_named_as_missing() -> None:
    post = Post(ADA)
    post.keep(run(state=RunState.RUNNING))
    await waits(post)
    assert post.mailer.sent == []

    post.clock.advance(timedelta(hours=6, minutes=1))
    await post.planner.plan()
    post.clock.advance(timedelta(hours=6, minutes=1))
    await settle(post)

    [mail] = post.mailer.sent
    assert "Noch nicht fertig" in mail.text


async def test_what_was_late_is_in_the_next_digest() -> None:
    post = Post(ADA)
    post.keep(run(state=RunState.RUNNING))
    await waits(post)
    await settle_after_patience(post)
    late = replace(run(), updated=post.clock.now + timedelta(hours=1))
    post.keep(late, run(weeks=1, state=RunState.FAILED))
    post.clock.now = EIGHT + WEEK

    await post.deliver(EIGHT + WEEK)

    assert "Gäste entfernen" in post.mailer.sent[-1].text


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
async def test_a_tenant_that_moved_since_its_runs_were_planned_misses_none_of_them(
    zone: str,
) -> None:
    post = Post(ADA)
    await post.tenants.save(replace(post.tenant, time_zone=zone))

    assert await post.deliver()

    [mail] = post.mailer.sent
    assert "Gäste entfernen" in mail.text
    assert "Noch nicht fertig" not in mail.text


async def test_a_tenant_that_is_served_again_hears_nothing_of_what_was_not_due_meanwhile() -> None:
    post = Post(ADA)
    suspended = replace(post.tenant.subscriptions[TINY.name], resumed=EIGHT + timedelta(days=8))
    await post.tenants.save(replace(post.tenant, subscriptions={TINY.name: suspended}))
    await post.deliver()
    post.clock.now = EIGHT + timedelta(days=9)
    assert await post.planner.plan() == 1

    await post.deliver(post.queue.sent[-1].due)

    assert post.queue.sent[-1].due == EIGHT + WEEK
    assert len(post.mailer.sent) == 1


async def settle_after_patience(post: Post) -> None:
    post.clock.advance(timedelta(hours=6, minutes=1))
    await settle(post)


async def test_two_workers_at_once_send_one_mail_each() -> None:
    post = Post(ADA)
    await post.planner.plan()
    first, second = post.deliverer, post.deliverer
    request = post.queue.sent[0]
    sending = post.mailer.send

    async def slow(mail: object) -> None:
        with pytest.raises(DeliveryWaits):
            await second.deliver(request)
        await sending(mail)  # pyright: ignore[reportArgumentType]

    post.mailer.send = slow  # type: ignore[method-assign]

    await first.deliver(request)

    assert post.recipients == [ADA.address]


@pytest.mark.parametrize("step", range(1, 16))
async def test_killed_at_any_step_each_contact_still_gets_exactly_one_mail(step: int) -> None:
    post = Post()
    await post.planner.plan()
    steps = post.die_at(step)
    with pytest.raises(Killed):
        await post.deliver()
    assert steps.taken == step

    await settle(post)

    assert post.recipients == BOTH


async def test_there_is_no_further_step_to_be_killed_at() -> None:
    post = Post()
    await post.planner.plan()
    steps = post.die_at(99)

    await post.deliver()

    assert steps.taken == 16


async def ordered_again(post: Post) -> DeliveryRequest:
    """A digest went out, and an hour later it is ordered once more."""
    await post.planner.plan()
    await post.deliver()
    post.clock.advance(timedelta(hours=1, minutes=5))
    assert await post.planner.again(run(), by="engineer") == EIGHT + timedelta(hours=1)
    return post.queue.sent[-1]


async def settle_again(post: Post, order: DeliveryRequest) -> None:
    for _ in range(20):
        try:
            await post.deliverer.deliver(decode_delivery(encode_message(order)))
        except DeliveryWaits as wait:
            post.clock.now = max(wait.until, post.clock.now) + timedelta(seconds=1)
        else:
            return
    pytest.fail("never settles")


async def test_a_digest_that_is_ordered_again_goes_out_once_more_and_both_are_on_record() -> None:
    post = Post()
    order = await ordered_again(post)
    first = post.clock()
    await settle_again(post, order)
    await settle_again(post, order)
    post.clock.advance(timedelta(minutes=30))
    await post.planner.again(run(), by="engineer")
    await settle_again(post, post.queue.sent[-1])

    assert post.recipients == sorted(2 * BOTH)
    assert len({mail.marker for mail in post.mailer.sent}) == 4
    sent = await post.deliveries.dispatches(post.tenant.id, EIGHT)
    assert sorted((d.is_repeated, d.sent) for d in sent) == [
        *[(False, EIGHT)] * 2,
        *[(True, first)] * 2,
    ]
    assert [e.act for e in post.audit.kept] == [Act.DIGEST_REPEATED] * 2
    assert await post.planner.plan() == 0
    known = await post.deliveries.recent(post.tenant.id)
    assert [each.state for each in known] == [DeliveryState.DONE]


@pytest.mark.parametrize("step", range(1, 13))
async def test_killed_at_any_step_nobody_gets_a_third_mail(step: int) -> None:
    post = Post()
    order = await ordered_again(post)
    steps = post.die_at(step)
    with pytest.raises(Killed):
        await settle_again(post, order)
    assert steps.taken == step

    await settle_again(post, order)

    assert post.recipients == sorted(2 * BOTH)


async def test_what_never_went_out_is_not_sent_again() -> None:
    post = Post()
    assert await post.planner.again(run(), by="engineer") is None
    await post.planner.plan()
    assert await post.planner.again(run(), by="engineer") is None

    again = replace(DeliveryRequest.of(post.tenant.id, EIGHT), again=EIGHT)
    assert await post.deliverer.deliver(again) is None

    assert (post.recipients, post.audit.kept) == ([], [])


@pytest.mark.parametrize("was_accepted", [True, False])
async def test_without_an_answer_the_mailbox_is_asked_before_anything_is_sent_again(
    *, was_accepted: bool
) -> None:
    post = Post(ADA)
    post.mailer.answers = [(MailUnclear("504"), was_accepted)]
    await waits(post)
    post.clock.advance(SETTLING / 2)
    await waits(post)
    post.clock.advance(SETTLING)

    await settle(post)

    assert post.recipients == [ADA.address]


async def test_while_the_mailbox_cannot_be_searched_nothing_is_sent_again() -> None:
    post = Post(ADA)
    post.mailer.answers = [(MailUnclear("504"), True)]
    post.mailer.blind = MailRefused("403 ErrorAccessDenied")
    await waits(post)
    for _ in range(30):
        post.clock.advance(timedelta(hours=1))
        await waits(post)
    post.clock.advance(timedelta(days=3))

    await settle(post)

    assert len(post.mailer.sent) == 1
    [dispatch] = await post.deliveries.dispatches(post.tenant.id, EIGHT)
    assert dispatch.state is DispatchState.UNCLEAR


async def test_a_refused_contact_does_not_keep_the_others_waiting() -> None:
    post = Post()
    post.mailer.answers = [(MailRefused("404 ErrorInvalidUser"), False)]

    await post.deliver()

    assert post.recipients == [BEN.address]
    states = {d.state for d in await post.deliveries.dispatches(post.tenant.id, EIGHT)}
    assert states == {DispatchState.REFUSED, DispatchState.SENT}


@pytest.mark.parametrize(
    "error", [Throttled("429", retry_after=90), UpstreamDown("503"), UpstreamDown("no token")]
)
async def test_what_was_never_accepted_is_tried_again_later(error: Exception) -> None:
    post = Post()
    post.mailer.answers = [(error, False)]
    await waits(post)
    assert post.recipients == [BEN.address]

    await settle(post)

    assert post.recipients == BOTH


async def test_a_suspended_tenant_gets_no_mail_that_was_planned_before() -> None:
    post = Post()
    await post.planner.plan()
    await post.tenants.set_state(post.tenant.id, TenantState.SUSPENDED)

    assert await post.deliver() is None
    assert post.mailer.sent == []
