"""Signals of a run that has not been made: what the model gives for guessed constants, amplitudes and noise."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (read back by type)
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.system import EMISSION
from surfacechem.fitting.bands import ORIGIN
from surfacechem.fitting.blocks import TECHNIQUES, Block, bind_observables
from surfacechem.fitting.observation import Additive, Heat
from surfacechem.fitting.techniques import ABSOLUTE_UNIT, BASELINE, BLANKS, DRIFT, forming, option
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.chem.system import Observable
    from surfacechem.network import Network

__all__ = ["DEFAULTS", "Response", "Run", "expected_response", "simulate", "with_noise"]

Floats = NDArray[np.float64]


class Default(NamedTuple):
    """What is assumed of a technique where nothing is said; the plan says that it was assumed."""

    span: float  # largest amplitude, in the unit of the values per mol/L where they are molar
    noise: float  # in the unit of the values, or as share of the largest value
    is_relative: bool
    unit: str


DEFAULTS: Final = {
    Technique.NMR_SHIFT: Default(0.5, 0.005, is_relative=False, unit="ppm"),
    Technique.NMR_INTEGRAL: Default(1.0, 0.02, is_relative=True, unit=ABSOLUTE_UNIT),
    Technique.UV_VIS: Default(1e4, 0.002, is_relative=False, unit="1"),
    Technique.FLUORESCENCE: Default(1e6, 0.01, is_relative=True, unit="1"),
    Technique.ITC: Default(-40e3, 1e-6, is_relative=False, unit="J"),
    Technique.BAND_POSITION: Default(0.1, 0.001, is_relative=False, unit="eV"),
    Technique.LIGAND_COUNT: Default(1.0, 0.03, is_relative=True, unit="1"),
}
PLANNED: Final = "planned run"
STILL: Final = frozenset({*BLANKS, BASELINE, DRIFT, ORIGIN})
"""Columns that stand beside the equilibrium; whatever their amplitude, they carry the same information."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """A series of points that could be made.

    Attributes
    ----------
    label : str
        What tells it from other runs.
    amounts : ndarray, shape (n_points, n_feeds)
        What is in the vessel at each point [mol/L], in the order of the network's feeds.
    added : ndarray, shape (n_points,), optional
        Volume added so far [L].
    initial_volume : float, optional
        Volume before the first addition, or of a calorimeter's cell [L].
    """

    label: str
    amounts: Floats
    added: Floats | None = None
    initial_volume: float | None = None


@dataclass(frozen=True, kw_only=True)
class Response:
    """What is expected of one observable.

    Attributes
    ----------
    observable : str
        Its name.
    technique : Technique
        How it is measured.
    amplitudes : mapping of str to float
        Limiting shift, molar absorptivity [L/(mol cm)] or heat of formation [J/mol] of each column.
    noise : float
        Standard deviation of a value in its kernel unit, or as a share of the largest value.
    is_relative : bool
        Whether the noise is such a share.
    """

    observable: str
    technique: Technique
    amplitudes: Mapping[str, float]
    noise: float
    is_relative: bool


def expected_response(
    network: Network, observable: Observable, *, amplitudes: Mapping[str, float], noise: float | None = None
) -> Response:
    """Return what is expected of an observable: what is said, defaults for the rest.

    Entities without an amplitude are spread evenly from 0 to the default span, in their order, so that every step of
    binding moves the signal alike; heats of formation add up the dH of the model's reactions.

    Parameters
    ----------
    network : Network
        The model.
    observable : Observable
        One of its ``observe`` lines.
    amplitudes : mapping of str to float
        What is known of them.
    noise : float, optional
        Standard deviation of a value [kernel unit].
    """
    technique = TECHNIQUES[observable.kind][0]
    default = DEFAULTS[technique]
    names = [name for name in observable.entities if observable.kind != EMISSION or "-" not in name]
    steps = np.linspace(0.0, 1.0, len(names)) if len(names) > 1 else np.ones(1)
    guessed = {name: default.span * float(step) for name, step in zip(names, steps, strict=False)}
    if technique is Technique.ITC:
        guessed = _heats_of_formation(network, default.span)
    return Response(
        observable=observable.name,
        technique=technique,
        amplitudes={**guessed, **amplitudes},
        noise=default.noise if noise is None else noise,
        is_relative=default.is_relative and noise is None,
    )


def _heats_of_formation(network: Network, guess: float) -> dict[str, float]:
    """Return the heat of formation of what each reaction forms, from the species that all others consist of [J/mol]."""
    heats: dict[str, float] = {}
    basis = network.lowered.basis
    made_of = {network.entities[moiety.species] for moiety in basis.components if moiety.species is not None}
    for reaction, formed in forming(network, made_of):
        sign = 1.0 if formed in reaction.right else -1.0
        enthalpy = sign * guess if reaction.constant.enthalpy is None else reaction.constant.enthalpy
        for side, share in ((reaction.left, 1.0), (reaction.right, -1.0)):
            enthalpy += share * sum(float(term.coefficient) * heats.get(term.name, 0.0) for term in side)
        heats[formed.name] = sign * enthalpy / float(formed.coefficient)
    return heats


def simulate(network: Network, run: Run, *, ln_constants: Floats, responses: Sequence[Response]) -> Titration:
    """Return the titration that a run would give without noise; its sigmas are the noise that is expected.

    Parameters
    ----------
    network : Network
        The model.
    run : Run
        What is put in.
    ln_constants : ndarray, shape (n_constants,)
        Guessed ln K, in the order of `Network.constants`.
    responses : sequence of Response
        What is observed, and how well.
    """
    empty = Titration(
        name=PLANNED,
        feeds=network.feeds,
        amounts=run.amounts,
        signals=tuple(_empty_signal(network, each, len(run.amounts)) for each in responses),
        labels=tuple(str(number) for number in range(1, len(run.amounts) + 1)),
        added=run.added,
        initial_volume=run.initial_volume,
    )
    seen = network.solve(run.amounts, ln_constants).seen
    response_of = {each.observable: each for each in responses}
    tables: dict[str, Floats] = {}
    for block in bind_observables(network, empty, known={})[0]:
        amplitudes = guessed_amplitudes(block, response_of[block.name.split(", ")[0]])
        rows = block.model.columns(seen) @ amplitudes
        tables |= dict(zip(block.channels, block.table(rows).T, strict=True))
    return replace(empty, signals=tuple(_filled(each, tables, response_of) for each in empty.signals))


def with_noise(data: Titration, *, seed: int) -> Titration:
    """Return simulated data with normal noise of their sigmas, which they no longer state, as measured ones do not.

    Parameters
    ----------
    data : Titration
        From `simulate`.
    seed : int
        Of the noise; the same seed gives the same data.
    """
    random = np.random.default_rng(seed)

    def noisy(signal: Signal) -> Signal:
        if signal.sigma is None:
            return signal
        return replace(
            signal, values=signal.values + signal.sigma * random.standard_normal(signal.values.shape), sigma=None
        )

    noise = ", ".join(
        f"{each.name} {float(each.sigma.max()):.3g} {each.unit}" for each in data.signals if each.sigma is not None
    )
    note = f"simulated: by 'surfacechem plan', noise {noise}, seed {seed}; nothing was measured"
    put_in = np.flatnonzero(data.amounts.any(axis=0))
    return replace(
        data,
        name="simulated run",
        feeds=tuple(data.feeds[column] for column in put_in),
        amounts=data.amounts[:, put_in],
        signals=tuple(map(noisy, data.signals)),
        notes=(note,),
    )


def _empty_signal(network: Network, response: Response, n_points: int) -> Signal:
    (observable,) = (each for each in network.system.observables if each.name == response.observable)
    # Integrals that count protons are on an arbitrary scale.
    counts_protons = option(observable, "protons") is not None
    return Signal(
        name=response.observable,
        technique=response.technique,
        channels=(response.observable,),
        values=np.zeros((n_points, 1)),
        unit="1" if counts_protons else DEFAULTS[response.technique].unit,
    )


def _filled(signal: Signal, tables: Mapping[str, Floats], response_of: Mapping[str, Response]) -> Signal:
    values, response = tables[signal.name][:, np.newaxis], response_of[signal.name]
    noise = response.noise * (float(np.abs(values).max()) or 1.0 if response.is_relative else 1.0)
    return replace(signal, values=values, sigma=np.full_like(values, noise))


def guessed_amplitudes(block: Block, response: Response) -> Floats:
    """Return the guessed amplitudes of a block's columns, those stated in the model in their places (n_columns, 1).

    Of `Additive` they are those of the parts which come nearest to the complexes that were named.
    """
    span = DEFAULTS[response.technique].span
    if isinstance(block.model, Heat):
        span = next(iter(response.amplitudes.values()), span)
    labels = block.model.whole.labels if isinstance(block.model, Additive) else block.model.labels
    guessed = np.array([0.0 if name in STILL else response.amplitudes.get(name, span) for name in labels])
    if isinstance(block.model, Additive):
        guessed = np.linalg.pinv(block.model.parts) @ guessed
    for column, known in block.known_amplitudes.items():
        guessed[column] = float(known[0])
    return guessed[:, np.newaxis]
