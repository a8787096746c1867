"""Linear models on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.mllib import saved
from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext


class Optional(ModelObject):
    """A value that may be missing."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self._value = value

    def get(self) -> Any:
        """Return the value, None if there is none."""
        return self._value

    def isDefined(self) -> bool:
        """Return whether there is one."""
        return self._value is not None


class LinearModel(ModelObject):
    """Weights and an intercept.

    Parameters
    ----------
    weights : Vector
        The weights.
    intercept : float
        The intercept.
    """

    JAVA_CLASS = ""

    def __init__(self, weights: Any, intercept: float) -> None:
        super().__init__()
        self._weights, self._intercept = weights, float(intercept)

    def weights(self) -> Any:
        """Return the weights."""
        return self._weights

    def intercept(self) -> float:
        """Return the intercept."""
        return self._intercept

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        rows = [(self._weights, self._intercept)]
        schema = saved.fields(weights=saved.VECTOR, intercept="double")
        saved.write(sc, path, self.JAVA_CLASS, "1.0", {"numFeatures": len(self._weights)}, rows, schema)

    @classmethod
    def load(cls, sc: SparkContext, path: str) -> LinearModel:
        """Read what `save` or Spark wrote."""
        saved.metadata(sc, path, cls.JAVA_CLASS)
        row: Any = saved.data(sc, path).first()
        return cls(row["weights"], row["intercept"])


class LinearRegressionModel(LinearModel):
    """Of least squares."""

    JAVA_CLASS = "org.apache.spark.mllib.regression.LinearRegressionModel"


class LassoModel(LinearModel):
    """Of least squares with an L1 penalty."""

    JAVA_CLASS = "org.apache.spark.mllib.regression.LassoModel"


class RidgeRegressionModel(LinearModel):
    """Of least squares with an L2 penalty."""

    JAVA_CLASS = "org.apache.spark.mllib.regression.RidgeRegressionModel"


class Classifier(LinearModel):
    """A linear model that tells classes.

    Parameters
    ----------
    weights : Vector
        The weights.
    intercept : float
        The intercept.
    features : int, optional
        Number of features. Default: that of weights.
    classes : int, default 2
        Number of classes.
    threshold : float or None
        From where on an example is of the second of two classes.
    """

    THRESHOLD = 0.0

    def __init__(
        self, weights: Any, intercept: float, features: int | None = None, classes: int = 2, threshold: Any = ...
    ) -> None:
        super().__init__(weights, intercept)
        self._features = len(weights) if features is None else features
        self._classes = classes
        self._threshold = self.THRESHOLD if threshold is ... else threshold

    def numFeatures(self) -> int:
        """Return the number of features."""
        return self._features

    def numClasses(self) -> int:
        """Return the number of classes."""
        return self._classes

    def getThreshold(self) -> Optional:
        """Return from where on an example is of the second class."""
        return Optional(self._threshold)

    def setThreshold(self, value: float) -> None:
        """Say from where on an example is of the second class."""
        self._threshold = value

    def clearThreshold(self) -> None:
        """Let predictions be raw scores."""
        self._threshold = None

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        metadata = {"numFeatures": self._features, "numClasses": self._classes}
        rows = [(self._weights, self._intercept, self._threshold)]
        schema = saved.fields(weights=saved.VECTOR, intercept="double", threshold="double")
        saved.write(sc, path, self.JAVA_CLASS, "1.0", metadata, rows, schema)

    @classmethod
    def load(cls, sc: SparkContext, path: str) -> Classifier:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, cls.JAVA_CLASS)
        row: Any = saved.data(sc, path).first()
        return cls(row["weights"], row["intercept"], metadata["numFeatures"], metadata["numClasses"], row["threshold"])


class LogisticRegressionModel(Classifier):
    """Of logistic regression."""

    JAVA_CLASS = "org.apache.spark.mllib.classification.LogisticRegressionModel"
    THRESHOLD = 0.5


class SVMModel(Classifier):
    """Of support vectors."""

    JAVA_CLASS = "org.apache.spark.mllib.classification.SVMModel"


_MODELS = (LinearRegressionModel, LassoModel, RidgeRegressionModel, LogisticRegressionModel, SVMModel)
CLASSES = {model.JAVA_CLASS.removeprefix("org.apache.spark.mllib."): model for model in _MODELS}
