"""Units of what a piece holds (500 g, 2 l): what they measure, and how much."""

from __future__ import annotations

from analysis.sources.folding import fold

CONTENT_UNITS = {
    "g": ("mass", 1.0), "克": ("mass", 1.0), "kg": ("mass", 1000.0), "千克": ("mass", 1000.0), "公斤": ("mass", 1000.0),
    "斤": ("mass", 500.0), "mg": ("mass", 0.001), "毫克": ("mass", 0.001), "ml": ("volume", 1.0), "毫升": ("volume", 1.0),
    "l": ("volume", 1000.0), "升": ("volume", 1000.0), "mm": ("length", 0.1), "毫米": ("length", 0.1), "cm": ("length", 1.0),
    "厘米": ("length", 1.0), "m": ("length", 100.0), "米": ("length", 100.0),
}  # fmt: skip
"""What a unit of content measures, and how many g, ml or cm it is."""


def content_in(unit: object) -> tuple[str, float]:
    """What the unit of a content measures and its size; a unit that nobody knows measures itself.

    >>> content_in("kg"), content_in("片")
    (('mass', 1000.0), ('片', 1.0))
    """
    text = fold(unit)
    return CONTENT_UNITS.get(text, (text, 1.0))
