"""A sweep as a plan: everything that any worker needs to make any block of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.errors import ModelError, UnitError, UnknownNameError
from surfacechem.network.warming import heat, refuse_athermal
from surfacechem.notation import render
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.feeds import shared_feedings
from surfacechem.prediction.series import Series, series
from surfacechem.sweep.design import design_points
from surfacechem.sweep.varied import Role, coupling_name, read_varied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from surfacechem.chem.system import System
    from surfacechem.fitting import FitResult
    from surfacechem.fitting.feeding import Feeding
    from surfacechem.network import Network
    from surfacechem.prediction.series import Amount
    from surfacechem.sweep.design import Design, Layout
    from surfacechem.sweep.varied import Span, Varied

    Floats = NDArray[np.float64]

__all__ = ["CONCENTRATION", "COVERAGE", "SIGNAL", "Plan", "plan_sweep"]

COVERAGE: Final = "coverage"
CONCENTRATION: Final = "concentration"
SIGNAL: Final = "signal"
KEPT: Final = (COVERAGE, CONCENTRATION, SIGNAL)


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """A sweep, picklable and complete.

    Attributes
    ----------
    system : System
        The model.
    design : Design
        The points.
    feed : mapping of str to Series
        What is put in beside what is varied.
    theta : ndarray, shape (1 or n_draws, n_constants)
        ln K at the model's temperature, a row per draw.
    heat : ndarray, shape (1 or n_draws, n_constants)
        Slope of ln K against 1/T [K], -dH/R, of a coupling w/R; 0 where temperature is not varied.
    steps : ndarray, shape (1 or n_draws, n_parameters)
        Steps of the fitted parameters that the rows of `theta` stand for.
    fed : ndarray, shape (1 or n_draws, n_parameters)
        Natural logarithms of the shares that a fit found, a row per draw.
    feedings : tuple of Feeding
        From what is put in as weighed to what is in the flask, by `fed`.
    keep : tuple of str
        What is kept of each point, beside its status.
    fit : FitResult, optional
        Calibrates the signals.
    """

    system: System
    design: Design
    feed: Mapping[str, Series]
    theta: Floats
    heat: Floats
    steps: Floats
    fed: Floats
    feedings: tuple[Feeding, ...]
    keep: tuple[str, ...]
    fit: FitResult | None = None

    def facts(self) -> dict[str, Any]:
        """Return what makes this sweep what it is, part by part, each as a hash or in words."""
        design = self.design
        varied = [
            [each.name, each.label, len(each.values), _digest(each.values.tobytes()), each.is_log]
            for each in design.varied
        ]
        feed = {name: [each.label, each.values.tolist()] for name, each in self.feed.items()}
        return {
            "model": _digest(render(self.system).encode()),
            "varied": varied,
            "design": [str(design.layout), design.n_points, design.n_draws, design.seed],
            "feed": feed,
            "constants": _digest(b"".join(each.tobytes() for each in (self.theta, self.heat, self.steps, self.fed))),
            "kept": list(self.keep),
            "signals": _digest(b"".join(_measured(self.fit))) if self.fit is not None else "",
        }

    @property
    def key(self) -> str:
        """Hash of all facts."""
        return _digest(json.dumps(self.facts(), sort_keys=True).encode())


def plan_sweep(
    network: Network,
    vary: Mapping[str, Span],
    *,
    feed: Mapping[str, Amount],
    design: Layout | str,
    n_points: int | None,
    n_draws: int,
    seed: int,
    constants: Mapping[str, str | float] | None,
    fit: FitResult | None,
    keep: Sequence[str] | None,
) -> Plan:
    """Return the plan of a sweep; everything that can be refused is refused here (arguments as in `sweep`)."""
    varied = tuple(read_varied(network, name, span) for name, span in vary.items())
    doubled = [each.name for each in varied if each.name in feed or each.name in (constants or {})]
    if doubled:
        raise UnitError(
            ", ".join(doubled), found="varied and given a value", allowed="one of the two", advice="drop one of them"
        )
    points = design_points(varied, layout=design, n_points=n_points, n_draws=n_draws, seed=seed)
    # A constant on an axis needs no value of its own; the first one stands in for it until points are made.
    first = {_constant_of(each): each.first for each in varied if each.role in {Role.CONSTANT, Role.COUPLING}}
    knowledge = known_constants(network, fit=fit, constants={**(constants or {}), **first})
    steps = knowledge.draw(n_draws, seed=seed) if n_draws else np.zeros((1, len(knowledge.names)))
    if n_draws and not knowledge.has_errors:
        raise ModelError(
            "draws of the constants",
            found="constants without errors",
            allowed="a fit, or '+/-' in the model",
            advice="sweep a fit: load_fit('fit.json').sweep(...)",
        )
    theta = np.array([knowledge.at(step) for step in steps])
    on_axes = set(first)
    is_warmed = any(each.role is Role.TEMPERATURE for each in varied)
    kept = _kept(keep, network, fit)
    return Plan(
        system=network.system,
        design=points,
        feed=_feed(feed),
        theta=theta,
        heat=_heat(network, theta, on_axes) if is_warmed else np.zeros_like(theta),
        steps=steps,
        fed=knowledge.fed + steps,
        feedings=shared_feedings(fit),
        keep=kept,
        fit=fit if SIGNAL in kept else None,
    )


def _constant_of(varied: Varied) -> str:
    return coupling_name(varied.name) if varied.role is Role.COUPLING else varied.name


def _feed(feed: Mapping[str, Amount]) -> dict[str, Series]:
    found = {}
    for name, amount in feed.items():
        read = series(amount, name=name)
        if len(read.values) > 1:
            raise UnitError(
                f"feed {name}", found=f"{len(read.values)} amounts", allowed="one amount", advice=f"vary {name} instead"
            )
        found[name] = read
    return found


def _heat(network: Network, theta: Floats, on_axes: set[str]) -> Floats:
    refuse_athermal(network, but=on_axes)
    # A constant on an axis is taken at the temperature of its point.
    is_moved = np.array([each.name not in on_axes for each in network.constants], dtype=bool)
    return np.where(is_moved, heat(network, theta), 0.0)


def _kept(keep: Sequence[str] | None, network: Network, fit: FitResult | None) -> tuple[str, ...]:
    possible = [name for name in KEPT if (name != COVERAGE or network.system.sites) and (name != SIGNAL or fit)]
    chosen = possible if keep is None else list(dict.fromkeys(keep))
    wrong = [name for name in chosen if name not in possible]
    if wrong or not chosen:
        raise UnknownNameError(
            f"kept {', '.join(wrong) or 'nothing'}",
            found="not a result of this sweep",
            allowed=", ".join(possible),
            advice="signals need a fit, coverage needs sites",
        )
    return tuple(chosen)


def _measured(fit: FitResult) -> Iterator[bytes]:
    """Yield what a fit's signals are calibrated by; a rescaled signal leaves all constants as they are."""
    for data in fit.datasets:
        for signal in data.signals:
            yield f"{data.name} {signal.name} {signal.channels} {signal.unit} {signal.path_length}".encode()
            yield signal.measured.tobytes() + signal.amplitudes.tobytes()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def with_sites(system: System, counts: Mapping[str, float]) -> System:
    """Return the system with other numbers of sites."""
    from fractions import Fraction

    sites = tuple(
        replace(site, count=Fraction(counts[site.name])) if site.name in counts else site for site in system.sites
    )
    return replace(system, sites=sites)
