"""Lead times: days from order to receipt; an order still open is a lower bound.

`lead_times` says what each line is evidence of, `fit_lead_times` pools the suppliers, `lead_time_table` prints it; `fit_families` is
the plain maximum-likelihood fit of each group alone.
"""

from analysis.estimates.lead_time.clock import best_calendar, clock_scores, time_orders
from analysis.estimates.lead_time.deliveries import LEGS, LeadTimes, Memory, lead_times
from analysis.estimates.lead_time.families import fit_families
from analysis.estimates.lead_time.kaplan_meier import inside_curve, survival_table
from analysis.estimates.lead_time.on_time import jeffreys_interval, on_time_table
from analysis.estimates.lead_time.posterior import LeadTimePosterior
from analysis.estimates.lead_time.promises import Promises, fit_promises, open_late_probability
from analysis.estimates.lead_time.shutdowns import FESTIVALS, KnownAhead, Shutdown, shutdowns_in
from analysis.estimates.lead_time.tables import (
    DELIVERY_CRITERIA,
    arrival_days,
    delivery_draws,
    fit_lead_times,
    lead_time_table,
    open_orders_table,
    ordinary_days,
    predictive_draws,
    usual_promise,
)
from analysis.estimates.lead_time.window_edges import shutdowns_table
from analysis.estimates.lead_time.working_days import calendar

__all__ = [
    "DELIVERY_CRITERIA",
    "FESTIVALS",
    "LEGS",
    "KnownAhead",
    "LeadTimePosterior",
    "LeadTimes",
    "Memory",
    "Promises",
    "Shutdown",
    "arrival_days",
    "best_calendar",
    "calendar",
    "clock_scores",
    "delivery_draws",
    "fit_families",
    "fit_lead_times",
    "fit_promises",
    "inside_curve",
    "jeffreys_interval",
    "lead_time_table",
    "lead_times",
    "on_time_table",
    "open_late_probability",
    "open_orders_table",
    "ordinary_days",
    "predictive_draws",
    "shutdowns_in",
    "shutdowns_table",
    "survival_table",
    "time_orders",
    "usual_promise",
]
