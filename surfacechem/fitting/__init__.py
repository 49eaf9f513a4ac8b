"""Fits: observation models, eliminated amplitudes, global search, intervals, verdicts."""

from surfacechem.fitting.blocks import KnownSpectra
from surfacechem.fitting.comparison import Comparison, compare
from surfacechem.fitting.driver import fit, profile
from surfacechem.fitting.feeding import Correction
from surfacechem.fitting.profiles import Profile
from surfacechem.fitting.result import DatasetFit, Estimate, FitResult, Minimum, SignalFit

__all__ = [
    "Comparison",
    "Correction",
    "DatasetFit",
    "Estimate",
    "FitResult",
    "KnownSpectra",
    "Minimum",
    "Profile",
    "SignalFit",
    "compare",
    "fit",
    "profile",
]
