"""The platform's order exports of a simulated company: one a month, in the layouts that are met with.

A month's export holds the orders made in the month and those that were unfinished when it began, each as it stood at the
month's end. The people in it (收货人 and so on) are plain inventions, put there to show that they never leave the reader.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from analysis.simulate.company import Company
from analysis.simulate.known import known_tables, month_end, order_status

EXPORT_NAME = "1688订单"
HEADERS = (
    "订单编号", "买家公司名", "买家会员名", "卖家公司名", "卖家会员名", "货品总价(元)", "运费(元)", "涨价或折扣(元)", "实付款(元)",
    "订单状态", "订单创建时间", "订单付款时间", "发货方", "收货人姓名", "收货地址", "邮编", "联系电话", "联系手机", "货品标题",
    "单价(元)", "数量", "单位", "货号", "型号", "Offer ID", "SKU ID", "物料编号", "单品货号", "货品种类", "买家留言",
    "物流公司", "运单号", "发票：购货单位名称", "发票：纳税人识别号", "发票：地址、电话", "发票：开户行及账号", "发票收取地址", "关联编号",
    "代理商姓名", "代理商联系方式", "是否代发订单", "代发服务商id", "微商订单号", "下单批次号", "下游渠道", "下游订单号", "下单公司主体",
    "发起人登录名", "是否发起免密支付(1:淘货源诚e赊免密支付2:批量下单免密支付)",
)  # fmt: skip
"""The current layout, 49 columns."""
OLD_HEADERS = (*HEADERS[:30], "物流公司运单号")
"""The layout of about 2017 to 2022, 31 columns."""
CHOSEN_HEADERS = (
    "订单状态", "订单编号", "订单创建时间", "订单付款时间", "卖家公司名", "卖家会员名", "货品标题", "单价(元)", "数量", "单位", "货品总价(元)", "运费",
    "涨价或折扣(元)", "实付款", "货号", "单品货号", "型号", "Offer ID", "SKU ID", "物料编号", "货品种类", "收货人姓名", "收货地址", "邮编", "联系手机",
    "买家留言", "物流公司", "运单号",
)  # fmt: skip
"""A buyer's own choice: 28 columns in another order, two of them without their unit."""

LINE_HEADERS = ("货品标题", "单价(元)", "数量", "单位", "货号", "型号", "Offer ID", "SKU ID", "物料编号", "单品货号")
"""Filled in every row; all others in an order's first row only."""

PERSONAL = {
    "收货人姓名": "示例收货人", "收货地址": "示例省 示例市 示例区 示例路1号", "邮编": "000000", "联系电话": "0000-00000000", "联系手机": "13800000000",
}  # fmt: skip
BUYER = {"买家公司名": "示例采购有限公司", "买家会员名": "example_buyer", "发起人登录名": "example_buyer:采购员甲"}
CARRIERS = {"express": "示例快递", "truck": "示例物流专线", "rail": "示例铁路快运", "pickup": "上门自提"}


@dataclass(frozen=True)
class Layout:
    """How a file is written. `make`: xlsx, text (GBK, called .xls) or html (called .xls)."""

    headers: tuple[str, ...] = HEADERS
    make: str = "xlsx"
    serial_dates: bool = False
    false_dimension: bool = False
    merged: bool = False

    @property
    def ending(self) -> str:
        """Ending of the file's name."""
        return "xlsx" if self.make == "xlsx" else "xls"


LAYOUTS = {
    0: Layout(OLD_HEADERS, serial_dates=True),
    1: Layout(OLD_HEADERS, serial_dates=True),
    3: Layout(make="text"),
    4: Layout(false_dimension=True),
    5: Layout(CHOSEN_HEADERS),
    6: Layout(make="html"),
    7: Layout(merged=True),
}
"""Layouts by round; the other rounds have the current one, and so has always the last."""


@dataclass
class Row:
    """One row of an export. `spoilt`: what is wrong with it, (kind, expected, detail)."""

    cells: dict[str, object]
    first: bool
    spoilt: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Export:
    """A month's export before it is written."""

    month: pd.Period
    layout: Layout
    rows: list[Row]

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{EXPORT_NAME}_{self.month}.{self.layout.ending}"


Record = dict[Hashable, Any]
"""One row of a table, by column."""


@dataclass(frozen=True)
class Platform:
    """What the platform knows beyond the tables. By order: times of day and waybill; by supplier and SKU: their places."""

    orders: dict[str, Record]
    sellers: dict[str, int]
    products: dict[str, int]
    titles: dict[str, str]


def monthly_exports(company: Company) -> list[Export]:
    """The export of each month, clean."""
    platform = _platform(company)
    layouts = [LAYOUTS.get(number, Layout()) for number in range(company.rounds - 1)] + [Layout()]
    months = [company.first_month + number for number in range(company.rounds)]
    return [Export(month, layout, _rows(company, platform, month, layout)) for month, layout in zip(months, layouts)]


def _platform(company: Company) -> Platform:
    fates, products = company.truth["orders"], company.truth["products"]
    rng = np.random.default_rng([company.seed, 2])
    n = len(fates)
    created = fates["ordered_on"] + pd.to_timedelta(rng.integers(9 * 3600, 20 * 3600, n), unit="s")
    paid = fates["paid_on"] + pd.to_timedelta(rng.integers(9 * 3600, 20 * 3600, n), unit="s")
    same_day = fates["paid_on"] == fates["ordered_on"]
    paid = paid.mask(same_day, created + pd.to_timedelta(rng.integers(40, 3600, n), unit="s"))
    waybill = np.array([f"SL{number:013d}" for number in rng.integers(10**11, 10**13, n)], dtype=object)
    facts = fates[["arrives_on", "shipped_on"]].assign(created=created, paid=paid, waybill=waybill)
    return Platform(
        dict(zip(fates["order_id"], facts.to_dict("records"))),
        {name: place for place, name in enumerate(company.truth["suppliers"]["supplier"])},
        {sku: place for place, sku in enumerate(products["sku"])},
        dict(zip(products["sku"], products["title"])),
    )


def _rows(company: Company, platform: Platform, month: pd.Period, layout: Layout) -> list[Row]:
    ends = month_end(month)
    rows = []
    lines = _told_in(company, month).sort_values(["order_id", "line_no"]).to_dict("records")
    for order_id, group in groupby(lines, key=itemgetter("order_id")):
        order = list(group)
        for number, line in enumerate(order):
            cells = _line_cells(platform, line)
            if number == 0:
                cells |= _order_cells(order, platform.orders[order_id], ends, layout)
            rows.append(Row({header: cells[header] for header in layout.headers if header in cells}, number == 0))
    return rows


def _told_in(company: Company, month: pd.Period) -> pd.DataFrame:
    """The order lines of the export of `month`: made in it, or not finished when it began."""
    fates, begins = company.truth["orders"], month_end(month - 1)
    orders = known_tables({"orders": company.tables["orders"]}, fates, month_end(month))["orders"]
    before = order_status(fates[fates["ordered_on"] <= begins], begins)
    unfinished = before.index[before.isin(["unpaid", "open", "refunding"])]
    return orders[(orders["ordered_on"] > begins) | orders["order_id"].isin(unfinished)]


def _line_cells(platform: Platform, line: Record) -> dict[str, object]:
    seller, place = platform.sellers[line["supplier"]], platform.products[line["sku"]]
    return {
        "货品标题": f"示例 {platform.titles[line['sku']]} 厂家直供 支持混批",
        "单价(元)": line["unit_price"],
        "数量": int(line["quantity"]),
        "单位": "件",
        "Offer ID": f"{600_000_000_000 + 1_000_003 * seller + 101 * place}",
        "SKU ID": f"{4_900_000_000_000 + 1_000_003 * seller + 103 * place}",
        "单品货号" if seller % 3 else "货号": line["sku"],  # which of the two is filled is the seller's habit
    }


def _order_cells(lines: list[Record], facts: Record, ends: pd.Timestamp, layout: Layout) -> dict[str, object]:
    """Cells of the whole order as it stood on `ends`; both layouts' names, the caller takes what its layout has."""
    first = lines[0]
    goods, freight, discount, payment = (
        round(sum(line[name] for line in lines), 2) for name in ("goods_amount", "freight", "discount", "paid_amount")
    )
    paid = facts["paid"] if pd.notna(first["paid_on"]) else pd.NaT
    shipped = pd.notna(first["shipped_on"]) and first["transport_mode"] != "pickup"
    carrier, waybill = (CARRIERS[first["transport_mode"]], facts["waybill"]) if shipped else ("", "")
    return {
        **PERSONAL,
        **BUYER,
        "订单编号": first["order_id"],
        "卖家公司名": first["supplier"],
        "卖家会员名": f"示例卖家{facts['waybill'][-4:]}",
        "货品总价(元)": goods,
        "运费(元)": freight,
        "运费": freight,
        "涨价或折扣(元)": 0.0 - discount,
        "实付款(元)": payment,
        "实付款": payment,
        "订单状态": platform_word(first["status"], facts, ends),
        "订单创建时间": _moment(facts["created"], layout),
        "订单付款时间": _moment(paid, layout),
        "发货方": first["supplier"],
        "货品种类": len(lines),
        "物流公司": carrier,
        "运单号": waybill,
        "物流公司运单号": f"{carrier}:{waybill}" if waybill else "",
        "下单公司主体": BUYER["买家公司名"],
    }


def platform_word(status: str, facts: Record, ends: pd.Timestamp) -> str:
    """The platform's own word for a canonical status on the day `ends`."""
    if status == "open":
        if pd.isna(facts["shipped_on"]) or facts["shipped_on"] > ends:
            return "等待卖家发货"
        return "已发货" if facts["shipped_on"] + pd.Timedelta(days=2) > ends else "等待买家确认收货"
    if status in ("received", "unknown"):
        return "交易成功" if facts["arrives_on"] + pd.Timedelta(days=7) <= ends else "已收货"
    return {"unpaid": "等待买家付款", "cancelled": "交易关闭", "refunding": "退款中"}[status]


def _moment(moment: pd.Timestamp, layout: Layout) -> object:
    if pd.isna(moment):
        return ""
    if layout.serial_dates:
        return serial_date(moment)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def serial_date(moment: pd.Timestamp) -> float:
    """Days since 1899-12-30, as spreadsheets count them."""
    return round((moment - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1), 6)


def grid(export: Export) -> list[list[object]]:
    """The file's cells row by row, header first."""
    headers = export.layout.headers
    return [list(headers), *([row.cells.get(header, "") for header in headers] for row in export.rows)]


def orders_in(rows: Iterable[Row]) -> list[list[int]]:
    """Places of the rows of each order, in file order; continuation rows before any order are left out."""
    found: list[list[int]] = []
    for place, row in enumerate(rows):
        if row.first:
            found.append([place])
        elif found:
            found[-1].append(place)
    return found
