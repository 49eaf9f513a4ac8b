"""Strategies for titrations: simulated from a model whose constants are known, noise added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.errors import DataError
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration
from surfacechem.testing.engine import st
from surfacechem.testing.pieces import constants

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn
    from numpy.typing import NDArray

    from surfacechem.network import Speciation

__all__ = ["Experiment", "experiments", "simulate_titration", "titrations"]

FEWEST_POINTS: Final = 8
MOST_POINTS: Final = 24
NOISE: Final = 0.01
PARTICLES: Final = 5e-4
EXCHANGE: Final = """surfacechem 1
cluster InP37 = In37P20(O2CR)51
site    In on InP37 : 51 native O2CR
X   In-O2CR + HO2CR' <=> In-O2CR' + HO2CR   ; K = {K} fit
observe bound = integral(In-O2CR')
observe free  = integral(HO2CR')
"""


class Experiment(NamedTuple):
    """A network with the true constants, and a titration simulated from it."""

    network: Network
    data: Titration


def simulate_titration(
    network: Network, amounts: dict[str, NDArray[np.float64]], *, noise: float = NOISE, seed: int = 0
) -> Titration:
    """Return a titration of a model whose constants are known, seen by its integrals; simulated, and so named.

    Parameters
    ----------
    network : Network
        Its ``observe ... = integral(...)`` lines are the signals.
    amounts : mapping of str to ndarray, shape (n_points,)
        What is in the vessel of each feed [mol/L].
    noise : float
        Standard deviation, as a share of the largest value of each signal.
    seed : int
        Of the noise.

    Raises
    ------
    DataError
        If the model observes no integral.
    """
    integrals = [each for each in network.system.observables if each.kind == "integral"]
    if not integrals:
        raise DataError(
            "simulated titration", found="a model that observes no integral", advice="add 'observe x = integral(...)'"
        )
    solved, random = network.solve(amounts), np.random.default_rng(seed)
    n_points = len(solved.concentration)
    signals = []
    for each in integrals:
        exact = _integral(network, solved, each.entities, each.weights)
        sigma = noise * max(float(exact.max()), np.finfo(float).tiny)
        values = exact + random.normal(0.0, sigma, n_points) if noise else exact
        signals.append(
            Signal(
                name=each.name,
                technique=Technique.NMR_INTEGRAL,
                channels=(each.name,),
                values=values[:, np.newaxis],
                unit="mol/L",
            )
        )
    return Titration(
        name="simulated",
        feeds=tuple(amounts),
        amounts=np.column_stack([np.broadcast_to(each, n_points) for each in amounts.values()]),
        signals=tuple(signals),
        labels=tuple(str(point + 1) for point in range(n_points)),
        notes=(f"Simulated from a model: noise {noise:g} of the largest value, seed {seed}.",),
    )


def _integral(
    network: Network, solved: Speciation, entities: tuple[str, ...], weights: tuple[object, ...]
) -> NDArray[np.float64]:
    shares = [1.0 if weight is None else float(str(weight)) for weight in weights or (None,) * len(entities)]
    columns = [network.entities.index(entity) for entity in entities]
    return np.asarray(solved.concentration[:, columns] @ np.array(shares))


@st.composite
def titrations(draw: DrawFn, network: Network, *, titrant: str, noise: float = NOISE) -> Titration:
    """Draw titrations of a model: what is in the vessel, how far it is titrated, and the noise.

    Parameters
    ----------
    network : Network
        With values for all constants and at least one ``integral``.
    titrant : str
        The feed that is added; clusters are in the vessel from the start.
    noise : float
        Standard deviation as a share of the largest value.
    """
    n_points = draw(st.integers(FEWEST_POINTS, MOST_POINTS))
    particles = [cluster.name for cluster in network.system.clusters] or [
        feed for feed in network.feeds if feed != titrant
    ][:1]
    sites = float(sum(site.count for site in network.system.sites)) or 1.0
    end = draw(st.floats(1.0, 4.0)) * sites * PARTICLES
    amounts = {name: np.full(n_points, PARTICLES) for name in particles}
    amounts[titrant] = np.linspace(end / n_points, end, n_points)
    return simulate_titration(network, amounts, noise=noise, seed=draw(st.integers(0, 2**16)))


@st.composite
def experiments(draw: DrawFn, *, noise: float = NOISE) -> Experiment:
    """Draw a carboxylate exchange on 51 sites with a true constant, and a titration of it.

    Parameters
    ----------
    noise : float
        Standard deviation as a share of the largest value.
    """
    network = Network(parse(EXCHANGE.format(K=draw(constants(lowest=-1.0, highest=1.0)))))
    return Experiment(network, draw(titrations(network, titrant="HO2CR'", noise=noise)))
