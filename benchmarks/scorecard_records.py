"""What the buyer of `scorecard_worlds.py` writes down of its suppliers: offers, orders, inspections and the other canonical tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit, logit

from analysis.simulate.records import canonical

FIRST = pd.Timestamp("2024-03-01")
SKUS_A_CATEGORY = 2
LOT_SIZE = 40.0
"""alpha + beta of the lots' rates around their SKU's."""
SKU_SD, REPLY_SD = 0.25, 0.6
"""Of SKUs around their supplier, logit scale; of the log of one reply time."""


def lead_time_quantile(people: pd.DataFrame, p: np.ndarray) -> np.ndarray:
    """(suppliers, len(p)) quantiles of a lead time by scipy's distributions; `p` may be (suppliers, k) too."""
    spread, median = (people[name].to_numpy(float)[:, None] for name in ("spread", "median"))
    shape = 1.2 / spread
    families = [
        stats.lognorm.ppf(p, spread, scale=median),
        stats.weibull_min.ppf(p, shape, scale=median / np.log(2) ** (1 / shape)),
        stats.gamma.ppf(p, spread**-2, scale=median / stats.gamma.ppf(0.5, spread**-2)),
    ]
    return np.take_along_axis(np.stack(families), people["family"].to_numpy(int)[None, :, None], axis=0)[0]


def draw_offers(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """One row a supplier and SKU: half of the suppliers offer one of their category's SKUs, the others all."""
    person = np.repeat(np.arange(len(people)), SKUS_A_CATEGORY)
    sku = np.tile(np.arange(SKUS_A_CATEGORY), len(people))
    only = np.where(rng.random(len(people)) < 0.5, rng.integers(0, SKUS_A_CATEGORY, len(people)), -1)
    keep = (only[person] < 0) | (only[person] == sku)
    person, sku = person[keep], sku[keep]
    number = people["number"].to_numpy()[person] * SKUS_A_CATEGORY + sku
    benchmark = np.round(np.exp(rng.normal(np.log(20), 0.5, number.max() + 1)), 2)[number]
    rate = expit(logit(people["defect_rate"].to_numpy()[person]) + rng.normal(-(SKU_SD**2) / 2, SKU_SD, len(person)))
    price = benchmark * people["price_factor"].to_numpy()[person] * rng.lognormal(0, 0.02, len(person))
    return pd.DataFrame(
        {"person": person, "number": number, "sku": [f"K{k:02d}" for k in number], "benchmark": benchmark, "rate": rate}
    ).assign(price=price)


def quotes_table(rng: np.random.Generator, people: pd.DataFrame, offers: pd.DataFrame) -> pd.DataFrame:
    """One quote an offer, valid for ever: two steps, freight paid by the seller."""
    row = np.repeat(np.arange(len(offers)), 2)
    step = np.tile([0, 1], len(offers))
    least = rng.choice([2, 5, 10, 20, 50, 100], len(people))[offers["person"].to_numpy()]
    owner = people.iloc[offers["person"].to_numpy()[row]]
    return canonical(
        "quotes",
        {
            "quote_id": [f"Q{k:04d}" for k in row],
            "supplier": owner["supplier"].to_numpy(),
            "sku": offers["sku"].to_numpy()[row],
            "quoted_on": FIRST - pd.Timedelta(days=10),
            "min_quantity": np.where(step == 0, least[row], 20 * least[row]),
            "unit_price": np.round(offers["price"].to_numpy()[row] * np.where(step == 0, 1.0, 0.93), 2),
            "lead_time_days": owner["promised"].astype(int).to_numpy(),
            "freight_terms": "包邮",
            "credit_days": owner["credit_days"].to_numpy(),
            "benchmark_price": offers["benchmark"].to_numpy()[row],
        },
    )


def demand_table(rng: np.random.Generator, offers: pd.DataFrame) -> pd.DataFrame:
    """A year of sales that ended before the first order."""
    goods = offers.drop_duplicates("number")
    row, month = np.repeat(np.arange(len(goods)), 12), np.tile(np.arange(12), len(goods))
    usual = rng.lognormal(np.log(200), 0.4, len(goods))[row]
    return canonical(
        "demand",
        {
            "sku": goods["sku"].to_numpy()[row],
            "month": [FIRST - pd.DateOffset(months=12 - int(m)) for m in month],
            "units": rng.poisson(usual),
            "selling_price": np.round(2.6 * goods["benchmark"].to_numpy(), 1)[row],
        },
    )


def draw_lines(rng: np.random.Generator, people: pd.DataFrame, offers: pd.DataFrame, months: int) -> pd.DataFrame:
    """One row an order of one line, in order of days: who, what, when, how many, when it comes."""
    parts = []
    for month in range(months):
        chosen = rng.permutation(len(people))[: len(people) // 3]
        person = np.repeat(chosen, rng.integers(1, 4, len(chosen)))
        start = FIRST + pd.DateOffset(months=month)
        parts.append(
            pd.DataFrame(
                {"person": person, "ordered_on": start + pd.to_timedelta(rng.integers(0, 28, len(person)), "D")}
            )
        )
    lines = pd.concat(parts, ignore_index=True).sort_values(["ordered_on", "person"], kind="stable", ignore_index=True)
    mine = offers.reset_index().groupby("person")["index"].agg(list)
    lines["offer"] = [rng.choice(mine[person]) for person in lines["person"]]
    sample = ~lines["person"].duplicated() & (rng.random(len(lines)) < 0.5)
    lines["stage"] = np.where(sample, "sample", "trial")
    lines["quantity"] = np.where(sample, rng.integers(1, 6, len(lines)), rng.integers(5, 51, len(lines)))
    days = lead_time_quantile(people.iloc[lines["person"]], rng.random((len(lines), 1)))[:, 0]
    lines["received_on"] = lines["ordered_on"] + pd.to_timedelta(np.rint(days), "D")
    rate = offers["rate"].to_numpy()[lines["offer"]]
    drifted = people["drifts"].to_numpy()[lines["person"]] & sample.to_numpy()
    lines["rate"] = np.where(drifted, rate / 5, rate)  # its samples were better
    return lines.assign(sku=offers["sku"].to_numpy()[lines["offer"]], price=offers["price"].to_numpy()[lines["offer"]])


def orders_table(people: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    owner = people.iloc[lines["person"]]
    price = np.round(lines["price"].to_numpy(), 2)
    return canonical(
        "orders",
        {
            "order_id": _numbers(lines),
            "line_no": 1,
            "supplier": owner["supplier"].to_numpy(),
            "sku": lines["sku"],
            "category": owner["category"].to_numpy(),
            "stage": lines["stage"],
            "ordered_on": lines["ordered_on"],
            "paid_on": lines["ordered_on"],
            "promised_on": lines["ordered_on"] + pd.to_timedelta(owner["promised"].to_numpy(), "D"),
            "received_on": lines["received_on"],
            "quantity": lines["quantity"],
            "unit_price": price,
            "goods_amount": np.round(price * lines["quantity"], 2),
            "freight": 0.0,
            "transport_mode": "express",
            "status": "received",
        },
    )


def _numbers(lines: pd.DataFrame) -> list[str]:
    return [f"PO{k:05d}" for k in range(len(lines))]


def inspections_table(rng: np.random.Generator, lines: pd.DataFrame, hidden: str) -> pd.DataFrame:
    """Every piece of a lot on the day it came; one lot in 25 is never looked at, or half of those with much amiss."""
    rate, n = lines["rate"].to_numpy(), len(lines)
    lot = rng.beta(LOT_SIZE * rate, LOT_SIZE * (1 - rate))
    defective = rng.binomial(lines["quantity"], lot)
    kept = rng.random(n) > np.where((hidden == "bad") & (defective > 0.08 * lines["quantity"]), 0.5, 0.04)
    return canonical(
        "inspections",
        {
            "order_id": np.array(_numbers(lines), object)[kept],
            "line_no": 1,
            "batch": "1",
            "inspected_on": lines["received_on"][kept].to_numpy(),
            "inspected": lines["quantity"].to_numpy()[kept],
            "defective": defective[kept],
        },
    )


def inquiries_table(rng: np.random.Generator, people: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """After four orders in ten a question on the day after the arrival; every one is answered some day."""
    asked = lines[rng.random(len(lines)) < 0.4]
    owner = people.iloc[asked["person"]]
    moment = asked["received_on"] + pd.to_timedelta(rng.integers(33 * 60, 42 * 60, len(asked)), "min")
    hours = owner["reply_hours"].to_numpy() * rng.lognormal(0, REPLY_SD, len(asked))
    columns = {"supplier": owner["supplier"].to_numpy(), "asked_at": moment.to_numpy(), "phase": "after-sales"}
    table = canonical(
        "inquiries", columns | {"replied_at": moment.to_numpy() + pd.to_timedelta(np.ceil(hours * 60), "min")}
    )
    return table.drop_duplicates(["supplier", "asked_at"], ignore_index=True)


def suppliers_table(people: pd.DataFrame) -> pd.DataFrame:
    papers = ["营业执照", "深度验厂", "质检报告", "专利"]
    columns = {name: people[name] for name in ("supplier", "category")}
    columns |= {
        "years_on_platform": people["years"],
        "dispute_rate_90d": people["dispute_rate"],
        "sales_30d": people["sales"],
    }
    return canonical("suppliers", columns | {"credentials": [";".join(papers[:n]) for n in people["credentials"]]})


def risks_table(people: pd.DataFrame) -> pd.DataFrame:
    """The open items, and one that was closed: everybody was looked at."""
    items = people["open_risks"].to_numpy() + 1
    row = np.repeat(np.arange(len(people)), items)
    number = np.arange(len(row)) - np.repeat(np.cumsum(items) - items, items)
    columns = {"supplier": people["supplier"].to_numpy()[row], "item": [f"item {k}" for k in number]}
    columns |= {"status": np.where(number == 0, "closed", "open"), "opened_on": FIRST - pd.Timedelta(days=5)}
    return canonical("risks", columns)
