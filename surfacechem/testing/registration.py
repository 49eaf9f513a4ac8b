"""What hypothesis calls when it starts: ``from_type(System)`` and its like then draw from our strategies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["register"]


def register() -> None:
    """Register a strategy for each of our types; the strategies themselves are imported when first drawn from."""
    from hypothesis.strategies import register_type_strategy

    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import System

    register_type_strategy(Formula, _later("pieces", "formulas"))
    register_type_strategy(System, _later("systems", "systems"))


def _later(module: str, name: str) -> Callable[[type], SearchStrategy[Any]]:
    def strategy(_: type) -> SearchStrategy[Any]:
        found: SearchStrategy[Any] = getattr(import_module(f"surfacechem.testing.{module}"), name)()
        return found

    return strategy
