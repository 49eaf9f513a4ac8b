"""Property tests for your own suite: strategies that draw chemistry, and checks that say what does not add up.

Strategies need the extra ``testing`` (hypothesis); the checks do not. ``docs/testing.md`` shows a suite of ten lines.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from surfacechem.testing.balances import assert_conserved, assert_mass_action
    from surfacechem.testing.pieces import Ligand, Particle, clusters, constants, formulas, ligands, quantities
    from surfacechem.testing.pinning import assert_fit_pinned, pin_fit
    from surfacechem.testing.symmetries import (
        assert_detailed_balance,
        assert_monotone_coverage,
        assert_relabel_invariant,
        assert_unit_invariant,
    )
    from surfacechem.testing.systems import Flask, broken_model_texts, feeds, flasks, model_texts, systems
    from surfacechem.testing.titrating import Experiment, experiments, simulate_titration, titrations

_HOMES = {
    "balances": ["assert_conserved", "assert_mass_action"],
    "pieces": ["Ligand", "Particle", "clusters", "constants", "formulas", "ligands", "quantities"],
    "pinning": ["assert_fit_pinned", "pin_fit"],
    "symmetries": [
        "assert_detailed_balance",
        "assert_monotone_coverage",
        "assert_relabel_invariant",
        "assert_unit_invariant",
    ],
    "systems": ["Flask", "broken_model_texts", "feeds", "flasks", "model_texts", "systems"],
    "titrating": ["Experiment", "experiments", "simulate_titration", "titrations"],
}
__getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs=_HOMES)

__all__ = [
    "Experiment",
    "Flask",
    "Ligand",
    "Particle",
    "assert_conserved",
    "assert_detailed_balance",
    "assert_fit_pinned",
    "assert_mass_action",
    "assert_monotone_coverage",
    "assert_relabel_invariant",
    "assert_unit_invariant",
    "broken_model_texts",
    "clusters",
    "constants",
    "experiments",
    "feeds",
    "flasks",
    "formulas",
    "ligands",
    "model_texts",
    "pin_fit",
    "quantities",
    "simulate_titration",
    "systems",
    "titrations",
]
