"""One attempt at a run: what it took, and how it ended, in one line of the log and for observers."""

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared_code.core.effort import Effort
from shared_code.core.meter import Meter, metering
from shared_code.core.run import Run, RunRequest

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Attempt:
    """`state` is that of the run; "skipped" if there was nothing to do; or an error's class."""

    request: RunRequest
    meter: Meter
    state: str = ""
    effort: Effort = field(default_factory=Effort)
    end: datetime = field(init=False)

    def settled(self, run: Run | None) -> None:
        self.state = run.state.value if run else "skipped"

    def close(self) -> None:
        self.effort = self.meter.effort()
        self.end = self.meter.clock()


class Observer(Protocol):
    """Is told of each attempt once it is over. Does not wait; what it raises changes nothing."""

    def ended(self, attempt: Attempt) -> None: ...


@contextmanager
def attempted(
    request: RunRequest, meter: Meter, observers: Sequence[Observer] = ()
) -> Generator[Attempt]:
    attempt = Attempt(request, meter)
    with metering(meter):
        try:
            yield attempt
        except BaseException as error:
            attempt.state = type(error).__name__
            raise
        finally:
            attempt.close()
            _tell(attempt)
            for observer in observers:
                _show(observer, attempt)


def _show(observer: Observer, attempt: Attempt) -> None:
    try:
        observer.ended(attempt)
    except Exception as error:  # noqa: BLE001 - a delivered run would be repeated, an error hidden
        _log.error("observer %s failed: %s", type(observer).__name__, type(error).__name__)


def _tell(attempt: Attempt) -> None:
    effort = attempt.effort
    # Read by infra/workbook.json: the order counts.
    _log.info(
        "run ended state=%s rows=%d pages=%d requests=%d retries=%d throttled=%d received=%d "
        "operations=%d seconds=%.3f collect=%.3f build=%.3f render=%.3f file=%.3f cost=%.6f",
        attempt.state,
        *(effort.rows, effort.pages, effort.requests, effort.retries, effort.throttled),
        *(effort.received, effort.operations, effort.seconds, effort.collect, effort.build),
        *(effort.render, effort.file, effort.cost),
    )
