"""The URLs of a dataset: the first as msgraph-sdk writes it, the others as Graph hands them out."""

import re
from typing import Any
from urllib.parse import quote

from yarl import URL

from shared_code.core.dataset import Dataset
from shared_code.core.errors import ContractBroken
from shared_code.core.loopback import LOOPBACK

_LISTS = frozenset({"$expand", "$orderby", "$select"})
_COMMA = re.compile(r",(?![^(]*\))")
_PUBLIC_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


def first_url(base_url: str, dataset: Dataset[Any], parent: str | None = None) -> URL:
    """Names stay as they are, values are encoded whole, but for the commas of a list (RFC 6570)."""
    path = dataset.path.replace(
        "{parent}", "{parent}" if parent is None else quote(parent, safe="")
    )
    options = sorted(dataset.query(parent).items())
    query = "&".join(f"{name}={_encoded(name, value)}" for name, value in options)
    return URL(f"{base_url.rstrip('/')}{path}" + (f"?{query}" if query else ""), encoded=True)


def _encoded(name: str, value: str) -> str:
    parts = _COMMA.split(value) if name in _LISTS else [value]
    return ",".join(quote(part, safe="") for part in parts)


def next_url(base_url: str, dataset: Dataset[Any], link: str) -> URL:
    """The link, verbatim, if it stays under the base URL: it will be sent with the tenant's token."""
    base = URL(base_url)
    try:
        url = URL(link, encoded=True)
        is_ours = _origin(url) == _origin(base) and _is_under(base, url)
    except ValueError as error:
        raise ContractBroken(dataset.name, "the next link is not a URL") from error
    if not is_ours:
        raise ContractBroken(dataset.name, "the next link leaves Graph's base URL")
    return url


def download_url(base_url: str, dataset: Dataset[Any], here: URL, location: str | None) -> URL:
    """Where a file is fetched without a token: over https from a named host, whichever it is."""
    try:
        url = here.join(URL(location or "", encoded=True))
        is_sound = bool(location) and url.user is None and url.password is None
        is_fit = is_sound and (_is_public(url) or _is_local(URL(base_url), url))
    except ValueError:
        raise ContractBroken(dataset.name, "the download's address is not a URL") from None
    if not is_fit:
        raise ContractBroken(dataset.name, "the download's address is not one to follow")
    return url


def _is_public(url: URL) -> bool:
    """Numbers, in whichever notation, are addresses of machines, and none of Microsoft's."""
    return url.scheme == "https" and bool(_PUBLIC_HOST.fullmatch((url.host or "").lower()))


def _is_local(base: URL, url: URL) -> bool:
    return url.scheme in ("http", "https") and {base.host, url.host} <= LOOPBACK


def _origin(url: URL) -> tuple[str | None, ...]:
    return url.scheme, (url.host or "").lower(), str(url.port), url.user


def _is_under(base: URL, url: URL) -> bool:
    folder = base.path.rstrip("/") + "/"
    return url.path.startswith(folder) and not {".", ".."} & set(re.split(r"[/\\]", url.path))
