"""The first promise of each order line, and the day to which the supplier moved it.

A row may tell both itself (`promised_on`, `repromised_on`). Of several dated rows about one line, a later promise moves the first one, which
stays what lateness is counted from. That the first was a slip of the pen is told by its correction: to an earlier day, or within
`SLIP_DAYS` of when it was written down.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.sources.quarantine import note, notes

SLIP_DAYS = 3
TOLD = ["promised_on", "repromised_on"]


def first_promises(rows: pd.DataFrame, key: list[str], as_of: pd.Timestamp, entered_by: pd.Timestamp) -> pd.DataFrame:
    """Versions of order lines, each known one with what all of the same line tell of its promises.

    Parameters
    ----------
    rows : DataFrame
        Columns `key`, `known_on`, `entered` and `TOLD`; `version`, if they have it, is the day in the name of a plain list
    as_of, entered_by : Timestamp
        Rows of files taken later, or entered later, tell nothing yet
    """
    if not rows.duplicated(key).any():
        return rows
    taken = rows["known_on"].fillna(rows["version"]) if "version" in rows else rows["known_on"]
    known = (rows["entered"] <= entered_by).where(rows["entered"].notna(), ~(taken > as_of)).to_numpy(bool)
    thing = rows.groupby(key, dropna=False, sort=False).ngroup()
    told = rows.loc[known, TOLD].assign(thing=thing[known], day=rows["entered"].fillna(taken)[known])
    unlike = told.drop_duplicates(["thing", *TOLD])["thing"]
    several = told[told["thing"].isin(unlike[unlike.duplicated()])].sort_values(
        "day", kind="stable", na_position="first"
    )
    if several.empty:
        return rows
    found = {of: _first_and_last(part[["day", *TOLD]].itertuples(index=False)) for of, part in several.groupby("thing")}
    changed = rows.copy()
    where = known & thing.isin(found).to_numpy()
    for place, name in enumerate(TOLD):
        changed.loc[where, name] = (
            thing[where].map({of: days[place] for of, days in found.items()}).astype("datetime64[us]")
        )
    return changed


def possible_promises(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Order lines without promises of a day before their order, which another file may tell, and the remarks on these."""
    found: list[dict[str, object]] = []
    for name in TOLD:
        bad = (lines[name] < lines["ordered_on"]).fillna(False).to_numpy(bool)
        found += [
            note("orders", file, sheet, row, name, "promised_before_ordered", value=f"{day:%Y-%m-%d}")
            for (file, sheet, row), day in zip(lines.index[bad], lines.loc[bad, name])
        ]
        lines = lines.assign(**{name: lines[name].mask(bad)}) if bad.any() else lines
    return lines, notes(found)


def only_promises(lines: pd.DataFrame) -> pd.DataFrame:
    """Order lines whose moved promise is the only one known, or no other than the first, have a promise that was not moved."""
    first = lines["promised_on"].fillna(lines["repromised_on"])
    return lines.assign(promised_on=first, repromised_on=lines["repromised_on"].where(lines["repromised_on"] != first))


def _first_and_last(
    told: Iterable[tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]],
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first promise and the one that it was moved to, of `day promised_on repromised_on` in the order of writing; NaT for none."""
    first = moved = since = pd.NaT
    for day, promised, again in told:
        slip = pd.notna(first) and (promised < first or (day - since).days <= SLIP_DAYS)
        if pd.notna(promised) and (pd.isna(first) or slip):
            first, since, moved = promised, since if slip else day, moved if moved > promised else pd.NaT
        elif promised > first:
            moved = promised
        if pd.notna(again):
            moved = again
    return first, moved
