"""Pin a fit, so that a change of data, model or program that moves it is seen.

Tolerances come from the fit's own uncertainty: what a pinned constant may move is a share of its standard error, so
that noise of the last digit passes and any change that would matter to a reader does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from surfacechem.errors import DataError
from surfacechem.io import read_json, write_json

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from surfacechem.fitting import FitResult

__all__ = ["assert_fit_pinned", "pin_fit"]

LAYOUT: Final = "surfacechem pinned fit 1"
SHARE: Final = 0.1
"""Of a standard error: what a constant and the ends of its interval may move."""
LEAST_WIDTH: Final = 1e-6
"""Of log10 K: nothing is pinned closer than a repeated minimisation reaches."""


def pin_fit(result: FitResult, path: str | PathLike[str], *, overwrite: bool = False) -> Path:
    """Write the constants of a fit, their intervals and what each may move; commit the file beside your tests.

    Parameters
    ----------
    result : FitResult
        Of ``model.fit(...).result``.
    path : path
        JSON file to write.
    overwrite : bool
        Whether a file of this name may be replaced.
    """
    return write_json(path, {"layout": LAYOUT, "level": result.level, "constants": _rows(result)}, overwrite=overwrite)


def assert_fit_pinned(result: FitResult, path: str | PathLike[str], *, share: float = SHARE) -> None:
    """Check that a fit is still the pinned one.

    Parameters
    ----------
    result : FitResult
        The fit of today.
    path : path
        What `pin_fit` wrote.
    share : float
        Of its standard error that a constant, or an end of its interval, may have moved.

    Raises
    ------
    AssertionError
        Listing every constant that moved, by how many standard errors.
    DataError
        If the file is not there or no pinned fit.
    """
    pinned = read_json(path, what="pinned fit")
    if pinned.get("layout") != LAYOUT:
        raise DataError(
            f"pinned fit '{path}'",
            found=f"layout {pinned.get('layout')!r}",
            allowed=repr(LAYOUT),
            advice="write it with surfacechem.testing.pin_fit(result, path)",
        )
    before, now = pinned["constants"], _rows(result)
    moved = [f"  {name}: {'appeared' if name in now else 'is gone'}" for name in sorted({*before} ^ {*now})]
    for name in before:
        if name in now:
            moved += _moves(name, before[name], now[name], share)
    if moved:
        raise AssertionError("\n".join((f"the fit is no longer the one pinned in {path}", *moved)))


def _rows(result: FitResult) -> dict[str, Any]:
    return {
        each.name: {
            "log10_value": each.log10_value,
            "log10_stderr": each.log10_stderr,
            "log10_interval": None if each.log10_interval is None else list(each.log10_interval),
        }
        for each in result.estimates
    }


def _moves(name: str, before: dict[str, Any], now: dict[str, Any], share: float) -> list[str]:
    width = max(share * (before["log10_stderr"] or 0.0), LEAST_WIDTH)
    ends = ("lower end", "upper end")
    pairs = [("log10 K", before["log10_value"], now["log10_value"])]
    pairs += zip(ends, before["log10_interval"] or (None, None), now["log10_interval"] or (None, None), strict=True)
    lines = []
    for what, old, new in pairs:
        if old is None and new is None:
            continue
        if old is None or new is None:
            lines.append(f"  {name}: {what} was {_shown(old)}, is {_shown(new)}")
        elif not abs(new - old) <= width:
            stderr = before["log10_stderr"]
            by = f"{abs(new - old) / stderr:.2g} standard errors" if stderr else f"{abs(new - old):.2g}"
            lines.append(f"  {name}: {what} was {old:.6f}, is {new:.6f}: moved by {by}, allowed {width:.2g}")
    return lines


def _shown(value: float | None) -> str:
    return "open" if value is None else f"{value:.6f}"
