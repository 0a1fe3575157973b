"""What may be said of a cell: never a phone, e-mail, id, account or address, and of a cell that may stand in the wrong column only
what belongs there.

When cells slip one column to the side, a personal one stands where a date, a number or a word is expected. So a sentence quotes
such a cell only when it is made of what the column holds; of any other it tells how long it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.sources.table_types import Column

_DIGIT = r"[\d０-９]"
_PRIVATE = re.compile(
    r"[\w.+-]+[@＠][\w-]+(?:\.[\w-]+)+"  # e-mail
    r"|(?<![\d０-９])(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d０-９])"  # mobile
    r"|(?<!\d)\(?0\d{2,3}\)?[- ]\d{7,8}(?:[-转 ]\d{1,6})?(?!\d)"  # landline
    r"|(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"  # identity card
    r"|(?:银行|支行|信用社|账号|账户|帐号|卡号|bank|account)\W{0,3}[\d ]{8,}"  # account
    r"|(?<!\d)62\d{2}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)|(?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?(?!\d)"  # bank card
    r"|[\u4e00-\u9fff]{2,}(?:省|市|区|县|镇|乡|村|街道|路|街|巷|弄|大道|小区|园)[\u4e00-\u9fff\w-]*?\d+\s*(?:号|栋|幢|室|弄|单元|楼|层|座)[\u4e00-\u9fff\w-]*"
    r"|\b\d+[\w-]*\s+(?:[A-Z][\w']+\s+){1,3}(?:Road|Rd|Street|St|Avenue|Ave|Lane|District)\b",  # address
    re.IGNORECASE,
)
_MAY_BE_PRIVATE = re.compile(
    r"[@＠号栋幢室弄楼层座]|\d{3}|[０-９]{3}|road|street|avenue|lane|district|\b(?:rd|st|ave)\b", re.IGNORECASE
)
MASK = "***"
LOOKED_AT = 320
"""Characters of a cell that are looked at where it is quoted, which shows fewer."""
_A_FIRM = re.compile(r"(?:公司|厂|店|行|部|社|中心|企业|工作室|ltd\.?|co\.?|inc\.?)$", re.IGNORECASE)
_TWO_PARTS = re.compile(r"[ (:].{8}")
_LONG_NUMBER = re.compile(rf"{_DIGIT}(?:[ -]?{_DIGIT}){{8,}}")
"""Nine digits and more are no date, price or count, but may be a phone or an account."""
_PLAIN = re.compile(r"[\s\d.,:;/%()+#*~<>=?!'\"¥￥$€£，。：；（）／．－—–_\-０-９]")
_UNITS = re.compile(
    r"(?:rmb|cny|usd|eur|gbp|jpy|krw|hkd|twd|aud|cad|sgd|yuan|pcs|pieces?|days?|kg|am|pm|t|z|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|january|february|march"
    r"|april|june|july|august|september|october|november|december|e)(?![a-z])|[年月日号时分秒元圆块角万千百十件个只箱套包盒条双天上下午约]",
    re.IGNORECASE,
)
_OF_STATES = frozenset("完成待处理中未已付款发货到退换关闭取消部分全异常审核拒绝确认签收售后仲裁申请")
"""Characters of which words for the state of an order are made, beside those known."""


@dataclass(frozen=True)
class Hidden:
    """In place of a cell that is not quoted: how many characters it has."""

    characters: int


def masked(text: str) -> str:
    """`text` with phones, e-mails, ids, accounts and addresses replaced by ***.

    >>> masked("call 139 1234 5678 or li@example.com"), masked("2026-03-05, 12.50")
    ('call *** or ***', '2026-03-05, 12.50')
    """
    return _PRIVATE.sub(MASK, text) if _MAY_BE_PRIVATE.search(text) else text


def is_private(text: str) -> bool:
    """Whether a text holds what is a person's: a phone, an e-mail, an address."""
    return masked(text) != text


def is_no_name(text: str) -> bool:
    """Whether what stands as a name is a person's phone, e-mail, id or address; a shop may be called by its address."""
    return is_private(text) and not _A_FIRM.search(text)


def is_no_code(text: str) -> bool:
    """Whether what stands as a number or code is an e-mail or an address, or has a phone beside it; eleven digits alone may well be
    an article's number."""
    if (not text.isascii() and is_no_name(text)) or ("@" in text and is_private(text)):
        return True
    return bool(_TWO_PARTS.search(text)) and any(
        text[found.start() - 1] in " (:" for found in _PRIVATE.finditer(text) if found.start()
    )


def told_of(cell: object, column: Column, doubtful: bool) -> str | Hidden:
    """A cell that cannot be read, as a sentence may quote it; `doubtful`: its row or column may stand in the wrong place."""
    whole = " ".join(str(cell).split())
    text = whole[:LOOKED_AT]
    if _LONG_NUMBER.search(text) and column.kind != "id":
        return Hidden(len(whole))
    if column.decides and text not in column.refused:
        return Hidden(len(whole))  # perhaps the inspector's own name
    if is_private(text) or (doubtful and not _belongs(text, column)):
        return Hidden(len(whole))
    return text


def _belongs(text: str, column: Column) -> bool:
    """Whether nothing but what the column's kind is made of stands in `text`."""
    left = _PLAIN.sub("", text)
    if column.kind in ("word", "flag"):
        known = {letter for name, words in column.words.items() for word in (name, *words) for letter in word}
        return not set(left) - known - _OF_STATES
    return column.kind not in ("text",) and not _UNITS.sub("", left)
