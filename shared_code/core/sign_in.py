"""Sign-in under way: what the browser that began it keeps until it comes back from Entra."""

import re

import msgspec

# Our own pages, letter by letter: everything a browser might read as another host is left out.
_OWN = re.compile(
    r"/(portal|r)(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*(\?[A-Za-z0-9_-]+=[A-Za-z0-9._-]*"
    r"(&[A-Za-z0-9_-]+=[A-Za-z0-9._-]*)*)?"
)
_LONGEST = 900
HOME = "/portal"


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """`verifier` and `nonce` bind the answer to this browser, `to` is where it wanted to go."""

    state: str
    nonce: str
    verifier: str
    to: str


def own_path(asked: str) -> str:
    """A page of ours to go to after the sign-in; the portal's first one instead of anything else."""
    return asked if len(asked) <= _LONGEST and _OWN.fullmatch(asked) else HOME
