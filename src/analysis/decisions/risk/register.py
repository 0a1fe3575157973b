"""The register: the system's findings and the people's rows as one list, new, open, overdue and closed.

A person's row belongs to a finding when it bears its code. Its owner, due date, response and remark stand above the rule's; a finding
that a person closed stays closed until its evidence is gone and comes anew. A finding of the month before that the tables show no
more is closed by the evidence; what was written of it is no risk of its own later on. New is what no earlier review has told, however old
its evidence: nobody could act on it yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.risk.rule import RiskRule
from analysis.reasons import reason

REGISTER_COLUMNS = [
    "code", "state", "supplier", "sku", "item", "likelihood", "money", "response", "owner", "opened_on", "due_on",
    "days_overdue", "remark", "closed_on", "found_by",
]  # fmt: skip
STATES = ("overdue", "new", "open", "closed")
"""In the order in which they are listed."""
OF_ORDERS = ("overdue:", "vanished:")
"""Kinds that one order's risk has one after the other."""
KEPT = ("owner", "due_on", "remark", "closed_on")
"""What people write of a finding."""


def risk_register(
    findings: pd.DataFrame,
    before: pd.DataFrame,
    written: pd.DataFrame,
    told: pd.DataFrame,
    as_of: pd.Timestamp,
    rule: RiskRule,
) -> pd.DataFrame:
    """`REGISTER_COLUMNS`: overdue first, then new, open and closed; within a state as the findings stand, then people's own rows.

    Parameters
    ----------
    findings, before : DataFrame
        From `find_risks`, of the month and of the month before.
    written : DataFrame
        The canonical table `risks`.
    told : DataFrame
        `code told_on`: the findings of earlier reviews, as they were kept; a risk is due so many days after it was first told.
    """
    written, before, told = (_of_now(rows, findings["code"]) for rows in (written, before, told))
    written = written.sort_values("opened_on", kind="stable")
    coded = written.dropna(subset=["code"]).drop_duplicates("code", keep="last").set_index("code")
    ours = {*findings["code"], *before["code"], *told.get("code", ())}
    own = written[written["code"].isna() | ~written["code"].isin(ours)]
    gone = before[~before["code"].isin(findings["code"])]
    first = _first_told(findings["code"], told, as_of)
    known = {*coded.index, *told.get("code", ())}
    rows = pd.concat(
        [_found(findings, first, coded, known, rule), _gone(gone, coded), _written(own, rule)], ignore_index=True
    )
    rows["days_overdue"] = (as_of - rows["due_on"]).dt.days.clip(lower=0).where(rows["state"] != "closed", 0).fillna(0)
    rows["state"] = rows["state"].mask(rows["days_overdue"] > 0, "overdue")
    place = rows["state"].map({state: number for number, state in enumerate(STATES)})
    return _typed(rows.iloc[np.argsort(place.to_numpy(), kind="stable")])


def _of_now(rows: pd.DataFrame, found: pd.Series) -> pd.DataFrame:
    """`rows` with the code that an order's risk has now: one that was late and never left is told as a supplier that has vanished."""
    if "code" not in rows or rows.empty:
        return rows
    now = {code.partition(":")[2]: code for code in found if code.startswith(OF_ORDERS)}
    of_order = rows["code"].astype("str").str.startswith(OF_ORDERS).fillna(False).astype(bool)
    told = [now.get(code.partition(":")[2], code) if at else code for code, at in zip(rows["code"], of_order)]
    return rows.assign(code=pd.Series(told, rows.index, dtype="str"))


def _first_told(codes: pd.Series, told: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """The day of the review that first told of each of `codes`: this one's, where none did before."""
    kept = told.groupby("code")["told_on"].min() if len(told) else {}
    days = pd.to_datetime(codes.map(dict(kept))).astype("datetime64[us]")
    return days.fillna(as_of).reset_index(drop=True)


def _found(
    findings: pd.DataFrame, first: pd.Series, coded: pd.DataFrame, known: set[str], rule: RiskRule
) -> pd.DataFrame:
    """The month's findings with what people wrote of them; `known` the codes that a review or a person has told."""
    kept = coded.reindex(findings["code"]).reset_index(drop=True)
    seen = findings["seen_on"].reset_index(drop=True)
    opened = kept["opened_on"].fillna(seen.where(seen <= first)).fillna(first)
    new = ~findings["code"].isin(known).to_numpy()
    rows = findings.reset_index(drop=True).assign(
        **{name: kept[name] for name in KEPT}, opened_on=opened, found_by="review"
    )
    rows["due_on"] = rows["due_on"].fillna(first + pd.Timedelta(days=rule.respond_days))
    rows["response"] = _in_their_words(kept["response"]).astype(object).fillna(rows["response"])
    rows["state"] = np.select([kept["status"].eq("closed").to_numpy(bool), new], ["closed", "new"], "open")
    return rows


def _gone(gone: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    kept = coded.reindex(gone["code"])
    told = {name: kept[name].reset_index(drop=True) for name in KEPT}
    opened = kept["opened_on"].reset_index(drop=True).fillna(gone["seen_on"].reset_index(drop=True))
    rows = gone.reset_index(drop=True).assign(**told, opened_on=opened, found_by="review", state="closed")
    return rows.assign(response=reason("before_order.gone"))


def _written(own: pd.DataFrame, rule: RiskRule) -> pd.DataFrame:
    """People's own rows, in their words; without a due date due like a finding, `respond_days` after they were opened."""
    words = {name: _in_their_words(own[name]) for name in ("item", "response")}
    state = np.where(own["status"].eq("closed"), "closed", "open")
    due = own["due_on"].fillna(own["opened_on"] + pd.Timedelta(days=rule.respond_days))
    return own.assign(**words, state=state, due_on=due, found_by="people", sku=None, likelihood=np.nan, money=np.nan)


def _in_their_words(texts: pd.Series) -> pd.Series:
    return texts.map(lambda text: reason("before_order.own_words", text=text), na_action="ignore")


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = dict.fromkeys(REGISTER_COLUMNS, "str")
    kinds |= dict.fromkeys(("opened_on", "due_on", "closed_on"), "datetime64[us]")
    kinds |= {"likelihood": float, "money": float, "days_overdue": "Int64"}
    return rows.reindex(columns=REGISTER_COLUMNS).reset_index(drop=True).astype(kinds)
