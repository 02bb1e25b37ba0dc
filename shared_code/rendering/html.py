"""HTML: one self-contained file per language that works from disk, without a script, and in print."""

from typing import BinaryIO

from markupsafe import Markup

from shared_code.core.report import Report
from shared_code.core.text import Language
from shared_code.rendering.block import write_block
from shared_code.rendering.language import Voice
from shared_code.rendering.page import Page
from shared_code.rendering.page_words import PAGE
from shared_code.rendering.rendering import Rendering
from shared_code.rendering.templates import asset, hash_of, template

_BLOCK = "<!--block-->"


_STYLE = "\n".join(map(asset, ("colours.css", "chart.css", "page.css", "table.css", "print.css")))
_SCRIPTS = "\n".join(map(asset, ("voice.js", "view.js", "report.js")))
_SCRIPT = f'(() => {{\n"use strict";\n{_SCRIPTS}\n}})();'

# In the page itself, because a file on disk or in a store has no headers.
PAGE_POLICY = (
    f"default-src 'none'; script-src '{hash_of(_SCRIPT)}'; style-src '{hash_of(_STYLE)}'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
CONTENT_POLICY = f"{PAGE_POLICY}; frame-ancestors 'none'"


def write(report: Report, language: Language, out: BinaryIO) -> None:
    voice = Voice.of(report.tenant, language)
    page = Page(report, voice)
    text = template("report.html.j2").render(
        r=page.fields(),
        w={name: voice.say(words) for name, words in PAGE.items()},
        lang=language,
        has_pdf=f"report.{language}.pdf" not in report.left_out,
        other=next(each for each in Language if each is not language),
        policy=PAGE_POLICY,
        style=Markup(_STYLE),  # noqa: S704 - our own file
        script=Markup(_SCRIPT),  # noqa: S704 - our own file
    )
    # The last one: text from the tenant stands before, and there it is escaped.
    before, _, after = text.rpartition(_BLOCK)
    out.write(before.encode())
    if report.lists_people:
        write_block(report, voice, out, file=page.file_name())
    out.write(after.encode())


HTML = Rendering(ending="html", media_type="text/html", write=write, content_policy=CONTENT_POLICY)
