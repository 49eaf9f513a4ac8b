"""What a description of data costs: information criteria from what each signal leaves, and how many channels count.

Channels that share noise say as much as fewer independent ones (`sharing`). Of a signal with that share of its channels
the squares, the values and the amplitudes all count by the share, as in an F-test of repeated measures (Box, Ann. Math.
Stat. 25, 290 (1954), 10.1214/aoms/1177728786).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.result import SignalFit

__all__ = ["Criteria", "channel_share", "weigh_up"]


class Criteria(NamedTuple):
    """How well data are described, and at what price."""

    deviance: float
    aicc: float | None
    bic: float


def weigh_up(signals: Sequence[SignalFit], n_parameters: int, shares: Sequence[float] | None = None) -> Criteria:
    """Return -2 ln L, AICc and BIC; constants, amplitudes and estimated noises count (Burnham & Anderson 2002).

    Parameters
    ----------
    signals : sequence of SignalFit
        What was fitted.
    n_parameters : int
        Shared by all of them.
    shares : sequence of float, optional
        By which the channels of each signal count; by default all do.
    """
    shares = [1.0] * len(signals) if shares is None else shares
    pairs = list(zip(signals, shares, strict=True))
    deviance = sum(share * each.deviance for each, share in pairs)
    n_values = sum(share * each.n_values for each, share in pairs)
    n_fitted = n_parameters + sum(share * each.n_amplitudes + (each.sigma is None) for each, share in pairs)
    left = n_values - n_fitted - 1
    return Criteria(
        deviance=deviance,
        aicc=deviance + 2 * n_fitted * n_values / left if left > 0 else None,
        bic=deviance + n_fitted * float(np.log(n_values)),
    )


def channel_share(signal: SignalFit) -> float:
    """Return by which share the channels of a signal count, as their noise was found to be shared."""
    if signal.n_independent is None:
        return 1.0
    return min(1.0, signal.n_independent / int(np.isfinite(signal.measured).any(axis=0).sum()))
