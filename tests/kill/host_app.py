"""The function app with a lease of seconds and Graph's shared limits on a stopwatch that jumps.

A host that is killed leaves its lease behind, and tests cannot wait for five minutes.
"""

import os
from datetime import timedelta

import azure.functions as func

from dev.timepiece import Stopwatch
from functions import links, portal, runs, schedules, upkeep
from shared_code import wiring
from shared_code.settings import read_settings
from shared_code.sources.graph.limits import Limiter
from shared_code.wiring.build import build

_stopwatch = Stopwatch()
wiring._current.append(
    build(
        read_settings(os.environ),
        limiter=Limiter(clock=_stopwatch, sleep=_stopwatch.sleep, patience=3600),
        lease=timedelta(seconds=float(os.environ["TEST_LEASE_SECONDS"])),
    )
)

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (schedules, runs, links, portal, upkeep):
    app.register_functions(module.blueprint)
