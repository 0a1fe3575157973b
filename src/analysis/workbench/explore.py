"""Sliders for notebook 08: weights, limit, service level and order size, each redrawn in a fraction of a second; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.decisions.landed_cost import CostRow, make_cost_sheet
from analysis.decisions.sourcing import buying_basis, cost_sheet_of, lot_correlation_of
from analysis.decisions.stock import LeadTimeDemand, StockRule, lead_time_nodes
from analysis.estimates.draws import summary
from analysis.month import SEED, ReviewMonth
from analysis.reporting.explore_plots import plot_costs, plot_over_limit, plot_reorder, plot_reweighted
from analysis.rules import Limits
from analysis.sources.tables import TABLES
from analysis.workbench.what_if import assessed, with_weights

LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995)
COST_COLUMNS = ["supplier", "quantity", "cost", "cost_low", "cost_high"]
QUANTITIES = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000)


@dataclass(frozen=True)
class Explorer:
    """A month's draws, gathered once, so that a slider only adds up and draws."""

    review: ReviewMonth
    tables: Mapping[str, pd.DataFrame]

    @cached_property
    def _assessed(self):
        return assessed(self.review, self.tables)

    @cached_property
    def _scored(self):
        return self._assessed.scored.kept

    @cached_property
    def _basis(self):
        tables, read = {name: self.tables[name] for name in TABLES}, self.review.store.read_draws
        draws, alike = (read("bulk_rate"), read("next_lead_time")), lot_correlation_of(self.tables["defect_rates"])
        return buying_basis(tables, self.review.as_of, self.review.rules, self.review.currency, *draws, SEED, alike)

    @cached_property
    def _offers(self) -> Mapping[str, list[CostRow]]:
        found: dict[str, list[CostRow]] = {}
        for row in cost_sheet_of(self._basis).rows:
            found.setdefault(row.offer.sku, []).append(row)
        return found

    @property
    def skus(self) -> list[str]:
        """The SKUs with an offer in force and demand."""
        return sorted(set(self._offers) & set(self._basis.wanted.dropna().index))

    def ratings(self, weights: Mapping[str, float]) -> pd.DataFrame:
        """`supplier rating rating_low rating_high before` with the weights named, the others sharing the rest."""
        scored = self._scored
        new = np.array([each.weight for each in with_weights(scored.criteria, weights)])
        mean, low, high = summary(scored.ratings(new), self._level)
        before = self._assessed.scorecard.set_index("supplier")["rating"].reindex(scored.suppliers).to_numpy()
        told = {"supplier": scored.suppliers, "rating": mean, "rating_low": low, "rating_high": high, "before": before}
        return pd.DataFrame(told).sort_values("rating", ascending=False, ignore_index=True)

    def over_limit(self, limit: float) -> pd.DataFrame:
        """`supplier p_over_limit before`: the chance of a defect rate above `limit`."""
        draws = self.review.store.read_draws("defect_rate")
        standing = self.review.rules.read("limits", Limits).defect_rate
        told = {"supplier": draws.suppliers, "p_over_limit": (draws.values > limit).mean(axis=1)}
        table = pd.DataFrame(told | {"before": (draws.values > standing).mean(axis=1)})
        return table.sort_values("p_over_limit", ascending=False, ignore_index=True)

    def reorder_points(self, sku: str) -> pd.DataFrame:
        """`service_level reorder_point`: the stock at which to order, of the SKU's planned or cheapest supplier."""
        return self._reorder[sku] if sku in self._reorder else self._reorder.setdefault(sku, self._points_of(sku))

    def costs(self, sku: str) -> pd.DataFrame:
        """`supplier quantity cost cost_low cost_high`: a good piece at each quantity that an offer allows."""
        return self._costs[sku] if sku in self._costs else self._costs.setdefault(sku, self._costs_of(sku))

    @cached_property
    def _reorder(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def _costs(self) -> dict[str, pd.DataFrame]:
        return {}

    @property
    def _level(self) -> float:
        return self.review.rules.read("limits", Limits).interval_level

    def _points_of(self, sku: str) -> pd.DataFrame:
        draws, rule = self._basis.lead_times, self.review.rules.read("stock", StockRule)
        supplier = self._supplier_of(sku)
        if draws is None or supplier not in draws.suppliers:
            return pd.DataFrame(columns=["service_level", "reorder_point"])
        demand, days = self._basis.demand, lead_time_nodes(draws.of(pd.Index([supplier]))[0])
        usual, nodes = demand.over(days, np.array([demand.skus.get_loc(sku)]))
        until = LeadTimeDemand.of(usual, nodes, rule.review_days)
        points = [float(until.quantile(level)[0]) for level in LEVELS]
        return pd.DataFrame({"service_level": LEVELS, "reorder_point": points})

    def _supplier_of(self, sku: str) -> str:
        plan = self.tables["purchase_plan"].set_index("sku")["supplier"]
        planned = plan.get(sku)
        if isinstance(planned, str) or sku not in self._offers:
            return str(planned or "")
        return min(self._offers[sku], key=lambda row: (not row.cost.complete, row.cost.mean)).offer.supplier

    def _costs_of(self, sku: str) -> pd.DataFrame:
        basis, wanted = self._basis, pd.DataFrame({"sku": sku, "quantity": QUANTITIES})
        known = basis.defect_rates, basis.lead_times, basis.freight, basis.costs
        told = {"customs": basis.customs, "inspection": basis.inspection, "level": self._level}
        table = make_cost_sheet(basis.offers, wanted, *known, **told).table
        stem = "cost_per_good_piece"
        table = table.rename(columns={stem: "cost", f"{stem}_low": "cost_low", f"{stem}_high": "cost_high"})
        return table.drop_duplicates(["supplier", "quantity"])[COST_COLUMNS].reset_index(drop=True)

    # ---- the sliders ----

    def weight_sliders(self, *criteria: str) -> widgets.Widget:
        """A slider a criterion; the ratings under the weights that they show."""
        weights = {each.name: each.weight for each in self._scored.criteria}
        chosen = criteria or tuple(sorted(weights, key=lambda name: -weights[name])[:5])
        sliders = {name: _slider(name, weights[name], 0.0, 0.6, 0.01) for name in chosen}
        return _interactive(lambda **each: plot_reweighted(self.ratings(_at_most_one(each))), sliders)

    def limit_slider(self) -> widgets.Widget:
        """The defect-rate limit; the chance of each supplier to be above it."""
        standing = self.review.rules.read("limits", Limits).defect_rate
        return _interactive(lambda limit: plot_over_limit(self.over_limit(limit), limit), {"limit": _slider("limit", standing, 0.005, 0.2, 0.005, ".1%")})  # fmt: skip

    def service_slider(self) -> widgets.Widget:
        """SKU and service level; the reorder point that it asks for."""
        level = self.review.rules.read("stock", StockRule).service_level
        chosen = {"sku": widgets.Dropdown(options=self.skus, description="SKU"), "level": _slider("service level", level, 0.5, 0.995, 0.005, ".1%")}  # fmt: skip
        return _interactive(lambda sku, level: plot_reorder(self.reorder_points(sku), sku, level), chosen)

    def size_slider(self) -> widgets.Widget:
        """SKU and order size; what a good piece costs with each supplier."""
        chosen = {"sku": widgets.Dropdown(options=self.skus, description="SKU"), "quantity": _slider("pieces", 100, 1, 1000, 1)}  # fmt: skip
        return _interactive(lambda sku, quantity: plot_costs(self.costs(sku), sku, quantity), chosen)


def _slider(name: str, value: float, low: float, high: float, step: float, shown: str | None = None) -> widgets.Widget:
    """A slider; `shown` is the format of the number beside it, which must tell two steps apart."""
    kind = widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider
    told = {"description": name.replace("_", " "), "continuous_update": False, "style": {"description_width": "9em"}}
    told |= {"readout_format": shown} if shown else {}
    return kind(value=value, min=low, max=high, step=step, layout=widgets.Layout(width="34em"), **told)


def _interactive(draw, chosen: Mapping[str, widgets.Widget]) -> widgets.Widget:
    """The sliders above their picture."""
    from IPython.display import display

    def show(**values) -> None:
        axes: Axes = draw(**values)
        display(axes.figure)

    return widgets.VBox([*chosen.values(), widgets.interactive_output(show, dict(chosen))])


def _at_most_one(weights: Mapping[str, float]) -> dict[str, float]:
    """What sliders show may add up to more than 1; then each gets its share."""
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()} if total > 1 else dict(weights)
