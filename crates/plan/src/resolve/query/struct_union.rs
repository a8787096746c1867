//! Union by name inside structs: fields are matched by name at every depth, missing ones become null.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::scope::{quote, same_name};
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{CastMode, Expr, ExprNode, Literal};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

impl Resolver<'_> {
    /// The type of both columns together: the fields of `left`, then those that only `right` has.
    /// `left` itself where it holds no structs that differ.
    pub(super) fn united_type(
        &self,
        left: &SparkType,
        right: &SparkType,
        allow_missing: bool,
    ) -> Result<SparkType> {
        match (left, right) {
            (SparkType::Struct(left), SparkType::Struct(right)) => {
                let named = |row: &StructType, name: &str| {
                    let mut fields = row.fields.iter();
                    fields.find(|own| same_name(self.settings, &own.name, name)).cloned()
                };
                let missing = |name: &str, row: &StructType| {
                    let known = row.fields.iter().map(|own| quote(&own.name));
                    let known = known.collect::<Vec<_>>().join(", ");
                    SparkError::analysis(
                        "FIELD_NOT_FOUND",
                        format!("No such struct field {} in {known}.", quote(name)),
                    )
                    .with("fieldName", quote(name))
                    .with("fields", known)
                };
                let mut fields = Vec::with_capacity(left.fields.len());
                for own in &left.fields {
                    let Some(other) = named(right, &own.name) else {
                        if !allow_missing {
                            return Err(missing(&own.name, right));
                        }
                        fields.push(StructField { nullable: true, ..own.clone() });
                        continue;
                    };
                    let data_type =
                        self.united_type(&own.data_type, &other.data_type, allow_missing)?;
                    let nullable = own.nullable || other.nullable;
                    fields.push(StructField { data_type, nullable, ..own.clone() });
                }
                for other in &right.fields {
                    if named(left, &other.name).is_none() {
                        if !allow_missing {
                            return Err(missing(&other.name, left));
                        }
                        fields.push(StructField { nullable: true, ..other.clone() });
                    }
                }
                Ok(SparkType::Struct(StructType { fields }))
            }
            (
                SparkType::Array { element: left, contains_null },
                SparkType::Array { element: right, contains_null: other },
            ) if matches!(left.as_ref(), SparkType::Struct(_))
                && matches!(right.as_ref(), SparkType::Struct(_)) =>
            {
                Ok(SparkType::Array {
                    element: Box::new(self.united_type(left, right, allow_missing)?),
                    contains_null: *contains_null || *other,
                })
            }
            (left, _) => Ok(left.clone()),
        }
    }

    /// `own` with the fields of `target`, which [`Resolver::united_type`] gave.
    pub(super) fn as_united(
        &mut self,
        input: &Resolved,
        own: &Column,
        target: &SparkType,
    ) -> Result<ResolvedExpr> {
        // The column under a name that no other column has.
        let mut alone = own.clone();
        alone.field.name.clone_from(&own.internal);
        let scope = Arc::new(Scope::new(vec![alone]));
        let mut context = ExprContext::new(&scope, Clause::Select);
        for field in input.scope.columns.iter().map(Column::to_arrow) {
            context.fields.insert(field);
        }
        let value = Expr::attribute([own.internal.clone()]);
        let shaped = self.shaped(value, &own.field.data_type, target, 0);
        self.expr(&shaped, &mut context)
    }

    fn shaped(&self, value: Expr, from: &SparkType, to: &SparkType, depth: usize) -> Expr {
        match (from, to) {
            (SparkType::Struct(own), SparkType::Struct(target)) if own != target => {
                let mut args = Vec::with_capacity(target.fields.len() * 2);
                for field in &target.fields {
                    let mut fields = own.fields.iter();
                    let found = fields.find(|own| same_name(self.settings, &own.name, &field.name));
                    let part = match found {
                        Some(found) => {
                            let key = Box::new(Expr::string(found.name.clone()));
                            let child = Box::new(value.clone());
                            let part = ExprNode::ExtractValue { child, key }.into();
                            self.shaped(part, &found.data_type, &field.data_type, depth)
                        }
                        None => null_of(&field.data_type),
                    };
                    args.extend([Expr::string(field.name.clone()), part]);
                }
                let made = Expr::call("named_struct", args);
                let is_null = Expr::call("isnull", vec![value]);
                Expr::call("if", vec![is_null, null_of(to), made])
            }
            (SparkType::Array { element: own, .. }, SparkType::Array { element: target, .. })
                if own != target =>
            {
                let name = format!("element{depth}");
                let variable = ExprNode::LambdaVariable(vec![name.clone()]).into();
                let body = Box::new(self.shaped(variable, own, target, depth + 1));
                let lambda = ExprNode::Lambda { body, params: vec![name] };
                Expr::call("transform", vec![value, lambda.into()])
            }
            _ => value,
        }
    }
}

fn null_of(data_type: &SparkType) -> Expr {
    let null = Box::new(Expr::literal(Literal::Null(SparkType::Null)));
    ExprNode::Cast { expr: null, to: data_type.clone(), mode: CastMode::Session }.into()
}
