"""What comes out when Graph misbehaves: the same rows, an error, or fewer rows without a word."""

from bench.collecting import OURS, TYPED, collect, listing
from bench.goals import Finding, OutputsDiffer
from bench.plan import Plan
from bench.process import ChildFailed
from bench.serving import Served, serving
from bench.stub.options import Fault, Options

_ROWS, _SIZE = 150, 50
_SAME, _REFUSED, _LOST = "same rows", "an error", "ROWS LOST"
# Followed without asking whether it was seen before, a circle does not end.
_ASK_OTHERS = tuple(fault for fault in Fault if fault is not Fault.CIRCLE)


def findings(plan: Plan) -> list[Finding]:
    """Raises OutputsDiffer if we do not get the same rows, or an error where there are none."""
    options = listing(_ROWS, _SIZE)
    others = (TYPED,) if plan.is_quick else (TYPED, "httpx + json", "sdk raw")
    asked = [Fault.EMPTY_PAGE] if plan.is_quick else _ASK_OTHERS
    with serving(options) as healthy:
        expected = collect(OURS, healthy, healthy).result["outcome"]
        cases = [(OURS, fault) for fault in Fault]
        cases += [(other, fault) for other in others for fault in asked]
        found = [(*case, _outcome(*case, healthy, expected)) for case in cases]
    for variant, fault, outcome in found:
        _check(variant, fault, outcome)
    return [_finding(*each) for each in found]


def _outcome(variant: str, fault: Fault, healthy: Served, expected: object) -> str:
    listings = {"guests": (_ROWS, _SIZE)}
    with serving(Options(listings=listings, fault=fault)) as broken:
        try:
            outcome = collect(variant, broken, healthy).result["outcome"]
        except ChildFailed:
            return _REFUSED
    return _SAME if outcome == expected else _LOST


def _check(variant: str, fault: Fault, outcome: str) -> None:
    wanted = _REFUSED if fault is Fault.CIRCLE else _SAME
    if variant == OURS and outcome != wanted:
        raise OutputsDiffer(f"ours, {fault}")


def _finding(variant: str, fault: Fault, outcome: str) -> Finding:
    return Finding(section="faults", what=f"{variant}, {fault}", words=outcome)
