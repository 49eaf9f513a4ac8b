"""How long a user waits: import, help, one fit, the demo. Prints a table; nothing is asserted."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PYTHON = [sys.executable, "-c"]
COMMAND = [*PYTHON, "import sys; from surfacechem.cli import main; sys.exit(main())"]
CARD = "import surfacechem as sc; card = sc.find_card('inp-carboxylate-exchange');"
N_RUNS = 7


def seconds(arguments: list[str]) -> float:
    """Return the median wall time of a process, after one run that warms caches."""
    times = []
    for _ in range(N_RUNS + 1):
        start = time.perf_counter()
        subprocess.run(arguments, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        demo = str(Path(folder) / "demo")
        empty = seconds([*PYTHON, "pass"])
        rows = {
            "python with nothing to do": (empty, "-"),
            "import surfacechem, less that": (seconds([*PYTHON, "import surfacechem"]) - empty, "0.06 s"),
            "surfacechem --help": (seconds([*COMMAND, "--help"]), "0.3 s"),
            "surfacechem fit --help": (seconds([*COMMAND, "fit", "--help"]), "0.3 s"),
            "surfacechem predict --help": (seconds([*COMMAND, "predict", "--help"]), "0.3 s"),
            "read, fit and print, whole process": (
                seconds([*PYTHON, CARD + "print(sc.load_model(card.model_path('X exchange')).fit(card.read()))"]),
                "-",
            ),
            "surfacechem demo": (seconds([*COMMAND, "demo", "--output", demo]), "6 s"),
        }
    print(f"{'what':38}{'median of ' + str(N_RUNS):>14}  budget")
    for name, (time_taken, budget) in rows.items():
        print(f"{name:38}{time_taken:>12.3f} s  {budget}")


if __name__ == "__main__":
    main()
