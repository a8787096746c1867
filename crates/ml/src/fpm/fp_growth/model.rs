//! `FPGrowthModel`: itemsets, rules made of them, and what rules predict.

use super::mine::Itemset;
use super::rules::{Rule, rules};
use crate::error;
use crate::fpm::items::{ItemNumbers, decoded, encoded};
use crate::function::{FunctionKind, Shared};
use crate::model::{Model, TableArgument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Rules as they travel: items are bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Predictor {
    items: Vec<Vec<u8>>,
    /// Antecedents and consequents, by number.
    rules: Vec<(Vec<u32>, u32)>,
}

/// What follows from a row's items and is not among them.
pub(crate) static PREDICT: FunctionKind<Predictor> =
    FunctionKind::new("fp_growth.predict", predict);

fn broken() -> SparkError {
    SparkError::internal("a column of items is a list")
}

fn predict(model: &Predictor, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let lists = args[0].as_list_opt::<i32>().ok_or_else(broken)?;
    let numbers: HashMap<&[u8], u32> =
        model.items.iter().enumerate().map(|(at, item)| (item.as_slice(), at as u32)).collect();
    let rows = encoded(lists.values())?;
    let (mut found, mut lengths) = (Vec::new(), Vec::with_capacity(n_rows));
    for row in 0..n_rows {
        let (from, to) =
            (lists.value_offsets()[row] as usize, lists.value_offsets()[row + 1] as usize);
        let from = if lists.is_valid(row) { from } else { to };
        let own: HashSet<u32> = rows[from..to]
            .iter()
            .filter_map(|item| numbers.get(item.as_slice()).copied())
            .collect();
        let mut new = Vec::new();
        if lists.is_valid(row) {
            for (antecedent, consequent) in &model.rules {
                if !own.contains(consequent)
                    && !new.contains(consequent)
                    && antecedent.iter().all(|item| own.contains(item))
                {
                    new.push(*consequent);
                }
            }
        }
        lengths.push(new.len());
        found.extend(new);
    }
    let items = found.iter().map(|item| model.items[*item as usize].as_slice());
    list(args[0].data_type(), lengths, decoded(items, lists.values().data_type())?)
}

fn list(kind: &DataType, lengths: Vec<usize>, values: ArrayRef) -> Result<ArrayRef> {
    let DataType::List(element) = kind else { return Err(broken()) };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, None)?))
}

/// The fitted model.
#[derive(Debug)]
pub(crate) struct FpGrowthModel {
    /// Type of the column of items.
    pub(super) kind: SparkType,
    /// Bytes of the frequent items, by rank.
    pub(super) items: Vec<Vec<u8>>,
    pub(super) itemsets: Vec<Itemset>,
    pub(super) n_transactions: i64,
    /// Whether the columns of itemsets are nullable: what comes from files is.
    pub(super) nullable: bool,
}

impl FpGrowthModel {
    fn rules(&self, params: &Params) -> Result<Vec<Rule>> {
        Ok(rules(&self.itemsets, self.n_transactions, params.double("minConfidence")?))
    }

    /// A column of lists of items.
    fn lists<'a>(&self, sets: impl Iterator<Item = &'a [u32]>) -> Result<ArrayRef> {
        let (mut lengths, mut all) = (Vec::new(), Vec::new());
        for set in sets {
            lengths.push(set.len());
            all.extend(set.iter().map(|item| self.items[*item as usize].as_slice()));
        }
        let kind = self.kind.to_arrow();
        let DataType::List(element) = &kind else { return Err(broken()) };
        list(&kind, lengths, decoded(all, element.data_type())?)
    }

    fn itemset_columns(&self) -> Result<(ArrayRef, ArrayRef)> {
        let counts = Int64Array::from_iter_values(self.itemsets.iter().map(|(_, count)| *count));
        let lists = self.lists(self.itemsets.iter().map(|(items, _)| items.as_slice()))?;
        Ok((lists, Arc::new(counts)))
    }
}

impl Model for FpGrowthModel {
    fn size_bytes(&self) -> u64 {
        let items: usize = self.itemsets.iter().map(|(items, _)| 40 + 4 * items.len()).sum();
        (items + self.items.iter().map(|item| 24 + item.len()).sum::<usize>()) as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let items = input.column(params.string("itemsCol")?)?;
        let kind = items.field.data_type.clone();
        super::check_items(&kind)?;
        let rules = self.rules(params)?;
        let predictor = Shared::new(Predictor {
            items: self.items.clone(),
            rules: rules.into_iter().map(|rule| (rule.antecedent, rule.consequent)).collect(),
        });
        let call = PREDICT.call(&predictor, &kind, true, vec![items.expr()]);
        let name = params.string("predictionCol")?;
        let field = crate::columns::new_field(&input, name, kind, true)?;
        input.with_columns(vec![(call, field)])
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        _: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        let lists = |name: &str| StructField::new(name, self.kind.clone(), false);
        let (schema, columns) = match name {
            "freqItemsets" => {
                let itemsets = StructField::new("items", self.kind.clone(), self.nullable);
                let count = StructField::new("freq", SparkType::Long, self.nullable);
                let (items, counts) = self.itemset_columns()?;
                (vec![itemsets, count], vec![items, counts])
            }
            "associationRules" => {
                let rules = self.rules(params)?;
                let double = |name: &str, nullable: bool| {
                    StructField::new(name, SparkType::Double, nullable)
                };
                let values = |value: fn(&Rule) -> f64| -> ArrayRef {
                    Arc::new(Float64Array::from_iter_values(rules.iter().map(value)))
                };
                let consequents: Vec<[u32; 1]> =
                    rules.iter().map(|rule| [rule.consequent]).collect();
                let lift: Float64Array = rules.iter().map(|rule| rule.lift).collect();
                let schema = vec![
                    lists("antecedent"),
                    lists("consequent"),
                    double("confidence", false),
                    double("lift", true),
                    double("support", false),
                ];
                let columns: Vec<ArrayRef> = vec![
                    self.lists(rules.iter().map(|rule| rule.antecedent.as_slice()))?,
                    self.lists(consequents.iter().map(<[u32; 1]>::as_slice))?,
                    values(|rule| rule.confidence),
                    Arc::new(lift),
                    values(|rule| rule.support),
                ];
                (schema, columns)
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        };
        let schema = StructType::new(schema);
        let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
        host.rows(schema, &[RecordBatch::try_new(arrow, columns)?])
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.extra("numTrainingRecords", serde_json::json!(self.n_transactions));
        let (items, counts) = self.itemset_columns()?;
        let columns = vec![("items", self.kind.clone(), items), ("freq", SparkType::Long, counts)];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!("FPGrowthModel: uid={}, numTrainingRecords={}", params.uid(), self.n_transactions)
    }
}

pub(crate) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let n_transactions = from.metadata().get("numTrainingRecords");
    let n_transactions = n_transactions.and_then(serde_json::Value::as_i64).unwrap_or_default();
    let table = from.table("data")?;
    let field = table.schema.fields.iter().find(|field| field.name == "items");
    let kind = field.map(|field| field.data_type.clone()).ok_or_else(broken)?;
    let lists = table.column("items")?.as_list_opt::<i32>().ok_or_else(broken)?;
    let mut numbers = ItemNumbers::default();
    let all = numbers.of(lists.values())?;
    let counts = cast(table.column("freq")?, &DataType::Int64)?;
    let counts = counts.as_primitive::<Int64Type>();
    let itemset = |(row, ends): (usize, &[i32])| {
        (all[ends[0] as usize..ends[1] as usize].to_vec(), counts.value(row))
    };
    let itemsets = lists.value_offsets().windows(2).enumerate().map(itemset).collect();
    let items = numbers.items;
    Ok(Arc::new(FpGrowthModel { kind, items, itemsets, n_transactions, nullable: true }))
}
