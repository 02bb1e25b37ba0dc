"""Collecting with httpx and json, one line of JSON per row."""

import json
from collections.abc import Iterable
from pathlib import Path

import httpx

from bench.variants.fold import Fold, read_lines
from shared_code.datasets.guests import GUESTS, Guest


class Plain:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "rows.jsonl"

    async def collect(self, base_url: str) -> Fold:
        fold = Fold()
        async with httpx.AsyncClient(timeout=60) as client:
            token = await ask_token(client, base_url)
            client.headers["Authorization"] = f"Bearer {token}"
            with self._path.open("w") as out:
                request = client.build_request("GET", f"{base_url}/users", params=GUESTS.query())
                while True:
                    response = (await client.send(request)).raise_for_status()
                    page = json.loads(response.content)
                    for row in page["value"]:
                        fold.add(row["mail"], row["accountEnabled"])
                        out.write(json.dumps(row) + "\n")
                    if not (link := page.get("@odata.nextLink")):
                        return fold
                    request = client.build_request("GET", link)

    def rows(self) -> Iterable[Guest]:
        return read_lines(self._path)


async def ask_token(client: httpx.AsyncClient, base_url: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": "app"}
    origin = base_url.removesuffix("/v1.0")
    response = await client.post(f"{origin}/tenant/oauth2/v2.0/token", data=form)
    return str(response.raise_for_status().json()["access_token"])
