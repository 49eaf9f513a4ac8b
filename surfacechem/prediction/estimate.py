"""What is known of the constants: values, covariance, and which of them the data only bound from one side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.chem.constant import constant_name
from surfacechem.chem.convention import Convention
from surfacechem.constants import GAS_CONSTANT, LN10, STANDARD_TEMPERATURE
from surfacechem.errors import ModelError, UnitError, UnknownNameError
from surfacechem.fitting.uncertainty import quantile
from surfacechem.network.warming import at_reference
from surfacechem.notation.settings import unit_for
from surfacechem.prediction.series import split_number
from surfacechem.units import Kind, constant_unit, kernel_unit, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.fitting import Draws, FitResult
    from surfacechem.network import Network

    Floats = NDArray[np.float64]

__all__ = ["Knowledge", "known_constants", "read_ln_value"]

OPEN_DECADES: Final = 6.0
"""How far beyond its bound a constant is tried whose other side the data leave open."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Knowledge:
    """Constants and their errors, in natural logarithms, in the order of `Network.constants`.

    Attributes
    ----------
    names : tuple of str
        The parameters that have errors: constants, then concentrations that a fit found, then constants that it held
        fixed but whose error is stated.
    theta : ndarray, shape (n_constants,)
        ln K.
    to_theta : ndarray, shape (n_constants, n_parameters)
        Which constant each parameter is; columns of concentrations are zero.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Of the parameters; zero where the data say nothing, see `open_ends`.
    open_ends : tuple of (int, float, float)
        Parameter, and the smallest and largest ln K to try, of constants that are bounded from one side or none.
    fed : ndarray, shape (n_parameters,)
        Natural logarithms of the amounts that a fit found: active shares, impurities, concentrations; 0 for constants.
    dof : float
        Degrees of freedom behind the covariance; infinite where errors were given.
    notes : tuple of str
        What was assumed.
    """

    names: tuple[str, ...]
    theta: Floats
    to_theta: Floats
    covariance: Floats
    open_ends: tuple[tuple[int, float, float], ...] = ()
    fed: Floats
    dof: float = np.inf
    notes: tuple[str, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether anything is known of the errors."""
        return bool(self.covariance.any()) or bool(self.open_ends)

    def at(self, steps: Floats) -> Floats:
        """Return theta where the parameters differ from their best values by `steps`, of one set or many."""
        return np.asarray(self.theta + steps @ self.to_theta.T)

    def scenarios(self) -> list[Floats]:
        """Return steps of the parameters that take each open constant to either end of its range."""
        found = []
        for parameter, *ends in self.open_ends:
            for end in ends:
                step = np.zeros(len(self.names))
                step[parameter] = end - float(self.to_theta[:, parameter] @ self.theta)
                found.append(step)
        return found

    def steps_of(self, draws: Draws) -> Floats:
        """Return draws of the fitted parameters as steps from the best ones, shape (n_draws, n_parameters).

        Constants that were given a value stay there; errors of constants that the fit held are drawn along.
        """
        steps = self.draw(len(draws.ln_values), seed=draws.seed)
        best = self.to_theta.T @ self.theta + self.fed
        is_exact = ~np.asarray(self.covariance.any(axis=1))
        is_exact[[number for number, *_ in self.open_ends]] = False
        for column, name in enumerate(draws.parameter_names):
            number = self.names.index(name)
            if not is_exact[number]:
                steps[:, number] = draws.ln_values[:, column] - best[number]
        return steps

    def reach(self, level: float) -> float:
        """Return how many standard errors a central interval reaches."""
        return quantile(level, self.dof)

    def draw(self, n_draws: int, *, seed: int) -> Floats:
        """Return random steps of the parameters, shape (n_draws, n_parameters).

        Normal by the covariance; a constant with an open side evenly in its logarithm from end to end.
        """
        random = np.random.default_rng(seed)
        eigenvalues, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
        steps = random.standard_normal((n_draws, len(self.names))) @ root.T
        for parameter, low, high in self.open_ends:
            best = float(self.to_theta[:, parameter] @ self.theta)
            steps[:, parameter] = random.uniform(low, high, n_draws) - best
        return np.asarray(steps)


def known_constants(
    network: Network, *, fit: FitResult | None = None, constants: Mapping[str, str | float] | None = None
) -> Knowledge:
    """Return the constants of a fit, else of the model, with single ones replaced by `constants`.

    Parameters
    ----------
    network : Network
        Gives the order and the model's own values and errors.
    fit : FitResult, optional
        Its values and covariance are taken.
    constants : mapping, optional
        Name to value with unit, ``{"K[L1]": "250 /M"}``, also of fitted shares, ``{"active[Host]": 1.0}``; exact,
        without error.

    Raises
    ------
    UnknownNameError
        If a name is no independent constant of the model, or the fit is of another model.
    UnitError
        If a unit does not suit its constant.
    ModelError
        If a constant has no value.
    """
    knowledge = _from_model(network) if fit is None else _from_fit(network, fit)
    for given, value in (constants or {}).items():
        name = constant_name(given)
        if name in knowledge.names and name not in {each.name for each in network.constants}:
            knowledge = _with_share(knowledge, name, value)
            continue
        index = _position(name, network)
        theta = knowledge.theta.copy()
        theta[index] = read_ln_value(value, network.constants[index], temperature=network.system.temperature)
        knowledge = _exact(replace(knowledge, theta=theta), np.flatnonzero(knowledge.to_theta[index]))
    _refuse_unknown(network, knowledge.theta)
    return knowledge


def _refuse_unknown(network: Network, theta: Floats) -> None:
    lacking = [constant.name for constant, value in zip(network.constants, theta, strict=True) if np.isnan(value)]
    if lacking:
        raise ModelError(
            f"constant {', '.join(lacking)}",
            found="no value",
            allowed="a value for every constant that a prediction needs",
            advice=f"write it in the model, fit it, or give it: {lacking[0]} = ... (--constant on the command line)",
        )


def _from_model(network: Network) -> Knowledge:
    stderr = [each.log10_stderr or 0.0 for each in _stated(network)]
    return Knowledge(
        names=tuple(constant.name for constant in network.constants),
        theta=network.ln_constants,
        to_theta=np.eye(len(network.constants)),
        covariance=np.diag(np.square(stderr)) * LN10**2,
        fed=np.zeros(len(network.constants)),
    )


def _from_fit(network: Network, fit: FitResult) -> Knowledge:
    order = [constant.name for constant in network.constants]
    known = {estimate.name: estimate for estimate in fit.estimates}
    missing = [name for name in order if name not in known]
    if missing:
        raise UnknownNameError(
            f"constant {', '.join(missing)}",
            found="not in this fit",
            allowed=", ".join(known),
            advice="use the model that was fitted",
        )
    values = [known[name].log10_value for name in order]
    open_ends, notes = [], []
    for number, name in enumerate(fit.parameter_names):
        estimate = known[name]
        if name in order and (estimate.is_bound_only or not np.isfinite(fit.covariance[number, number])):
            bounds = _stated(network)[order.index(name)].log10_bounds
            open_ends.append((number, *_range(estimate.log10_value, estimate.log10_interval, bounds)))
            within = ", within its stated bounds" if bounds else ""
            notes.append(
                f"The data bound {estimate.title} from one side at most; the band spans what follows up to "
                f"{OPEN_DECADES:g} decades on the open side{within}."
            )
    covariance = np.where(np.isfinite(fit.covariance), fit.covariance, 0.0) * LN10**2
    for number, *_ in open_ends:
        covariance[number] = covariance[:, number] = 0.0
    names, covariance = _with_stated_errors(network, fit.parameter_names, covariance)
    to_theta = np.array([[float(name == parameter) for parameter in names] for name in order])
    # One t for all bands: that of the parameter whose error is known worst.
    student_dof = [dof for dof in fit.student_dof if dof is not None]
    return Knowledge(
        names=names,
        theta=np.array([np.nan if value is None else value for value in values]) * LN10,
        to_theta=to_theta.reshape(len(order), len(names)),
        covariance=covariance,
        open_ends=tuple(open_ends),
        fed=LN10 * np.array([0.0 if name in order else known[name].log10_value or 0.0 for name in names]),
        dof=max(min(student_dof), 1.0) if student_dof else np.inf,
        notes=tuple(notes),
    )


def _stated(network: Network) -> list[EquilibriumConstant]:
    """Return the constants with what is stated of them, at the temperature of the model."""
    return [at_reference(each, network.system.temperature) for each in network.constants]


def _with_stated_errors(
    network: Network, fitted: tuple[str, ...], covariance: Floats
) -> tuple[tuple[str, ...], Floats]:
    """Return names and covariance of what was fitted, then of what was held fixed but has a stated error.

    A stated error comes from elsewhere: it is independent of what the data say.
    """
    held = [each for each in _stated(network) if each.name not in fitted and each.log10_stderr]
    n_fitted, variances = len(fitted), [(LN10 * (each.log10_stderr or 0.0)) ** 2 for each in held]
    joint = np.diag([*np.zeros(n_fitted), *variances])
    joint[:n_fitted, :n_fitted] = covariance
    return (*fitted, *(each.name for each in held)), joint


def _range(
    value: float | None,
    interval: tuple[float | None, float | None] | None,
    bounds: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """Return the smallest and largest ln K to try of a constant with an open side; stated bounds are not crossed."""
    lower, upper = interval or (None, None)
    middle = 0.0 if value is None else value
    low = (middle if upper is None else upper) - OPEN_DECADES if lower is None else lower
    high = (middle if lower is None else lower) + OPEN_DECADES if upper is None else upper
    if bounds is not None:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    return low * LN10, high * LN10


def _exact(knowledge: Knowledge, parameters: NDArray[np.intp]) -> Knowledge:
    """Return the same knowledge with some parameters free of error."""
    covariance = knowledge.covariance.copy()
    covariance[parameters] = covariance[:, parameters] = 0.0
    kept = tuple(end for end in knowledge.open_ends if end[0] not in parameters)
    return replace(knowledge, covariance=covariance, open_ends=kept)


def _with_share(knowledge: Knowledge, name: str, value: str | float) -> Knowledge:
    """Return the knowledge with a fitted share of what is put in replaced by a number."""
    number = quantity(value, Kind.DIMENSIONLESS, name=f"value of {name}")
    if not number > 0:
        raise UnitError(f"value of {name}", found=repr(value), allowed="a share above zero")
    index = knowledge.names.index(name)
    fed = knowledge.fed.copy()
    fed[index] = np.log(number)
    return _exact(replace(knowledge, fed=fed), np.array([index]))


def _position(name: str, network: Network) -> int:
    names = [constant.name for constant in network.constants]
    if name in names:
        return names.index(name)
    raise UnknownNameError(
        f"constant {name!r}",
        found="not an independent constant of the model",
        allowed=", ".join(names),
        advice="name one of these; the others follow from them",
    )


def _ln_optical(value: str | float, constant: EquilibriumConstant) -> float:
    """Return ln of a number of a band in its kernel unit."""
    is_position = constant.name.startswith("position[")
    kinds = {
        "eV": Kind.PHOTON_ENERGY if is_position else Kind.ENERGY_SHIFT,
        kernel_unit(Kind.EXTINCTION): Kind.EXTINCTION,
    }
    number = quantity(value, kinds.get(constant.unit, Kind.DIMENSIONLESS), name=constant.name)
    if not 0 < number < np.inf:
        raise UnitError(f"value of {constant.name}", found=repr(value), allowed="a finite number above zero")
    return float(np.log(number))


def read_ln_value(
    value: str | float, constant: EquilibriumConstant, *, temperature: float = STANDARD_TEMPERATURE
) -> float:
    """Return ln K of a value as a user writes it: ``"250 /M"``, or a number where there is no unit.

    The value of a coupling of neighbours is its energy, ``"2 kJ/mol"``, a bare number is W; so with a fitted enthalpy.

    Parameters
    ----------
    value : str or float
        The value.
    constant : EquilibriumConstant
        Gives the name and the unit that is due.
    temperature : float
        Temperature of the model [K], which turns an energy into its share of RT.

    Raises
    ------
    UnitError
        If the unit does not suit the constant, or the number is not above zero.
    """
    exponent = constant.molar_exponent
    number, unit = (split_number(value) or (np.nan, "")) if isinstance(value, str) else (float(value), "")
    if constant.convention.is_energy and unit:
        return quantity(value, Kind.MOLAR_ENERGY, name=constant.name) / (GAS_CONSTANT * temperature)
    if constant.convention is Convention.OPTICAL:
        return _ln_optical(value, constant)
    meant = constant_unit(unit)
    if meant.molar_exponent != exponent:
        raise UnitError(
            f"value of {constant.name}",
            found=repr(value),
            allowed=f"a number with a unit like {unit_for(exponent)}" if exponent else "a number without unit",
            advice=f"write e.g. '250 {unit_for(exponent)}'" if exponent else "leave the unit out: it cancels",
        )
    if not 0 < number < np.inf:
        raise UnitError(f"value of {constant.name}", found=repr(value), allowed="a finite number above zero")
    return float(np.log(number * meant.factor))
