"""What an order says about the lead time: days until it was received, or days that it has been open so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.estimates.lead_time.working_days import EVERY_DAY, Calendar
from analysis.months import DAYS_A_MONTH

LEGS = {"factory": ("paid_on", "shipped_on"), "carrier": ("shipped_on", "received_on")}
"""Two legs of a lead time, `lead_times(orders, as_of, *LEGS["factory"])`: the remedies for a slow one differ."""

_NOT_EVIDENCE = ("cancelled", "unpaid", "refunding")
_COLUMNS = ("order_id", "line_no", "supplier", "sku", "category", "transport_mode", "promised_on", "repromised_on")
_DELIVERY = ["order_id", "supplier", "clock_on", "days", "received"]
"""Lines that agree in these came as one delivery."""


@dataclass(frozen=True)
class Memory:
    """How far a past delivery is evidence: one that ended `half_life` months ago counts half; and each counts as `counts` of one,
    since a supplier's deliveries of one season are like each other and tell less of its next than as many strangers would."""

    half_life: float = np.inf
    counts: float = 1.0


@dataclass(frozen=True)
class LeadTimes:
    """Durations of order lines; an open one is a lower bound.

    lines : one row an order line that says something: `order_id line_no supplier sku category transport_mode promised_on
        repromised_on clock_on days received ended_on weight promised_days`. `days` (float) run from the clock to receipt, or to `as_of` where
        `received` is False: the lead time is then longer than that. Lines of one order that left and came together are
        one delivery and share the weight 1. `promised_days` is missing where nothing was promised.
    suppliers : index supplier, every supplier with any order: `category received open unknown deliveries`; the first three
        counts are of lines, `deliveries` of received deliveries.
    excluded : `supplier reason lines`; reasons: cancelled, unpaid, refunding, unknown (finished, but nobody wrote down
        when), no_clock (no starting date), after_as_of (the clock started later), end_before_clock.
    resolution : days between two values that can be told apart: 1 for dates, 0 for exact durations. A delivery after 0
        days took less than half of it, one open for c days will take at least c and half of it.
    calendar : which days are counted, in `days` and `promised_days`.
    memory : how far past deliveries are evidence.
    promised : days that each supplier usually promises, where lines were counted beforehand (`counted`): `lines` then has a row
        a supplier, days and state, with the number of `lines` and, as `weight`, of deliveries.
    """

    lines: pd.DataFrame
    suppliers: pd.DataFrame
    excluded: pd.DataFrame
    as_of: pd.Timestamp | None = None
    clock: str = "ordered_on"
    end: str = "received_on"
    resolution: float = 1.0
    calendar: Calendar = EVERY_DAY
    memory: Memory = field(default_factory=Memory)
    promised: pd.Series | None = None

    @classmethod
    def counted(cls, counts: pd.DataFrame, promises: pd.DataFrame, categories: pd.DataFrame) -> LeadTimes:
        """From order lines counted beforehand, such as a long history's.

        Parameters
        ----------
        counts : DataFrame
            `supplier days status lines deliveries`, in integers, of every supplier with any order; `status` as in `orders`.
        promises : DataFrame
            `supplier promised_days lines` of the lines that are evidence.
        categories : DataFrame
            `supplier category lines` of all lines.

        Without dates there is no day to be of (`as_of` None): open orders and promises that came due have to be asked of lines.
        """
        told = counts[counts["status"].isin(["received", "open"])]
        lines = told.assign(received=told["status"] == "received", weight=told["deliveries"].astype(float))
        lines = (
            lines[["supplier", "days", "received", "weight", "lines"]].astype({"days": float}).reset_index(drop=True)
        )
        rest = counts[~counts["status"].isin(["received", "open"])].rename(columns={"status": "reason"})
        excluded = rest.groupby(["supplier", "reason"], as_index=False)["lines"].sum()
        names = pd.Index(np.sort(counts["supplier"].unique()), name="supplier")
        suppliers = _suppliers(lines, excluded, names, _most_frequent(categories))
        return cls(lines, suppliers, excluded, promised=_median_promise(promises))

    @classmethod
    def of(
        cls,
        supplier: ArrayLike,
        days: ArrayLike,
        received: ArrayLike,
        category: ArrayLike | None = None,
        promised_days: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        resolution: float = 0.0,
    ) -> LeadTimes:
        """From plain arrays, one entry a delivery; for simulations and for durations that are not dates."""
        days, received = np.asarray(days, dtype=float), np.asarray(received, dtype=bool)
        bad = ~((days >= 0) & np.isfinite(days)) | (received & (days == 0) & (resolution == 0))
        if bad.any():
            raise ValueError(
                f"days must be finite and not negative (received: positive, unless resolution > 0), got {days[bad][0]}: "
                "correct the dates or leave the order out"
            )
        lines = pd.DataFrame(
            {
                "supplier": np.asarray(supplier),
                "category": pd.NA if category is None else np.asarray(category),
                "days": days,
                "received": received,
                "weight": 1.0 if weight is None else np.asarray(weight, dtype=float),
                "promised_days": np.nan if promised_days is None else np.asarray(promised_days, dtype=float),
            }
        )
        none = pd.DataFrame({"supplier": lines["supplier"].iloc[:0], "reason": pd.Series(dtype="str"), "lines": 0})
        return cls(lines, _by_supplier(lines, none, lines), none, resolution=resolution)

    def one_a_delivery(self) -> pd.DataFrame:
        """The lines with those of one delivery together; as they are where no orders are named."""
        return self.lines.drop_duplicates(_DELIVERY) if "order_id" in self.lines else self.lines

    def by(self, column: str) -> LeadTimes:
        """The same lines pooled by another column instead of supplier, say `transport_mode` for the carrier's leg; lines
        where it is missing are left out."""
        there = self.lines[self.lines[column].notna()]
        return self._with(there.assign(supplier=there[column], category=pd.NA))

    def counted_by(self, calendar: Calendar) -> LeadTimes:
        """The same lines in the days of another calendar; only of lines counted by every day, which tell the dates."""
        if calendar is self.calendar:
            return self
        if self.calendar is not EVERY_DAY:
            raise ValueError(f"lines counted by {self.calendar.name!r} do not tell their dates: begin with every day")
        until = self.lines["clock_on"] + pd.to_timedelta(self.lines["days"], unit="D")
        lines = _counted(self.lines, until, calendar)
        deliveries = _deliveries(lines, self.suppliers.index)
        return replace(self, lines=lines, suppliers=self.suppliers.assign(deliveries=deliveries), calendar=calendar)

    def told_by(self, memory: Memory) -> LeadTimes:
        """The same lines, each as far evidence as `memory` says (column `fade`)."""
        if self.as_of is None or memory == Memory():
            return self
        age = (self.as_of - self.lines["ended_on"].fillna(self.as_of)).dt.days / DAYS_A_MONTH
        return replace(
            self, lines=self.lines.assign(fade=memory.counts * 0.5 ** (age / memory.half_life)), memory=memory
        )

    def _with(self, lines: pd.DataFrame) -> LeadTimes:
        lines, excluded = lines.reset_index(drop=True), self.excluded.iloc[:0]
        return replace(self, lines=lines, excluded=excluded, suppliers=_by_supplier(lines, excluded, lines))


def lead_times(
    orders: pd.DataFrame,
    as_of: pd.Timestamp,
    clock: str = "ordered_on",
    end: str = "received_on",
    calendar: Calendar = EVERY_DAY,
) -> LeadTimes:
    """Days from `clock` to `end` of every order line; a line still open on `as_of` is a lower bound.

    Parameters
    ----------
    orders : DataFrame
        Canonical table `orders` as known on `as_of`; needs `order_id supplier` and the two date columns. Without `status`, a
        line with no end date is open.
    clock, end : str, optional
        Date columns, e.g. `paid_on`, `shipped_on` for the factory's leg.
    calendar : Calendar, optional
        The days that count, see `working_days`.

    A line that ended on `as_of` itself is received. A line whose end nobody wrote down although it is past it says nothing
    and is excluded as unknown; cancelled, unpaid and refunding lines are excluded, not censored.
    """
    for column in ("order_id", "supplier", clock, end):
        if column not in orders:
            raise ValueError(
                f"orders must have the column {column!r}, got {list(orders.columns)}: name an existing date column"
            )
    as_of = pd.Timestamp(as_of).normalize()
    rows = orders.reset_index(drop=True)
    reason = _reasons(rows, as_of, clock, end)
    used = reason == ""
    lines = _lines(rows[used], as_of, clock, end, calendar)
    excluded = (
        pd.DataFrame({"supplier": rows["supplier"][~used], "reason": reason[~used]})
        .groupby(["supplier", "reason"]).size().rename("lines").reset_index()
    )  # fmt: skip
    return LeadTimes(lines, _by_supplier(lines, excluded, rows), excluded, as_of, clock, end, calendar=calendar)


def _reasons(rows: pd.DataFrame, as_of: pd.Timestamp, clock: str, end: str) -> pd.Series:
    """Why each line says nothing, "" where it does."""
    status = rows["status"].astype("str").fillna("open") if "status" in rows else pd.Series("open", index=rows.index)
    ended = rows[end].notna() & (rows[end] <= as_of)
    past = status.isin(["received", "unknown"])
    if end != "received_on" and "received_on" in rows:
        past |= rows["received_on"] <= as_of
    reason = pd.Series("", index=rows.index, dtype="str")
    reason[past & ~ended] = "unknown"
    reason[rows[end] < rows[clock]] = "end_before_clock"
    reason[rows[clock] > as_of] = "after_as_of"
    reason[rows[clock].isna()] = "no_clock"
    for word in _NOT_EVIDENCE:
        reason[status == word] = word
    return reason


def _lines(rows: pd.DataFrame, as_of: pd.Timestamp, clock: str, end: str, calendar: Calendar) -> pd.DataFrame:
    lines = pd.DataFrame({name: rows.get(name) for name in _COLUMNS}, index=rows.index)
    for name in ("promised_on", "repromised_on"):
        lines[name] = pd.to_datetime(lines[name])
    ended = rows[end].where(rows[end] <= as_of)
    lines["clock_on"] = rows[clock]
    lines["days"] = np.nan
    lines["received"], lines["ended_on"] = ended.notna(), ended
    return _counted(lines, ended.fillna(as_of), calendar).reset_index(drop=True)


def _counted(lines: pd.DataFrame, until: pd.Series, calendar: Calendar) -> pd.DataFrame:
    """`lines` with days and weight of what lasted from `clock_on` to `until`, and the days promised, counted by `calendar`."""
    lines = lines.assign(days=calendar.between(lines["clock_on"], until, lines["supplier"]))
    together = lines.groupby(_DELIVERY, dropna=False)["days"]
    lines["weight"] = 1.0 / together.transform("size") if len(lines) else pd.Series(dtype=float)
    lines["promised_days"] = calendar.between(lines["clock_on"], lines["promised_on"], lines["supplier"])
    return lines


def _by_supplier(lines: pd.DataFrame, excluded: pd.DataFrame, everyone: pd.DataFrame) -> pd.DataFrame:
    suppliers = pd.Index(np.sort(everyone["supplier"].unique()), name="supplier")
    return _suppliers(lines, excluded, suppliers, _usual(everyone))


def _suppliers(lines: pd.DataFrame, excluded: pd.DataFrame, suppliers: pd.Index, category: pd.Series) -> pd.DataFrame:
    by, many = lines["supplier"], lines["lines"] if "lines" in lines else pd.Series(1, index=lines.index)
    unknown = excluded[excluded["reason"] == "unknown"].set_index("supplier")["lines"]
    counts = {
        "received": (many * lines["received"]).groupby(by).sum(),
        "open": (many * ~lines["received"]).groupby(by).sum(),
        "unknown": unknown,
    }
    out = pd.DataFrame({"category": category.reindex(suppliers)}, index=suppliers)
    for name, count in counts.items():
        out[name] = count.reindex(suppliers, fill_value=0).astype("int64")
    out["deliveries"] = _deliveries(lines, suppliers)
    return out


def _deliveries(lines: pd.DataFrame, suppliers: pd.Index) -> pd.Series:
    received = (lines["weight"] * lines["received"]).groupby(lines["supplier"]).sum()
    return received.reindex(suppliers, fill_value=0.0).round().astype("int64")


def _usual(rows: pd.DataFrame) -> pd.Series:
    """Each supplier's most frequent category, the first by name among equals; missing where it has none."""
    if "category" not in rows or rows["category"].isna().all():
        return pd.Series(dtype="str")
    return _most_frequent(
        rows.dropna(subset="category").groupby(["supplier", "category"]).size().rename("lines").reset_index()
    )


def _most_frequent(counts: pd.DataFrame) -> pd.Series:
    counts = counts.sort_values(["supplier", "lines", "category"], ascending=[True, False, True])
    return counts.drop_duplicates("supplier").set_index("supplier")["category"].astype("str")


def _median_promise(promises: pd.DataFrame) -> pd.Series:
    """Median of each supplier's promised days, each there so many `lines`; index supplier."""
    told = promises.sort_values(["supplier", "promised_days"], kind="stable")
    of = told.groupby("supplier")["lines"]
    reached, size = of.cumsum(), of.transform("sum")
    low, high = (told[reached > at].drop_duplicates("supplier") for at in ((size - 1) // 2, size // 2))
    middle = low.set_index("supplier")["promised_days"] + high.set_index("supplier")["promised_days"]
    return (middle / 2).rename("promised_days")
