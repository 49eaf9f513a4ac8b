"""Files in, files out: the boundary where text becomes records and records become text."""

from surfacechem.io.readers import read

__all__ = ["read"]
