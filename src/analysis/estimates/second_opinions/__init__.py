"""What others say of the goods, beside our own inspection and never pooled with it: factories and third parties (`outside_reports`),
and customers (`customer_feedback`)."""

from analysis.estimates.second_opinions.feedback import customer_feedback
from analysis.estimates.second_opinions.reports import OTHERS, outside_reports, reported_lots

__all__ = ["OTHERS", "customer_feedback", "outside_reports", "reported_lots"]
