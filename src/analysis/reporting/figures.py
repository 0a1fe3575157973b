"""Plots as SVG for the report. Letters stay letters: Typst sets them in the report's own font."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from analysis.reporting.plot_style import style

MOST_ROWS = 25
"""A plot shows at most so many suppliers; its caption says which."""


@contextmanager
def drawing() -> Iterator[None]:
    """The report's plot style, with a glyph that the font lacks as an error."""
    with mpl.rc_context(style()), warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*[Gg]lyph")
        yield


def axes_in_row(count: int, height: float, width: float = 6.85, **options: Any) -> list[Axes]:
    """`count` Axes side by side on one figure; inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return list(figure.subplots(1, count, squeeze=False, **options)[0])


def drawn(plot: Callable[[Axes], Axes], height: float) -> str:
    """What `plot` draws on an Axes of its own, across the page and `height` inches high, as SVG in the report's style."""
    with drawing():
        return as_svg(plot(axes_in_row(1, height)[0]))


def row_height(rows: int) -> float:
    """Inches that a plot of `rows` suppliers needs."""
    return 0.7 + 0.15 * max(rows, 1)


def as_svg(axes: Axes) -> str:
    """The figure that `axes` belong to, the same bytes each time; drawn once, where `savefig` draws twice for the layout."""
    buffer = io.StringIO()
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("axes must belong to a figure; these were removed from theirs")
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
