"""What a tenant's directory can hold in the worst case."""

from collections.abc import Callable, Iterable
from typing import Any

type Row = dict[str, Any]

HOSTILE_NAMES: tuple[str | None, ...] = (
    "=cmd|' /C calc'!A0",
    "+49 89 123456-0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egpj.exe\u202c Rechnung",
    "👩‍👩‍👧‍👦 Familie 🎉",
    "Ana\r\nBcc: all@contoso.example",
    "{{ 7 * 7 }} ${7*7} %n%n",
    "Ä" * 10_000,
    "",
    None,
)
ABSURD_TIMES: tuple[str | None, ...] = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1601-01-01T00:00:00Z",
    None,
)

HOSTILE_BODY = (
    "<script>alert(document.domain)</script><p onclick=alert(1)>Text</p>"
    '<a href="javascript:alert(1)">here</a><iframe src="https://evil.example"></iframe>'
    '<img src=x onerror=alert(1)><form action="https://evil.example"><input name=q></form>'
    '<style>body{display:none}</style><p style="position:fixed;inset:0">over all</p>'
    "<table><tr><td>never closed<!--"
)


def hostile_name(number: int) -> str | None:
    return HOSTILE_NAMES[number % len(HOSTILE_NAMES)]


def every_third(rows: Iterable[Row], hostile: Callable[[int, Row], Row]) -> list[Row]:
    """With what Microsoft would never send in its place."""
    return [row if n % 3 else row | hostile(n, row) for n, row in enumerate(rows)]
