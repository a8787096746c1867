//! Words that occur often enough, most frequent first, and the code that a Huffman tree gives each.

use crate::table_order::{mixed_hash, table_order};

/// Codes longer than this are not made.
const CODE_LENGTH_MAX: usize = 40;

/// The words of a training.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub words: Vec<String>,
    pub counts: Vec<i64>,
    pub n_tokens: i64,
}

/// Codes of words: which inner nodes lie on the way to each, and which side it takes there.
#[derive(Debug)]
pub(super) struct Codes {
    pub starts: Vec<usize>,
    /// Inner nodes.
    pub points: Vec<u32>,
    /// 0 or 1.
    pub sides: Vec<u8>,
}

impl Vocabulary {
    /// `counted` has all words in the order in which they were met.
    pub(super) fn new(counted: Vec<(String, i64)>, count_min: i64) -> Self {
        // Words of equal counts lie as Spark's shuffle of one partition hands them on: it fills a table twice.
        let mut order: Vec<usize> = (0..counted.len()).collect();
        let hashes: Vec<u32> = counted
            .iter()
            .map(|(word, _)| mixed_hash(crate::param::java_hash(word) as u32))
            .collect();
        for _ in 0..2 {
            order = table_order(&order, &hashes);
        }
        order.retain(|at| counted[*at].1 >= count_min);
        order.sort_by_key(|at| -counted[*at].1);
        let mut counted: Vec<Option<(String, i64)>> = counted.into_iter().map(Some).collect();
        let kept = order.iter().filter_map(|at| counted[*at].take());
        let (words, counts): (Vec<String>, Vec<i64>) = kept.unzip();
        let n_tokens = counts.iter().sum();
        Self { words, counts, n_tokens }
    }

    /// Huffman's tree over the counts.
    pub(super) fn codes(&self) -> Codes {
        let n = self.words.len();
        // As many entries as words, then inner nodes, which are made in the order of their counts.
        let mut counts = vec![1_000_000_000_i64; 2 * n + 1];
        counts[..n].copy_from_slice(&self.counts);
        let mut side = vec![0_u8; 2 * n + 1];
        let mut parent = vec![0_usize; 2 * n + 1];
        let (mut leaf, mut inner) = (n, n);
        for made in n..(2 * n).saturating_sub(1) {
            let mut least = || {
                if leaf > 0 && counts[leaf - 1] < counts[inner] {
                    leaf -= 1;
                    leaf
                } else {
                    inner += 1;
                    inner - 1
                }
            };
            let (first, second) = (least(), least());
            counts[made] = counts[first] + counts[second];
            parent[first] = made;
            parent[second] = made;
            side[second] = 1;
        }
        let mut codes = Codes { starts: vec![0], points: Vec::new(), sides: Vec::new() };
        for word in 0..n {
            let mut way = Vec::with_capacity(CODE_LENGTH_MAX);
            let mut at = word;
            while at + 2 != 2 * n {
                way.push(at);
                at = parent[at];
            }
            // From the root down; a node is decided upon by its parent.
            for at in way.iter().rev() {
                codes.points.push((parent[*at] - n) as u32);
                codes.sides.push(side[*at]);
            }
            codes.starts.push(codes.points.len());
        }
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_words_have_short_codes() {
        let counted = [("a", 5), ("b", 2), ("c", 1), ("rare", 0)];
        let counted = counted.map(|(word, count)| (word.to_owned(), count)).to_vec();
        let vocabulary = Vocabulary::new(counted, 1);
        assert_eq!(vocabulary.words, ["a", "b", "c"]);
        assert_eq!(vocabulary.n_tokens, 8);
        let codes = vocabulary.codes();
        // c and b hang on the first inner node, that and a on the second, the root.
        assert_eq!(codes.starts, [0, 1, 3, 5]);
        assert_eq!(codes.points, [1, 1, 0, 1, 0]);
        assert_eq!(codes.sides, [1, 0, 1, 0, 0]);
    }
}
