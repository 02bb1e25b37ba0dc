"""The harness compares outputs before it reports, and reports ratios; how fast is no test's business."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bench import collecting
from bench.collecting import OURS, TYPED, Sample, Stage, listing
from bench.goals import Finding, OutputsDiffer, at_least, compared, table
from bench.serving import Served, StubTooSlow, serving
from bench.stub.options import Fault, Options


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with ExitStack() as stubs:
        many, few, warm = (stubs.enter_context(serving(listing(n, 100))) for n in (2000, 200, 20))
        yield Stage(many, few, warm)


def test_ratios_are_reported_once_all_clients_computed_the_same(stage: Stage) -> None:
    samples = {name: stage.run(name, few=name == TYPED) for name in (*collecting.LARGE, TYPED)}
    collecting.compared_outcomes(stage, list(samples.values()))
    outcome = samples[OURS].measured.result["outcome"]
    assert outcome["count"] == 2000
    ratios = {f.what: f.values for f in collecting.costs([samples]) if f.unit == "x"}
    others = {f"CPU, {name} / ours" for name in samples if name != OURS}
    # The floor is measured by the full run only, where it can be built; the table says so.
    assert set(ratios) == others | {"CPU, ours / C++ floor"}
    assert ratios["CPU, ours / C++ floor"] == ()
    assert all(ratios[name] for name in others)


def test_rows_lost_at_an_empty_page_are_noticed(stage: Stage) -> None:
    options = Options(listings={"guests": (200, 100)}, fault=Fault.EMPTY_PAGE)
    with serving(options) as broken:
        samples = [_sample(name, broken, stage.warm) for name in (OURS, TYPED)]
    with pytest.raises(OutputsDiffer, match="sdk typed"):
        compared([s.variant for s in samples], [s.measured.result["outcome"] for s in samples])


def _sample(variant: str, stub: Served, warm: Served) -> Sample:
    return Sample(variant, 200, collecting.collect(variant, stub, warm))


def test_a_stub_slower_than_its_client_is_not_used(stage: Stage) -> None:
    with pytest.raises(StubTooSlow):
        stage.many.prove("guests", client=1e9)


def test_a_missed_goal_shows_in_the_table() -> None:
    finding = Finding(section="collect", what="CPU", values=(2.0,), goal=at_least(3, quick=1.8))
    assert not finding.is_good(is_quick=False)
    assert finding.is_good(is_quick=True)
    assert "MISSED" in table([finding], is_quick=False)
