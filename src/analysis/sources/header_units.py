"""What a header says that the numbers below it count (数量(箱), 交期(周), 定金(%)): each bare number then says it itself, for the
readers of cells to make pieces, days or yuan of it, or to refuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import BESIDE, OF_A_PIECE
from analysis.sources.distinct import by_value
from analysis.sources.offer_cells import DAYS
from analysis.sources.table_types import Column
from analysis.sources.tables import TABLES
from analysis.sources.unit_words import PIECE, is_unit

_PARTS = re.compile(r"(?P<header>.+?)(?:\((?P<within>[^()]+|[^()]*\([^()]*\)[^()]*)\)|[/-](?P<behind>[^/()-]+))")
_COLUMNS: dict[str, Column] = {
    column.name: column
    for columns in (*(table.columns for table in TABLES.values()), *BESIDE.values())
    for column in columns
}
_PERCENT = re.compile(r"(?<=[^(/])%$")
_LOOK_NUMBER = dict.fromkeys(
    ("验货次数", "检验次数", "检验轮次", "验货轮次", "第几次", "round", "inspectionround"), "复检(次)"
)
"""Headers of the number of a look: 复检(次), as all but the first are."""
_SAYS_NOTHING = re.compile(r"必填项?|选填|可选|required|optional")
_OF_DATES = re.compile(r"(?:[ymd年月日]+[-/.]?)+")
_CONTENT = re.compile(
    rf"(?:1)?(?P<unit>[^\W\d]+)[=:x×]?(?P<n>\d+)(?:{'|'.join(PIECE)})?|(?P<n2>\d+)(?:{'|'.join(PIECE)})?/(?P<unit2>[^\W\d]+)"
)
_MEASURES = {"米", "m", "码", "公斤", "千克", "kg", "斤", "克", "g", "吨", "升", "l", "平方米", "平方", "立方米", "令"}
"""No count of pieces: what stands below such a header is refused."""
_LARGE = re.compile(r"[百千万亿]+[个件只pcs]*|k|m")
_PARTS_OF_YUAN = re.compile(r"[百千万亿]+(?:元|rmb|cny)?|分|角|k")


def unit_header(header: str, accepted: Mapping[str, str]) -> tuple[str, str] | None:
    """The column that a header names beside a unit, and what each number below it is to say behind; `header` is normal.

    >>> known = {"数量": "quantity", "交期": "lead_time_days", "定金": "deposit_share", "单价": "unit_price", "下单日期": "ordered_on"}
    >>> [unit_header(text, known) for text in ("数量(箱)", "交期(月)", "定金(%)", "单价(打)", "下单日期(yyyy/mm/dd)", "数量(合格)")]
    [('quantity', '箱'), ('lead_time_days', '个月'), ('deposit_share', '%'), ('unit_price', '/打'), ('ordered_on', ''), None]
    """
    header = _LOOK_NUMBER.get(header, _PERCENT.sub("(%)", header))
    found = _PARTS.fullmatch(header)
    name = accepted.get(found["header"]) if found else None
    if found is None or name is None or name not in _COLUMNS:
        return None
    said = _said(_COLUMNS[name], found["within"] or found["behind"])
    return None if said is None else (name, said)


def _said(column: Column, text: str) -> str | None:
    """What a number of `column` says behind, where `text` is a unit that it may have."""
    if _SAYS_NOTHING.fullmatch(text):
        return ""
    if column.kind in ("date", "time"):
        return "" if _OF_DATES.fullmatch(text) else None
    if column.name == "reinspection":
        return text if text == "次" else None
    if column.kind == "share" or column.name == "discount":
        return "%" if text in ("%", "百分比", "percent", "pct") else None
    if column.unit == "days":
        text = {"月": "个月", "workingdays": "工作日", "businessdays": "工作日"}.get(text, text)
        return text if text in DAYS else None
    if column.kind == "money" and (column.name not in OF_A_PIECE or _PARTS_OF_YUAN.fullmatch(text)):
        return text if _PARTS_OF_YUAN.fullmatch(text) else None
    if column.unit != "pieces" and column.name not in OF_A_PIECE:
        return None
    content = _CONTENT.fullmatch(text)
    unit = (content["unit"] or content["unit2"]) if content else text
    if not (is_unit(unit) or unit in PIECE or unit in _MEASURES or _LARGE.fullmatch(unit)):
        return None
    if content:
        text = f"{unit}({content['n'] or content['n2']}个/{unit})"
    return f"/{text}" if column.name in OF_A_PIECE else text


_BARE = re.compile(r"(?P<number>[^#]*\d)(?P<behind>\s*(?:\+|及?以[上内下]|左右|起[订批]?)?)")
"""A number, or a range of two, that says nothing of what it counts."""


def in_unit(cells: pd.Series, unit: str) -> pd.Series:
    """`cells` with `unit` behind each number that says nothing of what it counts."""
    if not unit:
        return cells

    def told(text: object) -> str | None:
        found = _BARE.fullmatch(str(text))
        return f"{found['number']}{unit}{found['behind']}" if found else None

    found = by_value(pd.Series(clean_column(cells), cells.index, dtype=object), told)
    bare = found.astype(bool)
    return cells.astype(object).mask(bare, pd.Series(found, cells.index)) if bare.any() else cells
