"""What the simulated buyer also writes down: stock counts, the answers to its inquiries, and what a profile says of trust.

Drawn from a generator of its own, so that orders, prices and defects are the same whether this is written or not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.records import Events, canonical

STREAM = 13
"""Sets these draws apart from the company's own, under one seed."""
CLAIMS = {"payee": 0.04, "credentials_until": 0.06, "gives_samples": 0.05, "buyer_protection": 0.15}
"""How often a profile speaks against its supplier."""


def stock_counts_table(seed: int, demand: pd.DataFrame, events: Events) -> pd.DataFrame:
    """Pieces on hand at the end of each round's month: between none and seven weeks of what was sold in it."""
    rng = np.random.default_rng([seed, STREAM, 0])
    first = events.months[0].astype("datetime64[D]")
    rows = demand[demand["month"] >= first].reset_index(drop=True)
    held = np.round(rows["units"].to_numpy(float) * rng.uniform(0.0, 1.6, len(rows)))
    counted = (rows["month"] + pd.offsets.MonthEnd(0)).astype("datetime64[us]")
    return canonical("stock_counts", {"sku": rows["sku"], "counted_on": counted, "on_hand": held})


def answers_table(seed: int, quotes: pd.DataFrame) -> pd.DataFrame:
    """The answer before each supplier's first quote for an SKU; not all say everything."""
    rng = np.random.default_rng([seed, STREAM, 1])
    ordered = quotes.sort_values(["quoted_on", "quote_id", "min_quantity"], kind="stable")
    first = ordered.drop_duplicates(["supplier", "sku"]).reset_index(drop=True)
    n = len(first)
    lowest = quotes.groupby(["supplier", "sku"])["unit_price"].min()
    keys = pd.MultiIndex.from_frame(first[["supplier", "sku"]])
    said = rng.random((4, n)) < 0.8
    conclusions = np.array(["先打样", "小单试购", "价格偏高，暂缓"], dtype=object)
    return canonical(
        "answers",
        {
            "supplier": first["supplier"], "sku": first["sku"],
            "asked_on": first["quoted_on"] - pd.to_timedelta(rng.integers(2, 8, n), unit="D"),
            "answered_on": first["quoted_on"] - pd.to_timedelta(1, unit="D"),
            "price_low": lowest.reindex(keys).to_numpy(), "price_high": first["unit_price"], "min_quantity": first["min_quantity"],
            "lead_time_days": first["lead_time_days"].where(said[0]), "freight_discount": first["freight_terms"].where(said[1]),
            "warranty": pd.Series("7天包退换", first.index).where(said[2]),
            "tax_included": pd.Series(rng.random(n) < 0.5, dtype="boolean").where(said[3]),
            "sample_offered": pd.Series(True, first.index, dtype="boolean"),
            "conclusion": conclusions[rng.integers(0, 3, n)],
        },
    )  # fmt: skip


def with_claims(seed: int, suppliers: pd.DataFrame, last_day: pd.Timestamp) -> pd.DataFrame:
    """`suppliers` with what a few of the profiles say against them."""
    rng = np.random.default_rng([seed, STREAM, 2])
    n = len(suppliers)
    struck = {name: rng.random(n) < share for name, share in CLAIMS.items()}
    ends = last_day + pd.to_timedelta(np.where(struck["credentials_until"], 20, rng.integers(200, 900, n)), unit="D")
    return suppliers.assign(
        payee=pd.Series(np.where(struck["payee"], "示例代收款商行", suppliers["supplier"]), dtype="str"),
        credentials_until=pd.Series(ends).astype("datetime64[us]").to_numpy(),
        gives_samples=pd.array(~struck["gives_samples"], dtype="boolean"),
        buyer_protection=pd.array(~struck["buyer_protection"], dtype="boolean"),
    )
