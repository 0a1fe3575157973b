"""What JupyterLab saves of the project's notebooks: their cells as edited, their outputs as `make notebooks` made them.

`make lab` starts the server with this hook. A notebook of the repository that is run by hand and saved stays as it was, byte for byte,
unless a cell was edited; a notebook of one's own is saved as it stands.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import nbformat


def keep_outputs_of_record(model: dict[str, Any], path: str, contents_manager: Any = None, **_: Any) -> None:
    """Jupyter's `pre_save_hook`: put the outputs that stand in the repository back in place of those of this run."""
    file = Path(contents_manager.root_dir) / path.lstrip("/")
    if model["type"] != "notebook" or not file.exists() or not is_tracked(file):
        return
    restore(model["content"], nbformat.read(file, as_version=4))


def is_tracked(file: Path) -> bool:
    """Whether git keeps `file`; where there is no git nothing is tracked."""
    try:
        asked = ["git", "-C", str(file.parent), "ls-files", "--error-unmatch", file.name]
        return subprocess.run(asked, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def restore(edited: dict[str, Any], kept: nbformat.NotebookNode) -> None:
    """Give `edited`, in place, the metadata and outputs of `kept`; a cell that is new there has none yet."""
    cells = {cell["id"]: cell for cell in kept.cells if "id" in cell}
    edited["metadata"] = kept.metadata
    for cell in edited["cells"]:
        old = cells.get(cell.get("id", ""))
        cell["metadata"] = {"tags": cell["metadata"]["tags"]} if old is None and "tags" in cell["metadata"] else {} if old is None else old["metadata"]  # fmt: skip
        if cell["cell_type"] == "code":
            cell["outputs"] = old["outputs"] if old is not None and old["cell_type"] == "code" else []
            cell["execution_count"] = old["execution_count"] if old is not None and old["cell_type"] == "code" else None
