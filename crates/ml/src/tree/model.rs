//! Models of trees: one tree, a forest, boosted trees; classification or regression.

use super::loss::Loss;
use super::node::Tree;
use super::predict::{LEAF, PREDICT, Predictor, RAW, VARIANCE};
use super::{importance, stored, text};
use crate::attribute::{Attribute, AttributeGroup};
use crate::classification::outputs::{self, Choice, Probability};
use crate::columns;
use crate::data::{DataSource, InstanceColumns, LabelKind};
use crate::error;
use crate::function::Shared;
use crate::linalg::{Vector, vector_type};
use crate::model::{Answer, Argument, Instance, Model, Summary, vector_argument};
use crate::param::{Param, Params};
use crate::saved::{ModelReader, ModelWriter};
use crate::value::Value;
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which of the six models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Classifier,
    Regressor,
    ForestClassifier,
    ForestRegressor,
    BoostedClassifier,
    BoostedRegressor,
}

impl Kind {
    pub(super) fn is_classifier(self) -> bool {
        matches!(self, Kind::Classifier | Kind::ForestClassifier | Kind::BoostedClassifier)
    }

    pub(super) fn is_ensemble(self) -> bool {
        !matches!(self, Kind::Classifier | Kind::Regressor)
    }

    /// Class and parameters of the models of single trees in an ensemble.
    pub(super) fn member(self) -> (Kind, &'static str, &'static [Param]) {
        match self {
            Kind::Classifier | Kind::ForestClassifier => (
                Kind::Classifier,
                super::decision_tree::CLASSIFIER_MODEL,
                super::decision_tree::CLASSIFIER,
            ),
            _ => (
                Kind::Regressor,
                super::decision_tree::REGRESSOR_MODEL,
                super::decision_tree::REGRESSOR,
            ),
        }
    }

    fn probability(self) -> Probability {
        if self == Kind::BoostedClassifier {
            Probability::HalfLogistic
        } else {
            Probability::Shares
        }
    }
}

/// A model of one tree or several.
#[derive(Debug, Clone)]
pub(super) struct TreeModel {
    pub predictor: Arc<Shared<Predictor>>,
}

impl TreeModel {
    pub(super) fn new(
        kind: Kind,
        trees: Vec<Tree>,
        weights: Vec<f64>,
        n_features: usize,
        n_classes: usize,
    ) -> Self {
        Self { predictor: Shared::new(Predictor { kind, trees, weights, n_features, n_classes }) }
    }

    /// Reads a saved model of this kind.
    pub(super) fn load(kind: Kind, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
        Ok(Arc::new(stored::load(kind, from)?))
    }

    /// One model per tree.
    pub(super) fn members(&self, params: &Params) -> Result<Vec<Instance>> {
        let own = &self.predictor;
        let (kind, class, table) = own.kind.member();
        let prefix = if kind == Kind::Classifier { "dtc" } else { "dtr" };
        own.trees
            .iter()
            .map(|tree| {
                let mut params_of_tree = Params::new(class, &uid(prefix), table);
                for (name, value) in params.explicit() {
                    if table.iter().any(|param| param.name == *name) {
                        params_of_tree.set(table, name, value.clone())?;
                    }
                }
                let model = TreeModel::new(
                    kind,
                    vec![tree.clone()],
                    vec![1.0],
                    own.n_features,
                    own.n_classes,
                );
                Ok(Instance { params: params_of_tree, model: Arc::new(model) })
            })
            .collect()
    }

    fn evaluate_each_iteration(&self, params: &Params, args: &[Argument]) -> Result<Value> {
        let own = &self.predictor;
        let Some(data) = args.first() else {
            return Err(error::attribute_not_allowed(params.class(), "evaluateEachIteration"));
        };
        let loss = match args.get(1).map(Argument::value).transpose()? {
            Some(value) => Loss::named(value.as_str().unwrap_or_default()).map_err(|_| {
                error::illegal(format!("Did not recognize Loss name: {}", value.text()))
            })?,
            None => Loss::named(params.string("lossType")?)?,
        };
        let is_classifier = own.kind.is_classifier();
        let rows = data.data()?.instances(&InstanceColumns {
            features: params.string("featuresCol")?,
            label: Some((
                params.string("labelCol")?,
                if is_classifier { LabelKind::Class(2) } else { LabelKind::Regression },
            )),
            weight: params.column("weightCol"),
            extra: Vec::new(),
            finite: true,
        })?;
        let (mut errors, mut total) = (vec![0.0; own.trees.len()], 0.0);
        for block in &rows.blocks {
            for row in 0..block.n_rows() {
                let (features, weight) = (block.row(row), block.weight(row));
                let label = block.labels[row];
                let label = if is_classifier { 2.0 * label - 1.0 } else { label };
                let mut prediction = 0.0;
                for ((tree, tree_weight), error) in
                    own.trees.iter().zip(&own.weights).zip(&mut errors)
                {
                    prediction +=
                        tree.node_of(|feature| features.get(feature)).prediction * tree_weight;
                    *error += loss.error(prediction, label) * weight;
                }
                total += weight;
            }
            rows.job.check()?;
        }
        Ok(Value::Doubles(errors.into_iter().map(|error| error / total).collect()))
    }
}

impl Model for TreeModel {
    fn size_bytes(&self) -> u64 {
        self.predictor.trees.iter().map(Tree::size_bytes).sum::<u64>()
            + size_of::<Predictor>() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let own = &self.predictor;
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let mut added = Vec::new();
        let mut frame = input;
        if own.kind.is_classifier() {
            let raw = RAW.call(own, &vector_type(), true, vec![features.clone()]);
            let probability = own.kind.probability();
            let choice = Choice::of(params, probability);
            frame = outputs::add(frame, params, own.n_classes, raw, Some(probability), choice)?;
        } else {
            for (name, function) in [("predictionCol", &PREDICT), ("varianceCol", &VARIANCE)] {
                if let Some(name) = params.column(name) {
                    let field = columns::new_field(&frame, name, SparkType::Double, false)?;
                    let expr =
                        function.call(own, &SparkType::Double, false, vec![features.clone()]);
                    // Spark says nothing of what boosted trees predict.
                    let is_plain = own.kind == Kind::BoostedRegressor;
                    let field = match is_plain {
                        true => field,
                        false => Attribute::numeric(None).put_on(field),
                    };
                    added.push((expr, field));
                }
            }
        }
        if let Some(name) = params.column("leafCol") {
            let leaves = |tree: &Tree| Attribute::nominal_count(None, tree.n_leaves());
            let is_ensemble = own.kind.is_ensemble();
            let kind = if is_ensemble { vector_type() } else { SparkType::Double };
            let field = columns::new_field(&frame, name, kind.clone(), is_ensemble)?;
            let attributes: Vec<_> = own.trees.iter().map(leaves).collect();
            let field = match attributes.first() {
                Some(attribute) if !is_ensemble => attribute.put_on(field),
                _ => AttributeGroup::of_attributes(attributes).put_on(field),
            };
            added.push((LEAF.call(own, &kind, is_ensemble, vec![features]), field));
        }
        frame.with_columns(added)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let own = &self.predictor;
        let value = match name {
            "numFeatures" => Value::Int(own.n_features as i32),
            "numClasses" if own.kind.is_classifier() => Value::Int(own.n_classes as i32),
            "featureImportances" => Value::Vector(importance::of(own)),
            "toDebugString" => Value::String(text::rules(own, params)),
            "numNodes" if !own.kind.is_ensemble() => Value::Int(own.n_nodes() as i32),
            "depth" if !own.kind.is_ensemble() => {
                Value::Int(own.trees.first().map_or(0, Tree::depth) as i32)
            }
            "totalNumNodes" if own.kind.is_ensemble() => Value::Int(own.n_nodes() as i32),
            "getNumTrees" if own.kind.is_ensemble() => Value::Int(own.trees.len() as i32),
            "treeWeights" if own.kind.is_ensemble() => Value::Doubles(own.weights.clone()),
            "trees" if own.kind.is_ensemble() => return Ok(Answer::Models(self.members(params)?)),
            "evaluateEachIteration"
                if matches!(own.kind, Kind::BoostedClassifier | Kind::BoostedRegressor) =>
            {
                self.evaluate_each_iteration(params, args)?
            }
            "predictLeaf" => {
                let leaves = own.leaves(&own.row(vector_argument(args, 0)?.view())?);
                match own.kind.is_ensemble() {
                    true => Value::Vector(Vector::Dense(leaves)),
                    false => Value::Double(leaves.first().copied().unwrap_or(0.0)),
                }
            }
            "predict" if !own.kind.is_classifier() => {
                Value::Double(own.predict(&own.row(vector_argument(args, 0)?.view())?))
            }
            "predict" | "predictRaw" | "predictProbability" if own.kind.is_classifier() => {
                let probability = own.kind.probability();
                let raw = own.raw(&own.row(vector_argument(args, 0)?.view())?);
                outputs::answer(
                    params,
                    name,
                    raw,
                    Some(probability),
                    &Choice::of(params, probability),
                )?
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        };
        Ok(value.into())
    }

    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        match self.predictor.kind {
            Kind::ForestClassifier => {
                let summary = super::random_forest::summary(self.predictor.n_classes);
                Ok(Arc::new(summary.make(params, predictions, None)))
            }
            _ => Err(error::attribute_not_allowed(params.class(), "evaluate")),
        }
    }

    fn save(&self, params: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        stored::save(self, params, to)
    }

    fn text(&self, params: &Params) -> String {
        text::title(&self.predictor, params)
    }
}

/// A name that no other instance has.
fn uid(prefix: &str) -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let digits = RandomState::new().build_hasher().finish() & 0xffff_ffff_ffff;
    format!("{prefix}_{digits:012x}")
}
