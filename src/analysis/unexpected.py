"""An error that nobody foresaw: the one sentence that a person gets, and the log that goes to whoever keeps the tool."""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import shlex
import sys
import tempfile
import traceback
from pathlib import Path

from analysis import __version__
from analysis.current import read_desk
from analysis.errors import AnalysisError
from analysis.sources.masking import masked
from analysis.wording import say


def unexpected_error(error: BaseException, place: str = "", trace: str = "") -> AnalysisError:
    """What a person is told of `error`: what to send to whom. Its own text and traceback stand in the log alone.

    `place` and `trace` of a notebook's cell go before those of this process.
    """
    if isinstance(error, MemoryError):
        return AnalysisError("run.no_memory")
    log = _written(place, trace or "".join(traceback.format_exception(error)))
    told = {"version": __version__, "command": _command(), "place": f"{place}: " if place else ""}
    whom = _whom()
    if log is None:
        return AnalysisError("run.unexpected_no_log", **told, **whom)
    return AnalysisError("run.unexpected", log=log, **told, **whom)


def _written(place: str, trace: str) -> Path | None:
    """The log's path; phones, mails, ids, accounts and addresses that an error may quote are masked."""
    now = datetime.datetime.now()
    head = [
        f"{now:%Y-%m-%d %H:%M:%S}",
        f"analysis {__version__}, Python {platform.python_version()}, {platform.platform()}",
    ]
    with contextlib.suppress(OSError):
        folder = Path(tempfile.gettempdir()) / "analysis-logs"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{now:%Y-%m-%d_%H%M%S}_{os.getpid()}.log"
        lines = "\n".join(masked(line) for line in trace.splitlines())
        log.write_text("\n".join([*head, _command(), place, lines, ""]), encoding="utf-8", errors="replace")
        return log
    return None


def _command() -> str:
    name = Path(sys.argv[0]).name if sys.argv else ""
    return shlex.join(["analysis" if name in ("", "__main__.py", "-c") else name, *sys.argv[1:]])


def _whom() -> dict[str, str]:
    support = None
    with contextlib.suppress(AnalysisError, OSError):
        support = read_desk().support
    return {"whom": support or say("run.whom", "en"), "whom_zh": support or say("run.whom", "zh")}
