"""Fit every titration whose answer is known, published or simulated, and write `docs/validation.md`.

The cases are those of ``tests/fitting/test_cards.py``, which fails where an answer is not met; this script shows the
numbers. The data lie outside the project (``SURFACECHEM_SHARED``, by default beside it).

Run: ``python benchmarks/validation.py``.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import surfacechem
from surfacechem.display import Tone
from surfacechem.io import list_cards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from surfacechem.fitting import FitResult
    from surfacechem.fitting.estimate import Estimate

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
HEAD = """# Validation on titrations whose answer is known

Every titration for which an independent reference answer is at hand, fitted by the calls of a user: no starting value
is given. Reference answers come from an independent implementation, agreeing with the published or a peer's fit where
one exists (`card.toml` of each set says which). A fit agrees when each constant lies within the tolerance of the card
and the rmse within 1 %. Errors of the references take channels as independent; where those found are larger, the fit
saw noise that channels share and counted it (`docs/fitting.md`). Models that the card calls wrong or failed are fitted
too: what counts there is that the fit says so.

Built by `python benchmarks/validation.py` with surfacechem {version}; `tests/fitting/test_cards.py` holds the same
answers as tests.

| data | model | quantity | reference | found | apart, of the tolerance | verdict |
|---|---|---|---|---|---|---|
"""
FOOT = """

`lgbeta` are decimal logarithms of cumulative constants in mol/L; *verdict* is the first bad news that the fit itself
gives, or *valid*.

## Simulated titrations that come with the package

One for each kind of surface equilibrium, labelled *simulated* on its card, with model, noise and seed. The value is the
one that went in; of intervals at 95 %, one in twenty misses it by right (`docs/honesty.md` counts thousands).

| data | model | constant | log10, true | log10, found | 95 % interval | holds it | verdict |
|---|---|---|---|---|---|---|---|
"""


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


def simulated_rows() -> Iterator[str]:
    """Yield a line per constant of every bundled simulated titration whose truth is on its card."""
    for card in list_cards():
        for name, answer in card.answers.items():
            truths = {key: known["value"] for key, known in answer.get("log10_constants", {}).items()}
            # Of a constant that is bounded only, the card tells the true value as the end that none may pass.
            truths |= {key: known["below"] for key, known in answer.get("lower_bounds", {}).items()}
            if card.level != "simulated" or not truths:
                continue
            result = surfacechem.load_model(card.model_path(name)).fit(card.read()).result
            for constant, truth in truths.items():
                yield row(card.id, name, constant, f"{truth:.4f}", *shown(result[constant], truth), verdict(result))


def shown(estimate: Estimate, truth: float) -> tuple[str, str, str]:
    """Return value, interval and whether it holds the truth."""
    lower, upper = estimate.log10_interval or (None, None)
    ends = " to ".join("open" if end is None else f"{end:.4f}" for end in (lower, upper))
    is_inside = (lower is None or lower <= truth) and (upper is None or truth <= upper)
    return "bound only" if estimate.is_bound_only else f"{estimate.log10_value:.4f}", ends, "yes" if is_inside else "no"


def main() -> None:
    """Write the page."""
    cases = load_cases()
    published, simulated = "\n".join(rows(cases)), "\n".join(simulated_rows())
    page = HEAD.format(version=surfacechem.__version__) + published + FOOT + simulated + "\n"
    PAGE.write_text(page, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
