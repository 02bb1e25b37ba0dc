"""Texts of Microsoft's inside a row: HTML as it comes, or plain text."""

from html import escape

from shared_code.core.dataset import Part


class ForeignText(Part, frozen=True, kw_only=True):
    """Graph's itemBody."""

    content_type: str | None = None
    content: str | None = None

    @property
    def html(self) -> str:
        """Hostile as before; plain text keeps its lines."""
        text = self.content or ""
        if (self.content_type or "").casefold() == "html":
            return text
        return escape(text).replace("\r\n", "\n").replace("\n", "<br>\n")
