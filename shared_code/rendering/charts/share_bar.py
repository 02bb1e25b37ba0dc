"""A share as a small bar in a cell."""

from markupsafe import Markup

_LONG, _THICK = 56, 8


def share_bar(rate: float) -> Markup:
    """Decoration: the number stands beside it."""
    return Markup(
        '<svg class="share" viewBox="0 0 {long} {thick}" width="{long}" height="{thick}"'
        ' aria-hidden="true" focusable="false">'
        '<rect class="track" width="{long}" height="{thick}" rx="2"></rect>'
        '<rect class="part" width="{part}" height="{thick}" rx="2"></rect></svg>'
    ).format(long=_LONG, thick=_THICK, part=f"{_LONG * min(1, max(0, rate)):.1f}")
