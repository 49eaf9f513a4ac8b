"""Marquardt's step against the normal equations, and the triangle it is taken from."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.numerics.descent import judge, propose
from surfacechem.numerics.factors import triangulate


@pytest.fixture
def draws() -> np.random.Generator:
    """Return a generator that each test starts anew."""
    return np.random.default_rng(8)


WIDE = np.full(3, 1e3)


def factor(slopes: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Return the triangular factors of ``[J r]`` of slopes (n_lanes, n_parameters, n_residuals)."""
    return triangulate(np.concatenate([np.swapaxes(slopes, 1, 2), residual[..., np.newaxis]], axis=2))


def state_at(triangle: np.ndarray, damping: float) -> tuple[np.ndarray, ...]:
    """Return lanes at zero: parameters, cost, triangle, damping, whether converged."""
    n_lanes, n_parameters = len(triangle), triangle.shape[1] - 1
    cost = np.sum(triangle[:, :, -1] ** 2, axis=1)
    return (
        np.zeros((n_lanes, n_parameters)),
        cost,
        triangle,
        np.full(n_lanes, damping),
        np.zeros(n_lanes),
        np.zeros(n_lanes, dtype=bool),
    )


@pytest.mark.parametrize("n_residuals", [2, 4, 50])
def test_triangle_keeps_all_inner_products(n_residuals: int, draws: np.random.Generator) -> None:
    """The factor of [J r] has the same Gram matrix, with fewer residuals than parameters too."""
    slopes, residual = draws.normal(size=(2, 3, n_residuals)), draws.normal(size=(2, n_residuals))
    both = np.concatenate([slopes, residual[:, np.newaxis]], axis=1)
    triangle = factor(slopes, residual)
    np.testing.assert_allclose(np.swapaxes(triangle, 1, 2) @ triangle, both @ np.swapaxes(both, 1, 2), atol=1e-12)
    assert not np.tril(triangle, -1).any()


def test_step_solves_the_damped_normal_equations(draws: np.random.Generator) -> None:
    """The step p satisfies (J^T J + damping diag(J^T J)) p = -J^T r."""
    slopes, residual = 0.1 * draws.normal(size=(1, 3, 20)), 0.1 * draws.normal(size=(1, 20))
    state = state_at(factor(slopes, residual), 0.3)
    fixed = np.zeros((1, 3), dtype=bool)
    moving, trial, fall = propose(*state, np.arange(1), -WIDE, WIDE, fixed)
    gram = slopes[0] @ slopes[0].T
    expected = np.linalg.solve(gram + 0.3 * np.diag(np.diag(gram)), -slopes[0] @ residual[0])
    assert moving.tolist() == [0]
    np.testing.assert_allclose(trial[0], expected, rtol=1e-12)
    left = residual[0] + expected @ slopes[0]
    np.testing.assert_allclose(fall, [residual[0] @ residual[0] - left @ left], rtol=1e-12)


def test_parameter_that_hardly_acts_does_not_shorten_the_others(draws: np.random.Generator) -> None:
    """A column of rounding errors wants to go a factor of 1e9 away; it is held at 55, and the others take their step.

    Shortened as a whole, the step moved nothing, promised nothing, and the lane was taken for converged.
    """
    slopes, residual = 0.1 * draws.normal(size=(1, 3, 20)), 0.1 * draws.normal(size=(1, 20))
    slopes[0, 1] *= 1e-12
    state = state_at(factor(slopes, residual), 1e-9)
    _, trial, _ = propose(*state, np.arange(1), -WIDE, WIDE, np.zeros((1, 3), dtype=bool))
    expected = np.linalg.lstsq(slopes[0, [0, 2]].T, -residual[0])[0]
    assert abs(trial[0, 1]) == 4.0
    np.testing.assert_allclose(trial[0, [0, 2]], expected, rtol=1e-6)


def test_step_ends_at_the_wall_and_the_others_follow(draws: np.random.Generator) -> None:
    """With one parameter at the wall the others minimise what is left, not what they were to cancel."""
    slopes, residual = 0.1 * draws.normal(size=(1, 3, 20)), 0.1 * draws.normal(size=(1, 20))
    free = np.linalg.lstsq(slopes[0].T, -residual[0])[0]
    lower, upper = np.where(free < 0, 0.1 * free, -1e3), np.where(free > 0, 0.1 * free, 1e3)
    lower[1:], upper[1:] = -1e3, 1e3
    state = state_at(factor(slopes, residual), 1e-12)
    _, trial, fall = propose(*state, np.arange(1), lower, upper, np.zeros((1, 3), dtype=bool))
    held = residual[0] + 0.1 * free[0] * slopes[0, 0]
    rest, left, *_ = np.linalg.lstsq(slopes[0, 1:].T, -held)
    np.testing.assert_allclose(trial[0], [0.1 * free[0], *rest], rtol=1e-9)
    np.testing.assert_allclose(fall, residual[0] @ residual[0] - left, rtol=1e-9)


def test_rejected_step_leaves_the_lane_and_raises_its_damping(draws: np.random.Generator) -> None:
    """A trial that is worse, or that could not be solved, changes nothing but the damping."""
    triangle = factor(draws.normal(size=(2, 3, 20)), draws.normal(size=(2, 20)))
    parameters, cost, triangle, damping, last_fall, _ = state_at(triangle, 1e-3)
    before = cost.copy()
    trial = np.ones((2, 3))
    better, is_solved = np.sqrt(0.5) * triangle, np.array([False, True])
    judge(parameters, cost, triangle, damping, last_fall, np.arange(2), trial, 0.5 * before, better, is_solved)
    np.testing.assert_array_equal(parameters, [[0.0] * 3, [1.0] * 3])
    np.testing.assert_allclose(cost, [before[0], 0.5 * before[1]])
    np.testing.assert_allclose(damping, [1e-2, 1e-4])


@pytest.mark.parametrize(("last_fall", "is_done"), [(0.0, False), (1e-9, False), (1e-2, True)])
def test_last_step_is_taken_unseen_where_falls_shrink_fast(
    last_fall: float,
    is_done: bool,  # noqa: FBT001  (a case)
    draws: np.random.Generator,
) -> None:
    """A fall of 1e-8 after one of 1e-2 promises one of 1e-14; after one of 1e-9, or after none, it promises nothing."""
    slopes = draws.normal(size=(1, 1, 20))
    across = draws.normal(size=20)
    across -= slopes[0, 0] * (across @ slopes[0, 0]) / (slopes[0, 0] @ slopes[0, 0])
    residual = (across / np.linalg.norm(across) + 1e-4 * slopes[0, 0] / np.linalg.norm(slopes[0, 0]))[np.newaxis]
    parameters, cost, triangle, damping, _, is_converged = state_at(factor(slopes, residual), 1e-6)
    state = parameters, cost, triangle, damping, np.array([last_fall])
    moving, *_ = propose(*state, is_converged, np.arange(1), -WIDE[:1], WIDE[:1], np.zeros((1, 1), dtype=bool))
    assert is_converged.tolist() == [is_done]
    assert len(moving) == 1 - is_done
    assert cost[0] == pytest.approx(1.0 + 1e-8 * (1 - is_done), rel=1e-13)
