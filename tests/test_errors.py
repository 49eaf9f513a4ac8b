"""The error tree: facts in, message out."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from surfacechem import errors
from surfacechem.errors import DataError, Faults, Location, SurfaceChemError, UnitError

CLASSES = [
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, SurfaceChemError) and kind is not Faults
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_prints_its_facts_and_pickles(kind: type[SurfaceChemError]) -> None:
    """Each class keeps thing, finding, rule, advice and place through printing and pickling."""
    where = Location(file="a.csv", line=3, column=5, text="1,2 x,3")
    error = kind("column 'x'", found="'2 x'", allowed="a number", advice="write 2", where=where)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert type(copy) is kind
    assert str(copy) == (
        "a.csv:3:5: column 'x': found '2 x'\n  | 1,2 x,3\n  |     ^\n  allowed: a number\n  instead: write 2"
    )


def test_tree_in_the_docstring_names_every_class() -> None:
    """The tree drawn on top of the module lists the classes that exist, with their built-in parents."""
    assert errors.__doc__ is not None
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__)) | {"SurfaceChemError"}
    assert drawn == {kind.__name__ for kind in CLASSES} | {"Faults"}


def test_errors_are_also_the_built_in_a_caller_expects() -> None:
    """A caller who knows only Python catches them too."""
    assert issubclass(UnitError, ValueError)
    assert issubclass(errors.UnknownNameError, LookupError)
    assert issubclass(errors.MissingExtraError, ImportError)


def test_one_fault_is_raised_as_itself_and_several_together() -> None:
    """A single fault keeps its class; several travel in one error that prints all and pickles."""
    first, second = UnitError("unit 'a'"), DataError("row 2")
    with pytest.raises(UnitError, match="unit 'a'"):
        errors.raise_all([first])
    with pytest.raises(Faults, match="unit 'a'\nrow 2") as caught:
        errors.raise_all([first, second])
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 (our own bytes)
    assert [type(fault) for fault in copy.faults] == [UnitError, DataError]
    errors.raise_all([])


def test_excerpt_hides_control_characters_and_long_lines() -> None:
    """A hostile line cannot move the caret, ring the bell or flood the screen."""
    shown = Location(file="f", line=1, column=2, text="a\x1b[31m" + "x" * 1000).excerpt()
    assert "\x1b" not in shown
    assert len(shown) < 400
