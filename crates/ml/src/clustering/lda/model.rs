//! `LocalLDAModel` and `DistributedLDAModel`; the second also knows the documents that it was trained on.

use super::documents::Documents;
use super::em::TopicCounts;
use super::inference::Inference;
use super::topics::LocalTopics;
use crate::clustering::features::{features, vectors};
use crate::data::{Dataset, InstanceColumns};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Matrix, Vector, VectorColumn, VectorColumnBuilder, of_mllib, vector_type};
use crate::model::{Answer, Argument, Instance, Model, TableArgument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{
    ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use firesteel_common::{Frame, Result, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Spark's names of the two classes.
pub(crate) const LOCAL: &str = "org.apache.spark.ml.clustering.LocalLDAModel";
pub(crate) const DISTRIBUTED: &str = "org.apache.spark.ml.clustering.DistributedLDAModel";

/// What the topics of documents are inferred from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inferrer {
    topics: LocalTopics,
    seed: i64,
}

/// Shares of the topics, per document.
pub(crate) static INFER: FunctionKind<Inferrer> =
    FunctionKind::new("lda.topics", infer).in_spark("LDAModel");

fn infer(model: &Inferrer, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let topics = &model.topics;
    let exp_log_beta = topics.exp_log_beta();
    let prepared = topics.inference(&exp_log_beta);
    let column = vectors(&args[0])?;
    let column = VectorColumn::new(&column)?;
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, n_rows * topics.k);
    let mut inference = Inference::default();
    let (mut terms, mut counts) = (Vec::new(), Vec::new());
    for row in 0..n_rows {
        let document = column.get(row).ok_or_else(|| error::raised("Vectors MUST NOT be Null"))?;
        if document.size() > topics.n_terms {
            return Err(error::requirement(format!(
                "A document has {} terms, but the model knows {}",
                document.size(),
                topics.n_terms
            )));
        }
        terms.clear();
        counts.clear();
        document.for_each_nonzero(|term, count| {
            terms.push(term as u32);
            counts.push(count);
        });
        if terms.is_empty() {
            builder.push_dense_with(|values| values.extend(std::iter::repeat_n(0.0, topics.k)));
            continue;
        }
        inference.infer(&prepared, &terms, &counts, model.seed);
        let sum: f64 = inference.gamma.iter().sum();
        builder.push_dense_with(|out| out.extend(inference.gamma.iter().map(|value| value / sum)));
    }
    builder.finish()
}

/// Either model.
#[derive(Debug)]
pub(crate) struct LdaModel {
    topics: LocalTopics,
    /// What only a distributed model knows.
    counts: Option<TopicCounts>,
}

impl LdaModel {
    pub(super) fn local(topics: LocalTopics) -> Self {
        Self { topics, counts: None }
    }

    pub(super) fn distributed(counts: TopicCounts) -> Self {
        let topics = LocalTopics {
            k: counts.k,
            n_terms: counts.documents.n_terms,
            lambda: counts.by_topic(),
            alpha: vec![counts.alpha; counts.k],
            eta: counts.eta,
            gamma_shape: super::GAMMA_SHAPE,
        };
        Self { topics, counts: Some(counts) }
    }

    /// What inference begins with: a model's own default seed, whatever its training's was.
    fn seed() -> i64 {
        i64::from(crate::param::java_hash(LOCAL))
    }

    fn log_likelihood(&self, params: &Params, data: &Dataset) -> Result<(f64, f64)> {
        let columns = InstanceColumns::features(params.string("featuresCol")?);
        let documents = Documents::of(&data.instances(&columns)?);
        let bound = self.topics.log_likelihood(&documents, Self::seed(), data.job.as_ref())?;
        Ok((bound, documents.counts.iter().sum()))
    }

    fn topics_matrix(&self) -> Matrix {
        let topics = &self.topics;
        Matrix::dense(topics.n_terms, topics.k, topics.lambda.clone())
    }

    fn described(&self, n: usize, host: &mut dyn TableHost) -> Result<Frame> {
        let array = |element| SparkType::Array { element: Box::new(element), contains_null: false };
        let schema = StructType::new(vec![
            StructField::new("topic", SparkType::Integer, false),
            StructField::new("termIndices", array(SparkType::Integer), true),
            StructField::new("termWeights", array(SparkType::Double), true),
        ]);
        let arrow = firesteel_common::types::schema_to_arrow(&schema);
        let (mut terms, mut weights, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for (own_terms, own_weights) in self.topics.heaviest(n) {
            lengths.push(own_terms.len());
            terms.extend(own_terms);
            weights.extend(own_weights);
        }
        let list = |at: usize, values: ArrayRef| -> Result<ArrayRef> {
            let DataType::List(element) = arrow.field(at).data_type() else {
                return Err(firesteel_common::SparkError::internal("an array type is a list"));
            };
            let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
            Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, None)?))
        };
        let columns = vec![
            Arc::new(Int32Array::from_iter_values(0..self.topics.k as i32)) as ArrayRef,
            list(1, Arc::new(Int32Array::from(terms)))?,
            list(2, Arc::new(Float64Array::from(weights)))?,
        ];
        host.rows(schema, &[RecordBatch::try_new(Arc::new(arrow.clone()), columns)?])
    }

    fn save_distributed(&self, counts: &TopicCounts, to: &mut dyn ModelWriter) -> Result<()> {
        let k = counts.k;
        to.metadata(
            "oldModel",
            &json!({
                "class": "org.apache.spark.mllib.clustering.DistributedLDAModel",
                "version": "1.0",
                "k": k,
                "vocabSize": counts.documents.n_terms,
                "docConcentration": vec![counts.alpha; k],
                "topicConcentration": counts.eta,
                "iterationTimes": Vec::<f64>::new(),
                "gammaShape": super::GAMMA_SHAPE,
            }),
        )?;
        let totals = Vector::Dense(counts.totals.clone());
        let table = Table::new(vec![(
            "globalTopicTotals",
            of_mllib(vector_type()),
            Vector::column([&totals])?,
        )])?;
        to.table("oldModel/data/globalTopicTotals", table)?;
        let (mut ids, mut weights) = (Vec::new(), VectorColumnBuilder::default());
        for at in 0..counts.documents.n_documents() {
            if !counts.documents.document(at).0.is_empty() {
                ids.push(at as i64);
                weights.push_dense(&counts.of_documents[at * k..(at + 1) * k]);
            }
        }
        for (term, row) in counts.of_terms.chunks_exact(k).enumerate() {
            if counts.occurs[term] {
                // Spark's number of a term's vertex.
                ids.push(-(1 + term as i64));
                weights.push_dense(row);
            }
        }
        let table = Table::new(vec![
            ("id", SparkType::Long, Arc::new(Int64Array::from(ids)) as ArrayRef),
            ("topicWeights", of_mllib(vector_type()), weights.finish()?),
        ])?;
        to.table("oldModel/data/topicCounts", table)?;
        let (mut from, mut terms) = (Vec::new(), Vec::new());
        for at in 0..counts.documents.n_documents() {
            for term in counts.documents.document(at).0 {
                from.push(at as i64);
                terms.push(-(1 + i64::from(*term)));
            }
        }
        let tokens = Float64Array::from(counts.documents.counts.clone());
        let table = Table::new(vec![
            ("srcId", SparkType::Long, Arc::new(Int64Array::from(from)) as ArrayRef),
            ("dstId", SparkType::Long, Arc::new(Int64Array::from(terms)) as ArrayRef),
            ("tokenCounts", SparkType::Double, Arc::new(tokens) as ArrayRef),
        ])?;
        to.table("oldModel/data/tokenCounts", table)
    }
}

impl Model for LdaModel {
    fn size_bytes(&self) -> u64 {
        let counts = self.counts.as_ref().map_or(0, |counts| {
            counts.of_documents.len() + counts.of_terms.len() + 2 * counts.documents.counts.len()
        });
        8 * (self.topics.lambda.len() + counts) as u64 + 256
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let Some(name) = params.column("topicDistributionCol") else { return Ok(input) };
        let features = features(&input, params.string("featuresCol")?)?;
        let inferrer = Shared::new(Inferrer { topics: self.topics.clone(), seed: Self::seed() });
        let call = INFER.call(&inferrer, &vector_type(), true, vec![features]);
        let field = StructField::new(name, vector_type(), true);
        let field = crate::attribute::AttributeGroup::of_size(self.topics.k).put_on(field);
        input.with_columns(vec![(call, field)])
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let data = || match args.first() {
            Some(argument) => argument.data(),
            None => Err(firesteel_common::SparkError::invalid_plan("A relation was expected.")),
        };
        let denied = || error::attribute_not_allowed(params.class(), name);
        let counts = || self.counts.as_ref().ok_or_else(denied);
        Ok(Answer::Value(match name {
            "isDistributed" => Value::Bool(self.counts.is_some()),
            "vocabSize" => Value::Int(self.topics.n_terms as i32),
            "topicsMatrix" => Value::Matrix(self.topics_matrix()),
            "estimatedDocConcentration" => Value::Vector(Vector::Dense(self.topics.alpha.clone())),
            "logLikelihood" => Value::Double(self.log_likelihood(params, data()?)?.0),
            "logPerplexity" => {
                let (bound, n_tokens) = self.log_likelihood(params, data()?)?;
                Value::Double(-bound / n_tokens)
            }
            "trainingLogLikelihood" => Value::Double(counts()?.log_likelihood()),
            "logPrior" => Value::Double(counts()?.log_prior()),
            "getCheckpointFiles" => {
                counts()?;
                Value::Strings(Vec::new())
            }
            "toLocal" => {
                counts()?;
                let model = Arc::new(Self::local(self.topics.clone()));
                let params = params.for_class(LOCAL, super::PARAMS);
                return Ok(Answer::Models(vec![Instance { params, model }]));
            }
            _ => return Err(denied()),
        }))
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        args: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        if name != "describeTopics" {
            return Err(error::attribute_not_allowed(params.class(), name));
        }
        let n = args.into_iter().next().map(TableArgument::value).transpose()?;
        let n = n.and_then(|value| value.as_i64()).unwrap_or(10);
        self.described(usize::try_from(n).unwrap_or_default(), host)
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        if let Some(counts) = &self.counts {
            return self.save_distributed(counts, to);
        }
        let topics = &self.topics;
        let alpha = Vector::Dense(topics.alpha.clone());
        let int = |value: usize| Arc::new(Int32Array::from(vec![value as i32])) as ArrayRef;
        let double = |value: f64| Arc::new(Float64Array::from(vec![value])) as ArrayRef;
        let table = Table::new(vec![
            ("vocabSize", SparkType::Integer, int(topics.n_terms)),
            ("topicsMatrix", crate::linalg::matrix_type(), self.topics_matrix().column()?),
            ("docConcentration", vector_type(), Vector::column([&alpha])?),
            ("topicConcentration", SparkType::Double, double(topics.eta)),
            ("gammaShape", SparkType::Double, double(topics.gamma_shape)),
        ])?;
        to.table("data", table)
    }

    fn text(&self, params: &Params) -> String {
        let class = params.class().rsplit('.').next().unwrap_or_default();
        format!(
            "{class}: uid={}, k={}, numFeatures={}",
            params.uid(),
            self.topics.k,
            self.topics.n_terms
        )
    }
}

pub(crate) fn load_local(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let matrix = table.matrix("topicsMatrix")?;
    Ok(Arc::new(LdaModel::local(LocalTopics {
        k: matrix.n_cols,
        n_terms: matrix.n_rows,
        lambda: matrix.to_column_major(),
        alpha: table.vector("docConcentration")?.to_dense(),
        eta: table.double("topicConcentration")?,
        gamma_shape: table.double("gammaShape")?,
    })))
}

fn longs(table: &Table, name: &str) -> Result<Vec<i64>> {
    let column = cast(table.column(name)?, &DataType::Int64)?;
    Ok(column.as_primitive::<Int64Type>().values().to_vec())
}

pub(crate) fn load_distributed(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let broken = || error::failed("A saved model is broken.");
    let metadata = from.metadata_of("oldModel")?;
    let k = metadata.get("k").and_then(Json::as_u64).ok_or_else(broken)? as usize;
    let n_terms = metadata.get("vocabSize").and_then(Json::as_u64).ok_or_else(broken)? as usize;
    let alpha = metadata.get("docConcentration").and_then(Json::as_array);
    let alpha = alpha.and_then(|items| items.first()?.as_f64()).ok_or_else(broken)?;
    let eta = metadata.get("topicConcentration").and_then(Json::as_f64).ok_or_else(broken)?;
    let tokens = from.table("oldModel/data/tokenCounts")?;
    let (sources, terms) = (longs(&tokens, "srcId")?, longs(&tokens, "dstId")?);
    let counts = cast(tokens.column("tokenCounts")?, &DataType::Float64)?;
    let counts = counts.as_primitive::<Float64Type>();
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|at| (sources[*at], -terms[*at]));
    let topics = from.table("oldModel/data/topicCounts")?;
    let ids = longs(&topics, "id")?;
    let weights = VectorColumn::new(topics.column("topicWeights")?)?;
    let mut document_ids: Vec<i64> = ids.iter().copied().filter(|id| *id >= 0).collect();
    document_ids.sort_unstable();
    let mut documents = Documents::new(n_terms);
    let mut next = 0;
    for id in &document_ids {
        while next < order.len() && sources[order[next]] == *id {
            let at = order[next];
            documents.push((-terms[at] - 1).max(0) as usize, counts.value(at));
            next += 1;
        }
        documents.end();
    }
    let mut of_documents = vec![0.0; document_ids.len() * k];
    let (mut of_terms, mut occurs) = (vec![0.0; n_terms * k], vec![false; n_terms]);
    for (row, id) in ids.iter().enumerate() {
        let weights = weights.get(row).ok_or_else(broken)?;
        let to = match usize::try_from(*id) {
            Ok(_) => {
                let at = document_ids.binary_search(id).map_err(|_| broken())?;
                of_documents.get_mut(at * k..(at + 1) * k)
            }
            Err(_) => {
                let term = (-id - 1) as usize;
                *occurs.get_mut(term).ok_or_else(broken)? = true;
                of_terms.get_mut(term * k..(term + 1) * k)
            }
        };
        let to = to.filter(|to| to.len() == weights.size()).ok_or_else(broken)?;
        weights.copy_to(to);
    }
    let totals = from.table("oldModel/data/globalTopicTotals")?.vector("globalTopicTotals")?;
    Ok(Arc::new(LdaModel::distributed(TopicCounts {
        k,
        alpha,
        eta,
        documents,
        of_documents,
        of_terms,
        occurs,
        totals: totals.to_dense(),
    })))
}
