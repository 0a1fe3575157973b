"""What somebody typed as a name is printed as it stands in figures, pages, sheets and sentences, and never read as anything else."""

import csv
import io
import re
import unicodedata

import matplotlib as mpl
import openpyxl
import pandas as pd
import pytest
import subsets
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from analysis.month import open_month
from analysis.reasons import reason
from analysis.reporting import blocks, plot_style, plots
from analysis.reporting.figures import as_svg, axes_in_row, drawing
from analysis.reporting.glyphs import printable
from analysis.reporting.pdf import compile_pdf
from analysis.reporting.sentences import worded_in_both
from analysis.simulate import simulate_company
from analysis.sources.cells import clean_text
from analysis.sources.known import Snapshot
from analysis.sources.load import check_files
from analysis.sources.long_texts import LONGEST_NAME
from analysis.sources.xlsx import save_reproducibly, write_text
from analysis.wording import worded

AS_OF = pd.Timestamp("2026-10-31")
HOSTILE = (
    "$x^2_$ $\\frac$", "\\alpha {", "#panic() *b* `c` @ref", "<script>alert(1)</script>&amp;", "=HYPERLINK(1)", "＝1+1", "＠SUM",
    "_hidden", "a\nb\r\nc", "\u202eabc\u202d", "{name} {0} %s", '{"key":"name","nothing":1}', '{"key":[]}', "'", '"', "×", "🏭", "㊙",
    "x" * 100_000, "العربية", "~$a", "-", "//", "NaN ", "1e5", "合计厂",
)  # fmt: skip
WORDS = st.lists(st.text(min_size=1, max_size=40) | st.sampled_from(HOSTILE), min_size=5, max_size=15)
HEAD = ["order_id", "supplier", "sku", "ordered_on", "quantity", "unit_price"]


def _bare(name: str) -> str:
    """As a page's text holds it: without blanks, full-width signs as the font's plain ones."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", printable(name)))


def read(names, folder) -> Snapshot:
    """What is known of a file of orders in which `names` stand for suppliers and articles."""
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEAD)
        for number, name in enumerate(names):
            writer.writerow([f"A{number}", name, name, "2026-10-05", 5, 2.5])
        writer.writerow(["Z", "Bao", "z", "2026-10-05", 5, 2.5])
    known = check_files([folder / "orders.csv"])
    account = known.accounting.iloc[0]
    assert account["rows_in"] == account[["kept", "quarantined", "merged"]].sum() == len(names) + 1
    return known


@examples(4, derandomize=True)
@given(names=WORDS)
def test_any_text_as_a_name_is_read_drawn_and_printed(names, tmp_path_factory):
    orders = read(names, tmp_path_factory.mktemp("names")).tables["orders"]
    suppliers = orders["supplier"].drop_duplicates().tolist()
    assert all(len(name) <= LONGEST_NAME for name in [*suppliers, *orders["sku"].dropna()])
    card = pd.DataFrame({"supplier": suppliers, "rating": 50.0, "rating_low": 40.0, "rating_high": 60.0, "grade": "B"})
    with drawing():
        ax = plots.plot_ratings(card, ax=axes_in_row(1, 2.0)[0])
        as_svg(ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [plot_style.shortened(printable(name)) for name in suppliers]
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row, name in enumerate(suppliers, start=1):
        write_text(book.active.cell(row, 1), name)
        told = worded(reason("decisions.change", direction=name, cause=name))
        assert told == f"{name}, mostly by {name}"
    save_reproducibly(book, file)
    found = [cell for [cell] in openpyxl.load_workbook(file).active.iter_rows(max_col=1)]
    assert all(cell.data_type == "s" for cell in found if cell.value is not None)


def test_figures_pages_and_sheets_print_hostile_names_as_they_stand(tmp_path):
    suppliers = [clean_text(name)[:30] for name in HOSTILE]
    rates = pd.DataFrame({"supplier": suppliers, "inspected": 9, "defective": 1, "defect_rate": 0.1, "defect_rate_low": 0.0, "defect_rate_high": 0.3, "p_over_limit": 0.5})  # fmt: skip
    with drawing():
        svg = as_svg(plots.plot_defect_rates(rates, ax=axes_in_row(1, 6.0)[0]))
        curves = pd.DataFrame({"plan": "$a$", "defect_rate": [0.0, 0.1], "p_accept": [1.0, 0.0]})
        svg += as_svg(plots.plot_operating_curves(curves, ax=axes_in_row(1, 2.0)[0]))
    assert "&lt;script&gt;" in svg and "$x^2_$" in svg and "$a$" in svg and "<script" not in svg
    front = {"title": "t", "subtitle": "s", "tiles": [], "blocks": []}
    page = {"title": HOSTILE[2], "author": "a", "date": [2026, 10, 31], "language": "en", "header": {"left": "l", "right": "r"}, "footer": "f", "figure_word": "F", "banner": None, "contents": "c", "front": front}  # fmt: skip
    table = blocks.table([blocks.column("name", "left")], [[name] for name in suppliers])
    pdf = compile_pdf({**page, "sections": [blocks.section(HOSTILE[0], [table])]}, AS_OF)
    text = re.sub(r"\s+", "", "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages))
    text = unicodedata.normalize("NFKC", text)
    assert [name for name in suppliers if _bare(name) not in text] == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "\t=1"])
def test_a_text_that_a_spreadsheet_might_reckon_is_marked_as_text(text):
    cell = openpyxl.Workbook().active["A1"]
    write_text(cell, text)
    assert cell.data_type == "s" and cell.quotePrefix


@pytest.mark.parametrize("name", ["x" * 201, "𝕏" * 201, "ﷺ" * 12, "①②" * 300, "…" * 150, "x" * 199 + " y"])
def test_a_cut_text_is_short_also_in_its_plain_form(name, tmp_path):
    """A number of the house is read in plain letters: 12 characters of one word of greeting are 216 there, 150 dots of three 450."""
    orders = read([name, f"{name}2"], tmp_path).tables["orders"]
    for column in ("supplier", "sku"):
        told = orders[column].tolist()
        assert all(len(unicodedata.normalize("NFKC", text)) <= LONGEST_NAME for text in told) and len(set(told)) == 3


def test_a_text_too_long_for_a_name_is_cut_and_told(tmp_path):
    known = read(["厂" * 100_000, "厂" * 100_001, "y" * 200], tmp_path)
    orders = known.tables["orders"]
    assert orders["supplier"].str.len().max() <= LONGEST_NAME and orders["supplier"].nunique() == 4
    told = worded_in_both(known.remarks)
    cut = told[told["code"] == "text_cut"]
    assert sorted(zip(cut["row"], cut["column"])) == [(2, "sku"), (2, "supplier"), (3, "sku"), (3, "supplier")]
    assert "100,000 characters" in cut["reason"].iloc[0] and "截短" in cut["reason_zh"].iloc[0]


def test_a_month_of_two_suppliers_with_hostile_names_is_reviewed(tmp_path, monkeypatch):
    """Every page, figure, sheet and notebook cell, with names that each kind of printer would read as its own."""
    made = simulate_company(rounds=3, suppliers=2, seed=3, story=False)
    names = dict(
        zip(sorted(made.tables["orders"]["supplier"].unique()), ["$a_b^{\\frac}$ {0} #let <b>", '{"key":"x"} = @z \\'])
    )
    skus = {sku: f"${sku}^_$ <{{" for sku in made.tables["orders"]["sku"].unique()}
    folder = tmp_path / "raw" / "text"
    folder.mkdir(parents=True)
    for name, table in made.known(made.ends_on).items():
        renamed = {
            column: table[column].replace(old)
            for column, old in (("supplier", names), ("sku", skus))
            if column in table
        }
        table.assign(**renamed).to_csv(folder / f"{name}.csv", index=False)
    with mpl.rc_context():
        store = subsets.run_review("text", str(made.last_month), tmp_path)
    assert set(store.read("scorecard")["supplier"]) == set(names.values())
    reports = open_month("text", str(made.last_month), tmp_path / "raw", tmp_path / "processed", tmp_path / "reports")
    pages = PdfReader(reports.report_folder / "review.en.pdf").pages
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
    assert all(_bare(name) in text for name in names.values())
