"""Make entries of fields, each with the checks that its kind allows."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from surfacechem.chem.constant import EquilibriumConstant
from surfacechem.chem.convention import Convention
from surfacechem.chem.system import ReactionKind
from surfacechem.chem.template import METAL_VALENCES, decompose
from surfacechem.constants import LN10
from surfacechem.errors import FormulaError
from surfacechem.library.entries import Band, ClusterEntry, ConstantEntry, Entry, FactEntry, LigandEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from surfacechem.chem.formula import Formula
    from surfacechem.chem.template import ClusterTemplate
    from surfacechem.library.fields import Fields

__all__ = ["READERS"]


def _cluster(name: str, fields: Fields) -> ClusterEntry:
    is_known = fields.text("unknown", default="") != "formula"
    groups = fields.groups()
    charges = fields.whole_numbers("charges")
    text = fields.text("formula", default=None if is_known else "")
    formula = fields.formula(text, groups) if text else None
    return ClusterEntry(
        name=name,
        title=fields.text("title"),
        source=fields.source(),
        aliases=fields.texts("aliases"),
        notes=fields.texts("notes"),
        material=fields.text("material"),
        formula=formula,
        template=None if formula is None else _template(formula, charges, fields),
        groups=groups,
        bands=tuple(_band(band) for band in fields.entries("bands")),
        alternative_to=fields.text("alternative_to", default=""),
    )


def _template(formula: Formula, charges: dict[str, int], fields: Fields) -> ClusterTemplate | None:
    """Return the template; to find it is the test of neutrality."""
    try:
        return decompose(formula, charges=charges)
    except FormulaError as error:
        fields.fault(f"formula '{formula}'", found=error.found, allowed=error.allowed, advice=error.advice)
        return None


def _band(fields: Fields) -> Band:
    band = Band(wavelength=fields.positive("wavelength") or 0.0, what=fields.text("what"), source=fields.source())
    fields.finish()
    return band


def _ligand(name: str, fields: Fields) -> LigandEntry | None:
    text = fields.text("formula")
    formula = fields.formula(text) if text else None
    classes = tuple(fields.chosen("classes", text, ReactionKind) for text in fields.texts("classes"))
    bound = tuple(fields.formula(text) for text in fields.texts("bound"))
    entry = None
    if formula is not None and None not in classes and None not in bound:
        entry = LigandEntry(
            name=name,
            title=name,
            source=fields.source(),
            aliases=fields.texts("aliases"),
            notes=fields.texts("notes"),
            formula=formula,
            classes=tuple(kind for kind in classes if kind is not None),
            bound=tuple(form for form in bound if form is not None),
        )
        _check_ligand(entry, fields)
    return entry


def _check_ligand(entry: LigandEntry, fields: Fields) -> None:
    """Collect what contradicts the classes of a ligand."""
    if not entry.classes or ReactionKind.S in entry.classes:
        fields.fault("classes", found="none" if not entry.classes else "'S'", allowed="'X', 'L', 'Z'")
    if (ReactionKind.X in entry.classes) is not bool(entry.bound):
        fields.fault("field 'bound'", found=f"{len(entry.bound)} forms", allowed="forms for class X, none without it")
    for n_protons, form in enumerate(entry.bound, start=1):
        lost = dict(entry.formula.composition)
        lost["H"] = lost.get("H", Fraction(0)) - n_protons
        if {symbol: count for symbol, count in lost.items() if count} != form.composition:
            fields.fault(
                f"bound form '{form}'",
                found=f"another composition than {entry.formula} without {n_protons} H",
                allowed="the ligand with one proton less for each form",
            )
    if entry.formula.charge:
        fields.fault(f"formula '{entry.formula}'", found="a charge", allowed="the neutral molecule")
    if ReactionKind.Z in entry.classes and not _is_metal_salt(entry.formula):
        fields.fault(
            f"formula '{entry.formula}'",
            found="no neutral metal salt",
            allowed="for class Z one metal with as many groups or halides as its valence, e.g. Cd(O2CC17H33)2",
        )


def _is_metal_salt(formula: Formula) -> bool:
    """Whether a formula is one metal followed by as many monovalent ligands as its valence."""
    metal, *ligands = formula.parts
    n_ligands = sum((part.count for part in ligands), Fraction(0))
    return metal.name in METAL_VALENCES and n_ligands == metal.count * METAL_VALENCES[metal.name]


def _constant(name: str, fields: Fields) -> ConstantEntry:
    value = fields.positive("value")
    stderr = fields.positive("stderr", required=False)
    source = fields.source()
    constant = EquilibriumConstant.of(
        value or 1.0,  # a missing value is a fault already: nothing is returned to the caller then
        name=name,
        convention=fields.choice("convention", Convention) or Convention.PER_SITE,
        molar_exponent=Fraction(fields.number("molar_exponent", required=False) or 0),
        source=source,
    )
    if stderr is not None:
        # First order: d log10 K = dK/(K ln 10).
        constant = replace(constant, log10_stderr=stderr / (constant.value * LN10))
    return ConstantEntry(
        name=name,
        title=fields.text("title"),
        source=source,
        aliases=fields.texts("aliases"),
        notes=fields.texts("notes"),
        material=fields.text("material"),
        reaction=fields.text("reaction"),
        constant=constant,
        groups=fields.groups(),
        assumed=fields.texts("assumed"),
        is_approximate=fields.flag("is_approximate"),
    )


def _fact(name: str, fields: Fields) -> FactEntry:
    single = fields.number("value", required=False)
    ends = (fields.number("from", required=False), fields.number("to", required=False))
    statement = fields.text("statement", default="")
    values = tuple(value for value in (single, *ends) if value is not None)
    forms = (single is not None, None not in ends, bool(statement))
    if sum(forms) != 1 or (single is not None and len(values) != 1):
        fields.fault("fact", found=f"{len(values)} values", allowed="one of: value; from and to; statement")
    return FactEntry(
        name=name,
        title=fields.text("what"),
        source=fields.source(),
        aliases=fields.texts("aliases"),
        notes=fields.texts("notes"),
        material=fields.text("material"),
        values=values,
        unit=fields.text("unit", default="" if statement else None),
        statement=statement,
        is_approximate=fields.flag("is_approximate"),
    )


READERS: Final[Mapping[str, Callable[[str, Fields], Entry | None]]] = MappingProxyType(
    {"clusters": _cluster, "ligands": _ligand, "constants": _constant, "facts": _fact}
)
