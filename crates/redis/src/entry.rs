//! Entries of the feed.

use std::sync::Arc;

use redis::{RedisResult, Value};

use crate::commit_body;
use crate::reply::{Parts, unexpected};
use parlor_core::Time;
use parlor_core::journal::{Followed, WriterName};

/// A place in the feed: the number of an entry, and its origin, which is a hash of it and of all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub number: u64,
    pub origin: Arc<str>,
}

/// An entry of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub at: Position,
    /// The origin of the entry before it.
    pub after: String,
    /// The writer; empty if Redis itself was told.
    pub writer: WriterName,
    /// The number of the batch, of those of its writer.
    pub batch: u64,
    /// The time at which it was placed, by Redis's clock, in milliseconds.
    pub time_ms: u64,
    pub told: Told,
}

/// Something that an entry tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A batch, as the script packed it.
    Batch { places: Vec<u8>, commits: Vec<u8> },
    /// A writer has begun.
    Began,
    /// A writer has ended.
    Ended(WriterName),
    /// The generation is another.
    Generation,
}

impl Entry {
    /// Reads an entry as `XRANGE` and `XREAD` bring it.
    pub fn read(value: Value) -> RedisResult<Self> {
        let mut parts = Parts::of(value)?;
        let id = parts.text()?;
        let number = id.strip_suffix("-0").and_then(|number| number.parse().ok()).ok_or_else(unexpected)?;
        let mut fields = parts.list()?;
        let (mut writer, mut batch, mut time_ms, mut origin, mut after) = (None, 0, 0, None, None);
        let (mut places, mut commits, mut ended) = (None, None, None);
        let (mut has_generation, mut has_begun) = (false, false);
        while !fields.is_over() {
            match &fields.bytes()?[..] {
                b"w" => writer = Some(fields.text()?),
                b"b" => batch = fields.number()?,
                b"t" => time_ms = fields.number()?,
                b"o" => origin = Some(fields.text()?),
                b"p" => after = Some(fields.text()?),
                b"n" => places = Some(fields.bytes()?),
                b"c" => commits = Some(fields.bytes()?),
                b"e" => ended = Some(fields.text()?),
                b"s" => {
                    fields.any()?;
                    has_begun = true;
                }
                b"g" => {
                    fields.any()?;
                    has_generation = true;
                }
                _ => drop(fields.any()?), // a field of a later version
            }
        }
        let told = match (places, commits, ended) {
            (Some(places), Some(commits), None) => Told::Batch { places, commits },
            (None, None, Some(ended)) => Told::Ended(ended.into()),
            (None, None, None) if has_generation => Told::Generation,
            (None, None, None) if has_begun => Told::Began,
            _ => return Err(unexpected()),
        };
        let (Some(writer), Some(origin), Some(after)) = (writer, origin, after) else { return Err(unexpected()) };
        let at = Position { number, origin: origin.into() };
        Ok(Entry { at, after, writer: writer.into(), batch, time_ms, told })
    }

    /// Bytes that it takes in memory, roughly.
    pub fn size(&self) -> usize {
        let told = match &self.told {
            Told::Batch { places, commits } => places.len() + commits.len(),
            Told::Began | Told::Ended(_) | Told::Generation => 0,
        };
        told + 200
    }

    /// Returns its commits as other writers hear of them; `None` if they can't be read.
    pub fn followed(&self) -> Option<Vec<Followed>> {
        match &self.told {
            Told::Batch { places, commits } => commit_body::followed(&self.writer, places, commits),
            Told::Ended(ended) => {
                let (at, ended) = (Some(Time(self.time_ms)), vec![ended.clone()]);
                Some(vec![Followed { at, ended, ..Followed::default() }])
            }
            Told::Began | Told::Generation => Some(Vec::new()),
        }
    }
}

/// Reads a list of entries.
pub(crate) fn entries(value: Value) -> RedisResult<Vec<Entry>> {
    let mut parts = Parts::of(value)?;
    let mut entries = Vec::new();
    while !parts.is_over() {
        entries.push(Entry::read(parts.any()?)?);
    }
    Ok(entries)
}
