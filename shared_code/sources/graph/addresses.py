"""The URLs of a listing: the first as msgraph-sdk writes it, the others as Graph hands them out."""

import re
from typing import Any
from urllib.parse import quote

from yarl import URL

from shared_code.core.dataset import Dataset
from shared_code.core.errors import ContractBroken

_LISTS = frozenset({"$expand", "$orderby", "$select"})
_COMMA = re.compile(r",(?![^(]*\))")


def first_url(base_url: str, dataset: Dataset[Any]) -> URL:
    """Names stay as they are, values are encoded whole, but for the commas of a list (RFC 6570)."""
    options = sorted(dataset.query().items())
    query = "&".join(f"{name}={_encoded(name, value)}" for name, value in options)
    return URL(
        f"{base_url.rstrip('/')}{dataset.path}" + (f"?{query}" if query else ""), encoded=True
    )


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


def _origin(url: URL) -> tuple[str | None, ...]:
    return url.scheme, (url.host or "").lower(), str(url.port), url.user


def _is_under(base: URL, url: URL) -> bool:
    folder = base.path.rstrip("/") + "/"
    return url.path.startswith(folder) and not {".", ".."} & set(re.split(r"[/\\]", url.path))
