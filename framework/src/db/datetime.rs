//! Moments in SQLite: text in Django's form, `2030-01-02 03:04:05.000006`, in UTC, so that they compare as text.

use super::row::Place;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, TypeInfo, ValueRef};

/// The text of a moment.
pub(super) fn text(moment: DateTime<Utc>) -> String {
    let (day, time, micros) = (moment.date_naive(), moment.time(), moment.timestamp_subsec_micros());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    // A formatted `%F %T` costs five times as much, and a session's query has one.
    let text =
        format!("{:04}-{:02}-{:02} {hour:02}:{minute:02}:{second:02}", day.year(), day.month(), day.day());
    if micros == 0 { text } else { format!("{text}.{micros:06}") }
}

/// Reads a moment that has Django's form. sqlx reads every form there is, and for this one it tries several first, which
/// is most of what a row costs.
pub(super) fn read(row: &SqliteRow, place: Place<'_>) -> sqlx::Result<Option<DateTime<Utc>>> {
    let value = row.try_get_raw(place)?;
    if value.is_null() || value.type_info().name() != "TEXT" {
        return Ok(None);
    }
    let text = <&str as Decode<sqlx::Sqlite>>::decode(value).map_err(sqlx::Error::Decode)?;
    Ok(parse(text))
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    let marks = [(4, '-'), (7, '-'), (10, ' '), (13, ':'), (16, ':')];
    let fits = marks.iter().all(|(at, mark)| text.as_bytes().get(*at) == Some(&(*mark as u8)));
    let number = |from, to| digits(text.get(from..to)?).filter(|_| fits);
    let micros = match text.get(19..)? {
        "" => 0,
        fraction => digits(fraction.strip_prefix('.').filter(|digits| digits.len() == 6)?)?,
    };
    let day = NaiveDate::from_ymd_opt(number(0, 4)?.try_into().ok()?, number(5, 7)?, number(8, 10)?)?;
    let moment = day.and_hms_micro_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?, micros)?;
    Some(moment.and_utc())
}

fn digits(text: &str) -> Option<u32> {
    let mut digits = text.bytes().map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0')));
    digits.try_fold(0, |number, digit| Some(number * 10 + digit?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone};

    #[test]
    fn a_moment_is_written_as_django_writes_it_and_read_back() {
        let whole = Utc.with_ymd_and_hms(2030, 1, 2, 3, 4, 5).single().unwrap();
        let fine = whole + Duration::microseconds(70);
        for (moment, written) in [(whole, "2030-01-02 03:04:05"), (fine, "2030-01-02 03:04:05.000070")] {
            assert_eq!(text(moment), written);
            assert_eq!(parse(written), Some(moment));
        }
    }

    #[test]
    fn every_other_form_is_left_to_sqlx() {
        for text in [
            "",
            "2030",
            "2030-01-02",
            "2030-01-02T03:04:05",
            "2030-01-02 03:04:05Z",
            "2030-01-02 03:04:05.07",
            "2030-13-02 03:04:05",
            "+030-01-02 03:04:05",
            "2030-01-02 03:04:5é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
