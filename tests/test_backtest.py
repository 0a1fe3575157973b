"""Forecasts are made from what was known, kept once, and scored when the outcome is in."""

import shutil

import pandas as pd
import pytest

from analysis import cli
from analysis.month import open_month
from analysis.review.backtest import (
    FORECASTS,
    last_month,
    ratings_record_of,
    ratings_text,
    record_of,
    replay,
    todays_record_of,
)
from analysis.simulate import simulate_company

LAST = "2026-10"


@pytest.fixture(scope="module")
def company():
    return simulate_company(rounds=7, suppliers=8, seed=5, story=False)


def write_tables(tables, folder):
    folder.mkdir(parents=True)
    for name, table in tables.items():
        if len(table):
            table.to_parquet(folder / f"{name}.parquet")


@pytest.fixture
def place(company, tmp_path):
    write_tables(company.tables, tmp_path / "raw" / "demo")
    return tmp_path


@pytest.fixture(scope="module")
def replayed(company, tmp_path_factory):
    """The company with the forecasts of all its months kept, and the months for which they were made."""
    folder = tmp_path_factory.mktemp("replayed")
    write_tables(company.tables, folder / "raw" / "demo")
    return folder, [month for month, fresh in replay(month_of(folder), 12) if fresh]


def month_of(place, month=LAST):
    return open_month("demo", month, place / "raw", place / "processed")


def test_months_are_replayed_once_and_the_first_one_that_can_forecast_is_the_first(replayed):
    place, made = replayed
    assert made == sorted(made) and made[-1] == "2026-09" and len(made) >= 4
    assert [fresh for _, fresh in replay(month_of(place), 12)] == [False] * len(made)


def test_a_forecast_knows_nothing_of_what_came_later(company, replayed, tmp_path):
    place, _ = replayed
    cut = company.known(pd.Timestamp("2026-08-31"))
    known = tmp_path / "known"
    write_tables(getattr(cut, "tables", cut), known / "raw" / "demo")
    alone = open_month("demo", "2026-09", known / "raw", known / "processed")
    list(replay(alone, 1))
    for name in FORECASTS:
        late = (place / "processed" / "demo" / "2026-08" / f"{name}.parquet").read_bytes()
        assert late == (known / "processed" / "demo" / "2026-08" / f"{name}.parquet").read_bytes()


def test_a_kept_forecast_is_never_made_again(replayed):
    month = month_of(replayed[0], "2026-09")
    first = month.store.read("forecasts_defects")
    month.store.keep_first("forecasts_defects", first.iloc[:0])
    pd.testing.assert_frame_equal(month.store.read("forecasts_defects"), first)


def test_the_record_scores_what_is_due_and_counts_the_rest(replayed):
    place, _ = replayed
    record = record_of(month_of(place))
    kept = {"lead_time": month_of(place).store.kept(FORECASTS[0]), "defects": month_of(place).store.kept(FORECASTS[1])}
    pooled = record[record["month"] == "all"].set_index("kind")
    for kind, forecasts in kept.items():
        assert pooled.loc[kind, ["observations", "waiting", "excluded"]].sum() == len(forecasts) > 0
        low, share, high = (pooled.loc[kind, f"coverage_90{end}"] for end in ("_low", "", "_high"))
        assert 0 <= low <= share <= high <= 1
    ratings = ratings_record_of(month_of(place))
    assert ratings["trials"].iloc[0] == ratings.loc[ratings["kind"] == "grade", "trials"].sum() > 0
    assert [line.split(":")[0] for line in ratings_text(ratings, "en")] == ["Ratings"]


def test_todays_method_is_scored_on_the_same_months(replayed):
    """Forecasts kept a moment ago were made by today's method: the two records of arrivals agree, and nothing is kept anew."""
    month = month_of(replayed[0])
    published, today = record_of(month), todays_record_of(month)
    arrivals = published[published["kind"] == "lead_time"].reset_index(drop=True)
    assert len(arrivals) > 3
    pd.testing.assert_frame_equal(today, arrivals)


def test_without_forecasts_there_is_a_record_without_rows(place):
    record = record_of(month_of(place))
    assert record.empty and {"kind", "coverage_90", "observations"} <= set(record.columns)


def test_the_last_month_is_the_last_that_is_over(place):
    assert last_month("demo", place / "raw") >= LAST


def test_the_command_says_each_month_and_the_record(replayed, tmp_path, capsys):
    place = shutil.copytree(replayed[0], tmp_path / "replayed")
    shutil.rmtree(place / "processed" / "demo" / "2026-09")
    command = ["backtest", "--source", "demo", "--until", LAST, "--months", "2"]
    folders = ["--data-dir", str(place / "raw"), "--processed-dir", str(place / "processed")]
    assert cli.main([*command, *folders, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "2026-09: replayed" in said and "arrivals:" in said and "forecasts scored" in said
    assert cli.main([*command, *folders, "--missing-only"]) == 0
    assert capsys.readouterr().out == ""


def test_an_unknown_source_is_one_sentence(tmp_path, capsys):
    (tmp_path / "raw" / "mine").mkdir(parents=True)
    assert cli.main(["backtest", "--source", "mime", "--data-dir", str(tmp_path / "raw"), "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert "mine" in said and "Traceback" not in said
