//! Hashing beside the web: a few threads, each with memory of its own, and a queue that does not grow.
//!
//! A hash takes a core for tens of milliseconds and 19 MiB. On the threads that serve requests, a few logins
//! would stop all pages; without a bound, many would take all memory.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use nuages::request_span;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};
use tracing::Span;

use crate::hashers::{Memory, PasswordHashers, Verdict};

/// Bytes of the longest password that is hashed.
pub const LONGEST_PASSWORD: usize = 4096;

/// Jobs that wait for a thread.
const QUEUE: usize = 32;
/// How long a request waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a password was neither hashed nor checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The queue stayed full: 503, with `Retry-After`.
    #[error("too many passwords are being checked; try again in a few seconds")]
    Busy,
    /// More than 4096 bytes.
    #[error("the password has more than 4096 bytes; choose a shorter one")]
    TooLong,
    /// The thread has panicked over it, or could not be started.
    #[error("the password could not be hashed; see the log for the reason")]
    Failed,
}

/// The threads that hash. A clone shares them; they start at the first password and end with the last clone.
#[derive(Clone, Debug)]
pub struct HashPool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    hashers: Arc<PasswordHashers>,
    threads: NonZero<usize>,
    places: Arc<Semaphore>,
    patience: Duration,
    jobs: OnceLock<mpsc::Sender<Job>>,
    hashes: AtomicU64,
}

type Work = Box<dyn FnOnce(&PasswordHashers, &mut Memory) + Send>;

struct Job {
    work: Work,
    place: OwnedSemaphorePermit,
    /// Of the request, so that lines of the log name it.
    span: Span,
}

impl HashPool {
    /// A pool with one thread for each core.
    pub fn new(hashers: PasswordHashers) -> Self {
        Self::with_threads(hashers, thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
    }

    /// The pool of the process for these hashers: however often a site is put together, it has one.
    pub fn of(hashers: PasswordHashers) -> Self {
        static POOLS: Mutex<Vec<HashPool>> = Mutex::new(Vec::new());
        let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.iter().find(|pool| *pool.0.hashers == hashers) {
            return pool.clone();
        }
        let pool = Self::new(hashers);
        pools.push(pool.clone());
        pool
    }

    /// The pool of the process for the hashers of a site that chooses none.
    pub fn shared() -> Self {
        Self::of(PasswordHashers::default())
    }

    /// A pool with this many threads, so with as many times the memory of one hash.
    pub fn with_threads(hashers: PasswordHashers, threads: NonZero<usize>) -> Self {
        Self::with_limits(hashers, threads, QUEUE, PATIENCE)
    }

    fn with_limits(
        hashers: PasswordHashers,
        threads: NonZero<usize>,
        queue: usize,
        patience: Duration,
    ) -> Self {
        let places = Arc::new(Semaphore::new(queue));
        let hashers = Arc::new(hashers);
        let (jobs, hashes) = (OnceLock::new(), AtomicU64::new(0));
        Self(Arc::new(Shared { hashers, threads, places, patience, jobs, hashes }))
    }

    /// Hashes a password, as it is to be stored.
    pub async fn make(&self, password: String) -> Result<String, PoolError> {
        if password.len() > LONGEST_PASSWORD {
            return Err(PoolError::TooLong);
        }
        self.run(move |hashers, memory| hashers.make(&password, memory)).await
    }

    /// Checks a password against what is stored. One that is too long is wrong, and takes as long to be so.
    pub async fn verify(&self, password: String, encoded: String) -> Result<Verdict, PoolError> {
        if password.len() > LONGEST_PASSWORD {
            return self.burn(String::new()).await.map(|()| Verdict::WRONG);
        }
        self.run(move |hashers, memory| hashers.verify(&password, &encoded, memory)).await
    }

    /// Does the work of one check, for a user who does not exist.
    pub async fn burn(&self, mut password: String) -> Result<(), PoolError> {
        if password.len() > LONGEST_PASSWORD {
            password.clear();
        }
        self.run(move |hashers, memory| hashers.burn(&password, memory)).await
    }

    /// The name of the hasher that writes.
    pub fn algorithm(&self) -> &'static str {
        self.0.hashers.algorithm()
    }

    /// How many passwords were hashed or checked so far.
    pub fn hashes(&self) -> u64 {
        self.0.hashes.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&PasswordHashers, &mut Memory) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let place = self.0.place().await?;
        let (answer, answered) = oneshot::channel();
        let shared = Arc::downgrade(&self.0);
        let work: Work = Box::new(move |hashers, memory| {
            // Nobody waits any more: the client has left.
            if answer.is_closed() {
                return;
            }
            let before = memory.hashes();
            let done = work(hashers, memory);
            // Before the answer, so that whoever has it sees the count.
            if let Some(shared) = shared.upgrade() {
                shared.hashes.fetch_add(memory.hashes() - before, Ordering::Relaxed);
            }
            let _ = answer.send(done);
        });
        self.0.jobs().send(Job { work, place, span: request_span() }).map_err(|_| PoolError::Failed)?;
        answered.await.map_err(|_| PoolError::Failed)
    }
}

impl Shared {
    async fn place(&self) -> Result<OwnedSemaphorePermit, PoolError> {
        let place = timeout(self.patience, self.places.clone().acquire_owned()).await;
        place.map_err(|_| PoolError::Busy)?.map_err(|_| PoolError::Failed)
    }

    fn jobs(&self) -> &mpsc::Sender<Job> {
        self.jobs.get_or_init(|| {
            let (sender, receiver) = mpsc::channel();
            let receiver = Arc::new(Mutex::new(receiver));
            (0..self.threads.get()).for_each(|_| self.start_thread(receiver.clone()));
            sender
        })
    }

    fn start_thread(&self, jobs: Arc<Mutex<mpsc::Receiver<Job>>>) {
        let hashers = self.hashers.clone();
        let thread = thread::Builder::new().name("password-hash".to_owned());
        if let Err(error) = thread.spawn(move || work_through(&jobs, &hashers)) {
            tracing::error!(%error, "a thread for password hashes could not be started");
        }
    }
}

/// Does one job after the other until the pool is gone.
fn work_through(jobs: &Mutex<mpsc::Receiver<Job>>, hashers: &PasswordHashers) {
    let mut memory = Memory::new();
    while let Some(Job { work, place, span }) = next(jobs) {
        let _of_the_request = span.entered();
        // It waits no longer, so the next one may.
        drop(place);
        if catch_unwind(AssertUnwindSafe(|| work(hashers, &mut memory))).is_err() {
            tracing::error!("a password hash has panicked; the thread goes on");
        }
        // A string of Django's asks for 100 MiB, which nobody needs again.
        memory.shrink_to(hashers.blocks());
    }
}

fn next(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests;
