"""Observe lines that contradict the data are refused in words."""

from __future__ import annotations

import numpy as np
import pytest

import surfacechem as sc

MODEL = """surfacechem 1
species H
species G
S[11]  H + G <=> HG ; K = fit /M
observe {observable}
"""
POINTS = np.linspace(1e-4, 2e-3, 8)


def titration(technique: sc.Technique, *, unit: str, name: str) -> sc.Titration:
    """Return made-up values of one channel; only their form matters."""
    signal = sc.Signal(name=name, technique=technique, channels=(name,), values=POINTS[:, np.newaxis], unit=unit)
    return sc.Titration(
        name="made up",
        feeds=("H", "G"),
        amounts=np.column_stack([np.full(8, 1e-3), POINTS]),
        signals=(signal,),
        labels=tuple("abcdefgh"),
        added=np.arange(8) * 1e-5,
        initial_volume=1.4e-3,
    )


def test_protons_of_concentrations_are_refused() -> None:
    """Concentrations count no protons; they used to be taken twice as large."""
    data = titration(sc.Technique.NMR_INTEGRAL, unit="mol/L", name="b")
    with pytest.raises(sc.SurfaceChemError, match="protons"):
        sc.Model(MODEL.format(observable="b = integral(HG, protons = 2)")).fit(data)


def test_two_volumes_of_one_cell_are_refused() -> None:
    """A cell ten times as large in the model as in the data is a slip; it used to move K by 10 %."""
    data = titration(sc.Technique.ITC, unit="J", name="heat")
    with pytest.raises(sc.SurfaceChemError, match=r"14 mL in the model, of 1\.4 mL in the data"):
        sc.Model(MODEL.format(observable="heat = calorimetry(cell = 14 mL)")).fit(data)


def test_spectra_of_an_unknown_observable_are_refused() -> None:
    """A misspelt name of known spectra used to be ignored."""
    data = titration(sc.Technique.UV_VIS, unit="1", name="A")
    with pytest.raises(sc.SurfaceChemError, match="known spectra of 'B'"):
        sc.Model(MODEL.format(observable="A = spectrum(H, HG)")).fit(data, known={"B": {"H": np.ones(1)}})


def test_constant_below_absolute_zero_is_refused() -> None:
    """A constant stated at -5 K used to be extrapolated to nothing."""
    text = "surfacechem 1\nspecies H\nspecies G\nS[11]  H + G <=> HG ; K = 100 /M at -5 K, dH = -10 kJ/mol\n"
    with pytest.raises(sc.SurfaceChemError, match="-5 K"):
        sc.Model(text)
