//! What is wrong with a configuration, collected while its sections are validated.

use std::fmt;

/// One thing wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Key, as in the file: `goto.account_id`, with the variable it came from if it was one.
    pub key: String,
    /// What is wrong, with the value as found unless it is a secret.
    pub problem: String,
    /// What to write instead.
    pub cure: String,
    /// The environment is to be mended, not the file.
    pub in_environment: bool,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    cure: {}", self.key, self.problem, self.cure)
    }
}

/// Where a value came from.
pub(super) trait Located {
    /// Its key, with the variable that set it if one did.
    fn place(&self) -> String;
    /// Whether the environment is to be mended, not the file.
    fn is_from_environment(&self) -> bool;
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Problems {
    mistakes: Vec<Mistake>,
    warnings: Vec<String>,
    secrets_in_file: bool,
}

impl Problems {
    /// Something about one key.
    pub(super) fn mistake(
        &mut self,
        setting: &impl Located,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.mistakes.push(Mistake {
            key: setting.place(),
            problem: problem.into(),
            cure: cure.into(),
            in_environment: setting.is_from_environment(),
        });
    }

    /// Something that is not about one known key of the file.
    pub(super) fn push(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Something that is accepted, but worth a line.
    pub(super) fn warning(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// The configuration file itself holds a secret.
    pub(super) fn note_secret_in_file(&mut self) {
        self.secrets_in_file = true;
    }

    pub(super) fn has_secrets_in_file(&self) -> bool {
        self.secrets_in_file
    }

    /// Puts other problems behind these.
    pub(super) fn append(&mut self, other: Self) {
        self.mistakes.extend(other.mistakes);
        self.warnings.extend(other.warnings);
    }

    /// How many mistakes there are so far.
    pub(super) fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// The mistakes if there are any, else the warnings.
    pub(super) fn finish(self) -> Result<Vec<String>, Vec<Mistake>> {
        if self.mistakes.is_empty() {
            Ok(self.warnings)
        } else {
            Err(self.mistakes)
        }
    }
}
