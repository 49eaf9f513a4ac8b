"""The minimiser on problems whose minima are known."""

from __future__ import annotations

import numpy as np

from surfacechem.fitting.lanes import minimise

WIDE = np.full(2, 50.0)


def rosenbrock(parameters: np.ndarray, lanes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return residuals 10 (y - x^2) and 1 - x, whose common zero is (1, 1)."""
    x, y = parameters.T
    residual = np.stack([10 * (y - x**2), 1 - x], axis=1)
    jacobian = np.zeros((len(x), 2, 2))
    jacobian[:, 0, 0], jacobian[:, 0, 1], jacobian[:, 1, 0] = -20 * x, 10.0, -1.0
    return residual, jacobian, np.ones(len(lanes), dtype=bool)


def test_every_lane_reaches_the_valley_floor() -> None:
    """Starts all around Rosenbrock's valley end at (1, 1)."""
    start = np.stack(np.meshgrid([-3.0, 0.0, 4.0], [-2.0, 5.0]), axis=-1).reshape(-1, 2)
    found = minimise(rosenbrock, start, lower=-WIDE, upper=WIDE)
    assert found.is_converged.all()
    np.testing.assert_allclose(found.parameters, 1.0, atol=1e-9)


def test_fixed_parameter_stays() -> None:
    """With x held at 2 the best y is 4."""
    is_fixed = np.array([[True, False]])
    found = minimise(rosenbrock, np.array([[2.0, 0.0]]), lower=-WIDE, upper=WIDE, is_fixed=is_fixed)
    np.testing.assert_allclose(found.parameters, [[2.0, 4.0]])


def test_bound_holds_and_the_rest_still_moves() -> None:
    """With x at most 0.5 the minimum is at (0.5, 0.25)."""
    found = minimise(rosenbrock, np.array([[-1.0, 3.0]]), lower=-WIDE, upper=np.array([0.5, 50.0]))
    assert found.is_converged.all()
    np.testing.assert_allclose(found.parameters, [[0.5, 0.25]], atol=1e-9)


def test_step_into_the_unsolvable_is_taken_back() -> None:
    """Lanes whose trial cannot be solved shorten the step instead of failing."""

    def walled(parameters: np.ndarray, lanes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        residual, jacobian, _ = rosenbrock(parameters, lanes)
        return residual, jacobian, parameters[:, 1] > -0.5

    found = minimise(walled, np.array([[-1.2, 1.0]]), lower=-WIDE, upper=WIDE)
    np.testing.assert_allclose(found.parameters, 1.0, atol=1e-9)


def test_unsolvable_start_is_reported() -> None:
    """A lane that cannot even begin has infinite cost and has not converged."""

    def unsolvable(parameters: np.ndarray, lanes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        residual, jacobian, _ = rosenbrock(parameters, lanes)
        return residual, jacobian, np.zeros(len(lanes), dtype=bool)

    found = minimise(unsolvable, np.zeros((1, 2)), lower=-WIDE, upper=WIDE)
    assert np.isinf(found.cost).all()
    assert not found.is_converged.any()


def test_lanes_do_not_disturb_each_other() -> None:
    """A lane ends at the same bits alone and among others."""
    start = np.array([[-1.2, 1.0], [3.0, 2.0], [0.0, 0.0]])
    together = minimise(rosenbrock, start, lower=-WIDE, upper=WIDE).parameters
    alone = [minimise(rosenbrock, row[np.newaxis], lower=-WIDE, upper=WIDE).parameters[0] for row in start]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_minimum_with_large_residuals_is_recognised() -> None:
    """Where Gauss-Newton steps overshoot fivefold the lane still knows that it has come to rest."""

    def steep(parameters: np.ndarray, lanes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x = parameters[:, 0]
        residual = np.stack([x + 1, -5 * x**2 + x - 1], axis=1)
        jacobian = np.stack([np.ones_like(x), 1 - 10 * x], axis=1)[:, :, np.newaxis]
        return residual, jacobian, np.ones(len(lanes), dtype=bool)

    found = minimise(steep, np.array([[0.3]]), lower=-WIDE[:1], upper=WIDE[:1])
    assert found.is_converged.all()
    np.testing.assert_allclose(found.parameters, 0.0, atol=1e-4)
