"""How many ligands single particles carry, from the statistical weights: what a mass spectrum would show.

Every site of a class is independent of the others once the form of the particle is given (sites with neighbours are
one place in one of many macrostates), so the generating function of a count is a sum over forms of products of powers
of polynomials. All coefficients are positive: nothing cancels,
and probabilities of 1e-200 are as right as large ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.chem.system import VACANT
from surfacechem.errors import ModelError, UnknownNameError
from surfacechem.prediction.readings import occupants
from surfacechem.prediction.record import Distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.network import Network, Speciation
    from surfacechem.numerics.problem import Term

    Floats = NDArray[np.float64]

__all__ = ["LARGEST_TABLE", "count_ligands", "count_on_form"]

LARGEST_TABLE: Final = 2_000_000
"""Numbers in all distributions of a prediction; above, they are left out."""
MOST_CASES: Final = 20_000
"""Combinations of counts of several ligands."""


def count_ligands(network: Network, speciation: Speciation) -> tuple[tuple[Distribution, ...], tuple[str, ...]]:
    """Return the distribution of every ligand on every cluster, and notes on those that are left out.

    Parameters
    ----------
    network : Network
        Its hosts give the structure.
    speciation : Speciation
        Its solution gives the mean occupancies, from which the probabilities of every state follow.
    """
    found, notes = [], []
    occupancy = speciation.solution.occupancy
    marked = _marks(network)
    first = 0
    for cluster, host in zip(network.system.clusters, network.problem.hosts, strict=False):
        n_terms = sum(_size(term) for term in host.terms)
        mine = slice(first, first + n_terms)
        first += n_terms
        ligands = {name: marks for name, marks in marked.items() if marks[mine].any()}
        counts = [factor.count for term in host.terms for factor in term.factors]
        widths = [1 + _most_held(host.terms, marks[mine])[0] for marks in ligands.values()]
        n_numbers = len(occupancy) * sum(widths)
        is_open = any(site.number is not None and site.cluster == cluster.name for site in network.system.sites)
        obstacle = "a fit finds its number of sites" if is_open else _obstacle(counts, n_numbers)
        if obstacle:
            notes.append(f"No ligand counts of {cluster.name}: {obstacle}.")
            continue
        for ligand, marks in ligands.items():
            probability = _host(host.terms, occupancy[:, mine], marks[mine])
            found.append(
                Distribution(
                    cluster=cluster.name,
                    ligand=ligand,
                    counts=np.arange(probability.shape[1]),
                    probability=np.where((speciation.status == 0)[:, np.newaxis], probability, np.nan),
                )
            )
    return tuple(found), tuple(notes)


def count_on_form(
    network: Network, occupancy: Floats, *, form: str, ligands: Sequence[str]
) -> tuple[NDArray[np.intp], Floats]:
    """Return how many ligands of each kind the particles of one form carry, and the share of them that do.

    Parameters
    ----------
    network : Network
        Its hosts give the structure.
    occupancy : ndarray, shape (..., n_terms)
        Mean count of each host term on one particle.
    form : str
        A cluster or a conformer, as in `Network.entities`.
    ligands : sequence of str
        What is counted: ligands wherever they are bound, or states of a site class, vacant ones included.

    Returns
    -------
    counts : ndarray, shape (n_cases, n_ligands)
        Every combination of counts.
    shares : ndarray, shape (..., n_cases)
        Fraction of the particles of this form with these counts; 0 where there are none.

    Raises
    ------
    ModelError
        When the sites of the cluster are averages, or there are too many combinations.
    """
    cluster, terms, first = _host_of(network, form)
    marked = _marks(network) | _marks_of_states(network)
    mine = slice(first, first + sum(_size(term) for term in terms))
    each = [marked[ligand][mine] for ligand in ligands]
    widths = [1 + round(_most_held(terms, marks)[0]) for marks in each]
    # One polynomial counts all kinds: each kind in steps that no number of the kinds before it reaches.
    steps = np.cumprod([1, *widths[:-1]])
    n_cases = int(np.prod(widths))
    obstacle = _obstacle([factor.count for term in terms for factor in term.factors], 0.0)
    if obstacle or n_cases > MOST_CASES:
        raise ModelError(
            f"count of {', '.join(ligands)} on {cluster}",
            found=obstacle or f"{n_cases} combinations",
            allowed=f"whole numbers of sites, and at most {MOST_CASES} combinations",
            advice="write the position with coverage(...) instead",
        )
    marks = np.asarray(steps @ np.array(each), dtype=np.intp)
    flat = occupancy.reshape(-1, occupancy.shape[-1])[:, mine]
    polynomial, position = np.zeros((len(flat), 1)), 0
    column = network.entities.index(form) - network.lowered.basis.entities.n_species
    for term in terms:
        here = slice(position, position + _size(term))
        if network.lowered.gather[first + position, column]:
            one = np.ones(len(flat))
            polynomial = _plus(polynomial, _alternatives((term,), flat[:, here], marks[here], parent=one, count=1.0))
        position = here.stop
    polynomial = _padded(polynomial, n_cases)
    total = polynomial.sum(axis=1, keepdims=True)
    shares = np.divide(polynomial, total, out=np.zeros_like(polynomial), where=total > 0)
    counts = np.arange(n_cases)[:, np.newaxis] // steps % widths
    return counts, shares.reshape(*occupancy.shape[:-1], n_cases)


def _host_of(network: Network, form: str) -> tuple[str, tuple[Term, ...], int]:
    """Return the cluster of a form, its terms and the number of the first of them."""
    first = 0
    for cluster, host in zip(network.system.clusters, network.problem.hosts, strict=False):
        if form == cluster.name or form.startswith(f"{cluster.name}."):
            return cluster.name, host.terms, first
        first += sum(_size(term) for term in host.terms)
    raise UnknownNameError(f"form '{form}'", allowed=", ".join(cluster.name for cluster in network.system.clusters))


def _marks(network: Network) -> dict[str, NDArray[np.intp]]:
    """Return how many of each ligand one of every host term stands for, shape (n_terms,)."""
    marked: dict[str, NDArray[np.intp]] = {}
    n_species = network.lowered.basis.entities.n_species
    for column, ligand in occupants(network).items():
        if ligand != VACANT:
            held = network.lowered.gather[:, column - n_species].astype(np.intp)
            marked[ligand] = marked.get(ligand, 0) + held
    return marked


def _marks_of_states(network: Network) -> dict[str, NDArray[np.intp]]:
    """Return the same for each state of a site class, ``"Z-*"``."""
    n_species = network.lowered.basis.entities.n_species
    gather = network.lowered.gather
    return {network.entities[column]: gather[:, column - n_species].astype(np.intp) for column in occupants(network)}


def _obstacle(counts: Sequence[float], n_numbers: float) -> str:
    """Return why the ligands on a cluster are not counted, nothing where they are."""
    if any(count != round(count) for count in counts):
        return "its numbers of sites are averages, not integers"
    return "too many points; ask for fewer" if n_numbers > LARGEST_TABLE else ""


def _size(term: Term) -> int:
    return 1 + sum(_size(inner) for factor in term.factors for inner in factor.terms)


def _most_held(terms: tuple[Term, ...], marks: NDArray[np.intp]) -> tuple[float, int]:
    """Return the largest count that one place in these states can have, and the number of their terms."""
    most, position = 0.0, 0
    for term in terms:
        held = float(marks[position])
        position += 1
        for factor in term.factors:
            inner, n_terms = _most_held(factor.terms, marks[position:])
            held += factor.count * inner
            position += n_terms
        most = max(most, held)
    return most, position


def _host(terms: tuple[Term, ...], occupancy: Floats, marks: NDArray[np.intp]) -> Floats:
    """Return the probability of each count, shape (n_points, n_counts); NaN where there are no particles."""
    forms = _alternatives(terms, occupancy, marks, parent=np.ones(len(occupancy)), count=1.0)
    total = forms.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(forms, total, out=np.full_like(forms, np.nan), where=total > 0))


def _alternatives(
    terms: tuple[Term, ...], occupancy: Floats, marks: NDArray[np.intp], *, parent: Floats, count: float
) -> Floats:
    """Return the polynomial of one place that is in one of `terms`.

    Given the parent state, each of its ``count`` places is in state ``t`` with probability
    ``occupancy[t] / (count * occupancy[parent])``.
    """
    total = np.zeros((len(occupancy), 1))
    position = 0
    for term in terms:
        mean = occupancy[:, position]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(parent > 0, mean / (count * parent), 0.0)
        polynomial = share[:, np.newaxis]
        polynomial = np.pad(polynomial, ((0, 0), (marks[position], 0)))
        inner = position + 1
        for factor in term.factors:
            size = sum(_size(each) for each in factor.terms)
            place = _alternatives(
                factor.terms, occupancy[:, inner : inner + size], marks[inner:], parent=mean, count=factor.count
            )
            polynomial = _times(polynomial, _power(place, round(factor.count)))
            inner += size
        total = _plus(total, polynomial)
        position = inner
    return total


def _plus(left: Floats, right: Floats) -> Floats:
    width = max(left.shape[1], right.shape[1])
    return _padded(left, width) + _padded(right, width)


def _padded(polynomial: Floats, width: int) -> Floats:
    return np.pad(polynomial, ((0, 0), (0, width - polynomial.shape[1])))


def _times(left: Floats, right: Floats) -> Floats:
    product = np.zeros((len(left), left.shape[1] + right.shape[1] - 1))
    shorter, longer = sorted((left, right), key=lambda each: each.shape[1])
    for power in range(shorter.shape[1]):
        product[:, power : power + longer.shape[1]] += shorter[:, power : power + 1] * longer
    return product


def _power(polynomial: Floats, exponent: int) -> Floats:
    """Return a polynomial to an integer power by repeated squaring."""
    result = np.ones((len(polynomial), 1))
    square = polynomial
    while exponent:
        if exponent & 1:
            result = _times(result, square)
        exponent >>= 1
        if exponent:
            square = _times(square, square)
    return result
