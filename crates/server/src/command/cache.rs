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
    let session = env.session();
    let relation = named(session, name);
    if let Some(kept) = session.persisted.read().find(&relation) {
        return Ok(Arc::clone(&kept.table));
    }
    let resolved = resolve_query(env, &relation)?;
    let runner = session.engine().runner()?;
    let plan = visible_plan(&resolved)?;
    let canonical = session.canonical(&plan)?;
    if let Some(kept) = session.persisted.read().find_same(&canonical) {
        return Ok(Arc::clone(&kept.table));
    }
    let table = Arc::new(CachedTable::with_places(plan, runner, level.places()));
    session.persisted.write().add(Kept {
        canonical,
        relation,
        level,
        table: Arc::clone(&table),
        schema: resolved.schema(),
    });
    Ok(table)
}

pub fn uncache_table(env: &QueryEnvironment, name: &Name, if_exists: bool) -> Result<Answer> {
    let session = env.session();
    if !session.persisted.write().remove(&named(session, name))
        && !remove_same(env, name)
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
    let session = env.session();
    if session.persisted.read().find(&named(session, name)).is_some() {
        return Ok(true);
    }
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

fn remove_same(env: &QueryEnvironment, name: &Name) -> bool {
    let session = env.session();
    if session.persisted.read().is_empty() {
        return false;
    }
    let canonical = canonical_of(env, name);
    canonical.is_ok_and(|canonical| session.persisted.write().remove_same(&canonical))
}
