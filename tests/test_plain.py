"""Records as plain values, and the schema of what comes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.api.schema import fit_schema
from surfacechem.cli import main
from surfacechem.testing import simulate_titration

if TYPE_CHECKING:
    from pathlib import Path

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def complaints(value: Any, schema: dict[str, Any], defs: dict[str, Any], path: str = "$") -> list[str]:  # noqa: ANN401
    """Return where a value breaks a schema made of the words that ours uses."""
    if "$ref" in schema:
        return complaints(value, defs[schema["$ref"].rpartition("/")[2]], defs, path)
    if "anyOf" in schema:
        found = [complaints(value, option, defs, path) for option in schema["anyOf"]]
        return min(found, key=len)
    kinds = schema.get("type", list(TYPES))
    allowed = tuple(TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    if not any(isinstance(value, kind) for kind in allowed) or value not in schema.get("enum", [value]):
        return [f"{path}: {value!r:.40} is not {kinds}"]
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        missing = [f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        parts = [(name, known.get(name, others)) for name in value]
        return missing + [bad for name, part in parts for bad in complaints(value[name], part, defs, f"{path}.{name}")]
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [bad for i, each in enumerate(value) for bad in complaints(each, schema["items"], defs, f"{path}[{i}]")]
    return []


@pytest.fixture(scope="module")
def saved() -> dict[str, Any]:
    """Fit a bundled set and return what ``fit.json`` holds."""
    card = sc.find_card("inp-carboxylate-exchange")
    plain = sc.load_model(card.model_path("X exchange")).fit(card.read()).to_dict()
    document: dict[str, Any] = json.loads(json.dumps(plain))
    return document


def test_saved_fit_obeys_its_schema(saved: dict[str, Any]) -> None:
    """Every field of a saved fit has the type that the schema gives it, the result's own fields included."""
    schema = fit_schema()
    assert complaints(saved, schema, schema["$defs"]) == []
    assert {"estimates", "covariance", "versions"} <= set(schema["$defs"]["FitResult"]["required"])


@pytest.mark.parametrize("name", ["result", "model", "data"])
def test_schema_notices_what_is_missing(saved: dict[str, Any], name: str) -> None:
    """A part taken out or replaced breaks the schema."""
    schema = fit_schema()
    cut = {key: value for key, value in saved.items() if key != name}
    assert complaints(cut, schema, schema["$defs"]) == [f"$.{name}: missing"]
    assert complaints(saved | {name: 1}, schema, schema["$defs"])


def test_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The schema needs no files."""
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(fit_schema()))


def test_infinities_survive(tmp_path: Path) -> None:
    """A point that alone tells a constant widens its error infinitely when left out; such fits could not be saved."""
    model = sc.Model(
        "cluster InP37 = In37P20(O2CR)51\nsite In on InP37 : 51 native O2CR\n"
        "X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.3 fit\nX In-O2CR + HSR' <=> In-SR' + HO2CR ; K = 3 fit\n"
        "observe bound = integral(In-O2CR')\nobserve s = integral(In-SR')"
    )
    amounts = {"InP37": np.full(3, 5e-4), "HO2CR'": np.array([0.02, 0.01, 0.0]), "HSR'": np.array([0.0, 0.0, 0.01])}
    fit = model.fit(simulate_titration(model, amounts, seed=2))
    again = sc.load_fit(fit.save(tmp_path / "fit.json"))
    assert fit.result.influence is not None
    assert again.result.influence is not None
    assert np.isinf(fit.result.influence.widened).any()
    np.testing.assert_array_equal(again.result.influence.widened, fit.result.influence.widened)
