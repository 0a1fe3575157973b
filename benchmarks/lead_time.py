"""Lead times: speed of the censored fits and of the hierarchical model against peers, and what the forecasts keep.

Run `python benchmarks/run.py lead_time`. Peers that fit one group at a time are timed on a few groups and scaled up by their
number; each row says so. Two rows need nutpie and pymc, one surpyval; without them the row says "peer not installed".
"""

from __future__ import annotations

import time
import tracemalloc
import warnings

import numpy as np
from lead_time_truths import draw, log_likelihood
from measuring import row, seconds
from scipy import optimize, stats

from analysis.estimates.lead_time import LeadTimes, fit_families, fit_lead_times
from analysis.estimates.lead_time.family import (
    FAMILIES,
    distribution,
    gamma_parameters,
    weibull_parameters,
)

SCIPY = {"lognormal": stats.lognorm, "weibull": stats.weibull_min, "gamma": stats.gamma}


def groups_of_orders(groups: int, size: float, seed: int):
    """About `size` orders a group, 15 % of them open."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), rng.poisson(size - 1, groups) + 1)
    mu, sigma = rng.normal(3, 0.4, groups)[group], np.exp(rng.normal(-1, 0.3, groups))[group]
    days = np.exp(mu + sigma * rng.standard_normal(group.size))
    limit = np.exp(mu + sigma * (1.41 + 0.9 * rng.standard_normal(group.size)))
    return np.minimum(days, limit), days <= limit, group


# -- maximum likelihood, group by group -----------------------------------------------------------------------------------


def by_hand(days, received) -> dict[str, float]:
    """A hand-written BFGS of each family; log-likelihoods."""
    mean, deviation = np.log(days).mean(), max(np.log(days).std(), 0.05)
    starts = {
        "lognormal": (mean, np.log(deviation)),
        "weibull": (np.log(1.28 / deviation), mean + deviation / 2),
        "gamma": (-2 * np.log(deviation), mean + 2 * np.log(deviation)),
    }
    return {
        f: -optimize.minimize(lambda p, f=f: -log_likelihood(f, p, days, received), starts[f], method="BFGS").fun
        for f in FAMILIES
    }


def by_scipy(days, received) -> dict[str, float]:
    data = stats.CensoredData.right_censored(days, ~received)
    out = {}
    for family, peer in SCIPY.items():
        fitted = peer(*peer.fit(data, floc=0))
        out[family] = float(np.where(received, fitted.logpdf(days), fitted.logsf(days)).sum())
    return out


def by_surpyval(days, received) -> dict[str, float]:
    import surpyval

    peers = {"lognormal": surpyval.LogNormal, "weibull": surpyval.Weibull, "gamma": surpyval.Gamma}
    return {family: -float(peer.fit(days, (~received).astype(int)).neg_ll()) for family, peer in peers.items()}


def family_rows() -> list[dict]:
    data = groups_of_orders(1_000, 22.33, seed=1)
    ours = seconds(lambda: fit_families(*data), 7)
    out = [row("three families, 1,000 groups, 15 % open: seconds", ours, "", None)]
    days, received, group = data
    peers = (
        ("hand-written BFGS", by_hand, 40, 300),
        ("surpyval", by_surpyval, 8, 3_000),
        ("scipy CensoredData", by_scipy, 6, 5_000),
    )
    for name, fit, some, goal in peers:
        what = f"same, against {name} (timed on {some} groups, scaled)"
        try:
            fit(days[group == 0], received[group == 0])
        except ImportError:
            out.append(row(what, ours, f">= {goal}x", None, "peer not installed"))
            continue
        theirs = (
            1_000 / some * seconds(lambda f=fit, n=some: [f(days[group == g], received[group == g]) for g in range(n)])
        )
        out.append(row(what, ours, f">= {goal}x", theirs / ours >= goal, theirs, theirs / ours))
    return [*out, likelihood_row(), *size_rows()]


def likelihood_row() -> dict:
    """The most that any peer's likelihood lies above ours, over groups of a few orders."""
    rng = np.random.default_rng(3)
    days, received, group = groups_of_orders(80, 4, seed=2)
    fits = fit_families(days, received, group)
    worst = -np.inf
    peers = [by_hand, by_scipy]
    try:
        by_surpyval(days[:20], received[:20])
        peers.append(by_surpyval)
    except ImportError:
        pass
    for number, rows in fits[fits["status"] == "ok"].groupby("group"):
        own = days[group == number], received[group == number]
        best = dict.fromkeys(FAMILIES, -np.inf)
        for peer in peers:
            try:
                values = peer(*own)
            except Exception:  # a peer that gives up has no likelihood
                continue
            best = {f: np.fmax(best[f], values[f]) for f in FAMILIES}
        for fit in rows.itertuples():
            start = [fit.parameter_1 if fit.family == "lognormal" else np.log(fit.parameter_1), np.log(fit.parameter_2)]
            search = optimize.minimize(
                lambda p, f=fit.family, own=own: -log_likelihood(f, p, *own), start + rng.normal(0, 0.2, 2),
                method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13},
            )  # fmt: skip
            worst = max(worst, best[fit.family] - fit.log_likelihood, -search.fun - fit.log_likelihood)
    return row(
        f"best of {len(peers) + 1} peers' log-likelihood less ours, 80 tiny groups: most",
        worst,
        "<= 1e-8",
        worst <= 1e-8,
    )


def size_rows() -> list[dict]:
    ten, many = groups_of_orders(10, 22.33, seed=4), groups_of_orders(100_000, 22.5, seed=5)
    quick, slow = seconds(lambda: fit_families(*ten), 50), seconds(lambda: fit_families(*many), 4)
    tracemalloc.start()
    fits = fit_families(*many)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    tiny = fit_families(*groups_of_orders(20_000, 3, seed=6))
    numbers = tiny[["parameter_1", "parameter_2", "log_likelihood", "aic"]]
    labelled = np.isfinite(numbers[tiny["status"] == "ok"]).all(axis=None) and numbers[
        tiny["status"] != "ok"
    ].isna().all(axis=None)
    stopped = int((tiny["status"] == "not converged").sum() + (fits["status"] != "ok").sum())
    return [
        row("10 groups: milliseconds", 1e3 * quick, "<= 1", quick <= 1e-3),
        row(f"100,000 groups ({many[0].size / 1e6:.2f} M orders): seconds", slow, "<= 1.0", slow <= 1.0),
        row("same: peak MB beyond the data (result included)", peak, "<= 50", peak <= 50),
        row(
            "20,000 tiny groups: without a number or a label",
            stopped if labelled else -1,
            "0",
            labelled and not stopped,
        ),
    ]


# -- hierarchical model: what its forecasts keep ------------------------------------------------------------------------


def world(suppliers: int, least: int, most: int, rng, limit: float = 150.0):
    location, spread = 3 + 0.35 * rng.standard_normal(suppliers), -1.05 + 0.3 * rng.standard_normal(suppliers)
    family = rng.integers(0, 3, suppliers)
    supplier = np.repeat(np.arange(suppliers), rng.integers(least, most + 1, suppliers))
    days = draw(location[supplier], spread[supplier], family[supplier], rng)
    limits = rng.uniform(0, limit, supplier.size)
    return (location, spread, family), LeadTimes.of(supplier, np.minimum(days, limits), days <= limits)


def kept(truth, log_days) -> np.ndarray:
    """True chance that a new order takes at most exp(log_days)."""
    return 1 - np.exp(np.choose(truth[2], [distribution(f, *truth[:2]).log_survival(log_days) for f in FAMILIES]))


def own_q95(times: LeadTimes) -> np.ndarray:
    """Each supplier's own P95, family by AIC; NaN where no family has a maximum."""
    lines, out = times.lines, np.full(len(times.suppliers), np.nan)
    fits = fit_families(lines["days"], lines["received"], lines["supplier"])
    best = fits[fits["status"] == "ok"].sort_values("aic").drop_duplicates("group")
    for fit in best.itertuples():
        first, second = fit.parameter_1, fit.parameter_2
        peer = (
            stats.lognorm(second, scale=np.exp(first))
            if fit.family == "lognormal"
            else SCIPY[fit.family](first, scale=second)
        )
        out[fit.group] = peer.ppf(0.95)
    return out


def pinball(truth, days, rng, draws: int = 200) -> np.ndarray:
    new = draw(*(np.tile(part, draws) for part in truth), rng).reshape(draws, -1)
    return (np.where(new > days, 0.95 * (new - days), 0.05 * (days - new)) / np.exp(truth[0])).mean(axis=0)


def forecast_figures(suppliers: int, least: int, most: int, rounds: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    covered, own_covered, ours, theirs = [], [], [], []
    for _ in range(rounds):
        truth, times = world(suppliers, least, most, rng)
        own, q95 = own_q95(times), fit_lead_times(times).quantile(0.95)["estimate"].to_numpy()
        both = np.isfinite(own)
        covered.append(kept(truth, np.log(q95)))
        own_covered.append(kept(truth, np.log(np.where(both, own, 1.0)))[both])
        new = rng.integers(1 << 32)
        ours.append(pinball(truth, q95, np.random.default_rng(new))[both])
        theirs.append(pinball(truth, np.where(both, own, 1.0), np.random.default_rng(new))[both])
    means = [float(np.concatenate(x).mean()) for x in (covered, own_covered, ours, theirs)]
    return dict(zip(("covered", "own_covered", "ours", "theirs"), means, strict=True))


def forecast_rows() -> list[dict]:
    out = []
    for suppliers, rounds, low, high in ((300, 20, 0.945, 0.96), (30, 150, 0.94, 1.0)):
        f = forecast_figures(suppliers, 3, 6, rounds, seed=suppliers)
        goal = f"{low}-{high}" if high < 1 else f">= {low}"
        out.append(
            row(
                f"3-6 orders, {suppliers} suppliers: Q95 covers (own MLE + AIC)",
                f["covered"],
                goal,
                low <= f["covered"] <= high,
                f["own_covered"],
            )
        )
        gain = 1 - f["ours"] / f["theirs"]
        out.append(
            row(
                f"3-6 orders, {suppliers} suppliers: pinball 0.95, share below own MLE + AIC",
                f["ours"],
                ">= 0.25",
                gain >= 0.25,
                f["theirs"],
                gain,
            )
        )
    f = forecast_figures(100, 40, 60, 15, seed=40)
    out.append(
        row(
            "40-60 orders, 100 suppliers: pinball 0.95 against own MLE + AIC",
            f["ours"],
            "<= peer",
            f["ours"] <= f["theirs"],
            f["theirs"],
            f["ours"] / f["theirs"],
        )
    )
    return out


# -- hierarchical model: against NUTS -------------------------------------------------------------------------------------


def hierarchy_rows() -> list[dict]:
    out = []
    for suppliers, draws in ((1_000, 2_000), (10_000, 500)):
        _, times = world(suppliers, 3, 6, np.random.default_rng(8), limit=1e9)  # all received: NUTS needs no gamma tail
        posterior = fit_lead_times(times)
        ours = seconds(lambda t=times: fit_lead_times(t), 3)
        what = f"hierarchical fit, {suppliers:,} suppliers, three families mixed: seconds against nutpie (2 x {draws} draws)"
        try:
            theirs, p95 = by_nuts(times, draws)
        except ImportError:
            out.append(row(what, ours, ">= 200x", None, "peer not installed"))
            continue
        goal, met = (">= 200x", theirs / ours >= 200) if suppliers == 10_000 else ("", None)
        out.append(row(what, ours, goal, met, theirs, theirs / ours))
        near = float(np.mean(np.abs(posterior.quantile(0.95)["estimate"].to_numpy() / p95 - 1) < 0.03))
        out.append(
            row(f"same: suppliers whose P95 is within 3 % of NUTS's, of {suppliers:,}", near, ">= 0.90", near >= 0.9)
        )
    return out


def by_nuts(times: LeadTimes, draws: int) -> tuple[float, np.ndarray]:
    """The same model with the family summed out, in nutpie: seconds of sampling, and the predictive P95 of each supplier.

    The gamma's shape and median come from polynomials in the spread.
    """
    import nutpie
    import pymc as pm
    import pytensor.tensor as pt

    lines = times.lines
    number, y = lines["supplier"].to_numpy(), np.log(lines["days"].to_numpy())
    n = len(times.suppliers)
    count, sum_y, sum_t = (np.bincount(number, w, n) for w in (np.ones(y.size), y, np.exp(y)))
    squares = np.bincount(number, (y - (sum_y / count)[number]) ** 2, n)
    knots = np.linspace(-3.2, 1.2, 200)
    shape, log_scale = gamma_parameters(0.0, knots)
    shape_of, scale_of = (
        np.polynomial.Polynomial.fit(knots, v, 12, domain=[-3.2, 1.2]) for v in (np.log(shape), log_scale)
    )
    w_sigma = weibull_parameters(0.0, 0.0)[1]
    with pm.Model() as model:
        m_a = pm.Flat("m_a", initval=float(y.mean()))
        m_b = pm.Normal("m_b", np.log(0.35), 0.7)
        t_a, t_b = pm.Normal("t_a", np.log(0.35), 0.7), pm.Normal("t_b", np.log(0.3), 0.6)
        rho = pt.tanh(pm.Normal("rho", 0, 0.5))
        logits = pt.concatenate([pt.zeros(1), pm.Normal("logits", 0, 1, shape=2)])
        z = pm.Normal("z", 0, 1, shape=(2, n))
        a = pm.Deterministic("a", m_a + pt.exp(t_a) * z[0])
        b = pm.Deterministic("b", m_b + pt.exp(t_b) * (rho * z[0] + pt.sqrt(1 - rho**2) * z[1]))
        away = squares + count * (sum_y / count - a) ** 2
        lognormal = -0.5 * away * pt.exp(-2 * b) - count * (b + 0.5 * np.log(2 * np.pi)) - sum_y
        sigma = w_sigma * pt.exp(b)
        scale = a - np.log(np.log(2)) * sigma
        power = pt.exp((y - scale[number]) / sigma[number])
        weibull = (
            (sum_y - count * scale) / sigma - count * pt.log(sigma) - sum_y - pt.bincount(number, power, minlength=n)
        )
        u = (b + 1.0) / 2.2
        k, theta = pt.exp(horner(shape_of, u)), a + horner(scale_of, u)
        gamma = (k - 1) * sum_y - count * (k * theta + pt.gammaln(k)) - sum_t * pt.exp(-theta)
        joint = pt.stack([lognormal, weibull, gamma]) + (logits - pt.logsumexp(logits))[:, None]
        pm.Deterministic("family", pt.special.softmax(joint, axis=0))
        pm.Potential("likelihood", pt.logsumexp(joint, axis=0).sum())
    compiled = nutpie.compile_pymc_model(model)
    begun = time.perf_counter()
    trace = nutpie.sample(compiled, draws=draws, tune=400, chains=2, cores=2, seed=1, progress_bar=False)
    taken = time.perf_counter() - begun
    found = trace.posterior.stack(draw_=("chain", "draw"))
    return taken, predictive_p95(found["a"].values, found["b"].values, found["family"].values)


def horner(polynomial, u):
    out = polynomial.coef[-1]
    for coefficient in polynomial.coef[-2::-1]:
        out = out * u + coefficient
    return out


def predictive_p95(a, b, family) -> np.ndarray:
    """Bisection of the mean cdf over draws; (suppliers, draws), family (3, suppliers, draws)."""
    at = [distribution(name, a, b) for name in FAMILIES]
    low, high = a.mean(axis=1) - 1, a.mean(axis=1) + 5
    for _ in range(22):
        middle = (low + high) / 2
        late = sum((family[f] * np.exp(d.log_survival(middle[:, None]))).mean(axis=1) for f, d in enumerate(at))
        low, high = np.where(late > 0.05, middle, low), np.where(late > 0.05, high, middle)
    return np.exp((low + high) / 2)


def run() -> list[dict]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [*family_rows(), *forecast_rows(), *hierarchy_rows()]


if __name__ == "__main__":
    for line in run():
        print(line)
