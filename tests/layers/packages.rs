//! Dependencies between packages, as `cargo tree` shows them for this platform.

use std::collections::BTreeSet;
use std::process::Command;

/// Names of all packages that a package is built from, without itself.
pub fn tree(name: &str) -> BTreeSet<String> {
    ask(name, &[])
}

/// Names of the packages that its Cargo.toml lists under `[dependencies]`.
pub fn direct(name: &str) -> BTreeSet<String> {
    ask(name, &["--depth=1"])
}

fn ask(name: &str, more: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", name, "--edges=normal", "--prefix=none", "--locked", "--offline"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().skip(1).filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
