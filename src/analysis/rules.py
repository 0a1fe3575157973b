"""Dated decision rules: what was in force in a month, so that past months recompute unchanged.

`config/rules.toml` holds the house rules. `config/<source>.toml`, where there is one, replaces whole sections for that
source (its own lead times, say, need other targets). A section is a list of entries, each in force from its month `from`
until the next one takes over.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.paths import CONFIG
from analysis.wording import RuleError


@dataclass(frozen=True)
class Rules:
    """The entries in force in `month`, by section; `files` are the SHA-256 of the files that they came from."""

    month: str
    sections: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, str]

    def __getitem__(self, section: str) -> Mapping[str, Any]:
        if section not in self.sections:
            raise RuleError(
                "rules.no_section", section=section, month=self.month, known=", ".join(sorted(self.sections))
            )
        return self.sections[section]


def rules_in_force(source: str, month: str, folder: Path = CONFIG) -> Rules:
    """The rules for `source` in `month` ("2026-10"); `RuleError` when a section has none in force yet."""
    sections: dict[str, list[dict[str, Any]]] = {}
    files: dict[str, str] = {}
    for name in ("rules.toml", f"{source}.toml"):
        path = folder / name
        if not path.exists():
            continue
        text = path.read_bytes()
        files[name] = hashlib.sha256(text).hexdigest()
        sections |= _parsed(text, name)
    return Rules(month, {name: _in_force(name, entries, month) for name, entries in sections.items()}, files)


def _parsed(text: bytes, name: str) -> dict[str, list[dict[str, Any]]]:
    try:
        sections = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError("rules.not_toml", file=name, problem=error) from error
    for section, entries in sections.items():
        if not isinstance(entries, list) or not all("from" in entry for entry in entries):
            raise RuleError("rules.no_date", file=name, section=section)
    return sections


def _in_force(section: str, entries: list[dict[str, Any]], month: str) -> dict[str, Any]:
    begun = [entry for entry in entries if entry["from"] <= month]
    if not begun:
        first = min(entry["from"] for entry in entries)
        raise RuleError("rules.none_in_force", section=section, month=month, first=first)
    return max(begun, key=lambda entry: entry["from"])
