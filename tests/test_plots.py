"""What a plot draws is what its table says; the test reads the numbers and the words off the Axes."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from review_tables import AS_OF, EIGHT, names, review_tables

from analysis.reporting import plot_style, plots
from analysis.reporting.delivery_pages import fitted_shares
from analysis.reporting.figures import as_svg, axes_in_row, drawing
from analysis.reporting.glyphs import printable_table
from analysis.reporting.inspection_pages import lot_curves
from analysis.reporting.money_pages import waterfall_bars
from analysis.reporting.quality_pages import failures_by_item


@pytest.fixture(scope="module")
def tables():
    return {name: printable_table(table) for name, table in review_tables().items()}


@pytest.fixture(autouse=True)
def report_style():
    with drawing():
        yield


def words(ax) -> list[str]:
    return [text.get_text() for text in (*ax.texts, *ax.get_yticklabels(), ax.xaxis.label)]


def test_defect_rates_as_in_the_table(tables):
    rates = tables["defect_rates"]
    ax = plots.plot_defect_rates(rates, limit=0.05)
    points = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [float(line.get_xdata()[0]) for line in points] == pytest.approx(rates["defect_rate"].tolist())
    spans = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2][:-1]
    assert np.array(spans) == pytest.approx(rates[["defect_rate_low", "defect_rate_high"]].to_numpy())
    assert {"1 of 120", "0 of 5", "0 inspected", "limit 5.0%"} <= set(words(ax))


def test_not_inspected_is_hollow_and_dotted(tables):
    ax = plots.plot_defect_rates(tables["defect_rates"].tail(1))
    span, point = ax.lines
    assert span.get_linestyle() == ":" and point.get_markerfacecolor() == "white"


def test_over_the_limit_differs_by_marker_too(tables):
    ax = plots.plot_defect_rates(tables["defect_rates"].iloc[[0, 3]])
    assert [line.get_marker() for line in ax.lines if len(line.get_xdata()) == 1] == ["o", "D"]


def test_failures_as_counted_by_hand():
    items = pd.DataFrame({"item": ["size", "function", "size", "function"], "inspected": [10, 10, 5, 5], "failed": [1, 3, 2, 3]})  # fmt: skip
    totals = failures_by_item(items)
    assert totals[["item", "failed", "inspected"]].to_numpy().tolist() == [["function", 6, 15], ["size", 3, 15]]
    ax = plots.plot_failures(totals)
    assert [bar.get_width() for bar in ax.patches] == [6, 3]
    assert {"6 (67%)", "3 (33%)"} <= set(words(ax))


def test_lead_times_as_in_the_table(tables):
    times = tables["lead_times"]
    ax = plots.plot_lead_times(times)
    drawn = {line.get_label(): line.get_xdata() for line in ax.lines}
    assert np.asarray(drawn["median"]) == pytest.approx(times["lead_time_median"].to_numpy())
    assert np.asarray(drawn["90% arrive within"]) == pytest.approx(times["lead_time_p90"].to_numpy())
    told = words(ax)
    assert [word for word in told if word == "2"] and f"{times['lead_time_p90'].iloc[0]:.0f}" in told


def test_survival_is_a_step_with_the_fit_beside(tables):
    curve = tables["survival"][tables["survival"]["supplier"] == EIGHT[0]]
    fit = fitted_shares(tables["lead_times"], EIGHT[0])
    ax = plots.plot_survival(curve, fit)
    step, diamonds = ax.lines
    assert step.get_drawstyle() == "steps-post"
    assert step.get_ydata() == pytest.approx(curve["survival"].to_numpy())
    assert list(diamonds.get_xdata()) == pytest.approx([9.0, 9.0 * 1.7])
    assert list(diamonds.get_ydata()) == [0.5, 0.1]


def test_ratings_tell_the_grade_by_letter_and_marker(tables):
    ax = plots.plot_ratings(tables["scorecard"])
    points = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [line.get_marker() for line in points] == list("oosDssss")
    assert [text.get_text() for text in ax.texts] == list("AABCBBBB")
    assert [float(line.get_xdata()[0]) for line in points] == pytest.approx(tables["scorecard"]["rating"].tolist())


def test_chances_are_nested_bars(tables):
    ax = plots.plot_best_chances(tables["scorecard"])
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([*tables["scorecard"]["p_top3"], *tables["scorecard"]["p_best"]])


def test_weights_now_and_before(tables):
    ax = plots.plot_weights(tables["weights"], "zh")
    now, before = ax.lines
    assert now.get_xdata() == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert before.get_xdata() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert "不良率" in words(ax)


def test_each_step_of_a_waterfall_begins_where_the_one_before_ended(tables):
    ax = plots.plot_waterfall(waterfall_bars(tables["costs"].iloc[0]), "甲 T-100", "zh")
    spans = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in ax.patches]
    expected = [(0, 20), (18.5, 20), (18.5, 19.25), (19.25, 19.75), (19.5, 19.75), (19.5, 19.87), (0, 19.87)]
    assert np.array(spans) == pytest.approx(np.array(expected))
    assert {"标价", "量级折扣", "不良损失", "每件良品成本", "-1.50", "19.87"} <= set(words(ax))
    assert 0 < ax.get_xlim()[0] < 18.5


def test_an_unknown_step_of_a_waterfall_is_told_in_words(tables):
    assert "not known" in words(plots.plot_waterfall(waterfall_bars(tables["costs"].iloc[2])))


def test_operating_curves_as_in_their_table(tables):
    row = tables["inspection_plans"].iloc[0]
    curves = lot_curves(row, ("ours", "ISO"))
    ax = plots.plot_operating_curves(curves, row["defect_rate"])
    ours, iso, expected = ax.lines
    for line, name in ((ours, "ours"), (iso, "ISO")):
        assert line.get_ydata() == pytest.approx(curves.loc[curves["plan"] == name, "p_accept"].to_numpy())
    assert ours.get_linestyle() != iso.get_linestyle() and expected.get_xdata()[0] == row["defect_rate"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["ours", "ISO", "expected of this supplier"]


def test_arrivals_with_the_reviews_day(tables):
    waiting = tables["open_orders"].assign(label=lambda rows: rows["order_id"].str[-6:])
    ax = plots.plot_arrivals(waiting, AS_OF)
    assert "31 Oct 2026" in words(ax) and "10%" in words(ax)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_twenty_five_rows_read_from_the_top(language):
    ax = plots.plot_ratings(printable_table(review_tables(25)["scorecard"]), language)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == names(1)[0] and len(labels) == 25
    assert ax.yaxis_inverted()


def test_a_plot_is_drawn_on_the_axes_that_it_is_given(tables):
    ax = Figure().add_subplot()
    assert plots.plot_weights(tables["weights"], ax=ax) is ax


def test_svg_keeps_letters_and_is_the_same_twice(tables):
    first, second = (as_svg(plots.plot_weights(tables["weights"], "zh", axes_in_row(1, 2)[0])) for _ in range(2))
    assert first == second and "不良率" in first and "Noto Sans SC" in first


def test_a_glyph_that_the_font_lacks_is_an_error(tables):
    ax = plots.plot_ratings(tables["scorecard"])
    ax.set_title("\U0001f3ed")
    with pytest.raises(UserWarning, match="Glyph"):
        as_svg(ax)


def test_a_suppliers_name_is_made_printable_before_it_is_drawn(tables):
    ax = plots.plot_ratings(tables["scorecard"].assign(supplier="\U0001f3ed"))
    assert {label.get_text() for label in ax.get_yticklabels()} == {"※"}
    as_svg(ax)


def test_long_names_are_cut_by_width_not_by_letters():
    assert plot_style.shortened("a" * 32) == "a" * 32
    assert plot_style.shortened("厂" * 17) == "厂" * 16 + "…"


@pytest.mark.parametrize(("end", "width"), [(0.2, 3.0), (0.2, 6.0), (0.03, 4.0), (1.0, 2.0)])
def test_a_percentage_on_an_axis_is_the_place_it_stands_at(end, width):
    """Steps of 2.5 points once read 0 %, 2 %, 5 %, 8 %."""
    ax = Figure(figsize=(width, 1.0)).add_subplot()
    ax.set_xlim(0, end)
    plot_style.in_percent(ax.xaxis)
    ax.figure.canvas.draw()
    for place, label in zip(ax.get_xticks(), ax.get_xticklabels()):
        assert float(label.get_text().rstrip("%")) == pytest.approx(100 * place, abs=1e-6)
    assert max(len(label.get_text()) for label in ax.get_xticklabels()) <= 5


def test_use_style_is_the_reports_style():
    plot_style.use_style()
    assert mpl.rcParams["font.family"] == ["Noto Sans SC"] and mpl.rcParams["svg.fonttype"] == "none"
