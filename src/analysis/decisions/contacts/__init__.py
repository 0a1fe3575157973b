"""What was asked of each supplier, what it answered and how fast: before the first order against after it (`contact_history`), and
what is still to be asked (`open_questions`)."""

from analysis.decisions.contacts.history import CONTACT_COLUMNS, contact_history
from analysis.decisions.contacts.questions import ASKED, QUESTION_COLUMNS, open_questions
from analysis.decisions.contacts.rule import ServiceRule

__all__ = ["ASKED", "CONTACT_COLUMNS", "QUESTION_COLUMNS", "ServiceRule", "contact_history", "open_questions"]
