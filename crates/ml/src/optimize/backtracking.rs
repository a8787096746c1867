//! Backtracking line search, for OWL-QN: shrinks or grows a step until the strong Wolfe conditions hold.

use super::Failed;

const ITERATIONS_MAX: usize = 20;
const GROW: f64 = 2.1;
const ARMIJO: f64 = 1e-4;
const WOLFE: f64 = 0.9;

/// A step from `first`; `f` gives value and slope at a step. The first step is judged by `start_value`, the value at
/// zero without penalties, in place of its own: breeze does so, and hence nearly always shrinks it.
pub(super) fn search(
    mut f: impl FnMut(f64) -> Result<(f64, f64), Failed>,
    first: f64,
    shrink: f64,
    start_value: f64,
) -> Result<f64, Failed> {
    let (value_0, slope_0) = f(0.0)?;
    let mut step = first;
    let (mut value, mut slope) = (start_value, f(step)?.1);
    for iteration in 1.. {
        let factor = if value > value_0 + step * slope_0 * ARMIJO {
            shrink
        } else if slope < WOLFE * slope_0 {
            GROW
        } else if slope > -WOLFE * slope_0 {
            shrink
        } else {
            return Ok(step);
        };
        let new_step = step * factor;
        if !(1e-10..=1e10).contains(&new_step) {
            return Err(Failed::Search);
        }
        if iteration >= ITERATIONS_MAX {
            break;
        }
        (value, slope) = f(new_step)?;
        step = new_step;
    }
    Ok(step)
}
