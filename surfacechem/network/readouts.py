"""Light of particles that carry quenchers, averaged over all particles of a kind exactly.

A particle with n quenchers shines ``f(n)`` times as bright as one without: ``q^n`` where each quencher lets through the
share q, or ``1/(1 + k n)`` where each adds the rate k (in units of the rate of all other decay). What is measured is
the mean over the particles, not the brightness of the mean particle. With the weights of the quenching states
multiplied by z, the partition function gives the generating function ``G(z) = Z(z)/Z(1) = <z^n>``, which holds for
every host: site classes, conformers, carried sites, neighbours, and numbers of sites that are not whole. So
``<q^n> = G(q)``, for N equal sites ``(1 - theta + theta q)^N``; and since 1/(1 + k n) is the integral of u^(k n) over u
from 0 to 1, the mean of a rate is that of ``G(u^k)``. The substitution ``u = (1 + tanh(pi/2 sinh t))/2`` (Takahasi &
Mori, Publ. RIMS 9, 721 (1974), double exponential) leaves an integrand that the trapezoidal rule sums to 1e-13 for k
of a few, to 1e-8 for thousands of them on two hundred sites.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.chem.convention import Convention
from surfacechem.chem.system import EMISSION, IN_FORM
from surfacechem.symbolic.independence import ln_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.chem.system import Observable, System
    from surfacechem.network.shells import Shell
    from surfacechem.numerics.problem import Term
    from surfacechem.symbolic.lower import Lowered

    Floats = NDArray[np.float64]

__all__ = ["Readout", "find_parts", "find_readouts", "find_values", "with_factors"]

RATE: Final = "k["
_T: Final = np.linspace(-3.3, 3.3, 161)
_LEAN: Final = np.pi * np.sinh(_T)
LN_NODES: Final = -np.logaddexp(0.0, -_LEAN)
"""ln u at the nodes of the integral over u, without loss where u is nearly 1."""
_RAW: Final = np.cosh(_T) * np.exp(LN_NODES - np.logaddexp(0.0, _LEAN))
NODE_WEIGHTS: Final = _RAW / _RAW.sum()
"""Their sum is 1 to a rounding error; dividing keeps light that nothing quenches exactly as bright."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Readout:
    """The concentration of one kind of particle, each counted by its brightness.

    Attributes
    ----------
    name : str
        The observable that it is for.
    host : int
        Which host the particles are.
    states : tuple of Term
        Forms of one particle.
    first : int
        Position of their first term among all host terms.
    marks : ndarray of int, shape (n_terms, n_factors)
        Quenchers of each brightness constant in one of each term of the host.
    constants : tuple of int
        Places of the brightness constants in theta; of a site class of free number, that of ln N alone.
    is_rate : bool
        Whether each quencher adds a rate; else it lets through a share.
    classes : tuple of Readout
        Site classes of a free number; all else of them is that of one site.
    """

    name: str
    host: int
    states: tuple[Term, ...]
    first: int
    marks: NDArray[np.intp]
    constants: tuple[int, ...]
    is_rate: bool = False
    classes: tuple[Readout, ...] = ()

    def mean(self, occupancy: Floats, theta: Floats) -> Floats:
        """Return the mean brightness at each point, shape (n_points,)."""
        return self.differentiate(occupancy, np.zeros((*occupancy.shape, 0)), theta)[0]

    def differentiate(
        self, occupancy: Floats, d_occupancy: Floats, theta: Floats
    ) -> tuple[Floats, Floats, dict[int, Floats]]:
        """Return the mean brightness and its derivatives.

        Parameters
        ----------
        occupancy : ndarray, shape (n_points, n_terms)
            Mean count of each host term on one particle.
        d_occupancy : ndarray, shape (n_points, n_terms, n_directions)
            How it moves.
        theta : ndarray, shape (n_constants,) or (n_points, n_constants)
            Logarithms of the constants.

        Returns
        -------
        mean : ndarray, shape (n_points,)
            Mean of ``f(n)``.
        by_direction : ndarray, shape (n_points, n_directions)
            Its derivative along each direction, the law held.
        by_constant : mapping of int to ndarray, shape (n_points,)
            Its derivatives with respect to the logarithms of q or k and of numbers of sites, the occupancy held.
        """
        ln_constants = np.stack([_at_points(theta, each, len(occupancy)) for each in self.constants], axis=-1)
        nodes, weights = (LN_NODES, NODE_WEIGHTS) if self.is_rate else (np.ones(1), np.ones(1))
        # z = q, or u^k at each node: ln z moves with ln q, or as itself with ln k.
        scale = np.exp(ln_constants) if self.is_rate else ln_constants
        ln_z = scale[:, np.newaxis] * nodes[:, np.newaxis]
        value, slope, by_number = self._product(occupancy, d_occupancy, theta, ln_z)
        n_along = d_occupancy.shape[2]
        by_factor = slope[..., n_along:] * (ln_z if self.is_rate else 1.0)
        explicit = {place: each @ weights for place, each in by_number.items()}
        moved = np.einsum("j,pjf->fp", weights, by_factor)
        explicit.update(zip(self.constants, moved, strict=True))
        return value @ weights, np.einsum("j,pjk->pk", weights, slope[..., :n_along]), explicit

    def _product(
        self, occupancy: Floats, d_occupancy: Floats, theta: Floats, ln_z: Floats
    ) -> tuple[Floats, Floats, dict[int, Floats]]:
        """Return the generating function with its derivatives: that of the particle, and powers for free numbers."""
        value, slope = self.generate(occupancy, d_occupancy, ln_z)
        ln_powers = {}
        for sites in self.classes:
            one, d_one = sites.generate(occupancy, d_occupancy, ln_z)
            (place,) = sites.constants
            number = np.exp(_at_points(theta, place, len(occupancy)))[:, np.newaxis]
            power, d_power = one**number, (number * one ** (number - 1.0))[..., np.newaxis] * d_one
            slope = slope * power[..., np.newaxis] + value[..., np.newaxis] * d_power
            value = value * power
            ln_powers[place] = number * np.log(one)
        return value, slope, {place: value * each for place, each in ln_powers.items()}

    def generate(self, occupancy: Floats, d_occupancy: Floats, ln_z: Floats) -> tuple[Floats, Floats]:
        """Return the generating function and its derivatives, the last ones with respect to each ln z."""
        mine = slice(self.first, self.first + len(self.marks))
        padded = np.concatenate([d_occupancy[:, mine], np.zeros((len(occupancy), *self.marks.shape))], axis=2)
        one = _Place(np.ones(len(occupancy)), np.zeros((len(occupancy), padded.shape[2])), 1.0)
        return _Tally(occupancy[:, mine], padded, self.marks).generate(self.states, ln_z, one)


def _at_points(theta: Floats, constant: int, n_points: int) -> Floats:
    return np.broadcast_to(np.asarray(theta)[..., constant], n_points)


class _Place(NamedTuple):
    """What is decided at a place: the mean count of its parent, how that moves, how many such places there are."""

    parent: Floats  # (n_points,)
    d_parent: Floats  # (n_points, n_directions)
    n_places: float


@dataclass(frozen=True, eq=False)
class _Tally:
    """Walks the terms of a host; the last directions are those of ln z, one for each kind of quencher."""

    occupancy: Floats
    d_occupancy: Floats
    marks: NDArray[np.intp]

    def generate(self, states: Sequence[Term], ln_z: Floats, place: _Place, first: int = 0) -> tuple[Floats, Floats]:
        """Return the generating function of one place and its derivatives, (n_points, n_nodes[, n_directions])."""
        total, d_total = 0.0, 0.0
        position = first
        for state in states:
            mean, d_mean = self.occupancy[:, position], self.d_occupancy[:, position]
            scale = np.where(place.parent > 0, place.n_places * place.parent, np.inf)[:, np.newaxis]
            share = mean[:, np.newaxis] / scale
            d_share = (d_mean - share * place.n_places * place.d_parent) / scale
            mark = self.marks[position]
            held = np.exp(ln_z @ mark)
            value, slope = share * held, d_share[:, np.newaxis] * held[..., np.newaxis]
            slope[..., -len(mark) :] += mark * value[..., np.newaxis]
            position += 1
            for factor in state.factors:
                inner = _Place(mean, d_mean, factor.count)
                one, d_one = self.generate(factor.terms, ln_z, inner, position)
                power = one**factor.count
                d_power = (factor.count * one ** (factor.count - 1.0))[..., np.newaxis] * d_one
                slope = slope * power[..., np.newaxis] + value[..., np.newaxis] * d_power
                value = value * power
                position += sum(_size(term) for term in factor.terms)
            total, d_total = total + value, d_total + slope
        return np.asarray(total), np.asarray(d_total)


def _size(term: Term) -> int:
    return 1 + sum(_size(inner) for factor in term.factors for inner in factor.terms)


def with_factors(lowered: Lowered, system: System) -> Lowered:
    """Return a lowered system whose theta also holds `System.factors`, which move no equilibrium by themselves."""
    added = system.factors
    if not added:
        return lowered
    n_old, n_all = len(lowered.constants), len(lowered.all_constants)
    values = [ln_value(each, system.temperature) for each in added]
    constant_matrix = np.zeros((n_all + len(added), n_old + len(added)))
    constant_matrix[:n_all, :n_old] = lowered.constant_matrix
    constant_matrix[n_all:, n_old:] = np.eye(len(added))
    return replace(
        lowered,
        constants=(*lowered.constants, *added),
        theta=np.concatenate([lowered.theta, values]),
        weight_matrix=np.pad(lowered.weight_matrix, ((0, 0), (0, len(added)))),
        all_constants=(*lowered.all_constants, *added),
        constant_matrix=constant_matrix,
        constant_offset=np.concatenate([lowered.constant_offset, np.zeros(len(added))]),
    )


def find_parts(lowered: Lowered, system: System) -> tuple[tuple[str, ...], Floats]:
    """Return the site states that are observed in one form of their cluster, and which host terms count towards each.

    Returns
    -------
    names : tuple of str
        ``"Cd-MeOH in beta"``.
    gather : ndarray, shape (n_terms, n_parts)
        As `Lowered.gather`, for terms of that form alone.
    """
    observed = (name for each in system.observables for name in each.entities if IN_FORM in name)
    names, n_species = tuple(dict.fromkeys(observed)), len(lowered.problem.nu)
    cluster_of = {site.name: site.cluster for site in system.sites}
    reference = {cluster.form: cluster.name for cluster in system.clusters if cluster.form}
    columns = []
    for name in names:
        state, _, form = name.partition(IN_FORM)
        cluster = cluster_of[site_of(state)]
        place = lowered.form_names.index(reference.get(form, f"{cluster}.{form}"))
        held = lowered.gather[:, lowered.entities.index(state) - n_species]
        columns.append(np.where(lowered.form_of_term == place, held, 0.0))
    return names, np.array(columns).reshape(len(names), len(lowered.host_of_term)).T


def site_of(state: str) -> str:
    """Return the site class of a state, ``"In"`` of ``"In-O2CR"`` and of ``"(In)2-O3PR"``."""
    return state.partition("-")[0].removeprefix("(").removesuffix(")2")


def find_values(lowered: Lowered) -> NDArray[np.intp]:
    """Return which constants are numbers of bands: what is seen depends on them, not the equilibria."""
    return np.array(
        [place for place, each in enumerate(lowered.constants) if each.convention is Convention.OPTICAL], dtype=np.intp
    )


def find_readouts(lowered: Lowered, system: System, shells: tuple[Shell, ...] = ()) -> tuple[Readout, ...]:
    """Return one readout for each particle of each line ``emission(...)``.

    Parameters
    ----------
    lowered : Lowered
        With the brightness constants (`with_factors`).
    system : System
        Its observables.
    shells : tuple of Shell
        Site classes of a free number.
    """
    return tuple(_readout(lowered, system, each, shells) for each in system.observables if each.kind == EMISSION)


def _readout(lowered: Lowered, system: System, observable: Observable, shells: tuple[Shell, ...]) -> Readout:
    clusters = [cluster.name for cluster in system.clusters]
    host = next(number for number, name in enumerate(clusters) if name in observable.entities)
    names = [constant.name for constant in lowered.constants]
    constants = tuple(names.index(factor.name) for factor in observable.factors)
    free = tuple(
        replace(_of_host(lowered, observable, each.host), constants=(each.constant,))
        for each in shells
        if each.cluster - len(lowered.problem.nu) == host
    )
    is_rate = observable.factors[0].name.startswith(RATE)
    return replace(_of_host(lowered, observable, host), constants=constants, classes=free, is_rate=is_rate)


def quenchers(observable: Observable) -> list[list[str]]:
    """Return the quenching states of each brightness constant of an emission: its own, or all that have none."""
    own = [factor.name.partition(", ")[2].removesuffix("]") for factor in observable.factors]
    states = [name for name in observable.entities if "-" in name]
    return [[name] if name else [each for each in states if each not in own] for name in own]


def _of_host(lowered: Lowered, observable: Observable, host: int) -> Readout:
    terms = np.flatnonzero(lowered.host_of_term == host)
    n_species = len(lowered.problem.nu)
    columns = [[lowered.entities.index(name) - n_species for name in kind] for kind in quenchers(observable)]
    return Readout(
        name=observable.name,
        host=host,
        states=lowered.problem.hosts[host].terms,
        first=int(terms[0]),
        marks=np.stack([lowered.gather[terms][:, kind].sum(axis=1) for kind in columns], axis=1).astype(np.intp),
        constants=(),
    )
