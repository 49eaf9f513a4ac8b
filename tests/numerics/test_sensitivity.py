from __future__ import annotations

import numpy as np
import pytest

from surfacechem.numerics import Directions, Problem, Status, prepare, solve

STEP = 1e-5
AGREEMENT = 2e-8  # central differences of this step keep about nine digits of answers good to thirteen


def test_derivatives_by_theta_agree_with_central_differences(
    cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray]
) -> None:
    """Every species and host term, by every weight, over trees with nested units and conformers."""
    batch = prepare(cluster, *cluster_points)
    slopes = batch.derivatives(batch.solve(), np.eye(len(cluster.ln_weight)))
    for number in range(len(cluster.ln_weight)):
        shift = np.zeros(len(cluster.ln_weight))
        shift[number] = STEP
        above, below = batch.solve(cluster.ln_weight + shift), batch.solve(cluster.ln_weight - shift)
        by_ln_c = (above.ln_c - below.ln_c) / (2.0 * STEP)
        by_occupancy = (above.occupancy - below.occupancy) / (2.0 * STEP)
        np.testing.assert_allclose(slopes.ln_c_theta[:, :, number], by_ln_c, atol=AGREEMENT)
        np.testing.assert_allclose(slopes.occupancy_theta[:, :, number], by_occupancy, atol=AGREEMENT)


@pytest.mark.parametrize("component", [0, 1, 2])
def test_derivatives_by_totals_agree_with_central_differences(
    cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray], component: int
) -> None:
    """Relative changes of each total, through all that holds the component."""
    totals, particles = cluster_points
    batch = prepare(cluster, totals, particles)
    slopes = batch.derivatives(batch.solve(), np.eye(len(cluster.ln_weight)))
    factor = np.ones(3)
    factor[component] += STEP
    above = solve(cluster, totals * factor, particles)
    factor[component] -= 2.0 * STEP
    below = solve(cluster, totals * factor, particles)
    size = totals[:, component, np.newaxis]
    ln_c, occupancy = (above.ln_c - below.ln_c) / (2.0 * STEP), (above.occupancy - below.occupancy) / (2.0 * STEP)
    np.testing.assert_allclose(slopes.ln_c_totals[:, :, component] * size, ln_c, atol=AGREEMENT)
    np.testing.assert_allclose(slopes.occupancy_totals[:, :, component] * size, occupancy, atol=AGREEMENT)


def test_derivatives_by_hosts_agree_with_central_differences(
    cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray]
) -> None:
    """More particles at the same totals of ligands."""
    totals, particles = cluster_points
    batch = prepare(cluster, totals, particles)
    slopes = batch.derivatives(batch.solve(), np.eye(len(cluster.ln_weight)))
    above, below = solve(cluster, totals, particles * (1.0 + STEP)), solve(cluster, totals, particles * (1.0 - STEP))
    ln_c, occupancy = (above.ln_c - below.ln_c) / (2.0 * STEP), (above.occupancy - below.occupancy) / (2.0 * STEP)
    np.testing.assert_allclose(slopes.ln_c_hosts[:, :, 0] * particles, ln_c, atol=AGREEMENT)
    np.testing.assert_allclose(slopes.occupancy_hosts[:, :, 0] * particles, occupancy, atol=AGREEMENT)


def test_eliminated_components_have_the_derivatives_of_the_closed_form(host_guest: Problem) -> None:
    """The sensitivity of [HG] to ln K at half binding is that of the quadratic."""
    batch = prepare(host_guest, [[1e-4, 1e-4]])
    solution = batch.solve()
    h, g, hg = np.exp(solution.ln_c[0])
    slopes = batch.derivatives(solution, np.array([[0.0], [0.0], [1.0]]))
    # d ln HG = d ln K + d ln H + d ln G with dH = dG = -dHG.
    expected = 1.0 / (1.0 + hg / h + hg / g)
    assert slopes.ln_c_theta[0, 2, 0] == pytest.approx(expected, rel=1e-11)


def test_scaling_everything_is_one_of_the_directions(host_guest: Problem) -> None:
    """Euler: scaling totals by s and K by 1/s scales every concentration by s."""
    batch = prepare(host_guest, [[3e-4, 5e-4]])
    solution = batch.solve()
    slopes = batch.derivatives(solution, np.array([[0.0], [0.0], [1.0]]))
    total = slopes.ln_c_totals[0] @ np.array([3e-4, 5e-4]) - slopes.ln_c_theta[0, :, 0]
    np.testing.assert_allclose(total, 1.0, rtol=1e-11)


def test_what_is_absent_has_no_derivative(host_guest: Problem) -> None:
    """Rows of absent species and unsolved points are zero, so that sums over them stay finite."""
    batch = prepare(host_guest, [[1e-3, 0.0], [1e-3, np.nan]])
    slopes = batch.derivatives(batch.solve(), np.eye(3))
    assert slopes.ln_c_totals[0, 0, 0] == pytest.approx(1e3)
    assert not slopes.ln_c_theta[0, 1:].any()
    assert not slopes.ln_c_totals[1].any()


def test_derivatives_by_a_held_activity(host_guest: Problem) -> None:
    """With G held, d ln HG / d ln a is 1 - theta at constant total host."""
    activity = 2e-4
    batch = prepare(host_guest, [[1e-3, activity]], is_fixed=[False, True])
    slopes = batch.derivatives(batch.solve(), np.eye(3))
    bound = 1e4 * activity / (1.0 + 1e4 * activity)
    assert slopes.ln_c_totals[0, 2, 1] * activity == pytest.approx(1.0 - bound, rel=1e-12)
    assert slopes.ln_c_totals[0, 1, 1] * activity == pytest.approx(1.0, rel=1e-12)


def test_directions_followed_while_solving_are_combinations_of_the_derivatives(
    cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray]
) -> None:
    """What is found in the pass that solves is what derivatives by weights and totals add up to."""
    random = np.random.default_rng(11)
    batch = prepare(cluster, *cluster_points)
    directions = Directions(random.normal(size=(3, len(cluster.ln_weight))), random.normal(size=(3, 4)))
    solution, slopes = batch.solve_along(directions)
    single = batch.derivatives(solution, np.eye(len(cluster.ln_weight)))
    for rows, parts in (
        (slice(4), (single.ln_c_theta, single.ln_c_totals, single.ln_c_hosts)),
        (slice(4, None), (single.occupancy_theta, single.occupancy_totals, single.occupancy_hosts)),
    ):
        expected = parts[0] @ directions.by_weight.T + np.concatenate(parts[1:], axis=2) @ directions.by_source.T
        # Sums of terms of both signs: their rounding is measured by the largest.
        np.testing.assert_allclose(slopes[:, rows], expected, atol=1e-12 * np.abs(expected).max())


def test_points_solved_in_other_coordinates_have_their_derivatives(host_guest: Problem) -> None:
    """At exact equivalence of K = 1e30 the free guest falls by half of what K gains; an infeasible point has zeros."""
    directions = Directions(np.array([[0.0, 0.0, 1.0]]), np.zeros((1, 2)))
    batch = prepare(host_guest, [[1e-3, 1e-3], [-1e-3, 1e-3], [1e-3, 2e-3]])
    solution, slopes = batch.solve_along(directions, np.log([1.0, 1.0, 1e30]))
    assert solution.status.tolist() == [Status.SOLVED, Status.INFEASIBLE, Status.SOLVED]
    np.testing.assert_allclose(slopes[0, :, 0], [-0.5, -0.5, 0.0], atol=1e-9)
    assert not slopes[1].any()
    np.testing.assert_allclose(slopes[2, :, 0], [-1.0, 0.0, 0.0], atol=1e-9)


def test_threads_change_no_derivative(shell: Problem) -> None:
    """A large batch gives the same bits of derivatives on one thread and on two."""
    random = np.random.default_rng(6)
    particles = 10.0 ** random.uniform(-6, -3, 20_000)
    totals = np.column_stack((51.0 * particles, 10.0 ** random.uniform(-6, -2, 20_000)))
    directions = Directions(np.eye(5)[4:], np.zeros((1, 3)))
    one, two = (
        prepare(shell, totals, particles[:, np.newaxis], n_threads=n).solve_along(directions)[1] for n in (1, 2)
    )
    np.testing.assert_array_equal(one, two)


def test_no_point_depends_on_its_batch(cluster: Problem, cluster_points: tuple[np.ndarray, np.ndarray]) -> None:
    """Some points, in another order, give the bits of solutions and derivatives that they give among all."""
    totals, particles = (np.repeat(each, 9, axis=0) for each in cluster_points)
    totals *= np.geomspace(0.3, 3.0, len(totals))[:, np.newaxis]
    directions = Directions(np.eye(len(cluster.ln_weight)), np.zeros((len(cluster.ln_weight), 4)))
    together, along = prepare(cluster, totals, particles).solve_along(directions)
    some = np.random.default_rng(2).permutation(len(totals))[:37]
    apart, slopes = prepare(cluster, totals[some], particles[some]).solve_along(directions)
    assert apart.outputs.tobytes() == together.outputs[some].tobytes()
    assert slopes.tobytes() == along[some].tobytes()
