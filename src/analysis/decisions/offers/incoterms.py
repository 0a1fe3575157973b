"""Who pays which part of the way: Incoterms 2020 and the words that domestic sellers use for the same thing.

Only the money is meant here, not where the risk passes. Domestic purchases know three cases: the buyer pays the carrier, the
seller does (包邮, delivered), or the buyer collects (自提, EXW).

Whether goods cross a border follows from the Incoterm and the place beside it. Under E and F terms the place is where the seller
hands over: one abroad means an import. Under C and D terms it is where the goods are brought: one abroad means that country's
customs. FAS, FOB, CFR and CIF belong to sea trade: CFR and CIF to a place at home are an import, and without a place nobody
knows what is crossed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from analysis.decisions.offers.places import HOME_TERRITORY, territory_of
from analysis.decisions.offers.price_ladder import PriceLadder
from analysis.sources.folding import simplified

CHARGES = ("freight", "insurance", "clearance", "duty", "vat")
"""What an Incoterm settles: main carriage, cargo insurance, import clearance, import duty, import VAT."""

SELLER_PAYS: dict[str, frozenset[str]] = {
    "EXW": frozenset(),
    "FCA": frozenset(),
    "FAS": frozenset(),
    "FOB": frozenset(),
    "CFR": frozenset({"freight"}),
    "CPT": frozenset({"freight"}),
    "CIF": frozenset({"freight", "insurance"}),
    "CIP": frozenset({"freight", "insurance"}),
    "DAP": frozenset({"freight", "insurance"}),
    "DPU": frozenset({"freight", "insurance"}),
    "DDP": frozenset(CHARGES),
}
"""The charges of `CHARGES` that the seller's price includes. Under D terms the goods travel at the seller's risk, so that
the buyer needs no insurance."""

_FREE = "包邮|免运费|免邮|免费送货|卖家承担|供方承担|送货上门"
_UNIT = "元|块|rmb|cny|人民币|件|个|只|pcs|pieces?"
_FREE_FROM = re.compile(
    rf"(?P<yuan>[¥$€£])?(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?|一)(?P<ten>万)?(?P<unit>{_UNIT})?(?:以上|及以上|起|起订)*(?:{_FREE})"
    rf"|(?:{_FREE})\(?(?:订单)?(?:单笔)?满?(?P<yuan2>[¥$€£])?(?P<number2>[0-9][0-9,]*(?:\.[0-9]+)?|一)(?P<ten2>万)?(?P<unit2>{_UNIT})(?:以上|及以上|起)*\)?"
    r"|free(?:freight|delivery|shipping)?(?:from|above|over)(?P<yuan3>[¥$€£])?(?P<number3>[0-9][0-9,]*(?:\.[0-9]+)?)(?P<unit3>pcs|pieces)?"
)
"""`满500元包邮`, `3件起包邮`, `包邮(满1000元)`, `free freight from 300`, blanks left out."""
_LOT = rf"[0-9][0-9,]*(?:\.[0-9]+)?万?(?:{_UNIT})"
_NOT_FREE_BELOW = re.compile(
    rf"(?:(?:订单)?(?:不满|不足|未满|不到|低于|少于)(?P<less>{_LOT})(?:以下)?|(?P<up_to>{_LOT})(?:以下|以内))的?,?"
    r"(?:不包邮|(?:运费|邮费|快递费)?由?(?:买家|买方|需方)?(?:自付|承担|自理|另付|另计|另算))"
)
"""`不满300件不包邮`, `500元以下运费自付`: free from there on."""
_SOME_LOTS = re.compile(r"\d[^,，;；]*(?:以下|以内)|(?:不满|不足|未满|不到|低于|少于)[^,，;；]*\d")
"""A condition on lots, with which the buyer does not pay always."""
_PIECES = ("件", "个", "只", "pcs", "piece", "pieces")
_BUYER = ("买家承担", "需方承担", "买方承担", "买家付", "买方付", "到付", "自付", "不包邮", "不含运费", "运费另计", "运费另算", "buyer pays")  # fmt: skip
_SELLER = ("包邮", "免运费", "免邮", "卖家承担", "供方承担", "卖方承担", "卖家付", "送货上门", "到厂价", "含运费", "delivered", "seller pays",
           "free freight", "free shipping", "free delivery")  # fmt: skip
_COLLECT = ("自提", "自取", "出厂价", "collect", "ex works", "pickup", "pick-up")
_SAYS_NO_MORE = re.compile(
    r"订单|单笔|一次|购买|采购|下单|全国|全场|全部|均|都|可|免费|运费|邮费|快递|物流|卖家|供方|厂家|由|为|价格|单价|报价|含税|未税|不含税|含|满|[\W_]"
)
"""What may stand beside the words on freight without changing them; anything else is a condition that nobody understood."""
_CONDITION = re.compile(r"\d|\b(?:only|except|if|within|above|over|from|below|under)\b|[\u4e00-\u9fff]")


@dataclass(frozen=True)
class FreightTerms:
    """Whose the charges are: `seller_pays` of `CHARGES`; freight is the seller's too for goods worth `free_from` or more, or
    of `free_pieces` or more.

    `collect`: the buyer fetches the goods, so that only the mode "pickup" makes sense. `enters`: the customs territory that the
    goods enter; "" where they cross no border, `NOBODY_KNOWS` where that cannot be told.
    """

    seller_pays: frozenset[str] = frozenset()
    free_from: float = np.inf
    free_pieces: float = np.inf
    collect: bool = False
    enters: str = ""

    def buyer_pays(self, charge: str) -> bool:
        """True where these terms leave the `charge` to the buyer."""
        return charge not in self.seller_pays

    def freight_is_free(self, goods: float | np.ndarray, pieces: float | np.ndarray = 0) -> np.ndarray:
        """True where the seller carries goods of this value, or so many pieces, at its own cost."""
        goods, pieces = np.asarray(goods), np.asarray(pieces)
        return (goods >= self.free_from) | (pieces >= self.free_pieces) | ("freight" in self.seller_pays)

    def at_prices(self, ladder: PriceLadder) -> FreightTerms:
        """The same terms with a condition in pieces told in money: the least value above that of every smaller lot.

        >>> FreightTerms(free_pieces=300).at_prices(PriceLadder.of(2.5)).free_from
        750.0
        """
        if not np.isfinite(self.free_pieces):
            return self
        needed = max(int(np.ceil(self.free_pieces)), ladder.minimum)
        ends = [min(quantity, needed) - 1 for quantity in (*ladder.quantities[1:], needed)]
        smaller = [price * end for price, end in zip(ladder.prices, ends) if end >= ladder.minimum]
        value = float(ladder.price(needed)) * needed
        dearest = max(smaller, default=0.0)
        return replace(
            self, free_from=min(self.free_from, value if value > dearest else dearest + 0.01), free_pieces=np.inf
        )


NOBODY_KNOWS = "?"
HANDED_OVER = ("EXW", "FCA", "FAS", "FOB")
AT_SEA = ("FAS", "FOB", "CFR", "CIF")
_SEA_IMPORT = ("CFR", "CIF")
_OTHER_PLACE = re.compile(r"\b(?!(?:incoterms?|price|terms?|ex|works|factory|port|of|by|sea|air)\b)[^\W\d_一-鿿]{3,}")

BUYER_PAYS = FreightTerms()
DELIVERED = FreightTerms(SELLER_PAYS["DAP"])
COLLECT = FreightTerms(collect=True)


def read_freight_terms(text: object) -> FreightTerms | None:
    """The terms as a quote writes them; None when the text is empty, says nothing that is known, or sets a condition (a
    region, an exception) that is not understood.

    >>> read_freight_terms("满500元包邮").free_from
    500.0
    >>> read_freight_terms("满300件包邮").free_pieces, read_freight_terms("江浙沪包邮，其他地区自付")
    (300.0, None)
    >>> sorted(read_freight_terms("CIF Hamburg").seller_pays)
    ['freight', 'insurance']
    >>> [read_freight_terms(text).enters for text in ("CIF Hamburg", "FOB Ho Chi Minh", "FOB 宁波", "FOB")]
    ['de', 'cn', '', '?']
    >>> read_freight_terms("面议") is None
    True
    """
    return None if text is None or text != text else _read_words(str(text))


@lru_cache(maxsize=1024)
def _read_words(text: str) -> FreightTerms | None:
    words = simplified(text).strip()
    low = words.casefold()
    close = "".join(low.split())
    code = re.search(rf"(?<![A-Z])({'|'.join(SELLER_PAYS)})(?![A-Z])", words.upper())
    enters = _entered(code[1] if code else "", low[code.end() :] if code else low, low[: code.start()] if code else "")
    if (below := _NOT_FREE_BELOW.search(close)) is not None and not _FREE_FROM.search(close.replace(below[0], "", 1)):
        close = close.replace(below[0], f"满{below['less'] or below['up_to']}包邮", 1)
    elif below is not None:  # 满300件包邮，不满300件运费自付: told twice
        close = close.replace(below[0], "", 1)
    if (found := _FREE_FROM.search(close)) is not None:
        more = _says_more(close.replace(found[0], "", 1)) and code is None
        return None if more else replace(_from(found), enters=enters)
    rest = _without(low, _BUYER)
    if rest != low:
        some = _SOME_LOTS.search(rest) or ("不包邮" in low and _says_more(rest))
        return None if some or any(word in rest for word in _SELLER) else FreightTerms(enters=enters)
    if code is not None:
        return FreightTerms(SELLER_PAYS[code[1]], collect=code[1] == "EXW" and not enters, enters=enters)
    if any(word in low for word in _COLLECT):
        return None if any(word in low for word in _SELLER) else FreightTerms(collect=not enters, enters=enters)
    rest = _without(low, _SELLER)
    return replace(DELIVERED, enters=enters) if rest != low and not _says_more(rest) else None


def _without(text: str, words: tuple[str, ...]) -> str:
    for word in words:
        text = text.replace(word, " ")
    return text


def _says_more(rest: str) -> bool:
    """Whether words are left that may be a condition."""
    return _CONDITION.search(_SAYS_NO_MORE.sub(" ", rest)) is not None


def _from(found: re.Match[str]) -> FreightTerms:
    """Terms with their condition; an amount without a unit is money."""
    told = {name.rstrip("23"): text for name, text in found.groupdict().items() if text}
    number = 1.0 if told["number"] == "一" else float(told["number"].replace(",", ""))
    number *= 1e4 if "ten" in told else 1.0
    if told.get("unit") in _PIECES and "yuan" not in told:
        return DELIVERED if number <= 1 else FreightTerms(free_pieces=number)
    return FreightTerms(free_from=number)


def _entered(code: str, after: str, before: str) -> str:
    """The territory that the goods enter under the Incoterm `code`, by the place named after it, else before it."""
    if not code:  # 包邮, except to Hong Kong: a word on places that are not served
        return ""
    territory = territory_of(after) or territory_of(before)
    if not territory:
        return NOBODY_KNOWS if _OTHER_PLACE.search(after + before) or code in AT_SEA else ""
    if territory == HOME_TERRITORY:
        return HOME_TERRITORY if code in _SEA_IMPORT else ""
    return HOME_TERRITORY if code in HANDED_OVER else territory
