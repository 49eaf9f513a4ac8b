"""Regions of two parameters: exact for linear models, open where the data do not end them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from scipy.stats import chi2, f

from surfacechem.constants import LN10
from surfacechem.errors import FitError, UnknownNameError
from surfacechem.fitting import Correction, Refit, contour, fit, refit
from surfacechem.fitting.contours import _region
from surfacechem.fitting.estimate import Scale
from surfacechem.fitting.objective import Costs
from surfacechem.fitting.tracing import Edge
from surfacechem.fitting.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

NAMES = ("K[1]", "K[2]")
SEEN = "observe A = spectrum(HG, HG2)"


class Linear:
    """Residuals that are linear in the parameters."""

    def __init__(self, design: np.ndarray, *, reach: float = 50.0) -> None:
        self.design = design
        n = design.shape[1]
        self.parameters = SimpleNamespace(
            names=tuple(f"K[{k + 1}]" for k in range(n)), lower=np.full(n, -reach), upper=np.full(n, reach)
        )

    def evaluate(self, trial: np.ndarray, noise: np.ndarray, lanes: object = None) -> tuple[np.ndarray, ...]:  # noqa: ARG002  (as an objective)
        """Return residuals and Jacobian of the lanes."""
        slopes = np.broadcast_to(self.design, (len(trial), *self.design.shape))
        return trial @ self.design.T, slopes, np.ones(len(trial), dtype=bool)

    def block_costs(self, trial: np.ndarray) -> Costs:
        """Return the sum of squares."""
        n_lanes = len(trial)
        squares = np.sum((trial @ self.design.T) ** 2, axis=1, keepdims=True)
        return Costs(squares, np.zeros((n_lanes, 1), dtype=np.intp), np.ones(n_lanes, dtype=bool))

    def prior_cost(self, trial: np.ndarray) -> np.ndarray:
        """Return zeros."""
        return np.zeros(len(trial))


def linear(design: np.ndarray, *, dof: float = np.inf, reach: float = 50.0) -> Refit:
    """Return a linear fit with its minimum at the origin."""
    n = design.shape[1]
    covariance = SimpleNamespace(
        matrix=np.linalg.pinv(design.T @ design), noise=np.ones(1), student_dof=np.full(n, dof), stretch=np.ones(n)
    )
    objective = cast("Any", Linear(design, reach=reach))
    result = SimpleNamespace(
        minima=(SimpleNamespace(log10_values=np.zeros(n)),),
        scales=tuple(Scale(name=name) for name in objective.parameters.names),
        caveat=tuple,
    )
    return Refit(objective=objective, best=np.zeros(n), covariance=cast("Any", covariance), result=cast("Any", result))


def area_of(polygon: np.ndarray) -> float:
    """Return the area to the left of a closed line, by Gauss's formula."""
    x, y = polygon.T
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


@pytest.mark.parametrize("dof", [np.inf, 7.0])
@pytest.mark.parametrize("n_parameters", [2, 3])
@pytest.mark.parametrize("correlation", [0.0, -0.9, 0.9999])
def test_linear_model_gives_the_ellipse(n_parameters: int, correlation: float, dof: float) -> None:
    """Every line of a linear model is the ellipse of its covariance at the quantile of chi squared or F."""
    root = np.eye(n_parameters)
    root[1, :2] = correlation, np.sqrt(1 - correlation**2)
    root[2:, 0] = 0.5
    fitted = linear(np.linalg.inv(root), dof=dof)
    for region in contour(fitted, NAMES).regions:
        squares = chi2.ppf(region.level, 2) if np.isinf(dof) else 2 * f.ppf(region.level, 2, dof)
        assert region.is_closed
        (line,) = region.lines
        np.testing.assert_array_equal(line[0], line[-1])
        distance = np.linalg.solve(root[:2, :2], LN10 * line.T)
        # places are followed until the root is right to 0.3 %
        np.testing.assert_allclose((distance**2).sum(axis=0), squares, rtol=6.1e-3)
        # a polygon of 9 degrees a step is smaller than its circle by a sixth of the square of the angle
        inside = np.pi * squares * abs(np.linalg.det(root[:2, :2])) / LN10**2
        assert area_of(region.areas[0]) == pytest.approx(inside, rel=0.01)


def test_ellipse_reaches_as_far_as_it_should() -> None:
    """The extent of each region is that of the ellipse, root of the quantile times the standard error."""
    narrow, wide = contour(linear(np.eye(2)), NAMES).regions
    assert wide.extent(0)[1] == pytest.approx(np.sqrt(chi2.ppf(0.95, 2)) / LN10, rel=2e-3)
    assert narrow.extent(1)[0] == pytest.approx(-np.sqrt(chi2.ppf(0.68, 2)) / LN10, rel=2e-3)


def test_region_cut_by_a_bound_is_open() -> None:
    """Where the box ends before the misfit has risen, the region is open there and has no extent."""
    found = contour(linear(np.eye(2), reach=2.0), NAMES)
    narrow, wide = found.regions
    assert narrow.is_closed
    assert wide.open_to == ("small and large K[1]", "small and large K[2]")
    assert wide.extent(0) == (None, None)
    assert found.facts[0].name == "open"
    assert "open" in str(found)


def test_region_that_nothing_ends_has_no_line(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Two constants of which three points tell nothing are open to all sides, which used to fail."""
    model, data = binding(truth=1e-3, noise=2.0, n_points=3, observe=f"S[12] HG + Guest <=> HG2 ; K = fit /M\n{SEEN}")
    region = contour(refit(model, data, fit(model, data)), ("K[11]", "K[12]")).regions[0]
    assert region.lines == ()
    assert len(region.areas) == 1
    assert len(region.open_to) == 2


def test_ratio_alone_gives_an_endless_valley() -> None:
    """Where only a ratio is determined the valley runs from wall to wall, and is said to."""
    found = contour(linear(np.array([[10.0, -10.0]])), NAMES)
    wide = found.regions[-1]
    assert wide.open_to == ("small and large K[1]", "small and large K[2]")
    half_width = np.sqrt(wide.critical) / 10 / LN10
    assert len(wide.lines) == 2
    for line in wide.lines:
        np.testing.assert_allclose(np.abs(line[:, 0] - line[:, 1]), half_width, rtol=3.1e-3)
    # a strip between two parallels through a window of six decades: corners are cut off
    (area,) = wide.areas
    assert area_of(area) == pytest.approx(6.0**2 - (6.0 - half_width) ** 2, rel=5e-3)


def test_region_of_a_fit_holds_its_intervals(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Constant and active share together reach farther than each alone."""
    model, data = binding(truth=1e4, n_points=25)
    shares = [Correction(feed="Host")]
    result = fit(model, data, corrections=shares)
    names = ("K[11]", "active[Host]")
    wide = contour(refit(model, data, result, corrections=shares), names).regions[-1]
    assert wide.is_closed
    for number, name in enumerate(names):
        inner, outer = result[name].log10_interval, wide.extent(number)
        assert np.array(outer[0]) < np.array(inner[0]) < np.array(inner[1]) < np.array(outer[1])


def test_region_with_a_line_on_one_side_keeps_both_ends() -> None:
    """Against a wall a line may run below the best place only; its highest place once became the upper end."""
    line = np.array([[0.0, -1.0], [1.0, -1.1]])
    found = _region(
        Edge(lines=(line,), areas=(line,), is_whole=True, lowest=0.0),
        Window(np.full(2, -5.0), np.full(2, 5.0), np.full(2, 10.0)),
        (Scale(name="K[1]"), Scale(name="K[2]")),
        level=0.95, critical=4.0, best=np.zeros(2), ends=np.array([[-2.0, 2.0], [-1.05, 0.5]]),
    )  # fmt: skip
    np.testing.assert_allclose(np.array(found.extent(1)) * LN10, [-1.1, 0.5])


@pytest.mark.parametrize("wall", [3.0, 4.6, 6.1])
def test_valley_cut_by_a_wall_is_open_there(wall: float) -> None:
    """A valley that ends where two of its parameters meet their walls, between nodes too, does not end by itself."""
    fitted = linear(np.array([[300.0, 0.0, 300.0], [0.0, 300.0, -300.0]]))
    box = fitted.objective.parameters
    box.lower[1:], box.upper[1:] = -wall, wall
    regions = contour(fitted, ("K[1]", "K[3]")).regions
    assert all("small and large K[3]" in region.open_to for region in regions)


class Bent(Linear):
    """A valley along the parabola K[2] = K[1]^2 (natural logarithms), tight across and closed at both ends."""

    def __init__(self) -> None:
        super().__init__(np.diag([1.0, 10.0]))

    def evaluate(self, trial: np.ndarray, noise: np.ndarray, lanes: object = None) -> tuple[np.ndarray, ...]:
        """Return residuals and Jacobian of the lanes."""
        unbent = trial - np.column_stack([np.zeros(len(trial)), trial[:, 0] ** 2])
        residual, slopes, is_solved = super().evaluate(unbent, noise, lanes)
        slopes = slopes.copy()
        slopes[:, 1, 0] = -20.0 * trial[:, 0]
        return residual, slopes, is_solved

    def block_costs(self, trial: np.ndarray) -> Costs:
        """Return the sum of squares."""
        return super().block_costs(trial - np.column_stack([np.zeros(len(trial)), trial[:, 0] ** 2]))


def test_bent_region_is_drawn_as_it_is() -> None:
    """A line is followed round any bend: its places have the critical rise, and a sheared circle keeps its area."""
    fitted = linear(np.diag([1.0, 10.0]))
    found = contour(replace(fitted, objective=cast("Any", Bent())), NAMES)
    wide = found.regions[-1]
    reach = np.sqrt(chi2.ppf(0.95, 2))
    np.testing.assert_allclose(np.array(wide.extent(0), dtype=float) * LN10, [-reach, reach], rtol=2e-3)
    (line,) = wide.lines
    first, second = line.T * LN10
    np.testing.assert_allclose(first**2 + 100 * (second - first**2) ** 2, reach**2, rtol=0.05)
    assert area_of(line) * LN10**2 == pytest.approx(np.pi * reach**2 / 10, rel=0.01)
    assert [fact.name for fact in found.facts] == ["closed"]


class Double(Linear):
    """Two equal minima at K[1] = e^3 and e^-3, with a barrier between them: the misfit is that of the nearer one."""

    def evaluate(self, trial: np.ndarray, noise: np.ndarray, lanes: object = None) -> tuple[np.ndarray, ...]:
        """Return residuals and Jacobian of the lanes."""
        return super().evaluate(trial - self._nearer(trial), noise, lanes)

    def block_costs(self, trial: np.ndarray) -> Costs:
        """Return the sum of squares."""
        return super().block_costs(trial - self._nearer(trial))

    @staticmethod
    def _nearer(trial: np.ndarray) -> np.ndarray:
        return 3.0 * np.sign(trial[:, :1]) * np.eye(2)[0]


def test_two_minima_give_two_polygons() -> None:
    """Each minimum of the fit that is inside has its own line; the region is said to have two parts."""
    fitted = linear(np.eye(2))
    there = np.array([[3.0, 0.0], [-3.0, 0.0]])
    result = cast("Any", fitted.result)
    result.minima = tuple(SimpleNamespace(log10_values=each / LN10) for each in there)
    both = replace(fitted, objective=cast("Any", Double(np.eye(2))), best=there[0])
    found = contour(both, NAMES, levels=[0.5])
    (region,) = found.regions
    assert sorted(round(float(line[:, 0].mean() * LN10)) for line in region.lines) == [-3, 3]
    assert len(region.areas) == 2
    assert found.facts[0].name == "parts"


def test_line_that_cannot_be_followed_is_said_to_be_broken() -> None:
    """Where equilibria are unsolved in a part of the plane, what is drawn is said to be a part."""

    class Lost(Linear):
        def evaluate(self, trial: np.ndarray, noise: np.ndarray, lanes: object = None) -> tuple[np.ndarray, ...]:
            residual, slopes, _ = super().evaluate(trial, noise, lanes)
            return residual, slopes, ~((trial[:, 0] > 0.5) & (trial[:, 1] > 0.5))

    found = contour(replace(linear(np.eye(2)), objective=cast("Any", Lost(np.eye(2)))), NAMES)
    assert not found.regions[-1].is_whole
    assert found.regions[-1].areas == ()
    assert found.facts[0].name == "broken"
    assert not found.is_valid


def test_strangers_are_refused(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Both must be fitted, and be two."""
    model, data = binding()
    fitted = refit(model, data, fit(model, data))
    with pytest.raises(UnknownNameError, match=r"K\[21\]"):
        contour(fitted, ("K[11]", "K[21]"))
    with pytest.raises(FitError, match="twice"):
        contour(fitted, ("K[11]", "K[11]"))


def test_coupling_goes_by_its_energy() -> None:
    """``w[1]`` and ``W[1]`` give one region, with the energy of W in kJ/mol in lines, table and extent."""
    fitted = linear(np.eye(2))
    cast("Any", fitted.objective).parameters.names = "K[1]", "W[1]"
    cast("Any", fitted.result).scales = Scale(name="K[1]"), Scale(name="w[1]", unit="kJ/mol", per_decade=5.7)
    by_energy, by_constant = (contour(fitted, ("K[1]", name)) for name in ("w[1]", "W[1]"))
    assert by_energy.names == by_constant.names == ("K[1]", "w[1]")
    assert by_energy.regions[0].extent(1) == by_constant.regions[0].extent(1)
    reach = np.sqrt(chi2.ppf(0.95, 2)) / LN10
    lower, upper = by_energy.regions[1].extent(1)
    assert (lower, upper) == pytest.approx((-5.7 * reach, 5.7 * reach), rel=2e-3)
    assert by_energy.regions[1].lines[0][:, 1].max() == pytest.approx(5.7 * reach, rel=5e-3)
    assert str(by_energy.to_table().rows[1][2]) == "0 ± 6 kJ/mol"
    with pytest.raises(FitError, match="twice"):
        contour(fitted, ("w[1]", "W[1]"))
    with pytest.raises(UnknownNameError, match=r"parameter 'w\[2\]'") as raised:
        contour(fitted, ("K[1]", "w[2]"))
    assert (raised.value.found, raised.value.allowed) == ("not fitted", "K[1], w[1]")
