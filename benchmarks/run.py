"""Runs every benchmark and prints one table: `make bench`, or `python benchmarks/run.py review defect_rate` for some.

A benchmark is a module beside this one with `run() -> list[dict]`; each row says `what` was measured, our `figure`, the
`peer`'s, the `ratio`, the `goal` and whether it is `met`. Peers named in `peers.txt` are installed into `benchmarks/.venv`,
which sees the project's own packages; without a network the benchmarks run without them.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers.txt"
HOME = HERE / ".venv"
COLUMNS = ("what", "figure", "peer", "ratio", "goal", "met")


def with_peers() -> Path:
    """The Python that sees the peers; this one when there are none or they cannot be installed."""
    python = HOME / "bin" / "python"
    stamp = HOME / ".ready"
    if not PEERS.exists():
        return Path(sys.executable)
    if not stamp.exists() or stamp.stat().st_mtime < PEERS.stat().st_mtime:
        venv.create(HOME, clear=True, with_pip=True)
        own = Path(sysconfig.get_path("purelib", vars={"base": str(HOME)}))
        (own / "project.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(PEERS)]
        if subprocess.run(install).returncode:
            print("The peers could not be installed; running without them.", file=sys.stderr)
            return Path(sys.executable)
        stamp.touch()
    return python


def rows(names: list[str]) -> list[dict]:
    """Every benchmark's rows; one that fails has a row that says why, and the others still run."""
    sys.path.insert(0, str(HERE))
    found: list[dict] = []
    for name in names or sorted(path.stem for path in HERE.glob("*.py") if path != Path(__file__).resolve()):
        begun = time.perf_counter()
        module = importlib.import_module(name)
        if not hasattr(module, "run"):
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            found += [{**row, "what": f"{name}: {row['what']}"} for row in module.run()]
        except Exception as error:
            found.append({"what": name, "figure": f"{type(error).__name__}: {error}", "met": False})
        print(f"{name} ... {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return found


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def table(found: list[dict]) -> str:
    cells = [list(COLUMNS), *([shown(row.get(column)) for column in COLUMNS] for row in found)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells)


def main() -> int:
    names = sys.argv[1:]
    if "BENCHMARKS_INSIDE" not in os.environ and (python := with_peers()) != Path(sys.executable):
        return subprocess.run([str(python), __file__, *names], env={**os.environ, "BENCHMARKS_INSIDE": "1"}).returncode
    found = rows(names)
    print(table(found))
    return 0 if all(row.get("met", True) for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
