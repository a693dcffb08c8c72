//! Every setting, and the command line.
//!
//! A setting is declared once, in the file of its subject, by `settings!` (`define.rs`); `table.rs` lists the subjects.
//! Everything else is made from that table: flags and help (`cli.rs`), variables (`environment.rs`), file keys (`file.rs`),
//! `parlor config` (`print.rs`) and `docs/settings.md` (`guide.rs`). `layers.rs` decides which value is in force.

#![allow(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    reason = "the fields' docs are `--help`'s text too: on a terminal `[::]` is an address and no link"
)]

mod base_path;
mod cli;
mod connection;
pub(crate) mod consistency;
mod define;
mod environment;
mod file;
mod game;
#[cfg(test)]
mod guide;
mod host_names;
mod identity;
mod journal;
mod layers;
mod limits;
mod listen;
mod log;
mod node;
mod nodes;
mod optional_address;
mod optional_file;
mod origin;
mod presence;
mod print;
mod problem;
mod proxy;
mod redis_location;
mod room_names;
mod setting;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod tls;
mod units;
mod value;

use std::ffi::OsString;
use std::io;
use std::path::Path;

pub use cli::Command;
pub use connection::ConnectionSettings;
pub use game::GameSettings;
pub use host_names::HostName;
pub use identity::IdentitySettings;
pub use journal::{JournalLocation, JournalSettings, Synchronous};
pub use limits::LimitSettings;
pub use listen::ListenSettings;
pub use log::LogSettings;
pub use node::NodeListen;
pub use nodes::NodeSettings;
pub use origin::Origin;
pub use presence::PresenceSettings;
pub use problem::ConfigError;
pub use proxy::ForwardedHeader;
pub use redis_location::RedisLocation;
pub use tls::TlsSettings;

use layers::{InForce, Layers};
use source::Source;

/// All settings, by subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub listen: ListenSettings,
    pub tls: TlsSettings,
    pub identity: IdentitySettings,
    pub journal: JournalSettings,
    pub nodes: NodeSettings,
    pub limits: LimitSettings,
    pub connection: ConnectionSettings,
    pub presence: PresenceSettings,
    pub game: GameSettings,
    pub log: LogSettings,
}

/// The command, and the settings in force.
#[derive(Debug)]
pub struct Invocation {
    pub command: Command,
    pub config: Config,
    /// Warnings to be logged when the log is set up.
    pub warnings: Vec<String>,
    /// The file that was read.
    file: Option<String>,
    in_force: Vec<InForce>,
}

impl Config {
    /// Combines flags, variables and file, in that order of precedence. It reads only its arguments: `args` (the program's
    /// name first), `variables` and `read_file`, which is called for one file at most.
    ///
    /// # Errors
    /// Wrong usage: unknown flags and keys, values that aren't allowed, a file that can't be read; all of them at once if the
    /// command line can be parsed. Also help and version.
    pub fn load(
        args: impl IntoIterator<Item = OsString>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        read_file: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Invocation, ConfigError> {
        let mut layers = Layers::default();
        let line = cli::read(args, &mut layers).map_err(ConfigError::Usage)?;
        let environment = environment::read(variables, &mut layers);
        let named = match (line.file, environment.file) {
            (Some(file), _) => Some((file, Source::Flag("--config".to_owned()))),
            (None, Some(file)) => Some((file, Source::Variable(cli::FILE_VARIABLE.to_owned()))),
            (None, None) => None,
        };
        let wanted = named.map_or(file::Wanted::Default, |(path, by)| file::Wanted::Named { path: path.into(), by });
        file::read(&wanted, read_file, &mut layers);

        let config = Config::settle(&mut layers);
        if let Some(config) = &config {
            config.check(&line.command, &mut layers);
        }
        match config {
            Some(config) if layers.problems.is_empty() => Ok(Invocation {
                command: line.command,
                warnings: [environment.warnings, config.warnings(&layers)].concat(),
                config,
                file: layers.file,
                in_force: layers.in_force,
            }),
            Some(_) | None => Err(ConfigError::Problems(layers.problems)),
        }
    }

    /// Settles all subjects even if one fails, so that all problems are reported at once.
    fn settle(layers: &mut Layers) -> Option<Self> {
        let listen = ListenSettings::settle(layers);
        let tls = TlsSettings::settle(layers);
        let identity = IdentitySettings::settle(layers);
        let journal = JournalSettings::settle(layers);
        let nodes = NodeSettings::settle(layers);
        let limits = LimitSettings::settle(layers);
        let connection = ConnectionSettings::settle(layers);
        let presence = PresenceSettings::settle(layers);
        let game = GameSettings::settle(layers);
        let log = LogSettings::settle(layers);
        Some(Config {
            listen: listen?,
            tls: tls?,
            identity: identity?,
            journal: journal?,
            nodes: nodes?,
            limits: limits?,
            connection: connection?,
            presence: presence?,
            game: game?,
            log: log?,
        })
    }
}

impl Invocation {
    /// The sources of the settings in force, without values.
    pub fn sources(&self) -> String {
        print::sources(self.file.as_deref(), &self.in_force)
    }

    /// The settings in force as a TOML file that gives the same settings, without secrets; each with its source.
    pub fn to_toml(&self) -> String {
        print::toml(&self.in_force)
    }
}
