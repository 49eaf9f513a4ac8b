"""What a chemist writes, exact: formulas, clusters, sites, reactions, constants and their checks."""
