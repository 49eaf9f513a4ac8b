"""Frozen records as plain values for JSON, and back by type to the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["from_plain", "schema_of", "to_plain"]

T = TypeVar("T")


def to_plain(record: object) -> dict[str, Any]:
    """Return nested dicts, lists, strings and numbers.

    JSON has no words for two numbers that arrays may hold: not-a-number becomes None, infinity ``"inf"``.
    """
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
        advice = "the file was changed or cut, or another version wrote it; make it again"
        raise DataError(what, found=str(error), advice=advice) from error


def schema_of(kind: type, **fields: type) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of what `to_plain` makes of a record of this kind.

    Parameters
    ----------
    kind : type
        The record.
    **fields : type
        Fields that hold another record as plain values already, and which.
    """
    kinds = (kind, *fields.values())
    (outer, *inner), parts = msgspec.json.schema_components(kinds, schema_hook=_describe, ref_template="#/$defs/{name}")
    properties = parts[outer["$ref"].rpartition("/")[2]]["properties"]
    properties.update(zip(fields, inner, strict=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **outer, "$defs": parts}


def _encode(value: object) -> Any:  # noqa: ANN401  (plain values of any shape)
    if isinstance(value, np.ndarray):
        plain = value.astype(object)
        plain[np.isnan(value)] = None
        is_infinite = np.isinf(value)
        plain[is_infinite] = np.where(value[is_infinite] > 0, "inf", "-inf")
        return plain.tolist()
    raise NotImplementedError(f"{type(value).__name__} in a record")


def _describe(kind: type) -> dict[str, Any]:
    if "ndarray" in str(kind):
        return {
            "type": "array",
            "description": 'numbers, null for not-a-number, "inf"; one nested array per further axis',
        }
    raise NotImplementedError(f"{kind} in a record")


def _decode(kind: type, value: Any) -> object:  # noqa: ANN401  (plain values of any shape)
    if "ndarray" in str(kind):
        try:
            array = np.array(value, dtype=float)
        except OverflowError as error:  # whole numbers may have any number of digits
            raise ValueError(str(error)) from error
        array.flags.writeable = False
        return array
    raise NotImplementedError(f"{kind} in a record")
