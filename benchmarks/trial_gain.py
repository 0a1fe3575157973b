"""Do trials earn what the next round says? Recommended, ordered and inspected in companies whose truth is known.

A company (`decision_worlds`) is reviewed; the trials that the review recommends are then played with the company's own truth: their
days, their lot's defect rate, their defects. The reviews of the next months are made with and without them, all else the same,
orders that are on the road included. Where the two plans differ, each one's bulk lot is played too, and both are made once more
when it was inspected. What the plan buys costs what it truly costs; the pieces that the first plan orders are the same with and
without trials.

    realised = sum over SKUs and months of the horizon of (true cost without trials - with them) - changes of supplier - the trials' cost

    python benchmarks/trial_gain.py --companies 80 --months 6 --world drifters [--keep FILE] [--read FILE]
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from decision_worlds import MISSED, WORLDS, asked_for, make_company
from decisions import HELD_OUT, RULES, Reviewed, true_costs
from measuring import row

from analysis.decisions.purchase_plan import PurchaseRule
from analysis.decisions.sourcing import next_trials
from analysis.decisions.trial_plan import TrialRule
from analysis.estimates.defect_rate import fit_lots
from analysis.estimates.drift import drift_table, measured_pieces
from analysis.simulate.company import Company
from analysis.simulate.outcomes import LOT_SIZE_PARAMETER
from analysis.simulate.records import canonical

REVIEWS = 3
"""Months in which a trial's outcome may come in; what comes later counts as never."""
BULK_COMES = 2
"""Months from a plan to the review that knows the bulk lot ordered by it."""
BULK_SEEN = 50
"""Pieces of a bulk lot that are inspected."""
DAYS_A_MONTH = 365.25 / 12
PLAN, TRIALS = RULES.read("purchase_plan", PurchaseRule), RULES.read("trial_plan", TrialRule)
COMPANIES, AGES = 80, (3, 6)


def measured(kind: str, seed: int, months: int, rule: TrialRule = TRIALS) -> dict[str, float]:
    """One company: what its round states and what it brings."""
    company = make_company(kind, seed, months)
    seen = Reviewed(company.known(company.ends_on), company.ends_on, seed)
    trials = recommended(seen, rule).trials
    found = {"world": kind, "months": months, "seed": seed, "trials": len(trials)}
    found |= {"stated": trials["expected_gain"].sum(), "cost": trials["cost"].sum(), "realised": 0.0, "moved": 0.0}
    if trials.empty:
        return found
    truth, played = true_costs(company, kind, seen), play(company, kind, trials, seed)
    gain, last = 0.0, int(np.clip(np.ceil(played["days"].max() / DAYS_A_MONTH), 1, REVIEWS))
    for after in range(1, last + 1):  # later reviews know no more of the trials
        without, having = (plan_after(company, seen, after, done) for done in (None, played))
        until = after + 1 if after < last else last + BULK_COMES
        found["moved"], saved = difference(seen, truth, without, having, after, until)
        gain += saved
    if found["moved"]:
        gain += after_bulk(company, kind, seen, truth, (without, having), (None, played), last)
    found["realised"] = gain - PLAN.switching_cost * found["moved"]
    return found


def recommended(seen: Reviewed, rule: TrialRule):
    """The review's next round."""
    orders = seen.tables["orders"]
    measured_ = measured_pieces(orders, seen.tables["inspections"])
    drift = drift_table(seen.lots, measured_, fit_lots(seen.lots, orders))
    plan = seen.plan.reset_index()
    known = seen.basis, plan, seen.sizes, seen.tables, seen.scorecard, drift, RULES, rule
    return next_trials(*known, seed=seen.seed, currency="CNY")


def play(company: Company, kind: str, trials: pd.DataFrame, seed: int) -> pd.DataFrame:
    """`trials` with what becomes of them: `days` until they are inspected, pieces `defective` as the inspector sees them."""
    rng = np.random.default_rng([seed, 77])
    people = company.truth["suppliers"].set_index("supplier").loc[trials["supplier"]]
    offers = company.truth["offers"].set_index(["supplier", "sku"])
    rate = offers.loc[pd.MultiIndex.from_frame(trials[["supplier", "sku"]]), "defect_rate_trial"].to_numpy()
    own = rng.beta(rate * LOT_SIZE_PARAMETER, (1 - rate) * LOT_SIZE_PARAMETER)
    defective = rng.binomial(trials["pieces"], own)
    if kind == "rough":
        defective = rng.binomial(defective, 1 - MISSED)
    spread = np.log(people["lead_time_p90"] / people["lead_time_median"]) / 1.2816
    days = people["lead_time_median"] * np.exp(spread * rng.standard_normal(len(people)))
    return trials.assign(days=np.ceil(days.to_numpy()), defective=defective)


def after_bulk(
    company: Company,
    kind: str,
    seen: Reviewed,
    truth: pd.Series,
    plans: tuple[pd.Series, pd.Series],
    played: tuple[pd.DataFrame | None, pd.DataFrame | None],
    last: int,
) -> float:
    """What the trials save from the day on which both plans know the bulk lots that they ordered of other suppliers."""
    both = plans[0].index.intersection(plans[1].index)
    differ = both[(plans[0][both] != plans[1][both]).to_numpy()]
    known = []
    for plan, trials in zip(plans, played):
        lots = bulk(company, kind, plan[differ], seen, last)
        done = lots if trials is None else pd.concat([trials.assign(stage="trial", placed=seen.as_of), lots])
        known.append(plan_after(company, seen, last + BULK_COMES, done.reset_index(drop=True)))
    return difference(seen, truth, *known, last + BULK_COMES, np.inf)[1]


def bulk(company: Company, kind: str, plan: pd.Series, seen: Reviewed, last: int) -> pd.DataFrame:
    """A bulk lot of each SKU from its planned supplier, ordered after `last` months and inspected as the buyer inspects."""
    offers = company.truth["offers"].set_index(["supplier", "sku"])["defect_rate_bulk"]
    rows = []
    for sku, supplier in plan.items():
        if (supplier, sku) not in offers.index:
            continue
        rng = np.random.default_rng([seen.seed, 78, *f"{supplier}{sku}".encode()])
        rate = rng.beta(*(LOT_SIZE_PARAMETER * np.array([offers[supplier, sku], 1 - offers[supplier, sku]])))
        defective = rng.binomial(BULK_SEEN, rate * (1 - MISSED if kind == "rough" else 1))
        rows.append(
            (supplier, sku, BULK_SEEN, float(seen.plan.loc[sku, "cost_per_good_piece"]) * BULK_SEEN, 20.0, defective)
        )
    found = pd.DataFrame(rows, columns=["supplier", "sku", "pieces", "outlay", "days", "defective"])
    return found.assign(stage="bulk", placed=seen.as_of + pd.DateOffset(months=last))


def plan_after(company: Company, seen: Reviewed, months: int, played: pd.DataFrame | None) -> pd.Series:
    """Whom the plan buys each SKU from, `months` reviews later; quotes and demand stay what they were."""
    as_of = (seen.as_of + pd.DateOffset(months=months)) + pd.offsets.MonthEnd(0)
    tables = company.known(as_of)
    renewed = seen.tables["quotes"]["valid_until"] + (as_of - seen.as_of)
    tables |= {"quotes": seen.tables["quotes"].assign(valid_until=renewed), "demand": seen.tables["demand"]}
    if played is not None:
        tables |= with_lots(tables, played, seen.as_of, as_of)
    return bought(Reviewed(tables, as_of, seen.seed))


def bought(seen: Reviewed) -> pd.Series:
    """Whom the plan has each SKU bought from; of one that it tries somebody for first, who sends the rest meanwhile."""
    plan = seen.plan[seen.plan["supplier"].notna()]
    tried = plan.loc[plan["action"] == "trial_first", "reason"]
    return plan["supplier"].mask(plan["action"] == "trial_first", tried.map(_meanwhile)).astype("str")


def _meanwhile(told: str) -> str:
    (said,) = [
        part for part in map(json.loads, json.loads(told)["parts"]) if part["key"] == "purchase_plan.tried_first"
    ]
    return said["supplier"]


def with_lots(
    tables: dict[str, pd.DataFrame], played: pd.DataFrame, ordered_on: pd.Timestamp, as_of: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Orders and inspections with the `played` in them (trials ordered after `ordered_on` unless they say), as far as they came by
    `as_of`."""
    orders, inspections = tables["orders"], tables["inspections"]
    placed = (played["placed"] if "placed" in played else pd.Series(ordered_on, played.index)) + pd.Timedelta(days=1)
    came = placed + pd.to_timedelta(played["days"], unit="D")
    stage = played["stage"].to_numpy() if "stage" in played else "trial"
    arrived = (came <= as_of).to_numpy()
    where = {"order_id": [f"played-{n}" for n in range(len(played))], "line_no": 1}
    category = orders.dropna(subset="category").drop_duplicates("sku").set_index("sku")["category"]
    price = played["outlay"] / played["pieces"]
    lines = canonical("orders", where | {
        "supplier": played["supplier"].to_numpy(), "sku": played["sku"].to_numpy(), "stage": stage, "ordered_on": placed.to_numpy(),
        "category": category.reindex(played["sku"]).to_numpy(), "paid_on": placed.to_numpy(), "received_on": came.where(arrived).to_numpy(),
        "quantity": played["pieces"].to_numpy(), "unit_price": price.to_numpy(), "status": np.where(arrived, "received", "open"),
    })  # fmt: skip
    lines["received_quantity"] = lines["quantity"].where(arrived, 0)
    looks = canonical("inspections", where | {
        "inspected_on": came.to_numpy(), "inspected": played["pieces"].to_numpy(), "defective": played["defective"].to_numpy(),
    })[arrived]  # fmt: skip
    looks["reinspection"] = False
    return {
        "orders": pd.concat([orders, lines[orders.columns].astype(orders.dtypes)], ignore_index=True),
        "inspections": pd.concat(
            [inspections, looks[inspections.columns].astype(inspections.dtypes)], ignore_index=True
        ),
    }


def difference(
    seen: Reviewed, truth: pd.Series, without: pd.Series, having: pd.Series, after: float, until: float
) -> tuple[int, float]:
    """SKUs bought from somebody else because of the trials, and what that saves between the reviews `after` and `until`."""
    road = seen.tables["orders"][seen.tables["orders"]["status"] == "open"].groupby("sku")["quantity"].sum()
    changed, saved = 0, 0.0
    for sku in without.index.intersection(having.index):
        pair = (sku, without[sku]), (sku, having[sku])
        if pair[0] == pair[1] or not all(each in truth.index for each in pair):
            continue
        plan = seen.plan.loc[sku]
        covered = (road.get(sku, 0) + plan["pieces"]) / plan["demand_per_month"]
        months = max(min(PLAN.horizon_months, until) - max(after, covered), 0.0)
        changed += 1
        saved += plan["demand_per_month"] * months * (truth[pair[0]] - truth[pair[1]])
    return changed, saved


def measure(kind: str, companies: int, months: int, first: int, rule: TrialRule = TRIALS) -> pd.DataFrame:
    """One row a company."""
    return pd.DataFrame([measured(kind, first + n, months, rule) for n in range(companies)])


def summed(found: pd.DataFrame) -> dict[str, float]:
    """Of the companies where trials are recommended: stated and realised a company, their ratio, and how many gain."""
    tried = found[found["trials"] > 0]
    net = tried["realised"] - tried["cost"]
    gained = tried["realised"].mean()
    return {
        "companies": len(found), "with trials": len(tried), "trials": float(tried["trials"].mean()), "stated": tried["stated"].mean(),
        "realised": gained, "error": float(tried["realised"].std() / max(len(tried), 1) ** 0.5), "cost": tried["cost"].mean(),
        "net": net.mean(), "ratio": tried["stated"].mean() / gained if gained > 0 else np.inf, "not worse": (net >= 0).mean(),
    }  # fmt: skip


def told(found: pd.DataFrame) -> str:
    """A row a world and age."""
    groups = [*found.groupby(["world", "months"], sort=False), (("all", "all"), found)]
    return pd.DataFrame({f"{kind}, {months}": summed(part) for (kind, months), part in groups}).T.round(2).to_string()


def run(companies: int = 6) -> list[dict]:
    """The benchmarks' table, by a few companies only: the command line measures many."""
    rows = []
    for kind in WORLDS:
        one = summed(measure(kind, companies, AGES[0], HELD_OUT))
        what = f"net CNY of the next round a company with trials, {kind}, {AGES[0]} months, {companies} companies"
        rows.append(row(what, one["net"], ">= 0", bool(one["net"] >= 0), one["stated"], one["ratio"]))
    return rows


def main() -> None:
    asked = asked_for(__doc__, COMPANIES, AGES, HELD_OUT)
    given = asked.parse_args()
    if given.read:
        print(told(pd.read_csv(given.read)))
        return
    rows = []
    for number in range(given.companies):
        for kind in given.world:
            for months in given.months:
                rows.append(measured(kind, given.first + number, months))
                if given.keep:
                    pd.DataFrame(rows[-1:]).to_csv(given.keep, mode="a", header=not given.keep.exists(), index=False)
    print(told(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
