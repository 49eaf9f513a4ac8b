"""From constants and conditions to coverage, speciation, ligand counts and signals, with bands and units."""

from surfacechem.prediction.calculation import predict
from surfacechem.prediction.conditions import Axis, Conditions, additions, along, conditions
from surfacechem.prediction.fitted import ComponentSpectra, FittedSignal, component_spectra, fitted_signals
from surfacechem.prediction.record import Curves, Distribution, Prediction
from surfacechem.prediction.series import Amount, Series, linspace, logspace

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
    "additions",
    "along",
    "component_spectra",
    "conditions",
    "fitted_signals",
    "linspace",
    "logspace",
    "predict",
]
