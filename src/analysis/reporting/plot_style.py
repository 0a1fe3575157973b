"""The style of every plot: font, colours, size, and how names and shares are written on it.

Colours are from Okabe and Ito's palette, which colour-blind readers can tell apart.

.. Okabe, M. and Ito, K. (2008). Color Universal Design.
"""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from IPython.core.getipython import get_ipython
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.reporting.glyphs import FAMILY, font_file

INK, QUIET, FAINT = "#24313d", "#5d6975", "#d8dde3"
BLUE, ORANGE, GREEN, SKY = "#0072b2", "#d55e00", "#009e73", "#56b4e9"


GRADE_COLOURS = {"A": BLUE, "B": QUIET, "C": ORANGE}


def style() -> dict[Any, Any]:
    """matplotlib settings of every plot: `with mpl.rc_context(style()): ...`; the font is registered by its path."""
    if FAMILY not in font_manager.fontManager.get_font_names():
        font_manager.fontManager.addfont(font_file())
    return {
        "font.family": FAMILY, "font.size": 8, "text.color": INK, "axes.labelcolor": QUIET, "axes.labelsize": 7.5,
        "xtick.color": QUIET, "ytick.color": INK, "xtick.labelsize": 7.5, "ytick.labelsize": 8,
        "axes.edgecolor": FAINT, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
        "axes.grid": True, "axes.grid.axis": "x", "grid.color": "#e9edf1", "grid.linewidth": 0.6, "axes.axisbelow": True,
        "ytick.major.size": 0, "xtick.major.size": 2, "legend.frameon": False, "legend.fontsize": 7.5,
        "axes.unicode_minus": False, "text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "review", "pdf.fonttype": 42,
        "figure.dpi": 110,
    }  # fmt: skip


def use_style() -> None:
    """Draw everything from here on in the report's style, and print tables in full width; for notebooks."""
    mpl.rcParams.update(style())
    pd.set_option("display.width", 220, "display.max_columns", None, "display.max_colwidth", 70)
    pd.set_option("display.unicode.east_asian_width", True, "display.html.use_mathjax", False)
    if (shell := get_ipython()) is not None and shell.display_formatter is not None:
        shell.display_formatter.formatters["image/png"].for_type(Figure, _as_png)


def _as_png(figure: Figure) -> bytes:
    """The figure drawn once; `savefig` draws it twice for the layout, and trimming would draw it a third time."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()


def new_axes(width: float = 6.85, height: float = 3.0) -> Axes:
    """An empty Axes on a figure of its own, which a notebook shows at the end of its cell; inches."""
    return plt.figure(figsize=(width, height), layout="constrained").add_subplot()


def in_percent(axis: Axis) -> None:
    """Shares as percentages: steps of 1, 2 or 5 and as many digits as they need, so that no label is a rounded place."""
    axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda share, _: f"{round(100 * share, 6):g}%")


def shortened(name: str, width: int = 32) -> str:
    """`name` cut to `width` columns, a Chinese character taking two."""
    used = 0
    for place, character in enumerate(name):
        used += 2 if ord(character) > 0x2E7F else 1
        if used > width:
            return name[:place].rstrip() + "…"
    return name
