//! How long a meeting may become by typing two clock times.
//!
//! A slip of the keyboard makes a meeting of 18 hours as easily as one of half an hour. What is
//! longer than people mean by two clock times is asked about, and made only when it was chosen.

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// An end before the start means the next day up to this length, minutes.
const NEXT_DAY_MAX: i64 = 4 * 60;
/// Longest meeting of one day that two times make by themselves, minutes.
const SAME_DAY_MAX: i64 = 12 * 60;

/// Minutes from one clock time to the next time the clock shows the other; both in minutes since
/// midnight.
pub fn minutes_until(start: i64, end: i64) -> i64 {
    (end - start).rem_euclid(DAY)
}

/// Whether a meeting from `start` to `end`, in minutes since midnight, is longer than people mean
/// by typing two times: it must be chosen.
pub fn must_be_chosen(start: i64, end: i64) -> bool {
    let longest = if end < start {
        NEXT_DAY_MAX
    } else {
        SAME_DAY_MAX
    };
    minutes_until(start, end) > longest
}

/// Ends that may have been meant instead, in minutes since midnight: the same digits in the other
/// half of the day, and the usual length of `usual` minutes.
pub fn nearer_ends(start: i64, end: i64, usual: i64) -> Vec<i64> {
    let mut ends = vec![(end + DAY / 2) % DAY, (start + usual) % DAY];
    ends.retain(|end| *end != start && !must_be_chosen(start, *end));
    ends.dedup();
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    }

    #[test]
    fn the_next_day_is_meant_up_to_four_hours() {
        for (start, end, asked) in [
            ("13:00", "13:30", false),
            ("13:00", "12:30", true),
            ("23:30", "00:15", false),
            ("22:00", "02:00", false),
            ("22:00", "02:01", true),
            ("09:00", "03:30", true),
            ("08:00", "20:00", false),
            ("03:30", "22:00", true),
            ("10:00", "10:00", false),
        ] {
            assert_eq!(must_be_chosen(at(start), at(end)), asked, "{start} {end}");
        }
    }

    #[test]
    fn ends_are_proposed_that_need_not_be_chosen() {
        let near = |start, end, usual| nearer_ends(at(start), at(end), usual);
        assert_eq!(near("13:00", "02:00", 30), [at("14:00"), at("13:30")]);
        assert_eq!(near("13:00", "12:30", 45), [at("13:45")]);
        assert_eq!(near("09:00", "03:30", 30), [at("15:30"), at("09:30")]);
        assert_eq!(near("13:00", "01:30", 30), [at("13:30")]);
        assert_eq!(near("13:00", "12:30", 1110), Vec::<i64>::new());
    }
}
