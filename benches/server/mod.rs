//! The real server for benches. `PARLOR_BENCH_DIR` says on which disk its journal is.

use std::path::PathBuf;

use parlor_testkit::{Launch, Server};

pub fn start(flags: &[&str]) -> Server {
    let disk = std::env::var_os("PARLOR_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    Launch::new_on(&disk, env!("CARGO_BIN_EXE_parlor")).flags(&[flags, &["--log=off"]].concat()).start()
}
