//! Vectors of words (`org.apache.spark.ml.feature.Word2Vec`).

mod model;
mod train;
mod vocabulary;

pub(super) use model::MEAN;

use crate::class::{Class, Role};
use crate::data::Dataset;
use crate::error;
use crate::model::Fitted;
use crate::param::{Default, Param, Params, Valid, shared};
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, SparkError, SparkType};
use model::{Word2VecModel, Words};
use std::collections::HashMap;
use train::{Sentences, Settings, train};
use vocabulary::Vocabulary;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::int("vectorSize", 100).valid(Valid::Gt(0.0)),
    Param::int("windowSize", 5).valid(Valid::Gt(0.0)),
    Param::int("numPartitions", 1).valid(Valid::Gt(0.0)),
    Param::int("minCount", 5).valid(Valid::GtEq(0.0)),
    Param::int("maxSentenceLength", 1000).valid(Valid::Gt(0.0)),
    shared::MAX_ITER.or(Default::Int(1)),
    shared::STEP_SIZE.or(Default::Double(0.025)),
    shared::SEED,
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Word2Vec",
    params: PARAMS,
    role: Role::Estimator { fit, model: "org.apache.spark.ml.feature.Word2VecModel" },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.Word2VecModel",
    params: PARAMS,
    role: Role::Model { attributes: &["getVectors", "findSynonyms"], load: model::load },
};

/// A column of words.
///
/// # Errors
/// Spark's: there is none of that name, or it is another.
fn texts_expr(frame: &Frame, name: &str) -> Result<Expr> {
    let column = frame.column(name)?;
    let kind = &column.field.data_type;
    if matches!(kind, SparkType::Array { element, .. } if element.simple_string() == "string") {
        return Ok(column.expr());
    }
    Err(error::requirement(format!(
        "Column {name} must be of type equal to one of the following types: [array<string>, array<string>] but was \
         actually of type {}.",
        kind.simple_string()
    )))
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let texts = texts_expr(&data.frame, params.string("inputCol")?)?;
    let size = params.count("vectorSize")?;
    let (vocabulary, sentences) =
        read(data, texts, i64::from(params.int("minCount")?), params.count("maxSentenceLength")?)?;
    let n_words = vocabulary.words.len();
    if n_words == 0 {
        return Err(error::requirement(
            "The vocabulary size should be > 0. You may need to check the setting of minCount, which could be large \
             enough to remove all your words in sentences.",
        ));
    }
    if n_words as u64 * size as u64 * 8 >= i32::MAX as u64 {
        return Err(error::failed(format!(
            "Please increase minCount or decrease vectorSize in Word2Vec to avoid an OOM. You are highly recommended \
             to make your vocabSize*vectorSize, which is {n_words}*{size} for now, less than `Int.MaxValue`."
        )));
    }
    let settings = Settings {
        size,
        window: params.count("windowSize")?,
        n_partitions: params.count("numPartitions")?,
        n_iterations: params.count("maxIter")?,
        rate: params.double("stepSize")?,
        seed: params.long("seed")?,
    };
    let vectors = train(&sentences, &vocabulary, &settings, data.job.as_ref())?;
    Ok(Fitted::new(Word2VecModel::new(Words::new(size, vocabulary.words, vectors))))
}

/// Words that occur `count_min` times, and the texts in pieces of so many of them.
fn read(
    data: &Dataset,
    texts: Expr,
    count_min: i64,
    length_max: usize,
) -> Result<(Vocabulary, Sentences)> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut counted: Vec<(String, i64)> = Vec::new();
    let mut raw = Sentences { starts: vec![0], words: Vec::new() };
    data.scan(vec![texts], |batch| {
        let broken = || SparkError::internal("a column of texts is a list of strings");
        let lists = batch.column(0).as_list_opt::<i32>().ok_or_else(broken)?;
        let words = cast(lists.values(), &DataType::Utf8)?;
        let words = words.as_string::<i32>();
        for row in 0..lists.len() {
            let ends = lists.value_offsets();
            let range = ends[row] as usize..ends[row + 1] as usize;
            if lists.is_null(row) {
                return Err(crate::error::failed("A text is null."));
            }
            for at in range {
                if words.is_null(at) {
                    return Err(crate::error::failed("A word is null."));
                }
                let word = words.value(at);
                let number = match numbers.get(word) {
                    Some(number) => *number,
                    None => {
                        let number = counted.len() as u32;
                        numbers.insert(word.to_owned(), number);
                        counted.push((word.to_owned(), 0));
                        number
                    }
                };
                counted[number as usize].1 += 1;
                raw.words.push(number);
            }
            raw.starts.push(raw.words.len());
        }
        Ok(())
    })?;
    let vocabulary = Vocabulary::new(counted, count_min);
    let mut final_number: Vec<Option<u32>> = vec![None; numbers.len()];
    for (at, word) in vocabulary.words.iter().enumerate() {
        if let Some(number) = numbers.get(word) {
            final_number[*number as usize] = Some(at as u32);
        }
    }
    let mut sentences = Sentences { starts: vec![0], words: Vec::with_capacity(raw.words.len()) };
    for ends in raw.starts.windows(2) {
        let known = raw.words[ends[0]..ends[1]].iter();
        let mut length = 0;
        for word in known.filter_map(|number| final_number[*number as usize]) {
            if length == length_max {
                sentences.starts.push(sentences.words.len());
                length = 0;
            }
            sentences.words.push(word);
            length += 1;
        }
        if length > 0 {
            sentences.starts.push(sentences.words.len());
        }
    }
    Ok((vocabulary, sentences))
}
