"""Equilibrium constants that carry their convention, standard state, temperature and source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

__all__ = ["Convention", "EquilibriumConstant", "EvidenceLevel", "Role", "Source", "StandardState"]


class Convention(StrEnum):
    """To what a constant refers."""

    SOLUTION = "solution"  # no site takes part
    PER_SITE = "per site"  # microscopic, one of N identical sites
    PER_PARTICLE = "per particle"  # macroscopic, first step of the particle: N times the per-site value


class StandardState(StrEnum):
    """The standard state of dissolved species."""

    MOLAR = "1 mol/L"
    MOLE_FRACTION = "mole fraction"


class EvidenceLevel(StrEnum):
    """How a number is known (docs/conventions.md)."""

    ARTICLE = "article"
    ABSTRACT = "abstract"
    SECONDARY = "secondary"
    DERIVED = "derived"
    MATHEMATICS = "mathematics"
    SIMULATED = "simulated"
    USER = "user"


class Role(StrEnum):
    """What a fit does with a constant."""

    FREE = "fit"
    FIXED = "fixed"
    TIED = "tied"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a number comes from."""

    level: EvidenceLevel
    reference: str = ""
    doi: str = ""


@dataclass(frozen=True, kw_only=True)
class EquilibriumConstant:
    """A constant of one reaction or conformer equilibrium; never a bare float.

    Attributes
    ----------
    name : str
        ``"K[X1]"``, ``"L0[beta]"``.
    log10_value : float, optional
        Decimal logarithm of the value in mol/L based units; None: unknown, to be fitted.
    molar_exponent : Fraction
        Power of mol/L in the unit: -1 for 1/M.
    log10_stderr : float, optional
        Gaussian prior on log10 K (from ``+/-``).
    log10_bounds : tuple of float, optional
        Lower and upper bound on log10 K (from ``a..b``).
    tied_to : str, optional
        Name of the constant it equals when `role` is TIED.
    enthalpy, entropy : float, optional
        Standard reaction enthalpy [J/mol] and entropy [J/(mol K)].
    temperature : float, optional
        Temperature of the value [K]; None: that of the model.
    """

    name: str
    log10_value: float | None = None
    convention: Convention = Convention.SOLUTION
    standard_state: StandardState = StandardState.MOLAR
    molar_exponent: Fraction = Fraction(0)
    role: Role = Role.FREE
    log10_stderr: float | None = None
    log10_bounds: tuple[float, float] | None = None
    tied_to: str | None = None
    enthalpy: float | None = None
    entropy: float | None = None
    temperature: float | None = None
    source: Source = Source(level=EvidenceLevel.USER)
