"""Whom to ask what: of each candidate or offer the answers that are still missing, and the inquiry that asks for them.

An answer must state five things: price range, minimum order, lead time, freight discount, warranty. What a quote states is not asked
again. Asked beside these: tax, a sample, an inspection report, payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.reasons import joined, reason

PAIR = ["supplier", "sku"]
ASKED = ("price", "minimum", "lead_time", "freight", "warranty", "tax", "sample", "report", "payment")
"""The first five make an answer complete."""
FIVE = ASKED[:5]
QUESTION_COLUMNS = [
    "supplier",
    "sku",
    "pieces",
    "complete",
    "missing",
    "last_asked",
    "waiting_days",
    "conclusion",
    "message",
]
"""`complete`: of the five answers those that are there; `missing`: names of what is not known; `message`: the inquiry."""


def open_questions(
    tables: Mapping[str, pd.DataFrame], wanted: pd.Series, as_of: pd.Timestamp, limit: float
) -> pd.DataFrame:
    """One row a supplier and SKU of the candidates, quotes and answers, never bought yet, that lacks an answer: `QUESTION_COLUMNS`.

    `wanted` pieces a month by SKU; `limit` of the defect rate, the house's term in the inquiry.
    """
    known = _known(tables, as_of)
    known = known[~known.index.isin(pd.MultiIndex.from_frame(tables["orders"][PAIR]))]
    rows = known[~known[list(ASKED)].all(axis=1)].reset_index()
    if rows.empty:
        return _typed(pd.DataFrame(columns=QUESTION_COLUMNS))
    rows["complete"] = rows[list(FIVE)].sum(axis=1)
    lacking = [[name for name in ASKED if not row[name]] for row in rows[list(ASKED)].to_dict("records")]
    rows["missing"] = [joined("names", [reason(f"before_order.ask_{name}") for name in names]) for names in lacking]
    need = rows["sku"].map(wanted).astype(float)
    rows["pieces"], rows["need"] = np.ceil(need.fillna(rows["pieces"].astype(float))), need
    rows["goods"] = _goods(rows, tables)
    rows = rows.join(_asked_last(tables["inquiries"], as_of), on="supplier")
    rows["message"] = [_message(row, names, limit) for row, names in zip(rows.to_dict("records"), lacking)]
    return _typed(rows)


def _known(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp) -> pd.DataFrame:
    """By supplier and SKU: True for each of `ASKED` that some source states, the least `pieces` and the last `conclusion`."""
    quotes, answers = tables["quotes"], tables["answers"]
    quotes = quotes[quotes["valid_until"].isna() | (quotes["valid_until"] >= as_of)]
    listed, formal = tables["candidates"], quotes[~quotes["quote_id"].isin(["listed"])]
    parts = [
        _said(formal, price="unit_price", minimum="min_quantity", lead_time="lead_time_days", freight="freight_terms",
              tax="tax_included", sample="sample_fee")
        .assign(payment=formal[["deposit_share", "credit_days", "payment_terms"]].notna().any(axis=1).to_numpy()),
        _said(answers, minimum="min_quantity", lead_time="lead_time_days", freight="freight_discount", warranty="warranty",
              tax="tax_included", sample="sample_offered", report="inspection_report")
        .assign(price=(answers["price_low"].notna() | answers["price_high"].notna()).to_numpy()),
        _said(listed, sample="sample_offered").assign(pieces=listed["min_quantity"].astype(float).to_numpy()),
    ]  # fmt: skip
    rows = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    rows = rows[rows["sku"].notna()].reindex(columns=[*PAIR, *ASKED, "pieces", "conclusion"])
    groups = rows.groupby(PAIR)
    said = rows[[*ASKED]].astype("boolean").fillna(False).astype(bool).groupby([rows[name] for name in PAIR]).any()
    return said.join(groups["pieces"].min()).join(groups["conclusion"].last())


def _goods(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What is asked for in words that a supplier knows: its name and specification, as the candidate list or our articles have them, and
    our number."""
    names = ["name", "specification"]
    listed = tables["candidates"].dropna(subset="sku").drop_duplicates(PAIR, keep="last").set_index(PAIR)[names]
    own = tables["articles"].drop_duplicates("sku").set_index("sku")[names]
    told = listed.reindex(pd.MultiIndex.from_frame(rows[PAIR])).reset_index(drop=True)
    told = told.fillna(own.reindex(rows["sku"]).reset_index(drop=True))
    return [_in_words(*row) for row in zip(told["name"], told["specification"], rows["sku"])]


def _in_words(name: object, specification: object, sku: str) -> str:
    words = " ".join(dict.fromkeys(word for word in (name, specification) if isinstance(word, str)))
    return f"{words} ({sku})" if words not in ("", sku) else sku


def _said(rows: pd.DataFrame, **columns: str) -> pd.DataFrame:
    told = {name: rows[column].notna().to_numpy() for name, column in columns.items()}
    beside = {"conclusion": rows["conclusion"].to_numpy()} if "conclusion" in rows else {}
    pieces = {"pieces": rows["min_quantity"].astype(float).to_numpy()} if "min_quantity" in rows else {}
    return pd.DataFrame({**{name: rows[name].to_numpy() for name in PAIR}, **told, **beside, **pieces})


def _asked_last(inquiries: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """By supplier the day of the last question, and how long it waits where nobody replied."""
    last = (
        inquiries.sort_values("asked_at", kind="stable").drop_duplicates("supplier", keep="last").set_index("supplier")
    )
    waiting = (as_of - last["asked_at"].dt.floor("D")).dt.days.astype(float).where(last["replied_at"].isna())
    return pd.DataFrame({"last_asked": last["asked_at"].dt.floor("D"), "waiting_days": waiting})


def _message(row: Mapping[str, object], names: list[str], limit: float) -> str:
    """The inquiry as a text that can be sent as it stands."""
    need = float(str(row["need"]))
    quantity = reason("before_order.for_pieces", pieces=need) if need > 0 else reason("before_order.for_first_order")
    asks = joined("notes", [reason(f"before_order.question_{name}") for name in names])
    return reason(
        "before_order.inquiry", supplier=row["supplier"], goods=row["goods"], quantity=quantity, asks=asks, limit=limit
    )


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = {
        **dict.fromkeys(("supplier", "sku", "missing", "conclusion", "message"), "str"),
        "pieces": "Int64",
    }
    kinds |= {"complete": "Int64", "last_asked": "datetime64[us]", "waiting_days": float}
    return rows[QUESTION_COLUMNS].sort_values(PAIR, ignore_index=True).astype(kinds)
