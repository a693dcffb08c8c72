//! Parts of Redis's answers.

use redis::{ErrorKind, RedisError, RedisResult, Value};

/// The parts of a list, taken one after the other.
#[derive(Debug)]
pub(crate) struct Parts(std::vec::IntoIter<Value>);

impl Parts {
    pub fn of(value: Value) -> RedisResult<Self> {
        match value {
            Value::Array(parts) => Ok(Parts(parts.into_iter())),
            Value::Nil => Ok(Parts(Vec::new().into_iter())),
            _ => Err(unexpected()),
        }
    }

    pub fn any(&mut self) -> RedisResult<Value> {
        self.0.next().ok_or_else(unexpected)
    }

    pub fn list(&mut self) -> RedisResult<Parts> {
        Parts::of(self.any()?)
    }

    pub fn bytes(&mut self) -> RedisResult<Vec<u8>> {
        match self.any()? {
            Value::BulkString(bytes) => Ok(bytes),
            Value::SimpleString(text) => Ok(text.into_bytes()),
            _ => Err(unexpected()),
        }
    }

    pub fn text(&mut self) -> RedisResult<String> {
        String::from_utf8(self.bytes()?).map_err(|_| unexpected())
    }

    /// A number, or the digits of one.
    pub fn number(&mut self) -> RedisResult<u64> {
        match self.any()? {
            Value::Int(number) => u64::try_from(number).map_err(|_| unexpected()),
            Value::BulkString(digits) => number_of(&digits).ok_or_else(unexpected),
            _ => Err(unexpected()),
        }
    }

    pub fn is_over(&self) -> bool {
        self.0.len() == 0
    }
}

/// The number that these digits are; a fraction or an exponent, as of a score, is cut off.
fn number_of(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(|number| *number >= 0.0).map(|number| number as u64))
}

pub(crate) fn unexpected() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "an answer of an unexpected form").into()
}
