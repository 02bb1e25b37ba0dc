"""Dead letters: queue messages nobody can read, as blobs that an engineer can look at."""

import re

from shared_code.storage.blobs import Blobs


class BlobDeadLetters:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def keep(self, message_id: str, body: bytes) -> None:
        await self._blobs.write(re.sub(r"[^\w-]", "_", message_id) or "_", body)
