"""Dated decision rules: what was in force in a month, so that past months recompute unchanged.

`config/rules.toml` holds the house rules, `config/rates.toml` what things cost. `config/<source>.toml`, where there is one,
replaces whole sections for that source (its own lead times, say, need other targets). A section is a list of entries, each in
force from its month `from` until the next one takes over. Every rule is needed in every month; a rate may begin later than
the months reviewed (nobody keeps tariff sheets for ever), and is missed only when something asks for it.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

from analysis.errors import RuleError
from analysis.months import MONTH_TEXT
from analysis.paths import CONFIG

RATES = "rates.toml"


Kind = TypeVar("Kind")
ABOUT = ("from", "source")
"""What an entry says of itself; every other value is a rule's."""


class Section(Mapping[str, Any]):
    """The values of a section in force in `month`, from `file`.

    A value that is missing or that no rule reads is a `RuleError` with file, section and key, also by `get` or `**`: nothing in
    the code stands in for a value of `config/`.
    """

    def __init__(self, name: str, month: str, values: Mapping[str, Any], file: str = "config"):
        self.name, self.month, self.file, self._values = name, month, file, dict(values)

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

    def tables(self, keys: Iterable[str] = ()) -> dict[str, Section]:
        """The tables in the section by name, each a section; values beside them are `keys` or nothing."""
        tables = {key: value for key, value in self._values.items() if isinstance(value, Mapping)}
        Section(self.name, self.month, {k: v for k, v in self.items() if k not in tables}, self.file).only(keys)
        return {key: Section(f"{self.name}.{key}", self.month, table, self.file) for key, table in tables.items()}

    def read(self, kind: type[Kind], **asked: Any) -> Kind:
        """The dataclass `kind` with the section's values, one a field; `asked` replace them for a run, None does not."""
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        values = self.only(names) | {name: value for name, value in asked.items() if value is not None}
        try:
            return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
        except (ValueError, TypeError) as error:
            raise RuleError("rules.unusable", file=self.file, section=self.name, problem=error) from error


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

    def __getitem__(self, section: str) -> Section:
        if section in self.later:
            raise _none_in_force(section, self.month, self.later[section])
        if section not in self.sections:
            raise RuleError(
                "rules.no_section", section=section, month=self.month, known=", ".join(sorted(self.sections))
            )
        return Section(section, self.month, self.sections[section], self.file_of.get(section, "config"))

    def __contains__(self, section: object) -> bool:
        return section in self.sections

    def read(self, section: str, kind: type[Kind], **asked: Any) -> Kind:
        """The dataclass `kind` with the values of `section` (`Section.read`)."""
        return self[section].read(kind, **asked)


@dataclass(frozen=True)
class Limits:
    """Section `limits`: the `defect_rate` above which a supplier is not accepted, the `interval_level` of credible intervals."""

    defect_rate: float
    interval_level: float

    def __post_init__(self) -> None:
        for name in ("defect_rate", "interval_level"):
            check_number(name, getattr(self, name), lambda x: 0 < x < 1, "rules.not_a_share")


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


def _parsed(text: bytes, name: str) -> dict[str, list[dict[str, Any]]]:
    try:
        sections = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError("rules.not_toml", file=name, problem=error) from error
    for section, entries in sections.items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) and "from" in entry for entry in entries):
            raise RuleError("rules.no_date", file=name, section=section)
        for entry in entries:  # months are compared as texts
            if not isinstance(entry["from"], str) or not MONTH_TEXT.fullmatch(entry["from"]):
                raise RuleError("rules.not_a_month", file=name, section=section, text=entry["from"])
    return sections


def _in_force(section: str, entries: list[dict[str, Any]], month: str) -> dict[str, Any]:
    begun = [entry for entry in entries if entry["from"] <= month]
    if not begun:
        raise _none_in_force(section, month, min(entry["from"] for entry in entries))
    return max(begun, key=lambda entry: entry["from"])


def _none_in_force(section: str, month: str, first: str) -> RuleError:
    return RuleError("rules.none_in_force", section=section, month=month, first=first)


def is_number(value: Any) -> bool:
    """A finite number; true and false are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def check_number(name: str, value: Any, holds: Callable[[float], bool], key: str) -> float:
    """`value` of the rule `name`, if it is a number for which `holds`; else a `RuleError` with the sentence `key`."""
    if not is_number(value) or not holds(value):
        raise RuleError(key, name=name, value=value)
    return value


def check_sum(weights: Iterable[float], key: str, **told: Any) -> None:
    """`RuleError` with the sentence `key` unless `weights` add up to 1."""
    total = sum(weights)
    if abs(total - 1) > 1e-9:
        raise RuleError(key, total=total, **told)


def check_texts(name: str, value: Any, known: Iterable[str] = ()) -> tuple[str, ...]:
    """`value` of the rule `name`, if it is a list of texts (a single text would be taken for its letters), all of them `known`
    where that says what can be meant."""
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise RuleError("rules.not_a_list", name=name, value=value)
    words = list(known)
    for text in value:
        if words and text not in words:
            raise RuleError("rules.not_known", name=name, value=text, known=", ".join(words))
    return tuple(value)
