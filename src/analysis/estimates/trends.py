"""What each month brought, supplier by supplier: defect rate, days, promises kept and price, with intervals; who gets better or worse.

These are what was seen, month by month; what is to be expected stands in the posteriors. Pieces of one lot and lines of one supplier are
more alike than chance, so counts weigh only as much as their scatter between suppliers and months allows (quasi-binomial [1]).

.. [1] McCullagh, P. and Nelder, J. (1989). Generalized Linear Models, 2nd ed., section 4.5.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimates.looks import looked_at

MEASURES = ("defect_rate", "days", "on_time", "price")
SHARES = ("defect_rate", "on_time")
ALL = ""
"""The row of all suppliers together."""
TREND_COLUMNS = ["supplier", "month", "measure", "observations", "value", "value_low", "value_high"]
"""`month` its first day. `value`: share of inspected pieces defective, typical days of what arrived in the month, share of the lines due
in it that came by the promised day, price against the usual one of the SKU at that stage (1); `n` pieces, deliveries (of days) or lines."""
CHANGE_COLUMNS = ["supplier", "measure", "span", "n_before", "n_now", "before", "now", "p_worse"]
LEAST_VARIANCE = 1e-4
"""Of a logarithm: lines that are all alike are taken to vary by a hundredth."""
WHOLE_DAYS = 1 / 6
"""Variance of a number of days, in days squared, from its two dates alone: neither tells the hour."""
SPANS = {"month": (1, 1), "quarter": (3, 9)}
"""Months now and before that are compared."""


def monthly_sums(
    orders: pd.DataFrame, inspections: pd.DataFrame, as_of: pd.Timestamp, months: int = 24
) -> pd.DataFrame:
    """`supplier month measure n x xx`, over the last `months` months: count, sum and sum of squares; for shares x of n."""
    parts = [_defects(orders, inspections), _days(orders), _promises(orders, as_of), _prices(orders)]
    seen = pd.concat(parts, ignore_index=True)
    seen["month"] = seen["day"].dt.to_period("M").dt.to_timestamp()
    first = as_of.to_period("M").to_timestamp() - pd.DateOffset(months=months - 1)
    seen = seen[(seen["month"] >= first) & (seen["day"] <= as_of)]
    sums = seen.groupby(["supplier", "month", "measure"], as_index=False)[["n", "x", "xx"]].sum()
    whole = seen.groupby(["month", "measure"], as_index=False)[["n", "x", "xx"]].sum().assign(supplier=ALL)
    return pd.concat([whole, sums], ignore_index=True)[["supplier", "month", "measure", "n", "x", "xx"]]


def monthly_trends(sums: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """Each supplier's value of each measure and month with its interval: `TREND_COLUMNS`."""
    middle, error = _estimate(sums, _scatter(sums))
    z = stats.norm.ppf(0.5 + level / 2)
    low, high = _back(sums["measure"], middle - z * error), _back(sums["measure"], middle + z * error)
    share = sums["measure"].isin(SHARES).to_numpy()
    seen = np.where(share, sums["x"] / sums["n"], _back(sums["measure"], middle))
    table = sums.assign(value=seen, value_low=np.minimum(low, seen), value_high=np.maximum(high, seen))
    return table.sort_values(["supplier", "measure", "month"], ignore_index=True).rename(columns={"n": "observations"})[
        TREND_COLUMNS
    ]


def trend_changes(sums: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Each supplier's last month against the one before, and last three against the nine before: `CHANGE_COLUMNS`.

    `p_worse`: that the later value is truly worse; missing where either side saw nothing.
    """
    scatter = _scatter(sums)
    ago = _months_ago(sums["month"], as_of)
    tables = []
    for span, (now, before) in SPANS.items():
        sides = [_pooled(sums[(ago >= first) & (ago < last)]) for first, last in ((0, now), (now, now + before))]
        both = sides[0].merge(sides[1], on=["supplier", "measure"], suffixes=("_now", "_before"))
        tables.append(_compared(both, scatter).assign(span=span))
    return pd.concat(tables, ignore_index=True)[CHANGE_COLUMNS]


def _compared(both: pd.DataFrame, scatter: pd.DataFrame) -> pd.DataFrame:
    later, earlier = (
        both[["supplier", "measure", *(f"{name}_{side}" for name in ("n", "x", "xx"))]].set_axis(
            ["supplier", "measure", "n", "x", "xx"], axis=1
        )
        for side in ("now", "before")
    )
    (m1, e1), (m0, e0) = _estimate(later, scatter), _estimate(earlier, scatter)
    up = stats.t.cdf((m1 - m0) / np.sqrt(e1**2 + e0**2), _spread_of(both, scatter)["free"])
    worse = np.where(both["measure"] == "on_time", 1 - up, up)
    seen = (_back(both["measure"], (side["x"] / side["n"]).to_numpy(float)) for side in (later, earlier))
    return both.assign(
        p_worse=worse, **dict(zip(("now", "before"), seen))
    )  # what anybody counts; the odds are the estimates'


def _pooled(sums: pd.DataFrame) -> pd.DataFrame:
    return sums.groupby(["supplier", "measure"], as_index=False)[["n", "x", "xx"]].sum()


def _months_ago(months: pd.Series, as_of: pd.Timestamp) -> np.ndarray:
    return (as_of.year - months.dt.year).to_numpy() * 12 + as_of.month - months.dt.month.to_numpy()


# ---- from sums to estimates, on a scale on which errors add up ----


def _estimate(sums: pd.DataFrame, scatter: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and standard error: of a share its Jeffreys posterior's, of days and prices the mean of logarithms'."""
    n, x = sums["n"].to_numpy(float), sums["x"].to_numpy(float)
    spread = _spread_of(sums, scatter)["spread"].to_numpy(float)
    share = sums["measure"].isin(SHARES).to_numpy()
    good, all_ = np.where(share, x, 0) / spread + 0.5, np.where(share, n, 1) / spread + 1.0
    rate = good / all_
    of_share = np.sqrt(rate * (1 - rate) / (all_ + 1))
    return np.where(share, rate, x / n), np.where(share, of_share, np.sqrt(spread / n))


def _scatter(sums: pd.DataFrame) -> pd.DataFrame:
    """By measure and whether all suppliers are meant: how much more than chance the shares of suppliers scatter by month (1 at least), or the
    variance of one line (`spread`), and from how many degrees of freedom it is known (`free`). Whose lines a month has differs: those of all
    vary as suppliers do."""
    everybody = sums["supplier"] == ALL
    found = {}
    for name in MEASURES:
        own, all_ = (sums[(sums["measure"] == name) & (everybody == whole)] for whole in (False, True))
        found[name, False] = _of_measure(own, name)
        found[name, True] = found[name, False] if name in SHARES else _of_measure(all_, name)
    return pd.DataFrame(found, ["spread", "free"]).T


def _spread_of(sums: pd.DataFrame, scatter: pd.DataFrame) -> pd.DataFrame:
    """The rows of `scatter` that hold for `sums`."""
    return scatter.reindex(pd.MultiIndex.from_arrays([sums["measure"], sums["supplier"] == ALL])).set_axis(sums.index)


def _of_measure(sums: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Within suppliers, over their months: Pearson's chi-square by its degrees of freedom, or the pooled variance."""
    whole = sums.groupby("supplier")[["n", "x", "xx"]].transform("sum")
    free = len(sums) - sums["supplier"].nunique()
    if measure in SHARES:
        rate = ((whole["x"] + 0.5) / (whole["n"] + 1)).to_numpy(float)
        chi = ((sums["x"] - sums["n"] * rate) ** 2 / (sums["n"] * rate * (1 - rate))).sum()
        return (max(1.0, float(chi / free)) if free > 0 else 1.0), np.inf
    each = sums[["n", "x", "xx"]].sum()
    by_supplier = sums.groupby("supplier")[["n", "x", "xx"]].sum()
    lines = each["n"] - len(by_supplier)
    inside = (by_supplier["xx"] - by_supplier["x"] ** 2 / by_supplier["n"]).sum()
    if not lines > 0:
        return 1.0, np.inf
    least = max(LEAST_VARIANCE, WHOLE_DAYS / np.exp(2 * each["x"] / each["n"])) if measure == "days" else LEAST_VARIANCE
    return max(least, float(inside / lines)), float(lines)


def _back(measure: pd.Series, values: np.ndarray) -> np.ndarray:
    """From the scale of the estimate to the measure's own."""
    share = measure.isin(SHARES).to_numpy()
    return np.where(share, np.clip(values, 0, 1), np.exp(np.where(share, 0, values)))


# ---- what is seen of each measure: supplier, day, n and sums ----


def _defects(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    seen = looked_at(orders, inspections)
    return _seen("defect_rate", seen["supplier"], seen["inspected_on"], seen["inspected"], seen["defective"])


def _days(orders: pd.DataFrame) -> pd.DataFrame:
    """What came of an order on one day is one delivery."""
    came = orders[orders["received_on"].notna() & orders["ordered_on"].notna()]
    came = came.drop_duplicates(["order_id", "supplier", "received_on"])
    days = np.log(np.maximum((came["received_on"] - came["ordered_on"]).dt.days.to_numpy(float), 1.0))
    return _seen("days", came["supplier"], came["received_on"], 1, days)


def lines_due(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Order lines that were promised by `as_of`, received or not."""
    return orders[(orders["promised_on"] <= as_of) & orders["status"].isin(["received", "open"])]


def _promises(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    due = lines_due(orders, as_of)
    return _seen("on_time", due["supplier"], due["promised_on"], 1, due["received_on"] <= due["promised_on"])


def _prices(orders: pd.DataFrame) -> pd.DataFrame:
    """Against the usual price of the SKU's samples, trials or bulk: that bulk costs less a piece than a sample is no change."""
    bought = orders[
        orders["ordered_on"].notna() & (orders["unit_price"] > 0) & orders["status"].isin(["received", "open"])
    ]
    price = np.log(bought["unit_price"].astype(float))
    like = [bought["sku"], bought["stage"]]
    return _seen(
        "price",
        bought["supplier"],
        bought["ordered_on"],
        1,
        price - price.groupby(like, dropna=False).transform("mean"),
    )


def _seen(measure: str, supplier: pd.Series, day: pd.Series, n: object, x: object) -> pd.DataFrame:
    table = pd.DataFrame({"supplier": supplier.astype("str"), "day": pd.to_datetime(day), "measure": measure})
    table = table.assign(n=n, x=np.asarray(x, float)).astype({"n": float})
    return table.assign(xx=table["x"] ** 2)
