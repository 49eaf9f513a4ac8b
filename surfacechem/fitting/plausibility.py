"""Whether data and answer can be what they are taken for: slips of the decimal point, wrong units, lost species."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.display import Fact, Tone, round_number, si_prefix
from surfacechem.fitting.banded import SCALE
from surfacechem.fitting.deletion import outlier_chance, row_freedom
from surfacechem.fitting.rank import explained_rank, find_rank
from surfacechem.fitting.techniques import BASELINE, BLANKS, DRIFT
from surfacechem.fitting.weighting import equal_columns
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from surfacechem.fitting.facts import Evidence
    from surfacechem.fitting.result import DatasetFit, SignalFit

    Floats = NDArray[np.float64]

__all__ = ["components", "exchanges", "negatives", "scales", "slips"]

MISSING_COMPONENT = (
    "Another species that is seen, a drifting baseline, or noise that channels share: look at the residuals and "
    "compare models."
)
SPARE_COMPONENT = "What the model has more cannot be told from noise: fewer species may do, compare models."
ALIKE = 2.0
"""Mean squared difference of two spectra, in units of their errors, below which they look alike."""

N_NEIGHBOURS = 2
AGREEING = 2.0
"""Neighbours that differ by more than this factor suggest nothing."""
CLEAR = 3.0
"""Standard errors above which an amplitude is known to be there."""
FAR_OFF = 20.0
"""Times the usual distance from its neighbours that a slip is off."""
LESSER = 0.1
"""Share of the largest slip below which others of a signal are not named."""
MISSED = 4.0
"""Times the usual residual that the fit must miss a slip by."""
POWERS = (1, 2, 3)
SLIP_ATOL = {1: 0.05, 2: 0.15, 3: 0.15}
"""How near log10 of the ratio to the neighbours must be to a whole number."""
FEWEST_ORDERED = 5
ORDER_RTOL = 1e-9
"""Amounts that differ by less of the largest are equal: volumes are added up."""
MOST_NAMED = 3
MOST_EXCHANGED = 200
"""Of more points every pair costs much and says little."""
IMPROBABLE = 1e-3

# Rules of thumb, wide enough that no measurement known to us is outside, and narrow enough for a factor of 1000.
LARGEST_MOLAR_ABSORPTION = 1e6  # L/(mol cm), molecules; the strongest dyes have some 3e5
LARGEST_CLUSTER_ABSORPTION = 1e9
SMALLEST_MOLAR_ABSORPTION = 10.0  # of the strongest band that is seen; weaker ones are forbidden transitions
BLANK_LABELS = frozenset({SCALE, BASELINE, DRIFT, *BLANKS})
"""Amplitudes that are those of no entity."""
LARGEST_HEAT = 1e6  # J/mol; beyond, a covalent bond would have been made
LEAST_SEEN_BY_NMR = 2e-5  # mol/L, largest concentration of all
USUAL_MOST = 0.5  # mol/L, of what is scarce
UNITS = "Check the units of amounts and signals (mmol/L for umol/L, mL for L); if right, say so: --allow scale."


def components(evidence: Evidence) -> Iterator[Fact]:
    """Say whether the data hold as many independent components as the model explains."""
    for data in evidence.datasets:
        for signal in data.signals:
            if signal.axis is not None and signal.components == (SCALE,):
                continue  # spectra of moving bands have as many components as noise lets one see
            rank = find_rank(
                signal.measured,
                amounts=data.amounts,
                sigma=signal.sigma,
                name=signal.name,
                technique=signal.technique,
            )
            explained = explained_rank(signal)
            if rank is None or (rank.is_exhausted and rank.n_components <= explained):
                continue
            where = f"{data.name}: " if len(evidence.datasets) > 1 else ""
            is_missing, is_spare = rank.n_components > explained, rank.n_components + rank.n_rough < explained
            alike = _alike(signal) if is_spare else ""
            yield Fact(
                name="components",
                tone=Tone.WARNING if is_missing else Tone.NOTE if is_spare else Tone.GOOD,
                sentence=f"{where}{rank.sentence}; the model has {explained}.{alike}",
                advice=MISSING_COMPONENT if is_missing else SPARE_COMPONENT if is_spare else "",
            )


def _alike(signal: SignalFit) -> str:
    """Name two components whose amplitudes are the same within their errors."""
    values, errors = signal.amplitudes, signal.amplitude_stderr
    for first in range(len(values)):
        for second in range(first):
            spread = errors[first] ** 2 + errors[second] ** 2
            is_known = np.isfinite(spread) & (spread > 0)
            squares = (values[first] - values[second])[is_known] ** 2 / spread[is_known]
            if squares.size and squares.mean() < ALIKE:
                return f" {signal.components[second]} and {signal.components[first]} look alike."
    return ""


def slips(evidence: Evidence) -> Iterator[Fact]:
    """Name values that are a power of ten away from their neighbours, whatever model is fitted."""
    for data in evidence.datasets:
        found = [each for signal in data.signals for each in _slips(data, signal)]
        for channel, label, value, usual, power in found[:MOST_NAMED]:
            times = f"{10**power} times" if power > 0 else f"1/{10**-power} of"
            yield Fact(
                name="slip",
                tone=Tone.WARNING,
                sentence=f"{data.name}: '{channel}' of point {label} ({round_number(value)}) is about {times} what its "
                f"neighbours suggest ({round_number(usual)}).",
                advice="Look for a slip of the decimal point, or of the unit, in this cell.",
            )
        yield from _disorder(data)


def _disorder(data: DatasetFit) -> Iterator[Fact]:
    """Name amounts out of the order that all others of their feed keep, as of a titrant 0, 1, 2000, 3, 4 mmol/L."""
    stated = data.amounts if data.stated is None else data.stated
    for feed, column in zip(data.feeds, stated.T, strict=True):
        for point in _out_of_order(column):
            power = _mending_power(column, point)
            between = f"{_amount(column[point - 1])} and {_amount(column[point + 1])}"
            if power is None and column[point - 1] == column[point + 1]:
                continue
            cure = (
                "" if power is None else f"; {f'1/{10**power}' if power > 0 else f'{10**-power} times'} of it would fit"
            )
            yield Fact(
                name="slip",
                tone=Tone.WARNING,
                sentence=f"{data.name}: {_amount(column[point])} of {feed} at point {data.labels[point]} stands "
                f"between {between}, where all other points are in order{cure}.",
                advice="Look for a typing error in this row, or say in which order the points were made.",
            )


def _out_of_order(amounts: Floats) -> list[int]:
    """Return the one point without which all amounts rise or fall; none where there is no such point, or a choice."""
    if len(amounts) < FEWEST_ORDERED or not np.isfinite(amounts).all() or (amounts == 0).all():
        return []
    inner = range(1, len(amounts) - 1)
    found = [point for point in inner if amounts[point] > 0 and _is_ordered(np.delete(amounts, point))]
    return found if len(found) == 1 and not _is_ordered(amounts) else []


def _is_ordered(amounts: Floats) -> bool:
    steps = np.diff(amounts)
    slack = ORDER_RTOL * np.abs(amounts).max()
    return bool((steps >= -slack).all() or (steps <= slack).all())


def _mending_power(amounts: Floats, point: int) -> int | None:
    """Return the power of ten by which the amount of a point is off, where its neighbours then enclose it."""
    low, high = sorted((amounts[point - 1], amounts[point + 1]))
    powers = (sign * power for power in POWERS for sign in (1, -1))
    slack = 10.0 ** SLIP_ATOL[1]
    return next((power for power in powers if low / slack <= amounts[point] / 10.0**power <= high * slack), None)


def _amount(value: float) -> str:
    factor, unit = si_prefix(float(value), "mol/L")
    return str(round_number(float(value) * factor, unit=unit))


def _slips(data: DatasetFit, signal: SignalFit) -> Iterator[tuple[str, str, float, float, int]]:
    """Yield channel, point, value, median of the neighbours, and the power of ten between them."""
    is_seen = np.isfinite(signal.measured)
    for channels in equal_columns(is_seen):
        seen = np.flatnonzero(is_seen[:, channels[0]])
        if len(seen) < 2 * N_NEIGHBOURS + 1:
            continue
        series = signal.measured[np.ix_(seen, channels)]
        around = _neighbours(series)
        middle = np.nanmedian(around, axis=2)
        away = middle - series
        distance = np.abs(away - np.median(away, axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            log10 = np.log10(series / middle)  # NaN where the signs differ
        is_power = np.any([np.abs(np.abs(log10) - power) < SLIP_ATOL[power] for power in POWERS], axis=0)
        far = FAR_OFF * np.median(distance, axis=0)
        is_slip = is_power & (distance > far) & (np.abs(_straight(series, middle) - series) > far)
        # What the fit describes is no slip: a signal may rise at once, and a curve may pass through zero.
        missed = np.abs(signal.residuals[np.ix_(seen, channels)])
        is_slip &= missed > MISSED * np.nanmedian(np.abs(signal.residuals))
        # A slip bends the constants and the curves of all channels: what seems to be a lesser one is for another fit.
        is_slip &= missed > LESSER * np.where(is_slip, missed, 0.0).max()
        for column, place in np.argwhere(is_slip.T):
            if _agree(around[place, column]):
                value, usual = float(series[place, column]), float(middle[place, column])
                name, label = signal.channels[channels[column]], data.labels[seen[place]]
                yield name, label, value, usual, round(log10[place, column])


def _neighbours(series: Floats) -> Floats:
    """Return the values next to each, shape (n_points, n_channels, 2 N_NEIGHBOURS); NaN beyond the ends."""
    padded = np.pad(series, ((N_NEIGHBOURS, N_NEIGHBOURS), (0, 0)), constant_values=np.nan)
    offsets = [offset for offset in range(2 * N_NEIGHBOURS + 1) if offset != N_NEIGHBOURS]
    return np.stack([padded[offset : offset + len(series)] for offset in offsets], axis=2)


def _straight(series: Floats, middle: Floats) -> Floats:
    """Return what neighbours suggest, at both ends by a straight line: a signal may begin at zero."""
    line = middle.copy()
    line[0], line[-1] = 2 * series[1] - series[2], 2 * series[-2] - series[-3]
    return line


def _agree(around: Floats) -> bool:
    """Tell whether neighbours have one sign and about one size."""
    near = around[np.isfinite(around)]
    size = np.abs(near)
    return bool(abs(np.sign(near).sum()) == len(near) and size.max() <= AGREEING * size.min())


def exchanges(evidence: Evidence) -> Iterator[Fact]:
    """Name two points of a data set whose signals fit far better the other way round.

    The misfit must fall by what exchanging any pair of rows of good data brings in one of a thousand fits, by the test
    that names outliers.
    """
    freedom = row_freedom(evidence.objective) - 1.0
    for data in evidence.datasets:
        if data.weights is not None or not 2 < len(data.labels) <= MOST_EXCHANGED:  # noqa: PLR2004  (more than the pair)
            continue
        crossed = sum((_crossed(signal) for signal in data.signals), np.zeros((len(data.labels),) * 2))
        own, first, second = np.diag(crossed), *np.triu_indices(len(crossed), 1)
        left = own.sum() - own[first] - own[second] + crossed[first, second] + crossed[second, first]
        best = int(np.argmin(left))
        if len(left) * outlier_chance(own.sum(), left[[best]], freedom)[0] < IMPROBABLE:
            one, two = data.labels[first[best]], data.labels[second[best]]
            yield Fact(
                name="exchanged",
                tone=Tone.WARNING,
                sentence=f"{data.name}: the signals of points {one} and {two} look exchanged; the other way round the "
                f"misfit falls by {100 * (1 - left[best] / own.sum()):.3g} %.",
                advice="Compare these rows with the notebook, or with the names of the files.",
            )


def _crossed(signal: SignalFit) -> Floats:
    """Return the squares by which the values of each point (row) miss the curve at each point (column)."""
    scale = signal.sigma if signal.sigma is not None else np.full_like(signal.measured, signal.noise or signal.rmse)
    is_seen = np.isfinite(signal.measured)
    measured, fitted, scale = (np.where(is_seen, each, 1.0) for each in (signal.measured, signal.fitted, scale))
    rows = zip(measured, scale, is_seen, strict=True)
    squares = [np.sum(((value - fitted) / size * (is_seen & seen)) ** 2, axis=1) for value, size, seen in rows]
    is_comparable = [(is_seen == seen).all(axis=1) for seen in is_seen]
    return np.where(is_comparable, squares, np.inf)


def negatives(evidence: Evidence) -> Iterator[Fact]:
    """Say where spectra that may not be negative would be so by more than noise explains.

    Each amplitude that the bound holds at zero raises the misfit by the square of what is normal, if it truly is zero.
    """
    from scipy.special import chdtrc

    objective = evidence.objective
    if not any(block.is_nonnegative for block in objective.blocks):
        return
    free = objective.block_costs(evidence.found.parameters[:1]).squares[0]
    for block, signal, cost, noise in zip(
        objective.blocks, evidence.signals, free, evidence.covariance.noise, strict=True
    ):
        is_held = (signal.amplitudes == 0) & np.isnan(signal.amplitude_stderr)
        if not block.is_nonnegative or not is_held.any():
            continue
        scale = noise if block.sigma is None else block.sigma
        rise = float(np.nansum((signal.residuals / scale) ** 2) - cost / noise**2)
        if chdtrc(int(is_held.sum()), max(rise, 0.0)) < IMPROBABLE:
            worst = signal.components[int(is_held.sum(axis=1).argmax())]
            yield Fact(
                name="negative spectra",
                tone=Tone.WARNING,
                sentence=f"'{signal.name}': without the bound the spectrum of {worst} would be negative by more than "
                "noise explains.",
                advice="No absorber has such a spectrum: another model, another minimum, or a baseline.",
            )


def scales(evidence: Evidence) -> Iterator[Fact]:
    """Say, once per data set, which amounts or amplitudes are no usual ones: as a rule a unit is wrong."""
    has_clusters = bool(evidence.objective.experiments[0].network.system.clusters)
    for data in evidence.datasets:
        said = [
            sentence
            for signal in data.signals
            for sentence in (*_amplitude_scale(signal, has_clusters=has_clusters), *_amount_scale(data, signal))
        ]
        faint = [sentence for signal in data.signals for sentence in _faint(signal)]
        for sentence in (said or faint)[:1]:
            # Forbidden transitions are faint and right; the other numbers nothing has.
            tone = Tone.BAD if said else Tone.WARNING
            yield Fact(name="scale", tone=tone, sentence=f"{data.name}: {sentence}", advice=UNITS)


def _largest_amplitude(signal: SignalFit) -> float | None:
    """Return the largest amplitude that is known to be there."""
    seen = [row for row, label in enumerate(signal.components) if label not in BLANK_LABELS]
    sizes, errors = np.abs(signal.amplitudes[seen]), signal.amplitude_stderr[seen]
    is_known = np.isfinite(errors) & (sizes > CLEAR * errors)
    return float(sizes[is_known].max()) if is_known.any() else None


def _faint(signal: SignalFit) -> Iterator[str]:
    largest = _largest_amplitude(signal)
    if signal.technique is Technique.UV_VIS and largest is not None and largest < SMALLEST_MOLAR_ABSORPTION:
        yield f"'{signal.name}' absorbs {round_number(largest, unit='L/(mol cm)')} at most, less than any dye."


def _amplitude_scale(signal: SignalFit, *, has_clusters: bool) -> Iterator[str]:
    largest = _largest_amplitude(signal)
    if largest is None:
        return
    if signal.technique is Technique.UV_VIS:
        limit = LARGEST_CLUSTER_ABSORPTION if has_clusters else LARGEST_MOLAR_ABSORPTION
        if largest > limit:
            yield f"{round_number(largest, unit='L/(mol cm)')} in '{signal.name}' is more than anything absorbs."
    elif signal.technique is Technique.ITC and largest > LARGEST_HEAT:
        yield f"{round_number(largest / 1e3, unit='kJ/mol')} in '{signal.name}' is more heat than binding gives."


def _amount_scale(data: DatasetFit, signal: SignalFit) -> Iterator[str]:
    largest = data.amounts.max(axis=0)
    largest = np.sort(largest[largest > 0])
    if signal.technique in {Technique.NMR_SHIFT, Technique.NMR_INTEGRAL} and largest[-1] < LEAST_SEEN_BY_NMR:
        yield f"nothing is above {round_number(float(largest[-1]) * 1e6, unit='umol/L')}, too little for NMR to see."
    elif len(largest) > 1 and largest[0] > USUAL_MOST:
        yield f"everything is there at {round_number(float(largest[0]), unit='mol/L')} or more."
