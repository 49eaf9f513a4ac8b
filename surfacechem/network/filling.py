"""A flask whose particles hold as many sites as a fit says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import DataError
from surfacechem.network.bound import Bound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.network.mean_field import Branches
    from surfacechem.network.readouts import Readout
    from surfacechem.network.shells import Shell
    from surfacechem.network.speciation import Speciation
    from surfacechem.numerics import Audit, Solution
    from surfacechem.symbolic.lower import Lowered

    Floats = NDArray[np.float64]

__all__ = ["BoundShells"]


class BoundShells:
    """A network with free numbers of sites, and the contents of the flask; made by `Network.bind`.

    Parameters
    ----------
    lowered : Lowered
        With a host and a feed for each shell (`split_shells`).
    amounts : ndarray, shape (n_points, n_feeds)
        What is put in [mol/L], without the shells.
    shells : tuple of Shell
        What comes with it.
    readouts : tuple of Readout
        What is read out of particles.
    values : ndarray of int
        Places in theta of what is seen as it is.
    """

    def __init__(
        self,
        lowered: Lowered,
        amounts: Floats,
        *,
        shells: tuple[Shell, ...],
        readouts: tuple[Readout, ...],
        values: NDArray[np.intp],
    ) -> None:
        self._lowered = lowered
        self._amounts = amounts
        self._shells = shells
        self._readouts = readouts
        self._values = values
        self._feeds = lowered.feeds[: amounts.shape[1]]
        self._solved: Bound | None = None

    def tiled(self, n_lanes: int) -> BoundShells:
        """Return the same flasks bound so many times over, one set after the other."""
        amounts = np.tile(self._amounts, (n_lanes, 1))
        return BoundShells(self._lowered, amounts, shells=self._shells, readouts=self._readouts, values=self._values)

    def solve(self, theta: Floats, *, derivatives: bool = False, start: Solution | None = None) -> Speciation:
        """Return the equilibria for one set of constants, or one set per point; see `Bound.solve`."""
        self._solved, counts = self._filled(theta)
        flask = self._solved.solve(theta, derivatives=derivatives, start=start)
        by_constant, by_amount = flask.d_seen_constants, flask.d_seen_amounts
        if by_constant is not None and by_amount is not None:
            by_constant, by_feed = by_constant.copy(), by_amount[..., : len(self._feeds)].copy()
            for shell, count in zip(self._shells, counts.T, strict=True):
                moved = by_amount[..., shell.feed] * count[:, np.newaxis]
                by_feed[..., shell.cluster] += moved
                by_constant[..., shell.constant] += moved * self._amounts[:, shell.cluster, np.newaxis]
            by_amount = by_feed
        return replace(flask, feeds=self._feeds, d_seen_constants=by_constant, d_seen_amounts=by_amount)

    def audit(self, speciation: Speciation) -> Audit:
        """Check the last speciation of these points against mass action and balances (see `numerics.audit`).

        Raises
        ------
        DataError
            When nothing was solved yet.
        """
        if self._solved is None:
            raise DataError("audit", found="nothing solved yet", allowed="the last speciation", advice="solve first")
        return self._solved.audit(speciation)

    def branches(self, theta: Floats) -> Branches:
        """Refuse as `Bound.branches` does: free numbers of sites stand beside no mean field."""
        return self._filled(theta)[0].branches(theta)

    def _filled(self, theta: Floats) -> tuple[Bound, Floats]:
        """Return the flask with its shells, and their numbers at each point (n_points, n_shells)."""
        places = [shell.constant for shell in self._shells]
        counts = np.broadcast_to(np.exp(np.asarray(theta)[..., places]), (len(self._amounts), len(places)))
        poured = self._amounts[:, [shell.cluster for shell in self._shells]] * counts
        every = np.hstack([self._amounts, poured])
        return Bound(self._lowered, every, readouts=self._readouts, values=self._values), counts
