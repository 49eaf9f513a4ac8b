"""What is in the vessel after each addition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from surfacechem.io.grid import Floats

__all__ = ["dilute", "displace", "mix"]


def mix(
    pour: Callable[[Floats], Floats], contents: Floats, *, feeds: Sequence[str], solutions: Sequence[str]
) -> tuple[Floats, tuple[Unknown, ...]]:
    """Return what solutions give when poured together, and how it depends on their unknown concentrations.

    Parameters
    ----------
    pour : callable
        Turns contents, shape (n_solutions, any), into what is in the vessel, shape (n_points, any); linear.
    contents : ndarray, shape (n_solutions, n_feeds)
        Concentrations in each solution [mol/L]; NaN where unknown.
    feeds, solutions : sequence of str
        Names of the columns and rows of `contents`.

    Returns
    -------
    amounts : ndarray, shape (n_points, n_feeds)
        Concentrations in the vessel that the known contents give [mol/L].
    unknowns : tuple of Unknown
        One for each feed with an unknown content.
    """
    is_unknown = np.isnan(contents)
    amounts = pour(np.where(is_unknown, 0.0, contents))
    shares = pour(np.eye(len(contents)))
    return amounts, tuple(
        Unknown(
            feed=feed,
            solutions=tuple(name for name, is_open in zip(solutions, column, strict=True) if is_open),
            known=known,
            shares=shares[:, column],
        )
        for feed, column, known in zip(feeds, is_unknown.T, amounts.T, strict=True)
        if column.any()
    )


def dilute(added: Floats, *, initial: Floats, stocks: Floats, volume: float) -> Floats:
    """Return concentrations in a vessel that keeps all that is put in.

    Parameters
    ----------
    added : ndarray, shape (n_points, n_stocks)
        Volume of each stock added so far [L]; ``added[p, s]`` includes all earlier additions.
    initial : ndarray, shape (n_feeds,)
        Concentrations before the first addition [mol/L].
    stocks : ndarray, shape (n_stocks, n_feeds)
        Concentrations in each stock [mol/L].
    volume : float
        Volume before the first addition [L]; may be 0 where the stocks make up the whole sample.

    Returns
    -------
    ndarray, shape (n_points, n_feeds)
        Concentrations [mol/L]; entry ``[p, j]`` is feed ``j`` after addition ``p``.
    """
    total = volume + added.sum(axis=1, keepdims=True)
    return np.asarray((volume * initial + added @ stocks) / total, dtype=np.float64)


def displace(injected: Floats, *, initial: Floats, stock: Floats, volume: float) -> Floats:
    """Return concentrations in a full cell that each injection v washes out by the fraction v/V.

    Parameters
    ----------
    injected : ndarray, shape (n_points,)
        Volume of each injection [L].
    initial, stock : ndarray, shape (n_feeds,)
        Concentrations in the cell before the first injection and in the syringe [mol/L].
    volume : float
        Volume of the cell [L].

    Returns
    -------
    ndarray, shape (n_points, n_feeds)
        Concentrations [mol/L]; entry ``[p, j]`` is feed ``j`` after injection ``p``.
    """
    kept = np.cumprod(1.0 - injected / volume)[:, np.newaxis]
    return initial * kept + stock * (1.0 - kept)
