"""What became of a point. docs/when-it-fails.md has a sentence of advice for each."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """What became of a point; 0 is good, and every other value leaves NaN or a doubtful answer behind."""

    SOLVED = 0
    UNSOLVED = 1  # neither Newton method met the step criterion
    INFEASIBLE = 2  # no non-negative concentrations meet these totals; `Solution.reasons` names the balance
    NOT_A_NUMBER = 3  # a total or a weight is NaN or infinite
    INACCURATE = 4  # solved, but rounding may change a concentration by more than `rescue.TRUSTED_ERROR`
