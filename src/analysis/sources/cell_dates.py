"""Reads cells as days or moments, in every form that exports, spreadsheets and people write."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.sources.cells import Cells, clean_text
from analysis.sources.distinct import Objects, distinct

_DATE = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号]?"
    r"(?:(?:[T\s]\s*)?(?P<half>上午|下午|AM|PM)?\s*(?P<H>\d{1,2})\s*(?:[时点]整?(?!\s*\d)|[:时点]\s*(?P<M>\d{1,2})\s*(?:[:分]\s*(?P<S>\d{1,2})(?:\.\d+)?)?\s*[秒分]?))?"
    r"\s*(?P<half2>AM|PM|上午|下午)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})(?:\d{3})?(?P<zone>[+-]\d{4})?)?"
)
_NAMED = re.compile(
    r"(?P<d>\d{1,2})[-/. ](?P<name>[a-z]{3,9})\.?[-/., ]{1,2}(?P<y>\d{4}|\d{2})|(?P<name2>[a-z]{3,9})\.? (?P<d2>\d{1,2}),? (?P<y2>\d{4})",
    re.IGNORECASE,
)
"""4-May-26, as spreadsheets show a day by themselves, and May 4, 2026: a month that has a name changes places with no day."""
_NAMED_MONTH = re.compile(r"(?P<name>[a-z]{3,9})\.?[-/., ](?P<y>\d{4}|\d{2})", re.IGNORECASE)
"""Feb-26, as spreadsheets show 2026-02 by themselves."""
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTH_NAMES = {short: n for n, name in enumerate(_MONTHS, 1) for short in (name, name[:3])} | {"sept": 9}
_MONTH = re.compile(r"(?P<y>\d{4})\s*[-/.年]?\s*(?P<m>\d{1,2})\s*(?:月份?)?")
_WEEKDAY = re.compile(
    r"\s*[(（,，]?\s*(?:(?:周|星期|礼拜)[一二三四五六日天]|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)\s*[)）]?",
    re.IGNORECASE,
)
"""The day of the week beside a day tells nothing more."""
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)年(?=\d{1,2}月)")
_SERIALS = (20_000.0, 80_000.0)
"""Serial days of a spreadsheet that are taken for dates: 1954 to 2119."""
_YEARS = (1990, 2100)
_HERE = pd.Timedelta(hours=8)
"""China's clock, the platform's: a moment with another offset is brought to it."""


_BETWEEN_SYSTEMS = 1462
"""Days from 1899-12-30 to 1904-01-01, from which workbooks of old Macs count."""


def counted_from_1900(cells: pd.Series) -> pd.Series:
    """The cells of dates with bare numbers of days that count from 1904 made to count from 1900."""
    return cells.map(_counted_from_1900).astype(object)


def _counted_from_1900(cell: object) -> object:
    number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
    if not number and not (isinstance(cell, str) and re.fullmatch(r"\d{5}(?:\.\d+)?", cell.strip())):
        return cell
    days = float(cell)  # type: ignore[arg-type]
    later = days + _BETWEEN_SYSTEMS
    return cell if not _SERIALS[0] <= later <= _SERIALS[1] else later if number else f"{later}"


def read_dates(cells: pd.Series, formats: tuple[str, ...] = (), moments: bool = False, months: bool = False) -> Cells:
    """Days (moments are rounded down) or moments; `formats` (strptime) are tried first, then every form of the year first.

    A serial number counts days from 1899-12-30 (the 1900 date system). `months` also takes `2026-03` and `2026年3月`.
    A date whose day and month could change places (`3/5/2026`) is a fault unless `formats` says which is which.
    """
    codes, uniques = distinct(cells)
    read, faults = _dates_of(np.append(uniques, [None]).astype(object), formats, months)
    values = pd.Series(read[codes], index=cells.index)
    return Cells(values if moments else values.dt.floor("D"), faults[codes])


def _dates_of(uniques: Objects, formats: tuple[str, ...], months: bool) -> tuple[NDArray[np.datetime64], Objects]:
    out = np.full(len(uniques), np.datetime64("NaT"), "datetime64[us]")
    faults = np.full(len(uniques), None, dtype=object)
    texts = np.array([isinstance(cell, str) for cell in uniques], bool)
    if texts.any():
        strings = pd.Series(uniques[texts], dtype="str").str.strip()
        out[texts] = _from_formats(strings, formats)
    for place in np.flatnonzero(np.isnat(out)):
        moment, fault = _date_and_fault(uniques[place], months)
        faults[place] = fault
        if moment is not None:
            out[place] = np.datetime64(moment, "us")
    odd = ~np.isnat(out) & ~days_in_reach(out.astype("datetime64[D]").astype(np.int64))
    faults[odd], out[odd] = "not_a_date", np.datetime64("NaT")
    return out, faults


def days_in_reach(days: NDArray) -> NDArray[np.bool_]:
    """Whether days since 1970 lie in the years in which something can have been ordered."""
    first, last = (np.datetime64(str(year), "D").astype(int) for year in (_YEARS[0], _YEARS[1] + 1))
    return (days >= first) & (days < last)


def _from_formats(strings: pd.Series, formats: tuple[str, ...]) -> NDArray[np.datetime64]:
    out = np.full(len(strings), np.datetime64("NaT"), "datetime64[us]")
    for form in (*formats, "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        left = np.isnat(out)
        if not left.any():
            break
        found = pd.to_datetime(strings[left], format=form, errors="coerce", utc="%z" in form)
        if "%z" in form:
            found = found.dt.tz_localize(None) + _HERE
        out[left] = found.to_numpy("datetime64[us]")
    return out


def _date_and_fault(cell: object, months: bool) -> tuple[datetime | None, str | None]:
    text = clean_text(cell)
    if not text:
        return None, None
    if not text.strip("#"):
        return None, "date_hidden"
    try:
        moment = _moment(cell, text, months)
    except (ValueError, OverflowError):
        moment = None
    return moment, (None if moment else "not_a_date")


def _moment(cell: object, text: str, months: bool) -> datetime | None:
    if isinstance(cell, datetime):
        return _here(cell)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    text = unicodedata.normalize("NFKC", text).removeprefix('="').removesuffix('"').lstrip("'")
    text = _SHORT_YEAR.sub(r"20\1年", _WEEKDAY.sub(" ", text).strip() if _WEEKDAY.search(text) else text)
    if re.fullmatch(r"\d{4,5}(?:\.\d+)?", text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
        return datetime(1899, 12, 30) + pd.Timedelta(seconds=round(float(text) * 86_400))
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text.removesuffix(".0"))
    if found:
        return _composed(found.groupdict())
    if named := _NAMED.fullmatch(text):
        year, name, day = (named[key] or named[f"{key}2"] for key in ("y", "name", "d"))
        return datetime(_year(year), _month_named(name), int(day))
    found = _MONTH.fullmatch(text) if months else None
    if found:
        return datetime(int(found["y"]), int(found["m"]), 1)
    named = _NAMED_MONTH.fullmatch(text) if months else None
    return datetime(_year(named["y"]), _month_named(named["name"]), 1) if named else None


def _month_named(name: str) -> int:
    if name.casefold() not in MONTH_NAMES:
        raise ValueError(name)
    return MONTH_NAMES[name.casefold()]


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _composed(part: dict[str, str | None]) -> datetime:
    hour = int(part.get("H") or 0)
    half = (part.get("half") or part.get("half2") or "").lower()
    if half in ("pm", "下午") and hour < 12:
        hour += 12
    elif half in ("am", "上午") and hour == 12:
        hour = 0
    moment = datetime(
        int(part["y"] or 0),
        int(part["m"] or 0),
        int(part["d"] or 0),
        hour,
        int(part.get("M") or 0),
        int(part.get("S") or 0),
    )
    zone = part.get("zone")
    if not zone:
        return moment
    return _here(pd.Timestamp(f"{moment.isoformat()}{zone}").to_pydatetime())


def _here(moment: datetime) -> datetime:
    offset = moment.utcoffset()
    return moment if offset is None else (moment - offset).replace(tzinfo=None) + _HERE
