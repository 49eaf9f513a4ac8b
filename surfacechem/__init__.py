"""Ligand-exchange equilibria and surface chemistry of semiconductor clusters and nanocrystals."""
