"""A month opened for an analyst: `review.tables`, `review.orders("X")`, `review.trend(...)`, `review.what_if(...)`."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.current import LAST, meant_month, meant_source
from analysis.errors import AnalysisError
from analysis.month import SEED, ReviewMonth, last_month_over
from analysis.month import open_month as open_plain
from analysis.months import MONTH_TEXT
from analysis.reporting.evidence import PARTS, check_names, draw_summaries, part_rows
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.sentences import worded_table
from analysis.rules import Limits
from analysis.sources.source_map import read_source_map
from analysis.wording import Language, near_names
from analysis.workbench.trend import Trend, trend

if TYPE_CHECKING:
    from analysis.workbench.explore import Explorer
    from analysis.workbench.what_if import WhatIf


class OpenMonth(ReviewMonth):
    """A month with its tables at hand; nothing that is asked of it is kept or written."""

    def __repr__(self) -> str:
        return f"{self.source} {self.month}: .tables .orders() .inspections() .quotes() .trend() .what_if() .explain() .explore()"

    @cached_property
    def tables(self) -> TableShelf:
        """The month's tables: `review.tables` lists them, `review.tables.scorecard` is one, its reasons in words."""
        return TableShelf(self)

    def orders(self, supplier: str | None = None, sku: str | None = None) -> pd.DataFrame:
        """The order lines, all or of one supplier or SKU; `AnalysisError` with near names for an unknown one."""
        return self._rows("orders", supplier, sku)

    def inspections(self, supplier: str | None = None, sku: str | None = None) -> pd.DataFrame:
        """The inspections with supplier and SKU of their order line, all or of one supplier or SKU."""
        return self._rows("inspections", supplier, sku)

    def quotes(self, supplier: str | None = None, sku: str | None = None) -> pd.DataFrame:
        """The quotes, a row a price step, all or of one supplier or SKU."""
        return self._rows("quotes", supplier, sku)

    def trend(self, measure: str = "defect_rate", supplier: str | None = None, sku: str | None = None) -> Trend:
        """`measure` (defect_rate, lead_time, on_time, price) by month, from the files' rows, with intervals and counts; see `Trend`."""
        if supplier is not None or sku is not None:
            self._check_names(supplier, sku)
        limit = self.rules.read("limits", Limits)
        return trend(self.tables.raw, self.as_of, measure, supplier, sku, limit.interval_level, limit.defect_rate)

    def what_if(
        self,
        limits: Mapping[str, float] | float | None = None,
        weights: Mapping[str, float] | None = None,
        **sections: Mapping[str, Any],
    ) -> WhatIf:
        """Ranks, grades and purchase plan before and after, from the month's own draws; nothing is kept.

        Parameters
        ----------
        limits
            Values of section `limits`, or the defect rate alone: `0.03`.
        weights
            Weights of criteria, such as `{"price_ratio": 0.4}`; those not named share the rest in today's proportions.
        **sections
            Values of any other section of config/: `stock={"service_level": 0.99}`.
        """
        from analysis.workbench.what_if import try_out  # half a second of libraries that nothing else here needs

        chosen = {"defect_rate": limits} if isinstance(limits, float | int) else limits
        changed = ({"limits": chosen} if chosen else {}) | sections
        return try_out(self, self.tables.raw, changed, weights or {}, SEED)

    def explain(
        self,
        supplier: str | None = None,
        sku: str | None = None,
        language: Language = "en",
        batch: str | None = None,
    ) -> None:
        """Print the rows, rules and draws behind one supplier's or SKU's numbers, or what is known of a batch by its number."""
        _show(explained_text(self, supplier, sku, language, batch=batch))

    def explore(self) -> Explorer:
        """Sliders over this month's draws; see notebook 08."""
        from analysis.workbench.explore import Explorer  # widgets, for a person alone

        return Explorer(self, self.tables.raw)

    def _rows(self, name: str, supplier: str | None, sku: str | None) -> pd.DataFrame:
        self._check_names(supplier, sku)
        rows = part_rows(next(part for part in PARTS if part.key == name), self.tables.raw)
        for column, wanted in (("supplier", supplier), ("sku", sku)):
            if wanted is not None:
                rows = rows[rows[column].eq(wanted)]
        return rows.reset_index(drop=True)

    def _check_names(self, supplier: str | None, sku: str | None) -> None:
        check_names(self.tables.raw, supplier, sku, self.source, self.month)


class TableShelf:
    """The tables of a month by name, completed by Tab."""

    def __init__(self, review: ReviewMonth):
        self._review = review

    @cached_property
    def raw(self) -> dict[str, pd.DataFrame]:
        """The tables as they are stored, reasons as keys; `AnalysisError` when there are none yet."""
        found = self._review.store.read_all()
        if not found:
            told = {"source": self._review.source, "month": self._review.month, "folder": self._review.processed_folder}
            raise AnalysisError("run.no_tables_yet", **told)
        return found

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.raw:
            told = {"source": self._review.source, "month": self._review.month, "name": name}
            raise AnalysisError("run.unknown_table", **told, near=near_names(name, self.raw))
        return worded_table(self.raw[name])

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except AnalysisError as error:
            raise AttributeError(str(error)) from error

    def __dir__(self) -> Iterable[str]:
        return sorted(self.raw)

    def __iter__(self):
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(self.raw)

    def list(self) -> pd.DataFrame:
        """Each table with its rows and columns."""
        told = [(name, len(table), ", ".join(table.columns)) for name, table in sorted(self.raw.items())]
        return pd.DataFrame(told, columns=["table", "rows", "columns"]).set_index("table")

    def __repr__(self) -> str:
        return "\n".join(f"{name:20} {len(table):6,}" for name, table in sorted(self.raw.items()))

    def _repr_html_(self) -> str:
        return self.list().to_html()


def open_month(
    source: str | None = None,
    month: str | None = None,
    data_dir: str | Path | None = None,
    processed_dir: str | Path | None = None,
    output_dir: str | Path | None = None,
) -> OpenMonth:
    """The month `month` ("2026-10", or "last") of `source`; relative folders are taken from the project's top folder.

    Where source or month are None the ones that are meant (`analysis.current`): the environment's, those of
    config/desk.local.toml, else what is there. Folders that are None are the project's own.
    """
    pd.set_option("display.max_columns", None)  # order lines have 24: none of them is left out unseen
    name = source or meant_source().source
    folders = (data_dir, processed_dir, output_dir)
    told = month or meant_month(name) or _newest(name, processed_dir)
    told = last_month_over(name, open_plain(name, "2000-01", *folders).data_dir) if told == LAST else told
    plain = open_plain(name, told, *folders)
    return OpenMonth(plain.source, plain.month, plain.data_dir, plain.processed_dir, plain.output_dir)


def _show(text: str) -> None:
    """Print `text`; in a notebook its lines stay whole and scroll, where a wrapped table cannot be read."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        print(text)
        return
    page = f'<pre style="white-space:pre;overflow-x:auto">{html.escape(text)}</pre>'
    sys.modules["IPython"].display.display({"text/plain": text, "text/html": page}, raw=True)


def _newest(source: str, processed_dir: str | Path | None) -> str:
    """The newest month whose tables are there; else the last that is over."""
    folder = open_plain(source, "2000-01", None, processed_dir).processed_folder.parent
    made = [path.name for path in folder.glob("*") if MONTH_TEXT.fullmatch(path.name)]
    return max(made, default=LAST)


def explained_text(
    review: OpenMonth,
    supplier: str | None,
    sku: str | None,
    language: Language,
    seed: int = SEED,
    batch: str | None = None,
) -> str:
    """What is behind the numbers of a supplier or SKU, in words; `AnalysisError` for an unknown name or a month without tables."""
    from analysis.reporting.explained import (
        explained,  # its headings need the decisions' libraries, opening a month does not
    )

    check_names(review.tables.raw, supplier, sku, review.source, review.month, batch)
    return explained(review.tables.raw, facts_of(review, seed), supplier, sku, language, batch)


def facts_of(review: ReviewMonth, seed: int = SEED) -> ReviewFacts:
    """What the pages say of the month besides its tables, without how to make it again."""
    info, limits = read_source_map(review.source_folder).info, review.rules.read("limits", Limits)
    draws = draw_summaries(review.store.all_draws(), limits.interval_level, seed)
    return ReviewFacts(
        review.source, review.month, review.as_of, info.title, info.note, info.currency, info.simulated,
        limits.defect_rate, rules=review.rules.sections, draws=draws, seed=seed,
    )  # fmt: skip
