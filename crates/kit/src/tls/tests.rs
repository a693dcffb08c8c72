use std::fs;
use std::path::PathBuf;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;

/// Two files in a folder of their own.
struct Files {
    _folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files =
            Files { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem"), _folder: folder };
        files.write(certificate, key);
        files
    }

    fn write(&self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) {
        fs::write(&self.certificate, certificate).unwrap();
        fs::write(&self.key, key).unwrap();
    }

    fn load(&self) -> Result<Tls, TlsError> {
        Tls::from_pem_files(&self.certificate, &self.key)
    }

    /// The error, without the folder.
    fn refusal(&self) -> String {
        let folder = self.certificate.parent().unwrap().display().to_string() + "/";
        self.load().unwrap_err().to_string().replace(&folder, "")
    }
}

fn made(from: i32, until: i32) -> (String, String) {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn served(tls: &Tls) -> Vec<u8> {
    tls.0.served.lock().cert[0].to_vec()
}

#[test]
fn a_pair_is_read_from_two_files_or_from_one() {
    let (certificate, key) = made(2020, 2090);
    assert!(Files::new(&certificate, &key).load().is_ok());
    let both = format!("{key}{certificate}{certificate}");
    assert!(Files::new(&both, &both).load().is_ok());
}

#[test]
fn what_is_wrong_is_named_with_its_file() {
    let (certificate, key) = made(2020, 2090);
    let (_, other) = made(2020, 2090);
    let refused = |certificate: &str, key: &str| Files::new(certificate, key).refusal();
    assert_eq!(refused(&certificate, &other), "the private key key.pem belongs to another certificate than cert.pem");
    assert_eq!(refused(&key, &key), "the certificate cert.pem can't be used: it holds no block BEGIN CERTIFICATE");
    assert_eq!(
        refused(&certificate, &certificate),
        "the private key key.pem can't be used: it holds no block BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY"
    );
    let locked = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert!(refused(&certificate, &locked).contains("it is protected by a password"));
    let cut = &certificate[..certificate.len() / 2];
    assert_eq!(refused(cut, &key), "the certificate cert.pem can't be used: a PEM block in it is damaged");
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(refused(junk, &key), "the certificate cert.pem can't be used: its first block is no X.509 certificate");
    assert_eq!(
        refused(&"x".repeat((1 << 20) + 1), &key),
        "the certificate cert.pem is longer than 1 MiB: is it a PEM file?"
    );
    let files = Files::new(&certificate, &key);
    fs::remove_file(&files.key).unwrap();
    assert_eq!(files.refusal(), "the private key key.pem can't be read: No such file or directory (os error 2)");
}

#[test]
fn a_certificate_out_of_its_time_is_refused() {
    let refused = |(certificate, key): (String, String)| Files::new(certificate, key).refusal();
    let expired = refused(made(2010, 2020));
    assert!(
        expired.starts_with("the certificate cert.pem can't be used: it has expired on Jan  1 00:00:00 2020"),
        "{expired}"
    );
    let early = refused(made(2080, 2090));
    assert!(early.contains("it is not valid before Jan  1 00:00:00 2080") && early.contains("clock right?"), "{early}");
}

/// A server may run for longer than its certificate is valid.
#[test]
fn the_end_of_a_certificate_is_warned_of_while_the_server_runs() {
    let (certificate, key) = made(2020, 2090);
    let tls = Files::new(certificate, key).load().unwrap();
    let end_seconds = 3_786_912_000_u64; // 2090-01-01
    let days_before = |days: u64| Time::from_millis((end_seconds - days * 24 * 60 * 60) * 1000);
    assert_eq!(tls.warning(days_before(15)), None);
    assert!(tls.warning(days_before(13)).unwrap().contains("for 13 more days: renew it"));
    let ended = Time::from_millis((end_seconds + 1) * 1000);
    assert!(tls.warning(ended).unwrap().contains("it has expired on Jan  1 00:00:00 2090"));
}

#[test]
fn no_error_shows_anything_of_a_key() {
    let (certificate, key) = made(2020, 2090);
    let secret = key.lines().nth(1).unwrap();
    for broken in [key.replace("-----END", "----END"), key.replace("-----BEGIN ", "-----BEGIN"), key.replace('M', "*")]
    {
        let refusal = Files::new(&certificate, &broken).refusal();
        assert!(!refusal.contains(&secret[..8]) && !refusal.contains("[77"), "{refusal}");
    }
}

#[test]
fn new_files_are_taken_and_bad_ones_are_not() {
    let (first, key) = made(2020, 2090);
    let files = Files::new(first, key);
    let tls = files.load().unwrap();
    let before = served(&tls);
    assert!(!tls.reload_if_changed().unwrap(), "nothing has changed");

    let (second, second_key) = made(2021, 2091);
    files.write(&second, "half wri"); // a program renews them just now
    assert!(tls.reload_if_changed().is_err());
    assert!(!tls.reload_if_changed().unwrap(), "the mistake is told once");
    assert!(tls.reload().is_err(), "but always to who asks");
    assert_eq!(served(&tls), before);

    files.write(&second, &second_key);
    assert!(tls.reload_if_changed().unwrap());
    assert_ne!(served(&tls), before);
    assert!(!tls.reload().unwrap());
    fs::remove_file(&files.certificate).unwrap();
    assert!(tls.reload_if_changed().is_err());
}
