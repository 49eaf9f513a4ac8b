"""Blocks of a sweep, solved: pure functions of a plan and a number, for any worker anywhere."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.constants import GAS_CONSTANT
from surfacechem.fitting.feeding import feed_in
from surfacechem.network import Network
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.flask import conditions
from surfacechem.prediction.readings import readings
from surfacechem.prediction.series import Series
from surfacechem.prediction.signals import Bench
from surfacechem.sweep.plan import CONCENTRATION, COVERAGE, SIGNAL, with_sites
from surfacechem.sweep.varied import Role, coupling_name
from surfacechem.units import Kind, constant_unit, to_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.prediction.readings import Reading
    from surfacechem.sweep.plan import Plan

    Floats = NDArray[np.float64]
    Table = dict[str, NDArray[np.generic]]

__all__ = ["STATUS", "Ready", "solve_blocks"]

STATUS: Final = "status"
MOST_READY: Final = 4


class Ready:
    """A plan made ready in one process: networks are lowered and signals calibrated once.

    Parameters
    ----------
    plan : Plan
        The sweep.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.network = Network(plan.system)
        self._networks: dict[tuple[float, ...], Network] = {}
        varied = plan.design.varied
        self._amounts = [(k, each) for k, each in enumerate(varied) if each.role is Role.AMOUNT]
        self._constants = [(k, each) for k, each in enumerate(varied) if each.role is Role.CONSTANT]
        self._sites = [(k, each.name[2:-1]) for k, each in enumerate(varied) if each.role is Role.SITES]
        self._temperature = [(k, each) for k, each in enumerate(varied) if each.role is Role.TEMPERATURE]
        names = [constant.name for constant in self.network.constants]
        self._columns = [names.index(each.name) for _, each in self._constants]
        self._factors = [constant_unit("" if each.unit == "1" else each.unit).factor for _, each in self._constants]
        self._couplings = [
            (column, each, names.index(coupling_name(each.name)))
            for column, each in enumerate(varied)
            if each.role is Role.COUPLING
        ]
        self._benches: list[Bench] = []
        if plan.fit is not None:
            knowledge = known_constants(self.network, fit=plan.fit)
            self._benches = [Bench(self.network, plan.fit, data, knowledge) for data in plan.fit.datasets]
        self._calibrations = [
            [each for bench in self._benches for each in bench.calibrate(step)] for step in plan.steps if self._benches
        ]

    def outputs(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """Return labels and unit of everything that is kept, `STATUS` left out."""
        found: dict[str, tuple[tuple[str, ...], str]] = {}
        if COVERAGE in self.plan.keep:
            entities = self.network.lowered.basis.entities
            found[COVERAGE] = (tuple(entities.names[c] for columns in entities.states for c in columns), "1")
        if CONCENTRATION in self.plan.keep:
            found[CONCENTRATION] = (self.network.entities, "mol/L")
        if SIGNAL in self.plan.keep and self._calibrations:
            found |= {f"{SIGNAL} {each.name}": (each.labels, each.unit) for each in self._calibrations[0]}
        return found

    def solve(self, number: int) -> Table:
        """Return block `number`: a table per output, shape (n, n_labels), and the status, shape (n,)."""
        values, draws = self.plan.design.block(number)
        if not self._sites:
            return self._solve(self.network, values, draws)
        columns = [column for column, _ in self._sites]
        kinds, kind_of = np.unique(values[:, columns], axis=0, return_inverse=True)
        whole: Table = {}
        for kind, counts in enumerate(kinds):
            rows = np.flatnonzero(kind_of.ravel() == kind)
            part = self._solve(self._with_sites(counts), values[rows], None if draws is None else draws[rows])
            for name, table in part.items():
                whole.setdefault(name, np.empty((len(values), *table.shape[1:]), table.dtype))[rows] = table
        return whole

    def _with_sites(self, counts: Floats) -> Network:
        key = tuple(counts.tolist())
        if key not in self._networks:
            names = [name for _, name in self._sites]
            self._networks[key] = Network(with_sites(self.plan.system, dict(zip(names, key, strict=True))))
        return self._networks[key]

    def _solve(self, network: Network, values: Floats, draws: NDArray[np.intp] | None) -> Table:
        amounts = self._fed(self._put_in(network, values), draws)
        solved = network.bind(amounts).solve(self._theta(values, draws))
        seen = solved.seen
        is_lost = solved.status != 0
        if is_lost.any():
            seen[is_lost] = np.nan
        table: Table = {STATUS: solved.status}
        if COVERAGE in self.plan.keep:
            table[COVERAGE] = np.hstack([_share(each, seen, amounts) for each in _coverages(network)])
        if SIGNAL in self.plan.keep:
            table |= self._signals(seen, draws)
        if CONCENTRATION in self.plan.keep:
            table[CONCENTRATION] = seen[:, : len(network.entities)]
        return table

    def _put_in(self, network: Network, values: Floats) -> Floats:
        feed = dict(self.plan.feed)
        for column, each in self._amounts:
            feed[each.name] = Series(values=values[:, column], unit=each.unit, per=each.per)
        amounts = conditions(network, feed).amounts
        return amounts if len(amounts) == len(values) else np.repeat(amounts, len(values), axis=0)

    def _fed(self, weighed: Floats, draws: NDArray[np.intp] | None) -> Floats:
        """Return what is in the flask of what was weighed in: active shares and impurities as the fit found them."""
        if not self.plan.feedings:
            return weighed
        amounts = np.empty_like(weighed)
        for draw, fed in enumerate(self.plan.fed):
            rows = slice(None) if draws is None else np.flatnonzero(draws == draw)
            amounts[rows] = feed_in(self.plan.feedings, weighed[rows], fed[np.newaxis])[0][0]
        return amounts

    def _theta(self, values: Floats, draws: NDArray[np.intp] | None) -> Floats:
        plan = self.plan
        if draws is None and not self._constants and not self._temperature and not self._couplings:
            return np.asarray(plan.theta[0])
        theta = np.tile(plan.theta[0], (len(values), 1)) if draws is None else plan.theta[draws]
        kelvin = np.full(len(values), plan.system.temperature)
        for column, each in self._temperature:
            kelvin = to_kernel(values[:, column], each.unit, Kind.TEMPERATURE)
            heat = plan.heat[0] if draws is None else plan.heat[draws]
            theta += (1.0 / kelvin - 1.0 / plan.system.temperature)[:, np.newaxis] * heat
        for column, each, position in self._couplings:
            theta[:, position] = to_kernel(values[:, column], each.unit, Kind.MOLAR_ENERGY) / (GAS_CONSTANT * kelvin)
        for (column, _), position, factor in zip(self._constants, self._columns, self._factors, strict=True):
            theta[:, position] = np.log(values[:, column] * factor)
        return theta

    def _signals(self, seen: Floats, draws: NDArray[np.intp] | None) -> Table:
        found: Table = {}
        for draw, calibrations in enumerate(self._calibrations):
            rows = slice(None) if draws is None else np.flatnonzero(draws == draw)
            for each in calibrations:
                values = each.signal_of(seen[rows])
                name = f"{SIGNAL} {each.name}"
                found.setdefault(name, np.empty((len(seen), len(each.labels))))[rows] = values
        return found


def _coverages(network: Network) -> list[Reading]:
    return [each for each in readings(network) if each.group == COVERAGE]


def _share(coverage: Reading, concentration: Floats, amounts: Floats) -> Floats:
    """Return what `Reading.values` does: each label is one entity, so columns are picked.

    The matrix product there would start the threads of BLAS, whose waiting costs more than all else on a busy machine.
    """
    entity = coverage.summed.argmax(axis=0)
    shares = concentration[:, entity] * coverage.summed.max(axis=0)
    is_counted = coverage.whole is None
    sites = (coverage.reference(amounts) if is_counted else shares.sum(axis=1))[:, np.newaxis]
    return np.asarray(np.divide(shares, sites, out=np.full_like(shares, np.nan), where=sites > 0))


_READY: OrderedDict[str, Ready] = OrderedDict()


def solve_blocks(plan: Plan, key: str, first: int, last: int) -> Table:
    """Return blocks `first` to `last` (left out) of a plan; what is made ready is kept for the next call.

    Parameters
    ----------
    plan : Plan
        The sweep.
    key : str
        `Plan.key`, made once by the caller.
    first, last : int
        Numbers of blocks.
    """
    ready = _READY.get(key)
    if ready is None:
        ready = _READY[key] = Ready(plan)
        while len(_READY) > MOST_READY:
            _READY.popitem(last=False)
    parts = [ready.solve(number) for number in range(first, last)]
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
