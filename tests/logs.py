"""What no log may ever hold, whoever wrote it."""

import re
from collections.abc import Iterable
from logging import LogRecord

# Links, invitations, seals, tokens of Entra, codes, states, cookies, and addresses of mail.
_SECRET = re.compile(
    r"\b[vos]1\.[a-z0-9]{1,16}\.[\w-]{8}|\beyJ[\w-]{8}|Bearer |[?&](code|state)=|session=|[\w.]@\w+\.\w"
)


def written(records: Iterable[LogRecord]) -> str:
    """All of it, with traces. Fails if a secret stands in it."""
    text = "\n".join(record.getMessage() + str(record.exc_text) for record in records)
    assert not _SECRET.search(text)
    return text
