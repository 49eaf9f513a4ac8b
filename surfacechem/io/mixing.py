"""What is in the vessel after each addition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from surfacechem.io.grid import Floats

__all__ = ["dilute", "displace"]


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
