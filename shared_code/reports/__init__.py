"""The report types. ONE FILE here = ONE REPORT TYPE; it is found by being here."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from shared_code.core.errors import ConfigurationError
from shared_code.core.report import ReportType


@cache
def registry() -> Mapping[str, ReportType]:
    """All report types by name, in alphabetical order."""
    found: dict[str, ReportType] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        report = getattr(importlib.import_module(f"{__name__}.{module}"), "REPORT", None)
        if not isinstance(report, ReportType):
            raise ConfigurationError(f"reports/{module}.py declares no REPORT")
        if report.name.replace("-", "_") != module:
            raise ConfigurationError(f"report {report.name} must stand in a file of that name")
        found[report.name] = report
    return MappingProxyType(found)
