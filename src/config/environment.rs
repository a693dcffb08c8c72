//! Variables: `PARLOR_` and the key in capitals. An empty one counts as not set.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::cli::FILE_VARIABLE;
use super::layers::Layers;
use super::problem::Problem;
use super::source::Source;
use super::table;

const PREFIX: &str = "PARLOR_";

/// Variables that are not settings.
#[derive(Debug)]
pub(super) struct Environment {
    /// `PARLOR_CONFIG`.
    pub file: Option<OsString>,
    /// A sentence for each variable with our prefix that is no setting. They are no errors: the environment is shared, and
    /// an old typing mistake must not stop a server.
    pub warnings: Vec<String>,
}

pub(super) fn read(variables: impl IntoIterator<Item = (OsString, OsString)>, layers: &mut Layers) -> Environment {
    let mut found: BTreeMap<String, OsString> = variables
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .collect();
    for setting in table::settings() {
        for name in [Some(setting.variable()), setting.shared_variable.map(str::to_owned)].into_iter().flatten() {
            let Some(value) = found.remove(&name) else {
                continue;
            };
            let source = Source::Variable(name);
            match value.into_string() {
                Ok(text) => layers.give(setting, source, text),
                Err(_) => layers.problems.push(Problem::not_utf8(setting.key, source)),
            }
        }
    }
    let file = found.remove(FILE_VARIABLE);
    let warnings = found.keys().filter(|name| name.starts_with(PREFIX)).map(|name| unknown(name)).collect();
    Environment { file, warnings }
}

fn unknown(name: &str) -> String {
    let names: Vec<String> = table::settings().map(|setting| setting.variable()).collect();
    // The common prefix would make all names similar.
    let tails = names.iter().filter_map(|name| name.strip_prefix(PREFIX));
    let nearest = name.strip_prefix(PREFIX).and_then(|tail| table::nearest(tail, tails));
    let hint = nearest.map(|nearest| format!("; the nearest is {PREFIX}{nearest}")).unwrap_or_default();
    format!("variable {name} is none of Parlor's settings and has no effect{hint}")
}
