//! Pages of a long list, as Django's paginator cuts them.

use serde::{Serialize, Serializer};
use std::num::IntErrorKind;

/// Pages beside the current one, and at either end, that [`Page::elided_page_range`] names.
const BESIDE: u64 = 3;
const AT_ENDS: u64 = 2;

/// Which page somebody asks for: a number, or a text from an address, which may be anything.
///
/// As with Django's `get_page`, what is no number is the first page, and a number that there is no page for is the last.
///
/// ```
/// use nuages::db::PageNumber;
///
/// assert_eq!(PageNumber::from("2").of(3), 2);
/// assert_eq!(PageNumber::from("two").of(3), 1);
/// assert_eq!(PageNumber::from(None::<&str>).of(3), 1);
/// assert_eq!(PageNumber::from("99").of(3), 3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PageNumber(i64);

impl PageNumber {
    /// The page that it means of so many.
    pub fn of(self, num_pages: u64) -> u64 {
        u64::try_from(self.0).ok().filter(|number| (1..=num_pages).contains(number)).unwrap_or(num_pages)
    }
}

impl From<&str> for PageNumber {
    fn from(text: &str) -> Self {
        let too_large =
            |kind: &IntErrorKind| matches!(kind, IntErrorKind::PosOverflow | IntErrorKind::NegOverflow);
        match text.trim().parse() {
            Ok(number) => Self(number),
            Err(error) if too_large(error.kind()) => Self(i64::MAX),
            Err(_) => Self(1),
        }
    }
}

impl From<&String> for PageNumber {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for PageNumber {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<i64> for PageNumber {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl From<u64> for PageNumber {
    fn from(number: u64) -> Self {
        Self(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl<N: Into<PageNumber>> From<Option<N>> for PageNumber {
    fn from(number: Option<N>) -> Self {
        number.map_or(Self(1), Into::into)
    }
}

/// One page of a list. In a template: `page.items`, `page.number`, `page.has_next`, and every other method by its name.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    number: u64,
    per_page: u64,
    count: u64,
}

impl Page<()> {
    /// The page that is asked for, of a list of so many; nothing is on it yet.
    pub(super) fn cut(number: PageNumber, per_page: u64, count: u64) -> Self {
        let mut page = Self { items: Vec::new(), number: 1, per_page: per_page.max(1), count };
        page.number = number.of(page.num_pages());
        page
    }

    pub(super) fn with<T>(self, items: Vec<T>) -> Page<T> {
        Page { items, number: self.number, per_page: self.per_page, count: self.count }
    }
}

impl<T> Page<T> {
    /// Its number; the first is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many pages there are; one at least.
    pub fn num_pages(&self) -> u64 {
        self.count.div_ceil(self.per_page).max(1)
    }

    /// How many items all pages have together.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many items a page has, but for the last.
    pub fn per_page(&self) -> u64 {
        self.per_page
    }

    /// Whether there is a page after it.
    pub fn has_next(&self) -> bool {
        self.number < self.num_pages()
    }

    /// Whether there is a page before it.
    pub fn has_previous(&self) -> bool {
        self.number > 1
    }

    /// Whether there is any other page.
    pub fn has_other_pages(&self) -> bool {
        self.num_pages() > 1
    }

    /// The number of the page after it.
    pub fn next_page_number(&self) -> Option<u64> {
        self.has_next().then(|| self.number + 1)
    }

    /// The number of the page before it.
    pub fn previous_page_number(&self) -> Option<u64> {
        self.has_previous().then(|| self.number - 1)
    }

    /// The position of its first item among all, from 1 on; 0 if there is none.
    pub fn start_index(&self) -> u64 {
        (self.passed_over() + 1).min(self.count)
    }

    /// The position of its last item among all.
    pub fn end_index(&self) -> u64 {
        (self.number * self.per_page).min(self.count)
    }

    /// How many items are on the pages before it.
    pub(super) fn passed_over(&self) -> u64 {
        (self.number - 1) * self.per_page
    }

    /// The numbers of the pages beside it and at both ends; `None` where some are left out, `…` in a template.
    pub fn elided_page_range(&self) -> Vec<Option<u64>> {
        let (number, last) = (self.number, self.num_pages());
        let is_long = last > 2 * (BESIDE + AT_ENDS);
        let numbers = |from: u64, to: u64| (from..=to).map(Some);
        let mut range: Vec<_> = match is_long && number > BESIDE + AT_ENDS + 2 {
            true => numbers(1, AT_ENDS).chain([None]).chain(numbers(number - BESIDE, number)).collect(),
            false => numbers(1, number).collect(),
        };
        match is_long && number + BESIDE + AT_ENDS + 1 < last {
            true => {
                let beside = numbers(number + 1, number + BESIDE);
                range.extend(beside.chain([None]).chain(numbers(last + 1 - AT_ENDS, last)));
            }
            false => range.extend(numbers(number + 1, last)),
        }
        range
    }
}

/// What a template sees of a page.
#[derive(Serialize)]
struct Shown<'p, T> {
    items: &'p [T],
    number: u64,
    num_pages: u64,
    count: u64,
    per_page: u64,
    has_next: bool,
    has_previous: bool,
    has_other_pages: bool,
    next_page_number: Option<u64>,
    previous_page_number: Option<u64>,
    start_index: u64,
    end_index: u64,
    elided_page_range: Vec<Link>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Link {
    Number(u64),
    Ellipsis(&'static str),
}

impl<T: Serialize> Serialize for Page<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let link = |number: Option<u64>| number.map_or(Link::Ellipsis("…"), Link::Number);
        let shown = Shown {
            items: &self.items,
            number: self.number(),
            num_pages: self.num_pages(),
            count: self.count(),
            per_page: self.per_page(),
            has_next: self.has_next(),
            has_previous: self.has_previous(),
            has_other_pages: self.has_other_pages(),
            next_page_number: self.next_page_number(),
            previous_page_number: self.previous_page_number(),
            start_index: self.start_index(),
            end_index: self.end_index(),
            elided_page_range: self.elided_page_range().into_iter().map(link).collect(),
        };
        shown.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: impl Into<PageNumber>, count: u64) -> Page<()> {
        Page::cut(number.into(), 10, count)
    }

    #[test]
    fn whatever_is_asked_for_there_is_a_page() {
        for (text, number) in [
            ("2", 2),
            (" 3 ", 3),
            ("+2", 2),
            ("", 1),
            ("two", 1),
            ("2.5", 1),
            ("0", 5),
            ("-1", 5),
            ("6", 5),
            ("99999999999999999999999", 5),
        ] {
            assert_eq!(page(text, 45).number(), number, "{text}");
        }
        assert_eq!((page(None::<&str>, 45).number(), page(Some("4"), 45).number()), (1, 4));
        assert_eq!((page(7_u64, 0).number(), page(u64::MAX, 45).number()), (1, 5));
    }

    #[test]
    fn the_first_and_the_last_page_know_that_they_are() {
        let (first, last) = (page(1_i64, 45), page(5_i64, 45));
        assert_eq!((first.has_previous(), first.next_page_number()), (false, Some(2)));
        assert_eq!((last.previous_page_number(), last.has_next()), (Some(4), false));
        assert_eq!((first.start_index(), first.end_index()), (1, 10));
        assert_eq!((last.start_index(), last.end_index()), (41, 45));
    }

    #[test]
    fn a_list_of_nothing_has_one_page() {
        let only = page(1_i64, 0);
        assert_eq!((only.num_pages(), only.has_other_pages()), (1, false));
        assert_eq!((only.start_index(), only.end_index()), (0, 0));
        assert_eq!(Page::cut(PageNumber(3), 0, 2).num_pages(), 2, "no page is empty");
    }

    /// What Django 5.2 answers.
    #[test]
    fn pages_are_left_out_where_django_leaves_them_out() {
        let range = |number: i64, pages: u64| {
            let shown = page(number, pages * 10).elided_page_range().into_iter();
            shown
                .map(|number| number.map_or("…".into(), |number| number.to_string()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(range(1, 3), "1 2 3");
        assert_eq!(range(5, 10), "1 2 3 4 5 6 7 8 9 10");
        assert_eq!(range(1, 11), "1 2 3 4 … 10 11");
        assert_eq!(range(7, 50), "1 2 3 4 5 6 7 8 9 10 … 49 50");
        assert_eq!(range(8, 50), "1 2 … 5 6 7 8 9 10 11 … 49 50");
        assert_eq!(range(43, 50), "1 2 … 40 41 42 43 44 45 46 … 49 50");
        assert_eq!(range(44, 50), "1 2 … 41 42 43 44 45 46 47 48 49 50");
        assert_eq!(range(50, 50), "1 2 … 47 48 49 50");
    }

    #[test]
    fn a_template_finds_every_method_by_its_name() {
        let shown = serde_json::to_value(page(8_i64, 500).with(vec!["a"])).unwrap();
        assert_eq!(
            (&shown["items"][0], &shown["number"], &shown["has_next"]),
            (&"a".into(), &8.into(), &true.into())
        );
        assert_eq!(shown["elided_page_range"][2], "…");
        assert_eq!((&shown["next_page_number"], &shown["count"]), (&9.into(), &500.into()));
    }
}
