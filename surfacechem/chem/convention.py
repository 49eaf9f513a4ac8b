"""What a constant must say of itself: convention, standard state, evidence, role in a fit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["BY_USER", "Convention", "EvidenceLevel", "Role", "Source", "StandardState"]


class Convention(StrEnum):
    """To what a constant refers."""

    SOLUTION = "solution"  # no site takes part
    FORMS = "between forms"  # two forms of a cluster, both with all sites native
    PER_SITE = "per site"  # microscopic, one of N identical sites
    SITES = "sites per particle"  # no equilibrium: a number of sites
    PER_QUENCHER = "per quencher"  # no equilibrium: what one quencher does to the light of its particle
    OPTICAL = "optical"  # no equilibrium: a number of a band, in its kernel unit
    PER_PARTICLE = "per particle"  # macroscopic, first step of the particle: N times the per-site value
    NEIGHBOURS = "neighbours"  # exp(w/RT) of two neighbours, no equilibrium by itself
    ENTHALPY = "enthalpy"  # exp(dH/RT) of a reaction whose dH is fitted or has an error

    @property
    def is_energy(self) -> bool:
        """Whether RT ln of it is an energy that is the same at every temperature."""
        return self in {Convention.NEIGHBOURS, Convention.ENTHALPY}


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


BY_USER: Final = Source(level=EvidenceLevel.USER)
"""A number that the user gave."""
