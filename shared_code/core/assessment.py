"""Assessment: what the partner thinks of one announcement, written once for every tenant."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from shared_code.core.dataset import Row


class Recommendation(StrEnum):
    ACT = "act"
    CHECK = "check"
    INFORM = "inform"
    NOTHING = "nothing"


type Number = Annotated[str, msgspec.Meta(pattern=r"^MC[0-9]{1,12}$")]
"""Of an announcement, as Microsoft writes it."""

type Said = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"\S")]


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an engineer writes: a few plain sentences in both languages."""

    de: Said
    en: Said
    recommendation: Recommendation


class Assessment(Row, frozen=True, kw_only=True):
    """`id` is the announcement's. `author` names an organisation, nobody in person."""

    de: str
    en: str
    recommendation: Recommendation
    author: str = ""
    written: datetime
