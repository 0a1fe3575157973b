"""Small lists as buyers write them, written into a folder and read."""

import csv

from openpyxl import Workbook

from analysis.sources.load import check_files


def read(folder, **tables):
    """What the files give: each table is its header and its rows. Every row is accounted for."""
    for name, (head, *rows) in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])
    known = check_files([folder / f"{name}.csv" for name in tables])
    told = known.accounting
    assert (told["rows_in"] == told[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    return known


def book(path, **sheets):
    """What a workbook of sheets gives, each the rows that it holds."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(list(row))
    made.save(path)
    return check_files([path])


def refused(known):
    """Row number -> code of the rows that cannot be used."""
    return dict(zip(known.quarantine["row"], known.quarantine["code"]))


def codes(known):
    """The codes of all remarks."""
    return known.remarks["code"].tolist()
