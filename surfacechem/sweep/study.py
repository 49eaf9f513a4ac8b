"""`sweep`: from what is varied to a labelled dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from surfacechem.sweep.blocks import Ready
from surfacechem.sweep.dataset import dataset
from surfacechem.sweep.design import Layout
from surfacechem.sweep.plan import plan_sweep
from surfacechem.sweep.running import run
from surfacechem.sweep.target import Memory, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from os import PathLike

    import xarray as xr

    from surfacechem.fitting import FitResult
    from surfacechem.network import Network
    from surfacechem.prediction.series import Amount
    from surfacechem.sweep.running import Progress
    from surfacechem.sweep.target import Target
    from surfacechem.sweep.varied import Span

__all__ = ["SweepOptions", "sweep"]


class SweepOptions(TypedDict, total=False):
    """Options that `Model.sweep` and `Fit.sweep` pass on to `sweep`, which says what they mean."""

    design: Layout | str
    n_points: int | None
    n_draws: int
    seed: int
    constants: Mapping[str, str | float] | None
    keep: Sequence[str] | None
    store: str | PathLike[str] | None
    resume: bool
    executor: Executor | None
    chunk: int | None
    progress: Callable[[Progress], None] | None


def sweep(
    network: Network,
    vary: Mapping[str, Span],
    *,
    feed: Mapping[str, Amount],
    design: Layout | str = Layout.GRID,
    n_points: int | None = None,
    n_draws: int = 0,
    seed: int = 0,
    constants: Mapping[str, str | float] | None = None,
    fit: FitResult | None = None,
    keep: Sequence[str] | None = None,
    store: str | PathLike[str] | None = None,
    resume: bool = False,
    executor: Executor | None = None,
    chunk: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> xr.Dataset:
    """Solve a model under all combinations of what is varied.

    Parameters
    ----------
    network : Network
        The model.
    vary : mapping
        Name to values: ``{"K[X1]": "1e-3..1e3 in 61", "HO2CR'": "0..5 equiv per native ligand in 51"}``. Constants,
        feeds, ``"T"`` and numbers of sites ``"N[In]"`` may be named.
    feed : mapping
        What is put in beside that: ``{"InP37": "0.5 mM"}``.
    design : Layout or str
        ``"grid"`` of all combinations, ``"zipped"`` lists, ``"random"``, ``"sobol"`` or ``"halton"`` points between
        the ends.
    n_points : int, optional
        Points of a drawn design.
    n_draws : int
        Draws from the errors of the constants, a dimension ``draw``; 0: the constants as they are.
    seed : int
        Of draws and random designs.
    constants : mapping, optional
        Values that replace the model's.
    fit : FitResult, optional
        Gives constants, their errors and the calibration of signals.
    keep : sequence of str, optional
        ``"coverage"``, ``"concentration"``, ``"signal"``; by default all there are.
    store : path, optional
        Folder to which the numbers stream; the dataset then reads from it.
    resume : bool
        Whether a store that is there is continued.
    executor : Executor, optional
        Workers of ``concurrent.futures`` or dask.
    chunk : int, optional
        Points that go to a worker at a time.
    progress : callable, optional
        Told after each chunk how far the sweep is.

    Returns
    -------
    xarray.Dataset
        ``coverage`` [1] by ``state``, ``concentration`` [mol/L] by ``entity``, signals by channel, ``status``; NaN
        where the status is not 0.

    Raises
    ------
    RangeError
        If a range is empty, meets zero on a logarithmic axis, or the sweep is too large for its place.
    UnknownNameError
        If a name is not in the model.
    DataError
        If the store belongs to another sweep.
    """
    plan = plan_sweep(
        network,
        vary,
        feed=feed,
        design=design,
        n_points=n_points,
        n_draws=n_draws,
        seed=seed,
        constants=constants,
        fit=fit,
        keep=keep,
    )
    outputs = Ready(plan).outputs()
    widths = {name: len(labels) for name, (labels, _) in outputs.items()}
    target: Target = (
        Memory(plan.design.n_points, widths) if store is None else open_store(store, plan, widths, resume=resume)
    )
    run(plan, target, executor=executor, chunk=chunk, progress=progress)
    return dataset(plan, outputs, target.arrays())
