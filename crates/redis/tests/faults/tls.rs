//! Redis over TLS.

use std::fs;
use std::net::TcpListener;

use parlor_redis::{OpenError, RedisJournal, RedisOptions};
use parlor_testkit::Redis;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;

#[test]
fn a_certificate_is_checked_and_everything_goes_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &authority).unwrap();
    fs::write(path("ca.pem"), authority.pem()).unwrap();
    fs::write(path("redis.pem"), certificate.pem()).unwrap();
    fs::write(path("key.pem"), key.serialize_pem()).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let redis = Redis::start_with(
        &[
            ["--appendonly", "yes"],
            ["--tls-port", &port.to_string()],
            ["--tls-cert-file", &path("redis.pem")],
            ["--tls-key-file", &path("key.pem")],
            ["--tls-ca-cert-file", &path("ca.pem")],
            ["--tls-auth-clients", "no"],
        ]
        .concat(),
    );
    let root_certificate = Some(path("ca.pem").into());
    let trusting = RedisOptions { root_certificate, ..options(&format!("rediss://localhost:{port}")) };
    let (mut here, mut there) = (open(&trusting), open(&trusting));
    there.restore().unwrap();
    assert_eq!(number(&say(&mut here, "1")), 1);
    assert_eq!(hear_until(&mut there, "1"), ["1"]);
    // The system's roots know nothing of this one.
    let strange = RedisOptions { root_certificate: None, ..trusting.clone() };
    assert!(matches!(RedisJournal::open(&strange).err(), Some(OpenError::Unreachable(_))));
    // Another host's certificate.
    let another = RedisOptions {
        root_certificate: trusting.root_certificate.clone(),
        ..options(&format!("rediss://127.0.0.1:{port}"))
    };
    assert!(matches!(RedisJournal::open(&another).err(), Some(OpenError::Unreachable(_))));
    let missing = RedisOptions { root_certificate: Some(path("none.pem").into()), ..trusting };
    assert!(matches!(RedisJournal::open(&missing).err(), Some(OpenError::Certificate(_))));
    drop(redis);
}
