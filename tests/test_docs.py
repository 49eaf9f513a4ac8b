"""The documents are run: every block of the tutorial works in the order in which it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from surfacechem.cli import main

DOCS = Path(__file__).parents[1] / "docs"
README = Path(__file__).parents[1] / "README.md"
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN_PAGES = ("output.md", "planning.md", "spectra.md", "tutorial.md")


def run_block(language: str, name: str, body: str, names: dict[str, object]) -> None:
    """Do what a reader does with a block: save it, type it into a shell, or into Python."""
    if name:
        Path(name).write_text(body, encoding="utf-8")
    elif language == "sh":
        for line in body.replace("\\\n", " ").splitlines():
            command, *arguments = shlex.split(line, comments=True)
            assert command == "surfacechem"
            expected = int(re.search(r"# exit (\d)", line)[1]) if "# exit" in line else 0
            assert main(arguments) == expected, line
    elif language == "python":
        exec(compile(body, "tutorial", "exec"), names)  # noqa: S102 (our own document)


@pytest.mark.parametrize("page", RUN_PAGES)
def test_page_runs_from_top_to_bottom(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who follows the page gets to its end."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = FENCE.findall((DOCS / page).read_text(encoding="utf-8"))
    assert blocks
    for language, name, body in blocks:
        run_block(language, name, body, names)


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in the README and in docs/ names a file that exists."""
    links = [
        (page, target)
        for page in [README, *sorted(DOCS.glob("*.md"))]
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target
    ]
    broken = [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()]
    assert not broken


def test_readme_holds_the_two_commands_in_its_first_screen() -> None:
    """The two commands that set everything up stand in the first 25 lines."""
    head = "\n".join(README.read_text(encoding="utf-8").splitlines()[:25])
    commands = re.findall(r"^python3 -m venv .*$", head, flags=re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith("surfacechem demo")
    assert "pytest" in commands[1]
