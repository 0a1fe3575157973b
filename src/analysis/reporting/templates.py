"""The five templates as one workbook, `templates.xlsx`: written by each review, filled in by a buyer, carried on next month to the cell.

What of it becomes rows of the canonical tables, `sources.pack_reading` reads.

Behind them stand the pages to print for the lots expected (`lot_sheets`), which are not read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis.reporting.columns import Unit, is_number, unit_of
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.lot_sheets import write_lot_sheets
from analysis.reporting.sheet_body import Moments, cell_of, rows_xml, styles_of
from analysis.reporting.sheet_look import (
    A4,
    HEADER_FILL,
    HEADER_LINES,
    LINE,
    NUMBER_HEADER,
    head_height,
    in_words,
    lines_of,
    look_of,
    width_of,
)
from analysis.reporting.template_entries import with_entries, with_marks
from analysis.reporting.template_sheets import (
    HEAD_ROW,
    MONEY,
    STANDING_ROW,
    TEMPLATES,
    WEIGHTS_ROW,
    Template,
    carried_on,
    filled_in,
    heading,
)
from analysis.reporting.words import missing
from analysis.sources.pack import WRITTEN, title_of
from analysis.sources.xlsx import Body, save_reproducibly, write_text
from analysis.wording import LANGUAGES, name_of, say

OWN = PatternFill("solid", start_color="FFFFF2CC")
ASSUMED = Font(italic=True, color="FF8A949E")
"""Of a worth that nobody assessed: it stands there because the rating adds up."""
FORMATS: dict[Unit, str] = {
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "money": "#,##0.00",
    "price": "#,##0.000",
    "count": "#,##0",
}
OWN_TIMES = ("hh:mm:ss", "[h]:mm:ss")
"""Times of day and spans of time, which only a buyer's own columns hold."""
SPARE_ROWS = 200
HINT_WIDTH = 110
"""Characters across which a sheet's hint is written."""

Kept = Mapping[str, pd.DataFrame]


def write_templates(
    tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, file: Path, kept: Kept | None = None
) -> Path:
    """Write the pack of `tables`; what a buyer wrote in the last one (`kept`, from `template_reading.read_templates`) goes on."""
    workbook, kept, bodies = Workbook(), kept or {}, dict[str, Body]()
    workbook.remove(workbook.active)
    results = {
        title_of("selection"): _selection(
            workbook.create_sheet(title_of("selection")), tables, kept.get("weights"), facts.month
        )
    }
    for template, (name, new) in zip(TEMPLATES, filled_in(tables, facts.as_of).items()):
        worded = new.assign(**{column: in_words(template.table, column, new[column]) for column in new})
        rows = with_marks(template, carried_on(template, worded, with_entries(template, kept)))
        bodies[title_of(name)] = _sheet(workbook.create_sheet(title_of(name)), template, rows, facts.month)
    if len(tables.get("inspection_plans", ())):
        write_lot_sheets(workbook.create_sheet(title_of("lots")), tables)
    save_reproducibly(workbook, file, bodies, results)
    return file


# ---- a sheet ----


def _sheet(sheet: Worksheet, template: Template, rows: pd.DataFrame, month: str) -> Body:
    """All but the rows below the head, which are returned; what is missing there is the buyer's to fill in, or not known."""
    _top(sheet, template.name, month)
    columns, moments = [], Moments(*(styles_of(sheet, form, HEAD_ROW + 1) for form in (FORMATS["date"], *OWN_TIMES)))
    for place, column in enumerate(rows.columns, start=1):
        own = column in template.own or column not in (*template.columns, WRITTEN)
        values = rows[column]
        typed = values.infer_objects() if values.dtype == object else values
        _head(sheet.cell(HEAD_ROW, place), heading(template, column), own, is_number(typed))
        unit = "money" if column in MONEY else unit_of(template.table, column, typed)
        number_format = FORMATS.get(unit, "General")
        letter, styles = get_column_letter(place), styles_of(sheet, number_format, HEAD_ROW + 1)
        cells = [None if missing(value) else value for value in values.tolist()]
        columns.append(
            [cell_of(f"{letter}{row}", value, styles, moments) for row, value in enumerate(cells, HEAD_ROW + 1)]
        )
        if column in template.words:
            _drop_down(sheet, place, template.words[column], len(rows))
        widest = 12.0 if is_number(typed) else width_of(values)  # a sum of floats has more digits than are shown
        sheet.column_dimensions[letter].width = min(max(widest, 11), 40)
        sheet.column_dimensions[letter].hidden = column == WRITTEN
    _layout(sheet, [heading(template, column) for column in rows], len(rows))
    area = f"A1:{get_column_letter(len(rows.columns))}{HEAD_ROW + len(rows)}"
    return Body(area, rows_xml(columns, HEAD_ROW + 1))


def _top(sheet: Worksheet, name: str, month: str) -> None:
    write_text(sheet["A1"], f"{title_of(name)} · {month}")
    sheet["A1"].font = Font(bold=True, size=14)
    write_text(sheet["A2"], "\n".join(say(f"pack.hint_{name}", language) for language in reversed(LANGUAGES)))


def _head(cell: Any, text: str, own: bool, number: bool = False) -> None:
    write_text(cell, text)
    cell.fill, cell.alignment = OWN if own else HEADER_FILL, NUMBER_HEADER if number else HEADER_LINES
    cell.font = Font(bold=True, color="FF24313D" if own else "FFFFFFFF")
    if own:
        cell.comment = Comment(text.replace("\n", " / "), "")


def _drop_down(sheet: Worksheet, place: int, words: tuple[str, ...], rows: int) -> None:
    told = [" ".join(say(f"pack.word_{word}", language) for language in reversed(LANGUAGES)) for word in words]
    check = DataValidation(type="list", formula1=f'"{",".join(told)}"', allow_blank=True, showErrorMessage=False)
    letter = get_column_letter(place)
    check.add(f"{letter}{HEAD_ROW + 1}:{letter}{HEAD_ROW + rows + SPARE_ROWS}")
    sheet.add_data_validation(check)


def _hint(sheet: Worksheet, columns: int) -> None:
    """The hint across the first columns, as many as a screen shows, on as many lines as it takes."""
    widths = [sheet.column_dimensions[get_column_letter(place)].width for place in range(1, columns + 1)]
    across = int(np.searchsorted(np.cumsum(widths), HINT_WIDTH)) + 1
    width = sum(widths[:across])
    sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=min(across, columns))
    sheet["A2"].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[2].height = (
        LINE * sum(lines_of(text, width) for text in str(sheet["A2"].value).split("\n")) + 2
    )


def _layout(sheet: Worksheet, heads: Sequence[str], rows: int) -> None:
    _hint(sheet, len(heads))
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 2)
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(heads))}{HEAD_ROW + max(rows, 1)}"
    sheet.row_dimensions[HEAD_ROW].height = head_height(sheet, heads)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"1:{HEAD_ROW}"
    sheet.oddFooter.center.text = "&A · &P / &N"


# ---- the selection sheet ----


def _selection(
    sheet: Worksheet, tables: Mapping[str, pd.DataFrame], weights: pd.DataFrame | None, month: str
) -> dict[str, float]:
    """Worths a supplier and criterion, and the rating that the weights above make of them; returns the formulas' values by cell."""
    _top(sheet, "selection", month)
    values = tables.get("criteria_values", pd.DataFrame())
    if values.empty:
        return {}
    worth = values.pivot(index="supplier", columns="criterion", values="worth")
    assumed = values.pivot(index="supplier", columns="criterion", values="missing").astype(bool)
    standing = values.drop_duplicates("criterion").set_index("criterion")["weight"].reindex(worth.columns)
    chosen = standing if weights is None else weights.set_index("criterion")["weight"].reindex(worth.columns).fillna(standing)  # fmt: skip
    last = get_column_letter(len(worth.columns) + 2)
    heads = ["\n".join(say(f"codebook.{name}", language) if name == "supplier" else say(f"pack.{name}", language) for language in reversed(LANGUAGES)) for name in ("supplier", "rating_own")]  # fmt: skip
    heads += ["\n".join(name_of(name, language) for language in reversed(LANGUAGES)) for name in worth.columns]
    for place, head in enumerate(heads, start=1):
        _head(sheet.cell(HEAD_ROW, place), head, own=False, number=place > 1)
        sheet.column_dimensions[get_column_letter(place)].width = 32 if place == 1 else 13
    for row, name, numbers in ((WEIGHTS_ROW, "weights_row", chosen), (STANDING_ROW, "standing_row", standing)):
        write_text(sheet.cell(row, 1), " ".join(say(f"pack.{name}", language) for language in reversed(LANGUAGES)))
        for place, weight in enumerate(numbers, start=3):
            cell = sheet.cell(row, place, float(weight))
            cell.number_format = "0%"
            if row == WEIGHTS_ROW:
                cell.fill = OWN
    rating = (100 * (worth * chosen).sum(axis=1) / chosen.sum()).sort_values(ascending=False, kind="stable")
    _worths(sheet, worth.reindex(rating.index), assumed.reindex(rating.index), last)
    _layout(sheet, heads, len(rating) + 2)
    sheet.freeze_panes = sheet.cell(STANDING_ROW + 1, 3)
    return {f"B{row}": float(value) for row, value in enumerate(rating, start=STANDING_ROW + 1)}


def _worths(sheet: Worksheet, worth: pd.DataFrame, assumed: pd.DataFrame, last: str) -> None:
    """A row a supplier: its name, the formula of its rating over the columns up to `last`, and its worths, those assumed in italics."""
    own = f"$C${WEIGHTS_ROW}:${last}${WEIGHTS_ROW}"
    known, guess = look_of(sheet, number_format="0.00"), look_of(sheet, number_format="0.00", font=ASSUMED)
    rows = zip(worth.index, worth.to_numpy(float).tolist(), assumed.to_numpy(bool).tolist())
    for row, (supplier, values, guessed) in enumerate(rows, start=STANDING_ROW + 1):
        write_text(sheet.cell(row, 1), str(supplier))
        formula = f"=100*SUMPRODUCT({own},C{row}:{last}{row})/SUM({own})"
        sheet.cell(row, 2, formula).number_format = "0.0"
        for place, (value, is_assumed) in enumerate(zip(values, guessed), start=3):
            sheet.cell(row, place, value)._style = copy(guess if is_assumed else known)
