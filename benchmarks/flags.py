"""Traps that are found, and false alarms: simulated companies whose suppliers trap, drift, raise prices and vanish.

In each company some suppliers are given a part, from a month on: a *price* trap quotes little and bills more; a *quality* trap sends good
samples and bad bulk; a *service* trap falls silent after the first order; a *drift* is a smaller worsening of bulk; a *rise* is a quote a third dearer;
*vanished* ships nothing more. The rest are as the simulator draws them, slow and faulty ones among them. Each month is looked at as it
was known then, in-process. First evidence is the first month whose tables hold the trap's mark (of worse
bulk: `SHOWN_DEFECTS` in `SHOWN_PIECES`); a trap is found in time when its own kind
is told within two months of that. Every other flag of these kinds is false, counted once, in the month in which it first stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pandas as pd
from measuring import row

from analysis.around_orders import evidence_around
from analysis.decisions.risk import signal_value
from analysis.estimates.defect_rate import inspected_lots
from analysis.rules import rules_in_force
from analysis.simulate.company import Company, simulate_company
from analysis.simulate.known import month_end
from analysis.sources.tables import TABLES, empty

COMPANIES = int(os.environ.get("FLAGS_COMPANIES", "40"))
FIRST_SEED = int(os.environ.get("FLAGS_FIRST_SEED", "1000"))
ROUNDS, SUPPLIERS, FIRST_LOOKED = 12, 16, 5
IN_TIME = 2
PARTS = ("price", "quality", "service", "drift", "rise", "vanished")
FOUND_BY = {
    "price": {"price_trap", "over_quote"}, "quality": {"drift"}, "service": {"service_trap"}, "drift": {"drift"},
    "rise": {"price_rise"}, "vanished": {"vanished", "overdue"},
}  # fmt: skip
KINDS = set().union(*FOUND_BY.values(), {"sample_batch"})
Tables = dict[str, pd.DataFrame]


def run() -> list[dict]:
    """Over all companies: the share of traps of each kind that is found in time, and false flags a company and month; and in how many
    companies the platform's signals, which here foretell nothing, are called so."""
    seen = [outcome for seed in range(COMPANIES) for outcome in company_outcomes(FIRST_SEED + seed)]
    honest = float(np.mean([signals_called_useless(FIRST_SEED + seed) for seed in range(COMPANIES)]))
    traps = pd.DataFrame([o for o in seen if o["what"] == "trap"], columns=["what", "part", "evidence", "found"])
    false = [o for o in seen if o["what"] == "false"]
    months = sum(o["months"] for o in seen if o["what"] == "months")
    late = traps["found"] - traps["evidence"]
    traps["in_time"] = (late <= IN_TIME) & traps["found"].notna()
    every = traps["in_time"].mean()
    rows = [
        row(
            f"traps named within {IN_TIME} months of the first evidence",
            f"{every:.0%} of {len(traps)}",
            "90 %",
            every >= 0.9,
        )
    ]
    for part, own in traps.groupby("part", sort=False):
        rows.append(row(f"  of them {part}", f"{own['in_time'].mean():.0%} of {len(own)}", "", None))
    rate = len(false) / max(months, 1)
    rows.append(
        row("false flags a company and month", f"{rate:.2f} ({len(false)} in {months})", "at most 1", rate <= 1)
    )
    kinds = pd.Series([o["kind"] for o in false]).value_counts()
    rows += [row(f"  of them {kind}", str(count), "", None) for kind, count in kinds.items()]
    return [*rows, row("companies whose useless signals are called useless", f"{honest:.0%}", "90 %", honest >= 0.9)]


def signals_called_useless(seed: int) -> bool:
    """Whether no platform signal of a company is said to foretell or mislead: the simulator draws them apart from quality."""
    company = simulate_company(ROUNDS, 25, seed, story=False)
    known = company.known(company.ends_on)
    lots = inspected_lots(known["orders"], known["inspections"])
    return bool((signal_value(known["suppliers"], lots, 0.9)["verdict"] == "cannot_tell").all())


def company_outcomes(seed: int) -> Iterator[dict]:
    """What became of each trap of one company, each false flag, and the months looked at."""
    company = simulate_company(ROUNDS, SUPPLIERS, seed, story=False)
    rng = np.random.default_rng([seed, 99])
    cast = _cast(company, rng)
    tables = {name: table.copy() for name, table in company.tables.items()}
    starts = {supplier: _played(part, supplier, tables, company, rng) for supplier, part in cast.items()}
    spoilt = Company(company.rounds, company.seed, company.first_month, tables, company.truth)
    months = list(pd.period_range(company.first_month, company.last_month, freq="M"))
    told: dict[str, int] = {}
    evidence: dict[str, int] = {}
    for number, month in enumerate(months):
        if number < FIRST_LOOKED:
            continue
        day = month_end(month)
        known = _known(spoilt, day, cast)
        found = evidence_around(known, day, rules_in_force("example", str(month)))["findings"]
        for code in found.loc[found["kind"].isin(KINDS), "code"]:
            told.setdefault(code, number)
        for supplier, mark in starts.items():
            if mark is not None and mark <= day:  # NaT is not
                evidence.setdefault(supplier, number)
    yield {"what": "months", "months": len(months) - FIRST_LOOKED}
    for supplier, part in cast.items():
        if supplier in evidence and evidence[supplier] <= len(months) - 1 - IN_TIME:
            own = [
                n for code, n in told.items() if code.split(":")[0] in FOUND_BY[part] and code.split(":")[1] == supplier
            ]
            found = min((n for n in own if n >= evidence[supplier] - 1), default=np.nan)
            yield {"what": "trap", "part": part, "evidence": evidence[supplier], "found": found}
    for code in told:
        kind, supplier = code.split(":")[:2]
        if supplier not in cast or kind not in FOUND_BY[cast[supplier]] | BESIDE:
            yield {"what": "false", "kind": kind, "supplier": supplier}


BESIDE = {"overdue", "over_quote"}
"""Told of a supplier that plays a part, and true of it."""


def _cast(company: Company, rng: np.random.Generator) -> dict[str, str]:
    """One supplier a part, of those with enough orders to show it."""
    orders = company.tables["orders"]
    bulk = orders[orders["stage"] == "bulk"].groupby("supplier").size()
    often = orders.groupby("supplier")["order_id"].nunique()
    able = dict.fromkeys(PARTS, often.index[often >= 4])
    able |= dict.fromkeys(("quality", "drift"), bulk.index[bulk >= 3])
    cast: dict[str, str] = {}
    for part in PARTS:
        free = [name for name in able[part] if name not in cast]
        if free:
            cast[free[int(rng.integers(len(free)))]] = part
    return cast


def _played(
    part: str, supplier: str, tables: Tables, company: Company, rng: np.random.Generator
) -> pd.Timestamp | None:
    """Write the part into the tables; the day of its first evidence, None where there is none."""
    return {
        "price": _price,
        "quality": _quality,
        "service": _service,
        "drift": _drift,
        "rise": _rise,
        "vanished": _vanished,
    }[part](supplier, tables, company, rng)


def _price(supplier: str, tables: Tables, company: Company, rng: np.random.Generator) -> pd.Timestamp | None:
    """Quotes 45 % below its true price and bills the true one."""
    quotes = tables["quotes"]
    own = quotes["supplier"] == supplier
    tables["quotes"] = quotes.assign(unit_price=quotes["unit_price"].mask(own, (quotes["unit_price"] * 0.55).round(2)))
    tables["answers"] = tables["answers"][tables["answers"]["supplier"] != supplier]
    return quotes.loc[own, "quoted_on"].min()


def _quality(supplier: str, tables: Tables, company: Company, rng: np.random.Generator) -> pd.Timestamp | None:
    """Bulk lots are 35 % defective where samples and trials were good."""
    return _bulk_lots(supplier, tables, rng, 0.35)


def _bulk_lots(supplier: str, tables: Tables, rng: np.random.Generator, rate: float) -> pd.Timestamp | None:
    orders, seen = tables["orders"], tables["inspections"]
    lines = orders.loc[(orders["supplier"] == supplier) & (orders["stage"] == "bulk"), ["order_id", "line_no"]]
    at = (
        pd.MultiIndex.from_frame(seen[["order_id", "line_no"]]).isin(pd.MultiIndex.from_frame(lines))
        & seen["inspected"].notna()
    )
    if not at.any():
        return None
    counts = seen["inspected"].fillna(0).astype(int).to_numpy()
    bad = np.maximum(seen["defective"].fillna(0).astype(int).to_numpy(), rng.binomial(counts, rate))
    tables["inspections"] = seen.assign(
        defective=seen["defective"].mask(at, pd.Series(bad, seen.index).astype("Int64"))
    )
    found = tables["inspections"][at].sort_values("inspected_on")
    enough = (found["inspected"].cumsum() >= SHOWN_PIECES) & (found["defective"].cumsum() >= SHOWN_DEFECTS)
    return found.loc[enough.astype(bool), "inspected_on"].min()


SHOWN_PIECES, SHOWN_DEFECTS = 30, 4
"""Bulk pieces inspected, and defective among them, from which the tables hold evidence of worse bulk: fewer are none yet."""


def _drift(supplier: str, tables: Tables, company: Company, rng: np.random.Generator) -> pd.Timestamp | None:
    """Bulk lots are 18 % defective: less than a trap, still a drift."""
    return _bulk_lots(supplier, tables, rng, 0.18)


def _first_order(supplier: str, tables: Tables) -> pd.Timestamp:
    orders = tables["orders"]
    return orders.loc[orders["supplier"] == supplier, "ordered_on"].min()


def _service(supplier: str, tables: Tables, company: Company, rng: np.random.Generator) -> pd.Timestamp | None:
    """Minutes before the first order, nothing after it; the buyer asks every month."""
    first, asked = _first_order(supplier, tables), tables["inquiries"]
    own = asked["supplier"] == supplier
    before = own & (asked["asked_at"] <= first) & asked["phase"].eq("pre-sale")
    after = own & ~before
    quick = asked["asked_at"] + pd.Timedelta(minutes=9)
    asked = asked.assign(replied_at=asked["replied_at"].mask(before, quick).mask(after, pd.NaT))
    days = pd.date_range(first + pd.Timedelta(days=15), company.ends_on, freq="40D") + pd.Timedelta(hours=10)
    more = pd.DataFrame({"supplier": supplier, "asked_at": days, "phase": "after-sales"}).reindex(columns=asked.columns)
    tables["inquiries"] = pd.concat([asked, more.astype(asked.dtypes.to_dict())]).sort_values(
        "asked_at", ignore_index=True
    )
    return days.min() + pd.Timedelta(days=10) if len(days) else None


def _rise(supplier: str, tables: Tables, company: Company, rng: np.random.Generator) -> pd.Timestamp | None:
    """From its first order on, and seven months after the beginning, a new quote a third dearer, and paid."""
    quotes = tables["quotes"]
    since = max(_first_order(supplier, tables) + pd.Timedelta(days=30), month_end(company.first_month + 6))
    own = quotes[(quotes["supplier"] == supplier) & (quotes["quoted_on"] < since)]
    newest = own[own["quoted_on"] == own.groupby("sku")["quoted_on"].transform("max")]
    raised = newest.assign(
        quote_id=newest["quote_id"] + "R",
        quoted_on=since,
        valid_until=since + pd.Timedelta(days=300),
        unit_price=(newest["unit_price"] * 1.37).round(2),
    )
    old = quotes["supplier"].eq(supplier) & (quotes["quoted_on"] < since)
    rest = quotes.assign(valid_until=quotes["valid_until"].mask(old, quotes["valid_until"].clip(upper=since)))
    rest = rest[~(rest["supplier"].eq(supplier) & (rest["quoted_on"] >= since))]
    tables["quotes"] = pd.concat([rest, raised], ignore_index=True)
    orders = tables["orders"]
    later = (orders["supplier"] == supplier) & (orders["ordered_on"] >= since)
    names = ("unit_price", "goods_amount", "paid_amount")
    tables["orders"] = orders.assign(
        **{name: orders[name].mask(later, (orders[name] * 1.37).round(2)) for name in names}
    )
    return since


def _vanished(supplier: str, tables: Tables, company: Company, rng: np.random.Generator) -> pd.Timestamp | None:
    """Orders placed in the second half never ship; the first one past its promise is the evidence."""
    orders = tables["orders"]
    gone = (orders["supplier"] == supplier) & (orders["ordered_on"] > month_end(company.first_month + 5))
    nothing = {name: orders[name].mask(gone) for name in ("shipped_on", "received_on", "received_quantity")}
    tables["orders"] = orders.assign(**nothing)
    lines = pd.MultiIndex.from_frame(orders.loc[gone, ["order_id", "line_no"]])
    seen = tables["inspections"]
    tables["inspections"] = seen[~pd.MultiIndex.from_frame(seen[["order_id", "line_no"]]).isin(lines)]
    promised = orders.loc[gone, "promised_on"].min()
    return None if pd.isna(promised) else promised + pd.Timedelta(days=1)


def _known(company: Company, day: pd.Timestamp, cast: dict[str, str]) -> Tables:
    """What was known on `day`; what never came stays open."""
    found = company.known(day)
    gone = [name for name, part in cast.items() if part == "vanished"]
    orders = found["orders"]
    never = (
        orders["supplier"].isin(gone)
        & orders["shipped_on"].isna()
        & orders["received_on"].isna()
        & (orders["ordered_on"] > month_end(company.first_month + 5))
    )
    found["orders"] = orders.assign(status=orders["status"].mask(never & (orders["paid_on"] <= day), "open"))
    return {name: found.get(name, empty(name)).reindex(columns=empty(name).columns) for name in TABLES}
