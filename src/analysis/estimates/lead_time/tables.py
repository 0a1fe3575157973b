"""Lead times: how long an order takes, from orders received and orders still open.

`lead_times` says what each order line is evidence of, `fit_lead_times` pools the suppliers into a `LeadTimePosterior`, and the
table verbs below ask it the review's questions. `fit_families` is the plain maximum-likelihood fit of each group alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.draws import DRAWS, Draws
from analysis.estimates.lead_time.deliveries import LEGS, LeadTimes, lead_times
from analysis.estimates.lead_time.evidence import CensoredTimes, Observations
from analysis.estimates.lead_time.families import fit_families
from analysis.estimates.lead_time.family import FAMILIES
from analysis.estimates.lead_time.hierarchy import (
    SUPPLIERS_TO_LEARN,
    Population,
    covariates_of,
    learn,
    nodes_of,
    posterior_weights,
)
from analysis.estimates.lead_time.posterior import LeadTimePosterior
from analysis.estimates.lead_time.promises import late_draws, late_probability, open_late_probability

__all__ = [
    "LEGS",
    "LeadTimePosterior",
    "LeadTimes",
    "fit_families",
    "fit_lead_times",
    "lead_time_table",
    "lead_times",
    "open_orders_table",
    "ordinary_days",
]

_AT_ONCE = 5_000
_ROUNDED = 1e-9
# The fewer the suppliers, the less sure the population, the finer the integration.
_FEW, _POINTS_FEW, _POINTS_MANY = 300, (9, 7), (7, 5)
_WORLDS, _WORLDS_TIMES_SUPPLIERS = 64, 20_000


def fit_lead_times(times: LeadTimes, *, sure: bool = False) -> LeadTimePosterior | None:
    """Each supplier's lead-time distribution, partially pooled over suppliers and within category.

    Suppliers are expected to be as much quicker or slower as their usual promises are, times a coefficient that is learned:
    0 where promises tell nothing, 1 where they tell all.

    With `sure` the population counts as known exactly (quicker; for comparing models, its intervals are too short).
    None where nothing at all was received: open orders alone say only how long it takes at least.
    """
    suppliers = times.suppliers.index
    evidence = _evidence(times)
    if not evidence.count.sum() + evidence.instant.supplier.size:
        return None
    category = pd.factorize(times.suppliers["category"], sort=True)[0]
    covariates = covariates_of(category, usual_promise(times).reindex(suppliers).to_numpy(float), evidence)
    learners = _learners(evidence)
    points = _POINTS_FEW if learners.size <= _FEW else _POINTS_MANY
    worlds = 1 if sure or learners.size < evidence.suppliers else _worlds(learners.size)
    population, covariance, _ = learn(evidence.only(learners), covariates.of(learners), points)
    shape = len(FAMILIES), points[0] * points[1], evidence.suppliers
    location, spread, weight = (np.empty(shape) for _ in range(3))
    for low in range(0, evidence.suppliers, _AT_ONCE):
        which = np.arange(low, min(low + _AT_ONCE, evidence.suppliers))
        here = Population(population.hyper, covariates.of(which))
        nodes = nodes_of(evidence.only(which), here, points)
        location[..., which], spread[..., which] = nodes.location, nodes.spread
        weight[..., which] = posterior_weights(nodes, here, covariance, worlds)
    return LeadTimePosterior(suppliers, location, spread, weight, times.resolution)


def _worlds(suppliers: int) -> int:
    """An even number of draws of the population, the fewer the more suppliers it is learned from."""
    return int(np.clip(_WORLDS_TIMES_SUPPLIERS // suppliers, 2, _WORLDS)) // 2 * 2


def _learners(evidence: CensoredTimes) -> np.ndarray:
    """The suppliers that the population is learned from: all, or every k-th of those with evidence."""
    if evidence.suppliers <= SUPPLIERS_TO_LEARN:
        return np.arange(evidence.suppliers)
    some = np.flatnonzero(evidence.count > 0)
    return some[:: -(-some.size // SUPPLIERS_TO_LEARN)] if some.size else np.arange(evidence.suppliers)


def _evidence(times: LeadTimes) -> CensoredTimes:
    """Deliveries by supplier number; an open one of 0 days without resolution says nothing and is left out."""
    lines, half = times.lines, times.resolution / 2
    number = times.suppliers.index.get_indexer(lines["supplier"])
    days, received = lines["days"].to_numpy(float), lines["received"].to_numpy(bool)
    weight = lines["weight"].to_numpy(float) * (lines["fade"].to_numpy(float) if "fade" in lines else 1.0)
    number, days, received, weight = _counted(number, days, received, weight)

    def some(rows: np.ndarray, bound: np.ndarray) -> Observations:
        return Observations.of(number[rows], bound[rows], weight[rows])

    return CensoredTimes.of(
        len(times.suppliers),
        some(received & (days > 0), days),
        some(~received & (days + half > 0), days + half),
        some(received & (days == 0), np.full(days.size, half)),
        times.resolution,
    )


def _counted(
    number: np.ndarray, days: np.ndarray, received: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Deliveries of one supplier alike in days and state as one entry with the sum of their weights, which loses nothing.

    Shares of a delivery add up to a whole one; what adding them rounded is mended, so that counts are whole numbers
    whether the lines were counted here or before (`LeadTimes.counted`).
    """
    if not number.size:
        return number, days, received, weight
    order = np.lexsort((weight, received, days, number))
    keys = [key[order] for key in (number, days, received)]
    starts = np.flatnonzero(np.r_[True, np.any([key[1:] != key[:-1] for key in keys], axis=0)])
    total = np.add.reduceat(weight[order], starts)
    whole = np.rint(total)
    number, days, received = (key[starts] for key in keys)
    return number, days, received, np.where(np.abs(total - whole) < _ROUNDED * total, whole, total)


def lead_time_table(
    times: LeadTimes, posterior: LeadTimePosterior | None, promised_days: ArrayLike | None = None, level: float = 0.90
) -> pd.DataFrame:
    """One row a supplier with any order: the review's table `lead_times`, in ordinary days.

    `lead_time_median`, `_p90`, `_p95`: days within which half, 90 %, 95 % of its new orders arrive (predictive), `_low` and
    `_high` the interval of the supplier's own quantile. `late_probability`: of a new order, against `promised_days`, which is the
    supplier's usual promise (median of its orders') unless given (Series by supplier, e.g. quoted lead times); from the lead times and
    the promises that came due (`fit_promises`).
    `family` has the largest mean weight, `family_weight`. `status`: ok; pooled (nothing received from this supplier yet: the
    numbers are those of its category or of all suppliers); no received orders (from anybody: no numbers).

    By another calendar than every day's, the numbers are those of an order placed on `as_of`: a shutdown that lies ahead
    makes them longer.
    """
    table = times.suppliers
    promised = usual_promise(times) if promised_days is None else pd.Series(promised_days, dtype=float)
    promised = promised.reindex(table.index).rename("promised_days")
    numbers = _no_numbers(table.index) if posterior is None else _numbers(times, posterior, promised, level)
    status = pd.Series(np.where(table["received"] > 0, "ok", "pooled"), table.index, dtype="str")
    if posterior is None:
        status[:] = "no received orders"
    return table.join([numbers, promised, status.rename("status")]).reset_index()[list(_TABLE)]


_QUANTILES = {"lead_time_median": 0.5, "lead_time_p90": 0.9, "lead_time_p95": 0.95}
_TABLE = (
    "supplier", "category", "received", "open", "unknown", "deliveries",
    "lead_time_median", "lead_time_median_low", "lead_time_median_high",
    "lead_time_p90", "lead_time_p90_low", "lead_time_p90_high", "lead_time_p95",
    "late_probability", "late_probability_low", "late_probability_high", "promised_days",
    "family", "family_weight", "status",
)  # fmt: skip


def _numbers(times: LeadTimes, posterior: LeadTimePosterior, promised: pd.Series, level: float) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for name, q in _QUANTILES.items():
        columns |= _named(name, posterior.quantile(q, level).apply(lambda days: ordinary_days(times, days, days.index)))
    bound = (
        promised
        if times.as_of is None
        else times.calendar.between(times.as_of, _day_after(times.as_of, promised), promised.index)
    )
    columns |= _named("late_probability", late_probability(times, posterior, bound, level))
    weights = posterior.family_weights()
    return pd.DataFrame(columns).assign(family=weights.idxmax(axis=1), family_weight=weights.max(axis=1))


def _named(name: str, frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {name: frame["estimate"], f"{name}_low": frame["low"], f"{name}_high": frame["high"]}


def _day_after(as_of: pd.Timestamp, days: pd.Series) -> pd.Series:
    return as_of + pd.to_timedelta(days.round(), unit="D")


def ordinary_days(times: LeadTimes, days: ArrayLike, supplier: ArrayLike | None = None) -> np.ndarray:
    """`days` of the clock's calendar as days of the ordinary one, for an order placed on `as_of`; any shape, the first axis
    the suppliers named."""
    return np.asarray(days, dtype=float) if times.as_of is None else times.calendar.after(times.as_of, days, supplier)


def _no_numbers(suppliers: pd.Index) -> pd.DataFrame:
    names = [name for name in _TABLE[6:-1] if name not in ("promised_days", "family")]
    return pd.DataFrame(np.nan, index=suppliers, columns=names).assign(
        family=pd.Series(pd.NA, index=suppliers, dtype="str")
    )


def usual_promise(times: LeadTimes) -> pd.Series:
    """Median of what the supplier promised for its orders, in ordinary days; missing where it promised nothing."""
    lines = times.lines
    if times.promised is not None:
        return times.promised
    if times.as_of is None:
        return lines.groupby("supplier")["promised_days"].median()
    return (lines["promised_on"] - lines["clock_on"]).dt.days.groupby(lines["supplier"]).median()


def open_orders_table(times: LeadTimes, posterior: LeadTimePosterior | None) -> pd.DataFrame:
    """One row an open line: when it is expected, given how long it is open already.

    `days_open` are ordinary days. `expected_on`: as likely before as after (median); `arrives_by_80`: there by that day with
    80 %; `late_probability`: later than its own first promise, missing where it has none. The last three are missing where nothing
    was ever received.
    """
    if times.as_of is None:
        raise ValueError("times must come from lead_times(orders, as_of), got plain durations: an arrival needs dates")
    lines = times.lines[~times.lines["received"]].reset_index(drop=True)
    told = ["order_id", "line_no", "supplier", "sku", "clock_on", "promised_on", "repromised_on"]
    table = lines[told].rename(columns={"clock_on": times.clock})
    table["days_open"] = (times.as_of - lines["clock_on"]).dt.days.astype("int64")
    if posterior is None or lines.empty:
        nothing = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
        return table.assign(expected_on=nothing, arrives_by_80=nothing, late_probability=np.nan)
    days = arrival_days(times, posterior, lines, (0.5, 0.8))
    for name, column in zip(("expected_on", "arrives_by_80"), days.T, strict=True):
        table[name] = lines["clock_on"] + pd.to_timedelta(column, unit="D").astype("timedelta64[us]")
    return table.assign(late_probability=open_late_probability(times, posterior, lines))


def arrival_days(
    times: LeadTimes, posterior: LeadTimePosterior, lines: pd.DataFrame, shares: Sequence[float]
) -> np.ndarray:
    """(lines, shares) ordinary days from the clock of each open line to the day by which it arrives with these probabilities.

    Whole days are those of the ordinary calendar: on a day of half the work a parcel arrives, though only half a day counts.
    """
    counted = posterior.remaining(lines["supplier"], lines["days"], shares) - posterior.resolution / 2
    start = lines["clock_on"].to_numpy()[:, None]
    waited = (times.as_of - lines["clock_on"]).dt.days.to_numpy(float)[:, None]
    return np.maximum(np.ceil(times.calendar.after(start, counted, lines["supplier"])), waited + 1)


DELIVERY_CRITERIA = ("lead_time", "lead_time_stability", "on_time")


def delivery_draws(times: LeadTimes, posterior: LeadTimePosterior | None, seed: int) -> dict[str, Draws]:
    """Posterior draws of the lead-time criteria, in ordinary days for an order placed now, from the same worlds; empty when
    nothing was received."""
    if posterior is None:
        return dict.fromkeys(DELIVERY_CRITERIA, Draws.of_nobody())
    promised = usual_promise(times).reindex(posterior.suppliers).to_numpy()
    in_clock_days = (
        promised
        if times.as_of is None
        else times.calendar.between(times.as_of, _later(times.as_of, promised), posterior.suppliers)
    )

    def draws(kind: str) -> Draws:
        return posterior.draws(kind, DRAWS, np.random.default_rng([seed, 3]), in_clock_days)

    late = late_draws(times, posterior, draws("late_probability"), np.random.default_rng([seed, 3, 1]))
    median, p90 = (
        Draws(late.suppliers, ordinary_days(times, draws(kind).values, late.suppliers)) for kind in ("median", "p90")
    )
    stability, on_time = Draws(median.suppliers, p90.values / median.values), Draws(late.suppliers, 1 - late.values)
    return dict(zip(DELIVERY_CRITERIA, (median, stability, on_time)))


def predictive_draws(times: LeadTimes, posterior: LeadTimePosterior | None, seed: int) -> Draws:
    """Draws of the days that a new order placed now will take, by supplier, in the worlds of `delivery_draws`; empty when
    nothing was received."""
    if posterior is None:
        return Draws.of_nobody()
    drawn = posterior.draws("lead_time", DRAWS, np.random.default_rng([seed, 3]))
    return Draws(drawn.suppliers, ordinary_days(times, drawn.values, drawn.suppliers))


def _later(day: pd.Timestamp, days: np.ndarray) -> np.ndarray:
    """The dates `days` after `day`; missing where `days` is."""
    return (day + pd.to_timedelta(pd.Series(days), unit="D")).to_numpy()
