"""Systems built in Python, one call for each line that a model file would have.

The model language makes the same calls, so text and Python cannot drift apart.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.assemble import UNCOUNTED, Draft, assemble
from surfacechem.chem.constant import EquilibriumConstant
from surfacechem.chem.convention import Convention, Role
from surfacechem.chem.formula import is_group_name, normal_primes
from surfacechem.chem.naming import Declaration
from surfacechem.chem.system import (
    EMISSION,
    VACANT,
    Conformer,
    Coupling,
    Observable,
    ReactionKind,
    Site,
    Species,
    molar_exponent,
)
from surfacechem.chem.terms import read_side
from surfacechem.constants import GAS_CONSTANT, LN10, STANDARD_TEMPERATURE
from surfacechem.errors import ConventionError, ModelError, SurfaceChemError, raise_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.chem.arrangement import Arrangement
    from surfacechem.chem.system import System, Term
    from surfacechem.errors import Location

__all__ = ["UNKNOWN_COUPLING", "UNKNOWN_ENTHALPY", "SystemBuilder", "coupling_of", "enthalpy_of", "factor_name"]

UNKNOWN_COUPLING: Final = EquilibriumConstant(name="", convention=Convention.NEIGHBOURS)
UNKNOWN_ENTHALPY: Final = EquilibriumConstant(name="", convention=Convention.ENTHALPY)


class SystemBuilder:
    """Collects the statements of a model; `system` checks them all together.

    Examples
    --------
    >>> model = SystemBuilder()
    >>> model.cluster("InP37", "In37P20(O2CR)51")
    >>> model.site("In", on="InP37", count=51, native="O2CR")
    >>> model.reaction(["In-O2CR", "HO2CR'"], ["In-O2CR'", "HO2CR"], kind="X", K=1.3)
    >>> model.observe("bound", "integral", "In-O2CR'")
    >>> [reaction.constant.name for reaction in model.system().reactions]
    ['K[X1]']
    """

    def __init__(self) -> None:
        self._draft = Draft()

    def temperature(self, kelvin: float, *, at: Location | None = None) -> None:
        """Set the temperature [K]."""
        self._draft.temperature = float(kelvin)
        self._draft.note_place("temperature", at)

    def solvent(self, molarity: float, *, title: str = "", at: Location | None = None) -> None:
        """Set how much solvent a litre holds [mol/L]; constants in mole fractions need it."""
        self._draft.solvent = float(molarity)
        self._draft.solvent_name = title or "solvent"
        self._draft.note_place("solvent", at)

    def group(self, name: str, formula: str, *, at: Location | None = None) -> None:
        """Declare a group or placeholder, ``group("R", "C13H27")``.

        Raises
        ------
        ModelError
            If the name cannot stand in formulas.
        """
        if not is_group_name(normal_primes(name)):
            raise ModelError(
                f"group '{name[:40]}'",
                found="a name that cannot stand in formulas",
                allowed="a capital, then letters, then primes",
                advice="write R, R' or OAc",
                where=at,
            )
        self._draft.groups.append(Declaration(name=normal_primes(name), formula=formula, at=at))

    def cluster(self, name: str, formula: str | None = None, *, title: str = "", at: Location | None = None) -> None:
        """Declare a particle type by its formula with native ligands."""
        self._draft.clusters.append((Declaration(name=name, formula=formula, at=at), title))
        self._draft.note_place(f"cluster {name}", at)

    def site(
        self,
        name: str,
        *,
        on: str,
        count: Fraction | float | None = None,
        native: str = VACANT,
        arrangement: Arrangement | None = None,
        is_sought: bool = False,
        spread: float | None = None,
        at: Location | None = None,
    ) -> None:
        """Declare ``count`` identical sites, filled with `native` at the start.

        Parameters
        ----------
        name : str
            Name of the class, ``"In"``.
        on : str
            A cluster, or the state of a site whose occupant carries these sites, ``"Z-In(O2CR)3"``.
        count : Fraction or float, optional
            How many, on one cluster or one such occupant. None: as many as the formula has of `native`.
        native : str
            What they hold at the start.
        arrangement : Arrangement, optional
            Who is whose neighbour; without it the sites are independent.
        is_sought : bool
            Whether a fit is to find their number; `count` is then where it begins.
        spread : float, optional
            Standard error of the number, a Gaussian prior on its logarithm.
        """
        holder = normal_primes(on) if "-" in on else None
        site = Site(
            name=name,
            cluster="" if holder else on,
            count=UNCOUNTED if count is None else _exact(count),
            native=normal_primes(native),
            holder=holder,
            arrangement=arrangement,
            number=_number(name, count, spread) if is_sought else None,
        )
        self._draft.sites.append(site)
        self._draft.note_place(f"site {name}", at)

    def species(
        self,
        name: str,
        formula: str | None = None,
        *,
        title: str = "",
        kind: ReactionKind | str | None = None,
        at: Location | None = None,
    ) -> None:
        """Declare a dissolved species; without formula its name is a label whose atoms are not checked."""
        plain = normal_primes(name)
        species = Species(name=plain, title=title, kind=None if kind is None else ReactionKind(kind))
        self._draft.species.append((Declaration(name=plain, formula=formula, at=at), species))
        self._draft.note_place(f"species {plain}", at)

    def reaction(
        self,
        left: Sequence[str | Term],
        right: Sequence[str | Term],
        *,
        K: float | EquilibriumConstant | None = None,
        kind: ReactionKind | str | None = None,
        label: str = "",
        conformer: str | None = None,
        w: float | EquilibriumConstant | None = None,
        dH: EquilibriumConstant | None = None,
        at: Location | None = None,
    ) -> None:
        """Add ``left <=> right``.

        Parameters
        ----------
        left, right : sequence of str or Term
            ``"In-O2CR"``, ``"2 NH2R"``.
        K : float or EquilibriumConstant, optional
            A number is fixed, per site where a site takes part, in mol/L [mol/L to the power of dissolved species
            right minus left]. None: unknown, found by a fit.
        kind : ReactionKind or str, optional
            X, L, Z or S; found from the terms and, where given, checked.
        label : str
            ``"11"`` names the constant ``K[11]``; by default reactions are numbered within their class.
        conformer : str, optional
            The only conformer it applies to.
        w : float or EquilibriumConstant, optional
            Energy gained by two neighbours that both hold the product [J/mol]; in a mean field, by a site when all
            others hold it. Positive values bring equal neighbours together.
        dH : EquilibriumConstant, optional
            Reaction enthalpy that is fitted, `UNKNOWN_ENTHALPY`, or known with an error, `enthalpy_of`; one without
            error belongs to K.

        Raises
        ------
        SurfaceChemError
            If terms or K are none.
        """
        sides = tuple(read_side(side) for side in (left, right))
        terms = (*sides[0], *sides[1])
        convention = Convention.PER_SITE if any(t.site is not None for t in terms) else Convention.SOLUTION
        exponent = molar_exponent(*sides)
        if K is None:
            constant = EquilibriumConstant(name="", convention=convention, molar_exponent=exponent, role=Role.FREE)
        elif isinstance(K, EquilibriumConstant):
            constant = K
        else:
            constant = EquilibriumConstant.of(_plain(K), convention=convention, molar_exponent=exponent)
        self._draft.add_reaction(
            sides[0], sides[1], constant, kind=None if kind is None else ReactionKind(kind), label=label,
            conformer=conformer, coupling=coupling_of(w) if isinstance(w, float | int) else w, enthalpy=dH, at=at,
        )  # fmt: skip

    def couple(
        self,
        first: str | Term,
        second: str | Term,
        *,
        w: float | EquilibriumConstant | None = None,
        label: str = "",
        conformer: str | None = None,
        at: Location | None = None,
    ) -> None:
        """Couple neighbours of which one is in the state `first` and the other in `second`.

        Parameters
        ----------
        first, second : str or Term
            ``"In-O2CR'"``, ``"In-SR'"``; two states of one site class, or one state twice.
        w : float or EquilibriumConstant, optional
            Energy that such a pair gains [J/mol], fixed; in a mean field, that a site in `first` gains when all others
            are in `second`. Positive values bring the two together. None: unknown, found by a fit.
        label : str
            ``"AB"`` names the constant ``W[AB]``; by default couplings are numbered.
        conformer : str, optional
            The only conformer it applies to.
        """
        states = read_side([first, second])
        constant = coupling_of(w) if isinstance(w, float | int) else w or UNKNOWN_COUPLING
        coupling = Coupling(
            first=states[0], second=states[1], conformer=conformer,
            constant=replace(constant, name=f"W[{label}]" if label else ""),
        )  # fmt: skip
        self._draft.couplings.append((coupling, at))

    def conformer(
        self,
        name: str,
        *,
        of: str,
        L0: float | EquilibriumConstant | None = None,
        dH: EquilibriumConstant | None = None,
        at: Location | None = None,
    ) -> None:
        """Declare another form; `L0` is [conformer]/[reference] with all sites native, `dH` as in `reaction`."""
        if L0 is None:
            constant = EquilibriumConstant(name="")
        else:
            constant = L0 if isinstance(L0, EquilibriumConstant) else EquilibriumConstant.of(L0)
        constant = replace(constant, name=f"L0[{name}]", convention=Convention.FORMS)
        heat = dH and replace(dH, name=f"dH[{name}]")
        self._draft.conformers.append(Conformer(name=name, cluster=of, constant=constant, enthalpy=heat))
        self._draft.note_place(f"conformer {name}", at)

    def reference(self, name: str, *, of: str, at: Location | None = None) -> None:
        """Name the form of a cluster that the others are measured against, so that reactions may be of it alone."""
        self._draft.references.append((name, of))
        self._draft.note_place(f"conformer {name}", at)

    def observe(
        self,
        name: str,
        kind: str,
        *entities: str,
        weights: Sequence[Fraction | None] = (),
        options: Sequence[tuple[str, str | float | bool]] = (),
        factors: Sequence[EquilibriumConstant] = (),
        at: Location | None = None,
    ) -> None:
        """Say what a measured signal is of: ``observe("delta", "shift", "HO2CR'", "In-O2CR'")``.

        An emission has a factor, named ``"q"`` or ``"k"``: what one quencher does to the light of its particle.
        Without one, the share q that it lets through is to be fitted. Those of a band (`Convention.OPTICAL`) are its
        numbers that are fitted or have an error, ``"width"``, ``"slope:SR'"``, beside their values among the options.
        """
        convention = Convention.PER_QUENCHER if kind == EMISSION else Convention.OPTICAL
        stated = factors or ([EquilibriumConstant(name="q")] if kind == EMISSION else [])
        # The same at every temperature: nothing is known of its change.
        named = [
            replace(each, name=factor_name(each.name, name), convention=convention, enthalpy=0.0) for each in stated
        ]
        self._draft.observables.append(
            Observable(
                name=name,
                kind=kind,
                entities=tuple(normal_primes(entity) for entity in entities),
                weights=tuple(weights) if any(weight is not None for weight in weights) else (),
                options=tuple(options),
                factors=tuple(named),
            )
        )
        self._draft.note_place(f"observe {name}", at)

    def draft_system(self) -> tuple[System, list[SurfaceChemError]]:
        """Return the system as far as it can be made, and everything that is wrong with it."""
        return assemble(self._draft)

    def system(self) -> System:
        """Return the checked system.

        Raises
        ------
        SurfaceChemError
            The fault, or `Faults` where there are several.
        """
        system, faults = self.draft_system()
        raise_all(faults)
        return system


def _plain(value: object) -> float:
    """Return a constant given as a number.

    Raises
    ------
    ConventionError
        If it is none: units are read in model files only.
    """
    if not isinstance(value, float | int):
        raise ConventionError(
            "constant K",
            found=repr(value)[:80],
            allowed="a number in mol/L based units, or an EquilibriumConstant",
            advice="write K=250.0 for 250 /M; a model file takes the unit as text",
        )
    return float(value)


def _number(name: str, count: Fraction | float | None, spread: float | None) -> EquilibriumConstant:
    """Return the number of sites as a constant that a fit moves, the same at every temperature."""
    if count is None:
        raise ModelError(
            f"number of sites {name}",
            found="'fit' without a number to begin at",
            allowed="an estimate, with +/- where something is known of it",
            advice=f"write site {name} on InP37 : 51 +/- 2 fit native O2CR",
        )
    return EquilibriumConstant(
        name=f"N[{name}]",
        log10_value=math.log10(float(count)),
        log10_stderr=None if spread is None else spread / (float(count) * LN10),
        convention=Convention.SITES,
        enthalpy=0.0,
    )


def factor_name(key: str, observable: str) -> str:
    """Return the name of a factor: ``"q[F]"``, ``"width[E1]"``, ``"slope[E1, SR']"`` of ``"slope:SR'"``."""
    word, _, of = key.partition(":")
    return f"{'position' if word == 'origin' else word}[{observable}{', ' if of else ''}{of}]"


def coupling_of(energy: float, temperature: float = STANDARD_TEMPERATURE) -> EquilibriumConstant:
    """Return exp(w/RT) as a constant that moves with temperature, for a coupling w [J/mol]."""
    return EquilibriumConstant(
        name="",
        log10_value=energy / (GAS_CONSTANT * temperature * LN10),
        convention=Convention.NEIGHBOURS,
        enthalpy=-energy,
        temperature=temperature,
        role=Role.FIXED,
    )


def enthalpy_of(enthalpy: float) -> EquilibriumConstant:
    """Return exp(dH/RT) as a constant that a fit may move, for a reaction enthalpy dH [J/mol]."""
    return replace(coupling_of(enthalpy), convention=Convention.ENTHALPY)


def _exact(count: Fraction | float) -> Fraction:
    """Return a count as the fraction that its decimal text means."""
    return count if isinstance(count, Fraction) else Fraction(str(count))
