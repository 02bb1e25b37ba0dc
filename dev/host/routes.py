"""Finds the function a path and method belong to, by the host's route templates."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
_PARAMETER = re.compile(
    r"\{(?P<rest>\*{0,2})(?P<name>\w+)(?P<rules>(?::[^{}]+?)*)(?P<optional>\?)?\}"
)
_CONSTRAINTS = {
    "guid": r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}",
    "int": r"-?\d+",
    "long": r"-?\d+",
    "alpha": r"[a-z]+",
    "bool": r"true|false",
    "datetime": r"[^/]+",
}
_LITERAL, _CONSTRAINED, _FREE, _REST = range(4)


class RouteError(Exception):
    """A route template this host does not understand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    function: str
    template: str
    methods: tuple[str, ...]
    needs_key: bool
    pattern: re.Pattern[str]
    # Literal segments win over parameters, constrained ones over free ones.
    precedence: tuple[int, ...]

    def match(self, raw_path: str) -> Mapping[str, str] | None:
        found = self.pattern.fullmatch(raw_path.rstrip("/"))
        if found is None:
            return None
        return {name: _decoded(value) for name, value in found.groupdict().items() if value}


def route(
    function: str,
    *,
    template: str,
    prefix: str = "",
    methods: Iterable[str] = (),
    needs_key: bool = False,
) -> Route:
    segments = [s for s in f"{prefix}/{template}".split("/") if s]
    parts = [_segment(segment) for segment in segments]
    return Route(
        function=function,
        template="/" + "/".join(segments),
        methods=tuple(m.upper() for m in methods) or _METHODS,
        needs_key=needs_key,
        pattern=re.compile("".join(p for p, _ in parts), re.IGNORECASE),
        precedence=tuple(rank for _, rank in parts),
    )


class Router:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=lambda r: r.precedence)

    def find(self, method: str, raw_path: str) -> tuple[Route, Mapping[str, str]] | None:
        """None also for a known path and another method: the host answers 404, not 405."""
        for candidate in self._routes:
            if method in candidate.methods and (found := candidate.match(raw_path)) is not None:
                return candidate, found
        return None


def _segment(segment: str) -> tuple[str, int]:
    parameter = _PARAMETER.fullmatch(segment)
    if parameter is None:
        return _mixed(segment)
    name = parameter["name"]
    if parameter["rest"]:
        return f"(?:/(?P<{name}>.*))?", _REST
    rules = [rule for rule in parameter["rules"].split(":") if rule]
    value = f"/(?P<{name}>{_value(rules)})"
    rank = _CONSTRAINED if rules else _FREE
    return (f"(?:{value})?" if parameter["optional"] else value), rank


def _mixed(segment: str) -> tuple[str, int]:
    """A literal, or a literal with parameters inside, such as {report}.pdf."""
    pattern, position = "/", 0
    for parameter in _PARAMETER.finditer(segment):
        pattern += re.escape(segment[position : parameter.start()])
        pattern += f"(?P<{parameter['name']}>[^/]+?)"
        position = parameter.end()
    rest = segment[position:]
    if "{" in rest or "}" in rest:
        raise RouteError(f"route segment {segment!r} is not understood")
    return pattern + re.escape(rest), _CONSTRAINED if position else _LITERAL


def _value(rules: list[str]) -> str:
    unknown = [rule for rule in rules if rule not in _CONSTRAINTS]
    if unknown:
        raise RouteError(f"route constraint {unknown[0]!r} is not understood")
    return "".join(f"(?=(?:{_CONSTRAINTS[rule]})(?:/|$))" for rule in rules) + "[^/]+"


def _decoded(value: str) -> str:
    # The host leaves an encoded slash alone, so that one segment stays one segment.
    parts = re.split("(%2f)", value, flags=re.IGNORECASE)
    return "".join(p if p.lower() == "%2f" else unquote(p) for p in parts)
