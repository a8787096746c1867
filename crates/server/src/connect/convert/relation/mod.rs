//! Relations: one arm each, bodies by family.

mod aggregate;
mod columns;
mod graph;
mod join;
mod ml;
mod nulls;
mod python;
mod read;
mod rows;
mod sql;
mod statistics;

pub use sql::sql_text;

use super::{catalog, faults, local, required};
use crate::connect::convert::expression::origin;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec;
use firesteel_plan::spec::RelationNode;
use firesteel_proto::spark::connect as proto;
use proto::relation::RelType;

/// # Errors
/// When a part is missing or a relation does not exist here.
pub fn relation(session: &Session, relation: &proto::Relation) -> Result<spec::Relation> {
    let node = node(session, required(relation.rel_type.as_ref(), faults::relation)?)?;
    let common = relation.common.as_ref();
    let plan_id = common.and_then(|common| common.plan_id);
    let origin = common.and_then(|common| common.origin.as_ref()).and_then(origin);
    Ok(spec::Relation { plan_id, origin, node: Box::new(node) })
}

/// The input of a relation.
fn input(session: &Session, part: Option<&proto::Relation>) -> Result<spec::Relation> {
    relation(session, required(part, faults::relation)?)
}

fn node(session: &Session, kind: &RelType) -> Result<RelationNode> {
    match kind {
        RelType::Read(read) => self::read::read(read),
        RelType::Project(project) => columns::project(session, project),
        RelType::Filter(filter) => rows::filter(session, filter),
        RelType::Join(join) => self::join::join(session, join),
        RelType::SetOp(operation) => self::join::set_operation(session, operation),
        RelType::Sort(sort) => rows::sort(session, sort),
        RelType::Limit(limit) => rows::limit(session, limit),
        RelType::Aggregate(aggregate) => self::aggregate::aggregate(session, aggregate),
        RelType::Sql(sql) => Ok(RelationNode::Sql(sql_text(session, sql)?)),
        RelType::LocalRelation(relation) => local::local_relation(relation),
        RelType::Sample(sample) => rows::sample(session, sample),
        RelType::Offset(offset) => rows::offset(session, offset),
        RelType::Deduplicate(deduplicate) => rows::deduplicate(session, deduplicate),
        RelType::Range(range) => self::read::range(range),
        RelType::SubqueryAlias(alias) => columns::subquery_alias(session, alias),
        RelType::Repartition(repartition) => rows::repartition(session, repartition),
        RelType::ToDf(to_df) => columns::to_df(session, to_df),
        RelType::WithColumnsRenamed(renamed) => columns::with_columns_renamed(session, renamed),
        RelType::ShowString(show) => rows::show_string(session, show),
        RelType::Drop(drop) => columns::drop(session, drop),
        RelType::Tail(tail) => rows::tail(session, tail),
        RelType::WithColumns(columns) => columns::with_columns(session, columns),
        RelType::Hint(hint) => rows::hint(session, hint),
        RelType::Unpivot(unpivot) => columns::unpivot(session, unpivot),
        RelType::ToSchema(to_schema) => columns::to_schema(session, to_schema),
        RelType::RepartitionByExpression(repartition) => {
            rows::repartition_by_expression(session, repartition)
        }
        RelType::MapPartitions(map) => self::python::map_partitions(session, map),
        RelType::CollectMetrics(metrics) => rows::collect_metrics(session, metrics),
        RelType::Parse(parse) => self::read::parse(session, parse),
        RelType::GroupMap(map) => self::python::group_map(session, map),
        RelType::CoGroupMap(map) => self::python::co_group_map(session, map),
        RelType::HtmlString(html) => rows::html_string(session, html),
        RelType::CachedLocalRelation(cached) => local::cached(session, cached),
        RelType::CachedRemoteRelation(cached) => {
            Ok(RelationNode::CachedRemote { relation_id: cached.relation_id.clone() })
        }
        RelType::AsOfJoin(join) => self::join::as_of_join(session, join),
        RelType::NearestByJoin(join) => self::join::nearest_by_join(session, join),
        RelType::WithRelations(relations) => sql::with_relations(session, relations),
        RelType::Transpose(transpose) => columns::transpose(session, transpose),
        RelType::UnresolvedTableValuedFunction(function) => self::read::table_function(function),
        RelType::LateralJoin(join) => self::join::lateral_join(session, join),
        RelType::ChunkedCachedLocalRelation(cached) => local::chunked(session, cached),
        RelType::FillNa(fill) => nulls::fill(session, fill),
        RelType::DropNa(drop) => nulls::drop(session, drop),
        RelType::Replace(replace) => nulls::replace(session, replace),
        RelType::Summary(summary) => statistics::summary(session, summary),
        RelType::Crosstab(crosstab) => statistics::crosstab(session, crosstab),
        RelType::Describe(describe) => statistics::describe(session, describe),
        RelType::Cov(cov) => statistics::cov(session, cov),
        RelType::Corr(corr) => statistics::corr(session, corr),
        RelType::ApproxQuantile(quantile) => statistics::approx_quantile(session, quantile),
        RelType::FreqItems(items) => statistics::freq_items(session, items),
        RelType::SampleBy(sample) => statistics::sample_by(session, sample),
        RelType::Catalog(call) => Ok(RelationNode::Catalog(catalog::catalog_call(call)?)),
        RelType::WithWatermark(watermark) => rows::with_watermark(session, watermark),
        RelType::ApplyInPandasWithState(_) => unsupported("applyInPandasWithState"),
        RelType::CommonInlineUserDefinedTableFunction(function) => {
            let function = super::python::python_table_function(function)?;
            Ok(RelationNode::PythonTableFunction(Box::new(function)))
        }
        RelType::CommonInlineUserDefinedDataSource(_) => unsupported("Python data sources"),
        RelType::RelationChanges(_) => Err(SparkError::analysis(
            "UNSUPPORTED_FEATURE.CHANGE_DATA_CAPTURE",
            "The feature is not supported: Catalog spark_catalog does not support Change Data \
             Capture (CDC).",
        )
        .with("catalogName", "spark_catalog")),
        RelType::MlRelation(relation) => self::ml::ml_relation(session, relation),
        RelType::Extension(any) if any.type_url.rsplit('/').next() == Some(graph::TYPE_NAME) => {
            self::graph::graph(session, &any.value)
        }
        RelType::Extension(any) => {
            let text = format!("No handler found for extension type: {}", any.type_url);
            let error = faults::invalid("NO_HANDLER_FOR_EXTENSION", text);
            Err(error.with("extensionTypeUrl", any.type_url.clone()))
        }
        RelType::Unknown(_) => Err(faults::unsupported("spark.connect.Relation", "UNKNOWN", 999)),
    }
}

fn unsupported(what: &str) -> Result<RelationNode> {
    Err(SparkError::unsupported(what))
}
