"""Commands about models: ``model check``, ``model show``, ``model new``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import Annotated, Literal

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.output import Flag, Folder, Many, pairs, print_json, print_lines, print_table
from surfacechem.errors import DataError

__all__ = ["check", "new", "show"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1

EXAMPLES = {
    "x-exchange": """surfacechem 1
# One X-type ligand for another on a shell whose sites are always filled; K per site.
cluster InP37 = In37P20(O2CR)51 where R = C13H27
site    In on InP37 : 51 native O2CR
species HO2CR' = C18H34O2 named "oleic acid" where R' = C17H33

X   In-O2CR + HO2CR' <=> In-O2CR' + HO2CR   ; K = fit

observe bound = integral(In-O2CR')
observe free  = integral(HO2CR')
""",
    "l-binding": """surfacechem 1
# A neutral donor on vacant sites.
cluster QD
site    S on QD : 60
species L

L   S-* + L <=> S-L   ; K = fit /M

observe bound = integral(S-L)
observe free  = integral(L)
""",
    "host-guest": """surfacechem 1
# Any 1:1 binding, seen as a shift in fast exchange.
species H
species G

S[11]  H + G <=> HG   ; K = fit /M

observe delta = shift(H, HG)
""",
    "uv-vis": """surfacechem 1
# 1:1 binding, seen as a series of spectra; all three species absorb.
species H
species G

S[11]  H + G <=> HG   ; K = fit /M

observe A = spectrum(H, G, HG)
""",
    "calorimetry": """surfacechem 1
# 1:1 binding in a calorimeter; P lies in the cell, A in the syringe. The heat of dilution is fitted along.
species P
species A

S[11]  P + A <=> PA   ; K = fit /M

observe heat = calorimetry(cell = 1.4103 mL)
""",
    "band-position": """surfacechem 1
# X-type exchange seen as the position of a band that moves with the coverage; both numbers of the band are fitted.
cluster InP37 = In37P20(O2CR)51 where R = C13H27
site    In on InP37 : 51 native O2CR
species HO2CR' = C18H34O2 named "oleic acid" where R' = C17H33

X   In-O2CR + HO2CR' <=> In-O2CR' + HO2CR   ; K = fit

observe E1 = 386 nm + dE * coverage(O2CR')
""",
}


def check(
    model: Path,
    /,
    *,
    solve: Many = (),
    json: Flag = False,
) -> int:
    """Check a model file: every fault at once, with line, column and what to write instead.

    Parameters
    ----------
    model
        Model file (.scx).
    solve
        Also solve this flask and audit the answer independently; once per feed.
    json
        Print a JSON document instead of text.
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
    audit = _audit(loaded, pairs(solve, option="--solve")) if solve else None
    if json:
        print_json({**facts, "audit": audit})
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
    return EXIT_GOOD if audit is None or audit["passed"] else EXIT_NOT_TRUSTED


def show(
    model: Path,
    /,
    *,
    form: Annotated[Literal["text", "latex", "html"], Parameter(name="--as")] = "text",
    json: Flag = False,
) -> None:
    """Show reactions, balances, binding polynomial, statistical factors, rank and constants.

    Parameters
    ----------
    model
        Model file (.scx).
    form
        Plain text, LaTeX (align* blocks) or HTML tables.
    json
        Print a JSON document instead.
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
    kind: Literal["x-exchange", "l-binding", "host-guest", "uv-vis", "calorimetry", "band-position"] = "x-exchange",
    *,
    output: Folder = None,
    overwrite: Flag = False,
) -> None:
    """Print a model file to start from, or write it.

    Parameters
    ----------
    kind
        What it is to be about.
    output
        File to write.
    overwrite
        Replace a file of this name.
    """
    if output is None:
        print_lines([EXAMPLES[kind].rstrip()])
    else:
        from surfacechem.io import write_text

        print_lines([f"wrote {write_text(output, EXAMPLES[kind], overwrite=overwrite)}"])


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
