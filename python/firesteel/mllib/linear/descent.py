"""Minimizers of the older API: gradient descent over samples, and L-BFGS; over examples at the driver.

Examples are packed into arrays in workers and stay at the driver while iterations run, so that an iteration is no job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firesteel.mllib.worker.examples import Examples, pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.rdd.core import RDD


def load(data: RDD[Any]) -> list[Examples]:
    """Return an RDD of ``LabeledPoint`` as arrays, one per partition."""
    return data.mapPartitions(pack).collect()


def with_bias(examples: list[Examples]) -> list[Examples]:
    """Return the examples with one more feature that is always 1."""
    return [part.with_bias() for part in examples]


class Penalty:
    """A penalty of weights and the step of gradient descent that goes with it.

    Parameters
    ----------
    kind : str or None
        ``l1``, ``l2``, None or ``none``.
    factor : float
        How much it counts.
    """

    def __init__(self, kind: str | None, factor: float) -> None:
        if kind not in ("l1", "l2", "none", None):
            raise ValueError(
                "Invalid value for 'regType' parameter. Can only be initialized using the following string values: ['l1', 'l2', None]."
            )
        self.kind, self.factor = kind, factor

    def step(self, weights: Any, gradient: Any, size: float) -> Any:
        """Return the weights after a step of a size."""
        if self.kind == "l1":
            moved = weights - size * gradient
            return np.sign(moved) * np.maximum(np.abs(moved) - self.factor * size, 0.0)
        if self.kind == "l2":
            return weights * (1.0 - size * self.factor) - size * gradient
        return weights - size * gradient

    def value(self, weights: Any) -> float:
        """Return the penalty."""
        if self.kind == "l1":
            return self.factor * float(np.abs(weights).sum())
        return 0.5 * self.factor * float(weights @ weights) if self.kind == "l2" else 0.0

    def gradient(self, weights: Any) -> Any:
        """Return the penalty's gradient, as far as a step of size one goes."""
        return weights - self.step(weights, 0.0, 1.0)


def descend(
    examples: list[Examples],
    slope: Callable[[Any, Any], Any],
    penalty: Penalty,
    weights: Any,
    iterations: int,
    step: float,
    fraction: float,
    tolerance: float,
) -> Any:
    """Return weights after gradient descent with steps that shrink by the root of the iteration's number.

    Parameters
    ----------
    examples : list of Examples
        The data.
    slope : callable
        Margins and labels → how much the features of each example count in the gradient.
    penalty : Penalty
        What large weights cost.
    weights : ndarray
        Where it begins.
    iterations : int
        How many at most.
    step : float
        Size of the first step.
    fraction : float
        Part of the examples that an iteration looks at.
    tolerance : float
        It ends when a step is shorter than this part of the weights' length, or of one.
    """
    previous = None
    for iteration in range(1, iterations + 1):
        gradient, count = np.zeros(len(weights)), 0
        generator = np.random.default_rng(42 + iteration)
        for part in examples:
            seen = part if fraction >= 1.0 else part.some(generator.random(len(part)) < fraction)
            gradient += seen.weighted(slope(seen.times(weights), seen.labels))
            count += len(seen)
        if not count:
            continue
        weights = penalty.step(weights, gradient / count, step / np.sqrt(iteration))
        if previous is not None:
            moved = float(np.linalg.norm(previous - weights))
            if moved < tolerance * max(float(np.linalg.norm(weights)), 1.0):
                break
        previous = weights
    return weights


def minimize(
    function: Callable[[Any], tuple[float, Any]], start: Any, corrections: int, tolerance: float, iterations: int
) -> Any:
    """Return where a smooth function is smallest, by L-BFGS.

    Parameters
    ----------
    function : callable
        Weights → value and gradient.
    start : ndarray
        Where it begins.
    corrections : int
        How many steps are remembered.
    tolerance : float
        It ends when value or gradient change by less, in relation to the value.
    iterations : int
        How many at most.
    """
    weights = start
    value, gradient = function(weights)
    memory: list[tuple[Any, Any]] = []
    for _ in range(iterations):
        if np.linalg.norm(gradient) <= tolerance * max(abs(value), 1e-8):
            break
        direction = _direction(gradient, memory)
        length = 1.0 if memory else min(1.0, 1.0 / float(np.linalg.norm(gradient)))
        descent = float(direction @ gradient)
        low, high = 0.0, np.inf
        for _ in range(40):
            # Until the conditions of Wolfe hold.
            moved = weights + length * direction
            new_value, new_gradient = function(moved)
            if new_value > value + 1e-4 * length * descent:
                high = length
            elif new_gradient @ direction < 0.9 * descent:
                low = length
            else:
                break
            length = (low + high) / 2 if np.isfinite(high) else 2 * length
        if not new_value < value:
            break
        memory = [*memory, (moved - weights, new_gradient - gradient)][-corrections:]
        improvement = value - new_value
        weights, value, gradient = moved, new_value, new_gradient
        if improvement <= tolerance * 1e-3 * abs(value):
            break
    return weights


def _direction(gradient: Any, memory: list[tuple[Any, Any]]) -> Any:
    found = -gradient
    factors = []
    for step, change in reversed(memory):
        factor = (step @ found) / (step @ change)
        found = found - factor * change
        factors.append(factor)
    if memory:
        step, change = memory[-1]
        found = found * ((step @ change) / (change @ change))
    for (step, change), factor in zip(memory, reversed(factors), strict=True):
        found = found + step * (factor - (change @ found) / (step @ change))
    return found
