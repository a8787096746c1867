//! Calls whose arguments have collations: which one counts, and which one the answer has.
//!
//! A collation that `COLLATE` names wins over those of columns, and theirs over none. Two that were named are an
//! error; two columns' leave it open, which is an error as soon as the answer depends on it.

use super::collated_rows::keyed_rows;
use super::{ExprContext, ResolvedExpr, tagged};
use crate::resolve::{Resolved, Resolver};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, lit, when};
use firesteel_common::{Result, SparkError, SparkType, StructField};
use firesteel_functions::collation::{
    COLLATE, Collation, casing, choosing, holds_collation, icu_searching, key, relabelled,
    searching, with_collation, without_collation,
};
use firesteel_functions::{Arg, Call, FunctionDef, lookup};

/// Name of the collation that nobody can tell.
pub(super) const UNKNOWN: &str = "null";

/// Their answer is text that has nothing to do with the arguments' collation.
const PLAIN: [&str; 24] = [
    "ascii",
    "base64",
    "bin",
    "collation",
    "crc32",
    "hash",
    "hex",
    "json_tuple",
    "length",
    "md5",
    "sha",
    "sha1",
    "sha2",
    "soundex",
    "to_csv",
    "to_json",
    "to_xml",
    "typeof",
    "unhex",
    "xxhash64",
    "schema_of_json",
    "schema_of_csv",
    "date_format",
    "encode",
];

/// Their answer depends on which strings are equal, or on their order; builders compare by keys.
const COMPARING: [&str; 15] = [
    "=",
    "==",
    "<=>",
    "<",
    "<=",
    ">",
    ">=",
    "!=",
    "in",
    "between",
    "nullif",
    "greatest",
    "least",
    "array_contains",
    "array_position",
];

/// They look for one string in another.
const SEARCHING: [&str; 9] = [
    "contains",
    "startswith",
    "endswith",
    "instr",
    "locate",
    "position",
    "charindex",
    "find_in_set",
    "arrays_overlap",
];

/// Their second argument is a regular expression.
const PATTERNS: [&str; 12] = [
    "rlike",
    "regexp",
    "regexp_like",
    "regexp_count",
    "regexp_extract",
    "regexp_extract_all",
    "regexp_instr",
    "regexp_replace",
    "regexp_substr",
    "split",
    "like",
    "ilike",
];

/// They answer with parts of their arguments, chosen by which strings are equal or by their order.
const CHOOSING: [&str; 17] = [
    "array_distinct",
    "array_except",
    "array_intersect",
    "array_max",
    "array_min",
    "array_remove",
    "array_sort",
    "array_union",
    "btrim",
    "ltrim",
    "replace",
    "rtrim",
    "sort_array",
    "split_part",
    "substring_index",
    "translate",
    "trim",
];

/// They look for letters, which Spark does not do by orders that tell capital letters but no accents.
const TEXT_SEARCHING: [&str; 15] = [
    "btrim",
    "charindex",
    "contains",
    "endswith",
    "instr",
    "locate",
    "ltrim",
    "position",
    "replace",
    "rtrim",
    "split_part",
    "startswith",
    "substring_index",
    "translate",
    "trim",
];

/// The collation of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    One(String),
    Plain,
    Unknown,
}

fn string_of(data_type: &SparkType) -> Option<&Option<String>> {
    match data_type {
        SparkType::String { collation } => Some(collation),
        SparkType::Array { element, .. } => string_of(element),
        SparkType::Map { key, value, .. } => string_of(key).or_else(|| string_of(value)),
        _ => None,
    }
}

fn is_explicit(expr: &Expr) -> bool {
    match expr {
        Expr::ScalarFunction(call) => call.func.name() == COLLATE,
        Expr::Alias(alias) => is_explicit(&alias.expr),
        _ => false,
    }
}

pub(super) fn found(args: &[ResolvedExpr]) -> Result<Found> {
    let mut explicit: Vec<Option<String>> = Vec::new();
    let mut implicit: Vec<Option<String>> = Vec::new();
    for arg in args {
        let data_type = arg.spark_type()?;
        let Some(collation) = string_of(&data_type) else { continue };
        let into = if is_explicit(&arg.expr) {
            &mut explicit
        } else if collation.is_none() && !arg.expr.any_column_refs() {
            continue;
        } else {
            &mut implicit
        };
        if !into.contains(collation) {
            into.push(collation.clone());
        }
    }
    let one = |collation: &Option<String>| match collation {
        Some(name) if name == UNKNOWN => Found::Unknown,
        Some(name) => Found::One(name.clone()),
        None => Found::Plain,
    };
    match (explicit.as_slice(), implicit.as_slice()) {
        ([], []) => Ok(Found::Plain),
        ([own], _) | ([], [own]) => Ok(one(own)),
        ([], _) => Ok(Found::Unknown),
        (several, _) => Err(explicit_mismatch(several)),
    }
}

fn explicit_mismatch(found: &[Option<String>]) -> SparkError {
    let types = found.iter().map(|name| {
        let name = name.as_deref().unwrap_or("UTF8_BINARY");
        format!("\"STRING COLLATE {name}\"")
    });
    let types = types.collect::<Vec<_>>().join(", ");
    SparkError::analysis(
        "COLLATION_MISMATCH.EXPLICIT",
        format!(
            "Could not determine which collation to use for string functions and operators. Error occurred due to \
             the mismatch between explicit collations: [{types}]. Decide on a single explicit collation and remove \
             others."
        ),
    )
    .with("explicitTypes", types)
}

pub(super) fn indeterminate(name: &str) -> SparkError {
    SparkError::analysis(
        "INDETERMINATE_COLLATION_IN_EXPRESSION",
        format!(
            "Data type of \"{name}\" has indeterminate collation. Use COLLATE clause to set the collation explicitly."
        ),
    )
    .with("expr", format!("\"{name}\""))
}

impl ResolvedExpr {
    fn holds_collation(&self) -> bool {
        holds_collation(&self.field)
    }

    /// The same value as a plain string.
    fn without_collation(&self) -> Result<Self> {
        if !self.holds_collation() {
            return Ok(self.clone());
        }
        let plain = without_collation(&self.spark_type()?);
        let mut own = self.clone();
        if !matches!(plain, SparkType::String { .. }) {
            own.expr = relabelled(own.expr, &plain);
        }
        own.field = StructField::new(own.field.name(), plain, own.field.is_nullable()).to_arrow();
        Ok(own)
    }

    /// The key of the value, under `collation` where it has none of its own.
    fn by_key(&self, collation: &str) -> Result<Self> {
        let own = self.spark_type()?;
        if string_of(&own).is_none() {
            return self.without_collation();
        }
        let collated = with_collation(&without_collation(&own), collation);
        let field = StructField::new("", without_collation(&own), self.field.is_nullable());
        let expr = key(self.expr.clone(), &collated)?;
        Ok(Self { expr, field: field.to_arrow(), ..self.clone() })
    }
}

/// Whether a call has to be made by [`Resolver::collated_call`].
pub(super) fn is_collated(name: &str, args: &[ResolvedExpr]) -> bool {
    args.iter().any(ResolvedExpr::holds_collation)
        && !matches!(name, COLLATE | "collation" | "typeof")
}

impl Resolver<'_> {
    pub(super) fn collated_call(
        &mut self,
        definition: &FunctionDef,
        build: fn(Call<'_>) -> Result<Expr>,
        name: &str,
        args: &[ResolvedExpr],
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let found = found(args)?;
        let shown = self.call_name(name, &named_with_collation(args, &found));
        let is_searching = SEARCHING.contains(&name) || PATTERNS.contains(&name);
        let compares = COMPARING.contains(&name) || is_searching || CHOOSING.contains(&name);
        if compares && found == Found::Unknown {
            return Err(indeterminate(&shown));
        }
        let all_text = args.iter().all(|arg| {
            arg.spark_type().is_ok_and(|own| string_of(&own).is_some() || own == SparkType::Null)
        });
        if matches!(name, "nullif" | "greatest" | "least")
            && all_text
            && let Found::One(collation) = &found
        {
            return self.extreme(name, args, collation, shown, context);
        }
        // Structs have a collation per field: the builder tells them apart.
        let by_builder = COMPARING[..10].contains(&name);
        let collation = match &found {
            Found::One(collation) => Some(collation.as_str()),
            _ => None,
        };
        let is_lookup = matches!(name, "element_at" | "try_element_at" | "map_contains_key");
        if let [map, wanted] = args
            && is_lookup
            && let Some(keyed) = keyed_lookup(map, wanted)?
        {
            self.check_lookup(definition, &self.call_name(name, args), args)?;
            let args = keyed;
            return self.typed(build(self.call(definition, &args))?, shown, context);
        }
        if let Some(collation) = collation
            && TEXT_SEARCHING.contains(&name)
            && Collation::parse(collation)?.tells_case_only()
        {
            return Err(unexpected(&shown, args, collation));
        }
        let rows = if by_builder && collation.is_none() { keyed_rows(&shown, args)? } else { None };
        let expr = match collation {
            _ if rows.is_some() => build(self.call(definition, &rows.unwrap_or_default()))?,
            _ if by_builder && all_text && collation.is_some() => {
                let keys = args.iter().map(|arg| arg.by_key(collation.unwrap_or_default()));
                build(self.call(definition, &keys.collect::<Result<Vec<_>>>()?))?
            }
            _ if by_builder => build(self.call(definition, args))?,
            Some(collation) if CHOOSING.contains(&name) && !only_blanks(name, args) => {
                self.chosen(definition, build, name, args, collation)?
            }
            Some(collation) if PATTERNS.contains(&name) => {
                self.matched(definition, build, (name, &shown), args, collation)?
            }
            Some(collation) if compares && !only_blanks(name, args) => {
                // Blanks at the end do not count when whole strings are compared.
                let own = Collation::parse(collation)?;
                let collation = match is_searching {
                    true => collation.trim_end_matches("_RTRIM"),
                    false => collation,
                };
                let icu = if own.is_icu() && is_searching && name != "arrays_overlap" {
                    let plain = args.iter().map(ResolvedExpr::without_collation);
                    let plain = plain.collect::<Result<Vec<_>>>()?;
                    icu_searching(name, collation, self.call(definition, &plain))
                } else {
                    None
                };
                if let Some(icu) = icu {
                    icu?
                } else if collation == "UTF8_BINARY" {
                    let plain = args.iter().map(ResolvedExpr::without_collation);
                    build(self.call(definition, &plain.collect::<Result<Vec<_>>>()?))?
                } else {
                    let keys = args.iter().map(|arg| match string_of(&arg.spark_type()?) {
                        Some(_) => arg.by_key(collation),
                        None => Ok(arg.clone()),
                    });
                    build(self.call(definition, &keys.collect::<Result<Vec<_>>>()?))?
                }
            }
            _ => {
                let plain = args.iter().map(ResolvedExpr::without_collation);
                let plain = plain.collect::<Result<Vec<_>>>()?;
                let cased = match collation {
                    Some(collation) => {
                        let collation = Collation::parse(collation)?;
                        casing(name, &collation, self.call(definition, &plain))
                    }
                    None => None,
                };
                match cased {
                    Some(cased) => cased?,
                    None => build(self.call(definition, &plain))?,
                }
            }
        };
        let resolved = self.typed(expr, shown, context)?;
        if let ("array", [first, ..]) = (name, args)
            && found == Found::Plain
            && matches!(first.spark_type()?, SparkType::Struct(_))
        {
            let (element, SparkType::Array { contains_null, .. }) =
                (Box::new(first.spark_type()?), resolved.spark_type()?)
            else {
                return Ok(resolved);
            };
            let own = SparkType::Array { element, contains_null };
            let typed =
                self.typed(relabelled(resolved.expr, &own), resolved.name.clone(), context)?;
            return Ok(ResolvedExpr { name: resolved.name, ..typed });
        }
        if let Some(map) = self.collated_map(name, args, &resolved, context)? {
            return Ok(map);
        }
        if compares && !PATTERNS.contains(&name) && !CHOOSING.contains(&name)
            || PLAIN.contains(&name)
        {
            return Ok(resolved);
        }
        match found {
            Found::One(collation) => self.labelled(resolved, &collation, context),
            Found::Unknown => self.labelled(resolved, UNKNOWN, context),
            Found::Plain => Ok(resolved),
        }
    }

    /// Functions that answer with parts of their arguments.
    fn chosen(
        &self,
        definition: &FunctionDef,
        build: fn(Call<'_>) -> Result<Expr>,
        name: &str,
        args: &[ResolvedExpr],
        collation: &str,
    ) -> Result<Expr> {
        let own = Collation::parse(collation)?;
        let plain = args.iter().map(ResolvedExpr::without_collation);
        let plain = plain.collect::<Result<Vec<_>>>()?;
        if let Some(chosen) = choosing(name, collation, self.call(definition, &plain)) {
            return chosen;
        }
        if own.is_icu() {
            let searching = icu_searching(name, collation, self.call(definition, &plain));
            return searching.unwrap_or_else(|| Err(not_by(name, collation)));
        }
        match searching(name, self.call(definition, &plain)) {
            Some(searching) if own.ignores_case() => searching,
            _ => build(self.call(definition, &plain)),
        }
    }

    /// `value` whose strings have this collation.
    fn labelled(
        &self,
        value: ResolvedExpr,
        collation: &str,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let own = value.spark_type()?;
        let collated = with_collation(&own, collation);
        if collated == own {
            return Ok(value);
        }
        let typed = self.typed(relabelled(value.expr, &collated), value.name.clone(), context)?;
        Ok(ResolvedExpr { expr: typed.expr, field: typed.field, ..value })
    }

    /// `nullif`, `greatest` and `least`, which answer with one of their arguments.
    fn extreme(
        &self,
        name: &str,
        args: &[ResolvedExpr],
        collation: &str,
        shown: String,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let mut pairs = Vec::with_capacity(args.len());
        for arg in args {
            let plain = self.coerced_to_text(arg.without_collation()?)?;
            pairs.push((
                plain.clone(),
                key(plain, &with_collation(&SparkType::string(), collation))?,
            ));
        }
        let mut pairs = pairs.into_iter();
        let Some((mut value, mut best)) = pairs.next() else {
            return Err(SparkError::internal("an extreme of nothing"));
        };
        for (other, other_key) in pairs {
            if name == "nullif" {
                let null = lit(ScalarValue::Utf8(None));
                value = when(best.clone().eq(other_key), null).otherwise(value)?;
                continue;
            }
            let wins = match name {
                "greatest" => other_key.clone().gt(best.clone()),
                _ => other_key.clone().lt(best.clone()),
            };
            let wins = best.clone().is_null().or(wins);
            value = when(wins.clone(), other).otherwise(value)?;
            best = when(wins, other_key).otherwise(best)?;
        }
        let resolved = self.typed(value, shown, context)?;
        self.labelled(resolved, collation, context)
    }

    fn coerced_to_text(&self, value: ResolvedExpr) -> Result<Expr> {
        use firesteel_functions::cast::{EvalMode, cast};
        cast(value.arg(), &SparkType::string(), EvalMode::of(self.settings), self.settings)
    }

    /// Patterns that do not tell capital letters from small ones.
    fn matched(
        &self,
        definition: &FunctionDef,
        build: fn(Call<'_>) -> Result<Expr>,
        (name, shown): (&str, &str),
        args: &[ResolvedExpr],
        collation: &str,
    ) -> Result<Expr> {
        let own = Collation::parse(collation)?;
        let plain = args.iter().map(ResolvedExpr::without_collation);
        let mut plain = plain.collect::<Result<Vec<_>>>()?;
        if own.is_icu() {
            // Spark takes no such pattern either.
            return Err(unexpected(shown, args, collation));
        }
        if !own.ignores_case() {
            return build(self.call(definition, &plain));
        }
        match name {
            "like" | "ilike" => {
                let args = plain.iter().map(ResolvedExpr::arg).collect();
                self.build_scalar("ilike", args)
            }
            _ => {
                let text = StructField::new("", SparkType::string(), false).to_arrow();
                let parts = vec![Arg::new(lit("(?iu)"), text), plain[1].arg()];
                plain[1].expr = self.build_scalar("concat", parts)?;
                build(self.call(definition, &plain))
            }
        }
    }

    /// What an aggregate function takes and gives where arguments have collations.
    ///
    /// # Errors
    /// `DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE`, or when the function is not served.
    pub(super) fn collated_aggregate(
        &self,
        definition: &'static FunctionDef,
        is_distinct: bool,
        args: &[ResolvedExpr],
    ) -> Result<(&'static FunctionDef, Vec<ResolvedExpr>)> {
        let collation = match found(args)? {
            Found::One(collation) => collation,
            Found::Plain => "UTF8_BINARY".to_owned(),
            Found::Unknown => return Err(indeterminate(&self.call_name(definition.name, args))),
        };
        let keyed = |arg: &ResolvedExpr| match string_of(&arg.spark_type()?) {
            Some(_) if arg.holds_collation() => arg.by_key(&collation),
            _ => Ok(arg.clone()),
        };
        let plain = |arg: &ResolvedExpr| arg.without_collation();
        let by = |name: &str| {
            lookup(name).ok_or_else(|| SparkError::internal(format!("no function {name}")))
        };
        Ok(match (definition.name, args) {
            ("min", [arg]) => (by("min_by")?, vec![plain(arg)?, keyed(arg)?]),
            ("max", [arg]) => (by("max_by")?, vec![plain(arg)?, keyed(arg)?]),
            ("min_by" | "max_by", [value, by]) => (definition, vec![plain(value)?, keyed(by)?]),
            ("count", _) if is_distinct => {
                (definition, args.iter().map(keyed).collect::<Result<_>>()?)
            }
            ("approx_count_distinct", [arg, rest @ ..]) => {
                let mut keys = vec![keyed(arg)?];
                keys.extend(rest.iter().cloned());
                (definition, keys)
            }
            ("collect_set", [arg]) => return Err(no_set_of(arg)),
            // Which rows come twice does not matter to them.
            ("first" | "any_value" | "last", _) => {
                (definition, args.iter().map(plain).collect::<Result<_>>()?)
            }
            ("listagg" | "string_agg", [text, by]) if text.spark_type()? != by.spark_type()? => {
                return Err(different_types(text, by));
            }
            ("mode", _) => {
                return Err(SparkError::unsupported("the function mode over a collation"));
            }
            (name, _) if is_distinct => {
                return Err(SparkError::unsupported(format!(
                    "{name}(DISTINCT …) over a collation"
                )));
            }
            _ => (definition, args.iter().map(plain).collect::<Result<_>>()?),
        })
    }

    /// The answer of an aggregate function with the collation of its arguments.
    pub(super) fn collated_answer(
        &self,
        value: ResolvedExpr,
        args: &[ResolvedExpr],
    ) -> Result<ResolvedExpr> {
        let Found::One(collation) = found(args)? else { return Ok(value) };
        match value.spark_type()? {
            own @ (SparkType::String { .. } | SparkType::Array { .. }) => {
                let collated = with_collation(&own, &collation);
                if matches!(own, SparkType::Array { .. }) {
                    let field = StructField::new("", collated, value.field.is_nullable());
                    return Ok(ResolvedExpr { field: field.to_arrow(), ..value });
                }
                Ok(ResolvedExpr { field: tagged(&value.field, &collated), ..value })
            }
            _ => Ok(value),
        }
    }

    /// Both sides of `value IN (SELECT …)`, of one type, as what is compared.
    ///
    /// # Errors
    /// `INDETERMINATE_COLLATION_IN_EXPRESSION` where their collations differ.
    pub(super) fn collated_membership(
        &mut self,
        value: ResolvedExpr,
        rows: Resolved,
        types: [&SparkType; 2],
        shown: &str,
    ) -> Result<(ResolvedExpr, Resolved)> {
        let Some(Some(collation)) = string_of(types[0]).or_else(|| string_of(types[1])) else {
            return Err(indeterminate(shown));
        };
        let differ = string_of(types[0]) != string_of(types[1]);
        if differ && !is_explicit(&value.expr) && value.expr.any_column_refs() {
            return Err(indeterminate(shown));
        }
        let own = ResolvedExpr::of_column(&rows.scope.columns[0]).by_key(collation)?;
        let rows = self.project(&rows, vec![own.aliased("key")])?;
        Ok((value.by_key(collation)?, self.exact(rows)?))
    }

    /// The key by which rows are ordered or put together, for a value with a collation.
    pub(crate) fn ordering_key(&self, value: &ResolvedExpr) -> Result<Expr> {
        if value.holds_collation() {
            key(value.expr.clone(), &value.spark_type()?)
        } else {
            Ok(value.expr.clone())
        }
    }
}

/// A map and what is looked up in it, where the keys of the map have a collation.
pub(super) fn keyed_lookup(
    map: &ResolvedExpr,
    wanted: &ResolvedExpr,
) -> Result<Option<Vec<ResolvedExpr>>> {
    let SparkType::Map { key: own, value, value_contains_null } = map.spark_type()? else {
        return Ok(None);
    };
    let SparkType::String { collation: Some(collation) } = own.as_ref() else { return Ok(None) };
    let collated = SparkType::Map {
        key: own.clone(),
        value: Box::new(without_collation(&value)),
        value_contains_null,
    };
    let expr = key(map.expr.clone(), &collated)?;
    let nullable = map.field.is_nullable();
    let field = StructField::new("", without_collation(&collated), nullable).to_arrow();
    let map = ResolvedExpr { expr, field, ..map.clone() };
    Ok(Some(vec![map, wanted.by_key(collation)?]))
}

/// Literals beside strings with a collation are shown with it.
fn named_with_collation(args: &[ResolvedExpr], found: &Found) -> Vec<ResolvedExpr> {
    let Found::One(collation) = found else { return args.to_vec() };
    let named = args.iter().map(|arg| match &arg.expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _) => {
            ResolvedExpr { name: format!("'{text}' collate {collation}"), ..arg.clone() }
        }
        _ => arg.clone(),
    });
    named.collect()
}

/// `trim(text)` looks for blanks, which no collation confuses with anything.
fn only_blanks(name: &str, args: &[ResolvedExpr]) -> bool {
    matches!(name, "trim" | "ltrim" | "rtrim" | "btrim") && args.len() == 1
}

fn unexpected(shown: &str, args: &[ResolvedExpr], collation: &str) -> SparkError {
    let (input, found) = match args.first() {
        Some(arg) => {
            let found = arg.spark_type().map(|own| with_collation(&own, collation).sql());
            (arg.name.clone(), found.unwrap_or_default())
        }
        None => Default::default(),
    };
    SparkError::analysis(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        format!(
            "Cannot resolve \"{shown}\" due to data type mismatch: The first parameter requires the \"STRING\" \
             type, however \"{input}\" has the type \"{found}\"."
        ),
    )
    .with("sqlExpr", format!("\"{shown}\""))
    .with("paramIndex", "first")
    .with("requiredType", "\"STRING\"")
    .with("inputSql", format!("\"{input}\""))
    .with("inputType", format!("\"{found}\""))
}

fn different_types(text: &ResolvedExpr, by: &ResolvedExpr) -> SparkError {
    let types = |arg: &ResolvedExpr| arg.spark_type().map(|own| own.sql()).unwrap_or_default();
    let shown = format!("\"listagg({}, {})\"", text.name, by.name);
    let types = format!("(\"{}\" or \"{}\")", types(text), types(by));
    SparkError::analysis(
        "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
        format!(
            "Cannot resolve {shown} due to data type mismatch: Input to `listagg` should all be the same type, but \
             it's {types}."
        ),
    )
    .with("sqlExpr", shown)
    .with("functionName", "`listagg`")
    .with("dataType", types)
}

fn not_by(name: &str, collation: &str) -> SparkError {
    SparkError::unsupported(format!("the function {name} by the collation {collation}"))
}

fn no_set_of(arg: &ResolvedExpr) -> SparkError {
    let shown = format!("\"collect_set({})\"", arg.name);
    let types = "\"MAP\" or \"COLLATED STRING\"";
    SparkError::analysis(
        "DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE",
        format!(
            "Cannot resolve {shown} due to data type mismatch: The input of `collect_set` can't be {types} type data."
        ),
    )
    .with("sqlExpr", shown)
    .with("functionName", "`collect_set`")
    .with("dataType", types)
}
