"""Networks and random points that the solver's benchmarks share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surfacechem.numerics import Factor, Host, Problem, Term

SEED = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Family:
    """A network with totals drawn over the range of real experiments."""

    name: str
    problem: Problem
    totals: np.ndarray
    host_totals: np.ndarray | None = None


def list_families(n_points: int) -> list[Family]:
    """Return all families with `n_points` each; totals are 1e-9 to 1 mol/L."""
    random = np.random.default_rng(SEED)

    def draw(n: int, low: float = -9.0, high: float = 0.0) -> np.ndarray:
        return 10.0 ** random.uniform(low, high, (n_points, n))

    binding = Problem(nu=np.array([[1, 0], [0, 1], [1, 1.0]]), ln_weight=np.log([1, 1, 1e4]))
    guests = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1.0]])
    competition = Problem(nu=guests, ln_weight=np.log([1, 1, 1, 1e4, 3e5]))
    exchange = Problem(nu=np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1.0]]), ln_weight=np.log([1, 2, 1, 1]))
    free = draw(2)
    bound = free * random.uniform(0.0, 1.0, free.shape)
    ladder = np.array([[1, 0], [0, 1], [1, 1], [1, 2], [2, 1], [1, 3.0]])
    stepwise = Problem(nu=ladder, ln_weight=np.log([1, 1, 1e4, 1e7, 1e6, 1e9]))
    buffer = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [1, 1, 0], [2, 1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, 1.0]])
    chelate = Problem(nu=buffer, ln_weight=np.log(10.0) * np.array([0, -14, 0, 9.5, 16.0, 0, 8.0, -9.0]))
    acids = draw(3, -6.0, -1.0)
    acids[:, 0] = acids[:, 0] - 1.5 * acids[:, 1]
    particles = draw(1, -7.0, -3.0)
    return [
        Family(name="1:1 binding", problem=binding, totals=draw(2)),
        Family(name="competition", problem=competition, totals=draw(3)),
        Family(name="X exchange, 4 species", problem=exchange, totals=np.column_stack((bound.sum(axis=1), free))),
        Family(name="1:1, 1:2, 2:1, 1:3", problem=stepwise, totals=draw(2, -7.0, -1.0)),
        Family(name="chelate with pH", problem=chelate, totals=acids),
        Family(
            name="51-site shell",
            problem=_build_shell(n_forms=1),
            totals=np.hstack((51.0 * particles + draw(1, -8.0, -1.0), draw(1, -8.0, -1.0))),
            host_totals=particles,
        ),
        Family(
            name="51 sites, 2 forms",
            problem=_build_shell(n_forms=2),
            totals=np.hstack((51.0 * particles + draw(1, -8.0, -1.0), draw(1, -8.0, -1.0))),
            host_totals=particles,
        ),
    ]


def _build_shell(*, n_forms: int) -> Problem:
    """Return 51 sites for two acids, on one form or on two that prefer different ligands."""
    states = (Term(name="A", nu=np.array([1.0, 0.0])), Term(name="B", nu=np.array([0.0, 1.0])))
    sites = Factor(count=51.0, terms=states)
    forms = tuple(Term(name=f"form {n}", nu=np.zeros(2), factors=(sites,)) for n in range(n_forms))
    weights = [0.0, 0.0]
    for n in range(n_forms):
        weights += [-20.0 * n, 0.0, 0.5 + n]
    return Problem(nu=np.eye(2), hosts=(Host(name="InP", terms=forms),), ln_weight=np.array(weights))
