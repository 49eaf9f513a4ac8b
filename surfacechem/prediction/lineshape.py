"""Bands as a chemist writes them, with units (`relations.lineshape` has the formulas)."""

from __future__ import annotations

from surfacechem.relations.lineshape import Lineshape, refuse_impossible
from surfacechem.units import Kind, quantity

__all__ = ["Transition", "transition"]


class Transition(Lineshape):
    """One transition of one absorber, which moves by energies with a unit."""

    def moved(self, by: str | float) -> Transition:
        """Return the same band elsewhere: ``moved("140 meV")``; a shift has no value in nm.

        Raises
        ------
        UnitError
            When the shift is no energy.
        """
        return super().moved(by if isinstance(by, float) else quantity(by, Kind.ENERGY_SHIFT, name="shift"))


def transition(
    position: str,
    *,
    width: str,
    strength: str | None = None,
    huang_rhys: float = 0.0,
    quantum: str | None = None,
    temperature: str = "298.15 K",
    asymmetry: float = 1.0,
) -> Transition:
    """Return a transition from quantities as a chemist writes them.

    Parameters
    ----------
    position : str
        Maximum of the band, where it has no vibrations, else its 0-0 line: ``"386 nm"``, ``"3.21 eV"``.
    width : str
        Full width of each line at half maximum, as an energy: ``"150 meV"``.
    strength : str, optional
        Molar absorption coefficient at the top of one line: ``"2.1e5 /(M cm)"``; by default 1.
    huang_rhys : float
        S, from 0.
    quantum : str, optional
        Energy of one quantum, needed with S.
    temperature : str
        Temperature.
    asymmetry : float
        Half width above over half width below the maximum, of a skewed band without vibrations.

    Raises
    ------
    UnitError
        When a unit is missing or of the wrong kind; a width in nm is refused, because it is none in energy.
    RangeError
        When the width is not positive, or S and the quantum do not belong together.

    Examples
    --------
    >>> band = transition("386 nm", width="150 meV", huang_rhys=1.5, quantum="40 meV")
    >>> round(band.origin, 3), round(band.mean, 3)
    (3.212, 3.272)
    """
    found = Transition(
        origin=quantity(position, Kind.PHOTON_ENERGY, name="position"),
        width=quantity(width, Kind.ENERGY_SHIFT, name="width"),
        strength=1.0 if strength is None else quantity(strength, Kind.EXTINCTION, name="strength"),
        huang_rhys=huang_rhys,
        quantum=0.0 if quantum is None else quantity(quantum, Kind.ENERGY_SHIFT, name="quantum"),
        temperature=quantity(temperature, Kind.TEMPERATURE, name="temperature"),
        asymmetry=asymmetry,
    )
    refuse_impossible(found)
    return found
