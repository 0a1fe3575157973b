"""Orders that never left: told as a supplier that has vanished, and no goods on the road."""

from __future__ import annotations

import pandas as pd

from analysis.decisions.risk.rule import RiskRule


def never_sent(orders: pd.DataFrame, as_of: pd.Timestamp, rule: RiskRule) -> pd.Series:
    """(lines,) whether an open line was never shipped, no piece of it came, and its last promise is `vanished_days` past."""
    promised = orders["promised_on"]
    last = orders["repromised_on"].fillna(promised) if "repromised_on" in orders else promised
    silent = orders["status"].eq("open") & ((as_of - last).dt.days >= rule.vanished_days) & orders["shipped_on"].isna()
    return silent & ~(orders["received_quantity"].fillna(0) > 0) if "received_quantity" in orders else silent
