"""Faults that a review survives: told in a sentence, the last good review byte-identical, nothing left behind; 60 at least.

They are the tests of that kind, run here once more: those that record how many faults they made (`faults`) are counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

PROJECT = Path(__file__).resolve().parents[1]
TESTS = (
    "tests/test_faults.py",
    "tests/test_publish.py",
    "tests/test_cage.py",
    "tests/test_kernels.py::test_no_kernel_outlives_a_killed_review",
    "tests/test_cli.py::test_interrupted_review_leaves_no_process_and_no_report",
)
PLAIN = ("-o", "junit_family=xunit1", "-p", "no:cacheprovider")
LEAST = 60


def counted(report: Path) -> tuple[int, int]:
    """Faults that were survived and tests that failed, of a report of pytest."""
    survived = failed = 0
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            continue
        told = {entry.get("name"): entry.get("value") for entry in case.iter("property")}
        survived += int(told.get("faults") or 0)
    return survived, failed


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", *TESTS, f"--junit-xml={report}", *PLAIN]
        subprocess.run(command, cwd=PROJECT, env=os.environ, stdout=sys.stderr, check=False)
        survived, failed = counted(report)
    return [
        {"what": "faults survived", "figure": survived, "goal": f">= {LEAST}", "met": survived >= LEAST},
        {"what": "faults not survived", "figure": failed, "goal": "0", "met": not failed},
    ]


if __name__ == "__main__":
    print(run())
