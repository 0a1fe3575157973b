"""What the simulated buyer sells and where it is made: an invented catalogue in four categories.

Prices in CNY a piece, weights in grams. Names of companies are put together from these words with 示例 ("example") in each,
so that nobody can take one for a real supplier.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """A model that the buyer sells. `measured` pieces are weighed or gauged at inspection: (attribute, target, sd of pieces)."""

    sku: str
    title: str
    category: int
    benchmark_price: float
    weight_g: float
    selling_price: float
    monthly_units: float
    measured: tuple[str, float, float] | None = None


CATEGORIES = ("家居用品", "箱包", "厨房用具", "数码配件")
"""Household goods, bags, kitchen utensils, digital accessories. The last has a single supplier when the company has a story."""

PRODUCTS = (
    Product("HH-BOX-01", "桌面收纳盒三件套", 0, 18.0, 620, 45.0, 320),
    Product("HH-RACK-02", "浴室免打孔置物架", 0, 26.0, 900, 65.0, 180, ("厚度(mm)", 1.20, 0.03)),
    Product("HH-TOOL-03", "家用工具套装", 0, 39.0, 1500, 99.0, 120),
    Product("BAG-TOTE-01", "帆布托特包", 1, 15.0, 260, 39.0, 400, ("重量(g)", 260.0, 5.0)),
    Product("BAG-PACK-02", "轻便双肩包", 1, 42.0, 550, 109.0, 210, ("重量(g)", 550.0, 9.0)),
    Product("BAG-CASE-03", "便携化妆包", 1, 11.5, 150, 32.0, 260),
    Product("KIT-PAN-01", "不粘煎锅 26cm", 2, 48.0, 1100, 119.0, 150, ("重量(g)", 1100.0, 14.0)),
    Product("KIT-BOARD-02", "双面砧板", 2, 22.0, 1300, 59.0, 240),
    Product("KIT-KNIFE-03", "厨房刀具五件套", 2, 55.0, 1600, 139.0, 90),
    Product("DIG-CABLE-01", "编织快充数据线", 3, 6.8, 60, 19.9, 700),
    Product("DIG-STAND-02", "折叠手机支架", 3, 9.5, 140, 26.0, 350),
)

REGIONS = (
    ("义乌", "台州", "宁波", "汕头"),
    ("广州", "义乌", "保定", "泉州"),
    ("揭阳", "永康", "潮州", "佛山"),
    ("深圳", "东莞", "广州", "义乌"),
)
"""Industrial belts of each category."""

TRADES = ("家居", "箱包", "厨具", "数码")
FIRST_WORDS = "春夏秋冬东西南北明清和平山水云海星月松竹梅兰金银宝玉"
SECOND_WORDS = "晓光辉源泉丰盛达通顺利安康宁乐美佳新雅韵"

FAILURES = (
    (0.34, 0.14, 0.12, 0.16, 0.03, 0.08, 0.09, 0.04),
    (0.42, 0.14, 0.10, 0.10, 0.02, 0.06, 0.08, 0.08),
    (0.30, 0.10, 0.22, 0.14, 0.02, 0.07, 0.09, 0.06),
    (0.16, 0.06, 0.48, 0.10, 0.02, 0.06, 0.07, 0.05),
)
"""Share of defective pieces whose first failure is each checklist item (order of `sources.cell_words.CHECKLIST`), by category; the buyer of this
company writes down nothing of the items after them."""

SEVERITY_SHARES = (0.06, 0.36, 0.58)
"""Share of defective pieces that are critical, major, minor."""
