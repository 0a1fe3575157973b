"""Writes a simulated company in the formats that a buyer really has: platform exports, the ledger, and `source.toml`."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from analysis.simulate.company import Company
from analysis.simulate.dirt import Dirt, dirt_table, export_dirt, spoil_exports
from analysis.simulate.exports import EXPORT_NAME, LINE_HEADERS, Export, grid, monthly_exports, orders_in
from analysis.simulate.ledger_file import LEDGER_FILE, emoji_rows, ledger_tables, spoil_ledger
from analysis.sources.ledger import write_ledger
from analysis.sources.xlsx import save_reproducibly, write_text

EXPORT_SHEET = "订单列表"

SOURCE_TOML = """\
# A simulated company, written by `analysis simulate`: no real buyer, supplier, order or person.
title_en = "Example company (simulated)"
title_zh = "示例公司（模拟数据）"
currency = "CNY"
simulated = true
note_en = "All orders, suppliers and people are invented. Rounds {first} to {last}, {suppliers} suppliers; the example holds wrong rows on purpose."
note_zh = "订单、供应商与人员均为虚构。{first} 至 {last} 共 {rounds} 轮，{suppliers} 家供应商；示例中故意包含错误数据。"
# seed {seed}
"""


def write_company(
    company: Company, folder: Path | str, truth_dir: Path | str | None = None, *, dirty: bool = True
) -> Path:
    """Write `company` as a source folder, as it knew itself on its last day, and the truth beside it.

    Parameters
    ----------
    company
        From `simulate_company`.
    folder
        Made if it is not there; gets `source.toml`, one export a month and the ledger. The exports of a company simulated
        into it before are removed, for a loader would mix them in.
    truth_dir
        Gets `suppliers offers products orders lots dirt .csv`. None: `<folder>_truth` beside the folder, never in it, so that
        no loader can read it.
    dirty
        Put in dirty rows of every kind; `dirt.csv` says where they stand and what must become of each.

    Returns
    -------
    The folder of the truth. The same company gives the same bytes.
    """
    folder = Path(folder)
    truth_dir = Path(truth_dir) if truth_dir is not None else folder.with_name(f"{folder.name}_truth")
    if truth_dir.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"truth_dir must lie outside the source folder, which a loader reads: {truth_dir} lies in {folder}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    truth_dir.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{EXPORT_NAME}_????-??.xls*"):
        old.unlink()
    _write_source_toml(company, folder)
    dirt = [*_write_exports(company, folder, dirty), *_write_ledger(company, folder, dirty)]
    for name, table in (company.truth | {"dirt": dirt_table(dirt)}).items():
        table.to_csv(truth_dir / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")
    return truth_dir


def _write_source_toml(company: Company, folder: Path) -> None:
    text = SOURCE_TOML.format(
        first=company.first_month,
        last=company.last_month,
        rounds=company.rounds,
        suppliers=len(company.tables["suppliers"]),
        seed=company.seed,
    )
    (folder / "source.toml").write_text(text, encoding="utf-8", newline="\n")


def _write_ledger(company: Company, folder: Path, dirty: bool) -> list[Dirt]:
    tables = ledger_tables(company)
    dirt = emoji_rows(tables)
    if dirty:
        tables, slips = spoil_ledger(tables)
        dirt += slips
    write_ledger(folder / LEDGER_FILE, tables, "zh")
    return dirt


def _write_exports(company: Company, folder: Path, dirty: bool) -> list[Dirt]:
    exports = monthly_exports(company)
    if dirty:
        spoil_exports(exports)
    write = {"xlsx": write_xlsx, "text": write_gbk_text, "html": write_html}
    for export in exports:
        write[export.layout.make](export, folder / export.file)
    return export_dirt(exports, EXPORT_SHEET)


def write_xlsx(export: Export, path: Path) -> None:
    """The export as a workbook."""
    workbook = Workbook()
    page: Worksheet = workbook.active
    page.title = EXPORT_SHEET
    for row, cells in enumerate(grid(export), start=1):
        for column, value in enumerate(cells, start=1):
            if isinstance(value, str):
                if value:
                    write_text(page.cell(row, column), value)
            else:
                page.cell(row, column).value = value
    if export.layout.merged:
        _merge_orders(page, export)
    save_reproducibly(workbook, path)
    if export.layout.false_dimension:
        _falsify_dimension(path)


def _merge_orders(page: Worksheet, export: Export) -> None:
    """Merge the order's own cells over its rows, as some exports have them."""
    columns = [place for place, header in enumerate(export.layout.headers, start=1) if header not in LINE_HEADERS]
    for places in orders_in(export.rows):
        whole = [place for place in places if not export.rows[place].spoilt]
        if len(whole) > 1 and whole == places:
            for column in columns:
                page.merge_cells(
                    start_row=places[0] + 2, end_row=places[-1] + 2, start_column=column, end_column=column
                )


def _falsify_dimension(path: Path) -> None:
    """Claim that the sheet consists of the cell A1, as the platform's exports do."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', content)
            new.writestr(entry, content)


def write_gbk_text(export: Export, path: Path) -> None:
    """Comma-separated text in China's own encoding under the name of a workbook."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_as_text(cell) for cell in row] for row in grid(export))
    path.write_bytes(text.getvalue().encode("gb18030"))


def write_html(export: Export, path: Path) -> None:
    """A web page with one table under the name of a workbook."""
    rows = (
        "<tr>" + "".join(f"<td>{html.escape(_as_text(cell))}</td>" for cell in row) + "</tr>" for row in grid(export)
    )
    page = '<html><head><meta charset="utf-8"></head><body><table border="1">\n{}\n</table></body></html>\n'
    path.write_text(page.format("\n".join(rows)), encoding="utf-8", newline="\n")


def _as_text(cell: object) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def read_truth(folder: Path | str) -> dict[str, pd.DataFrame]:
    """The truth tables that `write_company` wrote; order numbers as text, days as dates."""
    tables = {}
    for path in sorted(Path(folder).glob("*.csv")):
        table = pd.read_csv(path, dtype={"order_id": "str"})
        days = [name for name in table if name.endswith("_on")]
        tables[path.stem] = table.assign(**{day: pd.to_datetime(table[day]).astype("datetime64[us]") for day in days})
    return tables
