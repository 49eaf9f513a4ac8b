"""Predictions as CSV."""

from __future__ import annotations

import csv

import numpy as np

import surfacechem as sc

BAND = """cluster CdS37 = Cd37S20(O2CR)34
site Cd on CdS37 native O2CR
X Cd-O2CR + HSR' <=> Cd-SR' + HO2CR ; K = 30
observe E1 = 3.83 eV - 8 meV * count(SR') of CdS37 ; width = 150 meV, absorptivity = 2e5 /(M cm)
"""


def test_spectra_at_one_place_of_the_axis_are_all_written() -> None:
    """Three flasks of one cluster concentration are three columns; two of them used to be lost."""
    prediction = sc.Model(BAND).predict({"CdS37": ["1 uM"] * 3, "HSR'": ["0 uM", "10 uM", "50 uM"]})
    header, *rows = csv.reader(prediction.spectra_csv().splitlines())
    assert header[1:] == ["CdS37 1 uM, point 1 [1]", "CdS37 1 uM, point 2 [1]", "CdS37 1 uM, point 3 [1]"]
    np.testing.assert_allclose(np.array(rows, dtype=float)[:, 1:].T, prediction.spectra().values, rtol=1e-9)
