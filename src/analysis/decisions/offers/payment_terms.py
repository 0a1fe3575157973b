"""When a purchase is paid: deposit, before dispatch, at the arrival, or so many days after it.

Where nothing is agreed everything is paid with the order (the platform's guaranteed payment).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class PaymentTerms:
    """`deposit_share` is paid with the order, `dispatch_share` before the goods leave, the rest `credit_days` after the arrival, or on the
    day `settles_on` of the month after it; at the arrival where it is only said that it is `on_receipt`. All 0: all paid with the order."""

    deposit_share: float = 0.0
    credit_days: float = 0.0
    dispatch_share: float = 0.0
    on_receipt: bool = False
    settles_on: int = 0

    def __post_init__(self) -> None:
        shares = min(self.deposit_share, self.dispatch_share) >= 0 and self.deposit_share + self.dispatch_share <= 1
        if not shares or not self.credit_days >= 0:
            raise ValueError(
                "deposit_share lies between 0 and 1, with dispatch_share too, and credit_days is 0 or more, got "
                f"{self.deposit_share}, {self.dispatch_share} and {self.credit_days}"
            )

    @property
    def paid_with_order(self) -> float:
        """Share of the goods' price that is paid with the order."""
        agreed = self.deposit_share or self.credit_days or self.dispatch_share or self.on_receipt
        return self.deposit_share if agreed else 1.0

    @property
    def paid_before(self) -> float:
        """Share that is paid before the arrival; for what it costs, what is paid before dispatch counts as paid with the order."""
        return self.paid_with_order + self.dispatch_share

    def days_tied_up(self, lead_time_days: float | np.ndarray) -> float | np.ndarray:
        """Days for which the goods' price is tied up before the arrival, less those it is owed after it."""
        return self.paid_before * lead_time_days - (1 - self.paid_before) * self.credit_days

    def due_after(self, arrival: pd.Timestamp) -> pd.Timestamp:
        """The day on which the rest falls due of goods that arrive then."""
        if pd.isna(arrival) or not self.settles_on:
            return arrival + pd.Timedelta(days=self.credit_days)
        month = arrival.to_period("M") + 1
        return month.start_time + pd.Timedelta(days=min(self.settles_on, month.days_in_month) - 1)


PREPAID = PaymentTerms()
HALF_A_MONTH = 15
"""Days from an arrival to its month's end, on average: what a monthly settlement adds to its day."""
_SAYS_NOTHING = re.compile(
    r"运费险|freight\s*insurance|诚e赊|融易收|分阶段付款|分期付款|staged\s*payment|installments?|bank\s*transfer"
)
"""Tools of the platform that do not say when is paid by themselves."""
_NOT = re.compile(r"(?:不支持|不接受|不做|不可|不能|无(?!理由)|没有|\bno\b|\bnot\b)[^,，;；。]*")
_WITH_ORDER = re.compile(r"定金|订金|预付|首付|下单|deposit|advance|down\s*payment|with\s*(?:the\s*)?order")
_AT_DISPATCH = re.compile(r"(?:发货|出货|装柜|提货)之?前|款到发货|before\s*(?:dispatch|shipment|shipping)")
_AT_RECEIPT = re.compile(
    r"货到|到货|收货|签收|验收|验货|on\s*(?:delivery|receipt|arrival)|after\s*(?:delivery|receipt|arrival|inspection)|\bcod\b"
)
_REST = re.compile(r"尾款|余款|剩余|其余|balance|rest|remainder")
_ALL_WITH_ORDER = re.compile(
    r"全款|全额|一次性?付清|先款后货|款到发货|担保交易|融易收|银行转账|bank\s*transfer|prepaid|in\s*advance|guaranteed"
)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_THREE = re.compile(r"(\d+)\s*[/:-]\s*(\d+)\s*[/:-]\s*(\d+)")
_CREDIT = re.compile(
    r"(?:账期|月结|赊|net|credit(?:\s*of)?)\D{0,4}(\d+)\s*(?:天|days?|$)|(\d+)\s*(?:天|days?)\D{0,8}(?:账期|月结|赊|付|结|credit|net|after)"
    r"|(?:收货|到货|货到|验收)后?\s*(\d+)\s*(?:天|日)"
)
_SAYS_CREDIT = re.compile(r"账期|月结|赊|credit|\bnet\b")
_PAYS = re.compile(r"付|结|清|款|pay|due|balance|rest|remainder")
_AFTER_RECEIPT = re.compile(r"(?:收货|到货|货到|验收)后?\s*\d+\s*(?:天|日)内?")
_OTHER_DAYS = re.compile(r"交期|交货|签订|合同|确认|退|换|质保|保修|包修")
"""What days may be about that are none of payment."""
_CLAUSES = re.compile(r"[,，;；、+。]|\band\b")
_MONTHLY = re.compile(
    r"每?月结?算?\D{0,2}?(\d+)\s*号(?!\s*对账)|[每次]月\s*(\d+)\s*[日号](?!\s*对账)|(?:on\s*the\s*)?(\d+)(?:st|nd|rd|th)\s*of\s*(?:the|each|every)\s*(?:next\s*)?month"
)


def read_payment_terms(text: object) -> PaymentTerms | None:
    """The terms as a quote writes them; None where the text is empty, says nothing that is known, or does not say when each share is paid.

    >>> read_payment_terms("货到付款").paid_with_order, read_payment_terms("全款，走担保交易").paid_with_order
    (0.0, 1.0)
    >>> read_payment_terms("30%定金，发货前付40%，余款验收后付")
    PaymentTerms(deposit_share=0.3, credit_days=0.0, dispatch_share=0.4, on_receipt=True, settles_on=0)
    >>> read_payment_terms("月结30天").credit_days, read_payment_terms("月结，每月25号结算").settles_on
    (30.0, 25)
    >>> [read_payment_terms(text) for text in ("30%/70%", "面议", "不支持货到付款")]
    [None, None, None]
    """
    return None if text is None or text != text else _read_words(str(text))


@lru_cache(maxsize=1024)
def _read_words(text: str) -> PaymentTerms | None:
    low = _NOT.sub("", unicodedata.normalize("NFKC", text).casefold())
    try:
        after = _after(low)
        if (three := _THREE.search(low)) is not None and sum(map(int, three.groups())) == 100:
            first, second, _ = (int(part) / 100 for part in three.groups())
            return replace(after, deposit_share=first, dispatch_share=second, on_receipt=True)
        if _SHARE.search(low):
            return _shared_out(low, after)
    except ValueError:  # shares of more than the whole
        return None
    if after != PREPAID:
        return after
    if _ALL_WITH_ORDER.search(low):
        return PREPAID
    return PaymentTerms(on_receipt=True) if _AT_RECEIPT.search(low) else None


def _after(low: str) -> PaymentTerms:
    """What is said of the days after the arrival; nothing is `PREPAID`."""
    if (monthly := _MONTHLY.search(low)) is not None:
        day = min(int(next(filter(None, monthly.groups()))), 31)
        return PaymentTerms(credit_days=float(HALF_A_MONTH + day), settles_on=day)
    days = next(filter(None, map(_credit_in, _CLAUSES.split(low))), None)
    return PREPAID if days is None else PaymentTerms(credit_days=days, on_receipt=True)


def _credit_in(clause: str) -> float | None:
    """The days of credit that a clause grants; those until a deposit, of delivery, for returns or of the platform's confirming are none."""
    found = _CREDIT.search(clause)
    if found is None:
        return None
    if not _SAYS_CREDIT.search(clause):
        pays = _PAYS.search(clause) or _AFTER_RECEIPT.fullmatch(clause.strip())
        if not pays or _WITH_ORDER.search(clause) or _OTHER_DAYS.search(clause):
            return None
    return float(next(filter(None, found.groups())))


def _shared_out(low: str, after: PaymentTerms) -> PaymentTerms | None:
    """The shares named, each in its own clause with its time; None where one has none, or where nobody says what becomes of the rest."""
    deposit = dispatch = receipt = 0.0
    rest_at = ""
    for clause in _CLAUSES.split(_SAYS_NOTHING.sub("", low)):
        share = _SHARE.search(clause)
        time = (
            "dispatch"
            if _AT_DISPATCH.search(clause)
            else "receipt"
            if _AT_RECEIPT.search(clause) or _credit_in(clause)
            else ""
        )
        if share is None:
            rest_at = time if time and (_REST.search(clause) or not rest_at) else rest_at
        elif time == "dispatch":
            dispatch += float(share[1]) / 100
        elif time == "receipt":
            receipt += float(share[1]) / 100
        elif _WITH_ORDER.search(clause):
            deposit += float(share[1]) / 100
        else:
            return None
    left = 1 - deposit - dispatch - receipt
    if rest_at == "dispatch":
        dispatch, left = dispatch + left, 0.0
    if left > 0.005 and not (rest_at or after != PREPAID or deposit):
        return None
    return replace(after, deposit_share=round(deposit, 6), dispatch_share=round(dispatch, 6), on_receipt=True)
