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
import unicodedata
from dataclasses import dataclass, replace

import numpy as np

from analysis.decisions.offers.places import HOME_TERRITORY, territory_of

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

_FREE_FROM = re.compile(
    r"(?:满|滿)\s*[¥￥]?\s*(\d+(?:\.\d+)?)\s*元?\s*(?:包邮|免运费|免邮)|free (?:freight )?(?:from|above|over) (\d+)"
)
_SELLER = (
    "包邮",
    "免运费",
    "卖家承担",
    "供方承担",
    "送货上门",
    "到厂价",
    "含运费",
    "delivered",
    "seller pays",
    "free freight",
)
_COLLECT = ("自提", "自取", "出厂价", "collect", "ex works", "pickup", "pick-up")
_BUYER = ("买家承担", "需方承担", "买方承担", "到付", "自付", "不包邮", "不含运费", "buyer pays")  # fmt: skip


@dataclass(frozen=True)
class FreightTerms:
    """Whose the charges are: `seller_pays` of `CHARGES`; freight is the seller's too for goods worth `free_from` or more.

    `collect`: the buyer fetches the goods, so that only the mode "pickup" makes sense. `enters`: the customs territory that the
    goods enter; "" where they cross no border, `NOBODY_KNOWS` where that cannot be told.
    """

    seller_pays: frozenset[str] = frozenset()
    free_from: float = np.inf
    collect: bool = False
    enters: str = ""

    def buyer_pays(self, charge: str) -> bool:
        return charge not in self.seller_pays

    def freight_is_free(self, goods: float | np.ndarray) -> np.ndarray:
        """True where the seller carries goods of this value at its own cost."""
        return np.asarray(goods >= self.free_from) | ("freight" in self.seller_pays)


NOBODY_KNOWS = "?"
HANDED_OVER = ("EXW", "FCA", "FAS", "FOB")
AT_SEA = ("FAS", "FOB", "CFR", "CIF")
_SEA_IMPORT = ("CFR", "CIF")
_OTHER_PLACE = re.compile(r"\b(?!(?:incoterms?|price|terms?|ex|works|factory|port|of|by|sea|air)\b)[^\W\d_一-鿿]{3,}")

BUYER_PAYS = FreightTerms()
DELIVERED = FreightTerms(SELLER_PAYS["DAP"])
COLLECT = FreightTerms(collect=True)


def read_freight_terms(text: object) -> FreightTerms | None:
    """The terms as a quote writes them; None when the text is empty or says nothing that is known.

    >>> read_freight_terms("满500元包邮").free_from
    500.0
    >>> sorted(read_freight_terms("CIF Hamburg").seller_pays)
    ['freight', 'insurance']
    >>> [read_freight_terms(text).enters for text in ("CIF Hamburg", "FOB Ho Chi Minh", "FOB 宁波", "FOB")]
    ['de', 'cn', '', '?']
    >>> read_freight_terms("面议") is None
    True
    """
    words = unicodedata.normalize("NFKC", "" if text is None or text != text else str(text)).strip()
    low = words.casefold()
    code = re.search(rf"(?<![A-Z])({'|'.join(SELLER_PAYS)})(?![A-Z])", words.upper())
    enters = _entered(code[1] if code else "", low[code.end() :] if code else low, low[: code.start()] if code else "")
    if (found := _FREE_FROM.search(low)) is not None:
        return FreightTerms(free_from=float(found[1] or found[2]), enters=enters)
    if any(word in low for word in _BUYER):
        return FreightTerms(enters=enters)
    if code is not None:
        return FreightTerms(SELLER_PAYS[code[1]], collect=code[1] == "EXW" and not enters, enters=enters)
    if any(word in low for word in _COLLECT):
        return FreightTerms(collect=not enters, enters=enters)
    return replace(DELIVERED, enters=enters) if any(word in low for word in _SELLER) else None


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
