"""Every command and line of Python that the documents tell runs as it stands; links and pictures are there."""

import ast
import re
import shlex
import subprocess
import sys

import pytest

from analysis.cli import RUNS, main
from analysis.paths import PROJECT
from analysis.typed import parser_of

PAGES = ["README.md", "README.zh.md", *(f"docs/{path.name}" for path in sorted((PROJECT / "docs").glob("*.md")))]
CHEAP = ("template", "schedule")
"""Commands run here in full; review, compare, check, explain, simulate and backtest have tests of their own."""


def blocks(page: str, language: str) -> list[str]:
    text = (PROJECT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def commands(page: str) -> list[list[str]]:
    """Each line of the page's shell blocks as words, comments left out."""
    lines = [line for block in blocks(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


TOLD = [(page, words) for page in PAGES for words in commands(page)]
OF_ANALYSIS = [(page, words) for page, words in TOLD if words[0].endswith("analysis")]


def test_the_documents_tell_of_every_command():
    told = {words[1] for _, words in OF_ANALYSIS}
    assert told >= {"review", "check", "template", "explain", "compare", "schedule", "simulate"}
    assert sum(len(blocks(page, "python")) for page in PAGES) >= 2, "what the tests of Python look at"
    assert len(blocks("README.md", "sh")) >= 5 and len(blocks("README.zh.md", "sh")) >= 5


@pytest.mark.parametrize(("page", "words"), OF_ANALYSIS, ids=lambda told: told if isinstance(told, str) else " ".join(told[1:4]))  # fmt: skip
def test_a_command_is_understood(page, words):
    options = parser_of("en", RUNS).parse_args(words[1:])
    assert callable(options.run)


@pytest.mark.parametrize(("page", "words"), [told for told in TOLD if told[1][0] == "make"], ids=lambda told: str(told))
def test_make_has_the_target(page, words):
    targets = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert [word for word in words[1:] if "=" not in word and word not in targets] == []


@pytest.mark.parametrize(("page", "words"), [told for told in OF_ANALYSIS if told[1][1] in CHEAP], ids=lambda told: str(told)[:60])  # fmt: skip
def test_a_cheap_command_runs_as_it_stands(page, words, tmp_path, monkeypatch, capsys):
    (tmp_path / "data" / "raw" / "mine").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "pretend").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    more = ["--data-dir", "data/raw"] if words[1] == "schedule" else []
    assert main([*words[1:], *more]) == 0, capsys.readouterr().err
    if words[1] == "template":
        assert (tmp_path / words[2]).stat().st_size > 5_000


def test_no_other_program_is_asked_for():
    known = {"make", "analysis", "mkdir", "cp", "rm", "conda", "git", "cd", "pip", "python", "py"}
    assert {words[0].split("/")[-1] for _, words in TOLD} <= known


@pytest.mark.parametrize("page", PAGES)
def test_python_is_python_and_its_names_are_there(page):
    for text in blocks(page, "python"):
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ) and node.func.value.id == "review":
                from analysis.workbench import OpenMonth

                assert hasattr(OpenMonth, node.func.attr), node.func.attr


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_are_there(page):
    text = re.sub(r"^```.*?^```", "", (PROJECT / page).read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith("http"):
            assert ((PROJECT / page).parent / target).exists(), f"{page}: {target}"


def test_the_two_readmes_tell_the_same_commands():
    def told(page):
        return {tuple(word for word in words[1:3] if not word.startswith("-")) for words in commands(page) if words[0].endswith("analysis")}  # fmt: skip

    assert told("README.zh.md") <= told("README.md")


def test_the_help_lists_every_command():
    done = subprocess.run([sys.executable, "-m", "analysis", "--help"], capture_output=True, text=True, check=True)
    for command in ("review", "compare", "explain", "check", "template", "schedule", "simulate", "backtest", "weights"):
        assert re.search(rf"^\s+{command}\b", done.stdout, re.M)
