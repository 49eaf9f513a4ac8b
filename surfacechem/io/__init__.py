"""Files in, files out: the boundary where text becomes records and records become text."""

from surfacechem.io.catalogue import find_card, list_cards
from surfacechem.io.convert import to_csv
from surfacechem.io.documents import naming, read_json, read_text
from surfacechem.io.readers import read, read_all
from surfacechem.io.templates import TEMPLATES, data_template, model_template
from surfacechem.io.write import claim_folder, refuse_taken, staged_folder, write_bytes, write_json, write_text

__all__ = [
    "TEMPLATES",
    "claim_folder",
    "data_template",
    "find_card",
    "list_cards",
    "model_template",
    "naming",
    "read",
    "read_all",
    "read_json",
    "read_text",
    "refuse_taken",
    "staged_folder",
    "to_csv",
    "write_bytes",
    "write_json",
    "write_text",
]
