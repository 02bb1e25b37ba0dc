"""Settings of an app whose Graph is a stub and whose storage is not there."""

import base64
import os

from shared_code.core.tenant import TenantId
from shared_code.settings import Settings, read_settings

TENANT = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
_KEY = base64.b64encode(bytes(32)).decode()
CONNECTION = (
    f"DefaultEndpointsProtocol=http;AccountName=bench;AccountKey={_KEY};"
    "BlobEndpoint=http://127.0.0.1:1/bench;QueueEndpoint=http://127.0.0.1:1/bench;"
    "TableEndpoint=http://127.0.0.1:1/bench;"
)


def settings(base_url: str, storage: str = CONNECTION) -> Settings:
    """Also into the environment: the function app reads them when it is loaded."""
    values = {
        "REPORTS_STORAGE": storage,
        "GRAPH_BASE_URL": base_url,
        "GRAPH_CLIENT_ID": TENANT,
        "GRAPH_SANDBOX_SECRET": "-",
        "LINK_KEYS": f"k1:{base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip('=')}",
        "PSEUDONYM_KEY": f"k1:{base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip('=')}",
        "PUBLIC_URL": "http://127.0.0.1",
        "PORTAL_AUDIENCE": "api://bench",
        "PARTNER_TENANT_ID": TENANT,
    }
    os.environ.update(values)
    return read_settings(values)
