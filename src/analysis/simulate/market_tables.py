"""What the simulated buyer writes down of its suppliers and its own sales: quotes, inquiries, profiles, demand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.outcomes import NEVER, promised_days
from analysis.simulate.products import CATEGORIES, PRODUCTS, REGIONS
from analysis.simulate.records import Events, as_dates, canonical, skus, supplier_names
from analysis.simulate.truth import LADDER, LADDER_FACTORS, QUOTE_MONTHS

MEDAL_SALES, MEDAL_BUYERS = (5e3, 2e4, 1e5, 5e5), (0, 20, 30, 40)
"""Least sales of 30 days and least buyers of the medals 2A to 5A."""
SEASON = (1.0, 0.6, 0.95, 0.95, 1.0, 1.15, 0.95, 0.95, 1.05, 1.1, 1.4, 1.1)
"""Demand by calendar month: Spring Festival lull, the shopping days of June and November."""


def quotes_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """Each quote with its price ladder, one row a step."""
    truth, rounds = events.truth, len(events.months) - 1
    entry = truth.suppliers["entry"].to_numpy(int)[truth.offers["supplier"].to_numpy()]
    offer, number = np.nonzero(entry[:, None] + QUOTE_MONTHS * np.arange(truth.prices.shape[1]) < rounds)
    quoted = events.months[entry[offer] + QUOTE_MONTHS * number] - rng.integers(1, 10, len(offer))
    order = np.lexsort((offer, quoted))
    offer, number, quoted = offer[order], number[order], quoted[order]
    row = np.repeat(np.arange(len(offer)), len(LADDER))
    step = np.tile(np.arange(len(LADDER)), len(offer))
    supplier = truth.offers["supplier"].to_numpy()[offer][row]
    product = truth.offers["product"].to_numpy()[offer][row]
    people, benchmark = truth.suppliers, np.array([p.benchmark_price for p in PRODUCTS])
    price = truth.prices[offer, number]
    return canonical(
        "quotes",
        {
            "quote_id": np.array([f"Q{k + 1:05d}" for k in range(len(offer))], dtype=object)[row],
            "supplier": supplier_names(events)[supplier],
            "sku": skus()[product],
            "quoted_on": as_dates(quoted[row]),
            "valid_until": as_dates(quoted[row] + 30 * QUOTE_MONTHS + 20),
            "min_quantity": np.array(LADDER)[step],
            "unit_price": np.round(price[row] * LADDER_FACTORS[step], 2),
            "lead_time_days": promised_days(truth)[supplier],
            "sample_fee": np.round(price * 1.5, 0)[row],
            "freight_terms": np.where(people["free_freight"].to_numpy(bool)[supplier], "满500元包邮", "买家承担"),
            "deposit_share": people["deposit_share"].to_numpy(float)[supplier],
            "credit_days": people["credit_days"].to_numpy(int)[supplier],
            "mixed_batch": people["mixed_batch"].to_numpy(bool)[supplier],
            "benchmark_price": benchmark[product],
        },
    )


def inquiries_table(rng: np.random.Generator, events: Events, quotes: pd.DataFrame) -> pd.DataFrame:
    """Questions before each quote, and after an inspection that found defects or a late arrival."""
    first = quotes.drop_duplicates("quote_id")
    place = pd.Series(np.arange(len(events.truth.suppliers)), supplier_names(events))
    before = place[first["supplier"]].to_numpy()
    asked_before = first["quoted_on"].to_numpy().astype("datetime64[D]").astype(np.int64) - rng.integers(
        2, 8, len(first)
    )
    lots = {name: column[events.lots["defective"] > 0] for name, column in events.lots.items()}
    order = events.lines["order"][lots["line"]]
    late = (events.orders["received_on"] < NEVER) & (events.orders["received_on"] > events.orders["promised_on"] + 3)
    after = np.concatenate([events.orders["supplier"][order], events.orders["supplier"][late]])
    asked_after = np.concatenate([lots["inspected_on"], events.orders["promised_on"][late] + 1])
    supplier, asked = np.concatenate([before, after]), np.concatenate([asked_before, asked_after])
    pre_sale = np.arange(len(supplier)) < len(before)
    people = events.truth.suppliers
    usual = np.where(
        pre_sale, people["reply_hours"].to_numpy(float)[supplier], people["after_sales_hours"].to_numpy(float)[supplier]
    )
    moment = as_dates(asked) + pd.to_timedelta(rng.integers(9 * 60, 18 * 60, len(asked)), unit="min")
    minutes = np.ceil(usual * np.exp(rng.normal(0.0, 0.6, len(asked))) * 60)
    answered = rng.random(len(asked)) > 0.05
    table = canonical(
        "inquiries",
        {
            "supplier": supplier_names(events)[supplier],
            "asked_at": moment,
            "replied_at": (moment + pd.to_timedelta(minutes, unit="min")).where(answered),
            "phase": np.where(pre_sale, "pre-sale", "after-sales"),
            "answered_items": pd.Series(rng.binomial(5, 0.85, len(asked)), dtype="Int64").where(answered & pre_sale),
        },
    )
    return table.drop_duplicates(["supplier", "asked_at", "phase"]).sort_values(
        ["asked_at", "supplier"], kind="stable", ignore_index=True
    )


def suppliers_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """The supplier's profile as the platform shows it; medals follow sales and buyers by the platform's rule for daily goods."""
    people = events.truth.suppliers
    n = len(people)
    sales = np.round(rng.lognormal(np.log(9e4), 1.3, n), 0)
    buyers = np.ceil(sales / rng.uniform(400, 2500, n)).astype(int)
    steps = [np.searchsorted(least, of, side="right") for least, of in ((MEDAL_SALES, sales), (MEDAL_BUYERS, buyers))]
    medal = 1 + np.minimum(*steps)
    category, region = people["category"].to_numpy(int), people["region"].to_numpy(int)
    factory = people["kind"].to_numpy(str) == "factory"
    papers = np.where(factory, "营业执照;深度验厂", "营业执照")
    return canonical(
        "suppliers",
        {
            "supplier": supplier_names(events),
            "platform": "1688",
            "region": np.array(REGIONS, dtype=object)[category, region],
            "kind": people["kind"],
            "years_on_platform": people["years"].astype(float),
            "medal": np.array([f"{m}A" for m in medal], dtype=object),
            "dispute_rate_90d": np.round(people["dispute_rate"].to_numpy(float), 5),
            "sales_30d": sales,
            "buyers_30d": buyers,
            "credentials": np.where(rng.random(n) < 0.3, papers + ";质检报告", papers),
            "category": np.array(CATEGORIES, dtype=object)[category],
        },
    )


def demand_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """Units sold by SKU and month, half a year before the first round included."""
    sold = np.unique(events.truth.offers["product"].to_numpy())
    first = events.months[0].astype("datetime64[D]").astype("datetime64[M]")
    months = first + np.arange(-6, len(events.months) - 1)
    product, month = np.repeat(sold, len(months)), np.tile(months, len(sold))
    season = np.array(SEASON)[month.astype(int) % 12]
    usual = np.array([p.monthly_units for p in PRODUCTS])[product] * season
    price = np.array([p.selling_price for p in PRODUCTS])[product]
    return canonical(
        "demand",
        {
            "sku": skus()[product],
            "month": month.astype("datetime64[D]").astype("datetime64[us]"),
            "units": rng.poisson(usual * rng.standard_gamma(30.0, len(product)) / 30.0),
            "selling_price": np.round(price * np.where(rng.random(len(product)) < 0.15, 0.92, 1.0), 1),
        },
    )
