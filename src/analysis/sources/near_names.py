"""Names that are near and not the same: slips of the pen, short forms, other legal forms. They stay two, and are told.

Names are compared folded (`folding`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np
import pandas as pd

from analysis.sources.accounting import LABEL
from analysis.sources.folding import folded, skeleton
from analysis.sources.quarantine import note, notes, quoted

_COUNTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz一二三四五六七八九十甲乙丙丁戊东南西北中大小老新")
"""Characters that tell companies of one kind apart: 一厂 and 二厂 are not near."""
_NO_NAME = 200
"""Characters beyond which a text is no name, and is not compared letter by letter."""
_LONG_ENOUGH = 5
"""Fewest characters of two names of which one letter may be a slip of the pen."""
_BUSINESS = re.compile(r"(?:加工厂|工厂|厂|商行|经营部|商贸|贸易|商店|门市部|工作室)$")
_STEM = 4
"""Fewest characters of two names that are near because they differ in the kind of business alone."""
_ROWS_NAMED = 8
_MOST_COMPARED = 500
"""Names that are compared each with each for short forms."""


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
    told = chain.from_iterable(table[column].dropna().unique() for table in tables.values() if column in table)
    close = near_pairs(folded(pd.Series([*told], dtype=object)), slips=column == "supplier")
    if not close:
        return
    found = [
        table[[column]].dropna().rename_axis(LABEL).reset_index().assign(table=name)
        for name, table in tables.items()
        if column in table and len(table)
    ]
    names = pd.concat(found, ignore_index=True)
    names["key"] = folded(names[column])
    names["export"] = names["file"].isin(exports)
    names = names.sort_values("export", ascending=False, kind="stable")
    first = names.drop_duplicates("key").reset_index(drop=True)
    place = {key: number for number, key in enumerate(first["key"])}
    pairs = [sorted(pair, key=place.__getitem__) for pair in close]
    later = names[names["key"].isin({late for _, late in pairs})]
    rows_of = later.groupby(["key", "table", "file", "sheet"])["row"]
    for early, late in sorted(pairs, key=lambda pair: (place[pair[1]], place[pair[0]])):
        known, odd = first.loc[place[early]], first.loc[place[late]]
        if known["export"] and odd["export"] and _stem(early) != _stem(late) and not short_form(early, late):
            continue
        file, sheet = odd["file"], odd["sheet"]
        rows = np.unique(rows_of.get_group((late, odd["table"], file, sheet)))
        values = {"value": quoted(odd[column]), "near": quoted(known[column]), "rows": rows_named(rows[: _ROWS_NAMED + 1]),
                  "near_place": f"{known['file']} {known['sheet']}".strip(), "near_row": known["row"]}  # fmt: skip
        code = "supplier_near" if column == "supplier" else "sku_near"
        yield note(odd["table"], file, sheet, int(rows[0]), column, code, **values)


def told_once(remarks: pd.DataFrame) -> pd.DataFrame:
    """`remarks` without those on near names of which one says that the company was renamed."""
    pairs = [_pair(told) if code in ("supplier_renamed", "supplier_near") else None for code, told in zip(remarks["code"], remarks["reason"])]  # fmt: skip
    renamed = {pair for pair, code in zip(pairs, remarks["code"]) if code == "supplier_renamed"}
    again = [code == "supplier_near" and pair in renamed for pair, code in zip(pairs, remarks["code"])]
    return remarks[~np.array(again, bool)]


def _pair(told: str) -> frozenset[str]:
    values = json.loads(told)
    return frozenset((values["value"], values["near"]))


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


def _stem(name: str) -> str:
    """What is left of a company's name without what kind of business it is; a stem too short to name anybody keeps it."""
    bare = skeleton(name)
    stem = _BUSINESS.sub("", bare)
    return stem if len(stem) >= _STEM else bare


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
    [('晨兴日用品厂', '晨星日用品厂'), ('晨星日用品厂', '晨星日用品有限公司')]
    """
    names = list(dict.fromkeys(names))
    alike: dict[str, list[str]] = {}
    for name in names:
        if bare := skeleton(name):
            alike.setdefault(bare, []).append(name)
        if slips:
            alike.setdefault(f"\2{_stem(name)}", []).append(name)
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
