"""The truth as tables: what estimates are judged by and no review may see."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.ordering import TRIAL
from analysis.simulate.outcomes import FATES, draw_order_dates, promised_days
from analysis.simulate.products import CATEGORIES, PRODUCTS, REGIONS
from analysis.simulate.records import STAGE_NAMES, Events, as_dates, batches, skus, supplier_names
from analysis.simulate.truth import LOT_SIZE_PARAMETER

LEAD_TIME_DRAWS = 2000
CALM_DAY = 20_590
"""2026-05-17, far from any holiday."""


def truth_tables(events: Events, seed: int) -> dict[str, pd.DataFrame]:
    """`suppliers offers products orders lots`."""
    return {
        "suppliers": supplier_truth(events, seed),
        "offers": offer_truth(events),
        "products": product_truth(),
        "orders": order_truth(events),
        "lots": lot_truth(events),
    }


def supplier_truth(events: Events, seed: int) -> pd.DataFrame:
    """What each supplier is; lead times are those of a trial order in a calm season, whole days from order to arrival."""
    people = events.truth.suppliers.copy()
    category = people["category"].to_numpy(int)
    people["region"] = np.array(REGIONS, dtype=object)[category, people["region"].to_numpy(int)]
    people["category"] = np.array(CATEGORIES, dtype=object)[category]
    people["entered_on"] = as_dates(events.months[people.pop("entry").to_numpy(int)])
    people["promised_days"] = promised_days(events.truth)
    days = calm_lead_times(np.random.default_rng([seed, 1]), events)
    people["lead_time_median"], people["lead_time_p90"], people["lead_time_p95"] = np.quantile(
        days, [0.5, 0.9, 0.95], axis=1
    )
    people["late_probability"] = (days > people["promised_days"].to_numpy()[:, None]).mean(axis=1)
    people["lot_size_parameter"] = LOT_SIZE_PARAMETER
    return people


def calm_lead_times(rng: np.random.Generator, events: Events) -> np.ndarray:
    """(suppliers, draws) days from order to arrival, drawn as `outcomes.draw_order_dates` draws them for trial orders."""
    people = events.truth.suppliers
    row = np.repeat(np.arange(len(people)), LEAD_TIME_DRAWS)
    orders = {"supplier": row, "stage": np.full(len(row), TRIAL), "ordered_on": np.full(len(row), CALM_DAY)}
    dates = draw_order_dates(rng, events.truth, orders, fates=False)
    return (dates["arrives_on"] - CALM_DAY).reshape(len(people), LEAD_TIME_DRAWS)


def offer_truth(events: Events) -> pd.DataFrame:
    """Defect rates by stage and the shift of measured pieces, by supplier and SKU."""
    offers = events.truth.offers.copy()
    supplier, product = offers["supplier"].to_numpy(), offers["product"].to_numpy()
    offers["supplier"] = supplier_names(events)[supplier]
    offers["measured_shift"] = events.truth.suppliers["measured_shift"].to_numpy(float)[supplier]
    offers.insert(1, "sku", skus()[product])
    return offers.drop(columns="product")


def product_truth() -> pd.DataFrame:
    """True demand and prices of each product."""
    return pd.DataFrame(
        {
            "sku": [p.sku for p in PRODUCTS],
            "title": [p.title for p in PRODUCTS],
            "category": [CATEGORIES[p.category] for p in PRODUCTS],
            "benchmark_price": [p.benchmark_price for p in PRODUCTS],
            "weight_g": [p.weight_g for p in PRODUCTS],
            "selling_price": [p.selling_price for p in PRODUCTS],
            "monthly_units": [p.monthly_units for p in PRODUCTS],
        }
    )


def lot_truth(events: Events) -> pd.DataFrame:
    """Each lot's own defect rate and all its defective pieces, seen or not."""
    lots = events.lots
    order = events.lines["order"][lots["line"]]
    return pd.DataFrame(
        {
            "order_id": events.orders["order_id"][order],
            "line_no": events.lines["line_no"][lots["line"]],
            "batch": batches(events, lots),
            "supplier": supplier_names(events)[events.orders["supplier"][order]],
            "sku": skus()[events.truth.offers["product"].to_numpy()[events.lines["offer"][lots["line"]]]],
            "stage": STAGE_NAMES[events.lines["stage"][lots["line"]]],
            "pieces": lots["pieces"],
            "defect_rate": lots["defect_rate"],
            "defects": lots["defects"],
            "inspected": lots["inspected"],
            "defective": lots["defective"],
        }
    )


def order_truth(events: Events) -> pd.DataFrame:
    """What became of each order, arrivals that nobody wrote down included."""
    orders = events.orders
    days = ("ordered_on", "paid_on", "promised_on", "shipped_on", "received_on", "arrives_on", "refund_on", "closed_on")
    return pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "supplier": supplier_names(events)[orders["supplier"]],
            "stage": STAGE_NAMES[orders["stage"]],
            "fate": np.array(FATES, dtype=object)[orders["fate"]],
            **{day: as_dates(orders[day]) for day in days},
        }
    )
