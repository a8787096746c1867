//! SVD++.

use super::error::{invalid_graph, require};
use super::{Algorithm, Input, Output, Reads};
use crate::csr::Strays;
use crate::kernel::{self, SvdPlusPlusParams, Watch, degrees};
use arrow::array::{ArrayRef, Float64Array, ListArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field};
use firesteel_common::{Result, SparkType, StructType};
use std::sync::Arc;

const WEIGHT: &str = "weight";

/// `svdPlusPlus`: users are sources, items destinations, ratings weights. Vertices without edges are left out.
#[derive(Debug)]
pub struct SvdPlusPlus {
    params: SvdPlusPlusParams,
}

impl SvdPlusPlus {
    /// # Errors
    /// `IllegalArgumentException` for a rank or a number of rounds that is none.
    pub fn new(rank: i32, rounds: i32, params: SvdPlusPlusParams) -> Result<Self> {
        require(rank > 0, format!("rank must be greater than 0, but got {rank}"))?;
        require(rounds > 0, format!("maxIter must be greater than 0, but got {rounds}"))?;
        let number = |value: i32| usize::try_from(value).unwrap_or_default();
        let params =
            SvdPlusPlusParams { rank: number(rank), n_iterations: number(rounds), ..params };
        Ok(Self { params })
    }
}

impl Algorithm for SvdPlusPlus {
    fn reads(&self) -> Reads {
        Reads { weight: Some(WEIGHT.to_owned()), strays: Strays::Drop, ..Reads::default() }
    }

    fn added(&self) -> Option<Vec<String>> {
        Some(["column1", "column2", "column3", "column4", "loss"].map(str::to_owned).to_vec())
    }

    fn output(&self, vertices: &StructType, edges: &StructType) -> Result<Output> {
        if super::field(edges, WEIGHT).is_err() {
            return Err(invalid_graph(format!(
                "Weight column {WEIGHT} missing from edge DataFrame, which has columns: {}",
                edges.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(",")
            )));
        }
        let factors =
            SparkType::Array { element: Box::new(SparkType::Double), contains_null: false };
        let double = SparkType::Double;
        let columns = [
            ("column1", factors.clone(), true),
            ("column2", factors, true),
            ("column3", double.clone(), true),
            ("column4", double.clone(), true),
            ("loss", double, true),
        ];
        Output::by_vertex(vertices, &columns)
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let found = kernel::svd_plus_plus(&input.graph, &input.weights, self.params, watch)?;
        let n = input.ids.len();
        let columns: Vec<ArrayRef> = vec![
            input.ids.to_array(),
            lists(found.factors, self.params.rank, n)?,
            lists(found.implicit, self.params.rank, n)?,
            Arc::new(Float64Array::from(found.biases)),
            Arc::new(Float64Array::from(found.norms)),
            Arc::new(Float64Array::from(vec![found.mean; n])),
        ];
        let degrees = degrees(&input.graph, watch.n_threads());
        let with_edges = (0..).zip(degrees).filter(|(_, degree)| *degree > 0);
        let rows: UInt32Array = with_edges.map(|(number, _)| number).collect();
        let columns = columns.iter().map(|column| take(column, &rows, None));
        Ok(columns.collect::<std::result::Result<_, _>>()?)
    }
}

/// Lists of equal length.
fn lists(values: Vec<f64>, length: usize, n: usize) -> Result<ArrayRef> {
    let element = Arc::new(Field::new_list_field(DataType::Float64, false));
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(length, n));
    Ok(Arc::new(ListArray::try_new(element, offsets, Arc::new(Float64Array::from(values)), None)?))
}
