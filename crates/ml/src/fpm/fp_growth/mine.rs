//! FP-growth (Han, Pei and Yin, "Mining frequent patterns without candidate generation", 2000): transactions share
//! their frequent items in a tree, out of which itemsets are read item by item.

use crate::data::for_each_mut;
use crate::job::Job;
use firesteel_common::Result;

const NONE: u32 = u32::MAX;

/// Frequent items as ranks, the highest rank first, and in how many transactions they all are.
pub(super) type Itemset = (Vec<u32>, i64);

#[derive(Debug, Clone, Copy)]
struct Node {
    item: u32,
    parent: u32,
    count: i64,
    /// The next node of the same item.
    next: u32,
    first_child: u32,
    sibling: u32,
}

/// Transactions that share their beginnings.
#[derive(Debug)]
struct Tree {
    /// The root first.
    nodes: Vec<Node>,
    /// First node and count of every item.
    heads: Vec<(u32, i64)>,
}

impl Tree {
    fn new(n_items: usize) -> Self {
        let root = Node {
            item: NONE,
            parent: NONE,
            count: 0,
            next: NONE,
            first_child: NONE,
            sibling: NONE,
        };
        Self { nodes: vec![root], heads: vec![(NONE, 0); n_items] }
    }

    /// `items` ascend.
    fn add(&mut self, items: &[u32], count: i64) {
        let mut at = 0_u32;
        for item in items {
            let mut child = self.nodes[at as usize].first_child;
            while child != NONE && self.nodes[child as usize].item != *item {
                child = self.nodes[child as usize].sibling;
            }
            if child == NONE {
                child = self.nodes.len() as u32;
                let sibling = self.nodes[at as usize].first_child;
                let next = self.heads[*item as usize].0;
                self.nodes.push(Node {
                    item: *item,
                    parent: at,
                    count: 0,
                    next,
                    first_child: NONE,
                    sibling,
                });
                self.nodes[at as usize].first_child = child;
                self.heads[*item as usize].0 = child;
            }
            self.nodes[child as usize].count += count;
            self.heads[*item as usize].1 += count;
            at = child;
        }
    }

    /// What comes before an item.
    fn before(&self, item: u32, count_min: i64) -> Tree {
        let mut counts = vec![0_i64; item as usize];
        self.for_each_path(item, |path, count| {
            path.iter().for_each(|item| counts[*item as usize] += count);
        });
        let mut tree = Tree::new(item as usize);
        let mut kept = Vec::new();
        self.for_each_path(item, |path, count| {
            kept.clear();
            // Items without support would only make the tree larger.
            kept.extend(path.iter().rev().filter(|item| counts[**item as usize] >= count_min));
            tree.add(&kept, count);
        });
        tree
    }

    /// Ways from an item's nodes up to the root, items descending.
    fn for_each_path(&self, item: u32, mut take: impl FnMut(&[u32], i64)) {
        let mut path = Vec::new();
        let mut node = self.heads[item as usize].0;
        while node != NONE {
            path.clear();
            let mut at = self.nodes[node as usize].parent;
            while at != 0 {
                path.push(self.nodes[at as usize].item);
                at = self.nodes[at as usize].parent;
            }
            take(&path, self.nodes[node as usize].count);
            node = self.nodes[node as usize].next;
        }
    }

    fn mine(&self, item: u32, count_min: i64, above: &mut Vec<u32>, out: &mut Vec<Itemset>) {
        let count = self.heads[item as usize].1;
        if count < count_min {
            return;
        }
        above.push(item);
        out.push((above.clone(), count));
        if item > 0 {
            let before = self.before(item, count_min);
            for item in 0..item {
                before.mine(item, count_min, above, out);
            }
        }
        above.pop();
    }
}

/// All itemsets of at least `count_min` transactions; `transactions` hold ascending ranks below `n_items`.
///
/// # Errors
/// The fit is interrupted.
pub(super) fn mine(
    transactions: impl Iterator<Item = Vec<u32>>,
    n_items: usize,
    count_min: i64,
    job: &dyn Job,
) -> Result<Vec<Itemset>> {
    let mut tree = Tree::new(n_items);
    for (at, items) in transactions.enumerate() {
        tree.add(&items, 1);
        if at % 4096 == 0 {
            job.check()?;
        }
    }
    let mut found: Vec<Vec<Itemset>> = vec![Vec::new(); n_items];
    // Neighbours have about as much before them: threads take turns.
    let order = |at: usize| if at % 2 == 0 { at / 2 } else { n_items - 1 - at / 2 };
    for_each_mut(&mut found, job, |at, out| {
        tree.mine(order(at) as u32, count_min.max(1), &mut Vec::new(), out);
        Ok(())
    })?;
    Ok(found.into_iter().flatten().collect())
}
