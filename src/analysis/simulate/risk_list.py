"""The simulated buyer's risk list: what it noticed about a supplier, who looks after it and until when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.outcomes import NEVER
from analysis.simulate.records import Events, as_dates, canonical

SINGLE_SOURCE = "单源风险：暂无备选供应商"
OWNERS = np.array(["采购员甲", "采购员乙", "质检员丙"], dtype=object)


def risks_table(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    """One row a risk: bad lots, late and lost orders, single sources, papers that are missing."""
    found = pd.concat(
        [_bad_lots(events), _late_orders(events), _lost_orders(events), _single_sources(events), _papers(rng, events)]
    )
    found = found.drop_duplicates(["supplier", "item"]).sort_values(
        ["opened", "supplier"], kind="stable", ignore_index=True
    )
    due = found["opened"].to_numpy() + rng.choice([14, 21, 30, 60], len(found))
    closed = (
        (due + 15 < events.months[-1]) & (rng.random(len(found)) < 0.6) & (found["item"] != SINGLE_SOURCE).to_numpy()
    )
    names = events.truth.suppliers["supplier"].to_numpy(str)
    return canonical(
        "risks",
        {
            "supplier": names[found["supplier"].to_numpy(int)],
            "item": found["item"],
            "status": np.where(closed, "closed", "open"),
            "opened_on": as_dates(found["opened"].to_numpy(int)),
            "due_on": as_dates(due.astype(int)),
            "owner": OWNERS[rng.integers(0, 3, len(found))],
        },
    )


def _rows(item: str, supplier: np.ndarray, opened: np.ndarray) -> pd.DataFrame:
    """The first of each supplier."""
    rows = pd.DataFrame({"supplier": supplier.astype(int), "opened": opened.astype(int), "item": item})
    return rows.sort_values(["supplier", "opened"], kind="stable").drop_duplicates("supplier")


def _bad_lots(events: Events) -> pd.DataFrame:
    lots = events.lots
    bad = (lots["inspected"] >= 10) & (lots["defective"] > 0.12 * lots["inspected"])
    order = events.lines["order"][lots["line"]][bad]
    return _rows("批次不良率偏高，需整改", events.orders["supplier"][order], lots["inspected_on"][bad] + 1)


def _late_orders(events: Events) -> pd.DataFrame:
    orders = events.orders
    late = (orders["received_on"] < NEVER) & (orders["received_on"] > orders["promised_on"] + 16)
    return _rows("交货严重延迟", orders["supplier"][late], orders["promised_on"][late] + 16)


def _lost_orders(events: Events) -> pd.DataFrame:
    lost = events.orders["refund_on"] < NEVER
    return _rows("货物未到，退款跟进", events.orders["supplier"][lost], events.orders["refund_on"][lost])


def _single_sources(events: Events) -> pd.DataFrame:
    """Suppliers who alone offer a product, from the second round on."""
    offers = events.truth.offers
    alone = offers[~offers["product"].duplicated(keep=False)]
    entry = events.truth.suppliers["entry"].to_numpy(int)[alone["supplier"].to_numpy()]
    return _rows(SINGLE_SOURCE, alone["supplier"].to_numpy(), events.months[entry] + 20)


def _papers(rng: np.random.Generator, events: Events) -> pd.DataFrame:
    suppliers = np.flatnonzero(rng.random(len(events.truth.suppliers)) < 0.16)
    entry = events.truth.suppliers["entry"].to_numpy(int)[suppliers]
    items = np.array(["缺第三方检测报告", "外观专利待核实", "未签质量协议"], dtype=object)
    rows = _rows("", suppliers, events.months[entry] + 12)
    return rows.assign(item=items[rng.integers(0, 3, len(rows))])
