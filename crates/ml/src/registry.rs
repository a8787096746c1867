//! All classes by name. A family lists its own; a new class is a line in its family's `classes()`, a new function
//! a line in its `functions()`.

use crate::class::Class;
use crate::function::AnyFunction;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What all families list.
fn classes() -> Vec<Class> {
    [
        crate::classification::classes(),
        crate::clustering::classes(),
        crate::evaluation::classes(),
        crate::feature::classes(),
        crate::fpm::classes(),
        crate::mllib::classes(),
        crate::recommendation::classes(),
        crate::regression::classes(),
        crate::tree::classes(),
    ]
    .concat()
}

/// Functions of plans, for those that come as bytes.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    [
        crate::classification::functions(),
        crate::clustering::functions(),
        crate::evaluation::functions(),
        crate::feature::functions(),
        crate::fpm::functions(),
        crate::recommendation::functions(),
        crate::regression::functions(),
        crate::tree::functions(),
    ]
    .concat()
}

/// The class of this full name; none if it is not served.
pub fn class(name: &str) -> Option<&'static Class> {
    static CLASSES: LazyLock<HashMap<&'static str, Class>> =
        LazyLock::new(|| classes().into_iter().map(|class| (class.name, class)).collect());
    CLASSES.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Role;
    use std::collections::HashSet;

    /// What the Connect server of Spark 4.2 allows, under `org.apache.spark.ml.`: its service files list these.
    const ALLOWED: [&str; 109] = [
        "classification.DecisionTreeClassificationModel",
        "classification.DecisionTreeClassifier",
        "classification.FMClassificationModel",
        "classification.FMClassifier",
        "classification.GBTClassificationModel",
        "classification.GBTClassifier",
        "classification.LinearSVC",
        "classification.LinearSVCModel",
        "classification.LogisticRegression",
        "classification.LogisticRegressionModel",
        "classification.MultilayerPerceptronClassificationModel",
        "classification.MultilayerPerceptronClassifier",
        "classification.NaiveBayes",
        "classification.NaiveBayesModel",
        "classification.RandomForestClassificationModel",
        "classification.RandomForestClassifier",
        "clustering.BisectingKMeans",
        "clustering.BisectingKMeansModel",
        "clustering.DistributedLDAModel",
        "clustering.GaussianMixture",
        "clustering.GaussianMixtureModel",
        "clustering.KMeans",
        "clustering.KMeansModel",
        "clustering.LDA",
        "clustering.LocalLDAModel",
        "clustering.PowerIterationClusteringWrapper",
        "evaluation.BinaryClassificationEvaluator",
        "evaluation.ClusteringEvaluator",
        "evaluation.MulticlassClassificationEvaluator",
        "evaluation.MultilabelClassificationEvaluator",
        "evaluation.RankingEvaluator",
        "evaluation.RegressionEvaluator",
        "feature.Binarizer",
        "feature.BucketedRandomProjectionLSH",
        "feature.BucketedRandomProjectionLSHModel",
        "feature.Bucketizer",
        "feature.ChiSqSelector",
        "feature.ChiSqSelectorModel",
        "feature.CountVectorizer",
        "feature.CountVectorizerModel",
        "feature.DCT",
        "feature.ElementwiseProduct",
        "feature.FeatureHasher",
        "feature.HashingTF",
        "feature.IDF",
        "feature.IDFModel",
        "feature.Imputer",
        "feature.ImputerModel",
        "feature.IndexToString",
        "feature.Interaction",
        "feature.MaxAbsScaler",
        "feature.MaxAbsScalerModel",
        "feature.MinHashLSH",
        "feature.MinHashLSHModel",
        "feature.MinMaxScaler",
        "feature.MinMaxScalerModel",
        "feature.NGram",
        "feature.Normalizer",
        "feature.OneHotEncoder",
        "feature.OneHotEncoderModel",
        "feature.PCA",
        "feature.PCAModel",
        "feature.PolynomialExpansion",
        "feature.QuantileDiscretizer",
        "feature.RFormula",
        "feature.RFormulaModel",
        "feature.RegexTokenizer",
        "feature.RobustScaler",
        "feature.RobustScalerModel",
        "feature.SQLTransformer",
        "feature.StandardScaler",
        "feature.StandardScalerModel",
        "feature.StopWordsRemover",
        "feature.StringIndexer",
        "feature.StringIndexerModel",
        "feature.TargetEncoder",
        "feature.TargetEncoderModel",
        "feature.Tokenizer",
        "feature.UnivariateFeatureSelector",
        "feature.UnivariateFeatureSelectorModel",
        "feature.VarianceThresholdSelector",
        "feature.VarianceThresholdSelectorModel",
        "feature.VectorAssembler",
        "feature.VectorIndexer",
        "feature.VectorIndexerModel",
        "feature.VectorSizeHint",
        "feature.VectorSlicer",
        "feature.Word2Vec",
        "feature.Word2VecModel",
        "fpm.FPGrowth",
        "fpm.FPGrowthModel",
        "recommendation.ALS",
        "recommendation.ALSModel",
        "regression.AFTSurvivalRegression",
        "regression.AFTSurvivalRegressionModel",
        "regression.DecisionTreeRegressionModel",
        "regression.DecisionTreeRegressor",
        "regression.FMRegressionModel",
        "regression.FMRegressor",
        "regression.GBTRegressionModel",
        "regression.GBTRegressor",
        "regression.GeneralizedLinearRegression",
        "regression.GeneralizedLinearRegressionModel",
        "regression.IsotonicRegression",
        "regression.IsotonicRegressionModel",
        "regression.LinearRegression",
        "regression.LinearRegressionModel",
        "regression.RandomForestRegressionModel",
        "regression.RandomForestRegressor",
    ];

    #[test]
    fn serves_what_spark_allows() {
        let missing: Vec<_> = ALLOWED
            .iter()
            .filter(|name| class(&format!("org.apache.spark.ml.{name}")).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn names_are_unique_and_models_are_registered() {
        let all = classes();
        let names: HashSet<_> = all.iter().map(|class| class.name).collect();
        assert_eq!(names.len(), all.len());
        for class in &all {
            if let Role::Estimator { model, .. } = class.role {
                assert!(names.contains(model), "{model}");
            }
        }
        let functions = functions();
        let ids: HashSet<_> = functions.iter().map(|function| function.id()).collect();
        assert_eq!(ids.len(), functions.len());
    }
}
