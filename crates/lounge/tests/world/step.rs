//! The steps of a script, each with all that it needs written out, and their text.

use std::fmt;
use std::time::Duration;

use crate::shaky::CALLBACKS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A client does something.
    Client(String, Act),
    /// Time passes, and the journal does its housekeeping meanwhile.
    Pass(Duration),
    SetClock {
        forward: bool,
        by: Duration,
    },
    /// The server is killed at this instant, and started again after a while.
    Kill(Duration),
    Journal(JournalStep),
    /// A callback panics when it is called next: an index in [`CALLBACKS`].
    Panic(usize),
    /// Faults end, everybody reads, graces are over: what is seen must be what is.
    Settle,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Connects as a stranger who remembers nothing.
    Connect,
    /// Connects as docs/protocol.md wants it: resume, join with since, what was not answered again.
    ComeBack,
    /// Connects with the token of another: two sessions of one user.
    ComeAs(String),
    Drop,
    /// Sends a request, with an `id` unless it has one. Strings that begin with `$` are filled in.
    Ask(String),
    /// The same request many times in a row.
    Flood(u32, String),
    /// Sends a request without an `id`.
    Murmur(String),
    /// Sends text as it stands.
    Send(String),
    SendBytes(Vec<u8>),
    StopReading,
    Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalStep {
    RefuseWrites,
    GoDown,
    Work,
    /// Commits wait from now on.
    Wait,
    /// Commits that wait are written, none waits any more.
    Write,
    /// Commits that wait fail together.
    FailBatch,
    HoldAnswers,
    GiveAnswers,
    HoldReads,
    PutOffReads,
    GiveReads,
    Tidy,
}

const JOURNAL_STEPS: [(&str, JournalStep); 12] = [
    ("the journal refuses writes", JournalStep::RefuseWrites),
    ("the journal is down", JournalStep::GoDown),
    ("the journal works", JournalStep::Work),
    ("writes wait", JournalStep::Wait),
    ("writes are done", JournalStep::Write),
    ("writes fail", JournalStep::FailBatch),
    ("answers wait", JournalStep::HoldAnswers),
    ("answers come", JournalStep::GiveAnswers),
    ("reads wait", JournalStep::HoldReads),
    ("reads are put off", JournalStep::PutOffReads),
    ("reads come", JournalStep::GiveReads),
    ("the journal tidies", JournalStep::Tidy),
];

impl Step {
    /// Reads a line.
    ///
    /// # Errors
    /// If it is no step.
    pub fn parse(line: &str) -> Result<Self, String> {
        let unknown = || format!("no step: {line}");
        if let Some((_, step)) = JOURNAL_STEPS.iter().find(|(text, _)| *text == line) {
            return Ok(Step::Journal(*step));
        }
        if let Some(time) = line.strip_suffix(" pass") {
            return parse_time(time).map(Step::Pass).ok_or_else(unknown);
        }
        if let Some(rest) = line.strip_prefix("the clock is set ") {
            let (way, time) = rest.split_once(' ').ok_or_else(unknown)?;
            let by = parse_time(time).ok_or_else(unknown)?;
            return Ok(Step::SetClock { forward: way == "forward", by });
        }
        if line == "the server is killed" {
            return Ok(Step::Kill(Duration::ZERO));
        }
        if let Some(time) = line.strip_prefix("the server is killed and off for ") {
            return parse_time(time).map(Step::Kill).ok_or_else(unknown);
        }
        if let Some(callback) = line.strip_prefix("the next panic is in ") {
            return CALLBACKS.iter().position(|known| *known == callback).map(Step::Panic).ok_or_else(unknown);
        }
        if line == "all settles" {
            return Ok(Step::Settle);
        }
        let (client, act) = line.split_once(' ').ok_or_else(unknown)?;
        Act::parse(act).map(|act| Step::Client(client.to_owned(), act)).ok_or_else(unknown)
    }
}

impl Act {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "connects" => Act::Connect,
            "comes back" => Act::ComeBack,
            "drops" => Act::Drop,
            "stops reading" => Act::StopReading,
            "reads" => Act::Read,
            _ => {
                if let Some(other) = text.strip_prefix("comes as ") {
                    return Some(Act::ComeAs(other.to_owned()));
                }
                if let Some(bytes) = text.strip_prefix("sends bytes ") {
                    return from_hex(bytes).map(Act::SendBytes);
                }
                let (verb, rest) = text.split_once(' ')?;
                match (verb, rest.split_once(" times ")) {
                    ("asks", Some((times, request))) if times.parse::<u32>().is_ok() => {
                        Act::Flood(times.parse().ok()?, request.to_owned())
                    }
                    ("asks", _) => Act::Ask(rest.to_owned()),
                    ("murmurs", _) => Act::Murmur(rest.to_owned()),
                    ("sends", _) => Act::Send(rest.to_owned()),
                    _ => return None,
                }
            }
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Client(client, act) => write!(f, "{client} {act}"),
            Step::Pass(time) => write!(f, "{} pass", time_text(*time)),
            Step::SetClock { forward, by } => {
                write!(f, "the clock is set {} {}", if *forward { "forward" } else { "back" }, time_text(*by))
            }
            Step::Kill(Duration::ZERO) => f.write_str("the server is killed"),
            Step::Kill(off) => write!(f, "the server is killed and off for {}", time_text(*off)),
            Step::Journal(step) => {
                let text = JOURNAL_STEPS.iter().find(|(_, known)| known == step).map_or("", |(text, _)| *text);
                f.write_str(text)
            }
            Step::Panic(callback) => write!(f, "the next panic is in {}", CALLBACKS[*callback]),
            Step::Settle => f.write_str("all settles"),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Connect => f.write_str("connects"),
            Act::ComeBack => f.write_str("comes back"),
            Act::ComeAs(other) => write!(f, "comes as {other}"),
            Act::Drop => f.write_str("drops"),
            Act::Ask(request) => write!(f, "asks {request}"),
            Act::Flood(times, request) => write!(f, "asks {times} times {request}"),
            Act::Murmur(request) => write!(f, "murmurs {request}"),
            Act::Send(text) => write!(f, "sends {text}"),
            Act::SendBytes(bytes) => {
                f.write_str("sends bytes ")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Act::StopReading => f.write_str("stops reading"),
            Act::Read => f.write_str("reads"),
        }
    }
}

const UNITS: [(&str, u64); 5] = [("days", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)];

fn time_text(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let fits = |(_, unit): &&(&str, u64)| millis > 0 && millis.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().find(fits).unwrap_or(&("ms", 1));
    format!("{} {name}", millis / unit)
}

fn parse_time(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_once(' ')?;
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(Duration::from_millis(number.parse::<u64>().ok()?.saturating_mul(*unit)))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
