//! Methods that belong to no model: statistics, models made of labels or words, stop words.
//!
//! Each is a line in [`command`] or [`table`]; bodies are in the folder of their topic.

use crate::error::attribute_not_allowed;
use crate::model::{Answer, Argument, TableArgument};
use crate::value::Value;
use firesteel_common::frame::TableTransform;
use firesteel_common::{Frame, Result, SparkError, TableHost, TransformHandle};
use std::sync::Arc;

/// Spark's name of the helper object.
const CLASS: &str = "org.apache.spark.ml.util.ConnectHelper";

/// What a method computes of its arguments while a query is resolved.
pub(crate) type TableMethod = fn(Vec<TableArgument>, &mut dyn TableHost) -> Result<Frame>;

/// A method whose answer is a value or a model.
///
/// # Errors
/// `CONNECT_ML.ATTRIBUTE_NOT_ALLOWED`; what the method fails with.
pub fn command(name: &str, args: &[Argument]) -> Result<Answer> {
    match name {
        "stringIndexerModelFromLabels" => crate::feature::string_indexer::model_from_labels(args),
        "stringIndexerModelFromLabelsArray" => {
            crate::feature::string_indexer::model_from_labels_array(args)
        }
        "countVectorizerModelFromVocabulary" => {
            crate::feature::count_vectorizer::model_from_vocabulary(args)
        }
        "stopWordsRemoverGetDefaultOrUS" => Ok(Value::String("en_US".to_owned()).into()),
        "stopWordsRemoverLoadDefaultStopWords" => {
            crate::feature::stop_words_remover::load_default_stop_words(args)
        }
        _ => Err(attribute_not_allowed(CLASS, name)),
    }
}

fn table_method(name: &str) -> Option<TableMethod> {
    match name {
        "chiSquareTest" => Some(crate::stat::chi_square_test),
        "correlation" => Some(crate::stat::correlation),
        "kolmogorovSmirnovTest" => Some(crate::stat::kolmogorov_smirnov_test),
        "powerIterationClusteringAssignClusters" => {
            Some(crate::clustering::power_iteration::assign_clusters)
        }
        "prefixSpanFindFrequentSequentialPatterns" => {
            Some(crate::fpm::prefix_span::find_frequent_sequential_patterns)
        }
        _ => None,
    }
}

/// A method whose answer is a table; `args` has none where a relation comes, which is then the next input.
///
/// # Errors
/// `CONNECT_ML.ATTRIBUTE_NOT_ALLOWED`.
pub fn table(name: &str, args: Vec<Option<Value>>) -> Result<TransformHandle> {
    let method = table_method(name).ok_or_else(|| attribute_not_allowed(CLASS, name))?;
    let key = format!("helper {name} {args:?}");
    Ok(TransformHandle(Arc::new(HelperTable { key, method, args })))
}

#[derive(Debug)]
struct HelperTable {
    key: String,
    method: TableMethod,
    args: Vec<Option<Value>>,
}

impl TableTransform for HelperTable {
    fn key(&self) -> &str {
        &self.key
    }

    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame> {
        let mut inputs = inputs.into_iter();
        let args = self.args.iter().map(|arg| match arg {
            Some(value) => Ok(TableArgument::Value(value.clone())),
            None => {
                let frame = inputs.next().map(TableArgument::Frame);
                frame.ok_or_else(|| SparkError::invalid_plan("A method needs a relation."))
            }
        });
        (self.method)(args.collect::<Result<Vec<_>>>()?, host)
    }
}
