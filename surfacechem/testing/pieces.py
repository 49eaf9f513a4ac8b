"""Strategies for the pieces of a model: formulas, ligands, clusters, constants, quantities with a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import Formula
from surfacechem.chem.system import ReactionKind
from surfacechem.testing.engine import st
from surfacechem.units import Kind, display_unit, kernel_unit
from surfacechem.units.text import families

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["Ligand", "Particle", "clusters", "constants", "formulas", "ligands", "quantities"]

ELEMENTS: Final = ("H", "C", "N", "O", "P", "S", "Cl", "Zn", "Se", "Br", "Cd", "In", "As", "Pb")
MOST_ATOMS: Final = 60
LARGEST_CORE: Final = 20
MOST_Z: Final = 17
DECADES: Final = (-4.0, 6.0)
"""Powers of ten between which constants are drawn: from hardly any binding to nearly complete."""


@dataclass(frozen=True, kw_only=True)
class Ligand:
    """A ligand as it is bound and as it is dissolved.

    Attributes
    ----------
    bound : str
        What a site holds: ``"O2CR'"``, ``"NH2R'"``.
    free : str
        The dissolved species that brings it: ``"HO2CR'"``, ``"NH2R'"``.
    kind : ReactionKind
        X: it replaces a native ligand, which leaves as its acid; L: it fills a vacant site.
    """

    bound: str
    free: str
    kind: ReactionKind


LIGANDS: Final = (
    Ligand(bound="O2CR'", free="HO2CR'", kind=ReactionKind.X),
    Ligand(bound="SR'", free="HSR'", kind=ReactionKind.X),
    Ligand(bound="HO3PR'", free="H2O3PR'", kind=ReactionKind.X),
    Ligand(bound="OH", free="H2O", kind=ReactionKind.X),
    Ligand(bound="NH2R'", free="NH2R'", kind=ReactionKind.L),
    Ligand(bound="CH3OH", free="CH3OH", kind=ReactionKind.L),
    Ligand(bound="PR'3", free="PR'3", kind=ReactionKind.L),
)


@dataclass(frozen=True, kw_only=True)
class Particle:
    """A cluster ``(ME)a (M(O2CR)n)b`` with a neutral formula.

    Attributes
    ----------
    name : str
        ``"InP37"``: core material and number of metal atoms.
    formula : str
        ``"In37P20(O2CR)51"``.
    metal, anion : str
        M and E.
    n_z : int
        b: units ``M(O2CR)n`` beyond the core.
    n_per_z : int
        n: native ligands of each.
    """

    name: str
    formula: str
    metal: str
    anion: str
    n_z: int
    n_per_z: int

    @property
    def n_ligands(self) -> int:
        """Native ligands in all."""
        return self.n_z * self.n_per_z


@st.composite
def formulas(draw: DrawFn, *, elements: Sequence[str] = ELEMENTS, most_atoms: int = MOST_ATOMS) -> Formula:
    """Draw formulas of a few elements, groups in brackets among them.

    Parameters
    ----------
    elements : sequence of str
        Symbols to draw from.
    most_atoms : int
        Largest count of one symbol.

    Examples
    --------
    >>> from hypothesis import find
    >>> str(find(formulas(), lambda formula: formula.composition.get("Cd", 0) > 1))
    'Cd2'
    """
    count = st.integers(1, most_atoms).map(lambda number: "" if number == 1 else str(number))
    part = st.tuples(st.sampled_from(list(elements)), count).map("".join)
    body = st.lists(part, min_size=1, max_size=4).map("".join)
    group = st.tuples(body, count).map(lambda pair: f"({pair[0]}){pair[1]}")
    return Formula.parse("".join(draw(st.lists(body | group, min_size=1, max_size=2))))


def ligands(*, kind: ReactionKind | str | None = None) -> SearchStrategy[Ligand]:
    """Draw ligands of the field, of one class where `kind` is given.

    Parameters
    ----------
    kind : ReactionKind or str, optional
        ``"X"`` or ``"L"``.
    """
    wanted = None if kind is None else ReactionKind(kind)
    return st.sampled_from([each for each in LIGANDS if wanted in {None, each.kind}])


@st.composite
def clusters(draw: DrawFn, *, largest_core: int = LARGEST_CORE, most_z: int = MOST_Z) -> Particle:
    """Draw clusters with an exact neutral formula; InP and CdS with 20 core units and 17 Z units are among them.

    Parameters
    ----------
    largest_core : int
        Most formula units of the core material.
    most_z : int
        Most units of metal carboxylate beyond it.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(clusters(), lambda cluster: True).formula
    'In2P(O2CR)3'
    """
    metal, anion, valence = draw(st.sampled_from([("In", "P", 3), ("Cd", "S", 2), ("Cd", "Se", 2), ("In", "As", 3)]))
    n_core, n_z = draw(st.integers(1, largest_core)), draw(st.integers(1, most_z))
    n_anion = "" if n_core == 1 else str(n_core)
    return Particle(
        name=f"{metal}{anion}{n_core + n_z}",
        formula=f"{metal}{n_core + n_z}{anion}{n_anion}(O2CR){n_z * valence}",
        metal=metal,
        anion=anion,
        n_z=n_z,
        n_per_z=valence,
    )


def constants(*, lowest: float = DECADES[0], highest: float = DECADES[1]) -> SearchStrategy[float]:
    """Draw values of equilibrium constants, even in their logarithm; they shrink to 1.

    Parameters
    ----------
    lowest, highest : float
        Decimal logarithms of the ends.
    """
    return st.floats(lowest, highest).map(lambda power: float(f"{10.0**power:.6g}"))


@st.composite
def quantities(draw: DrawFn, kind: Kind | str, *, lowest: float = 1e-6, highest: float = 1e3) -> str:
    """Draw quantities as text with any unit of their kind: ``"0.5 mmol/L"``.

    Parameters
    ----------
    kind : Kind or str
        ``"concentration"``, ``"volume"``, ``"temperature"`` ...
    lowest, highest : float
        Ends of the numbers, in the unit drawn.
    """
    wanted = Kind(kind)
    family = next(family for family in families() if kernel_unit(wanted) in family)
    units = sorted(family, key=lambda unit: unit != display_unit(wanted))
    return f"{draw(st.floats(lowest, highest)):.6g} {draw(st.sampled_from(units))}"
