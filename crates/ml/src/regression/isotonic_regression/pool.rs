//! Pooling of adjacent violators (Best and Chakravarti, "Active set algorithms for isotonic regression", 1990).

/// A point, or several of the same feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub label: f64,
    pub feature: f64,
    pub weight: f64,
}

/// Where a step function that never falls changes, and its values there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Steps {
    pub boundaries: Vec<f64>,
    pub predictions: Vec<f64>,
}

/// One point for each feature: the mean label and all the weight. `points` are sorted by feature.
fn unique(points: Vec<Point>) -> Vec<Point> {
    // Labels are weighted sums until all points of a feature are in.
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        let sum = point.label * point.weight;
        match out.last_mut() {
            Some(last) if is_same(last.feature, point.feature) => {
                last.label += sum;
                last.weight += point.weight;
            }
            _ => out.push(Point { label: sum, ..point }),
        }
    }
    out.iter_mut().for_each(|point| point.label /= point.weight);
    out
}

/// Equal, or neighbours among doubles: features that differ by a rounding error.
fn is_same(a: f64, b: f64) -> bool {
    a == b || a.next_up() == b || b.next_up() == a
}

/// Points between which the function is constant.
#[derive(Debug, Clone, Copy)]
struct Block {
    /// Weighted sum of the labels.
    sum: f64,
    weight: f64,
    first: f64,
    last: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

/// The closest function that never falls. Points without weight do not count.
pub(super) fn pool(mut points: Vec<Point>) -> Steps {
    points.retain(|point| point.weight > 0.0);
    points.sort_by(|a, b| a.feature.total_cmp(&b.feature));
    let mut blocks: Vec<Block> = Vec::new();
    for point in unique(points) {
        let mut block = Block {
            sum: point.label * point.weight,
            weight: point.weight,
            first: point.feature,
            last: point.feature,
        };
        while let Some(before) = blocks.pop_if(|before| before.mean() >= block.mean()) {
            block.sum += before.sum;
            block.weight += before.weight;
            block.first = before.first;
        }
        blocks.push(block);
    }
    let mut steps = Steps::default();
    for block in blocks {
        let ends = [block.first, block.last];
        let n = if block.last > block.first { 2 } else { 1 };
        for end in &ends[..n] {
            steps.boundaries.push(*end);
            steps.predictions.push(block.mean());
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let labels = [1.0, 3.0, 2.0, 4.0, 3.5, 1.0];
        let points = labels.iter().enumerate().map(|(at, label)| Point {
            label: *label,
            feature: at as f64,
            weight: 1.0,
        });
        let steps = pool(points.collect());
        assert_eq!(steps.boundaries, [0.0, 1.0, 2.0, 3.0, 5.0]);
        assert_eq!(steps.predictions, [1.0, 2.5, 2.5, 8.5 / 3.0, 8.5 / 3.0]);
    }

    #[test]
    fn equal_features_count_as_one() {
        let point = |label, weight| Point { label, feature: 1.0, weight };
        let steps = pool(vec![point(1.0, 1.0), point(4.0, 2.0), point(100.0, 0.0)]);
        assert_eq!(steps, Steps { boundaries: vec![1.0], predictions: vec![3.0] });
    }
}
