//! A look at the files from time to time.

use std::time::Duration;

use actix_rt::task::spawn_blocking;
use actix_rt::time::sleep;
use log::{error, info, warn};

use super::Tls;
use crate::wall_clock;

/// Programs that renew certificates write files and tell nobody.
const INTERVAL: Duration = Duration::from_secs(10);

/// A certificate may end while the server runs: that is told once a day.
const LOOKS_A_DAY: u64 = 24 * 60 * 60 / INTERVAL.as_secs();

/// Takes a new pair when the files have changed, and warns before a certificate ends, for as long as it is polled.
pub async fn watch(tls: Tls) {
    for look in 1_u64.. {
        sleep(INTERVAL).await;
        if look.is_multiple_of(LOOKS_A_DAY)
            && let Some(words) = tls.warning(wall_clock())
        {
            warn!("{words}");
        }
        let looking = tls.clone();
        // Files may be on a disk that answers late.
        match spawn_blocking(move || looking.reload_if_changed()).await {
            Ok(Ok(true)) => info!("TLS: new connections get the new certificate"),
            Ok(Err(error)) => error!("TLS: the certificate stays as it was: {error}"),
            Ok(Ok(false)) | Err(_) => {}
        }
    }
}
