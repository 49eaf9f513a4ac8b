"""Units: text and quantities in, floats in kernel units out, and back; pint lives in this room only."""

from surfacechem.units.convert import ConstantUnit, Quantity, constant_unit, from_kernel, kind_of, quantity, to_kernel
from surfacechem.units.kinds import Kind, display_unit, kernel_unit

__all__ = [
    "ConstantUnit",
    "Kind",
    "Quantity",
    "constant_unit",
    "display_unit",
    "from_kernel",
    "kernel_unit",
    "kind_of",
    "quantity",
    "to_kernel",
]
