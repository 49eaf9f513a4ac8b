"""From the statements of a model to a system: names resolved, defaults taken and noted, everything checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.check import find_faults
from surfacechem.chem.classes import possible_kinds
from surfacechem.chem.convention import Role, StandardState
from surfacechem.chem.formula import Formula, normal_primes
from surfacechem.chem.naming import Declaration, Vocabulary, in_line, read_vocabulary
from surfacechem.chem.settling import UNCOUNTED, settle_sites
from surfacechem.chem.system import VACANT, Cluster, Reaction, ReactionKind, Site, Species, System
from surfacechem.chem.template import charge_note
from surfacechem.constants import GAS_CONSTANT, STANDARD_TEMPERATURE
from surfacechem.errors import FormulaError, Location, SurfaceChemError

if TYPE_CHECKING:
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Conformer, Observable, Term

__all__ = ["UNCOUNTED", "Draft", "assemble"]

DEFAULT_CLUSTER: Final = "particle"
CRITICAL_COUPLING: Final = 4.0  # of a mean field, in RT


@dataclass(kw_only=True)
class Draft:
    """Statements as given, before anything is resolved."""

    temperature: float | None = None
    solvent: float | None = None
    solvent_name: str = ""
    groups: list[Declaration] = field(default_factory=list)
    clusters: list[tuple[Declaration, str]] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    species: list[tuple[Declaration, Species]] = field(default_factory=list)
    reactions: list[tuple[Reaction, bool, Location | None]] = field(default_factory=list)
    conformers: list[Conformer] = field(default_factory=list)
    observables: list[Observable] = field(default_factory=list)
    places: dict[str, Location] = field(default_factory=dict)

    def note_place(self, statement: str, at: Location | None) -> None:
        """Remember where a statement stands."""
        _note(self.places, statement, at)

    def add_reaction(
        self,
        left: tuple[Term, ...],
        right: tuple[Term, ...],
        constant: EquilibriumConstant,
        *,
        kind: ReactionKind | None,
        label: str,
        conformer: str | None,
        coupling: EquilibriumConstant | None = None,
        at: Location | None,
    ) -> None:
        """Add a reaction whose class and name may still be open."""
        reaction = Reaction(
            name=label, kind=kind or ReactionKind.S, left=left, right=right, constant=constant, conformer=conformer,
            coupling=coupling,
        )  # fmt: skip
        self.reactions.append((reaction, kind is not None, at))


def _note(places: dict[str, Location], statement: str, at: Location | None) -> None:
    """Remember the first place of a statement, and the last one of a repetition."""
    if at is not None:
        places[f"{statement} again" if statement in places else statement] = at


def assemble(draft: Draft) -> tuple[System, list[SurfaceChemError]]:
    """Return the system that the statements describe, and all their faults."""
    faults: list[SurfaceChemError] = []
    places = dict(draft.places)
    vocabulary = read_vocabulary(draft.groups, [declaration for declaration, _ in draft.species], faults)
    clusters = [_read_cluster(declaration, title, vocabulary, faults) for declaration, title in draft.clusters]
    reactions = _named_reactions(draft, vocabulary, places)
    sites, notes = list(draft.sites), []
    if not clusters and not sites and any(term.site is not None for r in reactions for term in r.terms):
        clusters = [Cluster(name=DEFAULT_CLUSTER)]
        sites = _default_sites(reactions)
        notes += [
            f"no cluster declared: site {s.name} is the one site of a particle, natively {s.native}" for s in sites
        ]
    reactions = [_in_molar(reaction, draft, notes) for reaction in reactions]
    settled, told = settle_sites(sites, clusters, reactions, vocabulary)
    notes += told
    system = System(
        clusters=tuple(clusters),
        sites=settled,
        species=_all_species(draft, reactions, vocabulary),
        reactions=tuple(reactions),
        conformers=tuple(draft.conformers),
        observables=tuple(draft.observables),
        temperature=STANDARD_TEMPERATURE if draft.temperature is None else draft.temperature,
        groups=tuple(vocabulary.groups.items()),
    )
    if draft.temperature is None:
        notes.append(f"temperature {STANDARD_TEMPERATURE} K")
    system = replace(system, notes=(*notes, *_notes(system)))
    return system, faults + find_faults(system, places)


def _read_cluster(
    declaration: Declaration, title: str, vocabulary: Vocabulary, faults: list[SurfaceChemError]
) -> Cluster:
    formula = None
    if declaration.formula is not None:
        try:
            formula = Formula.parse(declaration.formula, vocabulary.groups)
        except FormulaError as fault:
            faults.append(in_line(fault, declaration.at, normal_primes(declaration.formula)))
    return Cluster(name=declaration.name, formula=formula, title=title)


def _named_reactions(draft: Draft, vocabulary: Vocabulary, places: dict[str, Location]) -> list[Reaction]:
    """Return the reactions with class, name and the name of their constant."""
    numbers: Counter[ReactionKind] = Counter()
    named = []
    for given, is_kind_given, at in draft.reactions:
        kind = given.kind if is_kind_given else possible_kinds(given.terms, vocabulary.formula)[0]
        name = given.name
        if not name:
            numbers[kind] += 1
            name = f"{kind}{numbers[kind]}"
        _note(places, f"reaction {name}", at)
        coupling = None if given.coupling is None else replace(given.coupling, name=f"W[{name}]")
        named.append(
            replace(given, name=name, kind=kind, constant=replace(given.constant, name=f"K[{name}]"), coupling=coupling)
        )
    return named


def _in_molar(reaction: Reaction, draft: Draft, notes: list[str]) -> Reaction:
    """Return a reaction with its constant at 1 mol/L, where the model says how much solvent there is."""
    constant = reaction.constant
    if constant.standard_state is StandardState.MOLAR or draft.solvent is None or not draft.solvent > 0:
        return reaction
    converted = constant.to_molar(solvent=draft.solvent)
    given = "" if constant.log10_value is None else f" {constant.value:.4g}"
    notes.append(
        f"{constant.name}{given} in mole fractions"
        + ("" if converted.log10_value is None else f" is {converted.value:.4g} at 1 mol/L")
        + f": {draft.solvent_name} is {draft.solvent:g} mol/L"
    )
    return replace(reaction, constant=converted)


def _default_sites(reactions: list[Reaction]) -> list[Site]:
    """Return one site of each class that the reactions name, filled with what they name first."""
    natives: dict[str, str] = {}
    for reaction in reactions:
        for term in reaction.terms:
            if term.site is not None:
                natives.setdefault(term.site, term.entity)
    return [
        Site(name=name, cluster=DEFAULT_CLUSTER, count=Fraction(1), native=native) for name, native in natives.items()
    ]


def _all_species(draft: Draft, reactions: list[Reaction], vocabulary: Vocabulary) -> tuple[Species, ...]:
    """Return the declared species, then those that only reactions name."""
    declared = [replace(species, formula=vocabulary.declared[species.name]) for _, species in draft.species]
    known = {species.name for species in declared}
    others = dict.fromkeys(term.entity for r in reactions for term in r.terms if term.site is None)
    found = [Species(name=name, formula=vocabulary.formula(name)) for name in others if name not in known]
    return (*declared, *found)


def _notes(system: System) -> list[str]:
    """Return what was assumed, one sentence each."""
    vocabulary = Vocabulary.of(system)
    notes = []
    for reaction in system.reactions:
        entities = dict.fromkeys(term.entity for term in reaction.terms if term.entity != VACANT)
        labels = [entity for entity in entities if vocabulary.formula(entity) is None]
        if labels:
            notes.append(
                f"atoms of reaction {reaction.name} are not checked: {', '.join(labels)} "
                f"{'is a label' if len(labels) == 1 else 'are labels'} without formula"
            )
    constants = [r.constant for r in system.reactions] + [c.constant for c in system.conformers]
    notes += [
        f"{constant.name} is unknown: a fit finds it"
        for constant in constants
        if constant.role is Role.FREE and constant.log10_value is None
    ]
    notes += _branch_notes(system)
    charged = {c.name: charge_note(c.formula) for c in system.clusters if c.formula is not None}
    notes += [f"formula of {name}: {note}" for name, note in charged.items() if note]
    unknown = dict.fromkeys(
        symbol
        for formula in (*(c.formula for c in system.clusters), *(s.formula for s in system.species))
        if formula is not None
        for symbol in formula.placeholders
    )
    notes += [f"{symbol} stands for a rest of unknown formula: no mass is known" for symbol in unknown]
    return notes


def _branch_notes(system: System) -> list[str]:
    """Warn of a mean field whose coupling is above the critical one."""
    averaged = {site.name for site in system.sites if site.arrangement is not None and site.arrangement.is_mean_field}
    limit = CRITICAL_COUPLING * GAS_CONSTANT * system.temperature
    return [
        f"w of reaction {reaction.name} is {-reaction.coupling.enthalpy / 1e3:.4g} kJ/mol, above 4RT = "
        f"{limit / 1e3:.4g} kJ/mol: the mean field may have several answers"
        for reaction in system.reactions
        if reaction.coupling is not None
        and reaction.coupling.enthalpy is not None
        and -reaction.coupling.enthalpy > limit
        and reaction.coupled is not None
        and reaction.coupled.site in averaged
    ]
