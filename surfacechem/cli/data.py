"""Commands about data: ``data check``, ``data new``, ``data convert``, ``data list``."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import AsJson, DataFile, DataTechnique, Folder, Kind, Overwrite, Rename, Sheet, pairs
from surfacechem.cli.output import give_text, print_json, print_lines, print_table, with_ending
from surfacechem.display import Table, round_number, si_prefix

if TYPE_CHECKING:
    from surfacechem.io.card import Card

__all__ = ["check", "convert", "list_sets", "new"]

PREFIXED = ("mol/L", "J")
TEXT_ENDINGS = (".csv", ".txt")


def check(
    data: DataFile,
    model: Path | None = None,
    /,
    *,
    rename: Rename = (),
    technique: DataTechnique = None,
    sheet: Sheet = None,
    json: AsJson = False,
) -> None:
    """Read a data file and say what was understood and what was assumed.

    Parameters
    ----------
    model
        Model file; the data's names are then checked against it, as a fit would.
    """
    titration = sc.read(data, rename=pairs(rename, option="--rename"), technique=technique, sheet=sheet)
    if model is not None:
        _match(titration, model)
    if json:
        from surfacechem.plain import to_plain

        print_json(to_plain(titration))
        return
    print_lines([f"{data}: {titration.n_points} point{'s' * (titration.n_points != 1)}", ""])
    if titration.feeds:
        print_table(_feeds_table(titration))
        print_lines([""])
    print_table(_signals_table(titration))
    notes = [
        *titration.notes,
        *_components(titration),
        *([] if model is None else [f"names and signals are those of the model {model}"]),
    ]
    print_lines(["", *(f"· {note}" for note in notes)])


def new(
    kind: Kind = "x-exchange", /, *, output: Folder = None, overwrite: Overwrite = False, json: AsJson = False
) -> None:
    """Print simulated data to start from, fitted by the model of the same name, or write them.

    Parameters
    ----------
    kind
        What they are about, or the technique.
    output
        File to write; by default the text is printed.
    """
    from surfacechem.io import data_template

    path = None if output is None else with_ending(output, *TEXT_ENDINGS)
    give_text(data_template(kind), path, overwrite=overwrite, json=json)


def convert(
    data: DataFile,
    /,
    *,
    output: Folder = None,
    overwrite: Overwrite = False,
    rename: Rename = (),
    technique: DataTechnique = None,
    sheet: Sheet = None,
    json: AsJson = False,
) -> None:
    """Turn a data file of another program into our own CSV: kernel units, all digits, the source's hash.

    Parameters
    ----------
    output
        File to write; by default the text is printed.
    """
    from surfacechem.io import to_csv

    path = None if output is None else with_ending(output, *TEXT_ENDINGS)
    titration = sc.read(data, rename=pairs(rename, option="--rename"), technique=technique, sheet=sheet)
    give_text(to_csv(titration), path, overwrite=overwrite, json=json, notes=titration.notes)


def list_sets(*, json: AsJson = False) -> None:
    """List the bundled data sets with technique, evidence level and source."""
    cards = sc.list_cards()
    if json:
        print_json([{**card.fields, "folder": str(card.folder)} for card in cards])
        return
    rows = tuple((card.id, card.technique, str(card.level), card.licence, card.title) for card in cards)
    print_table(Table(columns=("name", "technique", "level", "licence", "what it is"), rows=rows))
    print_lines([""] + [f"{card.id}: {card.data_path}{_models(card)}" for card in cards])


def _models(card: Card) -> str:
    names = sorted({str(answer["model"]) for answer in card.answers.values() if "model" in answer})
    return "\n  models: " + ", ".join(names) if names else ""


def _match(titration: sc.Titration, model: Path) -> None:
    """Refuse data that a fit of this model would refuse."""
    from surfacechem.fitting.driver import prepare_objective

    prepare_objective(sc.load_model(model), (titration,), known={})


def _components(titration: sc.Titration) -> list[str]:
    """Say how many components each signal of several channels holds."""
    from surfacechem.fitting.rank import find_rank

    ranks = (
        find_rank(
            each.values,
            amounts=titration.amounts,
            sigma=each.sigma,
            name=each.name,
            technique=each.technique,
        )
        for each in titration.signals
    )
    return [f"{rank.sentence}." for rank in ranks if rank is not None]


def _range(signal: sc.Signal) -> str:
    """Return the smallest and the largest value, in a unit that suits them."""
    import numpy as np

    least, most = float(np.nanmin(signal.values)), float(np.nanmax(signal.values))
    factor, unit = 1.0, signal.unit
    if unit in PREFIXED:
        factor, unit = si_prefix(max(abs(least), abs(most)), unit)
    return f"{round_number(least * factor)} .. {round_number(most * factor, unit=unit)}"


def _feeds_table(titration: sc.Titration) -> Table:
    base = _steadiest(titration)
    rows = tuple(
        (
            feed,
            *(_concentration(value) for value in (column[0], column[-1], column.max())),
            "" if base is None or not math.isfinite(column[-1]) else str(round_number(column[-1] / base[1])),
        )
        for feed, column in zip(titration.feeds, titration.amounts.T, strict=True)
    )
    per = "equiv" if base is None else f"last per {base[0]}"
    return Table(title="In the vessel", columns=("feed", "first point", "last point", "largest", per), rows=rows)


def _steadiest(titration: sc.Titration) -> tuple[str, float] | None:
    """Return the feed that changes least, of which others are equivalents, and its last concentration [mol/L]."""
    steady = [
        (column.max() / column.min(), feed, float(column[-1]))
        for feed, column in zip(titration.feeds, titration.amounts.T, strict=True)
        if column.min() > 0
    ]
    return min(steady)[1:] if steady else None


def _concentration(value: float) -> str:
    if not math.isfinite(value):
        return "to be fitted"
    factor, unit = si_prefix(value, "mol/L")
    return str(round_number(value * factor, unit=unit))


def _signals_table(titration: sc.Titration) -> Table:
    import numpy as np

    rows = tuple(
        (
            signal.name,
            str(signal.technique),
            str(len(signal.channels)),
            str(int(np.isfinite(signal.values).sum())),
            _range(signal),
            "given" if signal.sigma is not None else "estimated by the fit",
        )
        for signal in titration.signals
    )
    columns = ("signal", "technique", "channels", "values", "range", "sigma")
    return Table(title="Measured", columns=columns, rows=rows)
