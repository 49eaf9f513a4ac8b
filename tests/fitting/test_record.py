"""What is recorded of constants that follow from fitted ones."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.chem.convention import Role
from surfacechem.fitting import FitResult, fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

TWO_LIGANDS = """surfacechem 1
cluster QD
site S on QD : 20
species L
species M
L[a] S-* + L <=> S-L ; K = {first}
L[b] S-* + M <=> S-M ; K = {second}
X[c] S-L + M <=> S-M + L
observe bound = integral(S-L)
observe free = integral(M)
"""


def fit_two_ligands(second: str) -> FitResult:
    """Return the fit of a simulated titration with two ligands, K[a] = 3000 /M and K[b] = 3000 /M (seed 4)."""
    feeds = {"QD": np.full(12, 1e-5), "L": np.full(12, 2e-4), "M": np.linspace(1e-5, 8e-4, 12)}
    seen = Network(parse(TWO_LIGANDS.format(first="3000 /M", second="3000 /M"))).solve(feeds)
    draws = np.random.default_rng(4)
    signals = [
        Signal(
            name=name,
            technique=Technique.NMR_INTEGRAL,
            channels=(name,),
            values=(seen.of(entity) * (1 + 0.01 * draws.normal(size=12)))[:, np.newaxis],
            unit="mol/L",
        )
        for name, entity in (("bound", "S-L"), ("free", "M"))
    ]
    data = Titration(
        name="run",
        feeds=tuple(feeds),
        amounts=np.column_stack(list(feeds.values())),
        signals=tuple(signals),
        labels=tuple(map(str, range(12))),
    )
    return fit(Network(parse(TWO_LIGANDS.format(first="fit /M", second=second))), data)


def test_tied_constant_has_the_interval_of_its_parent() -> None:
    """K[b] = K[a] used to show a standard error under the heading of profile-likelihood intervals."""
    result = fit_two_ligands("K[a]")
    tied = result["K[b]"]
    assert tied.role is Role.TIED
    assert tied.log10_interval == pytest.approx(result["K[a]"].log10_interval, abs=1e-12)
    assert str(tied.rounded()) == str(result["K[a]"].rounded())
    assert [fact.sentence for fact in result.facts if fact.sentence.startswith("K[b]")] == []


def test_constant_of_several_others_is_said_to_have_a_standard_error() -> None:
    """K[c] = K[b]/K[a] has no profile of its own, and the table says what it shows instead."""
    result = fit_two_ligands("fit /M")
    assert result["K[c]"].log10_interval is None
    assert result.estimates_table().notes == ("K[c]: ± standard error, as several constants take part.",)
