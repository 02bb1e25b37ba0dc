"""Charts of a report: as inline SVG, as a table of numbers, and as SVG files of their own."""

from shared_code.rendering.charts.draw import draw, legend, standalone
from shared_code.rendering.charts.numbers import Numbers, numbers
from shared_code.rendering.charts.share_bar import share_bar
from shared_code.rendering.charts.sparkline import sparkline

__all__ = ["Numbers", "draw", "legend", "numbers", "share_bar", "sparkline", "standalone"]
