"""Published and constructed systems that break solvers, against independent solutions at 80 digits.

The reference solves the plain mass balances of the tableau, without any of the package's transformations, by Newton's
method in mpmath, starting next to the answer; that it solves them is checked by their residuals, not assumed.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from surfacechem.numerics import Factor, Host, Problem, Term, audit, prepare, solve

ACCURACY = 1e-11
DIGITS = 80


def _refine(nu: np.ndarray, ln_weight: np.ndarray, totals: np.ndarray, x: np.ndarray) -> list[mpmath.mpf]:
    """Return ln concentrations that solve the balances to 60 digits, from nearby activities."""
    with mpmath.workdps(DIGITS):
        rows = [[mpmath.mpf(float(value)) for value in row] for row in nu]
        weights = [mpmath.mpf(float(value)) for value in ln_weight]
        goal = [mpmath.mpf(float(value)) for value in totals]
        point = mpmath.matrix([mpmath.mpf(float(value)) for value in x])
        m = len(goal)
        for _ in range(60):
            ln_c = [weight + mpmath.fdot(row, point) for weight, row in zip(weights, rows, strict=True)]
            c = [mpmath.exp(value) for value in ln_c]
            lack = mpmath.matrix(
                [goal[i] - mpmath.fsum(r[i] * v for r, v in zip(rows, c, strict=True)) for i in range(m)]
            )
            hessian = mpmath.matrix(m, m)
            for i in range(m):
                for j in range(m):
                    hessian[i, j] = mpmath.fsum(r[i] * r[j] * v for r, v in zip(rows, c, strict=True))
            step = mpmath.lu_solve(hessian, lack)
            longest = max(abs(value) for value in step)
            point += step * min(1, 1 / longest) if longest > 0 else step
            if longest < mpmath.mpf(10) ** -65:
                break
        assert longest < mpmath.mpf(10) ** -60
        return [weight + mpmath.fdot(row, point) for weight, row in zip(weights, rows, strict=True)]


def _check(nu: np.ndarray, ln_weight: np.ndarray, totals: np.ndarray) -> None:
    """Solve and compare every species with the reference."""
    found = solve(Problem(nu=nu, ln_weight=ln_weight), totals[np.newaxis])
    assert found.is_solved
    expected = _refine(nu, ln_weight, totals, found.x[0])
    pairs = zip(found.ln_c[0], expected, strict=True)
    worst = max(abs(float(mpmath.mpf(float(ours)) - theirs)) for ours, theirs in pairs)
    assert worst <= ACCURACY


# MoMaS benchmark of reactive transport, "easy" chemistry; level "secondary": the tableau was read in the transcription
# GEOS-DEV/HPCReact, src/reactions/exampleSystems/MoMasBenchmark.hpp, not in the benchmark's own definition (results of
# several codes on it: Carrayrou et al., Comput. Geosci. 2010, 14, 483, 10.1007/s10596-010-9178-2). C1, C2 and C3 stand
# the same, digit for digit, at the beginning of an OpenGeoSys 5 input of the benchmark; the rest of that was not found.
# Rows X1 X2 X3 X4 S C1 C2 C3 C4 C5 CS1 CS2 over components X1 X2 X3 X4 S.
MOMAS = np.array(
    [
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, -1, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, -1, 0, 1, 0],
        [0, -4, 1, 3, 0],
        [0, 4, 3, 1, 0],
        [0, 3, 1, 0, 1],
        [0, -3, 0, 1, 2],
    ],
    dtype=float,
)
MOMAS_LN_K = np.log(10.0) * np.array([0, 0, 0, 0, 0, -12, 0, 0, -1, 35, 6, -1])


def test_momas_initial_state_is_the_published_one() -> None:
    """Totals (0, -2, 0, 2, 1): X1 and X3 absent; free X2, X4, S as in the transcription's own test, to 9 digits."""
    found = solve(Problem(nu=MOMAS, ln_weight=MOMAS_LN_K), [[0.0, -2.0, 0.0, 2.0, 1.0]])
    free = np.exp(found.ln_c[0, :5])
    assert free[0] == free[2] == 0.0
    np.testing.assert_allclose(
        free[[1, 3, 4]], [0.25971841330881928, 0.3495378685828045, 0.39074371811222675], rtol=1e-9
    )


@pytest.mark.parametrize(
    "totals",
    [
        [1e-20, -2.0, 1e-20, 2.0, 1.0],
        [0.3, 0.3, 0.3, 1e-12, 1.0],
        [0.3, -0.5, 0.1, 1.0, 1.0],
        [1e-6, -1.9, 1e-3, 2.0, 1.0],
        [0.1, 1e-9, 1e-4, 1e-4, 0.5],
    ],
)
def test_momas_species_agree_with_eighty_digits(totals: list[float]) -> None:
    """K from 1e-12 to 1e35, coefficients from -4 to 4, surface species on two sites: every species to 1e-11."""
    _check(MOMAS, MOMAS_LN_K, np.array(totals))


# MINTEQA2 v4 data as USGS PHREEQC ships them (database/minteq.v4.dat, read in usgs-coupled/phreeqc3 at 0cf6b06b): 25 C,
# log10 of constants at the ionic strengths named there; activity corrections are left out here. One species a row:
# log10 beta, then what it holds.
PROTON = [(0.0, 1), (-13.997, -1)]  # H+, OH-
IRON_III = [
    (0.0, 1, 0),
    (-2.187, 1, -1),
    (-4.594, 1, -2),
    (-12.56, 1, -3),
    (-21.588, 1, -4),
    (-2.854, 2, -2),
    (-6.288, 3, -4),
]
COPPER = [(0.0, 1, 0), (-7.497, 1, -1), (-16.194, 1, -2), (-26.879, 1, -3), (-39.98, 1, -4), (-10.594, 2, -2)]
# VO2+ to V10O28(6-): metal, protons.
VANADATE = [(0.0, 1, 0), (-30.2, 1, -4), (-15.9, 1, -3), (-7.3, 1, -2), (-3.3, 1, -1), (-31.24, 2, -6), (-20.67, 2, -5)]
VANADATE += [
    (-3.79, 2, -3),
    (-15.88, 3, -6),
    (-20.56, 4, -8),
    (-24.0943, 10, -16),
    (-15.9076, 10, -15),
    (-10.7, 10, -14),
]
# EDTA(4-) and its acids: protons. Its chelates of iron(III), copper and calcium: protons.
EDTA = [(0.0, 0), (10.948, 1), (17.221, 2), (20.34, 3), (22.5, 4), (24.0, 5)]
IRON_EDTA = [(27.7, 0), (29.2, 1), (19.9, -1), (9.85, -2)]
COPPER_EDTA = [(20.5, 0), (24.0, 1), (26.2, 2), (8.5, -1)]
CALCIUM_EDTA = [(12.42, 0), (15.9, 1)]


@pytest.mark.parametrize("proton", [-4.5e-2, -3e-2, -1.6e-2, -5e-3, 1e-2])
def test_vanadates_that_lose_up_to_sixteen_protons(proton: float) -> None:
    """From base to acid the metal is a tenfold oligomer or none: coefficients from -16 to 10 in one balance."""
    rows = [(beta, 0, n) for beta, n in PROTON] + VANADATE
    _check(
        np.array([row[1:] for row in rows], float),
        np.log(10.0) * np.array([row[0] for row in rows]),
        np.array([1e-2, proton]),
    )


@pytest.mark.parametrize("proton", [-6e-3, -2e-3, 0.0, 3e-3, 5e-2])
@pytest.mark.parametrize("edta", [9e-4, 1e-3, 3e-3])
def test_edta_shared_by_three_metals(edta: float, proton: float) -> None:
    """EDTA short of, equal to and beyond iron, copper and calcium, from base to acid; constants of 70 decades."""
    # Components: EDTA, Fe, Cu, Ca, H.
    rows = (
        [(beta, 0, 0, 0, 0, n) for beta, n in PROTON]
        + [(beta, 1, 0, 0, 0, n) for beta, n in EDTA]
        + [(0.0, 0, 0, 0, 1, 0)]
    )
    rows += [(beta, 0, metal, 0, 0, n) for beta, metal, n in IRON_III]
    rows += [(beta, 0, 0, metal, 0, n) for beta, metal, n in COPPER]
    rows += [(beta, 1, 1, 0, 0, n) for beta, n in IRON_EDTA] + [(beta, 1, 0, 1, 0, n) for beta, n in COPPER_EDTA]
    rows += [(beta, 1, 0, 0, 1, n) for beta, n in CALCIUM_EDTA]
    nu, log10 = np.array([row[1:] for row in rows], float), np.array([row[0] for row in rows])
    _check(nu, np.log(10.0) * log10, np.array([edta, 2e-4, 3e-4, 5e-4, proton]))


@pytest.mark.parametrize("chromium", [1e-9, 2e-4, 3.3e-4, 3.4e-4, 5e-4])
@pytest.mark.parametrize("proton", [1e-3, 2e-2])
def test_iron_reduces_chromate(chromium: float, proton: float) -> None:
    """Chromate titrates iron(II) through equivalence: the electron is a component but no species, and never free."""
    # Components: Fe(III), CrO4(2-), H+, e-; all iron comes as Fe(II), which holds an electron.
    rows = [(beta, 0, 0, n, 0) for beta, n in PROTON] + [(beta, metal, 0, n, 0) for beta, metal, n in IRON_III]
    rows += [
        (13.032 + beta, 1, 0, n, 1) for beta, n in [(0.0, 0), (-9.397, -1), (-20.494, -2), (-28.991, -3)]
    ]  # Fe(II)
    rows += [(0.0, 0, 1, 0, 0), (6.51, 0, 1, 1, 0), (6.4188, 0, 1, 2, 0), (14.56, 0, 2, 2, 0)]  # chromates
    rows += [(67.376, 0, 1, 6, 3), (67.376 + 9.5688, 0, 1, 8, 3), (67.376 + 2.947, 0, 1, 8, 4)]  # Cr(OH)2+, Cr3+, Cr2+
    rows += [(-3.15, 0, 0, 2, 2), (-85.9951, 0, 0, -4, -4)]  # H2, O2
    nu, log10 = np.array([row[1:] for row in rows], float), np.array([row[0] for row in rows])
    _check(nu, np.log(10.0) * log10, np.array([1e-3, chromium, proton, 1e-3]))


@pytest.mark.parametrize("log10_K", [3, 10, 20, 40])
@pytest.mark.parametrize("excess", [0.0, 2.0**-40, -(2.0**-30), 0.5])
def test_tight_binding_at_and_near_equivalence(log10_K: int, excess: float) -> None:
    """1:1 binding at exact equivalence keeps full accuracy, however tight: free parts are sqrt(T/K)."""
    nu = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    _check(nu, np.array([0.0, 0.0, log10_K * np.log(10.0)]), 1e-3 * np.array([1.0, 1.0 + excess]))


def test_weights_from_1e_minus_90_to_1e40() -> None:
    """Constants of 130 decades in one network: components that exist only as traces, and only as complexes."""
    nu = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [2, 0, 0], [0, 1, 1], [1, 0, 2]], dtype=float)
    log10 = np.array([-90.0, 0.0, 0.0, 40.0, -60.0, 35.0, 12.0])
    _check(nu, np.log(10.0) * log10, np.array([1e-3, 2e-3, 1e-4]))


def test_twelve_components_and_two_hundred_species() -> None:
    """A network of this size, over nine decades, agrees with the reference in every species."""
    random = np.random.default_rng(12)
    nu = np.zeros((200, 12))
    nu[:12] = np.eye(12)
    for row in nu[12:]:
        row[random.choice(12, 3, replace=False)] = random.integers(1, 4, 3)
    x = np.log(10.0) * random.uniform(-9.0, -3.0, 12)
    ln_c = np.log(10.0) * random.uniform(-12.0, -3.0, 200)
    ln_c[:12] = x
    _check(nu, ln_c - nu @ x, np.exp(ln_c) @ nu)


def _shell(ln_K: float, ln_L0: float = 0.0, n_forms: int = 1) -> Problem:
    """Return 51 sites for A or B; a second form prefers B by a factor of e**3."""
    nothing, a, b = np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0])
    sites = Factor(count=51.0, terms=(Term(name="A", nu=a), Term(name="B", nu=b)))
    forms = tuple(Term(name=f"form{n}", nu=nothing, factors=(sites,)) for n in range(n_forms))
    weights = [0.0, 0.0]
    for n in range(n_forms):
        weights += [n * ln_L0, 0.0, ln_K + 3.0 * n]
    return Problem(nu=np.eye(2), hosts=(Host(name="InP", terms=forms),), ln_weight=np.array(weights))


@pytest.mark.parametrize(
    ("ln_K", "ln_L0", "n_forms"),
    [(0.0, 0.0, 1), (-14.0, 0.0, 1), (25.0, 0.0, 1), (-1.5, -75.0, 2), (-3.0, -20.0, 2)],
    ids=["even", "weak", "strong", "cooperative", "mixed"],
)
@pytest.mark.parametrize("particles", [1e-9, 1e-4])
def test_shells_of_51_sites_agree_with_listed_species(
    ln_K: float, ln_L0: float, n_forms: int, particles: float
) -> None:
    """Dilute, strong and cooperative shells equal their 52 (or 104) macrospecies, solved at 80 digits."""
    problem = _shell(ln_K, ln_L0, n_forms)
    totals = particles * np.array([51.0, 30.0])
    found = solve(problem, totals[np.newaxis], [[particles]])
    assert found.is_solved
    n = np.arange(52.0)
    ln_binomial = np.array([float(mpmath.log(mpmath.binomial(51, int(k)))) for k in n])
    nu = [np.eye(3)[:2]]
    weights = [np.zeros(2)]
    for form in range(n_forms):
        nu.append(np.column_stack((51.0 - n, n, np.ones(52))))
        weights.append(form * ln_L0 + ln_binomial + n * (ln_K + 3.0 * form))
    listed, ln_weight = np.vstack(nu), np.concatenate(weights)
    x = found.x[0]
    ln_host = np.log(particles) - np.logaddexp.reduce(ln_weight[2:] + listed[2:, :2] @ x)
    expected = _refine(listed, ln_weight, np.append(totals, particles), np.append(x, ln_host))
    for ours, theirs in zip(found.ln_c[0], expected[:2], strict=True):
        assert abs(float(mpmath.mpf(float(ours)) - theirs)) <= ACCURACY


def test_audit_finds_nothing_wrong_with_a_long_titration() -> None:
    """Forty points of a cooperative shell, through equivalence: solved, and consistent by independent means."""
    problem = _shell(-1.5, -75.0, 2)
    totals = np.column_stack((np.full(40, 51e-4), np.geomspace(1e-7, 1e-1, 40)))
    batch = prepare(problem, totals, np.full((40, 1), 1e-4))
    checked = audit(problem, totals, np.full((40, 1), 1e-4), batch.solve())
    assert checked.is_consistent
    assert checked.is_solved.all()
