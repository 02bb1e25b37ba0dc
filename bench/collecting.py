"""One big tenant, collecting: the same rows and aggregates by every client."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.floor.build import built, outcome
from bench.goals import Finding, Goal, at_least, at_most, compared
from bench.job import Job
from bench.plan import Plan
from bench.process import Measured, alternated, measure, measure_program
from bench.serving import Served, serving
from bench.stub.options import Options

OURS, READ_BACK, TYPED, FLOOR = "ours", "ours, read back", "sdk typed", "C++ floor"
LARGE = (OURS, READ_BACK, "httpx + json", "sdk raw")
ORDER = (*LARGE, TYPED, FLOOR)
_SECTION = "collect"
_MILLION = 1_000_000
_GOALS = {
    TYPED: at_least(400, quick=150),
    "httpx + json": at_least(3, quick=1.8),
}


@dataclass(frozen=True, slots=True)
class Sample:
    variant: str
    rows: int
    measured: Measured

    @property
    def cpu(self) -> float:
        """Seconds per million rows."""
        return self.measured.work.cpu / self.rows * _MILLION


@dataclass(frozen=True, slots=True)
class Stage:
    """`few`: what typed models can read in reasonable time; `warm`: one small page."""

    many: Served
    few: Served
    warm: Served
    floor: Path | None = None

    @property
    def variants(self) -> tuple[str, ...]:
        return (*LARGE, FLOOR, TYPED) if self.floor else (*LARGE, TYPED)

    def run(self, variant: str, *, few: bool = False, ticker: bool = False) -> Sample:
        stub = self.few if few else self.many
        rows, _ = stub.options.listings["guests"]
        if variant == FLOOR and self.floor:
            return Sample(variant, rows, _collect_in_cpp(self.floor, stub, self.warm))
        return Sample(variant, rows, collect(variant, stub, self.warm, ticker=ticker))


def collect(variant: str, stub: Served, warm: Served, *, ticker: bool = False) -> Measured:
    with TemporaryDirectory() as folder:
        job = Job(
            variant=variant,
            base_url=stub.base_url,
            warm_url=warm.base_url,
            folder=folder,
            ticker=ticker,
        )
        return measure("bench.variants.collecting", job)


def _collect_in_cpp(program: Path, stub: Served, warm: Served) -> Measured:
    with TemporaryDirectory() as folder:
        job = Job(variant=FLOOR, base_url=stub.base_url, warm_url=warm.base_url, folder=folder)
        measured = measure_program([str(program)], job)
        result = {"outcome": outcome(measured.result, Path(folder))}
    return replace(measured, result=result)


def listing(rows: int, size: int = 999) -> Options:
    return Options(listings={"guests": (rows, size)})


def findings(plan: Plan) -> list[Finding]:
    """Raises OutputsDiffer before there is a number."""
    with ExitStack() as stubs:
        sizes = (plan.rows, plan.typed, 20)
        many, few, warm = (stubs.enter_context(serving(listing(rows))) for rows in sizes)
        floor = None if plan.is_quick else stubs.enter_context(built())
        stage = Stage(many, few, warm, floor)
        faster = _proof(stage)
        rounds = [_round(stage, names) for names in alternated(stage.variants, plan.rounds)]
        stalls = [stage.run(OURS, ticker=True) for _ in range(plan.rounds)]
        compared_outcomes(stage, [sample for each in rounds for sample in each.values()])
    return [faster, *costs(rounds), *_stalls(stalls, [each[TYPED] for each in rounds])]


def _proof(stage: Stage) -> Finding:
    """Raises StubTooSlow."""
    sample = stage.run(OURS)
    pages = sample.rows / 999
    times = stage.many.prove("guests", pages / sample.measured.work.wall)
    return Finding(section="stub", what="pages per second, stub / ours", values=(times,))


def _round(stage: Stage, names: Sequence[str]) -> dict[str, Sample]:
    return {name: stage.run(name, few=name == TYPED, ticker=name == TYPED) for name in names}


def compared_outcomes(stage: Stage, samples: Sequence[Sample]) -> None:
    """Raises OutputsDiffer."""
    large = [sample for sample in samples if sample.variant != TYPED]
    small = [stage.run(OURS, few=True), *(s for s in samples if s.variant == TYPED)]
    for group in (large, small):
        compared([s.variant for s in group], [s.measured.result["outcome"] for s in group])


def costs(rounds: Sequence[dict[str, Sample]]) -> list[Finding]:
    def ratios(name: str) -> tuple[float, ...]:
        return tuple(each[name].cpu / each[OURS].cpu for each in rounds)

    def values(name: str, value: Callable[[Sample], float]) -> tuple[float, ...]:
        return tuple(value(each[name]) for each in rounds)

    names = sorted(rounds[0], key=ORDER.index)
    against = [name for name in names if name not in (OURS, FLOOR)]
    return [
        *(_finding(f"CPU, {n} / ours", ratios(n), goal=_GOALS.get(n)) for n in against),
        *_above_the_floor(rounds),
        *(_finding(f"CPU per 1M rows, {n}", values(n, lambda s: s.cpu), unit="s") for n in names),
        *(_finding(f"peak RSS, {n}", values(n, _megabytes), unit="MB") for n in names),
    ]


def _above_the_floor(rounds: Sequence[dict[str, Sample]]) -> list[Finding]:
    if FLOOR not in rounds[0]:
        return [Finding(section=_SECTION, what="CPU, ours / C++ floor", words="not built here")]
    ratios = tuple(each[OURS].cpu / each[FLOOR].cpu for each in rounds)
    return [_finding("CPU, ours / C++ floor", ratios, goal=at_most(1.5, quick=None))]


def _megabytes(sample: Sample) -> float:
    return sample.measured.work.peak / 1e6


def _stalls(ours: Sequence[Sample], typed: Sequence[Sample]) -> list[Finding]:
    def stalls(samples: Sequence[Sample], clock: str) -> tuple[float, ...]:
        return tuple(s.measured.result["stall"][clock] * 1000 for s in samples)

    goal = at_most(10, quick=None)
    ratio = stalls(typed, "cpu")[0] / stalls(ours, "cpu")[0]
    return [
        _finding("longest stall of the loop, ours, CPU", stalls(ours, "cpu"), unit="ms", goal=goal),
        _finding("longest stall of the loop, ours, wall", stalls(ours, "wall"), unit="ms"),
        _finding("longest stall of the loop, sdk typed, wall", stalls(typed, "wall"), unit="ms"),
        _finding("longest stall, sdk typed / ours", (ratio,), goal=at_least(100, quick=30)),
    ]


def _finding(
    what: str, values: tuple[float, ...], unit: str = "x", goal: Goal | None = None
) -> Finding:
    return Finding(section=_SECTION, what=what, values=values, unit=unit, goal=goal)
