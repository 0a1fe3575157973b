"""A review for a reader outside: no supplier's name in any byte, and the same other name for the same supplier."""

import io
import re
import zipfile

import pandas as pd
import pytest
import subsets

from analysis.cli import main
from analysis.errors import SourceError
from analysis.reporting.sentences import worded_in_both
from analysis.sources.load import END_OF_TIME, load_source
from analysis.sources.pseudonyms import KEY_FILE, make_key, pseudonym

ORDERS = """order_id,line_no,supplier,sku,ordered_on,received_on,quantity,unit_price,status
1,1,义乌市(晨星)日用品厂,A,2026-01-05,2026-01-15,10,2.0,received
2,1,义乌市（晨星）日用品厂,A,2026-01-06,2026-01-16,10,2.0,received
3,1,Ada Co,A,2026-01-06,2026-01-20,10,2.0,received
4,1,"Bao ""B"" Co",A,2026-01-07,"Bao ""B"" Co",10,2.0,received
"""
TERMS = """quote_id,supplier,sku,quoted_on,min_quantity,unit_price,freight_terms
Q1,Ada Co,A,2026-01-04,10,2.0,ask ada co. and 义乌市(晨星)日用品厂; not Adaptor
"""
RISKS = """supplier,item,opened_on,status,owner,remark
Ada Co,late again,2026-01-20,open,小王,晨星的老板说月底前补
Ada Co,Chenxing moves,2026-01-20,open,,
"""


@pytest.fixture
def key(tmp_path, monkeypatch):
    path = tmp_path / "pseudonyms.key"
    make_key(path)
    monkeypatch.setenv(KEY_FILE, str(path))
    return path.read_text().strip()


def write(folder, **tables):
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_names_are_replaced_in_columns_texts_and_remarks(tmp_path, key):
    known = load_source(write(tmp_path / "acme", orders=ORDERS, quotes=TERMS)).known(END_OF_TIME)
    star, ada = pseudonym("义乌市(晨星)日用品厂", key), pseudonym("Ada Co", key)
    assert set(known.tables["orders"]["supplier"]) == {star, ada} and re.fullmatch(r"S-[A-Z2-7]{7}", star)
    assert known.tables["quotes"]["freight_terms"].item() == f"ask {ada}. and {star}; not Adaptor"
    told = pd.concat([known.quarantine, known.remarks]).to_csv()
    assert (
        len(known.quarantine) == 1
        and "晨星" not in told
        and "Ada Co" not in told
        and "Bao" not in told
        and star in told
    )


@pytest.mark.parametrize("said", ["Ada  Co", "Ada\u00a0Co", "Ada\u200b Co", "ADA CO"])
def test_blanks_and_hidden_characters_hide_no_name(tmp_path, key, said):
    quotes = TERMS.replace("ask ada co.", f"ask {said}.")
    known = load_source(write(tmp_path / "acme", orders=ORDERS, quotes=quotes)).known(END_OF_TIME)
    assert f"ask {pseudonym('Ada Co', key)}." in known.tables["quotes"]["freight_terms"].item()


def test_a_letter_that_is_alike_but_for_case_stops_nothing(tmp_path, key):
    quotes = TERMS.replace("ask ada co.", "buy from Lı Trading.")
    orders = ORDERS.replace("Ada Co", "Li Trading")
    known = load_source(write(tmp_path / "acme", orders=orders, quotes=quotes)).known(END_OF_TIME)
    assert "Trading" not in known.tables["quotes"]["freight_terms"].item()


def test_what_people_write_in_sentences_is_left_out_and_told(tmp_path, key):
    """A nickname (晨星) or another script (Chenxing) is nobody's to find; two risks stay two."""
    orders = ORDERS + "5,1,Ada Co,A,2026-01-07,晨星老板说明天,10,2.0,received\n"
    known = load_source(write(tmp_path / "acme", orders=orders, risks=RISKS)).known(END_OF_TIME)
    risks, told = known.tables["risks"], pd.concat([known.quarantine, known.remarks])
    assert len(risks) == 2 and risks["item"].nunique() == 2 and risks["item"].str.match(r"T-[A-Z2-7]{7}$").all()
    everything = risks.to_csv() + told.to_csv()
    assert not any(word in everything for word in ("晨星", "Chenxing", "小王", "late again", "老板"))
    assert risks["remark"].isna().sum() == 1 and risks["status"].eq("open").all()
    left = worded_in_both(told.query("code == 'free_text_left_out'")).set_index("column")
    assert list(left.index) == ["item", "owner", "remark"] and "(2)" in left.loc["item", "reason"]
    assert "“风险项”列的文字（2 处）" in left.loc["item", "reason_zh"]


def test_a_name_in_a_sheets_name_is_in_no_remark(tmp_path, key):
    folder = write(tmp_path / "acme", orders=ORDERS)
    rows = pd.read_csv(io.StringIO(RISKS))
    rows.to_excel(folder / "risks.xlsx", sheet_name="risks Ada Co", index=False)
    known = load_source(folder).known(END_OF_TIME)
    left = known.remarks.query("code == 'free_text_left_out'")
    assert set(left["sheet"]) == {f"risks {pseudonym('Ada Co', key)}"}
    assert "Ada Co" not in pd.concat([known.quarantine, known.remarks]).to_csv()


def test_texts_from_which_numbers_follow_stay_but_for_the_names(tmp_path, key):
    """Two credentials are two also for a reader outside, and who pays the freight is read from the same words."""
    suppliers = "supplier,credentials\nAda Co,营业执照 of Ada Co；质检报告\n"
    answers = "supplier,sku,asked_on,answered_on,price_low,freight_discount,warranty\nAda Co,A,2026-01-02,2026-01-03,2.0,满500元包邮,15天包换\n"
    known = load_source(write(tmp_path / "acme", orders=ORDERS, suppliers=suppliers, answers=answers)).known(
        END_OF_TIME
    )
    assert known.tables["suppliers"]["credentials"].item() == f"营业执照 of {pseudonym('Ada Co', key)}；质检报告"
    assert known.tables["answers"]["freight_discount"].item() == "满500元包邮"
    assert re.fullmatch("T-[A-Z2-7]{7}", known.tables["answers"]["warranty"].item())


def test_a_supplier_that_is_written_as_a_number_has_another_name_too(tmp_path, key):
    frame = pd.DataFrame({"order_id": ["1"], "line_no": 1, "supplier": [88001], "sku": "A", "ordered_on": "2026-01-05", "quantity": 10, "status": "open"})  # fmt: skip
    (tmp_path / "acme").mkdir()
    frame.to_excel(tmp_path / "acme" / "orders.xlsx", index=False)
    known = load_source(tmp_path / "acme").known(END_OF_TIME)
    assert known.tables["orders"]["supplier"].tolist() == [pseudonym("88001", key)]


def test_the_same_key_gives_the_same_names_and_another_key_others(tmp_path, key, monkeypatch):
    make_key(tmp_path / "pseudonyms.key")
    assert (tmp_path / "pseudonyms.key").read_text().strip() == key, "a key that is there stays"
    make_key(tmp_path / "other.key")
    other = (tmp_path / "other.key").read_text().strip()
    assert pseudonym("Ada Co", key) == pseudonym("ADA CO", key) != pseudonym("Ada Co", other)
    (tmp_path / "other.key").write_text("short")
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "other.key"))
    with pytest.raises(SourceError, match="no key"):
        load_source(write(tmp_path / "acme", orders=ORDERS))


def test_a_file_called_by_a_suppliers_name_is_refused(tmp_path, key):
    folder = write(tmp_path / "acme", orders=ORDERS)
    (folder / "orders.csv").rename(folder / "orders_义乌市(晨星)日用品厂.csv")
    with pytest.raises(SourceError, match="rename"):
        load_source(folder)


def test_no_suppliers_name_is_in_any_byte_of_a_review(tmp_path, key, monkeypatch):
    """In place of the PDFs stands what they are set from, whose bytes can be read."""
    monkeypatch.setattr("analysis.reporting.report.compile_pdf", lambda content, as_of: repr(content).encode())
    made = subsets.company(2)
    names = set(made.known(made.ends_on)["orders"]["supplier"])
    subsets.write_source(tmp_path / "raw" / "outside", "ledger", frozenset(), 2)
    store = subsets.run_review("outside", str(made.last_month), tmp_path, explored=False)  # notebook 08 writes nothing
    assert set(store.read("orders")["supplier"]) == {pseudonym(name, key) for name in names}
    found = [place for place, content in contents(tmp_path) for name in names if name.encode() in content]
    assert not found
    assert any(place.endswith("review.html") for place, _ in contents(tmp_path))


def contents(folder):
    """Every file that a review writes, tables as text and archives unpacked."""
    for path in (path for part in ("processed", "reports") for path in (folder / part).rglob("*") if path.is_file()):
        yield str(path), path.read_bytes()
        if path.suffix == ".parquet":
            yield str(path), pd.read_parquet(path).to_csv().encode()
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield from ((f"{path}/{name}", book.read(name)) for name in book.namelist())


def test_reviews_for_outside_never_stand_beside_those_of_the_house(tmp_path, monkeypatch):
    seen = {}

    def review(source, month, **given):
        seen.update(given)
        return tmp_path

    monkeypatch.setattr("analysis.paths.CONFIG", tmp_path)
    monkeypatch.setattr("analysis.review.make.make_review", review)
    monkeypatch.setenv(KEY_FILE, "")
    assert main(["review", "2026-10", "--source", "example", "--pseudonyms"]) == 0
    assert seen["processed_dir"].name == seen["output_dir"].name == "_outside"
    assert len((tmp_path / "pseudonyms.key").read_text().strip()) == 64
