"""Bodies of answers: pages in memory, usage reports on the local disk; whole, or an error."""

import os
from tempfile import TemporaryFile
from typing import BinaryIO

from aiohttp import ClientPayloadError, ClientResponse, ClientTimeout

FILE_TIMEOUT = ClientTimeout(total=300, connect=10, sock_read=60)
FILE_HEADERS = {
    "Accept": "application/octet-stream, application/json",
    # aiohttp takes a compressed body that ends too early for a whole one.
    "Accept-Encoding": "identity",
}
_CHUNK = 2**18
_LARGEST = 2**29
# Ten times what the longest pages are, unpacked.
_LARGEST_PAGE = 2**26


async def held(response: ClientResponse) -> bytes:
    """Raises ClientError for more than a page can be: it would take the memory of all runs."""
    chunks, size = list[bytes](), 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > _LARGEST_PAGE:
            raise ClientPayloadError("larger than any page")
    return b"".join(chunks)


async def saved(response: ClientResponse) -> BinaryIO:
    """At its start, and gone when closed. Raises ClientError unless it is whole."""
    if response.content_length is None and "Transfer-Encoding" not in response.headers:
        raise ClientPayloadError("nothing says where the body ends")
    file = TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        await _copy(response, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def size_of(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


async def _copy(response: ClientResponse, file: BinaryIO) -> None:
    async for chunk in response.content.iter_chunked(_CHUNK):
        file.write(chunk)
        if file.tell() > _LARGEST:
            raise ClientPayloadError("larger than any report")
