"""Documents: values as JSON within a row, in as many properties as that takes."""

from collections.abc import Mapping
from typing import Any

import msgspec

# A string property holds 32 Ki UTF-16 units, and a character is at most two of them.
_LONGEST_PART = 16_000


class Document[T]:
    """Properties are called `name0`, `name1` and so on."""

    def __init__(self, name: str, kind: type[T]) -> None:
        self._name = name
        self._decoder = msgspec.json.Decoder(kind)

    def written(self, value: T) -> dict[str, str]:
        text = msgspec.json.encode(value).decode()
        starts = range(0, len(text), _LONGEST_PART)
        return {f"{self._name}{n}": text[s : s + _LONGEST_PART] for n, s in enumerate(starts)}

    def read(self, properties: Mapping[str, Any]) -> T:
        suffixes = (name.removeprefix(self._name) for name in properties)
        numbers = sorted(int(suffix) for suffix in suffixes if suffix.isdecimal())
        return self._decoder.decode("".join(properties[f"{self._name}{n}"] for n in numbers))
