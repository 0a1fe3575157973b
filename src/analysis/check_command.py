"""`analysis check`: what a review would make of files, told before one is run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import AnalysisError, SourceError
from analysis.month import MonthError, ReviewMonth, day_in, newest_day, open_month
from analysis.reporting.aligned import aligned
from analysis.reporting.refused import RefusedRows, RefusedRule, refused_rows
from analysis.sources.load import END_OF_TIME, check_files, data_files, load_source
from analysis.wording import JOINERS, Language, say, worded

if TYPE_CHECKING:
    from pandas.core.groupby import DataFrameGroupBy

    from analysis.sources.load import Snapshot

COUNTS = ["rows_in", "kept", "quarantined", "merged"]
MOST = 40
"""Kinds of remarks that are listed of one sheet; the rest is counted."""
EXAMPLES = 5
"""Rows that are named of one kind of remark."""
NO_CAUSE = "sheet_absent"
"""The remark on a whole sheet that explains nothing of what was refused: such records may not exist."""
SEED = 1
"""Of the draws behind the estimates: whether they can be made does not depend on it."""


def checked(paths: Sequence[Path], language: Language, month: str | None = None) -> tuple[str, list[AnalysisError]]:
    """The report on the files that can be read, and why a review would refuse them; a folder stands for its data files.

    All files of a folder are a source: a review's refusals are told too, of `month` or of the last month that the data reach.
    Other files are read together, as in a review, but what they lack may stand elsewhere.
    """
    try:
        files = [file for path in paths for file in _files(path)]
    except SourceError as error:
        return "", [error]
    packs = JOINERS["names"][language][0].join(file.name for file in files if _is_pack(file))
    told = say("cli.check_pack", language, name=packs) + "\n\n" if packs else ""
    text, refused = _looked_at(paths, files, language, month)
    return told + text, refused


def _is_pack(file: Path) -> bool:
    if file.suffix.lower() != ".xlsx":
        return False
    from analysis.reporting.template_reading import is_pack_file  # a look at other files does without it

    return is_pack_file(file)


def _looked_at(
    paths: Sequence[Path], files: Sequence[Path], language: Language, month: str | None
) -> tuple[str, list[AnalysisError]]:
    """The report on `files`, and why a review would refuse them."""
    folder = _source_of(paths, files)
    try:  # as a whole first: where nothing is wrong every file is read once
        if folder is None:
            return report(check_files(files), language), []
        known = load_source(folder).known(END_OF_TIME)
    except SourceError as error:
        alone = folder is None and len(files) == 1
        return ("", [error]) if alone else _by_file(files, error, language)
    refused = _refusals(folder, known, month)
    return report(known, language, stands=not refused), refused


def _by_file(files: Sequence[Path], error: SourceError, language: Language) -> tuple[str, list[AnalysisError]]:
    """What is wrong with each of the files, which could not be read together for `error`, and the report on the others."""
    faults = [(file, fault) for file in files if (fault := _fault(file))]
    told: list[AnalysisError] = [fault for _, fault in faults] or [error]
    readable = [file for file in files if file not in dict(faults)]
    try:
        return report(check_files(readable), language, stands=False) if readable else "", told
    except SourceError:
        return "", told


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if not (found := data_files(path)):
        raise SourceError("sources.folder_empty", name=path.name, folder=path)
    return found


def _fault(path: Path) -> SourceError | None:
    try:
        check_files([path])
    except SourceError as error:
        return error
    return None


def _source_of(paths: Sequence[Path], files: Sequence[Path]) -> Path | None:
    """The folder all of whose data files are looked at; None for a part of them."""
    folders = {path.resolve() if path.is_dir() else path.resolve().parent for path in paths}
    if len(folders) != 1 or not all(path.exists() for path in paths):
        return None
    (folder,) = folders
    try:
        return folder if {file.resolve() for file in files} >= set(data_files(folder)) else None
    except OSError:  # a folder of which not all can be looked at is no source
        return None


# ---- what a review would refuse ----


def _refusals(folder: Path, known: Snapshot, month: str | None) -> list[AnalysisError]:
    """The sentence with which a review of the source in `folder` would stop before its notebooks, or that it is a draft."""
    try:
        review, seen = _reviewable(folder, known, month)
        refused = refused_rows(seen.accounting, seen.quarantine, review.rules.read("refused_rows", RefusedRule))
        if refused.is_draft:
            return [draft_error(review, refused)]
        _rated(review, seen)
    except AnalysisError as error:
        return [error]
    return []


def _rated(review: ReviewMonth, seen: Snapshot) -> None:
    """The scorecard as notebooks 02 to 05 make it, for what it refuses: rules, rates, currencies, the ledger of weights."""
    from analysis.assessment import assess  # what a look at files alone does without
    from analysis.decisions.weights import criteria_in
    from analysis.house_rules import check_rules
    from analysis.review.provenance import check_ledger

    check_rules(review.rules)
    criteria = criteria_in(review.rules, check_ledger(review))
    try:
        assess(seen.tables, review.as_of, review.rules, review.currency, SEED, criteria=criteria)
    except AnalysisError:
        raise
    except Exception as error:  # a review's cell would fail by it
        from analysis.unexpected import unexpected_error

        raise unexpected_error(error) from error


def draft_error(review: ReviewMonth, refused: RefusedRows) -> AnalysisError:
    """The review would be published as a draft: too many rows were refused."""
    return AnalysisError("run.draft", source=review.source, month=review.month, **refused.values())


def _reviewable(folder: Path, known: Snapshot, month: str | None) -> tuple[ReviewMonth, Snapshot]:
    """The month asked for; else the newest that a review would take, or the refusal of the newest one in the data."""
    months = [month] if month else _candidates(known)
    refusals: list[AnalysisError] = []
    for name in months:
        review = open_month(folder.name, name, folder.parent)
        try:
            return review, review.load()
        except (MonthError, SourceError) as error:
            refusals.append(error)
    raise refusals[0]


def _candidates(known: Snapshot) -> list[str]:
    """The month of the newest event, or the last that `source.toml` allows; the one before it; the last that is over."""
    today = day_in(known.info.time_zone)
    newest = newest_day(known.tables)
    last = pd.Period(today if newest is None else newest, "M")
    last = min(last, pd.Period(known.info.last_month or last, "M"))
    return list(dict.fromkeys(str(period) for period in (last, last - 1, pd.Period(today, "M") - 1)))


# ---- the report ----


def report(known: Snapshot, language: Language, stands: bool = True) -> str:
    """Row accounting of every sheet, what explains the most (a sheet or column not read), then what was refused and why, then
    what was kept although odd; that every row can be used only where a review `stands`."""
    accounting = known.accounting
    heads = [say(f"cli.check_{name}", language) for name in ("file", "sheet", "table", *COUNTS)]
    parts = [
        aligned([heads, *accounting[["file", "sheet", "table", *COUNTS]].astype(str).to_numpy().tolist()], right=4)
    ]
    remarks = known.remarks
    of_sheets = (remarks["row"].fillna(0) < 1) & (remarks["code"] != NO_CAUSE)
    for kind, notes in (
        ("causes", remarks[of_sheets]),
        ("quarantine", known.quarantine),
        ("remarks", remarks[~of_sheets]),
    ):
        if len(notes):
            parts.append(f"{say(f'cli.check_{kind}', language, count=len(notes))}\n{_listed(notes, language)}")
    unread = remarks[of_sheets & (remarks["table"] == "")]
    if accounting.empty:
        parts.append(say("cli.check_no_rows", language))
    elif not len(known.quarantine) and stands:
        clean = "check_clean_but" if len(unread) else "check_clean"
        parts.append(say(f"cli.{clean}", language, count=len(unread)))
    return "\n\n".join(parts)


def _listed(notes: pd.DataFrame, language: Language) -> str:
    lines: list[str] = []
    for (file, sheet), rows in notes.groupby(["file", "sheet"], sort=False, dropna=False):
        lines.append(f"{file} {sheet}".strip())
        kinds = _kinds(rows)
        lines += [_told(alike, language) for _, alike in islice(kinds, MOST)]
        if (count := kinds.ngroups) > MOST:
            lines.append(f"  {say('cli.check_more', language, count=count - MOST)}")
    return "\n".join(lines)


NAMED = (
    "name_spelled", "supplier_near", "sku_near", "variants_share_number", "category_differs", "category_of_article",
    "line_vanished", "cell_error", "formula_not_stored",
)  # fmt: skip
"""Remarks on a name, a line or a cell, which are alike when they are about the same one."""


def _kinds(rows: pd.DataFrame) -> DataFrameGroupBy:
    """The remarks on a sheet that say the same."""
    whole = rows["row"].fillna(0) < 1
    own = rows["reason"].where(whole | rows["code"].isin(NAMED), "")  # remarks on whole sheets are few and each its own
    return rows.groupby(["code", "column", "remedy", own.rename("own")], sort=False, dropna=False)


def _told(alike: pd.DataFrame, language: Language) -> str:
    """A line: the rows, the first one's reason, and the remedy that all of them have."""
    first = alike.iloc[0]
    place = "" if pd.isna(first["row"]) or first["row"] < 1 else f"{_places(alike['row'].tolist(), language)}: "
    between = " " if language == "en" else ""
    return f"  {place}{worded(first['reason'], language)}{between}{worded(first['remedy'], language)}".rstrip()


def _places(rows: list[int], language: Language) -> str:
    """`3`, `3, 5, 8`, or `3, 5, 8, 9, 12 ... (40 rows)`."""
    text = ", ".join(str(row) for row in rows[:EXAMPLES])
    return text if len(rows) <= EXAMPLES else say("cli.check_rows", language, rows=text, count=len(rows))
