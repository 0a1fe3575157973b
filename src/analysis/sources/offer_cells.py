"""Cells of offers as people copy them: a quantity from which a price holds (`100-499`, `≥100`), a price with its unit (`12.5元/个`)."""

from __future__ import annotations

import re
import unicodedata

from analysis.sources.cells import clean_text

_COUNT = r"(?<![\d.,])\d{1,3}(?:,\d{3})+|\d+"
_WORD = r"[^\W\d_]{0,6}"
_FROM = re.compile(
    rf"(?:起订量?|起批量?|moq|from|[≥>]=?|不少于|至少)?\s*[:=]?\s*(?P<least>{_COUNT})\s*(?P<unit>{_WORD}?)\s*"
    rf"(?:(?:-|–|—|~|至|到)\s*(?P<most>{_COUNT})\s*(?P<unit2>{_WORD})|\+|以上|及以上|起订|起批|起)?",
    re.IGNORECASE,
)
_SAYS_PER = re.compile("[/／每]")
_PER = re.compile(r"(?P<price>.*\d\D{0,4}?)\s*(?:/|每)\s*(?P<unit>[^\W\d_].{0,11})")


def lower_end(cell: object) -> object:
    """The quantity from which on, with its unit; a cell that says nothing of the kind as it stands.

    >>> [lower_end(cell) for cell in ("1-99件", "≥100", "100+", "50起批", "2箱以上", "99-1", ">100", "100以下", 30)]
    ['1件', '100', '100', '50', '2箱', '99-1', '>100', '100以下', 30]
    """
    found = _FROM.fullmatch(unicodedata.normalize("NFKC", clean_text(cell))) if isinstance(cell, str) else None
    if found is None or (found[0].startswith(">") and not found[0].startswith(">=")):
        return cell
    least, most = (int(found[name].replace(",", "")) if found[name] else None for name in ("least", "most"))
    if most is not None and (least or 0) > most:
        return cell
    return f"{found['least']}{found['unit'] or found['unit2'] or ''}"


def price_and_unit(cell: object) -> tuple[str, str] | None:
    """A price and what it is for; None where the cell does not say.

    >>> [price_and_unit(cell) for cell in ("12.5元/个", "¥ 24 / 打", "2.10每件", "12.5", "n/a", "1/2")]
    [('12.5元', '个'), ('¥ 24', '打'), ('2.10', '件'), None, None, None]
    """
    if not isinstance(cell, str) or not _SAYS_PER.search(cell):
        return None
    found = _PER.fullmatch(unicodedata.normalize("NFKC", clean_text(cell)))
    return (found["price"], found["unit"]) if found else None
