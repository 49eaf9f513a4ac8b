"""Commands about data: ``data check``, ``data list``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING, Annotated

import numpy as np
from cyclopts import Parameter

from surfacechem.cli.output import pairs, print_json, print_lines, print_table
from surfacechem.display import Table, round_number
from surfacechem.io import list_cards, read

if TYPE_CHECKING:
    from surfacechem.io.card import Card
    from surfacechem.records import Titration

__all__ = ["check", "list_sets"]


def check(
    data: Path,
    model: Path | None = None,
    *,
    rename: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Read a data file and say what was understood and what was assumed.

    Example: surfacechem data check titration.csv exchange.scx

    Parameters
    ----------
    data
        Data file.
    model
        Model file; the data's names are then checked against it, as a fit would.
    rename
        What a name in the data is to mean: --rename "H=Host" --rename "delta=delta [Hz]".
    json
        Print a JSON document instead of text.
    """
    titration = read(data, rename=pairs(rename, option="--rename"))
    if model is not None:
        _match(titration, model)
    if json:
        from surfacechem.plain import to_plain

        print_json(to_plain(titration))
        return
    print_lines([f"{data}: {titration.n_points} points", ""])
    print_table(_feeds_table(titration))
    print_lines([""])
    print_table(_signals_table(titration))
    notes = [*titration.notes, *([] if model is None else [f"fits the model {model}"])]
    print_lines(["", *(f"· {note}" for note in notes)])


def list_sets(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """List the bundled data sets with technique, evidence level and source.

    Example: surfacechem data list

    Parameters
    ----------
    json
        Print a JSON document instead of text.
    """
    cards = list_cards()
    if json:
        print_json([{**card.fields, "folder": str(card.folder)} for card in cards])
        return
    rows = tuple((card.id, card.technique, str(card.level), card.licence, card.title) for card in cards)
    print_table(Table(columns=("name", "technique", "level", "licence", "what it is"), rows=rows))
    print_lines([""] + [f"{card.id}: {card.data_path}\n  models: {_models(card)}" for card in cards])


def _models(card: Card) -> str:
    return ", ".join(sorted({str(answer["model"]) for answer in card.answers.values()}))


def _match(titration: Titration, model: Path) -> None:
    """Refuse data that a fit of this model would refuse."""
    from surfacechem.api import load_model
    from surfacechem.fitting.driver import prepare_objective

    prepare_objective(load_model(model), (titration,), known={})


def _feeds_table(titration: Titration) -> Table:
    rows = tuple(
        (feed, *(_concentration(value) for value in (column[0], column[-1], np.max(column))))
        for feed, column in zip(titration.feeds, titration.amounts.T, strict=True)
    )
    return Table(title="In the vessel", columns=("feed", "first point", "last point", "largest"), rows=rows)


def _concentration(value: float) -> str:
    return f"{round_number(value * 1e3)} mmol/L" if np.isfinite(value) else "to be fitted"


def _signals_table(titration: Titration) -> Table:
    rows = tuple(
        (
            signal.name,
            str(signal.technique),
            str(len(signal.channels)),
            str(int(np.isfinite(signal.values).sum())),
            f"{round_number(np.nanmin(signal.values))} .. {round_number(np.nanmax(signal.values))} {signal.unit}",
            "given" if signal.sigma is not None else "estimated by the fit",
        )
        for signal in titration.signals
    )
    columns = ("signal", "technique", "channels", "values", "range", "sigma")
    return Table(title="Measured", columns=columns, rows=rows)
