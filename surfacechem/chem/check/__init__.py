"""All faults of a system at once: names, sites, balance, classes, constants, observables."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from surfacechem.chem.check.arrangements import couplings
from surfacechem.chem.check.constants import constants
from surfacechem.chem.check.context import Context
from surfacechem.chem.check.names import conformers, names, observables, temperature
from surfacechem.chem.check.reactions import reactions
from surfacechem.chem.check.sites import sites
from surfacechem.chem.naming import Vocabulary
from surfacechem.errors import raise_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.chem.system import System
    from surfacechem.errors import Location, SurfaceChemError

__all__ = ["check", "find_faults"]

CHECKS = (names, temperature, sites, reactions, couplings, conformers, constants, observables)

MOST_FAULTS: Final = 30


def check(system: System) -> None:
    """Raise all faults of a system.

    Raises
    ------
    SurfaceChemError
        The fault, or `Faults` where there are several.
    """
    raise_all(find_faults(system))


def find_faults(system: System, places: Mapping[str, Location] | None = None) -> list[SurfaceChemError]:
    """Return all faults of a system, as far as a screen can show them.

    Parameters
    ----------
    system : System
        What to check.
    places : mapping of str to Location, optional
        Where statements stand in a file, by ``"site In"``, ``"reaction X1"``, ``"observe bound"`` ...
    """
    context = Context(system=system, places=places or {}, vocabulary=Vocabulary.of(system))
    found = (fault for topic in CHECKS for fault in topic(context))
    return list(islice(found, MOST_FAULTS))
