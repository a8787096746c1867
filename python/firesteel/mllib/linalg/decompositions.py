"""Answers of decompositions."""

from __future__ import annotations

from typing import Any

from firesteel.mllib.java import ModelObject


class SingularValueDecomposition(ModelObject):
    """Left vectors as a distributed matrix (None if not asked for), singular values, right vectors."""

    def __init__(self, left: Any, values: Any, right: Any) -> None:
        super().__init__()
        self._left, self._values, self._right = left, values, right

    def U(self) -> Any:
        """Return the left singular vectors."""
        return self._left

    def s(self) -> Any:
        """Return the singular values, the largest first."""
        return self._values

    def V(self) -> Any:
        """Return the right singular vectors."""
        return self._right


class QRDecomposition(ModelObject):
    """Q as a distributed matrix (None if not asked for), and R."""

    def __init__(self, q: Any, r: Any) -> None:
        super().__init__()
        self._q, self._r = q, r

    def Q(self) -> Any:
        """Return Q."""
        return self._q

    def R(self) -> Any:
        """Return R."""
        return self._r
