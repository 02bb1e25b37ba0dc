"""Dead letters: queue messages nobody can read, as blobs that an engineer can look at."""

import re
from collections.abc import Sequence

from shared_code.core.waiting import DeadLetter
from shared_code.storage.blobs import Blobs


class BlobDeadLetters:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def keep(self, message_id: str, body: bytes) -> None:
        await self._blobs.write(_name(message_id), body)

    async def all(self) -> Sequence[DeadLetter]:
        letters = [DeadLetter(id=name, kept=at) async for name, at in self._blobs.listed("")]
        return sorted(letters, key=lambda letter: letter.kept)

    async def read(self, message_id: str) -> bytes | None:
        try:
            return await self._blobs.read(_name(message_id))
        except FileNotFoundError:
            return None

    async def drop(self, message_id: str) -> None:
        await self._blobs.delete(_name(message_id))


def _name(message_id: str) -> str:
    return re.sub(r"[^\w-]", "_", message_id) or "_"
