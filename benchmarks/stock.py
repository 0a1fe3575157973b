"""Stock: the service that reorder points keep in event simulation, and their speed, alone and against stockpyl.

Times are processor seconds of one core, so that other work on the machine does not count.
"""

from __future__ import annotations

import itertools
import time

import numpy as np
import pandas as pd
from scipy import stats
from stock_simulation import simulate_stock

from analysis.decisions.stock.demand import DemandNodes, fit_demand_arrays
from analysis.decisions.stock.lead_time_demand import LeadTimeDemand, lead_time_nodes
from analysis.decisions.stock.loss_functions import gamma_cdf
from analysis.decisions.stock.reorder import normal_reorder_point
from analysis.months import DAYS_A_MONTH

TARGET = 0.95
LOG_MEAN = 2.5
CASES = list(
    itertools.product(["gamma", "poisson", "negative binomial"], [0.5, 5.0, 40.0], [0.3, 1.0], [0.3, 0.6], [1, 7])
)
"""Family, pieces a day, a month's deviation, spread of log lead time, review interval."""


def variance_of(family: str, mean: float, month_cv: float) -> float:
    """A day's variance such that a month of 30 days is off by `month_cv` (beyond chance for counts)."""
    if family == "poisson":
        return mean
    return 30 * (month_cv * mean) ** 2 + (mean if family == "negative binomial" else 0.0)


def daily_demand(family: str, mean: float, variance: float):
    if family == "gamma":
        return lambda rng, n: rng.gamma(mean**2 / variance, variance / mean, n)
    if family == "poisson":
        return lambda rng, n: rng.poisson(mean, n)
    return lambda rng, n: rng.negative_binomial(mean**2 / (variance - mean), mean / variance, n)


def lead_times(spread: float):
    return lambda rng, n: np.maximum(np.ceil(rng.lognormal(LOG_MEAN, spread, n)), 1)


def true_lead_times(spread: float, count: int = 4096) -> np.ndarray:
    return np.maximum(np.ceil(np.exp(LOG_MEAN + spread * stats.norm.ppf((np.arange(count) + 0.5) / count))), 1)


def known_parameters() -> pd.DataFrame:
    """Simulated less promised cycle service and fill rate, ours and the usual formula's, in points."""
    rows = []
    for seed, (family, mean, month_cv, spread, review) in enumerate(CASES):
        if family == "poisson" and month_cv != 0.3:
            continue
        variance, days, quantity = variance_of(family, mean, month_cv), true_lead_times(spread), np.ceil(45 * mean)
        until = LeadTimeDemand.of(days, DemandNodes.known(mean, variance, family), review, quantity)
        ours = until.quantile(TARGET)[0]
        usual = np.ceil(normal_reorder_point(days.mean(), days.std(), mean, np.sqrt(variance), TARGET, review))
        seen = [
            simulate_stock(point, quantity, daily_demand(family, mean, variance), lead_times(spread),
                           np.random.default_rng(seed), review_days=review, streams=1500)
            for point in (ours, usual)
        ]  # fmt: skip
        promised = float(until.cdf(ours)[0])
        rows.append({"ours": 100 * (seen[0].cycle_service - promised), "usual": 100 * (seen[1].cycle_service - TARGET)})
    return pd.DataFrame(rows)


def estimated(skus: int = 400, seed: int = 3) -> pd.DataFrame:
    """True service of SKUs whose demand (12 months) and lead time (8 orders) are estimated: ours and the usual formula's."""
    rng = np.random.default_rng(seed)
    mean, k = np.exp(rng.uniform(2, 6, skus)), 1 / np.exp(rng.normal(np.log(0.3), 0.3, skus)) ** 2
    months = rng.gamma(k[:, None], (mean / k)[:, None], (skus, 12))
    demand = fit_demand_arrays(months.ravel(), np.ones(skus * 12), np.repeat(np.arange(skus), 12), pd.RangeIndex(skus))
    orders = rng.lognormal(LOG_MEAN, 0.5, (skus, 8))
    logs = np.log(orders)
    t = rng.standard_t(7, (skus, 4000))  # the predictive of a lognormal under the usual vague prior
    draws = np.exp(logs.mean(1, keepdims=True) + logs.std(1, ddof=1, keepdims=True) * np.sqrt(9 / 8) * t)
    ours = LeadTimeDemand.of(lead_time_nodes(draws), demand.nodes, 7).quantile(TARGET)
    daily, daily_sd = months.mean(1) / DAYS_A_MONTH, months.std(1, ddof=1) / np.sqrt(DAYS_A_MONTH)
    usual = normal_reorder_point(orders.mean(1), orders.std(1, ddof=1), daily, daily_sd, TARGET, 7)
    truth = LeadTimeDemand.of(
        np.exp(LOG_MEAN + 0.5 * stats.norm.ppf((np.arange(1024) + 0.5) / 1024)),
        DemandNodes.known(mean / DAYS_A_MONTH, mean**2 / k / DAYS_A_MONTH), 7,
    )  # fmt: skip
    return pd.DataFrame({"ours": truth.cdf(ours), "usual": truth.cdf(usual), "more": ours / usual - 1})


def many_skus(skus: int = 1000) -> tuple[float, float]:
    """Seconds to fit the demand of `skus` SKUs and to find their reorder points, everything uncertain."""
    rng = np.random.default_rng(4)
    mean = np.exp(rng.uniform(-1, 7, skus))
    units = rng.poisson(rng.gamma(10.0, (mean / 10)[:, None], (skus, 6)))
    begun = time.process_time()
    demand = fit_demand_arrays(units.ravel(), np.ones(skus * 6), np.repeat(np.arange(skus), 6), pd.RangeIndex(skus))
    nodes, days = demand.nodes, lead_time_nodes(rng.lognormal(LOG_MEAN, 0.5, (skus, 4000)))
    fitted = time.process_time()
    until = LeadTimeDemand.of(days, nodes, 7)
    until.quantile(TARGET)
    return fitted - begun, time.process_time() - fitted


def against_stockpyl(skus: int = 1000, sample: int = 6) -> list[dict]:
    """The same reorder points with their cost by stockpyl, `sample` SKUs scaled up; none without it."""
    try:
        from stockpyl import newsvendor
    except ImportError:
        return []
    rng = np.random.default_rng(5)
    mean = np.exp(rng.uniform(-1, 4, skus))
    days = lead_time_nodes(rng.lognormal(LOG_MEAN, 0.5, (skus, 4000)))
    begun = time.process_time()
    until = LeadTimeDemand.of(days, DemandNodes.known(mean, 4 * mean), 7)
    ours = until.quantile(TARGET)
    until.loss(ours)
    own, begun = time.process_time() - begun, time.process_time()
    theirs = [newsvendor.newsvendor_continuous(1.0, 19.0, _Mixture(until, i))[0] for i in range(sample)]
    peer = (time.process_time() - begun) / sample * skus
    gap = max(abs(a / b - 1) for a, b in zip(theirs, ours))
    return [_ratio("1,000 reorder points and their cost, known gamma demand", own, peer, gap)]


class _Mixture(stats.rv_continuous):
    """One SKU's demand until the delivery as a scipy distribution, as stockpyl wants it."""

    def __init__(self, until: LeadTimeDemand, i: int):
        super().__init__(a=0.0)
        self.mean_nodes, self.variance_nodes = until.mean_nodes[i], until.variance_nodes[i]

    def _cdf(self, x):
        return gamma_cdf(np.asarray(x)[..., None], self.mean_nodes, self.variance_nodes).mean(axis=-1)

    def _stats(self):
        mean = self.mean_nodes.mean()
        return mean, self.variance_nodes.mean() + self.mean_nodes.var(), None, None


def _ratio(what: str, own: float, peer: float, gap: float) -> dict:
    """`gap`: our figure over stockpyl's, less 1, where they differ most."""
    return {
        "what": f"{what} (largest difference {gap:.0e})",
        "figure": f"{own:.2f} s",
        "peer": f"{peer:.0f} s",
        "ratio": peer / own,
        "goal": ">= 50x",
        "met": peer / own >= 50,
    }


def run() -> list[dict]:
    """Rows for `benchmarks/run.py`."""
    known, learned = known_parameters(), estimated()
    worst, off = known["ours"].abs().max(), 100 * (learned["ours"].mean() - TARGET)
    fit, solve = many_skus()
    return [
        {"what": f"cycle service, known parameters, {len(known)} cases", "figure": f"{known['ours'].min():+.2f} to {known['ours'].max():+.2f} points",
         "peer": f"usual formula {known['usual'].min():+.1f} to {known['usual'].max():+.1f}", "goal": "within 0.6", "met": worst <= 0.6},
        {"what": "cycle service from 8 lead times, 12 months", "figure": f"{off:+.2f} points",
         "peer": f"usual formula {100 * (learned['usual'].mean() - TARGET):+.2f}", "goal": "within 1", "met": abs(off) <= 1},
        {"what": "stock point above the usual formula's, 8 lead times", "figure": f"{learned['more'].median():+.0%}"},
        {"what": "demand of 1,000 SKUs fitted", "figure": f"{fit:.2f} s"},
        {"what": "reorder points of 1,000 SKUs", "figure": f"{solve:.2f} s", "goal": "<= 2 s", "met": solve <= 2},
        *against_stockpyl(),
    ]  # fmt: skip


if __name__ == "__main__":
    print(pd.DataFrame(run()).to_string(index=False))
