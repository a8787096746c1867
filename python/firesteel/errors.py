"""Errors that Firesteel's Python side raises into a PySpark program.

Both are PySpark exceptions, so that ``except PySparkException`` and ``getCondition`` serve them too.
"""

from __future__ import annotations

from pyspark.errors import PySparkAttributeError
from pyspark.errors.exceptions.connect import SparkConnectException


class EngineLostError(SparkConnectException):
    """The embedded engine ended while a session was in use.

    Parameters
    ----------
    how : str
        How it ended, as a part of a sentence.
    """

    def __init__(self, how: str) -> None:
        super().__init__(
            message=(
                f"The Firesteel engine of this session {how}. Its sessions, views and cached data are "
                "gone; SparkSession.builder.getOrCreate() or firesteel.session() starts a new one."
            ),
            errorClass="ENGINE_LOST",
            messageParameters={"how": how},
        )

    def getSqlState(self) -> str:
        """SQLSTATE 08006, connection failure."""
        return "08006"


class UnsupportedFeatureError(PySparkAttributeError):
    """A part of PySpark that needs a JVM, or that Firesteel does not have yet.

    Also an `AttributeError`, so that ``hasattr`` answers ``False``.

    Parameters
    ----------
    feature : str
        What was asked for, as the program wrote it.
    alternative : str
        What to do instead, as a sentence.
    """

    def __init__(self, feature: str, alternative: str) -> None:
        super().__init__(
            message=f"{feature} is not supported by Firesteel. {alternative}",
            errorClass="UNSUPPORTED_FEATURE",
            messageParameters={"feature": feature, "alternative": alternative},
        )

    def getSqlState(self) -> str:
        """SQLSTATE 0A000, feature not supported."""
        return "0A000"
