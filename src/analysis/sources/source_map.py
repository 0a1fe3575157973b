r"""`source.toml`: what a source is, and how files that are neither exports nor ledgers map to canonical tables.

title_en = "..."          title_zh = "..."         # shown in the report; the folder's name when left out
currency = "USD"                                   # CNY when left out
time_zone = "America/New_York"                     # Asia/Shanghai when left out: when a month is over
simulated = false
note_en = "..."           note_zh = "..."          # one sentence that the report prints beside the title
licence = "..."
first_month = "2007-01"   last_month = "2014-06"   # months outside are refused, with the reason
months_reason_en = "..."  months_reason_zh = "..."

[[file]]
name = "*.csv"                                     # which files of the folder (glob)
table = "orders"                                   # the canonical table that their rows belong to
sheet = "Sheet1"                                   # the first one when left out
encoding = "gb18030"                               # found out when left out
known_on = 2014-09-30                              # day on which the file was taken from its system, if known
date_formats = ["%d-%b-%y"]                        # strptime, tried in order
missing = ["Not captured"]                         # words that mean a blank cell

[file.columns]                                     # canonical column = where it stands in the file
order_id = "PO number"                             # a header
sku = ["Item", "Item name"]                        # the first of these headers that the file has
quantity = { header = "Packs", times = 12 }        # the file's unit holds so many of the canonical one
stage = { always = "bulk" }                        # the same in every row

[file.words.transport_mode]                        # cells to be read as something else
"Barge" = "sea"

[[file.exclude]]                                   # rows that are not what the table is about: to quarantine
column = "Fulfilled by"                            # a header of the file
values = ["Own warehouse"]                         # any of these ("" is a blank cell)
reason_en = "..."         reason_zh = "..."

[file.shared_charge]                               # "See DN-304 (ID#:10589)": the charge stands on another line
column = "freight"                                 # the canonical column with such cells
pointer = 'ID#:(\\d+)'                              # regular expression, its group is the other line's id
target = "ID"                                      # the header of that id
weights = "goods_amount"                           # shared in proportion to this canonical column
"""

from __future__ import annotations

import codecs
import datetime
import re
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.allowed import Number
from analysis.errors import SourceError
from analysis.months import MONTH_TEXT
from analysis.sources.columns_beside import written_columns
from analysis.sources.tables import TABLES
from analysis.wording import near_names

MAP_NAME = "source.toml"
LONGEST = 1000
"""Characters of a title or note."""
TIMES = Number(0, 1e9, above=True)
"""What a file's unit may hold of ours."""
_TOP = ("title_en", "title_zh", "currency", "time_zone", "simulated", "note_en", "note_zh", "licence", "first_month", "last_month",
        "months_reason_en", "months_reason_zh", "file")  # fmt: skip
_FILE = ("name", "table", "sheet", "encoding", "known_on", "date_formats", "missing", "columns", "words", "exclude", "shared_charge")  # fmt: skip
_EXCLUDE = ("column", "values", "reason_en", "reason_zh")
_CHARGE = ("column", "pointer", "target", "weights")


@dataclass(frozen=True)
class SourceInfo:
    """What a source says of itself; `title` and `note` by language (`en`, `zh`), `first_month` and `last_month` "2013-06"."""

    title: dict[str, str]
    currency: str = "CNY"
    simulated: bool = False
    note: dict[str, str] = field(default_factory=lambda: {"en": "", "zh": ""})
    licence: str = ""
    first_month: str | None = None
    last_month: str | None = None
    months_reason: dict[str, str] = field(default_factory=lambda: {"en": "", "zh": ""})
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class ColumnMap:
    """Where a canonical column stands: the first of `headers` that the file has, `times` a number, or `always` one value."""

    headers: tuple[str, ...] = ()
    times: float = 1.0
    always: object = None


@dataclass(frozen=True)
class Exclusion:
    """Rows whose cell under the header `column` is one of `values` are not what the table is about."""

    column: str
    values: tuple[str, ...]
    reason: dict[str, str]


@dataclass(frozen=True)
class SharedCharge:
    """A charge that stands once and is pointed at from other lines."""

    column: str
    pointer: re.Pattern[str]
    target: str
    weights: str


@dataclass(frozen=True)
class FileMap:
    """How the files that match `name` become rows of `table`."""

    name: str
    table: str
    columns: dict[str, ColumnMap]
    sheet: str | None = None
    encoding: str | None = None
    known_on: pd.Timestamp | None = None
    date_formats: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    words: dict[str, dict[str, object]] = field(default_factory=dict)
    exclude: tuple[Exclusion, ...] = ()
    shared_charge: SharedCharge | None = None


@dataclass(frozen=True)
class SourceMap:
    """What `source.toml` says: about the source, and how to read its files."""

    info: SourceInfo
    files: tuple[FileMap, ...] = ()


def read_source_map(folder: Path) -> SourceMap:
    """The map of the source in `folder`; without a `source.toml` only its name is known.

    Raises
    ------
    SourceError
        No TOML; a key that does not exist (with the nearest that does); a value of the wrong kind.
    """
    path = folder / MAP_NAME
    if not path.exists():
        return SourceMap(SourceInfo({"en": folder.name, "zh": folder.name}))
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceError("sources.map_not_utf8") from error
    except OSError as error:
        raise SourceError("sources.file_not_readable", file=MAP_NAME) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError("sources.map_not_toml", problem=str(error)) from error
    _check_keys(told, _TOP, MAP_NAME)
    return SourceMap(_info(told, folder.name), tuple(_file_map(entry) for entry in _dicts(told, "file")))


def _info(told: Mapping[str, Any], name: str) -> SourceInfo:
    for key in (
        "title_en",
        "title_zh",
        "currency",
        "time_zone",
        "note_en",
        "note_zh",
        "licence",
        "months_reason_en",
        "months_reason_zh",
    ):
        if len(_of(told.get(key, ""), str, key)) > LONGEST:
            raise SourceError(
                "sources.map_wrong_value", entry=key, value=f"{told[key][:60]}…", expected=f"<= {LONGEST}"
            )
    for key in ("first_month", "last_month"):
        if key in told and not (isinstance(told[key], str) and MONTH_TEXT.fullmatch(told[key])):
            raise SourceError("sources.map_wrong_value", entry=key, value=told[key], expected='"2013-06"')
    zone = told.get("time_zone", "Asia/Shanghai")
    if not _is_zone(zone):
        raise SourceError("sources.map_wrong_value", entry="time_zone", value=zone, expected='"Asia/Shanghai"')
    return SourceInfo(
        title={"en": told.get("title_en", name), "zh": told.get("title_zh", told.get("title_en", name))},
        currency=told.get("currency", "CNY"),
        simulated=_of(told.get("simulated", False), bool, "simulated"),
        note=_both(told, "note"),
        licence=told.get("licence", ""),
        first_month=told.get("first_month"),
        last_month=told.get("last_month"),
        months_reason=_both(told, "months_reason"),
        time_zone=zone,
    )


def _is_zone(name: object) -> bool:
    """Asked for this one: listing all zones reads a folder of hundreds of files."""
    try:
        return bool(zoneinfo.ZoneInfo(name))  # type: ignore[arg-type]
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return False


def _both(told: Mapping[str, Any], key: str) -> dict[str, str]:
    """The texts `<key>_en` and `<key>_zh`; one stands in for the other when that is absent."""
    en, zh = told.get(f"{key}_en", ""), told.get(f"{key}_zh", "")
    return {"en": en or zh, "zh": zh or en}


def _file_map(told: Mapping[str, Any]) -> FileMap:
    _check_keys(told, _FILE, "[[file]]")
    table = _of(_required(told, "table", "[[file]]"), str, "table")
    if table not in TABLES:
        _unknown(table, TABLES, "table")
    columns = _of(_required(told, "columns", "[[file]]"), dict, "columns")
    words = _of(told.get("words", {}), dict, "words")
    for place, names in (("[file.columns]", columns), ("[file.words]", words)):
        _check_keys(names, [column.name for column in written_columns(table)], place)
    known_on = told.get("known_on")
    if known_on is not None and not isinstance(known_on, datetime.date):
        raise SourceError("sources.map_wrong_value", entry="known_on", value=known_on, expected="2014-09-30")
    return FileMap(
        name=_glob(_required(told, "name", "[[file]]")),
        table=table,
        columns={name: _column(name, where) for name, where in columns.items()},
        sheet=None if "sheet" not in told else _of(told["sheet"], str, "sheet"),
        encoding=None if "encoding" not in told else _encoding(told["encoding"]),
        known_on=None if known_on is None else pd.Timestamp(known_on).tz_localize(None).normalize().as_unit("us"),
        date_formats=tuple(_texts(told.get("date_formats", []), "date_formats")),
        missing=frozenset(_texts(told.get("missing", []), "missing")),
        words={name: _words(entries, f"words.{name}") for name, entries in words.items()},
        exclude=tuple(_exclusion(entry) for entry in _dicts(told, "exclude")),
        shared_charge=_shared_charge(told["shared_charge"], table, columns) if "shared_charge" in told else None,
    )


def _column(name: str, where: object) -> ColumnMap:
    if isinstance(where, str):
        return ColumnMap((where,))
    if isinstance(where, list):
        return ColumnMap(tuple(_texts(where, name)))
    told = _of(where, dict, name)
    _check_keys(told, ("header", "times", "always"), name)
    if ("header" in told) == ("always" in told):
        raise SourceError(
            "sources.map_wrong_value", entry=name, value=told, expected='{ header = "..." } / { always = "..." }'
        )
    if "always" in told:
        return ColumnMap(always=_of(told["always"], (str, int, float, datetime.date), f"{name}.always"))
    headers = told["header"] if isinstance(told["header"], list) else [told["header"]]
    times = told.get("times", 1)
    if not TIMES.takes(times):
        raise SourceError("sources.map_wrong_value", entry=f"{name}.times", value=times, expected=TIMES.text("en"))
    return ColumnMap(tuple(_texts(headers, name)), float(times))


def _glob(name: Any) -> str:
    """A pattern of file names within the folder."""
    if not _of(name, str, "name").strip() or Path(name).is_absolute() or ".." in Path(name).parts:
        raise SourceError("sources.map_wrong_value", entry="name", value=name, expected='"*.csv"')
    return name


def _words(entries: Any, place: str) -> dict[str, object]:
    return {name: _of(meaning, (str, int, float, bool), place) for name, meaning in _of(entries, dict, place).items()}


def _encoding(name: Any) -> str:
    try:
        return codecs.lookup(_of(name, str, "encoding")).name
    except (LookupError, ValueError) as error:
        raise SourceError("sources.map_wrong_value", entry="encoding", value=name, expected="gb18030") from error


def _exclusion(told: Mapping[str, Any]) -> Exclusion:
    _check_keys(told, _EXCLUDE, "[[file.exclude]]")
    values = _texts(_required(told, "values", "[[file.exclude]]"), "values")
    _required(told, "reason_en", "[[file.exclude]]")
    column = _of(_required(told, "column", "[[file.exclude]]"), str, "column")
    return Exclusion(column, tuple(values), _both(told, "reason"))


def _shared_charge(told: Any, table: str, columns: Mapping[str, Any]) -> SharedCharge:
    place = "[file.shared_charge]"
    _check_keys(_of(told, dict, place), _CHARGE, place)
    found = {key: _of(_required(told, key, place), str, key) for key in _CHARGE}
    for key in ("column", "weights"):
        if found[key] not in columns:
            _unknown(found[key], columns, place)
    try:
        pointer = re.compile(found["pointer"])
    except re.error as error:
        raise SourceError(
            "sources.map_wrong_value", entry="pointer", value=found["pointer"], expected=str(error)
        ) from error
    if pointer.groups != 1:
        raise SourceError("sources.map_wrong_value", entry="pointer", value=found["pointer"], expected=r"ID#:(\d+)")
    return SharedCharge(found["column"], pointer, found["target"], found["weights"])


# --- checks of the map itself -----------------------------------------------------------------------------------------


def _check_keys(told: Mapping[str, Any], allowed: Iterable[str], place: str) -> None:
    for key in told:
        if key not in tuple(allowed):
            _unknown(key, allowed, place)


def _unknown(key: str, allowed: Iterable[str], place: str) -> None:
    raise SourceError("sources.map_unknown_key", place=place, entry=key, near=near_names(key, allowed, most=1))


def _required(told: Mapping[str, Any], key: str, place: str) -> Any:
    if key not in told:
        raise SourceError("sources.map_key_missing", place=place, entry=key)
    return told[key]


def _of(value: Any, kind: type | tuple[type, ...], key: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and bool not in (kind if isinstance(kind, tuple) else (kind,))):  # fmt: skip
        names = " / ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise SourceError("sources.map_wrong_value", entry=key, value=value, expected=names)
    return value


def _texts(value: Any, key: str) -> list[str]:
    return [_of(text, str, key) for text in _of(value, list, key)]


def _dicts(told: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return [_of(entry, dict, key) for entry in _of(told.get(key, []), list, key)]
