"""Writing `.xlsx` workbooks that are the same bytes each time and that no cell text can turn into a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_AREA = re.compile(rb'<dimension ref="[^"]*"')
_FORMULA = re.compile(rb'(?=<c r="([A-Z]+[0-9]+)")(<c [^>]*><f>[^<]*</f>)<v ?/?>(?:</v>)?</c>')
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def write_text(cell: Cell, text: str) -> None:
    """Put `text` in `cell` as text and nothing else: `=1+1` stays those four characters, also after editing in Excel."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


@dataclass(frozen=True)
class Body:
    """What is put into a sheet beside what the workbook holds itself: `rows` below its own as XML, the `area` that is then filled
    ("A1:K200"), and `links` from a cell to a place outside."""

    area: str
    rows: bytes
    links: Sequence[tuple[str, str]] = ()

    def sheet(self, content: bytes) -> bytes:
        """The sheet's XML with the rows and links."""
        content = _AREA.sub(f'<dimension ref="{self.area}"'.encode(), content, count=1)
        content = content.replace(b"</sheetData>", self.rows + b"</sheetData>", 1)
        if not self.links:
            return content
        links = "".join(f'<hyperlink xmlns:r="{_RELATIONS}" ref="{cell}" r:id="link{n}"/>' for n, (cell, _) in enumerate(self.links))  # fmt: skip
        return content.replace(b"<pageMargins", f"<hyperlinks>{links}</hyperlinks><pageMargins".encode(), 1)

    def relations(self, content: bytes) -> bytes:
        """The sheet's relations with the links' targets."""
        told = "".join(f'<Relationship Id="link{n}" Type="{_RELATIONS}/hyperlink" Target="{escape(target, {chr(34): "&quot;"})}" TargetMode="External"/>' for n, (_, target) in enumerate(self.links))  # fmt: skip
        return content.replace(b"</Relationships>", told.encode() + b"</Relationships>", 1)


def save_reproducibly(
    workbook: Workbook,
    path: Path | str,
    bodies: Mapping[str, Body] | None = None,
    results: Mapping[str, Mapping[str, float]] | None = None,
) -> None:
    """Save `workbook` so that the same cells give the same bytes: no clock in its properties or its zip entries.

    `bodies` by the title of the sheet that they belong to; one with links needs a table on its sheet. `results`: by sheet and
    cell, what a formula comes to, for programs that open a workbook without reckoning.
    """
    numbered = {number: (bodies or {})[title] for number, title in enumerate(workbook.sheetnames, 1) if title in (bodies or {})}  # fmt: skip
    changes = {f"xl/worksheets/sheet{number}.xml": body.sheet for number, body in numbered.items()}
    changes |= {f"xl/worksheets/_rels/sheet{number}.xml.rels": body.relations for number, body in numbered.items()}
    for number, title in enumerate(workbook.sheetnames, 1):
        if known := (results or {}).get(title):
            changes[f"xl/worksheets/sheet{number}.xml"] = partial(_with_results, results=known)
    changes["docProps/core.xml"] = lambda content: _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z\g<3>", content)
    saved = io.BytesIO()
    workbook.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = changes.get(entry.filename, bytes)(old.read(entry))
            fixed = zipfile.ZipInfo(entry.filename, _MOMENT)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            fixed.create_system = 3
            new.writestr(fixed, content)


def _with_results(sheet: bytes, results: Mapping[str, float]) -> bytes:
    def told(match: re.Match[bytes]) -> bytes:
        cell = match[1].decode()
        return match[0] if cell not in results else match[2] + f"<v>{results[cell]!r}</v></c>".encode()

    return _FORMULA.sub(told, sheet)
