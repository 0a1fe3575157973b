"""Every sentence a person reads, in English and in Chinese; the words stand in `wording/*.toml`.

A key is `file.entry`: `sources.unit_price_negative` is the entry `[unit_price_negative]` of `wording/sources.toml`, with the
texts `en` and `zh` and places such as `{sheet}` to be filled in. Every room may import this module; it imports none.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All entries, `{"sources.not_a_date": {"en": ..., "zh": ...}}`."""
    entries: dict[str, dict[str, str]] = {}
    for file in sorted((resources.files("analysis") / "wording").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            for entry, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                entries[f"{file.name.removesuffix('.toml')}.{entry}"] = texts
    return entries


@cache
def _files() -> frozenset[str]:
    return frozenset(key.partition(".")[0] for key in catalogue())


def say(key: str, language: Language = "en", /, **values: object) -> str:
    """The text of `key` in `language` with its places filled from `values`; `KeyError` for an unknown key."""
    return catalogue()[key][language].format(**values)


@cache
def places(key: str) -> frozenset[str]:
    """The names of the places that the texts of `key` have."""
    texts = catalogue()[key].values()
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def near_names(name: str, known: Iterable[str], most: int = 3) -> str:
    """The `known` names that come near `name`, for a message; the first ten where none does, "-" where none is known."""
    import difflib  # not for the commands that end well

    names = list(known)
    return ", ".join(difflib.get_close_matches(name, names, n=most, cutoff=0.5) or names[:10]) or "-"


def name_of(code: str, language: Language, kind: str = "") -> str:
    """A criterion, part of a cost or other code as a reader calls it; an unknown one as it stands, without underscores.

    `kind` distinguishes codes of one name: `returns` is a table, but with kind "cost" a part of a cost.
    """
    keys = (f"report.name_{kind}_{code}", f"report.name_{code}", f"criteria.{code}")
    known = next((key for key in keys if key in catalogue()), None)
    return say(known, language) if known else str(code).replace("_", " ")


CURRENCIES_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "JPY": "日元", "HKD": "港元", "GBP": "英镑"}


def currency_name(code: str, language: Language) -> str:
    """A currency as a reader calls it: CNY, 元."""
    return CURRENCIES_ZH.get(code, code) if language == "zh" else code


JOINERS: dict[str, dict[Language, tuple[str, str]]] = {
    "sentences": {"en": (" ", " "), "zh": ("", "")},
    "notes": {"en": ("; ", "; "), "zh": ("；", "；")},
    "names": {"en": (", ", ", "), "zh": ("、", "、")},
    "names_and": {"en": (", ", " and "), "zh": ("、", "、")},
}
"""What stands between parts, and between the last two."""


def is_reason(value: object) -> bool:
    """True for a text that `analysis.reasons` wrote, and not for one that somebody typed to look like it."""
    if not isinstance(value, str) or not value.startswith("{") or '"key":' not in value:
        return False
    try:
        key = json.loads(value)["key"]
    except (ValueError, KeyError):
        return False
    return isinstance(key, str) and (key in ("name", "chance", "either", "joined") or key.partition(".")[0] in _files())


def worded(text: Any, language: Language = "en") -> Any:
    """The sentence of a stored reason (`analysis.reasons`) in `language`; anything else as it stands."""
    if not is_reason(text):
        return text
    values = json.loads(text)
    key = values.pop("key")
    if key == "name":
        return name_of(values["code"], language, values["kind"])
    if key == "chance":
        return chance_text(values["p"])
    if key == "either":
        return values[language]
    if key == "joined":
        return _joined([_value(part, language) for part in values["parts"]], *JOINERS[values["by"]][language])
    said = {name: _value(value, language) for name, value in values.items()}
    if "currency" in said:
        said["currency"] = currency_name(str(said["currency"]), language)
    return say(key, language, **said)


def _value(value: Any, language: Language) -> Any:
    """A reason within a reason; a name that somebody typed to look like one stands as typed."""
    try:
        return worded(value, language)
    except (ValueError, KeyError, TypeError, AttributeError):
        return value


def chance_text(probability: float) -> str:
    """A probability from draws as a whole percent, never claimed to be certain."""
    if probability < 0.005:
        return "<1%"
    return ">99%" if probability > 0.995 else f"{probability:.0%}"


def _joined(parts: list[str], between: str, last: str) -> str:
    return last.join([between.join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
