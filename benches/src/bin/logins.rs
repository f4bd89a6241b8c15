//! Whether the time that a failed login takes tells whose name it was: four kinds of failure in turns, without a network.
//!
//! `cargo xtask bench --logins` builds this for release and says where it finds a database.

use bench_blog::User;
use nuages::Model;
use nuages::test::Client;
use nuages_auth::{NewUser, Passwords};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Logins in all.
const LOGINS: usize = 2000;
/// Logins before the clock runs.
const WARM_UP: usize = 40;
/// Why a login fails; the user is called so, or not there.
const KINDS: [&str; 4] = ["unknown", "inactive", "unusable", "wrong"];
const PASSWORD: &str = "mauve-lantern-42";
/// The slowest kind beside the fastest.
const MOST: f64 = 1.05;

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(medians) => {
            print(&medians);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The median of each kind.
async fn measure() -> nuages::Result<[Duration; 4]> {
    let unlimited = bench_blog::project().settings(|settings| {
        (settings.throttle_per_account, settings.throttle_per_network) = (0, 0);
    });
    let client = Client::new(unlimited).await;
    people(&client).await?;
    let mut times = KINDS.map(|_| Vec::new());
    for turn in 0..WARM_UP + LOGINS {
        let kind = turn % KINDS.len();
        let password = if KINDS[kind] == "wrong" { "not-this-one" } else { PASSWORD };
        let start = Instant::now();
        let status = client.login(KINDS[kind], password).await.status();
        let time = start.elapsed();
        assert_eq!(status, 200, "nobody is let in");
        if turn >= WARM_UP {
            times[kind].push(time);
        }
    }
    Ok(times.map(median))
}

async fn people(client: &Client) -> nuages::Result<()> {
    let (db, passwords) = (client.db(), Passwords::from_settings(client.settings())?);
    for name in ["inactive", "wrong"] {
        NewUser::<User>::new(name).password(PASSWORD).create(db, &passwords).await?;
    }
    NewUser::<User>::new("unusable").create(db, &passwords).await?;
    let inactive = User::objects(db).filter(User::USERNAME.eq("inactive"));
    inactive.update([User::IS_ACTIVE.set(false)]).await.map(drop)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn print(medians: &[Duration; 4]) {
    let milliseconds = |time: &Duration| time.as_secs_f64() * 1e3;
    println!("| a failed login of a user who is | median of {} |\n|---|--:|", LOGINS / KINDS.len());
    for (kind, median) in KINDS.iter().zip(medians) {
        println!("| {kind} | {:.3} ms |", milliseconds(median));
    }
    let [least, most] =
        [medians.iter().min(), medians.iter().max()].map(|time| time.map_or(0.0, milliseconds));
    println!("\nThe slowest kind beside the fastest: {:.3} (should be at most {MOST})", most / least);
}
