"""What the process is given before a command runs: streams that may be closed, open files, memory, threads."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from analysis.errors import AnalysisError

HANDLES, MEMORY = 256, 1_500_000_000
"""Open files and bytes of address space without which a review cannot be made."""


def open_streams() -> None:
    """A scheduler may have closed them: what is said is then lost, and no file of ours takes their numbers."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(number)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese is no reason to fail


def check_limits() -> None:
    """`AnalysisError` where this process may open too few files, or use too little memory, to get through."""
    if sys.platform == "win32":
        return
    import resource

    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most > few:
        wanted = 4096 if most == resource.RLIM_INFINITY else min(most, 4096)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(few, wanted), most))
    if (few := resource.getrlimit(resource.RLIMIT_NOFILE)[0]) < HANDLES:
        raise AnalysisError("run.few_handles", most=few, least=HANDLES)
    space = resource.getrlimit(resource.RLIMIT_AS)[0]
    if space != resource.RLIM_INFINITY and space < MEMORY:
        raise AnalysisError("run.little_memory", most=space // 1_000_000, least=MEMORY // 1_000_000)


def one_thread() -> None:
    """For libraries that are not loaded yet: threads for arrays this small cost more than they save, and columns that are
    done with are given back."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
