"""The cost sheet: every offer's cost a good piece at the wanted quantity, with its parts, range and chance of being cheapest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.inspection_plan import LotInspection
from analysis.decisions.landed_cost.freight_sources import FreightSources
from analysis.decisions.landed_cost.good_piece import p_cheapest
from analysis.decisions.landed_cost.house import Customs, HouseCosts
from analysis.decisions.landed_cost.lot_costs import COMPONENTS
from analysis.decisions.landed_cost.offer_costs import CostRow, cost_rows, draws_of, reckoned_together
from analysis.decisions.landed_cost.waterfall import YIELD_LOSS
from analysis.decisions.offers import Offers
from analysis.estimates.draws import Draws, drawn_from_seen, summary
from analysis.reasons import joined, reason

COST_COLUMNS = [
    "supplier", "sku", "wanted", "quantity", "transport_mode", "freight_source", "freight_orders", "basis", "unit_price",
    *COMPONENTS, YIELD_LOSS, "cost_per_good_piece", "cost_per_good_piece_low", "cost_per_good_piece_high",
    "p_cheapest", "complete", "missing", "note",
]  # fmt: skip
"""Columns of the cost sheet. Money in the source's currency.

`wanted` pieces asked for, `quantity` pieces that must be bought (the minimum order), `transport_mode` the cheapest known way
("seller": the price includes the freight), `freight_source` terms, orders (past bills, `freight_orders` of them) or tariff,
`basis` quote or order, `unit_price` at that quantity. The cost components and `yield_loss` are expected money a piece bought and add
up to `cost_per_good_piece`; NaN: not known and not in the sum, named in `missing`, `complete` False. `p_cheapest`: probability of
the least cost a good piece among the complete offers, whose price can be believed, for the same SKU and wanted quantity; NaN for the others.
"""


@dataclass(frozen=True)
class CostSheet:
    """All offers' costs; `table` has `COST_COLUMNS`, `rows` the draws behind it in the same order."""

    rows: tuple[CostRow, ...]
    table: pd.DataFrame

    def row(self, supplier: str, sku: str, wanted: int | None = None) -> CostRow:
        """The row of an offer, at the first quantity wanted unless one is given; `KeyError` when there is none."""
        for row in self._by_pair.get((supplier, sku), ()):
            if wanted in (None, row.wanted):
                return row
        raise KeyError(f"no offer of {supplier!r} for {sku!r} at {wanted} pieces is on the sheet")

    @cached_property
    def _by_pair(self) -> dict[tuple[str, str], list[CostRow]]:
        found: dict[tuple[str, str], list[CostRow]] = {}
        for row in self.rows:
            found.setdefault((row.offer.supplier, row.offer.sku), []).append(row)
        return found

    def waterfall(self, supplier: str, sku: str, wanted: int | None = None) -> pd.DataFrame:
        """From list price to cost a good piece of one offer (`GoodPieceCost.waterfall`)."""
        return self.row(supplier, sku, wanted).cost.waterfall()


def make_cost_sheet(
    offers: Offers,
    quantities: pd.Series | pd.DataFrame,
    defect_rates: Draws,
    lead_times: Draws | None,
    freight: FreightSources,
    costs: HouseCosts,
    *,
    customs: Mapping[str, Customs] | None = None,
    inspection: LotInspection | None = None,
    inspected: pd.Series | None = None,
    level: float = 0.90,
    instead: Collection[CostRow] = (),
    unbelieved: Collection[tuple[str, str]] = (),
) -> CostSheet:
    """The cost of every offer at the quantities wanted of its SKU.

    Parameters
    ----------
    offers : Offers
        From `offers_in_force`.
    quantities : Series or DataFrame
        Pieces wanted, index SKU; or a table `sku quantity` with several quantities an SKU (a price gradient table); or a
        table `supplier sku quantity` with each offer's own, offers without one left out.
    defect_rates : Draws
        Posterior draws by supplier (`with_unseen` for those that nobody has tried).
    lead_times : Draws or None
        Predictive draws of days by supplier, or None: financing and delay stay unknown where they matter.
    freight : FreightSources
        What is known of freight.
    costs : HouseCosts
        The house's rates, in the source's currency.
    customs : Mapping[str, Customs], optional
        Charges by the territory that goods enter (`known_customs`); an offer that enters another one is not complete.
    inspection : LotInspection, optional
        The review's own plan for each lot; None: `costs` say what is looked at.
    inspected : Series, optional
        Pieces inspected by supplier, so that a rate that rests on nothing of the supplier's own is said to.
    level : float, optional
        Of the credible interval.
    instead : collection of CostRow, optional
        Rows that stand for their offers' own at the same wanted quantity, such as one that is ordered in a mixed batch.
    unbelieved : collection of (str, str), optional
        Supplier and SKU of prices that nobody believes yet: they are not compared with the others.
    """
    wanted = _wanted(quantities)
    asked = [
        (offer, int(pieces))
        for offer in offers.offers
        for pieces in (*wanted.get(offer.sku, ()), *wanted.get((offer.supplier, offer.sku), ()))
    ]
    given = {(row.offer.supplier, row.offer.sku, row.wanted): row for row in instead}
    own = [each for each in asked if (each[0].supplier, each[0].sku, each[1]) not in given]
    made = iter(cost_rows(own, defect_rates, lead_times, freight, costs, customs or {}, inspection))
    rows = tuple(given.get((offer.supplier, offer.sku, pieces)) or next(made) for offer, pieces in asked)
    return CostSheet(rows, _cost_table(rows, inspected, level, unbelieved))


def with_unseen(draws: Draws, suppliers: pd.Index, rng: np.random.Generator) -> Draws:
    """`draws` for all `suppliers`: one that has none takes, world by world, the value of one that has (`drawn_from_seen`)."""
    values = draws.of(suppliers).copy()
    unseen, known = np.isnan(values).any(axis=1), ~np.isnan(draws.values).any(axis=1)
    if known.any():
        seen = Draws(draws.suppliers[known], draws.values[known])
        values[unseen] = drawn_from_seen(seen, suppliers[unseen], rng)
    return Draws(suppliers, values)


def _wanted(quantities: pd.Series | pd.DataFrame) -> dict[str | tuple[str, str], list[int]]:
    """Quantities by SKU, or by supplier and SKU."""
    table = (
        quantities.rename("quantity").rename_axis("sku").reset_index()
        if isinstance(quantities, pd.Series)
        else quantities
    )
    table = table.dropna(subset=["sku", "quantity"])
    if (table["quantity"] < 1).any():
        raise ValueError(f"quantities: 1 piece or more is wanted of an SKU, got {table['quantity'].min()}")
    keys = "sku" if "supplier" not in table else ["supplier", "sku"]
    return {key: sorted(set(part)) for key, part in table.groupby(keys)["quantity"]}


def _cost_table(
    rows: Sequence[CostRow], inspected: pd.Series | None, level: float, unbelieved: Collection[tuple[str, str]] = ()
) -> pd.DataFrame:
    costs = [row.cost for row in rows]
    table = pd.DataFrame({name: [told(row) for row in rows] for name, told in TOLD.items()}).reindex(
        columns=COST_COLUMNS
    )
    bars, complete = np.zeros((len(rows), len(COMPONENTS))), np.ones(len(rows), bool)
    for lots, places, at in reckoned_together(costs):
        bars[places] = np.stack([lots.expected[name][at] / lots.lots.quantity[at] for name in COMPONENTS], axis=1)
        complete[places] = lots.complete[at]
    table[list(COMPONENTS)] = bars
    table["complete"], table["note"] = complete, [_notes(row, inspected) for row in rows]
    compared = complete & np.array([(row.offer.supplier, row.offer.sku) not in unbelieved for row in rows], bool)
    drawn = np.full((4, len(rows)), np.nan)
    for places in table.groupby(["sku", "wanted"]).indices.values():
        draws = draws_of([costs[at] for at in places])
        drawn[:3, places] = draws.mean(axis=1), *summary(draws, level)[1:]
        if compared[places].any():
            drawn[3, places[compared[places]]] = p_cheapest(draws[compared[places]])
    table["cost_per_good_piece"], table["cost_per_good_piece_low"], table["cost_per_good_piece_high"] = drawn[:3]
    table[YIELD_LOSS] = table["cost_per_good_piece"] - np.nansum(bars, axis=1)
    table["p_cheapest"] = drawn[3]
    return table.astype({"complete": bool, "freight_orders": "Int64"})


TOLD: dict[str, Callable[[CostRow], Any]] = {
    "supplier": lambda row: row.offer.supplier,
    "sku": lambda row: row.offer.sku,
    "wanted": lambda row: row.wanted,
    "quantity": lambda row: row.quantity,
    "transport_mode": lambda row: row.freight.mode,
    "freight_source": lambda row: row.freight.source,
    "freight_orders": lambda row: row.freight.orders,
    "basis": lambda row: row.offer.basis,
    "unit_price": lambda row: float(row.offer.ladder.price(row.quantity)),
    "missing": lambda row: " ".join(row.cost.missing),
}
"""What is told of a row without its draws."""


def _notes(row: CostRow, inspected: pd.Series | None) -> str:
    """What the reader of a row must know."""
    keys: list[tuple[str, dict[str, Any]]] = []
    missing = set(row.cost.missing)
    if "freight" in missing:
        keys.append(("without_freight", {}))
    if np.isfinite(row.freight.seen_pieces):
        keys.append(("freight_far", {"pieces": row.freight.seen_pieces}))
    if missing & {"duty", "vat", "clearance"} and "freight" not in missing:
        keys.append(("without_border", {}))
    if "defect_rate" in missing:
        keys.append(("without_defects", {}))
    elif inspected is not None and not inspected.get(row.offer.supplier, 0):
        keys.append(("defects_unseen", {}))
    if missing & {"financing", "delay"}:
        keys.append(("without_lead_time", {}))
    if row.quantity > row.wanted:
        keys.append(("minimum_above_wanted", {"minimum": row.quantity, "wanted": row.wanted}))
    if row.offer.basis == "order" and row.offer.since is not None:
        keys.append(("last_order_price", {"on": f"{row.offer.since:%Y-%m-%d}"}))
    return joined("notes", [reason(f"costs.{key}", **values) for key, values in keys])
