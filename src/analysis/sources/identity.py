"""One name for each supplier, SKU, order and category of a source, whatever the spelling, the alias or the platform's number.

Names are compared by `fold`; shown is the spelling of the earliest export, else of the first file. The ledger's sheet of
aliases says which names are one company; its sheet of articles says which numbers of the platform are the house's SKU.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.conform import read_column
from analysis.sources.folding import fold, skeleton
from analysis.sources.quarantine import note, notes, quoted
from analysis.sources.tables import TABLES, RawTable

NAMED = ("order_id", "supplier", "sku", "category")
PLATFORM_NUMBERS = ("sku_id", "item_number", "product_number", "offer_id")
"""Columns of an export's raw lines by which an article is looked up, the finest first."""
_COUNTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz一二三四五六七八九十甲乙丙丁戊东南西北中大小老新")
"""Characters that tell companies of one kind apart: 一厂 and 二厂 are not near."""
_NO_NAME = 200
"""Characters beyond which a text is no name, and is not compared letter by letter."""
_LONG_ENOUGH = 5
"""Fewest characters of two names of which one letter may be a slip of the pen."""
_ROWS_NAMED = 8
_MOST_COMPARED = 500
"""Names that are compared each with each for short forms."""


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
    tables = _own_articles(list(raws), missing, told)
    for column in NAMED:
        spelled = _spellings(tables, column, missing)
        if column == "supplier":
            known_as = spelled["key"].replace(_aliases(tables, told, spelled))
            spelled = spelled.assign(key=known_as, alias=known_as != spelled["key"])
        spelled = spelled.assign(shown=spelled["key"].map(_shown(spelled)))
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
    return spelled.assign(key=_folded(spelled["text"]), alias=False, rank=spelled["place"].map(_ranks(raws)))


def _folded(texts: pd.Series) -> pd.Series:
    return texts.map({text: fold(text) for text in texts.unique()}).astype(object)


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


# --- articles ---------------------------------------------------------------------------------------------------------


def _own_articles(
    raws: list[RawTable], missing: Sequence[frozenset[str]], told: list[dict[str, object]]
) -> list[RawTable]:
    """SKUs as the house has them: variants that share a 货号 told apart, numbers of the platform replaced by `articles`."""
    out = _variants_apart(raws, told)
    own, skus = _articles(out, missing, told)
    if not own:
        return out
    for place, raw in enumerate(out):
        if raw.table == "articles" or "sku" not in raw.frame:
            continue
        keys = _folded(pd.Series(clean_column(raw.frame["sku"]), index=raw.frame.index))
        sku = keys.map(own).where(~keys.isin(skus))
        for name in reversed([name for name in PLATFORM_NUMBERS if name in raw.frame]):
            sku = _folded(pd.Series(clean_column(raw.frame[name]), index=raw.frame.index)).map(own).fillna(sku)
        cells = raw.frame["sku"].astype(object).mask(sku.notna(), sku)
        out[place] = replace(raw, frame=raw.frame.assign(sku=cells))
    return out


def _articles(
    raws: Sequence[RawTable], missing: Sequence[frozenset[str]], told: list[dict[str, object]]
) -> tuple[dict[str, str], set[str]]:
    """Folded number of the platform -> the house's SKU, and the folded SKUs of the house."""
    own: dict[str, str] = {}
    skus: set[str] = set()
    for place, raw in enumerate(raws):
        if raw.table != "articles" or "sku" not in raw.frame or not len(raw.frame):
            continue
        table = TABLES["articles"]
        names = [name for name in ("sku", "platform_id") if name in raw.frame]
        read = pd.DataFrame({n: read_column(table.column(n), raw.frame[n], missing[place]).values for n in names})
        skus |= {fold(sku) for sku in read["sku"].dropna()}
        tied = read.dropna() if "platform_id" in read else read.iloc[:0].assign(platform_id="")
        for row, sku, number in zip(tied.index, tied["sku"], tied["platform_id"]):
            if fold(own.setdefault(fold(number), sku)) != fold(sku):
                values = {"value": number, "first": own[fold(number)]}
                told.append(
                    note("articles", raw.file, raw.sheet, int(row), "platform_id", "platform_id_twice", **values)
                )
    return own, skus


def _variants_apart(raws: list[RawTable], told: list[dict[str, object]]) -> list[RawTable]:
    """Lines whose SKU is a 货号 that several variants share get their SKU ID, or 货号 and 型号.

    Variants are of one offer or order, or of different 型号; a 货号 with a new SKU ID in a new offer is listed anew.
    """
    lines = _numbered_products(raws)
    if lines.empty:
        return raws
    article = lines[lines["variant"] != ""]
    several = article.groupby(["supplier", "number", "offer"])["variant"].transform("nunique") > 1
    several |= article.groupby(["supplier", "number", "order"])["variant"].transform("nunique") > 1
    models = article["model"].where(article["model"] != "").groupby([article["supplier"], article["number"]])
    several = (several | (models.transform("nunique") > 1)).reindex(lines.index, fill_value=False)
    shared = several.groupby([lines["supplier"], lines["number"]]).transform("any") & (lines["variant"] != "")
    out = list(raws)
    for place, rows in lines[shared].groupby("place"):
        raw = out[int(str(place))]
        cells = raw.frame["sku"].astype(object).copy()
        cells[rows["row"]] = rows["variant"].to_numpy(object)
        out[int(str(place))] = replace(raw, frame=raw.frame.assign(sku=cells))
        for line in rows.itertuples():
            values = {"value": quoted(line.product), "shown": quoted(line.variant)}
            told.append(note("orders", raw.file, raw.sheet, int(line.row), "sku", "variants_share_number", **values))
    return out


def _numbered_products(raws: Sequence[RawTable]) -> pd.DataFrame:
    """place row order offer supplier product number model (both folded) variant of the exports' lines whose SKU is the 货号."""
    found = []
    for place, raw in enumerate(raws):
        if not raw.export or not len(raw.frame):
            continue
        frame = raw.frame[(raw.frame["sku_from"] == "product_number").to_numpy(bool)]
        text = {
            name: pd.Series(clean_column(frame[name]), index=frame.index)
            for name in ("order_id", "offer_id", "supplier", "product_number", "sku_id", "model")
        }
        by_model = np.where(text["model"] == "", "", text["product_number"] + " " + text["model"])
        found.append(
            pd.DataFrame(
                {
                    "place": place,
                    "row": frame.index,
                    "order": text["order_id"].to_numpy(object),
                    "offer": text["offer_id"].to_numpy(object),
                    "supplier": _folded(text["supplier"]).to_numpy(object),
                    "product": text["product_number"].to_numpy(object),
                    "number": _folded(text["product_number"]).to_numpy(object),
                    "model": _folded(text["model"]).to_numpy(object),
                    "variant": np.where(text["sku_id"] == "", by_model, text["sku_id"]),
                }
            )
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


# --- near names -------------------------------------------------------------------------------------------------------


def told_near(tables: Mapping[str, pd.DataFrame], exports: Iterable[str]) -> pd.DataFrame:
    """Remarks on names of suppliers and SKUs in `tables` that are near and not equal, at the later one, with its rows.

    Parameters
    ----------
    tables
        Canonical tables, index (file, sheet, row).
    exports
        Files whose names are the platform's: they hold no slips of the pen.
    """
    files = set(exports)
    return notes([told for column in ("supplier", "sku") for told in _near_in_column(tables, column, files)])


def _near_in_column(tables: Mapping[str, pd.DataFrame], column: str, exports: set[str]) -> Iterator[dict[str, object]]:
    found = [
        table[[column]].dropna().set_axis([column], axis=1).assign(table=name, label=table.dropna(subset=column).index)
        for name, table in tables.items()
        if column in table and len(table)
    ]
    if not found:
        return
    names = pd.concat(found, ignore_index=True)
    names["key"] = _folded(names[column])
    names["export"] = [label[0] in exports for label in names["label"]]
    names = names.sort_values("export", ascending=False, kind="stable")
    first = names.drop_duplicates("key").reset_index(drop=True)
    place = {key: number for number, key in enumerate(first["key"])}
    pairs = [sorted(pair, key=place.__getitem__) for pair in near_pairs(first["key"], slips=column == "supplier")]
    for early, late in sorted(pairs, key=lambda pair: (place[pair[1]], place[pair[0]])):
        known, odd = first.loc[place[early]], first.loc[place[late]]
        if known["export"] and odd["export"] and skeleton(early) != skeleton(late) and not short_form(early, late):
            continue
        file, sheet, _ = odd["label"]
        alike = names.loc[(names["key"] == late) & (names["table"] == odd["table"]), "label"]
        rows = [label[2] for label in alike if label[:2] == (file, sheet)]
        values = {"value": quoted(odd[column]), "near": quoted(known[column]), "near_file": known["label"][0],
                  "near_sheet": known["label"][1], "near_row": known["label"][2], "rows": rows_named(rows)}  # fmt: skip
        code = "supplier_near" if column == "supplier" else "sku_near"
        yield note(odd["table"], file, sheet, min(rows), column, code, **values)


def rows_named(rows: Iterable[int]) -> str:
    """Row numbers as a remark names them: 3, 5, 8."""
    numbers = sorted({int(row) for row in rows})
    return ", ".join(map(str, numbers[:_ROWS_NAMED])) + (" …" if len(numbers) > _ROWS_NAMED else "")


def short_form(one: str, other: str) -> bool:
    """Whether the shorter of two names leaves out characters of the longer, and keeps its beginning or a long piece of it.

    >>> short_form("金华竹语工艺品厂", "金华市金东区竹语工艺品厂"), short_form("竹语工艺品厂", "金华市金东区竹语工艺品厂")
    (True, True)
    >>> short_form("日用品厂", "义乌市晨星日用品厂"), short_form("甲厂", "甲乙厂")
    (False, False)
    """
    short, long = sorted((one, other), key=len)
    if len(short) < _LONG_ENOUGH or len(short) == len(long):
        return False
    rest = iter(long)
    return short in long or (short[:2] == long[:2] and all(letter in rest for letter in short))


def _short_forms(names: Iterable[str]) -> set[tuple[str, str]]:
    listed = [name for name in names if _LONG_ENOUGH <= len(name) <= _NO_NAME]
    return {
        (min(one, other), max(one, other))
        for place, one in enumerate(listed[:_MOST_COMPARED])
        for other in listed[place + 1 : _MOST_COMPARED]
        if short_form(one, other)
    }


def near_pairs(names: Iterable[str], slips: bool) -> set[tuple[str, str]]:
    """Pairs of folded names that differ in punctuation or legal form alone, or (`slips`) in one character that tells
    nobody apart.

    >>> sorted(near_pairs(["晨星日用品厂", "晨兴日用品厂", "晨星日用品有限公司", "乙厂"], slips=True))
    [('晨兴日用品厂', '晨星日用品厂')]
    """
    names = list(dict.fromkeys(names))
    alike: dict[str, list[str]] = {}
    for name in names:
        if bare := skeleton(name):
            alike.setdefault(bare, []).append(name)
        if slips and _LONG_ENOUGH <= len(name) <= _NO_NAME:
            for place, left_out in enumerate(name):
                if left_out not in _COUNTERS:
                    alike.setdefault(f"{name[:place]}\0{name[place + 1 :]}", []).append(name)
                    alike.setdefault(f"\1{name[:place]}{name[place + 1 :]}", []).append(name)
            alike.setdefault(f"\1{name}", []).append(name)
    found = _short_forms(names) if slips else set()
    for key, group in alike.items():
        for place, one in enumerate(group[:20]):
            for other in group[place + 1 : 20]:
                if one != other and not (key.startswith("\1") and len(one) == len(other)):
                    found.add((min(one, other), max(one, other)))
    return found
