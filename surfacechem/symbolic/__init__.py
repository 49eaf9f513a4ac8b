"""From a written system to exact equations, and through `lower` to the solver's arrays."""
