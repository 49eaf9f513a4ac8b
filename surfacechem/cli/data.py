"""Commands about data: ``data check``, ``data new``, ``data convert``, ``data list``."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.output import Flag, Folder, Many, TechniqueName, pairs, print_json, print_lines, print_table
from surfacechem.display import Table, round_number, si_prefix

if TYPE_CHECKING:
    from surfacechem.io.card import Card

__all__ = ["check", "convert", "list_sets", "new"]

PREFIXED = ("mol/L", "J")


def check(
    data: Path,
    model: Path | None = None,
    /,
    *,
    rename: Many = (),
    technique: TechniqueName | None = None,
    sheet: str | None = None,
    json: Flag = False,
) -> None:
    """Read a data file and say what was understood and what was assumed.

    Parameters
    ----------
    data
        Data file.
    model
        Model file; the data's names are then checked against it, as a fit would.
    rename
        What a name in the data is to mean: --rename "H=Host" --rename "delta=delta [Hz]".
    technique
        What was measured, where the data do not say.
    sheet
        Sheet of a workbook; by default the first with a table.
    json
        Print a JSON document instead of text.
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
    notes = [*titration.notes, *_components(titration), *([] if model is None else [f"fits the model {model}"])]
    print_lines(["", *(f"· {note}" for note in notes)])


def new(
    technique: TechniqueName = "nmr-integral",
    *,
    output: Folder = None,
    overwrite: Flag = False,
) -> None:
    """Print a filled-in data file of one technique to start from, or write it.

    Parameters
    ----------
    technique
        What is to be measured.
    output
        File to write.
    overwrite
        Replace a file of this name.
    """
    from surfacechem.io import template

    _give(template(technique), output, overwrite=overwrite)


def convert(
    data: Path,
    /,
    *,
    output: Folder = None,
    overwrite: Flag = False,
    rename: Many = (),
    technique: TechniqueName | None = None,
    sheet: str | None = None,
) -> None:
    """Turn a data file of another program into our own CSV: kernel units, all digits, the source's hash.

    Parameters
    ----------
    data
        Data file.
    output
        File to write; by default the text is printed.
    overwrite
        Replace a file of this name.
    rename
        What a name in the data is to mean: --rename "H=Host" --rename "delta=delta [Hz]".
    technique
        What was measured, where the data do not say.
    sheet
        Sheet of a workbook; by default the first with a table.
    """
    from surfacechem.io import to_csv

    titration = sc.read(data, rename=pairs(rename, option="--rename"), technique=technique, sheet=sheet)
    _give(to_csv(titration), output, overwrite=overwrite)
    if output is not None:
        print_lines(f"· {note}" for note in titration.notes)


def _give(text: str, output: Path | None, *, overwrite: bool) -> None:
    """Print a text, or write it and say where."""
    if output is None:
        print_lines([text.rstrip()])
        return
    from surfacechem.io import write_text

    print_lines([f"wrote {write_text(output, text, overwrite=overwrite)}"])


def list_sets(*, json: Flag = False) -> None:
    """List the bundled data sets with technique, evidence level and source.

    Parameters
    ----------
    json
        Print a JSON document instead of text.
    """
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
        find_rank(each.values, sigma=each.sigma, name=each.name, technique=each.technique) for each in titration.signals
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
