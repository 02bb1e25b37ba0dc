"""Sentences outside the report itself: what the portal says of a run."""

from shared_code.core.errors import DatasetError, TenantError
from shared_code.core.report import Report


def headline(report: Report) -> dict[str, str]:
    """The lead sentence per language, for the portal; counts only, no personal data."""
    raise NotImplementedError


def refusal(error: TenantError | DatasetError) -> dict[str, str]:
    """Why a run delivers nothing and who must do what, per language."""
    raise NotImplementedError
