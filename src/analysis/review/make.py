"""One month end to end: check what is asked, run the notebooks, check what they made, publish it in one step."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.house_rules import check_rules
from analysis.month import STAGING, ReviewMonth, check_source, open_month
from analysis.paths import NOTEBOOKS, PROJECT
from analysis.reporting.refused import RefusedRows, RefusedRule, refused_rows
from analysis.review import publication_checks
from analysis.review.differences import check_same_results
from analysis.review.execution import run_notebook, write_html, write_notebook
from analysis.review.kernels import Kernels
from analysis.review.notebooks import Notebook, check_settings, effective_parameters, find_notebooks, in_groups
from analysis.review.own_files import keep_own_files
from analysis.review.progress import Progress
from analysis.review.provenance import (
    is_open_draft,
    output_hashes,
    provenance_facts,
    published_facts,
    write_provenance,
)
from analysis.review.publish import publish, staged
from analysis.store import KEPT


@dataclass(frozen=True)
class Expected:
    """The files without which a review is not published."""

    reports: Sequence[str] = publication_checks.REPORTS
    tables: Sequence[str] = publication_checks.TABLES


class DraftError(AnalysisError):
    """The review stands, marked as a draft: too many rows were refused, and nobody allowed it."""


def make_review(
    source: str,
    month: str,
    *,
    data_dir: str | Path | None = None,
    processed_dir: str | Path | None = None,
    output_dir: str | Path | None = None,
    settings: Iterable[str] = (),
    seed: int | None = None,
    notebooks: Path = NOTEBOOKS,
    kernels: Kernels | None = None,
    progress: Progress | None = None,
    expected: Expected | None = None,
    replace: bool = False,
    allow_draft: bool = False,
) -> Path:
    """Make and publish the review of `source` as of the end of `month`; returns the folder of its reports.

    A month that was published with other results is a `PublishedError` unless `replace`. A review of which too many rows were
    refused is a draft: it is put in place with that mark, keeps no forecasts, and is a `DraftError` unless `allow_draft`.

    `settings` ("level=0.8") override the notebooks' parameters, `seed` is a shorthand for one of them. Raises
    `ParameterError` before anything runs, `NotebookError` for a cell that fails and `AnalysisError` for the rest; then the
    last published review stands untouched. Relative folders are taken from the project's top folder.
    """
    review = open_month(source, month, data_dir, processed_dir, output_dir)
    with made_review(
        review, settings=settings, seed=seed, notebooks=notebooks, kernels=kernels, progress=progress, expected=expected
    ) as made:
        standing = published_facts(review)
        refused = _refused(review, made)
        draft = refused is not None and refused.is_draft
        if draft and not allow_draft:
            _forget_forecasts(review, made)
        facts = {**made.facts, "outputs": output_hashes(made.reports, made.tables)}
        if standing is not None and not replace and not is_open_draft(standing):
            check_same_results(source, month, standing, facts)
        if standing is not None or review.report_folder.exists():
            for kept, where in keep_own_files(review.report_folder, standing or {}, made.reports):
                (progress or Progress()).say("run.own_file_kept", file=kept, where=where)
        marks = {"draft": True, "draft_allowed": allow_draft} if draft else {}
        write_provenance({**facts, **marks}, made.reports)
        publish([review.processed_folder, review.report_folder])
    if refused is not None and draft and not allow_draft:
        raise DraftError("run.draft", source=source, month=month, **refused.values())
    return review.report_folder


@dataclass(frozen=True)
class Made:
    """A review that was made and not published: its staging folders and its provenance, outputs included."""

    tables: Path
    reports: Path
    facts: Mapping[str, Any]


@contextlib.contextmanager
def made_review(
    review: ReviewMonth,
    *,
    settings: Iterable[str] = (),
    seed: int | None = None,
    notebooks: Path = NOTEBOOKS,
    kernels: Kernels | None = None,
    progress: Progress | None = None,
    expected: Expected | None = None,
) -> Iterator[Made]:
    """The review made anew and checked, in staging folders that are gone afterwards unless they are published."""
    steps = find_notebooks(notebooks)
    chosen = check_settings([*settings, *([] if seed is None else [f"seed={seed}"])], steps)
    check_source(review.source, review.data_dir)
    for asked in (review, review.previous()):  # the month before is rated anew by its own rules
        check_rules(asked.rules)
    with contextlib.ExitStack() as stack:
        kernels = kernels or stack.enter_context(Kernels())
        progress = progress or Progress()
        places = [review.processed_folder, review.report_folder]
        folders = staged(places, on_wait=lambda holder: progress.say("run.waiting", holder=holder))
        tables, reports = stack.enter_context(folders)
        yield _run(review, steps, chosen, kernels, progress, expected or Expected(), tables, reports)


def _run(
    review: ReviewMonth,
    steps: Sequence[Notebook],
    chosen: Mapping[str, Any],
    kernels: Kernels,
    progress: Progress,
    expected: Expected,
    tables: Path,
    reports: Path,
) -> Made:
    """Run the notebooks into the staging folders `tables` and `reports`, and check what they made."""
    values = {**_given(review), **chosen}
    facts = provenance_facts(review, effective_parameters(steps, values), [step.path for step in steps])
    write_provenance(facts, reports)
    environment = _environment(review, tables, reports)
    with _exports(reports / "notebooks") as export:
        groups = in_groups(steps)
        for number, group in enumerate(groups, 1):
            with _told(progress, number, len(groups), " + ".join(step.title for step in group)):
                for step, executed in _executed(group, values, kernels, environment, progress):
                    export(step, executed)
    _check_inputs_stand(review, facts)
    publication_checks.check_review(reports, tables, expected.reports, expected.tables)
    return Made(tables, reports, {**facts, "outputs": output_hashes(reports, tables)})


def _refused(review: ReviewMonth, made: Made) -> RefusedRows | None:
    """The rows that could not be used; None where no account of them was made."""
    accounting = made.tables / "accounting.parquet"
    rule = review.rules.read("refused_rows", RefusedRule)
    if not accounting.exists():
        return None
    return refused_rows(pd.read_parquet(accounting), pd.read_parquet(made.tables / "quarantine.parquet"), rule)


def _forget_forecasts(review: ReviewMonth, made: Made) -> None:
    """Forecasts of a draft are never scored; those that the month kept before stay."""
    for path in made.tables.glob(f"{KEPT}*.parquet"):
        if not (review.processed_folder / path.name).exists():
            path.unlink()


def _executed(
    group: Sequence[Notebook],
    values: Mapping[str, Any],
    kernels: Kernels,
    environment: Mapping[str, str],
    progress: Progress,
) -> Iterator[tuple[Notebook, Any]]:
    """The notebooks of a group, run at once; the first that failed raises when all have ended."""

    def run(step: Notebook) -> Any:
        return run_notebook(step.path, step.takes(values), kernels, environment, progress.cell)

    if len(group) == 1:
        yield group[0], run(group[0])
        return
    with ThreadPoolExecutor(len(group)) as pool:
        yield from zip(group, list(pool.map(run, group)))


def _given(review: ReviewMonth) -> dict[str, str]:
    """The parameters that name the review; folders inside the project by their place in it, the same on any machine."""
    folders = {name: getattr(review, name) for name in ("data_dir", "processed_dir", "output_dir")}
    return {"source": review.source, "month": review.month} | {
        name: (folder.relative_to(PROJECT) if folder.is_relative_to(PROJECT) else folder).as_posix()
        for name, folder in folders.items()
    }


def _environment(review: ReviewMonth, tables: Path, reports: Path) -> dict[str, str]:
    staging = {"source": review.source, "month": review.month, "processed": str(tables), "reports": str(reports)}
    return {STAGING: json.dumps(staging)}


@contextlib.contextmanager
def _told(progress: Progress, number: int, count: int, title: str) -> Iterator[None]:
    progress.start(number, count, title)
    whole = False
    try:
        yield
        whole = True
    finally:
        progress.done(whole)


@contextlib.contextmanager
def _exports(folder: Path) -> Iterator[Any]:
    """A function that stores an executed notebook, its page written while the next notebook runs."""
    folder.mkdir()
    pages: list[Future[None]] = []
    with ThreadPoolExecutor(1) as writer:

        def export(step: Notebook, executed: Any) -> None:
            write_notebook(executed, folder / step.path.name)
            page = folder / f"{step.path.stem}.html"
            pages.append(writer.submit(write_html, executed, step.title, page))

        yield export
        for page in pages:
            page.result()


def _check_inputs_stand(review: ReviewMonth, facts: Mapping[str, Any]) -> None:
    """Somebody who saves a file while its review runs would get tables of one version under the hash of another."""
    now = provenance_facts(review)
    for what in ("inputs", "rules"):
        changed = sorted(name for name, _ in set(facts[what].items()) ^ set(now[what].items()))
        if changed:
            raise AnalysisError("run.input_changed", file=changed[0])
