"""Figures: every function draws one panel on the axes it is given, or on a new figure, and returns the axes.

Drawing computes no science: what is drawn comes from records of `prediction` and `fitting`. No figure is registered
anywhere and no global setting changes.
"""

from typing import TYPE_CHECKING

from surfacechem.plotting.curves import coverage, distribution, forms, ligands, position, signal, speciation
from surfacechem.plotting.draws import draws_figure
from surfacechem.plotting.export import Pictures, inline_svg, save, svg_text
from surfacechem.plotting.fit import (
    component_spectra,
    contour,
    correlation,
    fitted_figure,
    isotherm,
    profile,
    residuals,
    singular_values,
    spectra,
)
from surfacechem.plotting.forecast import forecast_figure
from surfacechem.plotting.illustrate import illustrate
from surfacechem.plotting.maps import coverage_map, curve_family

if TYPE_CHECKING:
    # The public type of a figure; matplotlib itself is imported by the first drawing.
    from matplotlib.figure import Figure as Figure

__all__ = [
    "Pictures",
    "component_spectra",
    "contour",
    "correlation",
    "coverage",
    "coverage_map",
    "curve_family",
    "distribution",
    "draws_figure",
    "fitted_figure",
    "forecast_figure",
    "forms",
    "illustrate",
    "inline_svg",
    "isotherm",
    "ligands",
    "position",
    "profile",
    "residuals",
    "save",
    "signal",
    "singular_values",
    "speciation",
    "spectra",
    "svg_text",
]
