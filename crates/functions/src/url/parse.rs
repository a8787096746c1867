//! `parse_url(url, part [, key])` after `java.net.URI`.

use crate::call::Call;
use crate::cast::EvalMode;
use crate::coercion::implicit::Class;
use crate::columns::{get, strings};
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

pub(super) fn parse_url(call: Call<'_>) -> Result<Expr> {
    let mode = EvalMode::of(call.settings);
    build(call, mode)
}

pub(super) fn try_parse_url(call: Call<'_>) -> Result<Expr> {
    build(call, EvalMode::Try)
}

fn build(call: Call<'_>, mode: EvalMode) -> Result<Expr> {
    let call = call.coerced(2, &[Class::String, Class::String, Class::String])?;
    Ok(PARSE_URL.kernel(mode, &SparkType::string()).call(call.exprs()))
}

pub(super) static PARSE_URL: Kind<EvalMode> = Kind::new("parse_url", evaluate);

fn evaluate(mode: &EvalMode, input: &Input<'_>) -> Result<ArrayRef> {
    let (urls, parts) = (input.text(0)?, input.text(1)?);
    let keys = if input.args.len() == 3 { Some(input.text(2)?) } else { None };
    strings(input.n_rows, |row| {
        let (Some(url), Some(part)) = (get!(urls, row), get!(parts, row)) else { return Ok(None) };
        // Nothing but a query has keys; Spark does not even look at the address then.
        if keys.is_some() && part != "QUERY" {
            return Ok(None);
        }
        let Some(parsed) = Url::parse(url) else {
            if *mode != EvalMode::Ansi {
                return Ok(None);
            }
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "INVALID_URL",
                format!(
                    "The url is invalid: {url}. Use `try_parse_url` to tolerate invalid URL and \
                     return NULL instead."
                ),
            )
            .with("url", url));
        };
        match keys {
            None => Ok(parsed.part(part)),
            Some(keys) => {
                let Some(key) = get!(keys, row) else { return Ok(None) };
                Ok(parsed.value_of(key))
            }
        }
    })
}

#[derive(Debug)]
struct Url<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    /// Path and query.
    file: &'a str,
    /// `mailto:a@b.org`: it has neither path nor query.
    opaque: bool,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Option<Url<'a>> {
        let illegal = |c: char| c.is_ascii_control() || " \"<>\\^`{|}".contains(c);
        if text.contains(illegal) || !escapes_are_whole(text) {
            return None;
        }
        let (rest, fragment) = split_off(text, '#');
        let before_fragment = rest;
        let (rest, query) = split_off(rest, '?');
        let (scheme, rest) = match rest.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            Some((before, _)) if !before.contains('/') => return None,
            _ => (None, rest),
        };
        let opaque = scheme.is_some() && !rest.starts_with('/');
        let query = query.filter(|_| !opaque);
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority).filter(|authority| !authority.is_empty()), path)
            }
            None => (None, rest),
        };
        let before_path = rest_start(before_fragment, path, query);
        let file = before_fragment.get(before_path..).unwrap_or(path);
        Some(Url { scheme, authority, path, file, opaque, query, fragment })
    }

    fn part(&self, name: &str) -> Option<&'a str> {
        match name {
            "HOST" => self.host(),
            "PATH" | "FILE" if self.opaque => None,
            "PATH" => Some(self.path),
            "QUERY" => self.query,
            "REF" => self.fragment,
            "PROTOCOL" => self.scheme,
            "AUTHORITY" => self.authority,
            "USERINFO" => self.authority?.rsplit_once('@').map(|(user, _)| user),
            "FILE" => Some(self.file),
            _ => None,
        }
    }

    fn host(&self) -> Option<&'a str> {
        let authority = self.authority?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host.find(']') {
            Some(end) => host.get(..=end)?,
            None => host.split_once(':').map_or(host, |(host, _)| host),
        };
        // A host that Java does not take for one is only an authority.
        let valid =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '[' | ']' | ':' | '%');
        (!host.is_empty() && host.chars().all(valid)).then_some(host)
    }

    fn value_of(&self, key: &str) -> Option<&'a str> {
        self.query?.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == key).then_some(value)
        })
    }
}

/// Where path and query begin in the text before the fragment.
fn rest_start(text: &str, path: &str, query: Option<&str>) -> usize {
    text.len() - path.len() - query.map_or(0, |query| query.len() + 1)
}

fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes();
        digits.next().is_some_and(|b| b.is_ascii_hexdigit())
            && digits.next().is_some_and(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        let url =
            Url::parse("http://u:p@spark.apache.org:80/path/x?query=1&k=v#Ref").expect("valid");
        for (part, expected) in [
            ("HOST", "spark.apache.org"),
            ("PATH", "/path/x"),
            ("QUERY", "query=1&k=v"),
            ("REF", "Ref"),
            ("PROTOCOL", "http"),
            ("FILE", "/path/x?query=1&k=v"),
            ("AUTHORITY", "u:p@spark.apache.org:80"),
            ("USERINFO", "u:p"),
        ] {
            assert_eq!(url.part(part), Some(expected));
        }
        assert_eq!(url.value_of("k"), Some("v"));
        assert!(Url::parse("inva lid://x").is_none());
    }
}
