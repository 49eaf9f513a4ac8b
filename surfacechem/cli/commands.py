"""The tree of commands: where each lives, what it does, an example. Commands are imported when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import App

__all__ = ["COMMANDS", "build_app"]

COMMANDS = {
    "demo": (
        "surfacechem.cli.demo:demo",
        "Fit a published NMR titration, then show carboxylate exchange on a 51-site cluster.",
        "surfacechem demo --output my-demo",
    ),
    "fit": (
        "surfacechem.cli.fit:fit",
        "Fit the constants of a model to one titration or several; no starting values are asked for.",
        "surfacechem fit exchange.scx titration.csv --output results",
    ),
    "predict": (
        "surfacechem.cli.predict:predict",
        "Predict coverage, ligand counts, speciation and signals from a model or a saved fit.",
        """surfacechem predict results/fit.json --feed "InP37=0.5 mM" --feed "HO2CR'=0..100 equiv per InP37 in 51\"""",
    ),
    "sweep": (
        "surfacechem.cli.sweep:sweep",
        "Solve a model or a saved fit under all combinations of what is varied.",
        """surfacechem sweep exchange.scx --feed "InP37=1 mM" --feed "HO2CR'=9 mM" --vary "K[X1]=1e-3..1e3:61\"""",
    ),
    "contour": (
        "surfacechem.cli.intervals:contour",
        "Say where two fitted parameters lie together: regions of 68 and 95 %.",
        """surfacechem contour results/fit.json "K[11]" "K[21]" --output results""",
    ),
    "bootstrap": (
        "surfacechem.cli.intervals:bootstrap",
        "Repeat a saved fit on data drawn again: intervals, bias, draws for predictions.",
        "surfacechem bootstrap results/fit.json --output results",
    ),
    "posterior": (
        "surfacechem.cli.intervals:posterior",
        "Draw from the posterior of a saved fit: intervals, diagnostics, draws for predictions.",
        "surfacechem posterior results/fit.json --output results",
    ),
    "compare": (
        "surfacechem.cli.intervals:compare",
        "Compare saved fits of the same data by different models.",
        "surfacechem compare results-11/fit.json results-21/fit.json --leave-out points",
    ),
    "plan": (
        "surfacechem.cli.plan:plan",
        "Say what to measure: further points of a saved fit, or, from a model alone, a first run.",
        """surfacechem plan binding.scx --guess "K[11]=1e3..1e5 /M" --feed "P=1 mM" --feed "A=0..20 mM in 101\"""",
    ),
    "report": (
        "surfacechem.cli.fit:report",
        "Write the HTML report of a saved fit: one file that needs no network.",
        "surfacechem report results/fit.json --output report.html",
    ),
    "schema": (
        "surfacechem.cli.fit:schema",
        "Print the JSON schema of fit.json.",
        "surfacechem schema",
    ),
    "doctor": (
        "surfacechem.cli.about:doctor",
        "Say what is installed, and solve one flask with a known answer.",
        "surfacechem doctor",
    ),
    "cite": (
        "surfacechem.cli.about:cite",
        "Say how to cite this program and each bundled data set.",
        "surfacechem cite",
    ),
    "model check": (
        "surfacechem.cli.model:check",
        "Check a model file: every fault at once, with line, column and what to write instead.",
        """surfacechem model check exchange.scx --solve "InP37=0.5 mM" --solve "HO2CR'=10 mM\"""",
    ),
    "model show": (
        "surfacechem.cli.model:show",
        "Show reactions, balances, binding polynomial, statistical factors, rank and constants.",
        "surfacechem model show exchange.scx --as latex",
    ),
    "model new": (
        "surfacechem.cli.model:new",
        "Print a model file to start from, or write it; 'data new' gives data of the same name.",
        "surfacechem model new x-exchange --output exchange.scx",
    ),
    "data check": (
        "surfacechem.cli.data:check",
        "Read a data file and say what was understood and what was assumed.",
        "surfacechem data check titration.csv exchange.scx",
    ),
    "data new": (
        "surfacechem.cli.data:new",
        "Print simulated data to start from, fitted by the model of the same name, or write them.",
        "surfacechem data new calorimetry --output titration.csv",
    ),
    "data convert": (
        "surfacechem.cli.data:convert",
        "Turn a data file of another program into our own CSV.",
        "surfacechem data convert run.itc --rename cell=P --rename syringe=A --output run.csv",
    ),
    "data list": (
        "surfacechem.cli.data:list_sets",
        "List the bundled data sets with technique, evidence level and source.",
        "surfacechem data list",
    ),
    "library list": (
        "surfacechem.cli.library:list_entries",
        "List bundled clusters, ligands, constants and facts with their evidence levels.",
        "surfacechem library list",
    ),
    "library show": (
        "surfacechem.cli.library:show",
        "Show everything known of one entry, and its lines for a model file.",
        'surfacechem library show "oleic acid"',
    ),
    "library laws": (
        "surfacechem.cli.library:laws",
        "List the published sizing and absorption laws with formula, range, level and source.",
        "surfacechem library laws",
    ),
}
"""Command -> where it lives, what it does, an example; written here so that help imports no command."""
GROUPS = {
    "model": "Check, show and begin model files.",
    "data": "Check, begin and convert data files, list bundled data.",
    "library": "Bundled clusters, ligands, literature constants and published curves.",
}


def build_app() -> App:
    """Return the command tree; no command's module is imported yet."""
    from cyclopts import App

    from surfacechem import __version__

    app = App(
        name="surfacechem",
        help="Ligand-exchange equilibria of clusters and nanocrystals: check, fit, predict, report.",
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
        help_epilogue="First steps:  surfacechem demo   Exit codes: 0 good, 1 not to be trusted, 2 bad input, "
        "3 missing extra, 130 stopped by Ctrl-C.",
    )
    groups = {name: App(name=name, help=summary) for name, summary in GROUPS.items()}
    for name, (target, summary, example) in COMMANDS.items():
        group, _, sub = name.rpartition(" ")
        parent = groups[group] if group else app
        parent.command(target, name=sub, help=summary, help_epilogue=f"Example:  {example}")
    for each in groups.values():
        app.command(each)
    return app
