"""A system ready to be solved, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import DataError, ModelError
from surfacechem.network.bound import Bound
from surfacechem.network.filling import BoundShells
from surfacechem.network.readouts import find_parts, find_readouts, find_values, with_factors
from surfacechem.network.shells import joined, split_shells
from surfacechem.network.speciation import index_of
from surfacechem.symbolic.lower import lower

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Observable, System
    from surfacechem.network.mean_field import Branches
    from surfacechem.network.speciation import Speciation
    from surfacechem.numerics import Audit
    from surfacechem.numerics.problem import Problem
    from surfacechem.symbolic.lower import Lowered

__all__ = ["Network"]


class Network:
    """A system ready to be solved.

    Parameters
    ----------
    system : System
        What the model says.

    Raises
    ------
    ModelError
        When the model contradicts itself (see `symbolic.lower`).

    Attributes
    ----------
    system : System
        As given.
    lowered : Lowered
        Its arrays and their names.
    shells : tuple of Shell
        Site classes whose number a fit is to find.
    readouts : tuple of Readout
        Mean brightness of particles, for each line ``emission(...)``.
    parts : tuple of str
        Site states that are observed in one form of their cluster, ``"Cd-MeOH in beta"``.
    values : ndarray of int
        Places in theta of the numbers of bands that are fitted or have an error.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self._inner, self.shells = split_shells(with_factors(lower(system), system), system)
        self.lowered: Lowered = joined(self._inner, self.shells)
        self.readouts = find_readouts(self._inner, system, self.shells)
        self.parts, self._part_gather = find_parts(self.lowered, system)
        self.values = find_values(self.lowered)

    def __repr__(self) -> str:
        """Return sizes, not arrays."""
        return (
            f"<Network: {len(self.feeds)} feeds, {len(self.entities)} entities, "
            f"{len(self.constants)} independent constants>"
        )

    @property
    def problem(self) -> Problem:
        """The solver's form."""
        return self.lowered.problem

    @property
    def entities(self) -> tuple[str, ...]:
        """Dissolved species, site states, forms of the clusters: the columns of a speciation."""
        return self.lowered.entities

    @property
    def n_seen(self) -> int:
        """Number of columns that observations are made of: entities, readouts, parts, values of optical constants."""
        return len(self.entities) + len(self.readouts) + len(self.parts) + len(self.values)

    def column(self, name: str) -> int | None:
        """Return where an entity, or a site state in one form, is seen; None where the model has none of that name."""
        first = len(self.entities) + len(self.readouts)
        places = {part: first + number for number, part in enumerate(self.parts)}
        return self.entities.index(name) if name in self.entities else places.get(name)

    def value_column(self, name: str) -> int:
        """Return where the value of an optical constant is seen."""
        names = [self.constants[place].name for place in self.values]
        return self.n_seen - len(self.values) + names.index(name)

    def shining(self, observable: Observable) -> tuple[tuple[str, ...], list[int]]:
        """Return what shines by itself in an emission, and where it is seen.

        Particles are seen by their mean brightness, dissolved species as they are; quenchers are not seen.
        """
        readout = len(self.entities) + [each.name for each in self.readouts].index(observable.name)
        clusters = {cluster.name for cluster in self.system.clusters}
        names = tuple(name for name in observable.entities if "-" not in name)
        return names, [readout if name in clusters else self.entities.index(name) for name in names]

    @property
    def feeds(self) -> tuple[str, ...]:
        """What can be put in a flask: dissolved species, and clusters with all sites native."""
        return self.lowered.feeds

    @property
    def constants(self) -> tuple[EquilibriumConstant, ...]:
        """The independent constants, in the order of theta."""
        return self.lowered.constants

    @property
    def ln_constants(self) -> NDArray[np.float64]:
        """Theta as the model gives it: ln K at the model's temperature; NaN where unknown."""
        return self.lowered.theta.copy()

    def all_ln_constants(self, ln_constants: ArrayLike | None = None) -> dict[str, float]:
        """Return ln K of every constant of the model by name, those that follow from others included.

        Parameters
        ----------
        ln_constants : array_like, shape (n_constants,), optional
            Theta; by default the model's own values.
        """
        theta = self.lowered.theta if ln_constants is None else np.asarray(ln_constants, dtype=float)
        values = self.lowered.all_values(theta)
        names = (constant.name for constant in self.lowered.all_constants)
        return dict(zip(names, values.tolist(), strict=True))

    def composition(self, entity: str) -> dict[str, float]:
        """Return how much of each moiety one of an entity holds; moieties are named after their species.

        Raises
        ------
        UnknownNameError
            When the model has no such entity.
        """
        basis = self.lowered.basis
        column = index_of(entity, self.entities, kind="entity")
        return {moiety.name: float(moiety.law[column]) for moiety in basis.components if column in moiety.law}

    def at(self, temperature: float) -> Network:
        """Return the same model at another temperature [K] (van 't Hoff, constant enthalpies).

        Raises
        ------
        ConventionError
            When a constant has a value but no enthalpy.
        """
        heats = {each.constant.name: each.enthalpy for each in self.system.equilibria if each.enthalpy is not None}

        def dated(constant: EquilibriumConstant) -> EquilibriumConstant:
            here = replace(constant, temperature=constant.temperature or self.system.temperature)
            heat = heats.get(constant.name)
            if heat is None or heat.energy is None:
                return here
            return replace(replace(here, enthalpy=heat.energy).at(temperature), enthalpy=None)

        return Network(replace(self.system.restated(dated), temperature=temperature))

    def bind(self, amounts: ArrayLike | Mapping[str, ArrayLike]) -> Bound | BoundShells:
        """Fix what is in the flask at each point.

        Parameters
        ----------
        amounts : array_like, shape (n_points, n_feeds), or mapping of feed to array_like
            Concentration of each feed as put in [mol/L]; feeds that a mapping leaves out are absent.

        Raises
        ------
        UnknownNameError
            When the mapping names a feed that the model does not have.
        DataError
            When the shapes do not fit.
        """
        table = self._table(amounts)
        if self.shells:
            return BoundShells(self._inner, table, shells=self.shells, readouts=self.readouts, values=self.values)
        return Bound(self.lowered, table, readouts=self.readouts, parts=self._part_gather, values=self.values)

    def solve(
        self,
        amounts: ArrayLike | Mapping[str, ArrayLike],
        ln_constants: ArrayLike | None = None,
        *,
        derivatives: bool = False,
    ) -> Speciation:
        """Return the equilibrium at each point.

        Parameters
        ----------
        amounts : array_like, shape (n_points, n_feeds), or mapping of feed to array_like
            Concentration of each feed as put in [mol/L].
        ln_constants : array_like, shape (n_constants,), optional
            Theta, ln K in mol/L based units; by default the model's own values.
        derivatives : bool
            Whether to add the derivatives with respect to theta and amounts.

        Raises
        ------
        ModelError
            When the model leaves a constant open and none is given.
        """
        return self.bind(amounts).solve(self._known(ln_constants), derivatives=derivatives)

    def branches(self, amounts: ArrayLike | Mapping[str, ArrayLike], ln_constants: ArrayLike | None = None) -> Branches:
        """Return every self-consistent coverage of a mean field at each point, the stable one first.

        Raises
        ------
        ModelError
            When the model has no mean field, or leaves a constant open and none is given.
        """
        return self.bind(amounts).branches(self._known(ln_constants))

    def audit(self, amounts: ArrayLike | Mapping[str, ArrayLike], ln_constants: ArrayLike | None = None) -> Audit:
        """Solve, then check the answer by code that the solver does not share (see `numerics.audit`)."""
        bound = self.bind(amounts)
        speciation = bound.solve(self._known(ln_constants))
        return bound.audit(speciation)

    def _known(self, ln_constants: ArrayLike | None) -> NDArray[np.float64]:
        theta = self.lowered.theta if ln_constants is None else np.asarray(ln_constants, dtype=float)
        if theta.shape[-1] != len(self.constants):
            raise ModelError(
                "ln_constants",
                found=f"{theta.shape[-1]} values",
                allowed=f"{len(self.constants)}: " + ", ".join(constant.name for constant in self.constants),
                advice="give one ln K for each independent constant, in this order",
            )
        open_ones = np.flatnonzero(np.atleast_2d(np.isnan(theta)).any(axis=0))
        if open_ones.size:
            names = [self.constants[number].name for number in open_ones]
            raise ModelError(
                f"constant {', '.join(names)}",
                found="no value",
                allowed="a value for every constant that a prediction needs",
                advice="write it in the model ('; K = 1.3'), fit it, or pass ln_constants",
            )
        return theta

    def _table(self, amounts: ArrayLike | Mapping[str, ArrayLike]) -> NDArray[np.float64]:
        if isinstance(amounts, Mapping):
            return self._from_mapping(amounts)
        table = np.atleast_2d(np.asarray(amounts, dtype=float))
        if table.ndim != 2 or table.shape[1] != len(self.feeds):  # noqa: PLR2004 - a table has two axes
            raise DataError(
                "amounts",
                found=f"an array of shape {table.shape}",
                allowed=f"(n_points, {len(self.feeds)}): one column for each of {', '.join(self.feeds)}",
                advice="give the columns in this order, or a mapping by name",
            )
        return table

    def _from_mapping(self, amounts: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
        columns = {
            index_of(name, self.feeds, kind="feed"): np.asarray(value, dtype=float) for name, value in amounts.items()
        }
        try:
            shape = np.broadcast_shapes((1,), *(column.shape for column in columns.values()))
        except ValueError as error:
            raise DataError(
                "amounts",
                found=", ".join(f"{name}: {np.shape(value)}" for name, value in amounts.items()),
                allowed="one number, or one value per point for every feed",
                advice="give all series the same length",
            ) from error
        table = np.zeros((shape[-1], len(self.feeds)))
        for index, column in columns.items():
            table[:, index] = column
        return table
