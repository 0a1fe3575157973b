"""What the simulated buyer writes down of its orders: lines, inspections, returns.

Tables hold everything that ever happens, arrivals after the last round included; `known.known_tables` cuts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.simulate.ordering import BULK, SAMPLE, Columns
from analysis.simulate.outcomes import MODES, NEVER
from analysis.simulate.products import CATEGORIES, FAILURES, PRODUCTS, SEVERITY_SHARES
from analysis.simulate.truth import Truth
from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.tables import empty

STAGE_NAMES = np.array(["sample", "trial", "bulk"], dtype=object)
NEEDS = np.array(["新品测款", "小额采购", "大额批发"], dtype=object)
MEASURED_PIECES = np.array([5, 5, 10])
"""Pieces weighed or gauged of a lot, at most, by stage."""


@dataclass(frozen=True)
class Events:
    """Everything that happened. Arrays: `orders` an order, `lines` a line (`order` its order), `lots` a lot (`line` its line)."""

    truth: Truth
    orders: Columns
    lines: Columns
    lots: Columns
    months: np.ndarray  # (rounds + 1,) first day of each round's month, and of the month after the last


def as_dates(days: np.ndarray) -> pd.Series:
    """Whole days since 1970 as dates; `NEVER` becomes NaT."""
    dates = np.asarray(days, np.int64).astype("datetime64[D]").astype("datetime64[us]")
    return pd.Series(np.where(days >= NEVER - 20, np.datetime64("NaT", "us"), dates))


def canonical(name: str, columns: Mapping[str, object]) -> pd.DataFrame:
    """The canonical table `name`: columns not given are missing, types as in `sources.tables.empty`."""
    rows = pd.DataFrame(dict(columns))
    dtypes = empty(name).dtypes
    return rows.reindex(columns=dtypes.index).astype(dtypes.to_dict())


def orders_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """The canonical table `orders` as it truly is."""
    orders, lines = events.orders, events.lines
    order = lines["order"]
    stage = lines["stage"]
    custom = (stage == BULK) & (rng.random(len(stage)) < 0.12)
    status = np.array(["received", "cancelled", "cancelled", "cancelled", "unknown"], dtype=object)
    product = events.truth.offers["product"].to_numpy()[lines["offer"]]
    days = {
        c: as_dates(orders[c][order]) for c in ("ordered_on", "paid_on", "promised_on", "shipped_on", "received_on")
    }
    money = {c: lines[c] for c in ("unit_price", "goods_amount", "freight", "discount", "paid_amount")}
    return canonical(
        "orders",
        {
            "order_id": orders["order_id"][order],
            "line_no": lines["line_no"],
            "supplier": supplier_names(events)[orders["supplier"][order]],
            "sku": skus()[product],
            "category": np.array(CATEGORIES, dtype=object)[product_categories()[product]],
            "stage": STAGE_NAMES[stage],
            "need": np.where(custom, "轻定制", NEEDS[stage]),
            **days,
            "quantity": lines["quantity"],
            **money,
            "duty": 0.0,  # bought inside the country
            "transport_mode": np.array(MODES, dtype=object)[orders["mode"][order]],
            "status": status[orders["fate"][order]],
        },
    )


def inspections_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """One row of counts a lot inspected, then one row a piece measured."""
    lots = {name: column[events.lots["inspected"] > 0] for name, column in events.lots.items()}
    line = lots["line"]
    product = events.truth.offers["product"].to_numpy()[events.lines["offer"][line]]
    where = {
        "order_id": events.orders["order_id"][events.lines["order"][line]],
        "line_no": events.lines["line_no"][line],
        "batch": batches(events, lots),
        "inspected_on": as_dates(lots["inspected_on"]),
    }
    counts = {"inspected": lots["inspected"], "defective": lots["defective"]}
    found = rng.multinomial(lots["defective"], SEVERITY_SHARES)
    counts |= dict(zip(SEVERITIES, found.T))
    counts |= dict(zip(CHECKLIST, _failures(rng, lots["defective"], product_categories()[product]).T))
    tables = [canonical("inspections", where | counts), _measurements(rng, events, lots, product, where)]
    return pd.concat(tables, ignore_index=True)


def _failures(rng: np.random.Generator, defective: np.ndarray, category: np.ndarray) -> np.ndarray:
    """(lots, items) pieces that failed each item: every defective piece one, one in four a second one."""
    shares = np.array(FAILURES)[category]
    first = rng.multinomial(defective, shares)
    second = rng.multinomial(rng.binomial(defective, 0.25), shares)
    return np.minimum(first + second, defective[:, None])


def _measurements(
    rng: np.random.Generator, events: Events, lots: Columns, product: np.ndarray, where: dict
) -> pd.DataFrame:
    """Pieces of the measured models: normal about the supplier's own mean, which bulk of a drifting supplier leaves."""
    measured = [(p.measured or ("", np.nan, np.nan)) for p in PRODUCTS]
    attribute, target, spread = (np.array(column) for column in zip(*measured))
    stage = events.lines["stage"][lots["line"]]
    pieces = np.where(attribute[product] != "", np.minimum(lots["inspected"], MEASURED_PIECES[stage]), 0)
    row = np.repeat(np.arange(len(pieces)), pieces)
    offer = events.lines["offer"][lots["line"]]
    shift = events.truth.suppliers["measured_shift"].to_numpy(float)[events.truth.offers["supplier"].to_numpy()[offer]]
    offset = events.truth.offers["measured_offset"].to_numpy()[offer] + np.where(stage == BULK, shift, 0.0)
    middle, sd = target[product].astype(float), spread[product].astype(float)
    value = middle[row] + sd[row] * (offset[row] + rng.standard_normal(len(row)))
    columns = {name: np.asarray(column)[row] for name, column in where.items()}
    columns |= {"piece": np.arange(len(row)) - np.searchsorted(row, row) + 1, "attribute": attribute[product][row]}
    columns |= {"value": np.round(value, 2), "lower_limit": np.round(middle - 6 * sd, 2)[row], "upper_limit": np.round(middle + 6 * sd, 2)[row]}  # fmt: skip
    return canonical("inspections", columns)


def batches(events: Events, lots: Columns) -> np.ndarray:
    """Batch marks, such as B260305-017-1: day shipped, supplier, lot; missing when nothing was shipped."""
    order = events.lines["order"][lots["line"]]
    shipped = as_dates(events.orders["shipped_on"][order]).dt.strftime("%y%m%d").fillna("000000")
    supplier = events.orders["supplier"][order] + 1
    return np.array([f"B{day}-{who:03d}-{lot}" for day, who, lot in zip(shipped, supplier, lots["lot"])], dtype=object)


def returns_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """Defective pieces sent back or reworked, and those of the uninspected rest that surfaced later; by line."""
    lots = events.lots
    arrived = lots["inspected"] > 0
    surfaced = lots["defective"] + rng.binomial(np.where(arrived, lots["defects"] - lots["defective"], 0), 0.5)
    back = rng.binomial(surfaced, 0.55)
    again = rng.binomial(surfaced - back, 0.5)
    n = len(events.lines["order"])
    returned, reworked = (np.bincount(lots["line"], x, n).astype(int) for x in (back, again))
    last = np.zeros(n, np.int64)
    np.maximum.at(last, lots["line"][arrived], lots["inspected_on"][arrived])
    settled = last + rng.integers(7, 31, n)
    cost = np.round(8.0 + returned * rng.uniform(1.5, 3.5, n) + reworked * rng.uniform(1.0, 2.5, n), 2)
    keep = (returned + reworked > 0) & (events.lines["stage"] != SAMPLE)
    columns = {
        "order_id": events.orders["order_id"][events.lines["order"]],
        "line_no": events.lines["line_no"],
        "returned": returned,
        "reworked": reworked,
        "cost": cost,
        "settled_on": as_dates(settled),
    }
    return canonical("returns", {name: np.asarray(column)[keep] for name, column in columns.items()})


def supplier_names(events: Events) -> np.ndarray:
    """Name of each event's supplier."""
    return events.truth.suppliers["supplier"].to_numpy(object)


def skus() -> np.ndarray:
    """SKU of each product."""
    return np.array([p.sku for p in PRODUCTS], dtype=object)


def product_categories() -> np.ndarray:
    """Category of each product."""
    return np.array([p.category for p in PRODUCTS])
