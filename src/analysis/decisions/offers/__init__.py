"""What suppliers offer: price ladders, freight and payment terms, and which quote is in force on a day (`offers_in_force`)."""

from analysis.decisions.offers.in_force import (
    BOUGHT,
    Offer,
    Offers,
    offers_in_force,
    payment_of_quote,
    sensible_minimum,
    terms_of_order,
)
from analysis.decisions.offers.incoterms import BUYER_PAYS, FreightTerms, read_freight_terms
from analysis.decisions.offers.paid import (
    agreed_price,
    billed,
    goods_paid,
    paid_before_refunds,
    price_paid,
    settled_refunds,
)
from analysis.decisions.offers.payment_terms import PREPAID, PaymentTerms, read_payment_terms
from analysis.decisions.offers.price_ladder import PriceLadder

__all__ = [
    "BOUGHT",
    "BUYER_PAYS",
    "PREPAID",
    "FreightTerms",
    "Offer",
    "Offers",
    "PaymentTerms",
    "PriceLadder",
    "agreed_price",
    "billed",
    "goods_paid",
    "offers_in_force",
    "paid_before_refunds",
    "payment_of_quote",
    "price_paid",
    "read_freight_terms",
    "read_payment_terms",
    "sensible_minimum",
    "settled_refunds",
    "terms_of_order",
]
