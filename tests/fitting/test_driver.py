"""Whole fits of simulated titrations whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import FitError, SolveError, UnknownNameError
from surfacechem.fitting import fit, profile
from surfacechem.network import Bound, Network, Speciation
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

Maker = Callable[..., tuple[Network, Titration]]


@pytest.mark.parametrize("truth", [0.02, 0.83, 1.0, 2.23, 60.0])
def test_exchange_on_51_sites_gives_its_constant_back(exchange: Maker, truth: float) -> None:
    """The interval at 99.9 % holds the true constant per site."""
    network, data = exchange(truth=truth)
    result = fit(network, data, level=0.999)
    lower, upper = result["K[X1]"].log10_interval or (None, None)
    assert result.is_valid
    assert lower is not None
    assert upper is not None
    assert lower < np.log10(truth) < upper


def test_exact_data_give_the_exact_constant(exchange: Maker) -> None:
    """Without noise the constant comes back to nine digits."""
    network, data = exchange(truth=0.83, noise=0.0)
    assert fit(network, data)["K[X1]"].log10_value == pytest.approx(np.log10(0.83), abs=1e-9)


def test_relative_integrals_share_one_scale(exchange: Maker) -> None:
    """Integrals in arbitrary units give the same constant, and one scale factor for both signals."""
    network, data = exchange(truth=1.3, unit="1", scale=40.0, noise=1e-3)
    result = fit(network, data)
    signal = result.datasets[0].signals[0]
    assert result["K[X1]"].log10_value == pytest.approx(np.log10(1.3), abs=0.002)
    assert signal.channels == ("bound", "free")
    assert signal.amplitudes[0, 0] == pytest.approx(40.0, rel=1e-3)
    assert result.n_amplitudes == 1


def test_absolute_integrals_need_no_scale(exchange: Maker) -> None:
    """Integrals in mol/L have no amplitude to fit."""
    network, data = exchange(truth=1.3)
    result = fit(network, data)
    assert result.n_amplitudes == 0
    np.testing.assert_array_equal(result.datasets[0].signals[0].amplitudes, [[1.0]])


def test_irreversible_exchange_gives_a_bound(exchange: Maker) -> None:
    """Where all acid binds (S2a) the data bound K from below only, and the fit says so."""
    network, data = exchange(truth=1e7)
    result = fit(network, data)
    lower, upper = result["K[X1]"].log10_interval or (None, None)
    assert upper is None
    assert lower is not None
    assert lower < 7.0
    assert not result.is_valid
    assert "from below" in result.fact("one-sided").sentence
    assert str(result["K[X1]"].rounded()).startswith(">")


def test_several_data_sets_share_the_constant(binding: Maker) -> None:
    """Two titrations of different concentration and noise determine K better than either."""
    network, one = binding(seed=1, name="one")
    _, two = binding(seed=2, host=3e-4, noise=1e-2, name="two")
    alone = fit(network, one)["K[11]"].log10_stderr
    result = fit(network, [one, two])
    assert alone is not None
    assert (result["K[11]"].log10_stderr or np.inf) < alone
    noise = [data.signals[0].noise for data in result.datasets]
    assert noise == pytest.approx([2e-3, 1e-2], rel=0.3)


def test_estimated_noise_weighs_like_the_true_one(binding: Maker) -> None:
    """Data sets of noise 1:100 give the same constant whether the noise is given or found."""
    given = [binding(seed=1, name="a", sigma=1e-3, noise=1e-3), binding(seed=2, name="b", sigma=0.1, noise=0.1)]
    network = given[0][0]
    expected = fit(network, [data for _, data in given])["K[11]"]
    unsaid = [replace(data, signals=(replace(data.signals[0], sigma=None),)) for _, data in given]
    found = fit(network, unsaid)["K[11]"]
    assert abs((found.log10_value or 0.0) - (expected.log10_value or 0.0)) < 0.02 * (expected.log10_stderr or 0.0)


def test_unknown_concentration_is_fitted(binding: Maker) -> None:
    """A column without values is found from the curve."""
    network, data = binding(noise=1e-4)
    amounts = data.amounts.copy()
    amounts[:, 0] = np.nan
    result = fit(network, replace(data, amounts=amounts))
    assert result["c[Host] of run"].log10_value == pytest.approx(-3.0, abs=0.002)
    assert result["K[11]"].log10_value == pytest.approx(np.log10(3000), abs=0.01)
    np.testing.assert_allclose(result.datasets[0].amounts[:, 0], 1e-3, rtol=0.005)


def test_known_spectrum_is_not_fitted(binding: Maker) -> None:
    """A given molar spectrum is kept and counts as no amplitude."""
    network, data = binding()
    host = np.array([1000.0, 200.0, 0.0])
    result = fit(network, data, known={"A": {"Host": host}})
    signal = result.datasets[0].signals[0]
    np.testing.assert_array_equal(signal.amplitudes[0], host)
    np.testing.assert_array_equal(signal.amplitude_stderr[0], 0.0)
    assert result.n_amplitudes == 6


def test_nonnegative_spectra_are_not_negative(binding: Maker) -> None:
    """Where the free fit gives a negative absorption the bounded one gives zero, and the constant stays where it was.

    A constant found with bounded spectra is pulled to one side: where many of them touch zero, its 95 % interval held
    the truth in 83 of 100 simulated titrations.
    """
    silent = ((1000.0, 200.0, 0.0), (0.0, 0.0, 0.0), (500.0, 900.0, 1200.0))
    network, data = binding(spectra=silent, observe="observe A = spectrum(Host, Guest, HG; nonnegative)")
    free, _ = binding(spectra=silent)
    unbounded, result = fit(free, data), fit(network, data)
    assert (unbounded.datasets[0].signals[0].amplitudes < 0).any()
    assert (result.datasets[0].signals[0].amplitudes >= 0).all()
    assert result["K[11]"].log10_value == pytest.approx(unbounded["K[11]"].log10_value, abs=1e-9)
    assert result["K[11]"].log10_stderr == pytest.approx(unbounded["K[11]"].log10_stderr)
    assert not [fact for fact in result.facts if fact.name == "negative spectra"]


def test_spectra_that_must_be_negative_are_pointed_out(binding: Maker) -> None:
    """A signal below zero is no absorption: bounded spectra do not reach it, and the fit says so."""
    dark = ((1000.0, 200.0, -200.0), (0.0, 0.0, 0.0), (500.0, 900.0, 1200.0))
    network, data = binding(spectra=dark, observe="observe A = spectrum(Host, HG; nonnegative)")
    assert "Host would be negative" in fit(network, data).fact("negative spectra").sentence


def test_prior_pulls(binding: Maker) -> None:
    """A Gaussian prior of 0.5 % moves the estimate almost all the way, and narrows it."""
    network, data = binding(K="2500 +/- 12 /M fit")
    result = fit(network, data)
    assert result["K[11]"].log10_value == pytest.approx(np.log10(2500), abs=0.005)
    assert (result["K[11]"].log10_stderr or 1.0) < 0.003


def test_fixed_constant_is_reported_as_such(binding: Maker) -> None:
    """Nothing to fit is refused with what to write."""
    network, data = binding(K="3000 /M")
    with pytest.raises(FitError, match="every constant is fixed"):
        fit(network, data)


def test_no_data_is_refused(binding: Maker) -> None:
    """A fit needs a titration."""
    network, _ = binding()
    with pytest.raises(FitError, match="one titration or more"):
        fit(network, [])


@pytest.mark.parametrize("level", [95.0, 1.0, 0.0, float("nan")])
def test_level_in_percent_is_refused(binding: Maker, level: float) -> None:
    """A level of 95 used to be taken, and printed as 9500 %."""
    network, data = binding()
    with pytest.raises(FitError, match=r"write 0\.95"):
        fit(network, data, level=level)


def test_stranger_among_the_amounts_is_refused(binding: Maker) -> None:
    """A name that the model does not have is named, with the names it has."""
    network, data = binding()
    with pytest.raises(FitError, match="Gast"):
        fit(network, replace(data, feeds=("Host", "Gast")))


def test_species_that_the_data_lack_is_refused(binding: Maker) -> None:
    """A model whose guest was never added cannot be fitted."""
    network, data = binding()
    with pytest.raises(FitError, match="no amount above zero of Guest"):
        fit(network, replace(data, feeds=("Host",), amounts=data.amounts[:, :1]))


def test_shift_of_what_is_not_there_is_refused(binding: Maker) -> None:
    """A guest shift reported before any guest was added is a slip in the table; the point is named."""
    network, data = binding(observe="observe d = shift(Guest, HG)")
    shift = Signal(
        name="d",
        technique=Technique.NMR_SHIFT,
        channels=("d",),
        values=np.linspace(7, 8, data.n_points)[:, np.newaxis],
        unit="ppm",
    )
    with pytest.raises(FitError, match="at point 0: found a shift, but no amount of Guest or HG"):
        fit(network, replace(data, signals=(shift,)))


def test_constant_signals_are_refused(binding: Maker) -> None:
    """Values that never change hold no constant."""
    network, data = binding()
    flat = replace(data.signals[0], values=np.ones_like(data.signals[0].values))
    with pytest.raises(FitError, match="the same value at every point"):
        fit(network, replace(data, signals=(flat,)))


def test_signal_without_values_is_refused(binding: Maker) -> None:
    """Empty cells throughout used to end in numpy's warnings and 'no start could be solved'."""
    network, data = binding()
    empty = replace(data.signals[0], values=np.full_like(data.signals[0].values, np.nan))
    with pytest.raises(FitError, match="'A' of data 'run': found no value"):
        fit(network, replace(data, signals=(empty,)))


def test_empty_channel_is_left_out_and_noted(binding: Maker) -> None:
    """One wavelength without values costs nothing but itself."""
    network, data = binding()
    values = data.signals[0].values.copy()
    values[:, 1] = np.nan
    result = fit(network, replace(data, signals=(replace(data.signals[0], values=values),)))
    assert result.is_valid
    assert result.notes == ("run: no value in 310 of 'A'; left out.",)


def test_too_few_points_give_no_number(binding: Maker) -> None:
    """Three spectra of three species leave nothing to judge by."""
    network, data = binding(n_points=3)
    result = fit(network, data)
    assert result["K[11]"].log10_interval == (None, None)
    assert str(result["K[11]"].rounded()) == "not determined"
    assert "Too few data" in result.fact("freedom").sentence
    assert result.exit_code == 1


@pytest.mark.parametrize("complex_spectrum", [(1000.0, 200.0, 0.0), (1100.0, 500.0, 500.0)], ids=["host", "sum"])
def test_indistinguishable_spectra_give_no_number(binding: Maker, complex_spectrum: tuple[float, ...]) -> None:
    """A complex that looks like its parts is not seen: any K fits, and the fit says so."""
    guest = (0.0, 0.0, 0.0) if complex_spectrum[0] == 1000.0 else (100.0, 300.0, 500.0)
    network, data = binding(spectra=((1000.0, 200.0, 0.0), guest, complex_spectrum))
    result = fit(network, data)
    # Far from half-binding the columns become dependent; the jump of the misfit there once passed for a bound.
    assert result["K[11]"].log10_interval == (None, None)
    assert not result.is_valid


def test_missing_values_are_left_out(binding: Maker) -> None:
    """Cells without a value change the count, not the constant."""
    network, data = binding()
    values = data.signals[0].values.copy()
    values[3, 1] = values[7] = np.nan
    result = fit(network, replace(data, signals=(replace(data.signals[0], values=values),)))
    assert result.n_values == 45 - 4
    assert result["K[11]"].log10_value == pytest.approx(np.log10(3000), abs=0.1)
    assert np.isfinite(result.datasets[0].signals[0].fitted).all()


def test_order_of_points_does_not_matter(binding: Maker) -> None:
    """A shuffled titration gives the same constant."""
    network, data = binding()
    order = np.random.default_rng(7).permutation(data.n_points)
    shuffled = replace(
        data,
        amounts=data.amounts[order],
        signals=(replace(data.signals[0], values=data.signals[0].values[order]),),
    )
    before, after = fit(network, data)["K[11]"], fit(network, shuffled)["K[11]"]
    assert after.log10_value == pytest.approx(before.log10_value, abs=1e-7)
    assert after.log10_stderr == pytest.approx(before.log10_stderr, rel=1e-6)


def test_intervals_hold_the_truth_as_often_as_they_say(binding: Maker) -> None:
    """Of 120 simulated titrations the 90 % interval misses about 12; more than 24 or less than 3 would be a fault."""
    misses = 0
    for seed in range(120):
        network, data = binding(seed=seed, n_points=8, noise=0.01)
        lower, upper = fit(network, data, level=0.9)["K[11]"].log10_interval or (None, None)
        misses += not (lower or -np.inf) < np.log10(3000) < (upper or np.inf)
    assert 3 <= misses <= 24


def test_profile_rises_to_the_critical_value_at_the_interval(binding: Maker) -> None:
    """Interpolated at the ends of the interval the profile is the critical rise, and zero at the best value."""
    network, data = binding()
    result = fit(network, data)
    curve = profile(network, data, result, "K[11]")
    interval = [end for end in result["K[11]"].log10_interval or () if end is not None]
    ends = np.interp(interval, curve.log10_values, curve.rise)
    assert len(ends) == 2
    np.testing.assert_allclose(ends, curve.critical, rtol=0.02)
    assert np.interp(curve.best, curve.log10_values, curve.rise) == pytest.approx(0.0, abs=0.02)


def test_profile_of_what_was_not_fitted_is_refused(binding: Maker) -> None:
    """The message lists what was fitted."""
    network, data = binding()
    with pytest.raises(UnknownNameError, match="K\\[11\\]"):
        profile(network, data, fit(network, data), "K[99]")


class Unsolvable(Network):
    """A network that gives up at the last of every `period` points."""

    period = 1

    def bind(self, amounts: ArrayLike | Mapping[str, ArrayLike]) -> Bound:
        """Bind, and mark what cannot be solved."""
        bound = super().bind(amounts)
        solve = bound.solve

        def give_up(theta: np.ndarray, *, derivatives: bool = False) -> Speciation:
            speciation = solve(theta, derivatives=derivatives)
            status = np.zeros(len(speciation.status), dtype=np.int8)
            status[self.period - 1 :: self.period] = 1
            return replace(speciation, status=status)

        def tile(n_lanes: int) -> Bound:
            return self.bind(np.tile(np.asarray(amounts), (n_lanes, 1)))

        bound.solve = give_up  # type: ignore[method-assign]  # the fault to be simulated
        bound.tiled = tile  # type: ignore[method-assign]  # which every lane shows
        return bound


def test_equilibria_that_cannot_be_solved_end_the_fit(binding: Maker) -> None:
    """Where no start can be solved there is an error, not a number."""
    network, data = binding()
    with pytest.raises(SolveError, match="no start could be solved"):
        fit(Unsolvable(network.system), data)
