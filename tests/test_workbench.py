"""JupyterLab as `make lab` starts it changes no tracked file; sliders on small tables made by hand."""

import re
import shutil
import subprocess
from types import SimpleNamespace

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
import pytest
from house import house_rules
from IPython.core.interactiveshell import InteractiveShell
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from scipy import stats

from analysis.decisions.landed_cost import make_cost_sheet
from analysis.decisions.sourcing import buying_basis
from analysis.estimates.draws import Draws
from analysis.paths import NOTEBOOKS, PROJECT
from analysis.reporting.explore_plots import plot_costs, plot_reorder
from analysis.reporting.plot_style import style
from analysis.reporting.trend_plot import plot_trend
from analysis.simulate.records import canonical
from analysis.sources.tables import TABLES, empty
from analysis.workbench import what_if
from analysis.workbench.explore import QUANTITIES, Explorer, _slider
from analysis.workbench.trend import _middles, _shares

HOOK = re.search(r"--ContentsManager\.pre_save_hook=(\S+)", (PROJECT / "Makefile").read_text(encoding="utf-8"))[1]


@pytest.fixture
def lab(tmp_path):
    """A server's contents, with a notebook that git keeps and one that it does not."""
    (tmp_path / "notebooks").mkdir()
    for name in ("02_defect_rates", "mine"):
        shutil.copyfile(NOTEBOOKS / "02_defect_rates.ipynb", tmp_path / "notebooks" / f"{name}.ipynb")
    for words in (["init", "-q"], ["add", "notebooks/02_defect_rates.ipynb"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    return LargeFileManager(root_dir=str(tmp_path), pre_save_hook=HOOK)


def run_by_hand(lab, name: str, edit: str = "") -> bytes:
    """Open the notebook, run it (new outputs, counters, the server's metadata), perhaps edit a cell, save."""
    model = lab.get(f"notebooks/{name}.ipynb", content=True, type="notebook")
    model["content"]["metadata"]["language_info"] = {"name": "python", "version": "3.12.1", "file_extension": ".py"}
    for count, cell in enumerate(model["content"]["cells"], 40):
        cell["metadata"] |= {"trusted": True, "scrolled": True}
        if cell["cell_type"] == "code":
            cell["execution_count"] = count
            cell["outputs"] = [nbformat.v4.new_output("stream", text="another machine's output\n")]
    if edit:
        model["content"]["cells"][2]["source"] = edit
    lab.save({"type": "notebook", "format": "json", "content": model["content"]}, f"notebooks/{name}.ipynb")
    return (NOTEBOOKS.parent / lab.root_dir / "notebooks" / f"{name}.ipynb").read_bytes()


def test_a_run_by_hand_leaves_the_tracked_notebook_as_it_was(lab):
    assert run_by_hand(lab, "02_defect_rates") == (NOTEBOOKS / "02_defect_rates.ipynb").read_bytes()


def test_an_edited_cell_is_saved_and_nothing_else(lab):
    before = nbformat.reads((NOTEBOOKS / "02_defect_rates.ipynb").read_text(encoding="utf-8"), 4)
    after = nbformat.reads(run_by_hand(lab, "02_defect_rates", edit="print('mine')").decode(), 4)
    assert after.cells[2].source == "print('mine')"
    after.cells[2].source = before.cells[2].source
    assert after == before


def test_a_notebook_of_ones_own_keeps_its_outputs(lab):
    assert b"another machine" in run_by_hand(lab, "mine")


def test_no_notebook_names_its_source_or_month():
    """They are set once: the cell of parameters leaves both to the desk."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    assert len(paths) >= 10
    for path in paths:
        cells = nbformat.read(path, as_version=4).cells
        given = next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
        assert re.findall(r"^(source|month) = (\w+)", given, re.M) == [("source", "None"), ("month", "None")], path.name


def test_a_share_and_its_interval_by_hand():
    rows = pd.DataFrame({"month": ["a", "a", "b"], "hits": [1, 2, 0], "tries": [10, 20, 5]}).groupby("month")
    table = _shares(rows, 0.90)
    assert table["value"].tolist() == [0.1, 0.0] and table["observations"].tolist() == [30, 5]
    # Jeffreys' interval of 3 in 30 (Brown, Cai and DasGupta 2001): quantiles of beta(3.5, 27.5); none below nothing seen
    assert np.allclose([table["value_low"][0], table["value_high"][0]], stats.beta.ppf([0.05, 0.95], 3.5, 27.5))
    assert table["value_low"][1] == 0 and np.isclose(table["value_high"][1], stats.beta.ppf(0.95, 0.5, 5.5))


def test_a_median_is_held_by_its_interval_as_often_as_said():
    rng = np.random.default_rng(5)
    days = pd.DataFrame({"month": np.repeat(np.arange(400), 9), "value": rng.lognormal(2.5, 0.6, 3600)})
    table = _middles(days.groupby("month"), 0.90)
    held = (table["value_low"] <= np.exp(2.5)) & (np.exp(2.5) <= table["value_high"])
    # the second and the eighth of nine: 1 - 2 (1 + 9) / 2^9 = .961
    assert held.mean() == pytest.approx(1 - 20 / 512, abs=0.03), "order statistics hold at least what is said"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_with_nothing_to_show_say_so(language):
    nothing = {"en": "Nothing to show", "zh": "没有可显示的数据"}[language]
    empty = pd.DataFrame(columns=["month", "value", "value_low", "value_high", "observations"])
    drawn = [
        plot_trend(empty, "price", None, "Ada", language),
        plot_reorder(pd.DataFrame(columns=["service_level", "reorder_point"]), "mug", 0.95, language),
        plot_costs(
            pd.DataFrame(columns=["supplier", "quantity", "cost", "cost_low", "cost_high"]), "mug", 10, language
        ),
    ]
    assert all(nothing in axes.texts[0].get_text() for axes in drawn)


def test_the_cheapest_at_the_size_chosen_is_named():
    rows = [("Ada", 1, 9.0), ("Ada", 100, 3.0), ("Bao", 50, 4.0), ("Bao", 100, 2.0)]
    costs = pd.DataFrame(rows, columns=["supplier", "quantity", "cost"]).assign(cost_low=1.0, cost_high=9.0)
    assert "Ada" in plot_costs(costs, "mug", 20).get_title(loc="left"), "Bao sells none under 50"
    assert "Bao at 2.00" in plot_costs(costs, "mug", 100).get_title(loc="left")


@pytest.fixture
def month():
    """A review and its tables: cups of Ada, free of freight, and of Bao, across a border whose duty nobody knows; lots vary by 0.3."""
    names, as_of = pd.Index(["Ada", "Bao"]), pd.Timestamp("2026-05-31")
    draws = {"bulk_rate": Draws(names, np.full((2, 400), 0.1)), "next_lead_time": Draws(names, np.full((2, 400), 9.0))}
    tables = {name: empty(name) for name in TABLES}
    tables["quotes"] = canonical("quotes", {
        "quote_id": ["1", "2"], "supplier": list(names), "sku": "cup", "unit_price": [10.0, 1.0], "min_quantity": 1, "lead_time_days": 12,
        "quoted_on": pd.Timestamp("2026-05-01"), "valid_until": pd.Timestamp("2026-12-31"), "freight_terms": ["包邮", "FOB 宁波"],
    })  # fmt: skip
    tables["demand"] = canonical("demand", {
        "sku": "cup", "month": pd.date_range("2025-11-01", "2026-05-01", freq="MS"), "units": 100, "selling_price": 20.0,
    })  # fmt: skip
    tables["defect_rates"] = pd.DataFrame({"lot_correlation": [0.3, 0.3]})
    tables["purchase_plan"] = pd.DataFrame({"sku": ["cup"], "supplier": [None]})
    review = SimpleNamespace(
        as_of=as_of, rules=house_rules(), currency="CNY", store=SimpleNamespace(read_draws=draws.get)
    )
    return review, tables


def test_sliders_and_what_if_reckon_with_what_was_learned_of_lots(month, monkeypatch):
    monkeypatch.setattr(what_if, "assessed", lambda *of: SimpleNamespace(scorecard=None))
    monkeypatch.setattr(what_if, "best_sizes", lambda basis, days: None)
    monkeypatch.setattr(what_if, "purchase_plan", lambda basis, *of: basis)
    assert Explorer(*month)._basis.lot_correlation == 0.3
    assert what_if._outcome(*month, month[0].rules, (), 1)[1].lot_correlation == 0.3


def test_a_cost_slider_counts_the_looks_that_the_house_takes(month):
    explorer = Explorer(*month)
    basis = buying_basis({name: month[1][name] for name in TABLES}, month[0].as_of, house_rules(), "CNY", *map(month[0].store.read_draws, ("bulk_rate", "next_lead_time")), what_if.SEED, 0.3)  # fmt: skip
    asked, known = pd.DataFrame({"sku": "cup", "quantity": QUANTITIES}), (basis.freight, basis.costs)
    draws = basis.defect_rates, basis.lead_times
    by_hand = make_cost_sheet(basis.offers, asked, *draws, *known, customs=basis.customs, inspection=basis.inspection)
    whole = make_cost_sheet(basis.offers, asked, *draws, *known, customs=basis.customs)
    shown = explorer.costs("cup").query("supplier == 'Ada'")["cost"].to_numpy()
    expected, every_piece = (
        sheet.table.query("supplier == 'Ada'")["cost_per_good_piece"].to_numpy() for sheet in (by_hand, whole)
    )
    np.testing.assert_allclose(shown, expected)
    assert np.abs(expected / every_piece - 1).max() > 0.01


def test_the_cheapest_is_one_whose_cost_is_known(month):
    explorer = Explorer(*month)
    rows = {row.offer.supplier: row.cost for row in explorer._offers["cup"]}
    assert rows["Ada"].complete and not rows["Bao"].complete and rows["Bao"].mean < rows["Ada"].mean
    assert explorer._supplier_of("cup") == "Ada"


def test_a_trend_of_a_chinese_name_is_drawn_in_a_font_that_has_it(recwarn):
    """Without `use_style`: an analyst's own notebook has none, and the usual font draws boxes and warns a glyph a time."""
    table = pd.DataFrame(
        {"month": ["2026-08"], "value": [0.1], "value_low": [0.0], "value_high": [0.2], "observations": [20]}
    )
    with mpl.rc_context():
        mpl.rcdefaults()
        axes = plot_trend(table, "defect_rate", 0.05, "潮州市某某陶瓷厂")
        axes.figure.canvas.draw()
    assert "潮州市某某陶瓷厂" in axes.get_title(loc="left")
    assert not [str(seen.message) for seen in recwarn if "Glyph" in str(seen.message)]


def test_an_axis_of_order_sizes_says_pieces():
    costs = pd.DataFrame({"supplier": "Ada", "quantity": [1, 10, 2000], "cost": [9.0, 4.0, 3.0]})
    with mpl.rc_context(style()):
        axes = plot_costs(costs.assign(cost_low=1.0, cost_high=9.0), "mug", 100)
        axes.figure.canvas.draw()
        labels = {label.get_text() for label in axes.get_xticklabels()}
    assert {"1", "100", "1,000"} <= labels and not [text for text in labels if "$" in text]


def test_a_slider_shows_each_of_its_steps():
    slider = _slider("limit", 0.05, 0.005, 0.2, 0.005, ".1%")
    steps = np.arange(slider.min, slider.max + slider.step / 2, slider.step)
    assert len({format(step, slider.readout_format) for step in steps}) == len(steps)


def test_what_if_without_a_change_says_so_in_words():
    ranks = pd.DataFrame({"supplier": ["Ada"], "rank_before": [1], "rating_before": [61.23456]})
    nothing = pd.DataFrame(columns=["supplier", "grade_after"]), pd.DataFrame({"sku": ["cup"], "changed": [False]})
    page = what_if.WhatIf(ranks, *nothing, ranks)._repr_html_()
    assert page.count("None: as the month stands.") == 2 and "61.2<" in page
    assert "grade_after" not in page, "bare heads look like a table that was lost"


def test_what_an_analyst_asks_for_wrongly_is_answered_with_a_sentence():
    shell = InteractiveShell()
    shown: list[str] = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    shell.run_cell("from analysis.errors import AnalysisError\nraise AnalysisError('run.unknown_trend', name='x', known='y')")  # fmt: skip
    assert shown == ["There is no trend of 'x'; there are: y."]
