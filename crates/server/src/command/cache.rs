//! CACHE TABLE and UNCACHE TABLE.

use super::Answer;
use super::views;
use crate::catalog::{describe_table, table_not_found};
use crate::planning::{blocking, visible_plan};
use crate::session::{Kept, QueryEnvironment, Session, StorageLevel};
use firesteel_common::Result;
use firesteel_engine::CachedTable;
use firesteel_plan::resolve::resolve_query;
use firesteel_plan::spec::{CreateView, Name, NamedTable, Relation, RelationNode, ViewKind};
use std::sync::Arc;

/// What `spark.table(name)` and `FROM name` become.
fn named(name: &Name) -> Relation {
    Relation::from(RelationNode::NamedTable(NamedTable {
        name: name.clone(),
        options: Vec::new(),
        identifier: None,
        time_travel: None,
    }))
}

/// `CACHE [LAZY] TABLE name [AS query]`; the query becomes a temporary view of that name.
pub async fn cache(
    session: &Arc<Session>,
    name: Name,
    lazy: bool,
    query: Option<Relation>,
) -> Result<Answer> {
    let planning = Arc::clone(session);
    let table = blocking(move || {
        let env = QueryEnvironment::new(&planning)?;
        if let Some(query) = query {
            views::create(
                &env,
                CreateView {
                    name: name.clone(),
                    query,
                    kind: ViewKind::Temporary,
                    replace: false,
                    if_not_exists: false,
                    columns: Vec::new(),
                    comment: None,
                    properties: Vec::new(),
                    text: None,
                },
            )?;
        }
        cache_table(&env, &name)
    })
    .await?;
    if !lazy {
        table.materialize().await?;
    }
    Ok(Answer::none())
}

/// Marks a table to be kept from its next use on.
///
/// # Errors
/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn cache_table(env: &QueryEnvironment, name: &Name) -> Result<Arc<CachedTable>> {
    let session = env.session();
    let relation = named(name);
    if let Some(kept) = session.persisted.read().find(&relation) {
        return Ok(Arc::clone(&kept.table));
    }
    let resolved = resolve_query(env, &relation)?;
    let runner = session.engine().runner()?;
    let table = Arc::new(CachedTable::new(visible_plan(&resolved)?, runner));
    session.persisted.write().add(Kept {
        relation,
        level: StorageLevel::MEMORY_AND_DISK,
        table: Arc::clone(&table),
        schema: resolved.schema(),
    });
    Ok(table)
}

pub fn uncache_table(env: &QueryEnvironment, name: &Name, if_exists: bool) -> Result<Answer> {
    let session = env.session();
    if !session.persisted.write().remove(&named(name))
        && !if_exists
        && describe_table(env, name).is_err()
    {
        return Err(table_not_found(name, &session.current.read()));
    }
    Ok(Answer::none())
}

/// Whether a table is kept.
///
/// # Errors
/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn is_cached(env: &QueryEnvironment, name: &Name) -> Result<bool> {
    describe_table(env, name)?;
    Ok(env.session().persisted.read().find(&named(name)).is_some())
}
