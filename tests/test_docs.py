"""The documents are run: every command and every Python block, in the order in which they stand."""

from __future__ import annotations

import re
import runpy
import shlex
from importlib.resources import files
from pathlib import Path

import pytest

from surfacechem.cli import main

DOCS = Path(__file__).parents[1] / "docs"
README = Path(__file__).parents[1] / "README.md"
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALLS = "python3 -m venv"
ELSEWHERE = {
    "contracts.md": "internal; fragments",
    "design.md": "the first plan; fragments",
    "library.md": "tests/library/test_page.py checks what it prints",
    "scale.md": "tests/sweep/test_page.py",
    "sweeps.md": "tests/sweep/test_page.py",
    "testing.md": "tests/testing/test_page.py",
}
PAGES = [
    page
    for page in [README, *sorted(DOCS.glob("*.md"))]
    if page.name not in ELSEWHERE and re.search(r"^```(sh|python)", page.read_text(encoding="utf-8"), re.MULTILINE)
]


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
        exec(compile(body, "page", "exec"), names)  # noqa: S102 (our own document)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_runs_and_prints_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader who follows the page gets to its end, and sees each line of its ``console`` blocks."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets").symlink_to(README.parent / "datasets")
    names: dict[str, object] = {}
    blocks = [block for block in FENCE.findall(page.read_text(encoding="utf-8")) if not block[2].startswith(INSTALLS)]
    for language, name, body in blocks:
        run_block(language, name, body, names)
    printed = capsys.readouterr().out
    promised = [line for language, _, body in blocks if language == "console" for line in body.splitlines()]
    assert [line for line in promised if line not in printed] == []


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


def test_reference_has_todays_names_and_signatures() -> None:
    """Every public name and its parameters stand on the page; ``python docs/write_reference.py`` renews it."""
    script = runpy.run_path(str(DOCS / "write_reference.py"))
    written = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert script["headings"](written) == script["headings"](script["write"]())


def test_every_page_stands_in_the_index() -> None:
    """No page can only be found by its file name."""
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index] == []


def test_every_fact_of_a_fit_is_explained() -> None:
    """A verdict that is looked up on the page of failures is there."""
    rooms = [Path(str(files("surfacechem.fitting"))) / f"{room}.py" for room in ("facts", "plausibility", "advice")]
    named = {name for room in rooms for name in re.findall(r'\bname="([^"]+)"', room.read_text(encoding="utf-8"))}
    page = (DOCS / "when-it-fails.md").read_text(encoding="utf-8")
    assert {name for name in named if f"`{name}`" not in page} == set()
