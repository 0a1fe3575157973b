"""The buyer's ledger workbook: its blank template, writing one from tables, and reading one.

A sheet has a line of help in row 1, the headers in row 2 and data from row 3; in a blank one a filled-in example stands between
help and headers, where nothing is read as data. A reader finds the headers by name within the
first rows, so that both languages, moved or left-out columns and a deleted line of help all read alike.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis.errors import SourceError
from analysis.reasons import either
from analysis.sources.cell_numbers import HOME
from analysis.sources.folding import normal_header
from analysis.sources.header_row import HeaderRow, find_headers
from analysis.sources.ledger_example import example_row
from analysis.sources.ledger_sheets import (
    README_NAMES,
    SHEETS,
    LedgerSheet,
    header,
    in_words,
    meaning,
    sheet_called,
    words,
)
from analysis.sources.opening import Sheet
from analysis.sources.order_lines import FROM_EXPORTS
from analysis.sources.quarantine import Reading, note, notes
from analysis.sources.rows_apart import notes_apart, rows_apart
from analysis.sources.rows_below import rows_below, unread_below
from analysis.sources.sideways import read_sideways
from analysis.sources.table_types import Column, RawTable
from analysis.sources.xlsx import save_reproducibly, write_text
from analysis.wording import Language, say

HEADER_ROW = 2
EXAMPLE_ROW = 2
"""Of a blank ledger, whose headers stand below it."""

MOST_NAMED = 8
"""Headers of a column that a sentence names; some have thirty."""
LAST_CHECKED_ROW = 5000
"""Drop-downs and cell checks reach down to this row."""

_FORMATS = {
    "id": "@",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "money": "#,##0.00",
    "count": "0",
    "share": "0.0%",
}
_REQUIRED = PatternFill("solid", fgColor="1F4E79")
_OPTIONAL = PatternFill("solid", fgColor="7F9DB9")
_EXAMPLE = PatternFill("solid", fgColor="EEF2F5")
_HELP = Font(italic=True, color="666666")


# --- writing ----------------------------------------------------------------------------------------------------------


def write_template(path: Path | str, language: Language = "zh") -> None:
    """A blank ledger in `language`, with drop-downs, cell checks, a comment on each header and an example above the headers."""
    write_ledger(path, {}, language)


def write_ledger(path: Path | str, tables: Mapping[str, pd.DataFrame], language: Language = "zh") -> None:
    """A ledger that holds `tables` (canonical columns; any may be absent), as the template would have been filled in.

    A sheet that is optional is written when `tables` has it, and in a blank ledger. `inspections` may have the further column `received_on`: the day the batch arrived. The same tables give the same bytes.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    written = [sheet for sheet in SHEETS if not (tables and sheet.optional) or sheet.table.name in tables]
    _write_readme(workbook.create_sheet(say("ledger.sheet_readme", language)), written, language)
    head = HEADER_ROW if tables else EXAMPLE_ROW + 1
    for sheet in written:
        page = workbook.create_sheet(sheet.title(language))
        rows = tables.get(sheet.table.name)
        _write_headers(page, sheet, language, head)
        if not tables:
            _write_example(page, sheet, language)
        if rows is not None:
            _write_rows(page, sheet, rows, language)
        _add_checks(page, sheet, language, head)
    save_reproducibly(workbook, path)


def _write_readme(page: Worksheet, sheets: list[LedgerSheet], language: Language) -> None:
    page.column_dimensions["A"].width, page.column_dimensions["B"].width, page.column_dimensions["C"].width = 16, 70, 50
    write_text(page["A1"], say("ledger.title", language))
    page["A1"].font = Font(bold=True, size=16)
    places = {sheet.name: sheet.title(language) for sheet in SHEETS}
    for number in range(1, 7):
        cell = page.cell(row=number + 2, column=1)
        write_text(cell, say(f"ledger.readme_{number}", language, **places))
    for column, entry in enumerate(("readme_sheets", "readme_holds", "readme_required"), start=1):
        cell = page.cell(row=10, column=column)
        write_text(cell, say(f"ledger.{entry}", language))
        cell.font = Font(bold=True)
    for row, sheet in enumerate(sheets, start=11):
        required = ", ".join(header(c, language).rstrip("*") for c in sheet.printed if c.required)
        for column, text in enumerate(
            (sheet.title(language), say(f"ledger.holds_{sheet.name}", language), required), start=1
        ):
            write_text(page.cell(row=row, column=column), text)
            page.cell(row=row, column=column).alignment = Alignment(wrap_text=True, vertical="top")


def _write_example(page: Worksheet, sheet: LedgerSheet, language: Language) -> None:
    """One filled-in row above the headers, in the look of the help, which says what it is."""
    stop = "。" if language == "zh" else ". "
    write_text(page["A1"], f"{page['A1'].value}{stop}{say('ledger.example_note', language)}")
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    example = example_row(sheet, language)
    for place, column in enumerate(sheet.printed, start=1):
        cell = page.cell(row=EXAMPLE_ROW, column=place)
        if not pd.isna(value := example[column.name]):
            _write_value(cell, column, pd.Timestamp(value) if column.kind in ("date", "time") else value, language)
        cell.font, cell.fill = _HELP, _EXAMPLE


def _write_headers(page: Worksheet, sheet: LedgerSheet, language: Language, head: int) -> None:
    write_text(page["A1"], say(f"ledger.holds_{sheet.name}", language))
    page["A1"].font = _HELP
    for place, column in enumerate(sheet.printed, start=1):
        cell = page.cell(row=head, column=place)
        write_text(cell, header(column, language))
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _REQUIRED if column.required else _OPTIONAL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.comment = Comment(meaning(column, language), "", width=320, height=90)
        letter = page.column_dimensions[get_column_letter(place)]
        letter.width = _width(column, language)
        letter.number_format = _FORMATS.get(column.kind, "General")
    page.freeze_panes = page.cell(row=head + 1, column=2)
    page.auto_filter.ref = f"A{head}:{get_column_letter(len(sheet.printed))}{head}"


def _width(column: Column, language: Language) -> float:
    least = {"id": 22, "text": 18, "date": 12, "time": 17, "word": 12}.get(column.kind, 9)
    return max(least, len(header(column, language)) * (2 if language == "zh" else 1) + 2)


def _write_rows(page: Worksheet, sheet: LedgerSheet, rows: pd.DataFrame, language: Language) -> None:
    for place, column in enumerate(sheet.printed, start=1):
        if column.name in rows:
            for row, value in enumerate(rows[column.name].tolist(), start=HEADER_ROW + 1):
                if not pd.isna(value):
                    _write_value(page.cell(row=row, column=place), column, value, language)


def _write_value(cell: Cell, column: Column, value: object, language: Language) -> None:
    if column.kind in ("id", "text"):
        write_text(cell, str(value))
    elif column.kind in ("word", "flag"):
        write_text(cell, str(in_words(column, value, language)))
    elif isinstance(value, str):  # a dirty cell that the simulator wants written as it is
        write_text(cell, value)
    elif column.kind in ("date", "time"):
        cell.value = pd.Timestamp(value).to_pydatetime()
    else:
        cell.value = int(value) if column.kind == "count" and float(value).is_integer() else float(value)  # type: ignore[arg-type, call-overload]
    cell.number_format = _FORMATS.get(column.kind, "General")


def _add_checks(page: Worksheet, sheet: LedgerSheet, language: Language, head: int) -> None:
    for place, column in enumerate(sheet.printed, start=1):
        check = _cell_check(column, language)
        if check is not None:
            letter = get_column_letter(place)
            check.add(f"{letter}{head + 1}:{letter}{LAST_CHECKED_ROW}")
            page.add_data_validation(check)


def _cell_check(column: Column, language: Language) -> DataValidation | None:
    """The check of one column's cells; None for free text."""
    if words(column, language):
        check, entry = DataValidation(type="list", formula1=f'"{",".join(words(column, language))}"'), "error_word"
    elif column.kind in ("date", "time"):
        check, entry = DataValidation(type="date", operator="between", formula1="32874", formula2="73415"), "error_date"
    elif column.kind == "count":
        check, entry = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0"), "error_count"
    elif column.kind == "money" and column.name != "discount":
        check, entry = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0"), "error_money"
    elif column.kind == "share":
        check, entry = DataValidation(type="decimal", operator="between", formula1="0", formula2="1"), "error_share"
    elif column.kind in ("number", "money"):
        check, entry = (
            DataValidation(type="decimal", operator="between", formula1="-1E+12", formula2="1E+12"),
            "error_number",
        )
    else:
        return None
    check.allow_blank, check.showErrorMessage, check.showInputMessage = True, True, False
    check.errorTitle, check.error = say("ledger.error_title", language), say(f"ledger.{entry}", language)
    return check


# --- reading ----------------------------------------------------------------------------------------------------------


def is_ledger(sheets: list[Sheet]) -> bool:
    """Whether the workbook is a ledger: two sheets with its names, or one beside its instructions."""
    found = sum(sheet_called(sheet.name) is not None for sheet in sheets)
    return found >= 2 or (found == 1 and any(normal_header(sheet.name) in README_NAMES for sheet in sheets))


def read_ledger(path: Path | str, sheets: list[Sheet]) -> Reading:
    """The rows of a ledger's sheets under canonical names.

    The raw table `inspections` keeps the further column `received_on` of its batches. Sheets that are absent or not the
    ledger's, and columns nobody knows, are remarks (row 0).

    Raises
    ------
    SourceError
        A sheet lacks the header of a required column that no export can tell.
    """
    file = Path(path).name
    raws, remarks, totals = [], [], []
    for sheet in sheets:
        known = sheet_called(sheet.name)
        across = known and read_sideways(known.table.name, file, sheet, known.headers(), HOME)
        if across:
            raws += across.raws
            remarks += across.remarks.to_dict("records")
            totals += across.quarantine.to_dict("records")
        elif known is not None:
            headers = _headers_of(file, sheet, known)
            apart = rows_apart(sheet.cells, headers)
            rows = rows_below(sheet.cells, headers, apart)
            raws.append(
                RawTable(
                    known.table.name,
                    rows,
                    file,
                    sheet.name,
                    letters=headers.letters(),
                    strangers=bool(headers.unknown()),
                    unread=unread_below(sheet.cells, headers),
                )
            )
            remarks += headers.notes(known.table.name, file, sheet.name)
            totals += notes_apart(known.table.name, file, sheet, headers, apart)
        elif normal_header(sheet.name) not in README_NAMES and not sheet.is_blank():
            remarks.append(note("", file, sheet.name, 0, "", "sheet_ignored", near=_near_sheet(sheet.name)))
    present = {known.name for sheet in sheets if (known := sheet_called(sheet.name))}
    for absent in (sheet for sheet in SHEETS if sheet.name not in present and not sheet.optional):
        remarks.append(
            note(absent.table.name, file, absent.zh, 0, "", "sheet_absent", sheet=either(absent.en, absent.zh))
        )
    return Reading(raws, notes(totals), notes(remarks))


def _near_sheet(name: str) -> str:
    names = [text for sheet in SHEETS for text in (sheet.zh, sheet.en)]
    return (difflib.get_close_matches(name, names, n=1, cutoff=0.3) or [SHEETS[3].zh])[0]


def _headers_of(file: str, sheet: Sheet, known: LedgerSheet) -> HeaderRow:
    headers = find_headers(sheet.cells, known.headers())
    lacking = [column for column in known.columns if column.required and column.name not in headers.found()]
    slip = len(lacking) == 1 and bool(headers.unknown())  # the header that nobody knows may be its own
    for column in lacking:
        if slip or known.name != "orders" or column.name not in FROM_EXPORTS:
            raise SourceError(
                "sources.header_missing", file=file, sheet=sheet.name, column=column.name, column_zh=column.zh[0],
                accepted=", ".join((column.name, *column.zh)[:MOST_NAMED]), found=", ".join(filter(None, headers.texts[:8])) or "-",
            )  # fmt: skip
    return headers
