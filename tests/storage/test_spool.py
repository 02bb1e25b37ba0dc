"""The spool: what was collected comes back, in order, by id, and never as an empty table by mistake."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared_code.core.dataset import Child, CsvRow, Dataset
from shared_code.core.errors import DatasetError, PermissionMissing, Reason
from shared_code.storage.spool import LocalSpool, open_spool
from tests.storage import MONDAY, PEOPLE, Address, Person, listing


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[LocalSpool]:
    with open_spool(tmp_path) as spool:
        yield spool


def _named(*names: str | None) -> list[Person]:
    return [Person(id=f"p{n}", display_name=name) for n, name in enumerate(names)]


def test_rows_come_back_as_they_were(spool: LocalSpool) -> None:
    person = Person(
        id="p1",
        display_name="Ada Ängström",
        created_date_time=MONDAY,
        address=Address(city="Wien"),
        groups=("a", "b"),
    )
    people = spool.dataset(PEOPLE)
    people.append([person])
    people.append(())
    people.append([Person(id="p2")])

    rows = spool.snapshot({}).rows(PEOPLE)

    assert list(rows) == list(rows) == [person, Person(id="p2")]


def test_a_page_larger_than_a_block_comes_back_whole(spool: LocalSpool) -> None:
    people = _named(*(f"n{n}" for n in range(2500)))
    spool.dataset(PEOPLE).append(people)
    snapshot = spool.snapshot({})

    assert list(snapshot.rows(PEOPLE)) == people
    assert [snapshot.get(PEOPLE, p.id) for p in people] == people


def test_order_ignores_case_and_accents_and_puts_nothing_last(spool: LocalSpool) -> None:
    names = ("Zoë", None, "ärger", "Adam", "", "zoe", "Straße", "strasse", "Łukasz")
    spool.dataset(PEOPLE).append(_named(*names))

    rows = spool.snapshot({}).rows(PEOPLE, order_by="display_name")

    expected = ["Adam", "ärger", "Straße", "strasse", "Zoë", "zoe", "Łukasz", None, ""]
    assert [p.display_name for p in rows] == expected == [p.display_name for p in rows]


def test_an_object_that_came_on_two_pages_is_there_once(spool: LocalSpool) -> None:
    people = spool.dataset(PEOPLE)
    people.append(_named("Ada", "Bob"))
    people.append([Person(id="p1", display_name="Bob"), Person(id="p2", display_name="Cleo")])
    snapshot = spool.snapshot({})

    once = _named("Ada", "Bob", "Cleo")
    assert list(snapshot.rows(PEOPLE)) == once
    assert list(snapshot.rows(PEOPLE, order_by="display_name")) == once


def test_a_child_of_two_parents_and_lines_of_a_file_are_all_there(spool: LocalSpool) -> None:
    class Member(Child, frozen=True, kw_only=True):
        pass

    class Day(CsvRow, frozen=True, kw_only=True):
        pass

    for row in (Member, Day):
        dataset: Dataset[Any] = replace(PEOPLE, name=row.__name__, row=row)
        spool.dataset(dataset).append([row(id="a"), row(id="a")])
        assert len(list(spool.snapshot({}).rows(dataset))) == 2


def test_a_row_is_found_by_its_id(spool: LocalSpool) -> None:
    spool.dataset(PEOPLE).append(_named("Ada", "Bob"))
    snapshot = spool.snapshot({})

    assert snapshot.get(PEOPLE, "p1") == Person(id="p1", display_name="Bob")
    assert snapshot.get(PEOPLE, "p9") is None


def test_rows_can_be_looked_up_while_others_are_read_in_order(spool: LocalSpool) -> None:
    other = listing("others")
    for dataset in (PEOPLE, other):
        spool.dataset(dataset).append(_named("Bob", "Ada"))
    snapshot = spool.snapshot({})

    ordered = snapshot.rows(PEOPLE, order_by="display_name")

    assert [snapshot.get(other, p.id) for p in ordered] == list(ordered)


def test_cleared_rows_are_gone(spool: LocalSpool) -> None:
    people = spool.dataset(PEOPLE)
    people.append(_named("Ada"))
    people.clear()
    people.append(_named("Bob"))

    assert [p.display_name for p in spool.snapshot({}).rows(PEOPLE)] == ["Bob"]


def test_an_empty_listing_that_was_collected_is_empty(spool: LocalSpool) -> None:
    spool.dataset(PEOPLE)
    snapshot = spool.snapshot({})

    assert list(snapshot.rows(PEOPLE)) == []
    assert snapshot.missing(PEOPLE) is None  # pyright: ignore[reportArgumentType]


def test_what_was_never_collected_is_unreachable_and_not_empty(spool: LocalSpool) -> None:
    snapshot = spool.snapshot({})

    with pytest.raises(DatasetError) as caught:
        snapshot.rows(PEOPLE)
    assert caught.value.reason is Reason.UNREACHABLE
    with pytest.raises(DatasetError):
        snapshot.get(PEOPLE, "p1")


def test_a_missing_dataset_raises_even_if_pages_of_it_came(spool: LocalSpool) -> None:
    spool.dataset(PEOPLE).append(_named("Ada"))
    snapshot = spool.snapshot({"people": PermissionMissing("people", "User.Read.All")})

    errors: list[DatasetError] = []
    for _ in range(2):
        with pytest.raises(DatasetError) as caught:
            snapshot.rows(PEOPLE)
        errors.append(caught.value)

    assert errors[0] is not errors[1]
    assert (errors[0].reason, errors[0].detail) == (Reason.PERMISSION, "User.Read.All")
    missing = snapshot.missing(PEOPLE)  # pyright: ignore[reportArgumentType]
    assert missing
    assert str(missing) == str(errors[0])


def test_it_is_written_in_one_thread_and_read_in_another(spool: LocalSpool) -> None:
    spool.dataset(PEOPLE).append(_named("Bob", "Ada"))
    snapshot = spool.snapshot({})
    assert snapshot.get(PEOPLE, "p0")
    found: list[Person | None] = []

    def read() -> None:
        found.append(snapshot.get(PEOPLE, "p1"))
        found.extend(snapshot.rows(PEOPLE, order_by="display_name"))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    assert [p.display_name for p in found if p] == ["Ada", "Ada", "Bob"]


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/x", "", "..", ".", "a\\b"])
def test_files_stay_in_the_spool(spool: LocalSpool, name: str) -> None:
    with pytest.raises(ValueError, match="without folders"):
        spool.path(name)
    with pytest.raises(ValueError, match="without folders"):
        spool.dataset(listing(name))


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with open_spool(tmp_path) as spool:
            spool.dataset(PEOPLE).append(_named("Ada"))
            spool.path("report.html").write_bytes(b"x")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail()

    assert list(tmp_path.iterdir()) == []


def _age(folder: Path, age: timedelta) -> None:
    then = time.time() - age.total_seconds()
    os.utime(folder, (then, then))


def test_what_a_killed_process_left_is_removed_by_the_next_run(tmp_path: Path) -> None:
    for name, age in (("spool-old", timedelta(minutes=2)), ("spool-new", timedelta(seconds=2))):
        (tmp_path / name / "own").mkdir(parents=True)
        _age(tmp_path / name, age)

    with open_spool(tmp_path):
        assert not (tmp_path / "spool-old").exists()

    assert (tmp_path / "spool-new").exists()


def test_the_spool_of_a_run_that_takes_long_is_left_alone(tmp_path: Path) -> None:
    with open_spool(tmp_path) as spool:
        [folder] = tmp_path.iterdir()
        _age(folder, timedelta(days=2))

        with open_spool(tmp_path):
            spool.dataset(PEOPLE).append(_named("Ada"))

        assert folder.exists()
