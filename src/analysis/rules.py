"""Dated decision rules: what was in force in a month, so that past months recompute unchanged.

`config/rules.toml` holds the house rules, `config/rates.toml` what things cost. `config/<source>.toml`, where there is one,
replaces whole sections for that source (its own lead times, say, need other targets). A section is a list of entries, each in
force from its month `from` until the next one takes over. Every rule is needed in every month; a rate may begin later than
the months reviewed (nobody keeps tariff sheets for ever), and is missed only when something asks for it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from analysis.allowed import Allowed, Chance, Text, allowed_of, in_words
from analysis.errors import RuleError
from analysis.months import MONTH_TEXT
from analysis.paths import CONFIG
from analysis.wording import say

RATES = "rates.toml"


Kind = TypeVar("Kind")
ABOUT = ("from", "source")
"""What an entry says of itself; every other value is a rule's."""
Heard = list[tuple[str, str, str, Allowed]]
"""File, section, key and what it may be, of each value that was read: docs/rules.md is made from it."""


class Section(Mapping[str, Any]):
    """The values of a section in force in `month`, from `file`.

    A value that is missing or that no rule reads is a `RuleError` with file, section and key, also by `get` or `**`: nothing in
    the code stands in for a value of `config/`.
    """

    def __init__(
        self, name: str, month: str, values: Mapping[str, Any], file: str = "config", heard: Heard | None = None
    ):
        self.name, self.month, self.file, self._values, self._heard = name, month, file, dict(values), heard

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            raise RuleError("rules.no_value", file=self.file, section=self.name, month=self.month, value=key)
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def only(self, keys: Iterable[str]) -> dict[str, Any]:
        """The values of `keys`, if they are all there and nothing else is beside what an entry says of itself (`ABOUT`)."""
        known = list(keys)
        for key in self:
            if key not in known and key not in ABOUT:
                told = {"file": self.file, "section": self.name, "month": self.month, "value": key}
                raise RuleError("rules.unknown_value", **told, known=", ".join(sorted(known)))
        return {key: self[key] for key in known}

    def checked(self, allowed: Mapping[str, Allowed]) -> dict[str, Any]:
        """The values named in `allowed`, if each is there and what it may be, and no other is beside them."""
        values = self.only(allowed)
        for key, value in values.items():
            if self._heard is not None:
                self._heard.append((self.file, self.name, key, allowed[key]))
            if not allowed[key].takes(value):
                self.refuse("rules.not_allowed", value=key, reads=_shown(value), **in_words(allowed[key]))
        return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}

    def tables(self, allowed: Mapping[str, Allowed] | None = None) -> dict[str, Section]:
        """The tables in the section by name, each a section; values beside them are those `allowed`, or nothing."""
        tables = {key: value for key, value in self._values.items() if isinstance(value, Mapping)}
        beside = {key: value for key, value in self.items() if key not in tables}
        for key in beside:
            if key not in ABOUT and key not in (allowed or {}):
                self.refuse("rules.no_table", value=key, reads=_shown(beside[key]), known=", ".join([*tables, *(allowed or {})]) or "-")  # fmt: skip
        Section(self.name, self.month, beside, self.file, self._heard).checked(allowed or {})
        return {
            key: Section(f"{self.name}.{key}", self.month, table, self.file, self._heard)
            for key, table in tables.items()
        }

    def read(self, kind: type[Kind], **asked: Any) -> Kind:
        """The dataclass `kind` with the section's values, one a field; `asked` replace them for a run, None does not."""
        allowed = allowed_of(kind)
        values = self.checked(allowed)
        for name, value in asked.items():
            if name not in (known := [each.name for each in fields(cast("Any", kind))]):
                raise RuleError("rules.asked_unknown", value=name, known=", ".join(known))
            if name in allowed and value is not None and not allowed[name].takes(value):
                raise RuleError("rules.asked_not_allowed", value=name, reads=_shown(value), **in_words(allowed[name]))
        try:
            return kind(**values | {name: value for name, value in asked.items() if value is not None})
        except (RuleError, ValueError, TypeError) as error:
            self.refuse_with(error)

    def refuse_with(self, error: Exception) -> NoReturn:
        """`RuleError` with what `error` says, if it is one of ours, and where it stands."""
        self.refuse("rules.unusable", **_told(error))

    def refuse(self, key: str, **told: Any) -> NoReturn:
        """`RuleError` with the sentence `key` and where it stands."""
        raise RuleError(key, file=self.file, section=self.name, month=self.month, **told)


def _shown(value: Any) -> str:
    """A value as it stands in the file, more or less, and not longer than a line."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _told(error: Exception) -> dict[str, str]:
    """What the reader is told of it: one of our own sentences, in either language."""
    if isinstance(error, RuleError):
        return {"problem": error.text("en"), "problem_zh": error.text("zh")}
    return {"problem": say("rules.values_do_not_work", "en"), "problem_zh": say("rules.values_do_not_work", "zh")}


@dataclass(frozen=True)
class Rules:
    """The entries in force in `month`, by section; `files` are the SHA-256 of the files that they came from.

    `later` are the sections of rates that begin only after `month`, with their first month; `file_of` says which file a section
    is from.
    """

    month: str
    sections: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, str]
    later: Mapping[str, str] = field(default_factory=dict)
    file_of: Mapping[str, str] = field(default_factory=dict)
    heard: Heard | None = None

    def __getitem__(self, section: str) -> Section:
        if section in self.later:
            raise _none_in_force(section, self.month, self.later[section])
        if section not in self.sections:
            raise RuleError(
                "rules.no_section", section=section, month=self.month, known=", ".join(sorted(self.sections))
            )
        return Section(section, self.month, self.sections[section], self.file_of.get(section, "config"), self.heard)

    def __contains__(self, section: object) -> bool:
        return section in self.sections

    def read(self, section: str, kind: type[Kind], **asked: Any) -> Kind:
        """The dataclass `kind` with the values of `section` (`Section.read`)."""
        return self[section].read(kind, **asked)


@dataclass(frozen=True)
class Limits:
    """Section `limits`: the `defect_rate` above which a supplier is not accepted, the `interval_level` of credible intervals."""

    defect_rate: Chance
    interval_level: Chance


def rules_in_force(source: str, month: str, folder: Path = CONFIG) -> Rules:
    """The rules and rates for `source` in `month` ("2026-10"); `RuleError` when a section of rules has none in force yet."""
    sections: dict[str, list[dict[str, Any]]] = {}
    rates: set[str] = set()
    files: dict[str, str] = {}
    file_of: dict[str, str] = {}
    for name in ("rules.toml", RATES, f"{source}.toml"):
        path = folder / name
        if not path.exists():
            continue
        text = path.read_bytes()
        files[name] = hashlib.sha256(text).hexdigest()
        parsed = _parsed(text, name)
        if name == f"{source}.toml" and (unknown := sorted(parsed.keys() - sections.keys())):
            known = ", ".join(sorted(sections))
            raise RuleError("rules.unknown_section", file=name, section=unknown[0], known=known)
        sections |= parsed
        file_of |= dict.fromkeys(parsed, name)
        rates |= parsed.keys() if name == RATES else set()
    first = {name: min(entry["from"] for entry in entries) for name, entries in sections.items()}
    later = {name: first[name] for name in sorted(rates) if first[name] > month}
    in_force = {name: _in_force(name, entries, month) for name, entries in sections.items() if name not in later}
    return Rules(month, in_force, files, later, file_of)


def toml_of(text: bytes, name: str) -> dict[str, Any]:
    """A TOML file's values, with or without a byte order mark; `RuleError` with the place of what is none."""
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RuleError("rules.not_utf8", file=name, line=text[: error.start].count(b"\n") + 1) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = place.groups() if place else (text.count(b"\n") + 1, "-")
        raise RuleError("rules.not_toml", file=name, line=line, column=column, problem=error) from error


@lru_cache(maxsize=8)
def _parsed(text: bytes, name: str) -> dict[str, list[dict[str, Any]]]:
    sections = toml_of(text, name)
    for section, entries in sections.items():
        dated = isinstance(entries, list) and all(isinstance(entry, dict) and "from" in entry for entry in entries)
        if not dated or not entries:
            raise RuleError("rules.no_date", file=name, section=section)
        months = [entry["from"] for entry in entries]  # compared as texts
        for month in months:
            if not isinstance(month, str) or not MONTH_TEXT.fullmatch(month):
                raise RuleError("rules.not_a_month", file=name, section=section, text=str(month)[:60])
            if months.count(month) > 1:
                raise RuleError("rules.twice", file=name, section=section, text=month)
        for entry in entries:
            if "source" in entry and not Text().takes(entry["source"]):
                told = {"file": name, "section": section, "month": entry["from"], "value": "source"}
                raise RuleError("rules.not_allowed", **told, reads=_shown(entry["source"]), **in_words(Text()))
    return sections


def _in_force(section: str, entries: list[dict[str, Any]], month: str) -> dict[str, Any]:
    begun = [entry for entry in entries if entry["from"] <= month]
    if not begun:
        raise _none_in_force(section, month, min(entry["from"] for entry in entries))
    return max(begun, key=lambda entry: entry["from"])


def _none_in_force(section: str, month: str, first: str) -> RuleError:
    return RuleError("rules.none_in_force", section=section, month=month, first=first)


def check_sum(weights: Iterable[float], key: str, **told: Any) -> None:
    """`RuleError` with the sentence `key` unless `weights` add up to 1."""
    total = sum(weights)
    if abs(total - 1) > 1e-9:
        raise RuleError(key, total=total, **told)
