"""`review.html`: the review as one file that opens from disk, asks no network and lets every number be questioned.

Tables stand in the page itself, in both languages; what is behind a supplier or SKU is data that the page's own script shows.
No text of a file can become markup or script: texts are escaped, and the data are JSON in which `<` is written as an escape.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from analysis.reporting.cells import clean, column_texts, kind_of
from analysis.reporting.columns import heading_of
from analysis.reporting.evidence import PARTS, rules_table
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.front_page import front_page
from analysis.reporting.page_data import LINKS, by_age, page_data, with_newest
from analysis.reporting.page_tables import SHOWN, Shown, shown_rows
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, Words
from analysis.wording import LANGUAGES, Language, say

LARGEST, MARGIN = 1_900_000, 40_000
"""Bytes; the page is to stay below 2 MB. The margin is for its own style and script."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


FEWEST = 30
ROWS = ((400, 1 / 3), (120, 1 / 3), (60, 1 / 2), (FEWEST, 1.0))
"""Rows of each table, and the share of the page that all tables may then take."""


def write_page(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts, file: Path) -> Path:
    """Write the page of `tables`. Where it would grow above `LARGEST` its data are packed, then the files' oldest rows left out."""
    titles = [_title(facts, language) for language in LANGUAGES]
    pages = [front_page(ReportContext(tables, facts, Words(language))) for language in LANGUAGES]
    there = [(shown, rows) for shown in SHOWN if len(rows := shown_rows(shown, tables))]
    body = "".join(_body(tables, facts, pages, there, _sections(there, facts))).encode()
    room, everything = LARGEST - len(body) - MARGIN, page_data(tables, facts, titles)
    kind, data = "application/json", as_script(everything)
    if len(data) > room:
        kind, places = "text/plain", by_age(tables)
        most = max((len(part["rows"]) for part in everything["parts"]), default=0)
        data = _newest_that_fit(
            lambda rows: packed(as_script(with_newest(everything, places, rows))), packed(data), most, room
        )
    file.write_bytes(_page(titles, body, data, kind))
    return file


def _sections(there: list[tuple[Shown, pd.DataFrame]], facts: ReviewFacts) -> list[str]:
    """Each table with as many rows as leave room for what is behind them."""
    short = [_section(*one, facts, FEWEST) for one in there]
    most = _rows_that_fit(there, short)
    return [
        text if _count(*one, most) == _count(*one, FEWEST) else _section(*one, facts, most)
        for one, text in zip(there, short)
    ]


def _rows_that_fit(there: list[tuple[Shown, pd.DataFrame]], short: list[str]) -> int:
    """Rows of a table at most, by what the first ones (`short`) take."""
    each = [len(text.encode()) / _count(*one, FEWEST) for one, text in zip(there, short)]

    def size(most: int) -> float:
        return sum(bytes_a_row * _count(*one, most) for bytes_a_row, one in zip(each, there))

    return next((most for most, share in ROWS if size(most) <= LARGEST * share), FEWEST)


def _count(shown: Shown, rows: pd.DataFrame, most: int) -> int:
    """Rows that stand in the page: of the scorecard all, so that every supplier can be clicked."""
    return len(rows) if shown.name == "scorecard" else min(len(rows), most)


def _newest_that_fit(make: Callable[[int], bytes], whole: bytes, most: int, room: int) -> bytes:
    """The data with the newest rows that `room` holds: `whole`, of at most `most` rows a part, or what `make` makes of fewer."""
    if len(whole) <= room:
        return whole
    least = data = make(1)
    while len(data) <= room and most > 2:
        most = 1 + int(
            (most - 1) * 0.97 * (room - len(least)) / (len(whole) - len(least))
        )  # as if each row took the same
        whole = make(most)
        if len(whole) <= room:
            return whole
    return data


def packed(data: bytes) -> bytes:
    """`data` compressed and written in letters: the same data in the same letters."""
    return base64.b64encode(gzip.compress(data, 6, mtime=0))


def as_script(data: object) -> bytes:
    """JSON that stays data inside a script element, whatever the texts hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").encode()


def escaped(text: object) -> str:
    """`text` inert in markup and attributes."""
    return html.escape(clean(str(text)), quote=True)


def both(en: str, zh: str) -> str:
    """A text in both languages, one of them shown."""
    if en == zh:
        return escaped(en)
    return f'<span class="en" lang="en">{escaped(en)}</span><span class="zh" lang="zh">{escaped(zh)}</span>'


def told(key: str, **values: object) -> str:
    """An entry of `wording/page.toml` in both languages."""
    return both(*(say(f"page.{key}", language, **values) for language in LANGUAGES))


def _title(facts: ReviewFacts, language: Language) -> str:
    words = Words(language)
    return words.say("front_title", title=facts.title[language], month=words.month(facts.month))


def _page(titles: list[str], body: bytes, data: bytes, kind: str) -> bytes:
    style, script = (resources.files("analysis.reporting").joinpath("page", name).read_bytes() for name in ("page.css", "page.js"))  # fmt: skip
    head = (
        '<!doctype html>\n<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="referrer" content="no-referrer">'
        f"<title>{escaped(titles[1])}</title><style>"
    )
    close = b"</script><script>", b"</script></body></html>\n"
    return b"".join([head.encode(), style, b"</style></head><body>", body, f'<script type="{kind}" id="data">'.encode(), data, close[0], script, close[1]])  # fmt: skip


def _body(
    tables: Mapping[str, pd.DataFrame],
    facts: ReviewFacts,
    pages: list[dict[str, Any]],
    there: list[tuple[Shown, pd.DataFrame]],
    sections: list[str],
) -> Iterator[str]:
    """`pages`: the report's first page in each language; `there`: the tables that have rows, `sections` as they are shown."""
    links = "".join(f'<a href="#{shown.name}">{told(f"table_{shown.name}")}</a>' for shown, _ in there)
    yield f'<nav aria-label="{escaped(say("page.contents", "zh"))} {escaped(say("page.contents", "en"))}"><div><p>{links}<a href="#rules">{told("table_rules")}</a></p><button type="button" id="language">English</button></div></nav>'
    yield f"<header><h1>{both(*(page['title'] for page in pages))}</h1><p class=quiet>{both(*(page['subtitle'] for page in pages))}</p>"
    yield from _banners(tables, facts)
    yield f"</header><main><div class=tiles>{''.join(_tiles(*(page['tiles'] for page in pages)))}</div><p class=quiet>{told('hint')}</p>"
    yield from sections
    yield f'<section id="rules"><h2>{told("table_rules")}</h2>{_table("rules", rules_table(facts.rules), "", facts)}</section></main>'
    version = facts.provenance.get("package_version", "-")
    yield f"<footer><p class=quiet>{told('footer', source=facts.source, month=facts.month, version=version)}</p></footer>"
    yield '<section id="panel" role="dialog" aria-modal="true" hidden></section>'


def _banners(tables: Mapping[str, pd.DataFrame], facts: ReviewFacts) -> Iterator[str]:
    refused = [ReportContext(tables, facts, Words(language)).refused_told()[1] for language in LANGUAGES]
    if any(refused):
        yield f"<p class=banner>{both(*refused)}</p>"
    if facts.simulated:
        yield f"<p class=banner>{both(*(say('report.banner_simulated', language) for language in LANGUAGES))}</p>"


def _tiles(english: list[dict[str, str]], chinese: list[dict[str, str]]) -> Iterator[str]:
    for en, zh in zip(english, chinese):
        label, value, detail = (
            both(str(en.get(part, "")), str(zh.get(part, ""))) for part in ("label", "value", "detail")
        )
        yield f"<div><span>{label}</span><b>{value}</b><span>{detail}</span></div>"


def _section(shown: Shown, rows: pd.DataFrame, facts: ReviewFacts, most: int) -> str:
    first = rows.head(_count(shown, rows, most))
    entry = "more" if _behind_suppliers(shown, rows.iloc[len(first) :]) else "more_kept"
    said = told(entry, shown=len(first), count=len(rows), name=shown.name)
    more = f"<p class=quiet>{said}</p>" if len(first) < len(rows) else ""
    table = _table(shown.name, first, shown.interval, facts)
    return f'<section id="{shown.name}"><h2>{told(f"table_{shown.name}")}</h2>{table}{more}</section>'


def _behind_suppliers(shown: Shown, rows: pd.DataFrame) -> bool:
    """Whether a click on their suppliers shows these rows of a table: `evidence.PARTS` has it, and each names one."""
    return shown.name in {part.table for part in PARTS} and "supplier" in rows and bool(rows["supplier"].notna().all())


def _table(name: str, rows: pd.DataFrame, interval: str, facts: ReviewFacts) -> str:
    """A table whose heads are buttons to sort by; both ends of an interval in one cell, that of the column `interval` drawn."""
    columns = [column for column in rows if not column.endswith("_zh") and not _is_high(column, rows)]
    kinds = [kind_of(name, column, rows[column]) for column in columns]
    heads = [f'<th scope=col class="{kind}"><button type=button>{_head(name, column, rows)}</button></th>' for column, kind in zip(columns, kinds)]  # fmt: skip
    cells = [
        _interval(name, column.removesuffix("_low"), interval, rows, facts) if _is_low(column, rows) else _cells(name, column, kind, rows)
        for column, kind in zip(columns, kinds)
    ]  # fmt: skip
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells))
    return f"<div class=scroll tabindex=0><table><thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table></div>"  # fmt: skip


def _is_low(column: str, rows: pd.DataFrame) -> bool:
    return column.endswith("_low") and f"{column.removesuffix('_low')}_high" in rows


def _is_high(column: str, rows: pd.DataFrame) -> bool:
    return column.endswith("_high") and f"{column.removesuffix('_high')}_low" in rows


def _head(name: str, column: str, rows: pd.DataFrame) -> str:
    if _is_low(column, rows):
        return told("range")
    return both(*(heading_of(name, column, language) for language in LANGUAGES))


def _cells(name: str, column: str, kind: str, rows: pd.DataFrame) -> list[str]:
    chinese = f"{column}_zh" if f"{column}_zh" in rows else column
    en, zh = column_texts(name, column, rows[column], "en"), column_texts(name, column, rows[chinese], "zh")
    if column == "grade":
        return [f'<td class=w><span class="g g{escaped(grade)}">{escaped(grade)}</span></td>' for grade in en]
    if column in LINKS:
        return [_link(LINKS[column], text) for text in en]
    return [f'<td class="{kind}">{both(*texts)}</td>' for texts in zip(en, zh)]


def _link(kind: str, name: str) -> str:
    if name == ABSENT:
        return f"<td class=t>{ABSENT}</td>"
    return f'<td class=t><a href="#{kind}={quote(clean(name), safe="")}"><bdi>{escaped(name)}</bdi></a></td>'


def _interval(name: str, stem: str, drawn: str, rows: pd.DataFrame, facts: ReviewFacts) -> list[str]:
    """`low–high`, with a small picture of it whose label says the numbers for the column that is `drawn`."""
    low, high = (column_texts(name, f"{stem}{end}", rows[f"{stem}{end}"], "en") for end in ("_low", "_high"))
    texts = [ABSENT if ABSENT in pair else "–".join(pair) for pair in zip(low, high)]
    if stem != drawn:
        return [f"<td class=n>{text}</td>" for text in texts]
    limit = facts.limit if stem == "defect_rate" else None
    ends = rows[[stem, f"{stem}_low", f"{stem}_high"]].astype(float)
    scale = 100 / (max(ends.max(axis=None), limit or 0.0) or 1.0)
    value = column_texts(name, stem, rows[stem], "en")
    labels = [_label(*numbers, limit) for numbers in zip(value, low, high)]
    pictures = [_picture(label, at * scale, None if limit is None else limit * scale) for label, at in zip(labels, ends.to_numpy())]  # fmt: skip
    return [f"<td class=n>{picture}{text}</td>" for picture, text in zip(pictures, texts)]


def _label(value: str, low: str, high: str, limit: float | None) -> str:
    key, more = ("interval", {}) if limit is None else ("interval_limit", {"limit": f"{limit:.1%}"})
    return " / ".join(say(f"page.{key}", language, value=value, low=low, high=high, **more) for language in LANGUAGES)


def _picture(label: str, at: np.ndarray, limit: float | None) -> str:
    if np.isnan(at).any():
        return ""
    mark = "" if limit is None else f'<path d="M{limit:.1f} 0v14" stroke="#9a3b00"/>'
    return (
        f'<svg class="iv" viewBox="-3 0 106 14" role="img" aria-label="{escaped(label)}">{mark}<path d="M{at[1]:.1f} 7H{at[2]:.1f}" '
        f'stroke="#005a91" stroke-width="2"/><circle cx="{at[0]:.1f}" cy="7" r="3" fill="#005a91"/></svg>'
    )
