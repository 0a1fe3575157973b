"""What a buyer told in a row of a pack, apart from what the review wrote there, and since when.

Behind each row stands, in a hidden column, what the review wrote: the cells, which of them the buyer had told in an earlier pack, and from
which day on. A cell that differs is told anew. So a row carried on counts once, on its first day, also when the earlier pack is gone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.sources.cells import clean_text
from analysis.sources.pack import WRITTEN, PackSheet


@dataclass(frozen=True)
class Entry:
    """The columns `told` in a row, and the day `on` which that can first have been."""

    told: tuple[str, ...]
    on: pd.Timestamp


def entry_of(sheet: PackSheet, cells: Mapping[str, Any], since: pd.Timestamp) -> Entry | None:
    """What the buyer told in a row of a pack that can be filled in `since` a day; None where the row says nothing."""
    texts = _texts(sheet, cells)
    before = _before(cells.get(WRITTEN), texts, sheet.key)
    new = [name for name in sheet.tells if texts[name] and texts[name] != before["cells"].get(name, "")]
    told = tuple(name for name in sheet.tells if texts[name] and (name in new or name in before["told"]))
    if set(told) <= set(sheet.beside):
        return None
    return Entry(told, since if new or before["on"] is None else before["on"])


def taken_back(sheet: PackSheet, cells: Mapping[str, Any], identity: tuple[str, ...]) -> str | None:
    """The column in which the row is another one than the buyer told in an earlier pack: one of its `identity` was changed, or all that
    was told was cleared. There it still stands as it was."""
    texts = _texts(sheet, cells)
    before = _before(cells.get(WRITTEN), texts, sheet.key)
    changed = [name for name in before["told"] if texts.get(name) != before["cells"].get(name)]
    if changed and not any(texts[name] for name in sheet.tells if name in before["told"]):
        return changed[0]
    return next((name for name in changed if sheet.called.get(name, name) in identity), None)


def mark_of(sheet: PackSheet, cells: Mapping[str, Any], entry: Entry | None) -> str | None:
    """What the hidden column says of a row as it is written, `entry` what the buyer had told in it; None where all is blank."""
    texts = _texts(sheet, cells)
    if not any(texts[name] for name in sheet.tells):
        return None
    told, on = (entry.told, f"{entry.on:%Y-%m-%d}") if entry else ((), "")
    shown = {name: text for name, text in texts.items() if text}
    return json.dumps({"on": on, "told": told, "cells": shown}, ensure_ascii=False)


def _texts(sheet: PackSheet, cells: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(cells.get(name)) for name in (*sheet.key, *sheet.tells)}


def _text(cell: object) -> str:
    """A cell as it is compared: the same whichever library read it."""
    if isinstance(cell, dt.date) and not pd.isna(cell):
        return pd.Timestamp(cell).isoformat()
    return clean_text(cell)


def _before(written: object, texts: Mapping[str, str], key: tuple[str, ...]) -> dict[str, Any]:
    """What was written in the row; nothing of a row that was copied and given another key, or where it cannot be read any more."""
    try:
        found = json.loads(str(written))
        cells, told = dict(found["cells"]), [str(name) for name in found["told"]]
        on = pd.Timestamp(str(found["on"])).as_unit("us") if found["on"] else None
        same = all(cells.get(name, "") == texts[name] for name in key)
    except (ValueError, TypeError, KeyError, RecursionError):
        same = False
    return {"cells": cells, "told": told, "on": on} if same else {"cells": {}, "told": [], "on": None}
