"""Settings of the function app, read from the environment once and checked at start."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from shared_code.core.errors import ConfigurationError
from shared_code.core.loopback import LOOPBACK
from shared_code.links.keys import KeyRing, parse_key_ring

GRAPH = "https://graph.microsoft.com/v1.0"
_LONGEST_LINK = 366  # days
_IDENTITY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(r"[^@\s/]+@[^@\s/]+")
_HEADERS = re.compile(r"[\w-]+=[\x21-\x2b\x2d-\x7e]+(,[\w-]+=[\x21-\x2b\x2d-\x7e]+)*", re.ASCII)
_MEMORY = 2048  # megabytes
_MEGABYTES = re.compile(r"[1-9][0-9]{1,5}")
_DAYS = re.compile(r"[0-9]{1,3}")
_ENTRA = "https://login.microsoftonline.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """A connection string (local) or three service addresses with a managed identity."""

    connection_string: str | None = field(default=None, repr=False)
    blobs: str | None = None
    queues: str | None = None
    tables: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphSettings:
    """How tenants are read; exactly one of identity, certificate and sandbox secret is set."""

    base_url: str
    client_id: str
    identity: str | None = None
    certificate: bytes | None = field(default=None, repr=False)
    sandbox_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSettings:
    """Whose access tokens the portal's API accepts; `{tid}` in `issuer` is the token's tenant."""

    audience: str
    issuer: str
    keys_url: str
    login_url: str
    partner_tenant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySettings:
    """Where OpenTelemetry goes, with which headers; named as its own libraries name them."""

    endpoint: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    storage: StorageSettings
    graph: GraphSettings
    portal: PortalSettings
    link_keys: KeyRing
    pseudonym_key: bytes = field(repr=False)
    link_lifetime: timedelta
    public_url: str
    brand: str
    mail_sender: str | None = None
    telemetry: TelemetrySettings | None = None
    instance_memory: int = _MEMORY


def _is_address(value: str) -> bool:
    """Of a service of ours or Microsoft's: nothing before the host, nothing after the path."""
    try:
        parts = urlsplit(value)
        is_plain = parts.port != 0 and not (parts.username or parts.query or parts.fragment)
    except ValueError:
        return False
    if not parts.hostname or not is_plain or re.search(r"\s", value):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


class _Environment:
    """Collects everything that is wrong, so that an engineer mends it in one go."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def optional(self, name: str) -> str | None:
        return self._values.get(name) or None

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            self.problems.append(f"{name} is missing")
        return value or ""

    def address(self, name: str, default: str | None = None) -> str:
        value = (self.optional(name) or default or self.required(name)).rstrip("/")
        if value and not _is_address(value):
            self.problems.append(f"{name} is not an https address")
        return value

    def identity(self, name: str) -> str:
        value = self.required(name)
        if value and not _IDENTITY.fullmatch(value):
            self.problems.append(f"{name} is not an id of 32 hexadecimal digits")
        return value

    def mailbox(self, name: str) -> str | None:
        """An address or an object id; without one no digest is mailed."""
        value = self.optional(name)
        if value and not (_ADDRESS.fullmatch(value) or _IDENTITY.fullmatch(value)):
            self.problems.append(f"{name} is neither a mail address nor an object id")
        return value

    def keys(self, name: str) -> KeyRing:
        text = self.required(name)
        try:
            return parse_key_ring(text, setting=name)
        except ConfigurationError as error:
            self.problems += [str(error)] if text else []
            return KeyRing("", {})

    def key(self, name: str) -> bytes:
        """One key, written as a ring of one; another key gives everybody another pseudonym."""
        ring = self.keys(name)
        return ring.secrets.get(ring.signing, b"")

    def headers(self, name: str) -> Mapping[str, str]:
        """`name=value,name=value`, values encoded as in addresses."""
        text = self.optional(name)
        if text is None:
            return {}
        if not _HEADERS.fullmatch(text):
            self.problems.append(f"{name} is not a list of name=value")
            return {}
        parts = (part.partition("=") for part in text.split(","))
        found = {key.lower(): unquote(value) for key, _, value in parts}
        if not all(value.isascii() and value.isprintable() for value in found.values()):
            # Whoever sends it would refuse it, and log it.
            self.problems.append(f"{name} has a value that no header can have")
            return {}
        return found

    def megabytes(self, name: str, default: int) -> int:
        value = self.optional(name) or str(default)
        if not _MEGABYTES.fullmatch(value):
            self.problems.append(f"{name} is not a number of megabytes")
            return default
        return int(value)

    def days(self, name: str, default: int) -> timedelta:
        value = self.optional(name) or str(default)
        if not (_DAYS.fullmatch(value) and 1 <= int(value) <= _LONGEST_LINK):
            self.problems.append(f"{name} is not a number of days from 1 to {_LONGEST_LINK}")
            return timedelta(days=default)
        return timedelta(days=int(value))


def read_settings(values: Mapping[str, str]) -> Settings:
    """Raises ConfigurationError naming every missing or wrong setting, never a value."""
    env = _Environment(values)
    settings = Settings(
        storage=_storage(env),
        graph=_graph(env),
        portal=_portal(env),
        link_keys=env.keys("LINK_KEYS"),
        pseudonym_key=env.key("PSEUDONYM_KEY"),
        link_lifetime=env.days("LINK_LIFETIME_DAYS", 30),
        public_url=env.address("PUBLIC_URL"),
        brand=env.optional("PARTNER_NAME") or "M365 Pro-Active Services",
        mail_sender=env.mailbox("MAIL_SENDER"),
        telemetry=_telemetry(env),
        instance_memory=env.megabytes("INSTANCE_MEMORY_MB", _MEMORY),
    )
    if env.problems:
        raise ConfigurationError("; ".join(env.problems))
    return settings


def _storage(env: _Environment) -> StorageSettings:
    connection = env.optional("REPORTS_STORAGE")
    if connection:
        return StorageSettings(connection_string=connection)
    blobs = env.optional("REPORTS_STORAGE__blobServiceUri")
    if not blobs:
        env.problems.append("REPORTS_STORAGE or REPORTS_STORAGE__blobServiceUri is missing")
        return StorageSettings()
    return StorageSettings(
        blobs=env.address("REPORTS_STORAGE__blobServiceUri"),
        queues=env.address("REPORTS_STORAGE__queueServiceUri"),
        tables=env.address("REPORTS_STORAGE__tableServiceUri"),
        identity=env.optional("REPORTS_STORAGE__clientId"),
    )


def _graph(env: _Environment) -> GraphSettings:
    ways = ("GRAPH_IDENTITY_CLIENT_ID", "GRAPH_CERTIFICATE", "GRAPH_SANDBOX_SECRET")
    if sum(env.optional(name) is not None for name in ways) != 1:
        env.problems.append(f"exactly one of {', '.join(ways)} must be set")
    return GraphSettings(
        base_url=env.address("GRAPH_BASE_URL", GRAPH),
        client_id=env.required("GRAPH_CLIENT_ID"),
        identity=env.optional("GRAPH_IDENTITY_CLIENT_ID"),
        certificate=_certificate(env),
        sandbox_secret=env.optional("GRAPH_SANDBOX_SECRET"),
    )


def _certificate(env: _Environment) -> bytes | None:
    encoded = env.optional("GRAPH_CERTIFICATE")
    try:
        return base64.b64decode(encoded, validate=True) if encoded else None
    except binascii.Error:
        env.problems.append("GRAPH_CERTIFICATE is not base64")
        return None


def _portal(env: _Environment) -> PortalSettings:
    return PortalSettings(
        audience=env.required("PORTAL_AUDIENCE"),
        issuer=env.optional("PORTAL_ISSUER") or _ENTRA + "/{tid}/v2.0",
        keys_url=env.address("PORTAL_KEYS_URL", _ENTRA + "/common/discovery/v2.0/keys"),
        login_url=env.address("PORTAL_LOGIN_URL", _ENTRA),
        partner_tenant=env.identity("PARTNER_TENANT_ID"),
    )


def _telemetry(env: _Environment) -> TelemetrySettings | None:
    is_wanted = env.optional("OTEL_EXPORTER_OTLP_ENDPOINT") is not None
    headers = env.headers("OTEL_EXPORTER_OTLP_HEADERS")
    if not is_wanted:
        return None
    return TelemetrySettings(endpoint=env.address("OTEL_EXPORTER_OTLP_ENDPOINT"), headers=headers)
