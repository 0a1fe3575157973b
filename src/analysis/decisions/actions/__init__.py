"""The month's list of things to do: for each supplier its group's routine and the next step, with date, money, reason and message."""

from analysis.decisions.actions.list import ACTION_COLUMNS, action_list

__all__ = ["ACTION_COLUMNS", "action_list"]
