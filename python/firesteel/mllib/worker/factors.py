"""Factors of users and products, and what they say of ratings; in workers and at the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


class Factors:
    """Numbers of things, ascending, and a row of factors for each."""

    def __init__(self, numbers: Any, values: Any) -> None:
        self.numbers, self.values = numbers, values

    def of(self, number: Any) -> Any:
        """Return the factors of a thing, None if it is not known."""
        place = int(np.searchsorted(self.numbers, number))
        known = place < len(self.numbers) and self.numbers[place] == number
        return self.values[place] if known else None

    def pairs(self) -> list[tuple[int, list[float]]]:
        """Return numbers and factors."""
        return list(zip(self.numbers.tolist(), self.values.tolist(), strict=True))


class Score:
    """Ratings of pairs that the model knows both sides of."""

    def __init__(self, users: Factors, products: Factors) -> None:
        self.users, self.products = users, products

    def __call__(self, pair: Any) -> Iterator[Any]:
        """Return the rating of a pair, or nothing."""
        from pyspark.mllib.recommendation import Rating

        user, product = int(pair[0]), int(pair[1])
        mine, others = self.users.of(user), self.products.of(product)
        if mine is not None and others is not None:
            yield Rating(user, product, float(mine @ others))


class Recommend:
    """The things with the highest ratings.

    Parameters
    ----------
    others : Factors
        What to choose from.
    number : int
        How many.
    of_products : bool
        Whether what they are chosen for is a product.
    """

    def __init__(self, others: Factors, number: int, of_products: bool) -> None:
        self.others, self.number, self.of_products = others, number, of_products

    def __call__(self, pair: Any) -> tuple[int, tuple[Any, ...]]:
        """Return the best for a number and its factors."""
        from pyspark.mllib.recommendation import Rating

        number, factors = pair
        scores = self.others.values @ np.asarray(factors)
        best = np.argsort(-scores, kind="stable")[: self.number]
        chosen = ((int(self.others.numbers[place]), float(scores[place])) for place in best)
        if self.of_products:
            return number, tuple(Rating(other, number, score) for other, score in chosen)
        return number, tuple(Rating(number, other, score) for other, score in chosen)
