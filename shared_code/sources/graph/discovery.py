"""The port Domains: whose directory a domain is, by Entra's OpenID discovery document."""

import re
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
import msgspec

from shared_code.core.errors import UpstreamDown
from shared_code.core.tenant import TenantId, is_tenant_id
from shared_code.sources.graph.connections import Connections

# Nothing else ever stands in the address that is asked.
_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{2,63}")
# Entra does not know the domain: 400 today, 404 once.
_NOBODYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


class _Document(msgspec.Struct):
    issuer: str


class EntraDomains:
    """`login_url` is where customers sign in, without a slash at the end."""

    def __init__(self, connections: Connections, *, login_url: str) -> None:
        self._connections = connections
        self._login_url = login_url

    async def tenant_of(self, domain: str) -> TenantId | None:
        name = domain.lower()
        if not _NAME.fullmatch(name):
            return None
        url = f"{self._login_url}/{name}/v2.0/.well-known/openid-configuration"
        try:
            async with self._connections.session().get(url, allow_redirects=False) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UpstreamDown(f"OpenID discovery: {type(error).__name__}") from error
        if status in _NOBODYS:
            return None
        if status != HTTPStatus.OK:
            raise UpstreamDown(f"OpenID discovery: {status}")
        return _tenant_in(body)


def _tenant_in(body: bytes) -> TenantId:
    try:
        path = urlsplit(msgspec.json.decode(body, type=_Document).issuer).path
    except (msgspec.DecodeError, ValueError) as error:
        raise UpstreamDown("OpenID discovery: not a document") from error
    tenant = path.split("/")[1].lower() if path.count("/") else ""
    if not is_tenant_id(tenant):
        raise UpstreamDown("OpenID discovery: names no tenant")
    return TenantId(tenant)
