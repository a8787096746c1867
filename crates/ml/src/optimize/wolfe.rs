//! Line search for the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5 and 3.6, cubic interpolation).

use super::Failed;

/// Sufficient decrease and curvature.
const C1: f64 = 1e-4;
const C2: f64 = 0.9;

#[derive(Clone, Copy)]
struct Bracket {
    t: f64,
    slope: f64,
    value: f64,
}

/// How often to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct WolfeSearch {
    pub zoom_max: usize,
    pub search_max: usize,
}

impl WolfeSearch {
    /// A step from `first` up to `bound`. `phi` gives value and slope at a step.
    pub(super) fn minimize(
        &self,
        mut phi: impl FnMut(f64) -> Result<(f64, f64), Failed>,
        first: f64,
        bound: f64,
    ) -> Result<f64, Failed> {
        let mut phi = |t: f64| -> Result<Bracket, Failed> {
            let (value, slope) = phi(t)?;
            Ok(Bracket { t, slope, value })
        };
        let mut t = first;
        let start = phi(0.0)?;
        let mut low = start;
        if start.slope > 0.0 {
            return Err(Failed::Search);
        }
        for search in 0..self.search_max {
            let c = phi(t)?;
            if !c.value.is_finite() {
                t /= 2.0;
                continue;
            }
            if c.value > start.value + C1 * t * start.slope || (c.value >= low.value && search > 0)
            {
                return self.zoom(&mut phi, start, low, c);
            }
            if c.slope.abs() <= C2 * start.slope.abs() {
                return Ok(c.t);
            }
            if c.slope >= 0.0 {
                return self.zoom(&mut phi, start, c, low);
            }
            low = c;
            if t == bound {
                return Ok(bound);
            }
            t = (t * 1.5).min(bound);
        }
        Err(Failed::Search)
    }

    fn zoom(
        &self,
        phi: &mut impl FnMut(f64) -> Result<Bracket, Failed>,
        start: Bracket,
        mut low: Bracket,
        mut high: Bracket,
    ) -> Result<f64, Failed> {
        for _ in 0..self.zoom_max {
            let t = match low.t > high.t {
                true => interpolated(high, low),
                false => interpolated(low, high),
            };
            let c = phi(t)?;
            if c.value > start.value + C1 * c.t * start.slope || c.value >= low.value {
                high = c;
            } else {
                if c.slope.abs() <= C2 * start.slope.abs() {
                    return Ok(c.t);
                }
                if c.slope * (high.t - low.t) >= 0.0 {
                    high = low;
                }
                low = c;
            }
        }
        Err(Failed::Search)
    }
}

/// Where the cubic through both ends is least, kept away from the ends.
fn interpolated(left: Bracket, right: Bracket) -> f64 {
    let d1 = left.slope + right.slope - 3.0 * (left.value - right.value) / (left.t - right.t);
    let d2 = (d1 * d1 - left.slope * right.slope).sqrt();
    let width = right.t - left.t;
    let t = right.t - width * (right.slope + d2 - d1) / (right.slope - left.slope + 2.0 * d2);
    let (least, most) = (left.t + 0.1 * width, left.t + 0.9 * width);
    if t < least {
        least
    } else if t > most {
        most
    } else {
        t
    }
}
