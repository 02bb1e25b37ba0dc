"""As much of Kusto's language as alerts and workbook ask of lines of the log."""

import re
from collections.abc import Mapping

_TYPES = {"long": r"-?\d+", "real": r"-?\d+(?:\.\d+)?", "": ".*?"}
_CLAIM = re.compile(r"Message (startswith|endswith|contains) '([^']*)'")
_TOKEN = re.compile(r"'([^']*)'|(\w+)(?:: (\w+))?|\*")


def lets_through(query: str, line: str) -> bool:
    """By its text alone: instants and levels are taken for fitting."""
    filters = [part for part in _parts(query) if part.startswith("where") and "Message" in part]
    return all(_holds(each.removeprefix("where"), line) for each in filters)


def _holds(claim: str, line: str) -> bool:
    """Case does not count, as in these operators."""

    def value(found: re.Match[str]) -> str:
        text, word = line.casefold(), found[2].casefold()
        ways = {"startswith": text.startswith, "endswith": text.endswith, "contains": text.count}
        return str(bool(ways[found[1]](word)))

    return bool(eval(_CLAIM.sub(value, claim).strip(), {"__builtins__": {}}))


def parsed(query: str, line: str) -> Mapping[str, str] | None:
    """The columns that `parse` finds; None if it finds none, or the query has no such step."""
    steps = [part for part in _parts(query) if part.startswith("parse Message with ")]
    if not steps:
        return None
    found = re.fullmatch(_pattern(steps[0].removeprefix("parse Message with ")), line, re.DOTALL)
    return found.groupdict() if found else None


def _pattern(shape: str) -> str:
    def piece(token: re.Match[str]) -> str:
        text, name, kind = token.groups()
        if text is not None:
            return re.escape(text)
        return f"(?P<{name}>{_TYPES.get(kind or '', '.+?')})" if name else ".*?"

    return "".join(piece(token) for token in _TOKEN.finditer(shape))


def _parts(query: str) -> list[str]:
    return [part.strip() for part in query.split("\n| ")]
