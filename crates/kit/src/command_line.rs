//! The command line of a program that is nothing but a server.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::RangeInclusive;

/// An option of a program's own.
#[derive(Debug)]
pub(crate) struct Own {
    /// Without its dashes.
    pub name: &'static str,
    /// The word for its value in the help, if it takes one.
    pub value: Option<&'static str>,
    pub help: &'static str,
}

/// The options of its own that a [`Program`](crate::Program) was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Given(BTreeMap<&'static str, String>);

impl Given {
    /// Returns whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns the option's value, if it was given. Of several the last.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the option's value as a number, or `default` if it was not given.
    ///
    /// # Errors
    /// If it is no number that is allowed: a sentence for [`Program::main`](crate::Program::main).
    pub fn number(&self, name: &str, default: u64, allowed: RangeInclusive<u64>) -> Result<u64, String> {
        let Some(value) = self.value(name) else { return Ok(default) };
        let (min, max) = (allowed.start(), allowed.end());
        let number = value.parse().ok().filter(|number| allowed.contains(number));
        number.ok_or_else(|| format!("--{name} {value}: must be a whole number from {min} to {max}"))
    }
}

/// An order to serve.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    pub host: String,
    pub port: u16,
    pub given: Given,
}

/// Command lines that are no order to serve.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Other {
    Help(String),
    Mistake(String),
}

impl CommandLine {
    pub fn parse(words: impl IntoIterator<Item = OsString>, default_port: u16, own: &[Own]) -> Result<Self, Other> {
        let mut words = lexopt::Parser::from_iter(words);
        let name = words.bin_name().unwrap_or("server").to_owned();
        let mistake = |text: String| Other::Mistake(format!("error: {text}\n`{name} --help` tells what is allowed."));
        let mut line = CommandLine { host: "127.0.0.1".into(), port: default_port, given: Given::default() };
        while let Some(word) = words.next().map_err(|error| mistake(error.to_string()))? {
            let word = match word {
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                    return Err(Other::Help(help(&name, default_port, own)));
                }
                lexopt::Arg::Long(word) => word.to_owned(),
                other @ (lexopt::Arg::Short(_) | lexopt::Arg::Value(_)) => {
                    return Err(mistake(other.unexpected().to_string()));
                }
            };
            let known = own.iter().find(|own| own.name == word);
            let is_flag = known.is_some_and(|own| own.value.is_none());
            let mut value = String::new();
            if !is_flag && (known.is_some() || word == "host" || word == "port") {
                let given = words.value().map_err(|error| mistake(error.to_string()))?;
                value = given.into_string().map_err(|_| mistake(format!("--{word}: not UTF-8")))?;
            }
            match (known, word.as_str()) {
                (Some(own), _) => drop(line.given.0.insert(own.name, value)),
                (None, "host") => line.host = value,
                (None, "port") => {
                    let port = value.parse();
                    line.port =
                        port.map_err(|_| mistake(format!("--port {value}: must be a number from 0 to 65535")))?;
                }
                (None, word) => return Err(mistake(lexopt::Arg::Long(word).unexpected().to_string())),
            }
        }
        Ok(line)
    }
}

fn help(name: &str, default_port: u16, own: &[Own]) -> String {
    let own =
        own.iter().map(|own| (own.value.map_or(own.name.into(), |v| format!("{} {v}", own.name)), own.help.into()));
    let mut rows: Vec<(String, String)> =
        own.map(|(name, help): (String, String)| (format!("--{name}"), help)).collect();
    let usage: String = rows.iter().map(|(option, _)| format!(" [{option}]")).collect();
    rows.extend([
        ("--host HOST".into(), "Address to listen on: 0.0.0.0 for all [default: 127.0.0.1]".into()),
        ("--port PORT".into(), format!("Port to listen on, 0 to 65535; 0 for any free one [default: {default_port}]")),
        ("-h, --help".into(), "Print this help".into()),
    ]);
    let width = rows.iter().map(|(option, _)| option.len()).max().unwrap_or(0);
    let rows: String = rows.iter().map(|(option, help)| format!("  {option:width$}  {help}\n")).collect();
    format!(
        "Usage: {name}{usage} [--host HOST] [--port PORT]\n\nOptions:\n{rows}\n\
         RUST_LOG sets what is logged: error, warn, info (the default), debug, trace.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [Own; 2] = [
        Own { name: "together", value: None, help: "All clients hear the time at once" },
        Own { name: "redis", value: Some("URL"), help: "Keep messages in Redis" },
    ];

    fn parse(words: &str) -> Result<CommandLine, Other> {
        let words = std::iter::once("echo").chain(words.split_whitespace());
        CommandLine::parse(words.map(OsString::from), 9998, &OWN)
    }

    fn at(host: &str, port: u16) -> Result<CommandLine, Other> {
        Ok(CommandLine { host: host.into(), port, given: Given::default() })
    }

    #[test]
    fn host_and_port_in_any_order() {
        assert_eq!(parse(""), at("127.0.0.1", 9998));
        assert_eq!(parse("--port 1 --host ::1"), at("::1", 1));
        assert_eq!(parse("--host=0.0.0.0 --port=0"), at("0.0.0.0", 0));
    }

    #[test]
    fn options_of_its_own_beside_them() {
        let Ok(line) = parse("--redis one --together --port 7 --redis=redis://two") else { panic!("not taken") };
        assert_eq!(line.port, 7);
        assert!(line.given.has("together") && line.given.has("redis") && !line.given.has("port"));
        assert_eq!(line.given.value("redis"), Some("redis://two"));
        let Ok(line) = parse("") else { panic!("not taken") };
        assert!(!line.given.has("together") && line.given.value("redis").is_none());
    }

    #[test]
    fn numbers_are_within_their_bounds() {
        let Ok(line) = parse("--redis 7") else { panic!("not taken") };
        assert_eq!(line.given.number("redis", 1, 0..=7), Ok(7));
        assert_eq!(line.given.number("idle", 5, 0..=7), Ok(5));
        let said = "--redis 7: must be a whole number from 1 to 6";
        assert_eq!(line.given.number("redis", 1, 1..=6), Err(said.to_owned()));
    }

    #[test]
    fn mistakes_name_what_is_wrong_and_what_is_allowed() {
        for (words, said) in [
            ("--port", "missing argument for option '--port'"),
            ("--port 65536", "--port 65536: must be a number from 0 to 65535"),
            ("--prot 1", "invalid option '--prot'"),
            ("1234", "unexpected argument \"1234\""),
            ("-p", "invalid option '-p'"),
            ("--redis", "missing argument for option '--redis'"),
            ("--together=yes", "unexpected argument for option '--together': \"yes\""),
        ] {
            let Err(Other::Mistake(message)) = parse(words) else { panic!("{words} was taken") };
            assert_eq!(message, format!("error: {said}\n`echo --help` tells what is allowed."));
        }
    }

    #[test]
    fn help_names_all_options_and_defaults() {
        let Err(Other::Help(text)) = parse("--port 1 --help") else { panic!("no help") };
        assert!(text.starts_with("Usage: echo [--together] [--redis URL] [--host HOST] [--port PORT]\n"), "{text}");
        assert!(text.contains("\n  --together   All clients hear the time at once\n"), "{text}");
        assert!(text.contains("\n  --redis URL  Keep messages in Redis\n"), "{text}");
        assert!(text.contains("[default: 9998]") && text.contains("\n  --host HOST  Address"), "{text}");
    }
}
