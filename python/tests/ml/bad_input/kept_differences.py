"""Cases that do not answer as Spark does, with the reason. `*` stands for every subject."""

from __future__ import annotations

_CAST = "Spark's cast names the text that is no number; here such a weight counts as null, which is refused"
_SHORT = (
    "Spark scales the entries that are there and ignores the others of the model; here sizes have to be the model's"
)
_FIRST = "Spark fails inside of Java; here one distinct row gives one cluster"

DIFFERENCES: dict[str, str] = {
    "*.w_text": _CAST,
    "k_means.one_row": _FIRST,
    "k_means.features_doubles": _FIRST,
    "standard.model_features_other_size": _SHORT,
    "max_abs.model_features_other_size": _SHORT,
    "robust.model_features_other_size": _SHORT,
    "idf.model_features_other_size": _SHORT,
    "idf.features_other_size": _SHORT,
    "min_hash.model_features_other_size": _SHORT,
    "idf.empty": "Java's IllegalStateException in Spark, a SparkException of the same words here",
    "assembler_error.empty": "Spark has to look at the first row for the sizes of vectors; here no row is needed",
    "assembler_skip.empty": "as assembler_error.empty",
    "fp_growth.empty": "Spark fails on an empty collection; here there are no rules",
    "formula_error.s_empty_text": "Spark's attributes of columns have no empty names; here they may",
    "topics.features_other_size": "Spark looks at the first row only; here sizes have to agree",
    "machine.features_other_size": "Spark takes what entries there are; here sizes have to agree",
}

# Few steps of an iteration that takes other ones than Spark's, or lists in no order: whether it fails is compared.
LOOSE = {"huber", "fp_growth", "word2vec"}

# Rows come in no order, and numbers have single precision.
UNORDERED = {"als", "als_drop"}
