"""Imports point one way, no file and no folder imports in a circle, and a topic is entered by its door alone."""

import ast
import graphlib
import json
from pathlib import Path

import pytest

import analysis
from analysis.paths import NOTEBOOKS

PACKAGE = Path(analysis.__file__).parent
LAYERS = [
    {"wording", "errors", "paths", "months", "allowed", "rules", "reasons", "current", "workers", "texts_of_tables"},
    {"sources"},
    {"estimates"},
    {"decisions"},
    {"reporting", "assessment", "around_orders", "house_rules", "rules_page"},
    {"store"},
    {"month"},
    {"workbench"},
    {"analysis"},  # the front door
    {"review", "simulate", "weight_decisions", "check_command", "history_command", "unexpected"},
    {"process_limits", "typed", "cli", "__main__"},
]
"""From the ground up; a room imports its own layer's files and what stands below."""
FORBIDDEN_IN_ESTIMATES = {"pathlib", "matplotlib", "analysis.paths", "analysis.rules", "analysis.wording"}
MOST_DOORS = 6


def files(package: Path) -> dict[str, Path]:
    """Every module of `package` by its dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(source: str, modules: set[str], package: str) -> set[str]:
    """The modules of `package` that `source` imports, anywhere in it; `import package` for one attribute names the package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.split(".")[0] == package}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= (inner & modules) or {node.module}
            if not inner <= modules:
                names.add(node.module)
    return names


def edges(package: Path) -> dict[str, set[str]]:
    """What each module of `package` imports of it, itself left out."""
    modules = files(package)
    return {
        name: imported(path.read_text(encoding="utf-8"), set(modules), package.name) - {name}
        for name, path in modules.items()
    }


def topic(module: str, package: Path) -> str:
    """The topic that a module belongs to: the folder of a room's folder, such as `analysis.decisions.stock`; else itself."""
    parts = module.split(".")
    inside = package.joinpath(*parts[1:3])
    return ".".join(parts[:3]) if len(parts) > 2 and inside.is_dir() else module


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules or folders of a circle of imports, in its order; none where there is none."""
    try:
        list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def folders(graph: dict[str, set[str]], package: Path) -> dict[str, set[str]]:
    """The imports between folders: topics and the rooms' own files, a room's door to its topics left out."""
    found: dict[str, set[str]] = {}
    for module, others in graph.items():
        here = topic(module, package)
        found.setdefault(here, set()).update(topic(other, package) for other in others)
        found[here].discard(here)
    return found


def rooms(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The imports between the package's rooms, the first name below it."""
    found: dict[str, set[str]] = {}
    for module, others in graph.items():
        here = room(module)
        found.setdefault(here, set()).update(room(other) for other in others)
        found[here].discard(here)
    return found


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def layer(module: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if room(module) in names)


def going_up(graph: dict[str, set[str]]) -> list[str]:
    return [f"{module} imports {other}" for module in graph for other in graph[module] if layer(other) > layer(module)]


def past_a_door(graph: dict[str, set[str]], package: Path) -> list[str]:
    """Imports of a topic's inside from outside it."""
    return [
        f"{module} imports {other}"
        for module in graph
        for other in graph[module]
        if topic(other, package) not in (other, topic(module, package)) and room(other) in ("estimates", "decisions")
    ]


GRAPH = edges(PACKAGE)


def test_no_file_imports_in_a_circle():
    assert circle(GRAPH) == []


def test_no_folder_imports_in_a_circle():
    assert circle(folders(GRAPH, PACKAGE)) == []
    assert circle(rooms(GRAPH)) == []


def test_no_import_goes_up():
    assert going_up(GRAPH) == []


def test_a_topic_is_entered_by_its_door():
    assert past_a_door(GRAPH, PACKAGE) == []


def test_estimates_know_arrays_and_tables_only():
    for file in (PACKAGE / "estimates").rglob("*.py"):
        tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
        tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        names |= {node.module for node in tree if isinstance(node, ast.ImportFrom) and node.module}
        assert not names & FORBIDDEN_IN_ESTIMATES, file.name


def test_decisions_and_estimates_hand_on_numbers_and_leave_the_sentences_to_reporting():
    inside = {name: names for name, names in GRAPH.items() if name.split(".")[1:2] in (["decisions"], ["estimates"])}
    assert len(inside) > 80
    assert [name for name, names in inside.items() if "analysis.wording" in names] == []


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_imports_from_few_doors(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    assert len({node.module for node in nodes if node.module.split(".")[0] == "analysis"}) <= MOST_DOORS


@pytest.mark.parametrize(
    "name",
    [
        "estimates.lead_time.fit_families",
        "estimates.defect_rate.fit_beta_prior",
        "decisions.inspection_plan.iso2859_plan",
        "decisions.stock.reorder_point",
        "decisions.landed_cost.cost_per_good_piece",
        "decisions.order_quantity.best_order",
    ],
)
def test_the_names_that_outside_checks_call_are_there(name):
    door, verb = name.rsplit(".", 1)
    assert callable(getattr(__import__(f"analysis.{door}", fromlist=[verb]), verb))


# ---- the checks themselves can fail ----


@pytest.fixture
def little(tmp_path):
    """A package `acme` of the files given as {place: text}; returns its folder."""

    def make(**texts: str) -> Path:
        package = tmp_path / "analysis"
        for place, text in texts.items():
            path = package.joinpath(*place.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            (path.parent / "__init__.py").touch()
        (package / "__init__.py").touch()
        return package

    return make


def test_a_circle_of_files_is_named(little):
    package = little(month="from analysis.store import read\n", store="def f():\n    import analysis.month\n")
    assert set(circle(edges(package))) == {"analysis.month", "analysis.store"}


def test_a_circle_of_folders_is_named_where_no_file_has_one(little):
    package = little(
        decisions__a__one="from analysis.decisions.b.two import x\n",
        decisions__a__other="",
        decisions__b__two="",
        decisions__b__three="from analysis.decisions.a import other\n",
    )
    graph = edges(package)
    assert circle(graph) == []
    assert set(circle(folders(graph, package))) == {"analysis.decisions.a", "analysis.decisions.b"}


def test_an_import_that_goes_up_or_past_a_door_is_named(little):
    package = little(
        estimates__a__one="from analysis.decisions.b.two import x\n", decisions__b__two="from analysis.sources import y\n",
        sources__y="",
    )  # fmt: skip
    graph = edges(package)
    told = ["analysis.estimates.a.one imports analysis.decisions.b.two"]
    assert going_up(graph) == told and past_a_door(graph, package) == told
