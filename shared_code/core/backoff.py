"""When to try again what failed: doubled from half a minute up to an hour."""

from datetime import timedelta

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)

# Beyond it the delay is the longest anyway, and powers of two get very long.
_MOST_DOUBLINGS = 7


def backoff(failures: int, asked: float | None = None) -> timedelta:
    """After so many failures; `asked` are the seconds that the other side wants at least."""
    doubled = FIRST_DELAY * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return max(min(doubled, LONGEST_DELAY), timedelta(seconds=asked or 0))
