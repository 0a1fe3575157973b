"""What becomes of each row on the way to what is known as of a day: counted, refused with its reason, or told with a remark."""

from __future__ import annotations

import pandas as pd

from analysis.sources.accounting import LABEL, RowAccount, labels_of
from analysis.sources.near_names import told_once
from analysis.sources.quarantine import all_notes


class RowFates:
    """Gathers them for the end of `as_of`; rows `unentered` by then are accounted for as later, and nothing is said of them."""

    def __init__(self, as_of: pd.Timestamp, unentered: pd.Index, remarks: pd.DataFrame):
        self.as_of, self.unentered = as_of, unentered
        self.account = RowAccount()
        self.remarks: list[pd.DataFrame] = [remarks]
        self._refused: list[pd.DataFrame] = []

    def refuse(self, quarantine: pd.DataFrame, days: pd.Series | None = None) -> None:
        """Adds refused rows, but those about things after the day only to the account; `days` of these things."""
        if quarantine.empty:
            return
        labels = labels_of(quarantine)
        later = pd.Series(False, index=quarantine.index)
        if days is not None:
            found = days if isinstance(days.index, pd.MultiIndex) else days.set_axis(labels)
            later = pd.Series((found.reindex(labels) > self.as_of).to_numpy(), index=quarantine.index)
        later |= labels.isin(self.unentered)
        for table, rows in quarantine[~later].groupby("table", sort=False):
            self.account.add(str(table), "quarantined", labels_of(rows))
        for table, rows in quarantine[later].groupby("table", sort=False):
            self.account.add(str(table), "later", labels_of(rows))
        self._refused.append(quarantine[~later])

    def refused_of(self, *tables: str) -> pd.MultiIndex:
        """The rows refused so far of these tables."""
        told = all_notes(self._refused)
        return labels_of(told[told["table"].isin(tables)])

    def quarantine(self) -> pd.DataFrame:
        """All refused rows, in the order of their files."""
        return _in_order(all_notes(self._refused))

    def known_remarks(self) -> pd.DataFrame:
        """Remarks on files, and on rows that were kept or merged."""
        remarks = all_notes(self.remarks)
        gone = [*self.account.labels("later"), *self.account.labels("quarantined")]
        about = pd.Index(zip(remarks["table"], *(remarks[name] for name in LABEL)), tupleize_cols=False)
        return _in_order(told_once(remarks[~about.isin(gone) | (remarks["row"] == 0).to_numpy(bool)]))


def _in_order(told: pd.DataFrame) -> pd.DataFrame:
    return told.sort_values(["file", "sheet", "row"], kind="stable", ignore_index=True)
