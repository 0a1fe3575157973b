"""The simulated company: reproducible, consistent with its own truth, and with the story that the example is shipped for."""

import numpy as np
import pandas as pd
import pytest
import review as review_benchmark
from scipy import stats

from analysis.simulate import simulate_company
from analysis.simulate.known import month_end
from analysis.simulate.outcomes import standard_times
from analysis.simulate.shutdowns import CARRIER, FACTORY, NEW_YEAR_DAYS
from analysis.simulate.truth import FAMILIES, LOT_SIZE_PARAMETER
from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.load import load_source
from analysis.sources.tables import TABLES, empty

UNLIKELY = 1e-4
"""A test that a true simulation fails once in ten thousand seeds; the seeds are fixed."""


@pytest.fixture(scope="module")
def example():
    return simulate_company()


@pytest.fixture(scope="module")
def market():
    """Many suppliers without a story: for judging the draws."""
    return simulate_company(rounds=12, suppliers=300, seed=5, story=False)


def day(text):
    return np.array([np.datetime64(text, "D").astype(int)])


# --- reproducible -----------------------------------------------------------------------------------------------------


def test_same_seed_same_tables_and_other_seed_others():
    first, again, other = (simulate_company(4, 8, seed) for seed in (3, 3, 4))
    for name in first.tables:
        pd.testing.assert_frame_equal(first.tables[name], again.tables[name])
    for name in first.truth:
        pd.testing.assert_frame_equal(first.truth[name], again.truth[name])
    assert not first.tables["orders"]["order_id"].equals(other.tables["orders"]["order_id"])


@pytest.mark.parametrize(("rounds", "suppliers"), [(1, 1), (1, 25), (3, 3), (12, 2), (30, 10)])
def test_any_size_of_company(rounds, suppliers):
    company = simulate_company(rounds, suppliers, seed=1)
    assert company.tables["suppliers"]["supplier"].nunique() == suppliers
    assert set(company.tables["orders"]["ordered_on"].dt.to_period("M")) <= {
        company.first_month + k for k in range(rounds)
    }


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"suppliers": 0}, {"last_month": "2040-01"}, {"rounds": 200}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)) if "last_month" not in wrong else "rounds"):
        simulate_company(**wrong)


# --- the tables are what a reader would give --------------------------------------------------------------------------


def test_tables_are_canonical_and_pass_their_checks(example, market):
    for company in (example, market):
        assert set(company.tables) == set(TABLES) - {
            "articles",
            "aliases",
            "receipts",
            "decisions",
            "candidates",
            "settlements",
        }
        for name, table in company.tables.items():
            pd.testing.assert_series_equal(table.dtypes, empty(name).dtypes)
            assert not table.duplicated(list(TABLES[name].key)).any(), name
            for check in TABLES[name].checks:
                assert not check.bad(table).fillna(False).any(), (name, check.code)
            for column in TABLES[name].columns:
                assert not column.required or table[column.name].notna().all(), (name, column.name)
                if column.kind == "flag":  # its words stand for yes and no
                    continue
                assert not column.words or set(table[column.name].dropna()) <= set(column.words), (name, column.name)


def test_money_balances_to_the_fen(market):
    orders = market.tables["orders"]
    fen = (orders[["goods_amount", "freight", "discount", "paid_amount"]] * 100).round().astype(int)
    assert np.array_equal(fen["goods_amount"] + fen["freight"] - fen["discount"], fen["paid_amount"])
    assert np.array_equal(fen["goods_amount"], (orders["unit_price"] * 100).round().astype(int) * orders["quantity"])


def test_prices_are_those_of_the_quote_in_force(example):
    """Each price stands in the supplier's newest ladder at the step of the quantity."""
    orders, quotes = example.tables["orders"], example.tables["quotes"]
    for order in orders.sample(60, random_state=1).itertuples():
        ladder = quotes[(quotes["supplier"] == order.supplier) & (quotes["sku"] == order.sku)]
        ladder = ladder[(ladder["quoted_on"] < order.ordered_on) & (ladder["min_quantity"] <= order.quantity)]
        newest = ladder[ladder["quoted_on"] == ladder["quoted_on"].max()]
        assert newest.sort_values("min_quantity")["unit_price"].iloc[-1] == order.unit_price


def test_days_follow_each_other(market):
    orders = market.tables["orders"]
    for before, after in (("ordered_on", "paid_on"), ("paid_on", "shipped_on"), ("shipped_on", "received_on")):
        both = orders[before].notna() & orders[after].notna()
        assert (orders.loc[both, before] <= orders.loc[both, after]).all()
    found = market.tables["inspections"].merge(
        orders[["order_id", "line_no", "received_on"]], on=["order_id", "line_no"]
    )
    wait = (found["inspected_on"] - found["received_on"]).dt.days
    assert wait.between(0, 12).all()
    assert 0.02 < (wait > 3).mean() < 0.12  # a few inspections lag by days


def test_inspection_counts_agree_with_each_other(market):
    counts = market.tables["inspections"].dropna(subset="inspected")
    assert (counts[list(SEVERITIES)].sum(axis=1) == counts["defective"]).all()
    assert (counts[list(CHECKLIST)].sum(axis=1) >= counts["defective"]).all()
    assert counts[list(CHECKLIST)].le(counts["defective"], axis=0).all(axis=None)
    lines = counts.merge(
        market.tables["orders"][["order_id", "line_no", "quantity", "stage"]], on=["order_id", "line_no"]
    )
    small = lines[lines["stage"] != "bulk"]
    assert (small["inspected"] == small["quantity"]).all()  # piece by piece
    assert (lines.loc[lines["stage"] == "bulk", "inspected"] <= 50).all()


# --- as of ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", ["2025-11", "2026-02", "2026-10"])
def test_nothing_known_lies_after_the_day(example, month):
    as_of = month_end(pd.Period(month))
    happens = {"valid_until", "promised_on", "due_on", "credentials_until"}
    for name, table in example.known(as_of).items():
        days = table.drop(columns=happens, errors="ignore").select_dtypes("datetime")
        assert (days.isna() | (days < as_of + pd.Timedelta(days=1))).all(axis=None), name


def test_status_is_what_the_dates_say(example):
    for month in pd.period_range("2025-11", "2026-10", freq="M"):
        orders = example.known(month_end(month))["orders"]
        assert (orders["received_on"].notna() == (orders["status"] == "received")).all()
        assert orders.loc[orders["status"] == "unpaid", "paid_on"].isna().all()
        assert orders.loc[orders["status"] == "open", "paid_on"].notna().all()


def test_what_was_known_only_grows(example):
    before = example.known(month_end(pd.Period("2026-05")))
    after = example.known(month_end(pd.Period("2026-06")))
    for name, table in before.items():
        key = list(TABLES[name].key)
        assert len(table[key].merge(after[name][key], on=key)) == len(table), name


# --- the truth can be recovered ---------------------------------------------------------------------------------------


def test_defects_found_follow_the_lots_rates(market):
    """Given its own rate a lot's defects are binomial: the sum of standardised surprises is about normal."""
    lots = market.truth["lots"]
    surprise = lots["defects"] - lots["pieces"] * lots["defect_rate"]
    spread = np.sqrt((lots["pieces"] * lots["defect_rate"] * (1 - lots["defect_rate"])).sum())
    assert stats.norm.sf(abs(surprise.sum()) / spread) * 2 > UNLIKELY


def test_lot_rates_are_beta_about_the_offers_rate(market):
    """The probability transform of each lot's rate by its beta distribution is uniform."""
    offers = market.truth["offers"].rename(columns={f"defect_rate_{s}": s for s in ("sample", "trial", "bulk")})
    means = offers.melt(["supplier", "sku"], ["sample", "trial", "bulk"], "stage", "mean")
    lots = market.truth["lots"].merge(means, on=["supplier", "sku", "stage"])
    assert len(lots) == len(market.truth["lots"])
    alpha = lots["mean"] * LOT_SIZE_PARAMETER
    level = stats.beta.cdf(lots["defect_rate"], alpha, LOT_SIZE_PARAMETER - alpha)
    assert stats.kstest(level, "uniform").pvalue > UNLIKELY


def test_inspected_pieces_are_a_fair_sample_of_their_lot(market):
    lots = market.truth["lots"].query("0 < inspected < pieces")
    expected = lots["inspected"] * lots["defects"] / lots["pieces"]
    share = lots["defects"] / lots["pieces"]
    variance = lots["inspected"] * share * (1 - share) * (lots["pieces"] - lots["inspected"]) / (lots["pieces"] - 1)
    z = (lots["defective"] - expected).sum() / np.sqrt(variance.sum())
    assert stats.norm.sf(abs(z)) * 2 > UNLIKELY


@pytest.mark.parametrize("family", FAMILIES)
def test_standard_times_have_median_one(family):
    n = 20_000
    times = standard_times(np.random.default_rng(8), np.full(n, family), np.full(n, 0.4))
    assert stats.binomtest(int((times > 1.0).sum()), n).pvalue > UNLIKELY


def test_late_share_of_calm_months_agrees_with_the_truth(market):
    """Trials ordered in May to August: as many late as the suppliers' true probabilities add up to."""
    orders = market.tables["orders"].merge(market.truth["suppliers"][["supplier", "late_probability"]], on="supplier")
    calm = orders[orders["ordered_on"].between("2026-05-01", "2026-07-31") & (orders["stage"] == "trial")]
    calm = calm[calm["received_on"].notna()].drop_duplicates("order_id")
    late = (calm["received_on"] > calm["promised_on"]).sum()
    p = calm["late_probability"]
    # the truth's 2,000 draws a supplier add their own error of at most 0.25 / 2000 a line, fully dependent within a supplier
    spread = np.sqrt((p * (1 - p)).sum() + (calm.groupby("supplier").size() ** 2).sum() * 0.25 / 2000)
    assert stats.norm.sf(abs(late - p.sum()) / spread) * 2 > UNLIKELY


def test_measured_pieces_keep_to_the_suppliers_mean(market):
    """Standardised by target, spread and the supplier's own offset, pieces are standard normal (rounding aside)."""
    from analysis.simulate.products import PRODUCTS

    spec = pd.DataFrame([(p.sku, *p.measured[1:]) for p in PRODUCTS if p.measured], columns=["sku", "target", "sd"])
    found = market.tables["inspections"].dropna(subset="value")
    found = found.merge(market.tables["orders"][["order_id", "line_no", "supplier", "sku"]], on=["order_id", "line_no"])
    found = found.merge(spec, on="sku").merge(market.truth["offers"], on=["supplier", "sku"])
    z = (found["value"] - found["target"]) / found["sd"] - found["measured_offset"]
    assert stats.norm.sf(abs(z.mean()) * np.sqrt(len(z))) * 2 > UNLIKELY
    assert abs(z.std() - 1) < 4 / np.sqrt(2 * len(z))


# --- holidays ---------------------------------------------------------------------------------------------------------


def test_new_year_days_of_the_calendar_library():
    """Chinese calendar library: the first day of the lunar year lies within the Spring Festival holiday."""
    calendar = pytest.importorskip("chinese_calendar")
    for text in NEW_YEAR_DAYS:
        date = pd.Timestamp(text).date()
        if 2018 <= date.year <= 2026:
            assert calendar.get_holiday_detail(date) == (True, calendar.Holiday.spring_festival.value)


def test_a_leg_over_the_spring_festival_takes_the_rest_longer():
    """Factories rest from 8 to 28 February 2026: 21 days without work."""
    calm = FACTORY.end(day("2026-05-11"), np.array([10.0])) - day("2026-05-11")
    over = FACTORY.end(day("2026-02-03"), np.array([10.0])) - day("2026-02-03")
    assert calm == 10
    assert over == 31
    assert CARRIER.end(day("2026-05-11"), np.array([0.0])) == day("2026-05-11")


# --- the story --------------------------------------------------------------------------------------------------------


def seen(company, part, stages=("sample", "trial", "bulk")):
    """(inspected, defective) of the supplier that plays `part`, as known at the end."""
    known = company.known(company.ends_on)
    people = company.truth["suppliers"]
    name = people.loc[people["part"] == part, "supplier"].item()
    lines = known["orders"][(known["orders"]["supplier"] == name) & known["orders"]["stage"].isin(stages)]
    found = known["inspections"].merge(lines[["order_id", "line_no"]], on=["order_id", "line_no"])
    return int(found["inspected"].sum()), int(found["defective"].sum())


def test_size_of_the_example(example):
    orders = example.known(example.ends_on)["orders"]
    assert 250 <= len(orders) <= 400
    assert orders["supplier"].nunique() == 25
    assert orders["category"].nunique() == 4
    latest = orders[orders["ordered_on"].dt.to_period("M") == example.last_month]
    assert 0.25 < (latest["status"] == "open").mean() < 0.45
    assert set(orders["status"]) == {"received", "open", "cancelled", "unpaid", "refunding", "unknown"}
    assert (orders.loc[orders["stage"] == "trial", "quantity"].between(5, 50)).all()


def test_parts_show_in_what_the_buyer_saw(example):
    assert seen(example, "thin evidence") == (5, 0)
    inspected, defective = seen(example, "cheap and bad")
    assert stats.binomtest(defective, inspected, 0.08, "greater").pvalue < 0.01
    for part in ("steady household", "steady bags", "steady kitchen"):
        inspected, defective = seen(example, part)
        assert inspected > 300
        assert stats.binomtest(defective, inspected, 0.05, "less").pvalue < 0.01
    for part in ("drifter bags", "drifter kitchen"):
        small, large = seen(example, part, ("sample", "trial")), seen(example, part, ("bulk",))
        table = [[large[1], large[0] - large[1]], [small[1], small[0] - small[1]]]
        assert stats.fisher_exact(table, "greater").pvalue < 0.01


def test_one_category_has_a_single_source(example):
    sellers = example.tables["suppliers"].groupby("category")["supplier"].nunique()
    assert sellers["数码配件"] == 1
    assert (sellers.drop("数码配件") >= 5).all()
    assert (example.tables["risks"]["item"] == "单源风险：暂无备选供应商").any()


def test_names_say_that_they_are_invented(example):
    assert example.tables["suppliers"]["supplier"].str.contains("示例").all()


def test_a_company_of_many_suppliers_and_other_products_is_written_for_the_benchmark(tmp_path, monkeypatch):
    """Of fewer suppliers than the benchmark's, in one round: every module has the products of its catalogue."""
    made = review_benchmark.simulate_company
    monkeypatch.setattr(
        review_benchmark, "simulate_company", lambda **asked: made(**asked | {"suppliers": 4, "rounds": 1})
    )
    review_benchmark.write_large(tmp_path / "large")
    known = load_source(tmp_path / "large").known(pd.Timestamp("2026-10-31"))
    assert known.tables["quotes"]["sku"].nunique() > 20 and known.tables["orders"]["sku"].str.contains(r"-\d+$").all()
