//! LIMIT and OFFSET inside a correlated subquery: per combination of the domain, in the order below.

use super::domain::Domain;
use crate::resolve::fresh_name;
use crate::resolve::output::column;
use datafusion::common::ScalarValue;
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::{Sort, WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, FetchType, Filter, Limit, LogicalPlan, Projection, SkipType, Window, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition, lit,
};
use firesteel_common::Result;
use std::sync::Arc;

impl Domain {
    pub(super) fn limited(&self, limit: &Limit) -> Result<Option<LogicalPlan>> {
        // The order of a column that is not selected: the projection stands above the sort.
        if let LogicalPlan::Projection(node) = limit.input.as_ref()
            && matches!(node.input.as_ref(), LogicalPlan::Sort(_))
        {
            let below =
                LogicalPlan::Limit(Limit { input: Arc::clone(&node.input), ..limit.clone() });
            let (exprs, schema) = (node.expr.clone(), Arc::clone(&node.schema));
            let plan = Projection::try_new_with_schema(exprs, Arc::new(below), schema)?;
            return self.unnested(&LogicalPlan::Projection(plan));
        }
        let (FetchType::Literal(fetch), SkipType::Literal(skip)) =
            (limit.get_fetch_type()?, limit.get_skip_type()?)
        else {
            return Ok(None);
        };
        let (input, keys) = match limit.input.as_ref() {
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => (&sort.input, sort.expr.as_slice()),
            _ => (&limit.input, [].as_slice()),
        };
        let Some(input) = self.unnested(input)? else { return Ok(None) };
        let mut order_by = Vec::with_capacity(keys.len());
        for key in keys {
            order_by.push(Sort { expr: self.own(&key.expr)?, ..key.clone() });
        }
        let position = fresh_name();
        let function = Expr::WindowFunction(Box::new(WindowFunction {
            fun: WindowFunctionDefinition::WindowUDF(row_number_udwf()),
            params: WindowFunctionParams {
                args: Vec::new(),
                partition_by: self.keys().collect(),
                order_by,
                window_frame: WindowFrame::new_bounds(
                    WindowFrameUnits::Rows,
                    WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
                    WindowFrameBound::CurrentRow,
                ),
                filter: None,
                null_treatment: None,
                distinct: false,
            },
        }));
        let node = Window::try_new(vec![function.alias(&position)], Arc::new(input))?;
        let bound = |n: usize| lit(u64::try_from(n).unwrap_or(u64::MAX));
        let mut kept = column(&position).gt(bound(skip));
        if let Some(fetch) = fetch {
            kept = kept.and(column(&position).lt_eq(bound(skip.saturating_add(fetch))));
        }
        let plan = LogicalPlan::Window(node);
        Ok(Some(LogicalPlan::Filter(Filter::try_new(kept, Arc::new(plan))?)))
    }
}
