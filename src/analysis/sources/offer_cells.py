"""Cells of offers as people copy them: a quantity from which a price holds (`100-499`), a price with its unit (`12.5元/个`), a fact told roughly (`120+`)."""

from __future__ import annotations

import math
import re
import unicodedata

import pandas as pd

from analysis.sources.cells import clean_text

_COUNT = r"(?<![\d.,])\d{1,3}(?:,\d{3})+|\d+"
_WORD = r"[^\W\d_]{0,6}"
_FROM = re.compile(
    rf"(?:起订量?|起批量?|moq|from|[≥>]=?|不少于|至少)?\s*[:=]?\s*(?P<least>{_COUNT})\s*(?P<unit>{_WORD}?)\s*"
    rf"(?:(?:-|–|—|~|至|到)\s*(?P<most>{_COUNT})\s*(?P<unit2>{_WORD})|\+\s*(?P<unit3>{_WORD})|以上|及以上|起订|起批|起)?",
    re.IGNORECASE,
)
_SAYS_PER = re.compile("[/／每]")
_PER = re.compile(r"(?P<price>.*\d\D{0,4}?)\s*(?:/|每)\s*(?P<unit>(?:[1-9]0{0,4}\s*)?[^\W\d_].{0,11})")


_ANY = {"不限", "不限量", "无要求", "没有要求", "无起订量", "无起订要求", "no minimum", "no moq", "any"}
"""Words for a least quantity of one."""


def lower_end(cell: object) -> object:
    """The quantity from which on, with its unit; a cell that says nothing of the kind as it stands.

    >>> [lower_end(cell) for cell in ("1-99件", "≥100", "100+ pcs", "50起批", "2箱以上", "99-1", ">100", "100以下", 30)]
    ['1件', '100', '100pcs', '50', '2箱', '99-1', '>100', '100以下', 30]
    """
    found = _FROM.fullmatch(unicodedata.normalize("NFKC", clean_text(cell))) if isinstance(cell, str) else None
    if isinstance(cell, str) and clean_text(cell).casefold() in _ANY:
        return "1"
    if found is None or (found[0].startswith(">") and not found[0].startswith(">=")):
        return cell
    least, most = (int(found[name].replace(",", "")) if found[name] else None for name in ("least", "most"))
    if most is not None and (least or 0) > most:
        return cell
    return f"{found['least']}{found['unit'] or found['unit2'] or found['unit3'] or ''}"


_FIGURES = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_IN_FIGURES = re.compile(
    r"(?<![一二两三四五六七八九十])[一二两三四五六七八九十](?=\s*(?:个?(?:月|星期|礼拜|工作日)|周|天|日))"
)
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_ROUGH = re.compile(
    rf"(?P<before>约|大约|近|超过|不低于|不足|[<>≤≥]=?|about|over|under|up to)?\s*(?P<least>{_NUMBER})\s*(?P<times>[万亿%‰]?)\s*(?P<unit>{_WORD}?)"
    rf"(?:\s*(?:-|–|—|~|至|到)\s*(?P<most>{_NUMBER})\s*(?P<times2>[万亿%‰]?)\s*(?P<unit2>{_WORD}?))?\s*(?P<after>\+|以上|(?:之|以)?内|以下|左右|余|多|(?:发货|交货|出货)|(?:下单|大货)?后?可?(?:退|返|抵)[还扣]?)?",
    re.IGNORECASE,
)
DAYS = {
    **dict.fromkeys(("天", "日", "day", "days", "自然日"), 1.0), **dict.fromkeys(("周", "星期", "个星期", "礼拜", "week", "weeks", "wk", "wks"), 7.0),
    **dict.fromkeys(("工作日", "个工作日", "工作天", "个工作天"), 1.4), **dict.fromkeys(("个月", "month", "months"), 30.0),
    **dict.fromkeys(("小时", "个小时", "hour", "hours", "h"), 1 / 24),
}  # fmt: skip
"""Days that one of these is: a week has five working days, a month thirty days; a day that has begun counts."""
UNITS = {
    "days": tuple(DAYS),
    "years": ("年", "周年", "year", "years", "yr", "yrs"),
    "buyers": ("人", "家", "名", "位", "个", "buyers"),
    "points": ("分", "point", "points"),
    "currency": ("元", "块"),
}
"""What may stand behind a fact's number, by the unit of its column."""


def rough_number(cell: object, unit: str) -> tuple[str, bool] | None:
    """A fact's number, and whether it was told roughly; of a range the upper end, as days are promised. None for anything else.

    >>> [rough_number(cell, "days") for cell in ("7天", "7-15天", "15天以内", "3个月", "约10", "2周", "7-10个工作日")]
    [('7', False), ('15', True), ('15', True), ('90', True), ('10', True), ('14', False), ('14', True)]
    >>> rough_number("两周", "days"), rough_number("十天", "days"), rough_number("二十天", "days")
    (('14', False), ('10', False), None)
    >>> rough_number("10万+", "currency"), rough_number("<0.06%", ""), rough_number("6年", "days")
    (('10万', True), ('0.06%', True), None)
    """
    text = unicodedata.normalize("NFKC", clean_text(cell)) if isinstance(cell, str) else ""
    found = _ROUGH.fullmatch(_IN_FIGURES.sub(lambda word: str(_FIGURES[word[0]]), text))
    if found is None or {found["unit"], found["unit2"] or ""} - {"", *UNITS.get(unit, ())}:
        return None
    told = found["most"] or found["least"], found["times2"] or found["times"]
    rough = bool(found["before"] or found["most"] or found["after"])
    days = DAYS.get(found["unit2"] or found["unit"], 1.0) if unit == "days" and not told[1] else 1.0
    if days == 1:
        return "".join(told), rough
    return f"{math.ceil(float(told[0].replace(',', '')) * days - 1e-9)}", rough or days != DAYS["周"]


def price_and_unit(cell: object) -> tuple[str, str] | None:
    """A price and what it is for; None where the cell does not say.

    >>> [price_and_unit(cell) for cell in ("12.5元/个", "¥ 24 / 打", "2.10每件", "12.5", "n/a", "1/2", "18/100pcs")]
    [('12.5元', '个'), ('¥ 24', '打'), ('2.10', '件'), None, None, None, ('18', '100pcs')]
    """
    if not isinstance(cell, str) or not _SAYS_PER.search(cell):
        return None
    found = _PER.fullmatch(unicodedata.normalize("NFKC", clean_text(cell)))
    return (found["price"], found["unit"]) if found else None


_PIECE = "件|个|只|套|箱|双|条|台|pcs|pieces"
_OF_PIECES = re.compile(
    rf"(?:moq|起订量?|起批量?)\D{{0,3}}\d+|(?<!/)(?:[≥>]=?\s*)?\d+\s*(?:[-–—~～至到]\s*\d+|\+)?\s*(?:{_PIECE})(?:以上|起[订批]?)?", re.IGNORECASE
)  # fmt: skip
"""What a price range says of pieces."""
_A_PRICE = re.compile(rf"(?<![\d.≥>])(\d+(?:\.\d+)?)(?![\d.]|\s*(?:{_PIECE}|起|天|年|%))", re.IGNORECASE)
"""A number in a price range that counts no pieces, days or years."""
_PER_WORD = re.compile(r"(?:/|每)\s*(?![天日月年])([^\W\d_]{1,8}(?:\s*=\s*\d+[^\W\d_]?|\s*\(\s*\d+[^\W\d_]?\s*\))?)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def price_range(cell: object) -> tuple[str, str] | None:
    """The least and the highest price of a range, each with its unit; None where there is none. Of a text with several units, or
    with a word on tax, that text: it cannot be read and is told.

    >>> [price_range(cell) for cell in ("24-30/打", "2.6-2.0", "¥12.5~13.8元/个 (100个起)", "面议", "含税2-3")]
    [('24/打', '30/打'), ('2.0', '2.6'), ('12.5/个', '13.8/个'), None, ('含税2-3', '含税2-3')]
    """
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", clean_text(cell)))
    units = set(_PER_WORD.findall(text))
    prices = sorted(_A_PRICE.findall(_OF_PIECES.sub(" ", _PER_WORD.sub(" ", text))), key=float)
    if not prices:
        return None
    if len(units) > 1 or re.search("[税票]", text):
        return text, text
    behind = f"/{units.pop()}" if units else ""
    return f"{prices[0]}{behind}", f"{prices[-1]}{behind}"


_SPAN = re.compile(
    rf"(?:自?报价(?:之?日)?(?:起|后)?|有效期?[:为]?)?\s*(?P<count>\d{{1,3}}|[{''.join(_FIGURES)}])\s*"
    r"(?P<unit>天|日(?=[内有])|周|个?星期|个月|年|days?|weeks?|months?|years?)\s*(?:之?内|以内|有效)*",
    re.IGNORECASE,
)
_SPANS = {"天": "days", "日": "days", "周": "weeks", "星": "weeks", "月": "months", "年": "years", "d": "days", "w": "weeks", "m": "months", "y": "years"}  # fmt: skip


def time_span(cell: object) -> pd.DateOffset | None:
    """For how long something holds; None for anything that tells no span.

    >>> [time_span(cell) for cell in ("30天", "报价后3个月内", "两周", "2月", "30日", "2026-03-01")]
    [<DateOffset: days=30>, <DateOffset: months=3>, <DateOffset: weeks=2>, None, None, None]
    """
    found = _SPAN.fullmatch(unicodedata.normalize("NFKC", clean_text(cell))) if isinstance(cell, str) else None
    if found is None:
        return None
    count = _FIGURES.get(found["count"]) or int(found["count"])
    return pd.DateOffset(**{_SPANS[found["unit"].lstrip("个")[0].lower()]: count})
