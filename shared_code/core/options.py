"""Options: what a tenant may choose of one report, beside when it comes and how it treats people."""

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report type that can be configured declares its own; every field has a default."""


DEFAULTS = Options()
