"""Fit every published titration that has a reference answer and write the table of `docs/validation.md`.

The cases are those of ``tests/fitting/test_cards.py``, which fails where an answer is not met; this script shows the
numbers. The data lie outside the project (``SURFACECHEM_SHARED``, by default beside it).

Run: ``python benchmarks/validation.py``.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import surfacechem
from surfacechem.constants import LN10
from surfacechem.display import Tone
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.search import GRID_SIDES, find_minima, refine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from surfacechem.fitting import FitResult

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
HEAD = """# Validation on published titrations

Every titration for which an independent reference answer is at hand, fitted by the calls of a user: no starting value
is given. Reference answers come from an independent implementation, agreeing with the published or a peer's fit where
one exists (`card.toml` of each set says which). A fit agrees when each constant lies within the tolerance of the card
and the rmse within 1 %. Models that the card calls wrong or failed are fitted too: what counts there is that the fit
says so.

Built by `python benchmarks/validation.py` with surfacechem {version}; `tests/fitting/test_cards.py` holds the same
answers as tests.

| data | model | quantity | reference | found | apart, of the tolerance | verdict |
|---|---|---|---|---|---|---|
"""
FOOT = """

`lgbeta` are decimal logarithms of cumulative constants in mol/L; *verdict* is the first bad news that the fit itself
gives, or *valid*.

## Independence of the start

`fit` asks for no start: it searches a grid over twelve decades of each constant and follows its hollows down. Two
counts show what that is worth: how many single starts on the grid, followed down one by one, end at the best fit
(within 0.01 of -2 ln L); and how many whole searches do, each from a window moved by up to a decade at random (seed 0).
A single start is not enough; the search is, but for the model that the data contradict (HG + HG2 on syn3): its best fit
lies at the end of a valley without end, constants are one-sided there, and the fit says so.

| data | model | single starts | of them at the best fit | of 50 searches |
|---|---|---|---|---|
"""
SEED, N_WINDOWS, SAME = 0, 50, 0.01


def load_cases() -> ModuleType:
    """Return the module that holds the cases."""
    path = ROOT / "tests" / "fitting" / "test_cards.py"
    spec = importlib.util.spec_from_file_location("test_cards", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def verdict(result: FitResult) -> str:
    """Return the name of the first bad fact, or ``valid``."""
    bad = [fact.name for fact in result.facts if fact.tone is Tone.BAD]
    return bad[0] if bad else "valid"


def row(*cells: str) -> str:
    """Return a line of the table."""
    return "| " + " | ".join(cells) + " |"


def rows(cases: ModuleType) -> Iterator[str]:
    """Yield the lines of all cards."""
    for case in cases.CASES:
        expected, result = cases.answers_of(case.card)[case.answer], cases.fit_card(case)
        for name in sorted(cases.STEPS.keys() & expected.keys()):
            value, stderr = cases.cumulative(result, cases.STEPS[name])
            reference, tolerance = expected[name], expected[name]["tolerance"]
            yield row(
                case.card,
                case.answer,
                name,
                f"{reference['value']:.4f} ± {reference['se']:.2g}",
                f"{value:.4f} ± {stderr:.2g}",
                f"{abs(value - reference['value']) / tolerance:.2f}",
                verdict(result),
            )
        apart = abs(result.rmse / expected["rmse"] - 1) / 0.01
        found = f"{result.rmse:.5g}"
        yield row(case.card, case.answer, "rmse", f"{expected['rmse']:.5g}", found, f"{apart:.2f}", verdict(result))
    ((answer, expected),) = cases.answers_of("itc-ca-edta-tris").items()
    result, found_values = cases.fit_calorimetry()
    for name, value in found_values.items():
        reference = expected[name]
        apart = abs(value - reference["value"]) / reference["tolerance"]
        cells = (f"{reference['value']:.6g}", f"{value:.6g}", f"{apart:.2f}", verdict(result))
        yield row("itc-ca-edta-tris", answer, name, *cells)


def start_rows(cases: ModuleType) -> Iterator[str]:
    """Yield, per case, how many single starts and how many searches from a moved window end at the best fit."""
    draws = np.random.default_rng(SEED)
    for case in cases.CASES:
        network, data = cases.read_card(case)
        objective, _ = prepare_objective(network, (data,), known={})
        box = objective.parameters
        side = GRID_SIDES[len(box.names)]
        axes = [np.linspace(*ends, side) for ends in zip(box.search_lower, box.search_upper, strict=True)]
        starts = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        single = refine(objective, starts).deviance
        searched = []
        for _ in range(N_WINDOWS):
            moved = draws.uniform(-1.0, 1.0, len(axes)) * LN10
            window = replace(box, search_lower=box.search_lower + moved, search_upper=box.search_upper + moved)
            searched.append(find_minima(replace(objective, parameters=window)).deviance[0])
        best = min(single.min(), *searched) + SAME
        shares = [f"{100 * np.mean(np.asarray(ends) <= best):.0f} %" for ends in (single, searched)]
        yield row(case.card, case.answer, str(len(starts)), *shares)


def main() -> None:
    """Write the page."""
    cases = load_cases()
    answers, starts = "\n".join(rows(cases)), "\n".join(start_rows(cases))
    PAGE.write_text(HEAD.format(version=surfacechem.__version__) + answers + FOOT + starts + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
