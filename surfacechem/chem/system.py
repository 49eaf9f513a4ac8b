"""A system: clusters, sites, solution species, reactions, conformers and what is observed of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from surfacechem.chem.formula import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from surfacechem.chem.arrangement import Arrangement
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.formula import Formula

__all__ = [
    "ABSORBANCE",
    "EMISSION",
    "IN_FORM",
    "Cluster",
    "Conformer",
    "Coupling",
    "Observable",
    "Reaction",
    "ReactionKind",
    "Site",
    "Species",
    "System",
    "Term",
    "equation",
    "molar_exponent",
]

VACANT = "*"
IN_FORM = " in "
"""Between a site state and a form of its cluster, where one form alone is observed: ``"Cd-MeOH in beta"``."""
ABSORBANCE = "absorbance"
"""Kind of an observable: sum of bands whose shapes the model states."""
EMISSION = "emission"
"""Kind of an observable: light of particles that carry quenchers."""


class ReactionKind(StrEnum):
    """Covalent bond classification of a reaction."""

    X = "X"
    L = "L"
    Z = "Z"
    S = "S"  # in solution only


@dataclass(frozen=True, kw_only=True)
class Species:
    """A dissolved species; without formula it is a label and its atoms are not checked."""

    name: str
    formula: Formula | None = None
    title: str = ""
    kind: ReactionKind | None = None  # ligand class, where declared


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A particle type, always present as ``formula`` with its native ligands when put in a flask.

    `form` names its reference form where it has others; ``"CdS37.alpha"`` in the text is then ``"CdS37"``.
    """

    name: str
    formula: Formula | None = None
    title: str = ""
    form: str | None = None


@dataclass(frozen=True, kw_only=True)
class Site:
    """``count`` identical sites of one class on one cluster; `native` occupies them at the start.

    They are independent unless an `arrangement` says who is whose neighbour. Sites of a unit that itself sits on a
    site name that state as their `holder`; `count` is then that of one unit.
    """

    name: str  # "In", "In.a"
    cluster: str
    count: Fraction
    native: str = VACANT
    holder: str | None = None  # "Z-In(O2CR)3"
    arrangement: Arrangement | None = None
    number: EquilibriumConstant | None = None  # N[In], where a fit finds it; `count` is then where it begins


@dataclass(frozen=True, kw_only=True)
class Term:
    """``coefficient`` of a dissolved species or, where `site` is given, of a site that holds `entity`."""

    coefficient: Fraction
    entity: str  # species name, or occupant ("O2CR'", VACANT)
    site: str | None = None
    span: int = 1  # neighbouring sites that one of it takes

    @property
    def name(self) -> str:
        """``"HO2CR"``, ``"In-O2CR'"``, or ``"(In)2-O3PR'"`` on two sites."""
        if self.site is None:
            return self.entity
        return f"{self.site}-{self.entity}" if self.span == 1 else f"({self.site}){self.span}-{self.entity}"

    def __str__(self) -> str:
        """Return ``"2 HO2CR"``."""
        return self.name if self.coefficient == 1 else f"{format_count(self.coefficient)} {self.name}"


def equation(left: Iterable[Term], right: Iterable[Term]) -> str:
    """Return ``left <=> right`` as it is written in a model."""
    return " <=> ".join(" + ".join(str(term) for term in side) for side in (left, right))


def molar_exponent(left: Iterable[Term], right: Iterable[Term]) -> Fraction:
    """Return the power of mol/L in the constant of ``left <=> right``: dissolved species right minus left."""
    dissolved = [(sign, t.coefficient) for sign, side in ((-1, left), (1, right)) for t in side if t.site is None]
    return sum((sign * coefficient for sign, coefficient in dissolved), Fraction(0))


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """``left <=> right`` with its constant; `conformer` names the one it applies to (None: all)."""

    name: str  # "X1", "S2" or the user's label
    kind: ReactionKind
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    constant: EquilibriumConstant
    conformer: str | None = None
    enthalpy: EquilibriumConstant | None = None  # exp(dH/RT), "dH[X1]", where dH is fitted or has an error

    @property
    def formed(self) -> Term | None:
        """The only site state that it forms, if there is one: a ``w`` on its line couples neighbours that hold it."""
        formed = {term.name: term for term in self.right if term.site is not None}
        return next(iter(formed.values())) if len(formed) == 1 else None

    @property
    def equation(self) -> str:
        """``"In-O2CR + HO2CR' <=> In-O2CR' + HO2CR"``."""
        return equation(self.left, self.right)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Both sides."""
        return self.left + self.right

    @property
    def molar_exponent(self) -> Fraction:
        """Power of mol/L in the constant: dissolved species right minus left."""
        return molar_exponent(self.left, self.right)


@dataclass(frozen=True, kw_only=True)
class Conformer:
    """Another form of a whole cluster with all sites native; the reference form has weight 1."""

    name: str
    cluster: str
    constant: EquilibriumConstant  # L0 = [conformer]/[reference], both fully native
    enthalpy: EquilibriumConstant | None = None  # as of a reaction


@dataclass(frozen=True, kw_only=True)
class Coupling:
    """What neighbours gain of which one is in `first` and the other in `second`; the two may be one state.

    `conformer` names the form it applies to; there it takes the place of one without (None: all other forms).
    """

    first: Term
    second: Term
    constant: EquilibriumConstant  # exp(w/RT), "W[X1]"
    conformer: str | None = None

    @property
    def title(self) -> str:
        """``"w[X1]"``, the energy w = RT ln W."""
        return f"w{self.constant.name[1:]}"

    @property
    def states(self) -> frozenset[str]:
        """Names of the two states; which of them is the first does not matter."""
        return frozenset({self.first.name, self.second.name})

    def __str__(self) -> str:
        """Return ``"In-O2CR' with In-SR'"``, with the form where it is told."""
        where = "" if self.conformer is None else f" in {self.conformer}"
        return f"{self.first.name} with {self.second.name}{where}"


@dataclass(frozen=True, kw_only=True)
class Observable:
    """One ``observe`` line: ``name = kind(entities; options)``.

    `kind` is ``"integral"``, ``"shift"``, ``"spectrum"`` ...; `entities` are names as in `Term.name`.
    Options are plain values in kernel units (``protons``, ``scale``, ``nonnegative``, ``known``, ...).
    """

    name: str
    kind: str
    entities: tuple[str, ...]
    weights: tuple[Fraction | None, ...] = ()  # explicit multiplicities, None: from composition
    options: tuple[tuple[str, str | float | bool], ...] = ()
    factors: tuple[EquilibriumConstant, ...] = ()  # what is fitted or has an error: q[F], k[F], width[E1]


@dataclass(frozen=True, kw_only=True)
class System:
    """Everything that a model file says; consistent by construction (`chem.check` raises all faults)."""

    clusters: tuple[Cluster, ...] = ()
    sites: tuple[Site, ...] = ()
    species: tuple[Species, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    conformers: tuple[Conformer, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    observables: tuple[Observable, ...] = ()
    temperature: float = 298.15
    groups: tuple[tuple[str, Formula], ...] = ()  # declared placeholders, ("R", C13H27)
    notes: tuple[str, ...] = ()  # defaults taken, printed by ``model check``

    @property
    def constants(self) -> tuple[EquilibriumConstant, ...]:
        """All constants: of the reactions, of the conformers, then the couplings of neighbours."""
        return (
            *(reaction.constant for reaction in self.reactions),
            *(conformer.constant for conformer in self.conformers),
            *(coupling.constant for coupling in self.couplings),
        )

    @property
    def factors(self) -> tuple[EquilibriumConstant, ...]:
        """What moves no equilibrium by itself: numbers of sites, what one quencher does to light, bands, fitted dH."""
        numbers = (each.number for each in self.sites)
        lights = (factor for each in self.observables for factor in each.factors)
        heats = (each.enthalpy for each in self.equilibria)
        return tuple(each for each in (*numbers, *lights, *heats) if each is not None)

    @property
    def equilibria(self) -> tuple[Reaction | Conformer, ...]:
        """What has an equilibrium constant, and may have an enthalpy of its own."""
        return (*self.reactions, *self.conformers)

    def restated(self, change: Callable[[EquilibriumConstant], EquilibriumConstant]) -> System:
        """Return the system with every constant as `change` returns it."""

        def heat(each: Reaction | Conformer) -> EquilibriumConstant | None:
            return each.enthalpy and change(each.enthalpy)

        return replace(
            self,
            reactions=tuple(replace(r, constant=change(r.constant), enthalpy=heat(r)) for r in self.reactions),
            conformers=tuple(replace(c, constant=change(c.constant), enthalpy=heat(c)) for c in self.conformers),
            couplings=tuple(replace(each, constant=change(each.constant)) for each in self.couplings),
            sites=tuple(replace(each, number=each.number and change(each.number)) for each in self.sites),
            observables=tuple(replace(each, factors=tuple(map(change, each.factors))) for each in self.observables),
        )

    def couplings_of(self, conformer: str | None) -> dict[frozenset[str], int]:
        """Return which coupling each pair of states has in a form, as positions in `couplings`."""
        told = [(number, each) for number, each in enumerate(self.couplings) if each.conformer in {None, conformer}]
        told.sort(key=lambda item: item[1].conformer is not None)  # what is told of the form alone comes last
        return {each.states: number for number, each in told}

    @property
    def form_names(self) -> tuple[str, ...]:
        """What forms are called in reactions: the conformers, and reference forms that have a name."""
        return (*(each.name for each in self.conformers), *(each.form for each in self.clusters if each.form))

    def capacity(self, site: Site) -> Fraction:
        """Return how many sites of a class one particle has when every holder is in place."""
        holder = self.holder_of(site)
        return site.count if holder is None else site.count * self.capacity(holder)

    def n_native(self, site: Site) -> Fraction:
        """Return how many sites of a class one native particle has: none where its holder comes later."""
        holder = self.holder_of(site)
        if holder is None:
            return site.count
        return site.count * self.n_native(holder) if site.holder == f"{holder.name}-{holder.native}" else Fraction(0)

    def holder_of(self, site: Site) -> Site | None:
        """Return the class of the sites whose occupant carries this one."""
        return next((each for each in self.sites if site.holder and site.holder.startswith(f"{each.name}-")), None)
