//! Feature transformers and estimators (`org.apache.spark.ml.feature`).

mod binarizer;
mod bucketizer;
mod chi_sq_selector;
pub(crate) mod count_vectorizer;
mod dct;
mod elementwise_product;
mod entry_range;
mod feature_hasher;
mod hashing_tf;
mod idf;
mod imputer;
mod in_out;
mod in_out_many;
mod index_to_string;
mod interaction;
mod lists;
mod lsh;
mod map_vectors;
mod max_abs_scaler;
mod min_max_scaler;
mod murmur3;
mod n_gram;
mod normalizer;
mod one_hot_encoder;
mod pca;
mod polynomial_expansion;
mod quantile_discretizer;
mod quantiles;
mod r_formula;
mod regex_tokenizer;
mod robust_scaler;
mod scale;
mod scores;
mod select;
mod selector;
mod sql_transformer;
mod standard_scaler;
mod stop_words;
pub(crate) mod stop_words_remover;
pub(crate) mod string_indexer;
mod target_encoder;
mod tokenizer;
mod udf_error;
mod univariate_feature_selector;
mod variance_threshold_selector;
mod vector_assembler;
mod vector_indexer;
mod vector_size_hint;
mod vector_slicer;
mod word2vec;
mod words;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        binarizer::CLASS,
        bucketizer::CLASS,
        chi_sq_selector::CLASS,
        chi_sq_selector::MODEL,
        count_vectorizer::CLASS,
        count_vectorizer::MODEL,
        dct::CLASS,
        elementwise_product::CLASS,
        feature_hasher::CLASS,
        hashing_tf::CLASS,
        idf::CLASS,
        idf::MODEL,
        imputer::CLASS,
        imputer::MODEL,
        index_to_string::CLASS,
        interaction::CLASS,
        max_abs_scaler::CLASS,
        max_abs_scaler::MODEL,
        min_max_scaler::CLASS,
        min_max_scaler::MODEL,
        n_gram::CLASS,
        normalizer::CLASS,
        one_hot_encoder::CLASS,
        one_hot_encoder::MODEL,
        pca::CLASS,
        pca::MODEL,
        polynomial_expansion::CLASS,
        quantile_discretizer::CLASS,
        quantile_discretizer::MODEL,
        r_formula::CLASS,
        r_formula::MODEL,
        r_formula::stages::PRUNER,
        r_formula::stages::REWRITER,
        regex_tokenizer::CLASS,
        robust_scaler::CLASS,
        robust_scaler::MODEL,
        sql_transformer::CLASS,
        Class {
            name: "org.apache.spark.ml.feature.StandardScaler",
            params: standard_scaler::PARAMS,
            role: Role::Estimator {
                fit: standard_scaler::fit,
                model: "org.apache.spark.ml.feature.StandardScalerModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.feature.StandardScalerModel",
            params: standard_scaler::PARAMS,
            role: Role::Model {
                attributes: standard_scaler::ATTRIBUTES,
                load: standard_scaler::load,
            },
        },
        stop_words_remover::CLASS,
        Class {
            name: "org.apache.spark.ml.feature.StringIndexer",
            params: string_indexer::PARAMS,
            role: Role::Estimator {
                fit: string_indexer::fit,
                model: "org.apache.spark.ml.feature.StringIndexerModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.feature.StringIndexerModel",
            params: string_indexer::PARAMS,
            role: Role::Model {
                attributes: string_indexer::ATTRIBUTES,
                load: string_indexer::load,
            },
        },
        target_encoder::CLASS,
        target_encoder::MODEL,
        tokenizer::CLASS,
        univariate_feature_selector::CLASS,
        univariate_feature_selector::MODEL,
        variance_threshold_selector::CLASS,
        variance_threshold_selector::MODEL,
        Class {
            name: "org.apache.spark.ml.feature.VectorAssembler",
            params: vector_assembler::PARAMS,
            role: Role::Transformer { transform: vector_assembler::transform },
        },
        vector_indexer::CLASS,
        vector_indexer::MODEL,
        vector_size_hint::CLASS,
        vector_slicer::CLASS,
        lsh::MIN_HASH,
        lsh::MIN_HASH_MODEL,
        lsh::PROJECTION,
        lsh::PROJECTION_MODEL,
        word2vec::CLASS,
        word2vec::MODEL,
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![
        &binarizer::NUMBERS,
        &binarizer::VECTORS,
        &bucketizer::ARE_NUMBERS,
        &bucketizer::BUCKET,
        &count_vectorizer::COUNT,
        &dct::DCT,
        &elementwise_product::MULTIPLY,
        &feature_hasher::HASH,
        &hashing_tf::COUNT,
        &idf::WEIGH,
        &imputer::IMPUTE,
        &interaction::INTERACT,
        &vector_indexer::INDEX,
        &vector_indexer::IS_SEEN,
        &index_to_string::LABELS,
        &min_max_scaler::RESCALE,
        &n_gram::GRAMS,
        &normalizer::NORMALIZE,
        &one_hot_encoder::ENCODE,
        &pca::PROJECT,
        &polynomial_expansion::EXPAND,
        &regex_tokenizer::TOKENS,
        &scale::SCALE,
        &select::SELECT,
        &stop_words_remover::REMOVE,
        &target_encoder::ENCODE,
        &tokenizer::TOKENIZE,
        &vector_size_hint::CHECK_SIZE,
        &vector_size_hint::HAS_SIZE,
        &standard_scaler::SCALE,
        &string_indexer::INDEX,
        &string_indexer::IS_KNOWN,
        &vector_assembler::ASSEMBLE,
        &vector_assembler::IS_VALID,
        &lsh::BETWEEN,
        &lsh::BUCKETS,
        &lsh::HASH,
        &lsh::MEETS,
        &lsh::ROW,
        &lsh::TO_KEY,
        &word2vec::MEAN,
    ]
}
