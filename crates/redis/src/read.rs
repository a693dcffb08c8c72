//! Reading, on the writer's connection or beside it on another.

use std::sync::Arc;

use bytes::Bytes;

use crate::link::{Failure, Link};
use crate::msgpack::LUA_MAX;
use crate::scripts::{Scripts, run};
use parlor_core::journal::{End, Load, Loaded, Page, PageOf, Reader};

/// Values that one request brings at most.
const VALUES_MAX: usize = 1 << 20;

/// Reads a journal in Redis beside its writer, from any thread.
pub(crate) struct RedisReader {
    link: Link,
    scripts: Arc<Scripts>,
    retain: u64,
}

impl RedisReader {
    pub fn new(link: Link, scripts: Arc<Scripts>, retain: u64) -> Self {
        RedisReader { link, scripts, retain }
    }
}

impl Reader for RedisReader {
    fn load(&mut self, what: Load) -> Loaded {
        load(&mut self.link, &self.scripts, self.retain, &what)
    }
}

pub(crate) fn load(link: &mut Link, scripts: &Scripts, retain: u64, load: &Load) -> Loaded {
    let loaded = match load {
        Load::Page(of) => page(link, scripts, retain, of).map(Loaded::Page),
        Load::Values(keys) => values(link, scripts, keys).map(Loaded::Values),
        Load::Scan { prefix, limit } => scan(link, scripts, prefix, *limit).map(Loaded::Values),
    };
    loaded.unwrap_or_else(|failure| Loaded::Unavailable(failure.words))
}

fn page(link: &mut Link, scripts: &Scripts, retain: u64, of: &PageOf) -> Result<Page, Failure> {
    let mut call = scripts.call(&scripts.page);
    let count = |count: usize| (count as u64).min(LUA_MAX);
    call.arg(of.log.as_str()).arg(of.after.min(LUA_MAX)).arg(of.before.min(LUA_MAX));
    call.arg(match of.end {
        End::Oldest => "0",
        End::Newest => "1",
    });
    call.arg(count(of.limit)).arg(count(of.bytes)).arg(retain);
    link.read(|connection| {
        let mut parts = run(&call, connection)?;
        if parts.is_over() {
            return Ok(Page::default());
        }
        let (first, head, epoch, version) = (parts.number()?, parts.number()?, parts.text()?, parts.number()?);
        let more = parts.number()? == 1;
        let mut records = Vec::new();
        while !parts.is_over() {
            records.push((parts.number()?, Bytes::from(parts.bytes()?)));
        }
        if of.end == End::Newest {
            records.reverse();
        }
        Ok(Page { records, more, first, head, epoch, version })
    })
}

fn values(link: &mut Link, scripts: &Scripts, keys: &[String]) -> Result<Vec<(String, Bytes)>, Failure> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = keys.iter().map(|key| scripts.key(&format!("v:{key}"))).collect();
    let found: Vec<Option<Vec<u8>>> = link.read(|connection| redis::cmd("MGET").arg(&names).query(connection))?;
    let pairs = keys.iter().zip(found);
    Ok(pairs.filter_map(|(key, value)| Some((key.clone(), Bytes::from(value?)))).collect())
}

fn scan(link: &mut Link, scripts: &Scripts, prefix: &str, limit: usize) -> Result<Vec<(String, Bytes)>, Failure> {
    let mut call = scripts.call(&scripts.scan);
    // No byte of UTF-8 is 0xff: so this bound is above all keys with the prefix.
    let above = [b"[", prefix.as_bytes(), b"\xff"].concat();
    call.arg([b"[", prefix.as_bytes()].concat()).arg(above).arg(limit.min(VALUES_MAX));
    link.read(|connection| {
        let mut parts = run(&call, connection)?;
        let mut values = Vec::new();
        while !parts.is_over() {
            values.push((parts.text()?, Bytes::from(parts.bytes()?)));
        }
        Ok(values)
    })
}
