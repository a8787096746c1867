//! Calls by name.

use super::{Clause, ExprContext, ResolvedExpr, collation};
use crate::resolve::scope::{quote, quote_name};
use crate::resolve::{Resolver, argument_naming, naming};
use crate::spec::{self, ExprNode};
use arrow::datatypes::{DataType, Field};
use datafusion::common::Column as PlanColumn;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Sort;
use firesteel_common::error::place;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use firesteel_functions::{
    AggregateCall, Arg, Builder, Call, FunctionDef, lookup, midnight_of_1970,
};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn function(
        &mut self,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let name = self.builtin_name(function)?;
        match name.as_str() {
            "struct" => return self.struct_of(function, context),
            "max_by" | "min_by" if function.args.len() == 3 => {
                return self.several_extremes(&name, function, context);
            }
            "uniform" if matches!(function.args.len(), 2 | 3) => {
                return self.uniform(function, context);
            }
            // The most frequent value, of equally frequent ones the least.
            "mode" if function.args.is_empty() && is_ascending(&function.within_group) => {
                let args = vec![
                    function.within_group[0].child.as_ref().clone(),
                    spec::Expr::literal(spec::Literal::Boolean(true)),
                ];
                let whole = spec::Function { args, within_group: Vec::new(), ..function.clone() };
                return self.function(&whole, context);
            }
            "time_bucket" if function.args.len() == 2 => {
                let origin = self.bucket_origin(&function.args[1], context)?;
                let args = [function.args.as_slice(), &[origin]].concat();
                let whole = spec::Function { args, ..function.clone() };
                return self.function(&whole, context);
            }
            "distributed_sequence_id" => return self.sequence_id(context),
            "distributed_id" => {
                let id = spec::Function::new("monotonically_increasing_id", Vec::new());
                return self.function(&id, context);
            }
            "input_file_name" | "input_file_block_start" | "input_file_block_length"
                if function.args.is_empty() =>
            {
                return self.input_file(&name, context);
            }
            "window" | "session_window" => return self.time_window(&name, function, context),
            "grouping" | "grouping_id" => return self.grouping(&name, function, context),
            "in" | "not in" if function.args.len() == 2 => {
                if let Some(resolved) = self.in_subquery_as_call(function, context)? {
                    return Ok(resolved);
                }
            }
            "in" if function.args.iter().any(|arg| matches!(arg.node, ExprNode::Row(_))) => {}
            _ => {}
        }
        // SQL's sign is called `-` in generated names, `F.negative` is not.
        let is_sign = name == "-" && function.args.len() == 1;
        let found = if is_sign { lookup("negative") } else { lookup(&name) };
        let Some(found) = found else {
            if let Some(resolved) = self.registered_call(function, context)? {
                return Ok(resolved);
            }
            return Err(self.unresolved_routine(function));
        };
        match &found.builder {
            Builder::Scalar(build) => {
                self.check_plain(function)?;
                let mut args = self.args(&function.args, context)?;
                self.pad_compared(&name, &mut args, context)?;
                if collation::is_collated(&name, &args) {
                    return self.collated_call(found, *build, &name, &args, context);
                }
                let shown = match name.as_str() {
                    "to_char" | "to_varchar" => self.to_char_name(&name, &args)?,
                    // Bytes are padded with zeros.
                    "lpad" | "rpad"
                        if !self.in_python_args
                            && args.len() == 2
                            && *args[0].field.data_type() == DataType::Binary =>
                    {
                        format!("{name}({}, {}, X'00')", args[0].name, args[1].name)
                    }
                    _ => self.call_name(&name, &args),
                };
                let build = || build(self.call(found, &args));
                // Spark does not tell where these overflow; where a string is no number it does.
                let is_number = args.first().is_some_and(|arg| arg.field.data_type().is_numeric());
                let expr = match found.name {
                    "negative" | "abs" if is_number => place::nowhere(build)?,
                    _ => build()?,
                };
                let mut resolved = self.typed(expr, shown, context)?;
                // Its name is Spark's own, and yet not marked so.
                resolved.is_generated &= name != "window_time";
                // Spark prints JSON read as a map under the name of a map's entries.
                if self.in_python_args && matches!(name.as_str(), "from_json" | "from_csv") {
                    let (to, text) = (resolved.spark_type()?, &args[0].name);
                    resolved.name = argument_naming::parsed(&name, &to, text, self.settings);
                } else if name == "from_json"
                    && matches!(resolved.field.data_type(), DataType::Map(..))
                {
                    resolved.name = "entries".to_owned();
                }
                Ok(resolved)
            }
            Builder::Aggregate(build) => self.aggregate_call(found, *build, function, context),
            Builder::Window(_) => Err(window_without_over(&name)),
            Builder::Generator(_) => Err(nested_generator(&name, function)),
            Builder::HigherOrder(higher_order) => {
                if name == "array_sort"
                    && function.args.len() == 1
                    && let Some(FunctionDef { builder: Builder::Scalar(build), .. }) =
                        lookup("sort_array")
                {
                    let args = self.args(&function.args, context)?;
                    if collation::is_collated(&name, &args) {
                        return self.collated_call(found, *build, &name, &args, context);
                    }
                }
                self.higher_order(found, higher_order, function, context)
            }
            Builder::Partition(build) => {
                let args = self.args(&function.args, context)?;
                let shown = self.call_name(&name, &args);
                let function = build(self.call(found, &args))?;
                self.partition_column(function, shown, context)
            }
        }
    }

    /// `max_by(x, y, k)`: the values of x beside the k greatest y, the greatest first.
    fn several_extremes(
        &mut self,
        name: &str,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        use spec::Expr;
        let [value, key, count] = function.args.as_slice() else {
            return Err(SparkError::internal("an extreme without its arguments"));
        };
        let pair = Expr::call(
            "named_struct",
            vec![Expr::string("key"), key.clone(), Expr::string("value"), value.clone()],
        );
        let present = Expr::call("isnotnull", vec![key.clone()]);
        let filter = match &function.filter {
            Some(filter) => Expr::call("and", vec![filter.as_ref().clone(), present]),
            None => present,
        };
        let pairs = spec::Function {
            filter: Some(Box::new(filter)),
            distinct: function.distinct,
            ..spec::Function::new("collect_list", vec![pair])
        };
        let ascending = Expr::literal(spec::Literal::Boolean(name == "min_by"));
        let sorted = Expr::call("sort_array", vec![ExprNode::Function(pairs).into(), ascending]);
        let one = Expr::literal(spec::Literal::Integer(1));
        let best = Expr::call("slice", vec![sorted, one, count.clone()]);
        let best =
            ExprNode::ExtractValue { child: Box::new(best), key: Box::new(Expr::string("value")) };
        // Only for the name.
        let mut plain = ExprContext::new(&context.scope, Clause::Other);
        let args = self.args(&function.args, &mut plain)?;
        let names: Vec<String> = args.iter().map(|arg| arg.name.clone()).collect();
        let filter = match &function.filter {
            Some(filter) => Some(self.expr(filter, &mut plain)?.name),
            None => None,
        };
        let shown = self.aggregate_name(name, &names, function, &[], filter.as_deref());
        let resolved = self.expr(&best.into(), context)?;
        Ok(ResolvedExpr { name: shown, output_name: None, is_generated: true, ..resolved })
    }

    /// `uniform(min, max [, seed])`: a random number between two constants, of their type.
    fn uniform(
        &mut self,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        use spec::Expr;
        let args = self.args(&function.args, context)?;
        let shown = self.call_name("uniform", &args);
        let types = [args[0].spark_type()?, args[1].spark_type()?];
        let result = match self.common_type_of(&types) {
            // Whole numbers take the type of the other.
            Some(_)
                if types[0].is_integral() && types[1].is_numeric() && !types[1].is_integral() =>
            {
                types[1].clone()
            }
            Some(_)
                if types[1].is_integral() && types[0].is_numeric() && !types[0].is_integral() =>
            {
                types[0].clone()
            }
            Some(common) if common.is_numeric() => common,
            _ => SparkType::Double,
        };
        let double = |expr: Expr| -> Expr {
            let (expr, to) = (Box::new(expr), SparkType::Double);
            ExprNode::Cast { expr, to, mode: spec::CastMode::Session }.into()
        };
        let (least, most) = (double(function.args[0].clone()), double(function.args[1].clone()));
        let random = Expr::call("rand", function.args[2..].to_vec());
        let width = Expr::call("-", vec![most, least.clone()]);
        let value = Expr::call("+", vec![least, Expr::call("*", vec![width, random])]);
        let expr = Box::new(value);
        let value = ExprNode::Cast { expr, to: result, mode: spec::CastMode::Session };
        let resolved = self.expr(&value.into(), context)?;
        Ok(ResolvedExpr { name: shown, output_name: None, is_generated: true, ..resolved })
    }

    /// Where buckets of time begin if the user does not say: with 1970, on the session's clock.
    fn bucket_origin(
        &mut self,
        time: &spec::Expr,
        context: &mut ExprContext,
    ) -> Result<spec::Expr> {
        use spec::{Expr, Literal};
        if self.expr(time, context)?.spark_type()? == SparkType::TimestampNtz {
            return Ok(Expr::literal(Literal::TimestampNtz(0)));
        }
        let midnight = midnight_of_1970(&self.settings.time_zone)?;
        Ok(Expr::literal(Literal::Timestamp(midnight)))
    }

    /// `zipWithIndex`: positions over all partitions, in their order.
    fn sequence_id(&mut self, context: &mut ExprContext) -> Result<ResolvedExpr> {
        let order = spec::SortOrder {
            child: Box::new(spec::Expr::call("monotonically_increasing_id", Vec::new())),
            ascending: true,
            nulls_first: None,
        };
        let position = ExprNode::Window(Box::new(spec::Window {
            function: spec::Expr::call("row_number", Vec::new()),
            partition_by: Vec::new(),
            order_by: vec![order],
            frame: None,
            reference: None,
        }));
        let one = spec::Expr::literal(spec::Literal::Long(1));
        let index = spec::Function::new("-", vec![position.into(), one]);
        self.function(&index, context)
    }

    /// The name without `builtin.` and its like, in lower case.
    pub(super) fn builtin_name(&self, function: &spec::Function) -> Result<String> {
        let lower: Vec<String> = function.name.iter().map(|part| part.to_lowercase()).collect();
        let parts: Vec<&str> = lower.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [name] | ["builtin" | "session", name] | ["system", "builtin" | "session", name] => {
                Ok((*name).to_owned())
            }
            _ => Err(self.unresolved_routine(function)),
        }
    }

    /// A call of `definition` on resolved arguments.
    pub(super) fn call<'c>(
        &'c self,
        definition: &'c FunctionDef,
        args: &[ResolvedExpr],
    ) -> Call<'c> {
        Call {
            name: definition.name,
            args: args.iter().map(named_arg).collect(),
            settings: self.settings,
            query_start_micros: self.env.query_start_micros(),
        }
    }

    /// Builds a call of the scalar built-in `name`.
    pub(crate) fn build_scalar(&self, name: &str, args: Vec<Arg>) -> Result<Expr> {
        let Some(FunctionDef { name, builder: Builder::Scalar(build) }) = lookup(name) else {
            return Err(SparkError::unsupported(format!("the function {name}")));
        };
        build(Call {
            name,
            args,
            settings: self.settings,
            query_start_micros: self.env.query_start_micros(),
        })
    }

    /// Resolves arguments; a star becomes several.
    pub(crate) fn args(
        &mut self,
        args: &[spec::Expr],
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        let mut resolved = Vec::with_capacity(args.len());
        for arg in args {
            match &arg.node {
                ExprNode::Star { .. } | ExprNode::Regex { .. } => {
                    resolved.extend(self.expand_star(arg, context)?);
                }
                ExprNode::Sql(text) => {
                    let parsed = self.parsed_text(text)?;
                    resolved.extend(self.args(std::slice::from_ref(&parsed), context)?);
                }
                _ => resolved.push(self.expr(arg, context)?),
            }
        }
        Ok(resolved)
    }

    fn aggregate_call(
        &mut self,
        definition: &'static FunctionDef,
        build: fn(AggregateCall<'_>) -> Result<Expr>,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        // With OVER it is a window function, whose arguments may be aggregates.
        let over = std::mem::replace(&mut context.in_window, false);
        if !over {
            self.check_aggregate_allowed(definition.name, context)?;
        }
        let name = self.builtin_name(function)?;
        let outer_in_aggregate = std::mem::replace(&mut context.in_aggregate, !over);
        let parts = self.aggregate_parts(&name, function, over, context);
        context.in_aggregate = outer_in_aggregate;
        let (mut args, filter, order_by, order_names) = parts?;
        if let Some(filter) = &filter {
            // DataFusion computes arguments for all rows: one that may fail gets only those that count.
            for arg in &mut args {
                // Constants stay constants: some functions look for their values.
                if matches!(arg.expr, Expr::Column(_)) || !arg.expr.any_column_refs() {
                    continue;
                }
                let lazy = datafusion::logical_expr::when(filter.expr.clone(), arg.expr.clone());
                arg.expr = lazy.end()?;
                arg.field = Arc::new(arg.field.as_ref().clone().with_nullable(true));
            }
        }
        let arg_names: Vec<String> = args.iter().map(|arg| arg.name.clone()).collect();
        let filter_name = filter.as_ref().map(|filter| filter.name.as_str());
        // With IGNORE NULLS or RESPECT NULLS Spark forgets under which name they were called.
        let shown_name = match (name.as_str(), function.ignore_nulls) {
            ("first_value", Some(_)) => "first",
            ("last_value", Some(_)) => "last",
            (other, _) => other,
        };
        let shown =
            self.aggregate_name(shown_name, &arg_names, function, &order_names, filter_name);
        let is_collated = collation::is_collated(&name, &args);
        let (definition, taken) = match is_collated {
            true => self.collated_aggregate(definition, function.distinct, &args)?,
            false => (definition, args.clone()),
        };
        let build = match &definition.builder {
            Builder::Aggregate(build) => *build,
            _ => build,
        };
        let expr = build(AggregateCall {
            call: self.call(definition, &taken),
            distinct: function.distinct,
            filter: filter.map(|filter| Box::new(filter.expr)),
            order_by,
            ignore_nulls: function.ignore_nulls == Some(true),
        })?;
        let answer = self.typed(expr, shown, context)?;
        if is_collated { self.collated_answer(answer, &args) } else { Ok(answer) }
    }

    #[allow(clippy::type_complexity)]
    fn aggregate_parts(
        &mut self,
        name: &str,
        function: &spec::Function,
        over: bool,
        context: &mut ExprContext,
    ) -> Result<(Vec<ResolvedExpr>, Option<ResolvedExpr>, Vec<Sort>, Vec<String>)> {
        let is_star =
            |node: &ExprNode| matches!(node, ExprNode::Star { target: None, plan_id: None, .. });
        let is_count_star = name == "count"
            && match function.args.as_slice() {
                [spec::Expr { node: ExprNode::Sql(text), .. }] => {
                    is_star(&self.parsed_text(text)?.node)
                }
                [arg] => is_star(&arg.node),
                _ => false,
            };
        let args = if is_count_star && !function.distinct {
            vec![self.literal(&spec::Literal::Integer(1))?]
        } else {
            self.args(&function.args, context)?
        };
        let nested = args.iter().find(|arg| super::aggregates::contains_aggregate(&arg.expr));
        if let Some(arg) = nested.filter(|_| !over) {
            return Err(SparkError::analysis(
                "NESTED_AGGREGATE_FUNCTION",
                "It is not allowed to use an aggregate function in the argument of another \
                 aggregate function. Please use the inner aggregate function in a sub-query.",
            )
            .with("function", arg.name.clone()));
        }
        let filter = match &function.filter {
            Some(filter) => Some(self.aggregate_filter(filter, over, context)?),
            None => None,
        };
        let mut order_by = Vec::with_capacity(function.within_group.len());
        let mut order_names = Vec::with_capacity(function.within_group.len());
        for order in &function.within_group {
            let (sort, order_name) = self.sort_order(order, context)?;
            // These functions take one value to order by, and print it without a direction.
            let is_percentile = name.starts_with("percentile") || name == "mode";
            if is_percentile {
                let hidden = if order.ascending { " ASC" } else { " NULLS" };
                let suffix = order_name.rfind(hidden).unwrap_or(order_name.len());
                order_names.push(order_name[..suffix].to_owned());
            } else {
                order_names.push(order_name);
            }
            order_by.push(sort);
        }
        Ok((args, filter, order_by, order_names))
    }

    pub(super) fn check_aggregate_allowed(&self, name: &str, context: &ExprContext) -> Result<()> {
        match context.clause {
            Clause::Where => Err(SparkError::analysis(
                "INVALID_WHERE_CONDITION",
                format!(
                    "The WHERE condition contains invalid expressions: {name}. Rewrite the query \
                     to avoid window functions, aggregate functions, and generator functions in \
                     the WHERE clause."
                ),
            )
            .with("expressionList", name)),
            Clause::GroupBy => Err(SparkError::analysis(
                "GROUP_BY_AGGREGATE",
                format!("Aggregate functions are not allowed in GROUP BY, but found {name}."),
            )
            .with("sqlExpr", name)),
            Clause::Join => Err(SparkError::analysis(
                "UNSUPPORTED_EXPR_FOR_OPERATOR",
                "A query operator contains one or more unsupported expressions. Consider to \
                 rewrite it to avoid window functions, aggregate functions, and generator \
                 functions in the WHERE clause.",
            )
            .with("invalidExprSqls", name)),
            _ => Ok(()),
        }
    }

    /// A sort key: first when ascending, last when descending, unless the user said otherwise.
    pub(crate) fn sort_order(
        &mut self,
        order: &spec::SortOrder,
        context: &mut ExprContext,
    ) -> Result<(Sort, String)> {
        let resolved = self.expr(&order.child, context)?;
        let nulls_first = order.nulls_first.unwrap_or(order.ascending);
        let direction = if order.ascending { "ASC" } else { "DESC" };
        let nulls = if nulls_first { "FIRST" } else { "LAST" };
        let name = format!("{} {direction} NULLS {nulls}", resolved.name);
        check_orderable(&resolved)?;
        let key = self.ordering_key(&resolved)?;
        Ok((Sort::new(key, order.ascending, nulls_first), name))
    }

    /// `struct(a, b AS x, a + b)`: fields take the arguments' names, or else `col3`.
    fn struct_of(
        &mut self,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let args = self.args(&function.args, context)?;
        let mut pairs = Vec::with_capacity(args.len() * 2);
        let mut shown = Vec::new();
        for (position, arg) in args.iter().enumerate() {
            let field = if arg.is_named {
                arg.output_name().to_owned()
            } else {
                format!("col{}", position + 1)
            };
            if self.in_python_args {
                shown.push(field.clone());
            }
            shown.push(arg.name.clone());
            pairs.push(self.literal(&spec::Literal::String(field))?.arg());
            pairs.push(arg.arg());
        }
        let shown = format!("struct({})", shown.join(", "));
        self.call_builtin("named_struct", pairs, shown, context)
    }

    /// The generated name of an aggregate call.
    fn aggregate_name(
        &self,
        name: &str,
        args: &[String],
        function: &spec::Function,
        orders: &[String],
        filter: Option<&str>,
    ) -> String {
        if self.in_python_args {
            return argument_naming::aggregate(name, args, function, orders, filter);
        }
        naming::aggregate(name, args, function.distinct, orders, filter)
    }

    /// `to_char` is shown as the function that it stands for: only numbers have one of their own.
    fn to_char_name(&self, name: &str, args: &[ResolvedExpr]) -> Result<String> {
        let Some(first) = args.first() else { return Ok(self.call_name("to_char", args)) };
        let format = args.get(1).map(|format| format.name.to_lowercase()).unwrap_or_default();
        Ok(match (first.spark_type()?, format.as_str()) {
            (SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz, _) => {
                self.call_name("date_format", args)
            }
            (SparkType::Binary, "hex") if name == "to_varchar" => {
                format!("to_varchar({})", args[0].name)
            }
            (SparkType::Binary, name @ ("base64" | "hex")) => self.call_name(name, &args[..1]),
            (SparkType::Binary, _) => self.call_name("decode", args),
            _ => self.call_name("to_char", args),
        })
    }

    /// A value that depends on the partition becomes a column under the operator.
    fn partition_column(
        &mut self,
        function: firesteel_common::nodes::PartitionFunction,
        shown: String,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let internal = self.fresh();
        context.fields.insert(Arc::new(Field::new(&internal, function.data_type(), false)));
        context.partition_columns.push((internal.clone(), function));
        let expr = Expr::Column(PlanColumn::new_unqualified(internal));
        self.typed(expr, shown, context)
    }

    /// Modifiers belong to aggregate functions.
    pub(super) fn check_plain(&self, function: &spec::Function) -> Result<()> {
        let feature = if function.distinct {
            "DISTINCT"
        } else if function.filter.is_some() {
            "FILTER CLAUSE"
        } else if !function.within_group.is_empty() {
            "WITHIN GROUP (ORDER BY ...)"
        } else if function.ignore_nulls == Some(true) {
            "IGNORE NULLS"
        } else {
            return Ok(());
        };
        let name = quote_name(&function.name);
        Err(SparkError::analysis(
            "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
            format!("Invalid SQL syntax: The function {name} does not support {feature}."),
        )
        .with("prettyName", name)
        .with("syntax", feature))
    }

    fn unresolved_routine(&self, function: &spec::Function) -> SparkError {
        let name = quote_name(&function.name);
        let is_table_function = |name: &String| {
            let name = name.to_lowercase();
            ["range", "collations", "sql_keywords", "python_worker_logs"].contains(&name.as_str())
        };
        if function.name.len() == 1 && function.name.iter().all(is_table_function) {
            return SparkError::analysis(
                "NOT_A_SCALAR_FUNCTION",
                format!(
                    "{name} appears as a scalar expression here, but the function was defined as a \
                     table function. Please update the query to move the function call into the \
                     FROM clause, or redefine {name} as a scalar function instead."
                ),
            )
            .with("functionName", name);
        }
        let path = "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]";
        SparkError::analysis(
            "UNRESOLVED_ROUTINE",
            format!("Cannot resolve routine {name} on search path {path}."),
        )
        .with("routineName", name)
        .with("searchPath", path)
    }
}

fn is_ascending(order: &[spec::SortOrder]) -> bool {
    matches!(order, [only] if only.ascending)
}

/// The argument, its field called as the user calls it: functions that make structs look there.
fn named_arg(resolved: &ResolvedExpr) -> Arg {
    let name = if resolved.is_named { resolved.output_name() } else { "" };
    let field = resolved.field.as_ref().clone().with_name(name);
    Arg::new(resolved.expr.clone(), Arc::new(field)).shown_as(&resolved.name)
}

fn check_orderable(resolved: &ResolvedExpr) -> Result<()> {
    let data_type = resolved.spark_type()?;
    if !matches!(data_type, SparkType::Map { .. } | SparkType::Variant) {
        return Ok(());
    }
    let data_type = data_type.sql();
    Err(SparkError::analysis(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        format!(
            "Cannot resolve \"{} ASC NULLS FIRST\" due to data type mismatch: The `sortorder` does \
             not support ordering on type \"{data_type}\".",
            resolved.name
        ),
    )
    .with("sqlExpr", format!("\"{} ASC NULLS FIRST\"", resolved.name))
    .with("functionName", "`sortorder`")
    .with("dataType", format!("\"{data_type}\"")))
}

fn window_without_over(name: &str) -> SparkError {
    SparkError::analysis(
        "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE",
        format!("Window function \"{name}()\" requires an OVER clause."),
    )
    .with("funcName", format!("\"{name}()\""))
}

fn nested_generator(name: &str, function: &spec::Function) -> SparkError {
    let _ = function;
    SparkError::new(
        ErrorKind::Analysis,
        "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
        format!("The generator is not supported: nested in expressions \"{name}\"."),
    )
    .with("expression", format!("\"{}\"", quote(name)))
}
