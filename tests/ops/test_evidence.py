"""The engineers' command that shows what was delivered."""

from msgspec.structs import replace

from ops.evidence import table
from shared_code.service.evidence import Proof
from tests.service.digests import EIGHT, run
from tests.service.stage import tenant


def test_the_table_has_one_line_per_run_whatever_the_customer_is_called() -> None:
    named = replace(tenant(), customer="Contoso\nGmbH\x1b[31m")
    proof = Proof(tenant=named, run=run(), is_late=True, openings=3, mailed=EIGHT, recipients=2)

    head, line = table([proof]).splitlines()

    assert head.split() == [
        *("customer", "report", "due", "delivered", "state"),
        *("late", "opened", "mailed", "to"),
    ]
    assert "\x1b" not in line
    assert line.split()[-5:] == ["late", "3", f"{EIGHT:%Y-%m-%d}", f"{EIGHT:%H:%M}", "2"]


def test_what_never_happened_is_a_dash() -> None:
    unsent = replace(run(), delivered=None)

    line = table([Proof(tenant=tenant(), run=unsent, is_late=False)]).splitlines()[1]

    assert line.split()[-3:] == ["0", "-", "0"]
