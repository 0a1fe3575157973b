"""A `source.toml` that says what cannot be is told in a sentence that names the key."""

import pytest

from analysis.errors import SourceError
from analysis.sources.source_map import read_source_map

FILE = '[[file]]\nname = "*.csv"\ntable = "orders"\n'
WRONG = {
    "no pattern": ('[[file]]\nname = ""\ntable = "orders"\ncolumns = {}', "name is"),
    "another folder": ('[[file]]\nname = "../x.csv"\ntable = "orders"\ncolumns = {}', "name is"),
    "times nothing": (FILE + 'columns = { quantity = { header = "Q", times = 0 } }', "quantity.times is 0"),
    "times nan": (FILE + 'columns = { quantity = { header = "Q", times = nan } }', "quantity.times is nan"),
    "always a list": (FILE + "columns = { stage = { always = [1] } }", "stage.always is"),
    "words to a list": (FILE + 'columns = {}\nwords.stage = { A = ["bulk"] }', "words.stage is"),
    "no encoding": (FILE + 'columns = {}\nencoding = "klingon"', "encoding is klingon"),
    "sheet by number": (FILE + "columns = {}\nsheet = 1", "sheet is 1"),
    "excluded number": (FILE + 'columns = {}\nexclude = [{ column = 1, values = ["x"], reason_en = "x" }]', "column is 1"),
    "charge of a column not read": (FILE + 'columns = { order_id = "A" }\nshared_charge = { column = "freight", pointer = "(a)", target = "B", weights = "order_id" }', "freight"),
    "a page as a title": ('title_en = "' + "x" * 2000 + '"', "title_en is"),
    "a month as a date": ("first_month = 2026-01-01", "first_month is"),
    "deep": ("x = " + "[" * 5000, "source.toml"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_map_that_says_what_cannot_be_is_told(text, says, tmp_path):
    (tmp_path / "source.toml").write_text(text, encoding="utf-8-sig")
    with pytest.raises(SourceError) as told:
        read_source_map(tmp_path)
    assert says in told.value.text("en") and told.value.text("zh") and len(told.value.text("en")) < 400
