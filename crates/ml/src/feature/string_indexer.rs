//! `StringIndexer`: strings become numbers, the most frequent 0.0 (or in another order).

use crate::attribute::Attribute;
use crate::columns;
use crate::data::Dataset;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::double_text;
use crate::model::{Answer, Argument, Fitted, Instance, Model};
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table, texts};
use crate::value::Value;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Builder, ListBuilder, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type};
use firesteel_common::{Frame, Result, SparkError, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const PARAMS: &[Param] = &[
    shared::HANDLE_INVALID,
    shared::INPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COL,
    shared::OUTPUT_COLS,
    Param::new("stringOrderType", ParamKind::String, Default::Str("frequencyDesc"))
        .valid(Valid::OneOf(&["frequencyDesc", "frequencyAsc", "alphabetDesc", "alphabetAsc"])),
];

pub(super) const ATTRIBUTES: &[&str] = &["labels", "labelsArray"];

const MODEL: &str = "org.apache.spark.ml.feature.StringIndexerModel";

/// Labels of each column; a label's number is its place.
#[derive(Debug)]
struct StringIndexerModel {
    labels: Vec<Vec<String>>,
}

/// A column of strings or numbers as texts.
fn text_column(frame: &Frame, name: &str) -> Result<(datafusion_expr::Expr, bool)> {
    if !frame.has(name) {
        return Err(error::failed(format!("Input column {name} does not exist.")));
    }
    let column = frame.column(name)?;
    let kind = &column.field.data_type;
    match kind {
        SparkType::Boolean => Ok((column.expr(), false)),
        kind if kind.is_string() => Ok((column.expr(), true)),
        kind if kind.is_numeric() => Ok((column.expr(), false)),
        kind => Err(error::requirement(format!(
            "The input column {name} must be either string type or numeric type, but got {}.",
            error::class_name(kind)
        ))),
    }
}

/// Values as Spark casts them to strings.
fn as_texts(column: &ArrayRef) -> Result<StringArray> {
    Ok(match column.data_type() {
        DataType::Float64 => column
            .as_primitive::<Float64Type>()
            .iter()
            .map(|value| value.map(double_text))
            .collect(),
        DataType::Float32 => {
            let wide = cast(column, &DataType::Utf8)?;
            let texts = wide.as_string::<i32>();
            texts
                .iter()
                .map(|text| {
                    let value = text?.parse::<f32>().ok()?;
                    // Shortest digits of a float are those of its own width.
                    format!("{value}").parse::<f64>().ok().map(double_text)
                })
                .collect()
        }
        _ => cast(column, &DataType::Utf8)?.as_string::<i32>().clone(),
    })
}

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let columns = params.in_out_columns()?;
    let mut exprs = Vec::with_capacity(columns.len());
    for (position, (input, output)) in columns.iter().enumerate() {
        if columns[..position].iter().any(|(_, other)| other == output) {
            return Err(error::requirement("Output columns should not be duplicate."));
        }
        exprs.push(text_column(&data.frame, input)?.0);
        columns::new_field(&data.frame, output, SparkType::Double, false)?;
    }
    let mut counts: Vec<HashMap<String, u64>> = vec![HashMap::new(); columns.len()];
    data.scan(exprs, |batch| {
        for (column, counts) in batch.columns().iter().zip(&mut counts) {
            for text in as_texts(column)?.iter().flatten() {
                match counts.get_mut(text) {
                    Some(count) => *count += 1,
                    None => {
                        counts.insert(text.to_owned(), 1);
                    }
                }
            }
        }
        Ok(())
    })?;
    let order = params.string("stringOrderType")?;
    let labels = counts.into_iter().map(|counts| {
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        // Java orders strings by UTF-16 units; equal frequencies are ordered by the alphabet.
        counts.sort_by(|(a, a_count), (b, b_count)| {
            let alphabet = a.encode_utf16().cmp(b.encode_utf16());
            match order {
                "frequencyDesc" => b_count.cmp(a_count).then(alphabet),
                "frequencyAsc" => a_count.cmp(b_count).then(alphabet),
                "alphabetDesc" => alphabet.reverse(),
                _ => alphabet,
            }
        });
        counts.into_iter().map(|(label, _)| label).collect()
    });
    Ok(Fitted::new(StringIndexerModel { labels: labels.collect() }))
}

pub(super) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    let labels = match data.has("labelsArray") {
        true => {
            let lists = data.column("labelsArray")?.as_list_opt::<i32>();
            let lists = lists.filter(|lists| !lists.is_empty());
            let own =
                lists.ok_or_else(|| error::failed("A saved StringIndexerModel has no labels."))?;
            let own = own.value(0);
            let own = own.as_list::<i32>();
            (0..own.len()).map(|at| texts(&own.value(at))).collect::<Result<_>>()?
        }
        false => vec![data.strings("labels")?],
    };
    Ok(Arc::new(StringIndexerModel { labels }))
}

impl Model for StringIndexerModel {
    fn size_bytes(&self) -> u64 {
        self.labels.iter().flatten().map(|label| 2 * label.len() as u64 + 48).sum()
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let columns = params.in_out_columns()?;
        let invalid = params.string("handleInvalid")?;
        let mut frame = input;
        let mut added = Vec::with_capacity(columns.len());
        let mut keep = Vec::new();
        for ((from, to), labels) in columns.iter().zip(&self.labels) {
            // Spark leaves out what is not there.
            if !frame.has(from) {
                continue;
            }
            let (expr, _) = text_column(&frame, from)?;
            let field = columns::new_field(&frame, to, SparkType::Double, false)?;
            let mut values = labels.clone();
            if invalid == "keep" {
                values.push("__unknown".to_owned());
            }
            let field = Attribute::nominal(Some(to.clone()), values).put_on(field);
            let indexer = Shared::new(Indexer { labels: labels.clone(), keep: invalid == "keep" });
            if invalid == "skip" {
                keep.push(IS_KNOWN.call(&indexer, &SparkType::Boolean, false, vec![expr.clone()]));
            }
            let index = INDEX.call(&indexer, &SparkType::Double, false, vec![expr]);
            added.push((index, field));
        }
        for keep in keep {
            frame = frame.filter(keep)?;
        }
        frame.with_columns(added)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "labels" => match self.labels.as_slice() {
                [labels] => Ok(Value::Strings(labels.clone()).into()),
                _ => Err(error::requirement(
                    "This StringIndexerModel is fitted by multi-columns, call labelsArray instead.",
                )),
            },
            "labelsArray" => {
                let lists = self.labels.iter().map(|labels| Value::Strings(labels.clone()));
                Ok(Value::List(lists.collect()).into())
            }
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let text = SparkType::array(SparkType::string());
        let kind = SparkType::array(text.clone());
        let element = |kind: &SparkType| Arc::new(Field::new("element", kind.to_arrow(), true));
        let inner =
            ListBuilder::new(StringBuilder::new()).with_field(element(&SparkType::string()));
        let mut lists = ListBuilder::new(inner).with_field(element(&text));
        for labels in &self.labels {
            for label in labels {
                lists.values().values().append_value(label);
            }
            lists.values().append(true);
        }
        lists.append(true);
        to.table("data", Table::new(vec![("labelsArray", kind, Arc::new(lists.finish()))])?)
    }

    fn text(&self, params: &Params) -> String {
        let invalid = params.string("handleInvalid").unwrap_or_default();
        let several = match params.is_set("inputCols") {
            true => {
                let n = |name: &str| params.strings(name).map_or(0, <[String]>::len);
                format!(", numInputCols={}, numOutputCols={}", n("inputCols"), n("outputCols"))
            }
            false => String::new(),
        };
        format!("StringIndexerModel: uid={}, handleInvalid={invalid}{several}", params.uid())
    }
}

/// Labels of one column, and whether others get the number after the last.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Indexer {
    labels: Vec<String>,
    keep: bool,
}

pub(super) static INDEX: FunctionKind<Indexer> = FunctionKind::new("string_indexer", index);
pub(super) static IS_KNOWN: FunctionKind<Indexer> =
    FunctionKind::new("string_indexer.known", is_known);

impl Indexer {
    fn numbers(&self) -> HashMap<&str, f64> {
        let numbered = self.labels.iter().enumerate();
        numbered.map(|(number, label)| (label.as_str(), number as f64)).collect()
    }
}

fn index(indexer: &Indexer, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let numbers = indexer.numbers();
    let texts = as_texts(&columns[0])?;
    let mut out = Float64Builder::with_capacity(n_rows);
    for text in &texts {
        match text.and_then(|text| numbers.get(text)) {
            Some(number) => out.append_value(*number),
            None if indexer.keep => out.append_value(indexer.labels.len() as f64),
            None => {
                return Err(match text {
                    Some(text) => error::in_function(
                        "StringIndexerModel",
                        format!(
                            "Unseen label: {text}. To handle unseen labels, set Param handleInvalid to keep."
                        ),
                    ),
                    None => error::in_function(
                        "StringIndexerModel",
                        "StringIndexer encountered NULL value. To handle or skip NULLS, try setting \
                         StringIndexer.handleInvalid.",
                    ),
                });
            }
        }
    }
    Ok(Arc::new(out.finish()))
}

fn is_known(indexer: &Indexer, columns: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let numbers = indexer.numbers();
    let texts = as_texts(&columns[0])?;
    let known = texts.iter().map(|text| Some(text.is_some_and(|text| numbers.contains_key(text))));
    Ok(Arc::new(known.collect::<BooleanArray>()))
}

/// `stringIndexerModelFromLabels(uid, labels)`.
pub(crate) fn model_from_labels(args: &[Argument]) -> Result<Answer> {
    match args {
        [Argument::Value(Value::String(uid)), Argument::Value(labels)] => {
            Ok(of_labels(uid, vec![strings(labels)?]))
        }
        _ => Err(SparkError::invalid_plan("A uid and labels were expected.")),
    }
}

/// `stringIndexerModelFromLabelsArray(uid, labels of each column)`.
pub(crate) fn model_from_labels_array(args: &[Argument]) -> Result<Answer> {
    match args {
        [Argument::Value(Value::String(uid)), Argument::Value(Value::List(lists))] => {
            Ok(of_labels(uid, lists.iter().map(strings).collect::<Result<_>>()?))
        }
        _ => Err(SparkError::invalid_plan("A uid and labels were expected.")),
    }
}

fn strings(value: &Value) -> Result<Vec<String>> {
    match value {
        Value::Strings(items) => Ok(items.clone()),
        Value::List(items) if items.is_empty() => Ok(Vec::new()),
        _ => Err(SparkError::invalid_plan("Labels were expected.")),
    }
}

fn of_labels(uid: &str, labels: Vec<Vec<String>>) -> Answer {
    Answer::Models(vec![Instance {
        params: Params::new(MODEL, uid, PARAMS),
        model: Arc::new(StringIndexerModel { labels }),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_texts_of_java() {
        let Ok(texts) =
            as_texts(&(Arc::new(arrow::array::Float64Array::from(vec![1.0, 1e-5])) as ArrayRef))
        else {
            panic!("texts")
        };
        assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), ["1.0", "1.0E-5"]);
    }
}
