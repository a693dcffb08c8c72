//! Commits as bytes: for the script that places them, and for the writers that hear of them.
//!
//! A commit is sent in two parts. Its *conditions* are for the script alone; its *body* is placed in the feed as it stands:
//!
//! | part | list of |
//! |---|---|
//! | conditions | appends (kind, number, lasts), puts (kind, bytes, lasts), 1 if the body is told to nobody |
//! | body | appends (log, epoch, at, records, state), amends (log, seq, record), puts (key, value, number of), drops, ephemerals (key, value), signals, at |
//!
//! A later version may add fields at the end of each of these lists: readers skip what they don't know.

use parlor_core::Time;
use parlor_core::journal::{
    Amend, Append, Commit, Ephemeral, Expect, ExpectValue, Followed, LogName, Outcome, Placed, Put, RecordOf,
    WriterName,
};

use crate::msgpack::{Packer, Unpacker};

/// A commit in its two parts.
pub(crate) struct Packed {
    pub conditions: Vec<u8>,
    pub body: Vec<u8>,
}

/// Packs a commit. `now`: the time of a commit that does not say its own.
pub(crate) fn pack(commit: &Commit, now: Time) -> Packed {
    Packed { conditions: conditions(commit, now), body: body(commit) }
}

/// Tells whether a commit holds nothing that is kept beyond its writer: no loss, if it is refused.
pub(crate) fn is_fleeting(commit: &Commit) -> bool {
    commit.appends.is_empty() && commit.amends.is_empty() && commit.puts.is_empty() && commit.drops.is_empty()
}

/// Tells whether a commit changes nothing: a barrier.
pub(crate) fn is_empty(commit: &Commit) -> bool {
    is_fleeting(commit) && commit.ephemerals.is_empty() && commit.signals.is_empty()
}

fn conditions(commit: &Commit, now: Time) -> Vec<u8> {
    let mut to = Packer::default();
    let written_at = commit.appends.first().map(|append| append.at).or(commit.at).unwrap_or(now);
    to.list(3);
    to.list(commit.appends.len());
    for append in &commit.appends {
        let (kind, number) = match append.expect {
            Expect::Anything => (0, 0),
            Expect::Missing => (1, 0),
            Expect::Head(head) => (2, head),
            Expect::Epoch => (3, 0),
            Expect::Version(version) => (4, version),
        };
        to.list(3);
        to.number(kind);
        to.number(number);
        to.optional_number(append.expires_at.map(|at| millis_between(append.at, at)));
    }
    to.list(commit.puts.len());
    for put in &commit.puts {
        let (kind, wanted) = match &put.expect {
            ExpectValue::Anything => (0, None),
            ExpectValue::Missing => (1, None),
            ExpectValue::Is(value) => (2, Some(value)),
            ExpectValue::MissingOr(value) => (3, Some(value)),
            ExpectValue::MissingOrBegins(beginning) => (4, Some(beginning)),
        };
        to.list(3);
        to.number(kind);
        to.optional_bytes(wanted.map(|wanted| &wanted[..]));
        to.optional_number(put.expires_at.map(|at| millis_between(written_at, at)));
    }
    if is_empty(commit) {
        to.number(1)
    } else {
        to.nothing()
    }
    to.finish()
}

fn millis_between(from: Time, to: Time) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX)
}

fn body(commit: &Commit) -> Vec<u8> {
    let mut to = Packer::default();
    to.list(7);
    to.list(commit.appends.len());
    for Append { log, epoch, at, records, state, .. } in &commit.appends {
        to.list(5);
        to.bytes(log.as_str().as_bytes());
        to.bytes(epoch.as_bytes());
        to.number(at.as_millis());
        to.list(records.len());
        records.iter().for_each(|record| to.bytes(record));
        to.optional_bytes(state.as_deref());
    }
    to.list(commit.amends.len());
    for Amend { log, seq, record } in &commit.amends {
        to.list(3);
        to.bytes(log.as_str().as_bytes());
        to.number(*seq);
        to.bytes(record);
    }
    to.list(commit.puts.len());
    for Put { key, value, number_of, .. } in &commit.puts {
        to.list(3);
        to.bytes(key.as_bytes());
        to.optional_bytes(value.as_deref());
        match number_of {
            Some(of) => {
                to.list(2);
                to.number(of.append as u64);
                to.number(of.record as u64);
            }
            None => to.nothing(),
        }
    }
    to.list(commit.drops.len());
    commit.drops.iter().for_each(|log| to.bytes(log.as_str().as_bytes()));
    to.list(commit.ephemerals.len());
    for Ephemeral { key, value } in &commit.ephemerals {
        to.list(2);
        to.bytes(key.as_bytes());
        to.optional_bytes(value.as_deref());
    }
    to.list(commit.signals.len());
    commit.signals.iter().for_each(|signal| to.bytes(signal));
    to.optional_number(commit.at.map(Time::as_millis));
    to.finish()
}

/// Unpacks the outcomes of a batch, as the script answers them.
pub(crate) fn outcomes(answer: &[u8]) -> Option<Vec<Outcome>> {
    Unpacker::new(answer).list_of(|from| {
        if from.is_false() {
            return Some(Outcome::Conflict);
        }
        from.list_of(placed).map(Outcome::Committed)
    })
}

/// Unpacks the commits of an entry of the feed, with the places of their appends.
pub(crate) fn followed(writer: &WriterName, places: &[u8], commits: &[u8]) -> Option<Vec<Followed>> {
    let places = Unpacker::new(places).list_of(|from| from.list_of(placed))?;
    let commits = Unpacker::new(commits).list_of(|from| unpack(from.bytes()?))?;
    let told = commits.into_iter().zip(places);
    Some(told.map(|(commit, placed)| Followed::new(writer.clone(), commit, placed)).collect())
}

fn placed(from: &mut Unpacker<'_>) -> Option<Placed> {
    from.fields(4, |from| {
        let (first, head, version) = (from.number()?, from.number()?, from.number()?);
        Some(Placed { first, head, epoch: from.text()?.to_owned(), version })
    })
}

fn unpack(body: &[u8]) -> Option<Commit> {
    Unpacker::new(body).fields(7, |from| {
        Some(Commit {
            appends: from.list_of(append)?,
            amends: from.list_of(amend)?,
            puts: from.list_of(put)?,
            drops: from.list_of(log)?,
            ephemerals: from.list_of(ephemeral)?,
            signals: from.list_of(Unpacker::buffer)?,
            at: from.optional(Unpacker::number)?.map(Time),
        })
    })
}

fn log(from: &mut Unpacker<'_>) -> Option<LogName> {
    from.text().map(LogName::new)
}

fn append(from: &mut Unpacker<'_>) -> Option<Append> {
    from.fields(5, |from| {
        let (log, epoch, at) = (log(from)?, from.text()?.to_owned(), Time(from.number()?));
        let records = from.list_of(Unpacker::buffer)?;
        let state = from.optional(Unpacker::buffer)?;
        Some(Append { log, expect: Expect::Anything, epoch, at, records, state, expires_at: None })
    })
}

fn amend(from: &mut Unpacker<'_>) -> Option<Amend> {
    from.fields(3, |from| Some(Amend { log: log(from)?, seq: from.number()?, record: from.buffer()? }))
}

fn put(from: &mut Unpacker<'_>) -> Option<Put> {
    from.fields(3, |from| {
        let (key, value) = (from.text()?.to_owned(), from.optional(Unpacker::buffer)?);
        let number_of = from.optional(|from| {
            from.fields(2, |from| {
                let (append, record) = (usize::try_from(from.number()?).ok()?, usize::try_from(from.number()?).ok()?);
                Some(RecordOf { append, record })
            })
        })?;
        Some(Put { key, value, expires_at: None, expect: ExpectValue::Anything, number_of })
    })
}

fn ephemeral(from: &mut Unpacker<'_>) -> Option<Ephemeral> {
    from.fields(2, |from| Some(Ephemeral { key: from.text()?.to_owned(), value: from.optional(Unpacker::buffer)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_all_that_others_hear_of() {
        let commit = Commit {
            appends: vec![Append {
                log: LogName::new("room/ä"),
                expect: Expect::Anything,
                epoch: "epoch".into(),
                at: Time(1_795_224_660_123),
                records: vec!["hello".into(), "".into()],
                state: Some("state".into()),
                expires_at: None,
            }],
            amends: vec![Amend { log: LogName::new("room/b"), seq: 7, record: vec![0xff; 300].into() }],
            puts: vec![Put::new("key", "value").number_of(RecordOf { append: 0, record: 1 }), Put::delete("gone")],
            drops: vec![LogName::new("room/c")],
            ephemerals: vec![
                Ephemeral { key: "ann".into(), value: Some("here".into()) },
                Ephemeral { key: "bo".into(), value: None },
            ],
            signals: vec!["typing".into()],
            at: Some(Time(1_795_224_660_124)),
        };
        assert_eq!(unpack(&body(&commit)), Some(commit));
        assert_eq!(unpack(&body(&Commit::default())), Some(Commit::default()));
    }

    #[test]
    fn a_body_that_is_cut_off_is_none() {
        let commit = Commit { signals: vec!["typing".into()], ..Commit::default() };
        let packed = body(&commit);
        for length in 0..packed.len() {
            assert_eq!(unpack(&packed[..length]), None);
        }
    }
}
