"""Which source and month are meant when nobody names them: set once, for the command line and for every notebook.

First the environment (`ANALYSIS_SOURCE`, `ANALYSIS_MONTH`), then `source` and `month` of `config/desk.local.toml`
(`config/desk.example.toml` shows it; git ignores it), then what is there: the one source that did not come with the project,
else the shipped example.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.allowed import Number, in_words
from analysis.errors import AnalysisError, RuleError
from analysis.months import MONTH_TEXT
from analysis.paths import CONFIG, DATA
from analysis.rules import toml_of
from analysis.wording import near_names

SHIPPED = ("case-bags", "case-tool-sets", "example", "scms")
"""The sources that come with the project."""
TRUTH = "_truth"
"""Ends the folder that `analysis simulate` writes beside its company, which is no source."""
EXAMPLE, EXAMPLE_MONTH = "example", "2026-10"
DESK_FILE = "desk.local.toml"
LAST = "last"
"""In place of a month: the last one that is over in the source's time zone."""


class SourceChoice(AnalysisError):
    """Several sources could be meant; `sources` are their names."""

    def __init__(self, sources: Sequence[str]):
        super().__init__("run.which_source", sources=", ".join(sources))
        self.sources = list(sources)


@dataclass(frozen=True)
class Meant:
    """The source that is meant and why: a key of `wording/run.toml`."""

    source: str
    why: str


CELL_MINUTES = 60.0
"""After which a cell of a notebook is given up; the longest of the shipped ones takes seconds."""
MINUTES = Number(0, 1440, above=True)


@dataclass(frozen=True)
class HandOver:
    """The command that a review's files are handed to, word by word; no shell reads it."""

    command: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """How this house runs the tool: nothing here moves a number."""

    source: str | None = None
    month: str | None = None
    hand_over: HandOver | None = None
    cell_minutes: float = CELL_MINUTES
    support: str | None = None
    """Whom to send the log of an error that nobody foresaw."""


def read_desk(folder: Path = CONFIG) -> Desk:
    """`desk.local.toml` in `folder`; an empty desk where there is none. `RuleError` for a key or value that is not understood."""
    path = folder / DESK_FILE
    if not path.exists():
        return Desk()
    told = toml_of(path.read_bytes(), DESK_FILE)
    _check_keys(told, ("source", "month", "hand_over", "cell_minutes", "support"))
    for key in ("source", "month", "support"):
        if key in told and not isinstance(told[key], str):
            raise RuleError("run.desk_not_text", file=DESK_FILE, entry=key, value=told[key])
    minutes = told.get("cell_minutes", CELL_MINUTES)
    if not MINUTES.takes(minutes):
        raise RuleError(
            "run.desk_not_allowed", file=DESK_FILE, entry="cell_minutes", value=minutes, **in_words(MINUTES)
        )
    return Desk(
        told.get("source"),
        _month_or_last(told.get("month")),
        _hand_over(told.get("hand_over")),
        float(minutes),
        told.get("support"),
    )


def _check_keys(told: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in told:
        if key not in known:
            raise RuleError("run.desk_unknown_key", file=DESK_FILE, entry=key, near=near_names(key, known))


def _month_or_last(month: str | None) -> str | None:
    if month is not None and month != LAST and not MONTH_TEXT.fullmatch(month):
        raise RuleError("run.not_a_month", month=month)
    return month


def _hand_over(told: Any) -> HandOver | None:
    if told is None:
        return None
    command = told.get("command") if isinstance(told, dict) else None
    if not isinstance(command, list) or not command or not all(isinstance(word, str) for word in command):
        raise RuleError("run.desk_not_a_command", file=DESK_FILE)
    _check_keys(told, ("command",))
    return HandOver(tuple(command))


def meant_source(data_dir: Path | None = None) -> Meant:
    """The source that is meant where none is named; `SourceChoice` when there are several of one's own."""
    if named := os.environ.get("ANALYSIS_SOURCE"):
        return Meant(named, "run.source_by_environment")
    if named := read_desk().source:
        return Meant(named, "run.source_by_desk")
    folder = data_dir or DATA
    there = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._") if folder.is_dir() else []  # fmt: skip
    there = [name for name in there if not (name.endswith(TRUTH) and name.removesuffix(TRUTH) in there)]
    own = [name for name in there if name not in SHIPPED] or (there if folder != DATA else [])
    if len(own) > 1:
        raise SourceChoice(own)
    return Meant(own[0], "run.source_only") if own else Meant(EXAMPLE, "run.source_example")


def meant_month(source: str) -> str | None:
    """The month that is meant where none is named, may be `last`; None where nobody said."""
    named = _month_or_last(os.environ.get("ANALYSIS_MONTH") or None) or read_desk().month
    return named or (EXAMPLE_MONTH if source == EXAMPLE else None)
