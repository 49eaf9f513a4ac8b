"""Do answers depend on the start? Every start on a grid over twelve decades of each constant, followed down.

Designs of `honesty_designs.py` (simulated, one titration each, seed 0) and the cards. Two counts: descents from one
start each, and whole searches (`fit` without intervals) that the model tells to begin there.

Run: ``python benchmarks/starts.py [--write docs/fitting.md]``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from honesty_designs import designs, prepare, simulate
from validation import load_cases

from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.search import find_minima, refine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.fitting.objective import Objective

SIDES = {1: 97, 2: 25, 3: 9}
"""Starts per constant: an eighth, half and one and a half decades apart."""
SAME = 0.01
"""Of -2 ln L: what one standard error costs is 1."""
HEAD = (
    "| data | model | starts | end at the best fit | end nowhere | searches that find it | minima |",
    "|---|---|---|---|---|---|---|",
)


def objectives() -> Iterator[tuple[str, str, Objective]]:
    """Yield data, model and objective of every case."""
    for number, design in enumerate(designs()):
        objective, _ = prepare_objective(prepare(design).network, (simulate(number, 0),), known={})
        yield "simulated", design.name, objective
    cases = load_cases()
    for case in cases.CASES:
        network, data = cases.read_card(case)
        objective, _ = prepare_objective(network, (data,), known={})
        yield case.card, case.answer, objective


def row(data: str, model: str, objective: Objective) -> str:
    """Return the line of one case."""
    box = objective.parameters
    axes = [np.linspace(*ends, SIDES[len(box.names)]) for ends in zip(box.search_lower, box.search_upper, strict=True)]
    starts = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    single = refine(objective, starts)
    searches = [find_minima(replace(objective, parameters=replace(box, stated=start))) for start in starts]
    searched = np.array([found.deviance[0] for found in searches])
    best = min(single.deviance.min(), searched.min()) + SAME
    are_there = single.deviance <= best, ~single.is_converged, searched <= best
    shares = " | ".join(f"{100 * np.mean(each):.1f} %" for each in are_there)
    n_minima = max(len(found.deviance) for found in searches)
    return f"| {data} | {model} | {len(starts)} | {shares} | {n_minima} |"


def main() -> None:
    """Print the table; write it into a page, between its markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = list(HEAD)
    for case in objectives():
        lines.append(row(*case))
        print(lines[-1], flush=True)
    if options.write is not None:
        text = options.write.read_text(encoding="utf-8")
        before, after = text.split("<!-- starts -->")[0], text.split("<!-- end of starts -->")[1]
        table = "\n".join(lines)
        options.write.write_text(f"{before}<!-- starts -->\n{table}\n<!-- end of starts -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
