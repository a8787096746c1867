//! Names of collations: `UTF8_BINARY`, `UTF8_LCASE`, or a locale with what it does not look at.

use super::locales::{LOCALES, two_letters};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

/// A collation by its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collation {
    /// `UTF8_BINARY`, `UTF8_LCASE`, `UNICODE` or a locale.
    base: &'static str,
    language: Option<&'static str>,
    country: Option<&'static str>,
    ignores_case: bool,
    ignores_accents: bool,
    ignores_blanks: bool,
}

/// Version of the ICU library whose orders Spark 4.2 has.
pub const ICU_VERSION: &str = "78.3.0.0";

/// Locales whose order `icu_collator` does not bring.
const WITHOUT_ORDER: [&str; 6] = ["haw", "kl", "lkt", "se", "smn", "yi"];

const BASES: [&str; 3] = ["UTF8_BINARY", "UTF8_LCASE", "UNICODE"];

/// All collations, in the order in which Spark shows them.
pub fn all() -> Vec<Collation> {
    let plain = |base| Collation {
        base,
        language: None,
        country: None,
        ignores_case: base == "UTF8_LCASE",
        ignores_accents: false,
        ignores_blanks: false,
    };
    let mut found = vec![plain(BASES[0]), plain(BASES[1])];
    let trimming = found.iter().cloned().map(|own| Collation { ignores_blanks: true, ..own });
    let trimming: Vec<_> = trimming.collect();
    found.extend(trimming);
    let locales = LOCALES.iter().map(|(name, language, country)| Collation {
        language: Some(language),
        country: *country,
        ..plain(name)
    });
    let n_utf8 = found.len();
    for locale in std::iter::once(plain(BASES[2])).chain(locales) {
        for ignores_case in [false, true] {
            for ignores_blanks in [false, true] {
                for ignores_accents in [false, true] {
                    let own = locale.clone();
                    found.push(Collation { ignores_case, ignores_accents, ignores_blanks, ..own });
                }
            }
        }
    }
    found[n_utf8..].sort_by_key(Collation::name);
    found
}

impl Collation {
    /// The collation of this name, in whatever case and with its catalog or without.
    ///
    /// # Errors
    /// `COLLATION_INVALID_NAME`.
    pub fn parse(name: &str) -> Result<Self> {
        let upper = name.to_ascii_uppercase();
        let short = upper.strip_prefix("SYSTEM.BUILTIN.").unwrap_or(&upper);
        let bases = BASES.iter().copied().chain(LOCALES.iter().map(|(name, ..)| *name));
        let fits = |base: &&str| {
            let rest = short.strip_prefix(base.to_ascii_uppercase().as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        // `sr_Cyrl_SRB` begins as `sr` does.
        let base = bases.filter(fits).max_by_key(|base| base.len());
        let base = base.ok_or_else(|| invalid(name))?;
        let locale = LOCALES.iter().find(|(name, ..)| *name == base);
        let mut found = Self {
            base,
            language: locale.map(|(_, language, _)| *language),
            country: locale.and_then(|(_, _, country)| *country),
            ignores_case: base == BASES[1],
            ignores_accents: false,
            ignores_blanks: false,
        };
        let (mut says_case, mut says_accents) = (false, false);
        for part in short[base.len()..].split('_').skip(1) {
            let is_locale = !base.starts_with("UTF8");
            match part {
                "CS" | "CI" if is_locale && !says_case => {
                    says_case = true;
                    found.ignores_case = part == "CI";
                }
                "AS" | "AI" if is_locale && !says_accents => {
                    says_accents = true;
                    found.ignores_accents = part == "AI";
                }
                "RTRIM" if !found.ignores_blanks => found.ignores_blanks = true,
                _ => return Err(invalid(name)),
            }
        }
        Ok(found)
    }

    /// Its name as Spark writes it.
    pub fn name(&self) -> String {
        let mut name = self.base.to_owned();
        let is_locale = !self.base.starts_with("UTF8");
        for (has, part) in [
            (is_locale && self.ignores_case, "_CI"),
            (self.ignores_accents, "_AI"),
            (self.ignores_blanks, "_RTRIM"),
        ] {
            if has {
                name.push_str(part);
            }
        }
        name
    }

    pub fn spark_type(&self) -> SparkType {
        let name = Some(self.name());
        SparkType::String { collation: name.filter(|name| name != "UTF8_BINARY") }
    }

    pub fn language(&self) -> Option<&'static str> {
        self.language
    }

    pub fn country(&self) -> Option<&'static str> {
        self.country
    }

    pub fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    pub fn ignores_accents(&self) -> bool {
        self.ignores_accents
    }

    pub fn ignores_blanks(&self) -> bool {
        self.ignores_blanks
    }

    /// # Errors
    /// When the library has no order for the locale.
    pub(super) fn check_order(&self) -> Result<()> {
        if WITHOUT_ORDER.contains(&self.base) {
            return Err(SparkError::unsupported(format!(
                "comparing by the collation {}",
                self.name()
            )));
        }
        Ok(())
    }

    /// Its name without what it does not look at.
    pub(super) fn base(&self) -> &'static str {
        self.base
    }

    /// The locale in whose order its strings stand, as BCP 47 spells it; `und` is the order of Unicode.
    pub(super) fn locale(&self) -> String {
        if self.locale_parts().is_empty() {
            return "und".to_owned();
        }
        self.locale_parts().join("-")
    }

    fn locale_parts(&self) -> Vec<&'static str> {
        if self.base == BASES[2] || !self.is_icu() {
            return Vec::new();
        }
        self.base.split('_').map(two_letters).collect()
    }

    /// The part of `text` that comparisons look at.
    pub(super) fn compared<'t>(&self, text: &'t str) -> &'t str {
        if self.ignores_blanks { text.trim_end_matches(' ') } else { text }
    }

    /// Whether it tells capital letters from small ones, but no accents.
    pub fn tells_case_only(&self) -> bool {
        self.ignores_accents && !self.ignores_case
    }

    /// Whether its order is one of ICU's.
    pub fn is_icu(&self) -> bool {
        !self.base.starts_with("UTF8")
    }
}

fn invalid(name: &str) -> SparkError {
    let wanted = name.to_ascii_uppercase();
    let distance = |own: &Collation| edits(&wanted, &own.name().to_ascii_uppercase());
    let known = all();
    let least = known.iter().map(distance).min().unwrap_or(0);
    let near = known.iter().filter(|own| distance(own) == least).take(3);
    let proposals = near.map(Collation::name).collect::<Vec<_>>().join(", ");
    SparkError::new(
        ErrorKind::Execution,
        "COLLATION_INVALID_NAME",
        format!(
            "The value {name} does not represent a correct collation name. Suggested valid collation names: \
             [{proposals}]."
        ),
    )
    .with("collationName", name)
    .with("proposals", proposals)
}

/// Letters to add, drop or change to get from one word to the other.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<u8> = right.bytes().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, own) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (place, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(own != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        for (given, expected) in [
            ("utf8_lcase", "UTF8_LCASE"),
            ("system.builtin.utf8_binary_rtrim", "UTF8_BINARY_RTRIM"),
            ("unicode_ai_ci", "UNICODE_CI_AI"),
            ("UNICODE_CS_AS", "UNICODE"),
            ("SR_cyrl_SRB_ci_rtrim", "sr_Cyrl_SRB_CI_RTRIM"),
            ("DE", "de"),
        ] {
            assert_eq!(
                Collation::parse(given).map(|own| own.name()).ok().as_deref(),
                Some(expected)
            );
        }
        for wrong in ["NOPE", "UTF8_LCASE_CI", "unicode_ci_cs", "de_", "", "en_us_ci"] {
            assert!(Collation::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(all().len(), 1164);
    }
}
