//! Mail leaves behind the back of the request: so many letters at a time, and each more than once if need be.

use super::{EmailBackend, Letter, Undelivered};
use crate::error::Result;
use crate::log::request_span;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

/// Letters that may wait. One more is dropped and logged: to wait for a place would make requests as slow as the mail
/// server, and tell by its time who gets mail.
const PLACES: u32 = 1000;
/// Letters that are delivered at the same time.
const AT_ONCE: usize = 4;
/// The pauses between the attempts at a letter; after the last one it is given up.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60)];

/// A bounded queue; each letter waits in a task of its own, and holds its place until it is delivered or given up.
#[derive(Clone)]
pub(super) struct Queue {
    places: Arc<Semaphore>,
    counters: Arc<Semaphore>,
    closing: Arc<Notify>,
    pauses: Arc<[Duration]>,
}

impl Default for Queue {
    fn default() -> Self {
        Self::with_pauses(&PAUSES)
    }
}

impl Queue {
    fn with_pauses(pauses: &[Duration]) -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES as usize)),
            counters: Arc::new(Semaphore::new(AT_ONCE)),
            closing: Arc::default(),
            pauses: pauses.into(),
        }
    }

    /// Takes a letter, and delivers it in its time.
    pub(super) fn deliver(&self, backend: Arc<dyn EmailBackend>, letter: Letter) {
        let queue = self.clone();
        self.run(async move {
            queue.persist(&*backend, &letter).await;
            Ok(())
        });
    }

    /// Does some work in a place of the queue.
    pub(super) fn run(&self, work: impl Future<Output = Result<()>> + Send + 'static) {
        let Some(place) = self.place() else { return };
        let task = async move {
            finish(work).await;
            drop(place);
        };
        // In the request's span: what becomes of its mail is told with its id.
        tokio::spawn(task.instrument(request_span()));
    }

    /// Waits until all is done, for so long at most, and says how much is lost.
    pub(super) async fn drain(&self, patience: Duration) -> usize {
        self.closing.notify_waiters();
        let empty = self.places.acquire_many(PLACES);
        let done = tokio::time::timeout(patience, empty).await.is_ok();
        if done { 0 } else { PLACES as usize - self.places.available_permits() }
    }

    fn place(&self) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        if place.is_none() {
            tracing::error!("{PLACES} mails wait already; one more was dropped. Is the mail server away?");
        }
        place
    }

    /// Tries until the letter is delivered or must be given up. It stands at a counter only while it is tried.
    async fn persist(&self, backend: &dyn EmailBackend, letter: &Letter) {
        let mut pauses = self.pauses.iter();
        loop {
            let counter = self.counters.acquire().await;
            let outcome = backend.deliver(letter).await;
            drop(counter);
            match (outcome, pauses.next()) {
                (Ok(()), _) => return,
                (Err(Undelivered::ForNow(why)), Some(pause)) => {
                    tracing::warn!(
                        "a mail to {} waits {} s: {why}",
                        letter.message().domains(),
                        pause.as_secs()
                    );
                    self.wait(*pause).await;
                }
                (Err(why), _) => {
                    tracing::error!("a mail to {} was given up: {why}", letter.message().domains());
                    return;
                }
            }
        }
    }

    /// A server that stops does not wait for the pause to end.
    async fn wait(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.closing.notified() => {}
        }
    }
}

/// Does work that nobody waits for: what goes wrong is logged.
pub(super) async fn finish(work: impl Future<Output = Result<()>>) {
    if let Err(error) = work.await {
        tracing::error!("work around a mail failed: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::EmailMessage;
    use super::*;
    use futures_util::future::BoxFuture;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(60);

    /// Fails so many times, then takes all.
    struct Fails {
        times: usize,
        why: Undelivered,
        tried: AtomicUsize,
    }

    impl Fails {
        fn new(times: usize, why: Undelivered) -> Arc<Self> {
            Arc::new(Self { times, why, tried: AtomicUsize::new(0) })
        }

        fn for_now(times: usize) -> Arc<Self> {
            Self::new(times, Undelivered::ForNow("away".into()))
        }

        fn tried(&self) -> usize {
            self.tried.load(Relaxed)
        }
    }

    impl EmailBackend for Fails {
        fn deliver<'a>(&'a self, _: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
            let fails = self.tried.fetch_add(1, Relaxed) < self.times;
            Box::pin(async move { if fails { Err(self.why.clone()) } else { Ok(()) } })
        }
    }

    /// Never answers.
    struct Hangs;

    impl EmailBackend for Hangs {
        fn deliver<'a>(&'a self, _: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
            Box::pin(std::future::pending())
        }
    }

    fn letter() -> Letter {
        Letter::write(EmailMessage::new("Hello", "").to("ann@site.example"), "band@site.example").unwrap()
    }

    #[tokio::test]
    async fn a_letter_is_tried_again_until_it_is_delivered() {
        let (queue, backend) = (Queue::with_pauses(&[SHORT, SHORT, SHORT]), Fails::for_now(2));
        queue.deliver(backend.clone(), letter());
        assert_eq!(queue.drain(LONG).await, 0);
        assert_eq!(backend.tried(), 3);
    }

    #[tokio::test]
    async fn a_letter_is_given_up_after_the_last_pause() {
        let (queue, backend) = (Queue::with_pauses(&[SHORT, SHORT]), Fails::for_now(usize::MAX));
        queue.deliver(backend.clone(), letter());
        assert_eq!(queue.drain(LONG).await, 0);
        assert_eq!(backend.tried(), 3);
    }

    #[tokio::test]
    async fn what_is_refused_for_good_is_tried_once() {
        let backend = Fails::new(usize::MAX, Undelivered::ForGood("no such user".into()));
        let queue = Queue::with_pauses(&[SHORT, SHORT]);
        queue.deliver(backend.clone(), letter());
        assert_eq!(queue.drain(LONG).await, 0);
        assert_eq!(backend.tried(), 1);
    }

    #[tokio::test]
    async fn a_server_that_stops_does_not_wait_for_the_pauses() {
        let (queue, backend) = (Queue::with_pauses(&[LONG * 60]), Fails::for_now(1));
        queue.deliver(backend.clone(), letter());
        while backend.tried() == 0 {
            tokio::time::sleep(SHORT).await;
        }
        tokio::time::sleep(SHORT * 20).await;
        assert_eq!(queue.drain(LONG).await, 0);
        assert_eq!(backend.tried(), 2);
    }

    #[tokio::test]
    async fn letters_beyond_the_places_are_dropped_at_once() {
        let queue = Queue::default();
        for _ in 0..PLACES + 5 {
            queue.deliver(Arc::new(Hangs), letter());
        }
        assert_eq!(queue.drain(SHORT).await, PLACES as usize);
    }
}
