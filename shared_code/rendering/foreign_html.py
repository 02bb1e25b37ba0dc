"""HTML that others wrote, made harmless: few elements, no attributes but safe links."""

import re

import nh3
from markupsafe import Markup

from shared_code.rendering.cells import printable
from shared_code.rendering.language import Voice
from shared_code.rendering.page_words import PAGE

# Longer ones are cut: nesting costs the square of its depth, and Microsoft writes a tenth of it.
_MOST = 60_000

_HEADINGS = {f"h{level}" for level in range(1, 7)}
_TAGS = _HEADINGS | {
    *("p", "br", "b", "strong", "i", "em", "u", "code", "pre", "blockquote", "a", "img"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
_WITH_CONTENT = {
    *("script", "style", "iframe", "svg", "math", "template", "noscript", "object", "title"),
    *("textarea", "select", "video", "audio", "canvas", "xmp", "noembed", "noframes"),
}
_LINK = re.compile(r"(?:https://|mailto:)[^\s<>\"'`\\]+", re.IGNORECASE)

# After cleaning, elements are spelled in this way only, and no attribute holds a bracket.
_HEADING = re.compile(r"<(/?)h[1-6]>")
_IMAGE = "<img>"


def sanitised(html: str, voice: Voice) -> Markup:
    """`voice` says what stands in place of pictures, and at the end of what was too long.

    All headings become h3, whatever level they had, so that they fit below the page's h2.
    """
    clean = nh3.clean(
        printable(html[:_MOST]),
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes={"a": {"href"}},
        set_tag_attribute_values={"th": {"scope": "col"}},
        attribute_filter=_attribute,
        url_schemes={"https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
    body = _HEADING.sub(r"<\1h3>", clean).replace(_IMAGE, _said("image", voice))
    end = Markup("<p>{}</p>").format(_said("cut", voice)) if len(html) > _MOST else ""
    return Markup(body) + end  # noqa: S704 - cleaned above


def _said(word: str, voice: Voice) -> Markup:
    words = voice.say(PAGE[word])
    return Markup('<em lang="{}">[{}]</em>').format(voice.language, words)


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name != "href":
        return value
    return value if tag == "a" and _LINK.fullmatch(value) else None
