"""What all published laws say of one number: sizes, absorption and particle concentration with their spread."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from surfacechem.display import Table, round_number
from surfacechem.errors import RangeError, UnknownNameError
from surfacechem.relations.absorption import ABSORPTION_LAWS, molar_absorption
from surfacechem.relations.catalogue import law, laws_of
from surfacechem.relations.guard import require_positive, warn_once_each
from surfacechem.relations.law import FIRST_TRANSITION, Quantity
from surfacechem.relations.positions import to_energy
from surfacechem.relations.sizing import SIZING_LAWS, tetrahedron_edge

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemWarning
    from surfacechem.relations.law import Law

    Cautions = tuple[SurfaceChemWarning, ...]

__all__ = ["Spread", "absorption_from_diameter", "absorption_from_wavelength", "particle_concentration", "sizes"]

ONE_LAW_ONLY = "one law only is bundled, so its error is unknown; the two laws of CdSe differ 3.4-fold at 480 nm"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """One number according to several laws.

    Attributes
    ----------
    quantity : Quantity
        What the number is; the values are in its kernel unit.
    values : tuple of (str, float)
        Name of each law and its value.
    notes : tuple of str
        What to know before using them.
    """

    quantity: Quantity
    values: tuple[tuple[str, float], ...]
    notes: tuple[str, ...] = ()

    @property
    def lowest(self) -> float:
        """Smallest value."""
        return min(value for _, value in self.values)

    @property
    def highest(self) -> float:
        """Largest value."""
        return max(value for _, value in self.values)

    @property
    def central(self) -> float:
        """Geometric mean of the values: they differ by factors."""
        return math.exp(math.fsum(math.log(value) for _, value in self.values) / len(self.values))

    @property
    def factor(self) -> float | None:
        """Largest over smallest value; None where one law alone tells nothing of its error."""
        return self.highest / self.lowest if len(self.values) > 1 else None

    def table(self) -> Table:
        """Return one row per law."""
        return Table(
            title=str(self.quantity).capitalize(),
            columns=("law", str(self.quantity)),
            rows=tuple((name, round_number(value, unit=self.quantity.unit)) for name, value in self.values),
            notes=self.notes,
        )

    def __str__(self) -> str:
        """Return the table as text."""
        return self.table().to_text()


def sizes(material: str, *, wavelength: float) -> Spread:
    """Return the size of particles from their first transition, by every law of the material.

    Parameters
    ----------
    material : str
        E.g. ``"CdSe"``.
    wavelength : float
        Wavelength of the first transition [nm].

    Returns
    -------
    Spread
        Diameters [nm]; for InP the edge of a tetrahedron [nm], to which the volume law is brought by geometry.

    Raises
    ------
    UnknownNameError
        If no sizing law of the material is bundled.
    RangeError
        If a law does not reach that wavelength.

    Warns
    -----
    ExtrapolationWarning, ClusterWarning
        As the laws do, each once.

    Examples
    --------
    >>> [round(diameter, 2) for _, diameter in sizes("CdSe", wavelength=550.0).values]
    [3.04, 3.19]
    """
    laws = laws_of(material, SIZING_LAWS)
    found = [_size(known, wavelength) for known in laws]
    notes = warn_once_each((caution for _, cautions in found for caution in cautions), stacklevel=2)
    is_tetrahedron = any(Quantity.EDGE in {known.input, known.result} for known in laws)
    values = tuple(
        (known.name, tetrahedron_edge(size) if Quantity.VOLUME in {known.input, known.result} else size)
        for known, (size, _) in zip(laws, found, strict=True)
    )
    quantity = Quantity.EDGE if is_tetrahedron else Quantity.DIAMETER
    return Spread(quantity=quantity, values=values, notes=notes)


def absorption_from_wavelength(
    material: str, *, wavelength: float, half_width: float | None = None, at: str = FIRST_TRANSITION
) -> Spread:
    """Return the molar absorption coefficient of particles from their first transition, by every law.

    Parameters
    ----------
    material : str
        E.g. ``"CdSe"``.
    wavelength : float
        Wavelength of the first transition [nm].
    half_width : float, optional
        Half width at half maximum of the band [eV], for laws that are normalised to one.
    at : str
        Where the absorbance is read: ``"first transition"``, or the fixed position of a law (``"400 nm"``).

    Returns
    -------
    Spread
        Decadic coefficients per mole of particles [L/(mol cm)].

    Raises
    ------
    UnknownNameError
        If no law is bundled for the material and position, or none that turns its wavelength into a size.
    RangeError
        If a law does not reach that wavelength, or the half width is not positive.

    Warns
    -----
    ExtrapolationWarning, ClusterWarning
        As the laws do, each once.

    Examples
    --------
    >>> round(absorption_from_wavelength("CdSe", wavelength=480.0).factor, 1)
    3.4
    """
    laws = _laws_at(material, at)
    arguments = [_argument_of_wavelength(known, wavelength) for known in laws]
    return _absorption(laws, arguments, half_width)


def absorption_from_diameter(
    material: str, *, diameter: float, half_width: float | None = None, at: str = FIRST_TRANSITION
) -> Spread:
    """Return the molar absorption coefficient of particles from a diameter measured otherwise, by every law.

    Parameters
    ----------
    material : str
        E.g. ``"InAs"``.
    diameter : float
        Diameter, e.g. from microscopy [nm].
    half_width, at
        As in `absorption_from_wavelength`.

    Returns
    -------
    Spread
        Decadic coefficients per mole of particles [L/(mol cm)].

    Raises
    ------
    UnknownNameError
        If no law is bundled for the material and position.
    RangeError
        If a law does not reach that diameter, or the half width is not positive.

    Warns
    -----
    ExtrapolationWarning, ClusterWarning
        As the laws do, each once.

    Examples
    --------
    >>> f"{absorption_from_diameter('InAs', diameter=4.0, at='2.76 eV').central:.4g}"
    '1.297e+06'
    """
    laws = _laws_at(material, at)
    arguments = [_argument_of_diameter(known, diameter) for known in laws]
    return _absorption(laws, arguments, half_width)


def particle_concentration(absorbance: float, *, coefficients: Spread, path_length: float = 1.0) -> Spread:
    """Return the concentration of particles from an absorbance, A/(eps l), by every law in `coefficients`.

    Parameters
    ----------
    absorbance : float
        Decadic absorbance where the coefficients hold [1].
    coefficients : Spread
        Molar absorption coefficients, from `absorption_from_wavelength` or `absorption_from_diameter`.
    path_length : float
        Optical path [cm].

    Returns
    -------
    Spread
        Concentrations [mol/L]; the factor between them is that of the coefficients.

    Raises
    ------
    RangeError
        If absorbance or path are not positive, or `coefficients` are no absorption coefficients.

    Examples
    --------
    >>> coefficients = absorption_from_wavelength("CdS", wavelength=400.0)
    >>> f"{particle_concentration(0.5, coefficients=coefficients).central:.3g}"
    '1.41e-06'
    """
    if coefficients.quantity is not Quantity.ABSORPTION:
        raise RangeError("coefficients", found=str(coefficients.quantity), allowed=str(Quantity.ABSORPTION))
    require_positive(absorbance, "absorbance", "1")
    require_positive(path_length, "optical path", "cm")
    values = tuple((name, absorbance / (value * path_length)) for name, value in coefficients.values)
    return replace(coefficients, quantity=Quantity.CONCENTRATION, values=values)


def _laws_at(material: str, at: str) -> tuple[Law, ...]:
    """Return the absorption laws of a material for one position."""
    laws = laws_of(material, ABSORPTION_LAWS)
    found = tuple(known for known in laws if known.at == at)
    if not found:
        raise UnknownNameError(
            f"absorption of {material} at '{at}'",
            found="no law",
            allowed=", ".join(f"'{place}'" for place in sorted({known.at for known in laws})),
            advice="read the absorbance there and say so with at=",
        )
    return found


def _size(known: Law, wavelength: float) -> tuple[float, Cautions]:
    """Return the size that a sizing law gives for a first transition, and its cautions."""
    if known.input is Quantity.WAVELENGTH:
        size = known.evaluate(wavelength)
        return size, known.cautions(wavelength)
    size = known.solve(to_energy(wavelength))
    return size, known.cautions(size)


def _argument_of_wavelength(known: Law, wavelength: float) -> tuple[float, Cautions]:
    """Return the input of an absorption law for a first transition, and the cautions of the way there."""
    if known.input is Quantity.ENERGY:
        return to_energy(wavelength), ()
    if not known.size_law:
        raise UnknownNameError(
            f"sizing curve of {known.material}",
            found="none bundled",
            allowed="a diameter",
            advice="call absorption_from_diameter with a diameter from microscopy",
        )
    return _size(law(known.size_law), wavelength)


def _argument_of_diameter(known: Law, diameter: float) -> tuple[float, Cautions]:
    """Return the input of an absorption law for a diameter."""
    if known.input is Quantity.ENERGY:
        return to_energy(law(known.size_law).solve(diameter)), ()
    return (diameter / 2 if known.input is Quantity.RADIUS else diameter), ()


def _absorption(laws: tuple[Law, ...], arguments: list[tuple[float, Cautions]], half_width: float | None) -> Spread:
    """Return the coefficients of laws at their inputs, with warnings and notes."""
    if half_width is not None:
        require_positive(half_width, "half width of the band", "eV")
    values = []
    cautions: list[SurfaceChemWarning] = []
    for known, (argument, before) in zip(laws, arguments, strict=True):
        result = known.evaluate(argument)
        cautions += (*before, *known.cautions(argument))
        coefficient = molar_absorption(result) if known.result is Quantity.CROSS_SECTION else result
        if half_width is not None and known.half_width is not None:
            coefficient *= known.half_width / half_width
        values.append((known.name, coefficient))
    # One frame for this function, one for the public one that called it.
    warned = warn_once_each(cautions, stacklevel=3)
    spread = Spread(quantity=Quantity.ABSORPTION, values=tuple(values))
    return replace(spread, notes=(*warned, *_width_notes(laws, half_width), _spread_note(spread)))


def _width_notes(laws: tuple[Law, ...], half_width: float | None) -> tuple[str, ...]:
    """Return what became of the half width, law by law."""
    if half_width is None:
        return tuple(
            f"'{known.name}' holds for a half width of {known.half_width:g} eV; give half_width= of your band"
            for known in laws
            if known.half_width is not None
        )
    return tuple(f"'{known.name}' does not use the half width" for known in laws if known.half_width is None)


def _spread_note(spread: Spread) -> str:
    if spread.factor is None:
        return ONE_LAW_ONLY
    return (
        f"the laws differ {spread.factor:.2g}-fold here; particle concentrations and all constants per particle that "
        "rest on them are uncertain by as much"
    )
