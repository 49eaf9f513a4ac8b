"""The command ``demo``: a published titration fitted, and a 51-site cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.fit import print_fit
from surfacechem.cli.options import AsJson  # noqa: TC001  (cyclopts reads the annotations)
from surfacechem.cli.output import print_facts, print_json, print_lines, print_table
from surfacechem.cli.working import working

__all__ = ["demo"]

PUBLISHED = "nmr-tcnb-syn3"
RIGHT = "HG + H2G"
RIVAL = "1:1"
CLUSTER = "inp-carboxylate-exchange"
EXCHANGE = "X exchange"
FLASK = {"InP37": "0.5 mM", "HO2CR'": "0..100 equiv per InP37 in 101"}


def demo(
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("surfacechem-demo"),
    json: AsJson = False,
) -> int:
    """Fit a published NMR titration, then show carboxylate exchange on a 51-site cluster.

    Parameters
    ----------
    output
        Folder for reports, figures and numbers; files of an earlier demo there are replaced.
    """
    with working("fitting"):
        published = _fit(PUBLISHED, RIGHT, output)
        rival = _fit(PUBLISHED, RIVAL, output)
        cluster = _fit(CLUSTER, EXCHANGE, output)
    with working("drawing figures"):
        reports = [_report(published, output / PUBLISHED), _report(cluster, output / CLUSTER)]
    if json:
        fits = {PUBLISHED: published, CLUSTER: cluster}
        print_json({name: fit.result.estimates_table().to_records() for name, fit in fits.items()})
        return _exit_code(published, cluster)
    _tell_published(published, rival)
    _tell_cluster(cluster)
    print_lines(["", "Reports to open in a browser:", *(f"  {path}" for path in reports)])
    return _exit_code(published, cluster)


def _fit(name: str, answer: str, output: Path) -> sc.Fit:
    """Fit a copy of the bundled files, so that they can be looked at, changed and fitted again."""
    from surfacechem.io import claim_folder, write_bytes

    card = sc.find_card(name)
    files = (card.model_path(answer), card.data_path)
    place = claim_folder(output / name, [file.name for file in files], overwrite=True)
    model, data = (write_bytes(place / file.name, file.read_bytes(), overwrite=True) for file in files)
    return sc.load_model(model).fit(replace(sc.read(data, rename=card.columns), name=name))


def _report(fit: sc.Fit, folder: Path) -> Path:
    return next(path for path in fit.write(folder, overwrite=True) if path.suffix == ".html")


def _exit_code(*fits: sc.Fit) -> int:
    return max(fit.result.exit_code for fit in fits)


def _tell_published(published: sc.Fit, rival: sc.Fit) -> None:
    card = sc.find_card(PUBLISHED)
    print_lines([f"1. {card.title}", f"   measured; {card.level} source: {card.source}", ""])
    print_fit(published)
    print_lines([""])
    compared = sc.compare({RIGHT: published.result, RIVAL: rival.result})
    print_table(compared.to_table())
    print_facts(compared.facts)


def _tell_cluster(cluster: sc.Fit) -> None:
    card = sc.find_card(CLUSTER)
    print_lines(["", f"2. {card.title}", f"   {card.fields['remarks']}", ""])
    print_fit(cluster)
    print_lines(["", f"Predicted from this fit, {FLASK['InP37']} cluster:"])
    print_table(cluster.predict(FLASK).to_table(n_rows=6))
