"""Dataset: what is read from a tenant, as typed rows; and Snapshot: what was read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from hashlib import sha256
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from shared_code.core.errors import DatasetError
from shared_code.core.options import Options
from shared_code.core.text import Text


class Row(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One object as Graph sends it; unknown fields are skipped, `None` means Graph left it out."""

    id: str


class CsvRow(Row, frozen=True, kw_only=True):
    """One line of a usage report. A field is named as its column, in small letters with `_` for
    all else: "Storage Used (Byte)" is `storage_used_byte`. `id` is the column named by `key`."""


class Child(Row, frozen=True, kw_only=True):
    """One object that belongs to another one: `parent` is that one's id, not Graph's word."""

    parent: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A complex value inside a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `requests` in any window of `seconds`, per tenant or over all tenants of the app."""

    requests: int
    seconds: float
    over_all_tenants: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A throttling class of Graph; its limits are kept, not discovered."""

    name: str
    limits: tuple[Limit, ...] = ()


class Origin(StrEnum):
    """Who keeps the rows: a tenant, or the partner for all tenants alike."""

    TENANT = "tenant"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parents:
    """What a listing per object is read for: `keys` picks ids from rows of `dataset`.

    `dataset` stands before in the needs of a report; without it there are no parents. So do those
    of `also`, whose rows follow; those that could not be read are left out.
    """

    dataset: "Dataset[Row]"
    keys: Callable[[Iterable[Any]], Iterable[str]]
    also: "tuple[Dataset[Row], ...]" = ()

    def of(self, data: "Snapshot") -> Iterable[str]:
        """Raises DatasetError if `dataset` could not be read."""
        further = (data.rows(each) for each in self.also if data.missing(each) is None)
        return self.keys(chain(data.rows(self.dataset), *further))


# Spelled out: a frozen dataclass has __replace__ since Python 3.13, from which type checkers
# infer that it is invariant, and then a Dataset[Guest] would be no Dataset[Row].
R_co = TypeVar("R_co", bound=Row, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset(Generic[R_co]):  # noqa: UP046
    """A listing, a usage report, or one object. `$select` comes from the fields of `row`: nothing is read that was not asked for.

    `permissions` are the application permissions needed, `licence` the service plan (by name).
    `expand` maps a navigation property of `row` to its own select. `page_size` is `$top`,
    None where the endpoint takes none. With `key` the answer is a CSV file, `key` its column of
    ids, and `row` a CsvRow. `selects` is False where the endpoint does not take `$select`.
    With `parents` the path holds `{parent}`, and `row` is a Child; or the filter holds it, where
    one request asks for several objects by id.
    What the partner keeps is not read from Graph: its path says where it is kept.
    """

    name: str
    title: Text
    path: str
    row: type[R_co]
    permissions: tuple[str, ...]
    workload: Workload
    filter: str | None = None
    expand: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    licence: str | None = None
    page_size: int | None = None
    key: str | None = None
    selects: bool = True
    parents: Parents | None = None
    origin: Origin = Origin.TENANT

    def query(self, parent: str | None = None) -> dict[str, str]:
        """Query options of the first page, unencoded; `parent` takes its place in the filter."""
        expand = (f"{name}($select={','.join(fields)})" for name, fields in self.expand.items())
        options = {
            "$filter": self._filter(parent),
            "$select": ",".join(self._selected()) if self.selects and not self.key else None,
            "$expand": ",".join(expand),
            "$top": str(self.page_size) if self.page_size else None,
        }
        return {name: value for name, value in options.items() if value}

    def _filter(self, parent: str | None) -> str | None:
        return self.filter and self.filter.replace("{parent}", parent or "{parent}")

    def _selected(self) -> Iterable[str]:
        own = {"parent"} if issubclass(self.row, Child) else set[str]()
        unasked = own | self.expand.keys()
        # Annotations such as @odata.type come by themselves.
        return (n for n in wire_names(self.row) if n not in unasked and not n.startswith("@"))


@cache
def form_of(dataset: Dataset[Row]) -> str:
    """Another one once it is asked for otherwise, or its rows have other fields."""
    said = dataset.path, dataset.query(), dataset.key, msgspec.inspect.type_info(dataset.row)
    return sha256(repr(said).encode()).hexdigest()[:16]


def wire_names(row: type[Row]) -> tuple[str, ...]:
    return tuple(f.encode_name for f in msgspec.structs.fields(row))


class Snapshot(Protocol):
    """The datasets of one run as they were read; re-iterable, never all in memory."""

    def rows[R: Row](self, dataset: Dataset[R], order_by: str | None = None) -> Iterable[R]:
        """All rows, ordered by a text field if asked; an object of a listing once, however often
        Graph sent it. Raises DatasetError if it was not read."""
        ...

    def get[R: Row](self, dataset: Dataset[R], key: str) -> R | None:
        """The row with this id, None if the tenant has none. Raises DatasetError as `rows`.

        Any one of several: a Child may belong to more parents, a CsvRow may stand there twice.
        """
        ...

    def missing(self, dataset: Dataset[Row]) -> DatasetError | None:
        """Why the dataset could not be read; None if it was."""
        ...

    def options[O: Options](self, shape: type[O]) -> O:
        """What the tenant chose for this report; `shape` is what its type declares."""
        ...
