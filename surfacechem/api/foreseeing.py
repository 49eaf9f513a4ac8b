"""Plans without data: which of the flasks or titrations that can be made would tell most."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.api.expecting import set_up
from surfacechem.display import si_prefix
from surfacechem.errors import DataError
from surfacechem.fitting.forecasting import MOST_READABLE, choose_points, forecast, is_readable
from surfacechem.fitting.simulating import Run
from surfacechem.fitting.techniques import SAME_VOLUME_RTOL, option
from surfacechem.io.mixing import dilute, displace
from surfacechem.prediction import conditions
from surfacechem.prediction.series import series
from surfacechem.records import Technique
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from surfacechem.api.expecting import Expectation
    from surfacechem.api.model import Model
    from surfacechem.fitting.outlook import Forecast, Option
    from surfacechem.fitting.simulating import Response
    from surfacechem.network import Network

    Floats = NDArray[np.float64]

__all__ = ["foresee_flasks", "foresee_titrations"]

_ADDITIONS: Final = re.compile(r"(?P<n>\d{1,4})\s*x\s*(?P<volume>\d.*)")
STEPS: Final = 6
"""Concentrations looked at where a range is given without saying how many."""
MOST_RUNS: Final = 400
FEWEST_FLASKS: Final = 2
MOST_FLASKS: Final = 2000


def foresee_flasks(model: Model, feed: Mapping[str, str], *, n_points: int, expectation: Expectation) -> Forecast:
    """Choose among flasks that can be made those that would pin the constants most.

    Parameters
    ----------
    model : Model
        What is in them.
    feed : mapping
        Feed to amounts, as for `conditions`: ``{"Host": "1 mM", "Guest": "0..20 mM in 41"}``. Series are combined.
    n_points : int
        How many flasks to make.
    expectation : Expectation
        What is expected.

    Raises
    ------
    SurfaceChemError
        If something is missing or cannot be read.
    """
    setup, notes = set_up(model, expectation, is_apart=True)
    candidates = _combined(setup.network, feed)
    if len(candidates) < FEWEST_FLASKS:
        advice = '--feed "Host=1 mM" --feed "Guest=0..20 mM in 101"'
        raise DataError("flasks that can be made", found="one", allowed="several to choose from", advice=advice)

    every = Run(label="candidates", amounts=candidates)
    readable = [(group, candidates[is_readable(setup, every, group)]) for group in _groups(setup.responses)]
    groups = [(group, flasks) for group, flasks in readable if len(flasks) > 1]
    if not groups:
        raise _too_dark()

    def chosen(group: Sequence[Response], flasks: Floats, n: int) -> Run:
        points = choose_points(setup, flasks, group, criterion=expectation.criterion, n_points=n)
        return Run(label=f"{len(points)} flasks", amounts=flasks[points])

    def resized(option: Option, n: int) -> Run:
        ((group, flasks),) = (each for each in groups if each[0][0].observable in option.observed)
        return chosen(group, flasks, n)

    runs = [(chosen(group, flasks, n_points), group) for group, flasks in groups]
    return forecast(setup, runs, criterion=expectation.criterion, resized=resized, notes=notes, level=expectation.level)


def foresee_titrations(
    model: Model,
    *,
    cell: Mapping[str, str],
    titrant: Mapping[str, str],
    volume: str,
    additions: Sequence[str],
    expectation: Expectation,
) -> Forecast:
    """Say which titration would pin the constants most: what in the vessel, what in the titrant, how much at a time.

    Parameters
    ----------
    model : Model
        What is titrated.
    cell, titrant : mapping
        Feed to concentration or range, ``{"P": "5..500 uM"}``: the practical limits.
    volume : str
        Volume before the first addition, the cell of a calorimeter; where it is empty, that of the model.
    additions : sequence of str
        What can be added: ``["25 x 10 uL", "19 x 2 uL"]``.
    expectation : Expectation
        What is expected.

    Raises
    ------
    SurfaceChemError
        If something is missing or cannot be read.
    """
    parts = {"cell": cell, "titrant": titrant, "additions": additions}
    lacking = [name for name, given in parts.items() if not given]
    if lacking:
        raise DataError("plan of a titration", found=f"no {', '.join(lacking)}", allowed="all of them, or flasks")
    setup, notes = set_up(model, expectation)
    groups = _groups(setup.responses)
    volumes, said = _initial_volumes(setup.network, groups, volume)
    steps = [_read_additions(each) for each in additions]
    if not 0 < max(size for _, size in steps) < min(volumes) or min(size for _, size in steps) <= 0:
        found = f"{_shown(min(volumes), 'L')}, with additions of {', '.join(additions)}"
        raise DataError("volumes", found=found, allowed="additions above 0, each smaller than the volume in the vessel")
    vessels, titrants = _solutions(setup.network, cell), _solutions(setup.network, titrant)
    plans = [
        _Titration(setup.network, vessel, stock, initial, step, is_full=group[0].technique is Technique.ITC)
        for group, initial in zip(groups, volumes, strict=True)
        for vessel, stock, step in product(vessels, titrants, steps)
    ]
    if len(plans) > MOST_RUNS:
        advice = 'give fewer concentrations: "5..500 uM in 4 log"'
        raise DataError("runs to be compared", found=f"{len(plans)}", allowed=f"at most {MOST_RUNS}", advice=advice)
    n_each = len(plans) // len(groups)
    runs = [(plan.run(plan.n_points), groups[number // n_each]) for number, plan in enumerate(plans)]
    plan_of = {id(run): plan for (run, _), plan in zip(runs, plans, strict=True)}
    readable = [(run, group) for run, group in runs if is_readable(setup, run, group).all()]
    if not readable:
        raise _too_dark()

    def resized(option: Option, n: int) -> Run:
        return plan_of[id(option.run)].run(n)

    return forecast(
        setup,
        readable,
        criterion=expectation.criterion,
        resized=resized,
        notes=(*notes, *said),
        level=expectation.level,
    )


def _initial_volumes(
    network: Network, groups: Sequence[Sequence[Response]], volume: str
) -> tuple[list[float], list[str]]:
    """Return the volume that each technique starts from [L], and what was assumed of it.

    A calorimeter has its cell; beside others a given volume is theirs, and without one they start from that of the
    cell as well.
    """
    cells = [_cell(network, group) for group in groups]
    stated = next((cell for cell in cells if cell is not None), None)
    given = quantity(volume, Kind.VOLUME, name="volume") if volume else stated
    if given is None:
        found, allowed = f"none for {groups[0][0].technique}", "the volume before the first addition"
        advice = '--volume "1.4 mL"; only of a calorimeter may the model state it, calorimetry(cell = 1.4 mL)'
        raise DataError("option --volume", found=found, allowed=allowed, advice=advice)
    if None not in cells and not np.allclose(np.array(cells, dtype=float), given, rtol=SAME_VOLUME_RTOL, atol=0.0):
        cell = f"{1e3 * float(cells[0] or 0.0):.10g} mL"
        found, allowed = f"{volume}, and a cell of {cell} in the model", "one volume"
        advice = f"--volume \"{cell}\", or correct 'cell' in the model"
        raise DataError("option --volume", found=found, allowed=allowed, advice=advice)
    assumed = [each.observable for group, cell in zip(groups, cells, strict=True) for each in group if cell is None]
    note = f"{', '.join(assumed)}: volume assumed, {_shown(given, 'L')} as in the calorimeter; give it with --volume."
    return [given if cell is None else cell for cell in cells], [note] if assumed and not volume else []


def _cell(network: Network, group: Sequence[Response]) -> float | None:
    """Return the volume of the cell that the lines of a technique state [L]."""
    names = {each.observable for each in group}
    stated = [option(each, "cell") for each in network.system.observables if each.name in names]
    return next((float(cell) for cell in stated if cell is not None), None)


def _too_dark() -> DataError:
    return DataError(
        "absorbances of what can be made",
        found=f"above {MOST_READABLE:g}",
        allowed="absorbances that an instrument can read",
        advice='give the molar absorptivity at a weaker band, --amplitude "A[HG]=800 L/(mol cm)", or dilute',
    )


@dataclass(frozen=True, eq=False)
class _Titration:
    network: Network
    vessel: Floats
    stock: Floats
    volume: float
    step: tuple[int, float]
    is_full: bool  # a calorimeter's cell, from which each injection displaces its volume

    @property
    def n_points(self) -> int:
        """A heat belongs to each addition; other signals are read before the first one, too."""
        return self.step[0] + (not self.is_full)

    def run(self, n_points: int) -> Run:
        """Return the titration in so many points, the same volume added in all."""
        n, size = self.step
        injected = np.full(n_points, n * size / max(n_points - (not self.is_full), 1))
        if not self.is_full:
            injected[0] = 0.0
        added = np.cumsum(injected)
        if self.is_full:
            amounts = displace(injected, initial=self.vessel, stock=self.stock, volume=self.volume)
        else:
            amounts = dilute(
                added[:, np.newaxis], initial=self.vessel, stocks=self.stock[np.newaxis], volume=self.volume
            )
        return Run(label=self._label(), amounts=amounts, added=added, initial_volume=self.volume)

    def _label(self) -> str:
        n, size = self.step
        parts = [
            f"{feed} {_shown(float(value), 'mol/L')}"
            for solution in (self.vessel, self.stock)
            for feed, value in zip(self.network.feeds, solution, strict=True)
            if value
        ]
        return f"{', '.join(parts)}, {n} x {_shown(size, 'L')}"


def _shown(value: float, unit: str) -> str:
    factor, prefixed = si_prefix(value, unit)
    return f"{value * factor:.3g} {prefixed}"


def _groups(responses: Sequence[Response]) -> list[list[Response]]:
    """Return what each technique observes; a technique alone is what is compared."""
    by_technique: dict[Technique, list[Response]] = {}
    for each in responses:
        by_technique.setdefault(each.technique, []).append(each)
    return list(by_technique.values())


def _combined(network: Network, feed: Mapping[str, str]) -> Floats:
    """Return every combination of the amounts of each feed [mol/L]; equivalents follow what they refer to."""
    read = {name: series(text, name=name) for name, text in feed.items()}
    grid = np.meshgrid(*(each.values for each in read.values()), indexing="ij")
    combined = {
        name: replace(each, values=values.ravel()) for (name, each), values in zip(read.items(), grid, strict=True)
    }
    if grid[0].size > MOST_FLASKS:
        advice = 'give fewer amounts: "0..20 mM in 21"'
        raise DataError("flasks", found=f"{grid[0].size}", allowed=f"at most {MOST_FLASKS}", advice=advice)
    return conditions(network, combined).amounts


def _solutions(network: Network, contents: Mapping[str, str]) -> list[Floats]:
    """Return every combination of concentrations of one solution, shape (n_feeds,) each [mol/L]."""
    columns = [
        conditions(network, {name: f"{text} in {STEPS} log" if ".." in text and " in " not in text else text}).amounts
        for name, text in contents.items()
    ]
    return [np.sum(rows, axis=0) for rows in product(*columns)]


def _read_additions(text: str) -> tuple[int, float]:
    """Return number and volume [L] of ``"25 x 10 uL"``."""
    found = _ADDITIONS.fullmatch(text.strip())
    if found is None or int(found["n"]) < 2:  # noqa: PLR2004  (one addition is no titration)
        raise DataError(
            "additions", found=text, allowed="a number of additions x a volume", advice='--add "25 x 10 uL"'
        )
    return int(found["n"]), quantity(found["volume"], Kind.VOLUME, name="addition")
