//! How long a subject may be, counted the way GoTo counts.

/// Longest subject GoTo takes, counted after escaping (GoToMeeting API, `subject` of create).
pub const SUBJECT_MAX: usize = 100;

/// Why a subject is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectError {
    /// Nothing but white space.
    Empty,
    /// Longer than [`SUBJECT_MAX`]; the length as counted.
    TooLong(usize),
}

/// Length of `subject` as GoTo counts it: `<` and `>` travel as `&lt;` and `&gt;` and count four
/// each, everything else in UTF-16 units, so an emoji counts two. White space around does not
/// count: it is trimmed before sending.
pub fn subject_length(subject: &str) -> usize {
    subject
        .trim()
        .chars()
        .map(|c| match c {
            '<' | '>' => "&lt;".len(),
            c => c.len_utf16(),
        })
        .sum()
}

/// Checks a subject as typed.
///
/// # Errors
/// [`SubjectError`] when GoTo would refuse or cut it.
pub fn check_subject(subject: &str) -> Result<(), SubjectError> {
    match subject_length(subject) {
        0 => Err(SubjectError::Empty),
        n if n > SUBJECT_MAX => Err(SubjectError::TooLong(n)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_after_escaping_and_in_utf16_units() {
        assert_eq!(subject_length("a<b"), 6);
        assert_eq!(subject_length("🎉"), 2);
        assert_eq!(subject_length("  Point d’équipe "), 14);
    }

    #[test]
    fn accepts_one_to_a_hundred() {
        assert_eq!(check_subject(" \t"), Err(SubjectError::Empty));
        assert_eq!(check_subject("a"), Ok(()));
        assert_eq!(check_subject(&"é".repeat(100)), Ok(()));
        assert_eq!(
            check_subject(&"é".repeat(101)),
            Err(SubjectError::TooLong(101))
        );
        assert_eq!(
            check_subject(&">".repeat(26)),
            Err(SubjectError::TooLong(104))
        );
    }
}
