"""Messages in queues: one request each, as JSON."""

import msgspec

from shared_code.core.errors import MessageMalformed


def encode_message(request: msgspec.Struct) -> str:
    return msgspec.json.encode(request).decode()


def decode_message[R: msgspec.Struct](body: bytes | str, kind: type[R], *, queue: str) -> R:
    """Raises MessageMalformed."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MessageMalformed(f"queue {queue}: not a {kind.__name__}") from error
