"""Blocks: measured values with the model of their technique, bound to each other by the model's ``observe`` lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.errors import FitError, raise_all
from surfacechem.fitting.observation import Band, Heat, Integral, ObservationModel, Shift, Spectrum
from surfacechem.records import Signal, Technique

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from surfacechem.chem.system import Observable
    from surfacechem.errors import SurfaceChemError
    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = ["Block", "KnownSpectra", "bind_observables"]

Floats = NDArray[np.float64]
KnownSpectra = Mapping[str, Mapping[str, Floats]]
"""Molar spectra that are not fitted [L/(mol cm)]: observable -> entity -> one value per channel."""

TECHNIQUES = {
    "integral": (Technique.NMR_INTEGRAL,),
    "shift": (Technique.NMR_SHIFT,),
    "spectrum": (Technique.UV_VIS, Technique.FLUORESCENCE),
    "calorimetry": (Technique.ITC,),
    "band": (Technique.BAND_POSITION,),
}
"""What each kind of observable is measured by."""
SLOPE = "slope:"
ORIGIN = "origin"
ABSOLUTE_UNIT = "mol/L"
"""Integrals in this unit are concentrations already and need no scale factor."""


class Claim(NamedTuple):
    """Channels of one signal and the observable that claims them."""

    observable: Observable
    signal: Signal
    columns: list[int]

    def values(self) -> Floats:
        return self.signal.values[:, self.columns]

    def sigma(self) -> Floats | None:
        return None if self.signal.sigma is None else self.signal.sigma[:, self.columns]

    def labels(self) -> list[str]:
        if len(self.signal.channels) == 1:
            return [self.signal.name]
        return [self.signal.channels[column] for column in self.columns]


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Measured values that share one observation model and one noise level.

    Attributes
    ----------
    name : str
        Names of the observables.
    technique : Technique
        What was measured.
    model : ObservationModel
        What gives the columns.
    channels : tuple of str
        One label per column of `measured`.
    measured : ndarray, shape (n_points, n_channels)
        Measured values in `unit`; NaN where nothing was measured.
    sigma : ndarray, shape (n_points, n_channels), optional
        Their standard deviation; None: to be estimated from the residuals.
    unit : str
        Unit of the values.
    axis : ndarray, shape (n_channels,), optional
        Wavelength of each channel [nm].
    is_stacked : bool
        Whether all channels share one set of amplitudes, so that they stand below each other as rows.
    is_nonnegative : bool
        Whether fitted amplitudes may not be negative.
    path_length : float
        Optical path [cm].
    known_amplitudes : dict of int to ndarray
        Amplitudes of columns that are not fitted, shape (n_channels,), or (1,) where stacked.
    """

    name: str
    technique: Technique
    model: ObservationModel
    channels: tuple[str, ...]
    measured: Floats
    sigma: Floats | None
    unit: str
    axis: Floats | None = None
    is_stacked: bool = False
    is_nonnegative: bool = False
    path_length: float = 1.0
    known_amplitudes: dict[int, Floats]

    def rows(self, table: Floats) -> Floats:
        """Return a table of (..., n_points, n_channels) as the rows and channels that the model fits."""
        if not self.is_stacked:
            return table
        return np.swapaxes(table, -1, -2).reshape(*table.shape[:-2], -1, 1)

    def table(self, rows: Floats) -> Floats:
        """Return rows as a table of (..., n_points, n_channels): the inverse of `rows`."""
        if not self.is_stacked:
            return rows
        return np.swapaxes(rows.reshape(*rows.shape[:-2], len(self.channels), -1), -1, -2)

    @property
    def n_values(self) -> int:
        """Number of values that were measured."""
        return int(np.isfinite(self.measured).sum())


def bind_observables(
    network: Network, data: Titration, *, known: KnownSpectra
) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks of one data set, and what was assumed in binding them.

    Parameters
    ----------
    network : Network
        Its system says what is observed.
    data : Titration
        Its signals say what was measured.
    known : mapping of str to mapping of str to ndarray
        Molar spectra that are not fitted [L/(mol cm)], per observable and entity.

    Raises
    ------
    FitError
        If an observable is of a kind that is not fitted, or no signal belongs to any observable.
    """
    faults: list[SurfaceChemError] = []
    notes: list[str] = []
    claims: list[Claim] = []
    for observable in network.system.observables:
        if observable.kind in TECHNIQUES:
            claims += _claim(observable, network, data, notes)
        else:
            faults.append(_unknown_kind(observable))
    raise_all(faults)
    if not claims:
        raise _nothing_observed(network, data)
    notes += _left_out(claims, data)
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault(_group(claim), []).append(claim)
    return tuple(_block(network, data, group, known) for group in groups.values()), tuple(notes)


def _group(claim: Claim) -> tuple[str, str]:
    """Return what channels of one block have in common.

    Integrals of one data set share the scale of the internal standard; shifts of one observable share their noise;
    every series of spectra stands alone.
    """
    if claim.signal.technique is Technique.NMR_INTEGRAL:
        return "integral", claim.signal.unit
    if claim.signal.technique is Technique.NMR_SHIFT:
        return claim.observable.name, claim.signal.unit
    return claim.observable.name, claim.signal.name


def _claim(observable: Observable, network: Network, data: Titration, notes: list[str]) -> list[Claim]:
    """Return the channels of an observable: those of its name, or all where it is the only one of its technique."""
    signals = [signal for signal in data.signals if signal.technique in TECHNIQUES[observable.kind]]
    named = []
    for signal in signals:
        labels = (signal.name,) * len(signal.channels) if _is_named(signal.name, observable) else signal.channels
        index = [column for column, label in enumerate(labels) if _is_named(label, observable)]
        if index:
            named.append(Claim(observable, signal, index))
    rivals = [other for other in network.system.observables if other.kind == observable.kind]
    if named or len(rivals) > 1 or not signals:
        return named
    names = ", ".join(f"'{signal.name}'" for signal in signals)
    notes.append(f"{data.name}: '{observable.name}' is the only {observable.kind}(...) of the model and takes {names}.")
    return [Claim(observable, signal, list(range(len(signal.channels)))) for signal in signals]


def _is_named(label: str, observable: Observable) -> bool:
    return label == observable.name or label.startswith(f"{observable.name}.")


def _unknown_kind(observable: Observable) -> FitError:
    return FitError(
        f"observable '{observable.name}'",
        found=f"{observable.kind}(...)",
        allowed=", ".join(f"{kind}(...)" for kind in TECHNIQUES),
        advice="observe it by one of these, or leave its line out of the model that is fitted",
    )


def _nothing_observed(network: Network, data: Titration) -> FitError:
    observed = ", ".join(f"{each.name} = {each.kind}(...)" for each in network.system.observables)
    measured = ", ".join(f"'{signal.name}' ({signal.technique})" for signal in data.signals)
    return FitError(
        f"signals of data '{data.name}'",
        found=f"{measured or 'none'}, while the model observes {observed or 'nothing'}",
        allowed="a signal belongs to the 'observe' line of its name, or to the only one of its technique",
        advice="add an 'observe' line with the signal's name to the model, e.g. 'observe delta = shift(Guest, HG)'",
    )


def _left_out(claims: Sequence[Claim], data: Titration) -> list[str]:
    taken = {(claim.signal.name, column) for claim in claims for column in claim.columns}
    notes = []
    for signal in data.signals:
        spare = [label for column, label in enumerate(signal.channels) if (signal.name, column) not in taken]
        if spare:
            notes.append(f"{data.name}: '{signal.name}' ({', '.join(spare)}) has no 'observe' line and is left out.")
    return notes


def _block(network: Network, data: Titration, claims: Sequence[Claim], known: KnownSpectra) -> Block:
    first = claims[0].signal
    measured = np.concatenate([claim.values() for claim in claims], axis=1)
    spreads = [spread for claim in claims if (spread := claim.sigma()) is not None]
    model = MODELS[first.technique](network, data, claims)
    return Block(
        name=", ".join(dict.fromkeys(claim.observable.name for claim in claims)),
        technique=first.technique,
        model=model,
        channels=tuple(label for claim in claims for label in claim.labels()),
        measured=measured,
        # Half a set of sigmas cannot be weighed against the other half: then the noise is estimated.
        sigma=np.concatenate(spreads, axis=1) if len(spreads) == len(claims) else None,
        unit=first.unit,
        axis=None if first.axis is None else first.axis[claims[0].columns],
        is_stacked=first.technique is Technique.NMR_INTEGRAL,
        is_nonnegative=any(_option(claim.observable, "nonnegative") for claim in claims),
        path_length=first.path_length,
        known_amplitudes=_known_amplitudes(model, claims, known),
    )


def _option(observable: Observable, name: str) -> str | float | bool | None:
    return dict(observable.options).get(name)


def _known_amplitudes(model: ObservationModel, claims: Sequence[Claim], known: KnownSpectra) -> dict[int, Floats]:
    observable, signal, index = claims[0]
    if signal.technique is Technique.NMR_INTEGRAL:
        return {0: np.ones(1)} if signal.unit == ABSOLUTE_UNIT else {}
    amplitudes = _stated(model, observable)
    for entity, values in known.get(observable.name, {}).items():
        if entity not in model.labels or len(values) != len(index):
            raise FitError(
                f"known amplitudes of '{entity}' in '{observable.name}'",
                found=f"{len(values)} values",
                allowed=f"{len(index)} values, one per channel, for one of {', '.join(model.labels)}",
                advice="give the spectrum on the wavelengths of the data",
            )
        amplitudes[model.labels.index(entity)] = np.asarray(values, dtype=float)
    return amplitudes


def _integral(network: Network, _data: Titration, claims: Sequence[Claim]) -> Integral:
    counts = []
    for claim in claims:
        row = np.zeros(len(network.entities))
        entities, weights = _indices(network, claim.observable), _weights(claim.observable)
        row[entities] = [float(weight) if weight is not None else 1.0 for weight in weights]
        protons = _option(claim.observable, "protons")
        row *= 1.0 if protons is None else float(protons)
        counts += [row] * len(claim.columns)
    return Integral(counts=np.array(counts))


def _shift(network: Network, _data: Titration, claims: Sequence[Claim]) -> Shift:
    observable = claims[0].observable
    return Shift(
        labels=observable.entities, entities=_indices(network, observable), counts=_multiplicities(network, observable)
    )


def _spectrum(network: Network, _data: Titration, claims: Sequence[Claim]) -> Spectrum:
    observable, signal, _ = claims[0]
    extra = ("baseline",) if _option(observable, "baseline") else ()
    return Spectrum(
        labels=observable.entities + extra,
        entities=_indices(network, observable),
        path_length=signal.path_length,
    )


def _heat(network: Network, data: Titration, claims: Sequence[Claim]) -> Heat:
    observable = claims[0].observable
    cell = _option(observable, "cell")
    cell_volume = data.initial_volume if cell is None else float(cell)
    if cell_volume is None or data.added is None:
        raise FitError(
            f"observable '{observable.name}' on data '{data.name}'",
            found="no cell volume" if cell_volume is None else "no injected volumes",
            allowed="calorimetry needs the volume of the cell and of every injection",
            advice="write 'calorimetry(cell = 1.434 mL)' and give a column of volumes added",
        )
    kept = 1.0 - np.diff(data.added, prepend=0.0) / cell_volume
    names = observable.entities or _products(network)
    entities = np.array([network.entities.index(name) for name in names], dtype=np.intp)
    return Heat(labels=(*names, "dilution"), entities=entities, cell_volume=cell_volume, kept=kept)


def _band(network: Network, _data: Titration, claims: Sequence[Claim]) -> Band:
    observable = claims[0].observable
    states = [name.partition("-") for name in network.entities]
    occupants = [
        [name in {occupant, f"{site}-{occupant}"} for site, _, occupant in states] for name in observable.entities
    ]
    terms = [key.removeprefix(SLOPE).split(" * ") for key, _ in observable.options if key.startswith(SLOPE)]
    return Band(
        labels=(ORIGIN, *(" * ".join(term) for term in terms)),
        occupants=np.array(occupants, dtype=float),
        sites=np.array([bool(occupant) for _, _, occupant in states], dtype=float),
        terms=tuple(tuple(observable.entities.index(name) for name in term) for term in terms),
    )


def _stated(model: ObservationModel, observable: Observable) -> dict[int, Floats]:
    """Return the amplitudes that an ``observe`` line states as numbers: origin and slopes of a band."""
    stated = {key.removeprefix(SLOPE): value for key, value in observable.options if isinstance(value, float)}
    return {column: np.array([stated[name]]) for column, name in enumerate(model.labels) if name in stated}


MODELS: dict[Technique, Callable[[Network, Titration, Sequence[Claim]], ObservationModel]] = {
    Technique.NMR_INTEGRAL: _integral,
    Technique.NMR_SHIFT: _shift,
    Technique.UV_VIS: _spectrum,
    Technique.FLUORESCENCE: _spectrum,
    Technique.ITC: _heat,
    Technique.BAND_POSITION: _band,
}


def _products(network: Network) -> tuple[str, ...]:
    """Return what the reactions form, where a calorimetry line names nothing: the last term of each right side."""
    return tuple(dict.fromkeys(reaction.right[0].name for reaction in network.system.reactions))


def _indices(network: Network, observable: Observable) -> NDArray[np.intp]:
    missing = [name for name in observable.entities if name not in network.entities]
    if missing:
        raise FitError(
            f"observable '{observable.name}'",
            found=", ".join(missing),
            allowed=", ".join(network.entities),
            advice="observe species or site states of the model",
        )
    return np.array([network.entities.index(name) for name in observable.entities], dtype=np.intp)


def _weights(observable: Observable) -> tuple[Fraction | None, ...]:
    return observable.weights or (None,) * len(observable.entities)


def _multiplicities(network: Network, observable: Observable) -> Floats:
    """Return how often each entity of a shift holds what is observed: as stated, else the moiety all share."""
    weights = _weights(observable)
    if all(weight is not None for weight in weights):
        return np.array([float(weight) for weight in weights if weight is not None])
    compositions = [network.composition(name) for name in observable.entities]
    shared = [part for part in compositions[0] if all(part in other for other in compositions)]
    ratios = {tuple(float(other[part] / compositions[0][part]) for other in compositions) for part in shared}
    if len(ratios) != 1:
        raise FitError(
            f"observable '{observable.name}'",
            found=f"{len(shared)} moieties shared by {', '.join(observable.entities)}",
            allowed="one moiety whose nucleus is observed, or a stated multiplicity of each",
            advice="write multiplicities, e.g. 'shift(Host, HG, 2 H2G)'",
        )
    (ratio,) = ratios
    return np.array([ratio if weight is None else float(weight) for ratio, weight in zip(ratio, weights, strict=True)])
