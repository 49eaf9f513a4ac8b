"""Slips of the pen in simulated titrations: how often is the wrong row named, and how often is a right one accused.

Each titration of four designs (`honesty_designs.py`) is spoilt once in each way, and left alone once. *Named* are rows
in the facts `slip`, `exchanged` and `outlier`; *said* is any fact that tells of something wrong; *silent* are fits in
which nothing is said and an interval does not hold the truth (of clean data that is 1 in 20, by its level).

Run: ``python benchmarks/honesty_slips.py``; ``--write docs/honesty.md`` puts the table into the page. All data are
simulated; seeds are the numbers of the titrations.
"""

from __future__ import annotations

import argparse
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from honesty import is_inside
from honesty_designs import designs, prepare, simulate

from surfacechem.display import Tone
from surfacechem.errors import SurfaceChemError
from surfacechem.fitting import FitResult, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from surfacechem.records import Titration

N_TITRATIONS = 200
CHOSEN = (0, 1, 2, 5)
GUESTS = {0: 0, 1: 1, 2: 1, 5: 1}
"""Column of what is added, per design."""
ALARMS = frozenset(
    {"outlier", "slip", "exchanged", "pattern", "misfit", "components", "scale", "unsolved", "converged"}
)


def amount(data: Titration, row: int, *, factor: float, column: int) -> Titration:
    """Return the data with one amount in another size."""
    amounts = data.amounts.copy()
    amounts[row, column] *= factor
    return replace(data, amounts=amounts)


def value(data: Titration, row: int, *, factor: float) -> Titration:
    """Return the data with one cell of the first signal in another size."""
    signal = data.signals[0]
    values = signal.values.copy()
    values[row, values.shape[1] // 2] *= factor
    return replace(data, signals=(replace(signal, values=values), *data.signals[1:]))


def moved(data: Titration, order: np.ndarray) -> Titration:
    """Return the data with the rows of all signals in another order, the amounts staying where they are."""
    signals = tuple(replace(signal, values=signal.values[order]) for signal in data.signals)
    return replace(data, signals=signals)


def swap(data: Titration, row: int) -> Titration:
    """Return the data with the signals of a row and the one after the next exchanged."""
    order = np.arange(data.n_points)
    other = row + 2 if row + 2 < data.n_points else row - 2
    order[[row, other]] = order[[other, row]]
    return moved(data, order)


def shift(data: Titration, row: int) -> Titration:
    """Return the data with the signals from a row on one line too low."""
    return moved(data, np.where(np.arange(data.n_points) > row, np.arange(data.n_points) - 1, np.arange(data.n_points)))


def slips(number: int) -> dict[str, Callable[[Titration, int], Titration]]:
    """Return the ways to spoil a titration of a design."""
    guest = GUESTS[number]
    return {
        "none": lambda data, _: data,
        "199 for 100 uL": lambda data, row: amount(data, row, factor=1.99, column=guest),
        "an amount 1000 times": lambda data, row: amount(data, row, factor=1e3, column=guest),
        "a value 1000 times": lambda data, row: value(data, row, factor=1e3),
        "a decimal point: 10 times": lambda data, row: value(data, row, factor=10.0),
        "a missing (or spare) minus": lambda data, row: value(data, row, factor=-1.0),
        "two rows exchanged": swap,
        "signals one line too low from there on": shift,
    }


class Outcome(NamedTuple):
    """What a fit said of a spoilt titration."""

    is_named: bool  # the wrong row first
    is_mentioned: bool  # the wrong row at all
    names_others: bool  # rows that are right
    is_said: bool  # anything wrong
    is_off: bool  # an interval does not hold the truth


def named_rows(result: FitResult) -> list[str]:
    """Return the labels that facts name, in their order."""
    said = [fact.sentence for fact in result.facts if fact.name in {"slip", "exchanged", "outlier"}]
    found = [re.findall(r"[Pp]oint (\S+) ", each) + re.findall(r"points (\S+) and", each) for each in said]
    return list(dict.fromkeys(chain.from_iterable(found)))


def attempt(number: int, kind: str, seed: int) -> Outcome | None:
    """Spoil a titration and fit it; None where it is refused, which names nothing but misleads nobody."""
    made, data = prepare(designs()[number]), simulate(number, seed)
    row = int(np.random.default_rng([number, seed, 7]).integers(2, data.n_points - 1))
    wrong = {data.labels[row]}
    if kind.startswith("two rows"):
        wrong.add(data.labels[row + 2 if row + 2 < data.n_points else row - 2])
    if kind.startswith("signals"):
        wrong |= set(data.labels[row:])
    if kind == "none":
        wrong = set()
    try:
        result = fit(made.network, slips(number)[kind](data, row))
    except SurfaceChemError:
        return None
    rows = named_rows(result)
    is_said = any(fact.name in ALARMS and fact.tone is Tone.WARNING for fact in result.facts) or not result.is_valid
    is_off = not all(is_inside(result, name, truth) for name, truth in zip(made.names, made.log10_truth, strict=True))
    return Outcome(bool(rows) and rows[0] in wrong, bool(wrong & set(rows)), bool(set(rows) - wrong), is_said, is_off)


HEAD = (
    "design",
    "slip",
    "runs",
    "named first",
    "named",
    "right rows accused",
    "anything said",
    "constant off",
    "silent",
)


def row_of(number: int, kind: str, outcomes: list[Outcome | None]) -> str:
    """Return a table row; a refused titration counts as said."""
    good = np.array([each or Outcome(False, False, False, True, False) for each in outcomes], dtype=bool)
    silent = good[:, 4] & ~good[:, 3]
    shares = (*good.mean(axis=0), silent.mean())
    cells = [f"{100 * share:.1f} %" for share in shares]
    if kind == "none":
        cells[0] = cells[1] = "—"
    return "| " + " | ".join([designs()[number].name, kind, str(len(outcomes)), *cells]) + " |"


def main() -> None:
    """Spoil, fit and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titrations", type=int, default=N_TITRATIONS)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = []
    with ProcessPoolExecutor(options.workers) as pool:

        def rows() -> Iterator[str]:
            for number in CHOSEN:
                for kind in slips(number):
                    found = pool.map(partial(attempt, number, kind), range(options.titrations), chunksize=10)
                    yield row_of(number, kind, list(found))

        for line in chain(["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)], rows()):
            print(line, flush=True)
            lines.append(line)
    if options.write is not None:
        text = options.write.read_text(encoding="utf-8")
        before, mark, rest = text.partition("<!-- slips -->\n")
        after = rest.partition("<!-- end -->")[2]
        options.write.write_text(before + mark + "\n".join(lines) + f"\n<!-- end -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
