"""From the statements of a model to a system: names resolved, defaults taken and noted, everything checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Final

from surfacechem.chem.check import find_faults
from surfacechem.chem.classes import possible_kinds
from surfacechem.chem.convention import Role, StandardState
from surfacechem.chem.coupled import branch_notes
from surfacechem.chem.formula import Formula, normal_primes
from surfacechem.chem.naming import Declaration, Vocabulary, in_line, read_vocabulary
from surfacechem.chem.settling import UNCOUNTED, doubts, settle_sites
from surfacechem.chem.system import VACANT, Cluster, Coupling, Reaction, ReactionKind, Site, Species, System
from surfacechem.chem.template import charge_note
from surfacechem.constants import STANDARD_TEMPERATURE
from surfacechem.errors import FormulaError, Location, ModelError, SurfaceChemError

if TYPE_CHECKING:
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Conformer, Observable, Term

__all__ = ["UNCOUNTED", "Draft", "assemble"]

DEFAULT_CLUSTER: Final = "particle"


@dataclass(frozen=True, kw_only=True)
class StatedReaction:
    """A reaction as given: its class and name may still be open, and ``w`` may stand on its line."""

    reaction: Reaction
    is_kind_given: bool
    coupling: EquilibriumConstant | None
    at: Location | None


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
    reactions: list[StatedReaction] = field(default_factory=list)
    conformers: list[Conformer] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    couplings: list[tuple[Coupling, Location | None]] = field(default_factory=list)
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
        enthalpy: EquilibriumConstant | None = None,
        at: Location | None,
    ) -> None:
        """Add a reaction whose class and name may still be open."""
        reaction = Reaction(
            name=label, kind=kind or ReactionKind.S, left=left, right=right, constant=constant, conformer=conformer,
            enthalpy=enthalpy,
        )  # fmt: skip
        self.reactions.append(
            StatedReaction(reaction=reaction, is_kind_given=kind is not None, coupling=coupling, at=at)
        )


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
    couplings = _named_couplings(draft, reactions, places, faults)
    sites, notes = list(draft.sites), []
    if not clusters and not sites and any(term.site is not None for r in reactions for term in r.terms):
        clusters = [Cluster(name=DEFAULT_CLUSTER)]
        sites = _default_sites(reactions)
        notes += [
            f"no cluster declared: site {s.name} is the one site of a particle, natively {s.native}" for s in sites
        ]
    reactions = [_in_molar(reaction, draft, notes) for reaction in reactions]
    clusters = _with_references(draft, clusters, faults)
    settled, told = settle_sites(sites, clusters, reactions, vocabulary)
    notes += told
    system = System(
        clusters=tuple(clusters),
        sites=settled,
        species=_all_species(draft, reactions, vocabulary),
        reactions=tuple(reactions),
        conformers=tuple(draft.conformers),
        couplings=couplings,
        observables=tuple(_in_entities(observable, clusters) for observable in draft.observables),
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
    for stated in draft.reactions:
        given = stated.reaction
        kind = given.kind if stated.is_kind_given else possible_kinds(given.terms, vocabulary.formula)[0]
        name = given.name
        if not name:
            numbers[kind] += 1
            name = f"{kind}{numbers[kind]}"
        _note(places, f"reaction {name}", stated.at)
        heat = given.enthalpy and replace(given.enthalpy, name=f"dH[{name}]")
        constant = replace(given.constant, name=f"K[{name}]")
        named.append(replace(given, name=name, kind=kind, constant=constant, enthalpy=heat))
    return named


def _named_couplings(
    draft: Draft, reactions: list[Reaction], places: dict[str, Location], faults: list[SurfaceChemError]
) -> tuple[Coupling, ...]:
    """Return the couplings: ``W[X1]`` from the line of reaction X1, then ``W[1]``, ``W[2]`` ... or the label given."""
    found = []
    native = {(site.name, site.native) for site in draft.sites}
    for reaction, stated in zip(reactions, draft.reactions, strict=True):
        if stated.coupling is None:
            continue
        name, state = f"W[{reaction.name}]", reaction.formed
        _note(places, f"couple {name}", stated.at)
        if state is None or (state.site, state.entity) in native:
            faults.append(_no_state(reaction, stated.at))
            continue
        state = replace(state, coefficient=Fraction(1))
        constant = replace(stated.coupling, name=name)
        found.append(Coupling(first=state, second=state, constant=constant, conformer=reaction.conformer))
    taken = {each.constant.name for each in (*found, *(coupling for coupling, _ in draft.couplings))}
    free = (name for name in map("W[{}]".format, count(1)) if name not in taken)
    for coupling, at in draft.couplings:
        constant = coupling.constant if coupling.constant.name else replace(coupling.constant, name=next(free))
        _note(places, f"couple {constant.name}", at)
        found.append(replace(coupling, constant=constant))
    return tuple(found)


def _no_state(reaction: Reaction, at: Location | None) -> ModelError:
    return ModelError(
        f"w of reaction {reaction.name}",
        found=reaction.equation,
        allowed="w on a reaction that forms one site state, which is not the native one",
        advice="write the reaction from left to right so that the interacting state stands alone on the right, or a "
        "line of its own: couple In-O2CR' with In-O2CR' ; w = 2 kJ/mol",
        where=at,
    )


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


def _with_references(draft: Draft, clusters: list[Cluster], faults: list[SurfaceChemError]) -> list[Cluster]:
    """Return the clusters with the names of their reference forms."""
    named: dict[str, str] = {}
    for name, cluster in draft.references:
        known = [each.name for each in clusters]
        if cluster not in known or cluster in named:
            faults.append(
                ModelError(
                    f"reference form '{name}' of '{cluster}'",
                    found=f"'{named[cluster]}' before it" if cluster in named else "no such cluster",
                    allowed="one reference form of a declared cluster",
                    advice="leave one of them out" if cluster in named else f"declare it: cluster {cluster}",
                    where=draft.places.get(f"conformer {name}"),
                )
            )
        named.setdefault(cluster, name)
    return [replace(cluster, form=named.get(cluster.name)) for cluster in clusters]


def _in_entities(observable: Observable, clusters: list[Cluster]) -> Observable:
    """Return an observable with reference forms by the names of their clusters."""
    plain = {f"{cluster.name}.{cluster.form}": cluster.name for cluster in clusters if cluster.form}
    options = tuple((key, plain.get(str(value), value)) for key, value in observable.options)
    entities = tuple(plain.get(entity, entity) for entity in observable.entities)
    return replace(observable, entities=entities, options=options)


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
    notes += [
        f"{heat.name} is unknown: a fit finds it from data at several temperatures"
        for heat in (each.enthalpy for each in system.equilibria)
        if heat is not None and heat.role is Role.FREE and heat.log10_value is None
    ]
    notes += [
        f"{coupling.title} is unknown: a fit finds it"
        for coupling in system.couplings
        if coupling.constant.role is Role.FREE and coupling.constant.log10_value is None
    ]
    notes += branch_notes(system)
    notes += doubts(system, vocabulary)
    charged = {c.name: charge_note(c.formula) for c in system.clusters if c.formula is not None}
    notes += [f"formula of {name}: {note}" for name, note in charged.items() if note]
    unknown = dict.fromkeys(
        symbol
        for formula in (*(c.formula for c in system.clusters), *(s.formula for s in system.species))
        if formula is not None
        for symbol in formula.placeholders
    )
    notes += [f"{symbol} stands for a rest of unknown formula: no mass is known" for symbol in unknown]
    return [*notes, *_idle_notes(system)]


def _idle_notes(system: System) -> list[str]:
    """Say what takes part in nothing, which may be meant (a capacity, a standard) or a slip in a name."""
    terms = [term for reaction in system.reactions for term in reaction.terms]
    acting = {term.entity for term in terms} | {entity for each in system.observables for entity in each.entities}
    sites = {term.site for term in terms}
    filled = {site.native for site in system.sites}
    notes = [
        f"{species.name} takes part in no reaction" for species in system.species if species.name not in acting | filled
    ]
    return notes + [
        f"site {site.name} takes part in no reaction: it keeps {site.native or 'nothing'}"
        for site in system.sites
        if site.name not in sites
    ]
