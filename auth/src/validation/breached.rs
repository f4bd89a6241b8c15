//! Passwords that a breach has brought to light, looked up in the file of Have I Been Pwned, on this machine.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use sha1::{Digest, Sha1};

use super::{Attributes, PasswordValidator, ValidationError};

/// Hexadecimal digits of a SHA-1.
const DIGITS: usize = 40;
/// Bytes that are read at once where the search ends; a line has about 45.
const BLOCK: u64 = 4096;
/// Lines that are looked at when the site starts, spread over the whole file.
const SAMPLES: u64 = 64;

/// Refuses what is known from a breach (OWASP ASVS 5.0, 6.2.12; NIST SP 800-63B, 3.1.1.2).
///
/// The file is what the downloader of Have I Been Pwned writes: a line `SHA-1:COUNT` for each password, sorted by hash; 40 GB in
/// all. It is searched on the disk, in some thirty small reads, and is not kept in memory.
#[derive(Clone, Debug)]
pub struct BreachedPassword {
    file: PathBuf,
}

impl BreachedPassword {
    /// The passwords of this file. Some of its lines are looked at, since one that is not sorted would find nothing.
    ///
    /// # Errors
    /// What kept the file from being read, or what is wrong with it.
    pub fn from_file(path: impl Into<PathBuf>) -> io::Result<Self> {
        let file = path.into();
        check(&mut File::open(&file)?)?;
        Ok(Self { file })
    }

    fn has(&self, password: &str) -> io::Result<bool> {
        // Opened each time, so that a new file can take the place of the old one while the site runs.
        is_there(&mut File::open(&self.file)?, &hash(password))
    }
}

impl PasswordValidator for BreachedPassword {
    /// A file that cannot be read any more lets a password pass, and the log tells: the other rules still hold, and somebody whose
    /// password was stolen has to be able to change it.
    fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
        let found = self.has(password).unwrap_or_else(|error| {
            let file = self.file.display();
            tracing::error!(
                "passwords are not looked up in `{file}`: {error}; AUTH_PASSWORD_VALIDATORS names it"
            );
            false
        });
        match found {
            true => {
                let text = "This password is known from a data breach.";
                Err(ValidationError::new("password_breached", text))
            }
            false => Ok(()),
        }
    }

    fn help_text(&self) -> String {
        "Your password can’t be one that is known from a data breach.".into()
    }
}

fn hash(password: &str) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(Sha1::digest(password)) {
        pair[0] = b"0123456789ABCDEF"[usize::from(byte >> 4)];
        pair[1] = b"0123456789ABCDEF"[usize::from(byte & 15)];
    }
    digits
}

/// Halves the file until a block is left, and reads that.
fn is_there(file: &mut (impl Read + Seek), wanted: &[u8; DIGITS]) -> io::Result<bool> {
    // The line that is wanted begins at `from` or behind it, and in front of `to`.
    let (mut from, mut to) = (0, file.seek(SeekFrom::End(0))?);
    while to - from > BLOCK {
        let middle = from.midpoint(to);
        match line_behind(file, middle)? {
            Some((at, found)) if at < to && found <= *wanted => from = at,
            _ => to = middle,
        }
    }
    file.seek(SeekFrom::Start(from))?;
    // The last line may begin just in front of the end of the block.
    let mut lines = BufReader::new(file.take(to - from + BLOCK)).split(b'\n');
    while let Some(line) = lines.next().transpose()? {
        match digits(&line) {
            Some(found) if found < *wanted => {}
            found => return Ok(found.as_ref() == Some(wanted)),
        }
    }
    Ok(false)
}

/// The first line that begins behind this byte: where, and its hash.
fn line_behind(file: &mut (impl Read + Seek), byte: u64) -> io::Result<Option<(u64, [u8; DIGITS])>> {
    file.seek(SeekFrom::Start(byte))?;
    let mut reader = BufReader::with_capacity(128, file.take(BLOCK));
    let (mut rest, mut line) = (Vec::new(), Vec::new());
    let skipped = reader.read_until(b'\n', &mut rest)?;
    match reader.read_until(b'\n', &mut line)? {
        0 => Ok(None),
        _ => digits(&line).map(|found| Some((byte + skipped as u64, found))).ok_or_else(|| no_line(&line)),
    }
}

/// The hash of a line, in capitals.
fn digits(line: &[u8]) -> Option<[u8; DIGITS]> {
    let (hash, count) = line.split_at_checked(DIGITS)?;
    let is_right =
        hash.iter().all(u8::is_ascii_hexdigit) && matches!(count.first(), None | Some(b':' | b'\r' | b'\n'));
    is_right.then(|| std::array::from_fn(|at| hash[at].to_ascii_uppercase()))
}

/// Whether the file is of that kind, as far as some of its lines tell.
fn check(file: &mut (impl Read + Seek)) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut first = Vec::new();
    BufReader::new(file.take(BLOCK)).read_until(b'\n', &mut first)?;
    let mut last = (0, digits(&first).ok_or_else(|| no_line(&first))?);
    for sample in 0..SAMPLES {
        let Some(next) = line_behind(file, length / SAMPLES * sample)? else { break };
        if next.0 > last.0 && next.1 <= last.1 {
            let text =
                "it is not sorted by hash; let the downloader write it anew, or sort it with `LC_ALL=C sort`";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        last = next;
    }
    Ok(())
}

fn no_line(line: &[u8]) -> io::Error {
    let start =
        String::from_utf8_lossy(&line[..line.len().min(DIGITS)]).trim_end().escape_debug().to_string();
    let text = format!("the line `{start}` does not begin with a SHA-1 of {DIGITS} digits and a colon");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A file as the downloader writes it, of `number` passwords: `password0`, `password1`, …
    fn file(number: usize) -> Vec<u8> {
        let hashes = (0..number).map(|one| hash(&format!("password{one}")));
        let mut lines: Vec<_> = hashes.map(|hash| String::from_utf8(hash.to_vec()).unwrap()).collect();
        lines.sort();
        lines
            .iter()
            .enumerate()
            .map(|(one, hash)| format!("{hash}:{}\r\n", one * 7 + 1))
            .collect::<String>()
            .into_bytes()
    }

    /// Counts what is read.
    struct Counting(Cursor<Vec<u8>>, usize, usize);

    impl Read for Counting {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.0.read(into)?;
            (self.1, self.2) = (self.1 + 1, self.2 + length);
            Ok(length)
        }
    }

    impl Seek for Counting {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_hash_is_written_as_the_file_has_it() {
        assert_eq!(&hash("password"), b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn every_password_of_the_file_is_found_and_no_other() {
        for number in [1, 2, 3, 90, 91, 92, 180, 1000, 3000] {
            let mut text = Cursor::new(file(number));
            for one in 0..number {
                assert!(is_there(&mut text, &hash(&format!("password{one}"))).unwrap(), "{one} of {number}");
            }
            for other in 0..200 {
                assert!(
                    !is_there(&mut text, &hash(&format!("mauve{other}"))).unwrap(),
                    "{other} of {number}"
                );
            }
            for edge in [[b'0'; DIGITS], [b'F'; DIGITS]] {
                assert!(!is_there(&mut text, &edge).unwrap());
            }
        }
    }

    #[test]
    fn small_letters_and_a_missing_last_line_end_are_read_as_well() {
        let text = String::from_utf8(file(500)).unwrap().to_lowercase().replace('\r', "");
        let mut text = Cursor::new(text.trim_end().to_owned().into_bytes());
        assert!((0..500).all(|one| is_there(&mut text, &hash(&format!("password{one}"))).unwrap()));
    }

    #[test]
    fn little_is_read_of_a_large_file() {
        let text = file(100_000);
        assert!(text.len() > 4_500_000);
        let mut counting = Counting(Cursor::new(text), 0, 0);
        assert!(is_there(&mut counting, &hash("password77777")).unwrap());
        assert!(counting.1 < 40 && counting.2 < 20_000, "{} reads, {} bytes", counting.1, counting.2);
    }

    #[test]
    fn a_file_of_another_kind_is_refused_with_the_reason() {
        let refusal = |text: &[u8]| check(&mut Cursor::new(text.to_vec())).unwrap_err().to_string();
        assert!(refusal(b"").contains("does not begin with a SHA-1"));
        assert!(refusal(b"password\n123456\n").contains("the line `password`"));
        assert!(
            refusal(b"0123456789ABCDEF0123456789ABCDEF:3\n").contains("SHA-1 of 40 digits"),
            "it is NTLM's"
        );
        let mut lines: Vec<_> =
            file(300).split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        check(&mut Cursor::new(lines.concat())).unwrap();
        lines.reverse();
        assert!(refusal(&lines.concat()).contains("not sorted"));
        assert!(refusal(&lines[298..].concat()).contains("not sorted"));
    }

    #[test]
    fn a_file_that_has_gone_lets_a_password_pass() {
        let path = std::env::temp_dir().join(format!("nuages-breached-{}.txt", std::process::id()));
        std::fs::write(&path, file(100)).unwrap();
        let rule = BreachedPassword::from_file(&path).unwrap();
        let code =
            |password: &str| rule.validate(password, &Attributes::default()).err().map(|error| error.code);
        assert_eq!((code("password42"), code("mauve-lantern-42")), (Some("password_breached"), None));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(code("password42"), None);
        assert_eq!(BreachedPassword::from_file(path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
