"""A client for later is made once, when something is asked of it, and closed only if it was made."""

from dataclasses import dataclass, field

from shared_code.storage.later import later


@dataclass
class _Client:
    events: list[str] = field(default_factory=list[str])

    def get(self, name: str) -> str:
        self.events.append(name)
        return name.upper()

    async def close(self) -> None:
        self.events.append("closed")


def test_it_is_made_once_and_answers_as_the_client_does() -> None:
    made: list[_Client] = []

    def make() -> _Client:
        made.append(_Client())
        return made[-1]

    client = later(make)
    assert made == []
    assert [client.get("a"), client.get("b")] == ["A", "B"]
    assert [each.events for each in made] == [["a", "b"]]


async def test_what_was_never_used_is_not_made_to_be_closed() -> None:
    made: list[_Client] = []
    unused = later(lambda: made.append(_Client()) or made[-1])
    await unused.close()
    assert made == []


async def test_what_was_used_is_closed() -> None:
    client = _Client()
    used = later(lambda: client)
    used.get("a")
    await used.close()
    assert client.events == ["a", "closed"]
