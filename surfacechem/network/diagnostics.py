"""What a model tells before any data: how dilution moves it, and which constants its signals can never give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.chem.constant import Role
from surfacechem.chem.system import EMISSION
from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from surfacechem.chem.system import Observable
    from surfacechem.network.network import Network
    from surfacechem.network.speciation import Speciation

    Floats = NDArray[np.float64]

__all__ = ["DilutionEffect", "Undetermined", "dilute", "find_undetermined"]

TENFOLD: Final = 10.0
UNMOVED: Final = 1e-6
"""Relative change of a share that counts as none."""
RANK_RTOL: Final = 1e-8
"""Singular value, over the largest, below which a direction of the constants leaves no trace in any signal."""
ROUNDING_RTOL: Final = 1e-12
N_DRAWS: Final = 3
LARGEST_GUESS: Final = 3.0  # log10 of constants that the model leaves open


@dataclass(frozen=True, kw_only=True)
class DilutionEffect:
    """What dilution at constant ratio does to one state of the sites.

    Attributes
    ----------
    state : str
        ``"Z-*"``.
    before, after : float
        Its share of the sites of its class.
    """

    state: str
    before: float
    after: float

    @property
    def verdict(self) -> str:
        """``"pushed forward"``, ``"pushed back"`` or ``"not moved"``."""
        if abs(self.after - self.before) <= UNMOVED * max(self.before, self.after):
            return "not moved"
        return "pushed forward" if self.after > self.before else "pushed back"

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.state}: {self.before:.4g} of its sites, diluted {self.after:.4g}: {self.verdict}"


def dilute(network: Network, amounts: Mapping[str, float], *, factor: float = TENFOLD) -> tuple[DilutionEffect, ...]:
    """Return how each site state answers a dilution of everything by the same factor.

    A Z-type unit that leaves alone (q = 0) is pushed forward, one that leaves with one L (q = 1) does not move, one
    that leaves with two (q = 2) is pushed back: the experiment that tells q.

    Parameters
    ----------
    network : Network
        A model whose constants are known.
    amounts : mapping
        What is in the flask before [mol/L].
    factor : float
        By how much it is diluted.
    """
    if not factor > 1:
        raise ModelError("dilution", found=f"{factor:g}", allowed="factors above 1", advice="write factor=10")
    scaled = {feed: np.array([amount, amount / factor]) for feed, amount in amounts.items()}
    found = network.solve(scaled)
    entities = network.lowered.basis.entities
    effects = []
    for columns in entities.states:
        spans = np.array([entities.spans.get(column, 1) for column in columns])
        held = found.concentration[:, list(columns)] * spans
        shares = held / np.maximum(held.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        effects += [
            DilutionEffect(state=entities.names[column], before=float(before), after=float(after))
            for column, (before, after) in zip(columns, shares.T, strict=True)
        ]
    return tuple(effects)


@dataclass(frozen=True, kw_only=True)
class Undetermined:
    """A combination of constants that changes no signal of the model.

    Attributes
    ----------
    powers : tuple of (str, float)
        Constants and their powers: their logarithms may move together in these proportions without a trace.
    """

    powers: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        """Say it in words, with what to do."""
        names = [name for name, _ in self.powers]
        if len(names) == 1:
            return (
                f"{names[0]} changes no signal of this model in these flasks: fix it, observe what it changes, or vary "
                "the amounts from flask to flask"
            )
        moves = ", ".join(f"{power:+.2g} ln {name}" for name, power in self.powers)
        return (
            f"{' and '.join(names)} are not all determined: moving them by {moves} changes no signal; fix one of them"
        )


def find_undetermined(
    network: Network, amounts: ArrayLike | Mapping[str, ArrayLike], *, seed: int = 0
) -> tuple[Undetermined, ...]:
    """Return the combinations of constants that the observed signals cannot give, whatever the data are.

    Signals are differentiated at draws of unknown constants, with several draws of amplitudes each; what even the best
    draw leaves unseen is a fact of the structure and the flasks, not of noise. A combination holds near its draw.
    Limiting shifts, molar spectra and slopes count as unknown; constants that are held do not move, unless all are.

    Parameters
    ----------
    network : Network
        A model with ``observe`` lines.
    amounts : array_like or mapping
        The flasks of the planned experiment, as for `Network.solve`.
    seed : int
        Seed of the draws.

    Raises
    ------
    ModelError
        When the model observes nothing.
    """
    if not network.system.observables:
        raise ModelError(
            "find_undetermined", found="a model that observes nothing", allowed="at least one observe line",
            advice="add e.g. observe bound = integral(In-O2CR')",
        )  # fmt: skip
    random = np.random.default_rng(seed)
    bound = network.bind(amounts)
    sought = [place for place, each in enumerate(network.constants) if each.role is Role.FREE]
    sought = sought or list(range(len(network.constants)))
    names = [network.constants[place].name for place in sought]
    found = []
    for _ in range(N_DRAWS):
        theta = network.ln_constants
        is_open = np.isnan(theta)
        theta[is_open] = np.log(10) * random.uniform(0, LARGEST_GUESS, int(is_open.sum()))
        speciation = bound.solve(theta, derivatives=True)
        observed = network.system.observables * N_DRAWS
        jacobian = np.vstack([_sensitivity(network, speciation, each, random) for each in observed])
        found.append(_null_space(np.nan_to_num(jacobian[:, sought]), names))
    return min(found, key=len)


def _sensitivity(
    network: Network, speciation: Speciation, observable: Observable, random: np.random.Generator
) -> Floats:
    """Return d signal / d ln K with all that unknown amplitudes can absorb taken out, shape (n_points, n_constants)."""
    if observable.kind == EMISSION:
        _, columns = network.shining(observable)
    else:
        columns = [network.entities.index(name) for name in _entities(network, observable)]
    slopes = speciation.d_seen_constants
    if slopes is None:
        raise ModelError("sensitivities", found="a speciation without derivatives")
    values, slopes = speciation.seen[:, columns], slopes[:, columns]
    total = values.sum(axis=1)
    if observable.kind == "shift":
        d_total = slopes.sum(axis=1)
        slopes = slopes / total[:, None, None] - values[:, :, None] * (d_total / total[:, None] ** 2)[:, None]
        values = values / total[:, None]
    if observable.kind in {"integral", "ligands"}:
        return np.asarray(slopes.sum(axis=1) / max(float(total.max()), np.finfo(float).tiny))
    if observable.kind == "calorimetry":
        values, slopes = np.diff(values, axis=0, prepend=0.0), np.diff(slopes, axis=0, prepend=0.0)
    scale = np.maximum(np.abs(values).max(axis=0), np.finfo(float).tiny)
    moved = (slopes / scale[:, None]).transpose(2, 0, 1) @ random.uniform(0.5, 2.0, len(columns))
    span, size, _ = np.linalg.svd(values / scale, full_matrices=False)
    span = span[:, size > RANK_RTOL * size.max(initial=0.0)]
    left = moved.T - span @ (span.T @ moved.T)
    # What amplitudes absorb but for rounding is absorbed: flasks that are all alike tell nothing.
    is_rounding = np.abs(left) <= ROUNDING_RTOL * np.abs(moved.T).max(axis=0)
    return np.asarray(np.where(is_rounding, 0.0, left) / np.sqrt(len(values)))


def _entities(network: Network, observable: Observable) -> Sequence[str]:
    """Return the concentrations that a signal is made of; a band names occupants as well."""
    if observable.kind == "calorimetry" and not observable.entities:
        return tuple(dict.fromkeys(reaction.right[0].name for reaction in network.system.reactions))
    if observable.kind != "band":
        return observable.entities
    return [
        name for name in network.entities
        if name in observable.entities or name.partition("-")[2] in observable.entities
    ]  # fmt: skip


def _null_space(jacobian: Floats, names: Sequence[str]) -> tuple[Undetermined, ...]:
    """Return a readable basis of what the Jacobian sends to zero: each vector with as few constants as can be."""
    _, size, rows = np.linalg.svd(jacobian, full_matrices=True)
    rank = int((size > RANK_RTOL * size.max(initial=0.0)).sum())
    null = rows[rank:]
    found = []
    while len(null):
        # Eliminate on the largest entry, so that single constants stand alone where they can.
        row, column = np.unravel_index(np.argmax(np.abs(null)), null.shape)
        vector = null[row] / null[row, column]
        null = np.delete(null, row, axis=0)
        null = null - np.outer(null[:, column], vector)
        found.append(vector)
    for number in range(len(found)):
        for later in found[number + 1 :]:
            found[number] = found[number] - found[number][np.argmax(np.abs(later))] * later
    shown = [[(name, float(power)) for name, power in zip(names, v, strict=True) if abs(power) > 1e-6] for v in found]  # noqa: PLR2004 - rounding
    return tuple(Undetermined(powers=tuple(powers)) for powers in shown)
