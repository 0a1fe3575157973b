"""Factories, third parties and customers beside our own inspection: never pooled with it, and told apart by hand-reckoned numbers."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from review_tables import facts, is_described
from scipy import integrate, stats

from analysis.estimates.batches.samples import BATCH_COLUMNS
from analysis.estimates.batches.trace import TRACE_COLUMNS
from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.second_opinions import customer_feedback, outside_reports
from analysis.estimates.second_opinions.feedback import FEEDBACK_COLUMNS
from analysis.estimates.second_opinions.reports import REPORT_COLUMNS
from analysis.estimates.second_opinions.shares import Shares
from analysis.estimates.second_opinions.within_lots import chance_above
from analysis.reporting.report_context import report_context
from analysis.reporting.second_opinion_pages import second_opinions
from analysis.sources.known import Snapshot
from analysis.sources.load import load_source
from analysis.sources.tables import empty
from analysis.wording import worded

ORDERS = """order_id,supplier,sku,category,stage,ordered_on,received_on,quantity,unit_price
1,A厂,P,玩具,bulk,2026-08-01,2026-08-20,100,10
2,A厂,P,玩具,bulk,2026-09-01,2026-09-20,100,10
3,B厂,Q,玩具,trial,2026-09-01,2026-09-20,50,10
4,C厂,Q,玩具,trial,2026-09-01,2026-09-20,50,10
"""
LOOKS = """order_id,batch,inspected_on,inspected,defective,验货方,材质
1,K1,2026-08-21,40,8,,3
1,K1,2026-08-15,40,0,工厂,
1,K1,2026-08-16,40,9,SGS,
2,K2,2026-09-21,100,2,我方,0
3,,2026-09-10,50,0,factory,
4,,2026-09-21,20,1,,
"""


def read(folder: Path, orders: str = ORDERS, looks: str = LOOKS, returns: str = "") -> Snapshot:
    """What is known at the end of October of the files with these texts."""
    texts = {"orders": orders, "inspections": looks, "returns": returns}
    for name, text in texts.items():
        if text:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_source(folder).known(pd.Timestamp("2026-10-31"))


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return read(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def tables(known):
    return known.tables


@pytest.fixture(scope="module")
def lots(tables):
    return inspected_lots(tables["orders"], tables["inspections"])


# --- the door


def test_reports_of_others_are_no_looks_of_ours(tables, lots):
    """The factory's 40 pieces before the arrival are no second look, no evidence, and no contradiction."""
    assert tables["inspections"]["inspected_by"].tolist() == ["ours"] * 3
    assert not tables["inspections"]["reinspection"].any(), "40 + 40 + 40 of 100 pieces, but 40 of ours"
    assert tables["outside_inspections"]["inspected_by"].tolist() == ["factory", "third_party", "factory"]
    assert lots.set_index("order_id")[["inspected", "defective", "material"]].iloc[0].tolist() == [40, 8, 3]
    assert "3" not in lots["order_id"].tolist(), "what only the factory has seen is not inspected"


def test_every_row_is_accounted_for(known):
    account = known.accounting.set_index("table").loc["inspections"]
    assert account["kept"] == account["rows_in"] == 6


def test_bad_rows_are_refused(tmp_path):
    bad = {
        "1,K1,2026-08-21,40,8,张三,": "not_a_word",  # a blank in its place would say that it was us
        "1,K2,2026-08-19,40,8,我方,": "inspected_before_arrival",
        "1,K3,2026-07-30,40,8,工厂,": "inspected_before_ordered",
        "1,K4,2026-08-21,4,1,我方,5": "more_failed_than_inspected",
    }
    back = "order_id,line_no,投诉件数,opened_on\n1,1,101,2026-10-01\n"
    told = read(tmp_path, looks="\n".join([LOOKS.splitlines()[0], *bad]), returns=back).quarantine
    assert told.loc[told["table"] == "inspections", "code"].tolist() == list(bad.values())
    assert told.loc[told["table"] == "inspections", "row"].tolist() == [2, 3, 4, 5]
    assert told.loc[told["table"] == "returns", "code"].tolist() == ["more_complained_than_ordered"]


def test_the_same_lot_by_two_is_no_contradiction(tmp_path):
    """Alike but for who looked: both are kept; a second row of ours on the same day is not."""
    looks = LOOKS.splitlines()[0] + "\n1,K1,2026-08-21,40,8,,\n1,K1,2026-08-21,40,0,工厂,\n1,K1,2026-08-21,40,7,我方,\n"
    found = read(tmp_path, looks=looks)
    assert len(found.tables["inspections"]) == len(found.tables["outside_inspections"]) == 1
    assert found.quarantine["code"].tolist() == ["duplicate_contradicts"]


HEAD = "order_id,batch,inspected_on,inspected,defective,验货方,known_on\n"


def test_a_look_corrected_from_blank_to_factory_stands_once(tmp_path):
    """Entered again with who looked: the same look. Another count on that day is another's look, and so is a blank told again."""
    looks = HEAD + "1,K1,2026-08-21,40,0,,2026-08-22\n1,K1,2026-08-21,40,0,工厂,2026-10-01\n"
    tables = read(tmp_path, looks=looks).tables
    assert tables["inspections"].empty and tables["outside_inspections"]["inspected_by"].tolist() == ["factory"]
    before = load_source(tmp_path).known(pd.Timestamp("2026-09-30")).tables
    assert before["inspections"]["inspected_by"].tolist() == ["ours"] and before["outside_inspections"].empty
    other = read(tmp_path, looks=looks.replace("40,0,,", "40,8,,")).tables
    assert len(other["inspections"]) == len(other["outside_inspections"]) == 1
    again = read(tmp_path, looks=looks + "1,K1,2026-08-21,40,0,,2026-10-01\n").tables
    assert len(again["inspections"]) == len(again["outside_inspections"]) == 1


RETURNED_AGAIN = [  # batch, origin and settlement as entered first and later, and how many of 7 and 7 pieces count
    (",,", "K1,customer,2026-09-20", 7),  # origin, batch and settlement filled in
    ("K1,,", "K1,inspection,", 7),
    ("K2,,", "K1,customer,", 14),  # another batch
    (",inspection,", ",customer,", 14),
]


def test_a_return_entered_again_counts_once(tmp_path):
    """Each of an order of its own."""
    head = "order_id,line_no,returned,opened_on,batch,origin,settled_on,known_on\n"
    rows = "".join(
        f"{order},1,7,2026-09-10,{told},{day}\n"
        for order, (first, later, _) in enumerate(RETURNED_AGAIN, start=1)
        for told, day in ((first, "2026-09-11"), (later, "2026-10-05"))
    )
    returns = read(tmp_path, orders_alike(len(RETURNED_AGAIN)), "", head + rows).tables["returns"]
    pieces = returns.groupby("order_id")["returned"].sum()
    assert dict(zip(RETURNED_AGAIN, pieces)) == {case: case[-1] for case in RETURNED_AGAIN}


def orders_alike(count: int) -> str:
    """Orders 1, 2, ... of 100 pieces."""
    rows = [f"{number},A厂,P{number},玩具,bulk,2026-08-01,2026-08-20,100,10" for number in range(1, count + 1)]
    return "\n".join([ORDERS.splitlines()[0], *rows])


def test_a_return_that_two_files_tell_counts_once(tmp_path):
    """Neither file has a day: the row that says more, alike in all else, is the same."""
    head = "order_id,line_no,returned,opened_on,origin\n"
    (tmp_path / "returns_shop.csv").write_text(head + "1,1,7,2026-09-10,\n1,1,2,2026-09-12,\n", encoding="utf-8")
    tables = read(tmp_path, returns=head + "1,1,7,2026-09-10,customer\n1,1,3,2026-09-12,customer\n").tables
    assert tables["returns"]["returned"].tolist() == [7, 2, 3]


def test_two_third_parties_on_one_day_are_two_reports(tmp_path):
    looks = (
        LOOKS.splitlines()[0]
        + "\n1,K1,2026-08-16,40,8,SGS,\n1,K1,2026-08-16,40,5,第三方（BV）,\n1,K1,2026-08-16,40,6,通标,\n"
    )
    found = read(tmp_path, looks=looks)
    reports = found.tables["outside_inspections"]
    assert reports["defective"].tolist() == [8, 5], "the third is SGS again, and contradicts"
    assert found.quarantine["code"].tolist() == ["duplicate_contradicts"]


def looks_by(words: Iterable[str]) -> str:
    """A look of each, at order 1, 2, ..."""
    rows = [f"{order},K1,2026-08-21,40,8,{word}," for order, word in enumerate(words, start=1)]
    return "\n".join([LOOKS.splitlines()[0], *rows])


WHO = {
    "供应商自检": "factory", "厂家": "factory", "第三方（ＳＧＳ）": "third_party", "通标SGS": "third_party", "TÜV": "third_party", "我方自检": "ours",
}  # fmt: skip


def test_who_inspected_is_understood(tmp_path):
    tables = read(tmp_path, orders_alike(len(WHO)), looks_by(WHO)).tables
    looks = pd.concat([tables["inspections"], tables["outside_inspections"]]).sort_values("order_id")
    assert dict(zip(WHO, looks["inspected_by"], strict=True)) == WHO


def test_words_that_do_not_say_who_looked_are_refused_and_names_not_quoted(tmp_path):
    """A factory calls its own report 自检, too."""
    shown = {"自检": True, "buyer": True, "张三": False, "Tim": False}
    told = read(tmp_path, orders_alike(len(shown)), looks_by(shown)).quarantine
    assert told["row"].tolist() == [2, 3, 4, 5] and set(told["code"]) == {"not_a_word"}
    assert {word: word in reason for word, reason in zip(shown, told["reason"])} == shown
    assert all("工厂" in worded(remedy, "zh") for remedy in told["remedy"])


def test_complaints_of_a_line_are_summed_as_returns_are(tmp_path):
    back = "order_id,line_no,投诉件数,opened_on\n1,1,60,2026-10-01\n1,1,50,2026-10-02\n"
    found = read(tmp_path, returns=back)
    assert found.tables["returns"]["complained"].tolist() == [60]
    assert found.quarantine["code"].tolist() == ["more_complained_than_ordered"]


def test_an_arrival_in_a_factorys_row_is_no_parcel_of_ours(tmp_path):
    """Order 5 is open; the factory's row has a day of arrival and 60 pieces, our row of order 6 has them too."""
    orders = ORDERS + "5,A厂,P,玩具,bulk,2026-09-01,,60,10\n6,A厂,P,玩具,bulk,2026-09-01,,60,10\n"
    looks = "order_id,inspected_on,inspected,defective,验货方,到货日期,实收数量\n5,2026-09-10,20,0,工厂,2026-09-09,60\n6,2026-09-12,20,0,,2026-09-09,60\n"
    lines = read(tmp_path, orders, looks).tables["orders"].set_index("order_id")
    assert pd.isna(lines.loc["5", "received_on"]) and lines.loc["6", "received_on"] == pd.Timestamp("2026-09-09")


# --- reports


def test_a_factory_that_finds_nothing_where_we_find_eight(tables, lots):
    reports = outside_reports(tables["orders"], lots, tables["outside_inspections"], 0.05).set_index(
        ["supplier", "inspected_by"]
    )
    row = reports.loc[("A厂", "factory")]
    assert row[
        ["lots", "same_lots", "reported_inspected", "reported_defective", "own_inspected", "own_defective"]
    ].tolist() == [1, 1, 40, 0, 40, 8]
    ours, theirs = stats.beta(8.5, 32.5), stats.beta(0.5, 40.5)  # shares of one side each: Jeffreys
    assert row["p_understates"] == pytest.approx(chance_of((8, 40, 0, 40)), abs=2e-3)
    assert row["verdict"] == "understates" and row["skus"] == "P"
    assert (
        row["own_rate"] == 0.2
        and row["own_rate_low"] == pytest.approx(ours.ppf(0.05))
        and row["own_rate_high"] == pytest.approx(ours.ppf(0.95))
    )
    assert row["reported_rate"] == row["reported_rate_low"] == 0 and row["reported_rate_high"] == pytest.approx(
        theirs.ppf(0.95)
    )
    assert reports.loc[("A厂", "third_party"), "verdict"] == "cannot_tell", "9 of 40 beside 8 of 40"
    alone = reports.loc[("B厂", "factory")]
    assert alone["verdict"] == "no_own" and np.isnan(alone["p_understates"]) and np.isnan(alone["own_rate"])


def chance_of(*lots: tuple[int, int, int, int], weight: float = 1.0) -> float:
    """P(our odds are above theirs) of lots (ours defective, looked at, theirs ...), by Fisher's noncentral hypergeometric, N(0, 1) beforehand."""

    def density(log_odds: float) -> float:
        told = [stats.nchypergeom_fisher.pmf(x, n + m, x + y, n, np.exp(log_odds)) for x, n, y, m in lots]
        return stats.norm.pdf(log_odds) * np.prod(told) ** weight

    above, below = (integrate.quad(density, *ends, limit=40)[0] for ends in ((0, 6), (-6, 0)))
    return above / (above + below)


def reports_of(orders: list[tuple], own: list[tuple], theirs: list[tuple], likeness: float = 0.05) -> pd.DataFrame:
    """Orders (order, SKU, stage), our lots (order, defective, looked at) and a factory's (order, day, defective, looked at)."""
    bought = pd.DataFrame(orders, columns=["order_id", "sku", "stage"]).assign(line_no=1, supplier="A", category="玩具")
    lots = (
        pd.DataFrame(own, columns=["order_id", "defective", "inspected"]).merge(bought, on="order_id").assign(batch="K")
    )
    seen = pd.DataFrame(theirs, columns=["order_id", "inspected_on", "defective", "inspected"])
    seen = seen.assign(line_no=1, batch="K", inspected_by="factory").reindex(columns=empty("inspections").columns)
    return outside_reports(bought, lots, seen.astype(empty("inspections").dtypes.to_dict()), likeness)


def test_lots_are_compared_one_by_one_and_not_as_sums():
    """20 % and 0 %, found alike by both, where each looked at more pieces of another lot: 16 of 90 beside 2 of 90 say nothing."""
    orders = [("1", "P", "bulk"), ("2", "P", "bulk")]
    own = [("1", 16, 80), ("2", 0, 10)]
    row = reports_of(orders, own, [("1", "2026-01-05", 2, 10), ("2", "2026-01-05", 0, 80)]).iloc[0]
    assert row[["own_defective", "own_inspected", "reported_defective", "reported_inspected"]].tolist() == [
        16,
        90,
        2,
        90,
    ]
    assert (
        row["p_understates"] == pytest.approx(chance_of((16, 80, 2, 10)), abs=2e-3) and 0.4 < row["p_understates"] < 0.6
    )
    worse = reports_of(
        orders, [("1", 16, 80), ("2", 5, 10)], [("1", "2026-01-05", 0, 10), ("2", "2026-01-05", 4, 80)]
    ).iloc[0]
    assert worse["p_understates"] == pytest.approx(chance_of((16, 80, 0, 10), (5, 10, 4, 80)), abs=2e-3)
    assert worse["verdict"] == "understates"


def test_honest_factories_are_seldom_accused():
    """Ten lots with rates of their own, looked at in samples of any sizes: at most one factory in twenty by chance."""
    rng = np.random.default_rng(7)
    shape = (300, 10)
    rates, sizes = rng.beta(0.32, 3.68, shape), rng.choice([5, 20, 100], (2, *shape))  # mean .08, correlation .2
    found = rng.binomial(sizes, rates)
    at = [f"{house}-{lot}" for house in range(300) for lot in range(10)]
    lots = pd.DataFrame({"supplier": np.repeat(np.arange(300), 10), "inspected_by": "factory", "weight": 1.0}, index=at)
    for side, n, x in zip(("", "_own"), sizes, found):
        lots[f"inspected{side}"], lots[f"defective{side}"] = n.ravel(), x.ravel()
    chance = chance_above(lots, lots[["supplier", "inspected_by"]].drop_duplicates())
    assert (chance >= 0.95).mean() < 0.06 and (chance <= 0.05).mean() < 0.06
    assert np.mean(chance) == pytest.approx(0.5, abs=0.04)


def test_other_lots_of_the_same_goods_weigh_less():
    """40 pieces a lot, correlation .2: each weighs 1 / 8.8, on both sides."""
    orders = [("1", "P", "bulk"), ("2", "P", "bulk")]
    row = reports_of(orders, [("1", 8, 40)], [("2", "2026-01-05", 0, 40)], 0.2).iloc[0]
    assert row["same_lots"] == 0 and row["skus"] == "P"
    assert row["p_understates"] == pytest.approx(chance_of((8, 40, 0, 40), weight=1 / 8.8), abs=2e-3)
    assert 0.5 < row["p_understates"] < chance_of((8, 40, 0, 40))


@pytest.mark.parametrize(("sku", "stage"), [("R", "bulk"), ("P", "sample")])
def test_other_goods_are_not_compared(sku, stage):
    """A factory's clean report on one article says nothing of another, nor of samples."""
    row = reports_of([("1", sku, stage), ("2", "P", "bulk")], [("1", 30, 100)], [("2", "2026-01-05", 1, 100)]).iloc[0]
    assert row["verdict"] == "no_own" and np.isnan(row["p_understates"]) and row["own_inspected"] == 0
    assert row[["reported_defective", "reported_inspected", "skus"]].tolist() == [1, 100, "P"]


def test_the_first_of_a_factorys_looks_at_a_lot_counts():
    """8 of 100, then sorted, then none of 100: its report of what it made is the first."""
    looks = [("1", "2026-01-05", 8, 100), ("1", "2026-01-07", 0, 100)]
    row = reports_of([("1", "P", "bulk")], [("1", 3, 40)], looks).iloc[0]
    assert row[["reported_defective", "reported_inspected"]].tolist() == [8, 100]


def test_no_reports_no_rows(tables, lots):
    none = outside_reports(tables["orders"], lots, tables["outside_inspections"].iloc[:0], 0.05)
    assert none.empty and str(none["lots"].dtype) == "Int64"


def test_shares_alike_are_a_toss_up_and_none_are_missing():
    some, none = Shares(np.array([3.0]), np.array([30.0]), np.array([1.0])), Shares(*np.array([[0.0], [0.0], [1.0]]))
    assert (
        some.above(some) == pytest.approx(0.5)
        and np.isnan(some.above(none)).all()
        and np.isnan(none.columns(0.9)[0]).all()
    )


# --- customers


def returned(*rows: dict) -> pd.DataFrame:
    table = pd.DataFrame([{"line_no": 1, "opened_on": "2026-10-15", **row} for row in rows])
    return table.reindex(columns=empty("returns").columns).astype(empty("returns").dtypes.to_dict())


def feedback(tables, lots, *rows: dict) -> pd.DataFrame:
    return customer_feedback(tables["orders"], returned(*rows), lots, 0.0).set_index(["supplier", "sku"])


def test_customers_find_what_inspection_did_not(tables, lots):
    """Lot 2: 100 received, 2 found and taken out, 12 came back from customers and 3 more complained."""
    rows = feedback(
        tables, lots, {"order_id": "2", "origin": "customer", "returned": 10, "reworked": 2, "complained": 3}
    )
    row = rows.loc[("A厂", "P")]
    assert row[["lines", "passed_on", "from_customers", "inspected", "defective"]].tolist() == [2, 92 + 98, 15, 140, 10]
    assert row["customer_rate"] == pytest.approx(15 / 190) and row["inspected_rate"] == pytest.approx(10 / 140)
    only = feedback(
        tables, lots[lots["batch"] == "K2"], {"order_id": "2", "origin": "customer", "returned": 10, "complained": 5}
    )
    assert only.loc[("A厂", "P"), "verdict"] == "customers_find_more"
    chance = integrate.quad(lambda p: stats.beta(15.5, 183.5).pdf(p) * stats.beta(2.5, 98.5).cdf(p), 0, 1)[0]
    assert only.loc[("A厂", "P"), "p_more"] == pytest.approx(chance, abs=2e-3)


@pytest.mark.parametrize(
    ("rows", "customers"),
    [
        ([{"origin": "inspection", "returned": 8}], 0),  # sent back after we had found them
        ([{"returned": 8}], 0),  # nobody says: as many as were found
        ([{"returned": 8, "reworked": 5}], 5),  # five more than were found
        ([{"origin": "inspection", "returned": 6}, {"returned": 4}], 2),  # two of the four had been found
        ([{"origin": "customer", "returned": 4}, {"returned": 8}], 4),
        ([{"complained": 500}], 100),  # no more than there were
        ([{"returned": 100}], 0),  # the whole lot: inspection refused it
        ([{"returned": 68}], 0),  # the 60 that nobody had looked at, and the 8
        ([{"returned": 40, "opened_on": "2026-08-21"}], 0),  # on the day of our look
        ([{"returned": 40, "opened_on": None}], 0),  # nobody knows when
        ([{"returned": 40}], 32),
        ([{"origin": "customer", "returned": 100}], 100),
        ([{"complained": 5}, {"origin": "customer", "returned": 4}], 5),  # four of the five sent back later
        ([{"complained": 5}, {"origin": "customer", "returned": 9}], 9),
    ],
)
def test_whose_a_return_is(tables, lots, rows, customers):
    """Lot 1: 8 pieces found defective."""
    found = feedback(tables, lots, *({"order_id": "1", **row} for row in rows))
    assert found.loc[("A厂", "P"), "from_customers"] == customers


def test_a_lot_refused_and_sent_back_reached_no_customer(tables, lots):
    """100 received, 8 found in 40, all 100 sent back, nobody wrote who found it: none passed on, 100 untold."""
    row = feedback(tables, lots[lots["batch"] == "K1"], {"order_id": "1", "returned": 100, "opened_on": "2026-08-22"})
    assert row.loc[("A厂", "P"), ["passed_on", "from_customers", "untold"]].tolist() == [0 + 100, 0, 100]
    assert row.loc[("A厂", "P"), "verdict"] != "customers_find_more"


@pytest.mark.parametrize(("untold", "verdict"), [(0, "no_sign"), (1, "no_sign"), (30, "cannot_tell")])
def test_returns_of_nobody_may_be_the_customers(tables, lots, untold, verdict):
    """8 of 40 found, one of 92 complained of: clearly no more, unless the 30 sent back without a day or a word were customers' too."""
    mine = {**tables, "orders": tables["orders"][tables["orders"]["order_id"] == "1"]}
    rows = [
        {"order_id": "1", "origin": "customer", "complained": 1},
        {"order_id": "1", "returned": untold, "opened_on": None},
    ]
    row = feedback(mine, lots[lots["batch"] == "K1"], *rows).loc[("A厂", "P")]
    assert row[["from_customers", "untold"]].tolist() == [1, untold] and row["verdict"] == verdict


def test_what_was_never_inspected_or_never_came_back(tables, lots):
    rows = feedback(tables, lots, {"order_id": "3", "origin": "customer", "returned": 1})
    assert rows.loc[("B厂", "Q"), "verdict"] == "not_inspected" and rows.loc[("C厂", "Q"), "from_customers"] == 0
    assert customer_feedback(tables["orders"], returned().iloc[:0], lots, 0.0).empty, (
        "nothing recorded is not nothing returned"
    )


# --- the page


def told(blocks: list[dict]) -> list[str]:
    rows = [row for block in blocks for row in block.get("rows", [])]
    return [" | ".join(str(cell["text"] if isinstance(cell, dict) else cell) for cell in row) for row in rows]


@pytest.mark.parametrize(
    ("language", "understates", "cannot_tell"),
    [("en", "finds less than we do", "cannot tell yet"), ("zh", "少报（低于我方所见）", "尚不能判断")],
)
def test_the_page_tells_what_is_clear_first(tables, lots, language, understates, cannot_tell):
    reports = outside_reports(tables["orders"], lots, tables["outside_inspections"], 0.05)
    quiet = customer_feedback(
        tables["orders"], returned({"order_id": "1", "origin": "customer", "returned": 1}), lots, 0.0
    )
    blocks = second_opinions(
        report_context({"outside_reports": reports, "customer_feedback": quiet}, facts(), language)
    )
    rows = told(blocks)
    assert len(rows) == 3 and understates in rows[0] and "20.0" not in rows[0].split("|")[2], (
        "customers find nothing more: no rows of them"
    )
    assert rows[0].count("40") == 2 and any(cannot_tell in row for row in rows[1:])
    assert second_opinions(report_context({}, facts(), language)) == []


@pytest.mark.parametrize(
    ("verdict", "worse", "measured", "shown"),
    [("better", 0.02, 0.5, "2%"), ("worse", 0.97, 0.4, "97%"), ("differs", 0.3, 0.99, "99%")],
)
def test_the_chance_printed_is_the_one_that_the_verdict_rests_on(verdict, worse, measured, shown):
    row = {
        "supplier": "A",
        "sku": "P",
        "number": 2,
        "order_id": "2",
        "line_no": 1,
        "batch": "K2",
        "inspected": 40,
        "defective": 1,
    }
    row |= {"rate_low": 0.0, "rate_high": 0.1, "p_worse": worse, "p_worse_measured": measured, "verdict": verdict}
    (cells,) = told(second_opinions(report_context({"sample_batches": pd.DataFrame([row])}, facts(), "en")))
    assert cells.split(" | ")[-2] == shown


def test_every_column_is_described():
    columns = {
        "outside_reports": REPORT_COLUMNS,
        "customer_feedback": FEEDBACK_COLUMNS,
        "sample_batches": BATCH_COLUMNS,
        "batch_trace": TRACE_COLUMNS,
    }
    ends = ("_low", "_high")
    assert [
        (name, column)
        for name, known in columns.items()
        for column in known
        if not column.endswith(ends) and not is_described(name, column)
    ] == []
