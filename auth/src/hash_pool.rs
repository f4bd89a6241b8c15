//! Hashing beside the web: a few threads, each with memory of its own, and a queue that does not grow.
//!
//! A hash takes a core for tens of milliseconds and 19 MiB. On the threads that serve requests, a few logins
//! would stop all pages; without a bound, many would take all memory.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, PoisonError, mpsc},
    thread,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

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
}

type Work = Box<dyn FnOnce(&PasswordHashers, &mut Memory) + Send>;

struct Job {
    work: Work,
    place: OwnedSemaphorePermit,
}

impl HashPool {
    /// A pool with one thread for each core.
    pub fn new(hashers: PasswordHashers) -> Self {
        Self::with_threads(hashers, thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
    }

    /// The pool of the process, at today's cost, for code that runs outside a request.
    pub fn shared() -> Self {
        static SHARED: OnceLock<HashPool> = OnceLock::new();
        SHARED.get_or_init(|| Self::new(PasswordHashers::default())).clone()
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
        Self(Arc::new(Shared { hashers, threads, places, patience, jobs: OnceLock::new() }))
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

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&PasswordHashers, &mut Memory) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let place = self.0.place().await?;
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |hashers, memory| {
            // Nobody waits any more: the client has left.
            if !answer.is_closed() {
                let _ = answer.send(work(hashers, memory));
            }
        });
        self.0.jobs().send(Job { work, place }).map_err(|_| PoolError::Failed)?;
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
    while let Some(Job { work, place }) = next(jobs) {
        // It waits no longer, so the next one may.
        drop(place);
        if catch_unwind(AssertUnwindSafe(|| work(hashers, &mut memory))).is_err() {
            tracing::error!("a password hash has panicked; the thread goes on");
        }
        // A string of Django's asks for 100 MiB, which nobody needs again.
        memory.truncate(hashers.blocks());
        memory.shrink_to_fit();
    }
}

fn next(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        sync::{
            Condvar,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use super::*;

    fn one() -> NonZero<usize> {
        NonZero::<usize>::MIN
    }

    fn pool() -> HashPool {
        HashPool::with_threads(PasswordHashers::for_tests(), one())
    }

    /// Holds jobs up until it is opened.
    #[derive(Clone, Default)]
    struct Gate(Arc<(Mutex<bool>, Condvar)>);

    impl Gate {
        fn open(&self) {
            *self.0.0.lock().unwrap() = true;
            self.0.1.notify_all();
        }

        fn pass(&self) {
            let shut = self.0.0.lock().unwrap();
            drop(self.0.1.wait_while(shut, |open| !*open).unwrap());
        }

        /// A job that waits at the gate, once the pool's only thread has begun it.
        async fn hold(&self, pool: &HashPool) -> tokio::task::JoinHandle<Result<(), PoolError>> {
            let (begun, has_begun) = oneshot::channel();
            let (pool, gate) = (pool.clone(), self.clone());
            let job = tokio::spawn(async move {
                let work = move |_: &PasswordHashers, _: &mut Memory| {
                    let _ = begun.send(());
                    gate.pass();
                };
                pool.run(work).await
            });
            has_begun.await.unwrap();
            job
        }
    }

    #[tokio::test]
    async fn a_password_that_was_made_verifies() {
        let pool = pool();
        let encoded = pool.make("secret".into()).await.unwrap();
        let verdict = pool.verify("secret".into(), encoded.clone()).await.unwrap();
        assert_eq!(verdict, Verdict { correct: true, must_update: false });
        assert_eq!(pool.verify("wrong".into(), encoded).await, Ok(Verdict::WRONG));
        assert_eq!(pool.burn("secret".into()).await, Ok(()));
    }

    #[tokio::test]
    async fn a_password_that_is_too_long_is_refused_before_it_is_hashed() {
        let pool = pool();
        let (longest, longer) = ("x".repeat(LONGEST_PASSWORD), "x".repeat(LONGEST_PASSWORD + 1));
        assert_eq!(pool.make(longer.clone()).await, Err(PoolError::TooLong));
        let encoded = pool.make(longest.clone()).await.unwrap();
        assert!(pool.verify(longest, encoded.clone()).await.unwrap().correct);
        assert_eq!(pool.verify(longer.clone(), encoded).await, Ok(Verdict::WRONG));
        assert_eq!(pool.burn(longer).await, Ok(()));
    }

    #[tokio::test]
    async fn threads_start_at_the_first_password_and_end_with_the_pool() {
        let pool = pool();
        assert!(pool.0.jobs.get().is_none());
        let (ended, has_ended) = oneshot::channel::<()>();
        let work = move |_: &PasswordHashers, _: &mut Memory| {
            thread_local!(static LAST: RefCell<Option<oneshot::Sender<()>>> = const { RefCell::new(None) });
            LAST.set(Some(ended));
        };
        pool.run(work).await.unwrap();
        drop(pool);
        // Dropped with the thread's own values, so this ends when the thread does.
        assert!(timeout(PATIENCE, has_ended).await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_panic_ends_its_job_and_not_the_pool() {
        let pool = pool();
        let result: Result<(), _> = pool.run(|_, _| panic!("a test's own panic")).await;
        assert_eq!(result, Err(PoolError::Failed));
        assert!(pool.make("secret".into()).await.is_ok());
    }

    #[tokio::test]
    async fn a_full_queue_is_busy_after_a_while_and_serves_again() {
        let pool = HashPool::with_limits(PasswordHashers::for_tests(), one(), 2, Duration::from_millis(20));
        let gate = Gate::default();
        let held = gate.hold(&pool).await;
        let waiting: Vec<_> = (0..2)
            .map(|_| pool.clone())
            .map(|pool| tokio::spawn(async move { pool.burn("a".into()).await }))
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(pool.burn("b".into()).await, Err(PoolError::Busy));
        gate.open();
        assert_eq!(held.await.unwrap(), Ok(()));
        for job in waiting {
            assert_eq!(job.await.unwrap(), Ok(()));
        }
        assert_eq!(pool.burn("c".into()).await, Ok(()));
    }

    #[tokio::test]
    async fn a_place_that_comes_free_in_time_is_taken() {
        let pool = HashPool::with_limits(PasswordHashers::for_tests(), one(), 1, PATIENCE);
        let jobs: Vec<_> = (0..50)
            .map(|_| pool.clone())
            .map(|pool| tokio::spawn(async move { pool.burn("a".into()).await }))
            .collect();
        for job in jobs {
            assert_eq!(job.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn a_job_nobody_waits_for_is_not_begun_and_gives_its_place_back() {
        let pool = HashPool::with_limits(PasswordHashers::for_tests(), one(), 1, PATIENCE);
        let gate = Gate::default();
        let held = gate.hold(&pool).await;
        let done = Arc::new(AtomicUsize::new(0));
        let (other, counted) = (pool.clone(), done.clone());
        let left =
            tokio::spawn(async move { other.run(move |_, _| counted.fetch_add(1, Ordering::SeqCst)).await });
        tokio::task::yield_now().await;
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
        gate.open();
        held.await.unwrap().unwrap();
        assert_eq!(pool.burn("a".into()).await, Ok(()));
        assert_eq!(done.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_job_that_has_begun_ends_though_nobody_waits() {
        let pool = pool();
        let gate = Gate::default();
        let held = gate.hold(&pool).await;
        held.abort();
        assert!(held.await.unwrap_err().is_cancelled());
        gate.open();
        assert!(pool.make("secret".into()).await.is_ok());
    }

    #[tokio::test]
    async fn memory_of_a_large_hash_is_given_back() {
        let pool = pool();
        let large = "argon2$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q";
        assert_eq!(pool.verify("secret".into(), large.into()).await, Ok(Verdict::WRONG));
        let kept = pool.run(|_, memory| memory.capacity()).await;
        assert_eq!(kept, Ok(8));
    }
}
