//! Results of `df.observe` as the client's `Observation` takes them.

use super::errors;
use super::literal_message::literal;
use datafusion::physical_plan::ExecutionPlan;
use firesteel_common::{Result, StructField};
use firesteel_engine::execution::Execution;
use firesteel_engine::operators::{CollectMetricsExec, take_accumulated};
use firesteel_proto::spark::connect as proto;
use proto::execute_plan_response::ObservedMetrics;
use proto::expression::literal::LiteralType;
use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

/// The name under which the client looks for accumulators.
const ACCUMULATORS: &str = "__python_accumulator__";

/// What was observed while `execution` ran; observations whose rows nobody asked for are left out.
pub fn observed(execution: &Execution) -> Vec<ObservedMetrics> {
    let mut observed = Vec::new();
    let mut seen = HashSet::new();
    let mut updates = Vec::new();
    for started in execution.started() {
        collect(&started.plan, &mut seen, &mut observed);
        updates.extend(take_accumulated(&started.plan));
    }
    observed.extend(accumulators(updates));
    observed
}

/// Updates of Python's accumulators, profiles among them, as the client takes them; none without any.
fn accumulators(updates: Vec<Vec<u8>>) -> Option<ObservedMetrics> {
    if updates.is_empty() {
        return None;
    }
    let keys = (0..updates.len()).map(|place| format!("observed_metric_{place}")).collect();
    let values = updates.into_iter().map(|update| proto::expression::Literal {
        literal_type: Some(LiteralType::Binary(update.into())),
        ..Default::default()
    });
    let values = values.collect();
    Some(ObservedMetrics { name: ACCUMULATORS.to_owned(), keys, values, ..Default::default() })
}

fn collect(
    plan: &Arc<dyn ExecutionPlan>,
    seen: &mut HashSet<u64>,
    observed: &mut Vec<ObservedMetrics>,
) {
    for child in plan.children() {
        collect(child, seen, observed);
    }
    let Some(node) = (plan.as_ref() as &dyn Any).downcast_ref::<CollectMetricsExec>() else {
        return;
    };
    if !seen.insert(node.number()) {
        return;
    }
    let name = node.observation().to_owned();
    // One observation may stand in a plan several times (`df.join(df)`); it is reported once.
    observed.retain(|known| known.name != name);
    match values(node) {
        Ok(None) => {}
        Ok(Some((keys, values))) => {
            observed.push(ObservedMetrics { name, keys, values, ..Default::default() });
        }
        // The query itself went well: only who asks for the observation learns of its failure.
        Err(error) => observed.push(ObservedMetrics {
            name,
            root_error_idx: Some(0),
            errors: vec![errors::full_error(&error)],
            ..Default::default()
        }),
    }
}

type KeysAndValues = (Vec<String>, Vec<proto::expression::Literal>);

fn values(node: &CollectMetricsExec) -> Result<Option<KeysAndValues>> {
    let Some(values) = node.values()? else {
        return Ok(None);
    };
    let mut keys = Vec::with_capacity(values.len());
    let mut literals = Vec::with_capacity(values.len());
    for (field, value) in values {
        let field = StructField::from_arrow(&field)?;
        literals.push(literal(&value, &field.data_type)?);
        keys.push(field.name);
    }
    Ok(Some((keys, literals)))
}
