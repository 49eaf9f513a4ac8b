"""Small networks whose equilibria are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.numerics import Factor, Host, Problem, Term

N_SITES = 51


@pytest.fixture(scope="session")
def host_guest() -> Problem:
    """H, G and HG with K = 1e4 /M."""
    nu = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    return Problem(nu=nu, ln_weight=np.log([1.0, 1.0, 1e4]), component_names=("H", "G"))


@pytest.fixture(scope="session")
def shell() -> Problem:
    """51 sites, each with native ligand A or ligand B, and the free acids of both; K = 1 unless weights are given."""
    states = (Term(name="A", nu=np.array([1.0, 0.0])), Term(name="B", nu=np.array([0.0, 1.0])))
    form = Term(name="InP", nu=np.zeros(2), factors=(Factor(count=float(N_SITES), terms=states),))
    return Problem(
        nu=np.eye(2),
        hosts=(Host(name="InP", terms=(form,)),),
        ln_weight=np.zeros(5),
        component_names=("A", "B"),
    )


@pytest.fixture(scope="session")
def cluster() -> Problem:
    """Two conformers; five Z units with two X ligands each, four sites for X or nothing; X, X', M and MX2 dissolved."""
    bound = (Term(name="Z-X", nu=np.array([1.0, 0.0, 0.0])), Term(name="Z-X'", nu=np.array([0.0, 1.0, 0.0])))
    unit = Term(name="Z", nu=np.array([0.0, 0.0, 1.0]), factors=(Factor(count=2.0, terms=bound),))
    units = Factor(count=5.0, terms=(Term(name="vacancy", nu=np.zeros(3)), unit))
    sites = Factor(count=4.0, terms=(*bound, Term(name="bare", nu=np.zeros(3))))
    forms = (
        Term(name="alpha", nu=np.zeros(3), factors=(units, sites)),
        Term(name="beta", nu=np.zeros(3), factors=(units,)),
    )
    ln_weight = np.concatenate((np.zeros(3), [9.0], np.linspace(-4.0, 6.0, 13)))
    return Problem(
        nu=np.vstack((np.eye(3), [[2.0, 0.0, 1.0]])),
        hosts=(Host(name="cluster", terms=forms),),
        ln_weight=ln_weight,
        component_names=("X", "X'", "M"),
    )


@pytest.fixture
def cluster_points() -> tuple[np.ndarray, np.ndarray]:
    """Totals of components and of the host of `cluster`, 40 points over five decades."""
    random = np.random.default_rng(7)
    return 10.0 ** random.uniform(-6.0, -1.0, (40, 3)), 10.0 ** random.uniform(-6.0, -3.0, (40, 1))
