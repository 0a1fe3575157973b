"""The notebooks of a review as a program sees them: which there are, what they ask for, what may be set."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.wording import near_names

RESERVED = ("source", "month", "data_dir", "processed_dir", "output_dir")
"""Parameters that the review itself gives; they have options of their own and cannot be `--set`."""

FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ParameterError(AnalysisError):
    """A setting that no notebook understands: wrong usage, told before anything runs."""


@dataclass(frozen=True)
class Notebook:
    """A notebook and the parameters that it declares, with their defaults.

    `alongside`: it needs nothing of the notebook before it, so that both may run at once (metadata `review.alongside`).
    """

    path: Path
    defaults: Mapping[str, Any] = field(default_factory=dict)
    alongside: bool = False

    @property
    def title(self) -> str:
        """02_defect_rates reads "02 defect rates"."""
        return self.path.stem.replace("_", " ").replace("-", " ")

    def takes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of `values` that this notebook declares."""
        return {name: value for name, value in values.items() if name in self.defaults}


def find_notebooks(folder: Path) -> list[Notebook]:
    """The notebooks of a review in their order; `AnalysisError` when there are none or one cannot be read."""
    from analysis.review.execution import declared_parameters, runs_alongside

    paths = review_notebooks(folder)
    if not paths:
        raise AnalysisError("run.no_notebooks", folder=folder)
    return [
        Notebook(path, {name: literal(text) for name, text in declared_parameters(path).items()}, runs_alongside(path))
        for path in paths
    ]


def review_notebooks(folder: Path) -> list[Path]:
    """The files `0*.ipynb` that a review runs; one that says `review.by_hand` in its metadata is for a person alone."""
    return [path for path in sorted(folder.glob("0*.ipynb")) if not _by_hand(path)]


def _by_hand(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["metadata"]["review"]["by_hand"])
    except (ValueError, KeyError, TypeError):  # one that cannot be read is told of where it is opened
        return False


def settable(notebooks: Sequence[Notebook]) -> dict[str, Any]:
    """What `--set` takes, by name, with the notebooks' own values."""
    defaults = {name: value for notebook in notebooks for name, value in notebook.defaults.items()}
    return {name: defaults[name] for name in sorted(defaults) if name not in RESERVED}


def in_groups(notebooks: Sequence[Notebook]) -> list[list[Notebook]]:
    """The notebooks in order, those together that may run at once."""
    groups: list[list[Notebook]] = []
    for notebook in notebooks:
        if notebook.alongside and groups:
            groups[-1].append(notebook)
        else:
            groups.append([notebook])
    return groups


def literal(text: str) -> Any:
    """A Python literal's value; the text itself when it is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def check_settings(settings: Iterable[str], notebooks: Sequence[Notebook]) -> dict[str, Any]:
    """`["level=0.8", ...]` as values of the types that the notebooks declare; `ParameterError` for anything else."""
    defaults = settable(notebooks)
    known = list(defaults)
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or not name:
            raise ParameterError("run.not_a_setting", setting=setting)
        if name in RESERVED:
            raise ParameterError("run.reserved_parameter", name=name)
        if name not in known:
            raise ParameterError("run.unknown_parameter", name=name, near=near_names(name, known))
        values[name] = as_type_of(defaults[name], name, text)
    return values


def as_type_of(default: Any, name: str, text: str) -> Any:
    """`text` as the type of `default`; a default of None takes any literal, or the text itself."""
    kind = type(default)
    try:
        if kind is bool:
            return FLAGS[text.casefold()]
        if kind in (int, float, str):
            return _finite(kind(text))
        value = literal(text)
        if default is None or isinstance(value, kind):
            return value
    except (ValueError, KeyError):
        pass
    raise ParameterError("run.wrong_type", name=name, value=text, kind=kind.__name__, default=default)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise ValueError(value)
    return value


def effective_parameters(notebooks: Sequence[Notebook], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the notebooks run with, folders left out; `notebook.name` where two notebooks differ."""
    seen: dict[str, dict[str, Any]] = {}
    for notebook in notebooks:
        for name, default in notebook.defaults.items():
            seen.setdefault(name, {})[notebook.path.stem] = values.get(name, default)
    parameters: dict[str, Any] = {}
    for name, by_notebook in seen.items():
        distinct = {repr(value) for value in by_notebook.values()}
        if name.endswith("_dir"):
            continue
        if len(distinct) == 1:
            parameters[name] = next(iter(by_notebook.values()))
        else:
            parameters |= {f"{notebook}.{name}": value for notebook, value in by_notebook.items()}
    return parameters
