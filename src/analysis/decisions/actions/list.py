"""From plan, register, trials, questions, claims and payments to one list of steps.

The group's routine stands beside every step: A is talked to weekly and gets the forecast, B has its next sample or trial, C is only
watched. What has a day of its own keeps it; the rest is due within the week. Money is what the step moves or saves, never a sum of both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.purchase_plan import placed_orders
from analysis.reasons import a_piece, chance, joined, reason

ACTION_COLUMNS = [
    "number",
    "done",
    "due_on",
    "supplier",
    "grade",
    "routine",
    "kind",
    "step",
    "money",
    "reason",
    "message",
]
KINDS = ("overdue", "risk", "pay", "order", "claim", "release", "trial", "ask", "forecast", "watch")
"""In the order in which steps of one day are listed."""
WEEK = pd.Timedelta(days=7)
FORECAST_MONTHS = 3
Tables = Mapping[str, pd.DataFrame]


def action_list(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """`ACTION_COLUMNS`, the first due first.

    `tables`: `scorecard purchase_plan trial_plan risk_register open_questions open_differences payments demand_forecast` and, where
    stock was counted, `stock_now`; an absent one is empty.
    """
    grades = _of(tables, "scorecard", "supplier", "grade").drop_duplicates("supplier").set_index("supplier")["grade"]
    parts = [
        _orders(tables, as_of), _risks(tables), _trials(tables, as_of), _questions(tables, grades, as_of),
        _claims(tables, as_of), _payments(tables, as_of), _forecasts(tables, grades, as_of), _watched(tables, grades, as_of),
    ]  # fmt: skip
    rows = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=ACTION_COLUMNS)], ignore_index=True)
    rows["grade"] = rows["supplier"].map(grades)
    rows["routine"] = [_routine(grade) for grade in rows["grade"]]
    rows["place"] = rows["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    rows = rows.sort_values(
        ["due_on", "place", "money", "supplier"], ascending=[True, True, False, True], ignore_index=True
    )
    rows["number"], rows["done"] = np.arange(1, len(rows) + 1), None
    kinds: dict[str, Any] = dict.fromkeys(ACTION_COLUMNS, "str") | {
        "number": "Int64",
        "due_on": "datetime64[us]",
        "money": float,
    }
    return rows.reindex(columns=ACTION_COLUMNS).astype(kinds)


def _of(tables: Tables, name: str, *columns: str) -> pd.DataFrame:
    """The table, or one without rows that has these columns."""
    found = tables.get(name)
    return pd.DataFrame(columns=list(columns)) if found is None or found.empty else found


def _routine(grade: object) -> str:
    return reason(f"before_order.routine_{grade}") if grade in ("A", "B", "C") else reason("before_order.routine_none")


def _row(
    kind: str, supplier: object, due_on: object, money: object, step: str, why: str, message: str = ""
) -> dict[str, Any]:
    return {
        "kind": kind,
        "supplier": supplier,
        "due_on": due_on,
        "money": money,
        "step": step,
        "reason": why,
        "message": message,
    }


def _orders(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """What the purchase plan orders now, by the day on which the stock counted calls for it and within the week: the arrival that
    the plan reckons with is that of an order placed now."""
    plan = _of(tables, "purchase_plan", "sku", "supplier", "pieces")
    held = _held(tables)
    by = _of(tables, "stock_now", "sku", "order_by").drop_duplicates("sku").set_index("sku")["order_by"]
    rows = []
    for row in placed_orders(plan).to_dict("records"):
        day = by.get(row["sku"], pd.NaT)
        values = {
            "pieces": int(row["pieces"]),
            "sku": row["sku"],
            "price": a_piece(float(row["unit_price"])),
            "supplier": row["supplier"],
        }
        step = reason(f"before_order.step_{row['action']}", **values)
        message = reason("before_order.message_order", **values)
        rows.append(
            _row(
                "order",
                row["supplier"],
                as_of + WEEK if pd.isna(day) else min(day, as_of + WEEK),
                row["order_total"],
                step,
                joined("sentences", [_why(row), *_first_settled(held, row)]),
                message,
            )
        )
    return pd.DataFrame(rows)


HOLDING = ("vanished", "drift", "sample_batch", "payee", "ip", "no_sample")
"""Risks whose procedure comes before a further order."""


def _held(tables: Tables) -> pd.DataFrame:
    """The risks of `HOLDING` that nobody has closed."""
    rows = _of(tables, "risk_register", "code", "state", "supplier", "sku", "response")
    kinds = rows["code"].astype("str").str.replace(":.*", "", regex=True)  # those of people have none
    return rows[kinds.isin(HOLDING) & (rows["state"] != "closed")]


def _first_settled(held: pd.DataFrame, row: Mapping[str, Any]) -> list[str]:
    """What is to be done before the order, by the risks of its supplier: of the article, or of all."""
    own = held[(held["supplier"] == row["supplier"]) & (held["sku"].isna() | (held["sku"] == row["sku"]))]
    todo = [text for text in own["response"].drop_duplicates() if isinstance(text, str) and text]
    return [reason("before_order.first_settle", responses=joined("sentences", todo))] if todo else []


def _why(row: Mapping[str, Any]) -> str:
    """In a line; the plan itself says it at length."""
    saving = row.get("saving_per_month", np.nan)
    if not saving > 0:
        return reason("before_order.why_order")
    return reason(
        "before_order.why_order_saves",
        saving=float(saving),
        low=float(row["saving_low"]),
        high=float(row["saving_high"]),
        chance=chance(float(row["p_saving"])),
    )


def _risks(tables: Tables) -> pd.DataFrame:
    """Risks that are new or overdue; those that no supplier can settle (who else may be bought from, medals) come without a message."""
    register = _of(tables, "risk_register", "state", "supplier")
    rows = []
    for row in register[register["state"].isin(["new", "overdue"])].to_dict("records"):
        kind = "overdue" if row["state"] == "overdue" else "risk"
        message = _message_of_risk(row)
        rows.append(
            _row(
                kind,
                row["supplier"],
                row["due_on"],
                row["money"],
                _text(row["response"], "before_order.step_decide"),
                row["item"],
                message,
            )
        )
    return pd.DataFrame(rows)


def _text(value: object, otherwise: str) -> str:
    return str(value) if isinstance(value, str) and value else reason(otherwise)


MESSAGES = (
    "vanished",
    "overdue",
    "service_trap",
    "price_trap",
    "price_rise",
    "over_quote",
    "drift",
    "sample_batch",
    "report",
    "customers",
    "payee",
    "credentials",
    "no_test",
    "ip",
    "no_sample",
)


OWN_WORDS = ("report", "customers", "drift", "sample_batch")
"""Whose message names the facts alone: the risk's sentence holds our verdict."""


def _message_of_risk(row: Mapping[str, Any]) -> str:
    """What a buyer writes to the supplier: the facts of the risk, and never what we think of them, nor what our own inspection may miss."""
    kind = str(row["code"]).split(":")[0]
    if kind not in MESSAGES:
        return ""
    if kind in OWN_WORDS:
        facts = {name: value for name, value in json.loads(row["item"]).items() if name not in ("key", "chance")}
        way = "_bulk" if kind == "drift" and "sku" not in facts else "_measured" if "attribute" in facts else ""
        return reason(f"before_order.message_{kind}{way}", supplier=row["supplier"], **facts)
    return reason(f"before_order.message_{kind}", supplier=row["supplier"], about=row["item"])


def _trials(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    rows = []
    for row in _of(tables, "trial_plan", "supplier", "sku", "pieces", "cost", "reason").to_dict("records"):
        values = {"pieces": int(row["pieces"]), "sku": row["sku"], "supplier": row["supplier"]}
        step, message = reason("before_order.step_trial", **values), reason("before_order.message_trial", **values)
        rows.append(_row("trial", row["supplier"], as_of + WEEK, row["cost"], step, row["reason"], message))
    return pd.DataFrame(rows)


MOST_ASKED = 25
"""Inquiries a month: more than that nobody follows up."""


def _questions(tables: Tables, grades: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """Whom to ask what; nobody of grade C is asked, those with the fewest answers first."""
    asked = _of(tables, "open_questions", "supplier", "complete", "sku")
    asked = asked[asked["supplier"].map(grades).ne("C") & (asked["complete"] < 5)]
    asked = asked.sort_values(["complete", "supplier", "sku"]).head(MOST_ASKED)
    rows = []
    for row in asked.to_dict("records"):
        step = reason("before_order.step_ask", sku=row["sku"], missing=row["missing"])
        waits = row["waiting_days"] > 0
        values = {"complete": int(row["complete"]), "days": float(row["waiting_days"]) if waits else 0.0}
        why = reason("before_order.why_ask_again" if waits else "before_order.why_ask", **values)
        rows.append(_row("ask", row["supplier"], as_of + WEEK, np.nan, step, why, row["message"]))
    return pd.DataFrame(rows)


def _claims(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """Money that suppliers owe, a step each."""
    rows = []
    owed = _of(tables, "open_differences", "supplier", "open", "lines")
    for row in owed[owed["open"] > 0].to_dict("records"):
        values = {"money": float(row["open"]), "lines": int(row["lines"]), "supplier": row["supplier"]}
        step, why = reason("before_order.step_claim", **values), reason("before_order.why_claim", **values)
        rows.append(
            _row(
                "claim",
                row["supplier"],
                as_of + 2 * WEEK,
                row["open"],
                step,
                why,
                reason("before_order.message_claim", **values),
            )
        )
    return pd.DataFrame(rows)


def _payments(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """What falls due within the month, a row an order, and what the platform holds until the inspection."""
    owed = _of(tables, "payments", "kind", "due_on", "supplier", "order_id", "amount")
    owed = owed[owed["kind"].isin(["unpaid", "balance", "release"]) & ~(owed["due_on"] > as_of + 4 * WEEK)]
    codes = "vanished:" + owed["supplier"].astype("str") + ":" + owed["order_id"].astype("str")
    owed = owed[~codes.isin(_held(tables)["code"])]  # what never left is asked back, not inspected
    groups = owed.groupby(["supplier", "order_id", "kind"], sort=False).agg(
        due_on=("due_on", "min"), amount=("amount", "sum")
    )
    rows = []
    for row in groups.reset_index().to_dict("records"):
        kind = "release" if row["kind"] == "release" else "pay"
        values = {"money": float(row["amount"]), "order": row["order_id"]}
        day = max(row["due_on"], as_of + pd.Timedelta(days=1)) if pd.notna(row["due_on"]) else as_of + WEEK
        why = reason(f"before_order.why_{row['kind']}")
        rows.append(
            _row(kind, row["supplier"], day, row["amount"], reason(f"before_order.step_{row['kind']}", **values), why)
        )
    return pd.DataFrame(rows)


def _forecasts(tables: Tables, grades: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """The forecast that each A supplier of the plan gets, for its weekly talk."""
    ahead = _of(tables, "demand_forecast", "supplier", "sku", "from_month", "to_month", "expected")
    ahead = ahead[ahead["from_month"].eq(ahead["to_month"])] if len(ahead) else ahead
    rows = []
    for supplier, own in ahead.groupby("supplier", sort=True):
        if grades.get(supplier) != "A":
            continue
        totals = (
            own[own["from_month"] <= as_of + pd.DateOffset(months=FORECAST_MONTHS)].groupby("sku")["expected"].sum()
        )
        lines = [reason("before_order.forecast_line", sku=sku, pieces=float(units)) for sku, units in totals.items()]
        values = {"months": FORECAST_MONTHS, "lines": joined("notes", lines), "supplier": supplier}
        step, message = (
            reason("before_order.step_forecast", **values),
            reason("before_order.message_forecast", **values),
        )
        rows.append(
            _row("forecast", supplier, as_of + WEEK, np.nan, step, reason("before_order.why_forecast"), message)
        )
    return pd.DataFrame(rows)


def _watched(tables: Tables, grades: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """Suppliers of grade C: no order; what is on the road is inspected piece by piece."""
    watched = sorted(grades.index[grades == "C"])
    card = (
        _of(tables, "scorecard", "supplier", "grade_reason")
        .drop_duplicates("supplier")
        .set_index("supplier")["grade_reason"]
    )
    step = reason("before_order.step_watch")
    return pd.DataFrame([_row("watch", name, as_of + 4 * WEEK, np.nan, step, card[name]) for name in watched])
