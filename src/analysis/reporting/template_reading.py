"""What stands in a pack of templates that a buyer filled in, for the next one to carry on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from analysis.decisions.rating import MEASURED
from analysis.reporting.template_entries import entries_in
from analysis.reporting.template_sheets import HEAD_ROW, TEMPLATES, WEIGHTS_ROW, Template, heading
from analysis.sources.folding import normal_header
from analysis.sources.header_row import SEARCHED_ROWS
from analysis.sources.pack import READ, WRITTEN, first_day, is_pack, title_of
from analysis.sources.pseudonyms import key_asked_for
from analysis.wording import LANGUAGES, name_of


def read_templates(file: Path) -> dict[str, pd.DataFrame]:
    """Each sheet's rows under the names of `Template.columns`, columns of the buyer's own under their heads; `entries`: what the buyer
    told in which row and since when (`template_entries`); `weights`: `criterion weight` as the selection sheet has them. Nothing for a
    workbook that is no pack."""
    book = openpyxl.load_workbook(file)
    if not is_pack(book.sheetnames):
        return {}
    found = {template.name: _rows_of(book[title_of(template.name)], template) for template in TEMPLATES if title_of(template.name) in book.sheetnames}  # fmt: skip
    told = [entries_in(name, found[name], first_day(book[title_of(name)]["A1"].value)) for name in READ if name in found]  # fmt: skip
    found = {name: rows.drop(columns=WRITTEN, errors="ignore") for name, rows in found.items()}
    found["entries"] = pd.concat(told, ignore_index=True)
    if title_of("selection") in book.sheetnames:
        found["weights"] = _weights_of(book[title_of("selection")])
    return found


def kept_templates(folder: Path) -> dict[str, pd.DataFrame]:
    """What the newest pack among a source's files holds (by its month, then its name); nothing where none is laid there, or names are
    not to be shown."""
    files = [path for path in folder.glob("*.xlsx") if not path.name.startswith(("~$", ".", "_"))]
    packs = [(month, path) for path in files if (month := _month_of(path)) is not None]
    return read_templates(max(packs)[1]) if packs and not key_asked_for() else {}


def is_pack_file(path: Path) -> bool:
    """Whether `path` is a workbook of templates."""
    return path.suffix.lower() == ".xlsx" and _month_of(path) is not None


def _month_of(path: Path) -> str | None:
    """The month of a pack as a text that sorts ("" where its headings tell none); None for what is no pack."""
    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except Exception:  # a file that cannot be opened is told of by the sources
        return None
    try:
        days = [first_day(book[title_of(name)]["A1"].value) for name in READ if title_of(name) in book.sheetnames]
        return (
            max((f"{day:%Y-%m}" for day in days if day is not None), default="") if is_pack(book.sheetnames) else None
        )
    finally:
        book.close()


def _rows_of(sheet: Worksheet, template: Template) -> pd.DataFrame:
    """The rows below the head, wherever it and its columns stand; wholly blank rows are none, and nothing stands in a key's column that
    a buyer took away."""
    names = {head: column for head, column in READ[template.name].heads().items() if column in template.columns}
    names |= {normal_header(heading(template, column)): column for column in (*template.columns, WRITTEN)}
    above = list(sheet.iter_rows(max_row=SEARCHED_ROWS, values_only=True))
    found = [sum(normal_header(cell) in names for cell in row if cell is not None) for row in above]
    at = found.index(max(found)) if any(found) else HEAD_ROW - 1
    heads = {place: str(cell) for place, cell in enumerate(above[at] if at < len(above) else ()) if cell is not None}
    columns = _apart([names.get(normal_header(head), head) for head in heads.values()])
    below = sheet.iter_rows(min_row=at + 2, values_only=True)
    rows = [[row[place] for place in heads] for row in below if any(value is not None for value in row)]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.assign(**{name: None for name in template.key if name not in table})


def _apart(columns: Sequence[str]) -> list[str]:
    """`columns` where one that stands there already has its number behind it."""
    seen: dict[str, int] = {}
    for name in columns:
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            seen[f"{name} ({seen[name]})"] = 1
    return list(seen)


def _weights_of(sheet: Worksheet) -> pd.DataFrame:
    """The buyer's weights by criterion; an unreadable one is left out."""
    names = {"\n".join(name_of(name, language) for language in reversed(LANGUAGES)): name for name in MEASURED}
    pairs = [(names[head.value], cell.value) for head, cell in zip(sheet[HEAD_ROW], sheet[WEIGHTS_ROW]) if head.value in names and isinstance(cell.value, int | float)]  # fmt: skip
    return pd.DataFrame(pairs, columns=["criterion", "weight"])
