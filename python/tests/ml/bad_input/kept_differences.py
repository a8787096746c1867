"""Cases that do not answer as Spark does, with the reason. `*` stands for every subject."""

from __future__ import annotations

_CAST = "Spark's cast names the text that is no number; here such a weight counts as null, which is refused"
_SHORT = (
    "Spark scales the entries that are there and ignores the others of the model; here sizes have to be the model's"
)
_FIRST = "Spark fails inside of Java; here one distinct row gives one cluster"
_INTEGERS = "Spark wants arrays of doubles; here any numbers will do"

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
    "formula_keep.s_empty_text": "as formula_error.s_empty_text",
    "interaction.a_truth": "Spark's error has no words",
    "index_to_string.a_null": "Spark calls null an unseen index; here null stays null",
    "index_to_string.a_nan": "Spark casts indices to INT; here NaN is the first",
    "index_to_string.a_infinite": "Spark casts indices to INT; here infinity is an unseen index",
    "regex.text_number": "another spelling of the type",
    "regex.text_doubles": "another spelling of the type",
    **{
        f"{hashed}.model_features_{fault}": "Spark's later step finds the fault; here the check of the column does"
        for hashed in ("projection", "min_hash")
        for fault in ("missing", "text", "number", "doubles", "integers")
    },
    "correlation.empty": "Java's RuntimeException in Spark; here Spark's own error for no rows",
    "als.item_missing": "another condition for a column that is not there",
    "prefix_span.sequence_integers": "another spelling of the type",
    "judge_clusters.one_row": "Java's AssertionError in Spark, a SparkException of the same words here",
    "judge_multilabel.found_integers": _INTEGERS,
    "judge_multilabel.wanted_integers": _INTEGERS,
    "judge_ranking.found_integers": _INTEGERS,
    "judge_ranking.wanted_integers": _INTEGERS,
    # TODO: these evaluators and the summarizer look at less than Spark's do.
    **dict.fromkeys(
        (
            "prefix_span.sequence_null_item",
            *(f"summarizer.{case}" for case in ("features_null", "w_truth", "w_doubles", "w_nan", "w_negative")),
            *(f"judge_log_loss.prediction_{case}" for case in ("missing", "text", "truth", "doubles", "null")),
            *(f"judge_log_loss.label_{case}" for case in ("nan", "infinite", "negative", "fraction")),
            *("judge_log_loss.empty", "judge_log_loss.probability_missing", "judge_ranking.empty"),
            *(f"judge_clusters.{case}" for case in ("prediction_null", "prediction_nan")),
            *(f"judge_clusters.features_{case}" for case in ("text", "number", "integers")),
        ),
        "not checked yet",
    ),
    "machine.features_other_size": "Spark takes what entries there are; here sizes have to agree",
}

# Few steps of an iteration that takes other ones than Spark's, or lists in no order: whether it fails is compared.
LOOSE = {"huber", "fp_growth", "word2vec"}

# Rows come in no order, and numbers have single precision.
UNORDERED = {"als", "als_drop"}
