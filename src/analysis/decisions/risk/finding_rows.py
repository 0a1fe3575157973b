"""What a finding is: a kind of risk at a supplier, with its code, evidence, money at stake and likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd

FINDING_COLUMNS = ["code", "kind", "supplier", "sku", "seen_on", "likelihood", "money", "item", "response"]


def finding_rows(
    kind: str, rows: pd.DataFrame, about: pd.Series, item: list[str], likelihood: pd.Series | float = np.nan
) -> pd.DataFrame:
    """`rows` (`supplier sku seen_on money`) as findings of one kind; `about` what tells them apart within a supplier."""
    names = rows["supplier"].astype("str") if len(rows) else pd.Series(dtype="str")
    code = kind + ":" + names.str.cat(about.astype("str"), sep=":").str.rstrip(":")
    found = {"code": code, "kind": kind, "supplier": names, "sku": rows.get("sku"), "seen_on": rows.get("seen_on")}
    return pd.DataFrame({**found, "likelihood": likelihood, "money": rows.get("money"), "item": item}, index=rows.index)
