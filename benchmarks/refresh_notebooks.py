"""What the repository keeps of the shipped example: the notebooks' text outputs, the codebook and the page of rules; `make notebooks`.

The outputs that stand in the repository are what the tests compare a fresh run with, so they hold text alone: no
pictures, no markup, no counters, no times.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from analysis.around_orders import first_told
from analysis.decisions.sourcing import kept_plan
from analysis.month import open_month
from analysis.paths import NOTEBOOKS, PROCESSED, PROJECT
from analysis.reporting.codebook import codebook
from analysis.review.backtest import KEPT as FORECASTS_KEPT
from analysis.review.backtest import replay
from analysis.rules_page import rules_page

KEPT = ("text/plain",)
OF_THE_MACHINE = "nbval-ignore-output"
"""Tag of cells that show what is on this machine: nothing of them is kept."""


def refresh(path: Path) -> None:
    """Execute the notebook at `path` with its own parameters and store it with normalised outputs."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    path.write_text(nbformat.writes(normalised(notebook)) + "\n", encoding="utf-8")


def normalised(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """`notebook` with nothing kept of its run but what it printed and the text of its results."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count  # a cell that looks as if it had never run is not compared
        kept = [] if OF_THE_MACHINE in cell.metadata.get("tags", []) else cell.outputs
        cell.outputs = [text for output in kept if (text := _text_alone(output, count))]
    return notebook


def _text_alone(output: nbformat.NotebookNode, count: int) -> nbformat.NotebookNode | None:
    if output.output_type == "stream":
        return output
    kept = {kind: output.data[kind] for kind in KEPT if kind in output.get("data", {})}
    if not kept:
        return None
    output.data, output.metadata = nbformat.from_dict(kept), nbformat.from_dict({})
    if "execution_count" in output:
        output.execution_count = count
    return output


def example_codebook() -> str:
    """The codebook of the tables that the notebooks made of the shipped example, and of those that a review keeps besides."""
    example = open_month("example", "2026-10")
    tables = example.store.read_all()
    kept = {name: example.store.kept(name) for name in FORECASTS_KEPT}
    kept["forecasts_plans"] = kept_plan(tables["purchase_plan"], example.month)
    kept["forecasts_risks"] = first_told(tables["risk_register"], example.month, example.as_of)
    return codebook(tables | kept)


def start_afresh() -> None:
    """Forget what was kept of the example and replay its months, so that the track record shown is today's code's."""
    shutil.rmtree(PROCESSED / "example", ignore_errors=True)
    for month, _ in replay(open_month("example", "2026-10")):
        print(month)


if __name__ == "__main__":
    os.environ["ANALYSIS_SOURCE"], os.environ["ANALYSIS_MONTH"] = "example", "2026-10"
    start_afresh()
    for notebook_path in sorted(NOTEBOOKS.glob("*.ipynb")):
        refresh(notebook_path)
        print(notebook_path.name)
    (PROJECT / "docs" / "rules.md").write_text(rules_page(), encoding="utf-8")
    (PROJECT / "docs" / "codebook.md").write_text(example_codebook(), encoding="utf-8")
