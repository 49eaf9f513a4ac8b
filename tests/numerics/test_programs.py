from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.numerics import Factor, Host, Problem, Term, solve


def _ln_z(problem: Problem, x: np.ndarray) -> float:
    """Return ln Z of the first host by brute force in plain numpy."""
    numbers = iter(range(len(problem.nu), len(problem.ln_weight)))

    def add_up(terms: tuple[Term, ...]) -> float:
        values = []
        for term in terms:
            value = problem.ln_weight[next(numbers)] + term.nu @ x
            for factor in term.factors:
                value += factor.count * add_up(factor.terms)
            values.append(value)
        return float(np.logaddexp.reduce(values))

    return add_up(problem.hosts[0].terms)


@given(st.lists(st.floats(-12.0, 2.0), min_size=3, max_size=3))
@settings(max_examples=25, deadline=None)
def test_mean_counts_are_the_gradient_of_ln_z(cluster: Problem, x: list[float]) -> None:
    """Held at any activities, the mean content of a particle is d ln Z / d x."""
    found = solve(cluster, [np.exp(x)], [[1e-5]], is_fixed=[True, True, True])
    gradient = [
        (_ln_z(cluster, np.array(x) + step) - _ln_z(cluster, np.array(x) - step)) / 2e-5 for step in 1e-5 * np.eye(3)
    ]
    terms = _list_terms(cluster)
    np.testing.assert_allclose(found.occupancy[0] @ np.array([term.nu for term in terms]), gradient, atol=1e-7)


def _list_terms(problem: Problem) -> list[Term]:
    def walk(terms: tuple[Term, ...]) -> list[Term]:
        return [each for term in terms for each in (term, *(t for f in term.factors for t in walk(f.terms)))]

    return [each for host in problem.hosts for each in walk(host.terms)]


def test_ln_z_is_convex(cluster: Problem) -> None:
    """Along any line the mean content rises: the Hessian, a covariance, has no negative direction."""
    random = np.random.default_rng(8)
    nu = np.array([term.nu for term in _list_terms(cluster)])
    for direction in random.normal(size=(10, 3)):
        line = np.exp(random.normal(-5.0, 2.0, 3) + np.linspace(-2.0, 2.0, 30)[:, np.newaxis] * direction)
        found = solve(cluster, line, np.full((30, 1), 1e-5), is_fixed=[True, True, True])
        assert (np.diff(found.occupancy @ nu @ direction) >= -1e-12).all()


def test_the_response_is_the_covariance_of_listed_species() -> None:
    """d<n>/dx of three sites equals the variance over the binomial distribution of its four macrospecies."""
    states = (Term(name="bare", nu=np.zeros(1)), Term(name="L", nu=np.ones(1)))
    host = Host(name="P", terms=(Term(name="P", nu=np.zeros(1), factors=(Factor(count=3.0, terms=states),)),))
    problem = Problem(nu=np.ones((1, 1)), hosts=(host,), ln_weight=np.array([0.0, 0.0, 0.0, 1.0]))
    x, step = -1.3, 1e-5
    held = solve(problem, np.exp([[x - step], [x], [x + step]]), np.ones((3, 1)), is_fixed=[True])
    n = np.arange(4.0)
    shares = np.array([1.0, 3.0, 3.0, 1.0]) * np.exp(n * (1.0 + x))
    shares /= shares.sum()
    variance = shares @ n**2 - (shares @ n) ** 2
    count = held.occupancy[:, 2]
    assert count[1] == pytest.approx(shares @ n, rel=1e-13)
    assert (count[2] - count[0]) / (2.0 * step) == pytest.approx(variance, rel=1e-8)


def test_fractional_counts_are_allowed() -> None:
    """25.5 dianions per cluster are as good as 51 sites: counts need not be whole."""
    states = (Term(name="bare", nu=np.zeros(1)), Term(name="L", nu=np.ones(1)))
    host = Host(name="P", terms=(Term(name="P", nu=np.zeros(1), factors=(Factor(count=25.5, terms=states),)),))
    problem = Problem(nu=np.ones((1, 1)), hosts=(host,), ln_weight=np.array([0.0, 0.0, 0.0, 8.0]))
    found = solve(problem, [[1e-3]], [[1e-4]])
    free = np.exp(found.ln_c[0, 0])
    assert free + 1e-4 * found.occupancy[0, 2] == pytest.approx(1e-3, rel=1e-14)
    assert found.occupancy[0, 2] == pytest.approx(25.5 * free * np.exp(8.0) / (1.0 + free * np.exp(8.0)), rel=1e-13)
