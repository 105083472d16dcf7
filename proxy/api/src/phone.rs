//! GoTo's dial-in text, taken apart to be shown.

/// One line of the text: a country with its number, or the access code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialIn<'a> {
    /// What the number is: `France:`.
    pub label: &'a str,
    /// The number as it is written, or what else ends the line. Never broken over two lines.
    pub number: &'a str,
}

impl<'a> DialIn<'a> {
    /// The lines of `text`. An empty line parts the numbers from the code and is kept.
    ///
    /// ```
    /// use goto_microapps_api::DialIn;
    /// let lines: Vec<_> = DialIn::lines("France: +33 1 99 00 14 27\nAccess Code: 123-456-789").collect();
    /// assert_eq!(lines[0].label, "France:");
    /// assert_eq!(lines[0].address().as_deref(), Some("tel:+33199001427"));
    /// assert_eq!(lines[1].number, "123-456-789");
    /// assert_eq!(lines[1].address(), None);
    /// ```
    pub fn lines(text: &'a str) -> impl Iterator<Item = Self> {
        text.trim().lines().map(|line| {
            let at = line.rfind(':').map_or(line.len(), |at| at + 1);
            let (label, number) = line.split_at(at);
            Self {
                label,
                number: number.trim(),
            }
        })
    }

    /// The address that dials the number, where it is one that can be dialled from anywhere
    /// (RFC 3966 section 5.1.4).
    pub fn address(&self) -> Option<String> {
        let mut address = String::from("tel:+");
        for byte in self.number.strip_prefix('+')?.bytes() {
            match byte {
                b'0'..=b'9' => address.push(char::from(byte)),
                b' ' | b'-' | b'(' | b')' | b'.' => {}
                _ => return None,
            }
        }
        // E.164: fifteen digits at most.
        (12..=20).contains(&address.len()).then_some(address)
    }
}
