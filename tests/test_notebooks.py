"""Each notebook argues: a question, parameters, visible outputs; no rule that a test cannot reach."""

import ast
import re
import statistics
import tempfile
from pathlib import Path

import nbformat
import pytest

from analysis.paths import NOTEBOOKS, PROJECT

PATHS = sorted(NOTEBOOKS.glob("0*.ipynb"))


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_review_has_its_notebooks():
    assert {path.stem[:2] for path in PATHS} >= {"01", "02", "03", "05", "07"}


def test_it_begins_with_a_title_and_its_question(notebook):
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ") and "**Question.**" in first.source
    assert any("**Limits.**" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_one_cell_of_parameters_holds_literals_only(path):
    notebook = nbformat.read(path, as_version=4)
    tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1 and tagged[0] is code(notebook)[0]
    for statement in ast.parse(tagged[0].source).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)  # a derived value would not follow an override


def test_no_functions_classes_loops_or_silenced_warnings(notebook):
    for cell in code(notebook):
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source.replace(";", "")))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda}, cell.source
        assert "filterwarnings" not in cell.source


def test_cells_are_short(notebook):
    lengths = [len(cell.source.splitlines()) for cell in code(notebook)]
    assert statistics.median(lengths) <= 5 and max(lengths) <= 20


def test_kept_outputs_are_text_of_the_example_without_traces_of_a_machine(notebook):
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert len(outputs) >= 3, "run `make notebooks`: without kept outputs a fresh run has nothing to be compared with"
    for output in outputs:
        assert output.output_type in ("stream", "execute_result", "display_data")
        assert set(output.get("data", {})) <= {"text/plain"}
        assert output.get("name", "stdout") == "stdout", "a warning was kept: " + str(output.get("text"))
        assert not any(place in str(output) for place in (str(Path.home()), tempfile.gettempdir(), str(PROJECT)))
        assert not re.search(r"\d\.\d{7,}|\d\.?\d*e-\d\d", str(output)), (
            "round what is shown: the last digits differ by machine"
        )
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
