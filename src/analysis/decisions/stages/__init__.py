"""At which stage a purchasing group is (start, growth, maturity), by gates that can be counted, and what is missing for the next."""

from analysis.decisions.stages.gates import AT_MOST, STAGE_COLUMNS, STAGES, StageRule, stage_gates

__all__ = ["AT_MOST", "STAGES", "STAGE_COLUMNS", "StageRule", "stage_gates"]
