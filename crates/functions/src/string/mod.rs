//! String functions.

mod distance;
mod encoding;
mod format;
mod letters;
mod measure;
mod number_format;
mod regex;
mod replace;
mod room;
mod search;
mod slice;
mod trim;

use crate::registry::FunctionDef;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("ascii", letters::ascii),
        def("base64", encoding::base64),
        def("bit_length", measure::bit_length),
        def("btrim", trim::btrim),
        def("char", letters::chr),
        def("chr", letters::chr),
        def("char_length", measure::length),
        def("character_length", measure::length),
        def("concat_ws", replace::concat_ws),
        def("contains", search::contains),
        def("decode", encoding::decode),
        def("elt", replace::elt),
        def("encode", encoding::encode),
        def("endswith", search::ends_with),
        def("find_in_set", search::find_in_set),
        def("format_number", format::format_number),
        def("format_string", format::format_string),
        def("initcap", letters::init_cap),
        def("instr", search::instr),
        def("is_valid_utf8", encoding::is_valid_utf8),
        def("lcase", letters::lower),
        def("left", slice::left),
        def("len", measure::length),
        def("length", measure::length),
        def("levenshtein", distance::levenshtein),
        def("locate", search::locate),
        def("lower", letters::lower),
        def("lpad", trim::lpad),
        def("ltrim", trim::ltrim),
        def("luhn_check", letters::luhn_check),
        def("make_valid_utf8", encoding::valid_utf8),
        def("mask", replace::mask),
        def("octet_length", measure::octet_length),
        def("overlay", replace::overlay),
        def("position", search::locate),
        def("charindex", search::locate),
        def("printf", format::format_string),
        def("quote", letters::quote),
        def("regexp_count", regex::regexp_count),
        def("regexp_extract", regex::regexp_extract),
        def("regexp_extract_all", regex::regexp_extract_all),
        def("regexp_instr", regex::regexp_instr),
        def("regexp_replace", regex::regexp_replace),
        def("regexp_substr", regex::regexp_substr),
        def("repeat", letters::repeat),
        def("replace", replace::replace),
        def("reverse", letters::reverse),
        def("right", slice::right),
        def("rpad", trim::rpad),
        def("rtrim", trim::rtrim),
        def("sentences", distance::sentences),
        def("soundex", letters::soundex),
        def("space", letters::space),
        def("split", regex::split),
        def("split_part", slice::split_part),
        def("startswith", search::starts_with),
        def("substr", slice::substring),
        def("substring", slice::substring),
        def("substring_index", slice::substring_index),
        def("to_binary", encoding::to_binary),
        def("to_number", number_format::to_number),
        def("to_varchar", number_format::to_char),
        def("to_char", number_format::to_char),
        def("translate", replace::translate),
        def("trim", trim::trim),
        def("try_to_binary", encoding::try_to_binary),
        def("try_to_number", number_format::try_to_number),
        def("try_validate_utf8", encoding::valid_utf8),
        def("ucase", letters::upper),
        def("unbase64", encoding::unbase64),
        def("upper", letters::upper),
        def("validate_utf8", encoding::valid_utf8),
    ]
}
