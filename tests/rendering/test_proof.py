"""The proof of deletion: everything deleted is named and counted, and nobody."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from shared_code.core.proof import Found, Phase, Proof
from shared_code.core.tenant import TenantId
from shared_code.core.text import Language
from shared_code.rendering.proof import KINDS, proof_page
from shared_code.storage.accounts import CONTAINERS, TABLES, Holds

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROOF = Proof(
    tenant_id=TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
    number=1,
    begun=AT,
    begun_by="9d6f2f1e-0000-4000-8000-00000000e001",
    phase=Phase.CLOSED,
    deleted={
        "tenant": Found(count=1),
        "table runs": Found(count=1234, oldest=AT.replace(year=2024), newest=AT),
        "container reports": Found(count=300, oldest=AT, newest=AT),
    },
    late={"table runs": Found(count=2, oldest=AT, newest=AT)},
    closed=AT.replace(hour=13),
)


def test_every_kind_there_is_has_words() -> None:
    kinds = {f"table {n}" for n, h in TABLES.items() if h is not Holds.PARTNER}
    kinds |= {f"container {n}" for n, h in CONTAINERS.items() if h is not Holds.PARTNER}

    assert kinds | {"tenant"} == set(KINDS)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.DE,
            (
                "Nachweis der Löschung",
                "1.236",
                "geschrieben 22.11.2024 bis 22.11.2026",
                "geschrieben am 22.11.2026",
                "1.537 Einträge",
            ),
        ),
        (
            Language.EN,
            (
                "Proof of deletion",
                "1,236",
                "written 22\u00a0Nov\u00a02024 to 22\u00a0Nov\u00a02026",
                "written on 22\u00a0Nov\u00a02026",
                "1,537 entries",
            ),
        ),
    ],
)
def test_it_says_what_how_much_when_and_on_whose_word(
    language: Language, words: tuple[str, ...]
) -> None:
    page = proof_page(PROOF, language, brand="Pro-Active Services")

    for word in (*words, PROOF.begun_by, PROOF.tenant_id):
        assert word in page
    assert "<script" not in page


def test_kinds_stand_in_an_order_of_their_own_and_one_without_words_comes_last() -> None:
    mixed = {kind: Found(count=1) for kind in ["table new", *reversed(list(KINDS))]}
    page = proof_page(replace(PROOF, deleted=mixed, late={}), Language.EN, brand="x")

    places = [page.index(f">{text.en}<") for text in KINDS.values()]
    assert places == sorted(places)
    assert page.index("table new") > places[-1]


def test_one_that_is_not_finished_says_so() -> None:
    unfinished = replace(PROOF, phase=Phase.WAITING, closed=None)

    assert "noch kein Nachweis" in proof_page(unfinished, Language.DE, brand="x")
    assert "noch kein Nachweis" not in proof_page(PROOF, Language.DE, brand="x")
