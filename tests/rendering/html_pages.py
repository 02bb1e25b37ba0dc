"""A report's page as tests read it."""

import base64
import gzip
import json
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

from shared_code.core.report import (
    Report,
)
from shared_code.core.text import Language
from shared_code.rendering.html import HTML


def page(report: Report, language: Language = Language.DE) -> str:
    out = BytesIO()
    HTML.write(report, language, out)
    return out.getvalue().decode()


def block(text: str) -> dict[str, Any]:
    """What the script reads."""
    if plain := re.search(
        r'<script type="application/json" id="lines">(.*?)</script>', text, re.DOTALL
    ):
        return json.loads(plain[1])
    packed = re.search(r'id="packed-lines">(.*?)</script>', text, re.DOTALL)
    assert packed
    return json.loads(gzip.decompress(base64.b64decode(packed[1], validate=True)))


def with_content(report: Report, **content: Any) -> Report:
    return replace(report, content=replace(report.content, **content))
