//! The subcommands. `export` and `backup` also work beside running servers; `import` and `copy` do not. `dev-cert` needs none.

mod backup;
mod copy;
mod dev_cert;
mod export;
mod import;
mod place;

pub use backup::backup;
pub use copy::copy;
pub use dev_cert::dev_cert;
pub use export::export;
pub use import::import;
