"""What a fit is asked for beside model and data: constants that are held, where to start, the loss."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (read back by type)
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from surfacechem.chem.build import coupling_of
from surfacechem.chem.constant import EquilibriumConstant, Role, constant_name
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.errors import ModelError, UnknownNameError

if TYPE_CHECKING:
    from surfacechem.chem.system import System

__all__ = ["Request", "restate"]

SQUARES = "squares"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked of a fit, so that it can be asked again.

    Attributes
    ----------
    loss : str
        ``"squares"`` or ``"robust"``.
    hold : mapping of str to str
        Constants that were held at a value: ``{"K[11]": "2500 /M"}``.
    start : mapping of str to str
        Constants from whose value one more descent began.
    known : mapping of str to str
        Files of known spectra, by observable.
    allow : tuple of str
        Facts that were said to be right.
    """

    loss: str = SQUARES
    hold: Mapping[str, str] = field(default_factory=dict)
    start: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[str, ...] = ()

    def options(self) -> dict[str, Any]:
        """Return what differs from a plain fit, as keywords of `Model.fit`."""
        stated = {"hold": self.hold, "start": self.start, "known": self.known}
        loss = {} if self.loss == SQUARES else {"loss": self.loss}
        allow = {"allow": list(self.allow)} if self.allow else {}
        return {**loss, **allow, **{name: dict(value) for name, value in stated.items() if value}}


def restate(system: System, request: Request) -> System:
    """Return a system in which constants are held, and started, as asked.

    Raises
    ------
    UnknownNameError
        If the model has no such constant.
    UnitError
        If a unit does not suit its constant.
    ModelError
        If a start is given for what is not fitted, or has a prior, whose middle it would move.
    """
    constants = {constant.name: constant for constant in (*system.constants, *system.factors)}
    hold, start = (
        {constant_name(name): text for name, text in asked.items()} for asked in (request.hold, request.start)
    )
    unknown = [name for name in (*hold, *start) if name not in constants]
    if unknown:
        raise UnknownNameError(
            f"constant {', '.join(unknown)}", allowed=", ".join(constants), advice="name one of these"
        )
    settled = [name for name in start if _is_settled(constants[name])]
    if settled:
        raise ModelError(
            f"start of {', '.join(settled)}",
            found="a constant that is not fitted, or has a prior",
            allowed="constants that are fitted without a prior",
            advice="leave the start out; to fix the value instead, hold it",
        )

    def change(constant: EquilibriumConstant) -> EquilibriumConstant:
        if constant.name in hold:
            return _stated(EquilibriumConstant(
                name=constant.name, convention=constant.convention, molar_exponent=constant.molar_exponent,
                enthalpy=constant.enthalpy, unit=constant.unit, role=Role.FIXED,
            ), hold[constant.name], system.temperature)  # fmt: skip
        return _stated(constant, start[constant.name], system.temperature) if constant.name in start else constant

    return system.restated(change)


def _is_settled(constant: EquilibriumConstant) -> bool:
    return constant.role is not Role.FREE or constant.log10_stderr is not None


def _stated(constant: EquilibriumConstant, value: str, temperature: float) -> EquilibriumConstant:
    from surfacechem.prediction.estimate import read_ln_value

    ln_value = read_ln_value(value, constant, temperature=temperature)
    if constant.convention.is_energy:
        energy = coupling_of(ln_value * GAS_CONSTANT * temperature, temperature)
        return replace(constant, log10_value=energy.log10_value, enthalpy=energy.enthalpy, temperature=temperature)
    return replace(constant, log10_value=ln_value / LN10, temperature=None)
