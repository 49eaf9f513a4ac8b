"""What a temperature makes of the constants of a model: van 't Hoff, couplings, enthalpies that are fitted.

With theta the ln of the constants at the temperature T0 of the model,

    theta(T) = theta + (1/T - 1/T0) (slope + T0 mixing theta).

The slope of a constant with a known enthalpy is -dH/R. A coupling is an energy that is the same at every temperature,
ln W = w/RT. An enthalpy that is fitted, or has an error, is an entry of theta of its own, dH/(R T0), which moves
itself and its K: ln K(T) = ln K(T0) - dH/R (1/T - 1/T0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.constants import COLDEST, GAS_CONSTANT, HOTTEST
from surfacechem.errors import ConventionError, ModelError, RangeError

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.network.network import Network

    Floats = NDArray[np.float64]

__all__ = [
    "SAME_TEMPERATURE",
    "Warming",
    "at_reference",
    "athermal",
    "heat",
    "refuse_athermal",
    "refuse_beyond",
    "warmed_by",
    "warming",
]

SAME_TEMPERATURE = 0.01  # K


class Warming(NamedTuple):
    """The way from the temperature of the model to another one: ``matrix @ theta + step``."""

    matrix: Floats  # (n_constants, n_constants)
    step: Floats  # (n_constants,)

    def of(self, theta: Floats) -> Floats:
        """Return ln of the constants there, shape of theta (..., n_constants)."""
        warm: Floats = theta @ self.matrix.T + self.step
        return warm

    @property
    def is_any(self) -> bool:
        """Whether any constant changes."""
        return bool(self.step.any() or (self.matrix != np.eye(len(self.step))).any())


def warming(network: Network, temperature: float | None) -> Warming:
    """Return what a temperature makes of ln of each constant of the model.

    Constants without any dH are the same at every temperature.

    Parameters
    ----------
    network : Network
        Its constants, at the temperature of the model.
    temperature : float, optional
        Temperature [K]; None: that of the model.

    Raises
    ------
    RangeError
        If no flask has this temperature.
    """
    if temperature is not None:
        refuse_beyond(temperature)
    reference, n_constants = network.system.temperature, len(network.constants)
    if temperature is None or abs(temperature - reference) < SAME_TEMPERATURE:
        return Warming(np.eye(n_constants), np.zeros(n_constants))
    way = 1.0 / temperature - 1.0 / reference
    slope, mixing = _slopes(network)
    return Warming(np.eye(n_constants) + way * reference * mixing, way * slope)


def refuse_beyond(*temperatures: float) -> None:
    """Refuse temperatures [K] that no flask has.

    Raises
    ------
    RangeError
        With the first of them.
    """
    for temperature in temperatures:
        if not COLDEST <= temperature <= HOTTEST:
            raise RangeError(
                "temperature",
                found=f"{temperature:g} K",
                allowed=f"{COLDEST:g} to {HOTTEST:g} K",
                advice="correct the number or its unit: 50 degC, 323 K",
            )


def heat(network: Network, theta: Floats) -> Floats:
    """Return the slope of ln of each constant against 1/T [K], shape of theta (..., n_constants)."""
    slope, mixing = _slopes(network)
    return np.asarray(slope + network.system.temperature * theta @ mixing.T)


def _slopes(network: Network) -> tuple[Floats, Floats]:
    constants = network.constants
    is_energy = [each.convention.is_energy for each in constants]
    slope = [0.0 if energy else -(each.enthalpy or 0.0) for each, energy in zip(constants, is_energy, strict=True)]
    mixing = np.diag(np.array(is_energy, dtype=float))
    for moved, by in warmed_by(network).items():
        mixing[moved, by] = -1.0
    return np.array(slope) / GAS_CONSTANT, mixing


def warmed_by(network: Network) -> dict[int, int]:
    """Return which constants have an enthalpy among the constants, both by position.

    Raises
    ------
    ModelError
        If the constant follows from others, as its enthalpy then does.
    """
    places = {each.name: place for place, each in enumerate(network.constants)}
    found = {}
    for each in network.system.equilibria:
        if each.enthalpy is None:
            continue
        name = each.constant.name
        if name not in places:
            raise ModelError(
                each.enthalpy.name,
                found=f"an enthalpy to be found of {name}, which follows from other constants",
                allowed="enthalpies of constants that are independent: its own follows from theirs",
                advice=f"leave dH out of the line of {name}",
            )
        found[places[name]] = places[each.enthalpy.name]
    return found


def athermal(network: Network) -> list[str]:
    """Return the constants of which nothing says how they change with temperature."""
    warmed = warmed_by(network)
    return [
        each.name
        for place, each in enumerate(network.constants)
        if each.enthalpy is None and not each.convention.is_energy and place not in warmed
    ]


def refuse_athermal(network: Network, *, but: Collection[str] = ()) -> None:
    """Raise where another temperature is asked for than a constant can be brought to.

    Parameters
    ----------
    network : Network
        The model.
    but : collection of str
        Constants that are stated at the temperature that is asked for.

    Raises
    ------
    ConventionError
        If one has neither a dH nor one to be fitted.
    """
    missing = [name for name in athermal(network) if name not in but]
    if missing:
        raise ConventionError(
            f"constant {', '.join(missing)}",
            found="no enthalpy while temperature is varied",
            allowed="dH of every constant that is not varied itself",
            advice="write it in the model: '; K = 250 /M, dH = -35 kJ/mol'",
        )


def at_reference(constant: EquilibriumConstant, temperature: float) -> EquilibriumConstant:
    """Return a constant with bounds and prior at the temperature of the model, as far as its dH is known."""
    is_movable = constant.enthalpy is not None or constant.convention.is_energy
    return constant.at(temperature) if is_movable else constant
