//! Files that need each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::Crate;
use super::source::Kind;

/// Who names whom: for each file the files that define what it uses, with one line as evidence. Declaring a module and
/// `pub use` of its items are no need of them.
pub type Needs = BTreeMap<String, BTreeMap<String, String>>;

pub fn needs(of: &Crate) -> Needs {
    let mut needs = Needs::new();
    // Tests stand beside the house: they may use all of it.
    for module in of.0.values().filter(|module| !module.path.iter().any(|part| part == "tests")) {
        let from = module.file.display().to_string();
        for name in module.names.iter().filter(|name| name.kind != Kind::Reexport) {
            let path = of.absolute(module, &name.path);
            let found = if name.kind == Kind::Glob { of.module(&path) } else { of.definer(&path) };
            let Some(target) = found.filter(|target| target.file != module.file) else { continue };
            let evidence = format!("{from}:{} uses {}", name.line, path.join("::"));
            needs.entry(from.clone()).or_default().entry(target.file.display().to_string()).or_insert(evidence);
        }
    }
    needs
}

/// Strongly connected components of more than one file.
pub fn circles(needs: &Needs) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&String, BTreeSet<String>> = needs.keys().map(|file| (file, reachable(needs, file))).collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (file, reached) in &reach {
        if reached.contains(*file) && !found.iter().any(|circle| circle.contains(*file)) {
            let mutual = |other: &&String| reach.get(other).is_some_and(|back| back.contains(*file));
            found.push(reached.iter().filter(mutual).cloned().collect());
        }
    }
    found
}

fn reachable(needs: &Needs, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(file) = open.pop() {
        for next in needs.get(&file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

/// The circle's files and the lines that make it one.
pub fn shown(circle: &BTreeSet<String>, needs: &Needs) -> String {
    let inside = |file: &String| {
        let needs = needs[file].iter().filter(|(target, _)| circle.contains(*target));
        needs.map(|(_, evidence)| format!("  {evidence}\n")).collect::<String>()
    };
    format!("{} files:\n{}", circle.len(), circle.iter().map(inside).collect::<String>())
}
