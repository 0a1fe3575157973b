"""Thin but ordinary months, as buyers really have them: each case of `tests/data/cases` with its right value.

The whole review is run through the notebooks' cells (`benchmarks/subsets.py`); the pages are made, and printed for case 46.
"""

import contextlib
import io
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from subsets import run_review

from analysis.month import open_month
from analysis.reporting.front_page import whom_to_buy_from, whom_to_drop
from analysis.reporting.pdf import compile_pdf
from analysis.reporting.report_context import report_context
from analysis.reporting.sections import report_content
from analysis.review.facts import review_facts
from analysis.wording import LANGUAGES, worded

CASES = Path(__file__).parent / "data" / "cases"


def reviewed(folder: Path, case: str, source: str, month: str, languages=LANGUAGES) -> dict[str, pd.DataFrame]:
    """The tables of the review of one source of the case, its pages made in the `languages`; what was reviewed in `folder` before
    stays there."""
    shutil.rmtree(folder / "raw", ignore_errors=True)
    path = next(CASES.glob(f"{case}-*")) / source
    shutil.copytree(path, folder / "raw" / path.name)
    with contextlib.redirect_stdout(io.StringIO()):
        store = run_review(path.name, month, folder, printed=False, explored=False, languages=languages)
    return store.read_all()


def test_06_months_left_out_of_a_demand_are_told_beside_it(tmp_path):
    """30 pieces in January, April and July: 30 a month where the others are unknown, 90 / 7 = 12.9 if nothing was sold."""
    found = reviewed(tmp_path, "06", "gaps", "2026-07")
    [cup] = found["stock"].to_dict("records")
    assert cup["demand_per_month"] == pytest.approx(30, rel=0.06) and cup["months"] == 3 and cup["gap_months"] == 4
    assert cup["note_key"] == "gaps" and "about 13 a month" in worded(cup["note"])
    [remark] = found["remarks"].to_dict("records")
    assert (remark["table"], remark["row"]) == ("demand", 3) and "4 have no row" in worded(remark["reason"])
    zeros = reviewed(tmp_path, "06", "zeros", "2026-07", languages=())
    assert zeros["stock"]["demand_per_month"].item() == pytest.approx(90 / 7, rel=0.06)
    assert zeros["stock"]["gap_months"].item() == 0 and zeros["remarks"].empty


def test_07_demand_that_comes_now_and_then(tmp_path):
    """30, 0, 0, 30, 0, 0, 30 is 12.9 a month, and 90 days of it 39 good pieces; 0, 0, 100 is 33 a month, and little is known of it."""
    found = reviewed(tmp_path, "07", "tray", "2026-07")
    [tray], [size] = (found[name].query("sku == 'TRAY'").to_dict("records") for name in ("stock", "order_sizes"))
    assert tray["demand_per_month"] == pytest.approx(90 / 7, rel=0.06)
    assert 4 < tray["demand_per_month_low"] < 10 and 17 < tray["demand_per_month_high"] < 35
    assert tray["order_quantity"] == size["order_quantity"] <= 39 * 1.05, "at most 5 % on top for defective ones"
    assert size["days_covered"] <= 90 and tray["days_between_orders"] <= 90 * 1.02 and tray["safety_stock"] >= 0
    assert tray["note_key"] == "intermittent", "its minimum of 20 is no reason"
    stock = reviewed(tmp_path, "07", "newarticle", "2026-04", languages=("zh",))["stock"].query(
        "months == 3 and zero_months == 2"
    )
    assert stock["demand_per_month"].item() == pytest.approx(100 / 3, rel=0.06)
    assert stock["demand_per_month_low"].item() < 15 and 60 < stock["demand_per_month_high"].item() < 130


@pytest.mark.parametrize("source", ["category", "new-order-not-in-ledger"])
def test_21_an_order_without_a_category_is_reviewed(tmp_path, source):
    found = reviewed(tmp_path, "21", source, "2026-04")
    ordered = found["orders"]["supplier"].unique()
    assert (
        set(ordered) <= set(found["scorecard"]["supplier"])
        and not found["backups"].duplicated(["supplier", "sku"]).any()
    )


@pytest.mark.parametrize("source", ["sameday", "sameday-and-open"])
def test_22_fetched_on_the_day_of_the_order(tmp_path, source):
    """Median below a day, P90 of a day or two; two others of 12 to 22 days. A cup of 2.5 CNY costs no more than a few.

    The two others' February orders lay in the Spring Festival's window and came as ever: these two deliveries tell that nobody stood
    still. Days of 12 to 15 and of 19 to 22 have a P90 near their longest.
    """
    found = reviewed(tmp_path, "22", source, "2026-04")
    times = found["lead_times"].set_index("supplier")
    assert times.loc["丙厂", "lead_time_median"] < 1 and times.loc["丙厂", "lead_time_p90"] < 2
    assert 13 < times.loc["甲厂", "lead_time_p90"] < 18 and 20 < times.loc["乙厂", "lead_time_p90"] < 26
    assert found["costs"]["cost_per_good_piece"].between(2.4, 10).all()
    assert found["trial_plan"].empty and len(found["no_trial"]) == 1


def test_23_demand_without_inspections(tmp_path):
    found = reviewed(tmp_path, "23", "arrivals_demand", "2026-03")
    assert found["defect_rates"].empty and len(found["stock"]) > 0
    assert set(found["scorecard"]["grade"]) == {"B"}
    assert found["scorecard"]["missing_criteria"].str.contains("defect_rate").all()
    assert (
        not found["costs"]["complete"].astype(bool).any()
        and found["quality_costs"]["cost_of_poor_quality"].isna().all()
    )


def test_41_the_first_month_of_a_newcomer(tmp_path):
    found = reviewed(tmp_path, "41", "mine", "2026-08")
    assert set(found["orders"]["supplier"]) <= set(found["scorecard"]["supplier"])
    assert not found["scorecard"]["supplier"].duplicated().any() and "C" not in set(found["scorecard"]["grade"])


def test_43_one_month_of_demand(tmp_path):
    """The file holds 40 pieces (not the 60 of its description): about 40 a month, 25 to 140 around 60 is 17 to 95 around 40."""
    [row] = reviewed(tmp_path, "43", "onemonth", "2026-10")["stock"].to_dict("records")
    assert row["demand_per_month"] == pytest.approx(40, rel=0.06)
    assert 12 < row["demand_per_month_low"] < 33 and 48 < row["demand_per_month_high"] < 100
    assert row["order_quantity"] <= np.ceil(90 / 30.4 * row["demand_per_month"]) and row["order_quantity"] >= 10


MONTHS = ("2026-08", "2026-09", "2026-10")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """Three months in a row, each with the files as they stood then: the tables by month, and the folder. English pages are made below."""
    folder = tmp_path_factory.mktemp("newcomer")
    months = {
        month: reviewed(folder, "46", f"m{k}/mine", month, languages=("zh",)) for k, month in enumerate(MONTHS, 1)
    }
    return months, folder


def of_month(folder: Path, month: str):
    return open_month("mine", month, folder / "raw", folder / "processed", folder / "reports")


@pytest.mark.parametrize("month", MONTHS)
def test_46_nobody_is_condemned_on_thin_evidence_or_stands_under_buy_and_stop(newcomer, month):
    """A C of defects rests on 20 pieces of its own at least, of which more fail than 8 %: never on 1 of 5 or 2 of 25."""
    months, folder = newcomer
    card = months[month]["scorecard"]
    rates = months[month]["defect_rates"].query("level == 'supplier'").set_index("supplier")
    dropped = rates.reindex(card.loc[card["grade"] == "C", "supplier"])
    assert (dropped["inspected"] >= 20).all() and (dropped["defective"] > 0.08 * dropped["inspected"]).all()
    m = report_context(months[month], review_facts(of_month(folder, month), 1), "en")
    buy, stop = (
        {row[1]["text"] for block in made if "rows" in block for row in block["rows"]}
        for made in (whom_to_buy_from(m), whom_to_drop(m))
    )
    assert buy and not buy & stop


def test_46_what_changed_speaks_of_what_was_published(newcomer):
    months, _ = newcomer
    for earlier, later in pairwise(MONTHS):
        published = months[earlier]["scorecard"].set_index("supplier")["rank"]
        changes = months[later]["rank_changes"].dropna(subset="rank_before").set_index("supplier")["rank_before"]
        assert (changes == published.reindex(changes.index)).all() and len(changes)


def test_46_what_nobody_looked_at_has_no_cost_of_poor_quality(newcomer):
    months, _ = newcomer
    costs = months["2026-08"]["quality_costs"].set_index("supplier")
    never = costs.index[costs["inspected"] == 0]
    assert len(never) and costs.loc[never, ["cost_of_poor_quality", "share_of_spend"]].isna().all(axis=None)
    assert costs.loc[costs["inspected"] > 0, "cost_of_poor_quality"].notna().all()


def lowest_texts(page) -> list[float]:
    """Heights of the texts of a page above its foot, in mm, the lowest first; the footer stands at 10 mm."""
    heights: list[float] = []
    page.extract_text(
        visitor_text=lambda text, cm, tm, *_: (
            heights.append((cm[5] + cm[3] * tm[5]) / 72 * 25.4) if text.strip() else None
        )
    )
    return sorted(heights)


@pytest.mark.parametrize("month", [MONTHS[0], MONTHS[2]])
def test_46_no_page_is_half_empty_and_nothing_prints_over_the_foot(newcomer, month):
    months, folder = newcomer
    facts = review_facts(of_month(folder, month), 1)
    pdf = compile_pdf(report_content(months[month], facts, "en"), facts.as_of)
    pages = PdfReader(io.BytesIO(pdf)).pages
    for number, page in enumerate(pages, 1):
        body = [height for height in lowest_texts(page) if height > 13]
        assert min(body) > 15.9, f"page {number} prints over its foot"  # the margin is 16 mm
        assert number == len(pages) or min(body) < 297 / 2, f"page {number} is half empty"


SLOW = {
    "slow": ("2026-01-05,2026-01-18,50,2.5,received", [2, 1, 0, 1], 50),
    "priceless": ("2026-01-05,2026-01-18,50,,received", [40, 40, 30, 50], None),
    "cancelled": ("2026-01-05,,50,2.5,cancelled", [40, 40, 30, 50], None),
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_month_in_which_nothing_can_be_offered_is_reviewed(tmp_path, kind):
    """Sales far below every minimum, orders without a price, orders that all fell through: the pages stand, nothing is bought."""
    ordered, sold, minimum = SLOW[kind]
    raw = tmp_path / "raw" / "mine"
    raw.mkdir(parents=True)
    lines = [f"{who}{n},{who},cup,{ordered}".replace("01-", f"0{n}-") for who in ("甲厂", "乙厂") for n in (1, 2, 3, 4)]
    (raw / "orders.csv").write_text("\n".join(["order_id,supplier,sku,ordered_on,received_on,quantity,unit_price,status", *lines]), encoding="utf-8")  # fmt: skip
    months = [f"cup,2026-0{n},{units},9" for n, units in enumerate(sold, 1)]
    (raw / "demand.csv").write_text("\n".join(["sku,month,units,selling_price", *months]), encoding="utf-8")
    if minimum:
        quotes = [f"Q{who},{who},cup,2026-01-02,2026-12-31,{minimum},2.5" for who in ("甲厂", "乙厂")]
        (raw / "quotes.csv").write_text("\n".join(["quote_id,supplier,sku,quoted_on,valid_until,min_quantity,unit_price", *quotes]), encoding="utf-8")  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        made = run_review("mine", "2026-04", tmp_path, printed=False, explored=False, languages=("zh",)).read_all()
    plan = made["purchase_plan"].set_index("sku")
    assert plan["pieces"].tolist() == [0] and set(plan["action"]) <= {"nobody", "hold"}
    if kind == "slow":
        assert "covers 50 months" in worded(plan.loc["cup", "reason"]) and plan.loc["cup", "demand_per_month"] < 1.1
        assert set(made["backups"]["readiness"]) <= {"ready", "tried"}
