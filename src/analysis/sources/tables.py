"""The canonical tables: their columns, units, Chinese headers and row checks, in this one place.

Every reader hands over `RawTable`s: cells as they stand in the file, under canonical column names, with the row numbers of
the file. `conform` turns one into typed columns; a row that cannot be used goes to quarantine with its reason and remedy,
and a row that is odd but usable is kept with a remark.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

import analysis.texts_of_tables  # noqa: F401  # before the first table
from analysis.sources.cell_words import (
    ARRIVED_SOMETIME,
    CHECKLIST,
    FREE,
    INSPECTORS,
    LOOKS,
    MODES,
    NO_REPLY,
    NOT_ARRIVED,
    OF_NOBODY,
    ORIGINS,
    SEVERITIES,
    STAGES,
    STATUSES,
    TAXED,
    WHYS,
)
from analysis.sources.columns_shared import (
    ANY_DAY,
    ARRIVED_ON,
    ARTICLE,
    CATEGORY,
    LEAD_TIME,
    LEAST,
    LINE,
    ORDER,
    PIECES_IN,
    PIECES_OF_PARCEL,
    PIECES_SO_FAR,
    PIECES_UNTIL_NOW,
    SKU,
    SUPPLIER,
)
from analysis.sources.row_checks import above, before, below, charges, more_than, no_price, other_unit
from analysis.sources.table_types import DAY, KNOWN_ON, OF_DISPUTES, SIDE, Check, Column, Table

MOST_DAYS = 3650
"""Ten years: nobody waits longer for goods or money."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "orders",
            "订单",
            (
                ORDER,
                LINE,
                SUPPLIER,
                SKU,
                CATEGORY,
                Column("stage", "word", ("阶段", "订单阶段"), words=STAGES),
                Column("need", "text", ("采购需求", "需求类型", "采购目的")),
                Column("ordered_on", "date", ("下单日期", "订单创建时间", "下单时间", "采购日期", "订单日期", "订购日期", "order date", "date ordered", "下单日", "采购时间", "采购日", "订货日期", "订货时间", "订单时间", "PO date", "purchase date", *ANY_DAY), required=True),
                Column("paid_on", "date", ("付款日期", "订单付款时间", "付款时间", "payment date"), spare=DAY),
                Column("promised_on", "date", ("承诺到货日期", "约定交期", "承诺日期", "首次承诺日期", "原交期", "交货日期", "预计到货日期", "预计到货", "要求交期", "due date", "promised date", "ETA", "承诺交期", "承诺交货日期", "预计交期", "预计交货日期", "约定交货日期", "约定到货日期", "预计到货时间", "要求到货日期", "要求交货日期", "合同交期", "计划到货日期", "计划交货日期", "expected date", "expected delivery date", "promised delivery date", "required date", "交期"), spare=DAY, deadline=True),
                Column("repromised_on", "date", ("变更后交期", "改期后交期", "新交期", "新承诺日期"), spare=DAY, deadline=True),
                Column("shipped_on", "date", ("发货日期", "发货时间", "ship date", "shipped date", "dispatch date"), spare=DAY),
                Column("received_on", "date", ARRIVED_ON, not_yet=NOT_ARRIVED, undated=ARRIVED_SOMETIME, spare=("still_to_come", "came_sometime")),
                Column("quantity", "count", ("数量", "采购量", "订购数量", "采购数量", "订单数量", "订货数量", "qty", "order qty", "qty ordered", "ordered qty", "下单数量", "订单量", "订货量", "订购量", "购买数量", "采购数", "采购件数", "order quantity", "quantity ordered", "总数量", "总件数", "总个数", "total pcs", "total qty", "total quantity", "total pieces", "件数", "pcs"), "pieces", required=True),
                Column("received_quantity", "count", (*PIECES_IN, *PIECES_UNTIL_NOW, *PIECES_SO_FAR), "pieces"),
                Column("unit_price", "money", ("单价(元)", "单价", "采购单价", "采购价", "价格", "price", "成交单价", "成交价", "进货单价", "进货价", "进价", "拿货价", "unit cost", "purchase price", "成本价"), "currency a piece"),
                Column("goods_amount", "money", ("货品总价(元)", "货款", "货品金额"), "currency"),
                Column("freight", "money", ("运费(元)", "运输费", "运费", "邮费", "快递费", "物流费", "shipping cost"), "currency", spare=("terms_in_money",), zero=("包邮", "免邮", "免运费", "卖家包邮", "卖家承担", "含运费", "free shipping")),
                Column("duty", "money", ("关税(元)", "关税"), "currency"),
                Column("discount", "money", ("折扣(元)", "优惠金额", "折扣", "折扣金额", "减免金额", "优惠额", "discount amount", "整单优惠", "订单优惠", "优惠券", "红包", "满减", "店铺优惠", "立减", "抹零", "优惠", "减免"), "currency, positive makes it cheaper"),
                Column("paid_amount", "money", ("实付款(元)", "实际成本", "实付款", "实付", "实付金额", "支付金额", "amount paid", "实际付款", "实际付款金额", "实际支付", "实际支付金额", "付款金额", "已付金额", "已付款金额", "paid"), "currency"),
                Column("transport_mode", "word", ("运输方式", "物流方式", "发货方式", "shipping method", "ship mode"), words=MODES),
                Column("freight_terms", "text", ("运费条款", "贸易条款")),
                Column("status", "word", ("订单状态", "状态"), words=STATUSES),
                Column("known_on", "date", ("导出日期", "数据日期", *KNOWN_ON.zh)),
            ),
            ("order_id", "line_no"),
            (
                Check("charge_line", "sku", charges("sku")),
                Check("quantity_not_positive", "quantity", below("quantity", 0, strict=True)),
                Check("unit_price_negative", "unit_price", below("unit_price", 0)),
                Check("price_too_small", "unit_price", no_price("unit_price")),
                Check("goods_amount_negative", "goods_amount", below("goods_amount", 0)),
                Check("freight_negative", "freight", below("freight", 0)),
                Check("paid_before_ordered", "paid_on", before("paid_on", "ordered_on")),
                Check("shipped_before_ordered", "shipped_on", before("shipped_on", "ordered_on")),
                Check("received_before_ordered", "received_on", before("received_on", "ordered_on")),
                Check("received_before_shipped", "received_on", before("received_on", "shipped_on")),
                *(Check("promised_before_ordered", name, before(name, "ordered_on"), beside=True) for name in ("promised_on", "repromised_on")),
            ),
        ),
        Table(
            "inspections",
            "收货验货",
            (
                ORDER,
                LINE,
                Column("batch", "id", ("批号", "批次")),
                Column("inspected_on", "date", ("验货日期", "检验日期", "质检日期", "inspection date", "QC date", "date inspected", "检验时间", "验货时间", "质检时间", "验货日", "检验日", "检测日期", *ANY_DAY), required=True),
                Column("inspected", "count", ("检验数量", "验货数量", "抽检数", "抽检数量", "inspected qty", "qty inspected", "sample size", "检验数", "验货数", "抽样数", "抽样数量", "抽检量", "抽查数", "抽查数量", "quantity inspected", "sampled qty"), "pieces"),
                Column("defective", "count", ("不良数量", "缺陷数量", "不合格数", "不良品数", "次品数", "不良数", "不良品数量", "次品数量", "不合格数量", "defective qty", "defect qty", "qty defective", "defects", "不合格品数", "不合格品数量", "rejected qty", "qty rejected", "不合格", "不良", "次品", "rejected"), "pieces"),
                Column("reinspection", "flag", ("复检", "是否复检", "返工后复检"), words=LOOKS),
                Column("inspected_by", "word", ("验货方", "检验方"), words=INSPECTORS, decides=True, refused=OF_NOBODY),
                *(Column(name, "count", (zh, f"{zh}数"), "pieces", spare=SIDE) for name, zh in SEVERITIES.items()),
                *(Column(name, "count", (zh, f"{zh}不良"), "pieces", spare=SIDE) for name, zh in CHECKLIST.items()),
                Column("piece", "count", ("样件号", "件号")),
                Column("attribute", "text", ("测量项目", "测量特性")),
                Column("value", "number", ("测量值", "实测值")),
                Column("lower_limit", "number", ("下限", "规格下限")),
                Column("upper_limit", "number", ("上限", "规格上限")),
            ),
            ("order_id", "line_no", "batch", "inspected_on", "attribute", "piece", "inspected_by"),
            (
                Check(
                    "inspection_says_nothing",
                    "inspected",
                    lambda rows: (rows["inspected"].isna() | rows["defective"].isna()) & rows["value"].isna(),
                ),
                Check("inspected_not_positive", "inspected", below("inspected", 0, strict=True)),
                Check("more_defective_than_inspected", "defective", more_than("defective", "inspected")),
                *(
                    Check("more_failed_than_inspected", name, more_than(name, "inspected"))
                    for name in (*SEVERITIES, *CHECKLIST)
                ),
                Check("limits_crossed", "upper_limit", more_than("lower_limit", "upper_limit")),
            ),
            late=("batch", "inspected_by", "firm"),
            beside=("firm",),
            alike=("inspected", "defective", "value"),
        ),
        Table(
            "quotes",
            "报价",
            (
                Column("quote_id", "id", ("报价单号", "报价编号")),
                SUPPLIER,
                SKU,
                Column("quoted_on", "date", ("报价日期", "报价时间", "quote date", "报价日", *ANY_DAY), required=True),
                Column("valid_until", "date", ("有效期至", "报价有效期", "valid to"), spare=SIDE, deadline=True),
                Column("min_quantity", "count", LEAST, "pieces", required=True),
                Column("unit_price", "money", ("单价(元)", "单价", "报价(元)", "报价", "价格", "price"), "currency a piece", required=True),
                Column("lead_time_days", "count", LEAD_TIME, "days", spare=SIDE),
                Column("sample_fee", "money", ("样品费(元)", "样品费"), "currency", spare=SIDE, zero=FREE),
                Column("freight_terms", "text", ("运费条款", "贸易条款", "运费承担")),
                Column("deposit_share", "share", ("定金比例", "定金"), spare=SIDE),
                Column("credit_days", "count", ("账期(天)", "账期"), "days", spare=SIDE),
                Column("payment_terms", "text", ("付款方式", "付款条款", "付款条件", "结算方式")),
                Column("mixed_batch", "flag", ("混批", "支持混批")),
                Column("benchmark_price", "money", ("市场参考价(元)", "对标价", "参考价"), "currency a piece", spare=SIDE),
                Column("floor_price_30d", "money", ("30天底价(元)", "30天最低价", "近30天底价"), "currency a piece", spare=SIDE),
                Column("tax_included", "flag", ("含税", "是否含税"), words=TAXED),
                Column("sample_credit", "flag", ("样品费可抵扣", "样品费抵扣")),
            ),
            ("quote_id", "supplier", "sku", "min_quantity"),
            (
                Check("min_quantity_not_positive", "min_quantity", below("min_quantity", 0, strict=True)),
                Check("unit_price_not_positive", "unit_price", below("unit_price", 0, strict=True)),
                Check("price_too_small", "unit_price", no_price("unit_price")),
                Check("price_too_small", "benchmark_price", no_price("benchmark_price"), beside=True),
                Check("days_too_many", "lead_time_days", above("lead_time_days", MOST_DAYS), beside=True),
                Check("days_too_many", "credit_days", above("credit_days", MOST_DAYS), beside=True),
                Check("valid_before_quoted", "valid_until", before("valid_until", "quoted_on"), beside=True),
                Check("floor_price_not_positive", "floor_price_30d", below("floor_price_30d", 0, strict=True), beside=True),
            ),
        ),
        Table(
            "candidates",
            "候选清单",
            (
                SUPPLIER,
                SKU,
                Column("name", "text", ("品名", "商品名称"), required=True),
                Column("specification", "text", ("规格", "规格型号")),
                CATEGORY,
                Column("listed_on", "date", ("登记日期", "收录日期"), required=True),
                Column("min_quantity", "count", LEAST, "pieces", spare=SIDE),
                Column("price_low", "money", ("最低价(元)", "价格下限"), "currency a piece", spare=SIDE),
                Column("price_high", "money", ("最高价(元)", "价格上限"), "currency a piece", spare=SIDE),
                Column("price_range", "text", ("价格区间",), "currency a piece"),
                Column("unit_cost", "money", ("单位成本(元)", "单位成本"), "currency a piece, all told", spare=SIDE),
                Column("transport_mode", "word", ("运输方式", "物流方式", "发货方式", "shipping method", "ship mode"), words=MODES),
                Column("lead_time_days", "count", LEAD_TIME, "days", spare=SIDE),
                Column("region", "text", ("供货地", "产地", "地区")),
                Column("credentials", "text", ("资质", "资质证书")),
                Column("acceptance_terms", "text", ("质检与验收条款", "验收条款")),
                Column("mixed_batch", "flag", ("混批", "支持混批")),
                Column("sample_offered", "flag", ("样品", "可提供样品")),
                Column("sample_fee", "money", ("样品费(元)", "样品费"), "currency", spare=SIDE, zero=FREE),
                Column("sales_3m", "money", ("近3月交易额(元)", "近3月交易量", "近三个月交易量"), "currency", spare=SIDE),
                Column("reviews", "text", ("评价", "买家评价")),
                Column("dispute_rate", "share", ("纠纷处理率", "纠纷率"), spare=OF_DISPUTES),
            ),
            ("supplier", "sku", "name", "specification"),
            (
                Check("min_quantity_not_positive", "min_quantity", below("min_quantity", 0, strict=True)),
                Check("price_range_crossed", "price_high", more_than("price_low", "price_high")),
                Check("price_range_not_positive", "price_low", below("price_low", 0, strict=True)),
                Check("price_range_not_positive", "price_high", below("price_high", 0, strict=True)),
            ),
        ),
        Table(
            "answers",
            "询价回复",
            (
                SUPPLIER,
                SKU,
                Column("asked_on", "date", ("询价日期", "询问日期"), spare=SIDE),
                Column("answered_on", "date", ("回复日期",), required=True),
                Column("price_low", "money", ("最低价(元)", "价格下限"), "currency a piece", spare=SIDE),
                Column("price_high", "money", ("最高价(元)", "价格上限"), "currency a piece", spare=SIDE),
                Column("min_quantity", "count", LEAST, "pieces", spare=SIDE),
                Column("lead_time_days", "count", LEAD_TIME, "days", spare=SIDE),
                Column("freight_discount", "text", ("运费优惠", "运费折扣")),
                Column("warranty", "text", ("质保", "质保与售后")),
                Column("tax_included", "flag", ("含税", "是否含税"), words=TAXED),
                Column("sample_offered", "flag", ("样品", "可提供样品")),
                Column("inspection_report", "flag", ("质检报告", "可提供质检报告")),
                Column("conclusion", "text", ("结论", "询价结论")),
            ),
            ("supplier", "sku", "answered_on"),
            (
                Check("answered_before_asked", "answered_on", before("answered_on", "asked_on")),
                Check("min_quantity_not_positive", "min_quantity", below("min_quantity", 0, strict=True)),
                Check("price_range_crossed", "price_high", more_than("price_low", "price_high")),
            ),
        ),
        Table(
            "stock_counts",
            "库存盘点",
            (
                ARTICLE,
                Column("counted_on", "date", ("盘点日期", "盘点时间", "库存日期", "count date", "stock date", "盘点日", "库存时间", *ANY_DAY), required=True),
                Column("on_hand", "count", ("库存数量", "现有库存", "在库数量", "库存", "库存量", "当前库存", "实际库存", "盘点数量", "实盘数量", "stock on hand", "qty on hand", "结存", "结存数量", "结存数", "期末库存", "期末结存"), "pieces", required=True, spare=("count_negative",)),
            ),
            ("sku", "counted_on"),
        ),
        Table(
            "inquiries",
            "询价沟通",
            (
                SUPPLIER,
                Column("asked_at", "time", ("询问时间", "询价时间"), required=True),
                Column("replied_at", "time", ("回复时间", "答复时间", "回复日期"), not_yet=NO_REPLY),
                Column("phase", "word", ("环节", "售前售后"), words={"pre-sale": ("售前",), "after-sales": ("售后", "after-sale")}),
                Column("answered_items", "count", ("答复项数", "已答复项"), "of 5 items asked", spare=SIDE),
            ),
            ("supplier", "asked_at", "phase"),
            (Check("replied_before_asked", "replied_at", before("replied_at", "asked_at")),),
        ),
        Table(
            "suppliers",
            "供应商",
            (
                SUPPLIER,
                Column("platform", "text", ("平台", "货源渠道")),
                Column("region", "text", ("供货地", "产地", "地区")),
                Column("kind", "word", ("类型", "厂商类型"), words={"factory": ("工厂", "源头工厂", "厂家", "生产厂家", "工贸一体"), "trader": ("贸易商", "经销商", "批发商")}),
                Column("years_on_platform", "number", ("入驻年限", "平台年限"), "years", spare=SIDE, since=True),
                Column("medal", "text", ("交易勋章", "勋章")),
                Column("dispute_rate_90d", "share", ("近90天纠纷率", "纠纷率"), spare=OF_DISPUTES),
                Column("sales_30d", "money", ("近30天销售额(元)", "近30天成交额"), "currency", spare=SIDE),
                Column("buyers_30d", "count", ("近30天买家数",), "buyers", spare=SIDE),
                Column("credentials", "text", ("资质", "资质证书")),
                CATEGORY,
                Column("closed_before", "count", ("春节前停工天数", "节前停工天数"), "days", spare=SIDE),
                Column("closed_after", "count", ("春节后停工天数", "节后停工天数"), "days", spare=SIDE),
                Column("credentials_until", "date", ("资质有效期至", "证书有效期至"), spare=SIDE, deadline=True),
                Column("payee", "text", ("收款方", "收款账户名称", "收款单位")),
                Column("third_party_test", "flag", ("第三方检测", "第三方检测报告")),
                Column("ip_authorised", "flag", ("知识产权授权", "品牌授权")),
                Column("gives_samples", "flag", ("愿意提供样品", "可提供样品")),
                Column("buyer_protection", "flag", ("买家保障",)),
                Column("integrity_grade", "word", ("企业诚信等级", "诚信等级"), words={"AAA": ("AAA级",), "AA": ("AA级",), "A": ("A级",), "B": ("B级",), "C": ("C级",)}),
                Column("penalty_points", "count", ("违规扣分", "扣分"), "points", spare=SIDE),
                Column("factory_audit", "flag", ("第三方验厂", "深度验厂")),
                Column("repurchase_rate", "share", ("回头率", "复购率"), spare=SIDE),
            ),
            ("supplier",),
        ),
        Table(
            "receipts",
            "到货",
            (
                ORDER,
                LINE,
                Column("batch", "id", ("批号", "批次")),
                Column("received_on", "date", (*ARRIVED_ON, "送货日期", "送货时间", "delivery date", "delivered on", *ANY_DAY), required=True, undated=ARRIVED_SOMETIME, spare=("came_sometime",)),
                Column("received_quantity", "count", (*PIECES_IN, *PIECES_OF_PARCEL, "送货数量", "送货数", "交货数量"), "pieces"),
            ),
            ("order_id", "line_no", "batch", "received_on"),
            (Check("required_missing", "received_quantity", lambda rows: rows["received_quantity"].isna()),),  # beside others that tell it
            beside=("parcel",),
        ),
        Table(
            "returns",
            "退换返修",
            (
                ORDER,
                LINE,
                Column("batch", "id", ("批号", "批次")),
                Column("origin", "word", ("退换来源", "退货来源"), words=ORIGINS),
                Column("returned", "count", ("退货数量", "退货数", "qty returned", "returned qty", "退回数量", "退回数", "退货件数", "退回件数", "quantity returned", "return qty"), "pieces"),
                Column("reworked", "count", ("返修数量", "返工数"), "pieces"),
                Column("complained", "count", ("投诉件数", "客户投诉件数", "投诉数"), "pieces"),
                Column("cost", "money", ("退货成本(元)", "退换成本", "退货成本"), "currency"),
                Column("refund", "money", ("退款金额(元)", "退款金额", "退款", "refund amount"), "currency"),
                Column("opened_on", "date", ("登记日期", "申请日期", "退货日期")),
                Column("settled_on", "date", ("结清日期", "处理日期", "退款日期", "退款时间", "refund date", "到账日期", "退款到账日期", "到账时间")),
            ),
            ("order_id", "line_no", "opened_on", "settled_on", "batch", "origin"),
            (
                Check("cost_negative", "cost", below("cost", 0)),
                Check("refund_negative", "refund", below("refund", 0)),
                Check("settled_before_opened", "settled_on", before("settled_on", "opened_on")),
            ),
            late=("settled_on", "batch", "origin"),
        ),
        Table(
            "settlements",
            "对账结清",
            (
                ORDER,
                LINE,
                Column("settled", "flag", ("是否结清", "结清")),
                Column("settled_on", "date", ("结清日期",)),
                Column("invoice", "id", ("发票号", "发票号码")),
            ),
            ("order_id", "line_no"),
        ),
        Table(
            "demand",
            "月需求",
            (
                ARTICLE,
                Column("month", "date", ("月份", "销售月份", "sales month", "年月", "月度", "销售日期", "出库日期", "出库时间", "销售时间", "sale date", "sales date", "sold on", "周", "周次", "销售周", "周起始日", "周开始日期", "week", "week no", "week of", "week start", "week starting", "week commencing", *ANY_DAY), required=True),
                Column("units", "count", ("月需求量", "销量", "需求量", "月销量", "销售数量", "qty sold", "units sold", "销售量", "销售件数", "销售数", "月销售量", "需求数量", "quantity sold", "sales qty", "用量", "月用量", "使用量", "消耗量", "月消耗量", "耗用量", "领用量", "usage", "出库数量", "出库数", "出库量"), "pieces", required=True, spare=("not_a_number",)),
                Column("selling_price", "money", ("销售价(元)", "售价", "销售价"), "currency a piece", spare=SIDE),
            ),
            ("sku", "month"),
            (
                Check("charge_line", "sku", charges("sku")),
                Check("selling_price_negative", "selling_price", below("selling_price", 0), beside=True),
            ),
            beside=("shop",),
        ),
        Table(
            "risks",
            "风控清单",
            (
                SUPPLIER,
                Column("item", "text", ("风险项", "风险事项"), required=True),
                Column("status", "word", ("状态", "处理状态"), words={"open": ("未关闭", "处理中", "进行中"), "closed": ("已关闭", "已解决", "完成")}),
                Column("opened_on", "date", ("登记日期", "发现日期"), required=True),
                Column("due_on", "date", ("截止日期", "应完成日期"), spare=SIDE, deadline=True),
                Column("owner", "text", ("负责人",)),
                Column("code", "id", ("系统编号", "风险编号")),
                Column("response", "text", ("应对措施", "应对流程")),
                Column("remark", "text", ("备注", "跟进记录")),
                Column("closed_on", "date", ("关闭日期",)),
            ),
            ("supplier", "item", "opened_on"),
            (Check("closed_before_opened", "closed_on", before("closed_on", "opened_on")),),
        ),
        Table(
            "articles",
            "货号档案",
            (
                ARTICLE,
                Column("name", "text", ("品名", "商品名称")),
                Column("specification", "text", ("规格", "规格型号")),
                CATEGORY,
                Column("unit", "text", ("单位", "计量单位")),
                Column("pieces_per_unit", "count", ("每单位件数", "装箱数", "每箱件数"), "pieces"),
                Column("content", "number", ("含量", "净含量"), "content_unit a piece"),
                Column("content_unit", "text", ("含量单位",)),
                Column("material", "text", ("材质", "材料")),
                Column("platform_id", "id", ("平台编号", "SKU ID", "Offer ID", "平台货号")),
                Column("benchmark_price", "money", ("市场参考价(元)", "对标价", "参考价"), "currency"),
                Column("benchmark_content", "number", ("参考含量", "对标含量"), "content_unit"),
                Column("benchmark_unit", "text", ("参考含量单位", "对标含量单位")),
                Column("benchmark_material", "text", ("参考材质", "对标材质")),
                Column("benchmark_from", "text", ("参考来源", "对标来源")),
            ),
            ("sku", "platform_id", "unit"),
            (
                Check("pieces_per_unit_not_positive", "pieces_per_unit", below("pieces_per_unit", 0, strict=True)),
                Check("content_not_positive", "content", below("content", 0, strict=True)),
                Check("benchmark_content_not_positive", "benchmark_content", below("benchmark_content", 0, strict=True)),
                Check("benchmark_other_unit", "benchmark_unit", other_unit),
            ),
        ),
        Table(
            "decisions",
            "采购决定",
            (
                Column("month", "date", ("评审月份", "月份"), required=True),
                ARTICLE,
                Column("supplier", "text", ("供应商", "实际供应商")),
                Column("quantity", "count", ("数量", "实际数量"), "pieces"),
                Column("why", "word", ("原因", "未按计划的原因"), words=WHYS),
            ),
            ("sku", "month"),
        ),
        Table(
            "aliases",
            "别名",
            (
                Column("name", "text", ("名称", "曾用名", "别名", "原名"), required=True),
                Column("known_as", "text", ("现用名", "现名", "正式名称"), required=True),
            ),
            ("name",),
        ),
    )
}  # fmt: skip


OF_LINES = ("inspections", "receipts", "returns", "settlements")
"""Tables whose rows are about a line of `orders`; they may name its SKU in place of its number."""


def empty(name: str) -> pd.DataFrame:
    """The table `name` with no rows and the right column types."""
    return _empty(name).copy()


@cache
def _empty(name: str) -> pd.DataFrame:
    dtypes = {
        "date": "datetime64[us]",
        "time": "datetime64[us]",
        "money": float,
        "count": "Int64",
        "number": float,
        "share": float,
        "flag": "boolean",
    }
    return pd.DataFrame({c.name: pd.Series(dtype=dtypes.get(c.kind, "str")) for c in TABLES[name].columns})  # fmt: skip
