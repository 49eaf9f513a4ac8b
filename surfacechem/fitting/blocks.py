"""Blocks: measured values with the model of their technique, bound to each other by the model's ``observe`` lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.errors import FitError, raise_all
from surfacechem.fitting.banded import BandedSpectrum
from surfacechem.fitting.correcting import corrected
from surfacechem.fitting.filtering import FilteredLight, StatedAbsorbance
from surfacechem.fitting.observation import Additive, Spectrum
from surfacechem.fitting.techniques import ABSOLUTE_UNIT, MODELS, Claim, option, stated_amplitudes
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from surfacechem.chem.system import Observable
    from surfacechem.errors import SurfaceChemError
    from surfacechem.fitting.observation import ObservationModel
    from surfacechem.network import Network
    from surfacechem.records import Signal, Titration

__all__ = ["Block", "KnownSpectra", "bind_observables", "unobserved"]

Floats = NDArray[np.float64]
KnownSpectra = Mapping[str, Mapping[str, Floats]]
"""Molar spectra that are not fitted [L/(mol cm)]: observable -> entity -> one value per channel."""

SAME_WAVELENGTH = 0.5  # nm
TECHNIQUES = {
    "integral": (Technique.NMR_INTEGRAL,),
    "shift": (Technique.NMR_SHIFT,),
    "spectrum": (Technique.UV_VIS, Technique.FLUORESCENCE),
    "absorbance": (Technique.UV_VIS,),
    "emission": (Technique.FLUORESCENCE,),
    "calorimetry": (Technique.ITC,),
    "band": (Technique.BAND_POSITION,),
    "ligands": (Technique.LIGAND_COUNT,),
}
"""What each kind of observable is measured by."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Measured values that share one observation model and one noise level.

    Attributes
    ----------
    name : str
        Names of the observables; of a signal that shares its observable with others, its own (``"A.2"``).
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
    case_weight : ndarray, shape (n_points,), optional
        How much each point counts (robust fits); None: all alike.
    n_offsets : int
        Constants of single spectra that were taken off `measured`; 0 where the model asks for none.
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
    case_weight: Floats | None = None
    n_offsets: int = 0

    def elsewhere(self) -> Block:
        """Return the block for points that were not measured: its spectra drift no further."""
        if not isinstance(self.model, Spectrum | Additive | FilteredLight):
            return self
        return replace(self, model=self.model.elsewhere())

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
    def n_values(self) -> float:
        """Number of values that were measured, each as much as its point counts."""
        counts = np.isfinite(self.measured).sum(axis=1)
        return float(counts.sum() if self.case_weight is None else self.case_weight @ counts)


def bind_observables(
    network: Network, data: Titration, *, known: KnownSpectra, is_raw: bool = True
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
    is_raw : bool
        Whether the corrections that the ``observe`` lines ask for are still to be made; a fit keeps corrected values.

    Raises
    ------
    FitError
        If an observable is of a kind that is not fitted, or no signal belongs to any observable.
    """
    faults: list[SurfaceChemError] = [*_unknown_spectra(network, known)]
    notes: list[str] = []
    claims: list[Claim] = []
    for observable in network.system.observables:
        if observable.kind in TECHNIQUES:
            claims += _claim(observable, data, notes, network)
        else:
            faults.append(_unknown_kind(observable))
    raise_all(faults)
    if not claims:
        raise _nothing_observed(network, data)
    notes += _skipped(claims, data)
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault(_group(claim), []).append(claim)
    blocks = []
    for group in groups.values():
        block = replace(_block(network, data, group, known), name=_block_name(group, groups))
        blocks.append(corrected(block, data, group[0].observable) if is_raw else block)
    return tuple(blocks), tuple(notes)


def _block_name(claims: Sequence[Claim], groups: Mapping[tuple[str, str], Sequence[Claim]]) -> str:
    """Return a name that no other block of the data has and that its observable claims again."""
    observable, signal, _ = claims[0]
    observables = dict.fromkeys(claim.observable.name for claim in claims)
    n_blocks = sum(observable is group[0].observable for group in groups.values())
    if n_blocks == 1 or len(observables) > 1:
        return ", ".join(observables)
    return signal.name if _is_named(signal.name, observable) else f"{observable.name}.{signal.name}"


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


def _claim(observable: Observable, data: Titration, notes: list[str], network: Network) -> list[Claim]:
    """Return the channels of an observable: those of its name, or all where it is the only one of its technique."""
    signals = [signal for signal in data.signals if signal.technique in TECHNIQUES[observable.kind]]
    named = []
    for signal in signals:
        is_whole = _is_named(signal.name, observable)
        index = [column for column, label in enumerate(signal.channels) if is_whole or _is_named(label, observable)]
        if index:
            named.append(Claim(observable, signal, index))
    others = network.system.observables
    rivals = [other for other in others if other.kind == observable.kind]
    spare = [signal for signal in signals if not any(_is_named(signal.name, other) for other in others)]
    wavelength = option(observable, "wavelength")
    if wavelength is not None and not named:
        found = [(signal, _channels_at(signal, float(wavelength))) for signal in spare]
        return [Claim(observable, signal, index) for signal, index in found if index]
    if named or len(rivals) > 1 or not spare:
        return named
    names = ", ".join(f"'{signal.name}'" for signal in spare)
    notes.append(f"{data.name}: '{observable.name}' is the only {observable.kind}(...) of the model and takes {names}.")
    return [Claim(observable, signal, list(range(len(signal.channels)))) for signal in spare]


def _channels_at(signal: Signal, wavelength: float) -> list[int]:
    """Return the channels of a signal at a wavelength [nm]."""
    if signal.axis is None:
        return []
    return [int(column) for column in np.flatnonzero(np.abs(signal.axis - wavelength) < SAME_WAVELENGTH)]


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


def unobserved(network: Network, data: Titration) -> tuple[str, ...]:
    """Return the signals, or channels of them, that no ``observe`` line takes."""
    claims = [each for observable in network.system.observables for each in _claim(observable, data, [], network)]
    taken = {(claim.signal.name, column) for claim in claims for column in claim.columns}
    spare = []
    for signal in data.signals:
        labels = [label for column, label in enumerate(signal.channels) if (signal.name, column) not in taken]
        is_whole = len(labels) == len(signal.channels)
        spare += [f"'{signal.name}'" if is_whole else f"'{signal.name}' ({', '.join(labels)})"] if labels else []
    return tuple(spare)


def _skipped(claims: Sequence[Claim], data: Titration) -> list[str]:
    counts = {claim.observable.name: option(claim.observable, "skip") for claim in claims}
    return [f"{data.name}: the first {n:.0f} points of '{name}' are left out." for name, n in counts.items() if n]


def _block(network: Network, data: Titration, claims: Sequence[Claim], known: KnownSpectra) -> Block:
    first = claims[0].signal
    measured = np.concatenate([_kept_values(claim) for claim in claims], axis=1)
    spreads = [spread for claim in claims if (spread := claim.sigma()) is not None]
    model = MODELS[first.technique](network, data, claims)
    return Block(
        name=", ".join(dict.fromkeys(claim.observable.name for claim in claims)),
        technique=first.technique,
        model=model,
        channels=_channel_names(claims),
        measured=measured,
        # Half a set of sigmas cannot be weighed against the other half: then the noise is estimated.
        sigma=np.concatenate(spreads, axis=1) if len(spreads) == len(claims) else None,
        unit=first.unit,
        axis=None if first.axis is None else first.axis[claims[0].columns],
        is_stacked=first.technique is Technique.NMR_INTEGRAL or isinstance(model, BandedSpectrum),
        is_nonnegative=any(option(claim.observable, "nonnegative") for claim in claims),
        path_length=first.path_length,
        known_amplitudes=_known_amplitudes(model, claims, known),
    )


def _channel_names(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return one name per channel that tells its observable, if there are several: a saved fit has names only."""
    is_shared = len({claim.observable.name for claim in claims}) > 1
    return tuple(
        f"{claim.observable.name}.{label}" if is_shared and not _is_named(label, claim.observable) else label
        for claim in claims
        for label in claim.labels()
    )


def _kept_values(claim: Claim) -> Floats:
    """Return the values with those of the first injections, which the model may leave out, taken as not measured."""
    values = claim.values()
    n_skipped = option(claim.observable, "skip")
    if n_skipped is not None:
        values[: int(n_skipped)] = np.nan
    return values


def _unknown_spectra(network: Network, known: KnownSpectra) -> Iterator[FitError]:
    names = [observable.name for observable in network.system.observables]
    for name in known:
        if name not in names:
            yield FitError(
                f"known spectra of '{name}'", found="no such observable", allowed=", ".join(names), advice="name one"
            )


def _known_amplitudes(model: ObservationModel, claims: Sequence[Claim], known: KnownSpectra) -> dict[int, Floats]:
    observable, signal, index = claims[0]
    if signal.technique is Technique.NMR_INTEGRAL:
        return {0: np.ones(1)} if signal.unit == ABSOLUTE_UNIT else {}
    if signal.technique is Technique.LIGAND_COUNT:
        return {} if option(observable, "scale") else {0: np.ones(1)}
    if isinstance(model, BandedSpectrum | StatedAbsorbance):
        return {0: np.ones(1)}
    amplitudes = stated_amplitudes(model, observable)
    n_channels = sum(len(claim.columns) for claim in claims)
    if amplitudes and n_channels > 1:
        raise FitError(
            f"limiting values of '{observable.name}'",
            found=f"{n_channels} signals that belong to the one line",
            allowed="one nucleus, or one band, to a line that states numbers",
            advice="write an 'observe' line for each signal",
        )
    for entity, values in known.get(observable.name, {}).items():
        spectrum = np.asarray(values, dtype=float)
        if entity not in model.labels or spectrum.shape != (len(index),) or not np.isfinite(spectrum).all():
            raise FitError(
                f"known amplitudes of '{entity}' in '{observable.name}'",
                found=f"{spectrum.size} values, {np.isfinite(spectrum).sum()} of them finite",
                allowed=f"{len(index)} values, one per channel, for one of {', '.join(model.labels)}",
                advice="give the spectrum on the wavelengths of the data",
            )
        amplitudes[model.labels.index(entity)] = spectrum
    return amplitudes
