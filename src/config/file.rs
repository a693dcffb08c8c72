//! The TOML file: one key per setting, no tables.

use std::io;
use std::path::{Path, PathBuf};

use toml::Value as Toml;

use super::cli::FILE_DEFAULT;
use super::layers::Layers;
use super::problem::Problem;
use super::setting::{Setting, Shape};
use super::source::Source;
use super::table;

/// The file to read, and the source that named it.
#[derive(Debug)]
pub(super) enum Wanted {
    /// The default file, if it exists.
    Default,
    Named {
        path: PathBuf,
        by: Source,
    },
}

/// Reads the file and gives its values to the layers.
pub(super) fn read(wanted: &Wanted, read_file: impl Fn(&Path) -> io::Result<String>, layers: &mut Layers) {
    let (path, by) = match wanted {
        Wanted::Default => (Path::new(FILE_DEFAULT), "read by default".to_owned()),
        Wanted::Named { path, by } => (path.as_path(), by.to_string()),
    };
    let shown = path.display().to_string();
    match (read_file(path), wanted) {
        (Ok(text), _) => {
            take(&shown, &text, layers);
            layers.file = Some(shown);
        }
        (Err(error), Wanted::Default) if error.kind() == io::ErrorKind::NotFound => {}
        (Err(error), _) => layers.problems.push(Problem::unreadable(&shown, &by, &error)),
    }
}

fn take(path: &str, text: &str, layers: &mut Layers) {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return layers.problems.push(no_toml(path, text, &error)),
    };
    for (key, value) in table {
        let Some(setting) = table::settings().find(|setting| setting.key == key) else {
            layers.problems.push(unknown(path, &key, &value));
            continue;
        };
        let source = Source::File { path: path.to_owned(), key };
        match text_of(setting, &value) {
            // An empty list means the same as no list: only the default comes after the file.
            Some(text) if text.is_empty() && value.is_array() => {}
            Some(text) => layers.give(setting, source, text),
            None => layers.problems.push(Problem::refused(setting, &value.to_string(), source)),
        }
    }
}

fn unknown(path: &str, key: &str, value: &Toml) -> Problem {
    if value.is_table() {
        return Problem::no_tables(path, key);
    }
    Problem::unknown_key(path, key, table::nearest(key, table::settings().map(|setting| setting.key)))
}

/// The value as the text of a flag; `None` if its type is wrong for the setting.
fn text_of(setting: &Setting, value: &Toml) -> Option<String> {
    match (setting.shape, value) {
        (Shape::Number | Shape::Quantity, Toml::Integer(number)) => Some(number.to_string()),
        (Shape::Switch, Toml::Boolean(on)) => Some(on.to_string()),
        (Shape::List, Toml::Array(parts)) => {
            let texts: Option<Vec<&str>> = parts.iter().map(Toml::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        (_, Toml::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Leaves out the line that toml's own message shows: a secret could stand in it.
fn no_toml(path: &str, text: &str, error: &toml::de::Error) -> Problem {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Problem::no_toml(path, line, column, error.message())
}
