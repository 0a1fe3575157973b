"""Columns that several tables have, and the headers that columns of several tables may have."""

from __future__ import annotations

from analysis.sources.table_types import Column

ANY_DAY = ("日期", "date", "单据日期", "制单日期")
"""A day that says nothing of what it is: of each row the day that its table needs."""
ORDER = Column("order_id", "id", ("订单编号", "订单号", "采购单号", "采购订单号", "单号", "PO number", "PO no", "order no", "order number", "PO", "PO #", "order #", "订单编码", "采购订单编号", "采购单编号", "订单号码", "PO编号", "PO号", "P/O no", "P/O number", "合同号", "合同编号", "单据编号", "单据号"), required=True)  # fmt: skip
LINE = Column("line_no", "count", ("行号", "明细行号", "序号", "line", "line number", "PO line"))
ARRIVED_ON = ("到货日期", "到货时间", "收货日期", "实际到货日期", "实际到货", "入库日期", "签收日期", "receipt date", "received date", "arrival date", "date received", "arrived on", "到货日", "收货日", "收货时间", "签收时间", "签收日", "入库时间", "入库日", "实际到货时间", "实际到货日", "实际收货日期", "actual delivery date", "actual arrival date", "最近到货日期", "最近到货", "最后到货日期", "最近入库日期", "last receipt date", "last received")  # fmt: skip
PIECES_IN = ("实收数量", "到货数量", "已到货数量", "入库数量", "已入库数量", "收货数量", "签收数量", "实到数量", "qty received", "received qty", "实收", "实收数", "实到数", "收货数", "收货量", "到货数", "到货量", "入库数", "入库量", "签收数", "qty rcvd", "rcvd qty", "quantity received", "qty delivered", "delivered qty", "quantity delivered")  # fmt: skip
PIECES_SO_FAR = ("已收数量", "已到数量", "已收货数量", "已收数", "已到数")
"""Of an order: in a list of parcels nobody knows whether these are of the parcel, or of all until then."""
PIECES_OF_PARCEL = ("本次到货数量", "本次收货数量", "本次入库数量", "本次到货", "本次实收数量")
PIECES_UNTIL_NOW = ("累计到货数量", "累计到货", "累计收货数量", "累计入库数量")
"""Headers of the pieces of all parcels until then."""
SUPPLIER = Column("supplier", "text", ("供应商", "卖家公司名", "供应商名称", "供应商名称(全称)", "供应商全称", "供应商公司名称", "供应商公司", "卖家公司名称", "卖家公司", "卖家名称", "卖家", "厂家名称", "工厂", "工厂名称", "厂商名称", "供货商名称", "供货单位", "供应单位", "卖方", "供应商简称", "卖家会员名", "卖家会员", "seller", "seller name", "factory", "factory name", "supplier company", "厂家", "供货商", "供应厂商", "厂商", "供方", "vendor", "vendor name", "supplier name", "供应商名", "供货厂家", "制造商", "生产商", "生产厂家", "manufacturer", "商家", "商家名称", "店铺", "店铺名称", "店铺名"), required=True)  # fmt: skip
_GOODS = ("商品编码", "商品货号", "产品编号", "产品编码", "物料编码", "款号", "物料编号", "物料号", "料号", "商家编码", "规格编码", "商品编号", "SKU编码", "SKU编号", "item no", "item number", "SKU code", "product code", "style no", "style number", "style", "model no", "part number", "SKU no", "SKU number", "SKU号", "产品货号", "货品编码", "货品编号", "存货编码", "存货编号", "物料代码", "item code", "material number")  # fmt: skip
SKU = Column("sku", "id", ("SKU", "货号", "单品货号", *_GOODS))
ARTICLE = Column("sku", "id", ("SKU", "货号", *_GOODS), required=True)
LEAST = ("起订量", "起批量", "MOQ", "最小起订量", "最低起订量", "最小订购量", "最低订购量", "最小订货量", "起订数量", "min order qty", "minimum order quantity")  # fmt: skip
LEAD_TIME = ("交货期(天)", "交期", "交货期", "交货周期", "供货周期", "交货天数", "货期", "lead time")
CATEGORY = Column("category", "text", ("类别", "品类", "类目", "商品类别", "产品类别", "product category", "二级类目", "小类", "分类", "商品分类", "产品分类", "货品类别"))  # fmt: skip
