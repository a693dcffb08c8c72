//! Names that files of a folder may not use.

use super::resolve::Crate;
use super::source::{Kind, Segments};

pub struct Ban {
    pub from: &'static str,
    /// Paths; each stands for everything below it.
    pub names: &'static [&'static str],
    /// Files for which the ban does not hold.
    pub except: &'static [&'static str],
    pub why: &'static str,
}

pub const BANS: &[Ban] = &[
    Ban {
        from: "crates/kit/src/server",
        names: &["crate::session", "crate::transport", "crate::serve"],
        except: &[],
        why: "transport → session → server",
    },
    Ban {
        from: "crates/kit/src/session",
        names: &["crate::transport", "crate::serve"],
        except: &[],
        why: "transport → session → server",
    },
    Ban {
        from: "src/config",
        names: &["parlor_core", "parlor_kit", "parlor_lounge", "parlor_sqlite", "crate::web", "crate::run"],
        except: &[],
        why: "settings are values: the binary maps them to what apps and server take",
    },
    Ban {
        from: "",
        names: &["actix_web_actors"],
        except: &["crates/kit/src/transport/handshake.rs"],
        why: "one file names actix_web_actors: the session behind it does not know it",
    },
];

/// Not for pure crates.
pub const IMPURE: &[&str] = &[
    "actix",
    "actix_rt",
    "actix_web",
    "tokio",
    "chrono::Local",
    "chrono::Utc::now",
    "rand::rng",
    "rand::rngs::SysRng",
    "rand::rngs::ThreadRng",
    "std::env",
    "std::fs",
    "std::io",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// Where a crate's files break a ban, as `file:line names path`.
pub fn violations(of: &Crate, ban: &Ban) -> Vec<String> {
    let mut broken = Vec::new();
    for module in of.0.values() {
        let file = module.file.display().to_string();
        if !file.starts_with(ban.from) || ban.except.contains(&file.as_str()) {
            continue;
        }
        for name in &module.names {
            let path = of.absolute(module, &name.path);
            let is_glob = name.kind == Kind::Glob || (name.kind == Kind::Reexport && module.globs.contains(&name.path));
            if ban.names.iter().any(|banned| covers(banned, &path, is_glob)) {
                broken.push(format!("{file}:{} names {}", name.line, path.join("::")));
            }
        }
    }
    broken
}

/// Whether a path leads to something banned. A glob of another crate's module brings in all that is below it.
fn covers(banned: &str, path: &Segments, is_glob: bool) -> bool {
    let banned: Vec<&str> = banned.split("::").collect();
    path.iter().zip(&banned).all(|(segment, banned)| segment == banned)
        && (path.len() >= banned.len() || (is_glob && path[0] != "crate"))
}
