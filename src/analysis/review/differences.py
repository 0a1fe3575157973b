"""Why two reviews differ, from what each was made of, and in what, from their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.wording import JOINERS, Language, say

Facts = Mapping[str, Any]
WEIGHTS = "weights/"
"""How the name of a source's ledger of weights begins among the rule files."""
MOST_NAMED = 8
OF_FILES = ("accounting", "remarks")
"""Tables that tell of the files as they stand today, also of rows that belong to later months: no results of the month."""


class PublishedError(AnalysisError):
    """The month was published with other results, and nobody asked to replace them."""


@dataclass(frozen=True)
class Cause:
    """One kind of thing that is not as it was, and which of its kind."""

    kind: str
    names: tuple[str, ...]

    def text(self, language: Language) -> str:
        """The difference as a sentence in `language`."""
        return say(f"compare.cause_{self.kind}", language, names=listed(self.names, language))


def listed(names: tuple[str, ...], language: Language) -> str:
    """The first names and how many more there are."""
    text = JOINERS["names"][language][0].join(names[:MOST_NAMED]) or "-"
    more = say("report.and_more", language, count=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else ""
    return text + more


def causes(before: Facts, now: Facts) -> list[Cause]:
    """Everything recorded in the provenance `before` that is not so in `now`, what a reader looks for first first."""
    found = [Cause(kind, names) for kind, names in _changes(before, now) if names]
    return found or [Cause("not_recorded", ())]


def _changes(before: Facts, now: Facts) -> Iterator[tuple[str, tuple[str, ...]]]:
    if before.get("as_of") != now.get("as_of"):
        yield "period", (f"{before.get('as_of')} -> {now.get('as_of')}",)
    old, new = before.get("inputs", {}), now.get("inputs", {})
    yield "inputs_new", tuple(sorted(set(new) - set(old)))
    yield "inputs_changed", tuple(sorted(name for name in set(old) & set(new) if old[name] != new[name]))
    yield "inputs_gone", tuple(sorted(set(old) - set(new)))
    rules = changed(before, now, "rules")
    sections = (f"[[{name}]]" for name in changed(before, now, "rules_in_force"))
    yield "rules", (*(name for name in rules if not name.startswith(WEIGHTS)), *sections)
    yield "weights", tuple(name for name in rules if name.startswith(WEIGHTS))
    yield "parameters", tuple(_moved(before.get("parameters", {}), now.get("parameters", {}), leave=("month",)))
    kept = changed(before, now, "kept_forecasts")
    yield "forecasts", tuple(sorted({name.partition("/")[0] for name in kept}))
    yield "code", tuple(_code(before, now))
    libraries = (before.get("libraries", {}), now.get("libraries", {}))
    pythons = ({"python": before.get("python")}, {"python": now.get("python")})
    yield "libraries", (*_moved(*libraries), *_moved(*pythons))


def changed(before: Facts, now: Facts, what: str) -> tuple[str, ...]:
    """The names in the mapping `what` whose values differ or stand on one side alone."""
    old, new = before.get(what, {}), now.get(what, {})
    return tuple(sorted(name for name in set(old) | set(new) if old.get(name) != new.get(name)))


def _moved(old: Facts, new: Facts, leave: tuple[str, ...] = ()) -> Iterator[str]:
    for name in sorted(set(old) | set(new)):
        if name not in leave and old.get(name) != new.get(name):
            yield f"{name} {old.get(name, '-')} -> {new.get(name, '-')}"


def _code(before: Facts, now: Facts) -> Iterator[str]:
    """The version, the notebooks and, where the package's own files changed, the revisions that they belong to."""
    names = ("package_version",)
    yield from _moved({name: before.get(name) for name in names}, {name: now.get(name) for name in names})
    if before.get("code_sha256") != now.get("code_sha256"):
        old, new = (str(facts.get("git_revision") or "-")[:10] for facts in (before, now))
        yield f"src {old} -> {new}" if old != new else "src"
    yield from changed(before, now, "notebooks")


def different_tables(before: Facts, now: Facts) -> list[str]:
    """The tables and draws of the two reviews that are not the same to the byte, by name; `OF_FILES` are not asked."""
    paths = (name for name in changed(before, now, "outputs") if name.startswith("processed/"))
    names = (path.removeprefix("processed/").removesuffix(".parquet") for path in paths)
    return [name for name in names if name not in OF_FILES]


def check_same_results(source: str, month: str, published: Facts, now: Facts) -> None:
    """`PublishedError` with the causes when a month would be published again with other tables."""
    if not published or different_tables(published, now):
        found = causes(published, now)
        told = {"causes": _joined(found, "en"), "causes_zh": _joined(found, "zh")}
        raise PublishedError("run.published_differs", source=source, month=month, **told)


def _joined(found: list[Cause], language: Language) -> str:
    return ("; ", "；")[language == "zh"].join(cause.text(language) for cause in found)


KEYS = (("order_id", "line_no"), ("supplier", "sku"), ("supplier", "criterion"), ("month", "criterion"), ("supplier",), ("sku",), ("criterion",))  # fmt: skip
"""What may name a row of a table, the first that names each row once in both reviews."""


@dataclass(frozen=True)
class Apart:
    """How two tables differ: rows `gone` and `new` by their names, and how many of the others `changed`.

    Where nothing names a row once (`named` False) a changed row is one gone and one new, and only their numbers are known.
    """

    gone: tuple[str, ...]
    new: tuple[str, ...]
    changed: int
    named: bool = True


def apart_by_key(before: pd.DataFrame, now: pd.DataFrame) -> Apart:
    """The rows of two tables by what names them; the order of rows and of columns is no difference."""
    key = next((list(key) for key in KEYS if all(_names_once(table, key) for table in (before, now))), None)
    if key is None:
        gone, came = rows_apart(before, now)
        return Apart(("",) * gone, ("",) * came, 0, named=False)
    columns = sorted(set(before.columns) | set(now.columns))
    old, new = (_as_texts(table.reindex(columns=columns)).set_index(key) for table in (before, now))
    both = old.index.intersection(new.index)
    changed = (old.loc[both] != new.loc[both]).any(axis=1).sum() if len(old.columns) else 0
    return Apart(_named(old.index.difference(new.index)), _named(new.index.difference(old.index)), int(changed))


def _names_once(table: pd.DataFrame, key: tuple[str, ...]) -> bool:
    return set(key) <= set(table.columns) and not table.duplicated(list(key)).any()


def _named(index: pd.Index) -> tuple[str, ...]:
    return tuple(" ".join(name) if isinstance(name, tuple) else str(name) for name in index)


def rows_apart(before: pd.DataFrame, now: pd.DataFrame) -> tuple[int, int]:
    """How many rows stand in `before` alone and how many in `now` alone; a row that changed is one of each."""
    columns = sorted(set(before.columns) | set(now.columns))
    old, new = (_as_texts(table.reindex(columns=columns)).value_counts() for table in (before, now))
    apart = new.sub(old, fill_value=0)
    return int(-apart[apart < 0].sum()), int(apart[apart > 0].sum())


def _as_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell as text, a missing one too: two missing cells are alike."""
    return table.astype(object).where(table.notna(), "").astype(str)
