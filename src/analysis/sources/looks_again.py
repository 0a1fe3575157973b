"""Inspections whose remark says that the same pieces are looked at once more."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import REMARK

_AGAIN = re.compile(
    r"(?P<before>[需待要应须请将未]|建议|安排|准备|\b(?:to|be|needs?|should|must|will|pending|for)\b)?\s*"
    r"(?:复检|复验|重检|重验|(?:返工|返修)后|二检|第?二次(?:检|验)|re-?inspect\w*|after re(?:work|pair))",
    re.IGNORECASE,
)


def looks_again(rows: pd.DataFrame) -> pd.DataFrame:
    """Inspections without their remarks, marked as a further look where one says so and a row above is of the same order; one that
    is still to come marks nothing."""
    if REMARK.name not in rows:
        return rows
    texts = pd.Series(clean_column(rows[REMARK.name]), rows.index)
    rows = rows.drop(columns=REMARK.name)
    if "order_id" not in rows:
        return rows
    own = rows.get("reinspection", pd.Series("", rows.index)).astype(object)
    order = pd.Series(clean_column(rows["order_id"]), rows.index)
    found = map(_AGAIN.search, texts)
    said = np.array([told is not None and not told["before"] for told in found], bool)
    again = said & order.duplicated() & (clean_column(own) == "")
    return rows.assign(reinspection=own.mask(again, "yes")) if again.any() else rows
