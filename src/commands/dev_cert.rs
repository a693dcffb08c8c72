//! `parlor dev-cert`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, Datelike, Utc};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd};

use parlor_kit::wall_clock;

/// The files, in the folder that is named.
const CERTIFICATE: &str = "parlor-cert.pem";
const KEY: &str = "parlor-key.pem";

/// Every certificate is for these names.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Browsers refuse certificates that are valid for longer than 398 days.
const DAYS: i64 = 365;

/// Makes a self-signed certificate for this machine and `names`, and its key, in `folder`; says how they are used.
///
/// # Errors
/// The reason why there is no pair, as a sentence for the operator. Files that are there stay as they are.
pub fn dev_cert(folder: &Path, names: &[String], mut out: impl Write) -> Result<(), String> {
    let (certificate, key) = make(names)?;
    let (certificate_path, key_path) = (folder.join(CERTIFICATE), folder.join(KEY));
    for path in [&certificate_path, &key_path] {
        if path.exists() {
            return Err(taken(path));
        }
    }
    write(&key_path, 0o600, &key)?;
    write(&certificate_path, 0o644, &certificate)?;
    let (certificate, key) = (certificate_path.display(), key_path.display());
    writeln!(
        out,
        "{certificate} and {key} are made, valid for {DAYS} days. Serve with\n\
         \n    parlor --tls-cert {certificate} --tls-key {key}\n\n\
         Browsers warn of a certificate that nobody has signed: it is for trying out."
    )
    .map_err(|error| error.to_string())
}

fn make(names: &[String]) -> Result<(String, String), String> {
    let all = LOCAL.iter().map(|name| (*name).to_owned()).chain(names.iter().cloned()).collect::<Vec<_>>();
    let mut params = CertificateParams::new(all).map_err(|_| {
        format!("a name can't stand in a certificate: {}; allowed are host names and IP addresses", names.join(", "))
    })?;
    params.distinguished_name.push(DnType::CommonName, "Parlor, for trying out");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // From yesterday on: another machine's clock may be behind.
    let [yesterday, last] = [-1, DAYS].map(date);
    params.not_before = date_time_ymd(yesterday.0, yesterday.1, yesterday.2);
    params.not_after = date_time_ymd(last.0, last.1, last.2);
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let certificate = params.self_signed(&key).map_err(|error| error.to_string())?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Returns year, month and day, so many days from now.
fn date(days: i64) -> (i32, u8, u8) {
    const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
    let now = i64::try_from(wall_clock().as_millis()).unwrap_or(0);
    let day = DateTime::<Utc>::from_timestamp_millis(now + days * DAY_MILLIS).unwrap_or_default();
    (day.year(), day.month() as u8, day.day() as u8)
}

/// A key is for its owner alone, from the moment it is there.
fn write(path: &Path, mode: u32, text: &str) -> Result<(), String> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            taken(path)
        } else {
            format!("{} can't be written: {error}", path.display())
        }
    })
}

fn taken(path: &Path) -> String {
    format!("{} is there already: nothing was made. Delete it, or name another folder with --out", path.display())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use parlor_kit::Tls;

    use super::*;

    #[test]
    fn a_pair_that_can_be_served_is_made_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let mut said = Vec::new();
        dev_cert(folder.path(), &["chat.lan".to_owned(), "192.168.1.7".to_owned()], &mut said).unwrap();
        let (certificate, key) = (folder.path().join(CERTIFICATE), folder.path().join(KEY));
        assert!(Tls::from_pem_files(&certificate, &key).is_ok());
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(String::from_utf8(said).unwrap().contains("parlor --tls-cert "));

        let before = fs::read(&key).unwrap();
        fs::remove_file(&certificate).unwrap();
        let refused = dev_cert(folder.path(), &[], Vec::new()).unwrap_err();
        assert!(refused.contains("parlor-key.pem is there already"), "{refused}");
        assert_eq!(fs::read(&key).unwrap(), before);
        assert!(!certificate.exists(), "nothing was made");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let refused = dev_cert(folder.path(), &["ü".to_owned()], Vec::new()).unwrap_err();
        assert!(refused.contains("ü; allowed are host names"), "{refused}");
        let refused = dev_cert(&folder.path().join("no/such"), &[], Vec::new()).unwrap_err();
        assert!(refused.contains("parlor-key.pem can't be written: No such file"), "{refused}");
    }
}
