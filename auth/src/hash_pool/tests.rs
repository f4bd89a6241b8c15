use std::{
    cell::RefCell,
    sync::{Condvar, atomic::AtomicUsize},
};

use super::*;
use crate::hashers::Hasher;

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
async fn every_check_counts_as_one_hash_however_it_ends() {
    let pool = pool();
    let encoded = pool.make("secret".into()).await.unwrap();
    let long = "x".repeat(LONGEST_PASSWORD + 1);
    for (password, encoded) in [
        ("secret", encoded.as_str()),
        ("wrong", &encoded),
        ("a\0b", &encoded),
        ("secret", "!unusable"),
        ("secret", ""),
        (&long, &encoded),
        (&long, "!unusable"),
    ] {
        let before = pool.hashes();
        pool.verify(password.into(), encoded.into()).await.unwrap();
        assert_eq!(pool.hashes(), before + 1, "{encoded}");
    }
    for password in ["secret", &long] {
        let before = pool.hashes();
        pool.burn(password.into()).await.unwrap();
        assert_eq!(pool.hashes(), before + 1);
    }
}

#[tokio::test]
async fn hashers_have_one_pool_in_a_process() {
    let hashers = || PasswordHashers::new(Hasher::Pbkdf2Sha256(7), []);
    HashPool::of(hashers()).make("secret".into()).await.unwrap();
    assert_eq!(HashPool::of(hashers()).hashes(), 1);
    assert_eq!(HashPool::of(PasswordHashers::new(Hasher::Pbkdf2Sha256(8), [])).hashes(), 0);
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
    let kept = pool.run(|_, memory| memory.size()).await;
    assert_eq!(kept, Ok(8));
}
