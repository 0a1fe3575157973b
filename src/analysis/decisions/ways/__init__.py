"""Ways of buying side by side, never averaged together: transport by mode and region (`transport_ways`), what was bought for what
(`needs_apart`), and the five steps from finding to fulfilling with their days (`five_steps`)."""

from analysis.decisions.ways.needs import NEED_COLUMNS, STEP_COLUMNS, five_steps, needs_apart
from analysis.decisions.ways.transport import TRANSPORT_COLUMNS, transport_ways

__all__ = ["NEED_COLUMNS", "STEP_COLUMNS", "TRANSPORT_COLUMNS", "five_steps", "needs_apart", "transport_ways"]
