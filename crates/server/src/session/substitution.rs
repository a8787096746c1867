//! `${key}` in SQL text: the value of a setting, put in before the text is parsed.

use firesteel_common::SessionConf;

/// Values may hold `${…}` themselves; Spark refuses circles, here they stay as they are.
const DEPTH_MAX: usize = 40;

/// The text with the values of settings in it, unless `spark.sql.variable.substitute` is off. A key that
/// is not set gives nothing; `${spark:key}`, `${sparkconf:…}`, `${hivevar:…}`, `${hiveconf:…}` mean the
/// same, `${env:NAME}` a variable of the environment, other words before a colon leave the text alone.
pub fn substitute(text: &str, conf: &SessionConf) -> String {
    let off = conf.effective("spark.sql.variable.substitute").is_some_and(|value| value == "false");
    if off || !text.contains("${") {
        return text.to_owned();
    }
    substituted(text, conf, 0)
}

fn substituted(text: &str, conf: &SessionConf, depth: usize) -> String {
    if depth > DEPTH_MAX {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let key = from.find('}').map(|end| &from[2..end]);
        match key.filter(|key| !key.is_empty() && !key.contains(char::is_whitespace)) {
            Some(key) => {
                match value(key, conf) {
                    Some(value) => out.push_str(&substituted(&value, conf, depth + 1)),
                    None => out.push_str(&from[..key.len() + 3]),
                }
                rest = &from[key.len() + 3..];
            }
            None => {
                out.push_str("${");
                rest = &from[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn value(key: &str, conf: &SessionConf) -> Option<String> {
    let setting = |key: &str| Some(conf.effective(key).unwrap_or_default());
    match key.split_once(':') {
        None => setting(key),
        Some(("spark" | "sparkconf" | "hivevar" | "hiveconf", key)) => setting(key),
        Some(("env", name)) => std::env::var(name).ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        let conf = SessionConf::default();
        let zone = conf.effective("spark.sql.caseSensitive").unwrap_or_default();
        let text = substitute("[${spark.sql.caseSensitive}][${no.key}][${foo:x}][${ }][$]", &conf);
        assert_eq!(text, format!("[{zone}][][${{foo:x}}][${{ }}][$]"));
    }
}
