"""What is expected before anything is measured, in words with units: guesses of constants, amplitudes, noise."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003  (a field)
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.api.model import Model
from surfacechem.chem.constant import constant_name, known_as
from surfacechem.chem.convention import Role
from surfacechem.constants import CONFIDENCE_LEVEL, LN10
from surfacechem.errors import DataError, ModelError, UnknownNameError
from surfacechem.fitting.blocks import TECHNIQUES
from surfacechem.fitting.choosing import D_OPTIMAL, judged_parameters
from surfacechem.fitting.forecasting import Setup
from surfacechem.fitting.simulating import DEFAULTS, expected_response
from surfacechem.network.warming import at_reference
from surfacechem.prediction.estimate import read_ln_value
from surfacechem.records import Technique
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.fitting.simulating import Response

    Floats = NDArray[np.float64]

__all__ = ["TITRATION", "Expectation", "set_up"]

_NUMBER: Final = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_GUESS: Final = re.compile(rf"(?P<low>{_NUMBER})(?:\s*\.\.\s*(?P<high>{_NUMBER}))?(?P<unit>[^\d.].*)?")
_MEANT: Final = re.compile(r"(?P<observable>[^\[\]]+)\[(?P<entity>.+)\]")
MOST_RANGES: Final = 3
WIDEST: Final = 12
"""Decades of one guess; nobody knows less."""
TITRATION: Final = '--cell "P=5..500 uM" --titrant "A=0.1..5 mM" --volume "1.4 mL" --add "25 x 10 uL"'

AMPLITUDE_KINDS: Final = {
    Technique.NMR_SHIFT: Kind.SHIFT,
    Technique.NMR_INTEGRAL: Kind.DIMENSIONLESS,
    Technique.UV_VIS: Kind.EXTINCTION,
    Technique.FLUORESCENCE: Kind.EXTINCTION,
    Technique.ITC: Kind.MOLAR_ENERGY,
    Technique.BAND_POSITION: Kind.ENERGY_SHIFT,
    Technique.LIGAND_COUNT: Kind.DIMENSIONLESS,
}
NOISE_KINDS: Final = {
    Technique.NMR_SHIFT: Kind.SHIFT,
    Technique.NMR_INTEGRAL: Kind.CONCENTRATION,
    Technique.UV_VIS: Kind.DIMENSIONLESS,
    Technique.FLUORESCENCE: Kind.DIMENSIONLESS,
    Technique.ITC: Kind.HEAT,
    Technique.BAND_POSITION: Kind.ENERGY_SHIFT,
    Technique.LIGAND_COUNT: Kind.PER_PARTICLE,
}


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What is expected before anything is measured.

    Attributes
    ----------
    guess : mapping of str to str
        Constant to value or range with unit: ``{"K[11]": "1e3..1e6 /M"}``; by default what the model says.
    amplitudes : mapping of str to str
        Limiting shifts, molar absorptivities, heats: ``{"delta[HG]": "0.4 ppm", "heat[HG]": "-30 kJ/mol"}``.
    noise : mapping of str to str
        Standard deviation of a value of each observable: ``{"delta": "2 ppb"}``.
    technique : str
        One technique, ``"itc"``; by default each ``observe`` line alone is compared with the others.
    criterion : str
        ``"D"``, ``"A"`` or the name of a constant.
    level : float
        Confidence level of the intervals to be expected.
    """

    guess: Mapping[str, str] = field(default_factory=dict)
    amplitudes: Mapping[str, str] = field(default_factory=dict)
    noise: Mapping[str, str] = field(default_factory=dict)
    technique: str = ""
    criterion: str = D_OPTIMAL
    level: float = CONFIDENCE_LEVEL


def set_up(model: Model, expectation: Expectation, *, is_apart: bool = False) -> tuple[Setup, tuple[str, ...]]:
    """Return model, guesses and responses, and notes on what was assumed.

    Parameters
    ----------
    model : Model
        What is planned.
    expectation : Expectation
        What is expected.
    is_apart : bool
        Whether points stand alone: then there is no calorimetry, whose injections build on each other.

    Raises
    ------
    SurfaceChemError
        If something is missing, unknown or cannot be read.
    """
    guesses = _guesses(model, expectation.guess)
    responses, notes = _responses(model, expectation, is_apart=is_apart)
    free = [constant.name for constant in model.constants if constant.role is Role.FREE]
    if not free:
        advice = "write '; K = fit' after the reaction in question"
        raise ModelError("plan", found="no constant to be found", allowed="at least one to be fitted", advice=advice)
    judged_parameters(expectation.criterion, list(free))  # what is not known is refused here
    return Setup(network=_guessed(model, guesses[0]), guesses=guesses, responses=responses), notes


def _guessed(model: Model, ln_constants: Floats) -> Model:
    """Return the model with the middle guesses as values to start from."""
    values = {each.name: value / LN10 for each, value in zip(model.constants, ln_constants, strict=True)}

    def change(constant: EquilibriumConstant) -> EquilibriumConstant:
        if constant.name not in values or constant.role is not Role.FREE or constant.log10_stderr is not None:
            return constant
        return replace(constant, log10_value=values[constant.name], temperature=None)

    return Model(model.system.restated(change), file=model.file)


def _guesses(model: Model, guess: Mapping[str, str]) -> Floats:
    """Return ln K of every combination of the middle and the ends of what is guessed, all in the middle first."""
    names, guess = [each.name for each in model.constants], {constant_name(name): text for name, text in guess.items()}
    unknown = [known_as(name) for name in guess if name not in names]
    if unknown:
        allowed = ", ".join(map(known_as, names))
        raise UnknownNameError(f"guess of {', '.join(unknown)}", allowed=allowed, advice="name one of these")
    temperature = model.system.temperature
    ends = [
        _ends(at_reference(constant, temperature), guess, value, temperature)
        for constant, value in zip(model.constants, model.ln_constants, strict=True)
    ]
    if sum(low < high for low, high in ends) > MOST_RANGES:
        advice = "guess one value for those that are known best"
        raise DataError("guesses", found="many ranges", allowed=f"at most {MOST_RANGES} at once", advice=advice)
    levels = [(0.5 * (low + high), low, high) if low < high else (low,) for low, high in ends]
    return np.array(list(product(*levels)))


def _ends(
    constant: EquilibriumConstant, guess: Mapping[str, str], ln_value: float, temperature: float
) -> tuple[float, float]:
    """Return the lowest and the highest ln K that is thought possible, at the temperature of the model."""
    is_energy = constant.convention.is_energy
    name, example = known_as(constant.name), "-30..-5 kJ/mol" if is_energy else "1e3..1e6 /M"
    if constant.name in guess:
        found = _GUESS.fullmatch(guess[constant.name].strip())
        if found is None:
            allowed = "a value or a range" + ("" if is_energy else " above 0") + ", with its unit"
            advice = f'--guess "{name}={example}"'
            raise DataError(f"guess of {name}", found=guess[constant.name], allowed=allowed, advice=advice)
        texts = (found["low"], found["high"] or found["low"])
        unit = (found["unit"] or "").strip()
        low, high = (read_ln_value(f"{text} {unit}", constant, temperature=temperature) for text in texts)
        if abs(high - low) > WIDEST * LN10:
            allowed = f"a range of at most {WIDEST} decades"
            raise DataError(f"guess of {name}", found=guess[constant.name], allowed=allowed)
        return min(low, high), max(low, high)
    if np.isfinite(ln_value):
        return ln_value, ln_value
    if constant.log10_bounds is not None:
        low, high = constant.log10_bounds
        return low * LN10, high * LN10
    raise ModelError(
        f"constant {name}",
        found="no value to plan with",
        allowed="a guess: one value, or a range",
        advice=f'--guess "{name}={example}", or write a value or bounds in the model',
    )


def _responses(
    model: Model, expectation: Expectation, *, is_apart: bool
) -> tuple[tuple[Response, ...], tuple[str, ...]]:
    """Return what can be observed by the technique asked for, and what was assumed of it."""
    lines = {each.name: each for each in model.system.observables if each.kind in TECHNIQUES}
    if is_apart:
        lines = {name: each for name, each in lines.items() if each.kind != "calorimetry"}
    technique_of = {name: expected_response(model, each, amplitudes={}).technique for name, each in lines.items()}
    known = sorted(set(technique_of.values()))
    kept = [name for name in lines if expectation.technique in {"", technique_of[name]}]
    if not kept:
        raise DataError(
            "technique of the plan",
            found=expectation.technique or "no 'observe' line that suits it",
            allowed=", ".join(known) or "integrals, shifts, spectra, bands; heats in a titration",
            advice=f"{TITRATION} for heats; other techniques need an 'observe' line"
            if is_apart
            else "add an 'observe' line to the model, e.g. 'observe delta = shift(Guest, HG)'",
        )
    _refuse_strangers(expectation, lines)
    responses, notes = [], []
    for name in kept:
        kind, noise_kind = AMPLITUDE_KINDS[technique_of[name]], NOISE_KINDS[technique_of[name]]
        stated = {
            found["entity"]: float(quantity(text, kind, name=key))
            for key, text in expectation.amplitudes.items()
            if (found := _MEANT.fullmatch(key)) and found["observable"] == name
        }
        text = expectation.noise.get(name)
        noise = None if text is None else float(quantity(text, noise_kind, name=f"noise of {name}"))
        seen = expected_response(model, lines[name], amplitudes={}).amplitudes
        strange = [entity for entity in stated if entity not in seen]
        if strange:
            advice = f"write e.g. {name}[{next(iter(seen), 'HG')}]"
            raise UnknownNameError(f"amplitude of {', '.join(strange)}", allowed=", ".join(seen), advice=advice)
        if noise is not None and not noise > 0:
            raise DataError(f"noise of {name}", found=str(text), allowed="a standard deviation above 0")
        response = expected_response(model, lines[name], amplitudes=stated, noise=noise)
        responses.append(response)
        notes += _assumed(response, stated, is_noise_given=noise is not None)
    return tuple(responses), tuple(notes)


def _refuse_strangers(expectation: Expectation, names: Mapping[str, object]) -> None:
    meant = [(key, _MEANT.fullmatch(key)) for key in expectation.amplitudes]
    strange = [key for key, found in meant if not found or found["observable"] not in names]
    strange += [key for key in expectation.noise if key not in names]
    if strange:
        raise UnknownNameError(
            f"amplitude or noise of {', '.join(strange)}",
            allowed=", ".join(names),
            advice="name an 'observe' line, and for an amplitude what is seen: delta[HG]=0.4 ppm",
        )


def _assumed(response: Response, stated: Mapping[str, float], *, is_noise_given: bool) -> list[str]:
    unit = DEFAULTS[response.technique].unit
    notes = []
    guessed = {name: value for name, value in response.amplitudes.items() if name not in stated}
    if guessed and response.technique not in {Technique.NMR_INTEGRAL, Technique.LIGAND_COUNT}:
        factor = 1e-3 if response.technique is Technique.ITC else 1.0
        shown = ", ".join(f"{name} {value * factor:.4g}" for name, value in guessed.items())
        kernel = {Technique.ITC: "kJ/mol", Technique.UV_VIS: "L/(mol cm)", Technique.FLUORESCENCE: "L/mol"}
        notes.append(
            f"{response.observable}: amplitudes assumed, {shown} {kernel.get(response.technique, unit)}; "
            f"give them with --amplitude."
        )
    if not is_noise_given:
        size = f"{100 * response.noise:g} % of the largest value" if response.is_relative else f"{response.noise:g}"
        words = size if response.is_relative or unit == "1" else f"{size} {unit}"
        notes.append(f"{response.observable}: noise assumed, {words}; give it with --noise.")
    return notes
