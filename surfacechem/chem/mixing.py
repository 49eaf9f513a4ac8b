"""What keeps constants of different meaning apart: convention, standard state, temperature."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from surfacechem.chem.convention import Convention
from surfacechem.errors import ConventionError

if TYPE_CHECKING:
    from surfacechem.chem.constant import EquilibriumConstant

__all__ = ["is_same_temperature", "refuse_mixing"]

TEMPERATURE_RTOL: Final = 1e-9


def is_same_temperature(first: float, second: float) -> bool:
    """Tell whether two temperatures [K] are the same but for rounding."""
    return math.isclose(first, second, rel_tol=TEMPERATURE_RTOL)


def refuse_mixing(first: EquilibriumConstant, second: EquilibriumConstant) -> None:
    """Refuse to combine two constants.

    Raises
    ------
    ConventionError
        If convention, standard state or temperature differ.
    """
    pair = f"{first.name} and {second.name}"
    surface = {(k.convention, k.step) for k in (first, second) if k.convention is not Convention.SOLUTION}
    if len(surface) > 1:
        raise ConventionError(
            pair,
            found=" and ".join(sorted(_described(*key) for key in surface)),
            allowed="constants of one convention",
            advice="convert with per_site(n_sites=...): on 51 sites the first step is 51 times the per-site constant",
        )
    if first.standard_state is not second.standard_state:
        raise ConventionError(
            pair,
            found=f"standard states '{first.standard_state}' and '{second.standard_state}'",
            allowed="constants of one standard state",
            advice="convert with to_molar(solvent=...): in a 12.5 mol/L solvent they differ by 6 kJ/mol",
        )
    temperatures = [k.temperature for k in (first, second) if k.temperature is not None]
    if len(temperatures) > 1 and not is_same_temperature(*temperatures):
        raise ConventionError(
            pair,
            found=f"{temperatures[0]:g} K and {temperatures[1]:g} K",
            allowed="constants at one temperature",
            advice="bring one to the other's with at(temperature), which needs its dH",
        )


def _described(convention: Convention, step: int) -> str:
    return f"{convention}, step {step}" if convention is Convention.PER_PARTICLE else f"{convention}"
