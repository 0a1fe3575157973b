"""Does following the purchase plan pay? In companies whose truth is known, against the simple ways of choosing a supplier.

A company is played for some months; its tables as then known go through the shipped estimates, scorecard and plan in one process.
Every way of choosing names a supplier an SKU; what it misses is money over `HORIZON` months of true demand, at the true rate in bulk,
the true lead times and the freight (a truck's, where the review knows none), against the supplier that is truly cheapest, each at its best order size and inspected as the review
plans; the raw cost sheet looks at every piece. All ways see the same tables and the same offers, and each change of supplier costs all of them
the same. Nobody's capacity is short in these companies, so that the plan, which alone minds it, is told of none. Where the plan tries somebody
first, the trial is played: its pieces come as its true rate has them, the next plan is made with them, and until then the SKU is bought from
whom the plan names beside the trial. Ratios are to the best simple way of the same run, whichever that is.

    python benchmarks/decisions.py --companies 80 --months 12 --world drifters [--share 1/2] [--first 900000] [--again]

`--share k/n` measures every n-th company from the k-th, and `--keep FILE` adds its rows to a CSV file that `--read FILE` sums up. `--again`
also makes each plan a second time a month later without any new evidence. Seeds from `HELD_OUT` on were never looked at while
the plan was made.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from decision_worlds import MISSED, WORLDS, asked_for, hidden_rates, make_company
from measuring import row
from scipy.special import ndtri

from analysis.assessment import rate_suppliers
from analysis.decisions.inspection_plan import LotInspection
from analysis.decisions.inspection_plan.choose import choose_plan, lots_around
from analysis.decisions.inspection_plan.inspection_cost import evaluate_plan
from analysis.decisions.inspection_plan.lot_inspection import looked_at
from analysis.decisions.landed_cost import CostSheet, FreightSources, HouseCosts, make_cost_sheet
from analysis.decisions.landed_cost.freight_sources import KnownFreight
from analysis.decisions.offers import Offer
from analysis.decisions.purchase_plan import PurchaseRule
from analysis.decisions.sourcing import (
    best_sizes,
    buying_basis,
    cost_sheet_of,
    money_draws,
    purchase_plan,
    recent_spend,
)
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION, bulk_draws, defect_draws, fit_lots, inspected_lots
from analysis.estimates.draws import Draws
from analysis.estimates.drift import drift_table, measured_pieces
from analysis.estimates.lead_time import (
    delivery_draws,
    fit_lead_times,
    predictive_draws,
    time_orders,
)
from analysis.rules import rules_in_force
from analysis.simulate.company import Company
from analysis.simulate.outcomes import CARRIERS
from analysis.simulate.products import PRODUCTS
from analysis.simulate.truth import LOT_SIZE_PARAMETER
from analysis.sources.tables import TABLES, empty

RULES = rules_in_force("example", "2026-10")
PURCHASES = RULES.read("purchase_plan", PurchaseRule)
HORIZON = 6
"""Months over which a choice is judged."""
MOST_TRIALS = 3
"""One after the other, of an SKU."""
HELD_OUT = 900_000
COMPANIES, AGES = 80, (3, 6, 12)
GOALS = {3: 0.65, 6: 0.75, 12: 0.85}
SIMPLE = ("cheapest quote", "spreadsheet", "raw cost sheet", "lowest raw rate")
WAYS = ("plan", *SIMPLE, "rating", "lowest expected cost", "present", "random")
WEIGHTS = {product.sku: product.weight_g / 1000 for product in PRODUCTS}
BAD_LOT, TWO_MONTHS = 0.08, 60
"""Share defective in the pieces seen of a lot that is bad; days."""
TRUE_DRAWS = 400

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Reviewed:
    """A company as its own review sees it at the end of a month."""

    tables: Tables
    as_of: pd.Timestamp
    seed: int

    def __post_init__(self) -> None:
        """What a company does not write down is an empty table."""
        object.__setattr__(self, "tables", {name: empty(name) for name in TABLES} | self.tables)

    @cached_property
    def lots(self) -> pd.DataFrame:
        return inspected_lots(self.tables["orders"], self.tables["inspections"])

    @cached_property
    def _made(self) -> tuple[PurchaseInputs, pd.DataFrame]:
        """What the money page reckons with, and the scorecard."""
        orders = self.tables["orders"]
        rates, times = fit_lots(self.lots, orders), time_orders(orders, self.as_of)
        posterior = fit_lead_times(times)
        drift = drift_table(self.lots, measured_pieces(orders, self.tables["inspections"]), rates)
        bulk = bulk_draws(self.lots, orders, drift, self.seed)
        coming = predictive_draws(times, posterior, self.seed)
        alike = rates.lot_correlation if rates else USUAL_LOT_CORRELATION
        basis = buying_basis(self.tables, self.as_of, RULES, "CNY", bulk, coming, self.seed, alike)
        money = money_draws(cost_sheet_of(basis), self.tables["demand"])
        estimated = delivery_draws(times, posterior, self.seed) | money
        defects = defect_draws(rates, self.seed)
        rated = rate_suppliers(self.tables, self.as_of, RULES, defects, estimated, drift, self.seed)
        return basis, rated.scorecard

    @property
    def basis(self) -> PurchaseInputs:
        return self._made[0]

    @property
    def scorecard(self) -> pd.DataFrame:
        return self._made[1]

    @cached_property
    def sizes(self) -> pd.DataFrame:
        return best_sizes(self.basis, RULES["stock"]["longest_cover_days"])

    @cached_property
    def plan(self) -> pd.DataFrame:
        suppliers = self.tables["suppliers"].assign(sales_30d=np.nan)
        known = self.tables | {"suppliers": suppliers}
        made = purchase_plan(self.basis, self.sizes, known, self.scorecard, self.as_of, RULES)
        return made[made["sku"].isin(self.basis.wanted.index)].set_index("sku")

    @cached_property
    def present(self) -> pd.Series:
        """Today's supplier by SKU."""
        spend = recent_spend(self.tables["orders"], self.as_of).sort_values(["spend", "supplier"])
        return spend.drop_duplicates("sku", keep="last").set_index("sku")["supplier"]

    def sheet(
        self, rates: Draws, days: Draws | None, skus: list[str] | None = None, costs: HouseCosts | None = None,
        inspection: LotInspection | None = None, freight: FreightSources | None = None,
    ) -> CostSheet:  # fmt: skip
        """Costs at each offer's best order size with other rates, lead times and freight than the estimated ones."""
        best = self.sizes["order_quantity"].fillna(self.sizes["min_quantity"]).astype(int)
        own = self.sizes[["supplier", "sku"]].assign(quantity=best).astype({"supplier": "str", "sku": "str"})
        own = own if skus is None else own[own["sku"].isin(skus)]
        known = freight or self.basis.freight, costs or self.basis.costs
        return make_cost_sheet(
            self.basis.offers, own, rates, days, *known, customs=self.basis.customs, inspection=inspection
        )


# -- the truth ---------------------------------------------------------------------------------------------------------


def true_costs(company: Company, kind: str, seen: Reviewed) -> pd.Series:
    """What a good piece truly costs, index (SKU, supplier): the shipped arithmetic at the true bulk rate, lead times and freight, lots
    looked at by the review's own plan as it stands."""
    people, names = company.truth["suppliers"].set_index("supplier"), seen.basis.defect_rates.suppliers
    points = ndtri((np.arange(TRUE_DRAWS) + 0.5) / TRUE_DRAWS)
    spread = np.log(people["lead_time_p90"] / people["lead_time_median"]).reindex(names).to_numpy() / ndtri(0.9)
    days = Draws(
        names, people["lead_time_median"].reindex(names).to_numpy()[:, None] * np.exp(spread[:, None] * points)
    )
    hidden, freight = hidden_rates(kind, company.truth["suppliers"]), Billed.like(seen.basis.freight)
    costs = replace(seen.basis.costs, found_share=1 - MISSED) if kind == "rough" else seen.basis.costs
    found = {}
    for sku, offers in company.truth["offers"].groupby("sku"):
        rate = offers.set_index("supplier")["defect_rate_bulk"].reindex(names)
        looks = AsPlanned(*vars(seen.basis.inspection).values(), beliefs=seen.basis.defect_rates, true=rate)
        known = Draws(names, np.repeat(rate.to_numpy()[:, None], TRUE_DRAWS, 1))
        for each in seen.sheet(known, days, [sku], costs, looks, freight).rows:
            name = each.offer.supplier
            if not np.isnan(rate[name]):
                escape = costs.escape_cost(each.offer.ladder.price(each.quantity))
                found[sku, name] = each.cost.mean + escape * hidden[name]
    return pd.Series(found).rename_axis(["sku", "supplier"])


@dataclass(frozen=True)
class Billed(FreightSources):
    """Freight as the review knows it, and what a truck charges where it does not."""

    @classmethod
    def like(cls, known: FreightSources) -> Billed:
        return cls(**{each.name: getattr(known, each.name) for each in fields(FreightSources)})

    def cheapest(self, offer: Offer, quantity: float) -> KnownFreight:
        known = super().cheapest(offer, quantity)
        if known.money is not None:
            return known
        fixed, per_kilo = CARRIERS["truck"]
        return KnownFreight("truck", fixed + per_kilo * WEIGHTS[offer.sku] * quantity)


@dataclass(frozen=True)
class AsPlanned(LotInspection):
    """Plans made from what is believed, and what they come to at the true rates."""

    beliefs: Draws
    true: pd.Series

    def shares(self, lot_sizes, rates, piece_cost, escape_costs, isolated=False, skus=()):
        name = self.true.index[(self.true - rates[0]).abs().argmin()]
        believed = lots_around(self.beliefs.of(pd.Index([name]))[0], self.lot_correlation)
        there = lots_around(rates, 1 / (LOT_SIZE_PARAMETER + 1))
        plans = [
            choose_plan(lot_size, isolated, "normal", believed, (piece_cost, escape_cost), self.rule).cost
            for lot_size, escape_cost in zip(lot_sizes, escape_costs)
        ]
        return [
            looked_at(evaluate_plan(of.lot_size, of.sample_size, of.accept, there, piece_cost, escape_cost), there)
            for of, escape_cost in zip(plans, escape_costs)
        ]


# -- the ways of choosing ----------------------------------------------------------------------------------------------


def plain_sheet(seen: Reviewed) -> pd.DataFrame:
    """A cost sheet of bare averages: share of pieces defective, mean days of what arrived; who has none takes everybody's."""
    names = seen.basis.defect_rates.suppliers
    counts = seen.lots.groupby("supplier")[["defective", "inspected"]].sum()
    share = (counts["defective"] / counts["inspected"]).reindex(names).astype(float)
    came = seen.tables["orders"][seen.tables["orders"]["status"] == "received"]
    took = (came["received_on"] - came["ordered_on"]).dt.days.groupby(came["supplier"]).mean().reindex(names)
    rates, days = share.fillna(share.mean()).fillna(0.0).clip(upper=0.9), took.fillna(took.mean()).fillna(15.0)
    table = seen.sheet(_points(rates), _points(days)).table
    return table.assign(rate=table["supplier"].map(rates), seen=table["supplier"].map(counts["inspected"]).fillna(0))


def _points(values: pd.Series) -> Draws:
    return Draws(values.index, np.repeat(values.to_numpy(float)[:, None], 2, axis=1))


def choices(company: Company, kind: str, seen: Reviewed, truth: pd.Series) -> dict[str, pd.DataFrame]:
    """Of whom each SKU is bought by every way but `random`: SKUs by months."""
    plain, own = plain_sheet(seen), cost_at_best(seen)
    for name in ("unit_price", "rate"):
        low, high = plain.groupby("sku")[name].transform("min"), plain.groupby("sku")[name].transform("max")
        plain[f"{name}_scaled"] = (plain[name] - low) / (high - low).clip(lower=1e-9)
    plain["spreadsheet"] = plain["unit_price_scaled"] + plain["rate_scaled"]
    plain["rank"] = plain["supplier"].map(seen.scorecard.set_index("supplier")["rank"]).fillna(np.inf)
    found = {
        "cheapest quote": least(plain, "unit_price"),
        "spreadsheet": least(plain, "spreadsheet"),
        "raw cost sheet": least(plain, "cost_per_good_piece"),
        "lowest raw rate": least(plain[plain["seen"] > 0], "rate", "unit_price"),
        "rating": least(plain, "rank"),
        "lowest expected cost": least(own, "cost_per_good_piece"),
    }
    found = {name: made.combine_first(found["raw cost sheet"]) for name, made in found.items()}
    kept = seen.present[[(sku, who) in truth.index for sku, who in seen.present.items()]]
    found["present"] = kept.combine_first(found["lowest expected cost"])
    months = {name: pd.DataFrame(dict.fromkeys(range(HORIZON), made)) for name, made in found.items()}
    made = followed(company, kind, seen)
    return months | {"plan": made.where(_offered(made, truth)).combine_first(months["present"])}


def _offered(made: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    return made.apply(lambda month: pd.Series([pair in truth.index for pair in month.items()], month.index))


def cost_at_best(seen: Reviewed) -> pd.DataFrame:
    return seen.sheet(seen.basis.defect_rates, seen.basis.lead_times, inspection=seen.basis.inspection).table


def least(table: pd.DataFrame, *by: str) -> pd.Series:
    first = table.sort_values(["sku", *by, "supplier"]).drop_duplicates("sku")
    return first.set_index("sku")["supplier"]


def followed(company: Company, kind: str, seen: Reviewed) -> pd.DataFrame:
    """Whom the plan has each SKU bought from, SKUs by months; of nobody: the company goes on as today.

    A trial changes its own SKU only. While the first one is on its way an SKU of which enough is there is not bought; after that it is, each
    month of a further trial.
    """
    months = pd.DataFrame(index=seen.basis.wanted.index, columns=range(HORIZON), dtype=object)
    skus, rng = months.index, np.random.default_rng([seen.seed, 41])
    for month in range(MOST_TRIALS + 1):
        plan = seen.plan.loc[seen.plan.index.intersection(skus)]
        tries = plan["action"].eq("trial_first")
        beside = plan["rest_supplier"].where(plan["rest_pieces"].gt(0) | (month > 0))
        bought = beside.where(tries, plan["supplier"]).astype(object)
        for later in range(month, HORIZON):
            months.loc[plan.index, later] = bought if later == month else bought.mask(tries)
        skus = plan.index[tries]
        if skus.empty:
            break
        seen = with_trials(company, kind, seen, plan[tries], rng)
    return months.bfill(axis=1).ffill(axis=1)


def with_trials(
    company: Company, kind: str, seen: Reviewed, trials: pd.DataFrame, rng: np.random.Generator
) -> Reviewed:
    """What would be known today if the goods of these trials had come: paid as quoted, as good as such pieces truly are, looked at one by one."""
    offers = company.truth["offers"].set_index(["supplier", "sku"])
    days = company.truth["suppliers"].set_index("supplier")["lead_time_median"]
    lines = trials.reset_index()[["sku", "supplier", "pieces", "unit_price"]]
    ids = [f"trial-{len(seen.tables['orders'])}-{sku}" for sku in lines["sku"]]
    came = seen.as_of - pd.Timedelta(days=3)
    goods = lines["pieces"].astype(float) * lines["unit_price"]
    ordered = [came - pd.Timedelta(days=round(days[who])) for who in lines["supplier"]]
    orders = pd.DataFrame(
        {
            "order_id": ids, "line_no": 1, "supplier": lines["supplier"], "sku": lines["sku"], "stage": "trial", "ordered_on": ordered,
            "paid_on": ordered, "shipped_on": came, "received_on": came, "quantity": lines["pieces"], "received_quantity": lines["pieces"],
            "unit_price": lines["unit_price"], "goods_amount": goods, "paid_amount": goods, "discount": 0.0, "status": "received",
            "category": lines["sku"].map(seen.tables["orders"].drop_duplicates("sku").set_index("sku")["category"]),
        }
    )  # fmt: skip
    size, seen_share = (90.0, 1 - MISSED) if kind == "rough" else (LOT_SIZE_PARAMETER, 1.0)
    mean = offers.loc[list(zip(lines["supplier"], lines["sku"])), "defect_rate_trial"].to_numpy(float)
    found = rng.binomial(lines["pieces"].astype(int), rng.beta(mean * size, (1 - mean) * size) * seen_share)
    looks = pd.DataFrame(
        {
            "order_id": ids, "line_no": 1, "batch": "1", "inspected_on": came, "inspected": lines["pieces"], "defective": found,
        }
    )  # fmt: skip
    added = {"orders": orders, "inspections": looks}
    return Reviewed(
        seen.tables | {name: _longer(seen.tables[name], rows) for name, rows in added.items()}, seen.as_of, seen.seed
    )


def _longer(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    kept = rows[[name for name in rows if name in table]].reindex(columns=table.columns)
    return pd.concat([table, kept.astype(table.dtypes)], ignore_index=True)


# -- what is measured --------------------------------------------------------------------------------------------------


def missed(months: pd.DataFrame, seen: Reviewed, truth: pd.Series) -> pd.Series:
    """Money by SKU that is spent more than by going at once to the truly cheapest, changes of supplier counted in both."""
    wanted = seen.basis.wanted
    leaving = pd.Series(PURCHASES.switching_cost, truth.index)
    leaving[[seen.present.get(sku, who) == who for sku, who in truth.index]] = 0.0
    known = seen.present[seen.present.index.isin(months.index)]
    best = (truth * HORIZON * wanted.reindex(truth.index, level="sku") + leaving).groupby("sku").min()
    rows = {}
    for sku, bought in months.iterrows():
        before = [known.get(sku, bought.iloc[0]), *bought.iloc[:-1]]
        changes = sum(now != then for now, then in zip(bought, before))
        rows[sku] = (
            wanted[sku] * sum(truth[sku, who] for who in bought) + changes * PURCHASES.switching_cost - best[sku]
        )
    return pd.Series(rows)


def measured(kind: str, seed: int, months: int, again: bool = False) -> dict[str, float]:
    """One company's row."""
    company = make_company(kind, seed, months)
    seen = Reviewed(company.known(company.ends_on), company.ends_on, seed)
    truth = true_costs(company, kind, seen)
    ways = choices(company, kind, seen, truth)
    found = {name: float(missed(made, seen, truth).sum()) for name, made in ways.items()}
    wanted, best = seen.basis.wanted, truth.groupby("sku").min()
    found["random"] = float((HORIZON * wanted * (truth.groupby("sku").mean() - best)).sum())
    return (
        {"world": kind, "months": months, "seed": seed}
        | found
        | _drifters_bought(company, seen)
        | _calibration(seen, truth)
        | (_flips(seen) if again else {})
    )


def _drifters_bought(company: Company, seen: Reviewed) -> dict[str, float]:
    """Drifting suppliers whose first bad bulk lot was seen two months ago or more, and how many the plan buys bulk from now."""
    people = company.truth["suppliers"].set_index("supplier")
    worst = company.truth["offers"].groupby("supplier")["defect_rate_bulk"].mean()
    drifts = people.index[(people["bulk_factor"] >= 2.5) & (worst.reindex(people.index) > BAD_LOT)]
    bulk = seen.lots[seen.lots["stage"].eq("bulk").fillna(False) & seen.lots["supplier"].isin(drifts)]
    bad = bulk[bulk["defective"] >= BAD_LOT * bulk["inspected"]]
    known = set(bad.loc[bad["inspected_on"] <= seen.as_of - pd.Timedelta(days=TWO_MONTHS), "supplier"])
    bought = set(seen.plan.loc[seen.plan["action"].eq("order"), "supplier"].dropna())
    return {"drifters": len(known), "drifters_bought": len(known & bought)}


def _calibration(seen: Reviewed, truth: pd.Series) -> dict[str, float]:
    """Stated chances of a saving against how often there is one, and intervals of the chosen's cost against the true cost."""
    held = known = stated = came = moved = squared = 0.0
    for sku, planned in seen.plan.dropna(subset=["supplier", "cost_per_good_piece"]).iterrows():
        if (sku, planned["supplier"]) not in truth.index:
            continue
        cost = truth[sku, planned["supplier"]]
        known, held = known + 1, held + (planned["cost_low"] <= cost <= planned["cost_high"])
        today = planned["present_supplier"]
        if pd.notna(planned["p_saving"]) and (sku, today) in truth.index and today != planned["supplier"]:
            saves = truth[sku, today] > cost
            moved, stated, came = moved + 1, stated + planned["p_saving"], came + saves
            squared += (planned["p_saving"] - saves) ** 2
    return {
        "chosen": known, "cost_held": held, "moved": moved, "stated": stated, "came_true": came, "brier": squared
    }  # fmt: skip


def _flips(seen: Reviewed) -> dict[str, float]:
    """SKUs whose planned supplier is another one a month later though nothing was learned: new seed, later day, quotes renewed. Without the
    orders on the road, of which a month without an arrival tells that they are late."""
    month, orders = pd.DateOffset(months=1), seen.tables["orders"]
    known = seen.tables | {"orders": orders[~orders["status"].isin(["open", "unpaid"])]}
    renewed = known["quotes"].assign(valid_until=known["quotes"]["valid_until"] + month)
    now = Reviewed(known, seen.as_of, seen.seed)
    then = Reviewed(known | {"quotes": renewed}, seen.as_of + month, seen.seed + 1)
    pair = pd.concat([now.plan["supplier"], then.plan["supplier"]], axis=1, keys=["now", "then"]).dropna()
    return {"compared": len(pair), "flipped": int((pair["now"] != pair["then"]).sum())}


def measure(
    kind: str, companies: int, months: int, first: int = HELD_OUT, share: str = "1/1", again: bool = False,
    keep: Path | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a company (`measured`), added to the file `keep` as soon as it is there."""
    start, every = (int(part) for part in share.split("/"))
    rows = []
    for number in range(start - 1, companies, every):
        rows.append(measured(kind, first + number, months, again))
        if keep:
            pd.DataFrame(rows[-1:]).to_csv(keep, mode="a", header=not keep.exists(), index=False)
    return pd.DataFrame(rows)


# -- telling -----------------------------------------------------------------------------------------------------------


def told(found: pd.DataFrame) -> str:
    """A table a world and age: money missed by every way with its standard error, its ratio to the best simple way, and the rest."""
    lines = []
    for (kind, months), part in found.groupby(["world", "months"], sort=False):
        missed = part[list(WAYS)]
        best = missed[list(SIMPLE)].mean().idxmin()
        lines.append(f"{kind}, {months} months, {len(part)} companies; best simple way: {best}")
        for name in missed.mean().sort_values().index:
            difference = missed[name] - missed[best]
            lines.append(
                f"  {name:<22}{missed[name].mean():>9,.0f} +- {_error(missed[name]):<7,.0f} {missed[name].mean() / max(missed[best].mean(), 1e-9):>6.2f}"
                f"   less {best}: {difference.mean():>8,.0f} +- {_error(difference):,.0f}"
            )
        total = part.sum(numeric_only=True)
        lines.append(
            f"  drifters bought again {total['drifters_bought']:.0f} of {total['drifters']:.0f}; cost held {total['cost_held'] / total['chosen']:.3f} of"
            f" {total['chosen']:.0f}; savings stated {total['stated'] / max(total['moved'], 1):.3f}, true {total['came_true'] / max(total['moved'], 1):.3f}"
            f" of {total['moved']:.0f}"
            + (f"; flipped {total['flipped']:.0f} of {total['compared']:.0f}" if "flipped" in part else "")
        )
    return "\n".join(lines)


def _error(values: pd.Series) -> float:
    return float(values.std() / np.sqrt(len(values)))


def run(companies: int = 6) -> list[dict]:
    """The benchmarks' table, by a few companies only: the command line measures many."""
    found = []
    for kind in WORLDS:
        for months in AGES:
            part = measure(kind, companies, months)
            best = part[list(SIMPLE)].mean().min()
            ratio = part["plan"].mean() / best
            what = f"CNY missed by the plan, {kind}, {months} months, {companies} companies"
            goal = f"<= {GOALS[months]} of the best simple way"
            found.append(row(what, part["plan"].mean(), goal, ratio <= GOALS[months], best, ratio))
    return found


def main() -> None:
    asked = asked_for(__doc__, COMPANIES, AGES, HELD_OUT)
    asked.add_argument("--share", default="1/1")
    asked.add_argument("--again", action="store_true")
    given = asked.parse_args()
    if given.read:
        print(told(pd.read_csv(given.read)))
        return
    parts = [
        measure(kind, given.companies, months, given.first, given.share, given.again, given.keep)
        for kind in given.world
        for months in given.months
    ]
    print(told(pd.concat(parts, ignore_index=True)))


if __name__ == "__main__":
    main()
