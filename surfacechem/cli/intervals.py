"""Commands that ask more of a saved fit: ``contour``, ``bootstrap``, ``posterior``, ``compare``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING, Annotated, Literal, cast

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import DEFAULT_FILES, AsJson, Files, Flag, Folder, Level, SavedFit, Seed, told, whole
from surfacechem.cli.output import print_facts, print_json, print_lines, print_table
from surfacechem.cli.working import working
from surfacechem.errors import DataError
from surfacechem.plain import to_plain

if TYPE_CHECKING:
    from surfacechem.fitting import Bootstrap, Posterior
    from surfacechem.plotting import Figure, Pictures

__all__ = ["bootstrap", "compare", "contour", "posterior"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
CHAINS = "posterior-chains.npz"

LEVELS = "Confidence level of a region, once per region: --level 0.95; by default 0.68 and 0.95."
Draw = Literal["residual", "parametric", "titration"]
Part = Literal["points", "titrations"]


def contour(
    fit: SavedFit,
    first: str,
    second: str,
    /,
    *,
    level: Annotated[tuple[float, ...], told(LEVELS)] = (),
    output: Folder = None,
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Say where two fitted parameters lie together, all others fitted again.

    Parameters
    ----------
    first
        One fitted parameter: "K[11]".
    second
        Another one: "K[21]".
    output
        Folder for the lines (contour.json) and the figure; made if it is not there.
    """
    pictures = files.pictures
    with working("drawing the region"):
        fitted = sc.load_fit(fit)
        found = fitted.contour(first, second, levels=level) if level else fitted.contour(first, second)
    document, written = to_plain(found), []
    if output is not None:
        from surfacechem.plotting import contour as draw

        drawn = cast("Figure", draw(found).figure)
        written = _write(output, "contour", document, drawn, overwrite=files.overwrite, pictures=pictures)
    if json:
        print_json(document)
    else:
        print_table(found.to_table())
        print_facts(found.facts)
        print_lines(written)
    return EXIT_GOOD if found.is_valid else EXIT_NOT_TRUSTED


def bootstrap(
    fit: SavedFit,
    /,
    *,
    draw: Draw = "residual",
    replicas: Annotated[int, whole(2)] = 1000,
    seed: Seed = 0,
    level: Level = None,
    output: Folder = None,
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Repeat a saved fit on data drawn again: intervals, bias, and draws for bands of predictions.

    Parameters
    ----------
    draw
        residual, parametric, or titration (whole data sets, of three or more).
    replicas
        How many times.
    output
        Folder for bootstrap.json and the figure; made if it is not there.
    """
    pictures = files.pictures
    with working("fitting replicas"):
        found = sc.load_fit(fit).bootstrap(draw=draw, n_replicas=replicas, seed=seed, level=level)
    return _report(found, "bootstrap", output, overwrite=files.overwrite, pictures=pictures, json=json)


def posterior(
    fit: SavedFit,
    /,
    *,
    seed: Seed = 0,
    steps: Annotated[int, whole(2)] = 10_000,
    level: Level = None,
    output: Folder = None,
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Draw from the posterior of a saved fit (extra 'bayes'): intervals, diagnostics, draws for bands of predictions.

    With an output folder the chains are kept there after every round, and a run that was stopped goes on from them.

    Parameters
    ----------
    steps
        Steps after which the walkers stop though they have not converged.
    output
        Folder for posterior.json, chains and the figure; made if it is not there. Chains found there go on.
    """
    from surfacechem.io import claim_folder

    pictures = files.pictures
    fitted = sc.load_fit(fit)
    chains = None
    if output is not None:
        names = ["posterior.json", *pictures.names("posterior")]
        chains = claim_folder(output, names, overwrite=files.overwrite) / CHAINS
    with working("drawing from the posterior"):
        found = fitted.posterior(seed=seed, most_steps=steps, level=level, chains=chains)
    return _report(found, "posterior", output, overwrite=files.overwrite, pictures=pictures, json=json)


def compare(
    *fits: Annotated[Path, Parameter(required=True)],
    leave_out: Part | None = None,
    folds: Annotated[int | None, whole(2)] = None,
    evidence: Flag = False,
    seed: Seed = 0,
    json: AsJson = False,
) -> int:
    """Compare saved fits of the same data by different models; the exit code is that of the best one.

    Parameters
    ----------
    fits
        Files fit.json of two fits or more.
    leave_out
        Cross-validate: leave out points, or titrations, in turn and predict them from the rest.
    folds
        Into how many parts, with --leave-out; by default each is left out by itself.
    evidence
        Compute the evidence of each model too (extra 'bayes').
    """
    loaded = {str(path): sc.load_fit(path) for path in fits}
    if len(loaded) < len(fits):
        found, advice = "one fit twice", "give the fit.json of another model"
        raise DataError("fits to compare", found=found, allowed="each fit once", advice=advice)
    part = "points" if leave_out is None and folds is not None else leave_out
    with working("comparing models"):
        compared = sc.compare(loaded, leave_out=part, n_folds=folds, evidence=evidence, seed=seed)
    if json:
        facts = [{"name": fact.name, "sentence": fact.sentence} for fact in compared.facts]
        print_json({"models": compared.to_table().to_records(), "facts": facts})
    else:
        print_table(compared.to_table())
        print_facts(compared.facts)
    return loaded[compared.best].result.exit_code


def _report(
    found: Bootstrap | Posterior, title: str, output: Path | None, *, overwrite: bool, pictures: Pictures, json: bool
) -> int:
    """Write draws with intervals, verdicts and a figure, print them, and return the exit code."""
    written = []
    if output is not None:
        from surfacechem.plotting import draws_figure

        figure = draws_figure(found.draws)
        written = _write(output, title, found.to_dict(), figure, overwrite=overwrite, pictures=pictures)
    if json:
        print_json(found.to_dict())
    else:
        print_table(found.to_table())
        print_facts(found.facts)
        print_lines(written)
    return EXIT_GOOD if found.is_valid else EXIT_NOT_TRUSTED


def _write(
    folder: Path,
    title: str,
    document: dict[str, object],
    figure: Figure,
    *,
    overwrite: bool,
    pictures: Pictures,
) -> list[str]:
    from surfacechem.io import staged_folder, write_json

    names = [f"{title}.json", *pictures.names(title)]
    with staged_folder(folder, names, overwrite=overwrite) as stage:
        write_json(stage / names[0], document)
        pictures.write(figure, stage, title)
    return [f"wrote {folder / name}" for name in names]
