from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.errors import DataError
from surfacechem.numerics import Problem, Status, prepare, solve

EQUIVALENTS = np.array([1.0, 10.0, 30.0, 51.0, 100.0, 510.0])


def _bound(total_host: np.ndarray, total_guest: np.ndarray, K: float) -> np.ndarray:
    """Return [HG] by the quadratic in the form without cancellation."""
    b = total_host + total_guest + 1.0 / K
    return 2.0 * total_host * total_guest / (b + np.sqrt(b * b - 4.0 * total_host * total_guest))


@pytest.mark.parametrize("K", [1e-3, 1.0, 1e4, 1e9])
def test_host_guest_follows_the_quadratic(host_guest: Problem, K: float) -> None:
    """1:1 binding agrees with its closed form over 25 points of a titration."""
    totals = np.column_stack((np.full(25, 1e-3), np.geomspace(1e-6, 3e-2, 25)))
    found = solve(host_guest, totals, ln_weight=np.log([1.0, 1.0, K]))
    assert found.is_solved
    # The quadratic itself loses digits at strong binding; 1e-11 is what both keep.
    np.testing.assert_allclose(np.exp(found.ln_c[:, 2]), _bound(*totals.T, K), rtol=1e-11)


@pytest.mark.parametrize(
    ("K", "coverage"),
    [
        (1.00, [0.01923, 0.16393, 0.37037, 0.5, 0.66225, 0.90909]),
        (0.83, [0.0192, 0.1596, 0.3542, 0.4767, 0.6344, 0.8942]),
        (2.23, [0.0194, 0.1787, 0.4366, 0.5989, 0.7738, 0.9548]),
    ],
)
def test_exchange_on_51_sites_has_the_coverages_of_the_domain_page(
    shell: Problem, K: float, coverage: list[float]
) -> None:
    """X exchange at K = 1, 0.83, 2.23 gives the printed digits, whatever the concentration of clusters."""
    for particles in (1e-6, 5e-4):
        totals = np.column_stack((np.full(6, 51.0 * particles), EQUIVALENTS * particles))
        found = solve(shell, totals, np.full((6, 1), particles), ln_weight=np.array([0, 0, 0, 0, np.log(K)]))
        np.testing.assert_allclose(found.occupancy[:, 2] / 51.0, coverage, atol=5.1e-5)


def test_isotope_exchange_is_exact(shell: Problem) -> None:
    """At K = 1 the label spreads evenly: coverage is e / (51 + e)."""
    totals = np.column_stack((np.full(6, 51.0 * 1e-4), EQUIVALENTS * 1e-4))
    found = solve(shell, totals, np.full((6, 1), 1e-4))
    np.testing.assert_allclose(found.occupancy[:, 2] / 51.0, EQUIVALENTS / (51.0 + EQUIVALENTS), rtol=1e-13)


def test_fifty_two_listed_species_agree_with_the_power_of_a_sum(shell: Problem) -> None:
    """The shell as one host and as 52 species with binomial weights are the same equilibrium."""
    n, ln_K = np.arange(52.0), np.log(3.0)
    ln_binomial = np.array([0.0, *np.cumsum(np.log((51.0 - n[:-1]) / (n[:-1] + 1.0)))])
    nu = np.vstack((np.eye(3)[:2], np.column_stack((51.0 - n, n, np.ones(52)))))
    listed = Problem(nu=nu, ln_weight=np.concatenate((np.zeros(2), ln_binomial + n * ln_K)))
    particles = 2e-4
    totals = np.array([[51.0 * particles, 20.0 * particles]])
    as_host = solve(shell, totals, [[particles]], ln_weight=np.array([0, 0, 0, 0, ln_K]))
    as_species = solve(listed, np.column_stack((totals, [[particles]])))
    np.testing.assert_allclose(as_species.ln_c[:, :2], as_host.ln_c, atol=1e-11)
    mean = np.exp(as_species.ln_c[0, 2:]) @ n / particles
    assert mean == pytest.approx(as_host.occupancy[0, 2], rel=1e-11)


@st.composite
def _inverse_problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a tableau, ln concentrations over 12 decades, and the weights of 20 decades that they imply."""
    m = draw(st.integers(1, 5))
    complexes = draw(st.lists(st.lists(st.integers(-1, 4), min_size=m, max_size=m).filter(any), min_size=1, max_size=8))
    nu = np.vstack((np.eye(m), np.array(complexes, dtype=float)))
    decades = draw(st.lists(st.floats(-12.0, 0.0), min_size=m, max_size=m))
    strength = draw(st.lists(st.floats(-10.0, 10.0), min_size=len(complexes), max_size=len(complexes)))
    x = np.log(10.0) * np.array(decades)
    ln_weight = np.concatenate((np.zeros(m), np.log(10.0) * np.array(strength)))
    return nu, x, ln_weight


@given(_inverse_problems())
@settings(max_examples=150, deadline=None)
def test_concentrations_come_back_from_their_totals(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Totals made from concentrations lead back to them, as far as the rounding of the totals allows."""
    nu, x, ln_weight = drawn
    ln_c = ln_weight + nu @ x
    totals = np.exp(ln_c) @ nu
    if not np.isfinite(totals).all() or (totals == 0.0).any():
        return
    weighted = nu.T * np.exp(ln_c)
    # Rounding of a total moves x by H^-1 eps |T|; the bound is taken from the Hessian in extended precision.
    hessian = (weighted @ nu).astype(np.longdouble)
    scale = np.sqrt(np.diag(hessian))
    conditioned = np.asarray(hessian / np.outer(scale, scale), dtype=float)
    if np.linalg.cond(conditioned) > 1e12:
        return  # rounding of the totals leaves nothing of some concentrations, or makes them infeasible
    found = solve(Problem(nu=nu, ln_weight=ln_weight), totals[np.newaxis])
    assert found.is_solved
    moved = np.abs(np.linalg.inv(conditioned)) @ np.asarray(np.abs(weighted).sum(axis=1) / scale, dtype=float)
    bound = 1e-11 + 50.0 * np.finfo(float).eps * np.abs(nu) @ (moved / np.asarray(scale, dtype=float))
    assert (np.abs(found.ln_c[0] - ln_c) <= bound).all()


def test_absent_guest_leaves_exact_zeros(host_guest: Problem) -> None:
    """A zero total gives concentrations of exactly zero, not small ones."""
    found = solve(host_guest, [[1e-3, 0.0]])
    assert found.ln_c[0].tolist() == [pytest.approx(np.log(1e-3)), -np.inf, -np.inf]
    assert found.x[0, 1] == -np.inf


def test_pure_cluster_sets_nothing_free(shell: Problem) -> None:
    """All native ligand on the sites and none besides: the free acid is exactly zero, the shell full."""
    found = solve(shell, [[51.0 * 3e-4, 0.0]], [[3e-4]])
    assert found.status[0] == Status.SOLVED
    assert found.ln_c[0].tolist() == [-np.inf, -np.inf]
    assert found.occupancy[0].tolist() == [1.0, 51.0, 0.0]


def test_absent_host_is_empty(shell: Problem) -> None:
    """A host without particles holds nothing, and its ligands stay in solution."""
    found = solve(shell, [[1e-3, 2e-3]], [[0.0]])
    np.testing.assert_allclose(np.exp(found.ln_c[0]), [1e-3, 2e-3], rtol=1e-14)
    assert found.occupancy[0].tolist() == [0.0, 0.0, 0.0]


def test_infeasible_totals_are_named(shell: Problem) -> None:
    """Less ligand than sites cannot be: the status says so and the reason names the balance."""
    found = solve(shell, [[40e-4, 0.0], [60e-4, 1e-4]], [[1e-4], [1e-4]])
    assert found.status.tolist() == [Status.INFEASIBLE, Status.SOLVED]
    assert "InP" in found.reasons[found.reason[0]]
    assert np.isnan(found.ln_c[0]).all()


def test_a_negative_total_without_negative_species_is_infeasible(host_guest: Problem) -> None:
    """Totals may be negative only where some species counts negative."""
    found = solve(host_guest, [[-1e-3, 1e-3]])
    assert found.status[0] == Status.INFEASIBLE
    assert found.reasons[found.reason[0]] == "total H must not be negative"


@pytest.mark.parametrize("total", [-1e-3, 0.0, 1e-3])
def test_excess_base_is_a_negative_total_of_protons(total: float) -> None:
    """Water with strong acid or base: [H+] - [OH-] is the total and [H+][OH-] = 1e-14."""
    water = Problem(nu=np.array([[1.0], [-1.0]]), ln_weight=np.log([1.0, 1e-14]))
    proton, hydroxide = np.exp(solve(water, [[total]]).ln_c[0])
    assert proton * hydroxide == pytest.approx(1e-14, rel=1e-13)
    assert proton - hydroxide == pytest.approx(total, rel=1e-13, abs=1e-21)


def test_one_bad_point_spoils_no_other(host_guest: Problem) -> None:
    """NaN in gives a status out, and the neighbours keep their numbers to the last bit."""
    totals = np.column_stack((np.full(300, 1e-3), np.geomspace(1e-6, 1e-2, 300)))
    alone = solve(host_guest, totals)
    totals[150, 0] = np.nan
    totals[151, 1] = np.inf
    mixed = solve(host_guest, totals)
    rest = np.delete(np.arange(300), [150, 151])
    assert mixed.status[150:152].tolist() == [Status.NOT_A_NUMBER] * 2
    np.testing.assert_array_equal(mixed.ln_c[rest], alone.ln_c[rest])


def test_weights_that_are_nan_are_flagged(host_guest: Problem) -> None:
    """A constant without a value cannot be solved for, and says so at its points only."""
    weights = np.array([[0.0, 0.0, np.nan], [0.0, 0.0, 3.0]])
    found = prepare(host_guest, np.full((2, 2), 1e-3)).solve(weights)
    assert found.status.tolist() == [Status.NOT_A_NUMBER, Status.SOLVED]
    assert np.isnan(found.ln_c[0]).all()
    assert solve(host_guest, [[1e-3, 1e-3]], ln_weight=weights[0]).status[0] == Status.NOT_A_NUMBER


def test_weights_per_point_are_those_of_each_point(host_guest: Problem) -> None:
    """A batch with one set of weights per point equals the points solved one by one."""
    weights = np.column_stack((np.zeros((20, 2)), np.linspace(0.0, 30.0, 20)))
    batch = prepare(host_guest, np.full((20, 2), 1e-3))
    together = batch.solve(weights)
    apart = [solve(host_guest, [[1e-3, 1e-3]], ln_weight=row).ln_c[0] for row in weights]
    np.testing.assert_allclose(together.ln_c, apart, rtol=0, atol=1e-14)


def test_a_warm_start_ends_at_the_same_place_sooner(host_guest: Problem) -> None:
    """Starting from the solution of nearly the same constants saves passes and changes nothing."""
    batch = prepare(host_guest, np.column_stack((np.full(40, 1e-3), np.geomspace(1e-5, 1e-1, 40))))
    first = batch.solve(np.array([0.0, 0.0, 9.0]))
    cold, warm = batch.solve(np.array([0.0, 0.0, 9.01])), batch.solve(np.array([0.0, 0.0, 9.01]), first)
    np.testing.assert_allclose(warm.ln_c, cold.ln_c, rtol=0, atol=1e-12)
    assert warm.n_passes.sum() < cold.n_passes.sum()


def test_a_start_may_be_activities(host_guest: Problem) -> None:
    """Activities from elsewhere start as well as a solution; those that are NaN are not used."""
    batch = prepare(host_guest, [[1e-3, 2e-3], [1e-3, 2e-3]])
    known = batch.solve()
    start = known.x.copy()
    start[1] = np.nan
    again = batch.solve(None, start)
    np.testing.assert_allclose(again.ln_c, known.ln_c, rtol=0, atol=1e-13)
    assert again.n_passes[0] < again.n_passes[1]


def test_threads_change_nothing(shell: Problem) -> None:
    """A large batch gives the same bits on one thread and on two."""
    random = np.random.default_rng(5)
    particles = 10.0 ** random.uniform(-6, -3, 20_000)
    totals = np.column_stack((51.0 * particles, 10.0 ** random.uniform(-6, -2, 20_000)))
    one = prepare(shell, totals, particles[:, np.newaxis], n_threads=1).solve()
    two = prepare(shell, totals, particles[:, np.newaxis], n_threads=2).solve()
    np.testing.assert_array_equal(one.ln_c, two.ln_c)


def test_dependent_components_agree_or_are_named() -> None:
    """Two components that only occur together need equal totals; the species' concentration is that total."""
    pair = Problem(nu=np.array([[1.0, 1.0]]), ln_weight=np.zeros(1), component_names=("cation", "anion"))
    found = solve(pair, [[1e-3, 1e-3], [1e-3, 2e-3]])
    assert found.status.tolist() == [Status.SOLVED, Status.INFEASIBLE]
    assert np.exp(found.ln_c[0, 0]) == pytest.approx(1e-3, rel=1e-15)
    assert "must be zero" in found.reasons[found.reason[1]]


def test_order_of_species_and_components_does_not_matter(cluster: Problem) -> None:
    """Species and components may come in any order."""
    order, columns = [3, 1, 0, 2], [2, 0, 1]
    bare = replace(cluster, hosts=(), ln_weight=cluster.ln_weight[:4])
    turned = replace(bare, nu=bare.nu[order][:, columns], ln_weight=bare.ln_weight[order])
    totals = np.array([[1e-3, 2e-3, 3e-4]])
    straight, mixed = solve(bare, totals), solve(turned, totals[:, columns])
    np.testing.assert_allclose(mixed.ln_c[0], straight.ln_c[0, order], rtol=0, atol=1e-12)


def test_choice_of_components_does_not_matter(host_guest: Problem) -> None:
    """Written in HG and H instead of H and G, the concentrations are the same."""
    totals = np.array([[1e-3, 4e-4]])
    usual = solve(host_guest, totals)
    # x_HG' = x_H + x_G + ln K, so G = HG - H and weights move to H and G.
    nu = np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, 1.0]])
    other = Problem(nu=nu, ln_weight=np.array([0.0, -np.log(1e4), 0.0]))
    found = solve(other, [[totals[0, 0] - totals[0, 1], totals[0, 1]]])
    np.testing.assert_allclose(found.ln_c, usual.ln_c, rtol=0, atol=1e-11)


def test_coverage_rises_with_ligand(shell: Problem) -> None:
    """More incoming acid never means less of it bound."""
    totals = np.column_stack((np.full(200, 51e-4), np.geomspace(1e-7, 1.0, 200)))
    found = solve(shell, totals, np.full((200, 1), 1e-4), ln_weight=np.array([0, 0, 0, 0, 2.0]))
    assert (np.diff(found.occupancy[:, 2]) > 0.0).all()


def test_scaling_the_volume_scales_exchange(shell: Problem) -> None:
    """Exchange moves no particles net, so coverage does not change on dilution."""
    totals, particles = np.array([[51e-4, 30e-4]]), np.array([[1e-4]])
    dense = solve(shell, totals, particles)
    thin = solve(shell, totals / 1e4, particles / 1e4)
    np.testing.assert_allclose(thin.occupancy, dense.occupancy, rtol=1e-12)


def test_wrong_shapes_are_refused(host_guest: Problem) -> None:
    """Totals and weights of the wrong shape name what was found and what is allowed."""
    with pytest.raises(DataError, match="totals and host totals"):
        prepare(host_guest, [[1e-3, 1e-3, 1e-3]])
    with pytest.raises(DataError, match="ln_weight"):
        prepare(host_guest, [[1e-3, 1e-3]]).solve(np.zeros(4))


def test_an_empty_batch_is_solved(host_guest: Problem) -> None:
    """No points give no rows."""
    assert solve(host_guest, np.zeros((0, 2))).ln_c.shape == (0, 3)


def test_repr_gives_sizes(host_guest: Problem) -> None:
    """The short form of a batch counts points and patterns."""
    assert repr(prepare(host_guest, [[1e-3, 0.0], [1e-3, 1e-3]])) == "<Batch: 2 points in 2 patterns>"


@pytest.mark.parametrize("is_fixed", [None, [False, True]])
def test_tiled_batch_gives_the_bits_of_a_prepared_one(host_guest: Problem, is_fixed: list[bool] | None) -> None:
    """Points said three times over, absent and impossible ones among them, are what they are where each is prepared."""
    totals = np.array([[1e-3, 2e-3], [1e-3, 0.0], [np.nan, 1e-3], [1e-3, -1e-3], [2e-3, 5e-4]])
    tiled = prepare(host_guest, totals, is_fixed=is_fixed).tiled(3)
    prepared = prepare(host_guest, np.tile(totals, (3, 1)), is_fixed=is_fixed)
    weights = np.tile(host_guest.ln_weight, (15, 1)) + np.linspace(-1.0, 1.0, 15)[:, np.newaxis]
    found, expected = tiled.solve(weights), prepared.solve(weights)
    np.testing.assert_array_equal(found.status, expected.status)
    np.testing.assert_array_equal(found.ln_c, expected.ln_c)
    assert found.reasons == expected.reasons
    np.testing.assert_array_equal(found.reason, expected.reason)
