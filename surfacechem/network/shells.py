"""Numbers of sites that are found by a fit: real numbers, with exact derivatives.

For N independent sites ``P ln Z = P N ln z``: the sites of one class behave as P N particles of one site each. A class
whose number is free therefore becomes a host of its own, a *shell*, of which a flask holds N for each particle put in,
with N native ligands. N then acts through amounts alone, whose derivatives the solver has already, and (1 + x)^N needs
no whole N. Constants stay per site; stepwise ones, whose statistical factors hold N, are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.convention import Convention
from surfacechem.errors import ModelError
from surfacechem.numerics.problem import Factor, Host, Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.chem.system import Site, System
    from surfacechem.symbolic.lower import Lowered

    Floats = NDArray[np.float64]

__all__ = ["Shell", "joined", "split_shells"]


@dataclass(frozen=True, kw_only=True)
class Shell:
    """The sites of one class, apart from the particle that carries them.

    Attributes
    ----------
    site : str
        Name of the class.
    cluster : int
        Feed that carries the sites, and host number of the cluster among hosts.
    feed : int
        Inner feed: what one site brings.
    host : int
        Its host.
    constant : int
        Place of ln N in theta.
    n_sites : float
        N as the model states it.
    """

    site: str
    cluster: int
    feed: int
    host: int
    constant: int
    n_sites: float


def split_shells(lowered: Lowered, system: System) -> tuple[Lowered, tuple[Shell, ...]]:
    """Return a lowered system with a host and a feed for each class whose number is free.

    Parameters
    ----------
    lowered : Lowered
        Its theta holds the numbers (`with_numbers`).
    system : System
        Its sites say which.

    Raises
    ------
    ModelError
        If the sites of such a class are not alike and independent whatever the particle does.
    """
    shells: list[Shell] = []
    names = [constant.name for constant in lowered.constants]
    clusters = [cluster.name for cluster in system.clusters]
    n_species = len(lowered.problem.nu)
    for number, site in enumerate(system.sites):
        if site.number is None:
            continue
        _refuse_dependent(lowered, system, site)
        shell = Shell(
            site=site.name,
            cluster=n_species + clusters.index(site.cluster),
            feed=len(lowered.feeds),
            host=len(lowered.problem.hosts),
            constant=names.index(site.number.name),
            n_sites=float(site.count),
        )
        lowered = _split(lowered, system, number, shell)
        shells.append(shell)
    return lowered, tuple(shells)


def joined(lowered: Lowered, shells: tuple[Shell, ...]) -> Lowered:
    """Return what a user sees of it: feeds without shells, the numbers of sites those that the model states."""
    if not shells:
        return lowered
    n_feeds = len(lowered.feeds) - len(shells)
    totals, hosts = lowered.feed_totals[:n_feeds].copy(), lowered.feed_hosts[:n_feeds].copy()
    for shell in shells:
        totals[shell.cluster] += shell.n_sites * lowered.feed_totals[shell.feed]
        hosts[shell.cluster] += shell.n_sites * lowered.feed_hosts[shell.feed]
    return replace(lowered, feeds=lowered.feeds[:n_feeds], feed_totals=totals, feed_hosts=hosts)


def _refuse_dependent(lowered: Lowered, system: System, site: Site) -> None:
    states = f"{site.name}-"
    forms = [each for each in system.conformers if each.cluster == site.cluster]
    carried = [each for each in system.sites if each.holder is not None and each.holder.startswith(states)]
    stepwise = [
        each.name
        for each in system.reactions
        if each.constant.convention is Convention.PER_PARTICLE and any(term.site == site.name for term in each.terms)
    ]
    fault = (
        "sites on a unit of their own" if site.holder is not None
        else "neighbours" if site.arrangement is not None or lowered.mean_fields
        else f"sites carried on it, {carried[0].name}" if carried
        else f"a cluster with conformers, {forms[0].name}" if forms
        else f"a constant per particle, {stepwise[0]}" if stepwise
        else ""
    )  # fmt: skip
    if fault:
        raise ModelError(
            f"number of sites {site.name}",
            found=f"'fit' beside {fault}",
            allowed="independent sites of one form, with constants per site",
            advice=f"state the number, or fit the share of {site.cluster} that takes part: --active {site.cluster}=fit",
        )


def _split(lowered: Lowered, system: System, number: int, shell: Shell) -> Lowered:
    """Move one site class from its cluster to a host of its own, at the end of all terms."""
    n_species = len(lowered.problem.nu)
    host = shell.cluster - n_species
    (form,) = lowered.problem.hosts[host].terms
    native = lowered.entities.index(f"{system.sites[number].name}-{system.sites[number].native}") - n_species
    begins = int(np.flatnonzero(lowered.host_of_term == host)[0]) + 1
    ends = begins + np.cumsum([_n_terms(each) for each in form.factors])
    holder = int(np.flatnonzero(lowered.gather[:, native])[0])
    place = int(np.searchsorted(ends, holder, side="right"))
    first, last = int([begins, *ends][place]), int(ends[place])
    kept = replace(form, factors=(*form.factors[:place], *form.factors[place + 1 :]))
    alone = Term(name=shell.site, nu=np.zeros_like(form.nu), factors=(replace(form.factors[place], count=1.0),))
    hosts = list(lowered.problem.hosts)
    hosts[host] = replace(hosts[host], terms=(kept,))
    n_terms = len(lowered.host_of_term)
    moved = np.arange(first, last)
    order = np.concatenate([np.delete(np.arange(n_terms), moved), [n_terms], moved])
    return _reordered(lowered, order, hosts=(*hosts, Host(name=shell.site, terms=(alone,))), shell=shell, native=native)


def _n_terms(factor: Factor) -> int:
    return sum(1 + sum(_n_terms(inner) for inner in term.factors) for term in factor.terms)


def _reordered(
    lowered: Lowered, order: NDArray[np.intp], *, hosts: tuple[Host, ...], shell: Shell, native: int
) -> Lowered:
    """Return the arrays with one term more, the shell's own of weight 1, and all terms in another order."""
    n_species, n_hosts = len(lowered.problem.nu), lowered.feed_hosts.shape[1]
    rows = np.concatenate([np.arange(n_species), n_species + order])
    place = np.argsort(rows)

    def longer(array: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([array, np.zeros((1, *array.shape[1:]))])

    host_of_term = np.append(lowered.host_of_term, shell.host)[order]
    host_of_term[int(np.argmax(order == len(order) - 1)) :] = shell.host
    brought = _content(lowered, native + n_species)
    feed_hosts = np.zeros((len(lowered.feeds) + 1, n_hosts + 1))
    feed_hosts[:-1, :-1], feed_hosts[-1, -1] = lowered.feed_hosts, 1.0
    feed_totals = np.concatenate([lowered.feed_totals, brought[np.newaxis]])
    feed_totals[shell.cluster] -= shell.n_sites * brought
    weights = tuple(tuple(int(place[each]) for each in index) for index in lowered.entity_weight_index)
    return replace(
        lowered,
        problem=replace(lowered.problem, hosts=hosts, ln_weight=longer(lowered.problem.ln_weight)[rows]),
        entity_weight_index=weights,
        neighbourhoods=tuple(
            replace(each, weights=tuple(int(place[weight]) for weight in each.weights))
            for each in lowered.neighbourhoods
        ),
        gather=longer(lowered.gather)[order],
        host_of_term=host_of_term,
        form_of_term=np.append(lowered.form_of_term, lowered.form_of_term[0])[order],
        feeds=(*lowered.feeds, f"{shell.site} sites"),
        feed_totals=feed_totals,
        feed_hosts=feed_hosts,
        weight_matrix=longer(lowered.weight_matrix)[rows],
        weight_offset=longer(lowered.weight_offset)[rows],
    )


def _content(lowered: Lowered, column: int) -> Floats:
    """Return the moieties that one of an entity holds, shape (n_components,)."""
    return np.array([float(moiety.law.get(column, 0)) for moiety in lowered.basis.components])
