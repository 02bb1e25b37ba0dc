"""The one page that every link gets that is not honoured."""

from shared_code.core.text import Text
from shared_code.rendering import notice
from shared_code.rendering.notice import CONTENT_POLICY, Notice

__all__ = ["CONTENT_POLICY", "page"]

_DEAD = Notice(
    Text(de="Link nicht mehr gültig", en="Link no longer valid"),
    Text(
        de="Dieser Link gilt nicht mehr. Melden Sie sich im Portal an oder fordern Sie einen neuen Link an.",
        en="This link is no longer valid. Sign in to the portal or request a new link.",
    ),
    (("/portal", Text(de="Zum Portal", en="To the portal")),),
)


def page(accept_language: str | None) -> str:
    """In the reader's language; says nothing about what the link was for."""
    return notice.page(_DEAD, accept_language)
