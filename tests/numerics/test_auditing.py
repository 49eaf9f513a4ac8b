from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surfacechem.numerics import Problem, audit, solve


def test_a_good_solution_passes(cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray]) -> None:
    """Mass action, balances and listed macrospecies agree with the solver to ten digits."""
    checked = audit(cluster, *cluster_points, solve(cluster, *cluster_points))
    assert checked.is_consistent
    assert checked.n_reactions == 1
    assert checked.n_macrospecies > 100


def test_a_wrong_species_is_found(host_guest: Problem) -> None:
    """A trace species off by one part in a thousand breaks mass action though the balances barely notice."""
    totals = np.array([[1e-3, 1e-9]])
    found = solve(host_guest, totals)
    ln_c = found.ln_c.copy()
    ln_c[0, 2] += 1e-3
    checked = audit(host_guest, totals, None, replace(found, ln_c=ln_c))
    assert not checked.is_consistent
    assert checked.reaction[0] == pytest.approx(1e-3, rel=1e-6)


def test_a_wrong_occupancy_is_found(shell: Problem) -> None:
    """A coverage that the macrospecies do not have is reported as the difference of counts."""
    totals, particles = np.array([[51e-4, 20e-4]]), np.array([[1e-4]])
    found = solve(shell, totals, particles)
    occupancy = found.occupancy + np.array([[0.0, -0.1, 0.1]])
    checked = audit(shell, totals, particles, replace(found, occupancy=occupancy))
    assert checked.occupancy[0] == pytest.approx(0.1)
    assert checked.balance[0] > 1e-4


def test_absent_parts_are_no_fault(shell: Problem) -> None:
    """Exact zeros pass: an empty solution above full shells, and points without particles."""
    totals, particles = np.array([[51e-4, 0.0], [1e-3, 1e-3]]), np.array([[1e-4], [0.0]])
    assert audit(shell, totals, particles, solve(shell, totals, particles)).is_consistent


def test_unsolved_points_are_not_judged(host_guest: Problem) -> None:
    """What the solver flagged holds NaN and does not count against the rest."""
    totals = np.array([[np.nan, 1e-3], [1e-3, 1e-3]])
    checked = audit(host_guest, totals, None, solve(host_guest, totals))
    assert checked.is_solved.tolist() == [False, True]
    assert np.isnan(checked.balance[0])
    assert checked.is_consistent
