"""The key ring: one or two keys, and settings that are wrong are named without their value."""

import base64

import pytest

from shared_code.core.errors import ConfigurationError
from shared_code.links.keys import parse_key_ring


def _encoded(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode()


def test_the_first_key_signs_and_both_verify() -> None:
    old, new = b"\xfa" * 32, b"\xfb" * 40

    ring = parse_key_ring(f"k2:{_encoded(new)}, k1:{_encoded(old).rstrip('=')}")

    assert ring.signing == "k2"
    assert ring.secrets == {"k2": new, "k1": old}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        "k1:",
        f"k1:{_encoded(b's' * 31)}",
        f"k1:{_encoded(b's' * 32)}!",
        f":{_encoded(b's' * 32)}",
        f"K.1:{_encoded(b's' * 32)}",
        f"k1:{_encoded(b's' * 32)},",
        f"k1:{_encoded(b's' * 32)},k1:{_encoded(b't' * 32)}",
        ",".join(f"k{n}:{_encoded(b's' * 32)}" for n in range(3)),
        "k1:ä",
    ],
)
def test_wrong_settings_are_named_and_not_quoted(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_key_ring(text, setting="LINK_KEYS")

    assert "LINK_KEYS" in str(caught.value)
    assert caught.value.__cause__ is None
    assert "c3Nz" not in str(caught.value)


def test_secrets_are_never_shown() -> None:
    ring = parse_key_ring(f"k1:{_encoded(b'secret--' * 4)}")

    assert "secret" not in repr(ring)
    assert "c2Vj" not in repr(ring)
