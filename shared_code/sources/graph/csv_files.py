"""What stands in a usage report's CSV file: rows, their columns found by name."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import TextIOWrapper
from itertools import batched
from typing import Any, BinaryIO, Self

import msgspec

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import ContractBroken, UpstreamDown
from shared_code.sources.graph.retrying import MayPass

_PAGE = 1000
_LONGEST_LINE = 2**20
_NOT_A_LETTER = re.compile(r"[\W_]+")
_NAMED = re.compile(r"[`.](\w+)`")
_WORDS = {"yes": "true", "no": "false"}


def column_name(text: str) -> str:
    """`Storage Used (Byte)` becomes `storage_used_byte`."""
    return _NOT_A_LETTER.sub("_", text.casefold()).strip("_")


@dataclass(frozen=True, slots=True)
class _Column:
    field: str
    place: int
    is_truth: bool


class CsvFile[R: Row]:
    """The header is read at once, rows when asked for, so that the file is never held in memory.

    Raises ContractBroken without the column of ids, MayPass for what is no such file at all.
    """

    def __init__(self, dataset: Dataset[R], file: BinaryIO) -> None:
        self._dataset = dataset
        self._text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._records = csv.reader(_lines(dataset, self._text), strict=True)
        header = next(self._read(), list[str]())
        names = [column_name(name) for name in header]
        self._width = len(names)
        self._key = self._place_of_ids(names)
        fields = msgspec.structs.fields(dataset.row)
        self._columns = [
            _Column(f.encode_name, names.index(f.name), _is_truth(f.type))
            for f in fields
            if f.name in names and f.name != "id"
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._text.close()

    def pages(self) -> Iterator[Sequence[R]]:
        """A thousand rows at a time. Raises UpstreamDown if the file ends in the middle of a line."""
        for rows in batched(self._rows(), _PAGE, strict=False):
            try:
                yield msgspec.convert(rows, tuple[self._dataset.row, ...], strict=False)
            except msgspec.ValidationError as error:
                raise self._broken(str(error)) from None

    def _place_of_ids(self, names: list[str]) -> int:
        key = column_name(self._dataset.key or "")
        if key in names:
            return names.index(key)
        if not names or names[0].startswith(("doctype", "html", "error", "value", "odata")):
            # A page of words in place of the file, as proxies and overloaded servers have it.
            raise MayPass(lambda _: ContractBroken(self._dataset.name, "the body is not CSV"))
        raise ContractBroken(self._dataset.name, f"column {key} is missing")

    def _read(self) -> Iterator[list[str]]:
        try:
            yield from filter(None, self._records)
        except csv.Error as error:
            if "end of data" in str(error):
                raise self._cut() from None
            raise ContractBroken(self._dataset.name, "the body is not CSV") from None
        except UnicodeDecodeError:
            raise ContractBroken(self._dataset.name, "the file is not in UTF-8") from None

    def _rows(self) -> Iterator[dict[str, str]]:
        for number, values in enumerate(self._read(), start=1):
            if len(values) < self._width:
                raise self._cut()
            if any(values[self._width :]):
                raise ContractBroken(self._dataset.name, "a line is longer than the header")
            row = {c.field: _value(c, values) for c in self._columns if values[c.place]}
            row["id"] = values[self._key] or f"#{number}"
            yield row

    def _cut(self) -> UpstreamDown:
        return UpstreamDown(f"{self._dataset.name}: the file ends in the middle of a line")

    def _broken(self, words: str) -> ContractBroken:
        """msgspec's own words may quote a value; its path names a field."""
        wire = {f.encode_name: f.name for f in msgspec.structs.fields(self._dataset.row)}
        found = [wire[name] for name in _NAMED.findall(words) if name in wire]
        column = found[0] if found else "?"
        problem = "is missing" if "missing required" in words else "has an unexpected value"
        return ContractBroken(self._dataset.name, f"column {column} {problem}")


def _lines(dataset: Dataset[Any], text: TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise ContractBroken(dataset.name, "a line of the file is too long")
        yield line


def _value(column: _Column, values: Sequence[str]) -> str:
    value = values[column.place]
    return _WORDS.get(value.casefold(), value) if column.is_truth else value


@cache
def _is_truth(shape: Any) -> bool:  # noqa: ANN401 - whatever annotates a field
    kind = msgspec.inspect.type_info(shape)
    kinds: Iterable[object] = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(isinstance(each, msgspec.inspect.BoolType) for each in kinds)
