//! The command line: a flag for each setting, and the subcommands.

use std::ffi::OsString;

use clap::builder::OsStringValueParser;
use clap::{Arg, ArgAction, ArgMatches};

use super::journal::JournalLocation;
use super::layers::Layers;
use super::problem::Problem;
use super::setting::{Bounds, Setting, Shape, Subject};
use super::source::Source;
use super::table::SUBJECTS;
use super::value::Value;

/// The variable that names the file.
pub(super) const FILE_VARIABLE: &str = "PARLOR_CONFIG";
/// The file that is read if none is named and it exists.
pub(super) const FILE_DEFAULT: &str = "./parlor.toml";

const FILE_ARG: &str = "config";
const ROOM_ARG: &str = "room";
const BACKUP_ARG: &str = "file";
const FROM_ARG: &str = "from";
const TO_ARG: &str = "to";
const OUT_ARG: &str = "out";
const NAME_ARG: &str = "name";

/// Longer lines are hard to read.
const HELP_WIDTH_MAX: usize = 100;

const PRECEDENCE: &str = "Every setting can be given as a flag, as a variable, or as a key in the file, in this order of precedence: \
    --room-retention 7d, PARLOR_ROOM_RETENTION=7d, room_retention = \"7d\". An empty variable counts as not set. \
    Times: 250ms, 10s, 5m, 12h, 30d; a bare number is seconds. Sizes: 64KiB, 1MiB; a bare number is bytes.";

/// The command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve.
    Run,
    /// Print the settings in force.
    Config,
    /// Print a room's events as JSON lines.
    Export { room: String },
    /// Read a room's events from standard input, as `Export` printed them.
    Import,
    /// Copy a whole journal to another place.
    Copy { from: JournalLocation, to: JournalLocation },
    /// Copy the journal while the server runs.
    Backup { file: OsString },
    /// Make a certificate and its key in a folder.
    DevCert { out: OsString, names: Vec<String> },
}

/// The parsed command line.
#[derive(Debug)]
pub(super) struct CommandLine {
    pub command: Command,
    /// `--config`.
    pub file: Option<OsString>,
}

/// Parses the arguments, the program's name first, and gives the flags to the layers.
pub(super) fn read(args: impl IntoIterator<Item = OsString>, layers: &mut Layers) -> Result<CommandLine, clap::Error> {
    let matches = definition().try_get_matches_from(args)?;
    let (command, of_subcommand) = command(&matches, layers);
    let places: Vec<&ArgMatches> = [Some(&matches), of_subcommand].into_iter().flatten().collect();
    for setting in SUBJECTS.iter().flat_map(|subject| subject.settings) {
        give(setting, &places, layers);
    }
    let mut files = places.iter().filter_map(|matches| one(matches, FILE_ARG));
    let file = files.next();
    if files.next().is_some() {
        layers.problems.push(Problem::given_twice("--config"));
    }
    Ok(CommandLine { command, file })
}

/// The definition of the command line. Settings may stand before and after the subcommand; a subcommand takes those that it
/// uses.
pub(super) fn definition() -> clap::Command {
    clap::Command::new("parlor")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Rooms, chat, private messages, presence, Connect Four, counters and a clock, live in any browser.")
        .after_help(PRECEDENCE)
        .max_term_width(HELP_WIDTH_MAX)
        .arg(file_arg())
        .args(setting_args(|_| true))
        .subcommand(
            clap::Command::new("config")
                .about("Print the settings in force and the source of each, as a file for --config")
                .after_help("Takes every setting that `parlor --help` lists.")
                .arg(file_arg())
                .args(setting_args(|_| true).map(|arg| arg.hide(true))),
        )
        .subcommand(
            on_journal("export", "Print a room's events to standard output, as JSON lines")
                .arg(Arg::new(ROOM_ARG).value_name("ROOM").required(true).help("Name of the room")),
        )
        .subcommand(on_journal("import", "Read a room's events from standard input, as `export` printed them"))
        .subcommand(
            on_journal("backup", "Copy the journal to a new file, also while the server runs").arg(
                Arg::new(BACKUP_ARG)
                    .value_name("FILE")
                    .required(true)
                    .value_parser(OsStringValueParser::new())
                    .help("File to make"),
            ),
        )
        .subcommand(
            clap::Command::new("copy")
                .about("Copy a whole journal that no server uses to an empty one, of the same kind or another")
                .after_help("A place is what --journal takes: the path of a file, or the URL of a Redis.")
                .arg(file_arg())
                .args(setting_args(|setting| setting.key == "log" || setting.key.starts_with("redis_")))
                .args([(FROM_ARG, "FROM", "Journal to read"), (TO_ARG, "TO", "Journal to make")].map(
                    |(id, name, help)| {
                        Arg::new(id).value_name(name).required(true).value_parser(OsStringValueParser::new()).help(help)
                    },
                )),
        )
        .subcommand(
            clap::Command::new("dev-cert")
                .about("Make a self-signed certificate and its key, for trying out TLS")
                .arg(
                    Arg::new(OUT_ARG)
                        .long(OUT_ARG)
                        .value_name("FOLDER")
                        .value_parser(OsStringValueParser::new())
                        .default_value(".")
                        .help("Folder for parlor-cert.pem and parlor-key.pem"),
                )
                .arg(
                    Arg::new(NAME_ARG)
                        .value_name("NAME")
                        .num_args(0..)
                        .help("Host names and IP addresses beside localhost, 127.0.0.1 and ::1"),
                ),
        )
}

/// A subcommand that works on the journal and needs no other settings.
fn on_journal(name: &'static str, about: &'static str) -> clap::Command {
    clap::Command::new(name).about(about).arg(file_arg()).args(setting_args(|setting| {
        matches!(setting.key, "journal" | "synchronous" | "log") || setting.key.starts_with("redis_")
    }))
}

fn file_arg() -> Arg {
    Arg::new(FILE_ARG)
        .long(FILE_ARG)
        .value_name("FILE")
        .value_parser(OsStringValueParser::new())
        .help(format!("TOML file with settings [default: {FILE_DEFAULT} if it exists] [variable: {FILE_VARIABLE}]"))
}

fn setting_args(used: fn(&Setting) -> bool) -> impl Iterator<Item = Arg> {
    SUBJECTS.iter().flat_map(move |subject| {
        subject.settings.iter().filter(move |setting| used(setting)).map(move |setting| setting_arg(subject, setting))
    })
}

fn setting_arg(subject: &Subject, setting: &Setting) -> Arg {
    let facts = facts(setting);
    let details: String = setting.details().iter().map(|paragraph| format!("{paragraph}\n\n")).collect();
    let arg = Arg::new(setting.key)
        .long(setting.long())
        .value_name(setting.placeholder)
        .value_parser(OsStringValueParser::new())
        .allow_negative_numbers(true)
        .help_heading(subject.title)
        .help(format!("{} {facts}", setting.summary()))
        .long_help(format!("{}\n\n{details}{facts}", setting.summary()));
    let arg = arg.visible_aliases(setting.other_flag);
    match setting.shape {
        Shape::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Shape::List => arg.action(ArgAction::Append),
        Shape::Number | Shape::Quantity | Shape::Text | Shape::Secret => arg,
    }
}

fn facts(setting: &Setting) -> String {
    let default = setting.shown_default().map(|default| format!("[default: {default}] ")).unwrap_or_default();
    format!("{default}[allowed: {}] [variable: {}]", setting.allowed(), setting.variable())
}

fn command<'a>(matches: &'a ArgMatches, layers: &mut Layers) -> (Command, Option<&'a ArgMatches>) {
    match matches.subcommand() {
        Some(("config", found)) => (Command::Config, Some(found)),
        Some(("export", found)) => {
            let room = found.get_one::<String>(ROOM_ARG).cloned().unwrap_or_default();
            (Command::Export { room }, Some(found))
        }
        Some(("import", found)) => (Command::Import, Some(found)),
        Some(("backup", found)) => {
            let file = one(found, BACKUP_ARG).unwrap_or_default();
            (Command::Backup { file }, Some(found))
        }
        Some(("copy", found)) => {
            let [from, to] = [FROM_ARG, TO_ARG].map(|id| place(found, id, layers));
            let command = from.zip(to).map_or(Command::Run, |(from, to)| Command::Copy { from, to });
            (command, Some(found))
        }
        Some(("dev-cert", found)) => {
            let out = one(found, OUT_ARG).unwrap_or_else(|| ".".into());
            let names = found.get_many::<String>(NAME_ARG).into_iter().flatten().cloned().collect();
            (Command::DevCert { out, names }, None)
        }
        Some(_) | None => (Command::Run, None),
    }
}

/// Reads the place of a journal; `None`: the layers hold the problem.
fn place(found: &ArgMatches, id: &'static str, layers: &mut Layers) -> Option<JournalLocation> {
    let text = one(found, id).unwrap_or_default();
    let Some(text) = text.to_str() else {
        layers.problems.push(Problem::not_utf8(&id.to_uppercase(), Source::Flag("copy".to_owned())));
        return None;
    };
    let bounds = Bounds { min: "", max: "" };
    let place = JournalLocation::parse(text, bounds);
    if place.is_none() {
        let allowed = <JournalLocation as Value>::allowed(bounds);
        layers.problems.push(Problem::no_place(&id.to_uppercase(), text, &allowed));
    }
    place
}

/// Gives the values of this setting from all places: one, or several for a list.
fn give(setting: &'static Setting, places: &[&ArgMatches], layers: &mut Layers) {
    let source = || Source::Flag(setting.flag());
    let mut texts = Vec::new();
    for found in places {
        // An error only means that this subcommand doesn't take the flag.
        let given = found.try_get_many::<OsString>(setting.key).ok().flatten().into_iter().flatten();
        for text in given {
            match text.to_str() {
                Some(text) => texts.push(text.to_owned()),
                None => layers.problems.push(Problem::not_utf8(setting.key, source())),
            }
        }
    }
    if texts.len() > 1 && setting.shape != Shape::List {
        layers.problems.push(Problem::given_twice(&setting.flag()));
    } else if !texts.is_empty() {
        layers.give(setting, source(), texts.join(","));
    }
}

fn one(matches: &ArgMatches, id: &str) -> Option<OsString> {
    matches.get_one::<OsString>(id).cloned()
}
