"""Light of particles that carry quenchers, averaged over all particles of a kind exactly.

A particle with n quenchers shines ``f(n)`` times as bright as one without: ``q^n`` where each quencher lets through the
share q, or ``1/(1 + k n)`` where each adds the rate k (in units of the rate of all other decay). What is measured is
the mean over the particles, not the brightness of the mean particle. With the weights of the quenching states
multiplied by z, the partition function gives the generating function ``G(z) = Z(z)/Z(1) = <z^n>``, which holds for
every host: site classes, conformers, carried sites, neighbours. So ``<q^n> = G(q)``, for N equal sites
``(1 - theta + theta q)^N``; and any other law is a sum over the roots of unity (a discrete Fourier transform), exact
because n is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.chem.system import EMISSION
from surfacechem.errors import ModelError
from surfacechem.symbolic.independence import ln_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.chem.system import Observable, System
    from surfacechem.network.shells import Shell
    from surfacechem.numerics.problem import Term
    from surfacechem.symbolic.lower import Lowered

    Floats = NDArray[np.float64]
    Complex = NDArray[np.complex128]

__all__ = ["Readout", "find_readouts", "with_factors"]

RATE: Final = "k["
LARGEST_COUNT: Final = 4096


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
    marks : ndarray of int, shape (n_terms,)
        Quenchers in one of each term of the host.
    constant : int
        Place of the brightness constant in theta.
    most : int, optional
        Largest number of quenchers on one particle where the law is that of rates; None: shares.
    classes : tuple of Readout
        Site classes of a free number, whose `constant` is ln N; all else of them is that of one site.
    """

    name: str
    host: int
    states: tuple[Term, ...]
    first: int
    marks: NDArray[np.intp]
    constant: int
    most: int | None = None
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
        ln_constant = _at_points(theta, self.constant, len(occupancy))
        if self.most is None:
            return self._share(occupancy, d_occupancy, theta, ln_constant[:, np.newaxis].astype(np.complex128))
        counts = np.arange(self.most + 1)
        roots = np.asarray(2j * np.pi * counts / len(counts), dtype=np.complex128)
        value, slope = self.generate(occupancy, d_occupancy, roots[np.newaxis])
        quenching = np.exp(ln_constant)[:, np.newaxis] * counts
        bright = 1.0 / (1.0 + quenching)
        law = np.fft.fft(bright, axis=1) / len(counts)
        moved = np.fft.fft(-quenching * bright * bright, axis=1) / len(counts)
        along = np.einsum("pj,pjk->pk", law, slope[..., :-1]).real
        return np.sum(law * value, axis=1).real, along, {self.constant: np.sum(moved * value, axis=1).real}

    def _share(
        self, occupancy: Floats, d_occupancy: Floats, theta: Floats, ln_q: Complex
    ) -> tuple[Floats, Floats, dict[int, Floats]]:
        """Return ``<q^n>`` and its derivatives: that of the particle, times a power for each class of free number."""
        value, slope = self.generate(occupancy, d_occupancy, ln_q)
        explicit = {}
        for sites in self.classes:
            one, d_one = sites.generate(occupancy, d_occupancy, ln_q)
            number = np.exp(_at_points(theta, sites.constant, len(occupancy)))[:, np.newaxis]
            power, d_power = one**number, (number * one ** (number - 1.0))[..., np.newaxis] * d_one
            slope = slope * power[..., np.newaxis] + value[..., np.newaxis] * d_power
            value = value * power
            explicit[sites.constant] = (number * np.log(one)).real[:, 0]
        mean = value.real[:, 0]
        by_constant = {constant: mean * each for constant, each in explicit.items()}
        return mean, slope.real[:, 0, :-1], {**by_constant, self.constant: slope.real[:, 0, -1]}

    def generate(self, occupancy: Floats, d_occupancy: Floats, ln_z: Complex) -> tuple[Complex, Complex]:
        """Return the generating function and its derivatives, the last one with respect to ln z."""
        mine = slice(self.first, self.first + len(self.marks))
        padded = np.concatenate([d_occupancy[:, mine], np.zeros((len(occupancy), len(self.marks), 1))], axis=2)
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
    """Walks the terms of a host; the last direction is ln z."""

    occupancy: Floats
    d_occupancy: Floats
    marks: NDArray[np.intp]

    def generate(self, states: Sequence[Term], ln_z: Complex, place: _Place, first: int = 0) -> tuple[Complex, Complex]:
        """Return the generating function of one place and its derivatives, (n_points, n_nodes[, n_directions])."""
        total, d_total = 0.0, 0.0
        position = first
        for state in states:
            mean, d_mean = self.occupancy[:, position], self.d_occupancy[:, position]
            scale = np.where(place.parent > 0, place.n_places * place.parent, np.inf)[:, np.newaxis]
            share = mean[:, np.newaxis] / scale
            d_share = (d_mean - share * place.n_places * place.d_parent) / scale
            mark = self.marks[position]
            held = np.exp(mark * ln_z)
            value, slope = share * held, d_share[:, np.newaxis] * held[..., np.newaxis]
            slope[..., -1] += mark * value
            position += 1
            for factor in state.factors:
                inner = _Place(mean, d_mean, factor.count)
                one, d_one = self.generate(factor.terms, ln_z, inner, position)
                power = _power(one, factor.count)
                d_power = (factor.count * _power(one, factor.count - 1.0))[..., np.newaxis] * d_one
                slope = slope * power[..., np.newaxis] + value[..., np.newaxis] * d_power
                value = value * power
                position += sum(_size(term) for term in factor.terms)
            total, d_total = total + value, d_total + slope
        return np.asarray(total, dtype=complex), np.asarray(d_total, dtype=complex)


def _power(base: Complex, exponent: float) -> Complex:
    """Return a power; whole ones exactly, where the base may be anywhere in the plane."""
    raised: Complex = base ** (int(exponent) if exponent == int(exponent) else exponent)
    return raised


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

    Raises
    ------
    ModelError
        If rates are to be averaged where numbers of sites are not whole.
    """
    return tuple(_readout(lowered, system, each, shells) for each in system.observables if each.kind == EMISSION)


def _readout(lowered: Lowered, system: System, observable: Observable, shells: tuple[Shell, ...]) -> Readout:
    clusters = [cluster.name for cluster in system.clusters]
    host = next(number for number, name in enumerate(clusters) if name in observable.entities)
    factor = observable.factor
    names = [constant.name for constant in lowered.constants]
    constant = names.index(factor.name) if factor is not None else -1
    free = tuple(
        _of_host(lowered, observable, each.host, each.constant)
        for each in shells
        if each.cluster - len(lowered.problem.nu) == host
    )
    readout = replace(_of_host(lowered, observable, host, constant), classes=free)
    if factor is None or not factor.name.startswith(RATE):
        return readout
    most = _most(readout.states, readout.marks, 0)[0]
    if most != int(most) or most > LARGEST_COUNT or free:
        raise ModelError(
            f"observe {observable.name}",
            found="rates on particles " + ("whose sites are counted by the fit" if free else f"of {most:g} quenchers"),
            allowed=f"whole numbers of sites, at most {LARGEST_COUNT}",
            advice="use q, the share that each quencher lets through, which needs no whole numbers",
        )
    return replace(readout, most=int(most))


def _of_host(lowered: Lowered, observable: Observable, host: int, constant: int) -> Readout:
    terms = np.flatnonzero(lowered.host_of_term == host)
    n_species = len(lowered.problem.nu)
    columns = [lowered.entities.index(name) - n_species for name in observable.entities if "-" in name]
    return Readout(
        name=observable.name,
        host=host,
        states=lowered.problem.hosts[host].terms,
        first=int(terms[0]),
        marks=lowered.gather[terms][:, columns].sum(axis=1).astype(np.intp),
        constant=constant,
    )


def _most(states: Sequence[Term], marks: NDArray[np.intp], first: int) -> tuple[float, int]:
    """Return the largest number of quenchers in one place, and the position after its terms."""
    most, position = 0.0, first
    for state in states:
        held = float(marks[position])
        position += 1
        for factor in state.factors:
            inner, position = _most(factor.terms, marks, position)
            held += factor.count * inner
        most = max(most, held)
    return most, position
