"""What is in the flask: amounts of every feed at every point, and what changes from point to point."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.chem.system import VACANT
from surfacechem.display import round_number, si_prefix
from surfacechem.errors import RangeError, UnitError, UnknownNameError
from surfacechem.prediction.series import series
from surfacechem.prediction.sites import is_carrier, sites_per_particle
from surfacechem.units import Kind, quantity, to_kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from surfacechem.chem.system import System
    from surfacechem.network import Network
    from surfacechem.prediction.series import Amount, Series

    Floats = NDArray[np.float64]

__all__ = ["Axis", "Conditions", "Mixture", "additions", "conditions", "equivalents_base", "known_feed", "spread_axis"]

PRESSED: Final = 8.0  # largest over median value above which points look pressed together on a linear axis
PARTICLE_WORDS: Final = ("particle", "cluster")
LIGAND_WORDS: Final = ("native ligand", "native ligands")
LARGEST_CONCENTRATION: Final = 200.0
"""mol/L; liquid water has 55, and no liquid much more."""
LARGEST_DENSITY: Final = 5000.0
"""g/L; a solvent has some 1000, and only liquid metals more than this."""
UNSUSPICIOUS: Final = 0.1
"""mol/L; below, no mass is asked for: weights of atoms take a moment to load."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Axis:
    """What changes from point to point, as it is to be shown.

    Attributes
    ----------
    label : str
        What it is, e.g. ``"HO2CR' added"``.
    unit : str
        Unit of `values`, e.g. ``"mM"`` or ``"equiv per InP37"``.
    values : ndarray, shape (n_points,)
        One number per point; NaN at a point that only parts two pieces of a curve.
    linear_to : float, optional
        Where the points spread over decades: the value up to which the axis is linear, logarithmic beyond.
    """

    label: str
    unit: str
    values: Floats
    linear_to: float | None = None


class Mixture(NamedTuple):
    """Points between measured ones: of each, the two it lies between and the share of the second."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    share: Floats

    def of(self, tables: Floats) -> Floats:
        """Return tables of shape (n_lanes, n_measured, ...) at these points."""
        share = self.share.reshape(-1, *[1] * (tables.ndim - 2))
        return tables[:, self.left] * (1 - share) + tables[:, self.right] * share


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditions:
    """Amounts in the flask at every point.

    Attributes
    ----------
    feeds : tuple of str
        Names as in `Network.feeds`.
    amounts : ndarray, shape (n_points, n_feeds)
        Concentration of feed ``j`` at point ``p``, before it reacts [mol/L].
    axis : Axis
        What changes.
    notes : tuple of str
        What was assumed.
    temperature : float, optional
        Temperature [K]; None: that of the model.
    dataset : str
        Name of the measured data that these are conditions of, where they are.
    mixture : Mixture, optional
        Each point as a mixture of measured ones.
    """

    feeds: tuple[str, ...]
    amounts: Floats
    axis: Axis
    notes: tuple[str, ...] = ()
    temperature: float | None = None
    dataset: str = ""
    mixture: Mixture | None = None

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.amounts)


def conditions(network: Network, feed: Mapping[str, Amount]) -> Conditions:
    """Return the conditions of a flask into which `feed` was put.

    Feeds that are not named are absent. Series of the same length move together.

    Parameters
    ----------
    network : Network
        Its feeds may be named.
    feed : mapping
        Feed name to an amount: ``"0.5 mM"``, ``"10 equiv per InP37"``, ``"5 equiv per native ligand"``, a range
        ``"0..30 mM in 61"``, a list of such texts, a `Series` or a quantity.

    Raises
    ------
    UnknownNameError
        If a name is no feed of the model.
    UnitError
        If an amount cannot be read, refers to something without a concentration, or lengths differ.
    """
    read = {known_feed(name, network.feeds): series(amount, name=name) for name, amount in feed.items()}
    n_points = _common_length(read)
    amounts = np.zeros((n_points, len(network.feeds)))
    notes = []
    for name in _in_order_of_reference(read, network):
        factor, base, note = _scale(read[name], name, network)
        amounts[:, network.feeds.index(name)] = (
            read[name].values * factor * (amounts[:, base] if base is not None else 1)
        )
        notes += [note] if note else []
    _refuse_impossible(amounts, network)
    there = {name for name, largest in zip(network.feeds, amounts.max(axis=0, initial=0.0), strict=True) if largest > 0}
    notes += [f"There is no {each.name} in the flask." for each in network.system.clusters if each.name not in there]
    return Conditions(feeds=network.feeds, amounts=amounts, axis=_stated_axis(read, n_points), notes=tuple(notes))


def additions(
    network: Network, *, vessel: Mapping[str, Amount], volume: str, titrant: Mapping[str, Amount], added: Amount
) -> Conditions:
    """Return the conditions in a vessel to which a titrant is added, dilution included.

    Parameters
    ----------
    network : Network
        Its feeds may be named.
    vessel, titrant : mapping
        Feed name to its one concentration there; equivalents are allowed within each.
    volume : str
        Volume in the vessel before the first addition, e.g. ``"0.60 mL"``.
    added : str or sequence of str
        Volume added so far at each point, e.g. ``["0 uL", "20 uL"]`` or ``"0..120 uL in 25"``.

    Raises
    ------
    UnknownNameError
        If a name is no feed of the model.
    UnitError
        If an amount or a volume cannot be read.
    """
    start, stock = conditions(network, vessel), conditions(network, titrant)
    if start.n_points != 1 or stock.n_points != 1:
        raise UnitError("vessel and titrant", found="a series", allowed="one concentration each")
    initial = quantity(volume, Kind.VOLUME, name="volume")
    volumes = _volumes(added)
    if (np.diff(volumes) < 0).any():
        allowed, advice = "volumes added so far, each at least the one before", "write e.g. 0..120 uL in 25"
        raise UnitError("volume added", found="volumes that fall", allowed=allowed, advice=advice)
    if initial <= 0:
        raise UnitError("volume in the vessel", found=volume, allowed="a volume above 0", advice="write e.g. 0.60 mL")
    # Volumes are taken as additive, as everywhere in this package.
    share = (volumes / (initial + volumes))[:, np.newaxis]
    factor, unit = si_prefix(volumes.max(), "L")
    return Conditions(
        feeds=network.feeds,
        amounts=(1 - share) * start.amounts + share * stock.amounts,
        axis=Axis(label="volume added", unit=unit, values=volumes * factor),
        notes=(*start.notes, *stock.notes, "Volumes are taken as additive."),
    )


def _refuse_impossible(amounts: Floats, network: Network) -> None:
    """Refuse flasks that would hold more than any liquid does: as a rule, mol/L is written for mmol/L."""
    formulas = {each.name: each.formula for each in network.system.species}
    formulas |= {each.name: each.formula for each in network.system.clusters}
    for name, largest in zip(network.feeds, amounts.max(axis=0, initial=0.0), strict=True):
        formula = formulas.get(name)
        is_weighed = formula is not None and not formula.placeholders and largest > UNSUSPICIOUS
        mass = float(formula.mass * largest) if formula is not None and is_weighed else 0.0
        if largest > LARGEST_CONCENTRATION or mass > LARGEST_DENSITY:
            weight = f", {round_number(mass, n_digits=2)} g/L" if mass else ""
            raise RangeError(
                f"amount of {name}",
                found=f"{round_number(largest, unit='mol/L')}{weight}",
                allowed=f"at most {LARGEST_CONCENTRATION:g} mol/L and {LARGEST_DENSITY:g} g/L",
                advice="look at the unit: mmol/L?",
            )


def _volumes(added: Amount) -> Floats:
    """Return volumes [L]."""
    read = series(added, name="titrant added", kind=Kind.VOLUME)
    if read.is_relative:
        raise UnitError("added volume", found=read.label, allowed="volumes", advice="write e.g. 0..120 uL in 25")
    return np.asarray(to_kernel(read.values, read.unit, Kind.VOLUME))


def equivalents_base(system: System, per: str, *, feeds: tuple[str, ...]) -> tuple[str, float]:
    """Return of which feed, and of how many per feed, equivalents are.

    Examples of `per`: ``"InP37"``, ``"particle"``, ``"native ligand"``, ``"native O2CR"``, ``"site In"``,
    each site and ligand form optionally followed by ``"of InP37"``.

    Raises
    ------
    UnitError
        If the words name nothing of the model, or more than one cluster is meant.
    """
    if per in feeds:
        return per, 1.0
    words, _, owner = per.partition(" of ")
    names = [cluster.name for cluster in system.clusters]
    if owner and owner not in names:
        raise _unknown_base(per, system, feeds)
    cluster = owner or (names[0] if len(names) == 1 else "")
    n_meant = _count_meant(system, words, cluster)
    if not cluster or n_meant is None:
        raise _unknown_base(per, system, feeds)
    return cluster, n_meant


def _count_meant(system: System, words: str, cluster: str) -> float | None:
    """Return how many of what `words` say one cluster has, None where they say nothing known."""
    sites = [site for site in system.sites if site.cluster == cluster]
    if words in PARTICLE_WORDS:
        return 1.0
    if words in LIGAND_WORDS:
        chosen = [site for site in sites if site.native != VACANT and not is_carrier(system, site)]
    elif words.startswith("native "):
        chosen = [site for site in sites if site.native == words.removeprefix("native ")]
    else:
        chosen = [site for site in sites if words == f"site {site.name}"]
    return sum(sites_per_particle(system, site) for site in chosen) if chosen else None


def _unknown_base(per: str, system: System, feeds: tuple[str, ...]) -> UnitError:
    allowed = [*feeds]
    if len(system.clusters) == 1:
        natives = dict.fromkeys(f"native {site.native}" for site in system.sites if site.native != VACANT)
        allowed += ["particle", "native ligand", *natives, *(f"site {site.name}" for site in system.sites)]
    for cluster in system.clusters[1:] and system.clusters:
        allowed += [f"native ligand of {cluster.name}"]
    advice = "say of what the equivalents are"
    if "metal" in per:  # which metal atoms count as surface is a choice that no formula makes
        advice += "; give the metal atoms that you mean as sites, e.g. site In.s on InP37 : 16, and write per site In.s"
    return UnitError(f"equivalents per {per}", allowed=", ".join(allowed), advice=advice)


def known_feed(name: str, feeds: tuple[str, ...]) -> str:
    """Return the name of a feed, if it is one.

    Raises
    ------
    UnknownNameError
        With the nearest name, if it is none.
    """
    if name in feeds:
        return name
    close = get_close_matches(name, feeds, n=1)
    advice = f"did you mean {close[0]}?" if close else "name what is put into the flask"
    raise UnknownNameError(f"feed {name!r}", found="no such feed in the model", allowed=", ".join(feeds), advice=advice)


def _common_length(read: Mapping[str, Series]) -> int:
    lengths = {len(each.values) for each in read.values()} - {1}
    if len(lengths) > 1:
        found = ", ".join(f"{name}: {len(each.values)}" for name, each in read.items())
        raise UnitError(
            "series of amounts", found=found, allowed="equal lengths", advice="series move together, point by point"
        )
    return lengths.pop() if lengths else 1


def _in_order_of_reference(read: Mapping[str, Series], network: Network) -> list[str]:
    """Return the names so that equivalents come after what they refer to."""
    ready: list[str] = [name for name, each in read.items() if not each.is_relative]
    waiting = {
        name: equivalents_base(network.system, each.per, feeds=network.feeds)[0]
        for name, each in read.items()
        if each.is_relative
    }
    while waiting:
        free = [name for name, base in waiting.items() if base in ready]
        if not free:
            name, base = next(iter(waiting.items()))
            raise UnitError(
                f"amount of {name}",
                found=f"equivalents of {base}, which has no concentration",
                allowed="equivalents of something whose concentration is given",
                advice=f'give {base} a concentration, e.g. "0.5 mM"',
            )
        ready += free
        waiting = {name: base for name, base in waiting.items() if name not in free}
    return ready


def _scale(amount: Series, name: str, network: Network) -> tuple[float, int | None, str]:
    """Return the factor to mol/L (or to the base's mol/L), the base's column and a note."""
    if not amount.is_relative:
        return to_kernel(1.0, amount.unit, Kind.CONCENTRATION), None, ""
    base, count = equivalents_base(network.system, amount.per, feeds=network.feeds)
    note = f"Equivalents of {name} are per {amount.per}: {count:g} for each {base}." if base != amount.per else ""
    return count, network.feeds.index(base), note


def _stated_axis(read: Mapping[str, Series], n_points: int) -> Axis:
    """Return the first series as the axis, in the unit it was written in."""
    for name, each in read.items():
        if len(each.values) > 1:
            return spread_axis(name, each.label, each.values)
    return Axis(label="point", unit="", values=np.arange(1.0, n_points + 1))


def spread_axis(label: str, unit: str, values: Floats) -> Axis:
    """Return an axis, logarithmic where a linear one would press most points into its first part."""
    positive = values[values > 0]
    is_pressed = positive.size > 0 and positive.max() > PRESSED * np.median(positive)
    return Axis(label=label, unit=unit, values=values, linear_to=float(positive.min()) if is_pressed else None)
