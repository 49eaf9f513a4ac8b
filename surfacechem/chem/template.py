"""The template (ME)a(MXn)b of magic-size clusters: how much metal and ligand can leave before the core is bare.

``In37P20(O2CR)51`` is ``(InP)20 (In(O2CR)3)17`` and ``Cd37S20(O2CR)34`` is ``(CdS)20 (Cd(O2CR)2)17``: the 17
Z-type equivalents follow from the formula and the valences.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import format_count
from surfacechem.errors import FormulaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from surfacechem.chem.formula import Formula, Part

__all__ = ["NEUTRALITY_TOLERANCE", "ClusterTemplate", "charge_note", "count_available", "decompose"]

NEUTRALITY_TOLERANCE: Final = Fraction(1, 20)
"""Net charge allowed per metal atom: measured shells are averages (CdSe belts miss neutrality by 0.03)."""

METAL_VALENCES: Final[Mapping[str, int]] = MappingProxyType(
    {"Zn": 2, "Cd": 2, "Hg": 2, "Pb": 2, "Sn": 2, "Al": 3, "Ga": 3, "In": 3, "Ag": 1, "Cu": 1}
)
"""Usual valence of the metal in these semiconductors; overrule it with `charges`."""
ANION_VALENCES: Final[Mapping[str, int]] = MappingProxyType(
    {"O": 2, "S": 2, "Se": 2, "Te": 2, "N": 3, "P": 3, "As": 3, "Sb": 3}
)


@dataclass(frozen=True, kw_only=True)
class ClusterTemplate:
    """A cluster as ``(ME)a (MXn)b``.

    Attributes
    ----------
    metal, anion : str
        M and E.
    n_core : Fraction
        a, formula units of the core material.
    n_z : Fraction
        b, Z-type equivalents: metal beyond the core, all of which may leave as MXn.
    n_per_z : Fraction
        n, monovalent ligands that leave with each metal.
    ligands : tuple of (str, Fraction)
        Groups and halides as written, with their counts.
    charge : Fraction
        Net charge that the formula leaves (0 when neutral) [elementary charges].
    """

    metal: str
    anion: str
    n_core: Fraction
    n_z: Fraction
    n_per_z: Fraction
    ligands: tuple[tuple[str, Fraction], ...]
    charge: Fraction

    @property
    def n_ligands(self) -> Fraction:
        """Number of ligands of all kinds."""
        return sum((count for _, count in self.ligands), Fraction(0))

    def __str__(self) -> str:
        """Return ``(InP)20(In(O2CR)3)17``."""
        shell = "X" if len(self.ligands) != 1 else f"({self.ligands[0][0]})"
        unit = f"{self.metal}{shell}{'' if self.n_per_z == 1 else format_count(self.n_per_z)}"
        return f"({self.metal}{self.anion}){format_count(self.n_core)}({unit}){format_count(self.n_z)}"


def decompose(
    formula: Formula,
    *,
    charges: Mapping[str, int] | None = None,
    tolerance: Fraction = NEUTRALITY_TOLERANCE,
) -> ClusterTemplate:
    """Return the template of a cluster formula.

    Parameters
    ----------
    formula : Formula
        With metal and anion as outermost elements and ligands as halides or groups in brackets.
    charges : mapping of str to int, optional
        Charge of a metal, anion or ligand where it is not the usual one: ``{"O3PR": -2, "NH2R": 0}``. Groups
        count as -1 unless they carry a charge of their own (``[C8H20N^+]0.41``).
    tolerance : Fraction
        Net charge allowed per metal atom where counts are fractional averages; whole counts must be neutral.

    Raises
    ------
    FormulaError
        If the formula does not follow the template or is not neutral within `tolerance`.

    Examples
    --------
    >>> from surfacechem.chem.formula import Formula
    >>> str(decompose(Formula.parse("In37P20(O2CR)51")).n_z)
    '17'
    """
    template = _split(formula, dict(charges or {}))
    atol = tolerance * (template.n_core + template.n_z)
    if abs(_excess(formula, template)) > (atol if is_measured(formula) else 0):
        raise FormulaError(
            f"cluster '{formula}'",
            found=f"a net charge of {float(template.charge):+.4g}",
            allowed=f"neutral; measured averages (fractional counts) within {float(atol):.3g}",
            advice="correct a count, or give the charge of a ligand that is not -1 as charges={'O3PR': -2}",
        )
    return template


def is_measured(formula: Formula) -> bool:
    """Whether a formula has fractional counts, which are averages over a sample."""
    return any(part.count.denominator != 1 for part in formula.parts)


def charge_note(formula: Formula) -> str:
    """Return what is to be said about a cluster that its formula does not leave neutral, else nothing.

    Examples
    --------
    >>> from surfacechem.chem.formula import Formula
    >>> charge_note(Formula.parse("CdSe[Br]0.44[C8H20N^+]0.41"))
    'a net charge of -0.03, within the 0.05 that a measured average may miss'
    """
    try:
        template = _split(formula, {})
    except FormulaError:
        return ""
    excess = _excess(formula, template)
    atol = NEUTRALITY_TOLERANCE * (template.n_core + template.n_z)
    if not excess:
        return ""
    if is_measured(formula) and abs(excess) <= atol:
        return f"a net charge of {float(excess):+.3g}, within the {float(atol):.3g} that a measured average may miss"
    return (
        f"a net charge of {float(excess):+.4g} if each ligand counts -1: correct a count, or write the charge of "
        "another ligand in the formula, e.g. (O3PR^2-)"
    )


def _excess(formula: Formula, template: ClusterTemplate) -> Fraction:
    """Return the charge beyond the one that the formula itself carries."""
    return template.charge - (formula.charge - sum(part.charge * part.count for part in formula.parts))


def _split(formula: Formula, given: dict[str, int]) -> ClusterTemplate:
    """Return the template without asking for neutrality."""
    metals = _sum_parts(part for part in formula.parts if not part.is_group and part.name in METAL_VALENCES)
    anions = _sum_parts(part for part in formula.parts if not part.is_group and part.name in ANION_VALENCES)
    if len(metals) != 1 or len(anions) != 1:
        found = f"{_listed(metals)} as metal and {_listed(anions)} as anion"
        raise _no_template(formula, found, "write the core without brackets and the shell in them: In37P20(O2CR)51")
    (metal, n_metal), (anion, n_anion) = *metals.items(), *anions.items()
    z_metal, z_anion = given.get(metal, METAL_VALENCES[metal]), abs(given.get(anion, -ANION_VALENCES[anion]))
    if z_metal != z_anion or n_metal < n_anion:
        found = f"{format_count(n_metal)} {metal} of valence {z_metal}, {format_count(n_anion)} {anion} of {z_anion}"
        raise _no_template(formula, found, f"give other valences as charges={{'{metal}': {z_anion}}}")
    ligands = [part for part in formula.parts if part.name not in {metal, anion}]
    charge = n_metal * z_metal - n_anion * z_anion + sum(part.count * _charge(part, given) for part in ligands)
    return ClusterTemplate(
        metal=metal,
        anion=anion,
        n_core=n_anion,
        n_z=n_metal - n_anion,
        n_per_z=Fraction(z_metal),
        ligands=tuple(_sum_parts(ligands).items()),
        charge=charge,
    )


def count_available(formula: Formula, native: str, ligand: Formula | None) -> Fraction:
    """Return how many of a ligand or Z-type unit a formula has to give.

    Parameters
    ----------
    formula : Formula
        Of the cluster, or of the unit that carries the ligands.
    native : str
        The ligand as a group of that formula, or a Z-type unit beyond its core.
    ligand : Formula, optional
        What the ligand is made of, where known.

    Examples
    --------
    >>> from surfacechem.chem.formula import Formula
    >>> str(count_available(Formula.parse("Cd37S20(O2CR)34"), "Cd(O2CR)2", Formula.parse("Cd(O2CR)2")))
    '17'
    """
    as_written = sum((part.count for part in formula.parts if part.name == native), Fraction(0))
    if as_written or ligand is None:
        return as_written
    template = _template(formula)
    if template is not None and template.metal in ligand.composition:
        return template.n_z / ligand.composition[template.metal]
    return min(formula.composition.get(symbol, Fraction(0)) / count for symbol, count in ligand.atoms)


def _template(formula: Formula) -> ClusterTemplate | None:
    try:
        return decompose(formula)
    except FormulaError:
        return None


def _sum_parts(parts: Iterable[Part]) -> dict[str, Fraction]:
    """Return the counts by name, in the order written."""
    total: dict[str, Fraction] = {}
    for part in parts:
        total[part.name] = total.get(part.name, Fraction(0)) + part.count
    return total


def _charge(ligand: Part, given: Mapping[str, int]) -> Fraction:
    """Return the charge of one ligand: given, carried in the formula, or -1."""
    if ligand.name in given:
        return Fraction(given[ligand.name])
    return ligand.charge or Fraction(-1)


def _listed(counts: Mapping[str, Fraction]) -> str:
    return ", ".join(counts) or "none"


def _no_template(formula: Formula, found: str, advice: str) -> FormulaError:
    return FormulaError(
        f"cluster '{formula}'",
        found=found,
        allowed="(ME)a(MXn)b: one metal and one anion of the same valence, at least as much metal as anion",
        advice=advice,
    )
