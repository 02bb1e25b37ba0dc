"""Assessment: what the partner thinks of one announcement, written once for every tenant."""

from datetime import datetime
from enum import StrEnum

from shared_code.core.dataset import Row


class Recommendation(StrEnum):
    ACT = "act"
    CHECK = "check"
    INFORM = "inform"
    NOTHING = "nothing"


class Assessment(Row, frozen=True, kw_only=True):
    """`id` is the announcement's. `author` names an organisation, nobody in person."""

    de: str
    en: str
    recommendation: Recommendation
    author: str = ""
    written: datetime
