//! Where one text stands in another one, by an order of ICU, as its string search tells.
//!
//! A place begins where a letter as people see it begins, with something that the order looks at, and ends at the first
//! end of such a letter up to which the text is equal to what is wanted. Letters that the order takes as one (`ch` in Czech)
//! are not found in halves.

use super::icu::Order;
use super::name::Collation;
use firesteel_common::Result;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// No letter, and no part of one: what stands around it is not taken together.
const JOINER: &str = "\u{34f}";

/// Looks for texts by one order.
pub(super) struct Finder {
    order: Arc<Order>,
    bytes: Vec<u8>,
    /// What letters are compared by, where they stand alone.
    letters: HashMap<Box<str>, Box<[u8]>>,
}

/// A text and where its letters begin and end, in bytes.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    bounds: Vec<usize>,
}

impl<'t> Text<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut bounds: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
        bounds.push(text.len());
        Self { text, bounds }
    }
}

impl Finder {
    pub(super) fn new(collation: &Collation) -> Result<Self> {
        Ok(Self::of(Order::searching(collation)?))
    }

    pub(super) fn of(order: Arc<Order>) -> Self {
        Self { order, bytes: Vec::new(), letters: HashMap::new() }
    }

    /// What a text is compared by.
    pub(super) fn key(&mut self, text: &str) -> Vec<u8> {
        self.order.write_key(text, &mut self.bytes);
        self.bytes.clone()
    }

    /// The key of few letters, which come again and again.
    fn letter(&mut self, text: &str) -> &[u8] {
        // Texts may hold any number of letters.
        if self.letters.len() > 4096 {
            self.letters.clear();
        }
        if !self.letters.contains_key(text) {
            let key = self.key(text).into_boxed_slice();
            self.letters.insert(text.into(), key);
        }
        self.letters.get(text).map(AsRef::as_ref).unwrap_or_default()
    }

    /// The first place of what has the key `wanted`, from `from` on.
    pub(super) fn find(
        &mut self,
        text: &Text<'_>,
        wanted: &[u8],
        from: usize,
    ) -> Option<Range<usize>> {
        if wanted.iter().all(|byte| *byte == 1) {
            return None;
        }
        let first = text.bounds.partition_point(|bound| *bound < from);
        (first..text.bounds.len().saturating_sub(1)).find_map(|start| self.at(text, start, wanted))
    }

    /// The last place.
    pub(super) fn find_last(&mut self, text: &Text<'_>, wanted: &[u8]) -> Option<Range<usize>> {
        if wanted.iter().all(|byte| *byte == 1) {
            return None;
        }
        (0..text.bounds.len().saturating_sub(1))
            .rev()
            .find_map(|start| self.at(text, start, wanted))
    }

    /// All places from the left; unless they may overlap, the next one after the end of the last.
    pub(super) fn find_all(
        &mut self,
        text: &Text<'_>,
        wanted: &[u8],
        overlapping: bool,
    ) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(place) = self.find(text, wanted, from) {
            from = if overlapping { place.start + 1 } else { place.end };
            places.push(place);
        }
        places
    }

    /// The end of the place that begins at the byte `from`.
    pub(super) fn end_at(&mut self, text: &Text<'_>, from: usize, wanted: &[u8]) -> Option<usize> {
        let start = text.bounds.binary_search(&from).ok()?;
        self.at(text, start, wanted).map(|place| place.end)
    }

    /// The beginning of the place that ends at the byte `end`.
    pub(super) fn start_of(&mut self, text: &Text<'_>, end: usize, wanted: &[u8]) -> Option<usize> {
        let last = text.bounds.binary_search(&end).ok()?;
        // One letter of what is wanted is few letters of the text.
        (last.saturating_sub(4)..last).find_map(|start| {
            let place = self.at(text, start, wanted)?;
            (place.end == end).then_some(place.start)
        })
    }

    /// Whether what is wanted stands at the letter `start`.
    fn at(&mut self, text: &Text<'_>, start: usize, wanted: &[u8]) -> Option<Range<usize>> {
        let from = text.bounds[start];
        let rest = &text.text[from..];
        let own = rest.chars().next()?;
        let mut buffer = [0; 4];
        let own = self.letter(own.encode_utf8(&mut buffer));
        if own.iter().all(|byte| *byte == 1) {
            return None;
        }
        let matches = |finder: &mut Self, end: usize| {
            let key = finder.key(&text.text[from..end]);
            if key == wanted && finder.is_whole(text, from, end) {
                return Some(true);
            }
            // What is longer than this, or begins with other letters, cannot become equal again. Orders take
            // three letters as one at most (`dzs` in Hungarian).
            let may_change = key.first() == wanted.first() || end - from <= 8;
            (key.len() <= 2 * wanted.len() + 16 && may_change).then_some(false)
        };
        for bounds in text.bounds[start..].windows(2) {
            let letter = &text.text[bounds[0]..bounds[1]];
            // Before what has a weight of its own within a letter, too.
            for (at, part) in letter.char_indices().skip(1) {
                let mut buffer = [0; 4];
                let key = self.letter(part.encode_utf8(&mut buffer));
                // Levels are apart by a byte 1; the first one is that of letters.
                let is_heavy = key.first().is_some_and(|byte| *byte != 1);
                if is_heavy && matches(self, bounds[0] + at)? {
                    return Some(from..bounds[0] + at);
                }
            }
            if matches(self, bounds[1])? {
                return Some(from..bounds[1]);
            }
        }
        None
    }

    /// Whether the order takes nothing within the place together with what stands before and behind.
    fn is_whole(&mut self, text: &Text<'_>, from: usize, end: usize) -> bool {
        let own = &text.text[from..end];
        let before = text.text[..from].chars().next_back();
        let behind = text.text[end..].chars().next();
        let apart = |own: &str, other: &str| format!("{own}{JOINER}{other}");
        let mut same = |left: &str, right: &str| {
            let together = self.key(&format!("{left}{right}"));
            together == self.key(&apart(left, right))
        };
        before.is_none_or(|before| same(&before.to_string(), own))
            && behind.is_none_or(|behind| same(own, &behind.to_string()))
    }
}
