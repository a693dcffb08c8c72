//! The secret that signs identities, in a file beside the journal.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;

/// Random bytes of a new secret.
const BYTES: usize = 32;
/// Less could be guessed, more is some other file; the bounds are those of the setting.
const LENGTH_MIN: usize = 16;
const LENGTH_MAX: usize = 4096;

/// Reads the secret beside a journal (`NAME.secret`), and creates it at the first use: one line of text, which may also be
/// given as a setting. To be called while the journal is open, so that two processes do not create two.
///
/// # Errors
/// If it can't be read or created, or if others than its owner may read it: a sentence that says what to do.
pub fn beside(journal: &Path) -> Result<Vec<u8>, String> {
    let path = path(journal);
    let name = path.display();
    let failed = |error: std::io::Error| {
        format!(
            "The secret {name} can't be used ({error}): give this user the right to read and write it, or set another by --secret."
        )
    };
    match File::open(&path) {
        Ok(mut file) => {
            check_mode(&file, &path)?;
            match read(&mut file).map_err(failed)? {
                text if text.is_empty() => make(&path).map_err(failed), // its creation was interrupted
                text if (LENGTH_MIN..=LENGTH_MAX).contains(&text.len()) => Ok(text),
                _ => Err(format!(
                    "The file {name} holds no secret of {LENGTH_MIN} to {LENGTH_MAX} bytes: put the right one there, or delete it, which makes everybody a new guest."
                )),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

/// Reads the secret beside a journal; `None`: there is none.
///
/// # Errors
/// As of [`beside`].
pub fn existing(journal: &Path) -> Result<Option<Vec<u8>>, String> {
    if path(journal).exists() { beside(journal).map(Some) } else { Ok(None) }
}

/// Writes a secret beside a journal that is being made.
///
/// # Errors
/// If there is another, or it can't be written: a sentence that says what to do.
pub fn put_beside(journal: &Path, secret: &[u8]) -> Result<(), String> {
    let path = path(journal);
    let name = path.display();
    match existing(journal)? {
        Some(there) if there == secret => Ok(()),
        Some(_) => {
            Err(format!("The file {name} holds another secret: move it out of the way, if no journal needs it."))
        }
        None => write(&path, secret).map_err(|error| format!("The secret {name} can't be written: {error}.")),
    }
}

/// Creates a secret for this process alone.
///
/// # Errors
/// If the system gives no randomness.
pub fn passing() -> Result<Vec<u8>, String> {
    random().map_err(|error| error.to_string())
}

fn path(journal: &Path) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(".secret");
    path.into()
}

/// Refuses a secret that others may read, like a private key: who reads it can act as any user.
#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_or(0, |file| file.permissions().mode());
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let name = path.display();
    Err(format!(
        "The secret {name} may be read by others (its mode is {:03o}), who could then act as any user: run `chmod 600 {name}`, or delete it if they may have read it, which makes everybody a new guest.",
        mode & 0o777
    ))
}

#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<(), String> {
    Ok(())
}

fn read(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LENGTH_MAX as u64 + 2).read_to_end(&mut text)?;
    Ok(text.trim_ascii().to_owned())
}

fn make(path: &Path) -> std::io::Result<Vec<u8>> {
    let secret = random()?;
    write(path, &secret)?;
    Ok(secret)
}

fn write(path: &Path, secret: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&[secret, b"\n"].concat())?;
    file.sync_all()
}

fn random() -> std::io::Result<Vec<u8>> {
    let mut bytes = [0; BYTES];
    SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn journal(directory: &tempfile::TempDir) -> PathBuf {
        directory.path().join("parlor.db")
    }

    #[test]
    fn is_made_once_and_differs_from_place_to_place() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = beside(&journal(&one)).unwrap();
        assert_eq!(secret.len(), 43);
        assert_eq!(beside(&journal(&one)).unwrap(), secret);
        assert_ne!(beside(&journal(&other)).unwrap(), secret);
        assert_ne!(passing().unwrap(), passing().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        beside(&journal(&directory)).unwrap();
        let path = directory.path().join("parlor.db.secret");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let words = beside(&journal(&directory)).unwrap_err();
            assert!(words.contains(&format!("its mode is {mode:o}")) && words.contains("chmod 600"), "{words}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        beside(&journal(&directory)).unwrap();
    }

    #[test]
    fn one_whose_making_was_cut_short_is_made_and_nonsense_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let secret = beside(&journal(&directory)).unwrap();
        let path = directory.path().join("parlor.db.secret");
        fs::write(&path, "").unwrap();
        let again = beside(&journal(&directory)).unwrap();
        assert_ne!(again, secret);
        assert_eq!(fs::read(&path).unwrap().trim_ascii(), again);
        for nonsense in ["short".to_owned(), "x".repeat(5000)] {
            fs::write(&path, nonsense).unwrap();
            let words = beside(&journal(&directory)).unwrap_err();
            assert!(words.contains("holds no secret of 16 to 4096 bytes"), "{words}");
        }
    }

    #[test]
    fn a_secret_moves_to_another_place_and_never_over_another_one() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(existing(&journal(&one)), Ok(None));
        let secret = beside(&journal(&one)).unwrap();
        assert_eq!(existing(&journal(&one)), Ok(Some(secret.clone())));
        for _ in 0..2 {
            put_beside(&journal(&other), &secret).unwrap();
        }
        assert_eq!(beside(&journal(&other)), Ok(secret.clone()));
        let words = put_beside(&journal(&other), b"another secret of sixteen bytes").unwrap_err();
        assert!(words.contains("holds another secret: move it"), "{words}");
        assert_eq!(beside(&journal(&other)), Ok(secret));
    }

    #[test]
    fn a_place_that_is_not_there_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let words = beside(&directory.path().join("nowhere/parlor.db")).unwrap_err();
        assert!(words.contains("nowhere/parlor.db.secret can't be used"), "{words}");
    }
}
