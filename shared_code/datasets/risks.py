"""Risks of Entra ID Protection: what was detected, and which users and applications are at risk."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

import msgspec

from shared_code.core.dataset import Dataset, Part, Row
from shared_code.core.privacy import Address, Name, PersonText
from shared_code.core.text import Text
from shared_code.datasets.workloads import IDENTITY_PROTECTION

_PAGE = 500
_WORKLOAD_ID = "Microsoft Entra Workload ID"
_LONGEST_FACT = 500


class Place(Part, frozen=True, kw_only=True):
    city: PersonText | None = None
    state: PersonText | None = None
    country_or_region: PersonText | None = None


class Detection(Row, frozen=True, kw_only=True):
    """What detections of users and of applications have in common.

    `additional_info` is a JSON document inside a text. Level, detail and type are "hidden" or
    "generic" where the licence does not include them.
    """

    request_id: PersonText | None = None
    correlation_id: PersonText | None = None
    risk_event_type: str | None = None
    risk_state: str | None = None
    risk_level: str | None = None
    risk_detail: str | None = None
    source: str | None = None
    detection_timing_type: str | None = None
    activity: str | None = None
    token_issuer_type: str | None = None
    ip_address: PersonText | None = None
    location: Place | None = None
    activity_date_time: datetime | None = None
    detected_date_time: datetime | None = None
    last_updated_date_time: datetime | None = None
    additional_info: PersonText | None = None

    @property
    def further_facts(self) -> tuple[str, tuple[str, ...]]:
        """User agent and all else of `additional_info`; what is no JSON is given as it is."""
        return _facts(self.additional_info)


def _facts(document: str | None) -> tuple[str, tuple[str, ...]]:
    if not document:
        return "", ()
    try:
        pairs = list(_pairs(msgspec.json.decode(document)))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "", (document[:_LONGEST_FACT],)
    agent = next((value for name, value in pairs if name.lower() == "useragent"), "")
    others = tuple(f"{n}: {v}" if n else v for n, v in pairs if n.lower() != "useragent" and v)
    return agent, others


def _pairs(decoded: object) -> Iterator[tuple[str, str]]:
    match decoded:
        case list():
            for each in cast("list[object]", decoded):
                yield from _pair(each)
        case dict():
            fields = cast("dict[str, object]", decoded)
            yield from ((name, _fact(value)) for name, value in fields.items())
        case _:
            yield "", _fact(decoded)


def _pair(each: object) -> Iterator[tuple[str, str]]:
    if not isinstance(each, dict):
        yield "", _fact(each)
        return
    fields = {name.lower(): value for name, value in cast("dict[str, object]", each).items()}
    if "key" in fields:
        yield _fact(fields["key"]), _fact(fields.get("value"))
    else:
        yield "", _fact(cast("object", each))


def _fact(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value[:_LONGEST_FACT]
        case list():
            return ", ".join(filter(None, map(_fact, cast("list[object]", value))))[:_LONGEST_FACT]
        case _:
            return msgspec.json.encode(value).decode()[:_LONGEST_FACT]


class UserDetection(Detection, frozen=True, kw_only=True):
    user_id: str | None = None
    user_display_name: Name | None = None
    user_principal_name: Address | None = None

    @property
    def whose(self) -> str:
        return self.user_id or self.id


class AppDetection(Detection, frozen=True, kw_only=True):
    service_principal_display_name: str | None = None
    app_id: str | None = None
    key_ids: tuple[str, ...] | None = None


class Risky(Row, frozen=True, kw_only=True):
    """What users and applications at risk have in common; those no longer at risk are listed too."""

    is_processing: bool | None = None
    risk_detail: str | None = None
    risk_last_updated_date_time: datetime | None = None
    risk_level: str | None = None
    risk_state: str | None = None


class RiskyUser(Risky, frozen=True, kw_only=True):
    is_deleted: bool | None = None
    user_display_name: Name | None = None
    user_principal_name: Address | None = None


class RiskyApp(Risky, frozen=True, kw_only=True):
    app_id: str | None = None
    display_name: str | None = None
    is_enabled: bool | None = None
    service_principal_type: str | None = None


RISK_DETECTIONS = Dataset(
    name="risk-detections",
    title=Text(de="Risikoerkennungen", en="Risk detections"),
    path="/identityProtection/riskDetections",
    row=UserDetection,
    permissions=("IdentityRiskEvent.Read.All",),
    workload=IDENTITY_PROTECTION,
    # P1 gives the detections without level and type.
    licence="Microsoft Entra ID P2 (min. P1)",
    page_size=_PAGE,
)

RISKY_USERS = Dataset(
    name="risky-users",
    title=Text(de="Risikobenutzer", en="Users at risk"),
    path="/identityProtection/riskyUsers",
    row=RiskyUser,
    permissions=("IdentityRiskyUser.Read.All",),
    workload=IDENTITY_PROTECTION,
    licence="Microsoft Entra ID P2",
    page_size=_PAGE,
)

# Which of the two Graph asks for is not settled: its list of permissions names the first alone.
APP_RISK_DETECTIONS = Dataset(
    name="app-risk-detections",
    title=Text(de="Risikoerkennungen zu Anwendungen", en="Risk detections of applications"),
    path="/identityProtection/servicePrincipalRiskDetections",
    row=AppDetection,
    permissions=("IdentityRiskEvent.Read.All", "IdentityRiskyServicePrincipal.Read.All"),
    workload=IDENTITY_PROTECTION,
    licence=_WORKLOAD_ID,
    page_size=_PAGE,
)

RISKY_APPS = Dataset(
    name="risky-apps",
    title=Text(de="Risikoanwendungen", en="Applications at risk"),
    path="/identityProtection/riskyServicePrincipals",
    row=RiskyApp,
    permissions=("IdentityRiskyServicePrincipal.Read.All",),
    workload=IDENTITY_PROTECTION,
    licence=_WORKLOAD_ID,
    page_size=_PAGE,
)
