//! The rates of an app's clients, by address, for all workers: so that reconnecting renews nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::moment::{Moment, steady_now};
use crate::server::bucket::{Bucket, Verdict};
use parlor_core::{AddressBlock, Limits, Rate};

/// The token buckets of all clients.
#[derive(Debug)]
pub struct Rates {
    client: Option<Rate>,
    address: Option<Rate>,
    started: Instant,
    by_address: Mutex<Addresses>,
}

/// Bounded: an address stays while it has clients, and then until its buckets are full again.
#[derive(Debug, Default)]
struct Addresses {
    buckets: HashMap<AddressBlock, Arc<Mutex<Buckets>>>,
    /// Addresses at which those with nothing but full buckets are forgotten.
    tidy_at: usize,
}

/// The buckets of one address.
#[derive(Debug)]
struct Buckets {
    /// All its clients together.
    all: Option<Bucket>,
    /// Those of clients that have gone, until they are full again. Newcomers go on with them, so that there are never
    /// more than there were clients at once.
    resting: Vec<Bucket>,
}

impl Rates {
    pub fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Rates {
            client: limits.rate,
            address: limits.address_rate,
            started: steady_now(),
            by_address: Mutex::default(),
        })
    }

    /// Gives a new client the bucket that an earlier client of its address has left; `None` if there is none.
    pub fn left(self: &Arc<Self>, address: AddressBlock) -> Option<ClientRate> {
        let buckets = self.by_address().buckets.get(&address).map(Arc::clone)?;
        let (rate, now) = (self.client.as_ref()?, self.now());
        let mut resting = lock(&buckets);
        resting.tidy(rate, now);
        let levels = resting.resting.iter().map(|bucket| bucket.level(rate, now)).enumerate();
        let (fullest, _) = levels.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let bucket = Some(resting.resting.swap_remove(fullest).handed_on());
        drop(resting);
        Some(ClientRate { rates: Arc::clone(self), buckets, bucket })
    }

    /// Gives a client a bucket of its own, at its first request.
    pub fn fresh(self: &Arc<Self>, address: AddressBlock) -> ClientRate {
        let now = self.now();
        let buckets = self.buckets(address, now);
        ClientRate { rates: Arc::clone(self), buckets, bucket: self.client.as_ref().map(|rate| Bucket::new(rate, now)) }
    }

    /// Returns whether anything is limited.
    pub fn is_limited(&self) -> bool {
        self.client.is_some() || self.address.is_some()
    }

    fn buckets(&self, address: AddressBlock, now: Moment) -> Arc<Mutex<Buckets>> {
        let addresses = &mut *self.by_address();
        if let Some(buckets) = addresses.buckets.get(&address) {
            return Arc::clone(buckets);
        }
        if addresses.buckets.len() >= addresses.tidy_at {
            #[expect(clippy::disallowed_methods, reason = "what stays does not depend on the order")]
            addresses.buckets.retain(|_, buckets| Arc::strong_count(buckets) > 1 || !self.is_full(buckets, now));
            addresses.tidy_at = (2 * addresses.buckets.len()).max(ADDRESSES_MIN);
        }
        let all = self.address.as_ref().map(|rate| Bucket::new(rate, now));
        let buckets = Arc::new(Mutex::new(Buckets { all, resting: Vec::new() }));
        addresses.buckets.insert(address, Arc::clone(&buckets));
        buckets
    }

    fn by_address(&self) -> MutexGuard<'_, Addresses> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self, buckets: &Mutex<Buckets>, now: Moment) -> bool {
        let mut buckets = lock(buckets);
        if let Some(rate) = &self.client {
            buckets.tidy(rate, now);
        }
        let all = buckets.all.as_ref().zip(self.address.as_ref());
        buckets.resting.is_empty() && all.is_none_or(|(bucket, rate)| bucket.is_full(rate, now))
    }

    fn now(&self) -> Moment {
        let passed = steady_now().saturating_duration_since(self.started);
        Moment(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Fewer addresses are not worth a look.
const ADDRESSES_MIN: usize = 1024;

impl Buckets {
    fn tidy(&mut self, rate: &Rate, now: Moment) {
        self.resting.retain(|bucket| !bucket.is_full(rate, now));
    }
}

fn lock(buckets: &Mutex<Buckets>) -> MutexGuard<'_, Buckets> {
    buckets.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rate of one client. Dropped, it leaves its bucket to the next client of its address.
#[derive(Debug)]
pub struct ClientRate {
    rates: Arc<Rates>,
    buckets: Arc<Mutex<Buckets>>,
    bucket: Option<Bucket>,
}

impl ClientRate {
    /// Counts one request.
    pub fn take(&mut self) -> Verdict {
        self.take_at(self.rates.now())
    }

    fn take_at(&mut self, now: Moment) -> Verdict {
        let own = self.bucket.as_mut().zip(self.rates.client.as_ref());
        let verdict = own.map_or(Verdict::Taken, |(bucket, rate)| bucket.take(rate, now));
        let (Verdict::Taken, Some(rate)) = (&verdict, &self.rates.address) else { return verdict };
        lock(&self.buckets).all.as_mut().map_or(Verdict::Taken, |bucket| match bucket.take(rate, now) {
            // Only a client's own refusals close it.
            Verdict::TooMany => Verdict::Refused { retry_after_ms: 1000 },
            verdict @ (Verdict::Taken | Verdict::Refused { .. }) => verdict,
        })
    }
}

impl Drop for ClientRate {
    fn drop(&mut self) {
        if let (Some(bucket), Some(rate)) = (self.bucket.take(), &self.rates.client)
            && !bucket.is_full(rate, self.rates.now())
        {
            lock(&self.buckets).resting.push(bucket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(address_burst: Option<f64>) -> Arc<Rates> {
        let rate = |burst| Rate { per_second: 0.001, burst, ..Rate::default() };
        let mut limits = Limits::default().rate(rate(5.0));
        limits.address_rate = address_burst.map(rate);
        Rates::new(&limits)
    }

    fn address(last: u8) -> AddressBlock {
        AddressBlock::of([192, 0, 2, last].into())
    }

    /// A client that connects now.
    fn enter(rates: &Arc<Rates>, address: AddressBlock) -> ClientRate {
        rates.left(address).unwrap_or_else(|| rates.fresh(address))
    }

    fn taken(client: &mut ClientRate) -> usize {
        (0..100).take_while(|_| client.take() == Verdict::Taken).count()
    }

    #[test]
    fn reconnecting_goes_on_with_the_same_bucket() {
        let rates = rates(None);
        let mut client = enter(&rates, address(1));
        assert_eq!(taken(&mut client), 5);
        for _ in 0..10 {
            drop(client);
            client = enter(&rates, address(1));
            assert_eq!(taken(&mut client), 0);
        }
        let mut second = enter(&rates, address(1));
        drop(client);
        assert_eq!(taken(&mut second), 5, "who was there at the same time has a bucket of its own");
        assert_eq!(taken(&mut enter(&rates, address(2))), 5, "another address");
        drop(second);
        let mut both = [(); 2].map(|()| enter(&rates, address(1)));
        assert_eq!(both.each_mut().map(taken), [0, 0]);
    }

    #[test]
    fn all_clients_of_an_address_have_a_bucket_together() {
        let rates = rates(Some(12.0));
        let mut clients: Vec<_> = (0..4).map(|_| enter(&rates, address(1))).collect();
        let all: usize = clients.iter_mut().map(taken).sum();
        assert_eq!(all, 12);
        assert_eq!(taken(&mut enter(&rates, address(2))), 5);
    }

    #[test]
    fn only_refusals_of_its_own_close_a_client() {
        let address_rate = Rate { per_second: 0.001, burst: 1.0, refusals: 3, ..Rate::default() };
        let rates = Rates::new(&Limits::default().rate(None).address_rate(address_rate));
        let mut client = enter(&rates, address(1));
        assert_eq!(client.take(), Verdict::Taken);
        for _ in 0..100 {
            assert!(matches!(client.take(), Verdict::Refused { .. }));
        }
    }

    #[test]
    fn an_address_is_forgotten_when_its_buckets_are_full_again() {
        let rates = rates(None);
        for last in 0..=255 {
            for third in 0..8 {
                drop(enter(&rates, AddressBlock::of([192, 0, third, last].into())));
            }
        }
        enter(&rates, address(1)).take();

        let known = || rates.by_address.lock().unwrap().buckets.len();
        assert!(known() <= 2 * ADDRESSES_MIN, "{}", known());
        let mut addresses = rates.by_address.lock().unwrap();
        addresses.tidy_at = 0;
        drop(addresses);
        drop(enter(&rates, AddressBlock::of([198, 51, 100, 1].into())));
        assert_eq!(known(), 2, "the one that has asked, and the new one");
    }
}
