from __future__ import annotations

import numpy as np

from surfacechem.numerics import Problem
from surfacechem.numerics.cone import certify, certify_simple, floor
from surfacechem.numerics.elimination import choose_eliminated
from surfacechem.numerics.feasibility import find_contradiction
from surfacechem.numerics.independence import choose_independent, choose_species, invert, span_of
from surfacechem.numerics.screening import screen
from surfacechem.numerics.structure import open_up


def _open_all(problem: Problem) -> object:
    return open_up(problem, np.ones(len(problem.ln_weight), bool), np.ones(len(problem.hosts), bool))


def test_a_shell_opens_into_sites(shell: Problem) -> None:
    """A host with one form is 51 sites per particle, each a species of its own column."""
    structure = _open_all(shell)
    assert structure.n_columns == 3
    assert structure.column_map[2].tolist() == [0.0, 0.0, 51.0]
    assert [row.nu.tolist() for row in structure.rows[2:]] == [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    assert structure.constant == {2: 1.0}


def test_conformers_stay_trees(cluster: Problem) -> None:
    """A host with several forms cannot be opened: its classes depend on the form."""
    structure = _open_all(cluster)
    assert len(structure.roots) == 1
    assert structure.n_columns == 3


def test_a_dead_ligand_leaves_full_sites(shell: Problem) -> None:
    """Without B each site has one state left, and the shell's A leave the balance."""
    alive = np.array([True, False, True, True, False])
    structure = open_up(shell, alive, np.ones(1, bool))
    assert structure.constant == {2: 1.0, 3: 51.0}
    assert structure.column_map[0].tolist() == [1.0, 0.0, -51.0]


def test_a_host_without_states_is_impossible(shell: Problem) -> None:
    """If no ligand is left for sites that are never bare, the particle cannot exist."""
    assert not open_up(shell, np.array([True, True, True, False, False]), np.ones(1, bool)).is_possible


def test_exchange_is_balanced_in_both_ligands(shell: Problem) -> None:
    """Free and bound A never meet free and bound B, so both have closed forms and one unknown is left."""
    assert choose_eliminated(_open_all(shell)) == (0, 1)


def test_many_guests_leave_the_host_as_only_unknown() -> None:
    """Twelve guests of one host: the guests are balanced in closed form."""
    nu = np.vstack((np.eye(13), np.column_stack((np.ones(12), np.eye(12)))))
    problem = Problem(nu=nu, ln_weight=np.zeros(25))
    assert choose_eliminated(_open_all(problem)) == tuple(range(1, 13))


def test_components_held_twice_are_not_eliminated() -> None:
    """A dimer has no closed form here."""
    assert choose_eliminated(_open_all(Problem(nu=np.array([[1.0], [2.0]]), ln_weight=np.zeros(2)))) == ()


def test_floor_is_the_least_over_all_configurations(cluster: Problem) -> None:
    """The least and the most X on a cluster are those of the configurations that come to mind."""
    root = _open_all(cluster).roots[0]
    assert floor(root.choice, np.array([1.0, 1.0, 0.0])) == 0.0
    assert floor(root.choice, np.array([-1.0, -1.0, 0.0])) == -14.0  # alpha: ten on five Z units, four on sites
    assert floor(root.choice, np.array([0.0, 0.0, -1.0])) == -5.0


def test_surplus_ligand_is_certified(shell: Problem) -> None:
    """Ligands less sites cannot be negative, and at zero the free acids are dead."""
    certificate = certify(_open_all(shell), np.array([1.0, 1.0, -1.0]))
    assert certificate is not None
    assert certificate.sources.tolist() == [1.0, 1.0, -51.0]
    assert certificate.dead == (0, 1)


def test_signed_species_give_no_certificate() -> None:
    """The total of protons may have either sign where hydroxide counts negative."""
    water = Problem(nu=np.array([[1.0], [-1.0]]), ln_weight=np.zeros(2))
    assert [each for each in certify_simple(_open_all(water)) if each.dead] == []


def test_screen_takes_rounding_for_zero() -> None:
    """51 times a number, minus 51 times it, is zero even where the products were rounded."""
    sources = np.array([[51.0 * 0.1, 0.1], [5.2, 0.1], [5.0, 0.1]])
    shares = np.array([[1.0, -51.0, np.finfo(float).eps]])
    assert screen(np.arange(3), sources, shares).ravel().tolist() == [0, 1, -1]


def test_a_linear_program_finds_what_pairs_do_not() -> None:
    """AB, BC and AC need |A - B| <= C <= A + B: three balances at once prove the contradiction."""
    pairs = Problem(nu=np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0]]), ln_weight=np.zeros(3))
    structure = _open_all(pairs)
    found = find_contradiction(structure, np.array([1.0, 1.0, 3.0]))
    assert found is not None
    np.testing.assert_allclose(found.sources / found.sources[0], [1.0, 1.0, -1.0], atol=1e-12)
    assert find_contradiction(structure, np.array([1.0, 1.0, 1.5])) is None


def test_a_linear_program_sees_through_trees(cluster: Problem) -> None:
    """More X than cluster and metal can be without cannot be missing: a cluster may hold none, so nothing is wrong."""
    structure = _open_all(cluster)
    assert find_contradiction(structure, np.array([1e-3, 1e-3, 1e-3, 1e-4])) is None
    found = find_contradiction(structure, np.array([-1e-3, 1e-3, 1e-3, 1e-4]))
    assert found is not None


def test_dependent_columns_come_with_their_relation() -> None:
    """Where two components only occur together, one balance is the other."""
    structure = _open_all(Problem(nu=np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 1.0]]), ln_weight=np.zeros(2)))
    chosen, dependent = choose_independent(structure, span_of(structure), ())
    assert len(chosen) == 2
    ((column, y),) = dependent
    np.testing.assert_allclose([row.nu @ y for row in structure.rows], 0.0, atol=1e-12)
    assert y[column] == 1.0


def test_the_most_abundant_independent_species_are_chosen() -> None:
    """HG beats G as soon as most G is bound; two species that hold the same count once."""
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 2.0]])
    abundance = np.log([[1e-3, 1e-9, 1e-3 + 1e-9, 1e-4], [1e-5, 1e-3, 1e-9, 1e-12]])
    assert choose_species(vectors, abundance).tolist() == [[2, 0], [1, 0]]


def test_integer_matrices_are_inverted_exactly() -> None:
    """Fractions of the determinant come out as the nearest numbers, so that balances stay exact."""
    inverse = invert(np.array([[2.0, 1.0], [1.0, 1.0]]))
    assert inverse.tolist() == [[1.0, -1.0], [-1.0, 2.0]]
