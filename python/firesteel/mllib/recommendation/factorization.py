"""Ratings as products of factors: ``ALS`` and ``MatrixFactorizationModel``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.errors import IllegalArgumentException
from pyspark.ml.recommendation import ALS
from pyspark.sql.types import FloatType, IntegerType, StructField, StructType

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.factors import Factors, Recommend, Score
from firesteel.rdd.core import RDD

if TYPE_CHECKING:
    from pyspark.mllib.recommendation import Rating

    from firesteel.core.context import SparkContext

_SAVED_CLASS = "org.apache.spark.mllib.recommendation.MatrixFactorizationModel"
_RATINGS = StructType(
    [
        StructField("user", IntegerType(), False),
        StructField("product", IntegerType(), False),
        StructField("rating", FloatType(), False),
    ]
)


class MatrixFactorizationModel(ModelObject):
    """Factors of users and of products.

    Parameters
    ----------
    context : SparkContext
        Where RDDs of them are made.
    users, products : Factors
        The factors.
    """

    def __init__(self, context: SparkContext, users: Factors, products: Factors) -> None:
        super().__init__()
        self._context, self._users, self._products = context, users, products

    def rank(self) -> int:
        """Return the number of factors."""
        return int(self._users.values.shape[1])

    def predict(self, user: Any, product: int | None = None) -> Any:
        """Return the rating of a product by a user, or `Rating` of an RDD of pairs.

        Raises
        ------
        IllegalArgumentException
            The model does not know the user or the product; such pairs of an RDD are left out.
        """
        if isinstance(user, RDD):
            return user.flatMap(Score(self._users, self._products))
        mine, others = self._users.of(user), self._products.of(product)
        if mine is None:
            raise IllegalArgumentException(f"requirement failed: userId: {user} not found in the model")
        if others is None:
            raise IllegalArgumentException(f"requirement failed: productId: {product} not found in the model")
        return float(mine @ others)

    def getUserFeatures(self) -> RDD[Any]:
        """Return the factors of each user."""
        return self._context.parallelize(self._users.pairs())

    def getProductFeatures(self) -> RDD[Any]:
        """Return the factors of each product."""
        return self._context.parallelize(self._products.pairs())

    def recommendProducts(self, user: int, number: int) -> list[Rating]:
        """Return the products that a user would rate highest."""
        return self._best(self._users, user, Recommend(self._products, number, False))

    def recommendUsers(self, product: int, number: int) -> list[Rating]:
        """Return the users that would rate a product highest."""
        return self._best(self._products, product, Recommend(self._users, number, True))

    @staticmethod
    def _best(factors: Factors, number: int, recommend: Recommend) -> list[Rating]:
        found = factors.of(number)
        if found is None:
            raise IllegalArgumentException(f"requirement failed: {number} not found in the model")
        return list(recommend((number, found))[1])

    def wrappedRecommendProductsForUsers(self, number: int) -> RDD[Any]:
        """Return for each user the products that he would rate highest."""
        return self.getUserFeatures().map(Recommend(self._products, number, False))

    def wrappedRecommendUsersForProducts(self, number: int) -> RDD[Any]:
        """Return for each product the users that would rate it highest."""
        return self.getProductFeatures().map(Recommend(self._users, number, True))

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        saved.write_metadata(sc, path, _SAVED_CLASS, "1.0", {"rank": self.rank()})
        schema = saved.fields(id="int", features=saved.DOUBLES)
        for name, factors in (("user", self._users), ("product", self._products)):
            saved.write_data(sc, f"{path}/data/{name}", factors.pairs(), schema)

    @staticmethod
    def load(sc: SparkContext, path: str) -> MatrixFactorizationModel:
        """Read what `save` or Spark wrote."""
        saved.metadata(sc, path, _SAVED_CLASS)
        users, products = (_factors(saved.data(sc, path, f"data/{name}")) for name in ("user", "product"))
        return MatrixFactorizationModel(sc, users, products)


def _factors(frame: Any) -> Factors:
    rows = sorted(frame.select("id", "features").collect())
    return Factors(np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=float))


def _train(ratings: RDD[Any], blocks: int, seed: int | None, **options: Any) -> MatrixFactorizationModel:
    context = ratings.ctx
    if blocks <= 0:
        blocks = max(context.defaultParallelism, ratings.getNumPartitions() // 2)
    estimator = ALS(userCol="user", itemCol="product", ratingCol="rating", **options).setNumBlocks(blocks)
    if seed is not None:
        estimator.setSeed(seed)
    frame = frames.of_rows(ratings, _RATINGS, lambda rating: (int(rating[0]), int(rating[1]), float(rating[2])))
    model: Any = estimator.fit(frame)
    return MatrixFactorizationModel(context, _factors(model.userFactors), _factors(model.itemFactors))


def train(
    ratings: RDD[Any], rank: int, iterations: int, penalty: float, blocks: int, nonnegative: bool, seed: int | None
) -> MatrixFactorizationModel:
    """Factorize ratings."""
    return _train(ratings, blocks, seed, rank=rank, maxIter=iterations, regParam=penalty, nonnegative=nonnegative)


def train_implicit(
    ratings: RDD[Any],
    rank: int,
    iterations: int,
    penalty: float,
    blocks: int,
    alpha: float,
    nonnegative: bool,
    seed: int | None,
) -> MatrixFactorizationModel:
    """Factorize preferences that are as sure as the ratings are high."""
    return _train(
        ratings,
        blocks,
        seed,
        rank=rank,
        maxIter=iterations,
        regParam=penalty,
        alpha=alpha,
        nonnegative=nonnegative,
        implicitPrefs=True,
    )


FUNCTIONS = {"trainALSModel": train, "trainImplicitALSModel": train_implicit}
# The second is what Spark wraps the first in for Python.
CLASSES = {
    "recommendation.MatrixFactorizationModel": MatrixFactorizationModel,
    "api.python.MatrixFactorizationModelWrapper": lambda model: model,
}
