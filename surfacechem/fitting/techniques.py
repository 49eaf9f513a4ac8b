"""From an ``observe`` line and what was measured to the observation model of its technique."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.build import factor_name
from surfacechem.chem.system import ABSORBANCE, EMISSION, IN_FORM
from surfacechem.errors import FitError
from surfacechem.fitting.banded import banded_spectrum
from surfacechem.fitting.bands import COUNT, ORIGIN, SLOPE, band_label, moving_band
from surfacechem.fitting.filtering import filtered, stated_absorbance
from surfacechem.fitting.observation import Additive, Band, Heat, Integral, Ligands, ObservationModel, Shift, Spectrum
from surfacechem.records import Signal, Technique

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from fractions import Fraction

    from surfacechem.chem.system import Observable, Reaction, Term
    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = [
    "ABSOLUTE_UNIT",
    "BASELINE",
    "DRIFT",
    "LIMIT",
    "MODELS",
    "Claim",
    "drift_order",
    "forming",
    "option",
    "shift_model",
    "stated_amplitudes",
    "titrants",
]

Floats = NDArray[np.float64]

ABSOLUTE_UNIT = "mol/L"
"""Integrals in this unit are concentrations already and need no scale factor."""
SAME_VOLUME_RTOL = 1e-3
BLANKS = ("dilution", "dilution slope")
"""Heats without reaction: the same at every injection, and in proportion to the titrant in the cell [J L/mol]."""
BASELINE, DRIFT = "baseline", "drift"
LIMIT = "at:"


class Claim(NamedTuple):
    """Channels of one signal and the observable that claims them."""

    observable: Observable
    signal: Signal
    columns: list[int]

    def values(self) -> Floats:
        """Return the values of the channels, shape (n_points, n_channels)."""
        return self.signal.values[:, self.columns]

    def sigma(self) -> Floats | None:
        """Return their standard deviations, where the signal has some."""
        return None if self.signal.sigma is None else self.signal.sigma[:, self.columns]

    def labels(self) -> list[str]:
        """Return one name per channel."""
        if len(self.signal.channels) == 1:
            return [self.signal.name]
        return [self.signal.channels[column] for column in self.columns]


def option(observable: Observable, name: str) -> str | float | bool | None:
    """Return what an ``observe`` line says for an option, None where it does not name it."""
    return dict(observable.options).get(name)


def _integral(network: Network, _data: Titration, claims: Sequence[Claim]) -> Integral:
    counts = []
    for claim in claims:
        row = np.zeros(network.n_seen)
        entities, weights = _indices(network, claim.observable), _weights(claim.observable)
        row[entities] = [float(weight) if weight is not None else 1.0 for weight in weights]
        protons = option(claim.observable, "protons")
        if protons is not None and claim.signal.unit == ABSOLUTE_UNIT:
            raise FitError(
                f"observable '{claim.observable.name}'",
                found=f"protons = {float(protons):g} on integrals in {ABSOLUTE_UNIT}",
                allowed="protons for integrals on an arbitrary scale; concentrations count no protons",
                advice="leave 'protons' out, or give the raw integrals in [1]",
            )
        row *= 1.0 if protons is None else float(protons)
        counts += [row] * len(claim.columns)
    return Integral(counts=np.array(counts))


def _shift(network: Network, _data: Titration, claims: Sequence[Claim]) -> Shift | Additive:
    observable = claims[0].observable
    model = shift_model(network, observable)
    # Of a shift, each place counts as often as it holds the nucleus: parts are those of one nucleus.
    return _in_parts(network, observable, model, per=model.counts) if option(observable, "additive") else model


def _in_parts(network: Network, observable: Observable, whole: Shift | Spectrum, *, per: Floats) -> Additive:
    """Return the amplitudes of complexes as sums over what they hold, by their composition."""
    held = [network.composition(name.partition(IN_FORM)[0]) for name in observable.entities]
    if option(observable, "nonnegative") or any(key.startswith(LIMIT) for key, _ in observable.options):
        raise FitError(
            f"observable '{observable.name}'",
            found="additive, and a word about the amplitudes of single complexes",
            allowed="additive alone: amplitudes are then those of parts",
            advice="leave nonnegative and known limits out",
        )
    parts = list(dict.fromkeys(part for each in held for part in each))
    table = np.array([[each.get(part, 0.0) for part in parts] for each in held]) / per[:, np.newaxis]
    if np.linalg.matrix_rank(table) == len(observable.entities):
        raise FitError(
            f"observable '{observable.name}'",
            found=f"additive, of {', '.join(observable.entities)}",
            allowed="a complex with more of the same than another one: H, HG, HG2",
            advice="leave 'additive' out: it says nothing here",
        )
    n_blanks = len(whole.labels) - len(held)
    labels = [f"{part} in complexes" if (table[:, column] == 0).any() else part for column, part in enumerate(parts)]
    return Additive(
        labels=(*labels, *whole.labels[len(held) :]),
        whole=whole,
        parts=np.block(
            [
                [table, np.zeros((len(held), n_blanks))],
                [np.zeros((n_blanks, len(parts))), np.eye(n_blanks)],
            ]
        ),
    )


def shift_model(network: Network, observable: Observable) -> Shift:
    """Return a shift of fast exchange as columns: the fraction of the nucleus in each place."""
    return Shift(
        labels=observable.entities, entities=_indices(network, observable), counts=_multiplicities(network, observable)
    )


def _spectrum(network: Network, data: Titration, claims: Sequence[Claim]) -> ObservationModel:
    observable, signal, columns = claims[0]
    if observable.kind == ABSORBANCE and any(key.startswith(LIMIT) for key, _ in observable.options):
        return stated_absorbance(network, observable, path_length=signal.path_length)
    if observable.kind == ABSORBANCE:
        return banded_spectrum(network, observable, signal=signal, columns=columns, temperature=data.temperature)
    blanks = {BASELINE: np.ones(data.n_points), DRIFT: drift_order(data.n_points)}
    asked = [name for name in blanks if option(observable, name)]
    labels, entities = _shining(network, observable) if observable.kind == EMISSION else _absorbing(network, observable)
    light = Spectrum(
        labels=(*labels, *asked),
        entities=entities,
        path_length=signal.path_length,
        blank=np.array([blanks[name] for name in asked]).reshape(-1, data.n_points).T,
    )
    if option(observable, "additive"):
        return _in_parts(network, observable, light, per=np.ones(len(labels)))
    return filtered(light, network, observable, signal)


def _absorbing(network: Network, observable: Observable) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    return observable.entities, _indices(network, observable)


def _shining(network: Network, observable: Observable) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    names, columns = network.shining(observable)
    return names, np.array(columns, dtype=np.intp)


def drift_order(n_points: int) -> Floats:
    """Return the order of the points from -1/2 to 1/2: a drift says nothing of the mean."""
    return np.linspace(-0.5, 0.5, n_points) if n_points > 1 else np.zeros(n_points)


def _heat(network: Network, data: Titration, claims: Sequence[Claim]) -> Heat:
    observable = claims[0].observable
    cell = option(observable, "cell")
    cell_volume = data.initial_volume if cell is None else float(cell)
    if cell_volume is None or data.added is None:
        raise FitError(
            f"observable '{observable.name}' on data '{data.name}'",
            found="no cell volume" if cell_volume is None else "no injected volumes",
            allowed="calorimetry needs the volume of the cell and of every injection",
            advice="write 'calorimetry(cell = 1.434 mL)' and give a column of volumes added",
        )
    if data.initial_volume is not None and not np.isclose(cell_volume, data.initial_volume, rtol=SAME_VOLUME_RTOL):
        raise FitError(
            f"observable '{observable.name}' on data '{data.name}'",
            found=f"a cell of {1e3 * cell_volume:g} mL in the model, of {1e3 * data.initial_volume:g} mL in the data",
            allowed="one volume",
            advice="leave 'cell' out of the model, or correct one of them",
        )
    names = observable.entities or _formed(network, data, observable)
    constant, slope = np.ones(data.n_points), [_scaled(data)[:, titrants(data)].sum(axis=1)]
    blank = [constant, *(slope if option(observable, "slope") else [])]
    return Heat(
        labels=(*names, *BLANKS[: len(blank)]),
        entities=np.array([network.entities.index(name) for name in names], dtype=np.intp),
        cell_volume=cell_volume,
        kept=1.0 - np.diff(data.added, prepend=0.0) / cell_volume,
        blank=np.column_stack(blank),
    )


def titrants(data: Titration) -> NDArray[np.bool_]:
    """Return the mask of the feeds that come from the syringe: there is more of them after the last injection."""
    amounts = _scaled(data)
    is_titrant: NDArray[np.bool_] = amounts[-1] > amounts[0]
    return is_titrant


def _scaled(data: Titration) -> Floats:
    """Return the amounts with unknown concentrations taken as 1 mol/L: right in how they change along the points."""
    amounts = data.amounts.copy()
    for each in data.unknowns:
        amounts[:, data.feeds.index(each.feed)] = each.known + each.shares.sum(axis=1)
    return amounts


def _band(network: Network, _data: Titration, claims: Sequence[Claim]) -> Band:
    return moving_band(network, claims[0].observable)


def stated_amplitudes(model: ObservationModel, observable: Observable) -> dict[int, Floats]:
    """Return the amplitudes that an ``observe`` line states: limiting shifts, origin and slopes of a band."""
    kinds, names = (ORIGIN, SLOPE, COUNT, LIMIT), {factor.name for factor in observable.factors}
    terms = [(key, value) for key, value in observable.options if key.startswith(kinds)]
    # The value of a constant stands in its column (`moving_band`).
    stated = {
        band_label(key.removeprefix(LIMIT)): 1.0 if factor_name(key, observable.name) in names else value
        for key, value in terms
        if isinstance(value, float)
    }
    return {column: np.array([stated[name]]) for column, name in enumerate(model.labels) if name in stated}


def _ligands(network: Network, data: Titration, claims: Sequence[Claim]) -> Ligands:
    observable, signal, _ = claims[0]
    diameter = option(observable, "diameter")
    if signal.unit != "1" and diameter is None:
        raise FitError(
            f"observable '{observable.name}' on data '{data.name}'",
            found=f"ligands per area [{signal.unit}], of particles of unknown size",
            allowed="ligands per area with the diameter that they were referred to; ligands per particle without",
            advice=f"write observe {observable.name} = ligands({observable.entities[0]}, diameter = 3.4 nm)",
        )
    counts = np.zeros(network.n_seen)
    weights = [1.0 if weight is None else float(weight) for weight in _weights(observable)]
    counts[_indices(network, observable)] = weights
    sites = {site.name: site.cluster for site in network.system.sites}
    clusters = {sites.get(name.partition("-")[0].strip("()0123456789")) for name in observable.entities}
    (cluster,) = clusters if len(clusters) == 1 else (None,)
    if cluster is None:
        raise FitError(
            f"observable '{observable.name}'",
            found=f"ligands({', '.join(observable.entities)})",
            allowed="states of sites on one kind of particle",
            advice=f"write e.g. observe {observable.name} = ligands(In-O2CR')",
        )
    is_particle = [name == cluster or name.startswith(f"{cluster}.") for name in network.entities]
    particles = np.zeros(network.n_seen)
    particles[: len(network.entities)] = is_particle
    area = 1.0 if signal.unit == "1" else math.pi * float(diameter or 0.0) ** 2
    return Ligands(counts=counts, particles=particles, area=area)


MODELS: dict[Technique, Callable[[Network, Titration, Sequence[Claim]], ObservationModel]] = {
    Technique.NMR_INTEGRAL: _integral,
    Technique.NMR_SHIFT: _shift,
    Technique.UV_VIS: _spectrum,
    Technique.FLUORESCENCE: _spectrum,
    Technique.ITC: _heat,
    Technique.BAND_POSITION: _band,
    Technique.LIGAND_COUNT: _ligands,
}


def _formed(network: Network, data: Titration, observable: Observable) -> tuple[str, ...]:
    """Return what the reactions form, where a calorimetry line names nothing: one term of each that is not put in."""
    put_in = {feed for feed, column in zip(data.feeds, data.amounts.T, strict=True) if (column != 0.0).any()}
    formed = tuple(term.name for _, term in forming(network, put_in))
    if not formed:
        raise FitError(
            f"observable '{observable.name}' on data '{data.name}'",
            found="nothing that reactions form and that is not put in as well",
            allowed="a species or site state whose formation gives heat",
            advice=f"name it: observe {observable.name} = calorimetry(HG)",
        )
    return formed


def forming(network: Network, put_in: Collection[str]) -> list[tuple[Reaction, Term]]:
    """Return reactions and the term that each forms: the first that is not put in and that no other one forms.

    What is put in changes without any reaction; of a reaction written as a dissociation the left side forms.
    """
    known = {*put_in, *(f"{site.name}-{site.native}" for site in network.system.sites)}
    found: list[tuple[Reaction, Term]] = []
    for reaction in network.system.reactions:
        formed = [term for term in (*reaction.right, *reaction.left) if term.name not in known][:1]
        found += [(reaction, term) for term in formed]
        known |= {term.name for term in formed}
    return found


def _indices(network: Network, observable: Observable) -> NDArray[np.intp]:
    columns = [network.column(name) for name in observable.entities]
    missing = [name for name, column in zip(observable.entities, columns, strict=True) if column is None]
    if missing:
        raise FitError(
            f"observable '{observable.name}'",
            found=", ".join(missing),
            allowed=", ".join(network.entities),
            advice="observe species or site states of the model",
        )
    return np.array(columns, dtype=np.intp)


def _weights(observable: Observable) -> tuple[Fraction | None, ...]:
    return observable.weights or (None,) * len(observable.entities)


def _multiplicities(network: Network, observable: Observable) -> Floats:
    """Return how often each entity of a shift holds what is observed: as stated, else the moiety all share."""
    weights = _weights(observable)
    if all(weight is not None for weight in weights):
        return np.array([float(weight) for weight in weights if weight is not None])
    compositions = [network.composition(name.partition(IN_FORM)[0]) for name in observable.entities]
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
