//! `CountVectorizer`: the most frequent terms of all documents, and how often each document has them.

use super::map_vectors::arg;
use super::words::{self, Words};
use super::{in_out, lists};
use crate::attribute::{Attribute, AttributeGroup};
use crate::data::Dataset;
use crate::linalg::{VectorColumnBuilder, vector_type};
use crate::model::Instance;
use crate::param::{Param, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Answer, Argument, Class, Fitted, FunctionKind, Model, Role, Value, error};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, SparkError, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::int("vocabSize", 1 << 18).valid(Valid::Gt(0.0)),
    // Below one: a share of the documents, or of the document's terms.
    Param::double("minDF", 1.0).valid(Valid::GtEq(0.0)),
    Param::double("maxDF", i64::MAX as f64).valid(Valid::GtEq(0.0)),
    Param::double("minTF", 1.0).valid(Valid::GtEq(0.0)),
    Param::bool("binary", false),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.CountVectorizer",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.CountVectorizerModel",
    params: PARAMS,
    role: Role::Model { attributes: &["vocabulary"], load },
};

#[derive(Debug)]
struct CountVectorizerModel {
    vocabulary: Arc<Vec<String>>,
}

fn check(params: &Params, frame: &Frame) -> Result<()> {
    words::check(frame, params.string("inputCol")?, |own| {
        format!(
            "Column {} must be of type equal to one of the following types: [array<string>, array<string>] but was \
             actually of type {own}.",
            params.string("inputCol").unwrap_or_default()
        )
    })?;
    in_out::check_column_new(frame, params.string("outputCol")?)
}

/// How often a term occurs, and in how many documents.
#[derive(Default)]
struct Term {
    count: i64,
    n_documents: i64,
    /// The last document that had it, from one on.
    last: i64,
}

/// Spark fails there with an error of Java's.
fn null(what: &str) -> firesteel_common::SparkError {
    error::failed(format!("A {what} is null."))
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    check(params, &data.frame)?;
    let column = data.frame.column(params.string("inputCol")?)?.expr();
    let (min, max) = (params.double("minDF")?, params.double("maxDF")?);
    if (min >= 1.0) == (max >= 1.0) && max < min {
        return Err(error::requirement("maxDF must be >= minDF."));
    }
    let mut terms: HashMap<String, Term> = HashMap::new();
    let mut n_documents = 0;
    data.scan(vec![column], |batch| {
        let documents = Words::new(batch.column(0))?;
        for row in 0..documents.len() {
            let words = documents.get(row).ok_or_else(|| null("document"))?;
            n_documents += 1;
            for word in words {
                let word = word.ok_or_else(|| null("term"))?;
                if !terms.contains_key(word) {
                    terms.insert(word.to_owned(), Term::default());
                }
                if let Some(term) = terms.get_mut(word) {
                    term.count += 1;
                    term.n_documents += i64::from(term.last != n_documents);
                    term.last = n_documents;
                }
            }
        }
        Ok(())
    })?;
    let bound = |share: f64| if share >= 1.0 { share } else { share * n_documents as f64 };
    let (low, high) = (bound(min), bound(max));
    if high < low {
        return Err(error::requirement("maxDF must be >= minDF."));
    }
    let mut chosen: Vec<(String, i64)> = terms
        .into_iter()
        .filter(|(_, term)| (low..=high).contains(&(term.n_documents as f64)))
        .map(|(term, seen)| (term, seen.count))
        .collect();
    // Of equally frequent terms the smaller comes first.
    chosen.sort_unstable_by(|(a, n_a), (b, n_b)| n_b.cmp(n_a).then_with(|| a.cmp(b)));
    chosen.truncate(params.count("vocabSize")?);
    let vocabulary = chosen.into_iter().map(|(term, _)| term).collect();
    Ok(Fitted::new(CountVectorizerModel { vocabulary: Arc::new(vocabulary) }))
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let vocabulary = Arc::new(from.table("data")?.strings("vocabulary")?);
    Ok(Arc::new(CountVectorizerModel { vocabulary }))
}

/// The helper's `countVectorizerModelFromVocabulary(uid, vocabulary)`.
///
/// # Errors
/// The arguments are others.
pub(crate) fn model_from_vocabulary(args: &[Argument]) -> Result<Answer> {
    let [Argument::Value(Value::String(uid)), Argument::Value(vocabulary)] = args else {
        return Err(SparkError::invalid_plan("A uid and a vocabulary were expected."));
    };
    let vocabulary = match vocabulary {
        Value::Strings(words) => words.clone(),
        Value::List(none) if none.is_empty() => Vec::new(),
        _ => return Err(SparkError::invalid_plan("A vocabulary was expected.")),
    };
    let params = Params::new(MODEL.name, uid, PARAMS);
    let model = Arc::new(CountVectorizerModel { vocabulary: Arc::new(vocabulary) });
    Ok(Answer::Models(vec![Instance { params, model }]))
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Counter {
    places: HashMap<String, i32>,
    min_tf: f64,
    binary: bool,
}

pub(super) static COUNT: FunctionKind<Counter> =
    FunctionKind::new("count_vectorizer", count).in_spark("CountVectorizerModel");

impl Model for CountVectorizerModel {
    fn size_bytes(&self) -> u64 {
        self.vocabulary.iter().map(|word| 24 + word.len() as u64).sum()
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        check(params, &input)?;
        let words = input.column(params.string("inputCol")?)?.expr();
        let places = self.vocabulary.iter().cloned().zip(0..).collect();
        let with =
            Counter { places, min_tf: params.double("minTF")?, binary: params.bool("binary")? };
        let group =
            AttributeGroup::of_attributes(vec![Attribute::numeric(None); self.vocabulary.len()]);
        let field =
            group.put_on(StructField::new(params.string("outputCol")?, vector_type(), true));
        in_out::add(input, &COUNT, with, vec![words], field)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "vocabulary" => Ok(Value::Strings(self.vocabulary.to_vec()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.table("data", Table::new(vec![lists::strings("vocabulary", &self.vocabulary)?])?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "CountVectorizerModel: uid={}, vocabularySize={}",
            params.uid(),
            self.vocabulary.len()
        )
    }
}

fn count(with: &Counter, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let documents = Words::new(arg(args, 0)?)?;
    let size = with.places.len();
    let mut out = VectorColumnBuilder::with_capacity(documents.len(), documents.n_texts());
    let (mut found, mut indices, mut counts) = (Vec::new(), Vec::<i32>::new(), Vec::<f64>::new());
    for row in 0..documents.len() {
        let Some(words) = documents.get(row) else {
            out.push_null();
            continue;
        };
        let n_words = words.len();
        found.clear();
        found.extend(words.flatten().filter_map(|word| with.places.get(word)));
        found.sort_unstable();
        indices.clear();
        counts.clear();
        for place in &found {
            match (indices.last() == Some(place), counts.last_mut()) {
                (true, Some(count)) => *count += 1.0,
                _ => {
                    indices.push(*place);
                    counts.push(1.0);
                }
            }
        }
        let least = if with.min_tf >= 1.0 { with.min_tf } else { n_words as f64 * with.min_tf };
        let mut kept = 0;
        for at in 0..indices.len() {
            if counts[at] >= least {
                indices[kept] = indices[at];
                counts[kept] = if with.binary { 1.0 } else { counts[at] };
                kept += 1;
            }
        }
        out.push_sparse(size, &indices[..kept], &counts[..kept]);
    }
    out.finish()
}
