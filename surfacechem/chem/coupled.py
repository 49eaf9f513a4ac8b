"""How strong couplings between neighbours may be before a mean field has several answers, or a lattice two phases."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING, Final

from surfacechem.chem.arrangement import Pattern
from surfacechem.constants import GAS_CONSTANT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Site, System

__all__ = ["CRITICAL_LATTICE", "CRITICAL_SINGLE", "branch_notes", "is_single_rooted"]

CRITICAL_SINGLE: Final = 4.0
"""w/RT above which one state in a mean field may have three coverages: theta (1 - theta) is at most 1/4."""
CRITICAL_SEVERAL: Final = 2.0
"""The same for the largest eigenvalue among several states: no eigenvalue of their covariance exceeds 1/2."""
CRITICAL_LATTICE: Final = 2 * log(1 + sqrt(2))
"""w/RT at which an infinite square lattice separates: sinh(w/2RT) = 1 (Onsager, Phys. Rev. 65, 117, 1944)."""


def is_single_rooted(ln_coupling: NDArray[np.float64], n_carried: float = 1.0) -> NDArray[np.bool_]:
    """Tell whether a mean field of these couplings has one answer, whatever else there is.

    Only couplings in excess of those with the first state count: the others move no balance between states.

    Parameters
    ----------
    ln_coupling : ndarray, shape (..., n_states, n_states)
        w/RT between states of one site class, the native one first.
    n_carried : float
        Sites that come and go together, where the class is carried by units.
    """
    import numpy as np

    with_first = ln_coupling[..., 0, :]
    excess = ln_coupling - with_first[..., np.newaxis] - with_first[..., np.newaxis, :]
    excess = (excess + with_first[..., :1, np.newaxis])[..., 1:, 1:]
    is_alone = excess.any(axis=-1).sum(axis=-1) <= 1
    largest = np.linalg.eigvalsh(np.nan_to_num(excess)).max(axis=-1, initial=0.0)
    return np.asarray(largest <= np.where(is_alone, CRITICAL_SINGLE, CRITICAL_SEVERAL) / n_carried)


def branch_notes(system: System) -> Iterator[str]:
    """Warn of couplings above the critical one."""
    rt = GAS_CONSTANT * system.temperature
    for site in system.sites:
        if site.arrangement is None:
            continue
        told = dict.fromkeys(tuple(_couplings(system, site, name)) for name in system.form_names)
        for coupled in (tuple(_couplings(system, site, None)), *told):
            named = " and ".join(f"{_name(c)} = {-(c.enthalpy or 0.0) / 1e3:.4g} kJ/mol" for _, c in coupled)
            if not coupled or any(constant.enthalpy is None for _, constant in coupled):
                continue
            if site.arrangement.is_mean_field and not is_single_rooted(*_matrix(site, coupled, rt)):
                yield (
                    f"{named}: above the critical coupling (4RT = {CRITICAL_SINGLE * rt / 1e3:.4g} kJ/mol for one "
                    "ligand), the mean field may have several answers"
                )
            strongest = max(-(constant.enthalpy or 0.0) for _, constant in coupled)
            if site.arrangement.pattern is Pattern.LATTICE and strongest > CRITICAL_LATTICE * rt:
                yield (
                    f"{named}: above {CRITICAL_LATTICE * rt / 1e3:.4g} kJ/mol = 1.763 RT an infinite square lattice "
                    "separates into two phases; the cylinder has one answer, steep in coverage"
                )


def _name(constant: EquilibriumConstant) -> str:
    return constant.name.replace("W", "w", 1)


Coupled = tuple[tuple[frozenset[str], "EquilibriumConstant"], ...]


def _couplings(
    system: System, site: Site, conformer: str | None
) -> Iterator[tuple[frozenset[str], EquilibriumConstant]]:
    """Yield the pairs of states of a site class that are coupled in a form."""
    for states, number in system.couplings_of(conformer).items():
        if system.couplings[number].first.site == site.name:
            yield states, system.couplings[number].constant


def _matrix(site: Site, coupled: Coupled, rt: float) -> tuple[NDArray[np.float64], float]:
    """Return w/RT between all coupled states, the native one first, and how many sites come and go together."""
    import numpy as np

    native = f"{site.name}-{site.native}"
    names = list(dict.fromkeys([native, *(name for states, _ in coupled for name in sorted(states))]))
    matrix = np.zeros((len(names), len(names)))
    for states, constant in coupled:
        rows = [names.index(name) for name in states]
        matrix[rows[0], rows[-1]] = matrix[rows[-1], rows[0]] = -(constant.enthalpy or 0.0) / rt
    return matrix, 1.0 if site.holder is None else float(site.count)
