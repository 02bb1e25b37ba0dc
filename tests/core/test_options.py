"""Options: read as the report type declares them, refused by name where they do not fit."""

import dataclasses
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from shared_code.core.errors import ConfigurationError
from shared_code.core.options import Options
from shared_code.core.tenant import Tenant
from shared_code.storage.spool import open_spool
from tests.service.stage import CONTOSO, TINY, tenant


class Shade(Options, frozen=True, kw_only=True):
    darkest: int = 7
    named: tuple[str, ...] = ("grey",)


class Tint(Options, frozen=True, kw_only=True):
    lightest: int = 1


SHADED = dataclasses.replace(TINY, options=Shade)


def test_a_tenant_that_chose_nothing_gets_the_defaults() -> None:
    assert SHADED.options_of(tenant()) == Shade()


def test_what_a_tenant_chose_survives_its_row() -> None:
    chosen = replace(tenant(), options={SHADED.name: {"named": ["ash", "slate"]}})
    again = msgspec.json.decode(msgspec.json.encode(chosen), type=Tenant)
    assert again == chosen
    assert SHADED.options_of(again) == Shade(named=("ash", "slate"))


@pytest.mark.parametrize("wrong", [{"darkest": "black"}, {"darkst": 7}])
def test_options_that_do_not_fit_name_tenant_and_report(wrong: dict[str, object]) -> None:
    chosen = replace(tenant(), options={SHADED.name: wrong})
    with pytest.raises(ConfigurationError, match=f"{SHADED.name} for {CONTOSO}"):
        SHADED.options_of(chosen)


def test_a_builder_gets_the_options_its_report_type_declares(tmp_path: Path) -> None:
    with open_spool(tmp_path) as spool:
        data = spool.snapshot({}, Shade(darkest=9))
        assert data.options(Shade).darkest == 9
        with pytest.raises(TypeError, match="Tint"):
            data.options(Tint)
