"""平替: the price of an offer against a named reference, per content and only for the same material.

A price for less content, or for another material, is no substitute: the ratio is refused and the reason says what differs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.reasons import reason
from analysis.sources.content_units import content_in
from analysis.sources.folding import fold


def benchmark_ratios(prices: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """`prices` (`sku unit_price` in any index) against the articles' references: `ratio_to_named` and its `note`.

    The ratio is price per content over the reference's price per content; NaN where there is none, and the note says why.

    >>> articles = pd.DataFrame({"sku": ["POT"], "benchmark_price": [690.0], "benchmark_from": ["brand"], "content": [2.0],
    ...     "content_unit": ["kg"], "benchmark_content": [4000.0], "benchmark_unit": ["g"], "material": ["铸铁"], "benchmark_material": ["铸铁"]})
    >>> benchmark_ratios(pd.DataFrame({"sku": ["POT"], "unit_price": [69.0]}), articles)["ratio_to_named"].round(6).tolist()
    [0.2]
    """
    named = articles.dropna(subset=["sku", "benchmark_price"]).drop_duplicates("sku").set_index("sku")
    known = dict(zip(named.index, named.to_dict("records")))
    found = [_ratio(price, known.get(sku)) for sku, price in zip(prices["sku"], prices["unit_price"].astype(float))]
    return pd.DataFrame(found, index=prices.index, columns=["ratio_to_named", "benchmark_note"])


def _ratio(price: float, row: dict[str, object] | None) -> tuple[float, str | None]:
    if row is None:
        return np.nan, None
    own, its = (_told(row.get(name)) for name in ("material", "benchmark_material"))
    values = {"source": _told(row.get("benchmark_from")) or "-", "own": own or "-", "other": its or "-"}
    if not own or not its or fold(own) != fold(its):
        return np.nan, reason("before_order.benchmark_material", **values)
    contents = _contents(row)
    if contents is None:
        return np.nan, reason("before_order.benchmark_content", **values)
    ratio = (price / contents[0]) / (float(str(row["benchmark_price"])) / contents[1])
    return ratio, reason("before_order.benchmark_ratio", ratio=ratio, **values)


def _told(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _contents(row: dict[str, object]) -> tuple[float, float] | None:
    """Own and reference content in one unit; None where either is not known or they measure different things."""
    unit = row.get("content_unit")
    other = row.get("benchmark_unit")
    (kind, size), (its, its_size) = content_in(unit), content_in(unit if not _told(other) else other)
    own, reference = (pd.to_numeric(row.get(name)) for name in ("content", "benchmark_content"))
    if kind != its or not own > 0 or not reference > 0:
        return None
    return float(own) * size, float(reference) * its_size
