//! `IDF`: terms weighted down by how many documents have them: ln((n + 1) / (documents with the term + 1)).

use super::entry_range::check_size;
use super::in_out;
use super::map_vectors::{arg, map_stored};
use super::udf_error;
use crate::attribute::AttributeGroup;
use crate::data::Dataset;
use crate::linalg::{Vector, VectorColumn, vector_type};
use crate::param::{Param, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::wire::doubles;
use crate::{Answer, Argument, Class, Fitted, FunctionKind, Model, Role, Value, columns, error};
use arrow::array::{ArrayRef, Int64Array};
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    // Terms in fewer documents weigh nothing.
    Param::int("minDocFreq", 0).valid(Valid::GtEq(0.0)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.IDF",
    params: PARAMS,
    role: Role::Estimator { fit, model: "org.apache.spark.ml.feature.IDFModel" },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.IDFModel",
    params: PARAMS,
    role: Role::Model { attributes: &["idf", "docFreq", "numDocs"], load },
};

#[derive(Debug)]
struct IdfModel {
    idf: Vector,
    document_counts: Vec<i64>,
    n_documents: i64,
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let vectors = columns::vector(&data.frame, params.string("inputCol")?)?;
    in_out::check_column_new(&data.frame, params.string("outputCol")?)?;
    let least = params.long("minDocFreq")?;
    let mut counts: Vec<i64> = Vec::new();
    let mut n_documents = 0;
    data.scan(vec![vectors], |batch| {
        let vectors = VectorColumn::new(batch.column(0))?;
        for row in 0..vectors.len() {
            let vector = super::map_vectors::required(&vectors, row)?;
            if n_documents == 0 {
                counts = vec![0; vector.size()];
            }
            check_size(counts.len(), vector.size())?;
            vector.for_each_stored(|at, value| counts[at] += i64::from(value > 0.0));
            n_documents += 1;
        }
        Ok(())
    })?;
    if n_documents == 0 {
        return Err(error::failed("Haven't seen any document yet."));
    }
    let mut idf = Vec::with_capacity(counts.len());
    for count in &mut counts {
        if *count >= least {
            idf.push(((n_documents as f64 + 1.0) / (*count as f64 + 1.0)).ln());
        } else {
            *count = 0;
            idf.push(0.0);
        }
    }
    Ok(Fitted::new(IdfModel { idf: Vector::Dense(idf), document_counts: counts, n_documents }))
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    let idf = data.vector("idf")?;
    // Before 3.0 there were no counts.
    let has = data.has("docFreq");
    Ok(Arc::new(IdfModel {
        document_counts: if has { data.longs("docFreq")? } else { vec![0; idf.size()] },
        n_documents: if has { data.long("numDocs")? } else { 0 },
        idf,
    }))
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Weights {
    #[serde(with = "doubles")]
    idf: Vec<f64>,
}

pub(super) static WEIGH: FunctionKind<Weights> =
    FunctionKind::new("idf", weigh).in_spark("IDFModel");

impl Model for IdfModel {
    fn size_bytes(&self) -> u64 {
        16 * self.document_counts.len() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let output = params.string("outputCol")?;
        in_out::check_column_new(&input, output)?;
        let field = StructField::new(output, vector_type(), true);
        let field = AttributeGroup::of_size(self.idf.size()).put_on(field);
        in_out::add(input, &WEIGH, Weights { idf: self.idf.to_dense() }, vec![vector], field)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "idf" => Ok(Value::Vector(self.idf.clone()).into()),
            "docFreq" => Ok(Value::Longs(self.document_counts.clone()).into()),
            "numDocs" => Ok(Value::Long(self.n_documents).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let columns = vec![
            ("idf", vector_type(), Vector::column([&self.idf])?),
            super::lists::longs("docFreq", &self.document_counts)?,
            (
                "numDocs",
                SparkType::Long,
                Arc::new(Int64Array::from(vec![self.n_documents])) as ArrayRef,
            ),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "IDFModel: uid={}, numDocs={}, numFeatures={}",
            params.uid(),
            self.n_documents,
            self.idf.size()
        )
    }
}

fn weigh(with: &Weights, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    map_stored(
        arg(args, 0)?,
        |vector| match vector.size() <= with.idf.len() {
            true => Ok(()),
            false => Err(udf_error::vectors(
                "IDFModel",
                &format!(
                    "java.lang.ArrayIndexOutOfBoundsException: Index {} out of bounds for length {}",
                    with.idf.len(),
                    with.idf.len()
                ),
            )),
        },
        |at, value| value * with.idf[at],
    )
}
