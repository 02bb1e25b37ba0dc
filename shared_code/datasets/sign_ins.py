"""When somebody last signed in, as users of every kind have it."""

from datetime import datetime

from shared_code.core.dataset import Part
from shared_code.core.table import NEVER, Never
from shared_code.datasets.times import real


class SignInActivity(Part, frozen=True, kw_only=True):
    """Times of sign-ins; one that is missing never happened, or not since April 2020.

    The successful one is known since December 2023 only; the others count attempts.
    """

    last_sign_in_date_time: datetime | None = None
    last_non_interactive_sign_in_date_time: datetime | None = None
    last_successful_sign_in_date_time: datetime | None = None


def last_sign_in(activity: SignInActivity | None) -> datetime | Never:
    """The latest of any kind; Graph leaves the activity out where there was none."""
    if activity is None:
        return NEVER
    times = (
        activity.last_sign_in_date_time,
        activity.last_non_interactive_sign_in_date_time,
        activity.last_successful_sign_in_date_time,
    )
    return max(filter(None, map(real, times)), default=NEVER)
