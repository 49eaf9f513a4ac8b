"""Equilibrium constants that carry their convention, standard state, temperature and source.

Two traps are closed here. On a 51-site shell the first stepwise constant is 51 times the per-site one; and the free
energy of a binding constant moves by RT ln 12.5 = 6 kJ/mol between 1 mol/L and mole fraction in a 12.5 mol/L solvent.
Constants convert by methods that are told what they need, and refuse to be combined unconverted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from surfacechem.chem.convention import BY_USER, Convention, EvidenceLevel, Role, Source, StandardState
from surfacechem.chem.mixing import is_same_temperature, refuse_mixing
from surfacechem.constants import GAS_CONSTANT, LN10, STANDARD_TEMPERATURE
from surfacechem.errors import ConventionError

__all__ = [
    "Convention",
    "EquilibriumConstant",
    "EvidenceLevel",
    "GibbsEnergy",
    "Role",
    "Source",
    "StandardState",
    "constant_name",
    "known_as",
]


@dataclass(frozen=True, kw_only=True)
class EquilibriumConstant:
    """A constant of one reaction or conformer equilibrium; never a bare float.

    Attributes
    ----------
    name : str
        ``"K[X1]"``, ``"L0[beta]"``.
    log10_value : float, optional
        Decimal logarithm of the value in mol/L based units; None: unknown, to be fitted.
    molar_exponent : Fraction
        Power of mol/L in the unit: -1 for 1/M.
    log10_stderr : float, optional
        Gaussian prior on log10 K (from ``+/-``).
    log10_bounds : tuple of float, optional
        Lower and upper bound on log10 K (from ``a..b``).
    tied_to : str, optional
        Name of the constant it equals when `role` is TIED, times `tied_factor`.
    tied_factor : float
        A statistical factor, 0.25 in ``K[12] = K[11] / 4``.
    enthalpy, entropy : float, optional
        Standard reaction enthalpy [J/mol] and entropy [J/(mol K)].
    temperature : float, optional
        Temperature of the value [K]; None: that of the model.
    unit : str
        Kernel unit of what is no equilibrium constant, ``"eV"``; else `molar_exponent` gives it.
    step : int
        Which stepwise constant of the particle it is (PER_PARTICLE only), from 1.

    Examples
    --------
    >>> per_site = EquilibriumConstant.of(2.0, convention=Convention.PER_SITE)
    >>> round(per_site.per_particle(n_sites=51).value), round(per_site.per_particle(n_sites=51, step=51).value, 4)
    (102, 0.0392)
    """

    name: str
    log10_value: float | None = None
    convention: Convention = Convention.SOLUTION
    standard_state: StandardState = StandardState.MOLAR
    molar_exponent: Fraction = Fraction(0)
    role: Role = Role.FREE
    log10_stderr: float | None = None
    log10_bounds: tuple[float, float] | None = None
    tied_to: str | None = None
    tied_factor: float = 1.0
    enthalpy: float | None = None
    entropy: float | None = None
    temperature: float | None = None
    source: Source = BY_USER
    unit: str = ""
    step: int = 1

    @classmethod
    def of(
        cls,
        value: float,
        *,
        name: str = "K",
        convention: Convention = Convention.SOLUTION,
        molar_exponent: Fraction | int = 0,
        temperature: float | None = None,
        source: Source | None = None,
    ) -> EquilibriumConstant:
        """Return a fixed constant of `value` [mol/L to the power of `molar_exponent`], standard state 1 mol/L.

        Raises
        ------
        ConventionError
            If the value is not a positive finite number.
        """
        if not (math.isfinite(value) and value > 0):
            raise ConventionError(f"constant {name}", found=f"{value!r}", allowed="positive finite numbers")
        return cls(
            name=name,
            log10_value=math.log10(value),
            convention=convention,
            molar_exponent=Fraction(molar_exponent),
            role=Role.FIXED,
            temperature=temperature,
            source=source or BY_USER,
        )

    @property
    def known_log10(self) -> float:
        """Decimal logarithm of the value; raises ConventionError where the constant is unknown."""
        if self.log10_value is None:
            raise ConventionError(
                f"constant {self.name}", found="no value", allowed="a known constant", advice="fit it or give a value"
            )
        return self.log10_value

    @property
    def value(self) -> float:
        """The value [mol/L to the power of `molar_exponent`, or in mole fractions]."""
        return float(10.0**self.known_log10)

    @property
    def ln_value(self) -> float:
        """Natural logarithm of the value."""
        return self.known_log10 * LN10

    @property
    def energy(self) -> float | None:
        """The energy RT ln of it [J/mol] of a coupling or a fitted enthalpy; None where it is unknown."""
        if self.log10_value is None or not self.convention.is_energy:
            return None
        return GAS_CONSTANT * (self.temperature or STANDARD_TEMPERATURE) * self.ln_value

    # --- Per site and per particle -----------------------------------------------------------------------

    def per_particle(self, *, n_sites: float, step: int = 1) -> EquilibriumConstant:
        """Return the stepwise constant of the particle, K (N - n + 1)/n for step n of N identical sites.

        Raises
        ------
        ConventionError
            If this is no per-site constant, or there is no such step.
        """
        self._require(Convention.PER_SITE, "per_site(n_sites=...) first")
        return self._shifted(
            math.log10(_statistical_factor(n_sites, step)), convention=Convention.PER_PARTICLE, step=step
        )

    def per_site(self, *, n_sites: float) -> EquilibriumConstant:
        """Return the per-site constant of a stepwise one.

        Raises
        ------
        ConventionError
            If this is no stepwise constant of a particle.
        """
        self._require(Convention.PER_PARTICLE, "per_particle(n_sites=...) first")
        return self._shifted(
            -math.log10(_statistical_factor(n_sites, self.step)), convention=Convention.PER_SITE, step=1
        )

    # --- Standard states ---------------------------------------------------------------------------------

    def to_mole_fraction(self, *, solvent: float) -> EquilibriumConstant:
        """Return the constant in mole fractions, x = c/`solvent`, for a solvent of molarity `solvent` [mol/L].

        Raises
        ------
        ConventionError
            If it is in mole fractions already.
        """
        self._require_state(StandardState.MOLAR)
        return self._shifted(
            -float(self.molar_exponent) * math.log10(solvent), standard_state=StandardState.MOLE_FRACTION
        )

    def to_molar(self, *, solvent: float) -> EquilibriumConstant:
        """Return the constant in mol/L, for a solvent of molarity `solvent` [mol/L].

        Raises
        ------
        ConventionError
            If it is in mol/L already.
        """
        self._require_state(StandardState.MOLE_FRACTION)
        return self._shifted(float(self.molar_exponent) * math.log10(solvent), standard_state=StandardState.MOLAR)

    # --- Temperature and energy --------------------------------------------------------------------------

    def at(self, temperature: float) -> EquilibriumConstant:
        """Return the constant with its bounds and its prior at another temperature [K].

        dH is constant (van 't Hoff). The coupling of neighbours is an energy that is the same at every temperature,
        ln W = w/RT, and so is a fitted dH.

        Raises
        ------
        ConventionError
            If its enthalpy is unknown while the temperatures differ.
        """
        if self.temperature is None or is_same_temperature(self.temperature, temperature):
            return replace(self, temperature=temperature)
        if self.convention.is_energy:
            return self._energy_at(temperature)
        if self.enthalpy is None:
            raise ConventionError(
                f"constant {self.name}",
                found=f"a value at {self.temperature:g} K without dH",
                allowed=f"a value at {temperature:g} K, or dH to bring it there",
                advice="add dH, e.g. dH = -35 kJ/mol",
            )
        slope = -self.enthalpy / (GAS_CONSTANT * LN10)
        return self._shifted(slope * (1 / temperature - 1 / self.temperature), temperature=temperature)

    def _energy_at(self, temperature: float) -> EquilibriumConstant:
        factor = (self.temperature or temperature) / temperature
        value, stderr, bounds = self.log10_value, self.log10_stderr, self.log10_bounds
        return replace(
            self,
            log10_value=None if value is None else factor * value,
            log10_stderr=None if stderr is None else factor * stderr,
            log10_bounds=None if bounds is None else (factor * bounds[0], factor * bounds[1]),
            temperature=temperature,
        )

    def gibbs_energy(self, temperature: float | None = None) -> GibbsEnergy:
        """Return -RT ln K with its standard state; `temperature` [K] only where the constant carries none.

        Raises
        ------
        ConventionError
            If no temperature is known, or the constant is of another one.
        """
        chosen = self.temperature if temperature is None else temperature
        if chosen is None:
            raise ConventionError(
                f"free energy of {self.name}", found="no temperature", advice="write gibbs_energy(298.15)"
            )
        at_temperature = self.at(chosen)
        return GibbsEnergy(
            value=-GAS_CONSTANT * chosen * at_temperature.ln_value,
            temperature=chosen,
            standard_state=self.standard_state,
            convention=self.convention,
            molar_exponent=self.molar_exponent,
            step=self.step,
        )

    # --- Combination -------------------------------------------------------------------------------------

    def __mul__(self, other: EquilibriumConstant) -> EquilibriumConstant:
        """Return the constant of the summed reactions.

        Raises
        ------
        ConventionError
            If convention, standard state or temperature differ.
        """
        return self._combined(other, sign=1, name=f"{self.name} {other.name}")

    def __truediv__(self, other: EquilibriumConstant) -> EquilibriumConstant:
        """Return the constant of the difference of the reactions.

        Raises
        ------
        ConventionError
            If convention, standard state or temperature differ.
        """
        return self._combined(other, sign=-1, name=f"{self.name}/{other.name}")

    def _combined(self, other: EquilibriumConstant, *, sign: int, name: str) -> EquilibriumConstant:
        refuse_mixing(self, other)
        surface = self if other.convention is Convention.SOLUTION else other
        return EquilibriumConstant(
            name=name,
            log10_value=self.known_log10 + sign * other.known_log10,
            convention=surface.convention,
            step=surface.step,
            standard_state=self.standard_state,
            molar_exponent=self.molar_exponent + sign * other.molar_exponent,
            role=Role.FIXED,
            temperature=self.temperature if self.temperature is not None else other.temperature,
            source=Source(level=EvidenceLevel.DERIVED, reference=name),
        )

    def _shifted(self, log10_factor: float, **changes: object) -> EquilibriumConstant:
        """Return the constant times a factor, its bounds moved along."""
        bounds = self.log10_bounds
        return replace(
            self,
            log10_value=None if self.log10_value is None else self.log10_value + log10_factor,
            log10_bounds=None if bounds is None else (bounds[0] + log10_factor, bounds[1] + log10_factor),
            **changes,  # type: ignore[arg-type]  # the callers above name fields of this record
        )

    def _require(self, convention: Convention, advice: str) -> None:
        if self.convention is not convention:
            raise ConventionError(
                f"constant {self.name}",
                found=f"convention '{self.convention}'",
                allowed=f"convention '{convention}'",
                advice=f"call {advice}" if self.convention is not Convention.SOLUTION else "no site takes part in it",
            )

    def _require_state(self, state: StandardState) -> None:
        if self.standard_state is not state:
            raise ConventionError(
                f"constant {self.name}",
                found=f"standard state '{self.standard_state}'",
                allowed=f"standard state '{state}'",
                advice="it needs no conversion",
            )


@dataclass(frozen=True, kw_only=True)
class GibbsEnergy:
    """A standard reaction free energy [J/mol]; it means nothing without its standard state.

    Examples
    --------
    >>> aniline = EquilibriumConstant.of(150.0, molar_exponent=-1)
    >>> round(aniline.gibbs_energy(298.15).value / 1e3, 1)
    -12.4
    >>> round(aniline.to_mole_fraction(solvent=12.5).gibbs_energy(298.15).value / 1e3, 1)
    -18.7
    """

    value: float
    temperature: float
    standard_state: StandardState = StandardState.MOLAR
    convention: Convention = Convention.SOLUTION
    molar_exponent: Fraction = Fraction(0)
    step: int = 1

    def constant(self, name: str = "K") -> EquilibriumConstant:
        """Return exp(-dG/RT) as a constant of the same convention and standard state."""
        return EquilibriumConstant(
            name=name,
            log10_value=-self.value / (GAS_CONSTANT * self.temperature * LN10),
            convention=self.convention,
            standard_state=self.standard_state,
            molar_exponent=self.molar_exponent,
            role=Role.FIXED,
            temperature=self.temperature,
            step=self.step,
        )

    def __sub__(self, other: GibbsEnergy) -> float:
        """Return the difference [J/mol].

        Raises
        ------
        ConventionError
            If convention, standard state or temperature differ.
        """
        refuse_mixing(self.constant("dG"), other.constant("the other dG"))
        return self.value - other.value

    def __str__(self) -> str:
        """Return value, standard state and temperature."""
        return f"{self.value / 1e3:.2f} kJ/mol (standard state {self.standard_state}, {self.temperature:g} K)"


def constant_name(name: str) -> str:
    """Return the constant that a name means: ``w[X1]`` is the energy of ``W[X1] = exp(w/RT)``; others: themselves."""
    return f"W{name[1:]}" if name.startswith("w[") else name


def known_as(name: str) -> str:
    """Return the name to show for a constant: a coupling ``W[X1]`` goes by its energy ``w[X1]``."""
    return f"w{name[1:]}" if name.startswith("W[") else name


def _statistical_factor(n_sites: float, step: int) -> float:
    """Return (N - n + 1)/n."""
    factor = (n_sites - step + 1) / step if step >= 1 else 0.0
    if factor <= 0:
        raise ConventionError(
            f"step {step} on {n_sites:g} sites", allowed=f"steps 1 to {math.floor(n_sites)}", advice="correct the step"
        )
    return factor
