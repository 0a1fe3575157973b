"""The words that cells of the canonical tables may hold, each with how buyers and the platform write it."""

from __future__ import annotations

STAGES = {"sample": ("样品", "打样", "样品单"), "trial": ("试单", "小单", "试订单"), "bulk": ("大货", "批量", "大单")}
CARRIERS = ("中通", "圆通", "申通", "韵达", "顺丰", "极兔", "百世", "京东", "邮政")
MODES = {
    "express": (
        "快递",
        "courier",
        "EMS",
        "DHL",
        "UPS",
        "FedEx",
        "顺丰速运",
        *CARRIERS,
        *(f"{name}快递" for name in CARRIERS),
    ),
    "truck": ("汽运", "卡车", "物流专线", "公路", "物流", "专线", "零担", "货运", "德邦", "德邦物流", "lorry", "road"),
    "rail": ("铁路", "火车", "中欧班列"),
    "sea": ("海运", "ocean", "ship"),
    "air": ("空运", "air charter", "飞机"),
    "pickup": ("自提", "上门自提", "collect"),
}
NOT_ARRIVED = (
    "未到货", "未到", "未收货", "未签收", "未入库", "还没到", "还没到货", "还未到", "还未到货", "尚未到货", "没到", "没到货", "在途", "运输中", "途中", "待到货", "待收货",
    "待入库", "待发货", "未发货", "待定", "not arrived", "not received", "not yet", "not yet arrived", "not yet received", "in transit", "on the way",
    "pending", "outstanding", "tbd", "tba", "tbc", "运输途中", "在路上", "路上", "派送中", "未派送", "暂未到货", "暂未到", "尚未到", "尚未收货", "未送达", "生产中", "未完成", "未收到",
)  # fmt: skip
"""What people write where the day of an arrival would stand."""
SAME_DAY = ("当天", "当日", "同日", "同一天", "当天到", "当日达", "same day")
"""What people write there of goods that came on the day of their order."""
ARRIVED_SOMETIME = (
    "已到", "已到货", "已收货", "已收到", "已收", "已签收", "已入库", "已送达", "到了", "到货", "收到", "收货", "入库", "已完成", "已到齐", "到齐", "全部到货", "√", "✓", "ok", "yes", "是", "arrived", "received", "delivered", "done",
)  # fmt: skip
"""What people write there of goods that came on a day which they do not name."""
IN_PART = ("部分发货", "部分收货", "部分到货", "部分入库", "部分签收", "卖家部分发货", "partially shipped", "partially received", "partially delivered", "partly received", "partial")  # fmt: skip
"""States of an order whose day of arrival is that of a part."""
NO_REPLY = ("未回复", "未回", "没回", "没回复", "没有回复", "暂无回复", "暂未回复", "尚未回复", "还没回复", "还没回", "待回复", "无回复", "未答复", "不回", "已读未回", "no reply", "no answer", "not replied", "unanswered", "no response", "pending")  # fmt: skip
"""What people write where the moment of an answer would stand."""
STATUSES = {
    "unpaid": ("等待买家付款", "待付款", "waitbuyerpay", "待支付", "未付款", "未支付", "等待付款", "待买家付款", "awaiting payment", "pending payment", "payment pending"),
    "open": (
        "等待卖家发货", "待发货", "已发货", "待收货", "在途", "运输中", "未到货", "等待买家确认收货", "等待买家收货", "等待物流揽收", "等待买家签收",
        "等待物流公司揽件", "等待卖家确认订单", "等待卖家操作", "等待买家确认操作", "签收失败", "已发货未到账", "已发货，未到账",
        "买家已付款", "买家已付款，等待卖家发货", "卖家已发货", "卖家已发货，等待买家确认", "卖家已发货，等待买家确认收货",
        "waitsellersend", "waitlogisticstakein", "waitbuyerreceive", "waitbuyersign", "waitselleract", "waitsellerpush",
        "waitbuyerconfirmaction", "signinfailed", "wait_seller_send_goods", "wait_buyer_confirm_goods", "shipped", "paid",
        "待卖家发货", "待卖家确认", "待商家发货", "待揽收", "备货中", *IN_PART, "派送中", "待签收", "换货中", "已下单", "生产中", "ordered", "processing", "in production", "in transit", "on the way",
        "backordered", "等待收货", "待确认收货", "待买家收货", "等待出库", "待出库", "待配送", "配送中", "已揽收", "已揽件",
        "待分享", "待成团", "已发出", "已发", "未发", "已寄出", "国际运输中", "清关中", "已付款", "已付定金", "定金已付", "预订中", "已订购", "待生产", "待审核", "已审核", "已确认",
        "awaiting shipment", "awaiting dispatch", "awaiting delivery", "to be shipped", "to ship", "dispatched", "out for delivery", "on order", "confirmed", "deposit paid",
    ),
    "received": (
        "已收货", "已到货", "已入库", "交易成功", "买家已签收", "已签收", "已收货，未到账", "已收货未到账",
        "success", "confirm_goods", "signinsuccess", "trade_finished", "finished", "delivered", "已完成", "完成", "complete", "completed", "arrived", "已完结", "完结", "已结单", "结单", "已结束", "fulfilled",
        "待评价", "已评价", "交易完成", "订单完成", "确认收货", "已确认收货", "签收", "已验收", "全部到货", "全部入库",
    ),
    "cancelled": (
        "交易关闭", "已取消", "交易取消", "交易终止", "已关闭", "取消", "作废", "已作废", "超时关闭", "卖家取消", "买家取消", "cancel", "terminated", "trade_closed", "canceled", "closed",
        "交易已取消", "交易已关闭", "订单取消", "订单已取消", "订单关闭", "订单已关闭", "系统取消", "已撤销", "已撤单", "已退单", "驳回", "已驳回", "已终止", "void", "voided",
    ),
    "refunding": ("退款中", "退款退货中", "退货退款", "退货退款中", "退货中", "拒收", "已拒收", "待退款", "退款处理中", "退款申请中", "等待退款", "refund", "refunding", "refund pending", "全额退款", "已退货", "申请退款", "退款申请", "售后中"),
    "refunded": ("已退款", "退款成功", "退款完成", "退款已完成", "已全额退款", "全额退款成功", "退货退款成功", "退货退款完成", "退款已到账", "refunded", "fully refunded", "refund completed", "refundsuccess", "退款成功，交易关闭", "交易关闭，退款成功", "交易关闭(退款成功)"),
    "unknown": ("未知",),
}  # fmt: skip
"""`refunded` is told of at the door alone: behind it such a line is `refunding` and settled (`refunds.with_money_back`).
`unknown` also stands for an order that the platform calls finished but whose arrival nobody wrote down: it is neither
open nor received on a known day, so it says nothing of the lead time (`status_as_of` in `sources/as_of.py` makes it so)."""

CHARGES = ("运费", "邮费", "快递费", "物流费", "差价", "补差", "税点", "税费", "手续费", "服务费", "开票费", "打样费", "开模费", "模具费", "制版费", "版费", "包装费",
           "shipping", "freight", "postage", "surcharge", "handling", "extra cost", "price difference")  # fmt: skip
"""What lines of an order are called that hold a charge and no goods; `BESIDE_CHARGES` may stand around it (邮费补差价专用链接)."""
PAID_APART = ("定金", "订金", "预付款", "首付款", "尾款", "余款", "押金", "样品费", "样品押金", "down payment", "deposit", "balance payment", "final payment", "sample fee")  # fmt: skip
"""What lines are called that hold a part of the price, or a fee that is no freight: set apart, and never counted as freight."""
BESIDE_CHARGES = ("几件", "几元", "几块", "多少", "几", "件", "元", "块", "差", "就", "一", "每", "支付", "付", "货款", "订单", "产品", "商品", "定制", "专用", "专拍", "链接", "拍", "补", "另付", "差额", "费用", "费", "价", "请勿单拍", "勿拍", "下单", "联系客服", "款", "fee", "fees", "charge", "charges", "cost", "costs", "payment", "link", "order", "only", "of", "the", "for", "and")  # fmt: skip

CHECKLIST = {
    "appearance": "外观", "size": "尺寸规格", "function": "功能", "packaging": "包装",
    "quantity_match": "数量相符", "labelling": "标识", "accessories": "配件", "as_described": "与描述相符",
    "material": "材质",
}  # fmt: skip
"""The inspection checklist: pieces that failed each item."""

WHYS = {
    "price": ("价格变化", "涨价"), "capacity": ("产能不足", "缺货"), "quality": ("质量顾虑",), "delivery": ("交期顾虑", "急单"),
    "cash": ("资金安排",), "stock": ("库存充足", "需求变化"), "terms": ("付款或合作条件",), "other": ("其他",),
}  # fmt: skip
"""Why something else was ordered than the purchase plan said."""

FIRMS = {
    "SGS": ("通标", "通标SGS", "SGS通标"), "Intertek": ("ITS", "天祥"), "BV": ("必维", "Bureau Veritas"),
    "TUV": ("TÜV", "TÜV Rheinland", "TUV Rheinland", "莱茵", "TÜV SÜD", "TUV SUD", "南德"), "QIMA": ("启迈",), "CTI": ("华测",), "CCIC": ("中检",), "谱尼": ("PONY",),
}  # fmt: skip
"""Third parties that inspect, and how they are written: two of them on one day are two reports."""
FIRM_WORDS = {
    word: firm
    for firm, names in FIRMS.items()
    for name in (firm, *names)
    for word in (name, f"第三方({name})", f"{name}第三方")
}
OURS = "ours"
INSPECTORS = {
    OURS: ("我方", "我司", "我方自检", "我司自检", "本公司", "买方", "own", "us"),
    "factory": ("工厂", "厂检", "工厂自检", "厂家", "厂家自检", "厂方", "供应商", "供应商自检", "supplier", "工厂IQC", "工厂QA"),
    "third_party": ("第三方", "第三方检测", "第三方验货", "third party", *FIRM_WORDS),
}  # fmt: skip
"""Who inspected; a blank is the house itself."""
OF_NOBODY = ("自检", "buyer", "买家")
"""Words that factories and the house both use of themselves: whose they are cannot be told."""

ORIGINS = {
    "inspection": ("验货", "验货退货", "入库检验"),
    "customer": ("客户", "客户退货", "终端客户", "消费者"),
}
"""Who found what comes back: our inspection, or customers."""

SEVERITIES = {"critical": "致命缺陷", "major": "严重缺陷", "minor": "轻微缺陷"}

LOOKS = {
    "yes": ("复检", "复验", "复查", "重检", "二检", "返工复检", "返工后复检", "返修后复检", "第二次", "第三次", *(f"{place}{n}次" for place in ("", "第") for n in "234"), "2nd", "3rd", "second", "re-inspection", "recheck"),
    "no": ("首检", "初检", "初验", "首次", "第一次", "1次", "第1次", "first", "1st", "initial"),
}  # fmt: skip
"""Whether an inspection looks at pieces again."""
FREE = ("免费", "免样品费", "免收", "免", "不收费", "免费提供", "free", "free of charge")
"""Of a fee: none is asked."""
TAXED = {
    "yes": ("含税", "含", "含增值税", "含专票", "含普票", "专票", "普票", "增值税专用发票", "开专票", "开普票", "含票", "带票", "tax included", "含税价", "incl. tax", "incl tax", "incl. VAT", "with tax"),
    "no": ("不含税", "未税", "不含", "未含税", "不含增值税", "无票", "不开票", "不含票", "不带票", "裸价", "tax excluded", "不含税价", "未税价", "excl. tax", "excl tax", "excl. VAT", "without tax", "net"),
}  # fmt: skip
"""Whether tax is in a price."""
