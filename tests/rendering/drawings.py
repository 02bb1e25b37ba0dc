"""A chart as tests read it: the elements of its SVG."""

from xml.etree import ElementTree as ET

from shared_code.core.chart import (
    Chart,
)
from shared_code.core.text import Language
from shared_code.rendering.charts import draw
from shared_code.rendering.language import Voice

GERMAN, ENGLISH = (Voice(language, "Europe/Vienna") for language in Language)


def drawn(chart: Chart, voice: Voice = GERMAN) -> ET.Element:
    return ET.fromstring(draw(chart, voice, "c"))


def styled(root: ET.Element, style: str) -> list[ET.Element]:
    return [each for each in root.iter() if style in (each.get("class") or "").split()]


def words(root: ET.Element, style: str) -> list[str]:
    return ["".join(each.itertext()) for each in styled(root, style)]


def number(element: ET.Element, name: str) -> float:
    return float(element.attrib[name])
