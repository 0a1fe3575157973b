"""Which source and month are meant, months made by themselves, handing over, the timer."""

import datetime
import re
import shlex
import subprocess
import zoneinfo

import pandas as pd
import pytest
from small_review import write_company

from analysis import current
from analysis import month as months
from analysis.cli import main
from analysis.current import SHIPPED, HandOver, SourceChoice, meant_source, read_desk
from analysis.errors import AnalysisError, RuleError
from analysis.month import check_month, last_month_over, open_month
from analysis.paths import CONFIG, PROJECT
from analysis.review.hand_over import HandOverError, filled, hand_over
from analysis.review.missed import missed_months
from analysis.review.schedule import cron_moment, schedule_text

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def desk(monkeypatch, tmp_path_factory):
    """No environment, no desk file: the machine's own must not decide a test."""
    monkeypatch.delenv("ANALYSIS_SOURCE", raising=False)
    monkeypatch.delenv("ANALYSIS_MONTH", raising=False)
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setattr(current.read_desk, "__defaults__", (folder,))
    return folder


def at(monkeypatch, moment: str) -> None:
    monkeypatch.setattr(months, "now", lambda: pd.Timestamp(moment, tz="UTC"))


# ---- the source that is meant ----


def test_the_shipped_sources_are_those_in_the_repository_and_git_ignores_every_other():
    listed = subprocess.run(["git", "ls-files", "data/raw"], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert {line.split("/")[2] for line in listed.stdout.splitlines() if line.count("/") > 2} == set(SHIPPED)

    def ignored(name):
        asked = ["git", "check-ignore", "-q", f"data/raw/{name}/订单.xlsx"]
        return subprocess.run(asked, cwd=PROJECT, check=False).returncode == 0

    assert ignored("mine") and ignored("example2") and not any(ignored(name) for name in SHIPPED)


def test_one_source_of_ones_own_is_meant_and_several_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(current, "DATA", tmp_path)
    (tmp_path / "example").mkdir()
    assert meant_source().source == "example"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine_truth").mkdir()  # what a simulated company leaves beside it
    assert meant_source().source == "mine"
    (tmp_path / "yours").mkdir()
    with pytest.raises(SourceChoice, match="mine, yours"):
        meant_source()
    monkeypatch.setenv("ANALYSIS_SOURCE", "yours")
    assert meant_source().source == "yours"


def test_the_command_names_the_source_that_it_takes_and_asks_where_there_are_several(tmp_path, monkeypatch, capsys):
    for name in ("acme", "zeta"):
        (tmp_path / "raw" / name).mkdir(parents=True)
    words = ["explain", "2026-10", "--supplier", "Ada", "--data-dir", str(tmp_path / "raw"), "--lang", "en"]
    assert main(words) == 2 and "acme, zeta. Name one with --source" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda s: True, "readline": lambda s: "2\n"})())
    assert main([*words, "--processed-dir", str(tmp_path)]) == 1
    assert "no tables of zeta 2026-10" in capsys.readouterr().err
    (tmp_path / "raw" / "zeta").rmdir()
    assert main([*words, "--processed-dir", str(tmp_path)]) == 1
    assert "Source: acme (the only one of your own)" in capsys.readouterr().err


def test_a_desk_file_is_understood_or_told(tmp_path):
    example = (CONFIG / "desk.example.toml").read_text(encoding="utf-8")
    (tmp_path / "desk.local.toml").write_text(example, encoding="utf-8")
    desk = read_desk(tmp_path)
    assert (
        (desk.source, desk.month) == ("mine", "last")
        and desk.hand_over.command[0] == "mail"
        and desk.support.startswith("Li")
    )
    for text, said in [
        ('sorce = "a"', "Did you mean: source"),
        ("source = 3", "text in quotes"),
        ('month = "May"', "not a month"),
        ('[hand_over]\ncommand = "mail boss"', "a list of words"),
    ]:
        (tmp_path / "desk.local.toml").write_text(text, encoding="utf-8")
        with pytest.raises(RuleError, match=said):
            read_desk(tmp_path)


# ---- the month that is over ----


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        ("2026-10-31 15:59", "Asia/Shanghai", "2026-09"),
        ("2026-10-31 16:00", "Asia/Shanghai", "2026-10"),  # midnight of the first there, and still October in London
        ("2026-11-01 03:00", "America/New_York", "2026-09"),
        ("2026-12-31 16:30", "Asia/Shanghai", "2026-12"),
    ],
)
def test_the_last_month_is_the_sources_not_the_machines(tmp_path, monkeypatch, moment, zone, month):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "source.toml").write_text(f'time_zone = "{zone}"\n', encoding="utf-8")
    at(monkeypatch, moment)
    assert last_month_over("acme", tmp_path) == month


def test_the_day_is_the_one_in_china_on_a_server_in_london(tmp_path, monkeypatch):
    """A month may be reviewed from its last day on; 22:00 UTC of the day before is 06:00 of that day in Shanghai."""
    folders = write_company(tmp_path)
    review = open_month("acme", "2026-10", folders["data_dir"])
    days = pd.Timestamp("2026-09-02"), pd.Timestamp("2026-10-29")
    at(monkeypatch, "2026-10-30 22:00")
    check_month("2026-10", "acme", *days, today=review.today)
    at(monkeypatch, "2026-10-30 12:00")
    with pytest.raises(AnalysisError, match="not over yet"):
        check_month("2026-10", "acme", *days, today=review.today)


def test_a_time_zone_that_is_none_is_told(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "source.toml").write_text('time_zone = "Shanghai"\n', encoding="utf-8")
    with pytest.raises(AnalysisError, match="Asia/Shanghai"):
        last_month_over("acme", tmp_path)


def test_missed_months_are_made_once(tmp_path):
    review = open_month("acme", "2026-10", tmp_path, tmp_path, tmp_path / "reports")
    assert missed_months(review) == ["2026-10"], "nothing was ever published: no year of reviews unasked"
    for month in ("2026-06", "2026-08", "drafts"):
        (tmp_path / "reports" / "acme" / month).mkdir(parents=True)
        (tmp_path / "reports" / "acme" / month / "provenance.json").write_text("{}")
    assert missed_months(review) == ["2026-07", "2026-09", "2026-10"]
    (tmp_path / "reports" / "acme" / "2026-11").mkdir()
    (tmp_path / "reports" / "acme" / "2026-11" / "provenance.json").write_text("{}")
    assert missed_months(review) == ["2026-07", "2026-09", "2026-10"], "a later one is not asked for"


def test_last_catch_up_and_hand_over_in_one_command(desk, tmp_path, monkeypatch, capsys):
    """As the timer runs it: the month is found, made, handed over; the second time nothing is left to do."""
    folders = write_company(tmp_path)
    at(monkeypatch, "2026-11-01 08:00")
    told = 'command = ["python3", "-c", "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])", "%s", "{month} {pdf_zh}"]'
    (desk / "desk.local.toml").write_text(f"[hand_over]\n{told % (tmp_path / 'mail')}", encoding="utf-8")
    options = [word for name, folder in folders.items() for word in (f"--{name.replace('_', '-')}", str(folder))]
    words = ["review", "last", "--catch-up", "--hand-over", "--source", "acme", "--lang", "en", *options]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].startswith("acme 2026-10:") and "Handed over by python3" in said
    assert (tmp_path / "mail").read_text() == f"2026-10 {folders['output_dir'] / 'acme' / '2026-10' / 'review.zh.pdf'}"
    (tmp_path / "mail").unlink()
    assert main(words) == 0
    assert "every month that is over has its review" in capsys.readouterr().err and not (tmp_path / "mail").exists()


# ---- handing over ----


def test_a_command_is_words_not_a_shells(tmp_path):
    values = {"month": "2026-10", "pdf_en": "/a b/$(x).pdf"}
    assert filled(HandOver(("mail", "-A", "{pdf_en}", "{{x}} {month}")), values) == ["mail", "-A", "/a b/$(x).pdf", "{x} 2026-10"]  # fmt: skip
    with pytest.raises(RuleError, match=r"'pdf'.*\{month\} \{pdf_en\}"):
        filled(HandOver(("{pdf}",)), values)


@pytest.mark.parametrize("command", [("false",), ("python3", "-c", "raise SystemExit('no such mailbox')"), ("no-such-program",)])  # fmt: skip
def test_a_hand_over_that_fails_says_that_the_review_stands(tmp_path, command):
    review = open_month("acme", "2026-10", tmp_path, tmp_path, tmp_path)
    with pytest.raises(HandOverError, match=r"The review of acme 2026-10 stands in .* did not hand it over"):
        hand_over(review, HandOver(command))


@pytest.mark.parametrize(
    ("command", "en", "zh"),
    [
        (("false",), "it ended with the code 1 and said nothing", "以代码 1 结束，没有说明"),
        (("no-such-program",), "there is no program of this name", "没有这个程序"),
        (("/",), "it cannot be started", "无法启动"),
        (("sleep", "9"), "it had not ended after 0.1 seconds", "0.1 秒后仍未结束"),
        (("python3", "-c", "raise SystemExit('no mailbox')"), "it said: no mailbox", "其提示为：no mailbox"),
    ],
)
def test_why_a_hand_over_failed_is_our_own_sentence_in_both_languages(tmp_path, monkeypatch, command, en, zh):
    monkeypatch.setattr("analysis.review.hand_over.SECONDS", 0.1 if command[0] == "sleep" else 60)
    review = open_month("acme", "2026-10", tmp_path, tmp_path, tmp_path)
    with pytest.raises(HandOverError) as failed:
        hand_over(review, HandOver(command))
    assert en in failed.value.text("en") and zh in failed.value.text("zh")
    assert "Errno" not in failed.value.text("en") and en not in failed.value.text("zh")


def test_a_bracket_too_many_is_told_in_both_languages():
    with pytest.raises(RuleError) as refused:
        filled(HandOver(("mail", "{month")), {"month": "2026-10"})
    assert "opens or closes nothing: mail {month. Write {{ and }}" in refused.value.text("en")
    assert "花括号不成对：mail {month。" in refused.value.text("zh")


# ---- the timer ----


@pytest.mark.parametrize(
    ("zone", "machine", "expected"),
    [
        ("Asia/Shanghai", "UTC", (1, 0, 5)),  # 06:00 there is the day before here: cron knows no last day
        ("Asia/Shanghai", "Asia/Shanghai", (1, 6, 0)),
        ("Asia/Shanghai", "Pacific/Auckland", (1, 11, 0)),  # the later of summer and winter
        ("America/New_York", "Asia/Shanghai", (1, 19, 0)),
        ("America/Los_Angeles", "Pacific/Kiritimati", (2, 4, 0)),
    ],
)
def test_cron_starts_on_the_first_in_the_sources_zone(zone, machine, expected):
    here, there = zoneinfo.ZoneInfo(machine), zoneinfo.ZoneInfo(zone)
    moment = cron_moment(zone, "06:00", here, 2027)
    assert (moment.day, moment.hour, moment.minute) == expected
    for month in range(1, 13):
        runs = datetime.datetime(2027, month, *expected, tzinfo=here).astimezone(there)
        assert runs.day == 1 and runs.month == month and runs.hour >= 6


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_timer_and_the_cron_line_run_the_same_command(language, monkeypatch):
    monkeypatch.setattr("analysis.review.schedule.PROJECT", PROJECT / "50% off")
    text = schedule_text("mine", "Asia/Shanghai", "06:30", language, datetime.UTC, 2026)
    assert "OnCalendar=*-*-01 06:30:00 Asia/Shanghai" in text and "Persistent=true" in text
    unit = re.search(r"^ExecStart=(.*)$", text, re.M)[1]
    cron = text.splitlines()[-1]
    assert cron.startswith("5 0 1 * * cd ") and r"50\% off" in cron and "50%% off" in text
    command = "-m analysis review last --catch-up --source mine"
    assert unit.endswith(command) and cron.endswith(command) and shlex.split(unit)[0].endswith(shlex.split(cron)[8].split("/")[-1])  # fmt: skip


# ---- help ----


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["review", "compare", "explain", "check", "template", "schedule", "simulate", "backtest", "weights"])  # fmt: skip
def test_each_command_helps_with_examples(capsys, monkeypatch, command, language):
    monkeypatch.setenv("LC_ALL", {"en": "C", "zh": "zh_CN.UTF-8"}[language])
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    said = capsys.readouterr().out
    assert left.value.code == 0 and f"  analysis {command} " in said


def test_version_and_parameters(capsys):
    for words, said in ((["--version"], r"analysis \d+\.\d+"), (["review", "--parameters"], r"(?m)^clock=ordered_on$")):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0 and re.search(said, capsys.readouterr().out)
