"""Frozen records as plain values for JSON, and back by type to the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["from_plain", "to_plain"]

T = TypeVar("T")


def to_plain(record: object) -> dict[str, Any]:
    """Return nested dicts, lists, strings and numbers; not-a-number becomes None, as JSON has no word for it."""
    plain: dict[str, Any] = msgspec.to_builtins(record, enc_hook=_encode)
    return plain


def from_plain(plain: Mapping[str, Any], kind: type[T], *, what: str) -> T:
    """Return the record that `to_plain` described; its arrays are read-only.

    Raises
    ------
    DataError
        If the mapping does not describe a record of this kind.
    """
    try:
        return msgspec.convert(plain, type=kind, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise DataError(what, found=str(error), advice="the file was changed or cut; make it again") from error


def _encode(value: object) -> Any:  # noqa: ANN401  (plain values of any shape)
    if isinstance(value, np.ndarray):
        plain = value.astype(object)
        plain[np.isnan(value)] = None
        return plain.tolist()
    raise NotImplementedError(f"{type(value).__name__} in a record")


def _decode(kind: type, value: Any) -> object:  # noqa: ANN401  (plain values of any shape)
    if "ndarray" in str(kind):
        array = np.array(value, dtype=float)
        array.flags.writeable = False
        return array
    raise NotImplementedError(f"{kind} in a record")
