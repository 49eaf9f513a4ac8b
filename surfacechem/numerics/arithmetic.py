"""Exponential and logarithm without library calls, so that loops over lanes become vector code.

A call to libm inside a loop stops LLVM's vectoriser. These two are straight-line: range reduction by bit
patterns, a power series, and the exponent put back by an integer addition. Both are good to about one unit in
the last place over the range of normal numbers; arguments outside are clamped, never trapped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from numba import njit
from numba.core import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EXACT", "INNER", "LANE", "exp", "fma", "ln"]

LANE: Final[dict[str, Any]] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",  # a division by zero gives inf; a branch for it would stop the vectoriser
    "fastmath": {"contract"},  # fused multiply-add only: reassociation would undo the rounding tricks below
    "no_cfunc_wrapper": True,  # nobody calls these from C; less to compile
}
INNER: Final[dict[str, Any]] = {**LANE, "no_cpython_wrapper": True}  # for functions that only kernels call
EXACT: Final[dict[str, Any]] = {**LANE, "fastmath": False}  # for error-free transformations

_SHIFTER: Final = 1.5 * 2.0**52  # adding it rounds to an integer, found in the low bits
_SHIFTER_BITS: Final = 0x4338000000000000
_ROOT_HALF_BITS: Final = 0x3FE6A09E667F3BCD
_LOG2_E: Final = 1.4426950408889634
_LN2_HIGH: Final = 6.93147180369123816490e-01  # ln 2 to 33 bits: products with exponents are exact
_LN2_LOW: Final = 1.90821492927058770002e-10
_LOWEST: Final = -708.0
_HIGHEST: Final = 709.0
_SMALLEST: Final = 2.2250738585072014e-308
_LARGEST: Final = 1.7976931348623157e308

_E: Final = tuple(1.0 / math.factorial(n) for n in range(14))
_L: Final = tuple(2.0 / (2 * n + 1) for n in range(12))


@intrinsic
def _bits(typing_context: object, value: object) -> Any:  # noqa: ANN401, ARG001 - numba calls it with types
    """Return the bit pattern of a number as an integer."""

    def generate(context: Any, builder: Any, _: object, args: Any) -> Any:  # noqa: ANN401 - numba's code builder
        return builder.bitcast(args[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@intrinsic
def _number(typing_context: object, bits: object) -> Any:  # noqa: ANN401, ARG001 - numba calls it with types
    """Return the number of a bit pattern."""

    def generate(context: Any, builder: Any, _: object, args: Any) -> Any:  # noqa: ANN401 - numba's code builder
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


@intrinsic
def fma(typing_context: object, a: object, b: object, c: object) -> Any:  # noqa: ANN401, ARG001 - as above
    """Return ``a * b + c`` rounded once."""

    def generate(_: object, builder: Any, __: object, args: Any) -> Any:  # noqa: ANN401 - numba's code builder
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


def _exp(x: float) -> float:
    """Return e**x for x clamped to [-708, 709]."""
    x = min(max(x, _LOWEST), _HIGHEST)
    shifted = x * _LOG2_E + _SHIFTER
    whole = shifted - _SHIFTER
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    # Taylor series to r**13, |r| <= ln(2)/2: the next term is below 4e-18.
    low = (_E[0] + r) + r2 * (_E[2] + _E[3] * r)
    middle = (_E[4] + _E[5] * r) + r2 * (_E[6] + _E[7] * r)
    high = (_E[8] + _E[9] * r) + r2 * (_E[10] + _E[11] * r)
    series = low + r4 * (middle + r4 * (high + r4 * (_E[12] + _E[13] * r)))
    scaled: float = _number(_bits(series) + (_bits(shifted) << 52))
    return scaled


def _ln(x: float) -> float:
    """Return the natural logarithm of x clamped to the normal positive numbers."""
    x = min(max(x, _SMALLEST), _LARGEST)
    bits = _bits(x)
    exponent = (bits - _ROOT_HALF_BITS) >> 52
    fraction = _number(bits - (exponent << 52)) - 1.0
    whole = _number(exponent + _SHIFTER_BITS) - _SHIFTER
    s = fraction / (2.0 + fraction)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    # ln((1+s)/(1-s)) = 2 s (1 + z/3 + z**2/5 ...), |s| <= 0.172: the term left out is below 1e-19.
    low = (_L[1] + _L[2] * z) + z2 * (_L[3] + _L[4] * z)
    high = (_L[5] + _L[6] * z) + z2 * (_L[7] + _L[8] * z)
    series = z * (low + z4 * (high + z4 * ((_L[9] + _L[10] * z) + z2 * _L[11])))
    # 2 s = fraction - s fraction, with the large part kept exact.
    result: float = whole * _LN2_HIGH + (fraction + (s * (series - fraction) + whole * _LN2_LOW))
    return result


_inline: Callable[[Any], Any] = njit(inline="always", **LANE)
exp = _inline(_exp)
ln = _inline(_ln)
