//! The direction of dependencies, as ARCHITECTURE.md draws it: between packages by Cargo.toml, between folders of a package
//! by the paths in its source, which are parsed; and no circles between files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod bans;
mod circles;
mod packages;
mod resolve;
mod source;
mod tests;

use std::path::{Path, PathBuf};

use bans::{BANS, Ban, IMPURE, violations};
use circles::{circles, needs, shown};
use packages::{direct, tree};
use resolve::Crate;

/// `src` of the binary and of each crate.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = root.join("crates").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut sources: Vec<PathBuf> = crates.chain([root.to_owned()]).map(|path| path.join("src")).collect();
    sources.sort();
    sources.iter().map(|path| path.strip_prefix(root).unwrap().to_owned()).collect()
}

fn read(src: &Path) -> Crate {
    Crate(source::read(src))
}

#[test]
fn folders_name_only_what_they_may() {
    let crates: Vec<Crate> = sources().iter().map(|src| read(src)).collect();
    for ban in BANS {
        let files = crates.iter().flat_map(|one| one.0.values()).filter(|module| module.file.starts_with(ban.from));
        assert!(files.count() > 1, "there are no files in {}", ban.from);
        let broken: Vec<String> = crates.iter().flat_map(|one| violations(one, ban)).collect();
        assert!(broken.is_empty(), "{}:\n{}", ban.why, broken.join("\n"));
    }
}

#[test]
fn pure_crates_are_pure() {
    for from in ["crates/core/src", "crates/lounge/src"] {
        let ban = Ban { from, names: IMPURE, except: &[], why: "" };
        let broken = violations(&read(Path::new(from)), &ban);
        assert!(broken.is_empty(), "I/O, threads or clocks in {from}:\n{}", broken.join("\n"));
    }
}

#[test]
fn no_files_need_each_other_in_a_circle() {
    let mut found = Vec::new();
    for src in sources() {
        let needs = needs(&read(&src));
        found.extend(circles(&needs).iter().map(|circle| shown(circle, &needs)));
    }
    assert!(found.is_empty(), "import circles:\n{}", found.join("\n"));
}

#[test]
fn packages_are_built_from_what_they_may() {
    let runtimes = ["actix", "actix-http", "actix-rt", "actix-web", "mio", "tokio"];
    let of_the_product = ["clap", "mimalloc", "rusqlite", "toml"];
    for (name, banned) in [
        ("parlor-core", [&runtimes[..], &of_the_product].concat()),
        ("parlor-lounge", [&runtimes[..], &of_the_product].concat()),
        ("parlor-kit", of_the_product.to_vec()),
        ("parlor-redis", [&runtimes[..], &of_the_product].concat()),
        ("parlor-sqlite", runtimes.to_vec()),
        ("parlor-client", [&of_the_product[..], &["actix", "actix-http", "actix-rt", "actix-web"]].concat()),
    ] {
        let tree = tree(name);
        let broken: Vec<&&str> = banned.iter().filter(|banned| tree.contains(**banned)).collect();
        assert!(broken.is_empty(), "{name} is built from {broken:?}");
    }
    for (name, ours) in [
        ("parlor-client", &[][..]),
        ("parlor-core", &[]),
        ("parlor-kit", &["parlor-core"]),
        ("parlor-lounge", &["parlor-core"]),
        ("parlor-redis", &["parlor-core"]),
        ("parlor-sqlite", &["parlor-core"]),
        ("parlor-testkit", &[]),
    ] {
        let mut direct = direct(name);
        direct.retain(|name| name.starts_with("parlor"));
        assert!(direct.iter().eq(ours), "{name} lists {direct:?}, and may list {ours:?}");
    }
    let everything = tree("parlor");
    for name in runtimes.iter().chain(&of_the_product) {
        assert!(everything.contains(*name), "{name} is banned, but nothing uses it: it may have another name now");
    }
}
