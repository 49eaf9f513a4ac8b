"""Equilibrium concentrations and their derivatives, by name."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from surfacechem.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.numerics import Solution

__all__ = ["Speciation", "index_of"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Speciation:
    """Equilibrium concentrations by name.

    Attributes
    ----------
    entities, feeds : tuple of str
        Names of the columns.
    constants : tuple of EquilibriumConstant
        What theta consists of.
    seen : ndarray, shape (n_points, n_entities + n_readouts)
        Concentration of each entity [mol/L]; of a site state: particles times the mean count on one. Then particles
        times their mean brightness, for each readout of the network. Then the values of its optical constants.
    status : ndarray, shape (n_points,)
        0 where solved, else the solver's reason (docs/when-it-fails.md).
    d_seen_constants : ndarray, shape (n_points, n_entities + n_readouts, n_constants), optional
        ``d seen[p, e] / d ln K[k]`` [mol/L].
    d_seen_amounts : ndarray, shape (n_points, n_entities + n_readouts, n_feeds), optional
        ``d seen[p, e] / d amount[p, f]`` [1].
    n_branches : ndarray of int, shape (n_points,), optional
        Self-consistent answers of a mean field; where there is more than one, this is the stable one, and
        `Network.branches` shows the others.
    solution : Solution
        The solver's own record.
    """

    entities: tuple[str, ...]
    feeds: tuple[str, ...]
    constants: tuple[EquilibriumConstant, ...]
    seen: NDArray[np.float64]
    status: NDArray[np.int8]
    d_seen_constants: NDArray[np.float64] | None = None
    d_seen_amounts: NDArray[np.float64] | None = None
    n_branches: NDArray[np.intp] | None = None
    solution: Solution

    @property
    def is_solved(self) -> bool:
        """Whether every point is solved; `status` says which is not and why."""
        return not self.status.any()

    @property
    def concentration(self) -> NDArray[np.float64]:
        """Concentration of each entity [mol/L], shape (n_points, n_entities)."""
        return self.seen[:, : len(self.entities)]

    @property
    def d_ln_constants(self) -> NDArray[np.float64] | None:
        """``d concentration[p, e] / d ln K[k]`` [mol/L], shape (n_points, n_entities, n_constants)."""
        return None if self.d_seen_constants is None else self.d_seen_constants[:, : len(self.entities)]

    @property
    def d_amounts(self) -> NDArray[np.float64] | None:
        """``d concentration[p, e] / d amount[p, f]`` [1], shape (n_points, n_entities, n_feeds)."""
        return None if self.d_seen_amounts is None else self.d_seen_amounts[:, : len(self.entities)]

    def of(self, entity: str) -> NDArray[np.float64]:
        """Return the concentration of one entity at each point [mol/L].

        Raises
        ------
        UnknownNameError
            When the model has no such entity.
        """
        return self.concentration[:, index_of(entity, self.entities, kind="entity")]

    def sensitivity(self, entity: str, *, to: str) -> NDArray[np.float64]:
        """Return how an entity's concentration answers a constant or a feed, at each point.

        Parameters
        ----------
        entity : str
            What is observed.
        to : str
            Name of a constant (per ln K [mol/L]) or of a feed (per mol/L [1]).

        Raises
        ------
        UnknownNameError
            When either name is not in the model.
        DataError
            When the speciation was solved without derivatives.
        """
        column = index_of(entity, self.entities, kind="entity")
        names = tuple(constant.name for constant in self.constants)
        if self.d_ln_constants is None or self.d_amounts is None:
            raise DataError(
                f"sensitivity of {entity!r}",
                found="a speciation without derivatives",
                allowed="one solved with derivatives=True",
                advice="solve again with derivatives=True",
            )
        if to in names:
            return self.d_ln_constants[:, column, names.index(to)]
        return self.d_amounts[:, column, index_of(to, self.feeds, kind="constant or feed", also=names)]


def index_of(name: str, names: Sequence[str], *, kind: str, also: Sequence[str] = ()) -> int:
    """Return the position of a name.

    Raises
    ------
    UnknownNameError
        When it is not there; the message offers the nearest one, `also` included.
    """
    if name in names:
        return names.index(name)
    allowed = (*also, *names)
    near = get_close_matches(name, allowed, n=1)
    raise UnknownNameError(
        f"{kind} {name!r}",
        found="a name that the model does not have",
        allowed=", ".join(allowed),
        advice=f"did you mean {near[0]!r}?" if near else "use one of these names",
    )
