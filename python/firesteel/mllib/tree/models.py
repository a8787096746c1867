"""``DecisionTreeModel``, ``RandomForestModel`` and ``GradientBoostedTreesModel``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql.types import ArrayType, BooleanType, DoubleType, IntegerType, StructField, StructType

from firesteel.mllib import saved
from firesteel.mllib.feature.transforming import apply
from firesteel.mllib.java import ModelObject
from firesteel.mllib.tree.text import shown
from firesteel.mllib.worker.trees import Ensemble, Node

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext

_PREDICT = StructType([StructField("predict", DoubleType()), StructField("prob", DoubleType())])
_SPLIT = StructType(
    [
        StructField("feature", IntegerType()),
        StructField("threshold", DoubleType()),
        StructField("featureType", IntegerType()),
        StructField("categories", ArrayType(DoubleType(), False)),
    ]
)
_NODE = StructType(
    [
        StructField("treeId", IntegerType()),
        StructField("nodeId", IntegerType()),
        StructField("predict", _PREDICT),
        StructField("impurity", DoubleType()),
        StructField("isLeaf", BooleanType()),
        StructField("split", _SPLIT),
        StructField("leftNodeId", IntegerType()),
        StructField("rightNodeId", IntegerType()),
        StructField("infoGain", DoubleType()),
    ]
)
_ENSEMBLE = StructType([StructField("treeId", IntegerType()), StructField("node", _NODE)])
# What is not known of a node: trees are told without the impurities that they were grown by.
_UNKNOWN = -1.0


def _algorithm(classifies: bool) -> str:
    return "Classification" if classifies else "Regression"


def _rows(tree: Node, number: int) -> list[tuple[Any, ...]]:
    """Return the nodes of a tree as Spark writes them."""
    rows = []
    for at, node in tree.numbered():
        if node.left is None:
            split: tuple[Any, ...] | None = None
            below: tuple[int | None, int | None] = (None, None)
        else:
            below = (2 * at, 2 * at + 1)
            if node.threshold is not None:
                split = (node.feature, node.threshold, 0, [])
            else:
                split = (node.feature, 0.0, 1, sorted(node.categories or ()))
        rows.append((number, at, (node.prediction, _UNKNOWN), _UNKNOWN, split is None, split, *below, None))
    return rows


def _tree(rows: dict[int, Any], at: int) -> Node:
    """Return the tree of nodes by their numbers."""
    row = rows[at]
    prediction = row["predict"]["predict"]
    if row["isLeaf"]:
        return Node(prediction)
    split = row["split"]
    left, right = _tree(rows, row["leftNodeId"]), _tree(rows, row["rightNodeId"])
    if split["featureType"] == 0:
        return Node(prediction, split["feature"], split["threshold"], None, left, right)
    return Node(prediction, split["feature"], None, frozenset(split["categories"]), left, right)


class DecisionTreeModel(ModelObject):
    """One tree.

    Parameters
    ----------
    root : Node
        The tree.
    classifies : bool
        Whether predictions are classes.
    """

    SAVED_CLASS = "org.apache.spark.mllib.tree.DecisionTreeModel"

    def __init__(self, root: Node, classifies: bool) -> None:
        super().__init__()
        self._root, self._classifies = root, classifies

    def predict(self, vector: Any) -> Any:
        """Return the prediction for a vector, or for an RDD of vectors."""
        return apply(Ensemble([self._root], [1.0], "average", self._classifies), vector)

    def numNodes(self) -> int:
        """Return the number of nodes."""
        return self._root.size()

    def depth(self) -> int:
        """Return how many decisions lie between the root and the deepest leaf."""
        return self._root.depth()

    def toString(self) -> str:
        """Return a line about the tree."""
        kind = "classifier" if self._classifies else "regressor"
        return f"DecisionTreeModel {kind} of depth {self.depth()} with {self.numNodes()} nodes"

    def toDebugString(self) -> str:
        """Return the whole tree."""
        return f"{self.toString()}\n{shown(self._root, 2)}"

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does, without impurities and probabilities."""
        metadata = {"algo": _algorithm(self._classifies), "numNodes": self.numNodes()}
        saved.write(sc, path, self.SAVED_CLASS, "1.0", metadata, _rows(self._root, 0), _NODE)

    @classmethod
    def load(cls, sc: SparkContext, path: str) -> DecisionTreeModel:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, cls.SAVED_CLASS, ("1.0", "3.0"))
        rows = {row["nodeId"]: row for row in saved.data(sc, path).collect()}
        return cls(_tree(rows, min(rows)), metadata["algo"] == "Classification")


class TreeEnsembleModel(ModelObject):
    """Trees that decide together."""

    SAVED_CLASS = ""

    def __init__(self, ensemble: Ensemble) -> None:
        super().__init__()
        self._ensemble = ensemble

    def predict(self, vector: Any) -> Any:
        """Return the prediction for a vector, or for an RDD of vectors."""
        return apply(self._ensemble, vector)

    def numTrees(self) -> int:
        """Return the number of trees."""
        return len(self._ensemble.trees)

    def totalNumNodes(self) -> int:
        """Return the number of nodes of all trees."""
        return sum(tree.size() for tree in self._ensemble.trees)

    def toString(self) -> str:
        """Return a line about the trees."""
        kind = "classifier" if self._ensemble.classifies else "regressor"
        return f"TreeEnsembleModel {kind} with {self.numTrees()} trees\n"

    def toDebugString(self) -> str:
        """Return all trees."""
        trees = (f"  Tree {number}:\n{shown(tree, 4)}" for number, tree in enumerate(self._ensemble.trees))
        return f"{self.toString()}\n{''.join(trees)}"

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does, without impurities and probabilities."""
        ensemble = self._ensemble
        boosted = ensemble.combining == "sum"
        metadata = {
            "algo": _algorithm(ensemble.classifies),
            "treeAlgo": _algorithm(ensemble.classifies and not boosted),
            "combiningStrategy": ensemble.combining.capitalize(),
            "treeWeights": ensemble.weights,
        }
        rows = [(number, row) for number, tree in enumerate(ensemble.trees) for row in _rows(tree, number)]
        saved.write(sc, path, self.SAVED_CLASS, "1.0", {"metadata": metadata}, rows, _ENSEMBLE)

    @classmethod
    def load(cls, sc: SparkContext, path: str) -> TreeEnsembleModel:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, cls.SAVED_CLASS, ("1.0", "3.0"))["metadata"]
        trees: dict[int, dict[int, Any]] = {}
        for row in saved.data(sc, path).collect():
            trees.setdefault(row["treeId"], {})[row["node"]["nodeId"]] = row["node"]
        roots = [_tree(rows, min(rows)) for _, rows in sorted(trees.items())]
        combining = metadata["combiningStrategy"].lower()
        return cls(Ensemble(roots, metadata["treeWeights"], combining, metadata["algo"] == "Classification"))


class RandomForestModel(TreeEnsembleModel):
    """Trees that vote or are averaged."""

    SAVED_CLASS = "org.apache.spark.mllib.tree.model.RandomForestModel"


class GradientBoostedTreesModel(TreeEnsembleModel):
    """Trees that add up."""

    SAVED_CLASS = "org.apache.spark.mllib.tree.model.GradientBoostedTreesModel"


_MODELS = (DecisionTreeModel, RandomForestModel, GradientBoostedTreesModel)
CLASSES = {f"tree.model.{model.__name__}": model for model in _MODELS}
