"""From constants and conditions to coverage, speciation, ligand counts and signals, with bands and units."""

from surfacechem.prediction.calculation import predict
from surfacechem.prediction.fitted import ComponentSpectra, FittedSignal, component_spectra, fitted_signals
from surfacechem.prediction.flask import Axis, Conditions, additions, conditions
from surfacechem.prediction.isosbestic import isosbestic_points
from surfacechem.prediction.lineshape import Transition, transition
from surfacechem.prediction.record import Curves, Distribution, Prediction
from surfacechem.prediction.series import Amount, Series, linspace, logspace
from surfacechem.prediction.spectra import spectra
from surfacechem.prediction.steepness import hill_exponents
from surfacechem.prediction.walk import along

__all__ = [
    "Amount",
    "Axis",
    "ComponentSpectra",
    "Conditions",
    "Curves",
    "Distribution",
    "FittedSignal",
    "Prediction",
    "Series",
    "Transition",
    "additions",
    "along",
    "component_spectra",
    "conditions",
    "fitted_signals",
    "hill_exponents",
    "isosbestic_points",
    "linspace",
    "logspace",
    "predict",
    "spectra",
    "transition",
]
