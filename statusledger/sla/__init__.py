"""State intervals -> ratio, budget, status, credit and burn rate, exactly.

Milliseconds are integers, ratios are fractions of integers; nothing is rounded before it is displayed.
"""

from statusledger.sla.burn import BURN_RULES, Burn, BurnRule, burns
from statusledger.sla.credit import Promise, credit_amount, promise
from statusledger.sla.display import minutes, minutes_left, money, percent
from statusledger.sla.figures import Counts, Figures, SlaStatus, count, counted, figures

__all__ = [
    "BURN_RULES",
    "Burn",
    "BurnRule",
    "Counts",
    "Figures",
    "Promise",
    "SlaStatus",
    "burns",
    "count",
    "counted",
    "credit_amount",
    "figures",
    "minutes",
    "minutes_left",
    "money",
    "percent",
    "promise",
]
