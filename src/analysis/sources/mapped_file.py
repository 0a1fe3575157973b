"""Reads any table file by the column map of `source.toml` (see `source_map`): the map is the only thing to write for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import SourceError
from analysis.reasons import either
from analysis.sources.allocation import allocate
from analysis.sources.cell_numbers import HOME, read_numbers
from analysis.sources.cells import clean_column, read_ids
from analysis.sources.columns_beside import written_columns
from analysis.sources.folding import normal_header
from analysis.sources.header_row import SEARCHED_ROWS, HeaderRow, check_row_lengths
from analysis.sources.masking import masked
from analysis.sources.opening import Sheet
from analysis.sources.quarantine import COLUMNS, Reading, all_notes, no_notes, note, notes
from analysis.sources.rows_apart import notes_apart
from analysis.sources.rows_below import rows_below
from analysis.sources.source_map import FileMap, SharedCharge
from analysis.sources.table_types import RawTable
from analysis.wording import near_names


@dataclass(frozen=True)
class MappedReading(Reading):
    """`excluded`: the raw rows that `quarantine` tells of, so that their days can be read."""

    excluded: list[RawTable] = field(default_factory=list)


def read_mapped(path: Path | str, sheets: list[Sheet], how: FileMap, currency: str = HOME) -> MappedReading:
    """The rows of one file by its map. Columns that are not mapped are never looked at.

    Raises
    ------
    SourceError
        A sheet or header of the map that the file lacks, with the nearest that it has.
    """
    file = Path(path).name
    sheet = _chosen_sheet(file, sheets, how)
    cells, headers, found = _by_header(file, sheet, how)
    frame = _canonical(file, sheet, how, cells, headers, found.texts, currency)
    strangers = any(str(cell).strip() and normal_header(cell) not in headers for cell in found.texts)
    raw = RawTable(how.table, frame, file, sheet.name, how.known_on, currency=currency, strangers=strangers)
    out, told = _excluded(raw, how, cells)
    remarks = no_notes()
    if how.shared_charge is not None:
        frame, bare = _share(frame, how.shared_charge, cells, currency)
        bare = bare[~bare.isin(out)]
        remarks = notes(
            note(how.table, file, sheet.name, row, how.shared_charge.column, "shared_charge_bare") for row in bare
        )
    kept = replace(raw, frame=frame[~frame.index.isin(out)])
    told = all_notes([told, notes(notes_apart(how.table, file, sheet, found))])
    return MappedReading([kept], told, remarks, [replace(raw, frame=frame.loc[out])])


def _chosen_sheet(file: str, sheets: list[Sheet], how: FileMap) -> Sheet:
    if how.sheet is None:
        return next(sheet for sheet in sheets if not sheet.is_blank())
    for sheet in sheets:
        if sheet.name == how.sheet:
            return sheet
    raise SourceError(
        "sources.map_no_sheet", file=file, sheet=how.sheet, near=near_names(how.sheet, [s.name for s in sheets])
    )


def _by_header(file: str, sheet: Sheet, how: FileMap) -> tuple[pd.DataFrame, dict[str, str], HeaderRow]:
    """The mapped columns of the file under their own headers (normalised -> text of the map), and the headers."""
    wanted = {normal_header(header): header for header in _headers(how)}
    rows = [[normal_header(cell) for cell in row] for row in sheet.cells[:SEARCHED_ROWS]]
    place = max(range(len(rows)), key=lambda row: len(wanted.keys() & set(rows[row])))
    check_row_lengths(file, sheet, place)
    names = [header if header in wanted else None for header in rows[place]]
    found = HeaderRow(place, names, [str(cell) for cell in sheet.cells[place]])
    for header in (*(rule.column for rule in how.exclude), *([how.shared_charge.target] if how.shared_charge else [])):
        if normal_header(header) not in found.found():
            raise SourceError(
                "sources.map_no_header",
                file=file,
                column=header,
                header=header,
                near=near_names(header, map(masked, found.texts)),
            )
    return rows_below(sheet.cells, found), {name: wanted[name] for name in found.found()}, found


def _headers(how: FileMap) -> list[str]:
    mapped = [header for column in how.columns.values() for header in column.headers]
    return [*mapped, *(rule.column for rule in how.exclude), *([how.shared_charge.target] if how.shared_charge else [])]


def _canonical(
    file: str, sheet: Sheet, how: FileMap, cells: pd.DataFrame, headers: dict[str, str], texts: list[str], currency: str
) -> pd.DataFrame:
    blank = (cells.map(lambda cell: cell in ("", None))).all(axis=1) if len(cells.columns) else pd.Series(dtype=bool)
    kinds = {column.name: column.kind for column in written_columns(how.table)}
    columns = {}
    for name, where in how.columns.items():
        if not where.headers:
            columns[name] = pd.Series(where.always, index=cells.index, dtype=object).mask(blank, "")
            continue
        header = next((normal_header(text) for text in where.headers if normal_header(text) in headers), None)
        if header is None:
            near = near_names(where.headers[0], map(masked, filter(None, texts)))
            raise SourceError(
                "sources.map_no_header", file=file, column=name, header=" / ".join(where.headers), near=near
            )
        columns[name] = _times(
            _reworded(cells[header], how.words.get(name, {})),
            where.times,
            kinds[name],
            currency,
        )
    return pd.DataFrame(columns, index=cells.index, dtype=object)


def _reworded(cells: pd.Series, words: dict[str, object]) -> pd.Series:
    if not words:
        return cells
    meant = {text.casefold(): value for text, value in words.items()}
    keys = pd.Series(clean_column(cells), index=cells.index).map(lambda text: text.casefold())
    return cells.mask(keys.isin(meant), keys.map(meant)).astype(object)


def _times(cells: pd.Series, times: float, kind: str, currency: str) -> pd.Series:
    """Numbers by `times`; what is no number stays as it stands, for its fault to be found."""
    if times == 1.0:
        return cells
    read = read_numbers(cells, "number" if kind == "count" else kind, currency)
    return cells.mask(read.values.notna(), read.values * times)


def _excluded(raw: RawTable, how: FileMap, cells: pd.DataFrame) -> tuple[pd.Index, pd.DataFrame]:
    """Row numbers that the map excludes, and their quarantine rows; the first rule that fits gives the reason."""
    found: list[pd.DataFrame] = []
    out = pd.Index([], dtype=cells.index.dtype)
    for rule in how.exclude:
        texts = pd.Series(clean_column(cells[normal_header(rule.column)]), index=cells.index)
        hit = cells.index[texts.isin(rule.values)].difference(out)
        remedy = note(
            raw.table,
            raw.file,
            raw.sheet,
            0,
            rule.column,
            "excluded_by_map",
            reason=either(rule.reason["en"], rule.reason["zh"]),
        )
        found.append(pd.DataFrame({**remedy, "row": hit.to_numpy()}, columns=COLUMNS))
        out = out.union(hit)
    if not len(out):
        return out, no_notes()
    types = {name: "Int64" if name == "row" else "str" for name in COLUMNS}
    return out, pd.concat(found).sort_values("row", kind="stable", ignore_index=True).astype(types)


def _share(
    frame: pd.DataFrame, rule: SharedCharge, cells: pd.DataFrame, currency: str
) -> tuple[pd.DataFrame, pd.Index]:
    """`frame` with each charge shared over its own line and the lines that point to it; index of lines left without one.

    The shares of a charge add up to it. A pointer to a line that holds no number, or to none, leaves the line's charge blank.
    """
    pointed = pd.Series(clean_column(frame[rule.column]), index=frame.index, dtype=str).str.extract(
        rule.pointer.pattern, expand=False
    )
    lines = pd.Series(frame.index, index=read_ids(cells[normal_header(rule.target)]).values.to_numpy())
    lines = lines[~lines.index.duplicated() & lines.index.notna()]
    holder = pointed.map(lines)
    amounts = read_numbers(frame[rule.column].mask(pointed.notna(), None), "money", currency).values
    held = holder.map(amounts)
    bare = frame.index[pointed.notna() & held.isna()]
    holder = holder[held.notna()].astype(frame.index.dtype)
    holder = pd.concat([holder, pd.Series(holder.unique(), index=holder.unique())]).sort_index()
    charges, group = np.unique(holder.to_numpy(), return_inverse=True)
    weights = read_numbers(frame.loc[holder.index, rule.weights], "number").values.fillna(0).clip(lower=0)
    shares = allocate(amounts[charges].to_numpy(), group, weights.to_numpy())
    column = frame[rule.column].copy()
    column[holder.index] = shares
    column[bare] = None
    return frame.assign(**{rule.column: column}), bare
