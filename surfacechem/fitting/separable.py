"""Variable projection: eliminate the amplitudes of a linear model and differentiate what is left.

With columns F(p) = [B(p) C(p)], free amplitudes A of B and known ones E of C, the residual after the best A is

    R(p) = (1 - B B^+) (Y - C E)

and its derivative (Golub & Pereyra, SIAM J. Numer. Anal. 10, 413 (1973), 10.1137/0710036), with dF = [dB dC],

    dR = -(1 - B B^+) dF [A; E]  -  (B^+)^T dB^T R .

The second part lies in the space of B, at right angles to the first and to R. It changes no gradient of the sum of
squares, and is left out (Kaufman, BIT 15, 49 (1975), 10.1007/BF01932995): descents take as many passes without it
(proof: arXiv:2402.13865), and the first part alone is the Jacobian of the joint problem (p and A) with A eliminated,
from which the joint covariance follows. One Jacobian thus serves both.

Wide data are compressed once: R depends on Y and E only through the space their rows span, which has at most
n_rows + n_known dimensions, however many wavelengths there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.numerics.projection import Eliminated

__all__ = [
    "Projection",
    "Separable",
    "compress",
    "hold_at_zero",
    "join_triangles",
    "project",
    "triangulate",
    "without_offsets",
    "write_out",
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
    found = _eliminate(block, columns, np.zeros((*columns.shape, 0)), n_kept=len(columns))
    return Projection(
        residual=found.residual,
        amplitudes=found.amplitudes,
        n_amplitudes=found.rank * block.n_counted + block.n_offsets,
        basis=found.basis,
        inverse=found.inverse,
    )


def triangulate(block: Separable, columns: Floats, d_columns: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return the triangular factors of ``[J r]`` and the number of amplitudes that the data determine, lane by lane.

    Parameters
    ----------
    block, columns
        What `project` is given; r is the residual that it finds.
    d_columns : ndarray, shape (n_lanes, n_rows, n_columns, n_parameters)
        Derivatives of the unweighted columns.

    Returns
    -------
    tuple of ndarray, shapes (n_lanes, n_parameters + 1, n_parameters + 1) and (n_lanes,)
    """
    found = _eliminate(block, columns, d_columns, n_kept=1)
    return found.triangle, found.rank * block.n_counted + block.n_offsets


def write_out(block: Separable, columns: Floats, d_columns: Floats) -> Floats:
    """Return the Jacobian of which `triangulate` finds the triangular factor.

    Returns
    -------
    ndarray, shape (n_lanes, n_parameters, n_rows, n_channels)
    """
    found = project(block, columns)
    moved = np.moveaxis(d_columns, -1, 1) * block.weight[:, np.newaxis, :, np.newaxis]
    basis = found.basis[:, np.newaxis]
    outside = moved - np.swapaxes(basis, -1, -2) @ (basis @ moved)
    slopes: Floats = -outside @ found.amplitudes[:, np.newaxis]
    return slopes


def join_triangles(parts: Sequence[Floats]) -> Floats:
    """Return the triangular factors of tables below each other, of which `parts` (n_lanes, n, n) are the factors."""
    from surfacechem.numerics.factors import triangulate as take_factor

    return parts[0] if len(parts) == 1 else take_factor(np.concatenate(parts, axis=1))


def _eliminate(block: Separable, columns: Floats, d_columns: Floats, *, n_kept: int) -> Eliminated:
    from surfacechem.numerics.projection import Eliminated, eliminate

    given = map(np.ascontiguousarray, (block.weight, block.values, block.known_amplitudes, columns, d_columns))
    weight, values, known_amplitudes, *tables = given
    return Eliminated(*eliminate(weight, values, block.free, block.known, known_amplitudes, *tables, n_kept))
