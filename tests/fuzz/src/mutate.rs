//! Makes new inputs out of the corpus, the same for the same seed.

/// Pieces that mean something to one reader or another.
const TOKENS: &[&str] = &[
    "//",
    "/",
    "\\",
    "..",
    "../",
    "./",
    "%2f",
    "%5c",
    "%2e",
    "%00",
    "%",
    "%zz",
    "%C3%A9",
    "?",
    "#",
    "@",
    ":",
    ";",
    "; ",
    "=",
    "==",
    "&",
    "&&",
    "+",
    "-",
    ".",
    ".+",
    ".-",
    ",",
    ", ",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\"",
    "'",
    "`",
    "<",
    ">",
    "&lt;",
    "&gt;",
    "&amp;",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "{}",
    "[]",
    "null",
    "true",
    "\"true\"",
    "NaN",
    "-0",
    "1e999",
    "1e-999",
    "18446744073709551616",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967296",
    "0",
    "00",
    "9999",
    "10000",
    "+10000",
    "-0001",
    "2026-02-30",
    "T24:00:00",
    "T23:59:60Z",
    "Z",
    "+0000",
    "+24:00",
    "-23:59",
    ".000",
    ".123456789",
    "GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "https:",
    "http://",
    "javascript:",
    "form",
    "/form",
    "form/",
    "evil.example",
    "intranet.example.com",
    ":443",
    "[::1]",
    "xn--",
    "*",
    "Bearer ",
    "bearer ",
    "Basic ",
    "eyJhbGciOiJub25lIn0.",
    "eyJhbGciOiJIUzI1NiJ9.",
    "__Host-",
    "goto_session",
    "goto_sign_in=",
    "code=",
    "state=",
    "error=access_denied",
    "iss=",
    "co=",
    "nonce=",
    "action=",
    "subject=",
    "q=",
    "\"expires_in\":",
    "\"access_token\":\"x\"",
    "\"token_type\":\"bearer\"",
    "\"key\":",
    "\"meetingid\":",
    "\"subject\":",
    "\"errors\":[{\"code\":",
    "\"int_err_code\":",
    "\u{0}",
    "\u{7f}",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{301}",
    "\u{345}",
    "é",
    "E\u{301}",
    "ß",
    "ẞ",
    "İ",
    "ı",
    "ſ",
    "K",
    "Å",
    "Ω",
    "ς",
    "Σ",
    "ﬁ",
    "ﬃ",
    "ŉ",
    "ǰ",
    "Ǆ",
    "ǅ",
    "ΐ",
    "ᾳ",
    "ᾈ",
    "ᏸ",
    "Ა",
    "ა",
    "և",
    "ﷺ",
    "①",
    "½",
    "ª",
    "。",
    "／",
    "＠",
    "ｆｏｒｍ",
    "山田",
    "한",
    "각",
    "👩‍💻",
    "🇫🇷",
];

/// Longest input made, bytes: what the proxy takes of a body.
const LONGEST: usize = 64 * 1024;

/// See the module.
#[derive(Clone, Debug)]
pub struct Mutator {
    state: u64,
}

impl Mutator {
    /// Inputs of this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, 0 for 0.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn token(&mut self) -> &'static [u8] {
        TOKENS[self.below(TOKENS.len())].as_bytes()
    }

    fn char(&mut self) -> char {
        let planes = [0x80, 0x250, 0x2000, 0x3000, 0x11_0000];
        let end = planes[self.below(planes.len())];
        let number = u32::try_from(self.below(end)).unwrap_or(0);
        char::from_u32(number).unwrap_or('\u{fffd}')
    }

    /// Where to cut `length` in two, and a piece of at most 32 bytes from there.
    fn piece(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let end = start + self.below(33.min(length - start + 1));
        start..end
    }

    /// One of `seeds`, changed up to six times.
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input, seeds);
        }
        // Rarely something long, which is where slow readers show.
        if self.below(5_000) == 0 && !input.is_empty() {
            input = input.iter().copied().cycle().take(LONGEST).collect();
            for _ in 0..200 {
                let at = self.below(input.len());
                input[at] = self.byte();
            }
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let range = self.piece(input.len());
        let at = range.start;
        match self.below(12) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.byte(),
            // A digit next to the one that is there.
            2 if at < input.len() => {
                input[at] = if self.below(2) == 0 {
                    input[at].wrapping_add(1)
                } else {
                    input[at].wrapping_sub(1)
                };
            }
            3 => drop(input.drain(range)),
            4 => {
                let piece = input[range].to_vec();
                input.splice(at..at, piece);
            }
            5 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            6 => {
                let other = &seeds[self.below(seeds.len())];
                let piece = self.piece(other.len());
                input.splice(at..at, other[piece].iter().copied());
            }
            7 => {
                let mut bytes = [0; 4];
                let text = self.char().encode_utf8(&mut bytes).to_owned();
                input.splice(at..at, text.bytes());
            }
            8 => input.truncate(at),
            9 => input[range].make_ascii_uppercase(),
            10 => {
                let token = self.token();
                input.splice(range, token.iter().copied());
            }
            _ => {
                let token = self.token();
                input.splice(at..at, token.iter().copied());
            }
        }
    }
}
