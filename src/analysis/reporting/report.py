"""The monthly review as files: a PDF in each language and a workbook, all from the same tables."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import pandas as pd

from analysis.reporting.facts import ReviewFacts
from analysis.reporting.html_page import write_page
from analysis.reporting.pdf import compile_pdf
from analysis.reporting.sections import report_content
from analysis.reporting.templates import write_templates
from analysis.reporting.workbook import write_workbook
from analysis.wording import LANGUAGES


def write_review(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, folder: Path) -> list[Path]:
    """Write `review.zh.pdf`, `review.en.pdf`, `review.xlsx`, `review.html` and `templates.xlsx` into `folder`; returns their paths.

    `tables` are the processed tables by name (`previous_scorecard` is last month's, for what changed). A table that is
    absent or empty leaves its section out or reads "not assessed". The same tables and facts give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    present = {name: table for name, table in tables.items() if table is not None}
    files = [folder / f"review.{language}.pdf" for language in LANGUAGES]
    with _writers() as writers, ThreadPoolExecutor() as typesetters:
        contents = writers.map(report_content, repeat(present), repeat(facts), LANGUAGES)
        page = writers.submit(write_page, present, facts, folder / "review.html")
        pack = write_templates(present, facts, folder / "templates.xlsx", facts.templates)
        workbook = write_workbook(present, facts, folder / "review.xlsx")
        for file, pdf in zip(files, typesetters.map(compile_pdf, contents, repeat(facts.as_of))):
            file.write_bytes(pdf)
        return [*files, workbook, page.result(), pack]


def _writers() -> Executor:
    """Where the pages are written while the workbook is: a process each, or one thread where forking is not safe.

    Typst has threads of its own, which a forked process would lack: it sets the pages in this process. From Python 3.12 on a
    process with threads, as a kernel is, is warned not to fork.
    """
    safe = sys.platform != "darwin" and sys.version_info < (3, 12)
    if not safe or "fork" not in multiprocessing.get_all_start_methods():
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(len(LANGUAGES) + 1, multiprocessing.get_context("fork"))
