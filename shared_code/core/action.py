"""Actions that follow from a count: as many lines as a filter holds need the same thing done."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from shared_code.core.report import Action, Priority
from shared_code.core.text import Message, Text, counted


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAction:
    """`one` and `other` are the title, for a single line and for {n}."""

    filter: str
    priority: Priority
    one: Text
    other: Text
    why: Text
    who: Text
    effort: Text


def actions(
    choices: Iterable[CountedAction], counts: Counter[str], *, without: Collection[str] = ()
) -> Iterator[Action]:
    """Those whose filter holds anything; `without` are filters that ask for nothing this time."""
    for each in choices:
        count = counts[each.filter]
        if count and each.filter not in without:
            yield Action(
                title=counted(count, one=each.one, other=each.other),
                why=Message(each.why),
                priority=each.priority,
                who=each.who,
                effort=each.effort,
                filter=each.filter,
            )
