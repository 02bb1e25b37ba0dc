"""The past of a key figure as one small line."""

from collections.abc import Sequence

from markupsafe import Markup


def sparkline(values: Sequence[float], *, width: int = 84, height: int = 28) -> Markup:
    """Nothing for fewer than two points. Decoration: the number and its delta stand beside it."""
    if len(values) < 2:  # noqa: PLR2004 - a line has two ends
        return Markup()
    low, spread = min(values), (max(values) - min(values)) or 1
    step = (width - 8) / (len(values) - 1)
    points = [
        (4 + n * step, 4 + (height - 8) * (1 - (value - low) / spread))
        for n, value in enumerate(values)
    ]
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-hidden="true"'
        ' focusable="false"><path d="{path}" fill="none" stroke-width="2" stroke-linecap="round"'
        ' stroke-linejoin="round"/><circle cx="{x}" cy="{y}" r="3"/></svg>'
    ).format(w=width, h=height, path=path, x=f"{points[-1][0]:.1f}", y=f"{points[-1][1]:.1f}")
