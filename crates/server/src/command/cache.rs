//! CACHE TABLE and UNCACHE TABLE.

use super::Answer;
use super::views;
use crate::catalog::{describe_table, table_not_found};
use crate::planning::{blocking, visible_plan};
use crate::session::{Kept, QueryEnvironment, Session, StorageLevel};
use firesteel_common::Result;
use firesteel_engine::CachedTable;
use firesteel_plan::resolve::{KeptRows, resolve_query, resolve_to_keep};
use firesteel_plan::spec::{CreateView, Name, NamedTable, Relation, RelationNode, ViewKind};
use std::sync::Arc;

/// What `spark.table(name)` and `FROM name` become, by the table's full name.
fn named(session: &Session, name: &Name) -> Relation {
    Relation::from(RelationNode::NamedTable(NamedTable {
        name: session.full_table_name(name),
        options: Vec::new(),
        identifier: None,
        time_travel: None,
    }))
}

/// `CACHE [LAZY] TABLE name [OPTIONS ('storageLevel' = …)] [AS query]`; the query becomes a temporary view of that name.
pub async fn cache(
    session: &Arc<Session>,
    name: Name,
    lazy: bool,
    options: Vec<(String, String)>,
    query: Option<Relation>,
) -> Result<Answer> {
    let level = options.iter().find(|(key, _)| key.eq_ignore_ascii_case("storageLevel"));
    let level = match level {
        Some((_, name)) => StorageLevel::named(name)?,
        None => StorageLevel::MEMORY_AND_DISK,
    };
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
        cache_table(&env, &name, level)
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
pub fn cache_table(
    env: &QueryEnvironment,
    name: &Name,
    level: StorageLevel,
) -> Result<Arc<CachedTable>> {
    keep(env, named(env.session(), name), level)
}

/// Marks a relation to be kept from its next use on; what is kept already stays as it is, as in Spark.
///
/// # Errors
/// Spark's analysis errors.
pub fn keep(
    env: &QueryEnvironment,
    relation: Relation,
    level: StorageLevel,
) -> Result<Arc<CachedTable>> {
    let session = env.session();
    // As the lookups of this relation, not of what was resolved before it.
    let env = QueryEnvironment::new(session)?;
    let (resolved, below) = resolve_to_keep(&env, &relation)?;
    let plan = visible_plan(&resolved)?;
    let (canonical, size) = (session.canonical(&plan)?, session.plan_size(&plan)?);
    if let Some(kept) = session.persisted.read().find_same(&canonical) {
        return Ok(Arc::clone(&kept.table));
    }
    let runner = session.engine().runner()?;
    let table = Arc::new(CachedTable::with_places(plan, runner, level.places()));
    let rows = KeptRows {
        provider: Arc::clone(&table) as _,
        scope: resolved.scope,
        below: Arc::new(below),
    };
    session.persisted.write().add(Kept {
        relation,
        level,
        table: Arc::clone(&table),
        rows,
        canonical,
        size,
        names: env.names(),
        is_current: true,
    });
    Ok(table)
}

pub fn uncache_table(env: &QueryEnvironment, name: &Name, if_exists: bool) -> Result<Answer> {
    let session = env.session();
    match canonical_of(env, name) {
        Ok(canonical) => {
            session.persisted.write().remove_same(&canonical);
            Ok(Answer::none())
        }
        Err(_) if if_exists => Ok(Answer::none()),
        Err(_) => Err(match describe_table(env, name) {
            Ok(_) => return Ok(Answer::none()),
            Err(_) => table_not_found(name, &session.current.read()),
        }),
    }
}

/// Whether a table is kept.
///
/// # Errors
/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn is_cached(env: &QueryEnvironment, name: &Name) -> Result<bool> {
    describe_table(env, name)?;
    let session = env.session();
    if session.persisted.read().is_empty() {
        return Ok(false);
    }
    let canonical = canonical_of(env, name)?;
    Ok(session.persisted.read().find_same(&canonical).is_some())
}

/// What a table means: a view may be of a frame that is kept.
fn canonical_of(env: &QueryEnvironment, name: &Name) -> Result<String> {
    let resolved = resolve_query(env, &named(env.session(), name))?;
    env.session().canonical(&visible_plan(&resolved)?)
}
