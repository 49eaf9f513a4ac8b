"""Sweeps: what-if studies over constants, amounts, temperature and numbers of sites, at any size.

`sweep` returns a labelled dataset. Points are numbered and solved in blocks of a fixed size, so the numbers are the
same on one worker or on a hundred, in memory or in a store, at one go or after a crash.
"""

from surfacechem.sweep.dataset import write_dataset
from surfacechem.sweep.design import Layout
from surfacechem.sweep.inverse import Reached, feasibility, reach
from surfacechem.sweep.running import Progress
from surfacechem.sweep.sensitivity import elasticities, sobol_indices
from surfacechem.sweep.study import SweepOptions, sweep
from surfacechem.sweep.varied import Span

__all__ = [
    "Layout",
    "Progress",
    "Reached",
    "Span",
    "SweepOptions",
    "elasticities",
    "feasibility",
    "reach",
    "sobol_indices",
    "sweep",
    "write_dataset",
]
