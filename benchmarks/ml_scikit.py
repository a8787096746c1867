"""Programs of scikit-learn and LightGBM beside those of `ml_spark`, where they have the same algorithm; two threads.

As there, each fits and gives what computes the objective and how far it may be from Spark's. Trees of LightGBM and of
scikit-learn are grown by other rules, so that only about as good ones can be asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ml_data import N_SPARSE, path
from ml_spark import DRAWN, EXACT, PENALTY, SPARSE_PENALTY, Objective

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

N_THREADS = 2
OF_OTHER_RULES = 0.1


class Arrays:
    """The data in memory as NumPy or SciPy has it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.held = options, {}

    def __getitem__(self, name: str) -> dict[str, Any]:
        if name not in self.held:
            self.held[name] = self._read(name)
        return self.held[name]

    def _read(self, name: str) -> dict[str, Any]:
        import pyarrow.parquet as pq

        table = pq.read_table(path("sentences" if name == "counts" else name, self.options))
        if name == "counts":
            return {"x": counts(table["words"].combine_chunks())}
        columns = {key: table[key].to_numpy() for key in ("y", "label") if key in table.column_names}
        if name == "sparse":
            from scipy.sparse import csr_matrix

            vectors = table["features"].combine_chunks()
            indices, values = vectors.field("indices"), vectors.field("values")
            parts = (values.values.to_numpy(), indices.values.to_numpy(), indices.offsets.to_numpy())
            return {"x": csr_matrix(parts, shape=(len(vectors), N_SPARSE)), **columns}
        flat = table["x"].combine_chunks().values.to_numpy()
        return {"x": flat.reshape(len(table), -1), **columns}


def counts(words: Any) -> Any:
    """Rows of how often each word is in a sentence."""
    import numpy as np
    from scipy.sparse import csr_matrix

    codes = words.values.dictionary_encode()
    starts = np.arange(0, len(codes) + 1, len(codes) // len(words))
    matrix = csr_matrix((np.ones(len(codes)), codes.indices.to_numpy(), starts))
    matrix.sum_duplicates()
    return matrix


def least_squares(solver: str) -> Callable[[Arrays], Callable[[], Objective]]:
    def program(arrays: Arrays) -> Callable[[], Objective]:
        import numpy as np
        from sklearn.linear_model import Ridge

        x, y = arrays["linear"]["x"], arrays["linear"]["y"]
        model = Ridge(alpha=PENALTY * len(y), solver=solver).fit(x, y)
        return lambda: (float(np.sqrt(np.mean((model.predict(x) - y) ** 2))), EXACT)

    return program


def logistic(data: str, penalty: float) -> Callable[[Arrays], Callable[[], Objective]]:
    def program(arrays: Arrays) -> Callable[[], Objective]:
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        x, label = arrays[data]["x"], arrays[data]["label"]
        model = LogisticRegression(C=1 / (penalty * len(label)), max_iter=100).fit(x, label)

        def objective() -> Objective:
            margins = model.decision_function(x) * np.where(label > 0, -1, 1)
            return float(np.logaddexp(0, margins).mean() + penalty / 2 * (model.coef_**2).sum()), EXACT

        return objective

    return program


def random_forest(arrays: Arrays) -> Callable[[], Objective]:
    from sklearn.ensemble import RandomForestClassifier

    x, label = arrays["dense"]["x"], arrays["dense"]["label"]
    model = RandomForestClassifier(n_estimators=20, max_depth=5, n_jobs=N_THREADS, random_state=1).fit(x, label)
    return lambda: (model.score(x, label), OF_OTHER_RULES)


def histograms(arrays: Arrays) -> Callable[[], Objective]:
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingRegressor

    x, y = arrays["dense"]["x"], arrays["dense"]["y"]
    model = HistGradientBoostingRegressor(
        max_iter=10, max_depth=5, max_leaf_nodes=32, max_bins=32, early_stopping=False, random_state=1
    ).fit(x, y)
    return lambda: (float(np.sqrt(np.mean((model.predict(x) - y) ** 2))), OF_OTHER_RULES)


def k_means(arrays: Arrays) -> Callable[[], Objective]:
    from sklearn.cluster import KMeans

    model = KMeans(n_clusters=20, n_init=1, max_iter=20, tol=0.0, algorithm="lloyd", random_state=1)
    model.fit(arrays["clusters"]["x"])
    return lambda: (float(model.inertia_), DRAWN)


def pca(arrays: Arrays) -> Callable[[], Objective]:
    from sklearn.decomposition import PCA

    model = PCA(n_components=10, svd_solver="covariance_eigh").fit(arrays["clusters"]["x"])
    return lambda: (float(model.explained_variance_ratio_.sum()), EXACT)


def lda(arrays: Arrays) -> Callable[[], Objective]:
    """Spark's twenty steps of a twentieth of all documents are one pass here."""
    import numpy as np
    from sklearn.decomposition import LatentDirichletAllocation

    x = arrays["counts"]["x"]
    model = LatentDirichletAllocation(
        n_components=20,
        learning_method="online",
        learning_decay=0.51,
        learning_offset=1024,
        batch_size=max(x.shape[0] // 20, 1),
        total_samples=x.shape[0],
        max_iter=1,
        n_jobs=N_THREADS,
        random_state=1,
    ).fit(x)
    return lambda: (float(np.log(model.perplexity(x))), OF_OTHER_RULES)


SCIKIT: dict[str, Callable[[Arrays], Callable[[], Objective]]] = {
    "linear regression, 1 M by 100, normal equations": least_squares("cholesky"),
    "logistic regression, 1 M by 100": logistic("linear", PENALTY),
    "logistic regression, 200 k by 100 k sparse": logistic("sparse", SPARSE_PENALTY),
    "random forest, 500 k by 50, 20 trees": random_forest,
    "boosted trees, 500 k by 50, 10 trees": histograms,
    "k-means, 1 M by 50, k = 20": k_means,
    "PCA, 1 M by 50, k = 10": pca,
    "LDA online, 100 k documents, k = 20": lda,
}


def light_boosted_trees(arrays: Arrays) -> Callable[[], Objective]:
    import lightgbm
    import numpy as np

    x, y = arrays["dense"]["x"], arrays["dense"]["y"]
    settings = {"max_depth": 5, "num_leaves": 32, "max_bin": 32, "num_threads": N_THREADS, "verbose": -1, "seed": 1}
    model = lightgbm.train({"objective": "regression", **settings}, lightgbm.Dataset(x, y), num_boost_round=10)
    return lambda: (float(np.sqrt(np.mean((model.predict(x) - y) ** 2))), OF_OTHER_RULES)


def light_random_forest(arrays: Arrays) -> Callable[[], Objective]:
    import lightgbm

    x, label = arrays["dense"]["x"], arrays["dense"]["label"]
    settings = {"max_depth": 5, "num_leaves": 32, "max_bin": 32, "num_threads": N_THREADS, "verbose": -1, "seed": 1}
    # A bag of 0.63 of the rows holds about as many as one drawn with replacement has different ones.
    drawn = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.63, "feature_fraction_bynode": 0.14}
    model = lightgbm.train({"objective": "binary", **drawn, **settings}, lightgbm.Dataset(x, label), num_boost_round=20)
    return lambda: (float(((model.predict(x) > 0.5) == label).mean()), OF_OTHER_RULES)


LIGHTGBM: dict[str, Callable[[Arrays], Callable[[], Objective]]] = {
    "random forest, 500 k by 50, 20 trees": light_random_forest,
    "boosted trees, 500 k by 50, 10 trees": light_boosted_trees,
}
