//! `RFormula`: a formula in R's language says which columns make the features and which the label. Strings become
//! categories with one entry each, columns multiplied become their interaction.
//!
//! A fitted formula is a pipeline of other classes, as in Spark, and is saved as one.

mod grammar;
mod resolved;
pub(super) mod stages;

use super::{lists, one_hot_encoder};
use crate::attribute::AttributeGroup;
use crate::data::Dataset;
use crate::linalg::{VectorColumn, is_vector};
use crate::model::{Instance, Model};
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Answer, Argument, Class, Fitted, Role, Value, error};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, StringArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use datafusion_expr::cast;
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, TableHost};
use resolved::ResolvedFormula;
use serde_json::json;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::LABEL_COL,
    Param::new("formula", ParamKind::String, Default::None),
    Param::bool("forceIndexLabel", false),
    shared::HANDLE_INVALID,
    Param::string("stringIndexerOrderType", "frequencyDesc").valid(Valid::OneOf(&[
        "frequencyDesc",
        "frequencyAsc",
        "alphabetDesc",
        "alphabetAsc",
    ])),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.RFormula",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.RFormulaModel",
    params: PARAMS,
    role: Role::Model { attributes: &["resolvedFormulaString"], load },
};

const PACKAGE: &str = "org.apache.spark.ml.feature.";

#[derive(Debug)]
struct RFormulaModel {
    formula: ResolvedFormula,
    stages: Vec<Instance>,
}

fn check(params: &Params, frame: &Frame) -> Result<()> {
    if frame.has(params.string("featuresCol")?) {
        return Err(error::requirement("Features column already exists."));
    }
    Ok(())
}

/// Of a model: a label that is there already is left as it is.
fn check_label(params: &Params, frame: &Frame) -> Result<()> {
    let label = params.string("labelCol")?;
    if frame.has(label) && !frame.column(label)?.field.data_type.is_numeric() {
        return Err(error::requirement("Label column already exists and is not of type numeric."));
    }
    Ok(())
}

/// Makes the stages; counts the columns between them.
struct Planner<'a> {
    params: &'a Params,
    data: &'a Dataset,
    stages: Vec<Instance>,
    between: Vec<String>,
    prefixes: Vec<(String, String)>,
    n_names: u64,
}

impl Planner<'_> {
    /// A name that no other column and stage has: `stridx_4f0c…`.
    fn name(&mut self, what: &str) -> String {
        self.n_names += 1;
        let mut hasher = DefaultHasher::new();
        (self.params.uid(), self.n_names, what).hash(&mut hasher);
        format!("{what}_{:012x}", hasher.finish() & 0xffff_ffff_ffff)
    }

    fn column(&mut self, what: &str) -> String {
        let name = self.name(what);
        self.between.push(name.clone());
        name
    }

    /// Parameters of a class, these set.
    fn params_of(&mut self, class: &str, prefix: &str, set: Vec<(&str, Value)>) -> Result<Params> {
        let name = format!("{PACKAGE}{class}");
        let class = crate::registry::class(&name)
            .ok_or_else(|| SparkError::internal(format!("{name} is not served")))?;
        let uid = self.name(prefix);
        let mut params = Params::new(class.name, &uid, class.params);
        for (name, value) in set {
            params.set(class.params, name, value)?;
        }
        Ok(params)
    }

    /// Fits a `StringIndexer`; tells how many categories its output has.
    fn index(&mut self, input: &str, output: &str, order: Option<&str>) -> Result<usize> {
        let text = |text: &str| Value::String(text.to_owned());
        let invalid = self.params.string("handleInvalid")?.to_owned();
        let mut set = vec![
            ("inputCol", text(input)),
            ("outputCol", text(output)),
            ("handleInvalid", text(&invalid)),
        ];
        if let Some(order) = order {
            set.push(("stringOrderType", text(order)));
        }
        let params = self.params_of("StringIndexer", "strIdx", set)?;
        let class = crate::registry::class(params.class());
        let Some(Role::Estimator { fit, model }) = class.map(|class| class.role) else {
            return Err(SparkError::internal("StringIndexer is not served"));
        };
        let fitted = fit(&params, self.data)?;
        let table = crate::registry::class(model).map_or(&[][..], |class| class.params);
        let params = params.for_class(model, table);
        let n_labels = match fitted.model.fetch(&params, "labels", &[])? {
            Answer::Value(Value::Strings(labels)) => labels.len(),
            _ => 0,
        };
        self.stages.push(Instance { params, model: fitted.model });
        // What is not known has a category of its own.
        Ok(n_labels + usize::from(invalid == "keep"))
    }

    fn one_hot(&mut self, columns: &[(String, String, usize)], drop_last: bool) -> Result<()> {
        let names = |of: fn(&(String, String, usize)) -> &String| {
            Value::Strings(columns.iter().map(of).cloned().collect())
        };
        let set = vec![
            ("inputCols", names(|column| &column.0)),
            ("outputCols", names(|column| &column.1)),
            ("dropLast", Value::Bool(drop_last)),
        ];
        let params = self.params_of("OneHotEncoderModel", "oneHotEncoder", set)?;
        let sizes = columns.iter().map(|(_, _, n)| *n as i32).collect();
        self.stages.push(Instance { params, model: one_hot_encoder::model(sizes) });
        Ok(())
    }

    fn transformer(&mut self, class: &str, prefix: &str, set: Vec<(&str, Value)>) -> Result<()> {
        let params = self.params_of(class, prefix, set)?;
        self.stages.push(stages::transformer(params)?);
        Ok(())
    }
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    if params.get("formula").is_none() {
        return Err(error::requirement("Formula must be defined first."));
    }
    let frame = &data.frame;
    let parsed = grammar::parse(params.string("formula")?)?;
    check(params, frame)?;
    let label = params.string("labelCol")?;
    // A label of text would be indexed into that column.
    if frame.has(label) && frame.column(label)?.field.data_type.is_string() {
        return Err(error::requirement(format!("Output column {label} already exists.")));
    }
    let formula = ResolvedFormula::new(&parsed, frame);
    let mut planner = Planner {
        params,
        data,
        stages: Vec::new(),
        between: Vec::new(),
        prefixes: Vec::new(),
        n_names: 0,
    };
    // Columns by name, and what stands for them; strings with their number of categories.
    let used: BTreeSet<&String> = formula.terms.iter().flatten().collect();
    let mut indexed: Vec<(&String, String, Option<usize>)> = Vec::with_capacity(used.len());
    for name in used {
        let data_type = &frame.column(name)?.field.data_type;
        if data_type.is_string() {
            let column = planner.column("stridx");
            let order = params.string("stringIndexerOrderType")?;
            let n_categories = planner.index(name, &column, Some(order))?;
            planner.prefixes.push((format!("{column}_"), format!("{name}_")));
            indexed.push((name, column, Some(n_categories)));
        } else {
            if is_vector(data_type) {
                let set = vec![
                    ("handleInvalid", Value::String("optimistic".to_owned())),
                    ("inputCol", Value::String(name.clone())),
                    ("size", Value::Int(vector_size(data, name)?)),
                ];
                planner.transformer("VectorSizeHint", "vectSizeHint", set)?;
            } else if !data_type.is_numeric() && *data_type != SparkType::Boolean {
                return Err(error::illegal(format!(
                    "Data type {} of column {name} is not supported.",
                    data_type.simple_string()
                )));
            }
            indexed.push((name, name.clone(), None));
        }
    }
    let stands_for = |name: &String| indexed.iter().find(|(own, ..)| *own == name);
    let mut keeps_reference = false;
    let mut encoded = Vec::with_capacity(formula.terms.len());
    let mut one_hot = Vec::new();
    for term in &formula.terms {
        match (term.as_slice(), term.first().and_then(stands_for)) {
            ([name], Some((_, index, Some(n_categories)))) => {
                let column = planner.column("onehot");
                planner.prefixes.push((format!("{column}_"), format!("{name}_")));
                let own = (index.clone(), column.clone(), *n_categories);
                // Without an intercept the first categories have all their entries.
                if !formula.has_intercept && !keeps_reference {
                    planner.one_hot(&[own], false)?;
                    keeps_reference = true;
                } else {
                    one_hot.push(own);
                }
                encoded.push(column);
            }
            ([_], Some((_, column, None))) => encoded.push(column.clone()),
            (names, _) => {
                let column = planner.column("interaction");
                let inputs =
                    names.iter().filter_map(stands_for).map(|(_, column, _)| column.clone());
                let set = vec![
                    ("inputCols", Value::Strings(inputs.collect())),
                    ("outputCol", Value::String(column.clone())),
                ];
                planner.transformer("Interaction", "interaction", set)?;
                planner.prefixes.push((format!("{column}_"), String::new()));
                encoded.push(column);
            }
        }
    }
    // The last category stands for none: with one alone nothing is left.
    if let Some((column, ..)) = one_hot.iter().find(|(.., n_categories)| *n_categories < 2) {
        return Err(error::requirement(format!(
            "The input column {column} should have at least two distinct values."
        )));
    }
    if !one_hot.is_empty() {
        planner.one_hot(&one_hot, true)?;
    }
    let features = params.string("featuresCol")?;
    let set = vec![
        ("inputCols", Value::Strings(encoded)),
        ("outputCol", Value::String(features.to_owned())),
        ("handleInvalid", Value::String(params.string("handleInvalid")?.to_owned())),
    ];
    planner.transformer("VectorAssembler", "vecAssembler", set)?;
    let uid = planner.name("vectorAttrRewriter");
    let prefixes = std::mem::take(&mut planner.prefixes);
    planner.stages.push(stages::rewriter(&uid, features, prefixes));
    let uid = planner.name("columnPruner");
    let between = std::mem::take(&mut planner.between);
    planner.stages.push(stages::pruner(&uid, between));
    let label_is_text =
        frame.has(&formula.label) && frame.column(&formula.label)?.field.data_type.is_string();
    if label_is_text || params.bool("forceIndexLabel")? {
        planner.index(&formula.label, params.string("labelCol")?, None)?;
    }
    let stages = planner.stages;
    Ok(Fitted::new(RFormulaModel { formula, stages }))
}

/// How many entries the vectors of a column have: by its metadata, or the first row.
fn vector_size(data: &Dataset, name: &str) -> Result<i32> {
    let column = data.frame.column(name)?;
    if let Some(size) = AttributeGroup::of(&column.field).size {
        return Ok(size as i32);
    }
    let mut size = None;
    data.scan(vec![column.expr()], |batch| {
        let vectors = VectorColumn::new(batch.column(0))?;
        if size.is_none() {
            size = (0..vectors.len()).find_map(|row| vectors.get(row)).map(|vector| vector.size());
        }
        Ok(())
    })?;
    size.map(|size| size as i32).ok_or_else(error::empty_dataset)
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let broken = || error::failed("A saved RFormulaModel has other columns.");
    let data = from.table("data")?;
    let lists = data.column("terms")?.as_list_opt::<i32>().ok_or_else(broken)?.value(0);
    let lists = lists.as_list_opt::<i32>().ok_or_else(broken)?;
    let terms = (0..lists.len()).map(|at| crate::saved::texts(&lists.value(at)));
    let formula = ResolvedFormula {
        label: crate::saved::texts(data.column("label")?)?.into_iter().next().ok_or_else(broken)?,
        terms: terms.collect::<Result<_>>()?,
        has_intercept: data.bool("hasIntercept")?,
    };
    let pipeline = from.metadata_of("pipelineModel")?;
    let uids = pipeline.pointer("/paramMap/stageUids").and_then(|uids| uids.as_array());
    let uids: Vec<String> =
        uids.ok_or_else(broken)?.iter().filter_map(|uid| uid.as_str().map(str::to_owned)).collect();
    let mut stages = Vec::with_capacity(uids.len());
    for (at, uid) in uids.iter().enumerate() {
        let folder = stage_folder(at, uids.len(), uid);
        let line = from.metadata_of(&folder)?;
        let class = line.get("class").and_then(|class| class.as_str()).unwrap_or_default();
        stages.push(match crate::registry::class(class) {
            Some(class) if matches!(class.role, Role::Transformer { .. }) => {
                let mut params = Params::new(class.name, uid, class.params);
                let map = |key: &str| line.get(key).cloned().unwrap_or_default();
                params.read_json(class.params, &map("paramMap"), &map("defaultParamMap"))?;
                stages::transformer(params)?
            }
            _ => from.instance(&folder)?,
        });
    }
    Ok(Arc::new(RFormulaModel { formula, stages }))
}

/// `pipelineModel/stages/03_uid`: as many digits as the last number has.
fn stage_folder(at: usize, n_stages: usize, uid: &str) -> String {
    let width = n_stages.to_string().len();
    format!("pipelineModel/stages/{at:0width$}_{uid}")
}

impl Model for RFormulaModel {
    fn size_bytes(&self) -> u64 {
        self.stages.iter().map(|stage| stage.model.size_bytes()).sum()
    }

    fn transform(&self, params: &Params, input: Frame, host: &mut dyn TableHost) -> Result<Frame> {
        check(params, &input)?;
        check_label(params, &input)?;
        let label = params.string("labelCol")?;
        let mut frame = input;
        for stage in &self.stages {
            frame = stage.model.transform(&stage.params, frame, host)?;
        }
        // Tables without the label are transformed too.
        if self.formula.label.is_empty() || frame.has(label) || !frame.has(&self.formula.label) {
            return Ok(frame);
        }
        let column = frame.column(&self.formula.label)?;
        let own = &column.field.data_type;
        if !own.is_numeric() && *own != SparkType::Boolean {
            return Err(error::illegal(format!(
                "Unsupported type for label: {}",
                error::class_name(own)
            )));
        }
        let expr = cast(column.expr(), DataType::Float64);
        let field = StructField::new(label, SparkType::Double, column.field.nullable);
        frame.with_columns(vec![(expr, field)])
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "resolvedFormulaString" => Ok(Value::String(self.formula.text()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, params: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let text: ArrayRef = Arc::new(StringArray::from_iter_values([&self.formula.label]));
        let flag: ArrayRef = Arc::new(BooleanArray::from(vec![self.formula.has_intercept]));
        let columns = vec![
            ("label", SparkType::string(), text),
            terms_column(&self.formula.terms)?,
            ("hasIntercept", SparkType::Boolean, flag),
        ];
        to.table("data", Table::new(columns)?)?;
        let uids: Vec<&str> = self.stages.iter().map(|stage| stage.params.uid()).collect();
        let line = json!({
            "class": "org.apache.spark.ml.PipelineModel",
            "timestamp": 0,
            "sparkVersion": "4.2.0",
            "uid": format!("{}_pipeline", params.uid()),
            "paramMap": {"stageUids": uids},
            "defaultParamMap": {},
        });
        to.metadata("pipelineModel", &line)?;
        for (at, stage) in self.stages.iter().enumerate() {
            to.instance(&stage_folder(at, self.stages.len(), stage.params.uid()), stage)?;
        }
        Ok(())
    }

    fn text(&self, params: &Params) -> String {
        format!("RFormulaModel({}) (uid={})", self.formula.text(), params.uid())
    }
}

/// One row: an array of arrays of names.
fn terms_column(terms: &[Vec<String>]) -> Result<(&'static str, SparkType, ArrayRef)> {
    let (_, inner_type, _) = lists::strings("terms", &[])?;
    let outer_type = SparkType::Array { element: Box::new(inner_type), contains_null: true };
    let broken = || SparkError::internal("a list has another type");
    let DataType::List(inner) = outer_type.to_arrow() else { return Err(broken()) };
    let DataType::List(item) = inner.data_type().clone() else { return Err(broken()) };
    let names: Vec<&String> = terms.iter().flatten().collect();
    let names = Arc::new(StringArray::from_iter_values(names));
    let offsets = OffsetBuffer::from_lengths(terms.iter().map(Vec::len));
    let lists: ArrayRef = Arc::new(ListArray::try_new(item, offsets, names, None)?);
    let offsets = OffsetBuffer::from_lengths([terms.len()]);
    let row = ListArray::try_new(inner, offsets, lists, None)?;
    Ok(("terms", outer_type, Arc::new(row)))
}
