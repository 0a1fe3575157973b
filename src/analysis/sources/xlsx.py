"""Writing `.xlsx` workbooks that are the same bytes each time and that no cell text can turn into a formula."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def write_text(cell: Cell, text: str) -> None:
    """Put `text` in `cell` as text and nothing else: `=1+1` stays those four characters, also after editing in Excel."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


def save_reproducibly(workbook: Workbook, path: Path | str) -> None:
    """Save `workbook` so that the same cells give the same bytes: no clock in its properties or its zip entries."""
    saved = io.BytesIO()
    workbook.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z\g<3>", content)
            fixed = zipfile.ZipInfo(entry.filename, _MOMENT)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            fixed.create_system = 3
            new.writestr(fixed, content)
