"""Shutdowns known ahead: around a festival factories stand still for longer than the public holiday, and every year anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import pandas as pd

from analysis.allowed import Number, Share
from analysis.errors import RuleError

FIRST_YEAR, LAST_YEAR = 2000, 2050
NEW_YEAR_DAYS = (
    "2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22", "2005-02-09", "2006-01-29", "2007-02-18", "2008-02-07",
    "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19", "2016-02-08", "2017-01-28",
    "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17",
    "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08",
    "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24", "2040-02-12", "2041-02-01", "2042-01-22", "2043-02-10", "2044-01-30",
    "2045-02-17", "2046-02-06", "2047-01-26", "2048-02-14", "2049-02-02", "2050-01-23",
)  # fmt: skip
"""First day of the lunar year (Hong Kong Observatory, Gregorian-lunar calendar conversion table)."""
FESTIVALS: Mapping[str, np.ndarray] = {
    "spring_festival": np.array(NEW_YEAR_DAYS, dtype="datetime64[D]"),
    "national_day": np.array([f"{y}-10-01" for y in range(FIRST_YEAR, LAST_YEAR + 1)], dtype="datetime64[D]"),
}
"""The first day of each festival, year by year."""
STATED = "spring_festival"
"""The festival that a supplier's stated days are about."""


@dataclass(frozen=True)
class Shutdown:
    """From `days_before` to `days_after` a festival's first day only the share `work_left` of a normal day's work is done.

    -8 .. +10 are 19 days: the first day itself lies between.
    """

    days_before: Annotated[int, Number(0, 90, whole=True)]
    days_after: Annotated[int, Number(0, 90, whole=True)]
    work_left: Share

    def share(self, festival: str, days: np.ndarray) -> np.ndarray:
        """The share of a normal day's work done on each of `days`, which rise by one."""
        share = np.ones(days.size)
        for first in (FESTIVALS[festival] - days[0]).astype(int):
            share[max(first - self.days_before, 0) : max(first + self.days_after + 1, 0)] = self.work_left
        return share


Shutdowns = Mapping[str, Shutdown]
"""By festival; which days the house expects, or what its own deliveries say of them."""


@dataclass(frozen=True)
class KnownAhead:
    """The shutdowns that the house `expected`, and those of suppliers who `stated` their own days."""

    expected: Shutdowns = field(default_factory=dict)
    stated: Mapping[str, Shutdowns] = field(default_factory=dict)

    @classmethod
    def of(cls, expected: Shutdowns, suppliers: pd.DataFrame) -> KnownAhead:
        """With the columns `closed_before`, `closed_after` of the table `suppliers`: days around the Spring Festival; one alone is
        filled up with the house's."""
        columns = ["closed_before", "closed_after"]
        usual = expected.get(STATED)
        if usual is None or not set(columns) <= set(suppliers):
            return cls(expected)
        told = suppliers.dropna(subset=columns, how="all").drop_duplicates("supplier", keep="last")
        days = (
            told[columns].astype(float).fillna(dict(zip(columns, (usual.days_before, usual.days_after), strict=True)))
        )
        own = [Shutdown(int(before), int(after), usual.work_left) for before, after in days.itertuples(index=False)]
        return cls(expected, {name: {**expected, STATED: one} for name, one in zip(told["supplier"], own, strict=True)})


def shutdowns_in(section: Any) -> Shutdowns:
    """The `Shutdown` of each festival that a section of rules names; `RuleError` for a festival that nobody knows."""
    found = {}
    for festival, values in section.tables().items():
        if festival not in FESTIVALS:
            known = ", ".join(FESTIVALS)
            raise RuleError("rules.not_known", name="shutdowns", value=festival, known=known)
        found[festival] = values.read(Shutdown)
    return found


def share_of_work(shutdowns: Shutdowns, days: np.ndarray) -> np.ndarray:
    """The share of a normal day's work done on each of `days` under all `shutdowns` together."""
    share = np.ones(days.size)
    for festival, shutdown in shutdowns.items():
        share = np.minimum(share, shutdown.share(festival, days))
    return share
