"""One page of a listing: rows, context, count and the link to the next page."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from dev.sandbox.downloads import File
from dev.sandbox.errors import (
    GraphError,
    bad_query,
    licence_missing,
    p2_missing,
    permission_missing,
    unsupported_query,
)
from dev.sandbox.licences import SKUS
from dev.sandbox.people import Guest, Member
from dev.sandbox.population import Customer, Population
from dev.sandbox.query import PAGE_MAXIMUM, PageToken, Query, read_query, read_token
from dev.sandbox.resources import Caller, Found, Resource, Row
from dev.sandbox.users import PROPERTIES, sponsor_shape, user_shape

_METADATA = "https://graph.microsoft.com/v1.0/$metadata"

# The answer's body, and the token of the page after it.
type Page = tuple[dict[str, Any], PageToken | None]


def page(
    customer: Customer,
    *,
    at: datetime,
    caller: Caller,
    found: Found | None,
    options: Mapping[str, str],
    advanced: bool,
) -> Page:
    """Users unless a resource was `found`. `advanced`: with ConsistencyLevel: eventual."""
    if found is None:
        return _users(customer, at, options, advanced=advanced)
    resource = found.resource
    population = Population(customer, at)
    _admit(resource, customer)
    if resource.walk:
        return _large(resource.walk, resource.context, options, customer=customer, at=at)
    rows = resource.rows(population, caller, found.key)
    return _small(rows, resource, options, at=population.at, advanced=advanced)


def csv_file(
    customer: Customer, *, at: datetime, caller: Caller, found: Found, options: Mapping[str, str]
) -> File:
    """A usage report; it takes no query options."""
    resource = found.resource
    population = Population(customer, at)
    for option in options:
        raise bad_query(f"The query parameter '{option}' is not supported.")
    _admit(resource, customer)
    walk = resource.walk

    def rows() -> Iterable[Row]:
        if walk is None:
            return resource.rows(population, caller, found.key)
        return (row for _, row in walk(population, 0))

    return File(customer.tenant_id, found.path, rows, resource.columns, None)


class _Anything(Container[str]):
    """What may be selected of a collection that shows no row."""

    def __contains__(self, name: object) -> bool:
        return True


def count_users(customer: Customer, *, at: datetime, options: Mapping[str, str]) -> int:
    _require(customer, "User.Read.All")
    query = read_query(options, entity="microsoft.graph.user", properties=(), expandable=())
    population = Population(customer, at)
    members = 0 if _user_type(query) == "Guest" else customer.members
    return members + (0 if _user_type(query) == "Member" else population.guest_count)


def _require(customer: Customer, *permissions: str) -> None:
    if not customer.permissions.issuperset(permissions):
        raise permission_missing()


def _admit(resource: Resource, customer: Customer) -> None:
    if not customer.permissions & resource.permissions:
        raise permission_missing()
    if resource.needs_p1 and not customer.has_p1:
        raise _unlicensed(resource, licence_missing)
    if resource.needs_p2 and not customer.has_p2:
        raise _unlicensed(resource, p2_missing)


def _unlicensed(resource: Resource, usual: Callable[[], GraphError]) -> GraphError:
    return (resource.unlicensed or usual)()


def _users(customer: Customer, at: datetime, options: Mapping[str, str], *, advanced: bool) -> Page:
    query = read_query(
        options, entity="microsoft.graph.user", properties=PROPERTIES, expandable={"sponsors"}
    )
    _require(customer, "User.Read.All")
    if query.reads_sign_ins:
        _require(customer, "AuditLog.Read.All")
        if not customer.has_p1:
            raise licence_missing()
    population = Population(
        customer, datetime.fromtimestamp(query.token.at, UTC) if query.token else at
    )
    walk = _walk(population, query)
    rows, after = _take(walk, query.top, _shape(population, query), at=population.at)
    body: dict[str, Any] = {"@odata.context": _context("users", query)}
    if query.count and advanced and query.token is None:
        body["@odata.count"] = count_users(customer, at=at, options=_only_filter(options))
    return body | {"value": rows}, after


def _only_filter(options: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in options.items() if name == "$filter"}


def _user_type(query: Query) -> str | None:
    if query.equals is None:
        return None
    name, value = query.equals
    if name != "userType" or value not in ("Guest", "Member"):
        raise unsupported_query(
            "Unsupported or invalid query filter clause specified for "
            f"property '{name}' of resource 'User'."
        )
    return value


def _walk(population: Population, query: Query) -> Iterator[tuple[int, Member | Guest]]:
    start = query.token.position if query.token else 0
    if query.ids is not None:
        found = (each for each in population.users(start) if each[1].id in query.ids)
        return islice(found, len(query.ids))
    match _user_type(query):
        case "Guest":
            return population.guests(start)
        case "Member":
            return population.members(start)
        case _:
            return population.users(start)


def _shape(population: Population, query: Query) -> Callable[[Member | Guest], Row]:
    shape = user_shape(query.select, SKUS[population.customer.plan][0])
    if "sponsors" not in query.expand:
        return shape
    sponsors = sponsor_shape(population, query.expand["sponsors"])
    return lambda user: shape(user) | {"sponsors": sponsors(user)}


def _take[T](
    walk: Iterable[tuple[int, T]], top: int, shape: Callable[[T], Row], *, at: int
) -> tuple[list[Row], PageToken | None]:
    """A page, and where the next begins: one object more is looked at, so no last page is empty."""
    rows: list[Row] = []
    for position, thing in walk:
        if len(rows) == top:
            return rows, PageToken(position, at)
        rows.append(shape(thing))
    return rows, None


def _large(
    walk: Callable[[Population, int], Iterable[tuple[int, Row]]],
    context: str,
    options: Mapping[str, str],
    *,
    customer: Customer,
    at: datetime,
) -> Page:
    for option in options:
        if option != "$skiptoken":
            raise bad_query(f"The query parameter '{option}' is not supported.")
    token = read_token(options.get("$skiptoken"))
    population = Population(customer, datetime.fromtimestamp(token.at, UTC) if token else at)
    rest = walk(population, token.position if token else 0)
    rows, after = _take(rest, PAGE_MAXIMUM, dict, at=population.at)
    return {"@odata.context": f"{_METADATA}#{context}", "value": rows}, after


def _small(
    rows: Iterable[Row],
    resource: Resource,
    options: Mapping[str, str],
    *,
    at: int,
    advanced: bool,
) -> Page:
    rows = list(rows)
    known = {name for row in rows for name in row} - resource.expandable
    query = read_query(
        options,
        entity=resource.entity,
        properties=known | resource.properties if rows else _Anything(),
        expandable=resource.expandable,
        page=resource.page,
    )
    matching = [row for row in rows if query.equals is None or _equal(row, query.equals)]
    matching = [row for row in matching if query.ids is None or row.get("id") in query.ids]
    shown = [_selected(row, resource, query) for row in matching]
    context: dict[str, Any] = {"@odata.context": _context(resource.context, query)}
    if resource.single:
        return context | ({"value": shown[0]} if resource.wrapped else shown[0]), None
    if query.count and advanced and query.token is None:
        context["@odata.count"] = len(shown)
    start = query.token.position if query.token else 0
    value, after = _take(list(enumerate(shown))[start:], query.top, dict, at=at)
    return context | {"value": value}, after


def _equal(row: Row, equals: tuple[str, str]) -> bool:
    name, value = equals
    if name not in row:
        raise unsupported_query(f"Unsupported or invalid query filter clause for '{name}'.")
    return str(row[name]) == value


def _selected(row: Row, resource: Resource, query: Query) -> Row:
    names = query.select or [name for name in row if name not in resource.expandable]
    # Annotations and the id come unasked.
    own = ("@odata.type", "id")
    picked = {name: row[name] for name in (*own, *names) if name in row}
    for name, inner in query.expand.items():
        if name in row:
            picked[name] = _expanded(row[name], inner and (*own, *inner))
    return picked


def _expanded(value: Any, fields: tuple[str, ...] | None) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_expanded(each, fields) for each in value]
    if value is None or fields is None:
        return value
    return {name: value[name] for name in fields if name in value}


def _context(collection: str, query: Query) -> str:
    parts = [*(query.select or ()), *(f"{name}()" for name in query.expand)]
    suffix = f"({','.join(parts)})" if parts else ""
    return f"{_METADATA}#{collection}{suffix}"
