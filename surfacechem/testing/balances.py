"""Checks of concentrations against balances and mass action, with messages that show what does not add up.

None of them asks the solver: they compare numbers, yours or ours, with what the model says.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from surfacechem.errors import DataError
from surfacechem.network import Speciation
from surfacechem.symbolic.independence import particle_shifts
from surfacechem.symbolic.weights import expand, list_forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from surfacechem.chem.system import Reaction
    from surfacechem.network import Network
    from surfacechem.symbolic.weights import Form

    Floats = NDArray[np.float64]
    _Place = tuple[int | None, int]  # (form, None where dissolved; entity column)

__all__ = ["Found", "assert_conserved", "assert_mass_action", "table_of"]

Found: TypeAlias = "Speciation | Mapping[str, ArrayLike]"
"""What is to be checked: a `Speciation`, or concentrations [mol/L] by entity, yours."""
CONSERVED_RTOL: Final = 1e-9
MASS_ACTION_TOLERANCE: Final = 1e-7
MOST_SHOWN: Final = 6


@dataclass(frozen=True, kw_only=True)
class _Balance:
    """What goes in of something, and where it must be found again: counts by feed and by column of entities."""

    name: str
    fed: dict[str, float]
    held: dict[str, float]


def assert_conserved(
    network: Network, amounts: Mapping[str, ArrayLike], found: Found | None = None, *, rtol: float = CONSERVED_RTOL
) -> None:
    """Check that everything put into the flask is found again: moieties, sites and particles.

    Parameters
    ----------
    network : Network
        The model.
    amounts : mapping of str to array_like
        What was put in by feed [mol/L].
    found : Speciation or mapping, optional
        Concentrations [mol/L] of all entities; by default those of the solver.
    rtol : float
        Allowed difference as a share of what was put in.

    Raises
    ------
    AssertionError
        Naming the balance, the point, and both sides with their terms.
    """
    solved = network.solve(amounts) if found is None else found
    columns = table_of(network, solved)
    n_points = len(next(iter(columns.values())))
    fed = {name: np.broadcast_to(np.asarray(value, dtype=float), n_points) for name, value in amounts.items()}
    for balance in _balances(network):
        put_in = _terms(balance.fed, fed)
        held = _terms(balance.held, columns)
        gross = sum((np.abs(each) for each in (*put_in.values(), *held.values())), np.zeros(n_points))
        gap = sum(held.values(), np.zeros(n_points)) - sum(put_in.values(), np.zeros(n_points))
        wrong = np.flatnonzero(~(np.abs(gap) <= rtol * gross))
        if len(wrong):
            raise AssertionError(_unbalanced(balance.name, put_in, held, int(wrong[0])))


def assert_mass_action(
    network: Network,
    found: Found,
    *,
    ln_constants: ArrayLike | None = None,
    tolerance: float = MASS_ACTION_TOLERANCE,
) -> None:
    """Check that the quotient of every reaction is its constant.

    Reactions on a cluster with several forms hold within each form; they are checked where `found` is a
    `Speciation`, which knows the forms apart. Sites whose neighbours matter follow no law of mean concentrations and
    are left out.

    Parameters
    ----------
    network : Network
        The model.
    found : Speciation or mapping
        Concentrations [mol/L] of all entities.
    ln_constants : array_like, shape (n_constants,), optional
        Theta; by default the model's own values.
    tolerance : float
        Allowed difference of ln quotient and ln K.

    Raises
    ------
    AssertionError
        Naming the reaction, the point, quotient and constant.
    """
    system, basis = network.system, network.lowered.basis
    forms = list_forms(system, basis)
    places = _places(network, found)
    places |= _on_one_unit(network, places, forms)
    shifts = particle_shifts(system, basis)
    known = network.all_ln_constants(ln_constants)
    names = basis.entities.names
    arranged = {column for column, site in basis.entities.site_of.items() if system.sites[site].arrangement is not None}
    for number, row in expand(system, basis, forms):
        reaction = system.reactions[number]
        if not all(place in places for place in row) or any(column in arranged for _, column in row):
            continue
        expected = known[reaction.constant.name] - shifts[number]
        values = [(names[place[1]], float(power), places[place]) for place, power in row.items()]
        point = _first_wrong(values, expected, tolerance)
        if point is not None:
            raise AssertionError(_off(reaction, expected, values, point))


def table_of(network: Network, found: Found) -> dict[str, Floats]:
    """Return concentrations [mol/L] by entity, each of shape (n_points,).

    Raises
    ------
    DataError
        If entities are missing.
    """
    if isinstance(found, Speciation):
        return dict(zip(found.entities, found.concentration.T, strict=True))
    entities = network.lowered.basis.entities.names
    missing = [name for name in entities if name not in found]
    if missing:
        raise DataError(
            "concentrations to check",
            found=f"nothing of {', '.join(missing)}",
            allowed=f"all of {', '.join(entities)}",
            advice="give 0 for what is absent",
        )
    given = {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in found.items()}
    arrays = np.broadcast_arrays(*given.values())
    return dict(zip(given, arrays, strict=True))


def _balances(network: Network) -> list[_Balance]:
    lowered, system = network.lowered, network.system
    entities = lowered.basis.entities
    found = []
    for number, moiety in enumerate(lowered.basis.components):
        brought = dict(zip(lowered.feeds, lowered.feed_totals[:, number].tolist(), strict=True))
        held = {entities.names[column]: float(count) for column, count in moiety.law.items()}
        found.append(_Balance(name=moiety.name, fed=brought, held=held))
    for site, columns in zip(system.sites, entities.states, strict=True):
        held = {entities.names[column]: float(entities.spans.get(column, 1)) for column in columns}
        if site.holder is not None:
            held[site.holder] = held.get(site.holder, 0.0) - float(site.count)
        fed = {site.cluster: float(site.count)} if site.holder is None else {}
        found.append(_Balance(name=f"sites {site.name}", fed=fed, held=held))
    return found


def _terms(counts: Mapping[str, float], values: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: count * values[name] for name, count in counts.items() if count and name in values}


def _unbalanced(name: str, put_in: dict[str, Floats], held: dict[str, Floats], point: int) -> str:
    sides = {"put in": put_in, "found": held}
    totals = {side: float(sum(values[point] for values in terms.values())) for side, terms in sides.items()}
    lines = [f"balance of {name} is not kept at point {point}"]
    for side, terms in sides.items():
        largest = sorted(terms, key=lambda each: -abs(terms[each][point]))[:MOST_SHOWN]
        text = " + ".join(f"{terms[each][point]:.4g} in {each}" for each in largest) or "nothing"
        lines.append(f"  {side:8}{totals[side]:.6g} mol/L: {text}")
    gap = totals["found"] - totals["put in"]
    lines.append(f"  {'too much' if gap > 0 else 'missing'} {abs(gap):.3g} mol/L")
    return "\n".join(lines)


def _places(network: Network, found: Found) -> dict[_Place, Floats]:
    """Return concentrations by form and entity column: dissolved species have no form."""
    entities = network.lowered.basis.entities
    forms = list_forms(network.system, network.lowered.basis)
    columns = table_of(network, found)
    places: dict[_Place, Floats] = {
        (None, column): columns[entities.names[column]] for column in range(entities.n_species)
    }
    if isinstance(found, Speciation):
        weights = {column: iter(network.lowered.entity_weight_index[column]) for column in range(len(entities.names))}
        for number, form in enumerate(forms):  # a state has one weight per form, in the order of the forms
            for column in (column for states in form.states for column in states):
                places[number, column] = found.solution.occupancy[:, next(weights[column]) - entities.n_species]
        return places
    for number, form in enumerate(forms):
        if sum(other.cluster == form.cluster for other in forms) == 1:
            places |= {(number, c): columns[entities.names[c]] for states in form.states for c in states}
    return places


def _on_one_unit(network: Network, places: dict[_Place, Floats], forms: tuple[Form, ...]) -> dict[_Place, Floats]:
    """Return shares of the sites that a unit carries: a reaction that takes the unit takes it in one state of them."""
    system, entities = network.system, network.lowered.basis.entities
    shares: dict[_Place, Floats] = {}
    for number, form in enumerate(forms):
        for site, columns in zip((system.sites[each] for each in form.sites), form.states, strict=True):
            if site.holder is not None and (number, columns[0]) in places:
                n_sites = float(site.count) * places[number, entities.names.index(site.holder)]
                shares |= {
                    (number, column): places[number, column] / np.where(n_sites > 0.0, n_sites, 1.0)
                    for column in columns
                }
    return shares


def _first_wrong(values: list[tuple[str, float, Floats]], expected: float, tolerance: float) -> int | None:
    """Return the first point where the quotient is not the constant; where a side is absent, both must be."""
    left = np.array([[x == 0.0 for x in each] for _, power, each in values if power < 0]).any(axis=0)
    right = np.array([[x == 0.0 for x in each] for _, power, each in values if power > 0]).any(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ln_quotient = sum((power * np.log(each) for _, power, each in values), np.zeros(len(values[0][2])))
    is_right = (left & right) | (np.abs(ln_quotient - expected) <= tolerance)
    wrong = np.flatnonzero(~is_right)
    return int(wrong[0]) if len(wrong) else None


def _off(reaction: Reaction, expected: float, values: list[tuple[str, float, Floats]], point: int) -> str:
    sides = {
        side: " ".join(
            f"[{entity}] {each[point]:.4g}" + (f"^{abs(power):g}" if abs(power) != 1 else "")
            for entity, power, each in values
            if (power > 0) is (side == "right")
        )
        for side in ("right", "left")
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = exp(min(700.0, float(np.nan_to_num(sum(power * np.log(each[point]) for _, power, each in values)))))
    return "\n".join(
        (
            f"mass action of {reaction.name} ({reaction.equation}) does not hold at point {point}",
            f"  {reaction.constant.name:9}{exp(expected):.6g}",
            f"  quotient {quotient:.6g} = {sides['right']} / ({sides['left']})",
        )
    )
