"""Names, temperature, conformers and observables: everything must exist, once."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import format_count
from surfacechem.chem.system import ABSORBANCE, EMISSION, IN_FORM
from surfacechem.constants import COLDEST, HOTTEST
from surfacechem.errors import ModelError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.system import Observable
    from surfacechem.errors import SurfaceChemError

__all__ = ["conformers", "names", "observables", "temperature"]

NEAR_ENOUGH: Final = 0.5
OF_FORMS: Final = frozenset({"shift", "integral", "spectrum"})
"""Kinds of lines that may see a site state in one form of its cluster alone."""


def names(context: Context) -> Iterator[SurfaceChemError]:
    """Find names that stand for two things."""
    system = context.system
    kinds = {
        "cluster": [cluster.name for cluster in system.clusters],
        "site": [site.name for site in system.sites],
        "species": [species.name for species in system.species],
        "reaction": [reaction.name for reaction in system.reactions],
        "conformer": list(system.form_names),
        "observe": [observable.name for observable in system.observables],
    }
    for kind, names in kinds.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield ModelError(
                    f"{kind} '{name}'",
                    found=f"{count} of that name",
                    allowed="one",
                    advice="take another name or label for one of them",
                    where=context.place(f"{kind} {name} again"),
                )
    for name in sorted(set(kinds["cluster"]) & set(kinds["species"])):
        yield ModelError(
            f"name '{name}'",
            found="a cluster and a dissolved species",
            allowed="one of them",
            advice="write the cluster's sites in reactions, e.g. In-O2CR, not the cluster",
            where=context.place(f"species {name}", name) or context.place(f"cluster {name}"),
        )


def temperature(context: Context) -> Iterator[SurfaceChemError]:
    """Find a temperature outside all chemistry, or a second one."""
    again = context.place("temperature again")
    if again is not None:
        yield ModelError(
            "temperature", found="it a second time", allowed="it once", advice="leave one out", where=again
        )
    if not COLDEST <= context.system.temperature <= HOTTEST:
        yield ModelError(
            "temperature",
            found=f"{context.system.temperature:g} K",
            allowed=f"{COLDEST:g} to {HOTTEST:g} K",
            advice="write temperature 298.15 K",
            where=context.place("temperature"),
        )
    for reaction in context.system.reactions:
        stated = reaction.constant.temperature
        if stated is not None and not COLDEST <= stated <= HOTTEST:
            yield ModelError(
                f"temperature of {reaction.constant.name}",
                found=f"{stated:g} K",
                allowed=f"{COLDEST:g} to {HOTTEST:g} K",
                advice="write e.g. at 298.15 K",
                where=context.place(f"reaction {reaction.name}"),
            )


def conformers(context: Context) -> Iterator[SurfaceChemError]:
    """Find conformers of unknown clusters."""
    clusters = [cluster.name for cluster in context.system.clusters]
    for conformer in context.system.conformers:
        if conformer.cluster not in clusters:
            where = context.place(f"conformer {conformer.name}", conformer.cluster)
            yield context.unknown(f"cluster of conformer '{conformer.name}'", conformer.cluster, clusters, where)


def observables(context: Context) -> Iterator[SurfaceChemError]:
    """Find observed names that the model does not have, and weights that make no sense."""
    for observable in context.system.observables:
        is_stated = any(key.startswith("at:") for key, _ in observable.options)
        known = _observable_names(context, observable.kind, is_stated=is_stated)
        for entity in observable.entities:
            if entity not in known:
                yield _unknown_entity(context, entity, known, observable)
        yield from _weights(context, observable)
        yield from _filters(context, observable)
        yield from _in_forms(context, observable)
        if observable.kind == "band":
            yield from _absorber(context, observable)
        if observable.kind == EMISSION:
            yield from list(_shining(context, observable)) or _quenching(context, observable)


def _unknown_entity(context: Context, entity: str, known: list[str], observable: Observable) -> SurfaceChemError:
    """Return the fault of an observed name that the model does not have; of a form, with the forms there are."""
    statement = f"observe {observable.name}"
    where = context.place(statement, entity)
    cluster, _, form = entity.partition(".")
    if observable.kind == ABSORBANCE and entity in _observable_names(context, "spectrum"):
        return UnknownNameError(
            f"'{entity}' of {statement}",
            found="what absorbs, without its absorptivity",
            allowed=", ".join(known) or "bands with a width and an absorptivity, or absorptivities",
            advice=f"write spectrum({entity}) for free spectra, or {entity} at 5000 /(M cm) fit at one wavelength",
            where=where,
        )
    is_form = form and cluster in {each.name for each in context.system.clusters}
    if not is_form or observable.kind == "band":
        return context.unknown(f"'{entity}' of {statement}", entity, known, where)
    forms = [each.name for each in context.system.conformers if each.cluster == cluster]
    near = get_close_matches(form, forms, n=1, cutoff=NEAR_ENOUGH)
    return UnknownNameError(
        f"'{entity}' of {statement}",
        found=f"'{entity}'",
        allowed=", ".join([f"{cluster} (the reference form)", *(f"{cluster}.{each}" for each in forms)]),
        advice=f"write {cluster}.{near[0]}"
        if near
        else f"write {cluster} for the reference form, name it with "
        f"conformer {form} of {cluster} ; reference, or declare another one: conformer {form} of {cluster} ; L0 = fit",
        where=where,
    )


def _observable_names(context: Context, kind: str, *, is_stated: bool = False) -> list[str]:
    """Return what a kind of line may name: dissolved species, site states and forms of clusters.

    For a band's coverages states and occupants, for absorbances without stated values the bands that have a shape.
    """
    if kind == ABSORBANCE and not is_stated:
        bands = [each for each in context.system.observables if each.kind == "band"]
        return [each.name for each in bands if "width" in dict(each.options)]
    species = [species.name for species in context.system.species]
    terms = [term for reaction in context.system.reactions for term in reaction.terms if term.site is not None]
    states = [f"{site.name}-{site.native}" for site in context.system.sites] + [term.name for term in terms]
    occupants = [site.native for site in context.system.sites] + [term.entity for term in terms]
    forms = [cluster.name for cluster in context.system.clusters]
    forms += [f"{conformer.cluster}.{conformer.name}" for conformer in context.system.conformers]
    if kind in OF_FORMS:
        states += [f"{state}{IN_FORM}{form}" for state in states for form in _forms_of(context, state)]
    return list(dict.fromkeys(states + occupants if kind == "band" else species + states + forms))


def _cluster_of(context: Context, state: str) -> str:
    site = state.partition("-")[0].removeprefix("(").removesuffix(")2")
    return next((each.cluster for each in context.system.sites if each.name == site), "")


def _forms_of(context: Context, state: str) -> list[str]:
    """Return what the forms of the cluster are called on which a site state is; none where there is one form."""
    system, cluster = context.system, _cluster_of(context, state)
    others = [each.name for each in system.conformers if each.cluster == cluster]
    return [each.form for each in system.clusters if each.name == cluster and each.form and others] + others


def _in_forms(context: Context, observable: Observable) -> Iterator[SurfaceChemError]:
    """Find shifts that see a site state in some of its forms only, or in one form and altogether."""
    apart = dict.fromkeys(name.partition(IN_FORM)[0] for name in observable.entities if IN_FORM in name)
    for state in apart if observable.kind == "shift" else ():
        forms = _forms_of(context, state)
        cluster = _cluster_of(context, state)
        n_forms = 1 + sum(each.cluster == cluster for each in context.system.conformers)
        every = [f"{state}{IN_FORM}{form}" for form in forms]
        if state in observable.entities or len(forms) < n_forms or not set(every) <= set(observable.entities):
            unnamed = "" if len(forms) == n_forms else f"; name the reference: conformer alpha of {cluster} ; reference"
            yield ModelError(
                f"observe {observable.name}",
                found=f"{state} in some of its forms" if state not in observable.entities else f"{state} and its forms",
                allowed="the state altogether, or in each of its forms",
                advice=f"write {', '.join(every)}{unnamed}",
                where=context.place(f"observe {observable.name}"),
            )


def _shining(context: Context, observable: Observable) -> Iterator[SurfaceChemError]:
    """Find an emission that is not of one cluster and of quenchers on its sites."""
    clusters = [name for name in observable.entities if name in {each.name for each in context.system.clusters}]
    cluster_of = {site.name: site.cluster for site in context.system.sites}
    sites = [name.partition("-")[0] for name in observable.entities if "-" in name]
    sites = [name.removeprefix("(").removesuffix(")2") if name.startswith("(") else name for name in sites]
    holders = {cluster_of[name] for name in sites if name in cluster_of}
    if len(clusters) == 1 and holders == set(clusters):
        return
    yield ModelError(
        f"observe {observable.name}",
        found=f"{len(clusters)} clusters and quenchers on {', '.join(sorted(holders)) or 'none'}",
        allowed="one cluster that shines, and one state of its sites or more that quench it",
        advice=f"write observe {observable.name} = emission(InP37, In-SR')",
        where=context.place(f"observe {observable.name}"),
    )


def _filters(context: Context, observable: Observable) -> Iterator[SurfaceChemError]:
    """Find filters that are no line of absorbances, and absorbances only some of whose values are stated."""
    statement, options = f"observe {observable.name}", dict(observable.options)
    lines = [each.name for each in context.system.observables if each.kind == ABSORBANCE]
    for word in ("primary", "secondary"):
        name = options.get(word)
        if name is not None and name not in lines:
            yield context.unknown(
                f"{word} filter of {statement}", str(name), lines, context.place(statement, str(name))
            )
    stated = [name for name in observable.entities if f"at:{name}" in options]
    if observable.kind == ABSORBANCE and stated and len(stated) < len(observable.entities):
        yield ModelError(
            statement,
            found=f"no absorptivity of {next(name for name in observable.entities if name not in stated)}",
            allowed="one for each that absorbs",
            advice=f"write {observable.name} = absorbance({stated[0]} at 5000 /(M cm) fit)",
            where=context.place(statement),
        )


def _quenching(context: Context, observable: Observable) -> Iterator[SurfaceChemError]:
    """Find brightness constants that are of no quencher, of one twice, or that do not go together."""
    names = [factor.name for factor in observable.factors]
    states = [name for name in observable.entities if "-" in name]
    own = [name.partition(", ")[2].removesuffix("]") for name in names]
    strangers = [name for name in own if name and name not in states]
    fault = (
        f"{strangers[0]}, which the line does not observe" if strangers
        else f"{names[0].partition('[')[0]} twice for the same" if len(set(names)) < len(names)
        else "k of several quenchers" if len(names) > 1 and any(name.startswith("k[") for name in names)
        else "one for no quencher" if "" in own and not set(states) - set(own)
        else "none for some quenchers" if "" not in own and set(states) - set(own)
        else ""
    )  # fmt: skip
    if fault:
        yield ModelError(
            f"observe {observable.name}",
            found=fault,
            allowed="one q or k for all quenchers, or a q for single ones and one for the rest",
            advice="write e.g. q = 0.9 fit of In-SR', q = 0.5 fit",
            where=context.place(f"observe {observable.name}"),
        )


def _absorber(context: Context, observable: Observable) -> Iterator[SurfaceChemError]:
    """Find a band of something that the model lacks, and one that does not say of what it is where it must."""
    options, statement = dict(observable.options), f"observe {observable.name}"
    known = _observable_names(context, "spectrum")
    absorber = options.get("of")
    if absorber is not None and absorber not in known:
        yield context.unknown(
            f"'{absorber}' of {statement}", str(absorber), known, context.place(statement, str(absorber))
        )
    has_counts = any(key.startswith("count:") for key in options)
    forms = [cluster.name for cluster in context.system.clusters]
    forms += [f"{conformer.cluster}.{conformer.name}" for conformer in context.system.conformers]
    if has_counts and absorber is not None and absorber not in forms:
        yield ModelError(
            statement,
            found=f"ligands counted on {absorber}",
            allowed=f"counts on {', '.join(forms) or 'clusters'}",
            advice="leave the count out, or name a cluster",
            where=context.place(statement, observable.name),
        )
    if ("width" in options or has_counts) and absorber is None and len(forms) != 1:
        yield ModelError(
            statement,
            found="a band with a width or a count, and no word of what absorbs",
            allowed=", ".join(known),
            advice=f"write of {known[-1]} after the position",
            where=context.place(statement, observable.name),
        )


def _weights(context: Context, observable: Observable) -> Iterator[SurfaceChemError]:
    """Find multiplicities that are not positive."""
    for entity, weight in zip(observable.entities, observable.weights, strict=False):
        if weight is not None and weight <= 0:
            yield ModelError(
                f"'{entity}' of observe {observable.name}",
                found=f"weight {format_count(weight)}",
                allowed="positive weights",
                advice=f"write 2 {entity}",
                where=context.place(f"observe {observable.name}", entity),
            )
