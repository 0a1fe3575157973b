"""The risk register (风控清单): what the month's tables show of each supplier, beside what people wrote and keep of it.

`find_risks` reads the evidence; `risk_register` joins the people's rows, so that an owner, a due date, a response and a closing
written into the ledger's sheet stay with their risk. `platform_signals` checks what the platform shows against its own rules.
"""

from analysis.decisions.risk.bulk_against_trial import bulk_traps
from analysis.decisions.risk.finding_rows import FINDING_COLUMNS
from analysis.decisions.risk.findings import KINDS, find_risks
from analysis.decisions.risk.foretold import SIGNALS, signal_value
from analysis.decisions.risk.later_samples import worse_samples
from analysis.decisions.risk.platform import Medals, medals_in_force, platform_signals
from analysis.decisions.risk.platform_levels import BuyerLevels, KeyAccounts, buyer_level, may_be_key_account
from analysis.decisions.risk.register import REGISTER_COLUMNS, risk_register
from analysis.decisions.risk.rule import RiskRule
from analysis.decisions.risk.vanished import never_sent

__all__ = [
    "FINDING_COLUMNS",
    "KINDS",
    "REGISTER_COLUMNS",
    "SIGNALS",
    "BuyerLevels",
    "KeyAccounts",
    "Medals",
    "RiskRule",
    "bulk_traps",
    "buyer_level",
    "find_risks",
    "may_be_key_account",
    "medals_in_force",
    "never_sent",
    "platform_signals",
    "risk_register",
    "signal_value",
    "worse_samples",
]
