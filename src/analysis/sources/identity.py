"""One name for each supplier, SKU, order and category of a source, whatever the spelling, the alias or the platform's number.

Names are compared by `fold`; shown is the spelling of the earliest export, else of the first file. The ledger's sheet of
aliases says which names are one company; its sheet of articles says which numbers of the platform are the house's SKU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.sources.articles import own_articles
from analysis.sources.cells import clean_column, without
from analysis.sources.column_cells import UNDECIDED, read_column
from analysis.sources.folding import fold, folded
from analysis.sources.near_names import short_form
from analysis.sources.quarantine import note, notes, quoted
from analysis.sources.table_types import RawTable
from analysis.sources.tables import TABLES

NAMED = ("order_id", "supplier", "sku", "category")


def without_undecided(raw: RawTable) -> RawTable:
    """`raw` with names and numbers blank that are none, such as 待定 or ?."""
    names = [name for name in (*NAMED, "batch") if name in raw.frame]
    return replace(raw, frame=raw.frame.assign(**{name: without(raw.frame[name], UNDECIDED) for name in names}))


@dataclass(frozen=True)
class Identified:
    """`raws`: the same tables with one spelling a name; `remarks`: what was read as something else."""

    raws: list[RawTable]
    remarks: pd.DataFrame


def identify(raws: Sequence[RawTable], missing: Sequence[frozenset[str]]) -> Identified:
    """`raws` with one name for each supplier, SKU, order and category.

    Parameters
    ----------
    missing
        For each raw table the words that mean a blank cell in it.
    """
    told: list[dict[str, object]] = []
    tables = own_articles(list(raws), missing, told)
    for column in NAMED:
        spelled = _spellings(tables, column, missing)
        if column == "supplier":
            known_as = spelled["key"].replace(_aliases(tables, told, spelled))
            spelled = spelled.assign(key=known_as, alias=known_as != spelled["key"])
        spelled = spelled.assign(shown=spelled["key"].map(_shown(spelled)))
        if column == "supplier":
            told += _renamed(tables, spelled)
        tables = _respelled(tables, column, spelled)
        told += _told_spellings(tables, column, spelled)
    return Identified(tables, notes(told))


# --- spellings --------------------------------------------------------------------------------------------------------


def _spellings(raws: Sequence[RawTable], column: str, missing: Sequence[frozenset[str]]) -> pd.DataFrame:
    """place (of the raw table), row, text, key, alias, rank (the order in which a spelling is chosen) of each cell that has a
    name."""
    found = []
    for place, raw in enumerate(raws):
        if column in TABLES[raw.table].names() and column in raw.frame and len(raw.frame):
            texts = read_column(TABLES[raw.table].column(column), raw.frame[column], missing[place]).values
            texts = texts[texts.notna()]
            found.append(pd.DataFrame({"place": place, "row": texts.index, "text": texts.to_numpy(object)}))
        elif column == "supplier" and raw.table == "aliases" and "known_as" in raw.frame:
            texts = pd.Series(clean_column(raw.frame["known_as"]), index=raw.frame.index)
            texts = texts[texts != ""]
            found.append(pd.DataFrame({"place": place, "row": texts.index, "text": texts.to_numpy(object)}))
    spelled = pd.concat(found, ignore_index=True) if found else pd.DataFrame({"place": [], "row": [], "text": []})
    return spelled.assign(key=folded(spelled["text"]), alias=False, rank=spelled["place"].map(_ranks(raws)))


def _ranks(raws: Sequence[RawTable]) -> dict[int, int]:
    """Which table's spelling counts first: exports by their day, then the others as they come, aliases last."""
    never = pd.Timestamp.max

    def rank(place: int) -> tuple[bool, bool, pd.Timestamp, int]:
        raw = raws[place]
        day = raw.known_on if raw.export and raw.known_on is not None else never
        return raw.table == "aliases", not raw.export, day, place

    return {place: number for number, place in enumerate(sorted(range(len(raws)), key=rank))}


def _shown(spelled: pd.DataFrame) -> pd.Series:
    """key -> the spelling shown."""
    chosen = spelled.sort_values(["alias", "rank", "row"], kind="stable").drop_duplicates("key")
    return chosen.set_index("key")["text"]


def _respelled(raws: list[RawTable], column: str, spelled: pd.DataFrame) -> list[RawTable]:
    changed = spelled[spelled["text"] != spelled["shown"]]
    out = list(raws)
    for place, rows in changed.groupby("place"):
        raw = out[int(str(place))]
        if column in raw.frame:
            cells = raw.frame[column].astype(object).copy()
            cells[rows["row"]] = rows["shown"].to_numpy(object)
            out[int(str(place))] = replace(raw, frame=raw.frame.assign(**{column: cells}))
    return out


def _told_spellings(raws: Sequence[RawTable], column: str, spelled: pd.DataFrame) -> Iterator[dict[str, object]]:
    for told in spelled[spelled["text"] != spelled["shown"]].itertuples():
        raw = raws[int(told.place)]
        if column in raw.frame:
            values = {"value": quoted(told.text), "shown": quoted(told.shown)}
            yield note(raw.table, raw.file, raw.sheet, int(told.row), column, "name_spelled", **values)


# --- aliases ----------------------------------------------------------------------------------------------------------


def _aliases(raws: Sequence[RawTable], told: list[dict[str, object]], spelled: pd.DataFrame) -> dict[str, str]:
    """Folded name -> folded name by which it is known, chains followed to their end; a circle is told and left out."""
    step = _names_of_own_orders(raws, spelled)
    rows: dict[str, tuple[RawTable, int]] = {}
    for raw in (raw for raw in raws if raw.table == "aliases" and {"name", "known_as"} <= set(raw.frame)):
        names, known_as = (clean_column(raw.frame[name]) for name in ("name", "known_as"))
        for row, name, known in zip(raw.frame.index, map(fold, names), map(fold, known_as)):
            if name and known and name != known and name not in rows:
                step[name], rows[name] = known, (raw, int(row))
    found: dict[str, str] = {}
    for name in step:
        passed, end = {name}, step[name]
        while end in step and end not in passed:
            passed.add(end)
            end = step[end]
        if end in passed and name in rows:
            raw, row = rows[name]
            value = quoted(raw.frame.at[row, "name"])  # noqa: PD008 - one row, one cell
            told.append(note("aliases", raw.file, raw.sheet, row, "name", "alias_circle", value=value))
        elif end not in passed:
            found[name] = end
    return found


def _renamed(raws: Sequence[RawTable], spelled: pd.DataFrame) -> Iterator[dict[str, object]]:
    """A remark on each company under whose name an export has an order that an earlier one had under another name."""
    found = [
        pd.DataFrame({"place": place, "row": raw.frame.index, "order": clean_column(raw.frame["order_id"])})
        for place, raw in enumerate(raws)
        if raw.export and len(raw.frame)
    ]
    if len(found) < 2:
        return
    named = pd.concat(found).merge(spelled[["place", "row", "key", "shown", "rank"]], on=["place", "row"])
    named = named[named["order"] != ""].sort_values(["rank", "row"], kind="stable").drop_duplicates(["order", "key"])
    before = named.groupby("order")[["key", "shown", "rank"]].shift()
    again = before["key"].notna() & (before["rank"] != named["rank"])
    told = named.assign(known=before["key"], near=before["shown"])[again].drop_duplicates(["known", "key"])
    for line in told.itertuples():
        raw = raws[int(line.place)]
        values = {"value": quoted(line.shown), "near": quoted(line.near), "order": line.order}
        yield note("orders", raw.file, raw.sheet, int(line.row), "supplier", "supplier_renamed", **values)


def _names_of_own_orders(raws: Sequence[RawTable], spelled: pd.DataFrame) -> dict[str, str]:
    """The house's own names of suppliers: folded name -> the folded name that the exports give the same orders.

    A name counts that no export has, that stands beside one company in all its orders, and beside it twice or as its short
    form.
    """
    lines = [
        pd.DataFrame(
            {"place": place, "row": raw.frame.index, "order": clean_column(raw.frame["order_id"]), "export": raw.export}
        )
        for place, raw in enumerate(raws)
        if raw.table == "orders" and "order_id" in raw.frame
    ]
    if not lines:
        return {}
    named = pd.concat(lines).merge(spelled[["place", "row", "key"]], on=["place", "row"])
    told = named[named["export"]].drop_duplicates("order").set_index("order")["key"]
    own = named[~named["export"] & named["order"].isin(told.index) & ~named["key"].isin(told)]
    own = own.assign(company=own["order"].map(told)).drop_duplicates(["order", "key"])
    by_name = own.groupby("key")["company"].agg(["nunique", "size", "first"])
    sure = by_name[(by_name["nunique"] == 1)]
    return {
        str(name): row.first for name, row in zip(sure.index, sure.itertuples())
        if row.size > 1 or short_form(str(name), row.first)
    }  # fmt: skip
