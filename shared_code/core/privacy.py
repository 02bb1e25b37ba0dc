"""Privacy: how much of people a tenant's report may hold, and the pseudonyms that stand for them."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, cast

import msgspec
from msgspec.structs import replace

# 40 bits: a hundred thousand people share no pseudonym but once in two hundred tenants.
_SIGNS = 8

SMALLEST_GROUP = 5


class Privacy(StrEnum):
    """A tenant chooses per report; applied before anything of a person touches a disk.

    AGGREGATE lists nobody, and shows no group of fewer than SMALLEST_GROUP people.
    """

    NAMED = "named"
    PSEUDONYMOUS = "pseudonymous"
    AGGREGATE = "aggregate"


class Personal(StrEnum):
    """What a field of a row holds about a person, and so what stands in its place."""

    NAME = "name"  # the pseudonym of the row
    ADDRESS = "address"  # the pseudonym of the address, its domain kept
    ID = "id"  # the pseudonym of the value, so that rows still find each other
    TEXT = "text"  # free text, network address, place: left out


type Name = Annotated[str, msgspec.Meta(extra={"personal": Personal.NAME})]
type Address = Annotated[str, msgspec.Meta(extra={"personal": Personal.ADDRESS})]
type PersonId = Annotated[str, msgspec.Meta(extra={"personal": Personal.ID})]
type PersonText = Annotated[str, msgspec.Meta(extra={"personal": Personal.TEXT})]


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Stable within one tenant, unrelated between tenants, and nobody's without `key`."""

    key: bytes
    tenant_id: str

    def of(self, identity: str) -> str:
        text = f"{self.tenant_id}/{identity.casefold()}".encode()
        digest = hmac.digest(self.key, text, hashlib.sha256)
        return base64.b32encode(digest)[:_SIGNS].decode()

    def masked[S: msgspec.Struct](self, row: S) -> S:
        """The row with everything personal in it replaced; it need not be a Row.

        A row about somebody else says `whose` it is.
        """
        return _masked(row, str(getattr(row, "whose", getattr(row, "id", ""))), self)


def _masked[S: msgspec.Struct](row: S, owner: str, pseudonyms: Pseudonyms) -> S:
    changed = {
        name: masked(value, owner, pseudonyms)
        for name, masked in _personal_fields(type(row))
        if (value := getattr(row, name))
    }
    return replace(row, **changed) if changed else row


type _Mask = Callable[[Any, str, Pseudonyms], Any]


def _name(value: str, owner: str, pseudonyms: Pseudonyms) -> str:
    return pseudonyms.of(owner or value)


def _address(value: str, _owner: str, pseudonyms: Pseudonyms) -> str:
    """A guest's sign-in name keeps the home domain: anna_fabrikam.com#EXT#@contoso.com."""
    local, at, domain = value.rpartition("@")
    person, mark, rest = local.partition("#EXT#")
    home = "_" + person.rpartition("_")[2] if mark and "_" in person else ""
    return f"{pseudonyms.of(value)}{home}{mark}{rest}{at}{domain}"


def _id(value: str, _owner: str, pseudonyms: Pseudonyms) -> str:
    return pseudonyms.of(value)


def _text(_value: str, _owner: str, _pseudonyms: Pseudonyms) -> str:
    return ""


_MASKS: dict[Personal, _Mask] = {
    Personal.NAME: _name,
    Personal.ADDRESS: _address,
    Personal.ID: _id,
    Personal.TEXT: _text,
}


def holds_people(row: type[msgspec.Struct]) -> bool:
    """Whether anything in such a row is about a person."""
    return bool(_personal_fields(row))


@cache
def _personal_fields(row: type[msgspec.Struct]) -> Sequence[tuple[str, _Mask]]:
    shape = msgspec.inspect.type_info(row)
    if not isinstance(shape, msgspec.inspect.StructType):
        raise TypeError(row)
    found = ((field.name, _mask_of(field.type)) for field in shape.fields)
    return [(name, mask) for name, mask in found if mask]


def _mask_of(shape: msgspec.inspect.Type) -> _Mask | None:
    """None: nothing in a value of this type is about a person."""
    match shape:
        case msgspec.inspect.Metadata(type=inner):
            marks = cast("dict[str, Personal] | None", shape.extra)  # pyright: ignore[reportUnknownMemberType]
            return _MASKS[marks["personal"]] if marks else _mask_of(inner)
        case msgspec.inspect.UnionType(types=types):
            return next(filter(None, map(_mask_of, types)), None)
        case (
            msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item)
        ):
            return _each(_mask_of(item))
        case msgspec.inspect.StructType(cls=cls) if _personal_fields(cls):
            return _within
        case _:
            return None


def _each(mask: _Mask | None) -> _Mask | None:
    if mask is None:
        return None
    # Their owner is not the row's: several people may stand in one row.
    return lambda values, _owner, pseudonyms: tuple(mask(v, "", pseudonyms) for v in values)


def _within(part: msgspec.Struct, owner: str, pseudonyms: Pseudonyms) -> msgspec.Struct:
    """A part with an id of its own is somebody else."""
    return _masked(part, str(getattr(part, "id", owner)), pseudonyms)
