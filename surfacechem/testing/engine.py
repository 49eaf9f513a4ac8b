"""The one place that brings hypothesis, or says how to install it."""

from __future__ import annotations

from surfacechem.errors import MissingExtraError

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise MissingExtraError(
        "strategies of surfacechem.testing",
        found="no hypothesis",
        allowed="the extra 'testing'",
        advice="pip install 'surfacechem[testing]'",
    ) from error

__all__ = ["st"]
