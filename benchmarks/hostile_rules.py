"""500 broken and odd rule files: told in one sentence with file, section and value, or taken; never a traceback.

Each is the shipped `config/` with one to three changes, drawn from the number alone. `python benchmarks/hostile_rules.py 0 500` reads
a part of the series and prints what became of it.
"""

from __future__ import annotations

import datetime
import sys
import tempfile
import tomllib
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import RuleError
from analysis.house_rules import check_rules
from analysis.paths import CONFIG
from analysis.rules import rules_in_force

FILES = 500
NAMES = ("rules.toml", "rates.toml", "scms.toml")
ODD: tuple[Any, ...] = (
    "x", "", "5%", "0.05", " ", "=1", "$x$", "\u202e", "长" * 5000, 0, 1, -1, -0.5, 0.0, 1.3, 2, 1e12, -1e12, 1e308, 1e-300, 10**40,
    float("nan"), float("inf"), -float("inf"), True, False, [], [1, 2], ["a"], [[]], [True], [float("nan")], {}, {"a": 1},
    datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1, 8), datetime.time(8), ["trial", "trial"], "III", "gb2012", "buyer", "USD", "XYZ",
)  # fmt: skip
"""Values that somebody may write in place of another."""
BYTES: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    "mark": lambda text, _: b"\xef\xbb\xbf" + text,
    "gb18030": lambda text, _: text.decode().replace("House", "本公司").encode("gb18030"),
    "utf-16": lambda text, _: text.decode().encode("utf-16"),
    "cut": lambda text, chance: text[: int(chance.integers(0, len(text)))],
    "byte": lambda text, chance: _at(text, chance, bytes([int(chance.integers(0, 256))])),
    "zero": lambda text, chance: _at(text, chance, b"\0"),
    "windows": lambda text, _: text.replace(b"\n", b"\r\n"),
    "nothing": lambda text, _: b"",
    "nested": lambda text, _: text + b"\n[[limits]]\nfrom = '2026-01'\nx = " + b"[" * 3000 + b"]" * 3000,
    "twice": lambda text, _: text + text,
}


def _at(text: bytes, chance: np.random.Generator, piece: bytes) -> bytes:
    place = int(chance.integers(0, len(text)))
    return text[:place] + piece + text[place + 1 :]


def write_rules(number: int, folder: Path) -> list[str]:
    """Writes file `number` of the series into `folder`; what was changed."""
    chance, told = np.random.default_rng([20261130, number]), []
    tables = {name: tomllib.loads((CONFIG / name).read_text(encoding="utf-8")) for name in NAMES}
    for _ in range(int(chance.integers(1, 4)) if number % 5 else 0):
        name = NAMES[int(chance.choice(3, p=[0.6, 0.3, 0.1]))]
        told.append(f"{name}: {_change(tables[name], chance)}")
    texts = {name: written(table).encode() for name, table in tables.items()}
    if number % 5 == 0:
        name, kind = NAMES[number % 3], list(BYTES)[number // 5 % len(BYTES)]
        texts[name] = BYTES[kind](texts[name], chance)
        told.append(f"{name}: {kind}")
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    return told


def _change(table: dict[str, Any], chance: np.random.Generator) -> str:
    """One change to a value, a name, an entry or a section; says which."""
    section = str(chance.choice(list(table)))
    entries = table[section]
    entry = entries[int(chance.integers(0, len(entries)))]
    inner = [key for key, value in entry.items() if isinstance(value, dict)]
    place = entry[str(chance.choice(inner))] if inner and chance.random() < 0.8 else entry
    key = str(chance.choice(list(place)))
    kind = str(
        chance.choice(["value", "value", "value", "value", "scale", "item", "name", "gone", "section", "dated", "more"])
    )
    if kind == "value":
        place[key] = ODD[int(chance.integers(0, len(ODD)))]
    elif kind == "scale" and isinstance(place[key], int | float):
        place[key] = place[key] * float(chance.choice([-1, 0, 0.001, 3, 1000, 1e9]))
    elif kind == "item" and isinstance(place[key], list) and place[key]:
        place[key][int(chance.integers(0, len(place[key])))] = ODD[int(chance.integers(0, len(ODD)))]
    elif kind == "name":
        place[f"{key}x"] = place.pop(key)
    elif kind == "gone":
        del place[key]
    elif kind == "section":
        table[f"{section}s" if chance.random() < 0.5 else "x"] = table.pop(section)
    elif kind == "dated":
        entry["from"] = [2026, "2026-13", "2026", datetime.date(2026, 1, 1), "2030-01", "0000-00"][
            int(chance.integers(0, 6))
        ]
    else:
        place["more"] = ODD[int(chance.integers(0, len(ODD)))]
    return f"{kind} of {section}.{key}"


def written(value: dict[str, Any]) -> str:
    """A rule file of these sections, as TOML."""
    lines = []
    for section, entries in value.items():
        for entry in entries if isinstance(entries, list) else [entries]:
            lines.append(f"[[{section}]]")
            lines += [f"{_key(key)} = {_value(each)}" for key, each in entry.items()]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else f'"{key}"'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return repr(value)


def outcome(number: int) -> dict[str, Any]:
    """What becomes of file `number`: `taken`, `told` (a sentence in each language that names file or section), or a fault."""
    with tempfile.TemporaryDirectory() as name:
        changes = write_rules(number, Path(name))
        kind, said = "taken", ""
        for source in ("example", "scms"):
            try:
                check_rules(rules_in_force(source, "2026-10", Path(name)))
            except RuleError as error:
                said = error.text("en")
                named = ".toml" in said or "[[" in said
                kind = "told" if named and error.text("zh") and len(said) < 1200 and "\n" not in said else "unclear"
            except Exception:
                kind, said = "traceback", traceback.format_exc(limit=-3)
            if kind != "taken":
                break
    return {"number": number, "changes": "; ".join(changes), "kind": kind, "said": said}


def outcomes(first: int = 0, last: int = FILES) -> pd.DataFrame:
    """number changes kind said, one row a file."""
    return pd.DataFrame([outcome(number) for number in range(first, last)])


def run() -> list[dict[str, Any]]:
    faults = int(outcomes()["kind"].isin(["traceback", "unclear"]).sum())
    return [{"what": f"{FILES} rule files, not told in a sentence", "figure": faults, "goal": "0", "met": not faults}]


if __name__ == "__main__":
    table = outcomes(int(sys.argv[1]), int(sys.argv[2]))
    print(table["kind"].value_counts().to_string())
    for row in table[~table["kind"].isin(["taken", "told"])].itertuples():
        print(row.number, row.changes, row.said, sep="\n")
