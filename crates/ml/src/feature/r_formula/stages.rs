//! The stages of a fitted formula that are not classes of their own: transformers, the one that gives the features
//! their names, the one that drops what lies between.

use super::super::lists;
use crate::attribute::AttributeGroup;
use crate::model::{Instance, Model};
use crate::param::{Param, Params};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Class, Role, error};
use arrow::array::{ArrayRef, AsArray, MapArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::{Frame, Result, SparkError, SparkType, TableHost};
use std::sync::Arc;

const NO_PARAMS: &[Param] = &[];

pub(in super::super) const REWRITER: Class = Class {
    name: "org.apache.spark.ml.feature.VectorAttributeRewriter",
    params: NO_PARAMS,
    role: Role::Model { attributes: &[], load: Rewriter::load },
};

pub(in super::super) const PRUNER: Class = Class {
    name: "org.apache.spark.ml.feature.ColumnPruner",
    params: NO_PARAMS,
    role: Role::Model { attributes: &[], load: Pruner::load },
};

/// A transformer among models.
#[derive(Debug)]
struct Transformer {
    transform: fn(&Params, Frame, &mut dyn TableHost) -> Result<Frame>,
}

impl Model for Transformer {
    fn size_bytes(&self) -> u64 {
        64
    }

    fn transform(&self, params: &Params, input: Frame, host: &mut dyn TableHost) -> Result<Frame> {
        (self.transform)(params, input, host)
    }

    fn save(&self, _: &Params, _: &mut dyn ModelWriter) -> Result<()> {
        Ok(())
    }
}

/// The transformer that parameters are of.
///
/// # Errors
/// An internal error: the class is none.
pub(super) fn transformer(params: Params) -> Result<Instance> {
    match crate::registry::class(params.class()).map(|class| class.role) {
        Some(Role::Transformer { transform }) => {
            Ok(Instance { params, model: Arc::new(Transformer { transform }) })
        }
        _ => Err(SparkError::internal(format!("{} is no transformer", params.class()))),
    }
}

/// Replaces parts of the names of a vector's entries.
#[derive(Debug)]
struct Rewriter {
    column: String,
    /// What is replaced by what.
    prefixes: Vec<(String, String)>,
}

pub(super) fn rewriter(uid: &str, column: &str, prefixes: Vec<(String, String)>) -> Instance {
    let params = Params::new(REWRITER.name, uid, NO_PARAMS);
    Instance { params, model: Arc::new(Rewriter { column: column.to_owned(), prefixes }) }
}

impl Rewriter {
    fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
        let data = from.table("data")?;
        let broken = || error::failed("A saved VectorAttributeRewriter has other columns.");
        let columns = crate::saved::texts(data.column("vectorCol")?)?;
        let maps = data.column("prefixesToRewrite")?.as_map_opt().ok_or_else(broken)?;
        let map = maps.value(0);
        let from = crate::saved::texts(map.column(0))?;
        let to = crate::saved::texts(map.column(1))?;
        let column = columns.into_iter().next().ok_or_else(broken)?;
        Ok(Arc::new(Rewriter { column, prefixes: from.into_iter().zip(to).collect() }))
    }
}

impl Model for Rewriter {
    fn size_bytes(&self) -> u64 {
        64 * self.prefixes.len() as u64
    }

    fn transform(&self, _: &Params, mut input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        for column in &mut input.columns {
            if column.field.name != self.column {
                continue;
            }
            let mut group = AttributeGroup::of(&column.field);
            for attribute in group.attributes.iter_mut().flatten() {
                let Some(name) = attribute.name() else { continue };
                let name = self
                    .prefixes
                    .iter()
                    .fold(name.to_owned(), |name, (from, to)| name.replace(from.as_str(), to));
                *attribute = std::mem::take(attribute).with_name(Some(name));
            }
            column.field = group.put_on(column.field.clone());
        }
        Ok(input)
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let broken = || SparkError::internal("a map has another type");
        let map_type = SparkType::Map {
            key: Box::new(SparkType::string()),
            value: Box::new(SparkType::string()),
            value_contains_null: true,
        };
        let DataType::Map(entries, sorted) = map_type.to_arrow() else { return Err(broken()) };
        let DataType::Struct(fields) = entries.data_type().clone() else { return Err(broken()) };
        let texts = |of: fn(&(String, String)) -> &String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(self.prefixes.iter().map(of)))
        };
        let pairs =
            StructArray::try_new(fields, vec![texts(|pair| &pair.0), texts(|pair| &pair.1)], None)?;
        let offsets = OffsetBuffer::from_lengths([self.prefixes.len()]);
        let map: ArrayRef = Arc::new(MapArray::try_new(entries, offsets, pairs, None, sorted)?);
        let column: ArrayRef = Arc::new(StringArray::from_iter_values([&self.column]));
        let columns =
            vec![("vectorCol", SparkType::string(), column), ("prefixesToRewrite", map_type, map)];
        to.table("data", Table::new(columns)?)
    }
}

/// Drops columns.
#[derive(Debug)]
struct Pruner {
    columns: Vec<String>,
}

pub(super) fn pruner(uid: &str, columns: Vec<String>) -> Instance {
    let params = Params::new(PRUNER.name, uid, NO_PARAMS);
    Instance { params, model: Arc::new(Pruner { columns }) }
}

impl Pruner {
    fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
        let columns = from.table("data")?.strings("columnsToPrune")?;
        Ok(Arc::new(Pruner { columns }))
    }
}

impl Model for Pruner {
    fn size_bytes(&self) -> u64 {
        64 * self.columns.len() as u64
    }

    fn transform(&self, _: &Params, mut input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        input.columns.retain(|column| !self.columns.contains(&column.field.name));
        Ok(input)
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.table("data", Table::new(vec![lists::strings("columnsToPrune", &self.columns)?])?)
    }
}
