"""Published curves of nanocrystals: size and absorption, with range, source, and warnings at cluster energies.

All numbers are floats in kernel units: nm, eV, cm^2, L/(mol cm), mol/L.

>>> from surfacechem import relations
>>> spread = relations.absorption_from_wavelength("CdSe", wavelength=480.0)
>>> round(spread.factor, 1)
3.4
"""

from surfacechem.relations.absorption import ABSORPTION_LAWS, cross_section, molar_absorption
from surfacechem.relations.catalogue import LAWS, law, laws_of, table
from surfacechem.relations.guard import CLUSTER_BANDS, CLUSTER_DIAMETER, ClusterWarning, ExtrapolationWarning
from surfacechem.relations.law import FIRST_TRANSITION, Interval, Law, Quantity
from surfacechem.relations.positions import move_wavelength, to_energy, to_wavelength
from surfacechem.relations.sizing import SIZING_LAWS, sphere_diameter, tetrahedron_edge, tetrahedron_volume
from surfacechem.relations.spread import (
    Spread,
    absorption_from_diameter,
    absorption_from_wavelength,
    particle_concentration,
    sizes,
)
from surfacechem.relations.surface import ligand_density, sites_per_particle

__all__ = [
    "ABSORPTION_LAWS",
    "CLUSTER_BANDS",
    "CLUSTER_DIAMETER",
    "FIRST_TRANSITION",
    "LAWS",
    "SIZING_LAWS",
    "ClusterWarning",
    "ExtrapolationWarning",
    "Interval",
    "Law",
    "Quantity",
    "Spread",
    "absorption_from_diameter",
    "absorption_from_wavelength",
    "cross_section",
    "law",
    "laws_of",
    "ligand_density",
    "molar_absorption",
    "move_wavelength",
    "particle_concentration",
    "sites_per_particle",
    "sizes",
    "sphere_diameter",
    "table",
    "tetrahedron_edge",
    "tetrahedron_volume",
    "to_energy",
    "to_wavelength",
]
