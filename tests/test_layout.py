"""The laid-out pages: nothing smaller than 7 points, outside its page or printed over something else; colours that can be read."""

import io
import re
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.ft2font import FT2Font, LoadFlags
from pypdf import PdfReader
from review_tables import AS_OF, facts, names, review_tables

from analysis.reporting import plot_style
from analysis.reporting.glyphs import font_file
from analysis.reporting.pdf import compile_pdf
from analysis.reporting.sections import report_content

LEAST, WIDTH, HEIGHT = 7.0, 595.28, 841.89
LONG = "佛山市南海区盐步某某五金塑料制品实业有限公司第二分厂"[:24] + "International Hardware Works"
"""A name of 60 columns."""


def long_named(count: int) -> dict:
    tables, renamed = review_tables(count), {name: f"{LONG[:50]}{n:03d}" for n, name in enumerate(names(count))}
    for name, table in tables.items():
        for column in table.columns.intersection(["supplier", "backup", "present_supplier"]):
            tables[name] = tables[name].assign(**{column: tables[name][column].replace(renamed)})
    return tables


def half_missing() -> dict:
    tables = review_tables(8)
    return {
        name: tables[name] for name in ("orders", "scorecard", "lead_times", "accounting", "quarantine", "open_orders")
    }


MONTHS = {"3 suppliers": lambda: long_named(3), "25 suppliers": lambda: long_named(25), "half missing": half_missing}


CASES = [("3 suppliers", "en"), ("25 suppliers", "zh"), ("25 suppliers", "en"), ("half missing", "zh")]
FONT = FT2Font(font_file())


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def runs(request):
    """Every run of text of a report's pages: page, x, y, size and text, in points."""
    month, language = request.param
    content = report_content(MONTHS[month](), facts(), language)
    pages = PdfReader(io.BytesIO(compile_pdf(content, AS_OF))).pages
    return [run for number, page in enumerate(pages, start=1) for run in runs_of(page, number)]


def runs_of(page, number):
    found = []

    def seen(text, cm, tm, font, size):
        if text.strip():
            scale = np.hypot(tm[2], tm[3]) * np.sqrt(abs(cm[0] * cm[3] - cm[1] * cm[2]))  # turned or not
            x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((number, x, y, size * scale, text.strip("\n")))

    page.extract_text(visitor_text=seen)
    return found


def width_of(text: str, size: float) -> float:
    FONT.set_size(size, 72)
    FONT.set_text(text, flags=LoadFlags.NO_HINTING)
    return FONT.get_width_height()[0] / 64


def test_no_text_is_smaller_than_seven_points(runs):
    assert len(runs) > 50
    assert [run for run in runs if run[3] < LEAST - 0.05] == []


def test_no_text_leaves_its_page(runs):
    assert [run for run in runs if not (run[1] > 0 and 0 < run[2] < HEIGHT)] == []
    assert [run for run in runs if run[1] + width_of(run[4], run[3]) > WIDTH] == []


def test_no_text_is_printed_over_another(runs):
    assert overprinted(runs) == []


def overprinted(runs) -> list[tuple[int, str, str]]:
    """Page and texts of runs on one line, of which the second begins before the first ends, by more than a blank's width."""
    boxes = sorted((page, round(y, 1), x, x + least_width(text.strip(), size), text) for page, x, y, size, text in runs)
    return [
        (one[0], one[4], other[4]) for one, other in pairwise(boxes) if one[:2] == other[:2] and other[2] < one[3] - 2.0
    ]


def least_width(text: str, size: float) -> float:
    """Chinese punctuation may be set half as wide as it is."""
    return width_of(text, size) - 0.5 * size * sum(mark in "，。：；、！？（）“”‘’《》" for mark in text)


def test_overprinting_is_found():
    assert overprinted([(1, 50.0, 700.0, 8.0, "supplier"), (1, 60.0, 700.0, 8.0, "rating")]) == [
        (1, "supplier", "rating")
    ]
    assert overprinted([(1, 50.0, 700.0, 8.0, "supplier"), (1, 90.0, 700.0, 8.0, "rating")]) == []


def test_a_report_has_sixteen_pages_at_most(runs):
    assert max(page for page, *_ in runs) <= 16


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2: (L1 + 0.05) / (L2 + 0.05)."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_text_can_be_read_on_its_ground():
    """The colours that the pages and the plots write with, on every ground that they write on."""
    template = (resources.files("analysis.reporting") / "review.typ").read_text("utf-8")
    named = dict(re.findall(r'#let ([a-z-]+) = rgb\("(#[0-9a-f]{6})"\)', template))
    assert {"ink", "quiet", "pale", "blue", "orange"} <= set(named)
    inks = [named["ink"], named["quiet"], named["blue"], named["orange"], plot_style.INK, plot_style.QUIET]
    grounds = ["#ffffff", named["pale"], "#fdf1e7"]
    low = [(ink, ground) for ink in inks for ground in grounds if contrast(ink, ground) < 4.5]
    assert low == []
    shades = re.findall(r'rgb\("(#[0-9a-f]{6})"\), \((?:0\.5 - value|value - 0\.5)\)', template)
    assert len(shades) == 2 and all(contrast(named["ink"], shade) >= 4.5 for shade in shades)
    assert all(contrast("#ffffff", named[chip]) >= 4.5 for chip in ("blue", "orange", "quiet"))
