//! `EXPLAIN FORMATTED`: numbered operators, and under the drawing what each takes and gives.

use super::names::ShownNames;
use super::tree::{Tree, physical_line};
use datafusion::physical_plan::ExecutionPlan;
use std::fmt::Write;
use std::sync::Arc;

/// The drawing and one paragraph per operator, numbered from the leaves on.
pub fn formatted(plan: &Arc<dyn ExecutionPlan>, names: &ShownNames) -> String {
    let mut paragraphs = Vec::new();
    let tree = add(plan, names, &mut paragraphs);
    format!("{}\n\n{}", tree.draw(), paragraphs.join("\n"))
}

fn add(plan: &Arc<dyn ExecutionPlan>, names: &ShownNames, paragraphs: &mut Vec<String>) -> Tree {
    let children = plan.children();
    let children: Vec<_> =
        children.into_iter().map(|child| add(child, names, paragraphs)).collect();
    let number = paragraphs.len() + 1;
    let name = plan.name();
    let mut paragraph = format!("({number}) {name}\n");
    // Writing to a string cannot fail.
    let _ = writeln!(paragraph, "Output {}", columns(plan, names));
    for child in plan.children() {
        let _ = writeln!(paragraph, "Input {}", columns(child, names));
    }
    let line = physical_line(plan, names);
    let arguments =
        line.strip_prefix(name).map_or(line.as_str(), |rest| rest.trim_start_matches([':', ' ']));
    if !arguments.is_empty() {
        let _ = writeln!(paragraph, "Arguments: {arguments}");
    }
    paragraphs.push(paragraph);
    Tree { line: format!("{name} ({number})"), children }
}

/// `[2]: [a#1, b#2]`
fn columns(plan: &Arc<dyn ExecutionPlan>, names: &ShownNames) -> String {
    let schema = plan.schema();
    let columns = schema.fields().iter().map(|field| names.shown(field.name()));
    let columns = columns.collect::<Vec<_>>();
    format!("[{}]: [{}]", columns.len(), columns.join(", "))
}
