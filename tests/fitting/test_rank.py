"""How many components stand above the noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.fitting import fit
from surfacechem.fitting.rank import find_rank

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

SHAPES = [(4, 3), (15, 3), (20, 5), (10, 50), (20, 20), (25, 200)]


def product(draws: np.random.Generator, shape: tuple[int, int], rank: int) -> np.ndarray:
    """Return a table of that rank with entries of about 100 per component."""
    return 100 * draws.uniform(0.2, 1.0, (shape[0], rank)) @ draws.uniform(0.2, 1.0, (rank, shape[1]))


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_noise_is_no_component(shape: tuple[int, int], is_known: bool) -> None:  # noqa: FBT001  (a case)
    """Beside one component, noise of any shape is taken for another in about one case of 200 (limit: 6 of 300)."""
    draws = np.random.default_rng(1)
    sigma = np.ones(shape) if is_known else None
    tables = (product(draws, shape, 1) + draws.normal(size=shape) for _ in range(300))
    ranks = [find_rank(table, sigma=sigma) for table in tables]
    assert sum(rank is None or rank.n_components != 1 for rank in ranks) <= 6


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_components_are_counted(rank: int) -> None:
    """Of a product of known rank under noise that rank is found."""
    draws = np.random.default_rng(rank)
    found = find_rank(product(draws, (25, 60), rank) + draws.normal(size=(25, 60)), name="A")
    assert found is not None
    assert found.n_components == rank
    assert found.sentence == f"'A' holds {rank} coloured component{'s' * (rank > 1)} above the noise"


def test_exact_tables_have_their_rank() -> None:
    """Without any noise, what rounding leaves is no component."""
    found = find_rank(product(np.random.default_rng(0), (20, 30), 3))
    assert found is not None
    assert found.n_components == 3


def test_sigma_of_points_and_channels_is_divided_out() -> None:
    """Noise that differs from channel to channel is no component once its sigma is known."""
    draws = np.random.default_rng(5)
    sigma = np.outer(np.ones(30), np.geomspace(1e-3, 1.0, 12))
    values = np.outer(np.linspace(1.0, 2.0, 30), np.ones(12)) + sigma * draws.normal(size=(30, 12))
    found = find_rank(values, sigma=sigma)
    assert found is not None
    assert found.n_components == 1


def test_small_tables_cannot_tell() -> None:
    """Two channels, three whole points or empty channels are too little; a full table says 'at least'."""
    draws = np.random.default_rng(0)
    assert find_rank(draws.normal(size=(20, 2))) is None
    gaps = np.where(np.arange(20)[:, np.newaxis] < 17, np.nan, draws.normal(size=(20, 5)))
    assert find_rank(gaps) is None
    full = find_rank(product(draws, (10, 3), 2) + 1e-3 * draws.normal(size=(10, 3)), name="A")
    assert full is not None
    assert "at least 2" in full.sentence


def test_fit_says_what_the_model_lacks(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """A guest that absorbs beside a model in which it does not is a component more than the model has."""
    spectra = tuple(tuple(draw) for draw in np.random.default_rng(3).uniform(100, 1000, (3, 3)))
    model, data = binding(spectra=spectra, observe="observe A = spectrum(Host, HG)", noise=1e-4, sigma=1e-4)
    fact = fit(model, data).fact("components")
    assert fact.sentence == "'A' holds at least 3 coloured components above the noise; the model has 2."
    assert "drifting baseline" in fact.advice


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_channels_share_is_no_species(seed: int) -> None:
    """Two species and spectra that are shifted at random: two components, and the shifts are named as noise."""
    draws = np.random.default_rng(seed)
    course = np.linspace(0.0, 1.0, 20)
    table = np.column_stack([1 - course, course]) @ draws.uniform(size=(2, 40))
    table += draws.normal(0.0, 1e-3, table.shape) + draws.normal(0.0, 1e-2, (20, 1))
    rank = find_rank(table, name="A")
    assert (rank.n_components, rank.n_rough) == (2, 1)
    assert "1 more without order from point to point" in rank.sentence


def test_flasks_in_any_order_show_their_species() -> None:
    """What changes smoothly along an amount is a species, however the flasks are listed."""
    draws = np.random.default_rng(1)
    order = draws.permutation(20)
    course = np.linspace(0.0, 1.0, 20)[order]
    table = np.column_stack([1 - course, course]) @ draws.uniform(size=(2, 40)) + draws.normal(0.0, 1e-2, (20, 1))
    table += draws.normal(0.0, 1e-3, table.shape)
    rank = find_rank(table, amounts=course[:, np.newaxis])
    assert rank.n_components == 2
