"""An even text is held by columns: the same cells and the same tables as read record by record."""

import csv
import io
import itertools

import hostile_files as series
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError, SourceError
from analysis.sources.distinct import by_value, distinct
from analysis.sources.grid import FEW, Grid, grid_of
from analysis.sources.header_row import HeaderRow
from analysis.sources.load import END_OF_TIME, load_source
from analysis.sources.rows_apart import totals_below
from analysis.sources.rows_below import rows_below
from analysis.sources.text_table import read_text

CELLS = st.text(st.sampled_from(list('ab,;\t"\n 1.-#=\u3000厂合计总é')), max_size=6)
ROWS = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1))


@settings(max_examples=80, deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([",", ";", "\t"]))
def test_a_text_by_columns_is_what_the_records_are(rows, line_end, delimiter):
    assume(any(cell for row in rows for cell in row))
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows(rows)
    text = written.getvalue()
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    grid = grid_of(text.replace("\n", line_end).encode(), delimiter)
    assert (grid is None and (len(rows) == 1 or "\n\n" in text)) or list(grid) == expected
    if grid is None:
        return
    assert [grid[place] for place in range(len(grid))] == expected


@pytest.mark.parametrize(
    "text",
    ['a,b\n1,x "y" z\n', "a,b\n1,2,3\n", "a,b\n\n1,2\n", 'a,b\n"1" ,2\n', 'a,b\n1,"open\n', "a\n1\n", "a,b\n\0,1\n"],
)
def test_what_is_uneven_or_oddly_quoted_is_left_to_the_records(text):
    assert grid_of(text.encode(), ",") is None


def test_an_open_quotation_is_told_with_its_line():
    with pytest.raises(SourceError, match="2"):
        read_text(b'a,b\n1,"open\n3,4\n', "orders.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_is_read_by_columns(encoding):
    grid = read_text("供应商,数量\n义乌市晨星日用品厂,3\n".encode(encoding), "orders.csv")
    assert isinstance(grid, Grid) and list(grid) == [["供应商", "数量"], ["义乌市晨星日用品厂", "3"]]


def test_totals_are_found_by_their_word_in_any_column_and_keep_their_row():
    rows = [
        ["sku", "quantity", "note"],
        ["CUP", "3", "Total 300ml"],
        ["合计：", "3", ""],
        ["LID", "4", "小计"],
        ["POT", "5", ""],
    ]
    grid = grid_of("\n".join(map(",".join, rows)).encode(), ",")
    headers = HeaderRow(0, ["sku", None, "quantity"], rows[0])
    assert totals_below(grid, headers) == totals_below(rows, headers) == {3: "合计：", 4: "小计"}
    frame = rows_below(grid, headers)
    assert frame.to_dict("list") == {"sku": ["CUP", "POT"], "quantity": ["Total 300ml", ""]} and list(frame.index) == [
        2,
        5,
    ]


CSV_FILES = list(itertools.islice((n for n in range(200) if series.hostile_file(n).make == "csv"), 6))


@pytest.mark.parametrize("number", CSV_FILES)
def test_the_tables_do_not_depend_on_how_a_text_was_held(number, tmp_path, monkeypatch):
    file = series.hostile_file(number)

    def told(folder):
        file.write(folder)
        try:
            known = load_source(folder).known(END_OF_TIME)
        except AnalysisError as error:
            return str(error).replace(folder.name, "")
        return {**known.tables, "quarantine": known.quarantine, "remarks": known.remarks, "account": known.accounting}

    by_columns = told(tmp_path / "s1")
    monkeypatch.setattr("analysis.sources.text_table.grid_of", lambda data, delimiter: None)
    by_records = told(tmp_path / "s2")
    if isinstance(by_records, str):
        assert by_columns == by_records
        return
    for name, table in by_records.items():
        pd.testing.assert_frame_equal(by_columns[name], table, obj=name)


def test_an_even_text_may_hold_more_cells_than_records_one_by_one(monkeypatch):
    monkeypatch.setattr("analysis.sources.text_table.MOST_CELLS", 10)
    even = b"a,b\n" + b"1,2\n" * 8
    assert len(read_text(even, "orders.csv")) == 9
    with pytest.raises(SourceError, match="million cells"):
        read_text(even + b"1,2,3\n", "orders.csv")
    monkeypatch.setattr("analysis.sources.grid.MOST_IN_COLUMNS", 15)
    with pytest.raises(SourceError, match="million cells"):
        read_text(even, "orders.csv")


@pytest.mark.parametrize("storage", ["python", "pyarrow"])
def test_each_different_text_is_read_once_and_a_changed_column_anew(storage):
    """Of a long file's column, which is Arrow's, what was found is kept."""
    cells = pd.Series(["a", "b", "a", None], dtype=pd.StringDtype(storage, na_value=np.nan))
    codes, uniques = distinct(cells)
    assert list(codes) == [0, 1, 0, -1] and list(uniques) == ["a", "b"]
    seen: list[object] = []
    assert list(by_value(cells, lambda cell: seen.append(cell) or str(cell).upper())) == ["A", "B", "A", "NONE"]
    assert sorted(map(str, seen)) == ["None", "a", "b"]
    assert (distinct(cells)[1] is uniques) == (storage == "pyarrow")
    changed = cells.copy()
    changed[0] = "c"
    np.testing.assert_array_equal(distinct(changed)[1], ["c", "b", "a"])


def test_the_different_cells_of_a_column_may_be_asked_for_by_what_stands_in_them():
    grid = grid_of("合计,1\n甲,2\nTOTAL,2\n合计,x\n".encode(), ",")
    assert grid.words(0) == ["合计", "甲", "TOTAL"] and grid.words(1, like="[^0-9]$") == ["x"]
    assert grid.words(0, like="计|(?i)total") == ["合计", "TOTAL"]


def test_the_columns_of_a_long_text_are_arrows():
    few, many = (grid_of(b"a,b\n" * rows, ",").frame(pd.RangeIndex(rows), [0, 1]) for rows in (FEW, FEW + 1))
    assert [frame["f0"].dtype.storage for frame in (few, many)] == ["python", "pyarrow"]
