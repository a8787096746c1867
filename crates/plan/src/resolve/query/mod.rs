//! What a relation means: one arm per relation, bodies in `query/<name>.rs`.

mod aggregate;
mod alias;
mod approx_quantile;
mod as_of_join;
mod below;
mod collect_metrics;
mod common_tables;
mod constant;
mod corr;
mod cov;
mod crosstab;
mod data_source;
mod deduplicate;
mod describe;
mod drop;
mod filter;
mod freq_items;
mod generate;
mod generate_of_aggregates;
mod graph;
mod grouping_sets;
mod held_order;
mod hint;
mod inline_table;
mod join;
mod join_hint;
mod lateral;
mod lateral_domain;
mod lateral_view;
mod limit;
mod local;
mod map_partitions;
mod na_drop;
mod na_fill;
mod na_replace;
mod nearest_by_join;
mod parse;
mod pickled_constant;
mod pipe_aggregate;
mod pivot;
mod project;
mod python_data_source;
mod python_groups;
mod python_table_function;
mod qualify;
mod range;
mod repartition;
mod rewrite_columns;
mod sample;
mod sample_by;
mod set_column;
mod set_operation;
mod show_string;
mod shown_joins;
mod shown_order;
mod sort;
mod sql_text;
mod struct_union;
mod summary;
mod system_tables;
mod table;
mod table_function;
mod to_schema;
mod transform;
mod transpose;
mod unpivot;
mod window_clause;
mod with_columns;

pub use aggregate::Aggregation;
pub(crate) use common_tables::CommonTables;
pub(crate) use map_partitions::invalid_eval_type;
pub(crate) use sql_text::Parameters;
pub use transform::frame_of;

use super::{Resolved, Resolver};
use crate::spec::{Relation, RelationNode};
use firesteel_common::Result;

impl Resolver<'_> {
    /// Resolves one relation; its inputs are resolved by the bodies.
    pub(super) fn relation_node(&mut self, relation: &Relation) -> Result<Resolved> {
        use RelationNode as Node;
        match relation.node.as_ref() {
            Node::NamedTable(table) => self.named_table(table),
            Node::DataSource(source) => self.data_source(source),
            Node::Local(local) => self.local(local),
            Node::Range(range) => self.range(range),
            Node::OneRow => self.one_row(),
            Node::Resolved(number) => self.resolved_before(*number),
            Node::InlineTable { rows } => self.inline_table(rows),
            Node::TableFunction(function) => self.table_function(function),
            Node::PythonTableFunction(function) => self.python_table_function(function),
            Node::CachedRemote { relation_id } => self.cached_remote(relation_id),
            Node::Sql(text) => self.sql_text(text),
            Node::Catalog(call) => self.catalog_call(call, relation.plan_id),

            Node::Project { input, exprs } => self.project_relation(input, exprs),
            Node::Filter { input, condition } => self.filter(input, condition),
            Node::Having { input, condition } => self.having(input, condition),
            Node::Qualify { input, condition } => self.qualify(input, condition),
            Node::Sort { input, order, global } => self.sort(input, order, *global),
            Node::SortAll { input, ascending, nulls_first } => {
                self.sort_all(input, *ascending, *nulls_first)
            }
            Node::Limit { input, limit } => self.limit(input, limit),
            Node::Offset { input, offset } => self.offset(input, offset),
            Node::Tail { input, limit } => self.tail(input, limit),
            Node::Sample(sample) => self.sample(sample),
            Node::Aggregate(aggregate) => self.aggregate(aggregate, None),
            Node::PipeAggregate(aggregate) => self.pipe_aggregate(aggregate),
            Node::WindowClause { input, windows } => self.window_clause(input, windows),
            Node::Deduplicate { input, columns, all_columns, within_watermark } => {
                self.deduplicate(input, columns, *all_columns, *within_watermark)
            }
            Node::WithColumns { input, columns } => self.with_columns(input, columns),
            Node::SetColumn { input, name, value } => self.set_column(input, name, value),
            Node::WithColumnsRenamed { input, renames } => {
                self.with_columns_renamed(input, renames)
            }
            Node::Drop { input, columns, names } => self.drop_columns(input, columns, names),
            Node::ToDf { input, names } => self.to_df(input, names),
            Node::ToSchema { input, schema } => self.to_schema(input, schema),
            Node::LateralView(view) => self.lateral_view(view),
            Node::Unpivot(unpivot) => self.unpivot(unpivot),
            Node::Pivot(pivot) => self.pivot(pivot),
            Node::Transform { inputs, transform } => self.transform(inputs, transform),
            Node::Graph(call) => self.graph(call),
            Node::Transpose { input, index } => self.transpose(input, index),

            Node::Join(join) => self.join(join),
            Node::SetOperation(operation) => self.set_operation(operation),
            Node::Alias { input, name, qualifier, columns } => {
                self.alias_relation(input, name, qualifier, columns)
            }
            Node::With(with) => self.with(with),
            Node::WithRelations { root, references } => self.with_relations(root, references),
            Node::AsOfJoin(join) => self.as_of_join(join),
            Node::NearestByJoin(join) => self.nearest_by_join(join),

            Node::Repartition { input, partitions, shuffle } => {
                self.repartition(input, *partitions, *shuffle)
            }
            Node::RepartitionByExpression { input, exprs, partitions } => {
                self.repartition_by_expression(input, exprs, *partitions)
            }
            Node::Hint { input, name, parameters } => self.hint(input, name, parameters),

            Node::NaFill { input, columns, values } => self.na_fill(input, columns, values),
            Node::NaDrop { input, columns, min_non_nulls } => {
                self.na_drop(input, columns, *min_non_nulls)
            }
            Node::NaReplace { input, columns, replacements } => {
                self.na_replace(input, columns, replacements)
            }
            Node::Summary { input, statistics } => self.summary(input, statistics),
            Node::Describe { input, columns } => self.describe(input, columns),
            Node::Crosstab { input, column1, column2 } => self.crosstab(input, column1, column2),
            Node::Cov { input, column1, column2 } => self.cov(input, column1, column2),
            Node::Corr { input, column1, column2, method } => {
                self.corr(input, column1, column2, method.as_deref())
            }
            Node::ApproxQuantile { input, columns, probabilities, relative_error } => {
                self.approx_quantile(input, columns, probabilities, *relative_error)
            }
            Node::FreqItems { input, columns, support } => {
                self.freq_items(input, columns, *support)
            }
            Node::SampleBy { input, column, fractions, seed } => {
                self.sample_by(input, column, fractions, *seed)
            }

            Node::ShowString { input, rows, truncate, vertical } => {
                self.show_string(input, *rows, *truncate, *vertical)
            }
            Node::HtmlString { input, rows, truncate } => self.html_string(input, *rows, *truncate),
            Node::CollectMetrics { input, name, metrics } => {
                self.collect_metrics(input, name, metrics)
            }
            Node::Parse { input, format, schema, options } => {
                self.parse(input, format, schema.as_ref(), options)
            }

            Node::MapPartitions { input, function, is_barrier } => {
                self.map_partitions(input, function, *is_barrier)
            }
            Node::GroupMap { input, grouping, function, sorting } => {
                self.group_map(input, grouping, function, sorting)
            }
            Node::CoGroupMap(map) => self.co_group_map(map),
        }
    }
}
