"""What a canonical table is made of: columns with their kind and headers, row checks, and the rows as a reader hands them over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Kind = Literal["id", "text", "date", "time", "money", "count", "number", "share", "flag", "word"]
"""`id` text whose digits matter; `date` a day; `time` a moment; `money` the source's currency; `count` whole pieces or days,
not negative; `number` any finite number; `share` within [0, 1], percent accepted; `flag` yes/no; `word` one of `Column.words`."""


@dataclass(frozen=True)
class Column:
    """One column: its canonical name, kind, and the Chinese headers accepted (the first is the template's)."""

    name: str
    kind: Kind
    zh: tuple[str, ...]
    unit: str = ""
    required: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decides: bool = False
    """Whether a word that nobody knows refuses the row: a blank in its place would say something else."""
    spare: tuple[str, ...] = ()
    """Faults of a cell that leave its row usable: the fact is unknown from then on, and a remark says so. A number of such a
    column (`SIDE`) may be told roughly, too (120+, 10万以上, 7-15天)."""
    zero: tuple[str, ...] = ()
    """Words that say of an amount that it is 0."""
    deadline: bool = False
    """Whether a day is the last by which something is to be done, or holds (2026-12-31前)."""
    since: bool = False
    """Whether a year may stand for the years since then (2018年); it is read as that year, and `known` counts from it."""
    not_yet: tuple[str, ...] = ()
    """Words that say of a day that what it is the day of has not happened."""
    undated: tuple[str, ...] = ()
    """Words that say of a day that what it is the day of has happened, on a day that nobody wrote down."""
    refused: tuple[str, ...] = ()
    """Of such a column the words that are told as they stand; others may be persons' names."""


FACT = ("not_a_number", "not_a_date")
"""What a fact that is no number or day may be."""
DAY = (*FACT, "date_hidden")
"""What a day beside the matter may be: one that cannot be read tells no more than a blank."""
SIDE = (
    *FACT, "cell_hidden", "date_hidden", "number_too_large", "not_whole", "count_negative", "share_out_of_range", "share_unclear",
    "foreign_currency", "percent_in_money", "tax_in_money", "terms_in_money",
)  # fmt: skip
"""All that a fact beside the matter may be: whatever is wrong with it, it never costs its row."""
OF_DISPUTES = tuple(fault for fault in SIDE if fault != "share_out_of_range")
"""What a rate of disputes may be, which the platform publishes: one below 0 or above all is none, and its row not from there."""
KNOWN_ON = Column("known_on", "date", ("录入日期",))
"""The day on which a row was entered: before it, nobody knew of the row. Any table of any file may have it."""


@dataclass(frozen=True)
class Check:
    """A rule that a row must keep. `code` names its reason and remedy in the wording; `bad` marks the rows that break it."""

    code: str
    column: str
    bad: Callable[[pd.DataFrame], pd.Series]
    beside: bool = False
    """Whether the cell alone is left out, being a fact beside the matter; the row counts."""


@dataclass(frozen=True)
class Table:
    """A canonical table; two rows with the same `key` are one row told twice."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    late: tuple[str, ...] = ()
    """Columns of the key that may be filled in when a row is entered again (`late_keys`), if those of `alike` stayed as they were."""
    alike: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """Columns that belong to the key too while rows are put together, and are not of the table."""

    def key_of(self, rows: pd.DataFrame) -> list[str]:
        """The columns by which two of `rows` are one row told twice."""
        return [*self.key, *(column for column in self.beside if column in rows)]

    def names(self) -> list[str]:
        """Canonical names of the columns."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name; every table knows `KNOWN_ON`."""
        return next(column for column in (*self.columns, KNOWN_ON) if column.name == name)


@dataclass(frozen=True)
class RawTable:
    """Rows as a reader found them: canonical column names, cells untouched, the index the row number in the file.

    `known_on` is the day on which the file was taken from its system, when that is known: what it says of an order's
    status was not known before. `currency` is that of its money. An `export` is the platform's own: its names are as they
    are shown, its orders stand whole. `letters`: by what letter a spreadsheet knows each column.
    """

    table: str
    frame: pd.DataFrame
    file: str
    sheet: str = ""
    known_on: pd.Timestamp | None = None
    currency: str = "CNY"
    export: bool = False
    letters: Mapping[str, str] = field(default_factory=dict)
    strangers: bool = False
    """Whether the sheet has columns that nobody reads: persons may stand in them."""
    unread: pd.DataFrame = field(default_factory=pd.DataFrame)
    """What tells rows apart in columns that nobody reads: by header, equal numbers for equal cells; never the cells, which may
    name persons. Index as the frame's, or none."""
    filled_since: pd.Timestamp | None = None
    """Of a pack of templates the first day on which it can have been filled in; a blank of it says nothing."""

    def cells(self, name: str) -> pd.Series:
        """The cells of a column, blank ones where there is none."""
        blank = pd.Series("", self.frame.index, dtype=object)
        return self.frame.get(name, blank).astype(object)

    def address(self, name: str, row: int) -> str:
        """The cell of a column in the file, such as L3; its column's name and row where the file has no letters."""
        return f"{self.letters[name]}{row}" if name in self.letters else f"{name} {row}"
