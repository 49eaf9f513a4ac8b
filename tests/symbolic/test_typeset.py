from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sympy as sp

from surfacechem.symbolic.typeset import latex_of, latex_reaction, text_of

if TYPE_CHECKING:
    from surfacechem.chem.system import System


def test_star_of_a_vacant_site_survives() -> None:
    """Multiplication signs go, the star in a name stays."""
    vacant, free = sp.symbols("[In-*] [L]", positive=True)
    assert text_of(3 * vacant * free**2) == "3 [In-*] [L]^2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("K[X1]", r"K_{\mathrm{X1}}"),
        ("L0[beta]", r"L_{0,\mathrm{beta}}"),
        ("W[X1]", r"W_{\mathrm{X1}}"),
        ("theta[S-B2]", r"\theta_{\mathrm{S-B_{2}}}"),
        ("[HO2CR']", r"[\mathrm{HO_{2}CR'}]"),
        ("[InP37]0", r"[\mathrm{InP_{37}}]_{0}"),
        ("[In-*]", r"[\mathrm{In-{\ast}}]"),
        ("ln K[X1](T0)", r"\ln K_{\mathrm{X1}}(T_{0})"),
        ("x", "x"),
    ],
)
def test_symbols_in_latex(name: str, expected: str) -> None:
    """Constants, totals and concentrations are set as a chemist writes them."""
    assert latex_of(sp.Symbol(name)) == expected


@pytest.mark.parametrize("character", list("\\{}#$%&^~_"))
def test_special_characters_do_not_reach_latex(character: str) -> None:
    """A name cannot close a group or start a command: every special character is escaped."""
    assert character + "x" not in latex_of(sp.Symbol(f"[a{character}x]")).replace("\\" + character, "")


def test_reaction_in_latex(models: dict[str, System]) -> None:
    """Coefficients stand before the names."""
    text = latex_reaction(models["displacement"].reactions[0])
    assert text.startswith(r"\mathrm{Se-Z} + 2\,\mathrm{L} \rightleftharpoons")
