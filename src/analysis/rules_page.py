"""docs/rules.md: every value of `config/`, what it is and what it may be, from the readers and the comments beside the values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from analysis.allowed import Allowed
from analysis.house_rules import READERS, check_rules
from analysis.paths import CONFIG
from analysis.rules import RATES, Heard, rules_in_force

FILES = ("rules.toml", RATES)
HEAD = """# Rules

Every value in [config/rules.toml](../config/rules.toml) and [config/rates.toml](../config/rates.toml), as in force in the newest entry: what it is, and what
it may be. A review reads them all before its first notebook and names the file, section and value of one that cannot be. An entry holds from its month
`from`; `config/<source>.toml` replaces whole sections for one source. Made by `make notebooks` from the readers' own statements.

Shares are fractions (0.05 is 5 %), money is in the `currency` of the section, a list stands in brackets.
"""


def rules_page(folder: Path = CONFIG) -> str:
    """Markdown, a section a heading and a value a row."""
    newest = max(entry["from"] for name in FILES for entries in _toml(folder / name).values() for entry in entries)
    heard: Heard = []
    check_rules(replace(rules_in_force("example", newest, folder), heard=heard))
    return HEAD + "".join(_section(name, heard, folder) for name in READERS)


def _toml(path: Path) -> dict[str, list[dict]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _section(name: str, heard: Heard, folder: Path) -> str:
    rows = [told for told in heard if told[1].split(".")[0] == name]
    file = rows[0][0]
    about, comments = comments_of((folder / file).read_text(encoding="utf-8"), name)
    values: dict[str, Allowed] = {f"{section}.{key}".partition(".")[2]: allowed for _, section, key, allowed in rows}
    lines = [f"| `{key}` | {allowed.text('en')} | {allowed.text('zh')} | {_cell(comments.get(key, ''))} |" for key, allowed in values.items()]  # fmt: skip
    heads = "| value | allowed | 可填 | meaning |\n|---|---|---|---|\n"
    return f"\n## [[{name}]] in {file}\n\n{about}{heads}" + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "/")


def comments_of(text: str, section: str) -> tuple[str, dict[str, str]]:
    """What stands above the newest entry of `section`, as a paragraph, and beside each of its values (`cost_ratio.weight`)."""
    above: list[str] = []
    block, paragraph, found = "", "", {}
    for line in text.splitlines():
        if head := re.match(r"(\[+)([\w.]+)\]+\s*(?:#\s*(.*))?", line):
            block = head[2]
            if head[1] == "[[" and block == section and above:
                paragraph = " ".join(above) + "\n\n"
            elif head[3]:
                found[block.partition(".")[2] + "."] = head[3]
            above = []
        elif line.startswith("#"):
            above.append(line.lstrip("# "))
        elif block.split(".")[0] == section and (value := re.match(r"(\w+)\s*=\s*[^#]*#\s*(.*)", line)):
            found[f"{block}.{value[1]}".partition(".")[2]] = value[2]
        elif not line.strip():
            above = []
    return paragraph, dict(_spread(found))


def _spread(found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A comment beside a table's head is that of its weight, or of its first value."""
    for key, comment in found.items():
        yield (f"{key}weight", comment) if key.endswith(".") else (key, comment)
