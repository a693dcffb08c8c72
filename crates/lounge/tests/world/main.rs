//! A world in one process: a lounge, its journal, hostile clients and faults, from thousands of seeds. CONTRIBUTING.md says how
//! to run it.
//!
//! A seed makes a script, whose steps have all that they need written out. The script is done step by step; after each one, what
//! every client has heard is compared with what docs/protocol.md promises. A script that fails is shrunk and printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm
)]

mod client;
mod contract;
mod disk;
mod fault;
mod hear;
mod model;
mod node;
mod nodes;
mod plan;
mod script;
mod seeds;
mod settings;
mod shaky;
mod shrink;
mod step;
mod world;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use script::Script;
use seeds::Amount;

/// Scripts that failed once.
fn regressions() -> Vec<Trial> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/world/regressions");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let of = |file: std::path::PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        Trial::test(format!("world::regression::{name}"), move || {
            let script = Script::parse(&std::fs::read_to_string(&file).unwrap())?;
            match world::run(&script).fault {
                Some((step, fault)) => Err(Failed::from(format!("step {step}: {}: {}", fault.rule, fault.words))),
                None => Ok(()),
            }
        })
    };
    files.into_iter().map(of).collect()
}

fn main() -> ExitCode {
    node::quieten_panics();
    let mut trials = regressions();
    trials.push(Trial::test("world::a_seed_is_one_run", || {
        let script = plan::plan(7, 150);
        assert_eq!(Script::parse(&script.to_string())?, script);
        assert_eq!(world::run(&script).effects, world::run(&script).effects);
        Ok(())
    }));
    trials.push(Trial::test("world::seeds", || {
        println!("world: {}", seeds::try_seeds(&Amount::from_environment())?);
        Ok(())
    }));
    trials.push(Trial::test("world::several_servers", || {
        println!("world of three servers: {}", nodes::try_seeds(&Amount::from_environment())?);
        Ok(())
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
