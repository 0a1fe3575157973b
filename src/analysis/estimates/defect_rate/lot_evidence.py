"""What inspected lots say of their SKUs' and suppliers' defect rates: likelihoods on a grid of rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from analysis.estimates.defect_rate.beta_prior import check_counts
from analysis.estimates.defect_rate.rate_grid import LEAST_LOG, RateGrid

STAGES = ("trial", "bulk", "sample")
"""In this order the first stage that was inspected at all is the one whose rate is reported."""


@dataclass(frozen=True)
class Variation:
    """One supposition on how lots, SKUs and stages vary.

    lot_correlation: between two pieces of a lot; sku_sd: of SKUs around their supplier's average, on the logit scale;
    stage_shift: logit difference of each stage from the first.
    """

    lot_correlation: float = 0.0
    sku_sd: float = 0.0
    stage_shift: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class LotEvidence:
    """Lots, counted by what they show, within SKUs within suppliers within categories.

    `shown` has one row for each different (defective, inspected, stage); `lots` says how many such lots each SKU had,
    shape (skus, shown). Suppliers without a lot are present with no SKU row that says anything.
    """

    suppliers: pd.Index
    skus: pd.MultiIndex
    categories: pd.Index
    stages: tuple[str, ...]
    shown: pd.DataFrame
    lots: sparse.csr_matrix
    supplier_of_sku: np.ndarray
    category_of_supplier: np.ndarray
    defective: np.ndarray
    inspected: np.ndarray
    usual_lot: float
    last_lots: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    last_kinds: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @cached_property
    def kind_of_sku(self) -> np.ndarray:
        """Which of the `kinds` each SKU is: most of many thousand SKUs show the same few lots."""
        lots, number = self.lots.sorted_indices(), dict[tuple[bytes, bytes], int]()
        ends = zip(lots.indptr[:-1], lots.indptr[1:])
        rows = ((lots.indices[a:b].tobytes(), lots.data[a:b].tobytes()) for a, b in ends)
        return np.array([number.setdefault(row, len(number)) for row in rows], dtype=np.int64)

    @cached_property
    def kinds(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """The different rows of `lots`, and how many SKUs of each kind every supplier has, shape (suppliers, kinds)."""
        _, first = np.unique(self.kind_of_sku, return_index=True)
        cells = np.ones(len(self.skus)), (self.supplier_of_sku, self.kind_of_sku)
        return self.lots[first], sparse.csr_matrix(cells, shape=(len(self.suppliers), len(first)))

    def part(self, suppliers: np.ndarray) -> LotEvidence:
        """The evidence of some suppliers (positions, ascending); categories keep their numbers."""
        new = np.full(len(self.suppliers), -1)
        new[suppliers] = np.arange(len(suppliers))
        keep = new[self.supplier_of_sku] >= 0
        return LotEvidence(
            self.suppliers[suppliers], self.skus[keep], self.categories, self.stages, self.shown, self.lots[keep],
            new[self.supplier_of_sku[keep]], self.category_of_supplier[suppliers], self.defective[suppliers],
            self.inspected[suppliers], self.usual_lot, self.last_lots,
        )  # fmt: skip


def lot_evidence(
    defective: ArrayLike,
    inspected: ArrayLike,
    supplier: ArrayLike | None = None,
    sku: ArrayLike | None = None,
    category: ArrayLike | None = None,
    stage: ArrayLike | None = None,
    lots: ArrayLike | None = None,
) -> LotEvidence:
    """Arrays with one entry a lot, or for `lots` alike ones, as `LotEvidence`; without `supplier` each row is a supplier of its own."""
    x, n = check_counts(defective, inspected)
    rows = pd.DataFrame({"x": x, "n": n, "lots": 1 if lots is None else np.asarray(lots, dtype=np.int64)})
    rows["supplier"] = np.arange(x.size) if supplier is None else _labels(supplier).array
    rows["sku"] = "" if sku is None else _labels(sku).fillna("").array
    rows["category"] = "" if category is None else _labels(category).fillna("").array
    rows["stage"], stages = _stage_numbers(stage, n)
    return _grouped(rows, stages)


def _stage_numbers(stage: ArrayLike | None, inspected: np.ndarray) -> tuple[np.ndarray | int, tuple[str, ...]]:
    if stage is None:
        return 0, ("trial",)
    codes, names = pd.factorize(_labels(stage).fillna("trial"))
    seen = set(map(str, names[np.unique(codes[inspected > 0])])) or {"trial"}
    stages = tuple(s for s in STAGES if s in seen) + tuple(sorted(seen - set(STAGES)))
    number = {s: i for i, s in enumerate(stages)}
    return np.array([number.get(str(name), 0) for name in names], dtype=int)[codes], stages


def _labels(values: ArrayLike) -> pd.Series:
    """As they are, numbered from 0: millions of texts are never made objects of their own."""
    return (
        values.reset_index(drop=True) if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    )


def _grouped(rows: pd.DataFrame, stages: tuple[str, ...]) -> LotEvidence:
    of_supplier, suppliers = pd.factorize(rows["supplier"], sort=True)
    of_category, categories = pd.factorize(rows["category"], sort=True)
    of_name, names = pd.factorize(rows["sku"], sort=True)
    pairs, of_sku = np.unique(of_supplier * len(names) + of_name, return_inverse=True)
    supplier_of_sku = pairs // max(len(names), 1)
    skus = [suppliers[supplier_of_sku], names[pairs % max(len(names), 1)]]
    of_shown, shown = _shown(rows)
    used = rows["n"] > 0
    many = (used * rows["lots"]).to_numpy(float)
    lots = sparse.csr_matrix((many, (of_sku, of_shown)), shape=(len(pairs), len(shown)))
    defective, inspected = (rows[name] * rows["lots"] for name in ("x", "n"))
    return LotEvidence(
        pd.Index(suppliers),
        pd.MultiIndex.from_arrays(skus, names=["supplier", "sku"]),
        pd.Index(categories),
        stages,
        shown,
        lots,
        supplier_of_sku,
        _main_category(of_supplier, of_category, inspected.to_numpy()),
        np.bincount(of_supplier, defective).astype(int),
        np.bincount(of_supplier, inspected).astype(int),
        _median(rows.loc[used, "n"].to_numpy(), rows.loc[used, "lots"].to_numpy()),
    )


def _shown(rows: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Each row's place among the different (x, n, stage), and these, rising."""
    x, n, stage = (rows[name].to_numpy(dtype=np.int64) for name in ("x", "n", "stage"))
    pieces, stages = int(n.max(initial=0)) + 1, int(stage.max(initial=0)) + 1
    key, of = np.unique((x * pieces + n) * stages + stage, return_inverse=True)
    return of, pd.DataFrame({"x": key // stages // pieces, "n": key // stages % pieces, "stage": key % stages})


def _median(values: np.ndarray, times: np.ndarray) -> float:
    """Median of `values`, each there so many `times`; 1 of none."""
    if not values.size:
        return 1.0
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(times[order])
    middle = [np.searchsorted(reached, at, side="right") for at in ((reached[-1] - 1) // 2, reached[-1] // 2)]
    return float(values[order][middle].mean())


def _main_category(of_supplier: np.ndarray, of_category: np.ndarray, inspected: np.ndarray) -> np.ndarray:
    """The category in which each supplier had most pieces inspected (of equals the first)."""
    width = int(of_category.max(initial=0)) + 1
    pairs, at = np.unique(of_supplier * width + of_category, return_inverse=True)
    supplier, category = pairs // width, pairs % width
    order = np.lexsort((category, -np.bincount(at, inspected), supplier))
    _, first = np.unique(supplier[order], return_index=True)
    return category[order][first]


@dataclass(frozen=True)
class Likelihood:
    """Likelihoods on the grid under one `Variation`, each row scaled to a largest value of 1.

    kind: from an SKU's own lots, a row for each different kind of SKU; kind_message: the same as a statement on its supplier's rate;
    kind_of_sku: each SKU's row of both; supplier: all its SKUs together.
    log_scale: what the scaling took away, all suppliers together.
    """

    kind: np.ndarray
    kind_message: np.ndarray
    kind_of_sku: np.ndarray
    supplier: np.ndarray
    spread: np.ndarray | None
    log_scale: float

    @property
    def sku(self) -> np.ndarray:
        """By SKU, from its own lots."""
        return self.kind[self.kind_of_sku]

    @property
    def message(self) -> np.ndarray:
        """By SKU, as a statement on its supplier's rate."""
        return self.kind_message[self.kind_of_sku]


def likelihood(evidence: LotEvidence, grid: RateGrid, variation: Variation) -> Likelihood:
    """Lots -> SKUs -> suppliers.

    SKUs' rates are normal on the logit scale with standard deviation sku_sd and their *average* is the supplier's rate; the
    message to the supplier integrates a SKU's rate out: M_j(p) = sum_p' spread(p, p') L_j(p').
    """
    kind, kind_scale = _kinds(evidence, grid, variation.lot_correlation, variation.stage_shift)
    counts = evidence.kinds[1]
    spread = _spread(grid, variation.sku_sd) if variation.sku_sd > 0 else None
    message = kind if spread is None else kind @ spread.T
    supplier, scale = _scaled(counts @ np.log(np.maximum(message, 1e-300)))
    taken = float((counts @ kind_scale).sum() + scale.sum())
    return Likelihood(kind, message, evidence.kind_of_sku, supplier, spread, taken)


def _kinds(
    evidence: LotEvidence, grid: RateGrid, lot_correlation: float, stage_shift: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Likelihood of each kind of SKU and its scale; the last ones are kept, since suppositions differ in their SKUs alone mostly."""
    key = (grid.size, lot_correlation, stage_shift)
    if evidence.last_kinds.get("key") != key:
        value = _scaled(evidence.kinds[0] @ _lots(evidence, grid, lot_correlation, stage_shift))
        evidence.last_kinds.update(key=key, value=value)
    return evidence.last_kinds["value"]


def _lots(evidence: LotEvidence, grid: RateGrid, lot_correlation: float, stage_shift: tuple[float, ...]) -> np.ndarray:
    """Log-likelihood of each row of `shown`; the last one is kept, for the parts of all suppliers too."""
    key = (grid.size, lot_correlation, stage_shift)
    if evidence.last_lots.get("key") != key:
        shown = evidence.shown
        shift = np.asarray(stage_shift)[shown["stage"]]
        value = grid.lot_log_likelihood(shown["x"], shown["n"], lot_correlation, shift)
        evidence.last_lots.update(key=key, value=value)
    return evidence.last_lots["value"]


@lru_cache(maxsize=8)
def _spread(grid: RateGrid, sku_sd: float) -> np.ndarray:
    return grid.spread_around(sku_sd)


def _scaled(log_values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    top = log_values.max(axis=1)
    away = log_values - top[:, None]
    away[away < LEAST_LOG] = -np.inf
    return np.exp(away), top
