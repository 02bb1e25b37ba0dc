"""Every link that is not honoured gets the same page, in the reader's language."""

import base64
import hashlib
import re

import pytest

from shared_code.rendering.dead_link import CONTENT_POLICY, page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "de"),
        ("", "de"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        (" DE-ch", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr", "en"),
        ('"><script>', "en"),
    ],
)
def test_the_page_is_in_the_readers_language(accepted: str | None, language: str) -> None:
    found = page(accepted)
    assert f'<html lang="{language}">' in found
    assert "<script" not in found
    sentence = {"de": "Dieser Link gilt nicht mehr.", "en": "This link is no longer valid."}
    assert sentence[language] in found


def test_the_policy_allows_its_style_and_nothing_else() -> None:
    [style] = re.findall(r"<style>(.*?)</style>", page("de"), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_POLICY
    assert CONTENT_POLICY.startswith("default-src 'none'; ")
    assert not re.search(r"https?:|\b(src|style|on\w+)=", page("de"))
