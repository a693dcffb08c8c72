//! A crate's source as modules and the paths that each names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

/// Segments, as written or from `crate` on.
pub type Segments = Vec<String>;

/// A module: a file, or a `mod name { … }` inside one.
#[derive(Debug, Default)]
pub struct Module {
    pub path: Segments,
    pub file: PathBuf,
    pub children: BTreeSet<String>,
    /// Names that are defined here.
    pub items: BTreeSet<String>,
    /// Names that `use` brings in, with the paths they stand for.
    pub aliases: BTreeMap<String, Segments>,
    pub globs: Vec<Segments>,
    pub names: Vec<Name>,
}

/// A path that a module names.
#[derive(Debug)]
pub struct Name {
    pub path: Segments,
    pub line: usize,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Path,
    Use,
    /// `use path::*`.
    Glob,
    /// `pub use`, with or without a glob.
    Reexport,
}

/// All modules below a crate's `src`.
pub fn read(src: &Path) -> BTreeMap<Segments, Module> {
    let mut modules = BTreeMap::new();
    for file in rust_files(src) {
        parse(&mut modules, module_path(src, &file), &file, &fs::read_to_string(&file).unwrap());
    }
    modules
}

pub fn parse(modules: &mut BTreeMap<Segments, Module>, path: Segments, file: &Path, text: &str) {
    let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let module = Module { path, file: file.into(), ..Module::default() };
    let mut reader = Reader { modules, module };
    reader.visit_file(&parsed);
    reader.finish();
}

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> = entries.flat_map(|entry| rust_files(&entry.unwrap().path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
}

fn module_path(src: &Path, file: &Path) -> Segments {
    let inside = file.strip_prefix(src).unwrap().with_extension("");
    let mut path: Segments = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
        path.pop();
    }
    path.insert(0, "crate".to_owned());
    path
}

struct Reader<'a> {
    modules: &'a mut BTreeMap<Segments, Module>,
    module: Module,
}

impl Reader<'_> {
    fn finish(self) {
        self.modules.insert(self.module.path.clone(), self.module);
    }

    fn name(&mut self, path: Segments, line: usize, kind: Kind) {
        self.module.names.push(Name { path, line, kind });
    }

    /// Each leaf of a `use` with its whole path.
    fn use_tree(&mut self, tree: &UseTree, before: &Segments, is_public: bool) {
        let with = |ident: &syn::Ident| {
            let mut path = before.clone();
            if ident != "self" || before.is_empty() {
                path.push(ident.unraw().to_string());
            }
            (path, ident.span().start().line)
        };
        let kind = if is_public { Kind::Reexport } else { Kind::Use };
        match tree {
            UseTree::Path(tree) => self.use_tree(&tree.tree, &with(&tree.ident).0, is_public),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.use_tree(tree, before, is_public));
            }
            UseTree::Name(name) => {
                let (path, line) = with(&name.ident);
                self.module.aliases.insert(path.last().unwrap().clone(), path.clone());
                self.name(path, line, kind);
            }
            UseTree::Rename(rename) => {
                let (path, line) = with(&rename.ident);
                self.module.aliases.insert(rename.rename.unraw().to_string(), path.clone());
                self.name(path, line, kind);
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.module.globs.push(before.clone());
                self.name(before.clone(), line, if is_public { Kind::Reexport } else { Kind::Glob });
            }
        }
    }

    /// Paths in a macro's arguments, which are tokens and no syntax tree.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Segments::new();
        let (mut colons, mut line) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if !path.is_empty() && colons == 2 => {
                    path.push(ident.unraw().to_string());
                    colons = 0;
                }
                TokenTree::Ident(ident) => {
                    self.path_of_tokens(std::mem::take(&mut path), line);
                    (path, colons, line) = (vec![ident.unraw().to_string()], 0, ident.span().start().line);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => colons += 1,
                TokenTree::Group(group) => {
                    self.path_of_tokens(std::mem::take(&mut path), line);
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.path_of_tokens(std::mem::take(&mut path), line);
                }
            }
        }
        self.path_of_tokens(path, line);
    }

    fn path_of_tokens(&mut self, path: Segments, line: usize) {
        if path.len() > 1 {
            self.name(path, line, Kind::Path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Some(name) = name_of(item) {
            self.module.items.insert(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.unraw().to_string();
        self.module.children.insert(name.clone());
        let Some((_, items)) = &item.content else { return };
        let path = [&self.module.path[..], &[name]].concat();
        let inner = Module { path, file: self.module.file.clone(), ..Module::default() };
        let mut reader = Reader { modules: &mut *self.modules, module: inner };
        items.iter().for_each(|item| reader.visit_item(item));
        reader.finish();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, &Segments::new(), !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let path = vec![item.ident.to_string()];
        if let Some((_, rename)) = &item.rename {
            self.module.aliases.insert(rename.to_string(), path.clone());
        }
        self.name(path, item.ident.span().start().line, Kind::Use);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Segments = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        if segments.len() > 1 {
            let line = path.segments[0].ident.span().start().line;
            self.name(segments, line, Kind::Path);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone());
    }

    /// `pub(in path)` says who may look, not what is used.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}
