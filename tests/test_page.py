"""`review.html`: one file, no network, every number with what is behind it, hostile texts inert."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from review_tables import EIGHT, facts, review_tables

from analysis.estimates.draws import Draws
from analysis.paths import CONFIG
from analysis.reporting import html_page
from analysis.reporting.cells import column_texts
from analysis.reporting.codes import code_name
from analysis.reporting.evidence import PARTS, draw_summaries
from analysis.reporting.html_page import write_page
from analysis.reporting.page_tables import SHOWN, shown_rows
from analysis.reporting.report_context import report_context
from analysis.reporting.supply_pages import backup_suppliers
from analysis.rules import rules_in_force

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>'
QUOTED = "\"onclick='alert(1)' &lt;b&gt;\u2028\x07"
VOID = {"meta", "img", "input", "br", "hr", "link", "circle", "path"}


class Page(HTMLParser):
    """What a browser would make of a page: its elements, texts and data."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self.texts, self.open, self.data = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-3:]}"
            self.open.pop()

    def handle_data(self, data):
        kind = next((told["type"] for tag, told in self.open if tag == "script" and "type" in told), None)
        if kind:
            self.data += data if kind == "application/json" else gzip.decompress(base64.b64decode(data)).decode()
        else:
            self.texts.append(data)

    def all(self, tag):
        return [told for name, told in self.elements if name == tag]


def drawn(suppliers) -> pd.DataFrame:
    values = np.random.default_rng(1).beta(2, 40, (len(suppliers), 400))
    return draw_summaries({"defect_rate": Draws(pd.Index(suppliers, dtype="str"), values)}, 0.9, 20261031)


@pytest.fixture(scope="module")
def tables():
    return review_tables()


@pytest.fixture(scope="module")
def written(tables, tmp_path_factory):
    rules = rules_in_force("example", "2026-10", CONFIG).sections
    file = tmp_path_factory.mktemp("page") / "review.html"
    return write_page(tables, facts(rules=rules, draws=drawn(EIGHT)), file)


@pytest.fixture(scope="module")
def page(written):
    return Page(written.read_text(encoding="utf-8"))


def part(page, key):
    return next(part for part in json.loads(page.data)["parts"] if part["key"] == key)


def rows_of(page, key, supplier):
    """A part's rows on a supplier as the page's script picks and words them."""
    found = part(page, key)
    place = found["links"].index("supplier")
    rows = [row for row in found["rows"] if found["texts"][row[place]] == supplier]
    return [[cell if kind in ("n", "d") else found["texts"][cell] for cell, kind in zip(row, found["kinds"])] for row in rows]  # fmt: skip


def test_it_is_one_small_file_that_asks_no_network(written, page):
    text = written.read_text(encoding="utf-8")
    assert written.stat().st_size < 2_000_000 and not page.open
    assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttpRequest|\bimport\(", text)
    assert not [told for _, told in page.elements if {"src", "srcset", "data-src"} & told.keys()]
    assert all(told["href"].startswith("#") for told in page.all("a")) and page.all("link") == []
    policy = next(told["content"] for told in page.all("meta") if told.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_every_head_sorts_and_every_picture_and_language_is_told(page):
    assert len(page.all("table")) >= 6
    heads = [place for place, (tag, _) in enumerate(page.elements) if tag == "th"]
    assert heads and all(page.elements[place + 1][0] == "button" for place in heads)
    pictures = page.all("svg")
    assert pictures and all(re.search(r"90% interval .*/.*区间", told["aria-label"]) for told in pictures)
    assert page.all("html")[0]["lang"] in ("zh", "en")
    spans = [told for told in page.all("span") if told.get("class") in ("zh", "en")]
    assert spans and all(told["lang"] == told["class"] for told in spans)
    assert sum(told["lang"] == "zh" for told in spans) == sum(told["lang"] == "en" for told in spans)


@pytest.mark.parametrize("supplier", [EIGHT[0], EIGHT[1], EIGHT[4]])
def test_a_supplier_leads_to_its_order_lines_inspections_draws_and_rules(page, tables, supplier):
    link = "#supplier=" + re.sub(r"[^A-Za-z0-9_.~-]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), supplier)
    assert link in {told["href"] for told in page.all("a")}, "one click"
    orders = tables["orders"][tables["orders"]["supplier"] == supplier]
    shown = rows_of(page, "orders", supplier)
    assert sorted(row[1] for row in shown) == sorted(orders["order_id"]) and len(shown) > 0
    looked_at = tables["inspections"].merge(orders[["order_id", "line_no"]], on=["order_id", "line_no"])
    assert len(rows_of(page, "inspections", supplier)) == looked_at["inspected"].notna().sum()
    draws = drawn(EIGHT).set_index("supplier").loc[supplier]
    assert rows_of(page, "draws", supplier)[0][2:5] == [f"{draws[name]:.4g}" for name in ("mean", "mean_low", "mean_high")]  # fmt: skip
    rules = part(page, "rules")
    assert rules["always"]
    assert ["limits", "defect_rate", "0.05"] in [[rules["texts"][cell] for cell in row[:3]] for row in rules["rows"]]


def test_hostile_names_and_reasons_stay_texts(tables, tmp_path):
    renamed = {name: table.replace({EIGHT[0]: HOSTILE, EIGHT[1]: QUOTED}) for name, table in tables.items()}
    renamed["quarantine"] = renamed["quarantine"].assign(reason=HOSTILE, reason_zh="<!--" + HOSTILE)
    title = {"en": HOSTILE, "zh": "<b>示例</b>"}
    text = write_page(renamed, facts(title=title, draws=drawn([HOSTILE])), tmp_path / "x.html").read_text("utf-8")
    page = Page(text)
    assert [told.get("type") for told in page.all("script")] == ["application/json", None], "the page's own, no more"
    assert page.all("img") == [] and page.all("b") and not page.open
    assert not any(name.startswith("on") for _, told in page.elements for name in told)
    assert HOSTILE in page.texts and rows_of(page, "orders", HOSTILE), "told as it is, and its rows are found"
    assert "\x07" not in text and "\u2028" not in text
    assert "<" not in page.data


def test_the_same_tables_give_the_same_bytes(written, tables, tmp_path):
    rules = rules_in_force("example", "2026-10", CONFIG).sections
    again = write_page(tables, facts(rules=rules, draws=drawn(EIGHT)), tmp_path / "review.html")
    assert again.read_bytes() == written.read_bytes()


def many_orders(tables) -> dict[str, pd.DataFrame]:
    lines = pd.concat([tables["orders"]] * 40, ignore_index=True)
    days = pd.date_range("2020-01-01", periods=len(lines), freq="D").as_unit("us")
    return tables | {"orders": lines.assign(order_id=[f"N{n}" for n in range(len(lines))], ordered_on=days)}


def test_a_large_page_packs_its_data_and_loses_nothing(tables, tmp_path, monkeypatch):
    many = many_orders(tables)
    plain = Page(write_page(many, facts(), tmp_path / "plain.html").read_text(encoding="utf-8"))
    monkeypatch.setattr(html_page, "LARGEST", 200_000)
    file = write_page(many, facts(), tmp_path / "packed.html")
    page = Page(file.read_text(encoding="utf-8"))
    assert file.stat().st_size <= 200_000 and page.all("script")[0]["type"] == "text/plain"
    assert json.loads(page.data) == json.loads(plain.data)
    assert write_page(many, facts(), tmp_path / "again.html").read_bytes() == file.read_bytes()


def test_too_many_rows_leave_the_oldest_out_and_say_so(tables, tmp_path, monkeypatch):
    many = many_orders(tables)
    lines, whole = many["orders"], write_page(tables, facts(), tmp_path / "x.html").stat().st_size
    monkeypatch.setattr(html_page, "LARGEST", whole + 55_000)
    monkeypatch.setattr(html_page, "packed", lambda data: data)  # as if nothing could be packed
    file = write_page(many, facts(), tmp_path / "review.html")
    assert file.stat().st_size <= whole + 55_000
    text = file.read_text(encoding="utf-8").replace('type="text/plain"', 'type="application/json"')
    orders = part(Page(text), "orders")
    assert 0 < len(orders["rows"]) < len(lines) and len(orders["rows"]) + orders["left"] == len(lines)
    kept = {orders["texts"][row[1]] for row in orders["rows"]}
    assert f"N{len(lines) - 1}" in kept and "N0" not in kept, "the newest stay"


def many_suppliers(count, **others) -> dict[str, pd.DataFrame]:
    """A table that no click shows (`exposure`) and one that a click on a supplier does (`costs`)."""
    people = [f"supplier {number:04d}" for number in range(count)]
    exposure = pd.DataFrame({"supplier": people, "spend": 100.0, "share": 0.001, "skus": 1, "single_source_skus": 0, "recovery_days": 30.0, "exposure": 8.0})  # fmt: skip
    return {
        "exposure": exposure,
        "costs": pd.DataFrame({"supplier": people, "sku": "A", "unit_price": 2.5, "cost_per_good_piece": 3.0}),
        **others,
    }


def section(text: str, name: str) -> str:
    return text.split(f'<section id="{name}">')[1].split("</section>")[0]


def test_a_table_that_is_cut_says_where_the_others_really_are(tables, tmp_path):
    """450 rows of which 400 are shown: the report printed 6 of them, and page and report call neither of both whole."""
    plan = pd.concat([tables["purchase_plan"].iloc[[0]]] * 450).assign(
        sku=[f"K{number:03d}" for number in range(450)], supplier=["甲厂"] * 449 + [None]
    )
    many = many_suppliers(450, purchase_plan=plan)
    text = write_page(many, facts(), tmp_path / "review.html").read_text("utf-8")
    exposure, costs, planned = (section(text, name) for name in ("exposure", "costs", "purchase_plan"))
    assert exposure.count("<tr>") == costs.count("<tr>") == planned.count("<tr>") == 1 + 400
    assert "The first 400 of 450 rows; the others stand behind their supplier." in costs
    for name, cut in (("exposure", exposure), ("purchase_plan", planned)):  # no part of a supplier; a row without one
        assert f"all of them are in data/processed, as {name}.parquet" in cut and "behind" not in cut
    for language, whole, more in (
        ("en", "whole", "more of the table is in review.html"),
        ("zh", "完整", "更多行见 review.html"),
    ):
        said = str(backup_suppliers(report_context(many, facts(), language)))
        assert "444" in said and more in said and whole not in said


@pytest.mark.parametrize("largest", [120_000, 180_000, 350_000, 700_000])
def test_the_scorecard_counts_whole_and_once_when_rows_are_cut(largest, monkeypatch):
    """What the sections really take at each of the four sizes, against the one chosen."""
    people = many_suppliers(500)
    scorecard = (
        people["costs"]
        .assign(rank=1, grade="B", rating=50.0)
        .drop(columns=["sku", "unit_price", "cost_per_good_piece"])
    )
    tables = people | {"scorecard": scorecard}
    there = [(shown, rows) for shown in SHOWN if len(rows := shown_rows(shown, tables))]
    monkeypatch.setattr(html_page, "LARGEST", largest)
    taken = {
        most: sum(len(html_page._section(*one, facts(), most).encode()) for one in there) for most, _ in html_page.ROWS
    }
    fitting = [most for most, share in html_page.ROWS if taken[most] <= largest * share]
    short = [html_page._section(*one, facts(), html_page.FEWEST) for one in there]
    assert html_page._rows_that_fit(there, short) == (fitting or [30])[0]


@pytest.mark.parametrize("kept", [[], ["orders"], ["scorecard", "criteria_values"]])
def test_half_the_tables_missing_is_still_a_page(tables, kept, tmp_path):
    some = {name: tables[name] for name in kept}
    page = Page(write_page(some, facts(), tmp_path / "review.html").read_text(encoding="utf-8"))
    assert not page.open and page.all("h1")


def test_every_part_names_columns_of_its_table(tables):
    for each in PARTS:
        if each.table in tables and not each.of_line and each.key != "criteria":
            assert set(each.by) <= set(tables[each.table].columns), each.key


@pytest.mark.parametrize(
    ("table", "column", "value", "en", "zh"),
    [
        ("orders", "status", "open", "on the road", "在途"),
        ("risks", "status", "open", "open", "未关闭"),
        ("orders", "stage", "bulk", "bulk", "大货"),
        ("drift", "flagged", np.bool_(False), "no", "否"),
        ("scorecard", "missing_criteria", "open_risks, drift", "open risks, bulk against samples", "未关闭风险、样品与大货差异"),
        ("orders", "supplier", "open", "open", "open"),
    ],
)  # fmt: skip
def test_codes_are_told_by_their_names(table, column, value, en, zh):
    assert (code_name(table, column, value, "en"), code_name(table, column, value, "zh")) == (en, zh)


def test_cells_are_written_by_their_unit():
    rows = pd.DataFrame({"p_over_limit": [0.0001, 0.4], "defect_rate": [0.0314, np.nan], "order_total": [1234.5, 0.0]})
    assert column_texts("defect_rates", "p_over_limit", rows["p_over_limit"], "en") == ["<1%", "40%"]
    assert column_texts("defect_rates", "defect_rate", rows["defect_rate"], "en") == ["3.1%", "—"]
    assert column_texts("purchase_plan", "order_total", rows["order_total"], "zh") == ["1,234.50", "0.00"]


@pytest.mark.parametrize(("name", "why"), [("purchase_plan", "reason"), ("scorecard", "grade_reason")])
def test_a_reason_stands_where_a_screen_reaches(name, why):
    """At the end of nineteen columns nobody saw it, and its length left every row half empty."""
    columns = next(shown.columns for shown in SHOWN if shown.name == name)
    assert 0 < columns.index(why) <= 7
    behind = next(part.columns for part in PARTS if part.table == name)
    assert 0 < behind.index(why) <= 7
