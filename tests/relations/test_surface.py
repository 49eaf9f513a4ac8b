"""Ligands per particle and per area."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfacechem.errors import RangeError
from surfacechem.relations import ClusterWarning, ligand_density, sites_per_particle


@given(density=st.floats(0.1, 10.0), diameter=st.floats(2.0, 20.0))
def test_density_and_count_are_inverse(density: float, diameter: float) -> None:
    """A count over the area of its sphere is the density it came from."""
    n_sites = sites_per_particle(density, diameter=diameter)
    assert n_sites / (4 * math.pi * (diameter / 2) ** 2) == pytest.approx(density)
    assert ligand_density(n_sites, diameter=diameter) == pytest.approx(density)


def test_per_area_is_meaningless_on_a_cluster() -> None:
    """51 ligands on 1.3 nm would be 9.6 per nm2: computed, with a warning that says why it means nothing."""
    with pytest.warns(ClusterWarning, match="ligands per cluster instead of per nm2"):
        assert round(ligand_density(51, diameter=1.3), 1) == 9.6
    with pytest.warns(ClusterWarning, match="molecule of exact formula"):
        sites_per_particle(9.6, diameter=1.3)


@pytest.mark.parametrize("diameter", [0.0, -1.0, math.nan, math.inf])
def test_impossible_spheres_are_refused(diameter: float) -> None:
    """A diameter is a positive finite number."""
    with pytest.raises(RangeError, match="diameter"):
        sites_per_particle(3.0, diameter=diameter)
