"""Run ids and the message on the queue."""

import json
from datetime import UTC, datetime

import pytest

from shared_code.core.errors import MessageMalformed
from shared_code.core.period import Period
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunRequest, decode_request, run_id
from shared_code.core.tenant import TenantId

TENANT = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
END = datetime(2026, 11, 16, 5, tzinfo=UTC)
REQUEST = RunRequest.due(TENANT, "guest-users", Period(datetime(2026, 11, 9, 5, tzinfo=UTC), END))


def test_a_request_survives_the_queue() -> None:
    assert decode_request(encode_message(REQUEST)) == REQUEST


def test_a_request_of_another_version_is_read_with_fields_it_lacks_and_without_those_we_lack() -> (
    None
):
    fields = json.loads(encode_message(REQUEST.after_failure()))
    later = fields | {"priority": "high", "options": {"parts": [1, 2]}}
    earlier = {name: fields[name] for name in ("run_id", "tenant_id", "report", "start", "end")}

    assert decode_request(json.dumps(later)) == REQUEST.after_failure()
    assert decode_request(json.dumps(earlier)) == REQUEST


def test_the_same_period_always_has_the_same_id() -> None:
    assert run_id(TENANT, "guest-users", END) == REQUEST.run_id
    assert run_id(TENANT, "storage", END) != REQUEST.run_id


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"run_id": 7}',
        encode_message(REQUEST)[:-9].encode(),
        encode_message(REQUEST).replace("guest-users", "storage").encode(),
        encode_message(REQUEST).replace("c0a7", "c0a8").encode(),
        encode_message(REQUEST).replace("2026-11-16", "2026-11-01").encode(),
        encode_message(REQUEST).replace("05:00:00Z", "05:00:00").encode(),
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(MessageMalformed):
        decode_request(body)
