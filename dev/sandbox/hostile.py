"""What a tenant's directory can hold in the worst case."""

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
