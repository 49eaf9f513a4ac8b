"""The position and the shape of a band, as an ``observe`` line states them and a fit may move them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.build import factor_name
from surfacechem.fitting.observation import Band
from surfacechem.relations.lineshape import Lineshape, refuse_impossible

if TYPE_CHECKING:
    from surfacechem.chem.system import Observable
    from surfacechem.network import Network

__all__ = [
    "COUNT",
    "ORIGIN",
    "SLOPE",
    "absorber_of",
    "band_label",
    "band_model",
    "band_numbers",
    "moving_band",
    "position_terms",
    "shape_numbers",
    "stated_shape",
]

Floats = NDArray[np.float64]

ORIGIN: Final = "origin"
SLOPE: Final = "slope:"
COUNT: Final = "count:"
ATTRIBUTES: Final = {
    "width": "width",
    "absorptivity": "strength",
    "huang_rhys": "huang_rhys",
    "quantum": "quantum",
    "asymmetry": "asymmetry",
}
"""What a `Lineshape` calls the settings of a shape."""


def moving_band(network: Network, observable: Observable) -> Band:
    """Return the position of a band, with numbers that are constants of the model as factors of its columns.

    The amplitude of such a column is 1. A factor that refers to nothing is what is seen itself.
    """
    model = band_model(network, observable)
    held, terms = list(model.held), [model.origin, *model.terms]
    for column, (number, sign) in band_numbers(network, observable).items():
        terms[column] = (*terms[column], len(held))
        held.append(sign * np.eye(network.n_seen)[number])
    total = np.concatenate([model.total, np.zeros((len(held) - len(model.total), network.n_seen))])
    return replace(
        model, held=np.array(held).reshape(-1, network.n_seen), total=total, origin=terms[0], terms=tuple(terms[1:])
    )


def band_numbers(network: Network, observable: Observable) -> dict[int, tuple[int, float]]:
    """Return which columns of a band's position have constants of the model: where these are seen, and their sign."""
    names = {factor.name for factor in observable.factors}
    found = {}
    for column, (key, value) in enumerate(position_terms(observable)):
        name = factor_name(key, observable.name)
        if name in names:
            found[column] = network.value_column(name), float(np.sign(float(value)))
    return found


def position_terms(observable: Observable) -> list[tuple[str, str | float | bool]]:
    """Return origin and terms of a band in the order of its columns."""
    options = dict(observable.options)
    keys = [ORIGIN, *(key for key in options if key.startswith((SLOPE, COUNT)))]
    return [(key, options[key]) for key in keys]


def band_model(network: Network, observable: Observable) -> Band:
    """Return the position of a band as columns: coverages of the absorber's sites, and counts on its particles.

    The coverage of an occupant is a share of all sites of the absorber (of the model, where none is named), that of a
    site state a share of its class of sites.
    """
    cluster = _absorbing_cluster(network, observable)
    keys = [key for key, _ in position_terms(observable)[1:]]
    terms = [[(key.partition(":")[0], name) for name in key.partition(":")[2].split(" * ")] for key in keys]
    factors = list(dict.fromkeys(factor for term in terms for factor in term))
    rows = [_band_factor(network, kind, name, cluster) for kind, name in factors]
    n_seen = network.n_seen
    return Band(
        labels=(ORIGIN, *(band_label(key) for key in keys)),
        held=np.array([held for held, _ in rows]).reshape(-1, n_seen),
        total=np.array([total for _, total in rows]).reshape(-1, n_seen),
        terms=tuple(tuple(factors.index(factor) for factor in term) for term in terms),
    )


def _absorbing_cluster(network: Network, observable: Observable) -> str | None:
    """Return the cluster whose band it is: the one that is named, or the only one where counts are asked for."""
    named = dict(observable.options).get("of")
    forms = {cluster.name: cluster.name for cluster in network.system.clusters}
    forms |= {f"{each.cluster}.{each.name}": each.cluster for each in network.system.conformers}
    if named is None and any(key.startswith(COUNT) for key, _ in observable.options):
        return network.system.clusters[0].name
    return None if named is None else forms.get(str(named))


def _band_factor(network: Network, kind: str, name: str, cluster: str | None) -> tuple[Floats, Floats]:
    """Return which entities hold an occupant, and those that it is referred to, weights included."""
    entities = network.lowered.basis.entities
    held, total = np.zeros(network.n_seen), np.zeros(network.n_seen)
    is_count = kind == COUNT.removesuffix(":")
    every_state = {network.entities[column] for columns in entities.states for column in columns}
    for site, columns in zip(network.system.sites, entities.states, strict=True):
        is_elsewhere = name in every_state and name not in {network.entities[column] for column in columns}
        if (cluster is not None and site.cluster != cluster) or is_elsewhere:
            continue
        for column in columns:
            state, span = network.entities[column], float(entities.spans.get(column, 1))
            total[column] = 0.0 if is_count else span
            if name in {state, state.partition("-")[2]}:
                held[column] = 1.0 if is_count else span
    if is_count:
        forms = [form == cluster or form.startswith(f"{cluster}.") for form in network.entities]
        total[np.flatnonzero(forms)] = 1.0
    return held, total


def band_label(key: str) -> str:
    """Return the name of the column of a term: ``"O2CR'"``, ``"count SR'"``."""
    return key.replace(":", " ", 1) if key.startswith(COUNT) else key.removeprefix(SLOPE)


def absorber_of(network: Network, observable: Observable) -> str:
    """Return the entity that absorbs: the one that is named, else the only cluster; nothing where there are more."""
    named = dict(observable.options).get("of")
    clusters = network.system.clusters
    return str(named) if named is not None else clusters[0].name if len(clusters) == 1 else ""


def stated_shape(observable: Observable, *, temperature: float) -> Lineshape | None:
    """Return the shape of a band at origin 0, vibrating at a temperature [K]; None where only the position is known.

    Raises
    ------
    RangeError
        If the numbers make no band.
    """
    options = dict(observable.options)
    stated = {name: float(options[key]) for key, name in ATTRIBUTES.items() if key in options}
    if "width" not in stated:
        return None
    shape = Lineshape(origin=0.0, temperature=temperature, **stated)
    refuse_impossible(shape)
    return shape


def shape_numbers(network: Network, observable: Observable) -> tuple[tuple[str, int], ...]:
    """Return the attributes of a shape that are constants of the model, and where they are seen."""
    names = {factor.name for factor in observable.factors}
    named = {attribute: factor_name(key, observable.name) for key, attribute in ATTRIBUTES.items()}
    return tuple((attribute, network.value_column(name)) for attribute, name in named.items() if name in names)
