"""The paths the sandbox serves: permission, licence, properties and rows of each."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from typing import Any

from dev.sandbox import areas
from dev.sandbox.applications import app_role_assignments, organization, service_principals
from dev.sandbox.errors import GraphError, not_found
from dev.sandbox.licences import subscribed_skus
from dev.sandbox.population import Population
from dev.sandbox.query import PAGE_DEFAULT, PAGE_MAXIMUM
from dev.sandbox.roles import role_assignments, role_definitions, role_eligibilities
from dev.sandbox.throttle import Rate

type Row = dict[str, Any]


# For each function alone.
_USAGE_REPORT = Rate(14, 600.0)


@dataclass(frozen=True, slots=True)
class Caller:
    tenant_id: str
    app_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A small collection, or with `walk` one as large as the tenant that takes no query options.

    One permission of `permissions` suffices. They are chosen narrower than Graph's own, so that
    every missing grant shows. `walk` gives the rows from a position on, each with its position.
    The path's group `id` (or `app`) is the key that `rows` gets; raise `errors.not_found(key)`
    for one that is not there.

    `single` is one object, with `wrapped` inside of "value"; it need not have an id. With `csv`
    a row is a line by columns ("Storage Used (Byte)": 1024, None for an empty field), fetched
    where a redirect leads; `columns` are needed where there may be no row. `properties` are what
    may be selected besides what the rows show. `page` is the size by default and at most.
    `unlicensed` is how the licence is refused, `rate` a limit per tenant, counted per `workload`
    or else per path.
    """

    path: re.Pattern[str]
    context: str
    entity: str
    permissions: frozenset[str]
    rows: Callable[[Population, Caller, str], Sequence[Row]] = lambda *_: ()
    walk: Callable[[Population, int], Iterator[tuple[int, Row]]] | None = None
    expandable: frozenset[str] = field(default=frozenset())
    single: bool = False
    wrapped: bool = False
    csv: bool = False
    columns: tuple[str, ...] = ()
    properties: frozenset[str] = frozenset()
    page: tuple[int, int] = (PAGE_DEFAULT, PAGE_MAXIMUM)
    needs_p1: bool = False
    needs_p2: bool = False
    unlicensed: Callable[[], GraphError] | None = None
    rate: Rate | None = None
    workload: str = ""

    @property
    def limit(self) -> Rate | None:
        return self.rate or (_USAGE_REPORT if self.csv else None)


def plain(rows: Callable[[Population], Sequence[Row]]) -> Callable[..., Sequence[Row]]:
    """For rows that are the same whoever asks, and of no object in particular."""
    return lambda population, _caller, _key: rows(population)


def _principals(population: Population, caller: Caller, _key: str) -> Sequence[Row]:
    return service_principals(population, caller.app_id)


def _principal(population: Population, caller: Caller, key: str) -> Sequence[Row]:
    rows = service_principals(population, caller.app_id)
    found = [row for row in rows if key in (row["id"], f"appId={row['appId']}")]
    if not found:
        raise not_found(key)
    return found


def _granted(population: Population, caller: Caller, key: str) -> Sequence[Row]:
    [owner] = _principal(population, caller, key)
    ours = owner["appId"] == caller.app_id
    return app_role_assignments(population, caller.app_id) if ours else []


_KEY = r"(?:/(?P<id>[^/()]+)|\(appId='(?P<app>[^']+)'\))"
_ROLES = frozenset({"RoleManagement.Read.Directory"})
_BASE = frozenset({"Directory.Read.All", "Organization.Read.All"})
_APPS = frozenset({"Directory.Read.All", "Application.Read.All"})
_HOLDERS = frozenset({"principal", "roleDefinition"})

_BASE_RESOURCES = (
    Resource(
        path=re.compile("/organization"),
        context="organization",
        entity="microsoft.graph.organization",
        permissions=_BASE,
        rows=plain(organization),
    ),
    Resource(
        path=re.compile("/subscribedSkus"),
        context="subscribedSkus",
        entity="microsoft.graph.subscribedSku",
        permissions=_BASE,
        rows=plain(subscribed_skus),
    ),
    Resource(
        path=re.compile("/roleManagement/directory/roleDefinitions"),
        context="roleManagement/directory/roleDefinitions",
        entity="microsoft.graph.unifiedRoleDefinition",
        permissions=_ROLES,
        rows=plain(role_definitions),
    ),
    Resource(
        path=re.compile("/roleManagement/directory/roleAssignments"),
        context="roleManagement/directory/roleAssignments",
        entity="microsoft.graph.unifiedRoleAssignment",
        permissions=_ROLES,
        rows=plain(role_assignments),
        expandable=_HOLDERS,
    ),
    Resource(
        path=re.compile("/roleManagement/directory/roleEligibilityScheduleInstances"),
        context="roleManagement/directory/roleEligibilityScheduleInstances",
        entity="microsoft.graph.unifiedRoleEligibilityScheduleInstance",
        permissions=_ROLES,
        rows=plain(role_eligibilities),
        expandable=_HOLDERS,
        needs_p2=True,
    ),
    Resource(
        path=re.compile("/servicePrincipals"),
        context="servicePrincipals",
        entity="microsoft.graph.servicePrincipal",
        permissions=_APPS,
        rows=_principals,
    ),
    Resource(
        path=re.compile(f"/servicePrincipals{_KEY}"),
        context="servicePrincipals/$entity",
        entity="microsoft.graph.servicePrincipal",
        permissions=_APPS,
        rows=_principal,
        single=True,
    ),
    Resource(
        path=re.compile(f"/servicePrincipals{_KEY}/appRoleAssignments"),
        context="appRoleAssignments",
        entity="microsoft.graph.appRoleAssignment",
        permissions=_APPS,
        rows=_granted,
    ),
)


@cache
def all_resources() -> tuple[Resource, ...]:
    """Those of this file, and the RESOURCES of each module in `areas`."""
    modules = (import_module(f"{areas.__name__}.{m.name}") for m in iter_modules(areas.__path__))
    return tuple(chain(_BASE_RESOURCES, *(module.RESOURCES for module in modules)))


@dataclass(frozen=True, slots=True)
class Found:
    """The resource at a path and the key in it, `appId=...` where it is the alternate one."""

    resource: Resource
    key: str
    path: str


def find_resource(path: str, resources: Sequence[Resource]) -> Found:
    for resource in resources:
        match = resource.path.fullmatch(path)
        if match:
            keys = match.groupdict()
            key = f"appId={keys['app']}" if keys.get("app") else keys.get("id") or ""
            return Found(resource, key, path)
    segment = path.strip("/").split("/")[0]
    raise GraphError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")
