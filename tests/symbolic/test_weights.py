from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.chem.build import SystemBuilder
from surfacechem.errors import ModelError
from surfacechem.symbolic.lower import lower

if TYPE_CHECKING:
    from surfacechem.chem.system import System


def test_conformer_version_replaces_general_reaction(models: dict[str, System]) -> None:
    """Each form has its own constant for the same exchange, even when written in reverse."""
    lowered = lower(models["conformers"])
    bound = lowered.entity_weight_index[lowered.entities.index("Cd-M")]
    names = [constant.name for constant in lowered.constants]
    expected = np.zeros((2, len(names)))
    expected[0, names.index("K[L1]")] = 1
    expected[1, names.index("K[L2]")] = -1
    assert lowered.weight_matrix[list(bound)].tolist() == expected.tolist()


def test_general_reaction_speaks_of_all_forms(models: dict[str, System]) -> None:
    """An exchange written once has the same constant in every conformer."""
    lowered = lower(models["conformers"])
    one, other = lowered.entity_weight_index[lowered.entities.index("S-B")]
    assert lowered.weight_matrix[one].tolist() == lowered.weight_matrix[other].tolist()


def test_conformer_weight_is_its_constant(models: dict[str, System]) -> None:
    """The other form weighs L0 when all its sites are native."""
    lowered = lower(models["conformers"])
    (weight,) = lowered.entity_weight_index[lowered.entities.index("CdS37.beta")]
    assert lowered.problem.ln_weight[weight] == pytest.approx(np.log(1e-3))


def test_state_of_one_form_is_absent_in_the_other() -> None:
    """A reaction of one conformer gives no state to the reference form."""
    model = SystemBuilder()
    model.cluster("C")
    model.site("In", on="C", count=3)
    model.conformer("beta", of="C", L0=0.1)
    model.species("L")
    model.reaction(["In-*", "L"], ["In-L"], K=2.0, conformer="beta")
    host = lower(model.system()).problem.hosts[0]
    assert [[state.name for state in form.factors[0].terms] for form in host.terms] == [["In-*"], ["In-*", "In-L"]]


def test_unknown_conformer_is_refused(models: dict[str, System]) -> None:
    """A reaction of a conformer that its cluster does not have is refused with those it has."""
    written = models["conformers"]
    stray = replace(written.reactions[1], conformer="gamma")
    with pytest.raises(ModelError, match=r"gamma[\s\S]*allowed: beta"):
        lower(replace(written, reactions=(*written.reactions, stray)))


def test_open_ratio_of_forms_is_refused() -> None:
    """Forms that reach one state by unconnected exchanges leave its weights open, which is said."""
    model = SystemBuilder()
    model.cluster("C")
    model.site("In", on="C", count=3, native="A")
    model.conformer("beta", of="C", L0=0.1)
    for name in ("HA", "HB", "A", "B"):
        model.species(name)
    model.reaction(["In-A", "HB"], ["In-B", "HA"], K=2.0)
    model.reaction(["In-A", "B"], ["In-B", "A"], K=2.0, conformer="beta")
    general = model.system()
    # Without the general exchange in beta nothing connects HB with B.
    lowered = lower(general)
    assert lowered.entity_weight_index[lowered.entities.index("In-B")]
    only = replace(general.reactions[0], conformer="alpha")
    alpha = replace(general.conformers[0], name="alpha", constant=replace(general.conformers[0].constant, name="L0[a]"))
    with pytest.raises(ModelError, match=r"in every form"):
        lower(replace(general, reactions=(only, general.reactions[1]), conformers=(alpha, *general.conformers)))
