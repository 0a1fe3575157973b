"""Freight learned from past orders: by mode, a fixed sum an order and a sum a piece of each SKU, with the evidence behind it.

Quotes rarely state freight and nobody weighs every article, but each order's bill is known. Within a mode the bills are
fitted by least squares with no negative term, freight = a + sum over SKUs b_sku x pieces, in relative terms (a bill of 500
is off by more than one of 10). Orders whose seller carried the freight (0 on the bill) say nothing of its price and are left
out, as are lines without freight. Orders that name no mode are fitted together (`UNSTATED`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import lsq_linear

from analysis.decisions.landed_cost.freight_tariff import FreightTariff

FEWEST_ORDERS = 3
"""Orders of an SKU in a mode below which its freight is not assessed by their bills."""
LEAST_RISE = 0.01
"""Of a bill, that the largest lot adds to it, below which no bill rose with the pieces."""
SEEN_TIMES = 10
"""Times the largest lot that was billed, up to which bills say what a larger one costs."""
TIES = 1e-5
"""How much a term is drawn to 0, against a bill: enough to settle what bills leave open, next to nothing beside what they tell."""
DENSE = 5_000_000
"""Cells of a matrix of bills by SKUs up to which it is solved as it stands."""
UNSTATED = "unstated"
"""The mode of orders whose bill says how much and not how; it counts where no other way of the SKU is known."""
COLLECTED = "pickup"
"""Goods that the buyer fetches have no freight bill; the trip's cost is a rate (`freight.pickup`)."""


@dataclass(frozen=True)
class FreightHistory:
    """What past bills say: `table` with `mode sku fixed per_piece orders least_pieces most_pieces spread`, one row a mode and SKU.

    `fixed` money an order (the mode's), `per_piece` money a piece of the SKU, `orders` bills with that SKU, `least_pieces` and
    `most_pieces` the smallest and largest lot of it that was billed, `spread` the relative standard deviation of the mode's bills around the fit.
    """

    table: pd.DataFrame

    @cached_property
    def _known(self) -> dict[tuple[str, str], tuple[float, float, int, float, float]]:
        """Fixed, per piece, orders, smallest and largest lot by mode and SKU."""
        columns = ["mode", "sku", "fixed", "per_piece", "orders", "least_pieces", "most_pieces"]
        return {(mode, sku): tuple(known) for mode, sku, *known in self.table[columns].itertuples(index=False)}

    def tariff(self, mode: str, sku: str, transit_days: float = 0.0) -> FreightTariff | None:
        """The learned tariff, charged by pieces (weight 1 each); None when too few bills speak of it.

        Where no bill rose with the pieces, a larger lot is sent in parcels like the largest that was billed. Bills that did not rise, or
        of lots of one size, do not tell what is an order's and what a piece's: by them what lies beyond `SEEN_TIMES` the largest costs as
        much as that, or ten bills of two samples would give a lot of hundreds their price a piece.
        """
        fixed, per_piece, orders, least, most = self._known.get((mode, sku), NOT_BILLED)
        if orders < FEWEST_ORDERS or fixed + per_piece <= 0:
            return None
        rose = per_piece * most > LEAST_RISE * fixed
        steps = [(0.0, fixed, per_piece)] if rose else [(0.0, fixed, 0.0), (most, 0.0, fixed / most)]
        if not rose or most < 2 * least:
            farthest = SEEN_TIMES * most
            steps.append((farthest, steps[-1][1] + steps[-1][2] * farthest, 0.0))
        return FreightTariff.of_steps(mode, steps, transit_days=transit_days)

    def orders(self, mode: str, sku: str) -> int:
        """Bills of this mode with this SKU."""
        return self._known.get((mode, sku), NOT_BILLED)[2]

    def most_pieces(self, mode: str, sku: str) -> float:
        """The largest lot of the SKU that was billed in this mode; 0 where none was."""
        return self._known.get((mode, sku), NOT_BILLED)[4]


NOT_BILLED = 0.0, 0.0, 0, 0.0, 0.0
COLUMNS = {
    "mode": "str", "sku": "str", "fixed": float, "per_piece": float, "orders": int, "least_pieces": float, "most_pieces": float,
    "spread": float,
}  # fmt: skip


def fit_freight(orders: pd.DataFrame) -> FreightHistory:
    """Learn freight by mode and SKU from the canonical `orders` (their lines' `freight` and `quantity`)."""
    lines = orders.dropna(subset=["freight", "sku", "quantity"])
    lines = lines.assign(transport_mode=lines["transport_mode"].fillna(UNSTATED))
    lines = lines[~lines["status"].isin(["cancelled", "unpaid"]) & (lines["transport_mode"] != COLLECTED)]
    billed = lines.groupby("order_id")["freight"].transform("sum") > 0
    found = [_fit_mode(str(mode), part) for mode, part in lines[billed].groupby("transport_mode", sort=True)]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))
    return FreightHistory(table.astype(COLUMNS))


def _fit_mode(mode: str, lines: pd.DataFrame) -> pd.DataFrame:
    """Non-negative least squares of the bills of one mode, each divided by its own size."""
    order, orders = pd.factorize(lines["order_id"], sort=True)
    sku, skus = pd.factorize(lines["sku"], sort=True)
    bill = np.bincount(order, lines["freight"].to_numpy(float), len(orders))
    pieces = sparse.csr_matrix((lines["quantity"].to_numpy(float), (order, sku)), (len(orders), len(skus)))
    scaled = sparse.diags_array(1 / bill) @ sparse.hstack([np.ones((len(orders), 1)), pieces], format="csr")
    size = np.sqrt(scaled.multiply(scaled).sum(axis=0))
    found = _no_negative(*_as_few_rows(scaled), TIES * np.sqrt(size * size.mean()))
    freedom = len(orders) - 1 - len(skus)
    spread = np.sqrt(np.sum((scaled @ found - 1) ** 2) / freedom) if freedom > 0 else np.nan
    counts = lines.groupby("sku")["order_id"].nunique().reindex(skus).to_numpy()
    lots = lines.groupby([sku, "order_id"])["quantity"].sum().astype(float).groupby(level=0)
    return pd.DataFrame(
        {
            "mode": mode, "sku": skus, "fixed": found[0], "per_piece": found[1:], "orders": counts,
            "least_pieces": lots.min().to_numpy(), "most_pieces": lots.max().to_numpy(), "spread": spread,
        }
    )  # fmt: skip


def _no_negative(bills: np.ndarray, told: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Least squares without a negative term.

    `least` draws each a little to 0, in the root of what it counts in the bills, so that articles always bought together share piece by piece
    what their bills cannot tell apart, the same on every machine. The terms above 0 are then solved for exactly, wherever the search for them stopped.
    """
    rows, told = np.vstack([bills, np.diag(least)]), np.r_[told, np.zeros(len(least))]
    found = lsq_linear(rows, told, bounds=(0, np.inf), tol=1e-12).x
    above = found > 1e-9
    exact = np.linalg.lstsq(rows[:, above], told)[0]
    if (exact >= 0).all():
        found[above] = exact
    return np.where(above, found, 0.0)


def _as_few_rows(scaled: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and right-hand side (ones) of the least squares; of a long one as many rows as columns, with the same least residual, and
    the same solution where it is unique.

    |Ax - 1|^2 and |Rx - d|^2 differ by a constant where R'R = A'A and R'd = A'1 [1, section 2.1].

    .. [1] Bjorck, A. (1996). Numerical Methods for Least Squares Problems. SIAM.
    """
    if scaled.shape[0] * scaled.shape[1] <= DENSE:
        return scaled.toarray(), np.ones(scaled.shape[0])
    size = np.sqrt(scaled.multiply(scaled).sum(axis=0))
    even = scaled @ sparse.diags_array(1 / size)  # columns of one length, so that no unit decides what is small
    squares, vectors = np.linalg.eigh((even.T @ even).toarray())
    root = np.sqrt(np.maximum(squares, squares[-1] * 1e-14))
    return (root[:, None] * vectors.T) * size, (vectors.T @ even.sum(axis=0)) / root


WEIGHT_WORDS = ("重量", "净重", "毛重", "weight")
GRAMS = {"kg": 1.0, "千克": 1.0, "公斤": 1.0, "g": 0.001, "克": 0.001}


def measured_weights(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """Weight of a piece where inspections measured it, `sku weight_kg pieces`: the median, from attributes like 重量(g).

    An attribute that names no unit of weight is left out: nobody knows whether 350 is grams.
    """
    measured = inspections.dropna(subset=["attribute", "value"])
    unit = (
        measured["attribute"]
        .str.casefold()
        .str.extract(r"[((]\s*(kg|千克|公斤|g|克)\s*[))]")[0]
        .map(GRAMS)
        .astype(float)
    )
    weighs = measured["attribute"].str.casefold().str.contains("|".join(WEIGHT_WORDS)) & unit.notna()
    weight = measured.assign(weight_kg=measured["value"] * unit.fillna(0.0))[weighs & (measured["value"] > 0)]
    lines = orders[["order_id", "line_no", "sku"]].drop_duplicates(["order_id", "line_no"])
    placed = weight.merge(lines, on=["order_id", "line_no"]).groupby("sku")["weight_kg"]
    return placed.agg(weight_kg="median", pieces="count").reset_index()
