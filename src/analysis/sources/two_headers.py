"""Headers in two rows: a title of a group stands above those of its columns (到货 above 日期 and 数量), in merged cells or before blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from analysis.sources.cells import clean_text

_LEAST = 2
"""Cells that the lower of two rows of headers holds at least."""


def in_two_rows(upper: Sequence[object], lower: Sequence[object], is_known: Callable[[str], bool]) -> list[str]:
    """The headers of two rows as one: the title with the header below it where that is a header we know, else the lower cell, else
    the upper one; none where the lower row holds data.

    >>> in_two_rows(["订单号", "数量", "", "到货"], ["", "订购", "实收", "日期"], {"订购数量", "实收数量", "到货日期"}.__contains__)
    ['订单号', '订购数量', '实收数量', '到货日期']
    """
    told = [cell for cell in lower if clean_text(cell)]
    if len(told) < _LEAST or any(not isinstance(cell, str) or re.search(r"\d", cell) for cell in told):
        return []
    texts, title = [], ""
    for above, below in zip_longest(map(clean_text, upper), map(clean_text, lower), fillvalue=""):
        title = above or title
        together = (f"{title}{below}", f"{below}{title}", f"{title}({below})") if title and below else ()
        texts.append(next(filter(is_known, together), below or above))
    return texts
