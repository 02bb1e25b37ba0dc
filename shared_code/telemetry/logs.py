"""Every line written during a run says at its end whose it is, whichever library writes it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from shared_code.core.run import RunRequest

_request: ContextVar[RunRequest | None] = ContextVar("run", default=None)


class RunRecord(logging.LogRecord):
    """Takes the run from where the line is written: tasks and threads of a run are its own.

    The fields stand in the text because the Functions worker hands nothing else to the host; they
    are attributes too, for handlers that send those. At the end, because alerts look at beginnings.
    """

    run_id: str
    tenant_id: str
    report: str
    attempt: int

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # pyright: ignore[reportArgumentType]
        self._fields = ""
        if request := _request.get():
            self.run_id, self.tenant_id = request.run_id, request.tenant_id
            self.report, self.attempt = request.report, request.attempt
            self._fields = (
                f" run={request.run_id} tenant={request.tenant_id}"
                f" report={request.report} attempt={request.attempt}"
            )

    def getMessage(self) -> str:  # noqa: N802 - logging's name
        text = super().getMessage()
        # A handler that hands records on has put the text in the message's place already.
        return text if text.endswith(self._fields) else text + self._fields


def structure_logs() -> None:
    """For all loggers of the process, those of libraries too."""
    logging.setLogRecordFactory(RunRecord)


@contextmanager
def logged_as(request: RunRequest) -> Generator[None]:
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)
