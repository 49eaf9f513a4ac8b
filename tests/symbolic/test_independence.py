from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.constant import Convention, EquilibriumConstant, Role, StandardState
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.errors import ConventionError, ModelError, UnknownNameError
from surfacechem.symbolic.independence import ln_value
from surfacechem.symbolic.lower import lower

if TYPE_CHECKING:
    from surfacechem.chem.system import System


def ladder(*, direct: float | EquilibriumConstant | None) -> System:
    """Return A + B = AB, AB + B = AB2 and, redundantly, A + 2 B = AB2."""
    model = SystemBuilder()
    for name in ("A", "B", "AB", "AB2"):
        model.species(name)
    model.reaction(["A", "B"], ["AB"], K=100.0)
    model.reaction(["AB", "B"], ["AB2"], K=20.0)
    model.reaction(["A", "2 B"], ["AB2"], K=direct)
    return model.system()


def with_constants(system: System, **changes: EquilibriumConstant) -> System:
    """Return the system with the constants of some reactions replaced."""
    return replace(
        system, reactions=tuple(replace(r, constant=changes.get(r.name, r.constant)) for r in system.reactions)
    )


def test_closing_cycle_is_dropped() -> None:
    """A redundant fixed constant that agrees leaves the weights as they are without it."""
    full = ladder(direct=2000.0)
    lowered, plain = lower(full), lower(replace(full, reactions=full.reactions[:2]))
    assert len(lowered.constants) == 2
    assert lowered.problem.ln_weight == pytest.approx(plain.problem.ln_weight, abs=1e-12)


def test_contradicting_cycle_is_refused_by_name() -> None:
    """Fixed constants that do not close a cycle are refused with the cycle and the gap."""
    with pytest.raises(ModelError, match=r"K\[S1\], K\[S2\], K\[S3\][\s\S]*[+-]0\.301 in log10 K"):
        lower(ladder(direct=4000.0))


def test_free_constant_of_a_cycle_follows() -> None:
    """Where one constant of a cycle is free it is no parameter: the others fix it."""
    lowered = lower(ladder(direct=None))
    assert [constant.name for constant in lowered.constants] == ["K[S1]", "K[S2]"]
    assert lowered.all_values(lowered.theta)[2] == pytest.approx(log(2000.0))


def test_enthalpies_of_a_cycle_must_add_up() -> None:
    """Constants that close a cycle at one temperature must close it at all."""
    system = ladder(direct=2000.0)
    heats = {"S1": -10e3, "S2": -20e3, "S3": -25e3}
    constants = {r.name: replace(r.constant, enthalpy=heats[r.name]) for r in system.reactions}
    with pytest.raises(ModelError, match="enthalpies that miss each other by"):
        lower(with_constants(system, **constants))


def test_same_reaction_twice_is_one_parameter(models: dict[str, System]) -> None:
    """A reaction written again in reverse adds no constant; its own is the inverse of the first."""
    written = models["exchange"]
    (first,) = written.reactions
    free = replace(first.constant, name="K[X2]", role=Role.FREE, log10_value=None)
    again = replace(first, name="X2", left=first.right, right=first.left, constant=free)
    lowered = lower(replace(written, reactions=(first, again)))
    assert [constant.name for constant in lowered.constants] == ["K[X1]"]
    assert lowered.constant_matrix.tolist() == [[1.0], [-1.0]]


def test_particle_and_site_constants_agree_around_a_cycle(models: dict[str, System]) -> None:
    """The statistical factor is part of the cycle: 51 K per particle closes with K per site."""
    written = models["exchange"]
    (first,) = written.reactions
    particle = replace(first.constant.per_particle(n_sites=51), name="K[X2]")
    lowered = lower(replace(written, reactions=(first, replace(first, name="X2", constant=particle))))
    # The later of two equals is the one that follows.
    assert [constant.name for constant in lowered.constants] == ["K[X1]"]
    assert lowered.constant_offset.tolist() == pytest.approx([0.0, log(51)])


def test_tied_constant_is_the_other(models: dict[str, System]) -> None:
    """A tie removes one parameter and gives its weights to the other."""
    written = models["two_clusters"]
    tied = replace(written.reactions[2].constant, role=Role.TIED, tied_to="K[X1]", log10_value=None)
    lowered = lower(with_constants(written, X3=tied))
    names = [constant.name for constant in lowered.constants]
    assert "K[X3]" not in names
    (weight,) = lowered.entity_weight_index[lowered.entities.index("Cd-B")]
    assert lowered.problem.ln_weight[weight] == pytest.approx(log(5.0))


def test_tie_to_nothing_is_refused(models: dict[str, System]) -> None:
    """A tie to a constant that does not exist names those that do."""
    written = models["two_clusters"]
    tied = replace(written.reactions[2].constant, role=Role.TIED, tied_to="K[X9]")
    with pytest.raises(UnknownNameError, match=r"K\[X9\][\s\S]*K\[X1\]"):
        lower(with_constants(written, X3=tied))


def test_tie_across_units_is_refused(models: dict[str, System]) -> None:
    """A per-site exchange constant cannot equal a binding constant."""
    written = models["conformers"]
    tied = replace(written.reactions[0].constant, role=Role.TIED, tied_to="K[X1]")
    with pytest.raises(ConventionError, match="tied to"):
        lower(with_constants(written, L1=tied))


def test_doubled_name_is_refused(models: dict[str, System]) -> None:
    """Two constants of one name could not be told apart in theta."""
    written = models["host_guest"]
    doubled = replace(written.reactions[1].constant, name="K[11]")
    with pytest.raises(ModelError, match="the name twice"):
        lower(with_constants(written, **{"21": doubled}))


def test_mole_fraction_is_refused(models: dict[str, System]) -> None:
    """The solver works in mol/L and says so instead of being off by 6 kJ/mol."""
    constant = replace(models["host_guest"].reactions[0].constant, standard_state=StandardState.MOLE_FRACTION)
    with pytest.raises(ConventionError, match="to_molar"):
        lower(with_constants(models["host_guest"], **{"11": constant}))


def test_particle_constant_of_two_sites_is_refused(models: dict[str, System]) -> None:
    """There is no first step of one site where a ligand takes two."""
    constant = replace(models["dianion"].reactions[0].constant, convention=Convention.PER_PARTICLE)
    with pytest.raises(ConventionError, match="not exactly one site"):
        lower(with_constants(models["dianion"], X1=constant))


def test_step_beyond_the_sites_is_refused(models: dict[str, System]) -> None:
    """Step 52 of 51 sites does not exist."""
    written = models["exchange"]
    constant = replace(written.reactions[0].constant, convention=Convention.PER_PARTICLE, step=52)
    with pytest.raises(ConventionError, match="step 52"):
        lower(with_constants(written, X1=constant))


def test_van_t_hoff_moves_a_constant() -> None:
    """D ln K / D (1/T) is -dH/R."""
    constant = replace(EquilibriumConstant.of(250.0, temperature=298.15), enthalpy=-35e3)
    slope = (ln_value(constant, 320.0) - log(250.0)) / (1 / 320.0 - 1 / 298.15)
    assert slope == pytest.approx(35e3 / GAS_CONSTANT)


def test_constant_from_enthalpy_and_entropy() -> None:
    """Without a value, dH and dS give one: -RT ln K = dH - T dS."""
    constant = EquilibriumConstant(name="K", enthalpy=-35e3, entropy=-70.0)
    assert -GAS_CONSTANT * 300 * ln_value(constant, 300.0) == pytest.approx(-35e3 + 300 * 70.0)


def test_unknown_constant_is_nan() -> None:
    """A constant to be fitted has no value, not a default."""
    assert np.isnan(ln_value(EquilibriumConstant(name="K"), 300.0))


def test_rounding_of_typed_constants_is_no_contradiction() -> None:
    """Constants that agree to 1e-6 in log10 close a cycle."""
    constant = EquilibriumConstant.of(2000.0, molar_exponent=-2)
    near = replace(constant, log10_value=constant.known_log10 + 5e-7)
    lowered = lower(ladder(direct=near))
    assert lowered.problem.ln_weight[-1] == pytest.approx(log(2000.0), abs=2e-6 * LN10)
