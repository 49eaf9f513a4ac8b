"""How many sites of a class one whole particle has, those that sit on carried units included."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from surfacechem.chem.system import Site, System

__all__ = ["is_carrier", "sites_per_particle"]


def sites_per_particle(system: System, site: Site) -> float:
    """Return the number of sites of a class on a particle as it is put into the flask.

    Sites of a unit are counted on every place that can hold the unit: a coverage of one then means that all units are
    there and all their sites are taken.

    Parameters
    ----------
    system : System
        Its sites may hold the unit.
    site : Site
        The class.
    """
    if site.holder is None:
        return float(site.count)
    # "Z-In(O2CR)3" begins with its site's name; the longest such name is meant.
    holders = [each for each in system.sites if each is not site and site.holder.startswith(f"{each.name}-")]
    holder = max(holders, key=lambda each: len(each.name))
    return float(site.count) * sites_per_particle(system, holder)


def is_carrier(system: System, site: Site) -> bool:
    """Tell whether a site holds units that have sites of their own: such a unit is no ligand."""
    return any(each.holder is not None and each.holder.startswith(f"{site.name}-") for each in system.sites)
