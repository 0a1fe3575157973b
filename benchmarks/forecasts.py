"""Forecasts of arrivals out of sample: do 90 % intervals hold, through a company's first festival, on real shipments, of strangers?

At the end of each month the open orders and those placed in the month after are forecast from what was known then. "before" is the
method without shutdowns, forgetting and promises: lead times alone. `python benchmarks/forecasts.py --months 3` takes every third
month of the real shipments, `--seeds 10` companies of the simulator (the shipped one first).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import row

from analysis.assessment import shutdowns_ahead
from analysis.estimates.lead_time import LeadTimes, arrival_days, fit_lead_times, fit_promises, lead_times, time_orders
from analysis.estimates.lead_time.promises import chance_beyond
from analysis.estimates.track_record.arrivals_together import chance_between
from analysis.estimates.track_record.late_together import SHOCKS, MonthShocks, fit_month_shocks
from analysis.estimates.track_record.proper_scores import pinball_loss
from analysis.rules import rules_in_force
from analysis.simulate import simulate_company
from analysis.simulate.company import EXAMPLE_SEED
from analysis.sources.load import END_OF_TIME, load_source

LEVELS = np.array([0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95])
PAIRS = {0.5: (2, 4), 0.2: (1, 5), 0.1: (0, 6)}
FESTIVAL_MONTHS = ("01", "02", "09")
"""Forecasts made at the end of these months lie before or in Spring Festival or National Day."""
SHIPMENTS = pd.period_range("2008-07", "2013-12", freq="M")
Timing = Callable[[pd.DataFrame, pd.Timestamp], LeadTimes]
KEYS = ["order_id", "line_no"]
ALONE = MonthShocks((SHOCKS == 0).astype(float), 0)
"""No month has a shock of its own."""


def forecasts(
    known: pd.DataFrame, final: pd.DataFrame, as_of: pd.Timestamp, timed: Timing, promises: bool
) -> pd.DataFrame:
    """One row an order line that was open on `as_of` or ordered in the month after, with quantiles, P(late) and what came."""
    times = timed(known, as_of)
    fate = final.drop_duplicates(KEYS)
    fate = fate[fate["received_on"].notna() & (fate["received_on"] > as_of)]
    month_after = (fate["ordered_on"] > as_of) & (fate["ordered_on"] <= as_of + pd.offsets.MonthEnd(1))
    coming = fate[month_after].rename(columns={"ordered_on": "clock_on"}).assign(days=0.0, kind="new")
    strangers = coming[~coming["supplier"].isin(times.suppliers.index)].drop_duplicates("supplier")
    times = with_strangers(times, strangers.set_index("supplier")["category"])
    posterior = fit_lead_times(times)
    if posterior is None:
        return pd.DataFrame()
    waiting = times.lines[~times.lines["received"]].drop(columns=["received", "ended_on"])
    rows = pd.concat(
        [waiting.merge(fate[[*KEYS, "received_on"]], on=KEYS).assign(kind="open"), coming], ignore_index=True
    )
    passed = np.where(rows["kind"] == "open", (as_of - rows["clock_on"]).dt.days, 0)[:, None]
    quantiles = np.maximum(arrival_days(times, posterior, rows, LEVELS) - passed, 1)
    rows["outcome"] = (rows["received_on"] - rows["clock_on"]).dt.days - passed[:, 0]
    rows["promised_days"] = times.calendar.between(rows["clock_on"], rows["promised_on"], rows["supplier"])
    rows[[f"q{k}" for k in range(len(LEVELS))]] = quantiles
    rows["deliveries"] = times.suppliers["deliveries"].reindex(rows["supplier"]).to_numpy()
    rows["late"] = (rows["received_on"] > rows["promised_on"]).where(rows["promised_on"] > as_of)
    chance = chance_beyond(posterior, rows["supplier"], rows["promised_days"])
    waited = np.maximum(chance_beyond(posterior, rows["supplier"], rows["days"]), chance)
    told = fit_promises(times, posterior)
    new = np.where(rows["kind"] == "new", 1.0, waited)
    rows["said"] = told.late_given_open(rows["supplier"], chance, new) if promises and told else chance / new
    rows["share"] = past_share(times, rows["supplier"])
    return rows.assign(made_on=as_of, **naive_quantiles(times, rows))


def with_strangers(times: LeadTimes, category: pd.Series) -> LeadTimes:
    """With suppliers of whom no order is known yet (`category`: index supplier): theirs is what the population says."""
    new = category[~category.index.isin(times.suppliers.index)]
    counts = {name: 0 for name in times.suppliers.columns if name != "category"}
    rows = pd.DataFrame({"category": new} | counts, index=new.index).astype(times.suppliers.dtypes.to_dict())
    return replace(times, suppliers=pd.concat([times.suppliers, rows]).sort_index().rename_axis("supplier"))


def past_share(times: LeadTimes, supplier: pd.Series) -> np.ndarray:
    """The supplier's smoothed share of broken promises, (late + 1) / (due + 2)."""
    due = times.lines[times.lines["promised_on"] <= times.as_of]
    late = (~(due["ended_on"] <= due["promised_on"])).groupby(due["supplier"])
    share = (late.sum() + 1) / (late.size() + 2)
    return share.reindex(supplier).fillna(0.5).to_numpy()


def naive_quantiles(times: LeadTimes, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Quantiles of past lead times beyond the days waited: the supplier's, everybody's, and the supplier's of 24 months."""
    done = times.lines[times.lines["received"]]
    days = (done["ended_on"] - done["clock_on"]).dt.days.to_numpy(float)
    new = (done["ended_on"] > times.as_of - pd.DateOffset(months=24)).to_numpy()
    waited = np.where(rows["kind"] == "open", (times.as_of - rows["clock_on"]).dt.days, -1)
    found = {}
    for name, own, among in (("own", True, None), ("all", False, None), ("window", True, new)):
        of = {s: days[(done["supplier"] == s).to_numpy() & (among if among is not None else True)] for s in rows["supplier"].unique()} if own else {}  # fmt: skip
        table = np.stack([_beyond(of.get(s, days), days, w) for s, w in zip(rows["supplier"], waited, strict=True)])
        found |= {f"{name}{level}": table[:, k] for k, level in enumerate((0.5, 0.9, 0.95))}
    return found


def _beyond(own: np.ndarray, everybody: np.ndarray, waited: float) -> np.ndarray:
    for days in (own[own > waited], everybody[everybody > waited]):
        if days.size >= 5:
            return np.quantile(days, [0.5, 0.9, 0.95]) - max(waited, 0)
    return np.array([30.0, 90.0, 120.0])


def scored(rows: pd.DataFrame) -> pd.DataFrame:
    """With hit, width and weighted interval score (Bracher et al. 2021) of the 50, 80 and 90 % intervals and the median."""
    y, q = rows["outcome"].to_numpy(float), rows[[f"q{k}" for k in range(len(LEVELS))]].to_numpy()
    score = 0.5 * np.abs(y - q[:, 3])
    for alpha, (low, high) in PAIRS.items():
        missed = np.maximum(q[:, low] - y, 0) + np.maximum(y - q[:, high], 0)
        score += alpha / 2 * (q[:, high] - q[:, low]) + missed
    inside = (q[:, 0] <= y) & (y <= q[:, 6])
    pinball = {f"ours{level}": pinball_loss(level, q[:, k], y) for level, k in ((0.5, 3), (0.9, 5), (0.95, 6))}
    peers = {
        f"{peer}{level}": pinball_loss(level, rows[f"{peer}{level}"], y)
        for peer in ("own", "all", "window")
        for level in (0.5, 0.9, 0.95)
    }
    return rows.assign(hit=inside, width=q[:, 6] - q[:, 0], wis=score / 3.5, **pinball, **peers)


def companies(seeds: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """(method, rows) of the shipped company and others, each month-end but the first and last."""
    rules = rules_in_force("example", "2026-10")
    for seed in [EXAMPLE_SEED, *range(1, seeds)]:
        company = simulate_company(seed=seed)
        ends = [p.end_time.normalize() for p in pd.period_range(company.first_month, company.last_month, freq="M")][
            1:-1
        ]
        for end in ends:
            tables, final = company.known(end.as_unit("us")), company.tables["orders"]
            known = shutdowns_ahead(rules, tables["suppliers"])
            before = forecasts(tables["orders"], final, end, lambda o, d: time_orders(o, d), False)
            now = forecasts(tables["orders"], final, end, lambda o, d, k=known: time_orders(o, d, shutdowns=k), True)
            yield from (("before", before.assign(house=seed)), ("now", now.assign(house=seed)))


def shipments(every: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """(method, rows) of the real shipments at every so many month-ends."""
    final = load_source(Path(__file__).parents[1] / "data/raw/scms").known(END_OF_TIME).tables["orders"]
    for end in (p.end_time.normalize().as_unit("us") for p in SHIPMENTS[::every]):
        known = final[final["ordered_on"] <= end].reset_index(drop=True)
        there = known["received_on"] <= end
        known = known.assign(
            received_on=known["received_on"].where(there), status=np.where(there, "received", "open")
        ).astype({"status": "str"})
        before = forecasts(known, final, end, lambda o, d: lead_times(o, d), False)
        now = forecasts(known, final, end, lambda o, d: time_orders(o, d, days="every day"), True)
        yield from (("before", before.assign(house="shipments")), ("now", now.assign(house="shipments")))


def collect(made: Iterator[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    return scored(pd.concat([rows.assign(method=method) for method, rows in made if len(rows)], ignore_index=True))


def reliability_error(said: np.ndarray, came: np.ndarray) -> float:
    """Mean distance between what was said and what came, over ten bins of what was said."""
    place = np.clip((said * 10).astype(int), 0, 9)
    n = np.bincount(place, minlength=10)
    away = np.abs(np.bincount(place, said - came, 10))
    return float(away.sum() / n.sum())


def intervals(name: str, rows: pd.DataFrame, least: float, most: float = 1.0) -> dict:
    now, before = (rows[rows["method"] == method] for method in ("now", "before"))
    figure = f"{now['hit'].mean():.3f} held of {len(now)}, width {now['width'].mean():.1f}, WIS {now['wis'].mean():.2f}"
    peer = f"{before['hit'].mean():.3f}, {before['width'].mean():.1f}, {before['wis'].mean():.2f}"
    ratio = round(now["wis"].mean() / before["wis"].mean(), 3)
    return row(name, figure, f"{least:.2f}-{most:.2f}", least <= now["hit"].mean() <= most, peer, ratio)


def lateness(name: str, rows: pd.DataFrame) -> dict:
    now = rows[(rows["method"] == "now") & rows["late"].notna() & rows["said"].notna()]
    late, said = now["late"].astype(float), now["said"]
    brier, peer = ((said - late) ** 2).mean(), ((now["share"] - late) ** 2).mean()
    error = reliability_error(said.to_numpy(), late.to_numpy())
    figure = f"Brier {brier:.3f} of {len(now)}, reliability error {error:.3f}"
    return row(name, figure, "<= .95 of the past share's, error <= .04", brier <= 0.95 * peer and error <= 0.04, f"{peer:.3f}", round(brier / peer, 3))  # fmt: skip


def late_sums(name: str, rows: pd.DataFrame) -> dict:
    """Of the open orders of a month-end, the number that came late."""
    known = rows[(rows["method"] == "now") & (rows["kind"] == "open") & rows["late"].notna() & rows["said"].notna()]
    return sums(f"{name}: number late of a month's open orders", known.assign(came=known["late"]), 60)


def arrival_sums(name: str, rows: pd.DataFrame) -> dict:
    """Of the open orders of a month-end, the number that was there by the end of next month."""
    rows = rows[(rows["method"] == "now") & (rows["kind"] == "open")]
    days = (rows["made_on"] + pd.offsets.MonthEnd(1) - rows["made_on"]).dt.days.to_numpy(float)
    said = chance_between(rows[[f"q{k}" for k in range(len(LEVELS))]].to_numpy(float), LEVELS, days + 0.5)
    return sums(
        f"{name}: number that arrives by the end of next month",
        rows.assign(said=said, came=rows["outcome"] <= days),
        27,
    )


def sums(name: str, rows: pd.DataFrame, days: int) -> dict:
    """90 % intervals of a count (chances `said`, what `came`) with shocks learned from months so many `days` older, and without."""
    held: dict[str, list[bool]] = {"together": [], "alone": []}
    for (house, made_on), group in rows.groupby(["house", "made_on"]):
        past = rows[(rows["house"] == house) & (rows["made_on"] < made_on - pd.Timedelta(days=days))]
        shocks = fit_month_shocks(
            past["said"].to_numpy(float), past["came"].to_numpy(float), past["made_on"].to_numpy()
        )
        for way, each in zip(held, (shocks, ALONE)) if len(group) >= 5 else ():
            _, low, high = each.count(group["said"].to_numpy(float))
            held[way].append(low <= group["came"].sum() <= high)
    together, alone = (float(np.mean(each)) for each in held.values())
    what = f"{name}, 90 % intervals of {len(held['alone'])} months"
    return row(what, f"{together:.3f} held", ">= .88", together >= 0.88, f"{alone:.3f} if each order is alone")


def pinballs(rows: pd.DataFrame) -> Iterator[dict]:
    for kind, group in rows.groupby("kind"):
        now, before = (group[group["method"] == method] for method in ("now", "before"))
        for level in (0.5, 0.9, 0.95):
            ours, old = now[f"ours{level}"].mean(), before[f"ours{level}"].mean()
            best = min(now[f"{peer}{level}"].mean() for peer in ("own", "all", "window"))
            told = f"{ours:.2f} (before {old:.2f})"
            yield row(f"shipments, {kind}: pinball at {level}", told, "<= 1.01 of any naive", ours <= 1.01 * best, round(best, 2), round(ours / best, 3))  # fmt: skip


def run(seeds: int = 10, every: int = 3) -> list[dict]:
    """The rows of the table that issue and CHANGELOG quote."""
    ours = collect(companies(seeds))
    month = ours["made_on"].dt.strftime("%m")
    found = []
    for kind, group in ours.groupby("kind"):
        at = month[group.index]
        found += [
            intervals(f"companies, {kind}: all", group, 0.88, 0.93),
            intervals(f"companies, {kind}: festival months", group[at.isin(FESTIVAL_MONTHS)], 0.85),
            intervals(f"companies, {kind}: first festival ever", group[at.isin(["01", "02"])], 0.80),
            intervals(f"companies, {kind}: quiet months", group[at.isin(["05", "06", "07"])], 0.88),
        ]
    found += [lateness("companies: P(late)", ours), late_sums("companies", ours), arrival_sums("companies", ours)]
    real = collect(shipments(every))
    found += [intervals(f"shipments, {kind}", group, 0.88, 0.92) for kind, group in real.groupby("kind")]
    thin = real["deliveries"].between(1, 2)
    found.append(intervals("shipments: suppliers with 1-2 deliveries", real[thin], 0.86))
    found.append(intervals("shipments, new: suppliers with 1-2 deliveries", real[thin & (real["kind"] == "new")], 0.86))
    found.append(intervals("shipments: nothing received yet", real[(real["deliveries"] == 0)], 0.86))
    found += [lateness("shipments: P(late)", real), late_sums("shipments", real), arrival_sums("shipments", real)]
    return [*found, *pinballs(real)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--months", type=int, default=3)
    asked = parser.parse_args()
    print(pd.DataFrame(run(asked.seeds, asked.months)).to_string(index=False))
