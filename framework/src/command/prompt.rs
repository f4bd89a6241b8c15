//! Questions that a command asks.

use crate::error::{Error, Result};
use crate::say;
use std::io::{BufRead, Cursor, IsTerminal, stdin};

/// Someone who answers questions: whoever is at the terminal, or in a test a text that holds the answers.
///
/// ```
/// use nuages::command::Prompt;
///
/// let mut prompt = Prompt::answered("perhaps\ny\n");
/// assert!(prompt.confirm("Was the model blog.Post renamed to Article?").unwrap());
/// ```
pub struct Prompt(Source);

enum Source {
    Terminal,
    Answers(Cursor<String>),
}

impl Prompt {
    /// The person at the terminal.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no terminal; `instead` says what to do then, such as "give --noinput".
    pub fn terminal(instead: &str) -> Result<Self> {
        match stdin().is_terminal() {
            true => Ok(Self(Source::Terminal)),
            false => Err(Error::Refused(format!("there is no terminal to ask at; {instead}"))),
        }
    }

    /// Answers that are known beforehand, one on each line: for tests.
    pub fn answered(answers: impl Into<String>) -> Self {
        Self(Source::Answers(Cursor::new(answers.into())))
    }

    /// Asks until `read` takes the answer, which has no spaces around it; what `read` says against one is shown.
    ///
    /// # Errors
    /// [`Error::Refused`] if the answers end.
    pub fn ask<T>(&mut self, question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T> {
        loop {
            super::say(format_args!("{question} "));
            match read(self.line()?.trim()) {
                Ok(answer) => return Ok(answer),
                Err(fault) => eprintln!("{fault}"),
            }
        }
    }

    /// Asks for yes or no; no answer is a no.
    ///
    /// # Errors
    /// As [`ask`](Prompt::ask).
    pub fn confirm(&mut self, question: &str) -> Result<bool> {
        self.ask(&format!("{question} [y/N]"), |answer| match answer.to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "" | "n" | "no" => Ok(false),
            _ => Err("Please answer y or n.".into()),
        })
    }

    /// Asks for one of several choices, which are numbered from 1 on, and answers its position in the list.
    ///
    /// # Errors
    /// As [`ask`](Prompt::ask).
    pub fn choose(&mut self, question: &str, choices: &[&str]) -> Result<usize> {
        say!("{question}");
        choices.iter().zip(1..).for_each(|(choice, number)| say!(" {number}) {choice}"));
        self.ask("Select an option:", |answer| {
            let position = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let unknown = || format!("Please select one of the numbers from 1 to {}.", choices.len());
            position.filter(|position| *position < choices.len()).ok_or_else(unknown)
        })
    }

    /// Asks for a password, as it was typed; the terminal does not show it.
    ///
    /// # Errors
    /// As [`ask`](Prompt::ask).
    pub fn password(&mut self, question: &str) -> Result<String> {
        match &self.0 {
            Source::Terminal => Ok(rpassword::prompt_password(format!("{question} "))?),
            Source::Answers(_) => Ok(self.line()?.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = match &mut self.0 {
            Source::Terminal => stdin().read_line(&mut line)?,
            Source::Answers(answers) => answers.read_line(&mut line)?,
        };
        match read {
            0 => Err(Error::Refused("the answers ended before the question; nothing was done".into())),
            _ => Ok(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_asked_again() {
        assert!(Prompt::answered("perhaps\nYES\n").confirm("Sure?").unwrap());
        assert_eq!(Prompt::answered("\n0\n3\nx\n2\n").choose("Which?", &["one", "two"]).unwrap(), 1);
    }

    #[test]
    fn no_answer_is_a_no() {
        assert!(!Prompt::answered("\n").confirm("Sure?").unwrap());
    }

    #[test]
    fn a_password_keeps_its_spaces() {
        assert_eq!(Prompt::answered(" a b \r\n").password("Password:").unwrap(), " a b ");
    }

    #[test]
    fn answers_that_end_are_an_error_and_no_circle() {
        let error = Prompt::answered("perhaps\n").confirm("Sure?").unwrap_err();
        assert!(error.to_string().contains("nothing was done"), "{error}");
    }
}
