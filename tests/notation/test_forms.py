"""Forms of a cluster by name: observed, reacting alone, and refused where there are none."""

from __future__ import annotations

import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.network import Network
from surfacechem.notation import parse, render

HEAD = "cluster Q\nsite S on Q : 8\nspecies L\nspecies M\nconformer beta of Q ; L0 = 0.01\n"
NAMED = HEAD + "conformer alpha of Q ; reference\n"
BINDING = "L S-* + L <=> S-L ; K = 2 /M\n"


def test_the_reference_form_may_have_a_name() -> None:
    """What binds in alpha alone leaves beta bare; in signals alpha is the cluster itself."""
    text = NAMED + BINDING + "L S-* + M <=> S-M in alpha ; K = 50 /M\nobserve A = spectrum(Q.alpha, Q.beta)\n"
    text += "observe E = 3 eV of Q.alpha ; width = 0.1 eV, absorptivity = 1e4 L/(mol cm)\n"
    network = Network(parse(text))
    found = network.solve({"Q": 1e-3, "L": 0.1, "M": 0.2})
    free = {name: float(found.of(name)[0]) for name in ("L", "M")}
    alpha, beta = (1 + 2 * free["L"] + 50 * free["M"]) ** 8, 0.01 * (1 + 2 * free["L"]) ** 8
    assert found.of("Q.beta")[0] / 1e-3 == pytest.approx(beta / (alpha + beta))
    assert network.system.observables[0].entities == ("Q", "Q.beta")
    assert dict(network.system.observables[1].options)["of"] == "Q"
    assert render(parse(render(network.system))) == render(network.system)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("observe A = spectrum(Q.betta)", "write Q.beta"),
        ("observe A = integral(Q.gamma)", "conformer gamma of Q ; reference, or declare another one"),
        ("observe E = 3 eV + dE * coverage(Q.beta)", "S-L"),
        ("L S-* + M <=> S-M in gamma", "beta"),
        ("conformer beta of Q ; reference", "another name"),
        ("conformer alpha of P ; reference", "declare it: cluster P"),
        ("conformer alpha of Q ; reference\nconformer gamma of Q ; reference", "leave one of them out"),
        ("conformer alpha of Q ; reference, L0 = 2", "end of the line"),
    ],
)
def test_forms_that_do_not_exist_are_refused(line: str, message: str) -> None:
    """With the forms there are, and how to have another."""
    with pytest.raises(SurfaceChemError, match=message):
        parse(HEAD + BINDING + line)
