//! Many ES modules as one: each becomes a block, in the order of their imports.
//!
//! Understood are the forms that the page's modules use, each beginning a line: `import {…} from`, `import name from`,
//! `import '…'`, `export function`, `class`, `const`, `default {`, and `export {…}`. Exports never change after their
//! module has run, and modules don't import in circles. So an export can be a `var`, which is seen outside of its block: what
//! imports it needs no line for that. For this each exported name is another one.

use std::collections::{BTreeMap, BTreeSet};

use crate::minify::script;

pub struct Bundle {
    /// The script. It exports what was asked for.
    pub code: String,
    /// The names that each module exports, by its path.
    pub exports: BTreeMap<String, Vec<String>>,
}

/// Bundles `entry` and all it imports. The bundle exports what the modules `open` do.
/// `lazy` gives the address of a module that is imported when it is needed.
pub fn bundle(sources: &BTreeMap<String, String>, entry: &str, open: &[&str], lazy: &dyn Fn(&str) -> String) -> Bundle {
    let mut bundler = Bundler {
        sources,
        lazy,
        open: BTreeSet::new(),
        declared: BTreeSet::new(),
        code: String::new(),
        exports: BTreeMap::new(),
    };
    bundler.visit(entry);
    let names: Vec<&str> = open.iter().flat_map(|path| &bundler.exports[*path]).map(String::as_str).collect();
    Bundle { code: script(&format!("{}export {{ {} }};\n", bundler.code, names.join(", "))), exports: bundler.exports }
}

struct Bundler<'a> {
    sources: &'a BTreeMap<String, String>,
    lazy: &'a dyn Fn(&str) -> String,
    /// Modules whose imports are being visited.
    open: BTreeSet<String>,
    /// Exported names. Only a default export has its module's.
    declared: BTreeSet<String>,
    code: String,
    /// Of the modules that have been visited.
    exports: BTreeMap<String, Vec<String>>,
}

impl Bundler<'_> {
    fn visit(&mut self, path: &str) {
        if self.exports.contains_key(path) {
            return;
        }
        assert!(self.open.insert(path.to_owned()), "{path} imports itself in a circle");
        let source = self.sources.get(path).unwrap_or_else(|| panic!("there is no module {path}"));
        let (mut head, mut body, mut exports) = (String::new(), String::new(), Vec::new());
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import ") {
                let statement = up_to(line, &mut lines, |line| line.ends_with(';'));
                head += &self.import(path, &statement);
            } else if let Some(rest) = line.strip_prefix("export ") {
                if is_function(rest) {
                    // First, since functions may be called before they stand there.
                    let function = up_to(rest, &mut lines, |line| line.starts_with('}') || is_whole(line));
                    head += &self.export(path, &function, &mut exports);
                    head += ";\n";
                } else {
                    body += &self.export(path, rest, &mut exports);
                }
            } else {
                body += line;
            }
            body.push('\n');
        }
        let code = format!("{{\n{head}{body}}}\n");
        self.code += &self.rewrite_lazy(path, &code);
        self.open.remove(path);
        self.exports.insert(path.to_owned(), exports);
    }

    /// Visits what is imported. Returns what gives it another name here, if it gets one.
    fn import(&mut self, path: &str, statement: &str) -> String {
        let statement = statement.trim_start_matches("import ").trim_end_matches(';');
        let (names, from) = match statement.rsplit_once(" from ") {
            Some((names, from)) => (names.trim(), from),
            None => ("", statement),
        };
        let target = resolve(path, from.trim().trim_matches('\''));
        self.visit(&target);
        let rename = |(own, here): (&str, &str)| format!("const {here} = {own};\n");
        match names.strip_prefix('{') {
            Some(list) => list
                .trim_end_matches('}')
                .split(',')
                .filter_map(|name| name.trim().split_once(" as "))
                .map(rename)
                .collect(),
            None if names.is_empty() => String::new(),
            None => rename((&default_of(&target), names)),
        }
    }

    /// The declaration behind an `export`, as a `var`. Its names are noted.
    fn export(&mut self, path: &str, rest: &str, exports: &mut Vec<String>) -> String {
        if let Some(list) = rest.strip_prefix('{') {
            let names = list.trim_end_matches([';', '}', ' ']).split(',').map(|name| name.trim().to_owned());
            exports.extend(names.filter(|name| !name.is_empty()));
            let unknown: Vec<&String> = exports.iter().filter(|name| !self.declared.contains(*name)).collect();
            assert!(unknown.is_empty(), "{path}: {unknown:?} can be exported where they are declared only");
            return String::new();
        }
        let (kind, name, value) = declaration(path, rest);
        assert!(self.declared.insert(name.clone()), "{path}: another module in this bundle exports {name}, too");
        let out = format!("var {name}{kind}{value}");
        exports.push(name);
        out
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

/// `first` and the lines that follow it, up to one that `ends`.
fn up_to<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>, ends: impl Fn(&str) -> bool) -> String {
    let mut out = first.to_owned();
    let mut is_over = ends(first);
    while !is_over {
        let line = lines.next().unwrap_or_else(|| panic!("this has no end: {first}"));
        out.push('\n');
        out += line;
        is_over = ends(line);
    }
    out
}

fn is_function(rest: &str) -> bool {
    rest.starts_with("function ") || rest.starts_with("async function ")
}

/// Whether a line that begins a function ends it, too.
fn is_whole(line: &str) -> bool {
    is_function(line) && line.ends_with('}') && line.matches('{').count() == line.matches('}').count()
}

/// The name that a module's default export has in a bundle.
fn default_of(path: &str) -> String {
    format!("default_{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// What a declaration declares: the words between name and value of a `var`, its name, and the rest.
fn declaration<'a>(path: &str, rest: &'a str) -> (&'static str, String, &'a str) {
    if let Some(value) = rest.strip_prefix("default ") {
        return (" = ", default_of(path), value);
    }
    const KINDS: [(&str, &str); 4] = [
        ("async function ", " = async function"),
        ("function ", " = function"),
        ("class ", " = class"),
        ("const ", ""),
    ];
    let found = KINDS.iter().find_map(|(start, words)| Some((*words, rest.strip_prefix(start)?)));
    let (words, after) = found.unwrap_or_else(|| panic!("{path}: this export is not understood: {rest}"));
    let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(after.len());
    let (name, value) = after.split_at(end);
    assert!(!name.is_empty(), "{path}: an export without a name: {rest}");
    (words, name.to_owned(), value)
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
