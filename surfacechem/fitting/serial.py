"""A fit as plain values and back, with its layout's version, so that a file reloads to the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from surfacechem import plain as records
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.fitting.result import FitResult

__all__ = ["LAYOUT", "from_plain", "to_plain"]

LAYOUT = "surfacechem fit 1"


def to_plain(result: FitResult) -> dict[str, Any]:
    """Return nested dicts, lists, strings and numbers."""
    return {"layout": LAYOUT, **records.to_plain(result)}


def from_plain(plain: Mapping[str, Any], kind: type[FitResult]) -> FitResult:
    """Return the result that `to_plain` described.

    Raises
    ------
    DataError
        If the mapping is not a fit of this layout.
    """
    fields = dict(plain)
    layout = fields.pop("layout", None)
    if layout != LAYOUT:
        raise DataError(
            "saved fit",
            found=f"layout {layout!r}",
            allowed=repr(LAYOUT),
            advice="load a file that this version of 'fit' saved, or fit again",
        )
    return records.from_plain(fields, kind, what="saved fit")
