"""The shipped real source: read by its map alone, checked against an independent count with the csv module."""

import csv
import re
import time
from collections import Counter, defaultdict
from datetime import datetime

import pandas as pd
import pytest

from analysis.errors import SourceError
from analysis.paths import DATA
from analysis.reporting.sentences import worded
from analysis.sources import load
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.load import load_source

FOLDER = DATA / "scms"
AS_OF = datetime(2013, 6, 30)


@pytest.fixture(scope="module")
def lines():
    with (FOLDER / "SCMS_Delivery_History_Dataset.csv").open(encoding="utf-8-sig") as file:  # the lines end in CR alone
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def source():
    return load_source(FOLDER)


def direct(lines):
    """Direct deliveries with an order date, as (ID, ordered, delivered)."""
    for line in lines:
        if line["Fulfill Via"] == "Direct Drop" and line["PO Sent to Vendor Date"] != "Date Not Captured":
            ordered = datetime.strptime(line["PO Sent to Vendor Date"], "%m/%d/%y")
            yield int(line["ID"]), ordered, datetime.strptime(line["Delivered to Client Date"], "%d-%b-%y")


def test_the_file_is_the_published_one(lines):
    # counts as published with the data set: 10,324 lines, 73 vendors, 184 items, 43 countries
    assert len(lines) == 10_324
    assert [len({line[name] for line in lines}) for name in ("Vendor", "Item Description", "Country")] == [73, 184, 43]


def test_every_line_is_kept_or_refused(source, lines):
    known = source.known(END_OF_TIME)
    counts = known.accounting.iloc[0]
    usable = [(number, ordered, delivered) for number, ordered, delivered in direct(lines) if delivered >= ordered]
    assert (counts["rows_in"], counts["merged"], counts["later"]) == (10_324, 0, 0)
    assert counts["kept"] == len(usable) == 4_592 - 5
    assert set(known.tables["orders"]["line_no"]) == {number for number, _, _ in usable}
    assert known.tables["orders"]["supplier"].nunique() == 68
    warehouse = Counter(line["Fulfill Via"] for line in lines)["From RDC"]
    reasons = known.quarantine["reason"].map(worded).str.slice(0, 12).value_counts()
    assert reasons.tolist() == [warehouse, 328, 5]


def test_open_and_received_lines_of_a_month(source, lines):
    known = source.known(pd.Timestamp(AS_OF))
    told = Counter("open" if delivered > AS_OF else "received" for _, ordered, delivered in direct(lines)
                   if ordered <= AS_OF and not ordered > delivered)  # fmt: skip
    status = known.tables["orders"]["status"].value_counts().to_dict()
    assert status == dict(told)
    counts = known.accounting.iloc[0]
    assert counts["rows_in"] == counts["kept"] + counts["quarantined"] + counts["merged"]
    assert counts["rows_in"] + counts["later"] == 10_324


def test_shared_freight_adds_up_to_the_cent(source, lines):
    freight = {int(line["ID"]): line["Freight Cost (USD)"] for line in lines}
    pointer = {number: int(found[1]) for number, text in freight.items() if (found := re.search(r"ID#:(\d+)", text))}
    groups = defaultdict(list)
    for number, holder in pointer.items():
        groups[holder].append(number)
    orders = source.known(END_OF_TIME).tables["orders"].set_index("line_no")["freight"]
    checked = 0
    for holder, members in groups.items():
        whole = [holder, *members]
        if set(whole) <= set(orders.index):
            if re.fullmatch(r"[\d.]+", freight[holder]):
                assert orders[whole].sum() == pytest.approx(float(freight[holder]), abs=0.005)
                checked += 1
            else:
                assert orders[members].isna().all()
    assert checked > 100


def test_words_in_freight_cells(source, lines):
    orders = source.known(END_OF_TIME).tables["orders"].set_index("line_no")["freight"]
    for line in lines:
        if int(line["ID"]) in orders.index and line["Freight Cost (USD)"] == "Freight Included in Commodity Cost":
            assert orders[int(line["ID"])] == 0
        if int(line["ID"]) in orders.index and line["Freight Cost (USD)"] == "Invoiced Separately":
            assert pd.isna(orders[int(line["ID"])])


def test_months_near_the_end_are_refused_with_the_reason(source):
    with pytest.raises(
        SourceError, match="from 2006-07 to 2014-06, not as of 2014-07-31: the file holds delivered lines only"
    ) as told:
        source.known(pd.Timestamp("2014-07-31"))
    assert "只含已交付" in told.value.text("zh")
    with pytest.raises(SourceError):
        source.known(pd.Timestamp("2006-06-30"))


def test_it_loads_quickly():
    load._load.cache_clear()
    begin = time.process_time()  # processor time: other programs on the machine do not count
    load_source(FOLDER).known(pd.Timestamp(AS_OF))
    assert time.process_time() - begin < 4
