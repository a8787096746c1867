//! How deep a message is nested, found out from its bytes before anything recurses over it.
//!
//! prost decodes by recursion, and so do conversion, planning and dropping. A plan that a client (or
//! an attacker) nests a million levels deep would overflow the stack, and with it end every session of
//! the engine. So the raw bytes are walked first, by a loop, guided by a table of which field holds
//! which message; the walk stops at the first level too many.

use std::fmt;

include!(concat!(env!("OUT_DIR"), "/nesting_table.rs"));

/// Levels of relations, and of expressions, that a plan may have.
pub const PLAN_DEPTH_MAX: usize = 1_024;
/// Levels of messages of any kind: a relation takes two, a function call as well.
const MESSAGE_DEPTH_MAX: usize = 6 * PLAN_DEPTH_MAX;

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NestingError {
    /// Too deep; the kind of thing that is nested.
    TooDeep(&'static str),
    /// Not the wire format of the protocol.
    Malformed,
}

impl fmt::Display for NestingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NestingError::TooDeep(kind) => write!(
                f,
                "The plan nests {kind} more than {PLAN_DEPTH_MAX} levels deep. Use fewer chained \
                 operations (one withColumns or select instead of many withColumn), or cut the plan \
                 with localCheckpoint() or cache the intermediate result in a table."
            ),
            NestingError::Malformed => f.write_str("The message is not valid protobuf."),
        }
    }
}

impl std::error::Error for NestingError {}

struct Level {
    message: usize,
    end: usize,
}

/// Checks that the message called `name` (`spark.connect.Plan`) in `bytes` is not nested too deep.
/// A name without a row in the table is not checked: it has no nested messages of ours.
///
/// # Errors
/// [`NestingError`].
pub fn check(name: &str, bytes: &[u8]) -> Result<(), NestingError> {
    relation_depth(name, bytes).map(|_| ())
}

/// As [`check`]; how many relations are nested at most.
///
/// # Errors
/// [`NestingError`].
pub fn relation_depth(name: &str, bytes: &[u8]) -> Result<usize, NestingError> {
    let mut deepest = 0;
    let Ok(root) = MESSAGES.binary_search_by(|(message, _)| (*message).cmp(name)) else {
        return Ok(deepest);
    };
    let relation = position("spark.connect.Relation");
    let expression = position("spark.connect.Expression");
    let mut levels = vec![Level { message: root, end: bytes.len() }];
    let (mut relations, mut expressions) = (0, 0);
    let mut at = 0;
    while let Some(level) = levels.last() {
        if at >= level.end {
            if at > level.end {
                return Err(NestingError::Malformed);
            }
            relations -= usize::from(Some(level.message) == relation);
            expressions -= usize::from(Some(level.message) == expression);
            levels.pop();
            continue;
        }
        let end = level.end;
        let tag = varint(bytes, &mut at, end)?;
        match tag & 7 {
            0 => {
                varint(bytes, &mut at, end)?;
            }
            1 => at += 8,
            5 => at += 4,
            2 => {
                let length = varint(bytes, &mut at, end)?;
                let length = usize::try_from(length).map_err(|_| NestingError::Malformed)?;
                let stop = at.checked_add(length).ok_or(NestingError::Malformed)?;
                if stop > end {
                    return Err(NestingError::Malformed);
                }
                let Some(child) = child(level.message, tag >> 3) else {
                    at = stop;
                    continue;
                };
                if Some(child) == relation {
                    relations += 1;
                    deepest = deepest.max(relations);
                    if relations > PLAN_DEPTH_MAX {
                        return Err(NestingError::TooDeep("relations"));
                    }
                }
                if Some(child) == expression {
                    expressions += 1;
                    if expressions > PLAN_DEPTH_MAX {
                        return Err(NestingError::TooDeep("expressions"));
                    }
                }
                levels.push(Level { message: child, end: stop });
                if levels.len() > MESSAGE_DEPTH_MAX {
                    return Err(NestingError::TooDeep("messages"));
                }
            }
            // Groups: the protocol has none, and prost would skip nested ones by recursion.
            _ => return Err(NestingError::Malformed),
        }
    }
    Ok(deepest)
}

fn position(name: &str) -> Option<usize> {
    MESSAGES.binary_search_by(|(message, _)| (*message).cmp(name)).ok()
}

fn child(message: usize, field: u64) -> Option<usize> {
    let children = MESSAGES[message].1;
    let found = children.binary_search_by(|(number, _)| number.cmp(&field)).ok()?;
    Some(usize::from(children[found].1))
}

fn varint(bytes: &[u8], at: &mut usize, end: usize) -> Result<u64, NestingError> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        if *at >= end {
            return Err(NestingError::Malformed);
        }
        let byte = bytes[*at];
        *at += 1;
        if shift < 64 {
            value |= u64::from(byte & 0x7f) << shift;
        }
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(NestingError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spark::connect::{Limit, Plan, Relation, plan, relation};
    use prost::Message;

    /// Raw bytes of `n` nested `Relation { limit: Limit { input } }` in a `Plan`, innermost first:
    /// encoding the messages themselves would recurse.
    fn nested(n: usize) -> Vec<u8> {
        let mut reversed: Vec<u8> = Vec::new();
        let wrap = |reversed: &mut Vec<u8>, tag: u8| {
            let mut length = Vec::new();
            let mut rest = reversed.len();
            loop {
                let more = rest > 0x7f;
                length.push((rest & 0x7f) as u8 | if more { 0x80 } else { 0 });
                rest >>= 7;
                if !more {
                    break;
                }
            }
            reversed.extend(length.iter().rev());
            reversed.push(tag);
        };
        for level in 0..n {
            if level > 0 {
                wrap(&mut reversed, (8 << 3) | 2);
            }
            wrap(&mut reversed, (1 << 3) | 2);
        }
        reversed.reverse();
        reversed
    }

    #[test]
    fn table_is_sorted_for_the_search() {
        assert!(MESSAGES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(position("spark.connect.Relation").is_some());
    }

    #[test]
    fn limit_is_exact() {
        assert_eq!(check("spark.connect.Plan", &nested(1_024)), Ok(()));
        assert_eq!(relation_depth("spark.connect.Plan", &nested(7)), Ok(7));
        let refused = Err(NestingError::TooDeep("relations"));
        assert_eq!(check("spark.connect.Plan", &nested(1_025)), refused);
        assert_eq!(check("spark.connect.Plan", &nested(1_000_000)), refused);
    }

    #[test]
    fn ordinary_plan_and_rubbish() {
        let input = Relation { common: None, rel_type: None };
        let limit = Limit { input: Some(Box::new(input)), limit: 3 };
        let rel_type = Some(relation::RelType::Limit(Box::new(limit)));
        let root = Relation { common: None, rel_type };
        let plan = Plan { op_type: Some(plan::OpType::Root(root)) };
        assert_eq!(check("spark.connect.Plan", &plan.encode_to_vec()), Ok(()));
        assert_eq!(check("spark.connect.Plan", &[0x0b; 64]), Err(NestingError::Malformed));
        assert_eq!(check("spark.connect.Plan", &[0x0a, 0xff]), Err(NestingError::Malformed));
    }
}
