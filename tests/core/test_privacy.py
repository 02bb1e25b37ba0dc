"""Pseudonyms: stable within a tenant, unrelated elsewhere, and nothing personal left over."""

from hypothesis import given
from hypothesis import strategies as st

from shared_code.core.dataset import Row
from shared_code.core.privacy import Address, Name, PersonId, PersonText, Pseudonyms
from shared_code.datasets.guests import Guest, GuestSponsors, Sponsor

HERE = Pseudonyms(b"k" * 32, "contoso")


class Mailbox(Row, frozen=True, kw_only=True):
    id: PersonId
    owner: Name | None = None
    mail: Address | None = None
    place: PersonText | None = None
    department: str | None = None


def test_everything_personal_is_replaced_and_the_rest_stays() -> None:
    mailbox = Mailbox(
        id="ada@contoso.com",
        owner="Ada Lovelace",
        mail="ada@contoso.com",
        place="Vienna",
        department="Sales",
    )
    masked = HERE.masked(mailbox)
    assert masked.owner == masked.id == HERE.of("ada@contoso.com")
    assert masked.mail == f"{masked.id}@contoso.com"
    assert (masked.place, masked.department) == ("", "Sales")


def test_unknown_stays_unknown() -> None:
    assert HERE.masked(Mailbox(id="x")).owner is None


@given(st.text(min_size=1))
def test_the_same_person_keeps_a_pseudonym_that_others_do_not_share(name: str) -> None:
    assert HERE.of(name) == HERE.of(name)
    assert HERE.of(name) != HERE.of(name + "x")
    assert HERE.of(name) != Pseudonyms(b"k" * 32, "fabrikam").of(name)
    assert HERE.of(name) != Pseudonyms(b"q" * 32, "contoso").of(name)


def test_however_a_sign_in_name_is_written_it_is_the_same_person() -> None:
    assert HERE.of("Ada@Contoso.com") == HERE.of("ada@contoso.com")


def test_a_guest_keeps_the_home_domain_only() -> None:
    guest = Guest(
        id="1",
        display_name="Anna Berger",
        mail="anna@fabrikam.com",
        user_principal_name="anna_fabrikam.com#EXT#@contoso.com",
    )
    masked = HERE.masked(guest)
    assert masked.id == "1", "rows find each other by it, and it is nobody's name"
    assert masked.mail
    assert masked.mail.endswith("@fabrikam.com")
    assert masked.user_principal_name
    assert masked.user_principal_name.endswith("_fabrikam.com#EXT#@contoso.com")
    assert "anna" not in str(masked).lower()
    assert "berger" not in str(masked).lower()


def test_people_within_a_row_are_others() -> None:
    sponsors = (Sponsor(id="7", display_name="Ada"), Sponsor(id="8", display_name="Eva"))
    masked = HERE.masked(GuestSponsors(id="1", sponsors=sponsors)).sponsors
    assert [s.display_name for s in masked] == [HERE.of("7"), HERE.of("8")]
