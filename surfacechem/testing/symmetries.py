"""Checks of what may not change an answer: units, names and order; and of what must only rise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.network import Network
from surfacechem.prediction.series import split_number
from surfacechem.symbolic.exact import row_reduce
from surfacechem.testing.balances import table_of
from surfacechem.units import Kind, from_kernel, to_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from surfacechem.chem.system import Site, System, Term
    from surfacechem.testing.balances import Found

    Floats = NDArray[np.float64]

__all__ = [
    "assert_detailed_balance",
    "assert_monotone_coverage",
    "assert_relabel_invariant",
    "assert_unit_invariant",
    "relabelled",
]

UNIT_RTOL: Final = 1e-9
RELABEL_RTOL: Final = 1e-8
OTHER_UNITS: Final = ("mol/L", "mmol/L", "uM", "nmol/L")
CYCLE_TOLERANCE: Final = 1e-6
FALL: Final = 1e-9
SMALLEST: Final = 1e-300


def assert_unit_invariant(
    compute: Callable[[dict[str, str]], ArrayLike], feed: Mapping[str, str], *, rtol: float = UNIT_RTOL
) -> None:
    """Check that a computation gives the same numbers whatever unit the amounts are written in.

    Parameters
    ----------
    compute : callable
        Yours: takes feed -> amount as text, returns numbers.
    feed : mapping of str to str
        Concentrations: ``{"InP37": "0.5 mM"}``. Equivalents are left as they are.
    rtol : float
        Allowed relative difference.

    Raises
    ------
    AssertionError
        Naming the feed, both texts and both results.
    """
    expected = np.asarray(compute(dict(feed)), dtype=float)
    for name, text in feed.items():
        number, unit = split_number(text) or (np.nan, "")
        if not np.isfinite(number) or "equiv" in unit:
            continue
        kernel = to_kernel(number, unit, Kind.CONCENTRATION)
        for other in OTHER_UNITS:
            written = f"{from_kernel(kernel, Kind.CONCENTRATION, other)!r} {other}"
            got = np.asarray(compute({**feed, name: written}), dtype=float)
            if not np.allclose(got, expected, rtol=rtol, atol=SMALLEST, equal_nan=True):
                raise AssertionError(
                    f"the unit of {name} changes the answer\n  {text:20} {_some(expected)}\n  {written:20} {_some(got)}"
                )


def assert_relabel_invariant(
    system: System,
    amounts: Mapping[str, ArrayLike],
    solve: Callable[[System, dict[str, ArrayLike]], Found] | None = None,
    *,
    rtol: float = RELABEL_RTOL,
) -> None:
    """Check that other names and another order of the statements give the same concentrations.

    Parameters
    ----------
    system : System
        The model.
    amounts : mapping of str to array_like
        What is put in by feed [mol/L].
    solve : callable, optional
        Yours: takes a system and amounts, returns concentrations by entity; by default ours.
    rtol : float
        Allowed relative difference.

    Raises
    ------
    AssertionError
        Naming the entity and both concentrations.
    """

    def ours(other: System, put_in: dict[str, ArrayLike]) -> Found:
        return Network(other).solve(put_in)

    compute = solve or ours
    other, names = relabelled(system)
    first = table_of(Network(system), compute(system, dict(amounts)))
    second = table_of(Network(other), compute(other, {names[name]: value for name, value in amounts.items()}))
    for entity, expected in first.items():
        got = second[names.get(entity, entity)]
        if not np.allclose(got, expected, rtol=rtol, atol=SMALLEST, equal_nan=True):
            raise AssertionError(
                f"names or order change [{entity}]\n  as written   {_some(expected)} mol/L\n"
                f"  relabelled   {_some(got)} mol/L"
            )


def relabelled(system: System) -> tuple[System, dict[str, str]]:
    """Return the same system with other names in the opposite order, and old name -> new name of feeds and entities."""
    clusters = {each.name: f"P{number}" for number, each in enumerate(system.clusters)}
    sites = {each.name: f"s{number}" for number, each in enumerate(system.sites)}
    species = {each.name: f"Y{number}" for number, each in enumerate(system.species)}

    def term(each: Term) -> Term:
        site = None if each.site is None else sites[each.site]
        return replace(each, site=site, entity=species[each.entity] if site is None else each.entity)

    def site(each: Site) -> Site:
        owner, _, unit = (each.holder or "").partition("-")
        holder = None if each.holder is None else f"{sites[owner]}-{unit}"
        return replace(each, name=sites[each.name], cluster=clusters[each.cluster], holder=holder)

    other = replace(
        system,
        clusters=tuple(replace(each, name=clusters[each.name]) for each in reversed(system.clusters)),
        sites=tuple(map(site, reversed(system.sites))),
        species=tuple(replace(each, name=species[each.name]) for each in reversed(system.species)),
        conformers=tuple(replace(each, cluster=clusters[each.cluster]) for each in system.conformers),
        reactions=tuple(
            replace(each, left=tuple(map(term, each.left)), right=tuple(map(term, each.right)))
            for each in reversed(system.reactions)
        ),
        couplings=tuple(replace(each, first=term(each.first), second=term(each.second)) for each in system.couplings),
        observables=(),
    )
    names = {**clusters, **species}
    names |= {t.name: term(t).name for each in system.reactions for t in each.terms}
    names |= {f"{each.name}-{each.native}": f"{sites[each.name]}-{each.native}" for each in system.sites}
    names |= {f"{each.cluster}.{each.name}": f"{clusters[each.cluster]}.{each.name}" for each in system.conformers}
    return other, names


def assert_monotone_coverage(titrant: ArrayLike, coverage: ArrayLike, *, name: str = "coverage") -> None:
    """Check that coverage never falls while more of its ligand is added, and stays between 0 and 1.

    Parameters
    ----------
    titrant : array_like, shape (n_points,)
        Amount added, in any unit.
    coverage : array_like, shape (n_points,)
        Fraction of sites.
    name : str
        What it is, for the message.

    Raises
    ------
    AssertionError
        Naming the two points between which it falls, or the value outside.
    """
    added, values = np.asarray(titrant, dtype=float), np.asarray(coverage, dtype=float)
    order = np.argsort(added, kind="stable")
    added, values = added[order], values[order]
    outside = np.flatnonzero(~((values >= -FALL) & (values <= 1 + FALL)))
    if len(outside):
        raise AssertionError(f"{name} is {values[outside[0]]:.6g} at {added[outside[0]]:g} added; a fraction is 0 to 1")
    falls = np.flatnonzero(np.diff(values) < -FALL)
    if len(falls):
        point = int(falls[0])
        raise AssertionError(
            f"{name} falls although more is added\n"
            f"  {added[point]:g} added: {values[point]:.9g}\n  {added[point + 1]:g} added: {values[point + 1]:.9g}"
        )


def assert_detailed_balance(
    system: System, constants: Mapping[str, float] | None = None, *, tolerance: float = CYCLE_TOLERANCE
) -> None:
    """Check that constants multiply to one around every closed cycle of reactions.

    Parameters
    ----------
    system : System
        Its reactions.
    constants : mapping of str to float, optional
        Value of each constant by name, mol/L based and per site, e.g. forward over backward rates; by default the
        model's.
    tolerance : float
        Allowed sum of ln K around a cycle.

    Raises
    ------
    AssertionError
        Naming the cycle, its constants and their product.
    """
    rows, reactions = [], [each for each in system.reactions if each.conformer is None]
    columns: dict[str, int] = {}
    for reaction in reactions:
        row: dict[int, object] = {}
        for sign, side in ((-1, reaction.left), (1, reaction.right)):
            for term in side:
                column = columns.setdefault(term.name, len(columns))
                row[column] = row.get(column, 0) + sign * term.coefficient  # type: ignore[operator]  # fractions
        rows.append({column: count for column, count in row.items() if count})
    for cycle in row_reduce(rows).cycles:  # type: ignore[arg-type]  # fractions, as above
        parts = [(reactions[number], float(power)) for number, power in cycle.items()]
        values = [_value(each.constant.name, each.constant.log10_value, constants) for each, _ in parts]
        total = sum(power * np.log(value) for value, (_, power) in zip(values, parts, strict=True))
        if not abs(total) <= tolerance:
            lines = [
                f"  {each.constant.name} = {value:.6g}, {power:+g} times: {each.equation}"
                for value, (each, power) in zip(values, parts, strict=True)
            ]
            raise AssertionError(
                "\n".join(("constants do not close a cycle", *lines, f"  product {np.exp(total):.6g}, must be 1"))
            )


def _value(name: str, log10_value: float | None, constants: Mapping[str, float] | None) -> float:
    if constants is not None and name in constants:
        return constants[name]
    return np.nan if log10_value is None else 10.0**log10_value


def _some(values: Floats) -> str:
    flat = np.ravel(values)
    return " ".join(f"{each:.6g}" for each in flat[:4]) + (" ..." if len(flat) > 4 else "")  # noqa: PLR2004
