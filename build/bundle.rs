//! Many ES modules as one: each becomes a function called once, in the order of their imports.
//!
//! Understood are the forms that the page's modules use, each beginning a line: `import {…} from`, `import name from`,
//! `import '…'`, `export function`, `class`, `const`, `default {`, and `export {…}`. Exports never change after their
//! module has run, and modules don't import in circles: so copies stand for live bindings.

use std::collections::{BTreeMap, BTreeSet};

pub struct Bundle {
    /// The script. It exports what the entry does, and each other module as an object with the module's name.
    pub code: String,
    /// The modules besides the entry, by path.
    pub modules: BTreeMap<String, Module>,
}

/// A module in a bundle.
pub struct Module {
    /// Its name in the bundle.
    pub name: String,
    /// The names that it exports.
    pub exports: Vec<String>,
}

/// Bundles `entry` and all it imports. `lazy` gives the address of a module that is imported when it is needed.
pub fn bundle(sources: &BTreeMap<String, String>, entry: &str, lazy: &dyn Fn(&str) -> String) -> Bundle {
    let mut bundler = Bundler {
        sources,
        lazy,
        numbers: BTreeMap::new(),
        open: BTreeSet::new(),
        code: String::new(),
        exports: BTreeMap::new(),
    };
    bundler.visit(entry, true);
    // The entry runs last, at the top level, where it may wait.
    let own = bundler.exports.remove(entry).expect("the entry was visited");
    let module = |(path, exports): (String, Vec<String>)| {
        let name = format!("m{}", bundler.numbers[&path]);
        (path, Module { name, exports })
    };
    Bundle {
        code: format!("{}export {{ {} }};\n", bundler.code, own.join(", ")),
        modules: bundler.exports.into_iter().map(module).collect(),
    }
}

struct Bundler<'a> {
    sources: &'a BTreeMap<String, String>,
    lazy: &'a dyn Fn(&str) -> String,
    numbers: BTreeMap<String, usize>,
    /// Modules whose imports are being visited.
    open: BTreeSet<String>,
    code: String,
    exports: BTreeMap<String, Vec<String>>,
}

impl Bundler<'_> {
    fn visit(&mut self, path: &str, is_entry: bool) -> usize {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        assert!(self.open.insert(path.to_owned()), "{path} imports itself in a circle");
        let source = self.sources.get(path).unwrap_or_else(|| panic!("there is no module {path}"));
        let (mut head, mut body, mut exports) = (String::new(), String::new(), Vec::new());
        let source = without_comments(source);
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import ") {
                let mut statement = line.to_owned();
                while !statement.ends_with(';') {
                    statement += lines.next().unwrap_or_else(|| panic!("{path}: an import without an end"));
                }
                head += &self.import(path, &statement);
            } else if let Some(rest) = line.strip_prefix("export ") {
                body += &export(path, rest, &mut exports);
            } else {
                body += line;
            }
            body.push('\n');
        }
        let body = self.rewrite_lazy(path, &body);
        self.open.remove(path);
        let number = self.numbers.len();
        self.numbers.insert(path.to_owned(), number);
        let returned: Vec<String> = exports
            .iter()
            .map(|name| if name == "default" { "default: default_".to_owned() } else { name.clone() })
            .collect();
        self.code += &if is_entry {
            format!("{head}{body}")
        } else {
            format!("export const m{number} = (() => {{\n{head}{body}return {{ {} }};\n}})();\n", returned.join(", "))
        };
        self.exports.insert(path.to_owned(), exports);
        number
    }

    fn import(&mut self, path: &str, statement: &str) -> String {
        let statement = statement.trim_start_matches("import ").trim_end_matches(';');
        let (names, from) = match statement.rsplit_once(" from ") {
            Some((names, from)) => (Some(names.trim()), from),
            None => (None, statement),
        };
        let number = self.visit(&resolve(path, from.trim().trim_matches('\'')), false);
        match names {
            None => String::new(),
            Some(names) if names.starts_with('{') => format!("const {} = m{number};\n", names.replace(" as ", ": ")),
            Some(name) => format!("const {{ default: {name} }} = m{number};\n"),
        }
    }

    /// `await import('…')` gets the address under which that module is served.
    fn rewrite_lazy(&self, path: &str, body: &str) -> String {
        let mut parts = body.split("await import('");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (target, rest) = part.split_once('\'').unwrap_or_else(|| panic!("{path}: import( without an end"));
            out += &format!("await import('{}'{rest}", (self.lazy)(&resolve(path, target)));
        }
        out
    }
}

/// The same without comments, blank lines and indentation. Lines within a template literal stay.
pub fn without_comments(source: &str) -> String {
    let (mut out, mut is_comment, mut is_template) = (String::new(), false, false);
    for line in source.lines() {
        let trimmed = line.trim_start();
        if is_template {
            out += line;
        } else if trimmed.is_empty() {
            continue;
        } else if is_comment || trimmed.starts_with("/**") || trimmed.starts_with("//") {
            is_comment = (is_comment || trimmed.starts_with("/**")) && !trimmed.ends_with("*/");
            continue;
        } else {
            out += without_comment_at_end(trimmed);
        }
        is_template ^= line.matches('`').count() % 2 == 1;
        out.push('\n');
    }
    out
}

/// A line of code without the comment behind it. One with quotes in it stays, since it may be part of a string.
fn without_comment_at_end(line: &str) -> &str {
    match line.rsplit_once(" // ") {
        Some((code, comment)) if code.ends_with([';', '{', '}', ',']) && !comment.contains(['\'', '"', '`']) => code,
        _ => line,
    }
}

/// The declaration behind an `export`, whose names are noted.
fn export(path: &str, rest: &str, exports: &mut Vec<String>) -> String {
    if let Some(list) = rest.strip_prefix('{') {
        let names = list.trim_end_matches([';', '}', ' ']).split(',');
        exports.extend(names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
        return String::new();
    }
    if let Some(value) = rest.strip_prefix("default ") {
        exports.push("default".to_owned());
        return format!("const default_ = {value}");
    }
    let mut words =
        rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty());
    let kind = words.find(|word| *word != "async").unwrap_or_default();
    assert!(["function", "class", "const"].contains(&kind), "{path}: this export is not understood: {rest}");
    exports.push(words.next().unwrap_or_else(|| panic!("{path}: an export without a name")).to_owned());
    rest.to_owned()
}

/// The path of what `from` imports as `target`.
pub fn resolve(from: &str, target: &str) -> String {
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for step in target.split('/') {
        match step {
            "." => {}
            ".." => assert!(path.pop().is_some(), "{from}: {target} is outside"),
            step => path.push(step),
        }
    }
    path.join("/")
}
