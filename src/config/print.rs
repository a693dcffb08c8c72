//! The settings in force: as a file that gives the same settings again (`parlor config`), and their sources.

use std::fmt::Write;

use toml::Value as Toml;

use super::layers::InForce;
use super::setting::{Setting, Shape};
use super::source::Source;
use super::table::SUBJECTS;

/// The column of the comments, if the text before is not longer.
const COMMENT_COLUMN: usize = 40;

pub(super) fn toml(in_force: &[InForce]) -> String {
    let mut page = String::from("# The settings in force, each with its source. Usable as the file.\n");
    for subject in SUBJECTS {
        let _ = writeln!(page, "\n# {}. {}", subject.title, subject.about());
        for entry in
            in_force.iter().filter(|entry| subject.settings.iter().any(|setting| setting.key == entry.setting.key))
        {
            let _ = writeln!(page, "{:<COMMENT_COLUMN$}# {}", line(entry), entry.source);
        }
    }
    page
}

/// The flags, the variables and the keys of the file that are in force, in one line.
pub(super) fn sources(file: Option<&str>, in_force: &[InForce]) -> String {
    let (mut flags, mut variables, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for entry in in_force {
        match &entry.source {
            Source::Flag(flag) => flags.push(flag.as_str()),
            Source::Variable(variable) => variables.push(variable.as_str()),
            Source::File { key, .. } => keys.push(key.as_str()),
            Source::Default => {}
        }
    }
    let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let file = file.map_or_else(|| "none".to_owned(), |path| format!("{path} (keys in force: {})", list(&keys)));
    format!("flags: {}; variables: {}; file: {file}; all others have their defaults", list(&flags), list(&variables))
}

fn line(entry: &InForce) -> String {
    let key = entry.setting.key;
    match entry.setting.shape {
        Shape::Secret => format!("# {key} = {}", entry.shown()),
        Shape::Number | Shape::Quantity | Shape::Switch | Shape::Text | Shape::List => {
            format!("{key} = {} ", value(entry.setting, &entry.text))
        }
    }
}

/// A value as TOML.
pub(super) fn value(setting: &Setting, text: &str) -> String {
    let quoted = |text: &str| Toml::String(text.to_owned()).to_string();
    match setting.shape {
        // A number, or a word such as `auto`.
        Shape::Number => text.parse::<u64>().map_or_else(|_| quoted(text), |number| number.to_string()),
        Shape::Switch => text.to_owned(),
        Shape::List => {
            let parts: Vec<String> = text.split(',').filter(|part| !part.is_empty()).map(quoted).collect();
            format!("[{}]", parts.join(", "))
        }
        Shape::Quantity | Shape::Text | Shape::Secret => quoted(text),
    }
}
