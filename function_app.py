"""The function app as the host loads it: the blueprints of functions/, nothing else."""

import azure.functions as func

from functions import links, portal, runs, schedules, upkeep

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (schedules, runs, links, portal, upkeep):
    app.register_functions(module.blueprint)
