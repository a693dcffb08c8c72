//! The direction of dependencies, as ARCHITECTURE.md draws it: kit ← lounge ← the binary around them; inside the kit
//! transport → session → server → app; and no I/O in pure files.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// What files under `from` may not name, and where the rule does not hold.
struct Ban {
    from: &'static str,
    names: &'static [&'static str],
    except: &'static [&'static str],
    why: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        from: "crates/kit/src/server",
        names: &["crate::session", "crate::transport", "crate::serve::"],
        except: &[],
        why: "transport → session → server → app",
    },
    Ban {
        from: "crates/kit/src/session",
        names: &["crate::transport", "crate::serve::"],
        except: &[],
        why: "transport → session → server → app",
    },
    Ban {
        from: "src/config",
        names: &["parlor_core", "parlor_kit", "parlor_lounge", "crate::web", "crate::run"],
        except: &[],
        why: "settings are values; the binary maps them",
    },
    Ban {
        from: "crates",
        names: &["actix_web_actors"],
        except: &["crates/kit/src/transport/handshake.rs"],
        why: "one file imports it: the session behind it does not know it",
    },
];

const PURE: &[&str] = &["crates/core/src", "crates/lounge/src"];

const IMPURE: &[&str] =
    &["actix", "tokio", "std::net::Tcp", "std::fs", "std::thread", "std::time::Instant", "SystemTime", "SysRng"];

#[test]
fn dependencies_go_one_way() {
    let mut broken = Vec::new();
    for ban in BANS {
        for file in rust_files(Path::new(ban.from)) {
            let shown = file.display().to_string();
            if ban.except.iter().any(|except| shown.contains(except)) {
                continue;
            }
            broken.extend(named(&file, ban.names).map(|line| format!("{shown}:{line} ({})", ban.why)));
        }
    }
    assert!(broken.is_empty(), "against the grain:\n{}", broken.join("\n"));
}

#[test]
fn pure_files_are_pure() {
    let files = PURE.iter().flat_map(|path| rust_files(Path::new(path)));
    let broken: Vec<String> = files
        .flat_map(|file| {
            let lines: Vec<String> = named(&file, IMPURE).collect();
            lines.into_iter().map(move |line| format!("{}:{line}", file.display()))
        })
        .collect();
    assert!(broken.is_empty(), "I/O in pure files:\n{}", broken.join("\n"));
}

#[test]
fn the_rules_look_at_something() {
    for path in PURE.iter().copied().chain(BANS.iter().map(|ban| ban.from)) {
        assert!(!rust_files(Path::new(path)).is_empty(), "{path} has no Rust file");
    }
}

/// Lines of code, not comments, that have one of the names in them.
fn named<'a>(file: &Path, names: &'a [&str]) -> impl Iterator<Item = String> + use<'a> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let hits: Vec<String> = code
        .filter(|(_, line)| names.iter().any(|name| line.contains(name)))
        .map(|(number, line)| format!("{}: {}", number + 1, line.trim()))
        .collect();
    hits.into_iter()
}

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    let mut files: Vec<PathBuf> = entries.unwrap_or_default().iter().flat_map(|entry| rust_files(entry)).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
}
