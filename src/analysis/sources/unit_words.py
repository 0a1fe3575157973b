"""What a unit is: a word for one piece, a dozen, one that states its content (箱=24, 24个/箱), and quantities told with one (2箱(48个))."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

import numpy as np

from analysis.sources.cells import clean_text
from analysis.sources.column_cells import NOTHING
from analysis.sources.folding import fold

PIECE = frozenset({
    "个", "件", "只", "枚", "条", "把", "张", "块", "台", "瓶", "支", "枝", "根", "顶", "本", "辆", "颗", "粒", "片", "架",
    "盏", "扇", "尊", "座", "艘", "口", "pcs", "pc", "pce", "piece", "pieces", "ea", "each", "unit", "units", "單件", "单件", "單个", "单个",
})  # fmt: skip
"""Words for one piece."""
_FIXED = {"打": 12.0, "dozen": 12.0, "doz": 12.0, "dz": 12.0, "罗": 144.0, "gross": 144.0}
_SAME = {"ctn": "箱", "ctns": "箱", "carton": "箱", "cartons": "箱", "case": "箱", "pack": "包", "pk": "包", "set": "套", "sets": "套",
         "box": "盒", "bag": "袋", "pair": "双", "pairs": "双", "roll": "卷"}  # fmt: skip
_PIECE_WORD = "|".join(sorted(map(re.escape, PIECE), key=len, reverse=True)) + "|入|装"
_LETTERS = r"[^\W\d_]"
_EACH = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?)(?P<unit>{_LETTERS}{{1,8}}?)(?:[x×*@](?P<by>\d+)|[(,]*每{_LETTERS}{{1,2}}(?P<every>\d+)|[(,@]*(?P<per>\d+)(?=(?:{_PIECE_WORD})?/))"
    rf"(?:{_PIECE_WORD})?(?:/{_LETTERS}{{1,4}})?\)?(?:[(,]*(?:=|共|合计|合|计|即)?(?P<sum>\d+)(?:{_PIECE_WORD})?)?\)?"
)
"""A quantity that says what one of its units holds: 2箱x24, 2箱(24个/箱), 2箱*24个=48个."""
_TWICE = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?)(?P<unit>{_LETTERS}{{1,8}}?)(?P<open>[(,]*)(?P<says>=|共|合计|总共|总计|合|计|即|计为)?(?P<m>\d+(?:\.\d+)?)(?P<word>{_LETTERS}{{0,8}})\)?"
)
"""A quantity told in two units: 2箱(48个), 48个(2箱), 2箱共48个."""
_STATED = re.compile(rf"(?:[=:x×*](\d+)|[(](\d+)[)]|(?<![\d.])(\d+)(?:{_PIECE_WORD}))")
_WITH_UNIT = re.compile(
    r"([+-]?(?<![\d.,])[\d.,]++)\s*+([^\d\s.,+%-].*)"
)  # tried once at each number, however long it is


def pieces_per_unit(unit: object, sku: object = None, articles: Mapping[tuple[str, str], float] | None = None) -> float:
    """Pieces in one `unit` of the article `sku`; NaN where nobody says. What the house's articles say comes first.

    >>> [pieces_per_unit(unit) for unit in ("件", "PCS", "打", "箱=24", "24个/箱", "箱(12)", "1箱=24个", "")]
    [1.0, 1.0, 12.0, 24.0, 24.0, 12.0, 24.0, 1.0]
    >>> pieces_per_unit("箱"), pieces_per_unit("箱", "CUP", {("cup", "箱"): 24.0})
    (nan, 24.0)
    """
    text = "".join(unicodedata.normalize("NFKC", clean_text(unit)).casefold().split())
    if not text or text in NOTHING:
        return 1.0

    def known(word: str) -> float | None:
        return (articles or {}).get((fold(sku), unit_key(word)))

    if (told := known(text)) is not None:
        return told
    if text in PIECE:
        return 1.0
    if twice := _EACH.fullmatch(text) or _TWICE.fullmatch(text):
        return _of_two_units(twice, known)
    stated = {next(filter(None, found)) for found in _STATED.findall(text)}
    if len(stated) == 1 and float(next(iter(stated))) > 0:
        each = float(stated.pop())
        return each if all(known(word) in (None, each) for word in re.findall(f"{_LETTERS}+", text)) else np.nan
    return _FIXED.get(text, pieces_of_many(text))


def _of_two_units(told: re.Match[str], known: Callable[[str], float | None]) -> float:
    """Pieces in the first unit of a quantity that tells its pieces too; NaN where they contradict each other or what the articles say,
    and where the second number may be of one unit or of all (2箱(48)).

    >>> [pieces_per_unit(cell) for cell in ("2箱x24", "2箱(48个)", "2箱共48个", "48个(2箱)", "2箱*24个=48个", "2箱(48)")]
    [24.0, 24.0, 24.0, 1.0, 24.0, nan]
    """
    part = told.groupdict()
    number, unit = float(part["n"]), part["unit"]
    if "m" not in part:
        each = float(part["by"] or part["every"] or part["per"])
        agree = part["sum"] is None or number * each == float(part["sum"])
        return each if each > 0 and agree and unit not in PIECE and known(unit) in (None, each) else np.nan
    other, word = float(part["m"]), part["word"]
    if unit in PIECE:
        fits = other == number if word in PIECE else 0 < other <= number and known(word) in (None, number / other)
        return 1.0 if word and fits else np.nan
    if word and word not in PIECE:
        return np.nan
    if (one := known(unit)) is not None:
        return one if other == number * one or (other == one and part["open"]) else np.nan
    clear = number == 1 or (word and (part["open"] or part["says"])) or part["says"] not in (None, "=")
    each = other / number if number else np.nan
    return each if clear and each >= 1 and each.is_integer() else np.nan


_MANY = {"百": 100.0, "千": 1000.0, "万": 10_000.0}


def pieces_of_many(unit: object) -> float:
    """The pieces of a price for a hundred or a thousand of them; NaN for any other unit.

    >>> [pieces_of_many(text) for text in ("百个", "千只", "100件", "1000 pcs", "箱", "个", "百斤")]
    [100.0, 1000.0, 100.0, 1000.0, nan, nan, nan]
    """
    text = "".join(unicodedata.normalize("NFKC", clean_text(unit)).casefold().split())
    found = re.fullmatch(rf"(?P<many>[百千万]|1?\d0{{1,3}})(?P<word>{_LETTERS}{{1,6}})", text)
    if found is None or found["word"] not in PIECE:
        return np.nan
    return _MANY.get(found["many"]) or float(found["many"])


def unit_key(unit: str) -> str:
    """One word for a unit that has several."""
    return _SAME.get(unit, unit)


def words_of(text: str) -> set[str]:
    """All units that a text names."""
    return {unit_key(word) for word in re.findall(f"{_LETTERS}+", unicodedata.normalize("NFKC", text).casefold())}


def word_of(text: str) -> str:
    """The unit of a quantity told twice, or of `箱=24`."""
    bare = unicodedata.normalize("NFKC", text).casefold()
    if told := _EACH.fullmatch(bare) or _TWICE.fullmatch(bare):
        return unit_key(told["unit"])
    return unit_key(found[0]) if (found := re.match(f"{_LETTERS}+", bare)) else ""


def says_pieces(cell: object) -> bool:
    """Whether a quantity says that it is one of pieces (48个)."""
    found = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", clean_text(cell))) if isinstance(cell, str) else None
    return found is not None and found[2].casefold() in PIECE


def number_and_unit(cell: object) -> tuple[str, str] | None:
    """The two parts of a cell such as `3箱`; None for a cell without a unit that changes its number."""
    if not isinstance(cell, str):
        return None
    text = unicodedata.normalize("NFKC", clean_text(cell))
    bare = re.sub(r"(?<=\d),(?=\d{3})|\s", "", text.casefold())
    if twice := _EACH.fullmatch(bare) or _TWICE.fullmatch(bare):
        return twice["n"], bare
    found = _WITH_UNIT.search(text)
    if found is None or (any(map(str.isdigit, found[2])) and found[2][0] not in "x×*"):
        return None  # a second number that says nothing known
    return (found[1], found[2]) if is_unit(found[2]) else None


def is_unit(text: str) -> bool:
    """Whether what follows a number is a unit that changes it; pieces, days and words stay for the number's own reader."""
    bare = "".join(text.casefold().split())
    return (
        not np.isnan(pieces_per_unit(bare))
        or bare in _SAME
        or bare in set(_SAME.values()) | {"组", "副", "对", "捆", "板", "件套"}
    )
