"""Charges of a whole shipment shared over its lines: freight by weight, insurance and duty by value, handling by pieces.

Every share is in whole fen and the shares of a charge add up to it exactly (`sources.allocation`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.sources.allocation import allocate

BASES = {"weight": "weight_kg", "value": "goods_amount", "quantity": "quantity"}
"""What a charge may be shared by, and the column that holds it."""
USUAL_BASIS = {
    "freight": "weight", "clearance": "value", "insurance": "value", "duty": "value", "vat": "value",
    "inspection": "quantity", "order_cost": "value", "discount": "value",
}  # fmt: skip


def share_charges(
    lines: pd.DataFrame, charges: pd.DataFrame, basis: Mapping[str, str] | None = None, unit: float = 0.01
) -> pd.DataFrame:
    """`lines` widened by one column a charge: each shipment's charges shared over its lines.

    Parameters
    ----------
    lines : `order_id`, and of `weight_kg goods_amount quantity` those that a basis needs.
    charges : index `order_id`, one column a charge, money of the shipment; NaN (not known) stays NaN in every line.
    basis : "weight", "value" or "quantity" by charge; by default `USUAL_BASIS`.

    Raises
    ------
    ValueError for an unknown basis, a charge without basis, a shipment without lines or charges, and for a line without the
    weight (value, pieces) that its charge is shared by: choose another basis for that charge rather than guess.

    Examples
    --------
    >>> lines = pd.DataFrame({"order_id": ["1", "1"], "weight_kg": [2.0, 1.0], "goods_amount": [10.0, 90.0]})
    >>> charges = pd.DataFrame({"freight": [10.0], "insurance": [1.0]}, index=["1"])
    >>> share_charges(lines, charges)[["freight", "insurance"]].to_numpy().tolist()
    [[6.67, 0.1], [3.33, 0.9]]
    """
    basis = USUAL_BASIS | dict(basis or {})
    group = charges.index.get_indexer(lines["order_id"])
    if (group < 0).any():
        raise ValueError(f"charges: no row for the shipment {lines['order_id'].to_numpy()[group < 0][0]!r}; add it")
    without_lines = ~charges.index.isin(lines["order_id"])
    if without_lines.any():
        raise ValueError(f"lines: none for the shipment {charges.index[without_lines][0]!r}; its charges would be lost")
    table = lines.copy()
    for name in charges.columns:
        table[name] = allocate(charges[name].to_numpy(float), group, _load(lines, name, basis), unit)
    return table


def _load(lines: pd.DataFrame, charge: str, basis: Mapping[str, str]) -> np.ndarray:
    if basis.get(charge) not in BASES:
        raise ValueError(f"basis: {charge} is shared by one of {', '.join(BASES)}, got {basis.get(charge)!r}")
    column = BASES[basis[charge]]
    if column not in lines:
        raise ValueError(f"lines: {charge} is shared by {basis[charge]}, but there is no column {column}")
    load = lines[column].to_numpy(float)
    if not np.all(np.isfinite(load) & (load >= 0)):
        raise ValueError(f"lines: {charge} is shared by {basis[charge]}, but {column} is missing or negative in a line")
    return load
