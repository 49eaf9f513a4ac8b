"""The command ``sweep``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING, Annotated, Literal

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import (
    DEFAULT_FILES,
    AsJson,
    Constants,
    Files,
    Flag,
    Folder,
    Many,
    Seed,
    Source,
    pairs,
    told,
    whole,
)
from surfacechem.cli.output import print_json, print_lines, print_table
from surfacechem.cli.working import plain_console
from surfacechem.display import Table, round_number
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    import xarray as xr

    from surfacechem.plotting import Pictures
    from surfacechem.sweep import Progress

__all__ = ["sweep"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
MAP_DIMENSIONS = 2
MOST_WORKERS = 256

Design = Literal["grid", "zipped", "random", "sobol", "halton"]
Vary = Annotated[
    tuple[str, ...],
    told(
        """What is varied, once each: "K[X1]=1e-3..1e3:61", "HO2CR'=0..5 equiv per native ligand in 51", """
        """"T=10..60 degC:11", "N[In]=40..51:12". Constants are spaced in their logarithm, all else evenly, unless """
        "'log' or 'lin' follows."
    ),
]
Kept = Literal["coverage", "concentration", "signal"]


def sweep(
    source: Source,
    /,
    *,
    vary: Vary = (),
    feed: Many = (),
    constant: Constants = (),
    design: Design = "grid",
    points: Annotated[int | None, whole(1)] = None,
    draws: Annotated[int, whole(0)] = 0,
    seed: Seed = 0,
    keep: Annotated[tuple[Kept, ...], told("What is kept, once each; by default all.")] = (),
    store: Path | None = None,
    resume: Flag = False,
    workers: Annotated[int, whole(0, MOST_WORKERS)] = 0,
    chunk: Annotated[int | None, whole(1)] = None,
    output: Folder = None,
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Solve a model or a saved fit under all combinations of what is varied.

    Parameters
    ----------
    feed
        What is put into the flask beside that: "InP37=0.5 mM".
    design
        All combinations, values that move together, or points at random or spread evenly.
    points
        Number of points of a random, sobol or halton design.
    draws
        Draws from the errors of the constants at every point.
    store
        Folder to which the numbers stream, for sweeps larger than memory.
    resume
        Go on with the sweep in that folder.
    workers
        Processes that share the work; 0: this one. The numbers are the same for any number.
    chunk
        Points that a worker gets at a time.
    output
        Folder for sweep.nc and figures; made if it is not there.
    """
    if not vary:
        example = 'surfacechem sweep exchange.scx --feed "InP37=0.5 mM" --vary "K[X1]=1e-3..1e3:61"'
        raise DataError("option --vary", found="none", allowed="what is varied", advice=example)
    if resume and store is None:
        advice = "--store FOLDER --resume"
        raise DataError("option --resume", found="no --store", allowed="the folder of a sweep", advice=advice)
    pictures = files.pictures
    if output is not None:
        from surfacechem.sweep.dataset import writable

        writable(output / "sweep.nc", overwrite=files.overwrite)
    start = sc.load_fit(source) if source.suffix == ".json" else sc.load_model(source)
    with _pool(workers) as executor, _progress() as told:
        data = start.sweep(
            pairs(vary, option="--vary"),
            feed=pairs(feed, option="--feed"),
            constants=pairs(constant, option="--constant"),
            design=design,
            n_points=points,
            n_draws=draws,
            seed=seed,
            keep=keep or None,
            store=store,
            resume=resume,
            executor=executor,
            chunk=chunk,
            progress=told,
        )
    table = _summary(data)
    if json:
        print_json(table.to_records())
    else:
        print_table(table)
    if output is not None:
        written = _write(data, output, overwrite=files.overwrite, pictures=pictures)
        if not json:
            print_lines(f"wrote {path}" for path in written)
    if "caveat" in data.attrs and not json:
        print_lines([data.attrs["caveat"]])
    is_good = "caveat" not in data.attrs and not int((data["status"] != 0).sum())
    return EXIT_GOOD if is_good else EXIT_NOT_TRUSTED


@contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    if workers == 0:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Forked children would share the compiler's threads and locks.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        yield executor


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None] | None]:
    """Show a bar with rate and time left on a terminal; say nothing otherwise."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("points, {task.fields[rate]}/s"), TimeRemainingColumn())
    with Bar(*columns, console=plain_console(), transient=True) as bar:
        task = bar.add_task("sweep", total=None, rate="?")

        def told(progress: Progress) -> None:
            rate = str(round_number(progress.rate, n_digits=2))
            bar.update(task, total=progress.n_points, completed=progress.n_done, rate=rate)

        yield told


def _summary(data: xr.Dataset) -> Table:
    """Return sizes, statuses and the range of each state's coverage."""
    shape = " x ".join(f"{data.sizes[name]} {name}" for name in data["status"].dims)
    n_lost = int((data["status"] != 0).sum())
    rows = [("points", f"{data['status'].size:,}", shape), ("not solved", f"{n_lost:,}", "points without an answer")]
    if "coverage" in data:
        for state in data["state"].to_numpy().tolist():
            values = data["coverage"].sel(state=state)
            ends = f"{round_number(float(values.min()))} to {round_number(float(values.max()))}"
            rows.append((f"coverage {state}", ends, "smallest to largest"))
    return Table(columns=("what", "value", "note"), rows=tuple(rows), title="Sweep")


def _write(data: xr.Dataset, folder: Path, *, overwrite: bool, pictures: Pictures) -> list[Path]:
    from surfacechem import plotting
    from surfacechem.io import claim_folder
    from surfacechem.sweep import write_dataset

    n_dims = len(data["status"].squeeze().dims)
    is_grid = "coverage" in data and data.attrs["design"] == "grid" and 1 <= n_dims <= MAP_DIMENSIONS
    panels = [
        *(["curve_family"] if is_grid else []),
        *(["coverage_map"] if is_grid and n_dims == MAP_DIMENSIONS else []),
    ]
    names = ["sweep.nc", *(name for panel in panels for name in pictures.names(panel))]
    place = claim_folder(folder, names, overwrite=overwrite)
    write_dataset(data, place / "sweep.nc", overwrite=overwrite)
    for panel in panels:
        pictures.write(getattr(plotting, panel)(data).figure, place, panel, overwrite=overwrite)
    return [place / name for name in names]
