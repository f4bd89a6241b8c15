//! What the query layer costs beside plain sqlx: the CPU time of this process for the same work, done in turns.
//!
//! `DATABASE_URL` names an empty database; `cargo xtask bench --queries` makes one and builds this for release.

mod entry;
mod plain;

use entry::Entry;
use nuages::{Database, Error, Model, Result};
use plain::Plain;
use rustix::time::{ClockId, clock_gettime};
use std::cell::RefCell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Rows in the table, and rows that are written.
const ROWS: i64 = 10_000;
const ROUNDS: usize = 15;
/// Our CPU time beside that of plain sqlx.
const MOST: f64 = 1.3;

#[tokio::main]
async fn main() -> ExitCode {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://queries.db".into());
    match run(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(url: &str) -> Result<()> {
    let db = entry::database(url).await?;
    let plain = Plain::of(&db)?;
    println!("| on {} | rows/s | plain sqlx | CPU µs a row | plain sqlx | ratio | should be |", plain.name());
    println!("|---|--:|--:|--:|--:|--:|--:|");
    Entry::objects(&db).bulk_create(entry::rows(ROWS)).await?;
    let all = Rounds::of(ROWS, async || all(&db).await, async || plain.all().await).await?;
    all.print("`all()`");
    let get = Rounds::of(ROWS / 5, async || get(&db).await, async || plain.get(ROWS / 5).await).await?;
    get.print("`get`");
    // Made before the clock runs.
    let stock = RefCell::new((0..=2 * ROUNDS + 1).map(|_| entry::rows(ROWS)).collect::<Vec<_>>());
    let rows = || stock.borrow_mut().pop().unwrap_or_default();
    let create =
        Rounds::of(ROWS, async || create(&db, rows()).await, async || plain.create(rows()).await).await?;
    create.print("`bulk_create`");
    Ok(())
}

async fn all(db: &Database) -> Result<()> {
    wanted(Entry::objects(db).filter(Entry::ID.lte(ROWS)).all().await?.len())
}

async fn get(db: &Database) -> Result<()> {
    for id in 1..=ROWS / 5 {
        std::hint::black_box(Entry::objects(db).get(Entry::ID.eq(id)).await?);
    }
    Ok(())
}

async fn create(db: &Database, rows: Vec<Entry>) -> Result<()> {
    wanted(Entry::objects(db).bulk_create(rows).await?.len())
}

/// Fails if it is another number of rows than planned.
fn wanted(rows: usize) -> Result<()> {
    match i64::try_from(rows) == Ok(ROWS) {
        true => Ok(()),
        false => Err(Error::Refused(format!(
            "{rows} rows in place of {ROWS}; DATABASE_URL must name an empty database"
        ))),
    }
}

/// What one run of some work took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

impl Cost {
    async fn of(work: impl AsyncFn() -> Result<()>) -> Result<Self> {
        let (start, before) = (Instant::now(), cpu());
        work().await?;
        Ok(Self { wall: start.elapsed(), cpu: cpu() - before })
    }
}

/// The CPU time of all threads of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_nanos(time.tv_nsec.unsigned_abs())
}

/// The same work by us and by plain sqlx, again and again.
struct Rounds {
    rows: i64,
    ours: Vec<Cost>,
    plain: Vec<Cost>,
}

impl Rounds {
    /// The first round warms up; who goes first changes from round to round.
    async fn of(
        rows: i64,
        ours: impl AsyncFn() -> Result<()>,
        plain: impl AsyncFn() -> Result<()>,
    ) -> Result<Self> {
        let mut rounds = Self { rows, ours: Vec::new(), plain: Vec::new() };
        for round in 0..=ROUNDS {
            let (our, other) = match round % 2 {
                0 => (Cost::of(&ours).await?, Cost::of(&plain).await?),
                _ => {
                    let other = Cost::of(&plain).await?;
                    (Cost::of(&ours).await?, other)
                }
            };
            if round > 0 {
                rounds.ours.push(our);
                rounds.plain.push(other);
            }
        }
        Ok(rounds)
    }

    fn print(&self, name: &str) {
        let rows = self.rows as f64;
        let per_second = |costs: &[Cost]| rows / median(costs.iter().map(|cost| cost.wall.as_secs_f64()));
        let micros = |costs: &[Cost]| median(costs.iter().map(|cost| cost.cpu.as_secs_f64() * 1e6 / rows));
        let pairs = self.ours.iter().zip(&self.plain);
        let ratio = median(pairs.map(|(ours, plain)| ours.cpu.as_secs_f64() / plain.cpu.as_secs_f64()));
        println!(
            "| {name} | {:.0} | {:.0} | {:.2} | {:.2} | {ratio:.2} | at most {MOST} |",
            per_second(&self.ours),
            per_second(&self.plain),
            micros(&self.ours),
            micros(&self.plain),
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
