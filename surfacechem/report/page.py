"""Put the facts of a fit into the page."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import jinja2
from markupsafe import Markup

from surfacechem.display import Table, Tone, facts_html, printable, round_number
from surfacechem.report.equations import equations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from surfacechem.display import Cell, Illustration
    from surfacechem.fitting import FitResult
    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = ["render"]

TEMPLATE: Final = "report.html.j2"
STYLE: Final = "report.css"
WORST_FIRST: Final = (Tone.BAD, Tone.WARNING, Tone.NOTE, Tone.GOOD)
GOOD: Final = "The constants below are to be trusted within their intervals."
BAD: Final = "The constants below are not to be trusted; the reasons are marked as problems."


def render(
    *,
    network: Network,
    result: FitResult,
    data: Sequence[Titration] = (),
    figures: Iterable[Illustration] = (),
    command: str = "",
    python: str = "",
    model: str = "",
    citation: Sequence[str] = (),
) -> str:
    """Return the report of a fit as the text of one HTML file.

    Parameters
    ----------
    network : Network
        The model that was fitted.
    result : FitResult
        What was found.
    data : sequence of Titration
        What was read; adds what was assumed while reading.
    figures : iterable of Illustration
        Pictures (`plotting.illustrate`).
    command, python : str
        How to repeat the fit, as a command line and as Python.
    model : str
        The model as text.
    citation : sequence of str
        How to cite the program and the data.
    """
    return _template().render(
        title=f"Fit of {', '.join(each.name for each in result.datasets)}",
        style=_safe(_resource(STYLE)),
        verdict=GOOD if result.is_valid else BAD,
        is_valid=result.is_valid,
        facts=_safe(facts_html(sorted(result.facts, key=lambda fact: WORST_FIRST.index(fact.tone)))),
        constants=_html(result.estimates_table()),
        numbers=_html(_numbers(result)),
        signals=_html(result.signals_table()),
        amplitudes=[_html(table) for table in result.amplitude_tables()],
        figures=[(figure, _safe(figure.svg)) for figure in figures],
        equations=[
            (section.title, [(label, _safe(row)) for label, row in section.rows])
            for section in equations(network.system)
        ],
        model=model,
        sources=_html(_sources(result)),
        notes=_notes(network, result, data),
        command=command,
        python=python,
        versions=dict(result.versions),
        citation=citation,
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    return environment.from_string(_resource(TEMPLATE))


def _shown(value: object) -> object:
    """Return text without control characters; escaping follows, markup of our own stays."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _resource(name: str) -> str:
    return files("surfacechem.report").joinpath(name).read_text(encoding="utf-8")


def _safe(markup: str) -> Markup:
    """Mark what our own code made, text already escaped, as markup."""
    return Markup(markup)  # noqa: S704 - display, plotting and the style sheet escape what comes from files


def _html(table: Table) -> Markup:
    return _safe(table.to_html())


def _numbers(result: FitResult) -> Table:
    """Return the sizes and the quality of the fit."""
    rows: list[tuple[Cell, ...]] = [
        ("measured values", str(result.n_values)),
        ("fitted constants and concentrations", str(result.n_parameters)),
        ("amplitudes (limiting shifts, molar spectra, scales)", str(result.n_amplitudes)),
        ("degrees of freedom", round_number(result.dof)),
        ("−2 ln L", round_number(result.deviance, n_digits=6)),
        ("AICc", "too few values" if result.aicc is None else round_number(result.aicc, n_digits=6)),
        ("BIC", round_number(result.bic, n_digits=6)),
        ("other minima met", str(len(result.minima) - 1)),
    ]
    return Table(title="The fit in numbers", columns=("quantity", "value"), rows=tuple(rows))


def _sources(result: FitResult) -> Table:
    rows = tuple(
        (
            data.name,
            data.source or "not from a file",
            str(len(data.labels)),
            ", ".join(signal.name for signal in data.signals),
        )
        for data in result.datasets
    )
    hashes = tuple(f"SHA-256 of {data.source}: {data.sha256}" for data in result.datasets if data.sha256)
    return Table(title="Data", columns=("data", "file", "points", "signals"), rows=rows, notes=hashes)


def _notes(network: Network, result: FitResult, data: Sequence[Titration]) -> list[str]:
    """Return everything that was assumed, once each."""
    read = [f"{each.name}: {note}" if len(data) > 1 else note for each in data for note in each.notes]
    return list(dict.fromkeys([*read, *network.system.notes, *result.notes]))
