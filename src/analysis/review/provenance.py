"""What a review was made from, so that anybody can make the same one again.

Nothing here depends on the day, the machine's name or its folders: the same inputs, parameters and code give the same record.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis.decisions.weights import Ledger, LedgerError, read_ledger
from analysis.months import MONTH_TEXT
from analysis.paths import NOTEBOOKS, PROJECT
from analysis.review.notebooks import review_notebooks

if TYPE_CHECKING:
    from analysis.month import ReviewMonth

FILE = "provenance.json"
LIBRARIES = (
    *("numpy", "pandas", "scipy", "pyarrow", "matplotlib", "openpyxl", "python-calamine", "typst"),
    *("papermill", "nbclient", "nbconvert", "ipykernel"),
)
ENTRIES, SEAL = "weights_ledger_entries", "weights_ledger_seal"
CODE = ("src", "notebooks", "config")
"""The folders whose uncommitted changes make a revision's name untrue."""


def provenance_facts(
    month: ReviewMonth, parameters: Mapping[str, Any] | None = None, notebooks: Iterable[Path] | None = None
) -> dict[str, Any]:
    """All that is known before the first notebook runs; each mapping is flat, file or name to value.

    `parameters` are the values that the notebooks run with; `notebooks` are the project's own if not given. `LedgerError` when
    the ledger of weights is not the one that earlier reviews found.
    """
    inputs = files_below(month.source_folder)
    parameters = dict(parameters or {})
    return {
        "source": month.source,
        "month": month.month,
        "as_of": f"{month.as_of:%Y-%m-%d}",
        "seed": parameters.get("seed"),
        "parameters": parameters,
        "package_version": analysis.__version__,
        **git_state(),
        "code_sha256": code_sha256(),
        "python": platform.python_version(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
        "inputs": {_name(path, month.source_folder): sha256(path) for path in inputs},
        "input_bytes": {_name(path, month.source_folder): path.stat().st_size for path in inputs},
        "kept_forecasts": {f"{path.parent.name}/{path.name}": sha256(path) for path in month.store.kept_files()},
        "rules": dict(month.rules.files) | _ledger_file(month.weights_file),
        "rules_in_force": {name: str(entry["from"]) for name, entry in month.rules.sections.items()},
        **_seal(check_ledger(month)),
        "notebooks": {path.name: notebook_sha256(path) for path in sorted(notebooks or review_notebooks(NOTEBOOKS))},
    }


def _ledger_file(path: Path) -> dict[str, str]:
    """The ledger of weights by its hash; nothing where nobody has decided anything yet."""
    return {f"{path.parent.name}/{path.name}": sha256(path)} if path.exists() else {}


def _seal(ledger: Ledger) -> dict[str, Any]:
    """How many entries the ledger of weights has, and the hash of the last; nothing where nobody has decided anything yet."""
    return {ENTRIES: len(ledger.entries), SEAL: ledger.seal} if ledger.entries else {}


def check_ledger(month: ReviewMonth) -> Ledger:
    """The ledger of weights, if it holds every entry that a published review up to `month` recorded as the last.

    Hashes that follow from each other show what was edited by hand, but not that all were computed anew; the reviews show it.
    """
    ledger = read_ledger(month.weights_file)
    hashes = {entry.hash for entry in ledger.entries}
    reports = sorted(path.parent for path in (month.output_dir / month.source).glob(f"*/{FILE}"))
    for folder in reports:
        facts = _recorded(folder) if MONTH_TEXT.fullmatch(folder.name) and folder.name <= month.month else {}
        if SEAL in facts and facts[SEAL] not in hashes:
            told = {"month": folder.name, "number": facts.get(ENTRIES), "seal": str(facts[SEAL])[:12]}
            raise LedgerError("weights.ledger_replaced", file=ledger.path.name, **told)
    return ledger


def published_facts(month: ReviewMonth) -> dict[str, Any] | None:
    """The provenance of the month's published review; None when there is none, nothing in it when somebody has spoilt it."""
    return _recorded(month.report_folder) if (month.report_folder / FILE).exists() else None


def is_open_draft(facts: Mapping[str, Any]) -> bool:
    """Whether a published review is a draft that nobody allowed: the next one takes its place."""
    return bool(facts.get("draft")) and not facts.get("draft_allowed")


def _recorded(report_folder: Path) -> dict[str, Any]:
    """The provenance of a published review; nothing where somebody has spoilt the file, which is no reason to stop."""
    try:
        facts = read_provenance(report_folder)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def output_hashes(report_folder: Path, processed_folder: Path) -> dict[str, str]:
    """The SHA-256 of every file that the review made, by its place in the two folders."""
    return {
        f"{kind}/{_name(path, folder)}": sha256(path)
        for kind, folder in (("reports", report_folder), ("processed", processed_folder))
        for path in files_below(folder)
        if path.name != FILE
    }


def write_provenance(facts: Mapping[str, Any], report_folder: Path) -> Path:
    """Write the facts beside the reports; returns the file."""
    path = report_folder / FILE
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


def read_provenance(report_folder: Path) -> dict[str, Any]:
    """The facts that `write_provenance` wrote."""
    return json.loads((report_folder / FILE).read_text(encoding="utf-8"))


def files_below(folder: Path) -> list[Path]:
    """Every file below `folder` in a fixed order; what the sources pass over by its name (`.`, `_`, `~$`) is none."""
    files = (path for path in folder.rglob("*") if path.is_file())
    passed_over = (".", "_", "~$")
    return sorted(
        path for path in files if not any(part.startswith(passed_over) for part in path.relative_to(folder).parts)
    )


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_sha256(package: Path = Path(analysis.__file__).parent) -> str:
    """One SHA-256 of all files of the package, whether anybody has committed them or not."""
    told = [[_name(path, package), sha256(path)] for path in files_of_code(package)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def files_of_code(package: Path) -> list[Path]:
    """The files of code and wording whose bytes decide the numbers."""
    return sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def notebook_sha256(path: Path) -> str:
    """The SHA-256 of a notebook's cells as written; running it in JupyterLab changes its outputs, not this."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    written = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def git_state(project: Path = PROJECT) -> dict[str, Any]:
    """`git_revision` of the project and whether its code has uncommitted changes; None for both outside a repository."""
    top = _git(project, "rev-parse", "--show-toplevel")
    revision = _git(project, "rev-parse", "HEAD")
    if not top or not revision or Path(top) != project:
        return {"git_revision": None, "uncommitted_changes": None}
    changes = _git(project, "status", "--porcelain", "--", *(folder for folder in CODE if (project / folder).exists()))
    return {"git_revision": revision, "uncommitted_changes": bool(changes)}


def _git(project: Path, *command: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(project), *command], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
