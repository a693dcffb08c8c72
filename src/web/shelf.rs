//! Files of other versions, which other nodes serve.
//!
//! While nodes are upgraded one after the other, the page of one version may ask a node of another version for its scripts. Their
//! names change with their content, so each node puts its own where all find them, and looks there for a name that it doesn't
//! know.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes};

use super::asset::{Asset, FOR_EVER, kind};

/// Names that are remembered, found or not.
const NAMES: usize = 64;
/// The largest file that is taken: all its encodings.
const BYTES: usize = 4 << 20;
/// The time after which a name that was not found is looked for again: a node may have come meanwhile.
const ABSENT_FOR: Duration = Duration::from_secs(2);
/// Lookups at a time. More are answered as if nothing were there: only junk makes so many.
const LOOKUPS: usize = 16;
/// Hexadecimal digits of the hash in a name, as `build/page.rs` writes it.
const HASH_DIGITS: usize = 12;
/// The longest name that is looked for.
const NAME_BYTES: usize = 128;

/// A place that all nodes put files to, and find them at.
pub trait Shelf: Send + Sync + 'static {
    /// Reads what was put there under a name. It may wait.
    ///
    /// # Errors
    /// The reason why it can't be read.
    fn find(&self, name: &str) -> Result<Option<Vec<u8>>, String>;
}

/// The files of other versions.
pub struct OtherVersions {
    shelf: Arc<dyn Shelf>,
    seen: Mutex<BTreeMap<String, Seen>>,
    lookups: AtomicUsize,
}

struct Seen {
    at: Instant,
    asset: Option<Arc<Asset>>,
}

impl OtherVersions {
    pub fn new(shelf: impl Shelf) -> Self {
        OtherVersions { shelf: Arc::new(shelf), seen: Mutex::default(), lookups: AtomicUsize::new(0) }
    }

    /// Finds a file that another version may have. A name that no version gives costs nothing.
    pub async fn find(&self, path: &str) -> Option<Arc<Asset>> {
        if !is_hashed(path) {
            return None;
        }
        if let Some(known) = self.known(path) {
            return known;
        }
        let _lookup = Lookup::begin(&self.lookups)?;
        let (shelf, name) = (Arc::clone(&self.shelf), path.to_owned());
        let found = web::block(move || shelf.find(&name)).await;
        let packed = found
            .map_err(|error| error.to_string())
            .flatten()
            .inspect_err(|error| log::warn!("the file {path} of another version can't be looked for: {error}"))
            .ok()?;
        let asset = packed.filter(|packed| packed.len() <= BYTES).and_then(|packed| unpack(path, packed)).map(Arc::new);
        self.note(path, asset.clone());
        asset
    }

    fn known(&self, path: &str) -> Option<Option<Arc<Asset>>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get(path).filter(|seen| seen.asset.is_some() || now() < seen.at + ABSENT_FOR)?;
        Some(seen.asset.clone())
    }

    fn note(&self, path: &str, asset: Option<Arc<Asset>>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= NAMES && !seen.contains_key(path) {
            // Those that were not found go first, then the oldest.
            let last =
                seen.iter().min_by_key(|(_, seen)| (seen.asset.is_some(), seen.at)).map(|(path, _)| path.clone());
            last.map(|last| seen.remove(&last));
        }
        seen.insert(path.to_owned(), Seen { at: now(), asset });
    }
}

#[expect(clippy::disallowed_methods, reason = "the age of an answer is real time")]
fn now() -> Instant {
    Instant::now()
}

/// A place among the lookups.
struct Lookup<'a>(&'a AtomicUsize);

impl<'a> Lookup<'a> {
    fn begin(lookups: &'a AtomicUsize) -> Option<Self> {
        let lookup = Lookup(lookups);
        (lookups.fetch_add(1, Ordering::Relaxed) < LOOKUPS).then_some(lookup)
    }
}

impl Drop for Lookup<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells whether a part of the path ends with a hash, before an extension or as a folder.
fn is_hashed(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let is_hash = |text: &str| {
        text.len() == HASH_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    path.len() <= NAME_BYTES
        && path.bytes().all(is_plain)
        && path.split('/').any(|part| part.split('.').skip(1).any(is_hash))
}

/// Puts a file into one value: the tag and the encodings, each after its length; an encoding that is not there is empty.
pub fn pack(asset: &Asset) -> Vec<u8> {
    let encodings = [Some(&asset.identity), asset.brotli.as_ref(), asset.gzip.as_ref()];
    let parts = [asset.tag.as_bytes()].into_iter().chain(encodings.map(|part| part.map_or(&[][..], |part| &part[..])));
    let mut packed = Vec::new();
    for part in parts {
        packed.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        packed.extend(part);
    }
    packed
}

/// Reads what [`pack`] wrote; `None` if it is anything else. A later version may write more behind it.
fn unpack(path: &str, packed: Vec<u8>) -> Option<Asset> {
    let mut rest = Bytes::from(packed);
    let mut part = || {
        let (length, _) = rest.split_first_chunk::<4>()?;
        let end = 4 + usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let part = (end <= rest.len()).then(|| rest.split_to(end))?;
        Some(part.slice(4..))
    };
    let (tag, identity, brotli, gzip) = (part()?, part()?, part()?, part()?);
    let tag =
        String::from_utf8(tag.to_vec()).ok().filter(|tag| tag.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    let encoding = |part: Bytes| Some(part).filter(|part| !part.is_empty());
    Some(Asset { tag, kind: kind(path), keep: FOR_EVER, identity, brotli: encoding(brotli), gzip: encoding(gzip) })
}

#[cfg(test)]
mod tests;
