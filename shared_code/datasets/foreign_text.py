"""Texts of Microsoft's inside a row: HTML as it comes, or plain text."""

from html import escape
from html.parser import HTMLParser

from shared_code.core.dataset import Part

_UNSEEN = frozenset({"script", "style"})
_INLINE = frozenset({"a", "b", "em", "i", "span", "strong", "u", "code", "font"})


class ForeignText(Part, frozen=True, kw_only=True):
    """Graph's itemBody."""

    content_type: str | None = None
    content: str | None = None

    @property
    def html(self) -> str:
        """Hostile as before; plain text keeps its lines."""
        text = self.content or ""
        if self._is_html:
            return text
        return escape(text).replace("\r\n", "\n").replace("\n", "<br>\n")

    @property
    def plain(self) -> str:
        """The words alone, a line per block; hostile as text may be."""
        text = self.content or ""
        return _Words.of(text) if self._is_html else text

    @property
    def _is_html(self) -> bool:
        return (self.content_type or "").casefold() == "html"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.unseen = 0

    @classmethod
    def of(cls, html: str) -> str:
        words = cls()
        words.feed(html)
        words.close()
        lines = (" ".join(line.split()) for line in "".join(words.found).splitlines())
        return "\n".join(filter(None, lines))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own
        self.unseen += tag in _UNSEEN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(self.unseen - (tag in _UNSEEN), 0)
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.found.append(data)

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self.found.append("\n")
