"""What suppliers offer: price ladders, freight and payment terms, and which quote is in force on a day (`offers_in_force`)."""

from analysis.decisions.offers.in_force import BOUGHT, Offer, Offers, offers_in_force, sensible_minimum, terms_of_order
from analysis.decisions.offers.incoterms import BUYER_PAYS, FreightTerms, read_freight_terms
from analysis.decisions.offers.paid import goods_paid, price_paid
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
    "goods_paid",
    "offers_in_force",
    "price_paid",
    "read_freight_terms",
    "read_payment_terms",
    "sensible_minimum",
    "terms_of_order",
]
