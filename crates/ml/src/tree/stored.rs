//! Saved trees: a row per node, and for ensembles a row per tree (`DecisionTreeModelReadWrite`,
//! `EnsembleModelReadWrite`).

use super::model::{Kind, TreeModel};
use super::node::{Inner, Node, Tree};
use super::split::{Categories, Split};
use crate::error;
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use arrow::array::{
    ArrayRef, AsArray, Float64Array, Float64Builder, Int32Array, Int64Array, ListBuilder,
    StringArray, StructArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Float64Type, Int32Type, Int64Type};
use firesteel_common::{Result, SparkType, StructField, StructType};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of Spark whose format this is.
const SPARK_VERSION: &str = "4.2.0";

/// A type with its column.
type Column = (&'static str, SparkType, ArrayRef);

pub(super) fn save(model: &TreeModel, params: &Params, to: &mut dyn ModelWriter) -> Result<()> {
    let own = &model.predictor;
    to.extra("numFeatures", json!(own.n_features));
    // Boosted classifiers have two classes always, and Spark does not say so.
    if own.kind.is_classifier() && own.kind != Kind::BoostedClassifier {
        to.extra("numClasses", json!(own.n_classes));
    }
    if !own.kind.is_ensemble() {
        let nodes: Vec<(usize, &Node)> =
            own.trees.iter().flat_map(|tree| tree.nodes.iter().enumerate()).collect();
        return to.table("data", Table::new(node_columns(&nodes)?)?);
    }
    to.extra("numTrees", json!(own.trees.len()));
    let members = model.members(params)?;
    let lines: Vec<String> = members.iter().map(|member| metadata(&member.params)).collect();
    let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..own.trees.len() as i32));
    let weights: ArrayRef = Arc::new(Float64Array::from(own.weights.clone()));
    to.table(
        "treesMetadata",
        Table::new(vec![
            ("_1", SparkType::Integer, numbers),
            ("_2", SparkType::string(), Arc::new(StringArray::from(lines))),
            ("_3", SparkType::Double, weights),
        ])?,
    )?;
    let nodes: Vec<(usize, &Node)> =
        own.trees.iter().flat_map(|tree| tree.nodes.iter().enumerate()).collect();
    let trees = own.trees.iter().enumerate();
    let tree_ids =
        trees.flat_map(|(number, tree)| std::iter::repeat_n(number as i32, tree.nodes.len()));
    let (kind, column) = structure(node_columns(&nodes)?);
    to.table(
        "data",
        Table::new(vec![
            ("treeID", SparkType::Integer, Arc::new(Int32Array::from_iter_values(tree_ids))),
            ("nodeData", kind, column),
        ])?,
    )
}

/// The metadata line of a tree in an ensemble.
fn metadata(params: &Params) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let (set, defaults) = params.to_json();
    json!({
        "class": params.class(),
        "timestamp": now.map_or(0, |since| since.as_millis() as u64),
        "sparkVersion": SPARK_VERSION,
        "uid": params.uid(),
        "paramMap": set,
        "defaultParamMap": defaults,
    })
    .to_string()
}

fn node_columns(nodes: &[(usize, &Node)]) -> Result<Vec<Column>> {
    let inner = |node: &Node, of: fn(&Inner) -> u32| {
        node.inner.as_ref().map_or(-1, |inner| of(inner) as i32)
    };
    let ids = nodes.iter().map(|(id, _)| *id as i32);
    let gains = nodes.iter().map(|(_, node)| node.inner.as_ref().map_or(-1.0, |inner| inner.gain));
    let doubles = |of: fn(&Node) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(nodes.iter().map(|(_, node)| of(node))))
    };
    let mut stats = ListBuilder::new(Float64Builder::new()).with_field(list_item());
    for (_, node) in nodes {
        stats.values().append_slice(&node.stats);
        stats.append(true);
    }
    let rows = nodes.iter().map(|(_, node)| node.n_rows);
    let left = nodes.iter().map(|(_, node)| inner(node, |inner| inner.left));
    let right = nodes.iter().map(|(_, node)| inner(node, |inner| inner.right));
    let (split_type, splits) = structure(split_columns(nodes));
    Ok(vec![
        ("id", SparkType::Integer, Arc::new(Int32Array::from_iter_values(ids))),
        ("prediction", SparkType::Double, doubles(|node| node.prediction)),
        ("impurity", SparkType::Double, doubles(|node| node.impurity)),
        ("impurityStats", doubles_type(), Arc::new(stats.finish())),
        ("rawCount", SparkType::Long, Arc::new(Int64Array::from_iter_values(rows))),
        ("gain", SparkType::Double, Arc::new(Float64Array::from_iter_values(gains))),
        ("leftChild", SparkType::Integer, Arc::new(Int32Array::from_iter_values(left))),
        ("rightChild", SparkType::Integer, Arc::new(Int32Array::from_iter_values(right))),
        ("split", split_type, splits),
    ])
}

fn split_columns(nodes: &[(usize, &Node)]) -> Vec<Column> {
    let (mut features, mut arity) = (Vec::new(), Vec::new());
    let mut values = ListBuilder::new(Float64Builder::new()).with_field(list_item());
    for (_, node) in nodes {
        let split = node.inner.as_ref().map(|inner| &inner.split);
        features.push(split.map_or(-1, |split| split.feature() as i32));
        arity.push(match split {
            Some(Split::Categorical { left, .. }) => left.arity() as i32,
            _ => -1,
        });
        match split {
            None => {}
            Some(Split::Continuous { threshold, .. }) => values.values().append_value(*threshold),
            Some(Split::Categorical { left, .. }) => {
                left.ordered().iter().for_each(|own| values.values().append_value(f64::from(*own)));
            }
        }
        values.append(true);
    }
    vec![
        ("featureIndex", SparkType::Integer, Arc::new(Int32Array::from(features))),
        ("leftCategoriesOrThreshold", doubles_type(), Arc::new(values.finish())),
        ("numCategories", SparkType::Integer, Arc::new(Int32Array::from(arity))),
    ]
}

fn list_item() -> Field {
    let list = StructField::new("list", doubles_type(), true).to_arrow();
    match list.data_type() {
        DataType::List(item) => item.as_ref().clone(),
        _ => Field::new("element", DataType::Float64, false),
    }
}

fn doubles_type() -> SparkType {
    SparkType::Array { element: Box::new(SparkType::Double), contains_null: false }
}

fn structure(columns: Vec<Column>) -> (SparkType, ArrayRef) {
    let nullable =
        |kind: &SparkType| matches!(kind, SparkType::Array { .. } | SparkType::Struct(_));
    let fields: Vec<StructField> = columns
        .iter()
        .map(|(name, kind, _)| StructField::new(*name, kind.clone(), nullable(kind)))
        .collect();
    let kind = SparkType::Struct(StructType::new(fields.clone()));
    let arrow: Fields = fields.iter().map(StructField::to_arrow).collect();
    let arrays = columns.into_iter().map(|(_, _, column)| column).collect();
    (kind, Arc::new(StructArray::new(arrow, arrays, None)))
}

pub(super) fn load(kind: Kind, from: &mut dyn ModelReader) -> Result<TreeModel> {
    let number =
        |name: &str| from.metadata().get(name).and_then(Json::as_u64).map(|number| number as usize);
    let n_features = number("numFeatures").ok_or_else(broken)?;
    let n_classes = match kind {
        Kind::BoostedClassifier => 2,
        _ if kind.is_classifier() => number("numClasses").ok_or_else(broken)?,
        _ => 0,
    };
    let table = from.table("data")?;
    if !kind.is_ensemble() {
        let rows = NodeRows::of_table(&table)?;
        let all: Vec<usize> = (0..table.n_rows()).collect();
        return Ok(TreeModel::new(kind, vec![rows.tree(&all)?], vec![1.0], n_features, n_classes));
    }
    let tree_ids = ints(table.column("treeID")?)?;
    let nodes = table.column("nodeData")?.as_struct_opt().ok_or_else(broken)?;
    let rows = NodeRows::of_struct(nodes)?;
    let mut by_tree: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for row in 0..table.n_rows() {
        by_tree.entry(tree_ids.value(row)).or_default().push(row);
    }
    let trees: Vec<Tree> = by_tree.values().map(|own| rows.tree(own)).collect::<Result<_>>()?;
    let metadata = from.table("treesMetadata")?;
    // Older versions of Spark name the columns.
    let column = |new: &str, old: &str| metadata.column(if metadata.has(new) { new } else { old });
    let numbers = ints(column("_1", "treeID")?)?;
    let values = doubles(column("_3", "weights")?)?;
    let mut weights: Vec<(i32, f64)> =
        (0..metadata.n_rows()).map(|row| (numbers.value(row), values.value(row))).collect();
    weights.sort_by_key(|(number, _)| *number);
    let weights = weights.into_iter().map(|(_, weight)| weight).collect();
    Ok(TreeModel::new(kind, trees, weights, n_features, n_classes))
}

fn broken() -> firesteel_common::SparkError {
    error::failed("The saved model is not one of trees.")
}

fn ints(column: &ArrayRef) -> Result<Int32Array> {
    Ok(cast(column, &DataType::Int32)?.as_primitive::<Int32Type>().clone())
}

fn doubles(column: &ArrayRef) -> Result<Float64Array> {
    Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

/// Columns of nodes.
struct NodeRows {
    ids: Int32Array,
    predictions: Float64Array,
    impurities: Float64Array,
    stats: ArrayRef,
    /// Spark wrote none before 3.0.
    counts: Option<Int64Array>,
    gains: Float64Array,
    left: Int32Array,
    right: Int32Array,
    features: Int32Array,
    values: ArrayRef,
    arity: Int32Array,
}

impl NodeRows {
    fn of_table(table: &Table) -> Result<Self> {
        Self::new(|name| table.column(name).ok())
    }

    fn of_struct(nodes: &StructArray) -> Result<Self> {
        Self::new(|name| nodes.column_by_name(name))
    }

    fn new<'a>(column: impl Fn(&str) -> Option<&'a ArrayRef>) -> Result<Self> {
        let get = |name: &str| column(name).ok_or_else(broken);
        let split = get("split")?.as_struct_opt().ok_or_else(broken)?;
        let of_split = |name: &str| split.column_by_name(name).ok_or_else(broken);
        let counts = column("rawCount").map(|counts| cast(counts, &DataType::Int64)).transpose()?;
        Ok(Self {
            ids: ints(get("id")?)?,
            predictions: doubles(get("prediction")?)?,
            impurities: doubles(get("impurity")?)?,
            stats: Arc::clone(get("impurityStats")?),
            counts: counts.map(|counts| counts.as_primitive::<Int64Type>().clone()),
            gains: doubles(get("gain")?)?,
            left: ints(get("leftChild")?)?,
            right: ints(get("rightChild")?)?,
            features: ints(of_split("featureIndex")?)?,
            values: Arc::clone(of_split("leftCategoriesOrThreshold")?),
            arity: ints(of_split("numCategories")?)?,
        })
    }

    /// The tree of these rows.
    fn tree(&self, rows: &[usize]) -> Result<Tree> {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| self.ids.value(*row));
        let is_whole = rows.iter().enumerate().all(|(at, row)| self.ids.value(*row) == at as i32);
        if rows.is_empty() || !is_whole {
            return Err(broken());
        }
        let list = |column: &ArrayRef, row: usize| -> Result<Vec<f64>> {
            let list = column.as_list_opt::<i32>().ok_or_else(broken)?.value(row);
            Ok(doubles(&list)?.values().to_vec())
        };
        let n_nodes = rows.len();
        let nodes = rows
            .into_iter()
            .enumerate()
            .map(|(at, row)| {
                let child = |children: &Int32Array| {
                    let child = u32::try_from(children.value(row)).map_err(|_| broken())?;
                    // Children come after their parent, so that walking down ends.
                    if child as usize > at && (child as usize) < n_nodes {
                        Ok(child)
                    } else {
                        Err(broken())
                    }
                };
                let inner = match self.left.value(row) {
                    ..0 => None,
                    _ => {
                        let feature =
                            usize::try_from(self.features.value(row)).map_err(|_| broken())?;
                        let values = list(&self.values, row)?;
                        let split = match self.arity.value(row) {
                            -1 => Split::Continuous {
                                feature,
                                threshold: *values.first().ok_or_else(broken)?,
                            },
                            arity => {
                                let chosen: Vec<u32> =
                                    values.iter().map(|value| *value as u32).collect();
                                let arity = usize::try_from(arity).map_err(|_| broken())?;
                                Split::Categorical {
                                    feature,
                                    left: Categories::new(&chosen, arity),
                                }
                            }
                        };
                        let (left, right) = (child(&self.left)?, child(&self.right)?);
                        Some(Inner { gain: self.gains.value(row), split, left, right })
                    }
                };
                Ok(Node {
                    prediction: self.predictions.value(row),
                    impurity: self.impurities.value(row),
                    stats: list(&self.stats, row)?,
                    n_rows: self.counts.as_ref().map_or(-1, |counts| counts.value(row)),
                    inner,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Tree { nodes })
    }
}
