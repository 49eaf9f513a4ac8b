"""Spectra and band positions of a model with known optical properties: no fit, no data.

Each absorber (a dissolved species, a cluster or a form of it) has its transitions. Ligands may move the bands of their
cluster by so much for each one bound; then the spectrum is the sum over the distribution of ligand counts, not the
spectrum at the mean count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.chem.system import VACANT
from surfacechem.errors import ModelError, UnknownNameError
from surfacechem.prediction.distribution import count_ligands
from surfacechem.prediction.lineshape import Transition, absorption
from surfacechem.prediction.readings import occupants
from surfacechem.prediction.record import SIGNAL, Curves
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from surfacechem.chem.system import Observable
    from surfacechem.network import Network, Speciation
    from surfacechem.prediction.flask import Conditions

    Floats = NDArray[np.float64]
    Bands = Mapping[str, Transition | Sequence[Transition]]

__all__ = ["band_positions", "spectra"]

WINDOW: Final = ("300 nm", "500 nm")
N_CHANNELS: Final = 401


def spectra(
    network: Network,
    conditions: Conditions,
    bands: Bands,
    *,
    shifts: Mapping[str, str] | None = None,
    window: tuple[str, str] = WINDOW,
    n_channels: int = N_CHANNELS,
    path_length: str = "1 cm",
) -> Curves:
    """Return the absorbance at each point of the conditions.

    Parameters
    ----------
    network : Network
        A model whose constants are known.
    conditions : Conditions
        What is in the flask at each point.
    bands : mapping
        Transitions of each absorber: species, ``"InP37"``, ``"CdS37.beta"``; strengths are molar absorption
        coefficients.
    shifts : mapping, optional
        Energy by which each bound ligand of a kind moves the bands of its cluster: ``{"SR'": "-8 meV"}``.
    window : tuple of str
        First and last wavelength; energies are converted as positions.
    n_channels : int
        Wavelengths, evenly spaced.
    path_length : str
        Optical path.

    Raises
    ------
    UnknownNameError
        When the model has no such absorber or ligand.
    ModelError
        When ligands shift a cluster that has several forms, or one whose ligands cannot be counted.
    """
    first, last = (quantity(end, Kind.WAVELENGTH, name="window") for end in window)
    axis = np.linspace(first, last, n_channels)
    speciation = network.solve(conditions.amounts)
    moved = {ligand: quantity(shift, Kind.ENERGY_SHIFT, name=ligand) for ligand, shift in (shifts or {}).items()}
    counted = _count_shifting(network, speciation, moved)
    total = np.zeros((len(speciation.concentration), len(axis)))
    for name, given in bands.items():
        transitions = (given,) if isinstance(given, Transition) else tuple(given)
        if name not in network.entities:
            raise _unknown("absorber", name, network.entities)
        shares = counted.get(name, {0.0: np.ones(len(total))})
        for shift, share in shares.items():
            spectrum = absorption([each.moved(shift) for each in transitions], axis)
            total += np.outer(speciation.of(name) * share, spectrum)
    total[speciation.status != 0] = np.nan
    return Curves(
        group=SIGNAL,
        name="absorbance",
        labels=tuple(f"{value:.6g} nm" for value in axis),
        values=total * quantity(path_length, Kind.PATH_LENGTH, name="path length"),
        unit="1",
        axis=axis,
    )


def band_positions(network: Network, conditions: Conditions) -> tuple[Curves, ...]:
    """Return the positions of the bands whose origin and slopes the model's ``observe`` lines give as numbers [eV].

    Raises
    ------
    ModelError
        When a line leaves a number to a fit.
    """
    speciation = network.solve(conditions.amounts)
    return tuple(
        Curves(
            group=SIGNAL,
            name=observable.name,
            labels=("position",),
            values=_position(network, speciation, observable)[:, np.newaxis],
            unit="eV",
        )
        for observable in network.system.observables
        if observable.kind == "band"
    )


def _position(network: Network, speciation: Speciation, observable: Observable) -> Floats:
    """Return origin plus slopes times coverages and products of two, at each point."""
    position = np.zeros(len(speciation.concentration))
    for key, value in observable.options:
        if not isinstance(value, float):
            raise ModelError(
                f"observe {observable.name}",
                found=f"{value} without a value",
                allowed="numbers for origin and slopes, e.g. 2.95 eV + 0.05 eV * coverage(O2CR')",
                advice="write the number, or fit it and predict from the fit",
            )
        covered = [] if key == "origin" else key.removeprefix("slope:").split(" * ")
        position += value * np.prod([_coverage(network, speciation, name) for name in covered], axis=0)
    return np.where(speciation.status == 0, position, np.nan)


def _coverage(network: Network, speciation: Speciation, name: str) -> Floats:
    """Return the share of all sites that hold an occupant, or are in a state."""
    held, spans = occupants(network), network.lowered.basis.entities.spans
    total = sum((speciation.concentration[:, c] * spans.get(c, 1) for c in held), np.zeros(len(speciation.status)))
    chosen = [column for column, occupant in held.items() if name in {occupant, network.entities[column]}]
    found = sum((speciation.concentration[:, c] * spans.get(c, 1) for c in chosen), np.zeros(len(total)))
    return np.divide(found, total, out=np.zeros_like(found), where=total > 0)


def _count_shifting(
    network: Network, speciation: Speciation, moved: Mapping[str, float]
) -> dict[str, dict[float, Floats]]:
    """Return for each cluster with shifting ligands its shares of particles by shift [eV]."""
    if not moved:
        return {}
    distributions, notes = count_ligands(network, speciation)
    found: dict[str, dict[float, Floats]] = {}
    for ligand, shift in moved.items():
        mine = [each for each in distributions if each.ligand == ligand]
        if not mine:
            known = sorted(set(occupants(network).values()) - {VACANT})
            raise (_uncounted(ligand, notes) if ligand in known else _unknown("ligand", ligand, known))
        for each in mine:
            if each.cluster in found or any(c.cluster == each.cluster for c in network.system.conformers):
                raise ModelError(
                    f"shift by {ligand} on {each.cluster}",
                    found="several forms of the cluster, or a second ligand that shifts it",
                    allowed="one shifting ligand on a cluster of one form",
                    advice="give the forms their own bands, or take the position of a band with coverage (observe)",
                )
            found[each.cluster] = {
                float(shift * count): probability
                for count, probability in zip(each.counts, each.probability.T, strict=True)
            }
    return found


def _uncounted(ligand: str, notes: tuple[str, ...]) -> ModelError:
    return ModelError(
        f"shift by {ligand}",
        found="; ".join(notes),
        allowed="ligands that can be counted",
        advice="ask for fewer points",
    )


def _unknown(kind: str, name: str, known: Sequence[str]) -> UnknownNameError:
    return UnknownNameError(
        f"{kind} '{name}'", found="not in the model", allowed=", ".join(known), advice="use one of these names"
    )
