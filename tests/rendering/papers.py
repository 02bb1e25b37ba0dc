"""What a PDF says, and whether it keeps the promises of PDF/UA-1."""

import re
import shutil
import subprocess

import page
import pytest
from page import ValidationProfile

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="not installed: poppler-utils"
)

_BOX = re.compile(r'<word xMin="([\d.]+)" .*? xMax="([\d.]+)" .*?>(.*?)</word>')


def is_conformant(pdf: bytes) -> bool:
    return page.validate_pdf_bytes(pdf, profile=ValidationProfile.PDF_UA_1).is_compliant


def text_of(pdf: bytes) -> str:
    """In one line, because a narrow column breaks names."""
    return " ".join(pages_of(pdf))


def pages_of(pdf: bytes) -> list[str]:
    pages = _told(pdf, "pdftotext", "-", "-").replace("\u200b", "").split("\f")
    return [" ".join(each.split()) for each in pages if each]


def facts_of(pdf: bytes) -> dict[str, str]:
    facts = (fact.partition(":") for fact in _told(pdf, "pdfinfo", "-").splitlines())
    return {name: value.strip() for name, _, value in facts}


def right_ends(pdf: bytes) -> list[float]:
    """Of all words, in points."""
    return [end for _, end, _ in boxes(pdf)]


def boxes(pdf: bytes) -> list[tuple[float, float, str]]:
    """Where each word begins and ends, in points, and the word."""
    told = _told(pdf, "pdftotext", "-bbox", "-", "-")
    return [(float(x), float(end), word) for x, end, word in _BOX.findall(told)]


def _told(pdf: bytes, *command: str) -> str:
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
