"""Panels of predictions and fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from matplotlib.figure import Figure

from surfacechem import plotting
from surfacechem.constants import HC
from surfacechem.errors import UnknownNameError
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.plotting.style import LINE_STYLES, PALETTE, stretch_y
from surfacechem.prediction import ComponentSpectra, FittedSignal, Prediction, conditions, predict

if TYPE_CHECKING:
    from surfacechem.fitting import Profile

Fitted = Callable[[int], FittedSignal]
PANELS = ["signal", "coverage", "ligands", "speciation", "distribution"]


@pytest.mark.parametrize("name", PANELS)
def test_panel_draws_on_the_axes_it_is_given(prediction: Prediction, name: str) -> None:
    """A caller's axes are used and returned, their figure untouched."""
    ax = Figure().add_subplot()
    assert getattr(plotting, name)(prediction, ax=ax) is ax
    assert ax.has_data()
    assert len(ax.figure.axes) == 1


@pytest.mark.parametrize("name", PANELS)
def test_axes_are_labelled(prediction: Prediction, name: str) -> None:
    """Every panel says what its axes are."""
    ax = getattr(plotting, name)(prediction)
    assert ax.get_xlabel()
    assert ax.get_ylabel()


def test_curves_on_each_other_are_told_apart(prediction: Prediction) -> None:
    """Neighbouring curves differ in colour and in line style."""
    lines = plotting.coverage(prediction).get_lines()
    assert [line.get_linestyle() for line in lines] == list(LINE_STYLES[:3])
    assert [line.get_color() for line in lines] == list(PALETTE[:3])


def test_band_is_drawn_behind_each_curve(prediction: Prediction) -> None:
    """Three curves with errors have three bands."""
    assert len(plotting.coverage(prediction).collections) == 3


def test_unit_prefix_suits_the_numbers(prediction: Prediction) -> None:
    """Concentrations of a few 0.1 mol/L are shown in mmol/L or mol/L, never in bare numbers."""
    assert plotting.speciation(prediction).get_ylabel() == "concentration [mol/L]"


def test_chosen_entities_are_drawn(prediction: Prediction) -> None:
    """The caller may choose; an unknown name is refused."""
    assert len(plotting.speciation(prediction, entities=["C"]).get_lines()) == 1
    with pytest.raises(UnknownNameError, match="entity D"):
        plotting.speciation(prediction, entities=["D"])


def test_minor_species_make_the_axis_logarithmic(prediction: Prediction, curves: Callable[..., object]) -> None:
    """A species a hundred times smaller than another would lie on the axis of a linear plot."""
    speciation = curves("speciation", unit="mol/L")
    small = replace(speciation, values=speciation.values * [1, 0.01, 0.01])
    ax = plotting.speciation(replace(prediction, curves=(small,)))
    assert ax.get_yscale() == "log"


def test_excess_hides_nothing(prediction: Prediction, curves: Callable[..., object]) -> None:
    """Beside a solvent the other species used to count as traces and were left out, all of them."""
    speciation = curves("speciation", unit="mol/L")
    drowned = replace(speciation, values=speciation.values * [1e6, 1.0, 1e-5])
    ax = plotting.speciation(replace(prediction, curves=(drowned,)))
    assert [line.get_label() for line in ax.get_lines()] == ["A", "B"]
    assert ax.get_yscale() == "log"


def test_decades_of_equivalents_stretch_the_axis(prediction: Prediction) -> None:
    """An axis that says where it stops being linear is drawn so."""
    conditions = replace(prediction.conditions, axis=replace(prediction.conditions.axis, linear_to=0.1))
    assert plotting.coverage(replace(prediction, conditions=conditions)).get_xscale() == "asinh"


def test_spectra_are_drawn_over_wavelength(prediction: Prediction) -> None:
    """A predicted signal with wavelengths is drawn as spectra of some points."""
    ax = plotting.signal(prediction, "A")
    assert ax.get_xlabel() == "wavelength [nm]"
    assert 2 <= len(ax.get_lines()) <= 9


def test_counts_of_an_unknown_ligand_are_refused(prediction: Prediction) -> None:
    """What was not predicted cannot be drawn."""
    with pytest.raises(UnknownNameError, match="ligand counts B"):
        plotting.distribution(prediction, "B")


def test_isotherm_has_points_on_curves(fitted: Fitted) -> None:
    """Each of a few channels has a line, symbols and a band."""
    ax = plotting.isotherm(fitted(3))
    assert len(ax.containers) == 3
    assert ax.get_legend() is not None


def test_isotherm_of_concentrations_has_a_fitting_prefix(fitted: Fitted) -> None:
    """Integrals of some millimolar are drawn in mmol/L, points and curves alike."""
    signal = fitted(1)
    small = {name: getattr(signal, name) * 1e-4 for name in ("measured", "fitted", "sigma")}
    curves = replace(signal.curves, values=small["fitted"], lower=None, upper=None, unit="mol/L")
    ax = plotting.isotherm(replace(signal, curves=curves, **small))
    assert ax.get_ylabel() == "A [mmol/L]"
    assert ax.get_lines()[0].get_ydata()[-1] == pytest.approx(small["fitted"][-1, 0] * 1e3)
    assert ax.containers[0].lines[0].get_ydata()[-1] == pytest.approx(small["measured"][-1, 0] * 1e3)


def test_most_telling_channels_are_chosen(fitted: Fitted) -> None:
    """Of a spectrum the channel that moves most is drawn, with its wavelength as name."""
    lines = plotting.isotherm(fitted(100)).get_lines()
    assert next(line.get_label() for line in lines if line.get_linestyle() == "-") == "303 nm"
    assert len(lines) <= 12


def test_residuals_are_in_standard_deviations(fitted: Fitted) -> None:
    """A residual of 0.01 with sigma 0.01 is drawn at one."""
    ax = plotting.residuals(fitted(1))
    assert np.allclose(ax.containers[0].lines[0].get_ydata(), 1.0)


def test_points_not_measured_leave_gaps(fitted: Fitted) -> None:
    """Missing values are no obstacle."""
    signal = fitted(2)
    measured = signal.measured.copy()
    measured[4] = np.nan
    assert len(plotting.fitted_figure(replace(signal, measured=measured)).axes) == 2


def test_measured_spectra_lie_on_fitted_ones(fitted: Fitted) -> None:
    """Points and lines come in pairs."""
    assert len(plotting.spectra(fitted(100)).get_lines()) % 2 == 0


def test_given_spectra_are_dashed(components: ComponentSpectra) -> None:
    """A spectrum that was not fitted is marked as given."""
    ax = plotting.component_spectra(components)
    assert [line.get_linestyle() for line in ax.get_lines()[:2]] == ["-", "--"]
    assert "given" in ax.get_legend().get_texts()[1].get_text()


def test_profile_is_shaded_inside_its_interval(profiled: Profile) -> None:
    """The shaded part ends where the curve crosses the critical rise."""
    ax = plotting.profile(profiled)
    inside = ax.collections[0].get_paths()[0].vertices[:, 0]
    half = np.sqrt(3.84 / 20)
    assert inside.min() == pytest.approx(3 - half, abs=0.06)
    assert inside.max() == pytest.approx(3 + half, abs=0.06)


def test_correlation_prints_numbers_of_what_is_determined() -> None:
    """Each cell of a small matrix has its number; a cell without one stays empty."""
    matrix = np.array([[1.0, -0.9, np.nan], [-0.9, 1.0, np.nan], [np.nan, np.nan, np.nan]])
    ax = plotting.correlation(("a", "b", "c"), matrix)
    assert [text.get_text() for text in ax.texts] == ["1.00", "−0.90", "−0.90", "1.00"]


@pytest.mark.parametrize("name", ["coverage", "ligands", "speciation"])
def test_unsolved_points_are_left_blank(prediction: Prediction, name: str) -> None:
    """Curves of nothing but missing values draw an empty panel, without warnings."""
    blank = tuple(replace(each, values=each.values * np.nan) for each in prediction.curves)
    ax = getattr(plotting, name)(replace(prediction, curves=blank))
    assert np.isnan(ax.get_lines()[0].get_ydata()).all()


FORMS = """cluster Q
site S on Q : 4
conformer beta of Q ; L0 = 0.05 +/- 0.01
L[a] S-* + L <=> S-L ; K = 100 /M
L[b] S-* + L <=> S-L in beta ; K = 5000 /M
observe one = 3 eV of Q ; width = 150 meV, absorptivity = 1e5 /(M cm)
observe two = 3.14 eV of Q.beta ; width = 150 meV, absorptivity = 1e5 /(M cm)
observe place = 3 eV - 0.1 eV * coverage(L)
"""


def forms() -> Prediction:
    """Return the prediction of two forms that turn into each other."""
    network = Network(parse(FORMS))
    return predict(network, conditions(network, {"Q": "10 uM", "L": "0..20 mM in 12"}))


def test_isosbestic_point_is_marked_on_the_spectra() -> None:
    """A ring and the wavelength stand where all spectra cross; nine of them are drawn."""
    ax = plotting.signal(forms(), "absorbance")
    assert [text.get_text() for text in ax.texts] == ["403.9 nm"]
    rings = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert [line.get_xdata() for line in rings] == [pytest.approx([HC / 3.07], abs=0.01)]


def test_position_is_drawn_against_what_comes() -> None:
    """The band moves along the coverage of the ligand that comes, not of what leaves."""
    ax = plotting.position(forms())
    assert ax.get_xlabel() == "fraction of S sites with L"
    x, y = ax.get_lines()[0].get_data()
    assert y == pytest.approx(3 - 0.1 * x)
    with pytest.raises(UnknownNameError, match="place"):
        plotting.position(forms(), "absorbance")


def test_what_stays_free_is_not_drawn() -> None:
    """A ligand in great excess used to press all others together; it is what was put in, once more."""
    network = Network(parse("cluster Q\nsite S on Q : 4\nL S-* + L <=> S-L ; K = 1 /M"))
    found = predict(network, conditions(network, {"Q": "10 uM", "L": "0..2 M in 11"}))
    ax = plotting.speciation(found)
    assert [line.get_label() for line in ax.get_lines()] == ["S-*", "S-L"]
    assert ax.get_yscale() == "linear"
    assert len(plotting.speciation(found, entities=["L", "Q"]).get_lines()) == 2


def test_names_are_printed_as_chemistry() -> None:
    """Counts are subscripts, primes are primes, and a site that holds nothing is vacant."""
    network = Network(parse("cluster InP37\nsite In on InP37 : 4\nL In-* + NH2R' <=> In-NH2R' ; K = 1e4 /M"))
    ax = plotting.coverage(predict(network, conditions(network, {"InP37": "10 uM", "NH2R'": "0..9 equiv per InP37"})))
    assert ax.get_xlabel() == "NH₂R′ [equiv per InP₃₇]"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["vacant", "NH₂R′"]


def test_legend_shows_the_symbols_of_the_points(fitted: Fitted) -> None:
    """Curve and symbol stand side by side, so that a channel is found without its colour."""
    handles = plotting.isotherm(fitted(3)).get_legend().legend_handles
    assert [handle.get_marker() for handle in handles] == ["o", "s", "^"]


@pytest.mark.parametrize(("lowest", "expected"), [(1e-6, ["10⁻⁴", "10⁰"]), (0.01, ["1 × 10⁻⁴", "1"])])
def test_decades_are_written_alike(lowest: float, expected: list[str]) -> None:
    """An axis of many decades has powers of ten alone, one of few has plain numbers."""
    ax = Figure().add_subplot()
    ax.set_ylim(lowest, 1.0)
    stretch_y(ax, lowest)
    assert [ax.yaxis.get_major_formatter()(place, 0) for place in (1e-4, 1.0)] == expected


def test_labels_of_a_well_known_constant_do_not_touch_in_a_column(profiled: Profile) -> None:
    """At 85 mm, decimals of a narrow interval used to be written one after the other without a gap."""
    narrow = replace(profiled, log10_values=np.linspace(-0.726, -0.694, len(profiled.rise)), best=-0.71)
    figure = cast("Figure", plotting.profile(narrow).figure)
    figure.set_size_inches(85 / 25.4, 2.2)
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels() if label.get_text()]
    assert all(left.x1 + left.height < right.x0 for left, right in pairwise(boxes))
