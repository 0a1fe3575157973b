"""Every value in `config/` acts: changed alone, it moves a table or a decision of the small month below, or it has no place there.

Some values are hidden by others (a share of a sample fee that is 0, a minimum premium where nothing is insured); `CONTEXT` says
under which other values such a one is looked at.
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from house import planned
from scipy.stats import binom

from analysis.around_orders import evidence_around
from analysis.decisions.inspection_plan import InspectionRule, RiskyGoods, recommend_plans
from analysis.decisions.landed_cost import (
    FreightSources,
    HouseCosts,
    house_costs,
    known_freight,
    make_cost_sheet,
    quality_costs,
)
from analysis.decisions.landed_cost.freight_history import fit_freight
from analysis.decisions.offers import Offer, Offers, PriceLadder
from analysis.decisions.offers.incoterms import DELIVERED
from analysis.decisions.order_quantity import best_order, order_sizes
from analysis.decisions.purchase_plan import PurchaseRule, plan_purchases
from analysis.decisions.rating import CriterionEvidence, Worths, criteria_in_force, weight_stability, worths
from analysis.decisions.rating.grades import CriterionDraws, TrialCounts, add_grades, vetoes_in_force
from analysis.decisions.rating.ranking import rank_table
from analysis.decisions.risk import (
    BuyerLevels,
    KeyAccounts,
    RiskRule,
    may_be_key_account,
    medals_in_force,
    risk_register,
)
from analysis.decisions.sourcing import (
    BackupRule,
    Outages,
    backups,
    basis,
    buying_basis,
    cost_sheet_of,
    negotiation_table,
    reconcile,
    season_values,
    supply_policies,
    tolerances,
)
from analysis.decisions.sourcing.purchases import barred_in_bulk
from analysis.decisions.stages import StageRule, stage_gates
from analysis.decisions.stock import StockRule, StoppedRule, plan_stock, stopped_selling
from analysis.decisions.trial_plan import Contest, TrialRule, choice_regret, plan_trials
from analysis.decisions.weights import OutcomeRules, trial_outcomes
from analysis.decisions.weights.learning import move_limits, policy_criteria
from analysis.decisions.weights.step import floored, policy_as_it_stands, step_towards
from analysis.estimates.defect_rate import FoundShare, defect_rate_table, fit_lots, inspected_lots
from analysis.estimates.draws import DRAWS, Draws
from analysis.estimates.lead_time import calendar, shutdowns_in
from analysis.estimates.track_record import ALL_MONTHS
from analysis.paths import CONFIG
from analysis.reporting.refused import RefusedRule, refused_rows
from analysis.rules import ABOUT, Rules, rules_in_force
from analysis.sources.tables import TABLES, empty

AS_OF, SEED = pd.Timestamp("2026-10-31"), 1
Path = tuple[str | int, ...]
Outputs = Iterator[Any]
"""One table or decision after the other, the cheapest first."""


# --- one value changed


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all values below `value`; what an entry says of itself is none."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name not in ABOUT:
                yield from leaves(below, (*path, name))
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from leaves(below, (*path, place))
    else:
        yield path


FIRST_KILO = ("steps", 0, 0)
"""Every tariff begins at 0 kg; what begins elsewhere is refused."""


def cases() -> Iterator[Any]:
    for file in sorted(set(CONFIG.glob("*.toml")) - set(CONFIG.glob("desk.*"))):  # which moves no number
        source = file.stem if file.stem not in ("rules", "rates") else "example"
        for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            starts = sorted(entry["from"] for entry in entries)
            for entry in entries:
                later = [start for start in starts if start > entry["from"]]
                month = str(pd.Period(later[0]) - 1) if later else max("2026-10", entry["from"])
                for path in leaves(entry):
                    if section == "freight" and path[1:] == FIRST_KILO:
                        continue
                    name = ".".join(map(str, (file.stem, section, entry["from"], *path)))
                    yield pytest.param(source, month, section, path, id=name)


def are_anchors(values: Any) -> bool:
    """Four numbers that rise or fall all the way."""
    steps = np.diff(values) if len(values) == 4 and not any(isinstance(v, str) for v in values) else np.zeros(1)
    return bool(np.all(steps > 0) or np.all(steps < 0))


OTHER_WORDS = {
    "II": "III", "iso1999": "mil105e", "seller": "buyer", "CNY": "USD", "trial": "bulk", "credentials": "on_time",
    "dispute_rate": "lead_time", "open_risks": "drift",
    **dict.fromkeys(("儿童", "玩具", "母婴", "食品", "化妆", "美妆", "电器", "家电", "toy", "child", "food", "cosmetic", "electric"), "office"),
}  # fmt: skip
OTHER_AQL = {2.5: 4.0, 4.0: 6.5}
"""The standard has no AQL between."""


def other(value: Any, key: str | int, beside: Any) -> Any:
    """A value near `value` that its rule takes as well; `beside` holds it under `key`."""
    if isinstance(key, int) and are_anchors(beside):  # a fifth of the way to the anchor next to it
        return value + 0.2 * (beside[key - 1 if key else 1] - value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return OTHER_WORDS[value]
    if key in ("aql_major", "aql_minor"):
        return OTHER_AQL[value]
    if key == "per_year":  # a few imagined years tell only much rarer outages apart
        return value * 6
    if isinstance(value, int) and value > 1:
        return int(np.ceil(value * 1.15)) if value < 50 else int(value * 0.9)
    if value == 0:
        return 1 if isinstance(value, int) else 0.1
    return value * 0.85 if value <= 1 < value * 1.15 else value * 1.15


def with_value(rules: Rules, section: str, path: Path, value: Any) -> Rules:
    def put(at: Any, path: Path) -> Any:
        if not path:
            return value
        copy = dict(at) if isinstance(at, dict) else list(at)
        copy[path[0]] = put(at[path[0]], path[1:])  # type: ignore[index]
        return copy

    return replace(rules, sections={**rules.sections, section: put(rules.sections[section], path)})


def value_at(rules: Rules, section: str, path: Path) -> Any:
    value: Any = rules.sections[section]
    for part in path:
        value = value[part]
    return value


PICKUP = [[0, 120.0, 0.5], [50, 100.0, 0.1]]
"""The house's van costs the same whatever it carries; a contract by weight shows what divisor and rounding do."""
CONTEXT: dict[tuple[str, str | int], dict[Path, Any]] = {
    ("insurance", "domestic_minimum"): {("domestic_rate",): 1e-9},
    ("insurance", "currency"): {("domestic_rate",): 1e-9, ("domestic_minimum",): 5.0},
    ("customs", "vat_rate"): {("cn", "vat_recoverable_share"): 0.5},
    ("freight", "pickup"): {("pickup", "steps"): PICKUP},
    ("freight", "higher_step"): {("express", "round_up_kg"): 0.1},
    ("missed_defects", "found_worth"): {("found_share",): 0.8},
    ("trial_plan", "budget"): {("most_suppliers",): 50},
    ("trial_plan", "most_suppliers"): {("budget",): 1e6},
    ("trial_plan", "least_chance"): {("budget",): 1e6, ("most_suppliers",): 50},
}


def in_context(rules: Rules, section: str, path: Path) -> Rules:
    for key in dict.fromkeys((path[0], path[-1])):
        for place, value in CONTEXT.get((section, key), {}).items():
            if path[: len(place)] != place:
                rules = with_value(rules, section, place, value)
    return rules


# --- the small month


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    made = pd.DataFrame(rows).reindex(columns=TABLES[name].names())
    return made.astype(empty(name).dtypes.to_dict())


def day(days_ago: int) -> pd.Timestamp:
    return AS_OF - pd.Timedelta(days=days_ago)


def order(number: str, **changed: Any) -> dict:
    row = {
        "order_id": number, "line_no": 1, "supplier": "S", "sku": "A", "category": "bags", "stage": "trial", "ordered_on": day(90),
        "paid_on": day(90), "promised_on": day(60), "received_on": day(58), "quantity": 40, "unit_price": 10.0,
        "goods_amount": 400.0, "freight": 30.0, "discount": 0.0, "paid_amount": 430.0, "transport_mode": "express",
        "status": "received",
    }  # fmt: skip
    return row | changed


ORDERS = [
    order("1"),
    order("2", stage="bulk", quantity=300, goods_amount=3000.0, paid_amount=3030.0),
    order("3", supplier="T"),
]
QUOTES = [
    {"quote_id": name, "supplier": name, "sku": "A", "quoted_on": day(200), "min_quantity": least, "unit_price": price,
     "lead_time_days": 20, "sample_fee": 40.0, "freight_terms": terms, "deposit_share": 0.3, "credit_days": 30,
     "benchmark_price": 11.0}
    for name, terms in {"S": "买家承担", "T": "包邮", "sea": "FOB Ho Chi Minh", "far": "EXW Osaka", "van": "自提"}.items()
    for least, price in ((20, 10.0), (200, 9.0))
]  # fmt: skip
INSPECTIONS = [
    {"order_id": number, "line_no": 1, "inspected_on": day(50), "inspected": 40, "defective": bad}
    for number, bad in (("1", 2), ("2", 3), ("3", 1))
] + [{"order_id": "1", "line_no": 1, "inspected_on": day(50), "piece": 1, "attribute": "重量(kg)", "value": 0.5}]
DEMAND = [
    {"sku": "A", "month": pd.Timestamp(2026, month, 1), "units": 60 + 7 * month % 20, "selling_price": 22.0}
    for month in range(1, 11)
]


@cache
def tables() -> dict[str, pd.DataFrame]:
    returns = table("returns", [{"order_id": "1", "line_no": 1, "returned": 1, "reworked": 1, "settled_on": day(40)}])
    made = {"orders": table("orders", ORDERS), "inspections": table("inspections", INSPECTIONS), "returns": returns}
    return made | {"quotes": table("quotes", QUOTES), "demand": table("demand", DEMAND)}


NAMES = pd.Index(["S", "T", "far", "sea", "van"], name="supplier")


@cache
def draws() -> tuple[Draws, Draws]:
    rng = np.random.default_rng(3)
    rates, days = rng.beta(3, 60, (len(NAMES), DRAWS)), rng.lognormal(3.0, 0.4, (len(NAMES), DRAWS))
    return Draws(NAMES, rates), Draws(NAMES, days)


def bought(rules: Rules) -> SimpleNamespace:
    """What the money page reckons with, and its sheets."""
    of = buying_basis(tables(), AS_OF, rules, "CNY", *draws(), SEED)
    sheet = cost_sheet_of(of)
    return SimpleNamespace(basis=of, sheet=sheet, supply=planned(of, tables(), AS_OF, rules)[1])


def money(rules: Rules) -> Outputs:
    at = bought(rules)
    yield at.sheet.table
    rule = rules.read("stock", StockRule)
    known = at.basis.freight, at.basis.costs, None, rule.longest_cover_days, at.basis.customs
    yield order_sizes(at.basis.offers, at.basis.wanted * 12, *known)
    yield negotiation_table(at.basis, at.sheet, at.supply, rule)
    per_order = at.basis.costs.order_cost, at.basis.costs.carrying_rate
    yield plan_stock(at.basis.demand, at.supply, draws()[1], rule, *per_order)
    yield quality_costs(tables(), draws()[0], at.basis.costs)


def stock(rules: Rules) -> Outputs:
    """The minimum of "huge" is 13 months of demand: one more than is sensible."""
    huge = QUOTES[0] | {"quote_id": "huge", "supplier": "huge", "min_quantity": 13 * 67}
    offers = tables() | {"quotes": table("quotes", [*QUOTES, huge])}
    of = buying_basis(offers, AS_OF, rules, "CNY", *draws(), SEED)
    yield of.offers.remarks
    yield from money(rules)


def ended(rules: Rules) -> Outputs:
    """Nothing sold in the last month after 1 to 60 of sales; no row in the last months, as many as the rule says and one fewer."""
    silent = int(as_filed(rules)["stopped_selling"]["silent_months"])
    series = {f"sold in {n}": ([5] * n + [0], 0) for n in range(1, 61)}
    series |= {f"silent {n}": ([5, 5], n) for n in (silent, silent - 1)}
    last = pd.Period("2026-09")
    rows = [
        {"sku": sku, "month": (last - missing - back).to_timestamp(), "units": n}
        for sku, (units, missing) in series.items()
        for back, n in enumerate(reversed(units))
    ]
    yield stopped_selling(pd.DataFrame(rows), AS_OF, rules.read("stopped_selling", StoppedRule))


def freight(rules: Rules) -> Outputs:
    known = known_freight(tables(), rules)
    yield known.weight_kg
    tariffs = known.tariffs
    kilos, cubic = np.meshgrid(np.r_[0.3, 1:60:0.7, 90, 49.9, 99.5, 295, 499, 950, 1100, 4600, 6000], [0.0, 0.1, 3.0])
    yield {mode: tariff.charge(kilos, cubic) for mode, tariff in tariffs.items()}
    yield {
        mode: best_order(10.0, 900.0, freight=[tariff], weight_kg=0.5, order_cost=30.0).cost_per_piece
        for mode, tariff in tariffs.items()
    }


def limits(rules: Rules) -> Outputs:
    lots = inspected_lots(tables()["orders"], tables()["inspections"])
    rule, fit = rules["limits"], fit_lots(lots, tables()["orders"])
    ratings = np.random.default_rng(0).uniform(0, 100, (5, 50))
    ranked = rank_table(ratings, pd.Series("bags", index=NAMES), rule["interval_level"])
    yield defect_rate_table(lots, tables()["orders"], rule["defect_rate"], 0.9, fit)
    yield ranked


def missed(rules: Rules) -> Outputs:
    found = rules.read("missed_defects", FoundShare)
    lots = inspected_lots(tables()["orders"], tables()["inspections"])
    yield defect_rate_table(lots, tables()["orders"], 0.05, 0.9, fit_lots(lots, tables()["orders"]), found)


def shares(first: float, second: float, share: float) -> np.ndarray:
    """100 worlds, `share` of them at `first`."""
    return np.where(np.arange(100) < round(100 * share), first, second)


MANY = 99
GRADED = {  # ratings, defect rates, trial pieces, grade before: each supplier stands close to one threshold
    "good enough": (shares(70, 50, 0.72), shares(0.01, 0.01, 1), MANY, ""),
    "clean enough": (shares(90, 90, 1), shares(0.01, 0.06, 0.80), MANY, ""),
    "pieces enough": (shares(90, 90, 1), shares(0.01, 0.01, 1), 21, ""),
    "poor, pieces enough": (shares(40, 60, 0.75), shares(0.01, 0.01, 1), MANY, ""),
    "poor, lines enough": (shares(40, 60, 0.75), shares(0.01, 0.01, 1), MANY, ""),
    "not poor": (shares(48, 60, 0.90), shares(0.01, 0.01, 1), MANY, ""),
    "kept an A": (shares(70, 50, 0.55), shares(0.01, 0.01, 1), MANY, "A"),
    "kept a clean A": (shares(90, 90, 1), shares(0.01, 0.06, 0.80), MANY, "A"),
}


def refused(rules: Rules) -> Outputs:
    rule = rules.read("refused_rows", RefusedRule)
    found = [
        refused_rows(pd.DataFrame({"rows_in": [1000], "quarantined": [n]}), pd.DataFrame(), rule) for n in range(200)
    ]
    yield [(of.is_told, of.is_draft) for of in found]


def grades(rules: Rules) -> Outputs:
    """Own evidence covers 0.55 of the weight: just enough for a C, as are the pieces and the lines of the two poor suppliers."""
    names, house = list(GRADED), as_filed(rules)["grades"]
    ratings, defects = (np.stack([GRADED[name][part] for name in names]) for part in (0, 1))
    pieces, before = (pd.Series([GRADED[name][part] for name in names], index=names) for part in (2, 3))
    inspected, received = (pd.Series(MANY, index=names) for _ in range(2))
    inspected["poor, pieces enough"] = house["c_least_inspected"]
    received["poor, lines enough"] = house["c_least_received"]
    tried = TrialCounts(
        inspected=inspected, defective=0 * inspected, received=received, open=received, trial_pieces=pieces
    )
    levels = [
        CriterionDraws(
            replace(criteria_in_force(rules)[0], weight=weight), np.zeros((len(names), 100)), np.full(len(names), n)
        )
        for weight, n in ((0.55, 1), (0.45, 0))
    ]
    rated = pd.DataFrame({"supplier": names, "rating": ratings.mean(axis=1)})
    yield add_grades(rated, ratings, levels, defects, tried, rules, before)["grade"]


@cache
def house_vetoes(month: str = "2026-10") -> dict:
    return {veto.criterion: veto for veto in vetoes_in_force(rules_in_force("example", month))}


def vetoes(rules: Rules) -> Outputs:
    """Of each veto one supplier close to its level, one close to its probability, one close to what keeps a C; and two whose own
    pieces are just enough to condemn them (20, all defective) or not quite (12 of 100 are more than 8 %, and 14 more than 10 %, with 90 %)."""
    for name, veto in house_vetoes(rules.month).items():
        bad, good = veto.worse_than * 1.05, veto.worse_than * 0.5
        chances = (1, veto.probability * 1.05, veto.keep_probability * 1.05, 1, 1)
        worlds = [shares(bad, good, share) for share in chances]
        worlds[1:] = [np.where(world == bad, 10 * bad, good) for world in worlds[1:]]
        criterion = next(c for c in criteria_in_force(rules_in_force("example", "2026-10")) if c.name == name)
        names, n = ["level", "probability", "kept", "pieces", "own"], np.full(5, 9)
        many = pd.Series(MANY, index=names)
        pieces = pd.Series([MANY, MANY, MANY, 20, 100], index=names)
        nearly = int(100 * veto.worse_than) + 4
        defective = pd.Series([MANY, MANY, MANY, 20, min(nearly, 100)], index=names)
        rated = pd.DataFrame({"supplier": names, "rating": 50.0})
        levels = [CriterionDraws(criterion, np.stack(worlds), n)]
        defects = np.stack(worlds) if name == "defect_rate" else np.full((5, 100), 0.01)
        held = pd.Series(["", "", "C", "", ""], index=names)
        tried = TrialCounts(pieces, defective, many, many, many)
        yield add_grades(rated, np.full((5, 100), 55.0), levels, defects, tried, rules, held)["grade"]


def criteria(rules: Rules) -> Outputs:
    """Two suppliers, whose levels lie within each step of the anchors."""
    known = criteria_in_force(rules)
    evidence = {}
    for number, criterion in enumerate(known):
        worst, *_, best = criterion.anchors
        levels = np.linspace(worst, best, DRAWS)
        rows = np.stack([np.roll(levels, number), np.roll(levels[::-1] ** 2 / max(abs(worst), abs(best)), number)])
        evidence[criterion.name] = CriterionEvidence(Draws(pd.Index(["S", "T"]), rows), pd.Series(9, index=["S", "T"]))
    yield worths(known, evidence, pd.Series("bags", index=["S", "T"]), SEED).ratings().mean(axis=1)


def inspection(rules: Rules) -> Outputs:
    """Lots of 33, 48 and 300 pieces, series and trials; "steady" has earned reduced inspection, "poor" is under tightened one."""
    rule = rules.read("inspection", InspectionRule)
    names = ["steady", "poor", "new"]
    lots = [
        {"supplier": "steady", "lot_size": 300, "inspected": 300, "defective": 0, "steady": True} for _ in range(16)
    ] + [{"supplier": "poor", "lot_size": 50, "inspected": 50, "defective": 30, "steady": True} for _ in range(2)]
    lines = [
        {
            "order_id": f"{name} {size} {stage}",
            "line_no": 1,
            "supplier": name,
            "sku": "A",
            "stage": stage,
            "quantity": size,
        }
        for name in names
        for size in (33, 48, 300)
        for stage in ("trial", "bulk")
    ]
    rates = Draws(pd.Index(names), np.random.default_rng(2).beta([[1], [2], [2]], [[300], [40], [60]], (3, 200)))
    seen = pd.Series({"steady": 4800, "poor": 100})
    yield recommend_plans(pd.DataFrame(lines), rates, seen, 0.5, 15.0, rule, pd.DataFrame(lots))


def risky_goods(rules: Rules) -> Outputs:
    """A lot of bulk of each category that is inspected more strictly: large ones, and one that is just small enough for every piece."""
    words = as_filed(rules, "risky_goods")["categories"]
    sizes = [(word, 300) for word in words] + [(words[0], as_filed(rules, "risky_goods")["inspect_all_up_to"])]
    lines = [
        {"order_id": f"{word}{size}", "line_no": 1, "supplier": "S", "sku": "A", "stage": "bulk", "quantity": size, "category": f"{word}s"}
        for word, size in sizes
    ]  # fmt: skip
    rates = Draws(pd.Index(["S"]), np.random.default_rng(2).beta(1, 400, (1, 200)))
    rule, risky = rules.read("inspection", InspectionRule), rules.read("risky_goods", RiskyGoods)
    yield recommend_plans(pd.DataFrame(lines), rates, pd.Series({"S": 900}), 0.5, 15.0, rule, risky=risky)


def reconciliation(rules: Rules) -> Outputs:
    """Each line stands just beyond one tolerance, and within it when that is a little larger."""
    lines = [
        order("price", sku="A1", unit_price=10.053, goods_amount=402.12, paid_amount=432.12),
        order("amount", sku="A2", paid_amount=430.055),
        order("late", sku="A3", received_on=day(59)),
        order("missing", sku="A4", received_on=None, status="open", promised_on=day(16)),
        order("first", sku="A5", ordered_on=day(94), paid_on=day(94)),
        order("twin", sku="A5"),
    ]
    quotes = [QUOTES[0] | {"quote_id": f"q{n}", "sku": f"A{n}", "min_quantity": 1} for n in range(1, 6)]
    found = tables() | {"orders": table("orders", lines), "quotes": table("quotes", quotes)}
    yield reconcile(found, AS_OF, tolerances(rules))


def backup(rules: Rules) -> Outputs:
    spend = pd.DataFrame({"supplier": "S", "sku": ["A", "B"], "category": ["bags", "toys"], "spend": 100.0})
    tried = pd.DataFrame(
        {"inspected": [21, 60, 0], "received": [3, 3, 0], "p_under_limit": [0.9, 0.75, np.nan], "lead_time_p90": [20.0, 20.0, np.nan]},
        index=["T", "sea", "far"],
    )  # fmt: skip
    offers = bought(rules).basis.offers
    yield backups(spend, offers, tried, pd.Series({"S": "bags"}), rules.read("backups", BackupRule))


def outages(rules: Rules) -> Outputs:
    at = bought(rules_in_force("example", "2026-10"))
    spend = at.supply.assign(spend=100.0)
    ready = pd.DataFrame(
        {"supplier": at.supply["supplier"], "sku": "A", "backup": "T", "readiness": "ready", "cost_ratio": 1.0}
    )
    ready["spend"] = spend["spend"]
    yield supply_policies(
        at.basis, at.sheet, at.supply, ready, tables()["demand"], rules.read("outages", Outages), SEED
    )


def shutdowns(rules: Rules) -> Outputs:
    """Counted days of orders from every week of two years, each open for forty days."""
    days = calendar("every day").outside(shutdowns_in(rules["shutdowns"]))
    start = np.arange(np.datetime64("2025-06-01"), np.datetime64("2027-06-01"), 5)
    yield days.between(start, start + 40)


def weights(rules: Rules) -> Outputs:
    rule, names = move_limits(rules), [criterion.name for criterion in criteria_in_force(rules)]
    analyst = np.array([criterion.weight for criterion in criteria_in_force(rules)])
    fixed = np.isin(names, policy_criteria(rules))
    learned = np.where(np.arange(len(names)) == 0, 0.5, 0.5 / (len(names) - 1) * np.linspace(0, 2, len(names)))
    target = policy_as_it_stands(floored(learned, analyst, fixed, rule.floor), analyst, fixed)
    spread = analyst + np.resize([0.03, -0.03], len(names)) * (np.arange(len(names)) < len(names) // 2 * 2)
    yield target
    yield step_towards(analyst, target, rule)
    yield step_towards(analyst, spread, rule)
    yield weight_stability(close_races(), pd.DataFrame(), rule.toss_up)


def close_races() -> Worths:
    """Two hundred categories of two suppliers each, the winner's lead from nothing to a tenth of the weight."""
    criteria = tuple(replace(c, weight=0.5) for c in criteria_in_force(rules_in_force("example", "2026-10"))[:2])
    lead = np.repeat(np.linspace(1e-4, 0.1, 200), 2) * np.tile([1, 0], 200)
    values = np.stack([np.tile([0.8, 0.3], 200), np.tile([0.3, 0.8], 200) + lead])[:, :, None]
    names = pd.Index([f"s{n:03d}" for n in range(400)])
    category = pd.Series(np.repeat([f"c{n:03d}" for n in range(200)], 2), names)
    return Worths(criteria, names, category, list(values), values, np.ones((2, 400), int))


def outcomes(rules: Rules) -> Outputs:
    """An order far too late, one that never came and is just given up, and one of each stage with defects and no selling price."""
    filed = as_filed(rules)["outcomes"]
    late, gone = filed["delay_days"] + 400, int(filed["given_up_days"] * 0.95) + 1
    lines = [
        order("late", ordered_on=day(late + 30), promised_on=day(late), received_on=day(1)),
        order("gone", received_on=None, status="open", ordered_on=day(gone), promised_on=day(gone - 20)),
        order("bulk", stage="bulk"),
        order("trial"),
    ]
    seen = [INSPECTIONS[0] | {"order_id": name} for name in ("late", "bulk", "trial")]
    made = tables() | {
        "orders": table("orders", lines),
        "inspections": table("inspections", seen),
        "demand": empty("demand"),
    }
    yield trial_outcomes(made, AS_OF, OutcomeRules.of(rules))


def as_filed(rules: Rules, section: str = "") -> Any:
    """The rules, or a section of them, as the files have them, whatever is changed here."""
    filed = rules_in_force("scms" if rules.file_of["outcomes"] == "scms.toml" else "example", rules.month)
    return filed[section] if section else filed


def trials(rules: Rules) -> Outputs:
    rule = rules.read("trial_plan", TrialRule)
    yield rule.sizes_for(1)
    at = bought(rules_in_force("example", "2026-10"))
    found = season_values(at.basis, tables(), rule)
    yield found.season
    yield choice_regret(found, rule.bad_choice_factor)
    yield plan_trials(
        many_contests(), {}, rule, lambda supplier, pieces: binom.pmf(range_of(pieces), pieces, RATES)
    ).trials


RATES = (np.arange(50) + 0.5) / 100


def range_of(pieces: int) -> np.ndarray:
    return np.arange(pieces + 1)[:, None]


def many_contests() -> list[Contest]:
    """Thirty SKUs, each with a supplier of its own at 2 % and a cheaper one, more and more so, that nobody inspected."""
    rng = np.random.default_rng(1)
    cells = np.stack([np.full(400, 2), rng.beta(1, 12, 400) // 0.01]).astype(int).clip(0, len(RATES) - 1)
    rule = rules_in_force("example", "2026-10").read("purchase_plan", PurchaseRule)
    return [
        Contest(
            f"k{n}", (f"now{n}", f"new{n}"), np.array([[20.0], [19.0 - 0.15 * n]]) * (1 + 3 * RATES[cells]), cells, np.array([True, False]),
            np.array([False, True]), 0, np.full(2, 4.0), np.full(2, 20.0), np.ones(2), 1000.0 + 50 * n, np.inf, rule,
        )
        for n in range(30)
    ]  # fmt: skip


def exchange(rules: Rules) -> Outputs:
    known = [name for name in ("USD", "EUR") if name in rules.sections["exchange"]]
    yield [house_costs(rules, currency) for currency in known]


def purchases(rules: Rules) -> Outputs:
    """A well-known supplier, one whose record is short by a piece, and one never inspected; savings near what a change costs."""
    rule = rules.read("purchase_plan", PurchaseRule)
    house = as_filed(rules)["purchase_plan"]
    worth = house["switching_cost"] / house["horizon_months"]
    for gain in (worth * 1.03, worth * 0.97):
        for seen in (house["proven_pieces"], house["proven_pieces"] - 1, 0):
            yield _bought(rule, gain, seen, 1.0)
    yield _bought(rule, worth * 50, 500, house["least_probability"] + 0.02)
    need = 100 * 100.0  # a month's from one supplier, all of the month's purchases
    for near in (0.95, 1.05):
        sold = pd.Series({"new": near * need / house["capacity_share"]})
        yield _bought(rule, worth * 50, 500, 1.0, capacity=sold)
    yield _bought(rule, worth * 50, 500, 1.0, quantity=int(house["cash_a_month"] / 100.0 * 1.05))
    yield _out_for_bulk(rules)


@cache
def _bulk_and_trial() -> tuple[SimpleNamespace, dict[str, pd.DataFrame]]:
    """Suppliers of all kinds: believed to be as bad in bulk as their number of thousandths says, 15 of 100 bulk pieces defective, and from
    none to more than half of 1,000 trial pieces."""
    kinds = {f"{rate} {bad}": (rate, bad) for rate in range(60, 112, 2) for bad in (15, 90)}
    kinds |= {f"120 {bad}": (120, bad) for bad in range(0, 600, 10)}
    lines, seen = [], []
    for name, (_, bad) in kinds.items():
        for stage, n, x in (("trial", 1000, bad), ("bulk", 100, 15)):
            number = f"{name} {stage}"
            lines.append(order(number, supplier=name, stage=stage, quantity=n))
            seen.append({"order_id": number, "line_no": 1, "inspected_on": day(50), "inspected": n, "defective": x})
    believed = np.array([[rate / 1000] for rate, _ in kinds.values()])
    basis = SimpleNamespace(defect_rates=Draws(pd.Index(list(kinds)), believed), lot_correlation=0.01)
    return basis, {"orders": table("orders", lines), "inspections": table("inspections", seen)}


def _out_for_bulk(rules: Rules) -> list[str]:
    return sorted(barred_in_bulk(*_bulk_and_trial(), rules).chance)


def _bought(
    rule: PurchaseRule, gain: float, seen: int, chance: float, capacity: pd.Series | None = None, quantity: int = 500
) -> pd.DataFrame:
    """100 pieces a month of an SKU; another supplier saves `gain` a month in the mean and saves at all with `chance`."""
    names, worlds = pd.Index(["new", "old"]), np.arange(1000) / 1000
    offers = Offers(
        tuple(Offer(name, "cup", PriceLadder((1,), (100.0,)), terms=DELIVERED) for name in names), pd.DataFrame()
    )
    price = np.where(worlds < chance, -gain / 100 / chance, 0.01 * (chance < 1))
    free, freight = HouseCosts.counting(), FreightSources(fit_freight(empty("orders")))
    rates = Draws(
        names, np.stack([1 - 100 / (200 + price), np.full(1000, 0.5)])
    )  # a good piece costs 200 + price, and 200
    days = Draws(names, np.full((2, 1000), 9.0))
    asked = pd.DataFrame({"supplier": names, "sku": "cup", "quantity": quantity})
    sheet = make_cost_sheet(offers, asked, rates, days, freight, free)
    return plan_purchases(
        sheet, pd.Series({"cup": 100.0}), pd.Series(dtype=object), pd.Series({"new": seen, "old": 500}),
        pd.Series({"cup": "old"}), pd.Series(dtype=float), rates, days, freight, AS_OF, rule, limit=0.05, longest_days=90.0,
        capacity=capacity,
    )  # fmt: skip


def quote(supplier: str, price: float, sku: str = "A", **changed: Any) -> dict:
    row = {
        "quote_id": f"{supplier}{sku}",
        "supplier": supplier,
        "sku": sku,
        "quoted_on": day(80),
        "min_quantity": 1,
        "unit_price": price,
    }
    return row | changed


def asked(supplier: str, ago: int, hours: float | None, phase: str = "after-sales") -> dict:
    came = None if hours is None else day(ago) + pd.Timedelta(hours=hours)
    return {"supplier": supplier, "asked_at": day(ago), "replied_at": came, "phase": phase}


def around(rules: Rules) -> Outputs:
    """Prices, replies, orders and profiles that stand just on one side of each of the house's limits."""
    words = as_filed(rules, "risk_register")["tested_categories"]
    bought = {"promised_on": day(40), "received_on": day(30), "ordered_on": day(70)}
    orders = [
        order("b1", supplier="low", quantity=21, unit_price=7.3, goods_amount=153.3, **bought),
        order("b2", supplier="low", quantity=21, unit_price=7.3, goods_amount=153.3, **bought),
        order("t1", supplier="near", sku="B", quantity=30, unit_price=7.4555, goods_amount=None, **bought),
        order("t2", supplier="near", sku="B", quantity=30, unit_price=7.4555, goods_amount=None, **bought),
        order("r1", supplier="riser", sku="D", **bought | {"ordered_on": day(85)}),
        order("v", supplier="gone", promised_on=day(21), received_on=None, shipped_on=None, status="open"),
        order("l", supplier="slow", promised_on=day(11), received_on=None, shipped_on=day(12), status="open"),
        order("r0", supplier="tested", category=words[0], ordered_on=day(380)),
        *(order(f"s{n}", supplier=name) for n, name in enumerate(("quick", "late", "silent", "once"))),
    ]
    quotes = [
        quote("low", 7.3), quote("x", 10.0), quote("y", 10.0), quote("trap", 7.3, "C"), quote("x", 10.0, "C"), quote("y", 10.0, "C"),
        quote("near", 7.3, "B"), quote("x", 10.0, "B"), quote("y", 10.0, "B"), quote("riser", 11.07, "D", quoted_on=day(5)),
        quote("x", 11.0, "D"),
    ]  # fmt: skip
    inquiries = [
        asked(name, 100 + n, hours, "pre-sale")
        for n, (name, hours) in enumerate((("quick", 26.0), ("late", 1.0), ("silent", 1.0), ("once", 1.0)))
    ]
    inquiries += [asked("quick", 20, None), asked("silent", 11, None), asked("once", 9, 60.0)]
    inquiries += [asked("late", ago, 38.0) for ago in (20, 21, 22, 23)]
    profiles = [{"supplier": f"p{n}", "category": f"{word}用品"} for n, word in enumerate(words)]
    profiles += [{"supplier": "tested", "category": f"{words[0]}用品"}]
    profiles += [{"supplier": "ends", "credentials_until": day(-50)}, {"supplier": "points", "penalty_points": 40}]
    rows = {"orders": orders, "quotes": quotes, "inquiries": inquiries, "suppliers": profiles}
    made = {name: table(name, rows.get(name, [])) for name in TABLES}
    reported = {
        "order_id": "r0",
        "line_no": 1,
        "inspected_on": day(350),
        "inspected": 5,
        "defective": 0,
        "inspected_by": "third_party",
    }
    made["outside_inspections"] = table("inspections", [reported])
    found = evidence_around(made, AS_OF, rules)
    yield found["offer_comparison"]
    yield found["contacts"]
    yield risk_register(
        found["findings"],
        found["findings"],
        made["risks"],
        pd.DataFrame(),
        AS_OF,
        rules.read("risk_register", RiskRule),
    )


def medals(rules: Rules) -> Outputs:
    """What each of the platform's systems allows, just beside each of its limits."""
    section = as_filed(rules, "platform_medals")
    for name, system in medals_in_force(rules).items():
        filed = section[name]
        figures = [(0.5, 1e6, 0.0), (0.5, 0.0, 0.0), *((least * 0.95, 1e6, 0.0) for least in filed["sales"])]
        figures += [(1e9, people, 0.0) for people in filed["buyers"]] + [(1e9, 1e6, filed["dispute_rate"] * 1.07)]
        yield [system.earned(*of) for of in figures]


def buyer_levels(rules: Rules) -> Outputs:
    """The level of buyers who reach, or just miss, each step of orders and money."""
    levels, filed = rules.read("platform_levels", BuyerLevels), as_filed(rules, "platform_levels")
    for name in ("orders", "money"):
        for least in filed[name]:
            yield [levels.reached(*((least * by + up, 1e9) if name == "orders" else (1e9, least * by + up))) for by in (0.93, 1.0, 1.07) for up in (0, 0.5)]  # fmt: skip


def key_accounts(rules: Rules) -> Outputs:
    """Which of the suppliers around each condition may be in the programme."""
    fits = {"medal": "4A", "sales_30d": 2.6e6, "repurchase_rate": 0.4, "penalty_points": 10}
    edges = [{"medal": f"{n}A"} for n in range(1, 6)] + [{"sales_30d": 2.5e6 * by} for by in (0.9, 1.0, 1.1)]
    edges += [{"repurchase_rate": share} for share in (0.23, 0.25, 0.27)] + [
        {"penalty_points": n} for n in range(30, 41)
    ]
    rows = table("suppliers", [{**fits, **edge, "supplier": f"s{n}"} for n, edge in enumerate(edges)])
    yield [may_be_key_account(rows, rules.read("key_accounts", KeyAccounts)).tolist()]


def stages(rules: Rules) -> Outputs:
    """Which gates are met by groups that stand just at, or just beyond, each of them."""
    rule, skus = rules.read("stages", StageRule), [f"S{n}" for n in range(10)]
    plan = pd.DataFrame({"sku": skus, "supplier": "A", "demand_per_month": 1.0})
    made = {
        "purchase_plan": plan.assign(cost_per_good_piece=[1.0] * 8 + [np.nan] * 2),
        "scorecard": pd.DataFrame({"supplier": ["A", "B", "C"], "grade": "A"}),
        "backups": pd.DataFrame({"supplier": "A", "sku": skus[:7], "readiness": "ready"}),
        "on_time": pd.DataFrame({"supplier": ["A"], "due": [100], "on_time_in_full": [85]}),
        "exposure": pd.DataFrame({"supplier": ["A"], "share": [0.55]}),
        "quality_costs": pd.DataFrame({"cost_of_poor_quality": [3.2], "spend": [100.0]}),
        "calibration": pd.DataFrame({"month": [ALL_MONTHS], "kind": ["lead_time"], "observations": [30]}),
    }
    counts = pd.DataFrame({"sku": skus[:5], "counted_on": AS_OF - pd.Timedelta(days=87)})
    places = pd.DataFrame({"supplier": ["A", "B"], "region": ["义乌", "广州"]})
    for lines in (3, 5):
        orders = table("orders", [order(str(n), supplier="AB"[n % 2], received_on=day(3)) for n in range(lines)])
        looked = orders[["order_id", "line_no"]].head(4).assign(inspected=5)
        known = {"orders": orders, "inspections": looked, "suppliers": places, "stock_counts": counts}
        yield stage_gates(known, made, AS_OF, rule)[["reached", "met"]]


ACTS: dict[str, Callable[[Rules], Outputs]] = {
    "house_costs": money, "platform_fees": money, "insurance": money, "customs": money, "freight": freight, "exchange": exchange,
    "reconciliation": reconciliation, "limits": limits, "refused_rows": refused, "grades": grades, "vetoes": vetoes, "criteria": criteria,
    "inspection": inspection, "risky_goods": risky_goods, "missed_defects": missed, "stock": stock, "stopped_selling": ended, "backups": backup, "outages": outages, "weights": weights, "outcomes": outcomes,
    "purchase_plan": purchases, "shutdowns": shutdowns,
    "trial_plan": trials, "price_evidence": around, "service_evidence": around, "risk_register": around, "platform_medals": medals,
    "stages": stages, "platform_levels": buyer_levels, "key_accounts": key_accounts,
}  # fmt: skip
"""What each section is looked at with."""


def told(found: Any) -> Any:
    """`found` as texts that compare."""
    if isinstance(found, pd.DataFrame | pd.Series):
        return found.to_csv()
    if isinstance(found, np.ndarray):
        return found.tolist()
    if isinstance(found, list | tuple):
        return [told(part) for part in found]
    return {key: told(part) for key, part in found.items()} if isinstance(found, dict) else repr(found)


@cache
def before(source: str, month: str, section: str, context: tuple) -> Any:
    return [told(found) for found in ACTS[section](in_context(rules_in_force(source, month), section, context))]


def as_context(section: str, path: Path) -> Path:
    """`path` itself where a context is set for it, else one for all, so that what it is compared with is made once."""
    return path if any((section, key) in CONTEXT for key in (path[0], path[-1])) else ("",)


@pytest.mark.parametrize(("source", "month", "section", "path"), list(cases()))
def test_a_value_acts(source, month, section, path, monkeypatch):
    monkeypatch.setattr(basis, "STREAMS", 4)
    monkeypatch.setattr(basis, "JUDGED", 4)
    rules = in_context(rules_in_force(source, month), section, path)
    value = value_at(rules, section, path)
    changed = with_value(rules, section, path, other(value, path[-1], value_at(rules, section, path[:-1])))
    if section == "criteria" and path[-1] == "weight":  # the weights add up to 1: another one gives
        rest = next(name for name in rules["criteria"].tables() if name != path[0])
        left = value_at(rules, section, (rest, "weight")) + value - value_at(changed, section, path)
        changed = with_value(changed, section, (rest, "weight"), left)
    context = as_context(section, path)
    was = before(source, month, section, context)
    assert any(told(found) != past for found, past in zip(ACTS[section](changed), was)), f"{value!r} moves nothing"
