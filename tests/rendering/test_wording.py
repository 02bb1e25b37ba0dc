"""Whoever must act is told so, in both languages, whatever went wrong."""

from datetime import UTC, datetime

import pytest

from shared_code.core.errors import DatasetError, Reason, TenantError
from shared_code.core.run import Gap
from shared_code.core.text import Language
from shared_code.rendering.language import Voice
from shared_code.rendering.wording import gap_sentence, headline, refusal
from tests.rendering.tables import report_of

SINCE = datetime(2026, 11, 22, 23, tzinfo=UTC)  # Monday in Vienna


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", Language)
def test_every_gap_says_since_when_why_and_who_acts(reason: Reason, language: Language) -> None:
    gap = Gap(dataset="guests", reason=reason, detail="Microsoft Entra ID P1", since=SINCE)
    report = report_of(gaps=(gap,))
    sentence = Voice(language, "Europe/Vienna").say(gap_sentence(gap, report))
    assert sentence.startswith(("Seit 23.11.2026: ", "Since 23\u00a0Nov\u00a02026: "))
    assert sentence.endswith(".")
    asks = {Language.DE: "Kunde: ", Language.EN: "Customer: "}[language]
    assert (asks in sentence) is reason.is_for_customer
    named = reason in (Reason.PERMISSION, Reason.LICENCE)
    assert ("Microsoft Entra ID P1" in sentence) is named


@pytest.mark.parametrize("error", TenantError.__subclasses__())
def test_every_refusal_of_a_tenant_asks_the_customer(error: type[TenantError]) -> None:
    said = refusal(error("c0a70505: AADSTS65001"))
    assert said["de"].startswith("Nicht lieferbar: ")
    assert "Kunde: Bitte " in said["de"]
    assert said["en"].startswith("Cannot be delivered: ")
    assert "Customer: please " in said["en"]
    assert "AADSTS" not in said["de"] + said["en"]


@pytest.mark.parametrize("reason", Reason)
def test_every_dataset_that_a_report_rests_on_has_a_refusal(reason: Reason) -> None:
    said = refusal(DatasetError("guests", reason, "User.Read.All"))
    assert said.keys() == set(Language)
    assert all(text.endswith(".") and "{" not in text for text in said.values())


def test_the_headline_is_the_lead_in_both_languages() -> None:
    assert headline(report_of()) == {"de": "Ein Satz.", "en": "Ein Satz."}
