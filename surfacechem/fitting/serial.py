"""A fit as plain values and back: typed, with its layout's version, so that a file reloads to the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.fitting.result import FitResult

__all__ = ["LAYOUT", "from_plain", "to_plain"]

LAYOUT = "surfacechem fit 1"


def to_plain(result: FitResult) -> dict[str, Any]:
    """Return nested dicts, lists, strings and numbers; not-a-number becomes None, as JSON has no word for it."""
    plain: dict[str, Any] = msgspec.to_builtins(result, enc_hook=_encode)
    return {"layout": LAYOUT, **plain}


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
    try:
        return msgspec.convert(fields, type=kind, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise DataError("saved fit", found=str(error), advice="the file was changed or cut; fit again") from error


def _encode(value: object) -> Any:  # noqa: ANN401  (plain values of any shape)
    if isinstance(value, np.ndarray):
        plain = value.astype(object)
        plain[np.isnan(value)] = None
        return plain.tolist()
    raise NotImplementedError(f"{type(value).__name__} in a fit")


def _decode(kind: type, value: Any) -> object:  # noqa: ANN401
    if "ndarray" in str(kind):
        array = np.array(value, dtype=float)
        array.flags.writeable = False
        return array
    raise NotImplementedError(f"{kind} in a fit")
