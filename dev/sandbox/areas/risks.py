"""Risks: detections of attacks, and the users and applications that are at risk by them."""

import json
import re
from collections.abc import Callable, Iterator, Sequence

from dev.sandbox.applications import object_id
from dev.sandbox.attacks import ENTRA, OPEN, RANKS, Episode, episodes
from dev.sandbox.clock import DAY, WEEK, graph_time
from dev.sandbox.errors import not_licensed
from dev.sandbox.hostile import HOSTILE_NAMES
from dev.sandbox.people import draw, uuid_text
from dev.sandbox.population import EPOCH, Population
from dev.sandbox.resources import Resource, Row, plain
from dev.sandbox.throttle import Rate

# Microsoft keeps detections for about so long, and users at risk longer.
_KEPT = 90 * DAY
_USERS_KEPT = 26  # weeks

_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
_PLACES = (
    ("Lagos", "Lagos", "NG"),
    ("São Paulo", "São Paulo", "BR"),
    ("Bucureşti", "Bucureşti", "RO"),
    ("Amsterdam", "Noord-Holland", "NL"),
    ("Wien", "Wien", "AT"),
    ("Frankfurt am Main", "Hessen", "DE"),
    ("Chicago", "Illinois", "US"),
    ("Hồ Chí Minh", "Hồ Chí Minh", "VN"),
)


def _detections(population: Population) -> Iterator[Row]:
    at, customer = population.at, population.customer
    for episode in episodes(population, _KEPT // WEEK + 1):
        for number in range(len(episode.kinds)):
            detected = episode.detected(number)
            if at - _KEPT < detected <= at:
                row = _detection(episode, number, at)
                yield row if customer.has_p2 else row | _WITHHELD


_WITHHELD = {
    "riskEventType": "generic",
    "riskLevel": "hidden",
    "riskDetail": "hidden",
    "additionalInfo": None,
}


def _detection(episode: Episode, number: int, at: int) -> Row:
    kind, level, timing, source, activity = episode.kinds[number]
    state, detail = episode.ending_at(at)
    detected = episode.detected(number)
    by_user = activity == "user"
    city, region, country = _PLACES[episode.lots[11] % len(_PLACES)]
    return {
        "id": f"{episode.raw.hex()[:62]}{number:02}",
        "requestId": None if by_user else uuid_text(episode.raw[number + 1 :]),
        "correlationId": None if by_user else uuid_text(episode.raw[number + 9 :]),
        "riskEventType": kind,
        "riskState": state,
        "riskLevel": level,
        "riskDetail": detail,
        "source": source,
        "detectionTimingType": timing,
        "activity": activity,
        "tokenIssuerType": "AzureAD",
        "ipAddress": None if by_user else f"203.0.113.{1 + episode.lots[10] % 254}",
        "location": None
        if by_user
        else {"city": city, "state": region, "countryOrRegion": country, "geoCoordinates": None},
        "activityDateTime": graph_time(episode.activity(number)),
        "detectedDateTime": graph_time(detected),
        "lastUpdatedDateTime": graph_time(episode.ended if at >= episode.ended else detected),
        "userId": episode.member.id,
        "userDisplayName": episode.member.display_name,
        "userPrincipalName": episode.member.user_principal_name,
        "additionalInfo": _additional(episode, kind),
    }


def _additional(episode: Episode, kind: str) -> str | None:
    if episode.member.hostile:
        return HOSTILE_NAMES[episode.lots[5] % len(HOSTILE_NAMES)]
    facts: list[dict[str, object]] = [{"Key": "userAgent", "Value": _AGENT}]
    if kind == "unfamiliarFeatures":
        facts.append({"Key": "riskReasons", "Value": ["UnfamiliarASN", "UnfamiliarLocation"]})
    return json.dumps([*facts, {"Key": "alertUrl", "Value": None}])


def _risky_users(population: Population) -> Iterator[Row]:
    at = population.at
    attacks: dict[str, list[Episode]] = {}
    for episode in episodes(population, _USERS_KEPT):
        if episode.detected(0) <= at:
            attacks.setdefault(episode.member.id, []).append(episode)
    return (_risky_user(found, at) for found in attacks.values())


def _risky_user(found: Sequence[Episode], at: int) -> Row:
    """At risk while one of the attacks is not settled; then as the last one ended."""
    unsettled = [episode for episode in found if at < episode.ended]
    last = max(found, key=lambda episode: episode.ended)
    state, detail = OPEN if unsettled else last.ending
    worst = max((e.level for e in unsettled), key=RANKS.__getitem__, default="none")
    updated = max(e.detected(0) for e in unsettled) if unsettled else last.ended
    member = last.member
    return {
        "id": member.id,
        "isDeleted": False,
        "isProcessing": False,
        "riskLastUpdatedDateTime": graph_time(updated),
        "riskLevel": worst,
        "riskState": state,
        "riskDetail": detail,
        "userDisplayName": member.display_name,
        "userPrincipalName": member.user_principal_name,
    }


_APPS = (
    ("Rechnungsversand", "5b1d0c7e-2f3a-4c4d-9e5f-60718293a4b5", 21, "leakedCredentials"),
    ("Archivexport", "6c2e1d8f-304b-4d5e-8f60-718293a4b5c6", 9, "suspiciousSignins"),
)


def _app(population: Population, name: str, app_id: str, days: int) -> Row:
    """Its secret shows up in public every twenty weeks, and is renewed after `days`."""
    since = (population.at + days * WEEK - EPOCH) % (20 * WEEK)
    begin = population.at - since
    is_open = since < days * DAY
    return {
        "name": name,
        "app_id": app_id,
        "id": object_id(population.customer.tenant_id, app_id),
        "begin": begin,
        "updated": begin if is_open else begin + days * DAY,
        "state": "atRisk" if is_open else "dismissed",
        "detail": "none" if is_open else "adminDismissedAllRiskForServicePrincipal",
    }


def _app_detections(population: Population) -> Iterator[Row]:
    for name, app_id, days, kind in _APPS:
        app = _app(population, name, app_id, days)
        if app["begin"] <= population.at - _KEPT:
            continue
        raw = draw(population.customer.seed, "app-risk", app["begin"])
        yield {
            "id": raw.hex()[:64],
            "requestId": None,
            "correlationId": None,
            "riskEventType": kind,
            "riskState": app["state"],
            "riskLevel": "high" if kind == "leakedCredentials" else "medium",
            "riskDetail": app["detail"],
            "source": ENTRA,
            "detectionTimingType": "offline",
            "activity": "servicePrincipal",
            "tokenIssuerType": "AzureAD",
            "ipAddress": None,
            "location": None,
            "activityDateTime": graph_time(app["begin"] - DAY),
            "detectedDateTime": graph_time(app["begin"]),
            "lastUpdatedDateTime": graph_time(app["updated"]),
            "servicePrincipalId": app["id"],
            "servicePrincipalDisplayName": name,
            "appId": app_id,
            "keyIds": [uuid_text(raw)],
            "additionalInfo": '[{"Key":"alertUrl","Value":null}]',
        }


def _risky_apps(population: Population) -> Iterator[Row]:
    for name, app_id, days, kind in _APPS:
        app = _app(population, name, app_id, days)
        level = "high" if kind == "leakedCredentials" else "medium"
        yield {
            "id": app["id"],
            "isEnabled": True,
            "isProcessing": False,
            "riskLastUpdatedDateTime": graph_time(app["updated"]),
            "riskLevel": level if app["state"] == "atRisk" else "none",
            "riskState": app["state"],
            "riskDetail": app["detail"],
            "displayName": name,
            "appId": app_id,
            "servicePrincipalType": "Application",
        }


def _resource(
    name: str,
    entity: str,
    permission: str,
    rows: Callable[[Population], Iterator[Row]],
    properties: frozenset[str],
    *,
    p1_suffices: bool = False,
) -> Resource:
    return Resource(
        path=re.compile(f"/identityProtection/{name}"),
        context=f"identityProtection/{name}",
        entity=f"microsoft.graph.{entity}",
        permissions=frozenset({permission}),
        rows=plain(lambda population: list(rows(population))),
        properties=properties,
        page=(20, 500),
        needs_p1=p1_suffices,
        needs_p2=not p1_suffices,
        unlicensed=not_licensed,
        rate=Rate(1, 1.0, says_when=False),
        workload="identity-protection",
    )


_COMMON = frozenset({"id", "riskState", "riskLevel", "riskDetail"})
_ANY_DETECTION = _COMMON | {
    *("requestId", "correlationId", "riskEventType", "source", "detectionTimingType"),
    *("activity", "tokenIssuerType", "ipAddress", "location", "activityDateTime"),
    *("detectedDateTime", "lastUpdatedDateTime", "additionalInfo"),
}
_ANY_SUBJECT = _COMMON | {"isProcessing", "riskLastUpdatedDateTime"}

RESOURCES = (
    _resource(
        "riskDetections",
        "riskDetection",
        "IdentityRiskEvent.Read.All",
        _detections,
        _ANY_DETECTION | {"userId", "userDisplayName", "userPrincipalName"},
        p1_suffices=True,
    ),
    _resource(
        "riskyUsers",
        "riskyUser",
        "IdentityRiskyUser.Read.All",
        _risky_users,
        _ANY_SUBJECT | {"isDeleted", "userDisplayName", "userPrincipalName"},
    ),
    _resource(
        "servicePrincipalRiskDetections",
        "servicePrincipalRiskDetection",
        "IdentityRiskyServicePrincipal.Read.All",
        _app_detections,
        _ANY_DETECTION | {"servicePrincipalId", "servicePrincipalDisplayName", "appId", "keyIds"},
    ),
    _resource(
        "riskyServicePrincipals",
        "riskyServicePrincipal",
        "IdentityRiskyServicePrincipal.Read.All",
        _risky_apps,
        _ANY_SUBJECT | {"displayName", "appId", "isEnabled", "servicePrincipalType"},
    ),
)
