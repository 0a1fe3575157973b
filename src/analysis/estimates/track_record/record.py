"""The track record: how good the forecasts of past reviews were, against two naive ones.

The naive forecasts are the supplier's own mean so far and everybody's mean so far, kept with each forecast on its day.

Selection. Orders that arrive early are known early: whoever scores what is known flatters slow suppliers. So a forecast is
scored when its day has come, whether or not its order has: as soon as `made_on` + max(`horizon`, q95) is past. By then each
quantile is known to have held or not. Scores (CRPS) are those of min(days, horizon), which is known for each such order and
whose score is proper too (the threshold-weighted CRPS); orders still open count as `horizon` days or more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.estimates.lead_time import FESTIVALS
from analysis.estimates.track_record import proper_scores
from analysis.estimates.track_record.forecasts import LEVELS, QUANTILES
from analysis.estimates.track_record.reliability import miscalibration

HORIZON = 60
"""Days after which an arrival forecast is scored; longer lead times count as 60."""
INTERVALS = {50: ("q25", "q75"), 80: ("q10", "q90"), 90: ("q05", "q95")}
NEVER_ARRIVES = ("cancelled", "refunding", "unknown", "unpaid")

LEADS = {"week": (0, 7), "month": (8, 30), "later": (31, np.inf)}
"""How far ahead an arrival was forecast: the forecast median, in days."""
NAIVE = ("supplier_mean", "everyone_mean")
_SCORES = [
    f"{score}{naive}" for score in ("crps", "brier", "pinball_90") for naive in ("", *(f"_{of}" for of in NAIVE))
]
_SIDES = ["too_early", "too_late", "width_90"]
SCORE_COLUMNS = [
    "kind", "order_id", "line_no", "supplier", "made_on", "state", "outcome",
    *(f"hit_{k}" for k in INTERVALS), *(f"expected_{k}" for k in INTERVALS), "pit", "pit_low", "pit_high", *_SCORES,
    *_SIDES, "ahead", "said", "came",
]  # fmt: skip
"""`state`: scored, waiting (its day has not come) or excluded (cancelled and the like; no inspection will come). `hit_90`: 1.0
inside the 90 % interval, 0.0 outside; `expected_90`: the probability that the forecast gave to its own interval, more than
0.90 for counts. `too_early`, `too_late`: 1.0 below or above the 90 % interval, whose width is `width_90`. `pit`: F(outcome),
for counts the middle of `pit_low` = F(outcome - 1) and `pit_high` = F(outcome). `ahead`: days to the forecast median, of arrivals.
`said`: the probability of being late or over the limit, `came`: 1.0 where it was so."""
CALIBRATION_COLUMNS = [
    "month", "kind", "observations", "waiting", "excluded",
    *(f"coverage_{k}{end}" for k in INTERVALS for end in ("", "_low", "_high", "_expected")),
    *_SIDES, "p_level", "cause", "pit_mean", *_SCORES, "skill_supplier_mean", "skill_everyone_mean", "brier_observations", "miscalibration",
]  # fmt: skip
ALL_MONTHS = "all"


def score_lead_time_forecasts(
    forecasts: pd.DataFrame, outcomes: pd.DataFrame, as_of: pd.Timestamp, horizon: float = HORIZON
) -> pd.DataFrame:
    """Score arrival forecasts by what is known at `as_of`.

    Parameters
    ----------
    forecasts : DataFrame
        As `forecasts.lead_time_forecasts` made them, of any number of reviews
    outcomes : DataFrame
        Canonical orders as known at `as_of`; a line that is missing there counts as excluded
    horizon : float, optional
        Days; see the module

    Returns
    -------
    DataFrame
        With the columns `SCORE_COLUMNS`, one row a forecast; scores are missing unless `state` is "scored".
    """
    facts = outcomes.drop_duplicates(["order_id", "line_no"])[["order_id", "line_no", "status", "received_on"]]
    rows = forecasts.merge(facts, on=["order_id", "line_no"], how="left")
    elapsed = (as_of - rows["made_on"]).dt.days.to_numpy(dtype=float)
    days = (rows["received_on"] - rows["made_on"]).dt.days.to_numpy(dtype=float)
    days = np.where((rows["status"] == "received").to_numpy() & (days <= elapsed), days, np.inf)
    due = elapsed >= np.maximum(horizon, rows["q95"].to_numpy(dtype=float))
    gone = rows["status"].isna() | rows["status"].isin(NEVER_ARRIVES)
    scores = _blank(rows, "lead_time", np.where(gone, "excluded", np.where(due, "scored", "waiting")))
    scored = (scores["state"] == "scored").to_numpy()
    if scored.any():
        columns = _lead_time_scores(rows[scored], days[scored], horizon)
        scores.loc[scored, list(columns)] = pd.DataFrame(columns, index=scores.index[scored])
    return scores


def _lead_time_scores(rows: pd.DataFrame, days: np.ndarray, horizon: float) -> dict[str, np.ndarray]:
    quantiles = rows[list(QUANTILES)].to_numpy(dtype=float)
    capped = np.minimum(days, horizon)
    found = {"outcome": np.where(np.isfinite(days), days, np.nan)}
    for k, (low, high) in INTERVALS.items():
        found[f"hit_{k}"] = ((rows[low] <= days) & (days <= rows[high])).to_numpy(dtype=float)
        found[f"expected_{k}"] = np.full(len(rows), k / 100)
    pit = proper_scores.pit_from_quantiles(LEVELS, quantiles, days)
    found |= {"pit": pit, "pit_low": pit, "pit_high": pit, "ahead": rows["q50"].to_numpy(dtype=float)}
    low, high = (rows[name].to_numpy(dtype=float) for name in INTERVALS[90])
    found |= {"too_early": (days < low) * 1.0, "too_late": (days > high) * 1.0, "width_90": high - low}
    at_90 = np.minimum(rows["q90"].to_numpy(dtype=float), horizon)
    found["pinball_90"] = proper_scores.pinball_loss(0.9, at_90, capped)
    found["crps"] = proper_scores.crps_from_quantiles(LEVELS, np.minimum(quantiles, horizon), capped)
    promised = (rows["promised_on"] - rows["made_on"]).dt.days.to_numpy(dtype=float)
    late = np.where(np.isfinite(promised) & (promised <= horizon), (days > promised).astype(float), np.nan)
    found["brier"] = proper_scores.brier_score(rows["late_probability"], late)
    found |= {"said": rows["late_probability"].to_numpy(dtype=float), "came": late}
    for naive in ("supplier", "everyone"):
        point = np.minimum(rows[f"{naive}_mean"].to_numpy(dtype=float), horizon)
        found[f"crps_{naive}_mean"] = np.abs(capped - point)
        found[f"pinball_90_{naive}_mean"] = proper_scores.pinball_loss(0.9, point, capped)
        brier = proper_scores.brier_score(rows[f"{naive}_share"], late)
        found[f"brier_{naive}_mean"] = np.where(np.isnan(found["brier"]), np.nan, brier)
    return found


def score_defect_forecasts(forecasts: pd.DataFrame, outcomes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Score forecasts of defects by the lots inspected since.

    Parameters
    ----------
    forecasts : DataFrame
        As `forecasts.defect_forecasts` made them
    outcomes : DataFrame
        From `inspected_lots` as known at `as_of`; a line's lots are added. Only lots inspected after `made_on` count.
    as_of : Timestamp
        a line without an inspection by then is waiting; that it waits does not depend on its defects.

    Returns
    -------
    DataFrame
        With the columns `SCORE_COLUMNS`; the number of pieces is the one that was inspected.
    """
    rows = forecasts.reset_index(drop=True)
    lots = outcomes[outcomes["inspected_on"] <= as_of]
    merged = rows.reset_index(names="row").merge(
        lots[["order_id", "line_no", "inspected_on", "inspected", "defective"]], on=["order_id", "line_no"]
    )
    later = merged[merged["inspected_on"] > merged["made_on"]]
    counts = later.groupby("row")[["inspected", "defective"]].sum().astype(int).reindex(rows.index)
    scored = counts["inspected"].notna().to_numpy()
    scores = _blank(rows, "defects", np.where(scored, "scored", "waiting"))
    if scored.any():
        each = [
            _defect_scores(row, int(n), int(x))
            for row, n, x in zip(
                rows[scored].to_dict("records"), counts.loc[scored, "inspected"], counts.loc[scored, "defective"]
            )
        ]
        scores.loc[scored, list(each[0])] = pd.DataFrame(each, index=scores.index[scored])
    return scores


def _defect_scores(row: dict[str, Any], inspected: int, defective: int) -> dict[str, float]:
    masses = proper_scores.beta_binomial_masses(inspected, row["alpha"], row["beta"])
    each = proper_scores.pieces_a_mass(inspected)
    seen = round(defective / each)  # among the masses
    cumulative = np.cumsum(masses)
    found = {"outcome": float(defective)}
    for k in INTERVALS:
        low, high = np.minimum(np.searchsorted(cumulative, [0.5 - k / 200, 0.5 + k / 200]), len(masses) - 1)
        found[f"hit_{k}"] = float(low <= seen <= high)
        found[f"expected_{k}"] = float(masses[low : high + 1].sum())
    found |= {"too_early": float(seen < low), "too_late": float(seen > high), "width_90": each * float(high - low)}
    over = defective > row["limit"] * inspected + 1e-9
    more = masses[int(np.floor(row["limit"] * inspected / each + 1e-9)) + 1 :].sum()
    found |= {
        "pit": proper_scores.pit_of_masses(masses, seen),
        "pit_low": float(masses[:seen].sum()),
        "pit_high": float(masses[: seen + 1].sum()),
        "crps": each * proper_scores.crps_of_masses(masses, seen),
        "brier": float(proper_scores.brier_score(more, over)),
        "pinball_90": each * float(proper_scores.pinball_loss(0.9, np.searchsorted(cumulative, 0.9), seen)),
        "said": float(more),
        "came": float(over),
    }
    for naive in ("supplier", "everyone"):
        point = inspected * row[f"{naive}_mean"]
        found[f"crps_{naive}_mean"] = abs(defective - point)
        found[f"pinball_90_{naive}_mean"] = float(proper_scores.pinball_loss(0.9, point, defective))
        found[f"brier_{naive}_mean"] = float(proper_scores.brier_score(row[f"{naive}_share"], over))
    return found


def _blank(rows: pd.DataFrame, kind: str, state: np.ndarray) -> pd.DataFrame:
    key = rows[["order_id", "line_no", "supplier", "made_on"]].reset_index(drop=True)
    blank = key.assign(kind=kind, state=pd.Series(state, dtype="str"))
    return blank.reindex(columns=SCORE_COLUMNS).astype(dict.fromkeys(SCORE_COLUMNS[6:], float))


def all_scores(
    arrivals: pd.DataFrame, defects: pd.DataFrame, orders: pd.DataFrame, lots: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The scores of the forecasts kept by earlier reviews; either may be an empty table without columns.

    Parameters
    ----------
    arrivals, defects : DataFrame
        As `forecasts.arrival_forecasts` and `forecasts.defect_forecasts` made them
    orders, lots : DataFrame
        Canonical orders and `inspected_lots` as known at `as_of`
    """
    scores = [score_lead_time_forecasts(arrivals, orders, as_of)] if len(arrivals) else []
    scores += [score_defect_forecasts(defects, lots, as_of)] if len(defects) else []
    return pd.concat(scores, ignore_index=True) if scores else pd.DataFrame(columns=SCORE_COLUMNS)


def track_record(
    arrivals: pd.DataFrame, defects: pd.DataFrame, orders: pd.DataFrame, lots: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """`calibration_table` of `all_scores`."""
    return calibration_table(all_scores(arrivals, defects, orders, lots, as_of))


def record_by_lead(scores: pd.DataFrame) -> pd.DataFrame:
    """The record of arrivals by how far ahead they were forecast: `lead` (a key of `LEADS`), then as `calibration_table`."""
    arrivals = scores[(scores["kind"] == "lead_time") & (scores["state"] == "scored")]
    rows = []
    for lead, (least, most) in LEADS.items():
        group = arrivals[arrivals["ahead"].between(least, most)]
        if len(group):
            rows.append({"lead": lead, **_record(group)})
    names = [name for name in CALIBRATION_COLUMNS if name not in ("month", "kind", "waiting", "excluded", "cause")]
    table = pd.DataFrame(rows, columns=["lead", *names])
    return table.astype({name: _TYPES.get(name, "float64") for name in names} | {"lead": "str"})


def calibration_table(scores: pd.DataFrame) -> pd.DataFrame:
    """The track record: one row for each month in which forecasts were made and kind, and a row "all" for each kind.

    Parameters
    ----------
    scores : DataFrame
        Rows of `score_lead_time_forecasts` and `score_defect_forecasts`

    Returns
    -------
    DataFrame
        With the columns `CALIBRATION_COLUMNS`: number scored, waiting, excluded; coverage of the 50, 80 and 90 % intervals
        with its 90 % Clopper-Pearson interval and what the forecasts expected; the shares too early and too late for the 90 %
        interval and its mean width; `p_level`: chance of a coverage as far off if the intervals held as often as promised;
        `cause`: the festival in whose reach the month's forecasts of arrivals lay; mean scores; `miscalibration`: what of the
        Brier score better probabilities would save (CORP [1]); skill = 1 - CRPS / naive CRPS, positive when better than the
        naive forecast. An order that stays open is forecast each month, so that pooled
        intervals are somewhat too narrow. Empty without forecasts.

    .. [1] Dimitriadis, T., Gneiting, T. and Jordan, A. I. (2021). Stable reliability diagrams. PNAS 118, e2016191118.
    """
    month = pd.to_datetime(scores["made_on"]).dt.strftime("%Y-%m")
    rows = []
    for kind, of_kind in scores.groupby("kind", sort=True):
        for name, group in [*of_kind.groupby(month.loc[of_kind.index], sort=True), (ALL_MONTHS, of_kind)]:
            cause = _cause(group) if kind == "lead_time" and name != ALL_MONTHS else None
            rows.append({"month": name, "kind": kind, "cause": cause, **_record(group)})
    table = pd.DataFrame(rows, columns=CALIBRATION_COLUMNS)
    return table.astype({name: _TYPES.get(name, "float64") for name in CALIBRATION_COLUMNS})


_TYPES = dict.fromkeys(("observations", "waiting", "excluded", "brier_observations"), "Int64") | dict.fromkeys(
    ("month", "kind", "cause"), "str"
)
_REACH = np.timedelta64(45, "D")


def _cause(group: pd.DataFrame) -> str | None:
    """The festival that lay within 45 days after the forecasts were made, or was under way; None without one."""
    made = np.datetime64(group["made_on"].max(), "D")
    for festival, days in FESTIVALS.items():
        if ((days > made - np.timedelta64(14, "D")) & (days <= made + _REACH)).any():
            return festival
    return None


def _record(group: pd.DataFrame) -> dict[str, Any]:
    scored = group[group["state"] == "scored"]
    found: dict[str, Any] = {"observations": len(scored), "brier_observations": int(scored["brier"].notna().sum())}
    found |= {state: int((group["state"] == state).sum()) for state in ("waiting", "excluded")}
    for k in INTERVALS if len(scored) else ():
        hits = int(scored[f"hit_{k}"].sum())
        low, high = proper_scores.coverage_interval(hits, len(scored))
        expected = float(scored[f"expected_{k}"].mean())
        found |= {f"coverage_{k}": hits / len(scored), f"coverage_{k}_expected": expected}
        found |= {f"coverage_{k}_low": low, f"coverage_{k}_high": high}
        if k == 90:
            found["p_level"] = proper_scores.level_p_value(hits, len(scored), expected)
    found |= {"pit_mean": scored["pit"].mean(), **scored[[*_SCORES, *_SIDES]].mean().to_dict()}
    found["miscalibration"] = miscalibration(scored["said"], scored["came"])
    for naive in ("supplier_mean", "everyone_mean"):
        peer = found[f"crps_{naive}"]
        found[f"skill_{naive}"] = 1 - found["crps"] / peer if peer > 0 else np.nan
    return found
