"""Running one notebook by papermill in a forked kernel, and keeping what it made without traces of the machine."""

from __future__ import annotations

import ast
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import DictLoader
from jupyter_client.manager import KernelManager

from analysis.current import DESK_FILE
from analysis.errors import AnalysisError
from analysis.review.kernels import Kernels
from analysis.wording import LANGUAGES, Language, say


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Import something as if `module`, an optional part of it, were not installed."""
    missing = module not in sys.modules
    if missing:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if missing:
            del sys.modules[module]


with _without("rfc3987_syntax"):  # compiles a grammar that nobody here uses: 0.8 of nbformat's 0.9 seconds
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from nbconvert.exporters import HTMLExporter
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.exceptions import PapermillExecutionError

ENGINE = "review"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
OnCell = Callable[[int, int], None]
"""Called with the number of the code cell about to run, from 1, and how many there are."""

EXPLAIN = (
    "(lambda error: {'en': error.text('en'), 'zh': error.text('zh')} if hasattr(error, 'text') else None)"
    "(getattr(__import__('sys'), 'last_value', None))"
)
"""Asked of a kernel whose cell has failed: an `AnalysisError` knows its sentence in each language."""


class NotebookError(Exception):
    """A cell that failed: which one and why.

    `cell` counts the code cells from 1, as JupyterLab numbers them after "Run All". `told` has the sentence in each
    language when the cell raised an `AnalysisError`; of any other exception people are told its `kind`; its
    `message` may quote what nobody but the log should see.
    """

    def __init__(self, notebook: str, cell: int, kind: str, message: str = "", traceback: str = "", told: Any = None):
        super().__init__(f"{notebook}, cell {cell}: {kind}: {message}")
        self.notebook, self.cell, self.kind, self.message = notebook, cell, kind, message
        self.traceback, self.told = traceback, told

    def text(self, language: Language = "en") -> str:
        """The notebook, the cell and the cause; what is wrong with the month or source asked for needs no place."""
        if self.told and self.kind == "MonthError":
            return self.told[language]
        cause = self.told[language] if self.told else self.kind
        return say("run.cell_failed", language, notebook=self.notebook, cell=self.cell, cause=cause)


def declared_parameters(path: Path) -> dict[str, str]:
    """What the `parameters` cell of a notebook sets: names and the source text of their defaults."""
    try:
        found = papermill.inspect_notebook(str(path))
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise AnalysisError("run.broken_notebook", notebook=path.name) from error
    return {name: parameter["default"] for name, parameter in found.items()}


def runs_alongside(path: Path) -> bool:
    """True where the notebook's metadata say that it may run alongside the one before it."""
    metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
    return bool(metadata.get("review", {}).get("alongside", False))


def run_notebook(
    path: Path, parameters: Mapping[str, Any], kernels: Kernels, environment: Mapping[str, str], on_cell: OnCell
) -> nbformat.NotebookNode:
    """The notebook at `path` executed with `parameters`; `NotebookError` for a cell that fails.

    `environment` is added to the kernel's own. The kernel runs in an empty folder: a notebook finds the project's files
    from the project's top folder, wherever it runs.
    """
    _register()
    failure: dict[str, Any] = {}
    try:
        executed = papermill.execute_notebook(
            str(path), None, dict(parameters), engine_name=ENGINE, kernel_name="python3", progress_bar=False,
            autosave_cell_every=0, kernels=kernels, environment=environment, on_cell=on_cell, failure=failure,
        )  # fmt: skip
    except PapermillExecutionError as error:
        trace = COLOURS.sub("", "\n".join(error.traceback))
        raise NotebookError(
            path.name, failure.get("cell", 1), error.ename, error.evalue, trace, failure.get("told")
        ) from None
    except CellTimeoutError as error:
        told = AnalysisError("run.cell_too_long", minutes=f"{kernels.cell_minutes:g}", file=DESK_FILE)
        raise NotebookError(path.name, failure.get("cell", 1), "CellTimeoutError", told=_in_words(told)) from error
    except DeadKernelError as error:
        told = AnalysisError("run.kernel_ended")
        raise NotebookError(path.name, failure.get("cell", 1), "DeadKernelError", told=_in_words(told)) from error
    return portable(executed)


def _in_words(error: AnalysisError) -> dict[str, str]:
    return {language: error.text(language) for language in LANGUAGES}


class _Client(PapermillNotebookClient):
    """Takes its kernel from `kernels`, shows which cell runs, and asks a failed cell's kernel for the cause."""

    def __init__(self, nb_man: Any, kernels: Kernels, on_cell: OnCell, failure: dict[str, Any], **options: Any):
        super().__init__(nb_man, **options)
        self.kernels, self.on_cell, self.failure = kernels, on_cell, failure
        code = [i for i, cell in enumerate(self.nb.cells) if cell.cell_type == "code" and not _injected(cell)]
        self.numbers = {index: number for number, index in enumerate(code, 1)}

    def create_kernel_manager(self) -> KernelManager:
        self.km = self.kernels.manager()
        return self.km

    def execute_cell(self, cell: Any, cell_index: int, *args: Any, **options: Any) -> Any:
        if cell_index in self.numbers:
            self.failure["cell"] = self.numbers[cell_index]
            self.on_cell(self.numbers[cell_index], len(self.numbers))
        return super().execute_cell(cell, cell_index, *args, **options)

    def papermill_execute_cells(self) -> None:
        super().papermill_execute_cells()
        if any(cell.metadata.get("papermill", {}).get("exception") for cell in self.nb.cells):
            asked = self.kc.execute("", silent=True, user_expressions={"told": EXPLAIN})
            answer = self.wait_for_reply(asked)["content"].get("user_expressions", {}).get("told", {})
            self.failure["told"] = _literal(answer.get("data", {}).get("text/plain"))


class _Engine(NBClientEngine):
    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        kernels: Kernels,
        environment: Mapping[str, str],
        on_cell: OnCell,
        failure: dict[str, Any],
        **_: Any,
    ) -> None:
        client = _Client(
            nb_man, kernels, on_cell, failure, kernel_name=kernel_name, timeout=60 * kernels.cell_minutes, record_timing=False,
            shutdown_kernel="immediate", log=logging.getLogger("papermill"),
        )  # fmt: skip
        client.execute(cwd=str(kernels.folder), env={**kernels.environment, **environment})


def _register() -> None:
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what fails is told by NotebookError
    papermill_engines.register(ENGINE, _Engine)


def _injected(cell: Any) -> bool:
    return "injected-parameters" in cell.metadata.get("tags", [])


def _literal(text: str | None) -> Any:
    return ast.literal_eval(text) if text else None


def portable(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook without clock times, run folders and random ids: two equal runs give equal files."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if _injected(cell):
            cell["id"] = "injected-parameters"
        if "outputs" in cell:
            cell["outputs"] = _coalesced(cell["outputs"])
    return notebook


def _coalesced(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """What a cell printed in one piece: how a busy machine cuts it up is chance."""
    whole: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = whole[-1] if whole else None
        if last is not None and output.output_type == last.output_type == "stream" and output.name == last.name:
            last["text"] += output.text
        else:
            whole.append(output)
    return whole


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write the executed notebook to `path`."""
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


NO_SCRIPTS = dict.fromkeys(
    ("mathjax_url", "require_js_url", "mermaid_js_url", "mermaid_layout_elk_js_url", "jquery_url"), ""
)


def write_html(notebook: nbformat.NotebookNode, title: str, path: Path) -> None:
    """The notebook as one page that asks no network for anything: pictures inside, no scripts from elsewhere."""
    body, _ = _exporter().from_notebook_node(notebook, {"metadata": {"name": title}})
    path.write_text(re.sub(r'<script[^>]* src="">\s*</script>', "", body), encoding="utf-8")


FOLDED = """{%- extends 'lab/index.html.j2' -%}
{%- block input_group -%}<details class="code"><summary>代码 code</summary>{{ super() }}</details>{%- endblock -%}"""
"""A page for readers: prose, tables and pictures; the code behind a click."""


@cache
def _exporter() -> HTMLExporter:
    """One for all pages: a third of a page's time went into its templates."""
    return HTMLExporter(
        **NO_SCRIPTS, extra_loaders=[DictLoader({"folded.html.j2": FOLDED})], template_file="folded.html.j2"
    )
