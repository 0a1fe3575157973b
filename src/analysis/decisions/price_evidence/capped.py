"""A price that nobody has paid yet, far below the market's, is worth no more than "acceptable"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.decisions.rating import ANCHOR_VALUES, MEASURED, Criterion, CriterionEvidence
from analysis.estimates.draws import Draws

PRICE_CRITERIA = ("price_ratio", "cost_ratio", "profit_margin")
ACCEPTABLE = ANCHOR_VALUES[1]


def capped_prices(
    evidence: Mapping[str, CriterionEvidence], criteria: Sequence[Criterion], suppliers: Iterable[str]
) -> dict[str, CriterionEvidence]:
    """`evidence` with the levels of `PRICE_CRITERIA` of `suppliers` at the anchor "acceptable" at best."""
    anchors = {of.name: of.anchors[1] for of in criteria if of.name in PRICE_CRITERIA and of.name in evidence}
    held = list(suppliers)
    capped = {name: _capped(evidence[name], name, anchor, held) for name, anchor in anchors.items()} if held else {}
    return {**evidence, **capped}


def _capped(of: CriterionEvidence, name: str, anchor: float, held: list[str]) -> CriterionEvidence:
    worse = np.maximum if MEASURED[name].better == "less" else np.minimum
    rows = of.draws.suppliers.isin(held)
    values = np.where(rows[:, None], worse(of.draws.values, anchor), of.draws.values)
    return replace(of, draws=Draws(of.draws.suppliers, values))
