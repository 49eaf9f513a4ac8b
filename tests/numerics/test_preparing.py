from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from surfacechem.errors import DataError
from surfacechem.numerics import Problem, Status, prepare, solve, stream


def test_a_held_activity_is_a_langmuir_isotherm(shell: Problem) -> None:
    """With both acids held, coverage is K r / (1 + K r) whatever the particles."""
    activity = np.column_stack((np.full(7, 1e-3), np.geomspace(1e-5, 1e-1, 7)))
    found = solve(shell, activity, np.full((7, 1), 1e-4), is_fixed=[True, True])
    ratio = activity[:, 1] / activity[:, 0]
    np.testing.assert_allclose(found.occupancy[:, 2] / 51.0, ratio / (1.0 + ratio), rtol=1e-13)
    np.testing.assert_allclose(found.x, np.log(activity), rtol=1e-15)


def test_holding_what_was_found_changes_nothing(
    cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray]
) -> None:
    """Fixed at its equilibrium activity, a component leaves the other concentrations where they were."""
    totals, particles = cluster_points
    free = solve(cluster, totals, particles)
    held_totals = totals.copy()
    held_totals[:, 2] = np.exp(free.x[:, 2])
    held = solve(cluster, held_totals, particles, is_fixed=[False, False, True])
    np.testing.assert_allclose(held.ln_c, free.ln_c, rtol=0, atol=1e-11)
    np.testing.assert_allclose(held.occupancy, free.occupancy, rtol=0, atol=1e-10)


def test_an_activity_of_zero_removes_what_holds_it(host_guest: Problem) -> None:
    """Guest held at zero is absent; held below zero it is infeasible."""
    found = solve(host_guest, [[1e-3, 0.0], [1e-3, -1.0]], is_fixed=[False, True])
    assert found.status.tolist() == [Status.SOLVED, Status.INFEASIBLE]
    assert found.ln_c[0].tolist() == [pytest.approx(np.log(1e-3)), -np.inf, -np.inf]


def test_a_start_with_held_activities(host_guest: Problem) -> None:
    """A warm start takes the columns of the components that are free."""
    batch = prepare(host_guest, [[1e-3, 1e-3]], is_fixed=[False, True])
    known = batch.solve()
    np.testing.assert_allclose(batch.solve(None, known.x).ln_c, known.ln_c, rtol=0, atol=1e-14)


def test_a_stream_equals_one_batch(shell: Problem) -> None:
    """Block after block gives the rows of the whole."""
    totals = np.column_stack((np.full(90, 60e-4), np.geomspace(1e-6, 1e-2, 90)))
    particles = np.full((90, 1), 1e-4)
    whole = solve(shell, totals, particles)
    blocks = [(totals[k : k + 30], particles[k : k + 30]) for k in (0, 30, 60)]
    parts = [solution.ln_c for solution in stream(shell, blocks)]
    np.testing.assert_array_equal(np.vstack(parts), whole.ln_c)


def test_a_stream_is_lazy(host_guest: Problem) -> None:
    """No block is solved before its turn, so that memory does not grow with their number."""
    taken = []

    def blocks() -> object:
        for number in range(5):
            taken.append(number)
            yield np.full((4, 2), 1e-3), None

    solutions = stream(host_guest, blocks())
    next(solutions)
    assert taken == [0]


def test_a_point_may_be_given_as_a_row(host_guest: Problem) -> None:
    """One point needs no nested list."""
    assert prepare(host_guest, [1e-3, 1e-3]).n_points == 1


def test_a_mask_of_the_wrong_length_is_refused(host_guest: Problem) -> None:
    """Which components are held must be said for each."""
    with pytest.raises(DataError, match="is_fixed"):
        prepare(host_guest, [[1e-3, 1e-3]], is_fixed=[True])


def test_a_stream_may_hold_activities(host_guest: Problem) -> None:
    """Block by block, a held guest binds as the isotherm says."""
    blocks = [([[1e-3, activity]], None) for activity in (1e-5, 1e-3)]
    found = [np.exp(each.ln_c[0, 2]) for each in stream(host_guest, blocks, is_fixed=[False, True])]
    expected = [1e-3 * 1e4 * a / (1.0 + 1e4 * a) for a in (1e-5, 1e-3)]
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_points_bound_again_find_their_kernels(host_guest: Problem) -> None:
    """What was prepared for a network once serves every later set of its points; another network has its own."""
    first, again = (prepare(host_guest, [[1e-3, total]]) for total in (2e-3, 3e-3))
    assert again._groups[0][2] is first._groups[0][2]
    other = prepare(replace(host_guest), [[1e-3, 2e-3]])
    assert other._groups[0][2] is not first._groups[0][2]


def test_what_is_remembered_of_a_network_goes_with_it(host_guest: Problem) -> None:
    """Patterns live as long as their problem: models that come and go leave nothing behind."""
    problem = replace(host_guest)
    book = weakref.ref(prepare(problem, [[1e-3, 2e-3]])._book)
    assert book() is not None
    del problem
    gc.collect()
    assert book() is None


def test_points_are_copied(host_guest: Problem) -> None:
    """Totals changed by the caller after binding change nothing."""
    totals = np.array([[1e-3, 2e-3]])
    batch = prepare(host_guest, totals)
    before = batch.solve().ln_c
    totals[:] = 0.5
    np.testing.assert_array_equal(batch.solve().ln_c, before)
