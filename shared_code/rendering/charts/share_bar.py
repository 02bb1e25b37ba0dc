"""A share as a small bar in a cell."""

import math

from markupsafe import Markup


def share_bar(rate: float) -> Markup:
    """Decoration: the number stands beside it. The page's script draws the same."""
    return Markup(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="part" width="{}" height="8"></rect></svg>'
    ).format(math.floor(100 * min(1, max(0, rate)) + 0.5))
