"""Families, hierarchy and calendars of lead times, beside `lead_time`."""
