"""Simulated titrations whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Callable

EXCHANGE = """surfacechem 1
cluster InP37 = In37P20(O2CR)51 where R = C13H27
site    In on InP37 : 51 native O2CR
species HO2CR' = C18H34O2 where R' = C17H33
X   In-O2CR + HO2CR' <=> In-O2CR' + HO2CR   ; K = {K}
observe bound = integral(In-O2CR')
observe free  = integral(HO2CR')
"""
BINDING = """surfacechem 1
species Host
species Guest
S[11]  Host + Guest <=> HG   ; K = {K}
{observe}
"""
SPECTRA = ((1000.0, 200.0, 0.0), (100.0, 300.0, 500.0), (500.0, 900.0, 1200.0))

Simulated = tuple[Network, Titration]


def titration(feeds: dict[str, np.ndarray], *signals: Signal, **changes: Any) -> Titration:  # noqa: ANN401  (fields)
    """Return a titration record of these amounts and signals."""
    amounts = np.column_stack(list(feeds.values()))
    labels = tuple(str(point) for point in range(len(amounts)))
    fields = {"name": "run", "feeds": tuple(feeds), "amounts": amounts, "signals": signals, "labels": labels}
    return Titration(**(fields | changes))


@pytest.fixture
def exchange() -> Callable[..., Simulated]:
    """Return a maker of 51-site exchanges seen by bound and free integrals."""

    def make(
        *, truth: float, noise: float = 2e-5, n_points: int = 20, unit: str = "mol/L", scale: float = 1.0, seed: int = 1
    ) -> Simulated:
        clusters = np.full(n_points, 5e-4)
        acid = np.linspace(0, 150, n_points + 1)[1:] * clusters
        feeds = {"InP37": clusters, "HO2CR'": acid}
        seen = Network(parse(EXCHANGE.format(K=truth))).solve(feeds)
        draws = np.random.default_rng(seed)

        def signal(name: str, entity: str) -> Signal:
            values = scale * seen.of(entity) + draws.normal(0, noise, n_points)
            return Signal(
                name=name, technique=Technique.NMR_INTEGRAL, channels=(name,), values=values[:, np.newaxis], unit=unit
            )

        data = titration(feeds, signal("bound", "In-O2CR'"), signal("free", "HO2CR'"))
        return Network(parse(EXCHANGE.format(K="fit"))), data

    return make


@pytest.fixture
def binding() -> Callable[..., Simulated]:
    """Return a maker of 1:1 titrations seen by spectra of three wavelengths."""

    def make(
        *,
        truth: float = 3000.0,
        K: str = "fit /M",
        observe: str = "observe A = spectrum(Host, Guest, HG)",
        spectra: tuple[tuple[float, ...], ...] | np.ndarray = SPECTRA,
        noise: float = 2e-3,
        n_points: int = 15,
        host: float = 1e-3,
        sigma: float | None = None,
        seed: int = 0,
        name: str = "run",
    ) -> Simulated:
        feeds = {"Host": np.full(n_points, host), "Guest": np.linspace(0, 4 * host, n_points)}
        seen = Network(parse(BINDING.format(K=f"{truth} /M", observe=""))).solve(feeds)
        concentration = np.column_stack([seen.of(entity) for entity in ("Host", "Guest", "HG")])
        exact = concentration @ np.array(spectra)
        signal = Signal(
            name="A",
            technique=Technique.UV_VIS,
            channels=("300", "310", "320"),
            values=exact + np.random.default_rng(seed).normal(0, noise, exact.shape),
            sigma=None if sigma is None else np.full(exact.shape, sigma),
            unit="1",
            axis=np.array([300.0, 310.0, 320.0]),
        )
        return Network(parse(BINDING.format(K=K, observe=observe))), titration(feeds, signal, name=name)

    return make
