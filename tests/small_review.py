"""A company of three suppliers and the smallest notebooks that make a whole review of it, written into a folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import nbformat

from analysis.review.kernels import Kernels
from analysis.review.make import make_review
from analysis.review.progress import Progress

ORDERS = """order_id,line_no,supplier,sku,ordered_on,received_on,quantity,unit_price,status
1,1,Ada,x,2026-09-02,2026-09-12,10,2.0,received
2,1,Bao,x,2026-09-03,2026-10-05,20,1.5,received
3,1,Chen,y,2026-10-20,,5,3.0,open
4,1,Ada,y,2026-10-31,,5,3.0,open
"""
PARAMETERS = 'source = "acme"\nmonth = "2026-10"\ndata_dir = "data/raw"\nprocessed_dir = "data/processed"\noutput_dir = "reports"'
OPEN = """from analysis.month import open_month
from analysis.review.facts import made_from
review = open_month(source, month, data_dir, processed_dir, output_dir)"""
LOAD = """import pandas as pd
orders = pd.read_csv(review.source_folder / "orders.csv", dtype={"order_id": str})
review.store.write("orders", orders)
review.store.write("inspections", pd.DataFrame({"order_id": pd.Series(dtype=str)}))
review.store.write("quarantine", pd.DataFrame({"file": pd.Series(dtype=str)}))"""
RATES = """import pandas as pd
suppliers = sorted(set(review.store.read("orders")["supplier"]))
rates = pd.DataFrame({"supplier": suppliers, "sku": None, "level": "supplier", "defect_rate": level})
review.store.write("defect_rates", rates.assign(defect_rate_low=level / 2, defect_rate_high=(1 + level) / 2))
review.store.write("lead_times", pd.DataFrame({"supplier": suppliers, "late_probability": 0.5}))
places = range(1, len(suppliers) + 1)
review.store.write("scorecard", pd.DataFrame({"supplier": suppliers, "grade": "B", "rank": places, "rating": 0.5, "rating_low": 0.4, "rating_high": 0.6}))
review.store.write("weights", pd.DataFrame({"month": month, "criterion": ["cost", "quality"], "weight": [0.25, 0.75]}))"""
REPORT = """review.report_folder.mkdir(parents=True, exist_ok=True)
for language in ("zh", "en"):
    (review.report_folder / f"review.{language}.pdf").write_bytes(f"%PDF-1.7 {month} {title}".encode())
(review.report_folder / "review.xlsx").write_bytes(b"PK book")
(review.report_folder / "review.html").write_bytes(b"<!doctype html>")
print(made_from(review)["inputs"])"""

NOTEBOOKS: dict[str, list[str]] = {
    "01_load": ["# Load", PARAMETERS, OPEN, LOAD],
    "02_rates": ["# Rates", f"{PARAMETERS}\nlevel = 0.25\nseed = 7\nquick = False", OPEN, RATES],
    "07_monthly_review": ["# Review", f'{PARAMETERS}\ntitle = "monthly"', OPEN, REPORT],
}


def write_notebook(path: Path, cells: list[str]) -> None:
    """A notebook of `cells`: a text beginning with `#` is prose, the cell that sets `source` holds the parameters."""
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for number, text in enumerate(cells):
        cell = nbformat.v4.new_markdown_cell(text) if text.startswith("# ") else nbformat.v4.new_code_cell(text)
        cell["id"] = f"cell-{number}"
        if text.startswith("source ="):
            cell.metadata["tags"] = ["parameters"]
        made.cells.append(cell)
    nbformat.write(made, path)


def write_company(folder: Path, notebooks: Mapping[str, list[str]] = NOTEBOOKS) -> dict[str, Path]:
    """The company's files below `folder`; returns the folders as `make_review` takes them."""
    source = folder / "raw" / "acme"
    source.mkdir(parents=True)
    (source / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "notebooks").mkdir()
    for name, cells in notebooks.items():
        write_notebook(folder / "notebooks" / f"{name}.ipynb", cells)
    return {
        "data_dir": folder / "raw",
        "processed_dir": folder / "processed",
        "output_dir": folder / "reports",
        "notebooks": folder / "notebooks",
    }


def make(folders: Mapping[str, Path], kernels: Kernels, **asked: object) -> Path:
    """The review of the company's month, without a word; `asked` override what is asked."""
    quiet = Progress(stream=io.StringIO())
    given = {"source": "acme", "month": "2026-10", **folders, "kernels": kernels, "progress": quiet}
    return make_review(**{**given, **asked})
