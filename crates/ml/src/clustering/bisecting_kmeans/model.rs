//! `BisectingKMeansModel`: a row goes down the tree to the closer child.

use super::tree::{Node, Tree};
use crate::clustering::features::{features, prediction_field, vectors};
use crate::clustering::kmeans::closest::Distance;
use crate::data::{Aggregate, InstanceColumns, RowView};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Matrix, VectorColumn, VectorColumnBuilder, kernels, of_mllib, vector_type};
use crate::model::{Answer, Argument, Model, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use firesteel_common::{Frame, Result, SparkError, SparkType, TableHost};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// The cluster of a row.
pub(crate) static ASSIGN: FunctionKind<Tree> =
    FunctionKind::new("bisecting_kmeans.predict", assign).in_spark("BisectingKMeansModel");

fn assign(tree: &Tree, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let column = vectors(&args[0])?;
    let column = VectorColumn::new(&column)?;
    let mut clusters = Vec::with_capacity(n_rows);
    let mut dense = vec![0.0; tree.n_features()];
    for row in 0..n_rows {
        let vector = column.get(row).ok_or_else(|| error::raised("Vectors MUST NOT be Null"))?;
        if vector.size() != dense.len() {
            return Err(error::requirement(format!(
                "Both vectors should have same length, found v1 is {} while v2 is {}.",
                dense.len(),
                vector.size()
            )));
        }
        if vector.values().iter().any(|value| value.is_nan()) {
            return Err(error::requirement(
                "Both norms should be greater or equal to 0.0, found norm2=NaN.",
            ));
        }
        vector.copy_to(&mut dense);
        clusters.push(tree.predict(RowView::Dense(&dense)).0);
    }
    Ok(Arc::new(Int32Array::from(clusters)))
}

/// The fitted model.
#[derive(Debug)]
pub(crate) struct BisectingKMeansModel {
    tree: Arc<Shared<Tree>>,
    training_cost: f64,
}

impl BisectingKMeansModel {
    pub(super) fn new(tree: Tree, training_cost: f64) -> Self {
        Self { tree: Shared::new(tree), training_cost }
    }

    pub(super) fn k(&self) -> usize {
        self.tree.leaves().count()
    }
}

impl Model for BisectingKMeansModel {
    fn size_bytes(&self) -> u64 {
        (self.tree.nodes.len() * (8 * self.tree.n_features() + 96)) as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let Some(prediction) = params.column("predictionCol") else { return Ok(input) };
        let features = features(&input, params.string("featuresCol")?)?;
        let call = ASSIGN.call(&self.tree, &SparkType::Integer, false, vec![features]);
        input.with_columns(vec![(call, prediction_field(prediction, self.k()))])
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let (k, d) = (self.k(), self.tree.n_features());
        Ok(Answer::Value(match name {
            "numFeatures" => Value::Int(d as i32),
            "clusterCenterMatrix" => {
                let centers = self.tree.leaves().flat_map(|leaf| leaf.center.iter().copied());
                Value::Matrix(Matrix::row_major(k, d, centers.collect()))
            }
            "predict" => {
                let mut builder = VectorColumnBuilder::default();
                builder.push(vector_argument(args, 0)?.view());
                let found = assign(&self.tree, &[builder.finish()?], 1)?;
                Value::Int(found.as_primitive::<Int32Type>().value(0))
            }
            "computeCost" => {
                let data = match args.first() {
                    Some(argument) => argument.data()?,
                    None => return Err(SparkError::invalid_plan("A relation was expected.")),
                };
                let columns = InstanceColumns::features(params.string("featuresCol")?);
                let instances = data.instances(&columns)?;
                let add = |sum: &mut f64, block: &crate::data::Block| {
                    for row in 0..block.n_rows() {
                        *sum += self.tree.predict(block.row(row)).1;
                    }
                    Ok(())
                };
                Value::Double(instances.aggregate(|| 0.0, add, |sum, other| *sum += other)?)
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let nodes = &self.tree.nodes;
        let root = nodes.first().map_or(0, |root| root.index);
        to.metadata(
            "data",
            &json!({
                "class": "org.apache.spark.mllib.clustering.BisectingKMeansModel",
                "version": "3.0",
                "rootId": root,
                "distanceMeasure": self.tree.distance.name(),
                "trainingCost": self.training_cost,
            }),
        )?;
        let kind = SparkType::Array { element: Box::new(SparkType::Integer), contains_null: false };
        let DataType::List(element) = kind.to_arrow() else {
            return Err(SparkError::internal("an array type is a list"));
        };
        let offsets = OffsetBuffer::from_lengths(nodes.iter().map(|node| node.children.len()));
        let children = nodes.iter().flat_map(|node| &node.children).map(|at| nodes[*at].index);
        let children = Arc::new(Int32Array::from_iter_values(children));
        let children: ArrayRef = Arc::new(ListArray::try_new(element, offsets, children, None)?);
        let mut centers = VectorColumnBuilder::default();
        nodes.iter().for_each(|node| centers.push_dense(&node.center));
        let doubles = |value: fn(&Node) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(nodes.iter().map(value)))
        };
        let indices = Int32Array::from_iter_values(nodes.iter().map(|node| node.index));
        let sizes = Int64Array::from_iter_values(nodes.iter().map(|node| node.n_rows));
        let table = Table::new(vec![
            ("index", SparkType::Integer, Arc::new(indices) as ArrayRef),
            ("size", SparkType::Long, Arc::new(sizes) as ArrayRef),
            ("center", of_mllib(vector_type()), centers.finish()?),
            ("norm", SparkType::Double, doubles(|node| kernels::norm(&node.center))),
            ("cost", SparkType::Double, doubles(|node| node.cost)),
            ("height", SparkType::Double, doubles(|node| node.height)),
            ("children", kind, children),
        ])?;
        to.table("data/data", table)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "BisectingKMeansModel: uid={}, k={}, distanceMeasure={}, numFeatures={}",
            params.uid(),
            self.k(),
            self.tree.distance.name(),
            self.tree.n_features()
        )
    }
}

pub(crate) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let broken = || error::failed("A saved model is broken.");
    let metadata = from.metadata_of("data")?;
    let root = metadata.get("rootId").and_then(Json::as_i64).ok_or_else(broken)? as i32;
    let distance = metadata.get("distanceMeasure").and_then(Json::as_str).unwrap_or("euclidean");
    let table = from.table("data/data")?;
    let ints = cast(table.column("index")?, &DataType::Int32)?;
    let indices = ints.as_primitive::<Int32Type>().values().to_vec();
    let sizes = cast(table.column("size")?, &DataType::Int64)?;
    let sizes = sizes.as_primitive::<Int64Type>();
    let centers = VectorColumn::new(table.column("center")?)?;
    let doubles = |name: &str| -> Result<Vec<f64>> {
        let column = cast(table.column(name)?, &DataType::Float64)?;
        Ok(column.as_primitive::<Float64Type>().values().to_vec())
    };
    let (costs, heights) = (doubles("cost")?, doubles("height")?);
    let children = table.column("children")?.as_list_opt::<i32>().ok_or_else(broken)?;
    let rows: HashMap<i32, usize> =
        indices.iter().enumerate().map(|(row, index)| (*index, row)).collect();
    let mut nodes: Vec<Node> = Vec::with_capacity(indices.len());
    // Rows that are still to be read, with the node whose child each is.
    let mut open = vec![(root, None)];
    while let Some((index, parent)) = open.pop() {
        let row = *rows.get(&index).ok_or_else(broken)?;
        if nodes.len() >= indices.len() {
            return Err(broken());
        }
        let at = nodes.len();
        nodes.push(Node {
            index,
            n_rows: sizes.value(row),
            center: centers.get(row).ok_or_else(broken)?.to_dense(),
            cost: costs[row],
            height: heights[row],
            children: Vec::new(),
        });
        if let Some(parent) = parent {
            let parent: usize = parent;
            nodes[parent].children.push(at);
        }
        let own = cast(&children.value(row), &DataType::Int32)?;
        let own = own.as_primitive::<Int32Type>().values().to_vec();
        open.extend(own.into_iter().rev().map(|child| (child, Some(at))));
    }
    let tree = Tree { distance: Distance::of(distance), nodes };
    let cost = metadata.get("trainingCost").and_then(Json::as_f64);
    let cost = cost.unwrap_or_else(|| tree.leaves().map(|leaf| leaf.cost).sum());
    Ok(Arc::new(BisectingKMeansModel::new(tree, cost)))
}
