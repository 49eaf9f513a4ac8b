"""Windows on a plane: where lines leave them, and the areas that lines cut off."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.fitting.window import Window

WINDOW = Window(np.array([0.0, 0.0]), np.array([4.0, 2.0]), np.ones(2))


def area_of(polygon: np.ndarray) -> float:
    """Return the area to the left of a closed line, by Gauss's formula."""
    x, y = polygon.T
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def test_area_is_to_the_left_of_a_line() -> None:
    """A line across the window has half of it on each side, whichever way it runs."""
    upward = np.array([[1.0, 0.0], [1.0, 2.0]])
    (left,) = WINDOW.areas([upward])
    (right,) = WINDOW.areas([upward[::-1]])
    assert (area_of(left), area_of(right)) == (pytest.approx(2.0), pytest.approx(6.0))


def test_strip_between_two_lines_is_one_area() -> None:
    """Two lines that run against each other enclose what is between them; cut corners are left out."""
    (strip,) = WINDOW.areas([np.array([[1.0, 2.0], [1.0, 0.0]]), np.array([[3.0, 0.0], [3.0, 2.0]])])
    assert area_of(strip) == pytest.approx(4.0)
    corners = [np.array([[0.0, 1.0], [1.0, 2.0]]), np.array([[4.0, 1.0], [3.0, 0.0]])]
    cut = WINDOW.areas(corners)
    assert sum(map(area_of, cut)) == pytest.approx(1.0)


def test_way_out_is_cut_at_the_edge() -> None:
    """A step out of the window ends exactly on its edge, and the sides it touches are known."""
    there = WINDOW.cut(np.array([3.0, 1.0]), np.array([5.0, 1.5]))
    np.testing.assert_allclose(there, [4.0, 1.25])
    np.testing.assert_array_equal(WINDOW.sides(there), [[False, True], [False, False]])
    assert area_of(WINDOW.area) == 8.0
