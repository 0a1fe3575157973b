"""How a report writes numbers, dates and names in each language. Only texts for readers are rounded, here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.reasons import a_piece
from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.wording import Language, currency_name, name_of, say, worded

ABSENT = "—"
TEN_THOUSAND = 10_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def missing(value: Any) -> bool:
    """True for None, NaN, NaT, NA and the empty text: nothing is known, which is never a zero."""
    return value is None or (value == "" if isinstance(value, str) else bool(pd.isna(value)))


@dataclass(frozen=True)
class Words:
    """Texts in one language; a missing value is a dash, never a zero."""

    language: Language

    def say(self, entry: str, **values: object) -> str:
        """The text of an entry of `wording/report.toml` with its places filled."""
        if "currency" in values:
            values["currency"] = currency_name(str(values["currency"]), self.language)
        return say(f"report.{entry}", self.language, **values)

    def percent(self, share: Any, digits: int = 1) -> str:
        """A share as a percentage; a dash where it is missing."""
        return ABSENT if missing(share) else f"{100 * share:.{digits}f}%"

    def chance(self, probability: Any) -> str:
        """A probability in whole percent; what is not certain is not written as 0 % or 100 %."""
        if missing(probability):
            return ABSENT
        if probability < 0.01:
            return "<1%"
        return ">99%" if probability > 0.99 else f"{100 * probability:.0f}%"

    def share_interval(self, low: Any, high: Any, digits: int = 1) -> str:
        """Two shares as an interval of percentages."""
        return self._pair(low, high, lambda share: f"{100 * share:.{digits}f}", "%")

    def interval(self, low: Any, high: Any, digits: int = 0) -> str:
        """Two numbers as an interval."""
        return self._pair(low, high, lambda value: f"{value:,.{digits}f}", "")

    def number(self, value: Any, digits: int = 0) -> str:
        """A number with separators; a dash where it is missing."""
        return ABSENT if missing(value) or not math.isfinite(value) else f"{value:,.{digits}f}"

    def price(self, value: Any) -> str:
        """The price of a piece; a dash where it is missing."""
        return ABSENT if missing(value) or not math.isfinite(value) else a_piece(value)

    def money(self, value: Any, currency: str) -> str:
        """An amount with its currency: 69,050 CNY, 6.9 万元; a dash where it is missing."""
        if missing(value):
            return ABSENT
        if self.language == "zh" and abs(value) >= TEN_THOUSAND:
            return f"{self.number(value / TEN_THOUSAND, 1)} 万{currency_name(currency, 'zh')}"
        return f"{self.number(value)} {currency_name(currency, self.language)}"

    def date(self, day: Any) -> str:
        """A day in a table: 31 Oct 2026, 2026-10-31."""
        if missing(day):
            return ABSENT
        return f"{day:%Y-%m-%d}" if self.language == "zh" else f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def long_date(self, day: pd.Timestamp) -> str:
        """A day in a sentence."""
        return f"{day.year}年{day.month}月{day.day}日" if self.language == "zh" else self.date(day)

    def month(self, month: str) -> str:
        """A month such as "2026-10" in a sentence."""
        day = pd.Period(month, "M").start_time
        return f"{day.year}年{day.month}月" if self.language == "zh" else f"{day:%B %Y}"

    def listed(self, names: list[str], most: int = 5) -> str:
        """Names in a row, the first `most` and how many more."""
        joiner = "、" if self.language == "zh" else ", "
        text = joiner.join(str(name) for name in names[:most])
        return text if len(names) <= most else text + self.say("and_more", count=len(names) - most)

    def sentences(self, *told: str) -> str:
        """Sentences one after the other, with a blank between them where the language has one; empty ones are left out."""
        return ("" if self.language == "zh" else " ").join(filter(None, told))

    def own(self, row: Any, column: str) -> str:
        """A table's sentence in this language: a stored reason, or a text kept in both (`reason`, `reason_zh`)."""
        for name in (f"{column}_{self.language}", column):
            if name in row and not missing(row[name]):
                return str(worded(row[name], self.language))
        return ABSENT

    def name_of(self, code: str, kind: str = "") -> str:
        """A criterion, checklist item or other code as a reader calls it (`wording.name_of`)."""
        name = name_of(code, self.language, kind)
        unknown = name == code.replace("_", " ")
        return {**CHECKLIST, **SEVERITIES}.get(code, name) if unknown and self.language == "zh" else name

    def _pair(self, low: Any, high: Any, written, unit: str) -> str:
        if missing(low) or missing(high):
            return ABSENT
        return f"{written(low)}–{written(high)}{unit}"
