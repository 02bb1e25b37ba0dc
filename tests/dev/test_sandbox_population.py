from datetime import datetime, timedelta
from itertools import islice, pairwise
from tracemalloc import get_traced_memory, start, stop

import pytest

from dev.sandbox import Customer, Population, contoso, fabrikam, three_customers
from dev.sandbox.people import Guest
from dev.sandbox.roles import GUEST_ROLES, role_assignments
from tests.dev import MONDAY

STALE = timedelta(days=90)


def guests(customer: Customer, at: datetime = MONDAY) -> list[Guest]:
    return [guest for _, guest in Population(customer, at).guests()]


def last_seen(guest: Guest) -> str | None:
    times = guest.sign_in_activity
    if times is None:
        return None
    return max(value for name, value in times.items() if value and name.endswith("Time"))


def test_the_same_seed_gives_the_same_guests() -> None:
    assert [g.id for g in guests(fabrikam())] == [g.id for g in guests(fabrikam())]
    assert [g.id for g in guests(fabrikam())] != [g.id for g in guests(fabrikam(seed=99))]


def test_no_two_guests_share_an_id_or_an_address() -> None:
    found = guests(contoso())
    assert len({g.id for g in found}) == len({g.user_principal_name for g in found}) == len(found)


def test_a_large_tenant_has_believable_shares_of_stale_silent_pending_and_disabled_guests() -> None:
    found = guests(contoso())
    seen = [last_seen(guest) for guest in found]
    limit = (MONDAY - STALE).isoformat()
    share = 1 / len(found)
    assert 0.15 < share * sum(1 for s in seen if s and s < limit) < 0.25
    assert 0.03 < share * seen.count(None) < 0.09
    assert 0.02 < share * sum(g.external_user_state == "PendingAcceptance" for g in found) < 0.04
    assert 0.01 < share * sum(not g.account_enabled for g in found) < 0.05


def test_nobody_signs_in_or_accepts_in_the_future_or_before_the_invitation() -> None:
    now = MONDAY.isoformat().replace("+00:00", "Z")
    for guest in guests(contoso()):
        assert guest.created <= guest.state_changed <= guest.at < guest.end
        assert (last_seen(guest) or now) <= now


def test_two_guests_in_three_have_a_member_as_sponsor() -> None:
    population = Population(contoso(), MONDAY)
    sponsored = [g for _, g in population.guests() if population.sponsors(g)]
    assert 0.6 < len(sponsored) / population.guest_count < 0.7
    assert all(s.user_type == "Member" for g in sponsored for s in population.sponsors(g))


def test_within_a_week_some_guests_come_and_some_are_removed() -> None:
    before = {g.id for g in guests(contoso())}
    after = {g.id for g in guests(contoso(), MONDAY + timedelta(weeks=1))}
    assert 10 < len(after - before) < 100
    assert 10 < len(before - after) < 100


def test_a_removed_guest_never_comes_back() -> None:
    weeks = [
        {g.id for g in guests(contoso(), MONDAY + timedelta(weeks=n))} for n in range(0, 40, 8)
    ]
    gone: set[str] = set()
    for earlier, later in pairwise(weeks):
        gone |= earlier - later
        assert not gone & later


def test_sign_ins_only_move_forward() -> None:
    later = {g.id: last_seen(g) for g in guests(contoso(), MONDAY + timedelta(weeks=1))}
    pairs = [(last_seen(g), later[g.id]) for g in guests(contoso()) if g.id in later]
    assert all(before is None or (after is not None and before <= after) for before, after in pairs)
    assert any(before != after for before, after in pairs)


def test_invitations_get_accepted_and_accounts_get_disabled_as_weeks_pass() -> None:
    later = {g.id: g for g in guests(contoso(), MONDAY + timedelta(weeks=8))}
    still = [(g, later[g.id]) for g in guests(contoso()) if g.id in later]
    assert any(a.accepted is None and b.accepted is not None for a, b in still)
    assert any(a.account_enabled and not b.account_enabled for a, b in still)
    assert not any(b.accepted is None and a.accepted is not None for a, b in still)


def test_a_steady_tenant_has_exactly_the_ordered_number_of_guests_at_any_instant() -> None:
    customer = contoso(guests=700, steady=True)
    assert [len(guests(customer, MONDAY + timedelta(weeks=n))) for n in range(4)] == [700] * 4


@pytest.mark.parametrize("customer", three_customers(), ids=lambda c: c.name)
def test_a_tenant_has_about_the_ordered_number_of_guests(customer: Customer) -> None:
    population = Population(customer, MONDAY)
    assert population.guest_count == len(guests(customer))
    assert population.guest_count == pytest.approx(customer.guests, rel=0.05)


def test_the_small_tenant_has_guests_in_every_situation_a_report_names() -> None:
    found = guests(fabrikam())
    assert {g.external_user_state for g in found} == {"Accepted", "PendingAcceptance"}
    assert {g.account_enabled for g in found} == {True, False}
    assert any(g.accepted is not None and g.sign_in_activity is None for g in found)


def test_partner_domains_have_a_long_tail() -> None:
    domains = [str(g.mail).partition("@")[2] for g in guests(contoso())]
    counts = sorted((domains.count(domain) for domain in set(domains)), reverse=True)
    assert len(counts) == 30
    assert counts[0] > 10 * counts[-1]


def test_guests_hold_admin_roles_in_the_large_tenant_only() -> None:
    rows = role_assignments(Population(contoso(), MONDAY))
    held = [r["roleDefinitionId"] for r in rows if r["principal"]["userType"] == "Guest"]
    assert held == list(GUEST_ROLES)
    small = role_assignments(Population(fabrikam(), MONDAY))
    assert small
    assert all(r["principal"]["userType"] == "Member" for r in small)


def test_a_hostile_tenant_shows_formulas_markup_endless_and_missing_names() -> None:
    names = [guest.display_name for guest in guests(contoso(hostile=True, guests=800))]
    assert None in names
    assert any(name and name.startswith("=cmd|") for name in names)
    assert any(name and "<script>" in name for name in names)
    assert any(name and len(name) == 10_000 for name in names)


def test_a_million_guests_are_walked_without_being_held() -> None:
    population = Population(contoso(guests=1_000_000), MONDAY)
    assert next(population.guests(start=900_000))[0] >= 900_000
    start()
    for _ in islice(population.guests(), 20_000):
        pass
    _, peak = get_traced_memory()
    stop()
    assert peak < 1_000_000
