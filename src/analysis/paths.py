"""Where the project's own folders are, whatever folder a program or a notebook was started in."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NOTEBOOKS = PROJECT / "notebooks"
CONFIG = PROJECT / "config"
DATA = PROJECT / "data" / "raw"
PROCESSED = PROJECT / "data" / "processed"
REPORTS = PROJECT / "reports"


def anchored(path: str | Path) -> Path:
    """`path` itself when absolute, else taken from the project's top folder.

    JupyterLab, nbval and papermill each run a notebook in a different folder; its relative paths mean the same in all.
    """
    return (PROJECT / Path(path).expanduser()).resolve()
