"""The layout of ``fit.json`` as a JSON schema, from the very types that read it back."""

from __future__ import annotations

from typing import Any

from surfacechem.api.document import LAYOUT, Document
from surfacechem.fitting import FitResult
from surfacechem.plain import schema_of

__all__ = ["fit_schema"]


def fit_schema() -> dict[str, Any]:
    """Return the JSON schema of a saved fit: model, data, what was assumed, result."""
    schema = schema_of(Document, result=FitResult)
    layout = schema["$defs"][Document.__name__]["properties"]["layout"]
    layout["const"] = LAYOUT
    return {"title": LAYOUT, **schema}
