//! `Word2VecModel`: a vector per word; that of a text is the mean of its words'.

use super::train::dot;
use crate::attribute::AttributeGroup;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{VectorColumnBuilder, vector_type};
use crate::model::{Model, TableArgument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table, texts};
use crate::value::Value;
use arrow::array::{
    Array, ArrayRef, AsArray, Float32Array, Float64Array, ListArray, RecordBatch, StringArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type};
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Words and their vectors.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Words {
    size: usize,
    words: Vec<String>,
    /// Row by row.
    vectors: Vec<f32>,
    #[serde(skip)]
    positions: OnceLock<HashMap<String, usize>>,
}

impl Words {
    pub(super) fn new(size: usize, words: Vec<String>, vectors: Vec<f32>) -> Self {
        Self { size, words, vectors, positions: OnceLock::new() }
    }

    fn positions(&self) -> &HashMap<String, usize> {
        self.positions.get_or_init(|| {
            self.words.iter().enumerate().map(|(at, word)| (word.clone(), at)).collect()
        })
    }

    fn vector(&self, at: usize) -> &[f32] {
        &self.vectors[at * self.size..(at + 1) * self.size]
    }
}

/// The mean of the vectors of a text's words.
pub(crate) static MEAN: FunctionKind<Words> = FunctionKind::new("word2vec.mean", mean);

fn mean(model: &Words, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let broken = || SparkError::internal("a column of texts is a list of strings");
    let lists = args[0].as_list_opt::<i32>().ok_or_else(broken)?;
    let words = cast(lists.values(), &DataType::Utf8)?;
    let words = words.as_string::<i32>();
    let positions = model.positions();
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, n_rows * model.size);
    let mut sum = vec![0.0_f64; model.size];
    for row in 0..n_rows {
        if lists.is_null(row) {
            return Err(error::in_function("Word2VecModel", "null"));
        }
        let ends = lists.value_offsets();
        let (from, to) = (ends[row] as usize, ends[row + 1] as usize);
        if from == to {
            builder.push_sparse(model.size, &[], &[]);
            continue;
        }
        sum.fill(0.0);
        for at in (from..to).filter(|at| words.is_valid(*at)) {
            if let Some(found) = positions.get(words.value(at)) {
                for (sum, value) in sum.iter_mut().zip(model.vector(*found)) {
                    *sum += f64::from(*value);
                }
            }
        }
        let scale = 1.0 / (to - from) as f64;
        sum.iter_mut().for_each(|value| *value *= scale);
        builder.push_dense(&sum);
    }
    builder.finish()
}

/// The fitted model.
#[derive(Debug)]
pub(crate) struct Word2VecModel(Arc<Shared<Words>>);

impl Word2VecModel {
    pub(super) fn new(words: Words) -> Self {
        Self(Shared::new(words))
    }

    /// The `n` words whose vectors point most nearly the same way, but for `without`.
    fn synonyms(&self, vector: &[f32], n: usize, without: Option<&str>) -> Vec<(usize, f32)> {
        let length = dot(vector, vector).sqrt();
        let mut unit = vector.to_vec();
        if length != 0.0 {
            unit.iter_mut().for_each(|value| *value *= 1.0 / length);
        }
        let mut scored: Vec<(usize, f32)> = (0..self.0.words.len())
            .filter(|at| without != Some(self.0.words[*at].as_str()))
            .map(|at| {
                let own = self.0.vector(at);
                let norm = dot(own, own).sqrt();
                (at, if norm == 0.0 { 0.0 } else { dot(own, &unit) / norm })
            })
            .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1));
        scored.truncate(n);
        scored
    }

    fn synonyms_frame(&self, args: Vec<TableArgument>, host: &mut dyn TableHost) -> Result<Frame> {
        let mut args = args.into_iter().map(TableArgument::value);
        let mut next = || {
            args.next().unwrap_or_else(|| Err(SparkError::invalid_plan("An argument is missing.")))
        };
        let (wanted, n) = (next()?, next()?);
        let n = n.as_i64().unwrap_or_default();
        if n <= 0 {
            return Err(error::requirement("Number of similar words should > 0"));
        }
        let n = n as usize;
        let found = match &wanted {
            Value::String(word) => {
                let at = self
                    .0
                    .positions()
                    .get(word)
                    .ok_or_else(|| error::failed(format!("{word} not in vocabulary")))?;
                self.synonyms(self.0.vector(*at), n, Some(word))
            }
            Value::Vector(vector) => {
                let vector: Vec<f32> =
                    vector.to_dense().iter().map(|value| *value as f32).collect();
                if vector.len() != self.0.size {
                    return Err(error::requirement("Vectors should have the same length"));
                }
                self.synonyms(&vector, n, None)
            }
            other => {
                let text = other.text();
                return Err(error::illegal(format!(
                    "A word or a vector was expected, not {text}."
                )));
            }
        };
        let schema = StructType::new(vec![
            StructField::new("word", SparkType::string(), true),
            StructField::new("similarity", SparkType::Double, false),
        ]);
        let words = found.iter().map(|(at, _)| self.0.words[*at].as_str());
        let scores = found.iter().map(|(_, score)| f64::from(*score));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(words)),
            Arc::new(Float64Array::from_iter_values(scores)),
        ];
        frame(schema, columns, host)
    }
}

fn frame(schema: StructType, columns: Vec<ArrayRef>, host: &mut dyn TableHost) -> Result<Frame> {
    let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
    let columns = columns
        .iter()
        .zip(arrow.fields())
        .map(|(column, field)| cast(column, field.data_type()))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    host.rows(schema, &[RecordBatch::try_new(arrow, columns)?])
}

impl Model for Word2VecModel {
    fn size_bytes(&self) -> u64 {
        (4 * self.0.vectors.len() + 64 * self.0.words.len()) as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let texts = super::texts_expr(&input, params.string("inputCol")?)?;
        let name = params.string("outputCol")?;
        let field = crate::columns::new_field(&input, name, vector_type(), true)?;
        let field = AttributeGroup::of_size(self.0.size).put_on(field);
        let call = MEAN.call(&self.0, &vector_type(), true, vec![texts]);
        input.with_columns(vec![(call, field)])
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        args: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        match name {
            "getVectors" => {
                let schema = StructType::new(vec![
                    StructField::new("word", SparkType::string(), true),
                    StructField::new("vector", vector_type(), true),
                ]);
                let words: ArrayRef = Arc::new(StringArray::from_iter_values(&self.0.words));
                let mut vectors = VectorColumnBuilder::default();
                for vector in self.0.vectors.chunks_exact(self.0.size) {
                    vectors.push_dense_with(|out| out.extend(vector.iter().map(|v| f64::from(*v))));
                }
                frame(schema, vec![words, vectors.finish()?], host)
            }
            "findSynonyms" => self.synonyms_frame(args, host),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let kind = SparkType::Array { element: Box::new(SparkType::Float), contains_null: false };
        let DataType::List(element) = kind.to_arrow() else {
            return Err(SparkError::internal("an array type is a list"));
        };
        let offsets =
            OffsetBuffer::from_lengths(std::iter::repeat_n(self.0.size, self.0.words.len()));
        let values = Arc::new(Float32Array::from(self.0.vectors.clone()));
        let vectors: ArrayRef = Arc::new(ListArray::try_new(element, offsets, values, None)?);
        let words: ArrayRef = Arc::new(StringArray::from_iter_values(&self.0.words));
        let words = cast(&words, &SparkType::string().to_arrow())?;
        let table =
            Table::new(vec![("word", SparkType::string(), words), ("vector", kind, vectors)])?;
        to.table("data", table)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "Word2VecModel: uid={}, numWords={}, vectorSize={}",
            params.uid(),
            self.0.words.len(),
            self.0.size
        )
    }
}

pub(crate) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let words = texts(table.column("word")?)?;
    let broken = || error::failed("A saved model is broken.");
    let lists = table.column("vector")?.as_list_opt::<i32>().ok_or_else(broken)?;
    let mut vectors = Vec::new();
    for list in lists.iter() {
        let list = cast(&list.ok_or_else(broken)?, &DataType::Float32)?;
        vectors.extend_from_slice(list.as_primitive::<Float32Type>().values());
    }
    let size = if words.is_empty() { 0 } else { vectors.len() / words.len() };
    if size == 0 || size * words.len() != vectors.len() {
        return Err(broken());
    }
    Ok(Arc::new(Word2VecModel::new(Words::new(size, words, vectors))))
}
