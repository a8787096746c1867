//! Fits a file's columns to the table's.
//!
//! DataFusion's adapter fills missing columns with nulls and casts the rest, but compares names
//! exactly and casts also where only nullability or field metadata differ, which would hide the
//! column from statistics. This one settles both first, puts the values of columns that came later
//! ([`existence`](super::existence)), and leaves the rest to it.

use super::existence::missing_value;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Result as DfResult, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapter, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug)]
pub struct SparkAdapterFactory {
    pub case_sensitive: bool,
}

impl PhysicalExprAdapterFactory for SparkAdapterFactory {
    fn create(
        &self,
        logical: SchemaRef,
        physical: SchemaRef,
    ) -> DfResult<Arc<dyn PhysicalExprAdapter>> {
        let mut renames = HashMap::new();
        let mut values = HashMap::new();
        let fields: Vec<_> = logical
            .fields()
            .iter()
            .map(|field| match self.find(field.name(), &physical) {
                None => {
                    if let Some(value) = missing_value(field) {
                        values.insert(field.name().clone(), value);
                    }
                    Arc::clone(field)
                }
                Some(found) => {
                    if found.name() != field.name() {
                        renames.insert(field.name().clone(), found.name().clone());
                    }
                    if found.data_type() == field.data_type() {
                        Arc::clone(found)
                    } else {
                        Arc::new(Field::clone(field).with_name(found.name()))
                    }
                }
            })
            .collect();
        let logical = Arc::new(Schema::new(fields));
        Ok(Arc::new(SparkAdapter {
            renames,
            values,
            inner: DefaultPhysicalExprAdapter::new(logical, physical),
        }))
    }
}

impl SparkAdapterFactory {
    fn find<'a>(&self, name: &str, physical: &'a SchemaRef) -> Option<&'a Arc<Field>> {
        let fields = physical.fields();
        let exact = fields.iter().find(|field| field.name() == name);
        if exact.is_some() || self.case_sensitive {
            return exact;
        }
        let lower = name.to_lowercase();
        fields.iter().find(|field| field.name().to_lowercase() == lower)
    }
}

#[derive(Debug)]
struct SparkAdapter {
    renames: HashMap<String, String>,
    /// Columns that the file does not have, where they are not null.
    values: HashMap<String, ScalarValue>,
    inner: DefaultPhysicalExprAdapter,
}

impl PhysicalExprAdapter for SparkAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> DfResult<Arc<dyn PhysicalExpr>> {
        if self.renames.is_empty() && self.values.is_empty() {
            return self.inner.rewrite(expr);
        }
        let renamed = expr
            .transform(|expr| {
                let Some(column) = expr.downcast_ref::<Column>() else {
                    return Ok(Transformed::no(expr));
                };
                if let Some(value) = self.values.get(column.name()) {
                    let value: Arc<dyn PhysicalExpr> = Arc::new(Literal::new(value.clone()));
                    return Ok(Transformed::yes(value));
                }
                let rename = self.renames.get(column.name());
                Ok(match rename.map(|name| Column::new(name, column.index())) {
                    Some(column) => Transformed::yes(Arc::new(column) as Arc<dyn PhysicalExpr>),
                    None => Transformed::no(expr),
                })
            })
            .data()?;
        self.inner.rewrite(renamed)
    }
}
