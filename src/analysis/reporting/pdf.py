"""From report content to a PDF: Typst with the project's one font, archival (PDF/A-2a) and accessible (PDF/UA-1).

Under these standards a character that the font lacks and a picture without alternative text are errors, so a page with
boxes where a name should be cannot leave the house unnoticed. The time stamp is the review's own day: same content, same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd
import typst

from analysis.reporting.glyphs import FAMILY, font_file, printable_content

STANDARDS: list[Any] = ["a-2a", "ua-1"]


def compile_pdf(content: Mapping[str, Any], as_of: pd.Timestamp) -> bytes:
    """The PDF of `content` (see `sections.report_content`); `typst.TypstError` for a glyph or alternative text that lacks.

    Content travels as JSON through an input of the document, so that no text of it can be read as markup.
    """
    text = json.dumps(printable_content(content), ensure_ascii=False, allow_nan=False)
    compiler = typst.Compiler(
        input=_template(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"content": text, "font": FAMILY}
    )
    stamp = int(pd.Timestamp(as_of).tz_localize("UTC").timestamp())
    return compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=stamp)  # type: ignore[return-value]


@cache
def _template() -> bytes:
    return (resources.files("analysis.reporting") / "review.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_file().parent])
