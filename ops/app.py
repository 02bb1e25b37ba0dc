"""The engineers' command line: every group of commands, and what all of them promise."""

import typer

from ops import assess, gdap, links, queues, readiness, runs, sla, tenants

app = typer.Typer(
    name="ops",
    help="The M365 reporting service, from an engineer's machine.",
    epilog=(
        "Exit codes: 0 done, 1 not found or refused, 2 usage, 3 settings or sign-in, "
        "4 storage or Microsoft does not answer."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_GROUPS = (
    tenants.app,
    readiness.app,
    gdap.app,
    runs.app,
    links.app,
    queues.queues_app,
    queues.poison_app,
    sla.app,
    assess.app,
)
for _group in _GROUPS:
    app.add_typer(_group)
