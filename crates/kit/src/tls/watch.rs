//! A look at the files from time to time.

use std::time::Duration;

use actix_rt::task::spawn_blocking;
use actix_rt::time::sleep;
use log::{error, info};

use super::Tls;

/// Programs that renew certificates write files and tell nobody.
const INTERVAL: Duration = Duration::from_secs(10);

/// Takes a new pair when the files have changed, for as long as it is polled.
pub async fn watch(tls: Tls) {
    loop {
        sleep(INTERVAL).await;
        let looking = tls.clone();
        // Files may be on a disk that answers late.
        match spawn_blocking(move || looking.reload_if_changed()).await {
            Ok(Ok(true)) => info!("TLS: new connections get the new certificate"),
            Ok(Err(error)) => error!("TLS: the certificate stays as it was: {error}"),
            Ok(Ok(false)) | Err(_) => {}
        }
    }
}
