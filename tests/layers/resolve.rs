//! The whole path that a name stands for, and the module that defines it.

use std::collections::BTreeMap;

use super::source::{Module, Segments};

/// The most steps from alias to alias. Two modules may name each other in circles.
const STEPS: usize = 20;

pub struct Crate(pub BTreeMap<Segments, Module>);

impl Crate {
    /// From `crate` on, or from another crate's name on.
    pub fn absolute(&self, module: &Module, path: &[String]) -> Segments {
        self.follow(module, path, STEPS)
    }

    fn follow(&self, module: &Module, path: &[String], steps: usize) -> Segments {
        let Some((first, rest)) = path.split_first() else { return module.path.clone() };
        let join = |before: &[String], rest: &[String]| [before, rest].concat();
        match first.as_str() {
            "crate" => path.to_vec(),
            "self" => join(&module.path, rest),
            "super" => {
                let supers = path.iter().take_while(|segment| *segment == "super").count();
                let above = module.path.len().saturating_sub(supers);
                join(&module.path[..above], &path[supers..])
            }
            _ => match module.aliases.get(first) {
                Some(alias) if steps > 0 && alias[0] != *first => join(&self.follow(module, alias, steps - 1), rest),
                _ if module.children.contains(first) => join(&module.path, path),
                _ => path.to_vec(),
            },
        }
    }

    /// The module that defines an item of this crate. `None` for other crates' items and for paths to modules.
    pub fn definer(&self, path: &[String]) -> Option<&Module> {
        self.find(path, STEPS)
    }

    fn find(&self, path: &[String], steps: usize) -> Option<&Module> {
        let mut module = self.0.get(path.get(..1)?)?;
        for (at, segment) in path.iter().enumerate().skip(1) {
            if let Some(child) = self.0.get(&path[..=at]).filter(|_| module.path == path[..at]) {
                module = child;
                continue;
            }
            if module.items.contains(segment) || steps == 0 {
                return Some(module);
            }
            let rest = &path[at + 1..];
            if let Some(alias) = module.aliases.get(segment) {
                let whole = [&self.absolute(module, alias), rest].concat();
                return self.find(&whole, steps - 1);
            }
            let through = module.globs.iter().find_map(|glob| {
                let inside = [&self.absolute(module, glob)[..], &path[at..]].concat();
                self.find(&inside, steps - 1).filter(|found| found.items.contains(segment))
            });
            return Some(through.unwrap_or(module));
        }
        None
    }

    /// The module at this path.
    pub fn module(&self, path: &[String]) -> Option<&Module> {
        self.0.get(path)
    }
}
