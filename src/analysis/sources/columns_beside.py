"""Columns that are written beside those of a canonical table and used up at the door, and which of its numbers count or price a unit."""

from __future__ import annotations

import re

from analysis.sources.cell_words import CHECKLIST, SEVERITIES
from analysis.sources.columns_shared import PIECES_UNTIL_NOW
from analysis.sources.table_types import KNOWN_ON, Column
from analysis.sources.tables import TABLES

UNIT = Column(
    "unit",
    "text",
    ("单位", "计量单位", "主计量", "主计量单位", "采购单位", "数量单位", "UOM", "U/M", "unit of measure"),
)
"""May stand beside the counts of `COUNTED`; used up at the door, where all becomes pieces."""
PER_UNIT = Column(
    "pieces_per_unit", "count",
    ("装箱数", "每箱数量", "每箱件数", "每箱个数", "装箱量", "装箱数量", "箱规", "单箱数量", "pcs per carton", "qty per carton", "pieces per carton", "units per carton", "carton qty", "pcs/ctn", "pcs per ctn", "qty/ctn", "pcs/carton", "每箱数", "每箱装", "包装规格", "装箱规格"),
    "pieces",
)  # fmt: skip
"""May stand beside a unit of `COUNTED`: what one of it holds; used up at the door."""
SHOP = Column(
    "shop", "text",
    ("店铺", "店铺名称", "店铺名", "网店", "门店", "平台", "销售平台", "渠道", "销售渠道", "站点", "仓库", "shop", "store", "channel", "sales channel", "platform", "marketplace", "warehouse"),
)  # fmt: skip
"""May stand beside the sales of `demand`; those of a month are added up over the shops."""
LINE_TOTAL = Column(
    "line_total", "money",
    ("优惠后金额", "折后金额", "折后总价", "成交金额", "总价(元)", "总价", "金额(元)", "金额", "总金额", "采购金额", "商品金额", "小计", "订单金额", "合计金额", "含税金额", "含税总价", "价税合计", "line total", "line amount", "total price", "total amount", "amount"),
    "currency",
)  # fmt: skip
"""May stand in orders for what the goods of a line cost, or hold freight too, or be the whole order's; used up at the door."""
NET_PRICE = Column("net_price", "money", ("折后单价", "优惠后单价", "折后价", "优惠后价格", "实际单价", "discounted price", "price after discount"), "currency a piece")  # fmt: skip
"""May stand in orders beside the price before a discount, or alone."""
IN_ALL = Column(
    "received_in_all", "count", (*PIECES_UNTIL_NOW, "累计实收数量", "cumulative received", "received to date")
)
"""May stand in place of the pieces of each parcel of `receipts`: those of all until then."""
STILL_OUT = Column("still_out", "count", ("未到数量", "未到货数量", "未收数量", "未交数量", "欠数", "欠货", "欠货数量", "欠交数量", "剩余未到", "qty outstanding", "outstanding qty", "outstanding", "balance qty", "qty due"))  # fmt: skip
"""May stand in orders in place of the pieces that came: those that did not."""
REMARK = Column("remark_of_look", "text", ("检验类型", "验货类型", "检验性质", "验货性质", "inspection type", "备注", "说明", "remark", "remarks", "note", "notes", "comment", "comments"))  # fmt: skip
"""May stand beside inspections; of it nothing is read but that pieces are looked at again."""
YEAR = Column("year", "number", ("年份", "年", "年度"))
"""May stand beside the months of `demand`."""
_VARIANT = "颜色|规格|尺码|尺寸|款式|款色|型号|花色|色号|colou?r|size|spec(?:ification)?|model|style|variant"
OF_VARIANTS = re.compile(_VARIANT)
"""Headers, nobody's columns, in which lines of one order differ that are of other goods."""
VARIANT = re.compile(
    rf"(?:商品|产品|货品|sku|product|item)?(?:{_VARIANT})(?:[/&+、和与]?(?:{_VARIANT}))*(?:分类)?(?:\([^)]*\))?"
)
"""Headers of columns that name nothing but a variant (`variants_listed`)."""
SURCHARGE = Column(
    "surcharge", "money", ("涨价或折扣(元)", "涨价或折扣", "涨价/折扣", "涨价折扣", "改价", "卖家改价", "改价金额")
)
"""May stand in place of the discount of `orders`, with the platform's sign: below 0 is cheaper."""
BESIDE = {
    "orders": (LINE_TOTAL, SURCHARGE, NET_PRICE, STILL_OUT),
    "inspections": (REMARK,),
    "demand": (YEAR,),
    "receipts": (IN_ALL,),
}
"""By table the columns that may stand beside its own."""
COUNTED = {
    "orders": ("quantity", "received_quantity"),
    "quotes": ("min_quantity",),
    "candidates": ("min_quantity",),
    "answers": ("min_quantity",),
    "inspections": ("inspected", "defective", *SEVERITIES, *CHECKLIST, "received_quantity"),
    "receipts": ("received_quantity",),
    "returns": ("returned", "reworked", "complained"),
    "demand": ("units",),
    "stock_counts": ("on_hand",),
}
"""By table the counts that a unit is about; the first may carry it in its own cell (2箱)."""
PRICED = {
    "orders": ("unit_price", NET_PRICE.name),
    "quotes": ("unit_price", "benchmark_price", "floor_price_30d"),
    "candidates": ("price_low", "price_high", "unit_cost"),
    "answers": ("price_low", "price_high"),
    "demand": ("selling_price",),
}
"""By table the prices of one unit."""
_NUMBERS = [column for table in TABLES.values() for column in table.columns if column.kind in ("count", "money")]
OF_A_PIECE = frozenset(column.name for column in _NUMBERS if "a piece" in column.unit)
SUMMED = frozenset(column.name for column in _NUMBERS if column.unit in ("pieces", "currency")) | {"discount"}
"""Counts and amounts that people add up below a list."""


def written_columns(table: str) -> tuple[Column, ...]:
    """The columns of `table`, those that are written beside them and used up at the door, and the day of entry."""
    beside = (*((UNIT,) if table in COUNTED else ()), KNOWN_ON)
    return (*TABLES[table].columns, *(column for column in beside if column.name not in TABLES[table].names()))
