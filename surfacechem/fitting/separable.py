"""Variable projection: eliminate the amplitudes of a linear model and differentiate what is left, exactly.

With columns F(p) = [B(p) C(p)], free amplitudes A of B and known ones E of C, the residual after the best A is

    R(p) = (1 - B B^+) (Y - C E)

and its derivative (Golub & Pereyra, SIAM J. Numer. Anal. 10, 413 (1973), 10.1137/0710036), with dF = [dB dC],

    dR = -(1 - B B^+) dF [A; E]  -  (B^+)^T dB^T R .

The two parts are orthogonal. The first alone is the Jacobian of the joint problem (p and A) with A eliminated, so it
gives the joint covariance; the sum is the exact Jacobian that a minimiser needs.

Wide data are compressed once: R depends on Y and E only through the space their rows span, which has at most
n_rows + n_known dimensions, however many wavelengths there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Projection",
    "Separable",
    "Slopes",
    "compress",
    "differentiate",
    "hold_at_zero",
    "project",
    "without_offsets",
]

Floats = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, kw_only=True, eq=False)
class Separable:
    """Weighted channels that share their weights, so that one projection serves them all.

    Attributes
    ----------
    weight : ndarray, shape (n_lanes or 1, n_rows)
        1/sigma of each row up to a factor per channel; 0 where nothing was measured.
    values : ndarray, shape (n_lanes or 1, n_rows, n_channels)
        Weighted measured values; lanes have values of their own where replicas are fitted together.
    free, known : ndarray of int
        Columns with free and with known amplitudes.
    known_amplitudes : ndarray, shape (n_lanes or 1, n_known, n_channels)
        Amplitudes of the known columns.
    channels : ndarray of int, shape (n_original,)
        Which channels of the block these are; fewer columns stand in `values` once compressed.
    factor : ndarray, shape (n_original,)
        1/sigma of a channel is its factor times `weight`; `values` and amplitudes hold the factor.
    n_offsets : ndarray of int, shape (n_lanes or 1,)
        Constants of single rows, the same in all channels, that were taken off beforehand; they count as amplitudes,
        and the means of the other amplitudes over the channels no longer do.
    """

    weight: Floats
    values: Floats
    free: NDArray[np.intp]
    known: NDArray[np.intp]
    known_amplitudes: Floats
    channels: NDArray[np.intp]
    factor: Floats
    n_offsets: NDArray[np.intp] = field(default_factory=lambda: np.zeros(1, dtype=np.intp))

    @property
    def n_counted(self) -> int:
        """Channels in which amplitudes are free: one less where their means are lost in the offsets."""
        return len(self.channels) - bool(self.n_offsets.any())

    def at(self, lanes: NDArray[np.intp]) -> Separable:
        """Return the block with some of its lanes; what all lanes share stays shared."""

        def taken(array: NDArray[T]) -> NDArray[T]:
            return array if len(array) == 1 else array[lanes]

        return replace(
            self,
            weight=taken(self.weight),
            values=taken(self.values),
            known_amplitudes=taken(self.known_amplitudes),
            n_offsets=taken(self.n_offsets),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """What is left after the amplitudes are eliminated.

    Attributes
    ----------
    residual : ndarray, shape (n_lanes, n_rows, n_channels)
        Weighted residual, measured minus fitted.
    amplitudes : ndarray, shape (n_lanes, n_columns, n_channels)
        Best amplitudes, the known ones in their places.
    n_amplitudes : ndarray of int, shape (n_lanes,)
        Number of amplitudes that the data determine, all channels together.
    basis : ndarray, shape (n_lanes, n_free, n_rows)
        Orthonormal directions of the weighted free columns B; zero where a column depends on others.
    inverse : ndarray, shape (n_lanes, n_free, n_free)
        ``B^+ = inverse @ basis``.
    """

    residual: Floats
    amplitudes: Floats
    n_amplitudes: NDArray[np.intp]
    basis: Floats
    inverse: Floats


class Slopes(NamedTuple):
    """The two orthogonal parts of the exact derivative of a residual."""

    projected: Floats  # (n_lanes, n_parameters, n_rows, n_channels)
    correction: Floats  # same


def compress(block: Separable) -> Separable:
    """Rotate the channels into the few directions that the data and the known spectra use.

    Sums of squares over channels, and every derivative of them, are unchanged.
    """
    n_rows, n_channels = block.values.shape[1:]
    if n_channels <= n_rows + len(block.known):
        return block
    known = np.broadcast_to(block.known_amplitudes, (len(block.values), len(block.known), n_channels))
    spanning = np.concatenate([block.values, known], axis=1)
    rotated = np.swapaxes(np.linalg.qr(np.swapaxes(spanning, 1, 2), mode="r"), 1, 2)
    return replace(
        block,
        values=np.ascontiguousarray(rotated[:, :n_rows]),
        known_amplitudes=np.ascontiguousarray(rotated[:, n_rows:]),
    )


def without_offsets(spectra: Floats) -> Floats:
    """Return spectra (..., n_channels) less the mean of each: the best fit of one constant per spectrum."""
    centred: Floats = spectra - spectra.mean(axis=-1, keepdims=True)
    return centred


def hold_at_zero(block: Separable, columns: NDArray[np.intp]) -> Separable:
    """Return the block with some of its free amplitudes known to be zero."""
    zeros = np.zeros((len(block.known_amplitudes), len(columns), block.values.shape[-1]))
    return replace(
        block,
        free=np.setdiff1d(block.free, columns),
        known=np.concatenate([block.known, columns]),
        known_amplitudes=np.concatenate([block.known_amplitudes, zeros], axis=1),
    )


def project(block: Separable, columns: Floats) -> Projection:
    """Find the best amplitudes, and what they leave.

    Parameters
    ----------
    block : Separable
        Data and weights.
    columns : ndarray, shape (n_lanes, n_rows, n_columns)
        Unweighted columns.
    """
    from surfacechem.numerics.projection import eliminate

    data = map(np.ascontiguousarray, (block.weight, block.values))
    known = np.ascontiguousarray(block.known_amplitudes)
    found = eliminate(*data, block.free, block.known, known, np.ascontiguousarray(columns))
    return Projection(
        residual=found.residual,
        amplitudes=found.amplitudes,
        n_amplitudes=found.rank * block.n_counted + block.n_offsets,
        basis=found.basis,
        inverse=found.inverse,
    )


def differentiate(block: Separable, projection: Projection, d_columns: Floats) -> Slopes:
    """Return the exact derivative of the residual of a projection.

    Parameters
    ----------
    block, projection
        What `project` was given, and what it returned.
    d_columns : ndarray, shape (n_lanes, n_rows, n_columns, n_parameters)
        Derivatives of the unweighted columns.
    """
    from surfacechem.numerics.projection import differentiate_residual

    found = projection.residual, projection.amplitudes, projection.basis, projection.inverse
    weight = np.ascontiguousarray(block.weight)
    return Slopes(*differentiate_residual(weight, block.free, *found, np.ascontiguousarray(d_columns)))
