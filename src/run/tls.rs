//! TLS, as the settings say.

use log::{error, info, warn};

use crate::config::Config;
use actix_rt::signal::unix::{SignalKind, signal};
use parlor_kit::Tls;

/// Reads the certificate and its key; `None` for plain HTTP.
///
/// # Errors
/// The reason why they can't be used, as a sentence for the operator.
pub fn load(config: &Config) -> Result<Option<Tls>, String> {
    let (Some(certificate), Some(key)) = (config.tls.tls_cert.path(), config.tls.tls_key.path()) else {
        return Ok(None);
    };
    Tls::from_pem_files(certificate, key).map(Some).map_err(|error| format!("{error} (settings: tls-cert, tls-key)"))
}

/// Reads the files again at every SIGHUP, for as long as it is polled.
///
/// # Errors
/// If the signal can't be listened for.
pub fn reload_on_hangup(tls: Tls) -> std::io::Result<impl Future<Output = ()>> {
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        while hangup.recv().await.is_some() {
            let reading = tls.clone();
            match actix_rt::task::spawn_blocking(move || reading.reload()).await {
                Ok(Ok(true)) => info!("SIGHUP: new connections get the new certificate"),
                Ok(Ok(false)) => info!("SIGHUP: the certificate has not changed"),
                Ok(Err(error)) => error!("SIGHUP: the certificate stays as it was: {error}"),
                Err(_) => warn!("SIGHUP: the certificate was not read"),
            }
        }
    })
}
