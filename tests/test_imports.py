"""Imports point one way: wording, paths, rules -> sources -> estimates -> decisions -> reporting -> the rest."""

import ast
from pathlib import Path

import pytest

import analysis

PACKAGE = Path(analysis.__file__).parent
ROOMS = ["sources", "estimates", "decisions", "reporting"]
GROUND = {"wording", "paths", "rules", "reasons"}
FORBIDDEN_IN_ESTIMATES = {"pathlib", "matplotlib", "analysis.paths", "analysis.rules", "analysis.wording"}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room(module: str) -> str:
    return module.split(".")[1] if module.startswith("analysis.") else ""


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_itself_and_what_stands_below(name):
    allowed = set(ROOMS[: ROOMS.index(name) + 1]) | GROUND
    files = list((PACKAGE / name).rglob("*.py"))
    assert files
    wrong = [(f.name, m) for f in files for m in imported(f) if room(m) and room(m) not in allowed]
    # `from analysis import x` names x as a room too; `__version__` is no module
    assert [entry for entry in wrong if not entry[1].endswith("__version__")] == []


def test_the_ground_imports_no_room():
    for name in GROUND:
        assert {room(m) for m in imported(PACKAGE / f"{name}.py")} <= GROUND | {""}


def test_estimates_know_arrays_and_tables_only():
    for file in (PACKAGE / "estimates").rglob("*.py"):
        assert not {m for m in imported(file) if m in FORBIDDEN_IN_ESTIMATES}, file.name
