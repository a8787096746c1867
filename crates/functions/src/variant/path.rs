//! Paths into a variant: `$.name[0]['other name']["third"]`.

use super::reader::View;
use firesteel_common::{Result, SparkError};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

/// # Errors
/// `INVALID_VARIANT_GET_PATH`.
pub(super) fn parse_path(path: &str, function: &str) -> Result<Vec<Step>> {
    steps(path).ok_or_else(|| {
        SparkError::runtime(
            "INVALID_VARIANT_GET_PATH",
            format!(
                "The path `{path}` is not a valid variant extraction path in `{function}`.\nA valid \
                 path should start with `$` and is followed by zero or more segments like `[123]`, \
                 `.name`, `['name']`, or `[\"name\"]`."
            ),
        )
        .with("path", path)
        .with("functionName", function)
    })
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let quoted = ["'", "\""].into_iter().find_map(|quote| {
            let inner = rest.strip_prefix('[')?.strip_prefix(quote)?;
            let (name, after) = inner.split_once(quote)?;
            Some((name, after.strip_prefix(']')?))
        });
        if let Some((name, after)) = quoted {
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let (digits, after) = inner.split_once(']')?;
            let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
            const INDEX_MAX: usize = i32::MAX as usize;
            let index = digits.parse().ok().filter(|index| all_digits && *index <= INDEX_MAX)?;
            steps.push(Step::Index(index));
            rest = after;
        } else {
            let inner = rest.strip_prefix('.')?;
            let end = inner.find(['.', '[']).unwrap_or(inner.len());
            let (name, after) = inner.split_at(end);
            if name.is_empty() {
                return None;
            }
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        }
    }
    Some(steps)
}

/// What the steps lead to, if anything.
///
/// # Errors
/// `MALFORMED_VARIANT`.
pub(super) fn follow<'a>(view: View<'a>, steps: &[Step]) -> Result<Option<View<'a>>> {
    let mut here = view;
    for step in steps {
        let next = match step {
            Step::Name(name) => here.field(name)?,
            Step::Index(position) => here.element(*position)?,
        };
        match next {
            Some(next) => here = next,
            None => return Ok(None),
        }
    }
    Ok(Some(here))
}
