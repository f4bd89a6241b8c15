//! What it costs to start a site: times, memory, the crates of a generated project.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::kit::Kit;
use crate::cargo::{cargo, name, succeed};
use crate::{Result, root};

/// Each time is the median of so many.
const TIMES: usize = 5;
/// Not the kit's, whose server may still be closing.
const PORT: u16 = 8139;
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures and prints them, each beside what it should be.
pub(super) fn print(kit: &Kit) -> Result {
    let (first_page, memory) = starts(kit)?;
    let (generation, crates) = generated_project()?;
    println!("\n### Starting a site\n\n| figure | measured | should be |\n|---|--:|--:|");
    println!("| `check` | {:.0} ms | under 50 ms |", median(|| check(kit))? * 1e3);
    println!("| first page after the process starts | {:.0} ms | under 100 ms |", first_page * 1e3);
    println!("| memory after the first page, idle | {memory:.1} MiB | under 20 MiB |");
    println!("| generating a project | {generation:.2} s | under 1 s |");
    println!("| crates of a generated project | {crates} | about 210 |");
    Ok(())
}

fn check(kit: &Kit) -> Result<f64> {
    seconds(|| output(kit.ours().arg("check")).map(drop))
}

/// Seconds to the first page, and the memory afterwards in MiB.
fn starts(kit: &Kit) -> Result<(f64, f64)> {
    let mut memory = 0.0;
    let first_page = median(|| {
        let start = Instant::now();
        let server = Server::start(kit)?;
        let seconds = start.elapsed().as_secs_f64();
        sleep(Duration::from_millis(300));
        memory = server.memory()?;
        Ok(seconds)
    })?;
    Ok((first_page, memory))
}

/// Our site, until this is dropped.
struct Server(Child);

impl Server {
    /// Starts it and waits for its first page.
    fn start(kit: &Kit) -> Result<Self> {
        let mut command = kit.ours();
        command.args(["runserver", &PORT.to_string()]).stdout(Stdio::null());
        let child = command.spawn().map_err(|error| format!("bench-blog does not start: {error}"))?;
        let (server, start) = (Self(child), Instant::now());
        while start.elapsed() < PATIENCE {
            if get("/").is_ok_and(|page| page.starts_with("HTTP/1.1 200")) {
                return Ok(server);
            }
            sleep(Duration::from_millis(1));
        }
        Err(format!("bench-blog shows no page within {} s", PATIENCE.as_secs()))
    }

    fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| "the memory of a process cannot be read here".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", PORT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page).map(|_| page)
}

/// Seconds to generate a project, and how many crates it is made of.
fn generated_project() -> Result<(f64, usize)> {
    succeed(&mut cargo(&["build", "--quiet", "-p", "nuages-cli"]))?;
    let generation = median(|| generate().map(|(seconds, _)| seconds))?;
    let (_, project) = generate()?;
    let tree = output(cargo(&["tree", "--edges=normal,build", "--prefix=none"]).current_dir(project.path()))?;
    let crates: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok((generation, crates.len()))
}

fn generate() -> Result<(f64, tempfile::TempDir)> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let mut command = Command::new(root().join("target/debug/nuages"));
    command.args(["startproject", "mysite"]).arg(folder.path());
    Ok((seconds(|| output(&mut command).map(drop))?, folder))
}

/// What a command prints; anything but success is an error.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("{} does not start: {error}", name(command)))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{} failed:\n{}", name(command), String::from_utf8_lossy(&output.stderr))),
    }
}

fn seconds(work: impl FnOnce() -> Result) -> Result<f64> {
    let start = Instant::now();
    work().map(|()| start.elapsed().as_secs_f64())
}

fn median(mut measure: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut all = (0..TIMES).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    all.sort_by(f64::total_cmp);
    Ok(all[TIMES / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_start_does_not_move_the_median() {
        let mut times = [9.0, 1.0, 2.0, 3.0, 2.0].into_iter();
        assert_eq!(median(|| Ok(times.next().unwrap())), Ok(2.0));
    }
}
