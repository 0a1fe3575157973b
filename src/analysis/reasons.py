"""Why a decision is as it is: a sentence of the catalogue by its key, with the values of its places, as one text in a table.

A value may be a reason itself. `analysis.wording.worded` makes the sentence, in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

Joining = Literal["sentences", "notes", "names", "names_and"]


def reason(key: str, /, **values: Any) -> str:
    """`{"key": key, ...}` as compact text with its keys in order; `key` as in `analysis.wording.say`."""
    plain = {name: _plain(value) for name, value in values.items()}
    return json.dumps({"key": key, **plain}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def named(code: str, kind: str = "") -> str:
    """A code that the reader sees by its name, such as a criterion's (`analysis.wording.name_of`)."""
    return reason("name", code=code, kind=kind)


def a_piece(price: float) -> str:
    """The price of a piece to the fen; below 1 to as many places as it has, four at most, as a fen is much of it.

    >>> a_piece(1250.5), a_piece(0.115), a_piece(0.1), a_piece(0.28571)
    ('1,250.50', '0.115', '0.10', '0.2857')
    """
    if abs(price) >= 1:
        return f"{price:,.2f}"
    whole, places = f"{price:.4f}".split(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def chance(probability: float) -> str:
    """A probability from draws, which the reader sees in whole percent and never as certain."""
    return reason("chance", p=float(probability))


def either(en: str, zh: str) -> str:
    """A value that has a text in each language, such as a column's header or what the user wrote in both."""
    return en if en == zh else reason("either", en=en, zh=zh)


def joined(by: Joining, parts: Sequence[str]) -> str:
    """Several reasons as one; nothing where there are none."""
    return reason("joined", by=by, parts=list(parts)) if parts else ""


def _plain(value: Any) -> Any:
    """A number or text that JSON knows."""
    return value.item() if hasattr(value, "item") else value
