"""What the library holds: clusters, ligands, literature constants and other measured facts, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surfacechem.constants import LN10

if TYPE_CHECKING:
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.convention import Source
    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import ReactionKind
    from surfacechem.chem.template import ClusterTemplate

__all__ = ["Band", "ClusterEntry", "ConstantEntry", "Entry", "FactEntry", "LigandEntry"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry; `name` and `aliases` find it.

    Attributes
    ----------
    name : str
        Unique in the library without regard to case.
    title : str
        What it is, in words.
    source : Source
        Where it comes from and how it is known.
    aliases, notes : tuple of str
        Other names; what to know before using it.
    """

    name: str
    title: str
    source: Source
    aliases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Band:
    """A band of a cluster at `wavelength` [nm], position only."""

    wavelength: float
    what: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class ClusterEntry(Entry):
    """A cluster, a core of one, or the measured average shell of a larger particle.

    Attributes
    ----------
    material : str
        ``"InP"``.
    formula : Formula, optional
        None where it is not known.
    template : ClusterTemplate, optional
        ``(ME)a(MXn)b`` of the formula.
    groups : tuple of (str, str)
        Placeholders of the formula and what they stand for.
    bands : tuple of Band
        Known bands.
    alternative_to : str
        Name of the cluster for which this is another reading of the same sample; empty: none.
    """

    material: str
    formula: Formula | None = None
    template: ClusterTemplate | None = None
    groups: tuple[tuple[str, str], ...] = ()
    bands: tuple[Band, ...] = ()
    alternative_to: str = ""


@dataclass(frozen=True, kw_only=True)
class LigandEntry(Entry):
    """A ligand as the free molecule.

    Attributes
    ----------
    formula : Formula
        The free molecule.
    classes : tuple of ReactionKind
        How it may bind: X, L, Z.
    bound : tuple of Formula
        What it is on a surface as X, in order of protons lost: -1, -2 elementary charges.
    """

    formula: Formula
    classes: tuple[ReactionKind, ...]
    bound: tuple[Formula, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ConstantEntry(Entry):
    """A literature constant.

    Attributes
    ----------
    material : str
        ``"CdSe"``.
    reaction : str
        The reaction in the direction of the constant, as in a model file.
    constant : EquilibriumConstant
        Value, convention, standard state and source; its temperature is None where it was not readable.
    groups : tuple of (str, str)
        Placeholders of the reaction and what they stand for.
    assumed : tuple of str
        What the source does not spell out and is assumed here.
    is_approximate : bool
        Whether the source says "about".
    """

    material: str
    reaction: str
    constant: EquilibriumConstant
    groups: tuple[tuple[str, str], ...] = ()
    assumed: tuple[str, ...] = ()
    is_approximate: bool = False

    @property
    def stderr(self) -> float | None:
        """Standard error of the value, in its unit."""
        relative = self.constant.log10_stderr
        return None if relative is None else self.constant.value * relative * LN10


@dataclass(frozen=True, kw_only=True)
class FactEntry(Entry):
    """A measured fact that is no equilibrium constant; `title` says what it is.

    Attributes
    ----------
    material : str
        ``"CdSe"``.
    values : tuple of float
        One value, two (from, to), or none where the fact is the `statement` [unit].
    unit : str
        Kernel unit of `values`.
    statement : str
        The fact in words where it has no value.
    is_approximate : bool
        Whether the source says "about".
    """

    material: str
    values: tuple[float, ...] = ()
    unit: str = ""
    statement: str = ""
    is_approximate: bool = False
