use proptest::prelude::*;

use super::*;

fn ann() -> Name {
    Name::parse("Ann").unwrap()
}

fn signed() -> (Signer, Secret) {
    let signer = Signer::new(b"secret");
    let token = signer.sign(Uuid::from_u128(7), &ann(), 0, Time(1_795_224_660_123));
    (signer, token)
}

#[test]
fn a_token_says_whose_it_is() {
    let (signer, token) = signed();
    assert_eq!(
        signer.verify(&token),
        Ok(Claims { user: Uuid::from_u128(7), name: ann(), issued_at: Time(1_795_224_660_123), sign_outs: 0 })
    );
    assert_eq!(Signer::new(b"secret").verify(&token), signer.verify(&token), "after a restart");
}

/// A token given out must be good for years: if this fails, raise the version.
#[test]
fn tokens_given_out_stay_good() {
    let (_, token) = signed();
    assert_eq!(token.as_str(), "AQAAAAAAAAAAAAAAAAAAAAcAAAGh-7pom0FubhIO2bCSicN9Jd5aAfE5CYj377af8rlOBg9NA4Mlqooq");
}

#[test]
fn a_token_says_how_often_its_user_had_signed_out() {
    let signer = Signer::new(b"secret");
    for sign_outs in [1, 2, u32::MAX] {
        let token = signer.sign(Uuid::from_u128(7), &ann(), sign_outs, Time(5));
        let claims = Claims { user: Uuid::from_u128(7), name: ann(), issued_at: Time(5), sign_outs };
        assert_eq!(signer.verify(&token), Ok(claims));
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(signer.sign(Uuid::nil(), &ann(), 1, Time(5)).as_str()).unwrap();
    bytes[0] = VERSION; // the version is signed, too
    assert_eq!(signer.verify(&URL_SAFE_NO_PAD.encode(bytes)), Err(TokenError::BadSignature));
}

#[test]
fn the_longest_name_fits() {
    let signer = Signer::new(b"");
    let name = Name::parse(&"𠀀".repeat(32)).unwrap();
    let token = signer.sign(Uuid::max(), &name, u32::MAX, Time(u64::MAX));
    assert_eq!(signer.verify(&token).unwrap().name, name);
}

#[test]
fn another_secret_does_not_verify() {
    let (_, token) = signed();
    for secret in ["", "secret\0", "Secret", "secrets"] {
        assert_eq!(Signer::new(secret.as_bytes()).verify(&token), Err(TokenError::BadSignature), "{secret:?}");
    }
}

#[test]
fn another_version_does_not_verify() {
    let (signer, token) = signed();
    let mut bytes = URL_SAFE_NO_PAD.decode(token.as_str()).unwrap();
    bytes[0] = 3;
    assert_eq!(signer.verify(&URL_SAFE_NO_PAD.encode(bytes)), Err(TokenError::OtherVersion));
}

#[test]
fn a_signature_of_something_else_is_no_token() {
    let (signer, _) = signed();
    for signed in
        [&b"\x01"[..], b"\x01short", &[1; 25], b"\x01uuid-of-16-bytesnanosec8\xFF", b"\x01uuid-of-16-bytesnanosec8@"]
    {
        let signature = signer.keyed.clone().chain_update(signed).finalize().into_bytes();
        let token = URL_SAFE_NO_PAD.encode([signed, &signature[..]].concat());
        assert_eq!(signer.verify(&token), Err(TokenError::Malformed));
    }
}

#[test]
fn nothing_secret_is_shown() {
    let (signer, token) = signed();
    assert_eq!(format!("{signer:?} {token:?}"), "Signer(…) Secret(…)");
}

proptest! {
    #[test]
    fn junk_does_not_verify(junk in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,300}"]) {
        prop_assert!(signed().0.verify(&junk).is_err());
    }

    #[test]
    fn a_token_changed_anywhere_does_not_verify(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
        let (signer, token) = signed();
        let at = at.index(token.len());
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        prop_assert_eq!(signer.verify(&changed).is_ok(), changed == token.as_str());
    }
}
