//! Makes the page's files ready to be served: one script, one HTML with its styles, names that change with the content,
//! brotli and gzip. Needs nothing but Rust; what it can't handle fails the build.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a build script stops the build")]

mod bundle;
mod minify;
mod pack;
mod page;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed=build");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("static");
    let mut sources = BTreeMap::new();
    read(&root, &root, &mut sources);
    let files = page::assemble(&sources);
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("files.rs"), pack::table(&files, &out)).expect("OUT_DIR is writable");
}

/// All files below a directory, by their paths from the root, with `/`.
fn read(root: &Path, directory: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("static/ is readable") {
        let path = entry.expect("static/ is readable").path();
        if path.is_dir() {
            read(root, &path, into);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            into.insert(name, fs::read(&path).expect("files of static/ are readable"));
        }
    }
}
