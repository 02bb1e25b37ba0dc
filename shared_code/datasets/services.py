"""Which of Microsoft's services a tenant has licences for, by the names Microsoft gives them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from shared_code.core.chart import Tone
from shared_code.core.dataset import Dataset, Part, Row, Snapshot
from shared_code.core.table import Option
from shared_code.core.text import Text
from shared_code.datasets.workloads import DIRECTORY


class ServicePlan(Part, frozen=True, kw_only=True):
    service_plan_name: str | None = None


class PrepaidUnits(Part, frozen=True, kw_only=True):
    enabled: int | None = None


class Licence(Row, frozen=True, kw_only=True):
    capability_status: str | None = None
    prepaid_units: PrepaidUnits | None = None
    service_plans: tuple[ServicePlan, ...] | None = None


LICENCES = Dataset(
    name="licences",
    title=Text(de="Lizenzen", en="Licences"),
    path="/subscribedSkus",
    row=Licence,
    permissions=("Directory.Read.All",),
    workload=DIRECTORY,
)

# A subscription in its grace period still serves.
_LIVE = ("enabled", "warning")

_EXCHANGE = (
    "EXCHANGE_S_ENTERPRISE*",
    "EXCHANGE_S_STANDARD*",
    "EXCHANGE_S_DESKLESS*",
    "EXCHANGE_S_ESSENTIALS*",
    "EXCHANGE_B_STANDARD",
)  # not EXCHANGE_S_FOUNDATION, which every subscription holds
_SHAREPOINT = ("SHAREPOINTSTANDARD*", "SHAREPOINTENTERPRISE*", "SHAREPOINTDESKLESS*")
_TEAMS = ("TEAMS1", "TEAMS_*", "MCOTEAMS_ESSENTIALS")
_OFFICE = ("OFFICESUBSCRIPTION*", "OFFICE_BUSINESS*", "OFFICE_PRO_PLUS*")
_DEFENDER = ("ATP_ENTERPRISE*", "THREAT_INTELLIGENCE*", "WINDEFATP", "MDE_*", "MTP", "ATA")
_PURVIEW = (
    "MIP_S_*",
    "RMS_S_ENTERPRISE*",
    "RMS_S_PREMIUM*",
    "INFO_GOVERNANCE",
    "INFORMATION_BARRIERS",
    "RECORDS_MANAGEMENT",
    "INSIDER_RISK*",
    "COMMUNICATIONS_*",
    "EQUIVIO_ANALYTICS*",
    "M365_ADVANCED_AUDITING",
)
_POWER_APPS = ("POWERAPPS_*",)
_POWER_AUTOMATE = ("FLOW_*",)
_COPILOT = ("M365_COPILOT*", "COPILOT_*")
_ENGAGE = ("YAMMER_*", "VIVAENGAGE_*")
_DYNAMICS = ("DYN365*", "D365_*", "DYNAMICS_*", "CRM*")

# Service plans that carry a service, by its name in small letters.
_PLANS: Mapping[str, tuple[str, ...]] = {
    "exchange online": _EXCHANGE,
    "exchange online protection": (*_EXCHANGE, "EOP_ENTERPRISE*"),
    "microsoft teams": _TEAMS,
    "skype for business": ("MCOSTANDARD*",),
    "sharepoint online": _SHAREPOINT,
    "onedrive for business": ("ONEDRIVE*", *_SHAREPOINT),
    "microsoft onedrive": ("ONEDRIVE*", *_SHAREPOINT),
    "microsoft 365 apps": _OFFICE,
    "microsoft 365 for the web": ("SHAREPOINTWAC*",),
    "office for the web": ("SHAREPOINTWAC*",),
    "microsoft intune": ("INTUNE_A*", "INTUNE_EDU", "INTUNE_SMBIZ"),
    "mobile device management for office 365": ("INTUNE_O365",),
    "microsoft defender xdr": _DEFENDER,
    "microsoft 365 defender": _DEFENDER,
    "microsoft defender for office 365": ("ATP_ENTERPRISE*", "THREAT_INTELLIGENCE*"),
    "microsoft defender for endpoint": ("WINDEFATP", "MDE_*"),
    "microsoft defender for cloud apps": ("ADALLOM_S_*",),
    "microsoft purview": _PURVIEW,
    "azure information protection": ("RMS_S_*", "MIP_S_*"),
    "power bi": ("BI_AZURE_*",),
    "microsoft fabric": ("BI_AZURE_*",),
    "power apps": _POWER_APPS,
    "microsoft power automate": _POWER_AUTOMATE,
    "power platform": (*_POWER_APPS, *_POWER_AUTOMATE),
    "microsoft copilot (microsoft 365)": _COPILOT,
    "microsoft 365 copilot": _COPILOT,
    "microsoft copilot": _COPILOT,
    "microsoft viva": ("VIVA_*", "WORKPLACE_ANALYTICS*", *_ENGAGE),
    "viva engage": _ENGAGE,
    "yammer enterprise": _ENGAGE,
    "planner": ("PROJECTWORKMANAGEMENT*", "PROJECT_O365_*"),
    "project for the web": ("PROJECT_*",),
    "microsoft forms": ("FORMS_PLAN*", "OFFICE_FORMS_PLAN*"),
    "microsoft stream": ("STREAM_*", "MICROSOFTSTREAM"),
    "microsoft bookings": ("MICROSOFTBOOKINGS*",),
    "sway": ("SWAY",),
    "universal print": ("UNIVERSAL_PRINT*",),
    "windows 365": ("CPC_*", "WINDOWS_365*"),
    "dynamics 365": _DYNAMICS,
    "dynamics 365 apps": _DYNAMICS,
    "finance and operations apps": _DYNAMICS,
}

# Every tenant is an Entra directory, with or without a licence for more.
_EVERYBODYS = frozenset({"microsoft entra", "azure active directory"})

# What a column says of it: indices into its options.
YES, NO, _CHECK = range(3)
IN_USE_OPTIONS = (
    Option(Text(de="Ja", en="Yes"), Tone.INFO, "●"),
    Option(Text(de="Nein", en="No"), Tone.NEUTRAL, "○"),
    Option(Text(de="Prüfen", en="Check"), Tone.NEUTRAL, "?"),
)


def in_use_cell(is_used: bool | None) -> int:  # noqa: FBT001 - a value, not a switch
    return _CHECK if is_used is None else YES if is_used else NO


@dataclass(frozen=True, slots=True)
class InUse:
    """What licences say about services; `plans` None: they could not be read."""

    plans: frozenset[str] | None

    @classmethod
    def of(cls, data: Snapshot) -> Self:
        if data.missing(LICENCES):
            return cls(None)
        return cls(frozenset(_plans(data.rows(LICENCES))))

    def has(self, service: str) -> bool | None:
        """None where licences do not tell: a suite, Windows, a name that is new."""
        name = service.strip().casefold()
        if name in _EVERYBODYS:
            return True
        wanted = _PLANS.get(name)
        if self.plans is None or wanted is None:
            return None
        return any(fnmatchcase(plan, each) for plan in self.plans for each in wanted)

    def has_any(self, services: Iterable[str]) -> bool | None:
        """False only where each of them is known not to be licensed."""
        found = {self.has(service) for service in services}
        if True in found:
            return True
        return False if found == {False} else None


def _plans(licences: Iterable[Licence]) -> Iterable[str]:
    for licence in licences:
        if (licence.capability_status or "").casefold() in _LIVE:
            for plan in licence.service_plans or ():
                yield (plan.service_plan_name or "").upper()
