//! Methods of graphs in rounds of relations, run on the session.

use super::cache::KeptResult;
use crate::planning::{resolve, visible_plan};
use crate::session::{CachedRemote, Session};
use crate::work::Work;
use firesteel_common::{Result, StructType};
use firesteel_engine::{CachedTable, LocalRunner};
use firesteel_plan::graph::{Rounds, in_rounds};
use firesteel_plan::resolve::Table;
use firesteel_plan::spec::{GraphCall, Relation, RelationNode};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// How often a round that runs looks whether it is still wanted.
const LOOK_MS: u64 = 50;

/// The rows of a method, computed now unless the session keeps them. Blocks.
///
/// # Errors
/// GraphFrames' errors for parameters; what a round fails with.
pub fn rounds_table(session: &Arc<Session>, call: &GraphCall) -> Result<Table> {
    let kept = match session.graphs.get(&call.key) {
        Some(kept) => kept,
        None => {
            let mut rounds = SessionRounds::new(session)?;
            let relation = in_rounds(call, &mut rounds)?;
            let (table, schema) = rounds.compute(&relation)?;
            session.graphs.keep(&call.key, KeptResult { table, schema })
        }
    };
    Ok(Table::Provider { provider: kept.table, schema: kept.schema, qualifier: Vec::new() })
}

struct SessionRounds<'s> {
    session: &'s Arc<Session>,
    runner: Arc<LocalRunner>,
    runtime: Handle,
    work: Work,
    /// Ids under which the session finds what rounds have kept, until the method is done.
    ids: Vec<String>,
}

impl<'s> SessionRounds<'s> {
    fn new(session: &'s Arc<Session>) -> Result<Self> {
        Ok(Self {
            session,
            runner: session.engine().runner()?,
            runtime: Handle::current(),
            work: Work::current(),
            ids: Vec::new(),
        })
    }

    /// Waits for `work` as long as somebody wants it.
    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.work.check()?;
        self.runtime.block_on(async {
            let mut work = std::pin::pin!(work);
            loop {
                let look = Duration::from_millis(LOOK_MS);
                match tokio::time::timeout(look, work.as_mut()).await {
                    Ok(result) => return result,
                    Err(_) => self.work.check()?,
                }
            }
        })
    }

    fn compute(&self, relation: &Relation) -> Result<(Arc<CachedTable>, StructType)> {
        let resolved = resolve(self.session, relation)?;
        let table = CachedTable::new(visible_plan(&resolved)?, Arc::clone(&self.runner));
        // What earlier rounds kept can go with the last that reads it.
        self.wait(table.materialize_for_good())?;
        Ok((Arc::new(table), resolved.schema()))
    }
}

impl Drop for SessionRounds<'_> {
    fn drop(&mut self) {
        let mut kept = self.session.cached_remote.write();
        for id in &self.ids {
            kept.remove(id);
        }
    }
}

impl Rounds for SessionRounds<'_> {
    fn keep(&mut self, relation: Relation) -> Result<Relation> {
        let (table, schema) = self.compute(&relation)?;
        let id = uuid::Uuid::new_v4().to_string();
        let kept = CachedRemote { table, schema };
        self.session.cached_remote.write().insert(id.clone(), kept);
        self.ids.push(id.clone());
        Ok(RelationNode::CachedRemote { relation_id: id }.into())
    }

    fn forget(&mut self, kept: &Relation) {
        if let RelationNode::CachedRemote { relation_id } = kept.node.as_ref()
            && let Some(at) = self.ids.iter().position(|id| id == relation_id)
        {
            self.session.cached_remote.write().remove(&self.ids.swap_remove(at));
        }
    }

    fn is_empty(&mut self, relation: Relation) -> Result<bool> {
        use firesteel_common::PlanRunner;
        use futures::TryStreamExt;
        let limit = firesteel_plan::spec::Expr::literal(firesteel_plan::spec::Literal::Integer(1));
        let one = Relation::from(RelationNode::Limit { input: relation, limit });
        let resolved = resolve(self.session, &one)?;
        let plan = visible_plan(&resolved)?;
        let rows = self.wait(async {
            let batches: Vec<_> = self.runner.run(plan).await?.try_collect().await?;
            Ok(batches)
        })?;
        Ok(rows.iter().all(|batch| batch.num_rows() == 0))
    }

    fn schema(&mut self, relation: &Relation) -> Result<StructType> {
        Ok(resolve(self.session, relation)?.schema())
    }

    fn progress(&mut self, done: usize, total: usize) {
        tracing::debug!(target: "firesteel::graph", done, total);
        self.work.progress(done, total);
    }
}
