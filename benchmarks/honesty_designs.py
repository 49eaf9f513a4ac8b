"""Simulated titrations whose truth is known: what the study of honesty fits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from surfacechem.constants import LN10
from surfacechem.fitting.driver import prepare_objective
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

CELL, SHOT, N_SHOTS = 1.4e-3, 10e-6, 25
CELL_TOTAL, SYRINGE_TOTAL = 1e-4, 1.2e-3


@dataclass(frozen=True, kw_only=True)
class Part:
    """Signals that share a noise.

    Attributes
    ----------
    technique : Technique
        How they are measured.
    amplitudes : ndarray, shape (n_columns, n_channels)
        True shifts, spectra, heats.
    noise : float
        Standard deviation, in units of the signal.
    unit : str
        Unit of the signal.
    n_observables : int
        Observables with one channel each, of one scale; with one observable the channels are its own.
    """

    technique: Technique
    amplitudes: np.ndarray
    noise: float
    unit: str
    n_observables: int = 1

    @property
    def n_channels(self) -> list[int]:
        """Channels of each observable."""
        return [self.amplitudes.shape[1]] if self.n_observables == 1 else [1] * self.n_observables


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """One kind of titration.

    Attributes
    ----------
    name : str
        Shown in the table.
    text : str
        Model; ``{...}`` stand for the constants.
    truth : dict of str to str
        Constants that the simulation uses.
    amounts : dict of str to ndarray
        Feeds [mol/L].
    parts : tuple of Part
        What is measured.
    added : ndarray, shape (n_points,), optional
        Volume injected so far [L], with `cell` the volume [L].
    """

    name: str
    text: str
    truth: dict[str, str]
    amounts: dict[str, np.ndarray]
    parts: tuple[Part, ...]
    added: np.ndarray | None = None
    cell: float | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A design, ready to be simulated and fitted.

    Attributes
    ----------
    network : Network
        The model to fit.
    names : tuple of str
        Its constants.
    theta : ndarray, shape (n_constants,)
        ln of their true values.
    exact : tuple of ndarray
        Signals without noise, per part (n_points, n_channels).
    """

    network: Network
    names: tuple[str, ...]
    theta: np.ndarray
    exact: tuple[np.ndarray, ...]

    @property
    def log10_truth(self) -> np.ndarray:
        """Decimal logarithms of the true constants."""
        return self.theta / LN10


@cache
def designs() -> tuple[Design, ...]:
    """Return the designs."""
    host = "surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG {K11}\n"
    core = "surfacechem 1\ncluster InP37 = In37P20(O2CR)51 where R = C13H27\nsite In on InP37 : 51 native O2CR\n"
    acid = "species HO2CR' = C18H34O2 where R' = C17H33\nX In-O2CR + HO2CR' <=> In-O2CR' + HO2CR {KX1}\n"
    zinc = "surfacechem 1\ncluster QD\nsite Z on QD : 30 native M\nL[1] Z-M + 2 A <=> Z-* + MA2 {KZ}\n"
    forms = "surfacechem 1\ncluster CdS37\nsite Cd on CdS37 : 6 native *\nconformer beta of CdS37 ; L0 = 50 fixed\n"
    bind = "L[a] Cd-* + B <=> Cd-B {Ka}\nL[b] Cd-* + B <=> Cd-B in beta {Kb}\n"
    wave = np.linspace(0.0, 1.0, 40)
    spectra = np.array([900 * np.exp(-(((wave - peak) / 0.2) ** 2)) for peak in (0.2, 0.5, 0.8)])
    left = np.cumprod(np.full(N_SHOTS, 1 - SHOT / CELL))
    shifts = np.array([[7.0, 8.1], [7.6, 7.9]])
    return (
        Design(
            name="1:1, NMR shifts", text=host + "observe d = shift(G, HG)", truth={"K11": "; K = 1500 /M"},
            amounts={"H": np.linspace(0, 4e-3, 16), "G": np.full(16, 1e-3)},
            parts=(Part(technique=Technique.NMR_SHIFT, amplitudes=shifts, noise=5e-3, unit="ppm"),),
        ),
        Design(
            name="1:2, UV-vis", text=host + "S[12] HG + G <=> HG2 {K12}\nobserve A = spectrum(H, HG, HG2)",
            truth={"K11": "; K = 2e4 /M", "K12": "; K = 3e3 /M"},
            amounts={"H": np.full(20, 1e-4), "G": np.linspace(0, 2e-3, 20)},
            parts=(Part(technique=Technique.UV_VIS, amplitudes=10 * spectra, noise=3e-3, unit="1"),),
        ),
        Design(
            name="X exchange, 51 sites",
            text=core + acid + "observe bound = integral(In-O2CR')\nobserve free = integral(HO2CR')",
            truth={"KX1": "; K = 1.3"},
            amounts={"InP37": np.full(12, 5e-4), "HO2CR'": np.linspace(5, 150, 12) * 5e-4},
            parts=(_integrals(120.0),),
        ),
        Design(
            name="Z displacement, q = 2", text=zinc + "observe bound = integral(Z-M)\nobserve freed = integral(MA2)",
            truth={"KZ": "; K = 0.05 /M"},
            amounts={"QD": np.full(14, 5e-5), "A": np.geomspace(3e-3, 0.6, 14)},
            parts=(_integrals(1000.0),),
        ),
        Design(
            name="conformers, L0 = 50 (MWC)", text=forms + bind + "observe A = spectrum(CdS37, CdS37.beta)",
            truth={"Ka": "; K = 2000 /M", "Kb": "; K = 150 /M"},
            amounts={"CdS37": np.full(24, 2e-5), "B": np.geomspace(2e-5, 2e-2, 24)},
            parts=(Part(technique=Technique.UV_VIS, amplitudes=100 * spectra[:2], noise=2e-3, unit="1"),),
        ),
        Design(
            name="ITC, 25 injections", text=host + "observe q = calorimetry(HG, cell = 1.4 mL)",
            truth={"K11": "; K = 2e5 /M"},
            amounts={"H": CELL_TOTAL * left, "G": SYRINGE_TOTAL * (1 - left)},
            parts=(Part(technique=Technique.ITC, amplitudes=np.array([[-4e4], [2e-6]]), noise=3e-6, unit="J"),),
            added=np.arange(1, N_SHOTS + 1) * SHOT, cell=CELL,
        ),
        Design(
            name="1:1, NMR and UV-vis together, 8 points",
            text=host + "observe d = shift(G, HG)\nobserve A = spectrum(G, HG)", truth={"K11": "; K = 1500 /M"},
            amounts={"H": np.linspace(0, 4e-3, 8), "G": np.full(8, 1e-3)},
            parts=(
                Part(technique=Technique.NMR_SHIFT, amplitudes=shifts, noise=2e-2, unit="ppm"),
                Part(technique=Technique.UV_VIS, amplitudes=spectra[:2, 10:30:6], noise=2e-2, unit="1"),
            ),
        ),
    )  # fmt: skip


def _integrals(scale: float) -> Part:
    return Part(technique=Technique.NMR_INTEGRAL, amplitudes=np.array([[scale]]), noise=0.03, unit="1", n_observables=2)


@cache
def prepare(design: Design) -> Prepared:
    """Return a design, ready to be simulated and fitted."""
    unknown = dict.fromkeys(design.truth, "")
    network, true = (Network(parse(design.text.format(**values))) for values in (unknown, design.truth))
    names = tuple(each.name for each in network.constants if each.role.value == "fit")
    theta = true.ln_constants[[[each.name for each in true.constants].index(name) for name in names]]
    n_points = len(next(iter(design.amounts.values())))
    # Any values that are not constant: only the way from concentrations to signals is looked for.
    ramp = [np.arange(n_points)[:, np.newaxis] + np.zeros(n) for part in design.parts for n in part.n_channels]
    objective, _ = prepare_objective(network, (titration(design, network, ramp),), known={})
    (experiment,) = objective.experiments
    state = experiment.solve(theta[np.newaxis])
    exact = tuple(
        block.table(block.model.columns(state.concentration)[0] @ part.amplitudes)
        for block, part in zip(experiment.blocks, design.parts, strict=True)
    )
    return Prepared(network=network, names=names, theta=theta, exact=exact)


def titration(design: Design, network: Network, tables: list[np.ndarray]) -> Titration:
    """Return a titration with these signals, one table per observable."""
    names = [observable.name for observable in network.system.observables]
    parts = [part for part in design.parts for _ in part.n_channels]
    signals = tuple(
        Signal(
            name=name, technique=part.technique, channels=tuple(f"{name}{c}" for c in range(table.shape[1])),
            values=table, unit=part.unit,
        )
        for name, part, table in zip(names, parts, tables, strict=True)
    )  # fmt: skip
    amounts = np.column_stack(list(design.amounts.values()))
    return Titration(
        name="simulated", feeds=tuple(design.amounts), amounts=amounts, signals=signals,
        labels=tuple(str(point) for point in range(1, len(amounts) + 1)), added=design.added,
        initial_volume=design.cell,
    )  # fmt: skip


def draw(number: int, n_titrations: int, *, seed: int) -> list[np.ndarray]:
    """Return measured values of one of the designs, per part (n_titrations, n_points, n_channels)."""
    design, random = designs()[number], np.random.default_rng([number, seed])
    pairs = zip(prepare(design).exact, design.parts, strict=True)
    return [exact + random.normal(0.0, part.noise, (n_titrations, *exact.shape)) for exact, part in pairs]


def simulate(number: int, seed: int) -> Titration:
    """Return one simulated titration."""
    design = designs()[number]
    return measure(design, [values[0] for values in draw(number, 1, seed=seed)])


def measure(design: Design, values: list[np.ndarray]) -> Titration:
    """Return a titration with these values, per part (n_points, n_channels)."""
    tables = []
    for part, each in zip(design.parts, values, strict=True):
        tables += np.split(each, np.cumsum(part.n_channels)[:-1], axis=1)
    return titration(design, prepare(design).network, tables)
