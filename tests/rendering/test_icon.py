"""Pages bring their icon: a browser that asked for one would get a 404."""

from importlib import resources
from importlib.resources.abc import Traversable

import pytest

from shared_code.rendering import dead_link, html, notice, onboarding, portal, proof
from shared_code.rendering.templates import icon

WHOLE_PAGES = [
    file
    for file in resources.files("shared_code.rendering.assets").iterdir()
    if file.name.endswith(".html.j2") and "<head>" in file.read_text("utf-8")
]


@pytest.mark.parametrize("file", WHOLE_PAGES, ids=lambda file: file.name)
def test_every_page_names_an_icon(file: Traversable) -> None:
    assert '<link rel="icon" href="{{ icon }}">' in file.read_text("utf-8")


def test_the_icon_is_in_the_page_itself() -> None:
    assert f'<link rel="icon" href="{icon()}">' in dead_link.page("de")
    assert icon().startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("module", [html, notice, onboarding, portal, proof])
def test_its_policy_lets_a_page_show_it(module: object) -> None:
    policy = getattr(module, "CONTENT_POLICY", "")

    assert "img-src data:;" in policy
