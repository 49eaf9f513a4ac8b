"""The report of a fit: one HTML file that needs no network and no script, for screen, dark screen and paper."""

from surfacechem.report.equations import equations_html
from surfacechem.report.page import render

__all__ = ["equations_html", "render"]
