"""The one page that every link gets that is not honoured."""

import base64
import hashlib

from shared_code.core.text import Language, Text

_TITLE = Text(de="Link nicht mehr gültig", en="Link no longer valid")
_TEXT = Text(
    de="Dieser Link gilt nicht mehr. Melden Sie sich im Portal an oder fordern Sie einen neuen Link an.",
    en="This link is no longer valid. Sign in to the portal or request a new link.",
)
_STYLE = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f6f8;color:#1a2027;"
    'font:16px/1.5 "Segoe UI",system-ui,sans-serif}'
    "main{max-width:34rem;margin:1rem;padding:2rem;background:#fff;border:1px solid #d5dbe2;"
    "border-top:5px solid #0f4c6b;border-radius:10px}h1{font-size:1.4rem;margin:0 0 .5rem}"
    "p{margin:0}"
    "@media(prefers-color-scheme:dark){body{background:#12161b;color:#e7ebef}"
    "main{background:#1b2027;border-color:#333c46}}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def page(accept_language: str | None) -> str:
    """In the reader's language; says nothing about what the link was for."""
    german = (accept_language or "de").strip().lower().startswith("de")
    language = Language.DE if german else Language.EN
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_TITLE[language]}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{_TITLE[language]}</h1><p>{_TEXT[language]}</p></main></body></html>"
    )
