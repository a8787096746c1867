//! What all feature selectors share: choosing by p-values, and the model that keeps the chosen entries.

use super::in_out;
use super::lists;
use super::select::{self, SELECT, Selection};
use crate::attribute::{Attribute, AttributeGroup};
use crate::linalg::vector_type;
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Answer, Argument, Model, Value, columns, error};
use firesteel_common::{Frame, Result, StructField, TableHost};
use std::sync::Arc;

pub(super) const MODES: &[&str] = &["numTopFeatures", "percentile", "fpr", "fdr", "fwe"];

/// Positions, ascending, of the features that `mode` with its `threshold` chooses.
pub(super) fn choose(p_values: &[f64], mode: &str, threshold: f64) -> Vec<i32> {
    let n = p_values.len();
    let mut order: Vec<usize> = (0..n).collect();
    // NaN, of which nothing is known, comes last as in SQL.
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]).then(a.cmp(b)));
    let below = |bound: f64| order.iter().filter(|at| p_values[**at] < bound).count();
    let n_chosen = match mode {
        "numTopFeatures" => (threshold as usize).min(n),
        "percentile" => ((n as f64 * threshold) as usize).min(n),
        "fpr" => below(threshold),
        "fwe" => below(threshold / n as f64),
        // Benjamini and Hochberg (1995).
        _ => (0..n)
            .rev()
            .find(|at| p_values[order[*at]] <= threshold / n as f64 * (*at as f64 + 1.0))
            .map_or(0, |at| at + 1),
    };
    let mut chosen: Vec<i32> = order[..n_chosen].iter().map(|at| *at as i32).collect();
    chosen.sort_unstable();
    chosen
}

/// # Errors
/// Spark's: the features are no vectors, the label no numbers, the output is there already.
pub(super) fn check(params: &Params, frame: &Frame, with_label: bool) -> Result<()> {
    columns::vector(frame, params.string("featuresCol")?)?;
    if with_label {
        columns::double(frame, params.string("labelCol")?)?;
    }
    in_out::check_column_new(frame, params.string("outputCol")?)
}

/// A fitted selector of any kind.
#[derive(Debug)]
pub(super) struct SelectorModel {
    pub selected: Vec<i32>,
    /// Whether entries of which nothing is known count as categories.
    pub categorical: bool,
}

pub(super) fn load(from: &mut dyn ModelReader, categorical: bool) -> Result<Arc<dyn Model>> {
    let selected = from.table("data")?.ints("selectedFeatures")?;
    Ok(Arc::new(SelectorModel { selected, categorical }))
}

impl Model for SelectorModel {
    fn size_bytes(&self) -> u64 {
        4 * self.selected.len() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        check(params, &input, false)?;
        let name = params.string("featuresCol")?;
        let vector = columns::vector(&input, name)?;
        let mut chosen: Vec<usize> = self.selected.iter().map(|at| *at as usize).collect();
        // Files of Spark list the best first.
        chosen.sort_unstable();
        let group = AttributeGroup::of(&input.column(name)?.field);
        let group = match group.attributes {
            Some(_) => select::group_of(&group, &chosen),
            None => {
                let unknown = match self.categorical {
                    true => Attribute::Nominal {
                        name: None,
                        ordinal: None,
                        n_values: None,
                        values: None,
                    },
                    false => Attribute::numeric(None),
                };
                AttributeGroup::of_attributes(vec![unknown; chosen.len()])
            }
        };
        let field = StructField::new(params.string("outputCol")?, vector_type(), true);
        in_out::add(input, &SELECT, Selection::in_order(chosen), vec![vector], group.put_on(field))
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "selectedFeatures" => Ok(Value::Ints(self.selected.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.table("data", Table::new(vec![lists::ints("selectedFeatures", &self.selected)?])?)
    }

    fn text(&self, params: &Params) -> String {
        let class = params.class().rsplit('.').next().unwrap_or_default();
        format!("{class}: uid={}, numSelectedFeatures={}", params.uid(), self.selected.len())
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn modes() {
        let p = [0.2, 0.001, 0.03, 0.04, 0.9];
        assert_eq!(choose(&p, "numTopFeatures", 2.0), [1, 2]);
        assert_eq!(choose(&p, "percentile", 0.7), [1, 2, 3]);
        assert_eq!(choose(&p, "fpr", 0.05), [1, 2, 3]);
        assert_eq!(choose(&p, "fwe", 0.05), [1]);
        assert_eq!(choose(&p, "fdr", 0.07), [1, 2, 3]);
    }
}
