"""What becomes of an order: when it is paid, shipped and received, what it costs, what the inspection finds.

Everything is drawn for all orders of a round at once. Days are whole numbers since 1970-01-01; `NEVER` is a day that does
not come.
"""

from __future__ import annotations

import numpy as np

from analysis.simulate.ordering import BULK, Columns
from analysis.simulate.products import PRODUCTS
from analysis.simulate.shutdowns import CARRIER, FACTORY
from analysis.simulate.truth import FAMILIES, LOT_SIZE_PARAMETER, Truth
from analysis.sources.allocation import allocate

NEVER = np.iinfo(np.int32).max
MODES = ("express", "truck", "rail", "pickup")
TRANSIT_DAYS = np.array([2.6, 4.6, 6.5, 1.2])
"""Mean working days on the road by mode; gamma distributed with shape 6."""
CARRIERS = {"express": (5.0, 1.6), "truck": (28.0, 0.75), "rail": (22.0, 0.55)}
"""CNY a shipment and a kilogram; who picks the goods up is billed nothing."""
STAGE_PACE = np.array([0.85, 1.0, 1.15])
"""Samples come from the shelf, bulk takes longer: factor on the production time."""
FATES = ("normal", "cancelled", "unpaid", "lost", "unrecorded")
FATE_SHARES = (0.925, 0.03, 0.015, 0.012, 0.018)
"""`lost` is shipped and never arrives; `unrecorded` arrives but nobody writes the day down."""


def standard_times(rng: np.random.Generator, family: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Production times in units of the supplier's median, by family.

    `shape` is the spread, about the standard deviation of the log: lognormal sigma itself, Weibull shape 1.2 / spread, gamma
    shape 1 / spread^2.
    """
    n = len(shape)
    weibull, gamma = 1.2 / shape, 1.0 / shape**2
    return np.select(
        [family == FAMILIES[0], family == FAMILIES[1]],
        [np.exp(shape * rng.standard_normal(n)), (rng.standard_exponential(n) / np.log(2.0)) ** (1.0 / weibull)],
        rng.standard_gamma(gamma) / (gamma * (1.0 - 1.0 / (9.0 * gamma)) ** 3),  # median by Wilson and Hilferty
    )


def usual_days(truth: Truth) -> np.ndarray:
    """Median days that a supplier's trial order takes in a calm season, express: what its promise is made from."""
    return truth.suppliers["median_days"].to_numpy(float) + TRANSIT_DAYS[0] + 1.0


def promised_days(truth: Truth) -> np.ndarray:
    """Days from order to arrival that each supplier quotes; often optimistic."""
    return np.maximum(np.ceil(usual_days(truth) * truth.suppliers["promise_factor"].to_numpy(float)), 3).astype(int)


def draw_order_dates(rng: np.random.Generator, truth: Truth, orders: Columns, *, fates: bool = True) -> Columns:
    """Dates and fate of each order; `orders` has supplier, stage and ordered_on. Without `fates` all go well."""
    n, supplier = len(orders["supplier"]), orders["supplier"]
    people = truth.suppliers
    fate = rng.choice(len(FATES), n, p=FATE_SHARES) if fates else np.zeros(n, int)
    fate[people["only_order"].to_numpy(bool)[supplier]] = 0
    mode = _modes(rng, orders["stage"])
    paid = orders["ordered_on"] + rng.choice([0, 0, 0, 0, 1, 2], n)
    times = standard_times(rng, people["family"].to_numpy(str)[supplier], people["shape"].to_numpy(float)[supplier])
    production = times * people["median_days"].to_numpy(float)[supplier] * STAGE_PACE[orders["stage"]]
    shipped = FACTORY.end(paid, production)
    received = np.maximum(CARRIER.end(shipped, rng.standard_gamma(6.0, n) / 6.0 * TRANSIT_DAYS[mode]), shipped + 1)
    promise = promised_days(truth)[supplier] + np.where(orders["stage"] == BULK, 3, 0)
    dates = {"mode": mode, "paid_on": paid, "shipped_on": shipped, "received_on": received}
    dates |= {"promised_on": orders["ordered_on"] + promise, "arrives_on": received.copy()}
    return dates | _fated(rng, fate, orders["ordered_on"], dates)


def _modes(rng: np.random.Generator, stage: np.ndarray) -> np.ndarray:
    small = rng.choice(4, len(stage), p=[0.88, 0.07, 0.0, 0.05])
    return np.where(stage == BULK, rng.choice(4, len(stage), p=[0.1, 0.7, 0.14, 0.06]), small)


def _fated(rng: np.random.Generator, fate: np.ndarray, ordered: np.ndarray, dates: Columns) -> Columns:
    """Dates of the orders that go wrong: cancelled within 12 days, closed unpaid after 15, refunded when lost."""
    cancelled, unpaid, lost, unrecorded = (fate == k for k in range(1, 5))
    refund = np.where(lost, dates["shipped_on"] + rng.integers(25, 40, len(fate)), NEVER)
    closed = np.where(cancelled, ordered + rng.integers(2, 13, len(fate)), NEVER)
    closed = np.where(unpaid, ordered + 15, np.where(lost, refund + rng.integers(20, 40, len(fate)), closed))
    stopped = cancelled | unpaid
    return {
        "fate": fate,
        "paid_on": np.where(unpaid | (cancelled & (dates["paid_on"] > closed)), NEVER, dates["paid_on"]),
        "shipped_on": np.where(stopped, NEVER, dates["shipped_on"]),
        "received_on": np.where(stopped | lost | unrecorded, NEVER, dates["received_on"]),
        "arrives_on": np.where(stopped | lost, NEVER, dates["arrives_on"]),
        "refund_on": refund,
        "closed_on": closed,
    }


def charge(rng: np.random.Generator, truth: Truth, orders: Columns, lines: Columns) -> Columns:
    """Freight, discount and payment of each line: agreed for the order, shared over its lines by goods value to the fen."""
    order, n = lines["order"], len(orders["supplier"])
    weight = np.array([p.weight_g for p in PRODUCTS])[truth.offers["product"].to_numpy()[lines["offer"]]]
    kilos = np.bincount(order, weight * lines["quantity"], n) / 1000.0
    tariff = np.stack([*(fixed + per_kilo * kilos for fixed, per_kilo in CARRIERS.values()), np.zeros(n)])
    freight = np.round(tariff[orders["mode"], np.arange(n)], 1)
    goods = np.round(lines["quantity"] * lines["unit_price"], 2)
    total = np.round(np.bincount(order, goods, n), 2)
    freight[truth.suppliers["free_freight"].to_numpy(bool)[orders["supplier"]] & (total >= 500)] = 0.0
    cut = np.round(total * rng.uniform(0.005, 0.05, n), 1)
    discount = np.where(rng.random(n) < 0.25, cut, np.where(rng.random(n) < 0.03, -cut, 0.0))
    shares = {"freight": allocate(freight, order, goods), "discount": allocate(discount, order, goods)}
    return {"goods_amount": goods, **shares, "paid_amount": np.round(goods + shares["freight"] - shares["discount"], 2)}


def draw_lots(rng: np.random.Generator, truth: Truth, lines: Columns) -> Columns:
    """One or two lots a line, each with its own defect rate; what is inspected of it, when, and what is found.

    Samples and trials are inspected piece by piece, of bulk lots at most 50 pieces are. `defects` counts all defective pieces
    of the lot, seen or not.
    """
    two = (lines["stage"] == BULK) & (lines["quantity"] >= 200) & (rng.random(len(lines["offer"])) < 0.35)
    line = np.repeat(np.arange(len(two)), 1 + two)
    number = np.arange(len(line)) - np.searchsorted(line, line) + 1
    whole = lines["quantity"][line]
    pieces = np.where(two[line], np.where(number == 1, whole // 2, whole - whole // 2), whole)
    rates = truth.offers[["defect_rate_sample", "defect_rate_trial", "defect_rate_bulk"]].to_numpy()
    mean = rates[lines["offer"], lines["stage"]][line]
    rate = rng.beta(mean * LOT_SIZE_PARAMETER, (1.0 - mean) * LOT_SIZE_PARAMETER)
    defects = rng.binomial(pieces, rate)
    arrived = lines["received_on"][line] < NEVER
    checked = np.where(lines["stage"][line] == BULK, np.minimum(pieces, 50), pieces)
    checked = np.where(arrived & (_draw_per_line(rng, line) > 0.03), checked, 0)
    wait = np.where(rng.random(len(line)) < 0.06, rng.integers(6, 13, len(line)), rng.integers(0, 3, len(line)))
    return {
        "line": line,
        "lot": number,
        "pieces": pieces,
        "defect_rate": rate,
        "defects": defects,
        "inspected": checked,
        "defective": rng.hypergeometric(defects, pieces - defects, checked),
        "inspected_on": np.where(checked > 0, lines["received_on"][line].clip(max=NEVER - 20) + wait, NEVER),
    }


def _draw_per_line(rng: np.random.Generator, line: np.ndarray) -> np.ndarray:
    return rng.random(line[-1] + 1 if len(line) else 0)[line]
