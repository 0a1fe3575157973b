"""What the platform's signals foretold of our own outcomes: most often it cannot be told yet.

Rank correlation of each signal with our own defect rate, over the suppliers of which enough pieces were inspected, with Fisher's
interval (Bonett and Wright's variance for ranks), widened for the number of signals looked at. A signal foretells where the whole
interval lies on the side that it promises.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.decisions.risk.platform import shown_medal

SIGNALS = {
    "medal": 1,
    "years_on_platform": 1,
    "sales_30d": 1,
    "buyers_30d": 1,
    "dispute_rate_90d": -1,
    "repurchase_rate": 1,
}
"""The signals, and whether more of one promises better (1) or worse (-1) goods."""
VALUE_COLUMNS = ["signal", "suppliers", "correlation", "correlation_low", "correlation_high", "verdict"]
"""`correlation` with our own defect rate, turned so that positive is what the signal promises. `verdict`: foretells, misleads, or
cannot_tell."""
LEAST_SUPPLIERS, LEAST_INSPECTED = 8, 20


def signal_value(suppliers: pd.DataFrame, lots: pd.DataFrame, level: float) -> pd.DataFrame:
    """`VALUE_COLUMNS`, one row a signal of which some supplier states any; `level` of all intervals together."""
    seen = lots.groupby("supplier")[["inspected", "defective"]].sum()
    seen = seen[seen["inspected"] >= LEAST_INSPECTED]
    rate = (seen["defective"] / seen["inspected"]).astype(float)
    profile = suppliers.drop_duplicates("supplier").set_index("supplier")
    profile = profile.assign(medal=profile["medal"].map(shown_medal).astype(float))
    known = [name for name in SIGNALS if profile[name].notna().any()]
    quantile = float(ndtri(1 - (1 - level) / 2 / max(len(known), 1)))
    rows = [_row(name, profile[name].astype(float), rate, quantile) for name in known]
    return pd.DataFrame(rows, columns=VALUE_COLUMNS).astype({"signal": "str", "verdict": "str"})


def _row(name: str, signal: pd.Series, rate: pd.Series, quantile: float) -> dict[str, Any]:
    pairs = pd.DataFrame({"signal": signal, "rate": rate}).dropna()
    ranks = pairs.rank()
    spread = bool((ranks.std() > 0).all()) and len(pairs) >= LEAST_SUPPLIERS
    told = {"signal": name, "suppliers": len(pairs), "verdict": "cannot_tell"}
    if not spread:
        return told | dict.fromkeys(VALUE_COLUMNS[2:5], np.nan)
    rho = -SIGNALS[name] * float(np.corrcoef(ranks["signal"], ranks["rate"])[0, 1])
    half = quantile * np.sqrt((1 + rho**2 / 2) / (len(pairs) - 3))
    middle = np.arctanh(np.clip(rho, -0.999999, 0.999999))
    low, high = float(np.tanh(middle - half)), float(np.tanh(middle + half))
    verdict = "foretells" if low > 0 else "misleads" if high < 0 else "cannot_tell"
    return told | {"correlation": rho, "correlation_low": low, "correlation_high": high, "verdict": verdict}
