"""Corrections of the amounts as options: ``--active "Host=0.97 +/- 0.02"``, ``--impurity "Acid in Cluster=0.5"``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from surfacechem.cli.options import pairs
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting import Correction

__all__ = ["read_corrections"]

_NUMBER: Final = r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_VALUE: Final = re.compile(rf"(?P<value>{_NUMBER})(?:\s*(?:\+/-|±)\s*(?P<stderr>{_NUMBER}))?")
FREE: Final = "fit"
EXPECTED_IMPURITY: Final = 0.1
"""Moles of an impurity with each mole of its carrier about which the search is made where nothing is said."""


def read_corrections(active: Sequence[str], impurity: Sequence[str]) -> tuple[Correction, ...]:
    """Return what the options ask to be fitted of the amounts.

    Raises
    ------
    DataError
        If a text cannot be read.
    """
    shares = [
        _read(name, value, expected=1.0, option="--active") for name, value in pairs(active, option="--active").items()
    ]
    brought = [
        _read(name, value, expected=EXPECTED_IMPURITY, option="--impurity")
        for name, value in pairs(impurity, option="--impurity").items()
    ]
    return (*shares, *brought)


def _read(name: str, value: str, *, expected: float, option: str) -> Correction:
    from surfacechem.fitting import Correction

    what, _, datasets = name.partition(" of ")
    feed, _, carrier = (part.strip() for part in what.partition(" in "))
    found = _VALUE.fullmatch(value)
    if (value != FREE and found is None) or bool(carrier) != (option == "--impurity"):
        example = '"Host=0.97 +/- 0.02"' if option == "--active" else '"HO2CR in InP37=0.5 +/- 0.2"'
        raise DataError(
            f"option {option}",
            found=f"'{name}={value}'",
            allowed="a name and a value above 0, with +/- where something is known of it, or 'fit'",
            advice=f"{option} {example}",
        )
    stderr = found["stderr"] if found else None
    return Correction(
        feed=feed,
        carrier=carrier,
        value=float(found["value"]) if found else expected,
        stderr=None if stderr is None else float(stderr),
        datasets=tuple(part.strip() for part in datasets.split(",") if part.strip()),
    )
