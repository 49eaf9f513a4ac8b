"""Commands about models: ``model check``, ``model show``, ``model new``."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import AsJson, Folder, Kind, Many, ModelFile, Overwrite, pairs
from surfacechem.cli.output import give_text, print_json, print_lines, print_table, with_ending
from surfacechem.errors import DataError

__all__ = ["check", "new", "show"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1


def check(
    model: ModelFile,
    /,
    *,
    solve: Many = (),
    json: AsJson = False,
) -> int:
    """Check a model file: every fault at once, with line, column and what to write instead.

    Parameters
    ----------
    solve
        Also solve these flasks and audit the answer independently, once per feed: "InP37=0.5 mM",
        "HO2CR'=0..9 mM in 19"; of a model with signals, say which unknown constants these flasks cannot give.
    """
    from surfacechem.chem.constant import known_as

    loaded = sc.load_model(model)
    facts = {
        "file": str(model),
        "feeds": list(loaded.feeds),
        "entities": list(loaded.entities),
        "constants": [known_as(constant.name) for constant in loaded.constants],
        "observables": [observable.name for observable in loaded.system.observables],
        "notes": list(loaded.system.notes),
    }
    feed = pairs(solve, option="--solve") if solve else {}
    lost = _undetermined(loaded, feed)
    is_open = lost is not None and any(constant.log10_value is None for constant in loaded.constants)
    audit = _audit(loaded, feed) if feed and not is_open else None
    if json:
        print_json({**facts, "audit": audit, "undetermined": lost})
    else:
        n_reactions = len(loaded.system.reactions)
        print_lines([f"{model}: good; {n_reactions} reaction{'s' * (n_reactions != 1)}, balanced"])
        print_lines(
            f"  {name}: {', '.join(found) or 'none'}"
            for name, found in facts.items()
            if isinstance(found, list) and name != "notes"
        )
        print_lines(f"· {note}" for note in loaded.system.notes)
        if audit is not None:
            worst = ", ".join(f"{name} {found:.1e}" for name, found in audit.items() if isinstance(found, float))
            print_lines([f"  solved and audited {'well' if audit['passed'] else 'BADLY'}; largest errors: {worst}"])
        if lost is not None:
            all_told = ["each constant that a fit is to find leaves a trace of its own in the signals of these flasks"]
            print_lines(f"  {sentence}" for sentence in lost or all_told)
    return EXIT_GOOD if audit is None or audit["passed"] else EXIT_NOT_TRUSTED


def show(
    model: ModelFile,
    /,
    *,
    form: Annotated[Literal["text", "latex", "html"], Parameter(name="--as")] = "text",
    json: AsJson = False,
) -> None:
    """Show reactions, balances, binding polynomial, statistical factors, rank and constants.

    Parameters
    ----------
    form
        Plain text, LaTeX (align* blocks) or HTML tables.
    """
    from surfacechem.symbolic.render import describe

    sections = describe(sc.load_model(model).system)
    if json:
        lines = {
            section.title: [{"label": line.label, "text": line.text, "latex": line.latex} for line in section.lines]
            for section in sections
        }
        print_json(lines)
    elif form == "latex":
        print_lines(f"% {section.title}\n{section.to_latex()}\n" for section in sections)
    elif form == "html":
        print_lines(section.to_table().to_html() for section in sections)
    else:
        for section in sections:
            print_table(section.to_table())
            print_lines([""])


def new(
    kind: Kind = "x-exchange", /, *, output: Folder = None, overwrite: Overwrite = False, json: AsJson = False
) -> None:
    """Print a model file to start from, or write it; 'data new' gives data of the same name.

    Parameters
    ----------
    kind
        What it is about, or the technique.
    output
        File to write; by default the text is printed.
    """
    from surfacechem.io import model_template

    path = None if output is None else with_ending(output, ".scx", ".txt")
    give_text(model_template(kind), path, overwrite=overwrite, json=json)


def _undetermined(model: sc.Model, feed: dict[str, str]) -> list[str] | None:
    """Return what signals of these flasks cannot give; None where nothing is sought or seen."""
    from surfacechem.chem.constant import Role
    from surfacechem.network.diagnostics import find_undetermined

    is_sought = any(constant.role is Role.FREE for constant in model.constants)
    if not (feed and is_sought and model.system.observables):
        return None
    return [str(each) for each in find_undetermined(model, sc.conditions(model, feed).amounts)]


def _audit(model: sc.Model, feed: dict[str, str]) -> dict[str, float | bool]:
    unknown = [constant.name for constant in model.constants if constant.log10_value is None]
    if unknown:
        advice = "write values into the model, e.g. K = 1.3"
        raise DataError("option --solve", found=f"no value of {', '.join(unknown)}", allowed="known K", advice=advice)
    audit = model.audit(sc.conditions(model, feed).amounts)
    return {
        "passed": audit.is_consistent and bool(audit.is_solved.all()),
        "solved": bool(audit.is_solved.all()),
        "mass action": float(audit.reaction.max()),
        "balances": float(audit.balance.max()),
        "mean counts": float(audit.occupancy.max()),
        "macrospecies listed": audit.n_macrospecies,
    }
