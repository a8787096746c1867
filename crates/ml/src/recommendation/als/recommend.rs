//! The best items for users, or users for items: a bounded heap per id over all of the other side.

use super::model::Side;
use crate::function::FunctionKind;
use arrow::array::{ArrayRef, AsArray, Float32Array, Int32Array, ListArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Int32Type};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Ids scored together, so that a factor of the other side is loaded once for them.
const TOGETHER: usize = 8;

/// What recommendations are made of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recommender {
    pub n: usize,
    /// Column of the recommended ids.
    pub name: String,
    #[serde(with = "super::model::held")]
    pub own: Arc<Side>,
    #[serde(with = "super::model::held")]
    pub others: Arc<Side>,
}

/// Ids and ratings, best first, as an array of structs.
pub(crate) static RECOMMEND: FunctionKind<Recommender> =
    FunctionKind::new("als.recommend", recommend);

/// Type of a list of recommendations; `name` is the recommended side's column.
pub(super) fn recommendation_type(name: &str) -> SparkType {
    let fields = StructType::new(vec![
        StructField::new(name, SparkType::Integer, true),
        StructField::new("rating", SparkType::Float, true),
    ]);
    SparkType::Array { element: Box::new(SparkType::Struct(fields)), contains_null: true }
}

/// The worst of the best lies on top of the heap. Of equal scores the larger id is the better one, as in Spark.
#[derive(PartialEq)]
struct Scored {
    score: f32,
    id: i32,
}

impl Eq for Scored {}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(other.id.cmp(&self.id))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn recommend(model: &Recommender, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let ids = args[0].as_primitive::<Int32Type>();
    let (mut others, mut ratings) = (Vec::new(), Vec::new());
    let mut lengths = Vec::with_capacity(n_rows);
    let mut known = Vec::with_capacity(n_rows);
    let rows: Vec<usize> = (0..n_rows).collect();
    for rows in rows.chunks(TOGETHER) {
        let factors: Vec<Option<&[f32]>> =
            rows.iter().map(|row| model.own.factor(ids.value(*row))).collect();
        for best in best(model, &factors) {
            known.push(best.is_some());
            let best = best.unwrap_or_default();
            lengths.push(best.len());
            others.extend(best.iter().map(|scored| scored.id));
            ratings.extend(best.iter().map(|scored| scored.score));
        }
    }
    let DataType::List(element) = recommendation_type(&model.name).to_arrow() else {
        return Err(SparkError::internal("an array type is a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("a struct type is a struct"));
    };
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int32Array::from(others)), Arc::new(Float32Array::from(ratings))];
    let items = StructArray::try_new(fields.clone(), columns, None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    let nulls = NullBuffer::from(known);
    Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(items), Some(nulls))?))
}

fn best(model: &Recommender, factors: &[Option<&[f32]>]) -> Vec<Option<Vec<Scored>>> {
    let rank = model.others.rank;
    let mut heaps: Vec<BinaryHeap<Scored>> = factors.iter().map(|_| BinaryHeap::new()).collect();
    for (other, id) in model.others.values.chunks_exact(rank.max(1)).zip(&model.others.ids) {
        for (factor, heap) in factors.iter().zip(&mut heaps) {
            let Some(factor) = factor else { continue };
            let scored = Scored { score: dot(factor, other), id: *id };
            if heap.len() < model.n {
                heap.push(scored);
            } else if let Some(mut worst) = heap.peek_mut()
                && scored < *worst
            {
                *worst = scored;
            }
        }
    }
    let sorted = |(factor, heap): (&Option<&[f32]>, BinaryHeap<Scored>)| {
        factor.map(|_| heap.into_sorted_vec())
    };
    factors.iter().zip(heaps).map(sorted).collect()
}

fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (xs, ys) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest: f32 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        for lane in 0..8 {
            lanes[lane] = x[lane].mul_add(y[lane], lanes[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest
}
